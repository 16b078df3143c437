"""Charts: each `plot_*` takes a table and returns the Axes. The title is the finding, given by the caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from pandas import DataFrame, Series

from kpi_helpers.catalogue import KPIS
from kpi_helpers.figures import drawing_style, figure_html, head, new_axes, save
from kpi_helpers.labels import channel_name, is_missing, kpi_name, month_short, write_interval, write_value
from kpi_helpers.language import _
from kpi_helpers.palette import ACCENT, INK, PAPER, QUIET, STATUSES, status_word
from kpi_helpers.scales import (
    day_axis,
    letters,
    month_axis,
    name_rows,
    start_at_zero,
    value_axis,
    write,
    write_apart,
    write_columns,
)

__all__ = [
    "figure_html", "plot_against_goal", "plot_channels", "plot_cohorts", "plot_funnel", "plot_pace",
    "plot_traffic_quality", "plot_trend", "save",
]

MOST_ROWS = 20
_FARTHEST = 1.6  # of the goal: a longer bar ends in an arrow head
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
    unfinished: bool = False,
    finding: str = "",
    subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:
    """A value by month, with its interval as a band and the goal as a thin line; gaps where values are missing.

    `unfinished`: the last month is not over, so its stretch is dashed and its point hollow. Counts and money start at
    zero.
    """
    with drawing_style():
        ax = new_axes(3.3, ax)
        line, places = _floats(values), np.arange(len(values))
        if low is not None and high is not None:
            ax.fill_between(places, _floats(low), _floats(high), color=ACCENT, alpha=0.14, linewidth=0)
        closed = len(line) - 1 if unfinished else len(line)
        ax.plot(places[:closed], line[:closed], color=ACCENT, linewidth=2.2, marker="o", markersize=3)
        if unfinished and closed:
            ax.plot(places[closed - 1 :], line[closed - 1 :], color=ACCENT, linewidth=1.6, linestyle=(0, (3, 2)))
        if not is_missing(goal):
            ax.plot([-0.4, len(line) - 1], [goal, goal], color=QUIET, linewidth=1)
        if style in ("count", "money"):
            start_at_zero(ax)
        ax.set_xlim(-0.4, len(line) - 0.8)
        month_axis(ax, months)
        value_axis(ax, "y", style, currency)
        _label_ends(ax, len(line) - 1, line[-1], goal, (style, currency), unfinished)
        return head(ax, finding, subtitle)


def plot_funnel(
    steps: Sequence[tuple[str, float, str]], *, style: str = "count", currency: str = "", finding: str = "",
    subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Bars from the first step down; each step is (label, value, rate from the step before as text)."""
    with drawing_style():
        ax = new_axes(0.9 + 0.72 * len(steps), ax)
        values = _floats([value for _label, value, _rate in steps])
        ax.barh(range(len(steps)), np.nan_to_num(values), height=0.5, color=ACCENT)
        for place, (value, (_label, _value, rate)) in enumerate(zip(values, steps, strict=True)):
            text = write_value(value, style, currency)
            write(ax, 0 if np.isnan(value) else value, place, text, dx=6, ha="left", fontweight="bold")
            if place:
                write(ax, 0, place - 0.5, f"↓ {letters(rate)}", dx=6, ha="left", color=QUIET, fontsize=10)
        name_rows(ax, [label for label, _value, _rate in steps])
        ax.set_xticks([])
        ax.set_xlim(0, (np.nanmax(values) if np.isfinite(values).any() else 1) * 1.15 or 1)
        return head(ax, finding, subtitle)


