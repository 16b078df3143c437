"""What a number would be: a line with the point that was chosen, and bars of a few sizes held against each other."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import brief, floats, letters, name_rows, value_axis, write
from kpi_helpers.palette import ACCENT, FAINT, INK, PAPER, QUIET

AT_RIGHT = 0.8  # of the width: beyond it a label stands left of its point
NAME_LETTERS = 42  # of a line of the axis' name: it has room on a phone, too
ROOM = 0.12  # of the height, above and below the line


def plot_what_if(
    line: pd.Series, chosen: float, *, styles: tuple[str, str], currency: str = "", level: float | None = 0.0,
    marks: Mapping[str, float] | None = None, label: str = "", x_name: str = "", finding: str = "", subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The line's values by what is varied (the index), with a dot at `chosen`; `styles` are those of index and values.

    `level` is a value that matters, such as break-even (None: none); what lies below it is shaded. `marks` are places
    of the index with their names, such as today's. `label` stands beside the dot instead of its value in short, so that
    it is as exact as the finding.
    """
    with drawing_style():
        ax = new_axes(3.2, ax)
        at, values = line.index.to_numpy(dtype=float), line.to_numpy(dtype=float)
        ax.plot(at, values, color=ACCENT, linewidth=2)
        if level is not None:
            ax.axhline(level, color=QUIET, linewidth=1)
            ax.fill_between(at, values, level, where=values < level, color=ACCENT, alpha=0.1, linewidth=0)
        low, high = np.nanmin([*values, *([] if level is None else [level])]), np.nanmax(values)
        room = ROOM * ((high - low) or 1.0)
        ax.set_ylim(low - room, high + (2.2 if marks else 1.5) * room)
        ax.set_xlim(at[0], at[-1])
        for name, place in (marks or {}).items():
            ax.axvline(place, color=QUIET, linewidth=1, linestyle=":")
            _beside(ax, place, ax.get_ylim()[1] - room * 0.4, name, color=QUIET, fontsize=10.5)
        reached = float(np.interp(chosen, at, values))
        ax.plot([chosen], [reached], "o", color=PAPER, markeredgecolor=INK, markeredgewidth=2, markersize=8)
        rising = np.interp(chosen, at, np.gradient(values, at)) > 0
        aside = _is_right(ax, chosen) == rising  # above the line, or else below it
        words = label or brief(reached, styles[1], currency)
        _beside(ax, chosen, reached, words, dy=12 if aside else -13, fontweight="bold")
        value_axis(ax, "x", styles[0], currency)
        value_axis(ax, "y", styles[1], currency)
        if x_name:
            ax.set_xlabel(textwrap.fill(x_name, NAME_LETTERS), color=QUIET, fontsize=10.5)
        return head(ax, finding, subtitle)


def plot_sizes(
    sizes: Sequence[tuple[str, float]], *, style: str = "count", currency: str = "", strong: Sequence[str] = (),
    finding: str = "", subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A bar for each (name, size), in their order; the `strong` names (all where none is named) have the accent."""
    with drawing_style():
        ax = new_axes(0.8 + 0.5 * len(sizes), ax)
        values = np.nan_to_num(floats([size for _name, size in sizes]))
        colours = [ACCENT if not strong or name in strong else FAINT for name, _size in sizes]
        ax.barh(range(len(sizes)), values, height=0.56, color=colours)
        low, high = min(values.min(), 0.0), max(values.max(), 0.0)
        span = (high - low) or 1.0
        ax.set_xlim(low - (0.16 * span if low < 0 else 0), high + 0.18 * span)
        ax.axvline(0, color=QUIET, linewidth=0.9)
        for place, (_name, size) in enumerate(sizes):
            left = values[place] < 0
            write(ax, values[place], place, brief(size, style, currency), dx=-6 if left else 6,
                  ha="right" if left else "left", fontweight="bold")  # fmt: skip
        name_rows(ax, [letters(name) for name, _size in sizes])
        ax.set_xticks([])
        return head(ax, finding, subtitle)


def _beside(ax: Axes, x: float, y: float, words: str, **look: Any) -> None:
    left = _is_right(ax, x)
    write(ax, x, y, letters(words), dx=-8 if left else 8, ha="right" if left else "left", **look)


def _is_right(ax: Axes, x: float) -> bool:
    low, high = ax.get_xlim()
    return bool((x - low) / ((high - low) or 1) > AT_RIGHT)
