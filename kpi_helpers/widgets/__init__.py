"""Views to explore and to set goals in a notebook: controls, a picture, a table; a still picture without a kernel."""

from kpi_helpers.widgets.channels import ChannelExplorer, explore_channels
from kpi_helpers.widgets.goals import GoalStudio, set_goals
from kpi_helpers.widgets.start import StartPage, open_start

__all__ = ["ChannelExplorer", "GoalStudio", "StartPage", "explore_channels", "open_start", "set_goals"]
