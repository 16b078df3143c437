"""Views to explore and to set goals in a notebook: controls, a picture, a table; a still picture without a kernel."""

from kpi_helpers.widgets.channels import ChannelExplorer, explore_channels
from kpi_helpers.widgets.goal_check import GoalCheck, show_smart
from kpi_helpers.widgets.goals import GoalStudio, set_goals
from kpi_helpers.widgets.start import StartPage, open_start

__all__ = [
    "ChannelExplorer", "GoalCheck", "GoalStudio", "StartPage", "explore_channels", "open_start", "set_goals",
    "show_smart",
]  # fmt: skip
