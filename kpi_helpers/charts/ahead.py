"""The months ahead: history, the fan of the forecast, the goal, which can be moved without drawing the rest anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import brief, floats, month_axis, start_at_zero, value_axis, write, write_apart
from kpi_helpers.labels import is_missing, write_interval
from kpi_helpers.language import _
from kpi_helpers.palette import ACCENT, GRID, PAPER, QUIET

FAN, EDGE = "#d9eaf5", "#9cc4de"
ROOM = 0.2  # of a month, right of the last one
LEAST_FILLED = 0.4  # of the paper: less of it lies flat below the room that an earlier goal took


class Ahead(Protocol):
    """What is drawn of a forecast: the months, and a series by month for the middle and both ends of the interval."""

    @property
    def months(self) -> pd.DatetimeIndex: ...
    @property
    def middle(self) -> pd.Series: ...
    @property
    def low(self) -> pd.Series: ...
    @property
    def high(self) -> pd.Series: ...


@dataclass
class _Goal:
    """The goal as it is drawn: its line, the labels at its end, and what they were made of."""

    line: StepPatch
    labels: list[Text]
    past: pd.Index
    forecast: Ahead
    look: tuple[str, str]
    reach: float  # the largest value that is drawn beside the goal


_GOALS: WeakKeyDictionary[Axes, _Goal] = WeakKeyDictionary()


def plot_forecast(
    history: pd.Series,
    forecast: Ahead,
    *,
    style: str,
    currency: str = "",
    goal: Any = None,
    finding: str = "",
    subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A value by month as a solid line, then the forecast: its middle dashed, its interval as a hatched fan.

    `history`: a series by month (first days), gaps where it is NaN. `goal`: one number for the months ahead, or a
    series by month; months it does not name have none. Counts and money start at zero.
    """
    with drawing_style():
        ax = new_axes(3.5, ax)
        past, months = floats(list(history)), [*history.index, *forecast.months]
        now, last = len(past) - 1, len(months) - 1
        _draw_fan(ax, now, float(past[-1]), forecast)
        dots = 3 if len(past) < 26 else 0
        ax.plot(np.arange(len(past)), past, color=ACCENT, linewidth=2.2, marker="o", markersize=dots)
        goals = _by_month(goal, history.index, forecast.months)
        line = ax.stairs(goals, np.arange(len(goals) + 1) - 0.5, baseline=None, color=QUIET, linewidth=1.2)
        if style in ("count", "money"):
            start_at_zero(ax)
        ax.set_xlim(-0.4, last + ROOM)
        value_axis(ax, "y", style, currency)
        _label_now(ax, now, past, (style, currency))
        labels = _label_end(ax, forecast, goals, (style, currency))
        reach = np.nanmax(np.abs([0.0, *past, *floats(list(forecast.middle)), *floats(list(forecast.high))]))
        _GOALS[ax] = _Goal(line, labels, history.index, forecast, (style, currency), float(reach))
        month_axis(ax, months)
        return head(ax, finding, subtitle)


def move_goal(ax: Axes, goal: Any) -> bool:
    """Move the goal of a chart that `plot_forecast` drew; the rest stays, so that the redraw is quick.

    `goal` as for `plot_forecast`. False, and nothing moved, where there was no goal, there is none now, or it leaves
    the paper, leaves most of it empty or needs more room for its label: then the chart must be drawn anew.
    """
    drawn = _GOALS.get(ax)
    if drawn is None:
        return False
    goals, before = _by_month(goal, drawn.past, drawn.forecast.months), drawn.line.get_data()[0]
    low, high = ax.get_ylim()
    there = np.isfinite(goals)
    if not there.any() or (there != np.isfinite(before)).any():
        return False
    fits = goals[there].min() >= low and goals[there].max() <= high
    fills = max(drawn.reach, np.abs(goals[there]).max()) >= LEAST_FILLED * max(high, -low)
    if not (fits and fills) or len(_goal_words(goals, drawn.look)) > _longest(drawn.labels):
        return False
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_layout_engine("none")
    drawn.line.set_data(values=goals)
    for label in drawn.labels:
        label.remove()
    with drawing_style():
        drawn.labels = _label_end(ax, drawn.forecast, goals, drawn.look)
    return True


def _by_month(goal: Any, past: pd.Index, ahead: pd.DatetimeIndex) -> np.ndarray:
    """The goal of each month that is drawn; one number is for the months ahead."""
    if isinstance(goal, pd.Series):
        return floats(list(goal.reindex([*past, *ahead])))
    return np.array([np.nan] * len(past) + [np.nan if is_missing(goal) else float(goal)] * len(ahead))


def _draw_fan(ax: Axes, now: int, value: float, forecast: Ahead) -> None:
    """From the last value to the interval of each month; where the last value is not known the fan stands alone."""
    low, middle, high = (floats([value, *line]) for line in (forecast.low, forecast.middle, forecast.high))
    places = now + np.arange(len(middle))
    ax.axvline(now + 0.5, color=GRID, linewidth=0.8, zorder=0)
    ax.fill_between(places, low, high, facecolor=FAN, edgecolor=EDGE, hatch="////", linewidth=0)
    ax.plot(places, middle, color=ACCENT, linewidth=1.6, linestyle=(0, (3, 2)))


def _label_now(ax: Axes, now: int, past: np.ndarray, look: tuple[str, str]) -> None:
    """The last known value, above or below the line that comes to it."""
    if not np.isfinite(past[now]):
        return
    ax.plot(now, past[now], "o", color=ACCENT, markersize=7, zorder=5)
    before = past[max(now - 2, 0) : now]
    low, high = ax.get_ylim()
    below = np.isfinite(before).any() and np.nanmean(before) > past[now] > low + 0.12 * (high - low)
    write(ax, now, past[now], brief(past[now], *look), dx=-4, dy=-12 if below else 12, ha="right", color=ACCENT,
          fontweight="bold", path_effects=[withStroke(linewidth=3, foreground=PAPER)])  # fmt: skip


def _label_end(ax: Axes, forecast: Ahead, goals: np.ndarray, look: tuple[str, str]) -> list[Text]:
    """The last month's forecast with its interval, and the goal, at the right end."""
    labels: list[tuple[float, str, dict[str, Any]]] = []
    low, middle, high = (float(line.iloc[-1]) for line in (forecast.low, forecast.middle, forecast.high))
    if np.isfinite(middle):
        span = write_interval(low, high, *look, short=True)
        text = _("forecast {value}").format(value=brief(middle, *look)) + f"\n{span}"
        labels.append((middle, text, {"color": ACCENT}))
    else:
        labels.append((float(np.mean(ax.get_ylim())), _("no forecast"), {"color": QUIET}))
    if np.isfinite(goals).any():
        labels.append((float(goals[np.isfinite(goals)][-1]), _goal_words(goals, look), {"color": QUIET}))
    there = len(ax.texts)
    write_apart(ax, ax.get_xlim()[1], labels)
    return list(ax.texts)[there:]


def _goal_words(goals: np.ndarray, look: tuple[str, str]) -> str:
    return _("goal {value}").format(value=brief(float(goals[np.isfinite(goals)][-1]), *look))


def _longest(labels: list[Text]) -> int:
    return max((len(line) for label in labels for line in label.get_text().split("\n")), default=0)
