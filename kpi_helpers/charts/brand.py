"""Waves of a survey with their intervals, and the market's shares by company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from pandas import DataFrame

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import Label, floats, letters, text_width, value_axis, write, write_apart
from kpi_helpers.labels import write_value
from kpi_helpers.lettering import cut_middle
from kpi_helpers.palette import ACCENT, FAINT, INK, PAPER, QUIET

LONGEST = 22  # letters of a name at the end of a line
LONGEST_WAVE = 16
_MARGINS = 60.0  # points: the numbers at the left and the gap before the labels
_ASIDE = 0.07  # so far apart stand the points of two lines over one wave
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": ACCENT, "linewidth": 2.2, "markerfacecolor": ACCENT},
    {"color": QUIET, "linewidth": 1.6, "linestyle": (0, (4, 2)), "markerfacecolor": PAPER},
)


def plot_waves(
    rows: DataFrame, *, style: str = "share", finding: str = "", subtitle: str = "", ax: Axes | None = None
) -> Axes:
    """A value by wave with its interval as whiskers; two lines stand beside one another, the second one quiet.

    `rows`: `wave` (the name, in order), `line` (the name), `value`, `low`, `high`, and `mark`, a word for the waves
    that get a ring, "" for the others. Lines are named at their right end.
    """
    waves = list(dict.fromkeys(rows["wave"]))
    with drawing_style():
        ax = new_axes(3.4, ax)
        lines = list(dict.fromkeys(rows["line"]))[: len(_LOOKS)]
        labels = []
        for number, line in enumerate(lines):
            told = rows[rows["line"] == line].drop_duplicates("wave").set_index("wave").reindex(waves)
            labels += _draw_line(ax, told, np.arange(len(waves)) + _aside(number, lines), _LOOKS[number], line, style)
        ax.set_xlim(-0.4, len(waves) - 0.75)
        ax.margins(y=0.12)
        value_axis(ax, "y", style, "")
        for number, line in enumerate(lines):
            _mark(ax, rows[rows["line"] == line], waves, _aside(number, lines))
        write_apart(ax, len(waves) - 0.85, labels)
        _name_places(ax, waves, labels)
        return head(ax, finding, subtitle)


def plot_market(rows: DataFrame, *, finding: str = "", subtitle: str = "", ax: Axes | None = None) -> Axes:
    """The share of each company by period; the own one stands out, the others are quiet and named at their end.

    `rows`: `period` (the name, in order), `company`, `own`, `share`.
    """
    periods = list(dict.fromkeys(rows["period"]))
    with drawing_style():
        ax = new_axes(4.6, ax)
        labels = []
        for company, told in rows.groupby("company", sort=False):
            own = bool(told["own"].any())
            values = floats([*told.drop_duplicates("period").set_index("period")["share"].reindex(periods)])
            look: dict[str, Any] = {"color": ACCENT, "linewidth": 2.6} if own else {"color": FAINT, "linewidth": 1.4}
            ax.plot(range(len(periods)), values, marker="o", markersize=4 if own else 3, zorder=3 if own else 2, **look)
            if np.isfinite(values[-1]):
                name = letters(cut_middle(str(company), LONGEST))
                words = {"color": ACCENT, "fontweight": "bold"} if own else {"color": QUIET}
                labels.append((float(values[-1]), f"{name} {write_value(values[-1], 'share')}", words))
        ax.set_xlim(-0.3, len(periods) - 0.85)
        shares = floats([*rows["share"]])
        ax.set_ylim(0, float(max(shares[np.isfinite(shares)], default=0.0)) * 1.08 or 1)
        value_axis(ax, "y", "share", "")
        write_apart(ax, len(periods) - 1, labels)
        _name_places(ax, periods, labels)
        return head(ax, finding, subtitle)


def _draw_line(
    ax: Axes, told: DataFrame, places: np.ndarray, look: dict[str, Any], name: str, style: str
) -> list[Label]:
    """One line with its whiskers; returns what stands at its end."""
    values, low, high = (floats([*told[column]]) for column in ("value", "low", "high"))
    ax.vlines(places, low, high, color=look["color"], linewidth=1.1, alpha=0.6)
    known = np.flatnonzero(np.isfinite(values))  # a wave that did not ask interrupts nothing
    ax.plot(places[known], values[known], marker="o", markersize=6.5, zorder=3, **look)
    if not len(known):
        return []
    last = float(values[known[-1]])
    words = {"color": look["color"], "fontweight": "bold" if look is _LOOKS[0] else "normal"}
    return [(last, f"{letters(cut_middle(name, LONGEST))} {write_value(last, style)}", words)]


def _aside(number: int, lines: Sequence[str]) -> float:
    return (number - (len(lines) - 1) / 2) * 2 * _ASIDE


def _mark(ax: Axes, rows: DataFrame, waves: Sequence[str], aside: float) -> None:
    """A ring around each marked point, and its word beyond the whisker, below it where the value fell."""
    fell = rows["value"].diff() < 0
    for row, below in zip(rows.to_dict("records"), fell, strict=True):
        if not row["mark"]:
            continue
        place = waves.index(row["wave"]) + aside
        ax.plot(place, row["value"], "o", markersize=13, markerfacecolor="none", markeredgecolor=INK,
                markeredgewidth=1.3, zorder=5)  # fmt: skip
        write(ax, place, row["low" if below else "high"], letters(row["mark"]), dy=-8 if below else 8, ha="center",
              fontsize=9.5, color=INK)  # fmt: skip


def _name_places(ax: Axes, names: Sequence[str], labels: Sequence[Label]) -> None:
    """Names at 0, 1, 2, … in two lines where they have a space, thinned so that they do not touch; the last one stays.

    `labels` stand to the right of the chart and leave it the rest of the figure.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    shown = [letters(cut_middle(name, LONGEST_WAVE)) for name in names]
    shown = ["\n".join(name.rsplit(" ", 1)) for name in shown]
    taken = max((text_width(ax, text, 11, fontweight="bold") for _height, text, _look in labels), default=0) + _MARGINS
    room = (figure.get_size_inches()[0] * 72 - taken) / (ax.get_xlim()[1] - ax.get_xlim()[0])
    widest = max(text_width(ax, line, 10.5) for name in shown for line in name.split("\n")) + 6
    step = max(int(np.ceil(widest / room)), 1)
    places = list(range((len(names) - 1) % step, len(names), step))
    ax.set_xticks(places, [shown[place] for place in places])
