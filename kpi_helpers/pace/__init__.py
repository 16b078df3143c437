"""Pace: where a month stands, where it should stand, where it will land, and what each day left must bring."""

from kpi_helpers.calendars import holidays_of, worked_weekends_of
from kpi_helpers.pace.days import days_of
from kpi_helpers.pace.landing import LEVEL
from kpi_helpers.pace.measuring import Pace, measure_pace, measure_pace_of_ratio
from kpi_helpers.pace.plan import compare_like_for_like, plan_by_day

__all__ = [
    "LEVEL", "Pace", "compare_like_for_like", "days_of", "holidays_of", "measure_pace", "measure_pace_of_ratio",
    "plan_by_day", "worked_weekends_of",
]  # fmt: skip
