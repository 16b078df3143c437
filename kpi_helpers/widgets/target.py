"""The control of a goal's target: a slider and a number, in the units that people write (shares in percent)."""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as widgets

from kpi_helpers.catalogue import Kpi
from kpi_helpers.language import _, language
from kpi_helpers.planning import out_of_bounds

STEPS = 200  # places of the slider, about
_NO_END = 1e12
_UNCUT = {"description_width": "initial"}


class Target:
    """`slider` for a look, `number` for an exact value; `value` is the target in the unit of the KPI."""

    def __init__(self) -> None:
        self._factor = 1.0
        self.slider = RangedSlider(readout=False, style=_UNCUT, layout={"width": "auto", "flex": "1 1 300px"})
        self.number = widgets.BoundedFloatText(layout={"width": "130px"}, tooltip=_("The exact target"))
        self.controls = [self.slider, self.number]

    @property
    def value(self) -> float:
        """The target; shares as fractions."""
        return round(self.number.value / self._factor, 10)

    def offer(self, row: Kpi, values: list[float], goal: float | None, currency: str) -> None:
        """Take the KPI's unit and range, and its goal or else the last of the values as the target."""
        self._factor = 100.0 if row.style == "share" else 1.0
        last = goal if goal is not None else values[-1] if values else 0.0
        low, high, step = slider_range([value * self._factor for value in [*values, last]], row)
        target = last * self._factor if goal is not None else round(last * self._factor / step) * step
        self._set_ranges(number_range(row), low, high, step, round(target, 10))
        self.slider.description = ", ".join(word for word in (_("Target"), unit_word(row, currency)) if word)
        self.slider.tooltip = _("Move with the mouse or the arrow keys")

    def take_slider(self) -> None:
        """The slider was moved: the number follows."""
        self.number.value = round(self.slider.value, 10)

    def take_number(self) -> None:
        """A number was typed: the slider follows, and reaches further where it must."""
        value, slider = self.number.value, self.slider
        set_range(slider, on_steps(slider.min, value, slider.step), max(slider.max, value), slider.step, value)

    def _set_ranges(self, limits: tuple[float, float], low: float, high: float, step: float, value: float) -> None:
        set_range(self.number, *limits, step, value)
        set_range(self.slider, on_steps(low, value, step), high, step, value)


class RangedSlider(widgets.FloatSlider):
    """A slider that is told its range before its value: the page rounds a value to the range that it knows, and then
    sends it back as if a hand had moved it."""

    def get_state(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state(*arguments, **options)
        return {**{name: part for name, part in state.items() if name != "value"}, **state}


def set_range(control: Any, low: float, high: float, step: float | None, value: float) -> None:
    """Give a slider or a number another range and a value in it."""
    with control.hold_sync():  # in one message: the slider in the page corrects what it is told in between
        control.min, control.max = -_NO_END, _NO_END  # the old limits must not cut the new ones
        control.min, control.max, control.step, control.value = low, high, step, value


def on_steps(low: float, value: float, step: float) -> float:
    """The lowest place of a slider, moved so that `value` lies on one of its steps: else the page would round it.

    >>> on_steps(0, 185, 2)
    1
    """
    steps = max(math.floor(round((value - low) / step, 6)), 0)
    return round(value - steps * step, 10)


def slider_range(values: list[float], row: Kpi) -> tuple[float, float, float]:
    """Lowest, highest and step of a slider around what was reached, in round numbers, within what the KPI can be."""
    lowest, highest = min(values), max(values)
    reach = max(highest - lowest, abs(highest) / 2) or 1.0
    step = round_step(2 * reach / STEPS, whole=row.style == "count")
    least, most = number_range(row)
    low = max(lowest - reach, least, 0.0 if lowest >= 0 else -math.inf)
    high = min(highest + reach, most)
    return round(math.floor(low / step) * step, 10), round(math.ceil(high / step) * step, 10), step


def number_range(row: Kpi) -> tuple[float, float]:
    """What the KPI can be at all, in the units of the slider."""
    least = 0.0 if out_of_bounds(row.key, -1.0) else -_NO_END
    limits: dict[str, Any] = {"proportion": (0.0, 100.0), "nps": (-100.0, 100.0)}
    return limits.get(row.interval, (least, _NO_END))


def round_step(size: float, *, whole: bool = False) -> float:
    """The round number (1, 2 or 5 times a power of ten) next above `size`.

    >>> [round_step(0.03), round_step(7), round_step(0.3, whole=True)]
    [0.05, 10.0, 1.0]
    """
    power = 10.0 ** math.floor(math.log10(size))
    step = next(part * power for part in (1, 2, 5, 10) if part * power >= size * 0.999)
    return max(round(step, 10), 1.0) if whole else round(step, 10)


def unit_word(row: Kpi, currency: str) -> str:
    """The unit that the target is written in: % for shares, the currency's sign for money."""
    from babel.numbers import get_currency_symbol

    if row.style == "money":
        return str(get_currency_symbol(currency, locale=language())) if currency else ""
    return "%" if row.style == "share" else ""
