"""Return: the margin that is there against the margin at which the money spent comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from pandas import DataFrame

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import letters, name_rows, value_axis, write, write_columns
from kpi_helpers.labels import is_missing, write_value
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle
from kpi_helpers.palette import ACCENT, FAINT, INK, PAPER, QUIET, STATUSES

FARTHEST = 1.0  # of revenue: what is needed beyond it ends in an arrow head
MOST_ROWS = 12
SLOT = 26  # letters of the verdict


@dataclass
class _Drawn:
    """What a chart drew of its rows, and for how many there is room."""

    rows: int
    far: float
    artists: list[Artist] = field(default_factory=list)


_DRAWN: WeakKeyDictionary[Axes, _Drawn] = WeakKeyDictionary()


def plot_margins(
    table: DataFrame, *, finding: str = "", subtitle: str = "", far: float = 0.0, ax: Axes | None = None
) -> Axes:
    """A row each: a tick where the money spent comes back, a dot where the margin is; between them what is left (blue)
    or lacking (vermilion).

    `table`: `name`, `needed` and `there` (shares of revenue, NaN where not known), `word`, and `open` (hollow: not
    final). At most 12 rows are drawn. `far`: the share that the paper must have room for.
    """
    rows = table.head(MOST_ROWS)
    with drawing_style():
        ax = new_axes(1.35 + 0.42 * len(rows), ax)
        drawn = _Drawn(len(rows), min(max(_farthest(rows), far) * 1.08, FARTHEST))
        _DRAWN[ax] = drawn
        ax.set_xlim(0, drawn.far)
        name_rows(ax, [str(name) for name in rows["name"]])
        ax.set_ylim(len(rows) - 0.5, -1.2)
        value_axis(ax, "x", "share", "")
        _fill(ax, drawn, rows)
        key = [(_("● margin in revenue"), ACCENT), (_("| margin at which the money comes back"), INK)]
        return head(ax, finding, subtitle, key)


def move_margins(ax: Axes, table: DataFrame) -> bool:
    """Show other margins of the same rows in a chart that `plot_margins` drew; False where they need another paper."""
    drawn, rows = _DRAWN.get(ax), table.head(MOST_ROWS)
    if drawn is None or drawn.rows != len(rows) or min(_farthest(rows), FARTHEST) > drawn.far:
        return False
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_layout_engine("none")
    for artist in drawn.artists:
        artist.remove()
    with drawing_style():
        _fill(ax, drawn, rows)
    return True


def _farthest(rows: DataFrame) -> float:
    shares = rows[["needed", "there"]].to_numpy(dtype=float)
    known = shares[np.isfinite(shares)]
    return float(max(known.max(), 0.1)) if len(known) else FARTHEST


def _fill(ax: Axes, drawn: _Drawn, rows: DataFrame) -> None:
    before = set(ax.get_children())
    for place, row in enumerate(rows.to_dict("records")):
        _draw_row(ax, place, row, drawn.far)
    words = [_words(row) for row in rows.to_dict("records")]
    write_columns(ax, words, ["", _("margin"), _("needed")])
    drawn.artists = [artist for artist in ax.get_children() if artist not in before]


def _draw_row(ax: Axes, place: int, row: dict[Any, Any], far: float) -> None:
    needed, there = row["needed"], row["there"]
    known = not is_missing(needed) and not is_missing(there)
    colour = FAINT if row["open"] or not known else ACCENT if there >= needed else STATUSES["missed"].colour
    if known:
        ax.hlines(place, min(needed, far), min(there, far), color=colour, linewidth=4, zorder=2)
    if not is_missing(needed):
        beyond = needed > far
        ax.plot(min(needed, far), place, ">" if beyond else "|", color=colour if beyond else INK, clip_on=False,
                markersize=9 if beyond else 17, markeredgewidth=1 if beyond else 2.2, zorder=4)  # fmt: skip
    if not is_missing(there):
        edge = QUIET if row["open"] else colour if known else ACCENT
        ax.plot(min(max(there, 0), far), place, "o", markersize=9, markerfacecolor=PAPER if row["open"] else edge,
                markeredgecolor=edge, markeredgewidth=1.6, zorder=5, clip_on=False)  # fmt: skip
    elif is_missing(needed):
        write(ax, 0, place, _("no revenue is known"), dx=4, ha="left", color=QUIET, fontsize=10)


def _words(row: dict[Any, Any]) -> list[str]:
    shares = [write_value(row[name], "share") for name in ("there", "needed")]
    return [letters(cut_middle(str(row["word"]), SLOT)), *shares]
