"""One part of a claim as controls: which KPI is meant, how its change is meant, and how large it is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kpi_helpers.beliefs import Part
from kpi_helpers.beliefs.evidence import Change
from kpi_helpers.beliefs.words import kind_name
from kpi_helpers.labels import kpi_name
from kpi_helpers.language import _
from kpi_helpers.widgets.goal_form import form_row
from kpi_helpers.widgets.target import RangedSlider, on_steps
from kpi_helpers.widgets.view import NAMES_UNCUT, choice, offer

REACH = 100.0  # percent (points) to each side of the slider, at least


class ClaimRow:
    """Controls `kpi`, `kind` and `size` (percent or points) of a part; `change` is what they say together.

    KPIs that the company's exports know come first: their names are offered before those that they do not.
    """

    def __init__(self, part: Part, known: Collection[str]) -> None:
        self.part = part
        keys = sorted(part.keys, key=lambda key: key not in known)
        self.kpi = choice(part.said, [(kpi_name(key), key) for key in keys],
                          tooltip=_("Which KPI is meant? Where there are several, choose"))  # fmt: skip
        self.kind = choice(_("Meant as"), _readings(part, keys[0]), tooltip=_("Percent of the value, or points?"))
        self.size = _slider(part.by * 100)
        for control, width in ((self.kpi, 260), (self.kind, 170), (self.size, 300)):
            control.layout.flex = f"1 1 {width}px"
        self.root = form_row(self.kpi, self.kind, self.size)

    @property
    def change(self) -> Change:
        return Change(self.kpi.value, self.kind.value, round(self.size.value / 100, 10))

    def offer_readings(self) -> None:
        """The readings that the KPI chosen has."""
        offer(self.kind, _readings(self.part, self.kpi.value), self.kind.value)


def _readings(part: Part, key: str) -> list[tuple[str, Any]]:
    return [(kind_name(kind), kind) for kind in part.readings(key)]


def _slider(percent: float) -> Any:
    step = 1.0 if percent == round(percent) else 0.1 if percent == round(percent, 1) else 0.01
    reach = max(REACH, 2 * abs(percent))
    slider = RangedSlider(
        min=on_steps(-reach, percent, step), max=reach, step=step, value=percent, continuous_update=True,
        readout_format="+.0f" if step == 1 else "+.2f", description=_("Change, %"), style=NAMES_UNCUT,
        tooltip=_("Try a smaller one: with the mouse or the arrow keys"), layout={"width": "auto"},
    )  # fmt: skip
    return slider.add_class("kpi-told")


