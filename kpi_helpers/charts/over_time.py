"""Charts over time: months, days of a month against the plan, visits by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from kpi_helpers.charts.marks import draw_limits, limit_labels, mark_signals
from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import (
    Label,
    brief,
    day_axis,
    floats,
    month_axis,
    start_at_zero,
    value_axis,
    write,
    write_apart,
)
from kpi_helpers.labels import (
    is_missing,
    write_interval,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.palette import ACCENT, PAPER, QUIET, STATUSES

_MISSED = STATUSES["missed"].colour


def plot_trend(
    months: Sequence[date],
    values: Sequence[Any],
    *,
    style: str,
    currency: str = "",
    goal: Any = None,
    low: Sequence[Any] | None = None,
    high: Sequence[Any] | None = None,
    limits: tuple[Sequence[Any], Sequence[Any]] | None = None,
    signals: Sequence[str] = (),
    unfinished: bool = False,
    finding: str = "",
    subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A value by month, with its interval as a band and the goal as a thin line; gaps where values are missing.

    `limits`: the low and the high end of the usual range by month, faint lines (NaN where a month has none).
    `signals`: a word for each month, "" for most; the others get a ring, and the first of neighbours its word.
    `unfinished`: the last month is not over, so its stretch is dashed and its point hollow. Counts and money start at
    zero.
    """
    with drawing_style():
        ax = new_axes(3.3, ax)
        line, places = floats(values), np.arange(len(values))
        if low is not None and high is not None:
            ax.fill_between(places, floats(low), floats(high), color=ACCENT, alpha=0.14, linewidth=0)
        closed = len(line) - 1 if unfinished else len(line)
        dots = 3 if len(line) < 16 else 0
        ax.plot(places[:closed], line[:closed], color=ACCENT, linewidth=2.2, marker="o", markersize=dots)
        if unfinished and closed:
            ax.plot(places[closed - 1 :], line[closed - 1 :], color=ACCENT, linewidth=1.6, linestyle=(0, (3, 2)))
        if not is_missing(goal):
            ax.plot([-0.4, len(line) - 1], [goal, goal], color=QUIET, linewidth=1)
        usual = draw_limits(ax, *limits) if limits else None
        if style in ("count", "money"):
            start_at_zero(ax)
        ax.set_xlim(-0.4, len(line) - 0.8)
        value_axis(ax, "y", style, currency)
        mark_signals(ax, line, signals, usual)
        ends = limit_labels(ax, usual, style, currency)
        _label_ends(ax, len(line) - 1, line[-1], goal, (style, currency), unfinished, ends)
        month_axis(ax, months)
        return head(ax, finding, subtitle)


