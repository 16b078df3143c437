"""The quality of traffic: robots, days on which nothing was tracked, what was paid for visits that bring nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

EMPTY_PART = 0.25  # of the share of visits that qualify in the other channels: a channel surely below it is empty
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


def burst_sources(traffic: pd.DataFrame, burst: RobotBurst) -> pd.DataFrame:
    """Visits and robot visits of the burst's days by channel, the one with most robots first."""
    days = pd.Timestamp(burst.first), pd.Timestamp(burst.last)
    within = traffic[traffic["date"].between(*days)]
    sums = within.groupby("channel")[["visits", "robot_visits"]].sum(min_count=1).dropna()
    return sums.sort_values("robot_visits", ascending=False, kind="stable")


def people(sums: pd.DataFrame) -> pd.Series:
    """Visits of people: without the robots', where these are known."""
    return (sums["visits"] - sums["robot_visits"].fillna(0)).clip(lower=0)


def is_empty(low_difference: str, upper: float, others: float) -> bool:
    """Whether a channel's visits qualify proven less than those of the others, and hardly at all.

    `low_difference` is the verdict of the comparison, `upper` the upper bound of the channel's own share, `others` the
    share of the others.
    """
    return low_difference == "lower" and upper <= EMPTY_PART * others


def wasted(spend: pd.Series, visits: pd.Series, robots: pd.Series, empty: pd.Series) -> pd.Series:
    """What was paid for visits that never qualify: all spend of an empty channel, else the part that robots had.

    The part is that of robots in the visits; NaN where robots are not known and the channel is not empty.

    >>> numbers = pd.DataFrame({"spend": [900.0, 500.0], "visits": [300.0, 100.0], "robots": [30.0, 20.0]})
    >>> wasted(numbers["spend"], numbers["visits"], numbers["robots"], pd.Series([True, False])).tolist()
    [900.0, 100.0]
    """
    by_robots = (spend * robots / visits.where(visits > 0)).clip(upper=spend)
    return spend.where(empty, by_robots)


def untracked_days(traffic: pd.DataFrame | None, start: date, end: date) -> list[date]:
    """Days without visits from `start` to `end`: the counter was missing. Days before the first row do not count."""
    if traffic is None or not traffic["visits"].notna().any():
        return []
    start = max(start, traffic.loc[traffic["visits"].notna(), "date"].min().date())
    if start > end:
        return []
    visits = daily_visits(traffic, start, end)["visits"]
    return [] if visits.isna().all() else [day.date() for day in visits.index[visits.isna()]]
