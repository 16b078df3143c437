"""What spend brings: a small chart for each channel, with the curve of each form and what is not known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import letters, value_axis
from kpi_helpers.labels import channel_name
from kpi_helpers.lettering import cut_middle
from kpi_helpers.palette import ACCENT, FAINT, INK, PAPER, QUIET

ABREAST, MOST = 3, 9  # small charts side by side, and altogether
ROW = 2.45  # inches
BAND, SEEN = "#d9eaf5", "#f1f1f1"
FORM_COLOURS = (ACCENT, INK, "#CC79A7")
DASHED = (0, (3, 2.4))
LONGEST = 24


@dataclass
class _Plan:
    """The ring of what is planned in each small chart, and the curve that it moves on."""

    rings: dict[str, Line2D]
    curves: dict[str, pd.Series]  # the mean of the forms by spend


_PLANS: WeakKeyDictionary[Axes, _Plan] = WeakKeyDictionary()


def plot_response(
    points: pd.DataFrame, spends: pd.DataFrame, *, names: Mapping[str, str], style: str = "count", currency: str = "",
    planned: Mapping[str, float] | None = None, finding: str = "", subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The response of each channel: a line per form, solid where money was spent before and dashed where no data are.

    `points`: channel, form, spend, outcome, outcome_low, outcome_high, extrapolated, as `budget.curve_points` returns
    them; `spends`: today, least and most by channel, in the same units. The pale band spans the intervals of all
    forms, the grey area the spends seen; the dot is today, the ring what is `planned`. `names` of the forms are the
    key. Of more than nine channels those with most spend are drawn.
    """
    shown = list(spends["today"].sort_values(ascending=False).index[:MOST])
    columns = min(len(shown), ABREAST)
    rows = ceil(len(shown) / columns)
    with drawing_style():
        ax = new_axes(ROW * rows + 0.55, ax)
        ax.set_axis_off()
        plan = _Plan({}, {})
        for place, channel in enumerate(shown):
            panel = ax.inset_axes(_place(place, columns, rows))
            mine = points[points["channel"] == channel]
            _draw(panel, mine, spends.loc[channel])
            _mark(panel, str(channel), mine, float(spends["today"].loc[channel]), plan)
            value_axis(panel, "y", style, currency if style == "money" else "", 4)
            value_axis(panel, "x", "money", currency, 3 if columns < ABREAST else 2)
            panel.tick_params(labelsize=9)
            panel.set_title(letters(cut_middle(channel_name(channel), LONGEST)), loc="left", fontsize=10.5, color=INK)
        _PLANS[ax] = plan
        move_plan(ax, planned or {str(name): float(spend) for name, spend in spends["today"].items()})
        key = [(names[form], colour) for form, colour in _colours(points).items()]
        return head(ax, finding, subtitle, key, level=24)


def move_plan(ax: Axes, planned: Mapping[str, float]) -> bool:
    """Move the rings of a chart that `plot_response` drew; the rest stays. False where it did not draw it."""
    plan = _PLANS.get(ax)
    if plan is None:
        return False
    for channel, ring in plan.rings.items():
        curve, spend = plan.curves[channel], float(planned.get(channel, np.nan))
        ring.set_data([spend], [np.interp(spend, curve.index, curve)])
    return True


def freeze(ax: Axes) -> None:
    """Keep the layout as it is, so that a move is quick."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_layout_engine("none")


def _place(place: int, columns: int, rows: int) -> tuple[float, float, float, float]:
    """Left, bottom, width and height of a small chart, in parts of the paper."""
    wide, high = 1 / columns, 1 / rows
    gap_x, gap_y = (0.085 if columns > 1 else 0.0), (0.14 if rows > 1 else 0.0)
    row, column = divmod(place, columns)
    width = (1 - gap_x * (columns - 1)) * wide
    height = (1 - gap_y * (rows - 1)) * high
    return column * (width + gap_x), 1 - (row + 1) * height - row * gap_y, width, height


def _colours(points: pd.DataFrame) -> dict[str, str]:
    forms = list(dict.fromkeys(points["form"]))
    return {str(form): FORM_COLOURS[place % len(FORM_COLOURS)] for place, form in enumerate(forms)}


def _draw(panel: Axes, points: pd.DataFrame, spends: pd.Series) -> None:
    """Band, area of what was seen, and the lines."""
    panel.axvspan(spends["least"], spends["most"], color=SEEN, linewidth=0, zorder=0)
    ends = points.groupby("spend").agg(low=("outcome_low", "min"), high=("outcome_high", "max"))
    panel.fill_between(ends.index, ends["low"], ends["high"], color=BAND, linewidth=0, alpha=0.8, zorder=1)
    for form, colour in _colours(points).items():
        line = points[points["form"] == form]
        panel.plot(line["spend"], line["outcome"], color=colour, linewidth=1.1, linestyle=DASHED, alpha=0.75, zorder=2)
        seen = line[~line["extrapolated"].astype(bool)]
        panel.plot(seen["spend"], seen["outcome"], color=colour, linewidth=1.8, zorder=3)
    panel.axhline(0, color=QUIET, linewidth=0.9)
    panel.set_xlim(0, float(points["spend"].max()))
    within = ends[ends.index <= spends["most"]]
    panel.set_ylim(0, 1.08 * max(float(within["high"].max()), float(points["outcome"].max())))


def _mark(panel: Axes, channel: str, points: pd.DataFrame, today: float, plan: _Plan) -> None:
    curve = points.groupby("spend")["outcome"].mean()
    level = float(np.interp(today, curve.index, curve))
    panel.plot([today, today], [0, level], color=FAINT, linewidth=0.9, zorder=2)
    panel.plot([today], [level], "o", color=INK, markersize=6.5, zorder=6)
    (ring,) = panel.plot([], [], "o", markersize=11, markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.5,
                         zorder=7, clip_on=False)  # fmt: skip
    plan.rings[channel], plan.curves[channel] = ring, curve
    panel.set_facecolor(PAPER)
