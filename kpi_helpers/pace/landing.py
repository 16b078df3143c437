"""Landing: what the rest of a month will bring, by a method that proved itself on the company's own months.

A trial is a month of the past, cut at the same point: what its rest brought, and what each method expected of it. The
errors of the trials give the choice of the method, the interval and the chance; none is taken from theory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kpi_helpers.pace.days import Days, learn_weights

LEVEL = 0.8  # of the interval
RECENT = 28  # days that tell how much a usual day brings
LEAST_TRIALS = 3  # months without which there is no interval
LEAST_DAYS = 14  # of history before a trial
BOUNDS = np.array([0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
DRAWS = (np.arange(1000) + 0.5) / 1000  # evenly spread, so that nothing is left to chance
EARLIEST = 31  # days before a month's first from which on it can be spoken of
METHODS = ("weekdays", "run_rate")

Quantity = Callable[[np.ndarray, np.ndarray], float]  # of the sums by measure: done so far, and of the rest
Trial = tuple[float, float]  # what came, what was expected


@dataclass(frozen=True)
class Scale:
    """On which errors are alike, whether much or little is expected."""

    there: Callable[[float], float]
    back: Callable[[np.ndarray], np.ndarray]


# Counts and amounts vary by more where they are more, and far upwards; their cube roots are nearly normal and vary
# nearly alike (Wilson and Hilferty 1931, PNAS 17:684).
ROOT = Scale(lambda x: float(np.cbrt(x)), lambda r: r**3)
PLAIN = Scale(lambda x: x, lambda x: x)  # for what may be below zero


@dataclass(frozen=True)
class Landing:
    """What a quantity will come to and how sure it is; `draws` is empty where there are too few trials."""

    expected: float
    done: np.ndarray  # sums by measure: of the days known
    rest: np.ndarray  # expected of the days left
    method: str
    reason: str
    draws: np.ndarray
    coverage: float = np.nan
    tests: int = 0


@dataclass(frozen=True)
class Cut:
    """A month cut at a point: known before `cut`, its days left are [left:end]."""

    start: int
    cut: int
    end: int

    @property
    def left(self) -> int:
        return max(self.start, self.cut)

    def alike(self, start: int, end: int) -> Cut:
        """Another month cut at the same point: the same days done in its first half, the same days left later."""
        done, to_come = self.cut - self.start, self.end - self.cut
        return Cut(start, start + done if done <= 15 else end - to_come, end)


def sum_known(days: np.ndarray) -> np.ndarray:
    """Sums by measure of the days known (all measures known); NaN where no day is."""
    known = ~np.isnan(days).any(axis=1)
    if len(days) and not known.any():
        return np.full(days.shape[1], np.nan)
    return days[known].sum(axis=0)


def expect_days(days: Days, at: Cut, method: str) -> np.ndarray | None:
    """What each day left will bring, by day and measure; None where the method knows of no day to learn from.

    "weekdays": what the last four weeks brought, shared out by the weights of the days. "run_rate": what an average
    day of the month has brought so far.
    """
    past = days.values[: at.cut]
    since = at.start if method == "run_rate" else max(0, at.cut - RECENT)
    known = ~np.isnan(past[since:]).any(axis=1)
    if not known.any():
        return None
    expected = np.empty((at.end - at.left, past.shape[1]))
    for column, values in enumerate(past.T):
        weights = learn_weights(values, days.kinds) if method == "weekdays" else np.ones(9)
        weighed = weights[days.kinds[since : at.cut]][known].sum()
        if weighed <= 0:
            return None
        a_day = values[since:][known].sum() / weighed
        expected[:, column] = a_day * weights[days.kinds[at.left : at.end]]
    return expected


def land(days: Days, quantity: Quantity) -> Landing:
    """What a quantity of the month will come to; NaN where nothing can be expected of the days left."""
    at = Cut(days.start, days.known, days.end)
    done = _done(days, at)
    nothing = np.full(days.measures, np.nan)
    if np.isnan(done).any():
        return Landing(np.nan, done, nothing, "none", "no_days", np.empty(0))
    if at.left == at.end:
        came = quantity(done, np.zeros(days.measures))
        return Landing(came, done, nothing, "finished", "finished", np.array([came])[np.isfinite([came])])
    if at.start - at.cut > EARLIEST:
        return Landing(np.nan, done, nothing, "none", "too_early", np.empty(0))
    return _land_rest(days, at, done, quantity)


def _land_rest(days: Days, at: Cut, done: np.ndarray, quantity: Quantity) -> Landing:
    past = [cut for start, end in days.months_before() if (cut := at.alike(start, end)).cut >= LEAST_DAYS]
    trials = {method: [trial for cut in past if (trial := _try(days, cut, method, quantity))] for method in METHODS}
    method, reason = _choose(trials, at)
    by_day = expect_days(days, at, method)
    if by_day is None:
        return Landing(np.nan, done, np.full(days.measures, np.nan), "none", "no_days", np.empty(0))
    rest = by_day.sum(axis=0)
    expected = quantity(done, rest)
    positive = all(min(trial) >= 0 for trial in trials[method]) and not expected < 0
    scale, lowest = (ROOT, 0.0) if positive else (PLAIN, -np.inf)
    errors = _errors(trials[method], scale)
    draws = np.maximum(draw(expected, errors, scale), lowest)
    inside = [_is_inside(errors[:n], trial, scale) for n, trial in enumerate(trials[method]) if n >= LEAST_TRIALS]
    coverage = float(np.mean(inside)) if inside else np.nan
    return Landing(expected, done, rest, method, reason, draws, coverage, len(inside))


def draw(expected: float, errors: np.ndarray, scale: Scale, shares: np.ndarray = DRAWS) -> np.ndarray:
    """The quantity at these shares of its distribution; none where there are too few errors, or nothing is expected.

    Errors of n trials have no mean to take away, so that their root mean square with n degrees of freedom gives the
    exact interval of Student where they are normal.
    """
    from scipy.special import stdtrit

    if len(errors) < LEAST_TRIALS or not np.isfinite(expected):
        return np.empty(0)
    spread = np.sqrt(np.mean(errors**2))
    return scale.back(scale.there(expected) + spread * stdtrit(len(errors), shares))


def _done(days: Days, at: Cut) -> np.ndarray:
    return sum_known(days.values[at.start : at.cut]) if at.cut > at.start else np.zeros(days.measures)


def _try(days: Days, at: Cut, method: str, quantity: Quantity) -> Trial | None:
    """What came and what would have been expected, of the days that are known; None where that cannot be said."""
    came = days.values[at.left : at.end]
    expected, done = expect_days(days, at, method), _done(days, at)
    known = ~np.isnan(came).any(axis=1)
    if expected is None or not known.any():
        return None
    trial = quantity(done, came[known].sum(axis=0)), quantity(done, expected[known].sum(axis=0))
    return trial if np.isfinite(trial).all() else None


def _choose(trials: dict[str, list[Trial]], at: Cut) -> tuple[str, str]:
    """The method that was nearer to what came, in the sum over the past months, and why it is taken."""
    missed = {method: sum(abs(came - expected) for came, expected in tried) for method, tried in trials.items()}
    if at.cut <= at.start:
        return "weekdays", "not_begun"
    if min(len(tried) for tried in trials.values()) < LEAST_TRIALS:
        return "weekdays", "untested"
    return ("weekdays", "better") if missed["weekdays"] <= missed["run_rate"] else ("run_rate", "not_better")


def _errors(trials: list[Trial], scale: Scale) -> np.ndarray:
    return np.array([scale.there(came) - scale.there(expected) for came, expected in trials])


def _is_inside(errors: np.ndarray, trial: Trial, scale: Scale) -> bool:
    came, expected = trial
    low, high = draw(expected, errors, scale, BOUNDS)
    return bool(low <= came <= high)
