"""Service levels: when an answer was due in working hours, whether it came in time, how long it took, and when not."""

from kpi_helpers.service.due import due_times, working_time
from kpi_helpers.service.levels import answer_table, by_hour, by_hour_and_weekday, by_weekday
from kpi_helpers.service.marks import mark_answers
from kpi_helpers.service.week import WorstHours, worst_hours

__all__ = [
    "WorstHours", "answer_table", "by_hour", "by_hour_and_weekday", "by_weekday", "due_times", "mark_answers",
    "working_time", "worst_hours",
]  # fmt: skip
