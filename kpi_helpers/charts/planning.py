"""A planned test: the smallest difference that it finds, by how long it runs."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import value_axis, write_apart
from kpi_helpers.labels import write_value
from kpi_helpers.language import _
from kpi_helpers.palette import ACCENT, INK, QUIET

ROOM = 0.08  # of the range of shares, above and below the curves
EARLY = 12  # the first twelfth of the weeks need not fit the paper: there the curve is steep


@dataclass
class _Drawn:
    """What moves when another share is hoped for, or the test runs longer."""

    effects: pd.DataFrame
    base: float
    hoped: Line2D
    weeks: Line2D
    dots: Line2D
    labels: list[Text]


_DRAWN: WeakKeyDictionary[Axes, _Drawn] = WeakKeyDictionary()


def plot_detectable(
    effects: pd.DataFrame, base: float, hoped: float, weeks: float, *, finding: str = "", subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The nearest shares above and below `base` that a test finds, by weeks; what lies between them it may miss.

    `effects`: `low` and `high` by weeks (the index), NaN where no share would be found. `hoped`: the share hoped for, a
    dashed line; `weeks`: how long the test runs, a dotted line with the two shares of that time as dots.
    """
    with drawing_style():
        ax = new_axes(3.3, ax)
        at, low, high = _curves(effects)
        ax.fill_between(at, np.nan_to_num(low, nan=0.0), np.nan_to_num(high, nan=1.0), color=ACCENT, alpha=0.1, lw=0)
        for side in (low, high):
            ax.plot(at, side, color=ACCENT, linewidth=2)
        ax.axhline(base, color=QUIET, linewidth=1.0)
        drawn = _Drawn(
            effects, base, ax.axhline(hoped, color=INK, linewidth=1.2, linestyle="--"),
            ax.axvline(weeks, color=INK, linewidth=1.0, linestyle=":"),
            ax.plot([], [], "o", color=ACCENT, markersize=6)[0], [],
        )  # fmt: skip
        ax.set_xlim(at[0], at[-1])
        ax.set_ylim(*_limits(effects, base, hoped, weeks))
        ax.set_xlabel(_("weeks of the test"), color=QUIET, fontsize=10.5)
        value_axis(ax, "y", "share", "")
        _DRAWN[ax] = drawn
        _place(ax, drawn, hoped, weeks)
        return head(ax, finding, subtitle)


def move_detectable(ax: Axes, hoped: float, weeks: float) -> bool:
    """Hope for another share, or let the test run longer, in a chart that `plot_detectable` drew; the rest stays.

    False, and nothing moved, where it would leave the paper: then draw it anew.
    """
    drawn, (bottom, top) = _DRAWN.get(ax), ax.get_ylim()
    if drawn is None or not (bottom <= hoped <= top and ax.get_xlim()[0] <= weeks <= ax.get_xlim()[1]):
        return False
    if not all(bottom <= share <= top for share in _found(drawn.effects, weeks)):
        return False
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.set_layout_engine("none")
    with drawing_style():
        _place(ax, drawn, hoped, weeks)
    return True


def _curves(effects: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    low, high = (effects[name].to_numpy(dtype=float) for name in ("low", "high"))
    return effects.index.to_numpy(dtype=float), low, high


def _found(effects: pd.DataFrame, weeks: float) -> list[float]:
    """The known ones of both shares that are found in so many weeks."""
    at, *sides = _curves(effects)
    shares = [float(np.interp(weeks, at, side)) for side in sides]
    return [share for share in shares if np.isfinite(share)]


def _limits(effects: pd.DataFrame, base: float, hoped: float, weeks: float) -> tuple[float, float]:
    at, low, high = _curves(effects)
    seen = at >= at[-1] / EARLY
    shares = np.array([*low[seen], *high[seen], base, hoped, *_found(effects, weeks)])
    least, most = float(np.nanmin(shares)), float(np.nanmax(shares))
    room = ROOM * (most - least)
    return max(least - room, 0.0), min(most + room, 1.0)


def _place(ax: Axes, drawn: _Drawn, hoped: float, weeks: float) -> None:
    found = _found(drawn.effects, weeks)
    drawn.hoped.set_ydata([hoped, hoped])
    drawn.weeks.set_xdata([weeks, weeks])
    drawn.dots.set_data([weeks] * len(found), found)
    for label in drawn.labels:
        label.remove()
    there = len(ax.texts)
    write_apart(ax, ax.get_xlim()[1], [
        (drawn.base, f"{_('today')}\n{write_value(drawn.base, 'share')}", {"color": QUIET, "fontsize": 10}),
        (hoped, f"{_('hoped for')}\n{write_value(hoped, 'share')}", {"fontsize": 10}),
    ])  # fmt: skip
    drawn.labels = list(ax.texts)[there:]
