"""What the tree says of a node and of its levers."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.company_tree import Standing, change_words, name_in, write_effect, write_node, write_reason
from kpi_helpers.drivers import SPEEDS, Node, list_levers
from kpi_helpers.formula import parse
from kpi_helpers.labels import (
    NBSP,
    is_missing,
    lower_first,
    measure_name,
    month_name,
    owner_name,
    write_change,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle
from kpi_helpers.signal_words import norm_sentence
from kpi_helpers.tables import Column, data_table
from kpi_helpers.tables.fragments import fragment
from kpi_helpers.tables.scorecard import VERDICTS, write_ends

LONGEST_WORDS = 160  # characters of a lever or a cost: they are read whole


def details_html(standing: Standing, key: str, currency: str) -> str:
    """A node: its value and change, formula, owner, lever, cost, speed, norm, and what to watch out for."""
    node, row = standing.tree.nodes[key], standing.of(key)
    value = write_node(row["value"], node, currency)
    lines: list[tuple[str, Any]] = [(month_name(standing.month), value)]
    if is_missing(row["value"]):
        lines.append((_("Why there is no value"), write_reason(row["reason"], standing.tree)))
    lines += _change_lines(standing, node, row, currency)
    lines.append((_("Formula"), _formula(standing, node)))
    if node.is_leaf:
        lines += _lever_lines(standing, node, currency)
    elif key in KPIS:
        lines.append((_("Owner"), owner_name(KPIS[key].owner)))
    if key in KPIS and KPIS[key].watch_out:
        lines.append((_("Watch out"), _(KPIS[key].watch_out)))
    known = [(head, text) for head, text in lines if text]
    return fragment("tree_details.html", name=node.name, owner=node.owner, lines=known)


def _change_lines(standing: Standing, node: Node, row: dict[str, Any], currency: str) -> list[tuple[str, Any]]:
    if is_missing(row["before"]) or is_missing(row["value"]):
        return []
    arrow, word = VERDICTS.get(row["verdict"], ("", ""))
    ends = write_ends(row["low"], row["high"])
    change = " ".join(filter(None, (
        write_change(row["value"], row["before"], node.style), f"({ends})" if ends else "", arrow, _(word)
    )))  # fmt: skip
    before = write_node(row["before"], node, currency)
    lines = [(month_name(standing.before), f"{before}; {change}")]
    if not is_missing(row["effect"]) and node.key != standing.tree.top:
        top = standing.tree.nodes[standing.tree.top].name
        lines.append((_("Effect on the top"), f"{write_effect(row['effect'], standing.tree, currency)} · {top}"))
    return lines


def _formula(standing: Standing, node: Node) -> Markup:
    """How it is reckoned, as mathematics; "" for what is only counted."""
    if not node.is_leaf:
        return _math(parse(node.formula).to_mathml(name_in(standing.tree), node.name))
    text = node.measured or (KPIS[node.key].text if node.key in KPIS else node.key)
    return Markup("") if text == node.key else _math(parse(text).to_mathml(measure_name, node.name))


def _math(mathml: str) -> Markup:
    return Markup('<div class="math">{}</div>').format(Markup(mathml))


def _lever_lines(standing: Standing, node: Node, currency: str) -> list[tuple[str, Any]]:
    levers = list_levers(standing.tree, standing.now)
    price = levers["price"].get(node.key)
    bounds = [write_node(bound, node, currency) for bound in (node.low, node.high) if not is_missing(bound)]
    told = is_missing(standing.now.get(node.key)) and node.value == standing.of(node.key)["value"]
    return [
        (_("Owner"), owner_name(node.owner)),
        (_("Lever"), _(node.lever)),
        (_("Cost"), _(node.cost)),
        (_("Price of one more"), "" if is_missing(price) else write_value(price, "money", currency)),
        (_("How fast"), _(SPEEDS[node.speed])),
        (_("Norm"), _norm_words(standing, node, currency)),
        (_("Bounds"), " – ".join(bounds) if len(bounds) == 2 else ""),
        (_("Source"), _("Said in the file of the tree, not measured.") if told else ""),
    ]


def _norm_words(standing: Standing, node: Node, currency: str) -> str:
    if is_missing(node.norm):
        return ""
    if node.key in KPIS and KPIS[node.key].interval == "proportion":
        formula, now = KPIS[node.key].formula, {str(name): value for name, value in standing.now.items()}
        parts = [part.evaluate(now) for part in (formula.numerator, formula.denominator) if part is not None]
        return norm_sentence(KPIS[node.key], float(parts[0]), float(parts[1]), node.norm)
    return write_node(node.norm, node, currency)


def levers_html(standing: Standing, currency: str) -> str:
    """The leaves below the top, the fastest first: whose, what to do, at what cost, and what a step would bring."""
    tree = standing.tree
    top = tree.nodes[tree.top]
    heads = (_("Leaf"), _("Owner"), _("Lever"), _("How fast"), _("Cost"), _("Step"))
    columns = [
        *(Column(head) for head in heads),
        Column(_("Would bring: {top}").format(top=lower_first(top.name)), "number"),
    ]
    levers = list_levers(tree, standing.now).to_dict("index")
    rows = [_lever_cells(standing, str(key), row, currency) for key, row in levers.items()]
    note = _("Step: up to the norm where the leaf falls short of it, else 10% further; the other leaves stay as they "
             "are. What it would bring, if it can be done, is no forecast.")  # fmt: skip
    return data_table(columns, rows, note=note)


def _lever_cells(standing: Standing, key: str, row: dict[Any, Any], currency: str) -> list[Any]:
    node = standing.tree.nodes[key]
    price = "" if is_missing(row["price"]) else _("{price} for one more").format(
        price=write_value(row["price"], "money", currency))  # fmt: skip
    lever, cost = (Markup.escape(cut_middle(row[name], LONGEST_WORDS)) for name in ("lever", "cost"))
    cost = Markup("{} <small>{}</small>").format(cost, price) if price else cost
    step = _("not known")
    if not is_missing(row["step"]):
        now, then = (write_node(row[name], node, currency) for name in ("value", "step"))
        step = f"{now} →{NBSP}{then}"
        if row["step"] == node.norm:
            step = Markup("{} <small>{}</small>").format(step, _("up to the norm"))
    brings = write_effect(row["brings"], standing.tree, currency) or "—"
    return [node.name, owner_name(row["owner"]), lever, _(SPEEDS[row["speed"]]), cost, step, brings]


def trend_words(standing: Standing, key: str, currency: str) -> tuple[str, str]:
    """The finding and the subtitle of a node's line over the months."""
    people = _(", robots left out where they are known")
    return change_words(standing, key, currency), _("by month") + ("" if is_missing(standing.robots) else people)
