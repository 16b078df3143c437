"""Marks of timeliness on requests, chats and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from kpi_helpers.company import Company, WorkingHours
from kpi_helpers.said import says, says_hours
from kpi_helpers.service.due import due_times

CHAT_WITHIN = 15  # seconds
END_OF_DAY = pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)


def mark_answers(tables: Mapping[str, pd.DataFrame], company: Company, today: date) -> dict[str, pd.DataFrame]:
    """The tables with marks of timeliness: leads get `due_at` and `in_time`, chats `in_time`, tasks `on_time`.

    A request without an answer is late once its time is over by the end of `today`, the last day that the data cover;
    while the time still runs it has no mark (NA). One answered before it came has none either. Where an export never
    says when requests were answered, or only on which day, none of its requests is due or marked: other exports prove
    nothing of it. So it is with chats and tasks.
    """
    marked = dict(tables)
    end = pd.Timestamp(today) + pd.Timedelta(days=1)
    if "leads" in tables:
        marked["leads"] = _mark_leads(tables["leads"], company.hours, end)
    if "chats" in tables:
        marked["chats"] = _mark_chats(tables["chats"])
    if "tasks" in tables:
        marked["tasks"] = _mark_tasks(tables["tasks"], end)
    return marked


def _mark_leads(leads: pd.DataFrame, hours: WorkingHours, end: pd.Timestamp) -> pd.DataFrame:
    created, answered = (leads[name].dt.tz_localize(None) for name in ("created_at", "first_answer_at"))
    if "leads" in leads:
        created = created.mask(leads["leads"].notna())  # a tally does not say when each of them came
    clear = says(leads, "first_answer_at") & says_hours(created, leads) & says_hours(answered, leads)
    due, last = due_times(created.where(clear), hours), max(created.max(), answered.max())
    if last > end - pd.Timedelta(days=1):
        end = last  # exported in the course of the last day
    return leads.assign(due_at=due, in_time=_in_time(due, answered, end).mask(answered < created))


def _mark_chats(chats: pd.DataFrame) -> pd.DataFrame:
    seconds, answered = chats["answer_seconds"], chats["answered"].astype("boolean").fillna(True)
    fast = (seconds <= CHAT_WITHIN) & answered  # some exports give missed chats 0 seconds
    return chats.assign(in_time=fast.mask((seconds.isna() & answered) | ~says(chats, "answer_seconds")))


def _mark_tasks(tasks: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    due = (tasks["due_at"] + END_OF_DAY).where(says(tasks, "done_at"))
    return tasks.assign(on_time=_in_time(due, tasks["done_at"], end))


def _in_time(due: pd.Series, done: pd.Series, end: pd.Timestamp) -> pd.Series:
    marks = (done <= due).astype("boolean")
    still_open = done.isna() & (due > end)
    return marks.mask(due.isna() | still_open)
