"""The chart of a planned test, which follows two sliders: drawn once, after that only its marks and words move."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.text import Text

from kpi_helpers.beliefs.planning import Plan
from kpi_helpers.charts.paper import lift_words
from kpi_helpers.charts.planning import move_detectable, plot_detectable
from kpi_helpers.widgets.live_chart import LiveChart, quick_png


class PlanChart(LiveChart):
    """Shows `plot_detectable`; anew only where the curve itself is another."""

    def __init__(self) -> None:
        super().__init__()
        self._of: tuple[object, ...] = ()

    def show_plan(self, plan: Plan, weeks: int, longest: int, finding: str, subtitle: str) -> None:
        """Show the plan over so many weeks; `finding` is the title, `subtitle` says what the share is."""
        shown = (plan.base, plan.power, plan.apart, longest, subtitle)
        if shown == self._of and self._ax is not None and move_detectable(self._ax, plan.hoped, weeks):
            _retitle(self._ax, finding)
            self._caption = lift_words(self._ax)
            self.replace(quick_png(self._ax), f"{finding}. {subtitle}")
            return
        self._of = shown
        ax = plot_detectable(plan.curve(longest), plan.base.share, plan.hoped, weeks, finding=finding,
                             subtitle=subtitle)  # fmt: skip
        self.show(ax, f"{finding}. {subtitle}")


def _retitle(ax: Axes, finding: str) -> None:
    figure = ax.get_figure(root=True)
    assert figure is not None
    for text in figure.findobj(Text):
        if text.get_gid() == "finding":
            text.set_text(finding)
