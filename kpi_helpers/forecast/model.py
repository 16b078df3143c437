"""One recursion for every model: exponential smoothing with additive errors, on the values or on their logarithms.

With e the error of a month, l the level, b the slope and s the season (Hyndman and others, "Forecasting with
Exponential Smoothing", 2008, chapter 2):

    y = l + phi b + s + e,   l' = l + phi b + alpha e,   b' = phi b + beta e,   s' = s + gamma e

The seasonal naive forecast is this with alpha 0 and gamma 1, the last value going on is alpha 1 without a season. A
month that is not known has no error: the state moves on as it was expected to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

YEAR = 12
HUGE = 700.0  # exp() of more is no number


@dataclass(frozen=True)
class Model:
    """Parameters and the state before the first month; `log`: the recursion runs on logarithms.

    `burn`: months at the start whose errors say nothing, because the state was taken from them.
    """

    log: bool
    alpha: float
    beta: float = 0.0
    gamma: float = 0.0
    phi: float = 1.0
    level: float = 0.0
    slope: float = 0.0
    season: tuple[float, ...] = (0.0,) * YEAR
    burn: int = 0

    def run(self, values: np.ndarray) -> tuple[State, np.ndarray]:
        """The state after the last value, and the errors by month (NaN where the value is not known)."""
        level, slope, season = self.level, self.slope, list(self.season)
        errors = []
        for place, value in enumerate(self.scaled(values).tolist()):
            grown, month = level + self.phi * slope, place % YEAR
            error = value - grown - season[month]
            errors.append(error)
            if error != error:
                error = 0.0
            level, slope = grown + self.alpha * error, self.phi * slope + self.beta * error
            season[month] += self.gamma * error
        found = np.array(errors, dtype=float)
        found[: self.burn] = np.nan
        return State(level, slope, tuple(season), len(errors) % YEAR), found

    def paths(self, state: State, errors: np.ndarray) -> np.ndarray:
        """The values after `state` where the coming errors are `errors`, of shape (draws, months)."""
        draws, months = errors.shape
        level, slope = np.full(draws, state.level), np.full(draws, state.slope)
        season = np.tile(np.array(state.season), (draws, 1))
        found = np.empty((draws, months))
        for step in range(months):
            grown, month = level + self.phi * slope, (state.month + step) % YEAR
            found[:, step] = grown + season[:, month] + errors[:, step]
            level, slope = grown + self.alpha * errors[:, step], self.phi * slope + self.beta * errors[:, step]
            season[:, month] += self.gamma * errors[:, step]
        return np.exp(np.clip(found, -HUGE, HUGE)) if self.log else found

    def point(self, values: np.ndarray, months: int) -> np.ndarray:
        """The forecast of the months after `values` without any error to come."""
        return self.paths(self.run(values)[0], np.zeros((1, months)))[0]

    def scaled(self, values: np.ndarray) -> np.ndarray:
        if not self.log:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(values > 0, np.log(values), np.nan)


@dataclass(frozen=True)
class State:
    """Where the recursion stands; `month`: the place in `season` of the month that comes next."""

    level: float
    slope: float
    season: tuple[float, ...]
    month: int


def last_value(values: np.ndarray) -> Model:
    """The last value goes on."""
    model = Model(log=is_positive(values), alpha=1.0, burn=1)
    return replace(model, level=float(_filled(model.scaled(values))[0]))


def seasonal_naive(values: np.ndarray) -> Model:
    """The same month of the year before goes on."""
    model = Model(log=is_positive(values), alpha=0.0, gamma=1.0, burn=YEAR)
    return replace(model, season=tuple(_filled(model.scaled(values))[:YEAR].tolist()))


def is_positive(values: np.ndarray) -> bool:
    """Whether something is known and all of it is above zero, so that logarithms can be taken."""
    known = values[np.isfinite(values)]
    return bool(len(known) and (known > 0).all())


def _filled(values: np.ndarray) -> np.ndarray:
    """The values with straight lines through what is missing."""
    known = np.flatnonzero(np.isfinite(values))
    return np.interp(np.arange(len(values)), known, values[known])
