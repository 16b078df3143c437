"""Misconceptions that the lesson “Do you believe this study?” answers."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception


def one_group_only(each: float, a_week: float) -> float:
    return -(-each // a_week)


def survivors_only(changes: Sequence[float]) -> float:
    rises = [change for change in changes if change > 0]
    return sum(rises) / len(rises)


def falls_as_zero(changes: Sequence[float]) -> float:
    return sum(change for change in changes if change > 0) / len(changes)


TABLE = {
    "one_group_only": Misconception(
        N_("the second group of a test forgotten"),
        N_("These are the weeks of one group. The group without the change needs its visits from the same weeks."),
        one_group_only,
    ),
    "claim_in_points": Misconception(
        N_("a claim in percent read in points"),
        N_("You added percentage points. The small print speaks of percent of the present value."),
        "base + by",
    ),
    "gain_as_level": Misconception(
        N_("the gain taken for the new level"),
        N_("This is only what would be gained. The question is where the share would stand afterwards."),
        "base * by",
    ),
    "survivors_only": Misconception(
        N_("only those counted who stayed"),
        N_("You counted those that the study shows. Who is no longer in it, and how did they fare?"),
        survivors_only,
    ),
    "falls_as_zero": Misconception(
        N_("falls counted as nothing"),
        N_("You counted those that fell, but not how far they fell."),
        falls_as_zero,
    ),
    "before_and_after": Misconception(
        N_("before and after taken for proof"),
        N_("The months before differ by season, prices and luck, and a bad month is mostly followed by a better one. "
           "Who goes without it at the same time?"),
    ),
    "volunteers_compared": Misconception(
        N_("groups that chose themselves"),
        N_("People who want it differ from those who do not, before anything has begun. Who should decide who gets "
           "it?"),
    ),
    "test_too_short": Misconception(
        N_("a test too short for the claim"),
        N_("A test this short does not gather as many as each group needs. Count again how long both groups take."),
    ),
    "stopped_when_it_shows": Misconception(
        N_("a test stopped when it shows something"),
        N_("Whoever looks every day and stops at the first difference finds one by chance sooner or later."),
    ),
    "best_of_many": Misconception(
        N_("the best of many KPIs taken for the result"),
        N_("Among ten KPIs, one or another nearly always rises by chance. Which one had been promised?"),
    ),
}  # fmt: skip
