"""Changes side by side, in an order that says something: which of them reach a level."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import floats, letters, value_axis, write
from kpi_helpers.palette import ACCENT, FAINT, GRID, INK, QUIET

END_LETTERS = 20  # of a line below the ends: both have room on a phone, too
ROOM = 0.1  # of the height, above and below the bars


def plot_changes(
    changes: Sequence[Any], level: float, *, shown: Sequence[bool] = (), style: str = "share", currency: str = "",
    level_name: str = "", ends: tuple[str, str] = ("", ""), finding: str = "", subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A bar per change, in the order given: those that reach `level`, a dashed line, are strong.

    `shown`: which changes are spoken of; the others are pale (without it all are spoken of). `ends` name the first
    and the last places of the order. A level of zero is reached by what is above it.
    """
    with drawing_style():
        ax = new_axes(3.2, ax)
        values = floats(changes)
        spoken = np.array(shown, dtype=bool) if len(shown) else np.ones(len(values), dtype=bool)
        reached = (values > 0) if level == 0 else (values >= level)
        colours = np.where(spoken, np.where(reached, ACCENT, FAINT), GRID)
        ax.bar(range(len(values)), np.nan_to_num(values), width=0.72, color=list(colours))
        low, high = min(np.nanmin(values), 0.0), max(np.nanmax(values), level, 0.0)
        room = ROOM * ((high - low) or 1.0)
        ax.set_ylim(low - room, high + room)
        ax.set_xlim(-0.6, len(values) - 0.4)
        ax.axhline(0, color=QUIET, linewidth=0.9)
        if level:
            ax.axhline(level, color=INK, linewidth=1.2, linestyle="--")
        write(ax, len(values) - 0.4, level, letters(level_name), dx=9, ha="left")
        value_axis(ax, "y", style, currency)
        ax.set_xticks([])
        for place, words, side in ((-0.5, ends[0], "left"), (len(values) - 0.5, ends[1], "right")):
            words = "\n".join(textwrap.wrap(letters(words), END_LETTERS))
            write(ax, place, ax.get_ylim()[0], words, dy=-4, ha=side, va="top", color=QUIET, fontsize=10.5)
        return head(ax, finding, subtitle)
