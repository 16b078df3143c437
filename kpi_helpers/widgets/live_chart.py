"""A chart whose goal follows a slider: the figure is drawn once, after that only its goal moves."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from PIL import Image

from kpi_helpers.charts import move_goal
from kpi_helpers.charts.margins import Margins
from kpi_helpers.widgets.view import Picture

COLOURS = 128
NEARLY_WHITE = 248  # of 255: what few colours make of white


class LiveChart(Picture):
    """Shows the axes of `plot_forecast`; `follow` moves their goal in a fraction of the time."""

    def follow(self, goal: pd.Series, alt: str) -> bool:
        """Move the goal; False where it would leave the paper: then the chart must be drawn anew."""
        if self._ax is None or not move_goal(self._ax, goal):
            return False
        self.replace(quick_png(self._ax), alt)
        return True

    def still(self) -> str:
        if self._ax is not None:
            self._ax.get_figure(root=True).set_layout_engine(Margins())  # type: ignore[union-attr]
        return super().still()


def quick_png(ax: Axes) -> bytes:
    """The figure as a picture of few colours, in a fraction of the time that a report's takes."""
    figure: Any = ax.get_figure(root=True)
    figure.canvas.draw()
    raw = io.BytesIO()
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.putpalette([255 if part >= NEARLY_WHITE else part for part in few.getpalette() or ()])  # the paper stays white
    few.save(raw, "PNG", compress_level=1)
    return raw.getvalue()
