"""Working hours: when an answer is due, and how much working time passed until it came."""

from __future__ import annotations

from datetime import date, time
from functools import lru_cache

import numpy as np
import pandas as pd

from kpi_helpers.calendars import holidays_of, worked_weekends_of
from kpi_helpers.company import MIDNIGHT, WEEKDAYS, WorkingHours

ANSWER_WITHIN = pd.Timedelta(minutes=15)  # of working time
AFTER_OPENING = pd.Timedelta(hours=1)  # for requests that came outside working hours
MONDAY_TO_FRIDAY = set(WEEKDAYS[:5])


def due_times(received: pd.Series, hours: WorkingHours) -> pd.Series:
    """When an answer is due, for local wall times (no zone), as a Series of the same index.

    In working hours: 15 minutes of working time later. Where closing comes first, `hours.near_closing` says what holds:
    "next_opening" counts the rest from the next opening, "before_closing" asks for the answer by closing, "after_hours"
    treats the request as one that came after closing. Outside working hours: one hour after the next opening. Public
    holidays of the country are free days. The weekends worked for them are working days of who works Monday to Friday.

    >>> received = pd.Series(pd.to_datetime(["2026-11-20 19:30", "2026-11-24 10:00"]))
    >>> due_times(received, WorkingHours()).tolist()
    [Timestamp('2026-11-23 10:00:00'), Timestamp('2026-11-24 10:15:00')]
    """
    known = received.dropna()
    if known.empty:
        return received.copy()
    days, day = _working_days(known, hours), known.dt.normalize()
    opens, closes = day + _since_midnight(hours.opens), day + _since_midnight(hours.closes)
    works = _days_before(day, days, also_that_day=True) > _days_before(day, days)
    next_day = pd.Series(days[_days_before(day, days, also_that_day=True)], index=known.index)
    next_opening = opens.where(works & (known < opens), next_day + _since_midnight(hours.opens))
    due = known + ANSWER_WITHIN
    too_near = {
        "next_opening": next_opening + (due - closes),
        "before_closing": closes,
        "after_hours": next_opening + AFTER_OPENING,
    }
    due = due.where(due <= closes, too_near[hours.near_closing])
    inside = works & (known >= opens) & (known < closes)
    return due.where(inside, next_opening + AFTER_OPENING).reindex(received.index)


def working_time(start: pd.Series, end: pd.Series, hours: WorkingHours) -> pd.Series:
    """The working time between local wall times, as Timedeltas; NaT where one is missing or the end comes first.

    Outside working hours the clock stands still: a request of the evening, answered the same evening, took no time.

    >>> came, answered = (pd.Series(pd.to_datetime([moment])) for moment in ("2026-11-20 17:50", "2026-11-23 09:05"))
    >>> working_time(came, answered, WorkingHours()).item()
    Timedelta('0 days 00:15:00')
    """
    ordered = end >= start
    if not ordered.any():
        return pd.Series(pd.NaT, index=start.index, dtype="timedelta64[us]")
    days = _working_days(pd.concat([start[ordered], end[ordered]]), hours)
    passed = _worked_until(end[ordered], days, hours) - _worked_until(start[ordered], days, hours)
    return passed.reindex(start.index)


def _worked_until(moments: pd.Series, days: np.ndarray, hours: WorkingHours) -> pd.Series:
    """All working time from the first of the working days to the moments."""
    day, length = moments.dt.normalize(), _since_midnight(hours.closes) - _since_midnight(hours.opens)
    before = _days_before(day, days)
    works = _days_before(day, days, also_that_day=True) > before
    today = (moments - day - _since_midnight(hours.opens)).clip(pd.Timedelta(0), length)
    return pd.Series(before, index=moments.index) * length + today.where(works, pd.Timedelta(0))


def _days_before(day: pd.Series, days: np.ndarray, *, also_that_day: bool = False) -> np.ndarray:
    """How many working days there are before each day: the place of the next one."""
    return np.searchsorted(days, day.to_numpy("datetime64[D]"), side="right" if also_that_day else "left")


def _working_days(moments: pd.Series, hours: WorkingHours) -> np.ndarray:
    return _working_days_of(hours.days, hours.country, moments.min().year, moments.max().year + 1)


@lru_cache(maxsize=64)
def _working_days_of(week: tuple[str, ...], country: str, first: int, last: int) -> np.ndarray:
    """The working days of the years from `first` to `last`, in order.

    A weekend is worked in the place of a weekday that is free: that says nothing to who does not work on weekdays.
    """
    span = date(first, 1, 1), date(last, 12, 31)
    every = np.arange(*np.array([span[0], span[1]], dtype="datetime64[D]") + np.array([0, 1]))
    works = np.array([name in week for name in WEEKDAYS])[(every.astype(int) + 3) % 7]  # day 0 was a Thursday
    works &= ~np.isin(every, np.array(list(holidays_of(country, *span)), dtype="datetime64[D]"))
    if set(week) >= MONDAY_TO_FRIDAY:
        works |= np.isin(every, np.array(list(worked_weekends_of(country, *span)), dtype="datetime64[D]"))
    return every[works]


def _since_midnight(moment: time) -> pd.Timedelta:
    if moment == MIDNIGHT:
        return pd.Timedelta(days=1)
    return pd.Timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
