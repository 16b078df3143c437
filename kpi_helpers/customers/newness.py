"""From when on a new customer is new: exports that begin later than the company take old customers for new ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

SURE = 3.0  # standard errors by which the first customers are more than those who followed
MUCH = 1.25  # times as many
STEADY = 1.0  # standard errors within which a month is like the months after it

Reason = Literal["", "told", "old_base", "too_short"]


@dataclass(frozen=True)
class Newness:
    """Which customers are new: those whose first purchase was on the day `since` or later, or all (None).

    `reason`: "told" by the company; "old_base": more customers seemed new in the first `days` (`at_first`) than in so
    many days later (`later`), which only old ones explain; "too_short": there are too few days to see that.
    """

    first: date
    since: date | None = None
    reason: Reason = ""
    days: int = 0
    at_first: int = 0
    later: int = 0


def judge_newness(firsts: pd.Series, until: date, active_days: int, told: date | None = None) -> Newness:
    """From which day on the first purchases `firsts` (`summarise_purchases`, not empty) are those of new customers.

    `told`: the day from which the company's customers are all known. Without it the first `active_days` are held
    against the days after them, and against the same days a year later, so that neither a season nor growth looks like
    old customers. Where these are there, a month counts once no more customers seem new in it than in the months after,
    and `active_days` are over; where none does, `since` lies behind `until`.
    """
    day = pd.Series(firsts).dropna()
    first, last = day.min(), pd.Timestamp(until)
    if told is not None:
        return Newness(first.date(), told if told > first.date() else None, "told")
    span, year = pd.Timedelta(days=active_days), pd.DateOffset(years=1)
    if first + 2 * span > last + pd.Timedelta(days=1):
        return Newness(first.date(), None, "too_short", active_days)
    starts = [first + span, *([first + year] if first + year + span <= last + pd.Timedelta(days=1) else [])]
    came = [int(day.between(start, start + span, inclusive="left").sum()) for start in (first, *starts)]
    at_first, later = came[0], max(came[1:])
    if at_first <= MUCH * later or at_first - later <= SURE * np.sqrt(at_first + later):
        return Newness(first.date(), None, "", active_days, at_first, later)
    return Newness(first.date(), _steady_since(day, first + span, last), "old_base", active_days, at_first, later)


def _steady_since(day: pd.Series, earliest: pd.Timestamp, last: pd.Timestamp) -> date:
    """The first month from `earliest` on with no more first purchases than the whole months after it, on the mean."""
    months = pd.period_range(earliest - pd.Timedelta(days=1), last + pd.Timedelta(days=1), freq="M")[1:-1]
    counts = day.dt.to_period("M").value_counts().reindex(months, fill_value=0).to_numpy()
    for place in range(len(months) - 1):
        after = counts[place + 1 :].mean()
        if counts[place] - after <= STEADY * np.sqrt(after + after / (len(counts) - place - 1)):
            return months[place].start_time.date()
    return (last + timedelta(days=1)).date()
