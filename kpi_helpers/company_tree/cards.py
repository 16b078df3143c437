"""A standing tree in words: cards for its nodes, the finding above them, and what is to be known of the data."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.causes import all_noise
from kpi_helpers.company_tree.standing import Standing
from kpi_helpers.comparisons import family_words
from kpi_helpers.drivers import Node, Tree
from kpi_helpers.formula import parse
from kpi_helpers.labels import (
    NO_VALUE,
    is_missing,
    kpi_name,
    lower_first,
    measure_name,
    month_name,
    owner_name,
    write_change,
    write_list,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle
from kpi_helpers.tables import Card, reason_text, status_badge
from kpi_helpers.terms import MEASURES

LONGEST = 11  # characters of a value on a card: a longer amount is written short
LONGEST_NAME = 48
PARTS_UNTIL = 100
SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷"}
Planned = dict[str, float]


def tree_cards(
    standing: Standing, currency: str, planned: Planned | None = None, *, chosen: str = ""
) -> tuple[Card, list[Card]]:
    """The card of the top with all below it, and those of the branches beside it.

    `planned`: what the nodes would be, shown where it differs.
    """
    tree, shown = standing.tree, set[str]()

    def card_of(key: str, sign: str = "", *, below_top: bool = True) -> Card:
        again = key in shown and not tree.nodes[key].is_leaf
        shown.add(key)
        signs = {} if again else joining_signs(tree.nodes[key].formula)
        below = () if again else tree.children(key)
        children = tuple(card_of(child, signs.get(child, ""), below_top=below_top) for child in below)
        card = write_card(standing, key, currency, planned or {}, sign=sign, again=again, chosen=key == chosen,
                          children=children)  # fmt: skip
        return card if below_top else replace(card, effect="")  # it is an effect on the top, not on this branch

    return card_of(tree.top), [card_of(key, below_top=False) for key in tree.beside]


def write_card(standing: Standing, key: str, currency: str, planned: Planned, **place: Any) -> Card:
    """The card of one node; `place` is what its place in the tree makes of it."""
    node, row = standing.tree.nodes[key], standing.of(key)
    value, before = row["value"], row["before"]
    then = planned.get(key, value)
    moved = not is_missing(then) and then != value
    base = value if moved else before
    change = write_change(then, base, node.style)
    verdict = _planned_verdict(then, value, row["better"]) if moved else row["verdict"]
    return Card(
        key, cut_middle(node.name, LONGEST_NAME), _on_card(value, node, currency), node.owner, owner_name(node.owner),
        change="" if change == NO_VALUE else change, verdict=verdict,
        effect="" if moved or key == standing.tree.top else write_effect(row["effect"], standing.tree, currency),
        planned=_on_card(then, node, currency) if moved else "", norm=_norm(node, row["norm_status"], row["better"]),
        reason=write_reason(row["reason"], standing.tree) if is_missing(value) and not moved else "", **place,
    )  # fmt: skip


def write_node(value: Any, node: Node, currency: str) -> str:
    """A node's value in its style; of a hundred and more nobody counts parts."""
    whole = node.style == "count" and not is_missing(value) and abs(value) >= PARTS_UNTIL
    return write_value(round(value) if whole else value, node.style, currency)


def _on_card(value: float, node: Node, currency: str) -> str:
    """A node's value, short where it would not fit its card."""
    text = write_node(value, node, currency)
    return text if len(text) <= LONGEST else write_value(value, node.style, currency, short=True)


def write_effect(effect: float, tree: Tree, currency: str) -> str:
    """An effect on the top with its sign: "+36.5", "−1.2 pp", "+120 000 ₽"; "" where there is none to tell."""
    if is_missing(effect):
        return ""
    style = tree.nodes[tree.top].style
    if style in ("share", "points"):
        return write_change(effect, 0.0, style)
    size = write_value(abs(effect), style, currency, short=style == "money")
    if style == "count" and abs(effect) >= PARTS_UNTIL:
        size = write_value(round(abs(effect)), style)
    is_seen = any(digit in size for digit in "123456789")
    return ("+" if effect > 0 else "−") + size if is_seen else size


def write_reason(reason: str, tree: Tree) -> str:
    """Why a node has no value, with the tree's own names."""
    code, _colon, key = reason.partition(":")
    if key in tree.nodes and key not in MEASURES:
        name = lower_first(tree.nodes[key].name)
        if code == "no_values":
            return _("not known: {measure}").format(measure=name)
        if code == "zero":
            return _("nothing to divide by: {measure} = 0").format(measure=name)
    return _("the numbers are too large") if code == "too_large" else reason_text(reason)


