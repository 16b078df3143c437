"""The same survey asked again and again: what came out each time, against what is so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import floats, letters, value_axis, write
from kpi_helpers.palette import ACCENT, INK, PAPER, QUIET

PLACES = 20  # for surveys: as many as that always have room
ROOM = 4  # places, for the name of the truth


def plot_surveys(
    shares: Sequence[float], low: Sequence[float], high: Sequence[float], truth: float, *, name: str = "",
    span: tuple[float, float] = (0.0, 1.0), x_name: str = "", finding: str = "", subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A dot with its interval for each survey, and the true share as a line with its `name`.

    Surveys whose interval misses the truth are hollow and dark. `span` of the value axis stays, so that pictures can be
    compared; what lies beyond it is cut off.
    """
    with drawing_style():
        ax = new_axes(3.2, ax)
        values, below, above = floats(shares), floats(low), floats(high)
        at = np.arange(1, len(values) + 1)
        missed = (below > truth) | (above < truth)
        for rows, colour, face in ((~missed, ACCENT, ACCENT), (missed, INK, PAPER)):
            ax.vlines(at[rows], below[rows], above[rows], color=colour, linewidth=1.4, alpha=0.7)
            ax.plot(at[rows], values[rows], "o", color=colour, markerfacecolor=face, markersize=6.5, zorder=3)
        ax.axhline(truth, color=QUIET, linewidth=1.2, zorder=1)
        last = max(len(values), PLACES) + 0.6
        ax.set_xlim(0.4, last + (ROOM if name else 0))
        ax.set_ylim(*span)
        write(ax, last, truth, letters(name), dy=8, ha="left", color=QUIET, fontsize=10.5)
        value_axis(ax, "y", "share", "")
        ax.set_xticks([])
        if x_name:
            ax.set_xlabel(x_name, color=QUIET, fontsize=10.5)
        return head(ax, finding, subtitle)
