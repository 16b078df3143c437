"""Misconceptions that the lesson “Conversion and its denominators” answers."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception


def mean_of_ratios(above: Sequence[float], below: Sequence[float]) -> float:
    return sum(one / of for one, of in zip(above, below, strict=True)) / len(above)


def rates_added(above: Sequence[float], below: Sequence[float]) -> float:
    return sum(one / of for one, of in zip(above, below, strict=True))


TABLE = {
    "mean_of_ratios": Misconception(
        N_("the mean of percentages taken for the whole"),
        N_("You took the mean of the percentages. That counts a small part as much as a large one."),
        mean_of_ratios,
    ),
    "rates_added": Misconception(
        N_("percentages added up"),
        N_("You added percentages. They are parts of different wholes: two halves of two cakes are not one cake."),
        rates_added,
    ),
    "percent_for_points": Misconception(
        N_("percent taken for percentage points"),
        N_("This is a change in percent of the earlier share. Points are the plain difference of the two shares."),
        "(share - share_before) / share_before",
    ),
    "visits_for_visitors": Misconception(
        N_("visits taken for visitors"),
        N_("This is over visits. One visitor can visit several times: which line counts people?"),
        "actions / visits",
    ),
    "sum_of_uniques": Misconception(
        N_("visitors added up over days"),
        N_("Added up over days, whoever came on five days is five people. Is there a line that counts them once?"),
        "actions / added",
    ),
    "total_like_parts": Misconception(
        N_("the total expected to move as its parts do"),
        N_("A total also changes with the weight of its parts. What else changed between the months?"),
    ),
    "mix_for_parts": Misconception(
        N_("the mix blamed for what the parts did"),
        N_("The mix can only explain what the parts do not. Compare the shares of the visits in both months."),
    ),
    "denominator_swapped": Misconception(
        N_("another denominator for a better number"),
        N_("Then this month can no longer be compared with the last one. A denominator stays as it is."),
    ),
}  # fmt: skip
