"""How many people a wave has to ask before a change of a given size can be seen."""

from __future__ import annotations

import math
from statistics import NormalDist

from kpi_helpers.surveys.answers import CONFIDENCE

POWER = 0.8
_Z = NormalDist().inv_cdf


def answers_needed(
    favourable: float, unfavourable: float, rise: float, before: float | None = None, power: float = POWER
) -> float:
    """How many answers (of equal weight) the next wave needs so that a rise of `rise` is found as often as `power`.

    `favourable` and `unfavourable` are the shares of the wave before (`unfavourable` NaN where the measure is a share
    of its own), `rise` the change of the share or of NPS / 100, more than 0; all of it new favourable answers.
    `before` is how many answered before; None: both waves are to be as large. Infinite where no number is enough, for
    too few answered before; NaN where the rise leads beyond 100 %. Two-sided test at 5 %, normal approximation.
    Source: Fleiss, Levin, Paik 2003, Statistical Methods for Rates and Proportions, chapter 4.

    >>> answers_needed(0.5, float("nan"), 0.05)
    1562
    >>> answers_needed(0.5, float("nan"), 0.05, before=180)
    inf
    """
    then, now = _spread(favourable, unfavourable), _spread(favourable + rise, unfavourable)
    if not rise > 0 or math.isnan(now):
        return math.nan
    allowed = (rise / (_Z(0.5 + CONFIDENCE / 2) + _Z(power))) ** 2  # the variance at which the difference shows
    if before is None:
        return math.ceil((then + now) / allowed)
    left = allowed - then / before
    return math.ceil(now / left) if left > 0 else math.inf


def _spread(good: float, bad: float) -> float:
    """The variance of one answer; NaN where there is no such share."""
    if math.isnan(bad):
        return good * (1 - good) if 0 <= good <= 1 else math.nan
    return good + bad - (good - bad) ** 2 if good + bad <= 1 + 1e-9 else math.nan
