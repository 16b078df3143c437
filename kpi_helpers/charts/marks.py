"""Marks on a line in time: the usual range as faint lines, signals as rings with a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from kpi_helpers.charts.scales import Label, brief, floats, text_width, write
from kpi_helpers.language import _
from kpi_helpers.palette import INK, PAPER, QUIET

SIZE = 10.0  # points: words inside the chart are smaller than those at its end
AWAY = 14.0  # points from a point to the middle of its word
CLOSER = 1.3  # the labels at the end will take some of the width, and words come nearer to one another
ROOM = 0.16  # of the height, for words beyond the line
Range = tuple[np.ndarray, np.ndarray]


def draw_limits(ax: Axes, low: Sequence[Any], high: Sequence[Any]) -> Range:
    """The usual range as two faint lines, dotted so that neither is taken for the goal."""
    usual = floats(low), floats(high)
    for level in usual:
        ax.plot(np.arange(len(level)), level, color=QUIET, linewidth=1, linestyle=(0, (1, 2.2)), zorder=1.5)
    return usual


def limit_labels(ax: Axes, usual: Range | None, style: str, currency: str) -> list[Label]:
    """What stands at the right end of the usual range; where it ends earlier, its name over its beginning."""
    if usual is None or not np.isfinite(usual[1]).any():
        return []
    low, high = usual[0][-1], usual[1][-1]
    if np.isfinite([low, high]).all():
        if style == "count":
            low, high = np.ceil(low), np.floor(high)  # whole numbers that are still usual
        words = ((high, _("usual up to {value}")), (low, _("usual from {value}")))
        return [(y, text.format(value=brief(y, style, currency)), _look()) for y, text in words]
    first, (bottom, top) = int(np.flatnonzero(np.isfinite(usual[1]))[0]), ax.get_ylim()
    ax.set_ylim(bottom, max(top, float(usual[1][first]) + ROOM * (top - bottom)))
    write(ax, first, usual[1][first], _("usual range"), dy=8, ha="left", **_look())
    return []


def mark_signals(ax: Axes, line: np.ndarray, words: Sequence[str], usual: Range | None = None) -> None:
    """A ring around each point that has a word, and the word beside the first of neighbours that share it.

    A word stands outside the line, above or below it; where it would touch a later one, the ring stands alone.
    """
    places = [place for place, word in enumerate(words) if word and np.isfinite(line[place])]
    if not places:
        return
    ax.plot(places, line[places], "o", markersize=13, markerfacecolor="none", markeredgecolor=INK,
            markeredgewidth=1.3, zorder=5, clip_on=False)  # fmt: skip
    first = [place for place in places if place - 1 not in places or words[place] != words[place - 1]]
    above = {place: _is_above(line, place, usual) for place in first}
    _make_room(ax, line, above)
    taken: list[Bbox] = []
    for place in reversed(first):
        text, level = _write_word(ax, line, place, words[place], above[place])
        box = text.get_window_extent().expanded(CLOSER, 1.1)
        if any(box.overlaps(other) for other in taken):
            text.remove()
            continue
        taken.append(box)
        if level != line[place]:
            thin = {"arrowstyle": "-", "color": INK, "linewidth": 0.7, "shrinkA": 7, "shrinkB": 0}
            ax.annotate("", (place, level), xytext=(place, line[place]), arrowprops=thin, zorder=5)


def _look() -> dict[str, Any]:
    return {"color": QUIET, "fontsize": SIZE}


def _is_above(line: np.ndarray, place: int, usual: Range | None) -> bool:
    middle = float(usual[0][place] + usual[1][place]) / 2 if usual is not None else np.nan
    return bool(line[place] >= (middle if np.isfinite(middle) else np.nanmedian(line)))


def _make_room(ax: Axes, line: np.ndarray, above: dict[int, bool]) -> None:
    """Let the axis reach beyond the words; one that begins at zero goes on doing so, and its words move above."""
    bottom, top = ax.get_ylim()
    room = ROOM * (top - bottom)
    for place, is_above in above.items():
        if not is_above and bottom == 0 and line[place] < room:
            above[place] = is_above = True
        if is_above:
            top = max(top, float(np.nanmax(line)) + room)
        elif bottom != 0:
            bottom = min(bottom, float(np.nanmin(line)) - room)
    ax.set_ylim(bottom, top)


def _write_word(ax: Axes, line: np.ndarray, place: int, word: str, above: bool) -> tuple[Any, float]:
    """The word outside the stretch of the line that it spans, on the side where that leaves it nearer to its point."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    points = ax.get_position().width * figure.get_size_inches()[0] * 72 * 0.8  # labels at the end take the rest
    span = int(np.ceil(text_width(ax, word, SIZE) / points * len(line)))
    outermost = np.nanmax if above else np.nanmin
    left, right = (float(outermost(line[max(at, 0) : at + span + 1])) for at in (place - span, place))
    fits_left, fits_right = place >= span, place + span < len(line)
    nearer_left = abs(left - line[place]) <= abs(right - line[place])
    to_left = fits_left and (nearer_left or not fits_right)
    level = left if to_left else right
    behind = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
    aside = 0 if place == len(line) - 1 else 7  # the last value has its own label to the right
    text = write(ax, place, level, word, dx=aside if to_left else -7, dy=AWAY if above else -AWAY, fontsize=SIZE,
                 ha="right" if to_left else "left", color=INK, bbox=behind)  # fmt: skip
    return text, level
