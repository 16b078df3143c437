"""Charts with a row for each step, channel, KPI or cohort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from pandas import DataFrame, Series

from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import brief, floats, letters, name_rows, value_axis, write, write_columns
from kpi_helpers.labels import channel_name, is_missing, kpi_name, measure_name, month_short, write_value
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle
from kpi_helpers.palette import ACCENT, FAINT, INK, PAPER, QUIET, STATUSES, status_word
from kpi_helpers.terms import MEASURES

MOST_ROWS = 20
Shown = Literal["both", "share", "count"]
_FARTHEST = 1.6  # of the goal: a longer bar ends in an arrow head


def plot_funnel(
    steps: Sequence[tuple[str, float, str]], *, style: str = "count", currency: str = "", finding: str = "",
    subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Bars from the first step down; each step is (label, value, rate from the step before as text)."""
    with drawing_style():
        ax = new_axes(0.9 + 0.72 * len(steps), ax)
        values = floats([value for _label, value, _rate in steps])
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
    subtitle: str = "", ranked: bool = True, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A dot with its interval for each channel, best first; `company` is the value of them all, as a line.

    `table`: one row a channel, as `compute_kpis` gives them for one KPI and one period (`by`, value, low, high,
    denominator). Of more than 20 rows the ones with the largest denominators are drawn, and the subtitle says so.
    Not `ranked`: in the order of the table.
    """
    kpi = KPIS[key]
    rows = _largest(table)
    if len(rows) < len(table):
        most = _("{shown} largest of {all}").format(shown=len(rows), all=len(table))
        subtitle = f"{subtitle} · {most}" if subtitle else most
    if ranked:
        rows = rows.sort_values("value", ascending=kpi.better == "lower", na_position="last", kind="stable")
    with drawing_style():
        ax = new_axes(1.2 + 0.36 * len(rows), ax)
        for place, row in enumerate(rows.to_dict("records")):
            _channel_dot(ax, place, row)
        ax.margins(x=0.06)
        if not is_missing(company):
            _company_line(ax, float(company), kpi.style, currency)
        name_rows(ax, [channel_name(name) if by == "channel" else str(name) for name in rows[by]])
        ax.set_ylim(len(rows) - 0.5, -1.2)
        value_axis(ax, "x", kpi.style, currency)
        words = [_channel_words(row, key, currency) for row in rows.to_dict("records")]
        write_columns(ax, words, ["", _base_name(key)])
        return head(ax, finding, subtitle)


def plot_against_goal(
    rows: DataFrame, *, currency: str = "", finding: str = "", subtitle: str = "", ax: Axes | None = None
) -> Axes:
    """KPIs as bars in parts of their goals, the goal a tick at one place in all rows; `rows` as `scorecard` gives them.

    Rows without a value or without a goal above zero have no bar and say what is missing.
    """
    with drawing_style():
        ax = new_axes(1.1 + 0.56 * len(rows), ax)
        for place, row in enumerate(rows.to_dict("records")):
            _goal_bar(ax, place, row)
            write(ax, 0, place - 0.4, letters(_row_name(row)), ha="left")
            ax.vlines(1, place - 0.24, place + 0.24, color=INK, linewidth=1.8)
        write(ax, 1, -0.75, _("goal"), ha="center", va="center", fontsize=10)
        ax.set_yticks([])
        ax.set_xlim(0, _FARTHEST)
        ax.set_ylim(len(rows) - 0.6, -1.0)
        write_columns(ax, [_goal_words(row, currency) for row in rows.to_dict("records")])
        ax.set_xticks([])
        return head(ax, finding, subtitle)


def plot_cohorts(
    matrix: DataFrame, sizes: Series, *, unfinished: DataFrame | None = None, show: Shown = "both", finding: str = "",
    subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A heat map of cohorts: `matrix` has a row a month of first purchase, a column a number of months since, shares.

    `sizes` are the customers of each cohort; each cell shows the share and the number of customers behind it, or one of
    them alone (`show`). The last 13 cohorts and the first 13 months are drawn; cells that lie in the future are empty.
    `unfinished`: the customers so far in the month that is not over, in cells without a colour; NaN elsewhere.
    """
    matrix = matrix.iloc[-13:, :13]
    so_far = (matrix * np.nan if unfinished is None else unfinished.iloc[-13:, :13]).to_numpy(dtype=float)
    with drawing_style():
        ax = new_axes(1.5 + 0.42 * len(matrix), ax)
        shares = matrix.to_numpy(dtype=float)
        later = shares[:, 1:] if shares.shape[1] > 1 else shares
        top = float(np.nanmax(later)) if np.isfinite(later).any() else 1.0
        for (row, column), share in np.ndenumerate(shares):
            size = float(sizes.iloc[len(sizes) - len(matrix) + row])
            _cohort_cell(ax, row, column, share, share * size, top, show)
            _open_cell(ax, row, column, float(so_far[row, column]) / (size if show == "share" else 1), show)
        names = [f"{month_short(month)} {month.year}  ·  {write_value(size, 'count')}"
                 for month, size in zip(matrix.index, sizes.iloc[-len(matrix):], strict=True)]  # fmt: skip
        ax.set_xlim(-0.5, matrix.shape[1] - 0.5)
        name_rows(ax, names)
        ax.set_ylim(len(matrix) - 0.5, -0.5)
        ax.set_xticks(range(matrix.shape[1]), [str(column) for column in matrix.columns])
        ax.xaxis.set_ticks_position("top")
        look: dict[str, Any] = {"xycoords": "axes fraction", "va": "bottom", "fontsize": 10, "color": QUIET}
        write(ax, 0, 1, _("months since the first purchase"), dy=20, ha="left", **look)
        write(ax, 0, 1, _("month · customers"), dx=-7, dy=5, ha="right", **look)
        return head(ax, finding, subtitle, level=38)


