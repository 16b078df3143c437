"""The chart of bonuses that follows the sliders of a scheme."""

from __future__ import annotations

from typing import Any

from matplotlib.text import Text

from kpi_helpers.charts.paper import lift_words
from kpi_helpers.charts.pay import move_pay
from kpi_helpers.pay import Pay, both_sides
from kpi_helpers.pay.pieces import pay_chart, pay_frames
from kpi_helpers.pay.words import chart_words, finding_words
from kpi_helpers.widgets.live_chart import LiveChart, quick_png


class PayChart(LiveChart):
    """Shows what a scheme would have paid and may pay; another scheme of the same months only moves the bars."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[Any, ...] = ()

    def show_pay(self, pay: Pay, currency: str) -> None:
        """Draw the bonuses, or move the bars that are there."""
        months, ahead = pay_frames(pay)
        drawn = (pay.scheme.owner, *months.index, *ahead.index)
        if self._ax is None or drawn != self._drawn or not move_pay(self._ax, months, ahead, pay.scheme.bonus):
            self._drawn = drawn
            self.show(*pay_chart(pay, currency))
            return
        finding = finding_words(pay, both_sides(pay), currency)
        self._say(finding, chart_words(pay))
        self.replace(quick_png(self._ax), finding)

    def _say(self, finding: str, subtitle: str) -> None:
        """Other words above the same picture."""
        assert self._ax is not None
        figure = self._ax.get_figure(root=True)
        assert figure is not None
        said = {"finding": finding, "subtitle": subtitle}
        for text in figure.findobj(Text):
            if isinstance(text, Text) and text.get_gid() in said:
                text.set_text(said[str(text.get_gid())])
        self._caption = lift_words(self._ax)
