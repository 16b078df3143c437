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
    """The burst of robots between two days, or None: days with `BURST` times the median share and at least `LEAST`."""
    daily = daily_visits(traffic, start, end)
    share = (daily["robot_visits"] / daily["visits"]).replace([np.inf, -np.inf], np.nan)
    high = (share >= LEAST) & (share > BURST * share.median())
    if not high.any():
        return None
    days = share.index[high]
    inside = daily.loc[days[0] : days[-1]].sum()
    outside = daily.drop(daily.loc[days[0] : days[-1]].index).sum()
    usual = outside["robot_visits"] / outside["visits"] if outside["visits"] else np.nan
    return RobotBurst(days[0].date(), days[-1].date(), inside["robot_visits"] / inside["visits"], usual)


def untracked_days(traffic: pd.DataFrame | None, start: date, end: date) -> list[date]:
    """Days without any row of traffic, between days that have some: the counter was missing."""
    visits = daily_visits(traffic, start, end)["visits"]
    known = visits.dropna()
    if known.empty:
        return []
    return [day.date() for day in visits.index[visits.isna()]]
