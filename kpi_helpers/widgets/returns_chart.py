"""The chart of margins that follows the slider of a view."""

from __future__ import annotations

import pandas as pd
from matplotlib.text import Text

from kpi_helpers.charts.paper import lift_words
from kpi_helpers.charts.returns import move_margins, plot_margins
from kpi_helpers.widgets.live_chart import LiveChart, quick_png

WHOLE = 1.0  # of revenue: no margin is larger, so that the slider never leaves the paper


class ReturnsChart(LiveChart):
    """Shows margins against what is needed; another margin of the same rows only moves the dots."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []

    def show_margins(self, rows: pd.DataFrame, finding: str, subtitle: str) -> None:
        """Draw the rows, or move what is there."""
        names, alt = [*rows["name"], subtitle], f"{finding}. {subtitle}"
        if self._ax is None or names != self._names or not move_margins(self._ax, rows):
            self._names = names
            self.show(plot_margins(rows, finding=finding, subtitle=subtitle, far=WHOLE), alt)
            return
        figure = self._ax.get_figure(root=True)
        assert figure is not None
        for text in figure.findobj(Text):
            if isinstance(text, Text) and text.get_gid() == "finding":
                text.set_text(finding)
        self._caption = lift_words(self._ax)
        self.replace(quick_png(self._ax), alt)

    def clear(self) -> None:
        """Show nothing: there is nothing to draw."""
        self._ax, self._names, self.widget.value = None, [], ""
