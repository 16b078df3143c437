"""What a forecast says: the months ahead, a middle, an 80 % interval and the paths they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

LEVEL = 0.8  # of the interval: the share of months that should lie in it
DRAWS = 1000

Method = Literal["ets", "seasonal_naive", "naive", "none"]


@dataclass(frozen=True, eq=False)
class Forecast:
    """A forecast by month, from `paths` of shape (draws, months), each a way the months may go together.

    `low` and `high` hold `LEVEL` of the paths, `middle` is their median; NaN where there is no forecast (then `paths`
    is empty). `reason`: "better" or "not_better" (whether ETS beat the seasonal naive forecast on months it had not
    seen), "untested" (too few months to compare), "no_season" (under 13 months: the last value goes on), "rolling"
    (so does what looks back over 12 months: it has no season), "too_short" (under 4 known months), "stale" (the last
    year holds no known month). `coverage` is the share of `tests` months of the past that lay in the interval they
    would have got, NaN where there were none.
    """

    months: pd.DatetimeIndex
    middle: pd.Series
    low: pd.Series
    high: pd.Series
    paths: np.ndarray
    method: Method
    reason: str
    coverage: float = float("nan")
    tests: int = 0

    def chance(self, target: float, better: str = "higher", *, total: bool = False) -> pd.Series | float:
        """The share of paths that reach the target (at or above it; at or below where "lower" is better).

        By month, or with `total` for the sum of all months as one number; NaN where there is no forecast.
        """
        paths = self.paths.sum(axis=1, keepdims=True) if total else self.paths
        reached = paths >= target if better == "higher" else paths <= target
        known = np.isfinite(paths)
        counts = known.sum(axis=0)
        with np.errstate(invalid="ignore"):
            share = np.where(counts > 0, (reached & known).sum(axis=0) / counts, np.nan)
        if np.isnan(target):
            share = np.full_like(share, np.nan)
        return float(share[0]) if total else pd.Series(share, index=self.months)


def months_ahead(last: pd.Timestamp, ahead: int) -> pd.DatetimeIndex:
    """The first days of the months after `last`."""
    return pd.date_range(pd.Timestamp(last) + pd.DateOffset(months=1), periods=ahead, freq="MS").as_unit("us")


def no_forecast(months: pd.DatetimeIndex, reason: str) -> Forecast:
    nothing = pd.Series(np.nan, index=months)
    return Forecast(months, nothing, nothing, nothing, np.empty((0, len(months))), "none", reason)


def from_paths(
    months: pd.DatetimeIndex, paths: np.ndarray, method: Method, reason: str, coverage: float, tests: int,
    *, whole: bool = False,
) -> Forecast:  # fmt: skip
    """The forecast whose interval and middle are quantiles of the paths; whole ones of whole numbers."""
    tail = (1 - LEVEL) / 2
    low, middle, high = np.nanquantile(paths, [tail, 0.5, 1 - tail], axis=0)
    if whole:
        low, middle, high = np.floor(low), np.rint(middle), np.ceil(high)
    return Forecast(
        months, pd.Series(middle, months), pd.Series(low, months), pd.Series(high, months), paths, method, reason,
        coverage, tests,
    )  # fmt: skip
