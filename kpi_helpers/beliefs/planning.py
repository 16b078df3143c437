"""A test before it is run: the share as it is now, how many trials and weeks it needs, what it would miss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_helpers.beliefs.evidence import weekly_trials
from kpi_helpers.catalogue import KPIS, expanded, tables_of
from kpi_helpers.differences import CONFIDENCE, detectable, sample_size
from kpi_helpers.history import COMPANY, History
from kpi_helpers.kpis import compute_kpis

POINT = ("value", "low", "high", "numerator", "denominator")
POINTS = 14  # weeks at which the curve is reckoned
SHOWN = (8, 13, 26, 52, 104)  # weeks on a chart: few, so that it is seldom drawn anew
NO_PEOPLE = {"visits", "impressions", "search_impressions", "clicks", "calls", "chats_due", "chats", "requests_due"}


@dataclass(frozen=True)
class Base:
    """A share as it is: `hits` of `trials` over `months` whole months, its 95 % interval, and the trials of a week."""

    key: str
    months: int
    share: float
    low: float
    high: float
    hits: float
    trials: float
    each_week: float

    @property
    def can_be_tested(self) -> bool:
        return 0 < self.share < 1 and self.each_week > 0

    @property
    def counts_no_people(self) -> bool:
        """Whether one person may be several trials."""
        below = expanded(self.key).denominator
        return below is not None and not NO_PEOPLE.isdisjoint(below.names)


def shares_to_test(history: History) -> list[str]:
    """The shares of the catalogue that a test can move here, by owner; none of the same people each month."""
    known = history.keys()
    shares = [key for key in known if KPIS[key].interval == "proportion" and "customer_base" not in tables_of(key)]
    return [key for key in shares if base_of(history, key).can_be_tested]


def base_of(history: History, key: str, scope: str = COMPANY, months: int = 3) -> Base:
    """The share over the last whole months, sum over sum; NaN where a month is not known."""
    held = history.past.held(key, scope).tail(months)
    sums = held.sum(skipna=False).to_frame().T if len(held) else held
    if sums.empty:
        return Base(key, 0, math.nan, math.nan, math.nan, math.nan, math.nan, math.nan)
    row = compute_kpis(sums, [key]).iloc[0]
    share, low, high, hits, trials = (float(row[name]) for name in POINT)
    return Base(key, len(held), share, low, high, hits, trials, weekly_trials(history, key, scope, months))


@dataclass(frozen=True)
class Plan:
    """A test of a share against the base: `apart` of the trials are without the change (0.5: half)."""

    base: Base
    hoped: float
    power: float = 0.8
    apart: float = 0.5

    @property
    def ratio(self) -> float:
        """Trials with the change for each one without."""
        return (1 - self.apart) / self.apart

    def groups(self) -> tuple[int, int]:
        """How many trials without the change and with it; KitError where they cannot be told apart."""
        return sample_size(self.base.share, self.hoped, self.power, self.ratio)

    def weeks(self) -> float:
        """How long this company takes for both groups."""
        without, with_it = self.groups()
        return max(without / self.apart, with_it / (1 - self.apart)) / self.base.each_week

    def found_in(self, weeks: float) -> tuple[float, float]:
        """The nearest shares below and above the base that are found in so many weeks; NaN where none would be."""
        trials = self.base.each_week * weeks * self.apart
        if trials < 1:
            return math.nan, math.nan
        return detectable(self.base.share, trials, self.power, self.ratio)

    def curve(self, longest: int) -> pd.DataFrame:
        """`found_in` by weeks, up to the longest."""
        weeks = np.unique(np.round(np.geomspace(1, longest, POINTS)).astype(int))
        rows = [self.found_in(float(week)) for week in weeks]
        return pd.DataFrame(rows, index=pd.Index(weeks, name="weeks"), columns=["low", "high"])


def weeks_shown(needed: float, chosen: int) -> int:
    """How many weeks a chart of the test shows: those needed and chosen, as far as they fit."""
    return next((weeks for weeks in SHOWN if weeks >= max(needed, chosen)), SHOWN[-1])


def chance_of_any(tests: int) -> float:
    """The chance that at least one of so many tests finds something where there is nothing.

    >>> round(chance_of_any(5), 3)
    0.226
    """
    return 1 - CONFIDENCE**tests
