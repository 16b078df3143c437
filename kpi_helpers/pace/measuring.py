"""The pace of a month: done, planned to date, landing with its interval and chance, and what is needed a day.

Everything speaks of the sum that the exports will show at the month's end. A day that is NaN is unknown: it counts in
no rate and in no plan to date, and nothing is filled in for it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.formula import Formula
from kpi_helpers.pace.days import Days, learn_weights, read_days
from kpi_helpers.pace.landing import BOUNDS, Landing, land
from kpi_helpers.pace.plan import plan_weights


@dataclass(frozen=True)
class Pace:
    """A month on a day. Amounts in the series' unit, shares as fractions; what is not known is NaN."""

    month: pd.Timestamp  # its first day
    last: pd.Timestamp  # the last day that the data speak of, at most the month's last
    done: float  # in the days known; of a ratio, its value to date
    days_done: int  # of the month, passed
    days_left: int
    days_unknown: int  # of those passed: an outage
    plan_to_date: float  # what the plan asks of the known days passed; of a ratio, the target
    landing: float  # expected at the month's end
    low: float  # the 80 % interval of the landing
    high: float
    chance: float  # of reaching the target
    needed_a_day: float  # of each day left, 0 where the target is reached; of a ratio, its value in the rest
    needed_a_working_day: float  # of a usual working day, weaker days bringing less; NaN for a ratio
    so_far_a_day: float  # of the known days; of a ratio, its value to date
    so_far_a_working_day: float
    method: str  # "weekdays", "run_rate", "finished", "none"
    reason: str  # "better", "not_better", "untested", "finished", "not_begun", "too_early", "no_days"
    coverage: float  # share of the tests whose month lay in the interval made on that day
    tests: int  # past months, each judged by those before it
    draws: np.ndarray = field(repr=False, compare=False, default_factory=lambda: np.empty(0))  # of the landing

    def chance_of(self, target: float, better: str = "higher") -> float:
        """The share of landings at the target or on its better side; NaN where there are none."""
        if not len(self.draws) or not np.isfinite(target):
            return np.nan
        return float(np.mean(self.draws <= target if better == "lower" else self.draws >= target))


def measure_pace(
    daily: pd.Series,
    month: date,
    *,
    target: float = np.nan,
    holidays: Collection[date] = frozenset(),
    worked: Collection[date] = frozenset(),
    better: str = "higher",
) -> Pace:
    """The pace of a KPI that is a sum.

    `daily`: by day, history included, to the last day known; NaN is unknown, a day without row is zero. `holidays` and
    `worked` (weekends that are worked) of history and month. Where lower is better the target is a limit: then
    needed_a_day is what each day left may bring at most.
    """
    days = read_days(daily, month, holidays, worked)
    landed = land(days, lambda _done, rest: float(rest[0]))
    done, known = float(landed.done[0]), ~np.isnan(days.values[days.start :, 0])
    working_days = _in_working_days(days)
    needed = float(np.maximum(target - done, 0.0))
    return _pace(
        days,
        landed,
        done,
        landed.draws + done,
        (target, better),
        plan_to_date=target * _share_planned(days, known),
        landing=done + landed.expected,
        needed_a_day=_over(needed, days.left),
        needed_a_working_day=_over(needed, working_days[days.passed :].sum()),
        so_far_a_day=_over(done, known.sum()),
        so_far_a_working_day=_over(done, working_days[: days.passed][known].sum()),
    )


def measure_pace_of_ratio(
    daily: pd.DataFrame,
    formula: Formula,
    month: date,
    *,
    target: float = np.nan,
    holidays: Collection[date] = frozenset(),
    worked: Collection[date] = frozenset(),
    better: str = "higher",
) -> Pace:
    """The pace of a ratio, through its measures: sum over sum of the days on which all of them are known.

    `daily` has a column by day for each measure of the formula. The interval comes from what the ratio itself did in
    past months, so that measures that move together stay together.
    """

    def value(sums: np.ndarray, of: Formula | None = formula) -> float:
        try:
            return float(of.evaluate(dict(zip(formula.names, map(float, sums), strict=True)))) if of else np.nan
        except ZeroDivisionError:
            return np.nan

    days = read_days(daily[list(formula.names)], month, holidays, worked)
    landed = land(days, lambda done, rest: value(done + rest))
    below = formula.denominator
    wanted = target * value(landed.done + landed.rest, below) - value(landed.done, formula.numerator)
    to_date = value(landed.done)
    return _pace(
        days,
        landed,
        to_date,
        landed.draws,
        (target, better),
        plan_to_date=target,
        landing=landed.expected,
        needed_a_day=_over(wanted, value(landed.rest, below)),
        needed_a_working_day=np.nan,
        so_far_a_day=to_date,
        so_far_a_working_day=np.nan,
    )


def _pace(
    days: Days, landed: Landing, done: float, draws: np.ndarray, goal: tuple[float, str], **amounts: float
) -> Pace:
    low, high = np.quantile(draws, BOUNDS) if len(draws) else (np.nan, np.nan)
    pace = Pace(
        month=days.first + pd.Timedelta(days=days.start),
        last=days.first + pd.Timedelta(days=days.known - 1),
        done=done,
        days_done=days.passed,
        days_left=days.left,
        days_unknown=int(np.isnan(days.values[days.start :]).any(axis=1).sum()),
        low=float(low),
        high=float(high),
        chance=np.nan,
        method=landed.method,
        reason=landed.reason,
        coverage=landed.coverage,
        tests=landed.tests,
        draws=draws,
        **amounts,
    )
    return replace(pace, chance=pace.chance_of(*goal))


def _in_working_days(days: Days) -> np.ndarray:
    """Each day of the month counted in usual working days, the average from Monday to Friday being one."""
    weights = learn_weights(days.values[:, 0], days.kinds)
    usual = weights[:5].mean()
    return weights[days.kinds[days.start :]] / usual if usual > 0 else np.full(days.passed + days.left, np.nan)


def _share_planned(days: Days, known: np.ndarray) -> float:
    weights = plan_weights(days)
    return _over(weights[: len(known)][known].sum(), weights.sum())


def _over(amount: float, number: float) -> float:
    return float(amount / number) if number else np.nan