def plot_channels(
    table: DataFrame, key: str, *, by: str = "channel", currency: str = "", company: Any = None, finding: str = "",
    subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A dot with its interval for each channel, best first; `company` is the value of them all, as a line.

    `table`: one row a channel, as `compute_kpis` gives them for one KPI and one period (`by`, value, low, high,
    denominator). Of more than 20 rows the ones with the largest denominators are drawn, and the subtitle says so.
    """
    kpi = KPIS[key]
    rows = _largest(table)
    if len(rows) < len(table):
        most = _("{shown} largest of {all}").format(shown=len(rows), all=len(table))
        subtitle = f"{subtitle} · {most}" if subtitle else most
    rows = rows.sort_values("value", ascending=kpi.better == "lower", na_position="last", kind="stable")
    with drawing_style():
        ax = new_axes(1.2 + 0.36 * len(rows), ax)
        for place, row in enumerate(rows.to_dict("records")):
            _channel_dot(ax, place, row)
        if not is_missing(company):
            ax.axvline(company, color=INK, linewidth=1)
            text = _("company {value}").format(value=write_value(company, kpi.style, currency))
            write(ax, company, -0.6, text, ha="center", va="bottom", fontsize=10)
        name_rows(ax, [channel_name(name) if by == "channel" else str(name) for name in rows[by]])
        ax.set_ylim(len(rows) - 0.5, -1.2)
        ax.margins(x=0.06)
        value_axis(ax, "x", kpi.style, currency)
        write_columns(ax, [_channel_words(row, kpi.style, currency) for row in rows.to_dict("records")])
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
        done, planned, places = _floats(actual), _floats(plan), np.arange(len(days))
        ax.plot(places, planned, color=QUIET, linewidth=1.2, linestyle=(0, (4, 2)))
        ax.plot(places, done, color=ACCENT, linewidth=2.4)
        today = int(np.flatnonzero(np.isfinite(done))[-1]) if np.isfinite(done).any() else -1
        ends = [(float(planned[-1]), _("plan {value}"), QUIET)]
        if landing and today >= 0:
            _fan(ax, today, float(done[today]), len(days) - 1, landing)
            span = write_interval(landing[0], landing[2], style, currency)
            ends.append((landing[1], _("landing {value}") + f"\n{span}", ACCENT))
        if today >= 0:
            ax.plot(today, done[today], "o", color=ACCENT, markersize=6)
            if today == len(days) - 1:
                ends.append((float(done[today]), "{value}", ACCENT))
            else:
                now = write_value(done[today], style, currency)
                write(ax, today, done[today], now, dx=-8, dy=9, ha="right", color=ACCENT, fontweight="bold")
        start_at_zero(ax)
        ax.set_xlim(-0.3, len(days) - 0.8)
        value_axis(ax, "y", style, currency)
        day_axis(ax, days)
        labels = [(y, words.format(value=write_value(y, style, currency)), {"color": ink}) for y, words, ink in ends]
        write_apart(ax, len(days) - 1, labels)
        return head(ax, finding, subtitle)


def plot_against_goal(
    rows: DataFrame, *, currency: str = "", finding: str = "", subtitle: str = "", ax: Axes | None = None
) -> Axes:
    """KPIs as bars in parts of their goals, the goal a line all share; `rows` as `scorecard` gives them.

    Rows without a value or without a goal above zero have no bar and say what is missing.
    """
    with drawing_style():
        ax = new_axes(1.1 + 0.44 * len(rows), ax)
        for place, row in enumerate(rows.to_dict("records")):
            _goal_bar(ax, place, row)
        ax.axvline(1, color=INK, linewidth=1.4)
        write(ax, 1, -0.5, _("goal"), ha="center", va="bottom", fontsize=10)
        name_rows(ax, [kpi_name(key) for key in rows["kpi"]])
        ax.set_xlim(0, _FARTHEST)
        ax.set_ylim(len(rows) - 0.45, -1.0)
        write_columns(ax, [_goal_words(row, currency) for row in rows.to_dict("records")])
        ax.set_xticks([])
        ax.axvline(0, color=QUIET, linewidth=0.9)
        return head(ax, finding, subtitle)


def plot_traffic_quality(
    days: Sequence[date], humans: Sequence[Any], robots: Sequence[Any], *, burst: tuple[date, date] | None = None,
    finding: str = "", subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Visits by day, people below and robots stacked above; `burst` (first and last day) is shaded and named."""
    with drawing_style():
        ax = new_axes(3.5, ax)
        people, machines, places = np.nan_to_num(_floats(humans)), np.nan_to_num(_floats(robots)), np.arange(len(days))
        ax.bar(places, people, width=0.82, color=ACCENT)
        ax.bar(places, machines, bottom=people, width=0.82, color=_MISSED)
        ax.set_xlim(-0.6, len(days) - 0.4)
        start_at_zero(ax, room=1.22 if burst else 1.06)
        if burst:
            _mark_burst(ax, days, machines, burst)
        value_axis(ax, "y", "count", "")
        day_axis(ax, days)
        return head(ax, finding, subtitle, [(_("people"), ACCENT), (_("robots"), _MISSED)])


def plot_cohorts(
    matrix: DataFrame, sizes: Series, *, finding: str = "", subtitle: str = "", ax: Axes | None = None
) -> Axes:
    """A heat map of cohorts: `matrix` has a row a month of first purchase, a column a number of months since, shares.

    `sizes` are the customers of each cohort; each cell shows the share and the number of customers behind it.
    The last 13 cohorts and the first 13 months are drawn; cells that lie in the future are empty.
    """
    matrix = matrix.iloc[-13:, :13]
    with drawing_style():
        ax = new_axes(1.5 + 0.42 * len(matrix), ax)
        shares = matrix.to_numpy(dtype=float)
        later = shares[:, 1:] if shares.shape[1] > 1 else shares
        top = float(np.nanmax(later)) if np.isfinite(later).any() else 1.0
        for (row, column), share in np.ndenumerate(shares):
            _cohort_cell(ax, row, column, share, share * float(sizes.iloc[len(sizes) - len(matrix) + row]), top)
        names = [f"{month_short(month)} {month.year}  ·  {write_value(size, 'count')}"
                 for month, size in zip(matrix.index, sizes.iloc[-len(matrix):], strict=True)]  # fmt: skip
        ax.set_xlim(-0.5, matrix.shape[1] - 0.5)
        name_rows(ax, names)
        ax.set_ylim(len(matrix) - 0.5, -0.5)
        ax.set_xticks(range(matrix.shape[1]), [str(column) for column in matrix.columns])
        ax.xaxis.set_ticks_position("top")
        write(ax, 0, 1, _("months since the first purchase"), dy=20, xycoords="axes fraction", ha="left", va="bottom",
              fontsize=10, color=QUIET)  # fmt: skip
        return head(ax, finding, subtitle, level=38)


def _floats(values: Sequence[Any]) -> np.ndarray:
    return pd.to_numeric(pd.Series(list(values), dtype=object), errors="coerce").to_numpy(dtype=float)


def _label_ends(ax: Axes, x: int, value: float, goal: Any, look: tuple[str, str], unfinished: bool) -> None:
    """The last value and the goal at the right end of a trend."""
    labels: list[tuple[float, str, dict[str, Any]]] = []
    if is_missing(value):
        labels.append((float(np.mean(ax.get_ylim())), _("no data"), {"color": QUIET}))
    else:
        face = PAPER if unfinished else ACCENT
        ax.plot(x, value, "o", color=ACCENT, markersize=7, markerfacecolor=face, markeredgewidth=1.6, zorder=5)
        text = write_value(value, *look) + ("\n" + _("month not over") if unfinished else "")
        labels.append((value, text, {"color": ACCENT, "fontweight": "bold"}))
    if not is_missing(goal):
        labels.append((float(goal), _("goal {value}").format(value=write_value(goal, *look)), {"color": QUIET}))
    write_apart(ax, x, labels)


def _largest(table: DataFrame) -> DataFrame:
    if len(table) <= MOST_ROWS or "denominator" not in table:
        return table.head(MOST_ROWS)
    return table.nlargest(MOST_ROWS, "denominator")


def _channel_dot(ax: Axes, place: int, row: dict[Any, Any]) -> None:
    if is_missing(row["value"]):
        return
    if not is_missing(row.get("low")) and not is_missing(row.get("high")):
        ax.plot([row["low"], row["high"]], [place, place], color=ACCENT, linewidth=1.2, alpha=0.7, solid_capstyle="butt")
    ax.plot(row["value"], place, "o", color=ACCENT, markersize=7.5)


def _channel_words(row: dict[Any, Any], style: str, currency: str) -> list[str]:
    value, base = row["value"], row.get("denominator")
    words = _("no data") if is_missing(value) else write_value(value, style, currency)
    return [words, "" if is_missing(base) else _("of {n}").format(n=write_value(base, "count", short=True))]


def _fan(ax: Axes, today: int, value: float, last: int, landing: tuple[float, float, float]) -> None:
    """The landing: a hatched fan from today's value to the interval at the month's end."""
    low, middle, high = landing
    ax.fill_between([today, last], [value, low], [value, high], facecolor="#d9eaf5", edgecolor="#9cc4de", hatch="////",
                    linewidth=0)  # fmt: skip
    ax.plot([today, last], [value, middle], color=ACCENT, linewidth=1.3, linestyle=(0, (2, 2)))


def _goal_bar(ax: Axes, place: int, row: dict[Any, Any]) -> None:
    if is_missing(row["value"]) or is_missing(row["goal"]) or row["goal"] <= 0:
        return
    part = max(float(row["value"]) / float(row["goal"]), 0.0)
    ax.barh(place, min(part, _FARTHEST), height=0.46, color=STATUSES[row["status"]].colour)
    if part > _FARTHEST:
        ax.plot(_FARTHEST - 0.03, place, ">", color=PAPER, markersize=6)


def _goal_words(row: dict[Any, Any], currency: str) -> list[str]:
    kpi, status = KPIS[row["kpi"]], row["status"]
    goal = _("goal {value}").format(value=write_value(row["goal"], kpi.style, currency, short=kpi.style == "money"))
    words = f"{STATUSES[status].shape} {status_word(status, kpi.better, kpi.style)}".strip()
    return [write_value(row["value"], kpi.style, currency, short=kpi.style == "money"), "" if is_missing(row["goal"]) else goal, words]


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


def _cohort_cell(ax: Axes, row: int, column: int, share: float, customers: float, top: float) -> None:
    if is_missing(share):
        return
    strength = min(share / top, 1.0) if top > 0 else 0.0
    face = tuple(1 - strength * (1 - part) for part in to_rgb(ACCENT))  # white to the accent
    ax.add_patch(Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, facecolor=face, linewidth=0))
    ink = PAPER if strength > 0.75 else INK
    write(ax, column, row, write_value(share, "share", short=True), dy=4.5, ha="center", color=ink, fontsize=9)
    write(ax, column, row, write_value(round(customers), "count"), dy=-6, ha="center", color=ink, fontsize=7.5, alpha=0.85)
