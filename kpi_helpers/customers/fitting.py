"""Maximum likelihood for positive parameters: on their logarithms, from several starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

EDGE = 100  # from here on a parameter says no more than "very large" (or, below 1 / EDGE, "next to nothing")
WALL = np.log(1000)  # a slope leads back from beyond it: without an end, the search would find none
STEEP = 0.01  # of the wall: loss a customer by the square of the way behind it
FLAT = 1e-4  # the slope that is left where a fit has converged
SAME = 1e-6  # of the log-likelihood a customer: starts that end this near to the best agree with it

Likelihood = Callable[[np.ndarray], tuple[float, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Fit:
    """The best parameters found; `log_likelihood` a customer; of `starts`, how many are `agreeing` with the best."""

    parameters: np.ndarray
    log_likelihood: float
    converged: bool
    agreeing: int
    starts: int

    def at_edge(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The names of the parameters that ran off."""
        return tuple(name for name, p in zip(names, self.parameters, strict=True) if not 1 / EDGE < p < EDGE)


def maximise(likelihood: Likelihood, starts: np.ndarray) -> Fit:
    """The parameters at which the likelihood is highest.

    `likelihood` returns the log-likelihood a customer and its gradient by the parameters; `starts` has a row per start.
    """
    from scipy.optimize import minimize

    def lost(logs: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = np.exp(np.clip(logs, -3 * WALL, 3 * WALL))
        value, slopes = likelihood(parameters)
        behind = np.sign(logs) * np.maximum(np.abs(logs) - WALL, 0)
        return -value + STEEP * (behind**2).sum(), -slopes * parameters + 2 * STEEP * behind

    ends = [minimize(lost, np.log(start), jac=True, method="BFGS", options={"gtol": FLAT / 100}) for start in starts]
    ends = [end for end in ends if np.isfinite(end.fun)]
    if not ends:
        return Fit(np.full(starts.shape[1], np.nan), float("nan"), False, 0, len(starts))
    best = min(ends, key=lambda end: end.fun)
    parameters, agreeing = np.exp(best.x), sum(bool(end.fun - best.fun < SAME) for end in ends)
    return Fit(parameters, likelihood(parameters)[0], bool(np.abs(best.jac).max() < FLAT), agreeing, len(starts))
