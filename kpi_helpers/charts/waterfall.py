"""From before to after: the effects one below the other, each in its owner's colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from pandas import DataFrame

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import brief, name_rows, value_axis, write_columns
from kpi_helpers.labels import owner_name, write_difference
from kpi_helpers.language import _
from kpi_helpers.palette import FAINT, INK, QUIET, owner_colour

LEAST_SPAN = 0.15  # of the larger total: where the effects are smaller, the axis does not start at zero
THICK = 0.56
MOST_TICKS = 5


class _Roomy(MaxNLocator):
    """Fewer ticks on narrow paper."""

    def __call__(self) -> Any:
        axis: Any = self.axis
        self.set_params(nbins=min(MOST_TICKS, max(1, axis.get_tick_space() // 2)), min_n_ticks=1)
        return super().__call__()


def plot_waterfall(
    effects: DataFrame, totals: Sequence[tuple[str, float]], *, style: str = "count", currency: str = "",
    finding: str = "", subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Bars that lead from the first of two `totals` (name, value) to the second; `effects`: label, owner, effect.

    Where the effects are small against the totals, the axis starts near them and the totals are marks, not bars.
    """
    rows = effects.to_dict("records")
    (_name, before), (_other, after) = totals
    levels = before + np.cumsum([0.0, *(row["effect"] for row in rows)])
    from_zero = np.ptp(levels) >= LEAST_SPAN * np.abs(levels).max()
    with drawing_style():
        ax = new_axes(1.3 + 0.4 * (len(rows) + 2), ax)
        for place, total in ((0, before), (len(rows) + 1, after)):
            _draw_total(ax, place, total, from_zero)
        _draw_effects(ax, levels, rows)
        places = np.arange(len(levels))
        ax.vlines(levels, places - THICK / 2, places + 1 + THICK / 2, color=FAINT, linewidth=0.8, zorder=1)
        _room(ax, levels, from_zero)
        name_rows(ax, [totals[0][0], *(row["label"] for row in rows), totals[1][0]])
        value_axis(ax, "x", style, currency)
        ax.xaxis.set_major_locator(_Roomy(nbins=MOST_TICKS, steps=[1, 2, 5, 10], integer=style == "count"))
        write_columns(ax, _words(rows, before, after, style, currency))
        if not from_zero:
            subtitle = "; ".join(filter(None, [subtitle, _("the axis does not start at zero")]))
        return head(ax, finding, subtitle)


def _draw_total(ax: Axes, place: int, value: float, from_zero: bool) -> None:
    if from_zero:
        ax.barh(place, value, height=THICK, color=QUIET, zorder=2)
    else:
        ax.vlines(value, place - THICK / 2, place + THICK / 2, color=INK, linewidth=4, zorder=3)


def _draw_effects(ax: Axes, levels: np.ndarray, rows: Sequence[Mapping[Any, Any]]) -> None:
    """A bar from level to level; losses are hatched, so that their direction needs no colour."""
    gains, lost = np.diff(levels), np.diff(levels) < 0
    looks: dict[str, Any] = {
        "color": [owner_colour(row["owner"]) for row in rows],
        "edgecolor": ["white" if is_lost else "none" for is_lost in lost],
        "hatch": ["////" if is_lost else None for is_lost in lost],
    }
    ax.barh(np.arange(1, len(levels)), gains, left=levels[:-1], height=THICK, linewidth=0, zorder=2, **looks)


def _room(ax: Axes, levels: Any, from_zero: bool) -> None:
    low, high = float(np.min(levels)), float(np.max(levels))
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
        ax.axvline(0, color=QUIET, linewidth=0.9)
    edge = (high - low or abs(high) or 1.0) * 0.04
    ax.set_xlim(low if from_zero and low == 0 else low - edge, high + edge)


def _words(
    rows: Sequence[Mapping[Any, Any]], before: float, after: float, style: str, currency: str
) -> list[list[str]]:
    """Beside each bar its number and whose it is; totals have their value."""
    short = style == "money"
    effects = [
        [write_difference(row["effect"], style, currency, short=short, tenths=True), owner_name(row["owner"])]
        for row in rows
    ]
    return [[brief(before, style, currency), ""], *effects, [brief(after, style, currency), ""]]