def plot_pace(
    days: Sequence[date], actual: Sequence[Any], plan: Sequence[Any], landing: tuple[float, float, float] | None = None,
    *, style: str = "count", currency: str = "", finding: str = "", subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The sum so far against the plan, both cumulative by day (`actual` is NaN after today).

    `landing` (low, middle, high): where the month is expected to end, as a fan from today.
    """
    with drawing_style():
        ax = new_axes(3.5, ax)
        done, planned, places = floats(actual), floats(plan), np.arange(len(days))
        ax.plot(places, planned, color=QUIET, linewidth=1.2, linestyle=(0, (4, 2)))
        ax.plot(places, done, color=ACCENT, linewidth=2.4)
        today = int(np.flatnonzero(np.isfinite(done))[-1]) if np.isfinite(done).any() else -1
        ends = [(float(planned[-1]), _("plan {value}"), QUIET)]
        if landing and today >= 0:
            _fan(ax, today, float(done[today]), len(days) - 1, landing)
            span = write_interval(landing[0], landing[2], style, currency, short=True)
            ends.append((landing[1], _("landing {value}") + f"\n{span}", ACCENT))
        if today >= 0:
            ax.plot(today, done[today], "o", color=ACCENT, markersize=6)
            if today == len(days) - 1:
                ends.append((float(done[today]), "{value}", ACCENT))
            else:
                below = not done[today] > planned[today]
                now = brief(done[today], style, currency)
                write(ax, today, done[today], now, dx=5 if below else -5, dy=-11 if below else 11,
                      ha="left" if below else "right", color=ACCENT, fontweight="bold")  # fmt: skip
        start_at_zero(ax)
        ax.set_xlim(-1, len(days) - 0.8)
        value_axis(ax, "y", style, currency)
        day_axis(ax, days)
        labels = [(y, words.format(value=brief(y, style, currency)), {"color": ink}) for y, words, ink in ends]
        write_apart(ax, len(days) - 1, labels)
        return head(ax, finding, subtitle)


def plot_traffic_quality(
    days: Sequence[date], humans: Sequence[Any], robots: Sequence[Any], *, burst: tuple[date, date] | None = None,
    finding: str = "", subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Visits by day, people below and robots stacked above; `burst` (first and last day) is shaded and named."""
    with drawing_style():
        ax = new_axes(3.5, ax)
        people, machines, places = np.nan_to_num(floats(humans)), np.nan_to_num(floats(robots)), np.arange(len(days))
        ax.bar(places, people, width=0.82, color=ACCENT)
        ax.bar(places, machines, bottom=people, width=0.82, color=_MISSED)
        ax.set_xlim(-0.6, len(days) - 0.4)
        start_at_zero(ax, room=1.22 if burst else 1.06)
        if burst:
            _mark_burst(ax, days, machines, burst)
        value_axis(ax, "y", "count", "")
        day_axis(ax, days)
        return head(ax, finding, subtitle, [(_("people"), ACCENT), (_("robots"), _MISSED)])


def _label_ends(
    ax: Axes, x: int, value: float, goal: Any, look: tuple[str, str], unfinished: bool, more: Sequence[Label] = ()
) -> None:
    """The last value, the goal and `more` labels at the right end of a trend."""
    labels: list[Label] = list(more)
    if is_missing(value):
        labels.append((float(np.mean(ax.get_ylim())), _("no data"), {"color": QUIET}))
    else:
        face = PAPER if unfinished else ACCENT
        ax.plot(x, value, "o", color=ACCENT, ms=7, markerfacecolor=face, markeredgewidth=1.6, zorder=5, clip_on=False)
        text = brief(value, *look) + ("\n" + _("month not over") if unfinished else "")
        labels.append((value, text, {"color": ACCENT, "fontweight": "bold"}))
    if not is_missing(goal):
        labels.append((float(goal), _("goal {value}").format(value=brief(goal, *look)), {"color": QUIET}))
    write_apart(ax, x, labels)


def _fan(ax: Axes, today: int, value: float, last: int, landing: tuple[float, float, float]) -> None:
    """The landing: a hatched fan from today's value to the interval at the month's end."""
    low, middle, high = landing
    ax.fill_between([today, last], [value, low], [value, high], facecolor="#d9eaf5", edgecolor="#9cc4de", hatch="////",
                    linewidth=0)  # fmt: skip
    ax.plot([today, last], [value, middle], color=ACCENT, linewidth=1.3, linestyle=(0, (2, 2)))


def _mark_burst(ax: Axes, days: Sequence[date], robots: np.ndarray, burst: tuple[date, date]) -> None:
    """Shade the days of the burst and say how many robot visits they hold."""
    places = [place for place, day in enumerate(days) if burst[0] <= day <= burst[1]]
    if not places:
        return
    ax.axvspan(places[0] - 0.5, places[-1] + 0.5, color=_MISSED, alpha=0.12, linewidth=0, zorder=0)
    text = _("robots: {n}").format(n=write_value(robots[places].sum(), "count"))
    on_left = places[0] > len(days) / 2
    edge = places[0] - 0.5 if on_left else places[-1] + 0.5
    write(ax, edge, ax.get_ylim()[1], text, dx=-6 if on_left else 6, dy=-9, ha="right" if on_left else "left",
          color="#a84a00", fontweight="bold")  # fmt: skip
