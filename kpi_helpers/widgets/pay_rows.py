"""One KPI of a scheme as controls: weight, target, curve, threshold, cap."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, cast

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.amounts import write_amount
from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.labels import is_missing, owner_name, write_value
from kpi_helpers.language import _
from kpi_helpers.scorecard import Curve, Line, line_name, whose
from kpi_helpers.scorecard.reading import SHAPES, read_level
from kpi_helpers.widgets.view import NAMES_UNCUT, choice

THRESHOLDS = (0, 50, 60, 70, 80, 90, 100)
CAPS = (100, 110, 120, 130, 150, 200)
NO_CAP = 0
STEP = Curve("step", threshold=1.0)
_NAME = Markup('<div class="kpi kpi-pay-name"><span class="dot {}"></span>{}<small>{}</small></div>')


class PayRow:
    """Controls `weight`, `target`, `curve`, `threshold`, `cap` and `remove` of a line, side by side in `root`."""

    def __init__(self, line: Line, owner: str, goal: float, currency: str) -> None:
        self._line, self.fault = line, ""
        self.name = widgets.HTML(_name_html(line, owner))
        self.weight = widgets.IntSlider(
            value=round(line.weight * 100), min=0, max=100, description=_("Weight, %"), style=NAMES_UNCUT,
            tooltip=_("Its part of the bonus: move it with the mouse or the arrow keys"),
        )  # fmt: skip
        style = KPIS[line.kpi].style
        self.target = widgets.Text(
            value=_target_words(line), placeholder=_goal_words(goal, style, currency), description=_("Target"),
            continuous_update=False, style=NAMES_UNCUT, tooltip=_("Empty: the goal of the month"),
        )  # fmt: skip
        self.curve = choice(_("Curve"), [(_(name), key) for key, name in SHAPES.items()], line.curve.shape)
        percent = round(line.curve.threshold * 100, 6)
        self.threshold = choice(_("Paid from"), _shares(THRESHOLDS, percent, _("the beginning")), percent)
        cap = NO_CAP if math.isinf(line.curve.cap) else round(line.curve.cap * 100, 6)
        self.cap = choice(_("At most"), _shares((*CAPS, NO_CAP), cap, _("no limit")), cap)
        self.remove = widgets.Button(description="×", tooltip=_("Take it out of the scheme"))
        boxes = widgets.HBox(
            [self.weight, self.target, self.curve, self.threshold, self.cap, self.remove]
        ).add_class("kpi-form").add_class("kpi-pay-row")  # fmt: skip
        self.root = widgets.VBox([self.name, boxes]).add_class("kpi-pay-line")
        self._show_cap()

    @property
    def key(self) -> str:
        return self._line.key

    def listen(self, listen: Callable[..., None], answer: Callable[[], None]) -> None:
        """Call `answer` when a control changes."""
        listen(answer, self.weight, self.target, self.curve, self.threshold, self.cap)

    def line(self) -> Line:
        """The line as it stands; where the target cannot be read, `fault` says why and it stays as it was."""
        self._show_cap()
        try:
            target = read_level(KPIS[self._line.kpi], self.target.value.strip(), "target")
            self._line, self.fault = replace(self._line, target=target), ""
        except KitError as error:
            self.fault = str(error)
        whole = round(self._line.weight * 100) == self.weight.value
        weight = self._line.weight if whole else self.weight.value / 100
        return replace(self._line, weight=weight, curve=self._curve())

    def set_weight(self, percent: float) -> None:
        self._line = replace(self._line, weight=percent / 100)
        self.weight.value = round(percent)

    def _curve(self) -> Curve:
        """The points at the ends stay as the file said them, where the ends do."""
        shape = cast(Literal["linear", "step"], self.curve.value)
        old, cap = self._line.curve, math.inf if self.cap.value == NO_CAP else self.cap.value / 100
        if shape == "step":
            return Curve("step", self.threshold.value / 100)
        at_threshold = old.at_threshold if self.threshold.value / 100 == round(old.threshold, 8) else math.nan
        at_cap = old.at_cap if cap == old.cap else math.nan
        return Curve(shape, self.threshold.value / 100, cap, at_threshold, at_cap)

    def _show_cap(self) -> None:
        """A step knows no more than all."""
        self.cap.layout.visibility = "hidden" if self.curve.value == "step" else "visible"


def _name_html(line: Line, owner: str) -> str:
    """The KPI, and whose it is where it is not the owner's alone."""
    row = KPIS[line.kpi]
    said = {
        "own": "",
        "shared": _("others move it, too"),
        "other": _("moved by {owner}: to watch, not to pay for").format(owner=owner_name(row.owner)),
    }
    return str(_NAME.format(row.owner, line_name(line.key), said[whose(owner, row)]))


def _target_words(line: Line) -> str:
    """The target as it is written and read again: shares in percent."""
    if math.isnan(line.target):
        return ""
    if KPIS[line.kpi].style == "share":
        return f"{write_amount(round(line.target * 100, 10))} %"
    return write_amount(line.target)


def _goal_words(goal: float, style: str, currency: str) -> str:
    if is_missing(goal):
        return _("no goal")
    return _("goal {value}").format(value=write_value(goal, style, currency))


def _shares(percents: tuple[int, ...], own: float, nothing: str) -> list[tuple[str, float]]:
    """Shares to choose from, that of the file among them; 0 has a word of its own."""
    every = [*percents, *([own] if own not in percents else [])]
    every.sort(key=lambda percent: (percent == 0 and NO_CAP in percents and 200 in percents, percent))
    return [(nothing if percent == 0 else write_value(percent / 100, "share", short=True), percent)
            for percent in every]  # fmt: skip
