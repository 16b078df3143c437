"""Misconceptions that the lesson “Targets: plan, pace, signal or noise” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "equal_twelfths": Misconception(
        N_("a year's goal split by twelve"),
        N_("This is a twelfth of the goal: it treats all months as equal. Were they equal last year?"),
        "goal / 12",
    ),
    "growth_left_out": Misconception(
        N_("last year's month taken for the target"),
        N_("This is what the month brought last year. The goal of the year is higher than last year."),
        "last",
    ),
    "days_share": Misconception(
        N_("a plan to date by calendar days"),
        N_("You treated every day as equal. Weekdays, weekends and holidays do not bring the same: which part is "
           "due by then?"),
        "done - target * day / days",
    ),
    "month_for_date": Misconception(
        N_("the plan of the whole month compared with a part of it"),
        N_("You compared part of a month with the plan for all of it. How much should there be by this date?"),
        "done - target",
    ),
    "season_as_growth": Misconception(
        N_("the season taken for growth"),
        N_("You compared the month with the one before, which lies in another season. Which month lies in the same?"),
        "value / previous - 1",
    ),
    "new_value_as_base": Misconception(
        N_("a change divided by the new value"),
        N_("You divided the change by the new value. Growth in percent is counted from the old one."),
        "(value - before) / value",
    ),
    "chance_as_success": Misconception(
        N_("chance taken for success"),
        N_("Months also rise by themselves. Does this one leave the range in which they usually move?"),
    ),
    "trend_of_two": Misconception(
        N_("two months taken for a trend"),
        N_("Through two points there is always a line. How did the months before them move?"),
    ),
    "no_signal_as_no_effect": Misconception(
        N_("no signal taken for no effect"),
        N_("A small effect would not show in one month among so much chance. Not seen is not the same as not there."),
    ),
}  # fmt: skip
