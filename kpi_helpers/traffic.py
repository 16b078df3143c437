"""The quality of traffic day by day: robots, and days on which nothing was tracked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

BURST = 4.0  # times the usual share of robots
LEAST = 0.10  # share of robots below which a day is no burst


@dataclass(frozen=True)
class RobotBurst:
    """Days on which robots made far more of the visits than usual: shares of visits in the burst and outside it."""

    first: date
    last: date
    share: float
    usual: float


def daily_visits(traffic: pd.DataFrame | None, start: date, end: date) -> pd.DataFrame:
    """Visits and robot visits by day from `start` to `end`: NaN on days without rows."""
    days = pd.date_range(start, end, unit="us", name="date")
    if traffic is None:
        return pd.DataFrame(np.nan, index=days, columns=["visits", "robot_visits"])
    within = traffic[traffic["date"].between(days[0], days[-1])]
    return within.groupby("date")[["visits", "robot_visits"]].sum(min_count=1).reindex(days)


def robot_burst(traffic: pd.DataFrame | None, start: date, end: date) -> RobotBurst | None:
    """The burst of robots between two days, or None where there is none; of several the one with most robot visits.

    A burst is days in a row with more than `BURST` times the median share of robots and at least `LEAST`. Its usual
    share is that of the days outside every burst, NaN where there are none.
    """
    daily = daily_visits(traffic, start, end).dropna()
    share = (daily["robot_visits"] / daily["visits"]).replace([np.inf, -np.inf], np.nan)
    high = (share >= LEAST) & (share > BURST * share.median())
    if not high.any():
        return None
    days = daily.index.to_series()
    runs = ((high != high.shift()) | (days.diff() > pd.Timedelta(days=1))).cumsum()[high]
    burst = daily.loc[runs.index[runs == daily["robot_visits"].groupby(runs).sum().idxmax()]]
    return RobotBurst(burst.index[0].date(), burst.index[-1].date(), _share(burst), _share(daily[~high]))


def _share(daily: pd.DataFrame) -> float:
    visits = daily["visits"].sum()
    return float(daily["robot_visits"].sum() / visits) if visits else np.nan


def untracked_days(traffic: pd.DataFrame | None, start: date, end: date) -> list[date]:
    """Days without visits from `start` to `end`: the counter was missing. Days before the first row do not count."""
    if traffic is None or not traffic["visits"].notna().any():
        return []
    start = max(start, traffic.loc[traffic["visits"].notna(), "date"].min().date())
    if start > end:
        return []
    visits = daily_visits(traffic, start, end)["visits"]
    return [] if visits.isna().all() else [day.date() for day in visits.index[visits.isna()]]
