"""Misconceptions that the lesson “Goals before numbers” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "wish_as_goal": Misconception(
        N_("a wish taken for a goal"),
        N_("Nobody could say in a year whether this came true. What in it could be counted, and until when?"),
    ),
    "year_or_last_month": Misconception(
        N_("a growth without saying what it is counted on"),
        N_("The sentence can be read in several ways, and they differ widely. On what is the growth counted?"),
    ),
    "goal_nobody_moves": Misconception(
        N_("a goal that nobody can move alone"),
        N_("This is a result of many hands: nobody moves it alone, so nobody can be held to it. What is it made of, "
           "and who moves which part?"),
    ),
    "goal_of_another": Misconception(
        N_("a goal in the hands of another department"),
        N_("The owner named here does not move this KPI. Whose daily work changes it?"),
    ),
    "goal_of_all": Misconception(
        N_("a goal that all answer for together"),
        N_("Where all answer for it together, nobody does. Who can move this KPI alone?"),
    ),
    "metric_as_goal": Misconception(
        N_("a metric taken for a KPI"),
        N_("This number can grow without any use to the company: robots and chance visitors count, too. What should "
           "come of it?"),
    ),
    "goal_without_baseline": Misconception(
        N_("a goal without a starting point"),
        N_("Without a starting point nobody sees how far the target is, nor how much of the way is done."),
    ),
    "goal_without_deadline": Misconception(
        N_("a goal without a deadline"),
        N_("“As soon as possible” is never late. By which day can it be said whether the goal was met?"),
    ),
    "goal_too_far": Misconception(
        N_("a deadline too far to steer by"),
        N_("By then nobody remembers the goal. Which part of the way can be checked sooner?"),
    ),
    "goal_too_late": Misconception(
        N_("a goal that comes due after it is wanted"),
        N_("The director wants to see it sooner. By which day was the goal asked for?"),
    ),
    "goal_too_easy": Misconception(
        N_("a goal that would come by itself"),
        N_("The forecast reaches this almost surely, whatever anybody does. What would have to be done for more?"),
    ),
    "beyond_all_history": Misconception(
        N_("a goal beyond all history"),
        N_("Nothing in the history or the forecast speaks for this. Compare it with the best there was."),
    ),
    "percent_or_points": Misconception(
        N_("a change of a share with two meanings"),
        N_("A change of a share in “%” can be read in two ways: percent of it, or percentage points."),
    ),
    "last_month_for_year": Misconception(
        N_("the last month taken for the year"),
        N_("This is where the last month would be. The goal counts twelve months together."),
        "last_month * (1 + growth)",
    ),
    "last_month_twelvefold": Misconception(
        N_("one month twelve times taken for a year"),
        N_("This takes every month to be like the last one. Which line already holds the busy and the quiet months?"),
        "12 * last_month * (1 + growth)",
    ),
    "growth_as_target": Misconception(
        N_("the growth taken for the target"),
        N_("This is only what is to be added. The target is where the KPI stands in the end."),
        "base * growth",
    ),
    "percent_of_share": Misconception(
        N_("percent of a share taken where points are meant"),
        N_("You took percent of the share. The goal speaks of points: what are they added to?"),
        "base * (1 + by)",
    ),
    "points_on_share": Misconception(
        N_("points added where percent of a share are meant"),
        N_("You added percentage points. The goal speaks of a part of the present value."),
        "base + by",
    ),
    "number_before_goal": Misconception(
        N_("numbers chosen before the goal"),
        N_("A number comes first here, before anybody said what it is for. How would you know that it is the right "
           "one?"),
    ),
    "target_before_start": Misconception(
        N_("a target set before its starting point is known"),
        N_("Here a target is set before it is known which number it is about and where that stands today."),
    ),
    "watched_before_set": Misconception(
        N_("watching without a target"),
        N_("Here something is watched before it is said what it should be. What would it be compared with?"),
    ),
}  # fmt: skip
