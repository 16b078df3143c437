"""Misconceptions that the lesson “Budget and diminishing returns” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "average_as_marginal": Misconception(
        N_("the average taken for what comes next"),
        N_("This is the average: it looks back at all the money so far. Asked is what the next money brings."),
        "spend / outcome",
    ),
    "average_after": Misconception(
        N_("the new average taken for the price of the increase"),
        N_("This is the average after the increase: all the money over all that came. What of both is extra?"),
        "spend / outcome",
    ),
    "whole_for_more": Misconception(
        N_("all the money held against the extra results"),
        N_("Below the line stand the extra results, above it all the money. How much of the money is extra?"),
        "spend / more",
    ),
    "proportional_growth": Misconception(
        N_("results expected to grow as the budget does"),
        N_("This is by how much the money grows. Do the results follow it step by step?"),
        "after / before - 1",
    ),
    "whole_as_growth": Misconception(
        N_("the new level taken for the growth"),
        N_("This is the new level as a share of the old one. By how much is it more than before?"),
        "after / before",
    ),
    "all_to_the_best": Misconception(
        N_("everything given to the best channel"),
        N_("So much money no week has seen there. And what does a channel bring when it has it all already?"),
    ),
    "range_left_out": Misconception(
        N_("the middle taken and the range left out"),
        N_("You compared the middles. How sure they are, the ranges beside them say: what do these two ranges do?"),
    ),
    "what_if_as_promise": Misconception(
        N_("a what-if taken for a promise"),
        N_("A curve was learned from past weeks. Who has measured yet that it holds when the money moves?"),
    ),
    "doubt_as_standstill": Misconception(
        N_("nothing done because it is not certain"),
        N_("Nothing is ever certain, so nothing would ever change. What small step would make you surer?"),
    ),
}  # fmt: skip
