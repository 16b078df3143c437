"""Room on the paper for what stands beside the axes: tick labels, words at the end of a line, titles."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase

ASIDE, ABOVE = 0.03, 0.06  # inches of white at the sides, and above and below
_TITLES: tuple[Literal["left", "center", "right"], ...] = ("left", "center", "right")
_STEADY = 1.0  # dots: overhangs that differ by less are the same


class Margins(ConstrainedLayoutEngine):
    """Gives the only axes of a figure all the paper that nothing beside them needs; several axes are constrained.

    The constrained layout would measure everything twice and solve equations; one measurement is enough here, unless
    what stands beside the axes hangs over by more or less once they have moved.
    """

    _adjust_compatible = True  # with subplots_adjust, which places the axes here

    def __init__(self) -> None:
        super().__init__(w_pad=ASIDE, h_pad=ABOVE)
        self.aside: tuple[float, float] | None = None

    def execute(self, fig: Figure) -> None:
        if len(fig.axes) != 1:
            super().execute(fig)
            return
        before, self.aside = self.aside, _fit(fig)
        if before and max(abs(old - new) for old, new in zip(before, self.aside, strict=True)) > _STEADY:
            self.aside = _fit(fig)


def lay_out(figure: Figure) -> None:
    """Put everything in its place, so that room can be measured, without the pains of drawing."""
    layout = figure.get_layout_engine()
    if layout:
        layout.execute(figure)
    else:
        figure.draw_without_rendering()


def hang_left(ax: Axes) -> float:
    """How far labels hang over the left edge of the axes, in dots, when the figure is laid out."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    layout = figure.get_layout_engine()
    if isinstance(layout, Margins) and len(figure.axes) == 1 and layout.aside:
        return layout.aside[0]
    labels = ax.get_tightbbox()
    return ax.get_window_extent().x0 - labels.x0 if labels else 0.0


def _fit(figure: Figure) -> tuple[float, float]:
    """Move the axes to where all that hangs over them is on the paper; returns the overhangs at both sides."""
    (ax,), paper = figure.axes, figure.bbox
    inner = ax.get_window_extent()
    outer = _reach(ax)
    left, right, below, above = inner.x0 - outer.x0, outer.x1 - inner.x1, inner.y0 - outer.y0, outer.y1 - inner.y1
    x, y = ASIDE * figure.dpi, ABOVE * figure.dpi
    room = {
        "left": (left + x) / paper.width, "right": 1 - (right + x) / paper.width,
        "bottom": (below + y) / paper.height, "top": 1 - (above + y) / paper.height,
    }  # fmt: skip
    if room["left"] < room["right"] and room["bottom"] < room["top"]:
        figure.subplots_adjust(**room)
    return left, right


def _reach(ax: Axes) -> BboxBase:
    """The axes with all that stands beside them; where an axis has a name or the axes a title, as matplotlib has it."""
    names = [ax.xaxis.label.get_text(), ax.yaxis.label.get_text(), *(ax.get_title(place) for place in _TITLES)]
    if any(names):
        return ax.get_tightbbox(for_layout_only=True) or ax.get_window_extent()
    labels = [label for axis in (ax.xaxis, ax.yaxis) if ax.axison for label in _tick_labels(axis)]
    boxes = [artist.get_tightbbox() for artist in (*labels, *ax.get_default_bbox_extra_artists())]
    seen = [box for box in boxes if box is not None and (box.width or box.height) and np.isfinite(box.extents).all()]
    return Bbox.union([ax.get_window_extent(), *seen])


def _tick_labels(axis: Axis) -> list[Text]:
    """The labels of the ticks within the view; `Axis.get_tightbbox` would measure each of them twice."""
    low, high = sorted(axis.get_view_interval())
    near = (high - low) * 1e-9
    ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
    return [label for place, label in ticks if low - near <= place <= high + near]
