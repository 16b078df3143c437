"""Pay: the bonus by month, as a scheme would have paid it and may pay it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.container import BarContainer
from matplotlib.lines import Line2D
from matplotlib.text import Text

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import brief, floats, month_axis, value_axis, write_apart
from kpi_helpers.language import _
from kpi_helpers.palette import GRID, INK, PAPER, QUIET, owner_colour

ROOM = 1.12  # of the highest bonus: the labels need some
SOME = 1e-6  # weight that counts as set aside
PALE = 0.25  # of the owner's colour: bars that are expected
THIN = 0.7  # width of a bar


@dataclass
class _Drawn:
    """The bars, whiskers and the line of a chart, and what they are coloured with."""

    bars: BarContainer
    whiskers: LineCollection
    full: Line2D
    labels: list[Text]
    colour: str
    currency: str


_DRAWN: WeakKeyDictionary[Axes, _Drawn] = WeakKeyDictionary()


def plot_pay(
    months: pd.DataFrame,
    ahead: pd.DataFrame,
    bonus: float,
    *,
    most: float = 0.0,
    owner: str = "",
    currency: str = "",
    finding: str = "",
    subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:
    """The bonus by month: solid bars looked back, hollow where weights were set aside, hatched ones ahead with the 80 %
    interval as a whisker, and the full bonus as a line.

    `months`: bonus and set_aside by month (first days); no bar where the bonus is NaN. `ahead`: mean, low, high and
    set_aside by month ahead. `bonus`: for a month in which all targets are just reached. `most`: what the paper must
    have room for (inf: nothing limits a bonus).
    """
    with drawing_style():
        ax = new_axes(3.3, ax)
        places, every = np.arange(len(months) + len(ahead)), [*months.index, *ahead.index]
        drawn = _Drawn(
            ax.bar(places, np.zeros(len(places)), THIN, linewidth=1.0), LineCollection([], colors=INK, linewidths=1.4),
            ax.axhline(bonus, color=QUIET, linewidth=1.2, zorder=3), [], owner_colour(owner), currency,
        )  # fmt: skip
        drawn.whiskers.set_zorder(4)
        ax.add_collection(drawn.whiskers, autolim=False)
        ax.axhline(0, color=QUIET, linewidth=0.9)
        if len(months) and len(ahead):
            ax.axvline(len(months) - 0.5, color=GRID, linewidth=0.8, zorder=0)
        ax.set_xlim(-0.6, len(places) - 0.4)
        ax.set_ylim(0, max(_highest(months, ahead, bonus), most if np.isfinite(most) else 0.0) * ROOM)
        value_axis(ax, "y", "money", currency)
        _DRAWN[ax] = drawn
        _fill(ax, drawn, months, ahead, bonus)
        month_axis(ax, every)
        return head(ax, finding, subtitle)


def move_pay(ax: Axes, months: pd.DataFrame, ahead: pd.DataFrame, bonus: float) -> bool:
    """Show other bonuses of the same months in a chart that `plot_pay` drew; the rest stays, so that it is quick.

    False, and nothing moved, where they leave the paper or would hardly be seen on it: then draw it anew.
    """
    drawn = _DRAWN.get(ax)
    highest, top = _highest(months, ahead, bonus), ax.get_ylim()[1]
    if drawn is None or len(drawn.bars) != len(months) + len(ahead) or not top / 3 < highest < top:
        return False
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_layout_engine("none")
    drawn.full.set_ydata([bonus, bonus])
    with drawing_style():
        _fill(ax, drawn, months, ahead, bonus)
    return True


def _highest(months: pd.DataFrame, ahead: pd.DataFrame, bonus: float) -> float:
    values = floats([bonus, *months["bonus"], *ahead["high"]])
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) and known.max() > 0 else 1.0


def _fill(ax: Axes, drawn: _Drawn, months: pd.DataFrame, ahead: pd.DataFrame, bonus: float) -> None:
    """Heights and looks of the bars, the whiskers, and the label of the full bonus."""
    heights = floats([*months["bonus"], *ahead["mean"]])
    aside = floats([*months["set_aside"], *ahead["set_aside"]]) > SOME
    for place, (bar, height) in enumerate(zip(drawn.bars, heights, strict=True)):
        bar.set_height(np.nan_to_num(height))
        bar.set(**_look(drawn.colour, is_ahead=place >= len(months), hollow=bool(aside[place])))
        bar.set_visible(bool(np.isfinite(height)))
    low, high = floats(list(ahead["low"])), floats(list(ahead["high"]))
    drawn.whiskers.set_segments([
        [(place, bottom), (place, top)] for place, (bottom, top) in enumerate(zip(low, high, strict=True), len(months))
        if np.isfinite([bottom, top]).all()
    ])  # fmt: skip
    for label in drawn.labels:
        label.remove()
    there = len(ax.texts)
    words: list[tuple[float, str, dict[str, Any]]] = [
        (bonus, _("full bonus") + f"\n{brief(bonus, 'money', drawn.currency)}", {"color": QUIET, "fontsize": 10})
    ]
    write_apart(ax, ax.get_xlim()[1], words)
    drawn.labels = list(ax.texts)[there:]


def _look(colour: str, *, is_ahead: bool, hollow: bool) -> dict[str, Any]:
    if is_ahead:
        pale = tuple(1 - PALE * (1 - part) for part in to_rgb(colour))
        return {"facecolor": PAPER if hollow else pale, "edgecolor": colour, "hatch": "////"}
    return {"facecolor": PAPER if hollow else colour, "edgecolor": colour, "hatch": None}
