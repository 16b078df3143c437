"""What if and backward: a control for each leaf, and the leaf that a goal for the top needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd
from markupsafe import Markup

from kpi_helpers.company_tree import CompanyTree, Standing, as_kpi, write_node
from kpi_helpers.drivers import Node, solve_leaf
from kpi_helpers.errors import KitError
from kpi_helpers.labels import is_missing, write_change
from kpi_helpers.language import _
from kpi_helpers.widgets.goal_form import form_row
from kpi_helpers.widgets.target import Target, slider_range, unit_word
from kpi_helpers.widgets.view import NAMES_UNCUT, choice, offer

MONTHS = 25  # of history that a slider spans
FURTHEST = 1e12


class LeafControl(Target):
    """Slider and number of one leaf, in the units that people write."""

    def __init__(self, leaf: Node, past: pd.Series, now: float, currency: str) -> None:
        super().__init__()
        self.leaf = leaf
        self.slider.layout.flex, self.number.layout.width = "1 1 200px", "110px"
        self.box = form_row(self.slider, self.number).add_class(f"of-{leaf.owner}")
        self.offer_leaf(past, now, currency)

    def offer_leaf(self, past: pd.Series, now: float, currency: str) -> None:
        """Start at what the leaf is; the slider spans what it was and half as much again, within the leaf's bounds."""
        row, leaf = as_kpi(self.leaf), self.leaf
        self._factor = 100.0 if row.style == "share" else 1.0
        bounds = [min(max(bound * self._factor, -FURTHEST), FURTHEST) for bound in (leaf.low, leaf.high)]
        start = min(max(_rounded(now * self._factor, row.style), bounds[0]), bounds[1])
        values = [value * self._factor for value in past.dropna().tail(MONTHS)]
        aims = [] if math.isnan(leaf.norm) else [leaf.norm * self._factor]
        low, high, step = slider_range([*values, *aims, start], row)
        self._start = start
        self._set_ranges((bounds[0], bounds[1]), max(low, bounds[0]), min(high, bounds[1]), step, start)
        self._start, self._known = self.number.value, not is_missing(now)
        was = write_node(now, leaf, currency) if self._known else _("not known")
        self.slider.description = _("{name} · now {value}").format(name=leaf.name, value=was)
        self.slider.tooltip = _("Move with the mouse or the arrow keys")
        self.number.tooltip = leaf.name

    @property
    def change(self) -> float | None:
        """The value that was set; None where the leaf is as it was."""
        if self.number.value == self._start:
            return None
        return min(max(self.value, self.leaf.low), self.leaf.high)

    def set(self, value: float) -> None:
        """Set the leaf to an exact value, in its own unit."""
        self.number.value = round(value * self._factor, 8)
        self.take_number()

    def reset(self) -> None:
        self.number.value = self._start
        self.take_number()


def _rounded(value: float, style: str) -> float:
    """A number that can be read in a box; a leaf that is not known starts at nothing."""
    if math.isnan(value):
        return 0.0
    if style in ("share", "ratio", "stars"):
        return float(f"{value:.4g}")
    return round(value, 2 if abs(value) < 1000 else 0)


class WhatIf:
    """`controls` by leaf, `reset`, and `words`: the top as it is and as it would be."""

    def __init__(self) -> None:
        self.controls: dict[str, LeafControl] = {}
        self.box, self.words = widgets.Box().add_class("leaves"), widgets.HTML()
        self.reset = widgets.Button(description=_("As it is"), tooltip=_("Put every leaf back to what it is"))

    def offer(self, company: CompanyTree, standing: Standing, people: bool) -> None:
        """Controls for the leaves of the tree, at what they are."""
        old, leaves, currency = self.box.children, standing.tree.leaves, company.currency
        self.controls = {
            leaf.key: LeafControl(leaf, company.line(leaf.key, people=people), standing.of(leaf.key)["value"], currency)
            for leaf in leaves
        }
        self.box.children = [control.box for control in self.controls.values()]
        for box in old:
            for widget in (*box.children, box):
                widget.close()

    @property
    def changes(self) -> dict[str, float]:
        """The leaves that were moved."""
        found = {key: control.change for key, control in self.controls.items()}
        return {key: value for key, value in found.items() if value is not None}

    def say(self, standing: Standing, planned: Mapping[str, float], currency: str) -> None:
        """The top: from what it is to what it would be."""
        top = standing.tree.nodes[standing.tree.top]
        now, then = standing.of(top.key)["value"], float(planned.get(top.key, math.nan))
        if not self.changes:
            words = _("Move a leaf, and see what becomes of {top}.").format(top=top.name)
        else:
            words = _("{top}: {now} → {then}").format(
                top=top.name, now=write_node(now, top, currency), then=write_node(then, top, currency)
            )
            change = write_change(then, now, top.style)
            words += f" ({change})" if not is_missing(now) and not is_missing(then) else ""
        self.words.value = str(Markup('<div class="kpi"><p role="status"><strong>{}</strong></p></div>').format(words))


class TreeBackward:
    """The top is set (`number`), a `leaf` chosen: `words` say what it must be, `take` sets it in What if."""

    def __init__(self) -> None:
        self.number = widgets.FloatText(style=NAMES_UNCUT, layout={"width": "220px"})
        self.leaf = choice(_("Through"), [("", "")], tooltip=_("The leaf that is to bring it"))
        self.take = widgets.Button(description=_("Try it"), tooltip=_("Set the leaf to this value in What if"))
        self.words = widgets.HTML()
        self.answer = math.nan
        self.controls = form_row(self.number, self.leaf, self.take)

    def offer(self, standing: Standing, currency: str) -> None:
        """Take the top at what it is, and its leaves."""
        tree = standing.tree
        top, below = tree.nodes[tree.top], tree.leaves_below(tree.top)
        self._factor = 100.0 if top.style == "share" else 1.0
        unit = unit_word(as_kpi(top), currency)
        self.number.description = ", ".join(word for word in (top.name, unit) if word)
        self.number.tooltip = _("What the top is to be")
        self.number.value = _rounded(standing.of(tree.top)["value"] * self._factor, top.style)
        offer(self.leaf, [(leaf.name, leaf.key) for leaf in tree.leaves if leaf.key in below], self.leaf.value)

    def solve(self, standing: Standing, changes: Mapping[str, float], currency: str) -> None:
        """Say what the leaf must be for the top that is set, the other leaves as they were moved; or why it cannot."""
        tree, key, target = standing.tree, self.leaf.value, self.number.value / self._factor
        leaf, self.answer = tree.nodes[key], math.nan
        others = {name: value for name, value in changes.items() if name != key}
        try:
            self.answer = solve_leaf(tree, standing.now, target, key, others)
            now = standing.of(key)["value"]
            words = _("{leaf} must be {value} (now {now}).").format(
                leaf=leaf.name, value=write_node(self.answer, leaf, currency),
                now=write_node(now, leaf, currency),
            )  # fmt: skip
        except KitError as error:
            words = str(error)
        self.take.disabled = math.isnan(self.answer)
        self.words.value = str(Markup('<div class="kpi"><p role="status">{}</p></div>').format(words))


def heading(text: str, lead: str = "") -> Any:
    """A heading inside the view."""
    small = Markup(" <small>{}</small>").format(lead) if lead else ""
    return widgets.HTML(str(Markup('<div class="kpi"><h3>{}{}</h3></div>').format(text, small)))
