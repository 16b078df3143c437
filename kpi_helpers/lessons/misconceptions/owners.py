"""Misconceptions that the lesson “Who owns which number” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "all_change_to_marketing": Misconception(
        N_("the whole change laid to marketing"),
        N_("This puts the whole change down to marketing. How much of it came from the number of leads, and how "
           "much from the share that qualified?"),
        "after - before",
    ),
    "all_change_to_sales": Misconception(
        N_("the whole change laid to sales"),
        N_("This puts the whole change down to sales. What would have changed if the same share had qualified as "
           "before?"),
    ),
    "quantity_alone": Misconception(
        N_("leads counted without asking which are any good"),
        N_("This counts leads, good and empty alike. How many of them would have qualified?"),
        "after - before",
    ),
    "change_halved": Misconception(
        N_("the change simply halved between two owners"),
        N_("This gives each owner half of the change, whatever either of them did. What did each really change?"),
        "(after - before) / 2",
    ),
    "one_months_rate": Misconception(
        N_("the rate of one month taken for both"),
        N_("You valued the leads at the rate of one month only. Then what both moved together is put down to one "
           "of them alone."),
        "more * rate",
    ),
    "due_without_hours": Misconception(
        N_("minutes counted while the office is closed"),
        N_("This counts every minute of the clock. Who could have answered at that hour?"),
    ),
    "day_off_as_working_day": Misconception(
        N_("a day off counted as a working day"),
        N_("On that day the office is closed. Look at the weekday, and at the public holidays."),
    ),
    "no_first_hour": Misconception(
        N_("a request of the night treated like one of the day"),
        N_("This is the rule for what comes in during working hours. Another one holds for what is waiting when "
           "the office opens."),
    ),
    "answered_only": Misconception(
        N_("requests without an answer left out"),
        N_("You counted only the requests that got an answer. What about those that nobody answered?"),
        "in_time / (in_time + late)",
    ),
    "any_answer_counts": Misconception(
        N_("late answers counted as good ones"),
        N_("This is the share that got any answer at all. How many got it in time?"),
        "(in_time + late) / (in_time + late + never)",
    ),
    "anothers_number": Misconception(
        N_("somebody paid for the number of another"),
        N_("This number is moved mostly by others, and nothing else would be paid for. What can the one who is paid do "
           "about it?"),
    ),
    "step_pays_luck": Misconception(
        N_("all or nothing, where chance decides"),
        N_("With all or nothing, a single lead more or less decides everything, and that is often chance."),
    ),
}  # fmt: skip
