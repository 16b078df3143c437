"""One curve of one channel: a robust fit with carry-over and baseline; again and again on blocks of the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kpi_helpers.budget.forms import Form

MOST_CARRY = 0.9  # share of a period's effect that is still there in the next one
CARRY_STARTS = (0.05, 0.5)
TINY = 1e-6  # of the usual spend: zero has no logarithm
LEAST = 1e-12  # of the usual outcome that is ever expected
ROBUST = 1.5  # standard deviations from which on an error counts less than its square
RARE = 0.1  # share of periods without outcome from which on none is far out: ones among zeros are no outliers
FAR_OUT = 4.0  # times that: bursts of robots and the like, which are no part of the sum
LIMIT = 20.0  # of a baseline's coefficients, which are logarithms
ROUGH, FINE = 1e-5, 1e-9  # least change of the sum of squares: of draws, which differ anyway; of the fit itself
Errors = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Problem:
    """A channel's periods since its first spend: spend and outcome in units of their means; rows of the baseline."""

    spend: np.ndarray
    outcome: np.ndarray
    baseline: np.ndarray
    form: Form

    def predict(self, found: np.ndarray) -> np.ndarray:
        """The expected outcome of every period."""
        return np.exp(self._log_outcome(found, self.stock(found)))

    def stock(self, found: np.ndarray) -> np.ndarray:
        return np.maximum(adstock(self.spend, found[self.carry_at]), TINY)

    @property
    def carry_at(self) -> int:
        """The place of the carry-over among the parameters: after the form's own, before the baseline's."""
        return len(self.form.names)

    def _log_outcome(self, found: np.ndarray, stock: np.ndarray) -> np.ndarray:
        own = found[: self.carry_at]
        shape = self.form.log_shape(stock, own) - self.form.log_shape(np.ones(1), own)
        return shape + self.baseline @ found[self.carry_at + 1 :]

    def slopes(self, found: np.ndarray) -> np.ndarray:
        """How the logarithm of each period's outcome moves with each parameter."""
        own, stock = found[: self.carry_at], self.stock(found)
        moved = _adstock_slope(self.spend, stock, found[self.carry_at]) * (stock > TINY) / stock
        shape = self.form.slopes(stock, own) - self.form.slopes(np.ones(1), own)
        return np.column_stack([shape, self.form.elasticity(stock, own) * moved, self.baseline])

    def balance(self, found: np.ndarray, rows: np.ndarray, limit: float) -> np.ndarray:
        """The parameters with the level at which the sum expected is the sum that came, rows far out excepted."""
        near = rows[np.abs(_errors(self, rows)(found)) <= FAR_OUT * limit]
        balanced = found.copy()
        balanced[self.carry_at + 1] += np.log(max(self.outcome[near].sum(), TINY) / self.predict(found)[near].sum())
        return balanced

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        width = np.full(self.baseline.shape[1], LIMIT)
        return np.array([*self.form.least, 0.0, *-width]), np.array([*self.form.most, MOST_CARRY, *width])


def adstock(spend: np.ndarray, carry: float) -> np.ndarray:
    """Spend with what is carried over, geometrically: a_t = (1 - carry) s_t + carry a_(t-1); the first is its own past.

    A steady spend stays what it is, so that curves are read at a steady spend a period.

    >>> adstock(np.array([8.0, 8.0, 0.0, 0.0]), 0.5).tolist()
    [8.0, 8.0, 4.0, 2.0]
    """
    from scipy.signal import lfilter

    return lfilter([1 - carry], [1.0, -carry], spend, zi=[carry * spend[0]])[0]


def _adstock_slope(spend: np.ndarray, stock: np.ndarray, carry: float) -> np.ndarray:
    """How the stock moves with the carry-over."""
    from scipy.signal import lfilter

    before = np.concatenate([spend[:1], stock[:-1]])
    return lfilter([1.0], [1.0, -carry], before - spend)


