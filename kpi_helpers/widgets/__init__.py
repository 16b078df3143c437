"""Views to explore and to set goals in a notebook: controls, a picture and a table. Pictures stay where no kernel runs."""

from kpi_helpers.widgets.channels import ChannelExplorer, explore_channels
from kpi_helpers.widgets.goals import GoalSetter, set_goals

__all__ = ["ChannelExplorer", "GoalSetter", "explore_channels", "set_goals"]
