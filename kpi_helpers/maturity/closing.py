"""How deals close with age: shares won, lost and still open, from the deals ended and the open ones alike.

A deal still open is censored; a deal lost can no longer be won, which is another end and no censoring: the shares are
Aalen and Johansen's. Kaplan and Meier's estimate of the time to a win takes a lost deal for one that may still be won
and calls months too immature; the days of the deals won alone hold, of recent months, the quick ones only, and call
them too mature. Source: Aalen and Johansen 1978, Scand. J. Statist. 5:141; Putter et al. 2007, Statist. Med. 26:2389.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

FOLLOWED = 30  # leads that were followed so long, for an age to be spoken of
OPEN, WON, LOST = 0, 1, 2
_STATES = {"open": OPEN, "won": WON, "lost": LOST}


@dataclass(frozen=True)
class Closing:
    """Deals by age, and how they close: of all leads, just before the age of each, `alive` are open and `won` won;
    `step` is what that deal adds to those won. Beyond the `horizon` (days) too few were followed: no win is foreseen.
    """

    days: np.ndarray
    state: np.ndarray
    alive: np.ndarray
    won: np.ndarray
    step: np.ndarray
    horizon: float


def horizon_of(deals: pd.DataFrame) -> float:
    """The age in days to which FOLLOWED leads were followed; NaN where there are not so many."""
    followed = np.sort(deals["followed"].to_numpy(dtype=float))
    return float(followed[-FOLLOWED]) if len(followed) >= FOLLOWED else math.nan


def sort_by_age(deals: pd.DataFrame) -> pd.DataFrame:
    """The deals by age, those still open before those that ended at the same age: an end is seen only before the data
    end, so who is open at an age was watched up to it, exclusive. Nothing depends on the order of equal rows."""
    keys = deals.assign(state=deals["end"].map(_STATES))
    return keys.sort_values(["days", "state", "amount", "month", "group"], ignore_index=True)


def fit_closing(deals: pd.DataFrame, weights: np.ndarray | None = None, horizon: float | None = None) -> Closing:
    """The shares won and open by age: `deals` as `sort_by_age` gives them, all with a known day of their end.

    `weights`: how often each deal counts (a bootstrap draws them); once where none are given.
    """
    days, state = deals["days"].to_numpy(dtype=float), deals["state"].to_numpy(dtype=int)
    limit = horizon_of(deals) if horizon is None else horizon
    counted = np.ones(len(days)) if weights is None else weights
    at_risk = counted[::-1].cumsum()[::-1]
    ends = (state != OPEN) & (days <= limit) & (at_risk > 0)
    hazard = np.divide(counted, at_risk, out=np.zeros(len(days)), where=ends)
    alive = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]]) if len(days) else np.zeros(0)
    step = np.where(state == WON, alive * hazard, 0.0)
    return Closing(days, state, alive, np.cumsum(step) - step, step, limit)


def closing_curve(deals: pd.DataFrame) -> pd.DataFrame:
    """For a chart: a row per whole day of age up to the horizon, with the shares of leads `won`, `lost`, `open`, and
    how many were `followed` so long. `deals` is what `follow_deals` returns. Empty where too few were followed."""
    found = fit_closing(sort_by_age(deals[deals["dated"]]), horizon=horizon_of(deals))
    last = math.floor(found.horizon) if math.isfinite(found.horizon) else -1
    ages = np.arange(last + 1)
    place = np.searchsorted(found.days, ages, side="right")
    won = np.concatenate([[0.0], np.cumsum(found.step)])[place]
    fallen = -np.diff(found.alive, append=0.0)
    lost = np.concatenate([[0.0], np.cumsum(np.where(found.state == LOST, fallen, 0.0))])[place]
    followed = len(deals) - np.searchsorted(np.sort(deals["followed"].to_numpy(dtype=float)), ages)
    still = np.maximum(1 - won - lost, 0.0)
    return pd.DataFrame({"days": ages, "won": won, "lost": lost, "open": still, "followed": followed})
