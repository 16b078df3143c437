"""Misconceptions that the lesson “Budget and diminishing returns” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "average_as_marginal": Misconception(
        N_("the average taken for what comes next"),
        N_("This is the average: it looks back at all the money so far. The question is what the next money brings."),
        "spend / outcome",
    ),
    "average_after": Misconception(
        N_("the new average taken for the price of the increase"),
        N_("This is the average after the increase: all the money over all the results. How much of each is extra?"),
        "spend / outcome",
    ),
    "whole_for_more": Misconception(
        N_("all the money divided by the extra results"),
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
        N_("No week has ever seen so much money there. And what does more money bring where there is already a lot?"),
    ),
    "range_left_out": Misconception(
        N_("the middle taken and the range left out"),
        N_("You compared the middles. Look at the range of the difference: on which side of zero does it lie?"),
    ),
    "overlap_as_tie": Misconception(
        N_("two ranges that overlap taken for a tie"),
        N_("Two ranges may overlap, or be wide, and still one channel is ahead. What does the range of the difference "
           "say?"),
    ),
    "what_if_as_promise": Misconception(
        N_("a what-if taken for a promise"),
        N_("The curves come from past weeks. Has anybody measured that they still hold once money has moved?"),
    ),
    "doubt_as_standstill": Misconception(
        N_("nothing done because it is not certain"),
        N_("Nothing is ever certain, so nothing would ever change. What small step would make you surer?"),
    ),
}  # fmt: skip
