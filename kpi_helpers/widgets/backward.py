"""Backward planning: what a goal asks for through rates that can be changed, down to the budget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.labels import kpi_name, month_name
from kpi_helpers.language import _
from kpi_helpers.planning import plan_backward
from kpi_helpers.widgets.plan_words import step_words
from kpi_helpers.widgets.target import number_range, set_range, unit_word
from kpi_helpers.widgets.view import NAMES_UNCUT

# KPI -> the rates that lead back from it, the nearest first
RATES: dict[str, tuple[str, ...]] = {
    "qualified_leads": ("qualification_rate", "cpl"),
    "leads": ("visit_to_lead", "cpl"),
    "orders": ("cpo",),
    "revenue": ("aov", "cpo"),
    "new_customers": ("cac",),
    "clicks": ("cpc",),
    "visits": ("visit_to_lead",),
}
MOST = max(map(len, RATES.values()))


class Backward:
    """A heading (`head`), boxes for the rates (`boxes`), the steps (`words`); nothing where no rate leads back."""

    def __init__(self) -> None:
        self.boxes = [widgets.BoundedFloatText(style=NAMES_UNCUT, layout={"width": "260px"}) for _place in range(MOST)]
        self.head, self.words = widgets.HTML(), widgets.HTML()
        self._keys: tuple[str, ...] = ()
        self._currency = ""

    def offer(self, key: str, now: Mapping[str, float], currency: str) -> None:
        """Take the rates that lead back from the KPI, with their present values."""
        self._keys = tuple(rate for rate in RATES.get(key, ()) if math.isfinite(now.get(rate, math.nan)))
        self._currency = currency
        for place, box in enumerate(self.boxes):
            box.layout.display = "" if place < len(self._keys) else "none"
        for rate, box in zip(self._keys, self.boxes, strict=False):
            row = KPIS[rate]
            unit = unit_word(row, currency)
            box.description = ", ".join(word for word in (kpi_name(rate), unit) if word)
            box.tooltip = _("Change it to see what follows")
            set_range(box, *number_range(row), None, float(f"{now[rate] * _factor(rate):.4g}"))

    @property
    def rates(self) -> dict[str, float]:
        return {rate: box.value / _factor(rate) for rate, box in zip(self._keys, self.boxes, strict=False)}

    def show(self, key: str, target: float, month: date) -> None:
        """Say what the target of a month asks for."""
        self.words.value = self._html(key, target)
        head = _("Counted back from the goal for {month}").format(month=month_name(month, heading=False))
        self.head.value = str(Markup('<div class="kpi"><h4>{}</h4></div>').format(head)) if self.words.value else ""

    def _html(self, key: str, target: float) -> str:
        if not self._keys or not math.isfinite(target):
            return ""
        given = {key: target, **self.rates}
        try:
            lines = [step_words(step, given, self._currency) for step in plan_backward(key, target, self.rates)]
        except KitError as error:
            lines = [error.found]  # its next step speaks to who writes Python
        return str(Markup('<div class="kpi"><p>{}</p></div>').format(Markup("<br>").join(lines)))


def _factor(rate: str) -> float:
    return 100.0 if KPIS[rate].style == "share" else 1.0