def _largest(table: DataFrame) -> DataFrame:
    if len(table) <= MOST_ROWS or "denominator" not in table:
        return table.head(MOST_ROWS)
    return table.nlargest(MOST_ROWS, "denominator")


def _channel_dot(ax: Axes, place: int, row: dict[Any, Any]) -> None:
    if is_missing(row["value"]):
        return
    if not is_missing(row.get("low")) and not is_missing(row.get("high")):
        ax.hlines(place, row["low"], row["high"], color=ACCENT, linewidth=1.2, alpha=0.7)
    ax.plot(row["value"], place, "o", color=ACCENT, markersize=7.5)


def _channel_words(row: dict[Any, Any], key: str, currency: str) -> list[str]:
    value, base = row["value"], row.get("denominator")
    words = _("no data") if is_missing(value) else write_value(value, KPIS[key].style, currency)
    below = KPIS[key].formula.denominator
    units = [KPIS[name].style if name in KPIS else MEASURES[name].unit for name in below.names] if below else []
    style = "money" if "money" in units else "count"
    return [words, "" if is_missing(base) else write_value(base, style, currency, short=True)]


def _base_name(key: str) -> str:
    """What a KPI is divided by, short enough to stand above a column."""
    below = KPIS[key].formula.denominator
    return cut_middle(below.to_text(measure_name), 20) if below else ""


def _company_line(ax: Axes, value: float, style: str, currency: str) -> None:
    """The company's value as a line, its label on the side that has room."""
    ax.axvline(value, color=INK, linewidth=1)
    on_left = value > sum(ax.get_xlim()) / 2
    text = _("company {value}").format(value=write_value(value, style, currency))
    write(ax, value, -0.85, text, dx=-5 if on_left else 5, ha="right" if on_left else "left", fontsize=10)


def _goal_bar(ax: Axes, place: int, row: dict[Any, Any]) -> None:
    if is_missing(row["value"]) or is_missing(row["goal"]) or row["goal"] <= 0:
        return
    part = max(float(row["value"]) / float(row["goal"]), 0.0)
    ax.barh(place, min(part, _FARTHEST), height=0.36, color=STATUSES[row["status"]].colour)
    if part > _FARTHEST:
        ax.plot(_FARTHEST - 0.03, place, ">", color=PAPER, markersize=6)


def _row_name(row: dict[Any, Any]) -> str:
    name = kpi_name(row["kpi"])
    scope = row.get("scope", "company")
    return name if scope == "company" else f"{name} · {cut_middle(channel_name(scope), 24)}"


def _goal_words(row: dict[Any, Any], currency: str) -> list[str]:
    kpi, status = KPIS[row["kpi"]], row["status"]
    value, goal = (brief(row[name], kpi.style, currency) for name in ("value", "goal"))
    words = f"{STATUSES[status].shape} {status_word(status, kpi.better, kpi.style)}".strip()
    return [value, "" if is_missing(row["goal"]) else _("goal {value}").format(value=goal), words]


def _open_cell(ax: Axes, row: int, column: int, value: float, show: Shown) -> None:
    """What is so far in a month that is not over: outlined, and not to be compared."""
    if is_missing(value):
        return
    frame: dict[str, Any] = {"fill": False, "edgecolor": FAINT, "linestyle": (0, (3, 2))}
    ax.add_artist(Rectangle((column - 0.46, row - 0.44), 0.92, 0.88, **frame))
    words = write_value(value, "share", short=True) if show == "share" else write_value(round(value), "count")
    write(ax, column, row, words, ha="center", color=QUIET, fontsize=8.5, in_layout=False)


def _cohort_cell(ax: Axes, row: int, column: int, share: float, customers: float, top: float, show: Shown) -> None:
    if is_missing(share):
        return
    strength = min(share / top, 1.0) if top > 0 else 0.0
    face = tuple(1 - strength * (1 - part) for part in to_rgb(ACCENT))  # white to the accent
    ax.add_artist(Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, facecolor=face, linewidth=0))
    ink = PAPER if strength > 0.75 else INK
    look: dict[str, Any] = {"ha": "center", "color": ink, "in_layout": False}
    part, count = write_value(share, "share", short=True), write_value(round(customers), "count")
    if show != "both":
        write(ax, column, row, part if show == "share" else count, fontsize=9.5, **look)
        return
    write(ax, column, row, part, dy=4.5, fontsize=9.5, **look)
    write(ax, column, row, count, dy=-6.5, fontsize=7.5, alpha=0.85, **look)
