"""Plans from goals: solve a formula for what is asked, reckon backward from a goal, find goals that cannot hold."""

from kpi_helpers.planning.conflicts import MARGIN_SHARE, Conflict, find_conflicts
from kpi_helpers.planning.solving import Step, follow, out_of_bounds, plan_backward, solve

__all__ = [
    "MARGIN_SHARE", "Conflict", "Step", "find_conflicts", "follow", "out_of_bounds", "plan_backward", "solve",
]  # fmt: skip
