"""Goals: read from a table, checked row by row, held against values."""

from kpi_helpers.goals.columns import BASIC, COLUMNS, COUNTS, DERIVED, HEADINGS, PROFILES, SCOPES, name_columns
from kpi_helpers.goals.final import FINAL_GOALS, FinalGoal, find_final_goal, suggest_kpis
from kpi_helpers.goals.numbers import NO_LIMIT, count_months, month_end, read_period
from kpi_helpers.goals.reading import check_goals, resolve_target, sort_goals, span_of
from kpi_helpers.goals.standing import CLOSE, goal_for, judge_status
from kpi_helpers.goals.targets import may_be_negative
from kpi_helpers.goals.writing import read_yaml, write_goals

__all__ = [
    "BASIC", "CLOSE", "COLUMNS", "COUNTS", "DERIVED", "FINAL_GOALS", "HEADINGS", "NO_LIMIT", "PROFILES", "SCOPES",
    "FinalGoal", "check_goals", "count_months", "find_final_goal", "goal_for", "judge_status", "may_be_negative",
    "month_end", "name_columns", "read_period", "read_yaml", "resolve_target", "sort_goals", "span_of",
    "suggest_kpis", "write_goals",
]  # fmt: skip