def joining_signs(formula: str) -> dict[str, str]:
    """The sign before each node of a formula that is nodes in a row, each once: "a * b" joins b by "×"; else nothing.

    >>> joining_signs("leads * rate"), joining_signs("(margin - spend) / spend")
    ({'leads': '', 'rate': '×'}, {})
    """
    if not formula:
        return {}
    signs: list[tuple[str, str]] = []
    node, outer = parse(formula).tree, ""
    while isinstance(node, ast.BinOp) and isinstance(node.right, ast.Name):
        sign = SIGNS[type(node.op)]
        if outer and (sign in "+−") != (outer in "+−"):
            return {}  # brackets
        signs.append((node.right.id, sign))
        node, outer = node.left, sign
    if not isinstance(node, ast.Name):
        return {}
    signs.append((node.id, ""))
    return dict(reversed(signs)) if len({name for name, _sign in signs}) == len(signs) else {}


def finding_of(standing: Standing, currency: str) -> str:
    """What the top did and who moved it: "Leads: 115 (September 2026: 122, −5.7%). By owner: sales −3.9, …"."""
    tree = standing.tree
    words = change_words(standing, tree.top, currency)
    leaves = [tree.nodes[key] for key in tree.leaves_below(tree.top)]
    if all_noise(standing.verdicts[key] for key in (tree.top, *(leaf.key for leaf in leaves))):
        return f"{words}. {_('The change is within noise.')}"
    sums = pd.Series({leaf.key: standing.of(leaf.key)["effect"] for leaf in leaves})
    if sums.isna().any():
        return words
    by_owner = sums.groupby({leaf.key: leaf.owner for leaf in leaves}).agg(math.fsum)
    by_owner = by_owner[by_owner != 0].sort_values(key=lambda effect: -effect.abs())
    parts = [f"{owner_name(str(owner))} {write_effect(float(effect), tree, currency)}"
             for owner, effect in by_owner.items()]  # fmt: skip
    return f"{words}. {_('By owner: {parts}').format(parts=write_list(parts))}" if parts else words


def change_words(standing: Standing, key: str, currency: str) -> str:
    """A node's value, and the one it is held against: "Leads: 115 (September 2026: 122, −5.7%)"."""
    node, row = standing.tree.nodes[key], standing.of(key)
    now, before = (write_node(row[name], node, currency) for name in ("value", "before"))
    if is_missing(row["before"]) or is_missing(row["value"]):
        return f"{node.name}: {now}"
    return _("{kpi}: {now} ({month}: {before}, {change})").format(
        kpi=node.name, now=now, before=before, month=month_name(standing.before, heading=False),
        change=write_change(row["value"], row["before"], node.style),
    )  # fmt: skip


def notes_of(standing: Standing) -> list[str]:
    """What the data do not say or say otherwise: robots, open leads, no split; how shares were judged."""
    family = family_words(int(standing.nodes["family"].max()), asked=False)
    return [note for note in (_robots(standing), *_open(standing), split_words(standing), family) if note]


def _robots(standing: Standing) -> str:
    if not standing.tree.nodes.keys() & {"visits", "visit_to_lead", "orders_per_visit", "conversion_rate"}:
        return ""
    month, before = (month_name(day, heading=False) for day in (standing.month, standing.before))
    if standing.robots == 0:
        return ""
    if not is_missing(standing.robots):
        said = _("Visits are those of people: {n} visits of robots in {month} are left out.")
        return said.format(n=write_value(standing.robots, "count"), month=month)
    if is_missing(standing.now.get("robot_visits")):
        return ""
    said = _("Visits include robots ({n} in {month}): those of {before} are not known, and both months count alike.")
    return said.format(n=write_value(standing.now["robot_visits"], "count"), month=month, before=before)


def _open(standing: Standing) -> list[str]:
    form = _("{measure} will still grow: of the leads of {month}, {n} of {all} have no outcome yet "
             "({before}: {m} of {others}).")  # fmt: skip
    return [
        form.format(measure=kpi_name(measure), month=month_name(standing.month, heading=False), n=now[0], all=now[1],
                    before=month_name(standing.before, heading=False), m=then[0], others=then[1])
        for measure, (now, then) in standing.open_leads.items()
    ]  # fmt: skip


def split_words(standing: Standing) -> str:
    """Why the change of the top cannot be split, a sentence; "" where it can."""
    reason = standing.split_reason
    if not reason:
        return ""
    if reason.endswith((".", "!")):
        return reason
    return _("What moved the top cannot be told: {reason}.").format(reason=write_reason(reason, standing.tree))


def _norm(node: Node, status: str, better: str) -> Markup:
    if not status:
        return Markup("")
    words = _("norm {norm}").format(norm=write_value(node.norm, node.style, short=node.style == "share"))
    return Markup("{} <small>{}</small>").format(status_badge(status, better, node.style), words)


def _planned_verdict(now: float, before: float, better: str) -> str:
    if better not in ("higher", "lower"):
        return "changed"
    return "better" if (now > before) == (better == "higher") else "worse"


NameOf = Callable[[str], str]


def name_in(tree: Tree) -> NameOf:
    """The names of the tree's nodes as they stand inside a formula; other names are those of the catalogue."""
    return lambda key: lower_first(tree.nodes[key].name) if key in tree.nodes else measure_name(key)
