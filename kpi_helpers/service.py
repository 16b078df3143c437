"""Service levels: when an answer was due in working hours, and whether it came in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

import numpy as np
import pandas as pd

from kpi_helpers.calendars import holidays_of
from kpi_helpers.company import WEEKDAYS, Company, WorkingHours

ANSWER_WITHIN = pd.Timedelta(minutes=15)  # of working time
AFTER_OPENING = pd.Timedelta(hours=1)  # for requests that came outside working hours
CHAT_WITHIN = 15  # seconds
END_OF_DAY = pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)


def due_times(received: pd.Series, hours: WorkingHours) -> pd.Series:
    """When an answer is due, for local wall times (no zone), as a Series of the same index.

    In working hours: 15 minutes of working time later (what is left at closing is counted from the next opening).
    Outside them: one hour after the next opening. Public holidays of the country are free days.

    >>> received = pd.Series(pd.to_datetime(["2026-11-20 19:30", "2026-11-24 10:00"]))
    >>> due_times(received, WorkingHours()).tolist()
    [Timestamp('2026-11-23 10:00:00'), Timestamp('2026-11-24 10:15:00')]
    """
    known = received.dropna()
    calendar = _calendar(known, hours)
    day = known.dt.normalize()
    opens, closes = day + _since_midnight(hours.opens), day + _since_midnight(hours.closes)
    works = pd.Series(np.is_busday(day.to_numpy("datetime64[D]"), busdaycal=calendar), index=known.index)
    inside = works & (known >= opens) & (known < closes)
    next_day = np.busday_offset(day.to_numpy("datetime64[D]") + 1, 0, roll="forward", busdaycal=calendar)
    later = pd.Series(next_day, index=known.index) + _since_midnight(hours.opens)
    next_opening = opens.where(works & (known < opens), later)
    due = known + ANSWER_WITHIN
    due = due.where(due <= closes, next_opening + (due - closes))
    return due.where(inside, next_opening + AFTER_OPENING).reindex(received.index)


def mark_answers(tables: Mapping[str, pd.DataFrame], company: Company, today: date) -> dict[str, pd.DataFrame]:
    """The tables with marks of timeliness: leads get `due_at` and `in_time`, chats `in_time`, tasks `on_time`.

    A request without an answer is late once its time is over by the end of `today`, the last day that the data cover;
    while the time still runs it has no mark (NA), as has everything when the export does not say when it was answered.
    """
    marked = dict(tables)
    end = pd.Timestamp(today) + pd.Timedelta(days=1)
    for key, mark in (("leads", _mark_leads), ("chats", _mark_chats), ("tasks", _mark_tasks)):
        if key in tables:
            marked[key] = mark(tables[key], company.hours, end)
    return marked


def _mark_leads(leads: pd.DataFrame, hours: WorkingHours, end: pd.Timestamp) -> pd.DataFrame:
    created, answered = (leads[name].dt.tz_localize(None) for name in ("created_at", "first_answer_at"))
    if "leads" in leads:
        created = created.mask(leads["leads"].notna())  # a tally does not say when each of them came
    due, last = due_times(created, hours), max(created.max(), answered.max())
    if last > end - pd.Timedelta(days=1):
        end = last  # exported in the course of the last day
    return leads.assign(due_at=due, in_time=_in_time(due, answered, end))


def _mark_chats(chats: pd.DataFrame, _hours: WorkingHours, _end: pd.Timestamp) -> pd.DataFrame:
    seconds, answered = chats["answer_seconds"], chats["answered"].astype("boolean").fillna(True)
    fast = (seconds <= CHAT_WITHIN) & answered  # some exports give missed chats 0 seconds
    return chats.assign(in_time=fast.mask((seconds.isna() & answered) | bool(seconds.isna().all())))


def _mark_tasks(tasks: pd.DataFrame, _hours: WorkingHours, end: pd.Timestamp) -> pd.DataFrame:
    return tasks.assign(on_time=_in_time(tasks["due_at"] + END_OF_DAY, tasks["done_at"], end))


def _in_time(due: pd.Series, done: pd.Series, end: pd.Timestamp) -> pd.Series:
    marks = (done <= due).astype("boolean")
    still_open = done.isna() & (due > end)
    return marks.mask(due.isna() | still_open | bool(done.isna().all()))


def _calendar(received: pd.Series, hours: WorkingHours) -> np.busdaycalendar:
    free: dict[date, str] = {}
    if len(received):
        free = holidays_of(hours.country, date(received.min().year, 1, 1), date(received.max().year + 1, 12, 31))
    week = [day in hours.days for day in WEEKDAYS]
    return np.busdaycalendar(weekmask=week, holidays=np.array(list(free), dtype="datetime64[D]"))


def _since_midnight(moment: time) -> pd.Timedelta:
    return pd.Timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