def fit(problem: Problem, rows: np.ndarray) -> tuple[np.ndarray, float]:
    """The parameters fitted to the given rows, balanced, and the error from which on they counted less.

    First from several starts, with the spread of errors around a level; then with the spread around the best of these.
    """
    starts, errors = _starts(problem, rows), _errors(problem, rows)
    rare = float((problem.outcome[rows] == 0).mean()) > RARE
    rough = np.inf if rare else _limit(errors(starts[0]))
    best = min((_solve(problem, rows, start, rough, FINE) for start in starts), key=lambda found: found.cost)
    limit = np.inf if rare else _limit(errors(best.x))
    return problem.balance(_solve(problem, rows, best.x, limit, FINE).x, rows, limit), limit


def _limit(errors: np.ndarray) -> float:
    """`ROBUST` times their spread, from the median of their distances; infinite where most of them are alike."""
    spread = 1.4826 * float(np.median(np.abs(errors - np.median(errors))))
    return ROBUST * spread if spread > 1e-9 else np.inf


def refit(problem: Problem, rows: np.ndarray, start: np.ndarray, limit: float) -> np.ndarray:
    """The parameters fitted to other rows, beginning from a fit, and balanced."""
    return problem.balance(_solve(problem, rows, start, limit, ROUGH).x, rows, limit)


def _starts(problem: Problem, rows: np.ndarray) -> list[np.ndarray]:
    outcome = problem.outcome[rows]
    flat = np.zeros(problem.baseline.shape[1])
    flat[0] = np.log(max(float(np.median(outcome) or outcome.mean()), TINY))
    return [np.array([*own, carry, *flat]) for own in problem.form.starts for carry in CARRY_STARTS]


def _errors(problem: Problem, rows: np.ndarray) -> Errors:
    """Roots of the deviance of counts, above zero where too much was expected.

    Their squares are least where the quasi-likelihood of counts is greatest: so the fit tends to the expected outcome
    whatever is counted, also few leads a day or money (Gourieroux, Monfort and Trognon 1984). Square roots of the
    outcome would not: at two leads a day they make a curve a sixth steeper.
    """
    from scipy.special import kl_div

    came = problem.outcome[rows]

    def errors(found: np.ndarray) -> np.ndarray:
        expected = np.maximum(problem.predict(found)[rows], LEAST)
        return np.sign(expected - came) * np.sqrt(np.maximum(2 * kl_div(came, expected), 0.0))

    return errors


def _slopes(problem: Problem, rows: np.ndarray) -> Errors:
    """How these errors move with each parameter."""
    came, errors = problem.outcome[rows], _errors(problem, rows)

    def slopes(found: np.ndarray) -> np.ndarray:
        expected, error = np.maximum(problem.predict(found)[rows], LEAST), errors(found)
        steep = np.where(np.abs(error) > 1e-6, (expected - came) / np.where(error == 0, 1.0, error), np.sqrt(expected))
        return steep[:, None] * problem.slopes(found)[rows]

    return slopes


def _solve(problem: Problem, rows: np.ndarray, start: np.ndarray, limit: float, precision: float) -> Any:
    from scipy.optimize import least_squares

    least, most = problem.bounds()
    inside = np.clip(start, least + 1e-4 * (most - least), most - 1e-4 * (most - least))
    robust = {"loss": "soft_l1", "f_scale": limit} if np.isfinite(limit) else {}
    return least_squares(
        _errors(problem, rows), inside, jac=_slopes(problem, rows), bounds=(least, most), x_scale="jac",
        ftol=precision, xtol=precision, gtol=precision, max_nfev=100, **robust,
    )  # fmt: skip


def draw_rows(periods: int, block: int, draws: int, seed: int) -> np.ndarray:
    """Rows of the history in blocks that hang together, drawn with replacement: shape (draws, about `periods`).

    Circular blocks (Politis and Romano 1992): each period is drawn as often as any other, on average. The same seed
    draws the same blocks for every channel of this length, so that what errs together stays together.
    """
    blocks = -(-periods // block)
    starts = np.random.default_rng(seed).integers(0, periods, (draws, blocks, 1))
    return ((starts + np.arange(block)) % periods).reshape(draws, blocks * block)
