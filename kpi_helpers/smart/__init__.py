"""The SMART check of goals: words and next steps from the goal itself, the exports and the forecast."""

from kpi_helpers.smart.checks import LETTERS, Check, check_smart, goal_words
from kpi_helpers.smart.evidence import Evidence, gather_evidence
from kpi_helpers.smart.reach import Reach, judge_reach

__all__ = [
    "LETTERS", "Check", "Evidence", "Reach", "check_smart", "gather_evidence", "goal_words",
    "judge_reach",
]  # fmt: skip
