"""Days: a KPI's days with their kinds (weekday, holiday, worked weekend), and what a day of each kind weighs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.terms import MEASURES

HISTORY = 36  # months looked back at
WEEKS = 26  # of the history from which the weights of weekdays are learned
HOLIDAY, WORKED = 7, 8  # kinds of day beside 0 Monday … 6 Sunday; WORKED is a weekend that is worked
NEAR = 14  # days before and after a holiday that tell what it might have brought
PRIOR = 5  # holidays: so many like Sundays are put beside those seen
EVENTS = ("leads", "orders", "calls", "chats")  # tables with a row per event: a day without rows had none


@dataclass(frozen=True)
class Days:
    """The days known, and all days' kinds up to the end of the month that is looked at; both begin with `first`."""

    first: pd.Timestamp
    values: np.ndarray  # by day and measure, NaN unknown
    kinds: np.ndarray
    start: int  # places in the arrays: the month looked at is [start:end]
    end: int

    @property
    def known(self) -> int:
        """How many days the data speak of, which is the place of the first day to come."""
        return len(self.values)

    @property
    def passed(self) -> int:
        """Days of the month that the data speak of."""
        return max(0, self.known - self.start)

    @property
    def left(self) -> int:
        return self.end - self.start - self.passed

    @property
    def measures(self) -> int:
        return int(self.values.shape[1])

    def months_before(self) -> list[tuple[int, int]]:
        """The whole months that the data hold before this one, as places, oldest first."""
        starts = pd.date_range(self.first, self.first + pd.Timedelta(days=self.start), freq="MS")
        places = [int((start - self.first).days) for start in starts]
        return [(start, end) for start, end in zip(places, places[1:], strict=False) if end <= self.known]


def days_of(sums: pd.DataFrame, key: str) -> pd.Series:
    """One measure by day from sums by day: a day without rows is zero in a list of events, else unknown (NaN).

    `sums` is what `sum_measures(tables, "day")` returns. Reports by day (ads, web analytics) have a row for every day,
    so that a day without rows is an outage; in a list of leads or orders it is a day without any.
    """
    daily = sums.set_index("period")[key].astype(float)
    if MEASURES[key].table not in EVENTS:
        return daily
    return daily.where(daily.index < daily.first_valid_index(), daily.fillna(0.0)) if daily.notna().any() else daily


def read_days(
    daily: pd.Series | pd.DataFrame, month: date, holidays: Collection[date], worked: Collection[date]
) -> Days:
    """Lay out `daily` in its order, from the history looked back at to the month's end: a day without row is zero."""
    start = pd.Timestamp(month).normalize().replace(day=1)
    end = start + pd.DateOffset(months=1)
    daily = pd.DataFrame(daily).astype(float).replace([np.inf, -np.inf], np.nan).sort_index()
    daily = daily[(daily.index >= start - pd.DateOffset(months=HISTORY)) & (daily.index < end)]
    first = min([start, *daily.index[:1]])
    every = pd.date_range(first, end, inclusive="left")
    if len(daily):  # what was before the first row is unknown
        told = pd.date_range(daily.index[0], daily.index[-1])
        daily = daily.reindex(told, fill_value=0.0).reindex(every[every <= told[-1]])
    kinds = every.day_of_week.to_numpy().copy()
    kinds[every.isin(pd.DatetimeIndex(list(worked)))] = WORKED
    kinds[every.isin(pd.DatetimeIndex(list(holidays)))] = HOLIDAY
    return Days(first, daily.to_numpy(), kinds, int((start - first).days), len(every))


def learn_weights(values: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """What a day of each kind brings, an even day of the week being 1: weekdays, holiday, worked weekend.

    `kinds` may reach further than `values`. A holiday is first taken for a Sunday and learns from the holidays seen; a
    worked weekend is a usual working day.
    """
    weights = np.ones(9)
    weights[:HOLIDAY] = _weekdays(values, kinds[: len(values)])
    weights[WORKED] = weights[:5].mean()
    weights[HOLIDAY] = _holiday(values, kinds[: len(values)], weights)
    return weights


def _weekdays(values: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Shares of weekdays in the last whole weeks, drawn towards even ones as far as the differences may be noise.

    The shrinkage is empirical Bayes: of the differences between the weekdays that part is kept which their noise from
    week to week does not explain (Efron and Morris 1975, JASA 70:311).
    """
    weeks = min(len(values) // 7, WEEKS)
    shape = (len(values) - 7 * weeks, (weeks, 7))
    table, kind = values[shape[0] :].reshape(shape[1]), kinds[shape[0] :].reshape(shape[1])
    usual = (kind < HOLIDAY).all(axis=1) & ~np.isnan(table).any(axis=1)
    table, kind = table[usual], kind[usual]
    mean = table.mean(axis=1)
    if len(table) < 2 or mean.sum() <= 0:
        return np.ones(7)
    shares = table.sum(axis=0) / mean.sum()
    rest = table - np.outer(mean, shares)
    noise = (rest**2).sum(axis=0).mean() / (len(table) - 1) / len(table) / mean.mean() ** 2
    between = ((shares - 1) ** 2).sum() / 6
    kept = max(0.0, 1 - noise / between) if between > 0 else 0.0
    weights = np.empty(7)
    weights[kind[0]] = np.maximum(1 + kept * (shares - 1), 0)
    return weights


def _holiday(values: np.ndarray, kinds: np.ndarray, weights: np.ndarray) -> float:
    """A holiday's weight: what holidays brought, beside some Sundays, over what even days near them brought."""
    usual = (kinds != HOLIDAY) & ~np.isnan(values)
    brought = _sum_near(np.where(usual, values, 0))
    weighed = _sum_near(np.where(usual, weights[kinds], 0))
    seen = (kinds == HOLIDAY) & ~np.isnan(values) & (weighed > 0)
    even_day = brought[seen] / weighed[seen]
    if not seen.any() or even_day.sum() <= 0:
        return float(weights[6])
    prior = PRIOR * even_day.mean()
    return max(0.0, float((values[seen].sum() + prior * weights[6]) / (even_day.sum() + prior)))


def _sum_near(values: np.ndarray) -> np.ndarray:
    added = np.concatenate([np.zeros(NEAR + 1), np.cumsum(values), np.full(NEAR, values.sum())])
    return added[2 * NEAR + 1 :] - added[: len(values)]
