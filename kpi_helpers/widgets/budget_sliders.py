"""A slider of money a month for each channel, with the amount and its change beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd
from markupsafe import Markup

from kpi_helpers.labels import channel_name, write_change, write_value
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle, plain
from kpi_helpers.response import MONTH
from kpi_helpers.widgets.target import on_steps, round_step

STEPS = 120  # places of a slider, about
LONGEST = 24
ROW = {"align_items": "center", "max_width": "960px", "flex_flow": "row wrap"}
_AMOUNT = Markup('<div class="kpi"><strong>{}</strong> <small style="display:inline">{}</small></div>')


class MoneySliders:
    """`sliders` by channel, of money a month; what they are asked and told is money a week."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self.sliders: dict[str, Any] = {}
        self._amounts: dict[str, Any] = {}
        self._today: dict[str, float] = {}
        self.root = widgets.VBox([])

    def offer(self, limits: pd.DataFrame, today: pd.Series, spends: Mapping[str, float]) -> None:
        """New sliders with these bounds, in the order of the chart: most spend first."""
        self._today = {str(channel): float(spend) for channel, spend in today.sort_values(ascending=False).items()}
        least, most = limits["least"].to_dict(), limits["most"].to_dict()
        ends = {channel: (float(least[channel]), float(most[channel])) for channel in self._today}
        self.sliders = {channel: _slider(channel, *ends[channel], self._today[channel]) for channel in ends}
        self._amounts = {channel: widgets.HTML(layout={"width": "190px"}) for channel in self.sliders}
        rows = [widgets.HBox([slider, self._amounts[channel]], layout=ROW)
                for channel, slider in self.sliders.items()]  # fmt: skip
        self.take(spends)
        self.root.children = rows

    def clear(self) -> None:
        self.sliders, self._amounts, self.root.children = {}, {}, []

    def take(self, spends: Mapping[str, float]) -> None:
        """Show a split."""
        for channel, slider in self.sliders.items():
            slider.value = self._place(channel, spends[channel])
            now, before = spends[channel] * MONTH, self._today[channel] * MONTH
            change = write_change(now, before, "money") if abs(now - before) > 0.0005 * before else _("as today")
            self._amounts[channel].value = str(_AMOUNT.format(write_value(now, "money", self._currency), change))

    def moved(self, spends: Mapping[str, float]) -> tuple[str, float] | None:
        """The channel whose slider stands elsewhere than this split, and its money a week; None where none does."""
        for channel, slider in self.sliders.items():
            if abs(slider.value - self._place(channel, spends[channel])) > slider.step / 2:
                return channel, float(slider.value) / MONTH
        return None

    def _place(self, channel: str, spend: float) -> float:
        """The place of the slider nearest to the money a week."""
        slider = self.sliders[channel]
        steps = round((spend * MONTH - slider.min) / slider.step)
        return float(min(max(round(slider.min + steps * slider.step, 10), slider.min), slider.max))


def _slider(channel: str, least: float, most: float, today: float) -> Any:
    """Steps in round sums, today's spend among them."""
    low, high, now = least * MONTH, most * MONTH, today * MONTH
    step = round_step(max((high - low) / STEPS, 0.01))
    first = on_steps(low, now, step)
    first = first if first >= low - 1e-9 else first + step
    last = first + step * max(int((high - first) / step + 1e-9), 0)
    return widgets.FloatSlider(
        value=min(max(now, first), last), min=first, max=max(last, first), step=step, readout=False,
        description=cut_middle(plain(channel_name(channel)), LONGEST), style={"description_width": "150px"},
        tooltip=_("Money a month: move it with the mouse or the arrow keys"), layout={"flex": "1 1 320px"},
        continuous_update=True,
    )  # fmt: skip
