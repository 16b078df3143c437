"""Is it real? Differences of shares with their intervals around zero, each with its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from pandas import DataFrame

from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import floats, name_rows, write_columns
from kpi_helpers.labels import channel_name, is_missing, kpi_name, write_difference
from kpi_helpers.language import N_, _
from kpi_helpers.palette import GRID, INK, PAPER, STATUSES

COMPANY = "company"
MOST_ROWS = 20
SMALL = 0.02  # where all of an axis is smaller, tenths of a point are too coarse
EDGE = 0.06  # of the width, left and right of the whiskers


@dataclass(frozen=True)
class Mark:
    """How a verdict is shown: shape, word and colour together, so that none of them is needed alone.

    `shape` stands before the word, `marker` in the chart (hollow where the difference is not real).
    """

    shape: str
    marker: str
    word: str
    status: str
    brief: str = ""  # the word beside a number, as on the scorecard
    real: bool = False

    @property
    def colour(self) -> str:
        return STATUSES[self.status].colour


MARKS = {
    "better": Mark("↑", "^", N_("really better"), "met", N_("better"), real=True),
    "worse": Mark("↓", "v", N_("really worse"), "missed", N_("worse"), real=True),
    "within_noise": Mark("≈", "o", N_("not proven"), "close"),
    "same": Mark("=", "o", N_("as good as the same"), "close"),
    "not_enough": Mark("?", "D", N_("not enough data"), "not_enough"),
    "too_early": Mark("…", "s", N_("too early to tell"), "not_enough"),
    "not_compared": Mark("–", "", N_("not compared"), "not_enough"),
}
ASIDE = {"many_comparisons": "*"}  # the small print says more of these
AGAINST = {"month_before": N_("last month"), "year_before": N_("last year"), "others": N_("other channels")}


def mark_of(row: Mapping[Any, Any]) -> Mark:
    """The mark of a comparison (`kpi`, `verdict`, `reason`): higher or lower is better or worse, as the KPI has it.

    >>> mark_of({"kpi": "bounce_rate", "verdict": "higher"}).word
    'really worse'
    """
    if row["verdict"] in ("higher", "lower"):
        return MARKS["better" if row["verdict"] == KPIS[row["kpi"]].better else "worse"]
    refused = is_missing(row.get("difference", 0)) and row["verdict"] != "too_early"
    return MARKS["not_compared" if refused else row["verdict"]]


def verdict_word(row: Mapping[Any, Any], *, brief: bool = False) -> str:
    """The verdict in words; a star where the small print says more."""
    mark = mark_of(row)
    return _(mark.brief if brief and mark.brief else mark.word) + ASIDE.get(row.get("reason", ""), "")


def row_names(table: DataFrame) -> list[str]:
    """What tells the comparisons of a table apart: the channel, the KPI, what it is compared with."""
    parts = [
        [channel_name(name) if name != COMPANY else _("company") for name in table["scope"]],
        [kpi_name(key) for key in table["kpi"]],
        [_(AGAINST[key]) for key in table["against"]],
    ]
    telling = [part for part in parts if len(set(part)) > 1] or parts[:1]
    return [" · ".join(words) for words in zip(*telling, strict=True)]


def plot_comparisons(table: DataFrame, *, finding: str = "", subtitle: str = "", ax: Axes | None = None) -> Axes:
    """Differences of shares as dots with whiskers around a zero line, their size and verdict in words to the right.

    `table` as `comparisons.compare_channels` or `compare_months` returns it: scope, kpi, against, difference, low, high
    (fractions) and verdict. The order is that of the table; of more than 20 rows the first are drawn. What could not be
    compared has its word alone.
    """
    rows = table.head(MOST_ROWS)
    with drawing_style():
        ax = new_axes(1.2 + 0.36 * len(rows), ax)
        ax.axvline(0, color=INK, linewidth=1, zorder=1)
        _draw(ax, rows)
        widest = _room(ax, rows)
        name_rows(ax, row_names(rows))
        words = [[_points(row["difference"], widest), f"{mark_of(row).shape} {verdict_word(row)}"]
                 for row in rows.to_dict("records")]  # fmt: skip
        write_columns(ax, words)
        if len(rows) < len(table):
            subtitle += " · " + _("{shown} largest of {all}").format(shown=len(rows), all=len(table))
        return head(ax, finding, subtitle)


def _draw(ax: Axes, rows: DataFrame) -> None:
    """A dot for each difference that is known, and its whisker."""
    known = [(place, row) for place, row in enumerate(rows.to_dict("records")) if not is_missing(row["difference"])]
    marks, ends = [mark_of(row) for _place, row in known], [(row["low"], row["high"]) for _place, row in known]
    places, low, high = [place for place, _row in known], [low for low, _high in ends], [high for _low, high in ends]
    widths = [2.0 if mark.real else 1.2 for mark in marks]
    ax.hlines(places, low, high, colors=[mark.colour for mark in marks], linewidth=widths, zorder=2)
    for (place, row), mark in zip(known, marks, strict=True):
        ax.plot(row["difference"], place, mark.marker, color=mark.colour, markersize=8 if mark.real else 7,
                markerfacecolor=mark.colour if mark.real else PAPER, zorder=3)  # fmt: skip


def _room(ax: Axes, rows: DataFrame) -> float:
    """An axis in percentage points that holds zero and all whiskers; returns the farthest of them."""
    ends = np.concatenate([floats(rows["low"].tolist()), floats(rows["high"].tolist()), [0.0]])
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    room = (high - low or 0.01) * EDGE
    ax.set_xlim(low - room, high + room)
    widest = max(-low, high)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: _points(value, widest, short=True)))
    ax.grid(axis="x", color=GRID, linewidth=0.8)
    return widest


def _points(difference: Any, widest: float, *, short: bool = False) -> str:
    """A difference in points with its sign; the unit is named once, in the subtitle."""
    if is_missing(difference):
        return ""
    style = "ratio" if widest < SMALL else "count" if short else "points"
    return write_difference(round(100 * difference, 9), style)
