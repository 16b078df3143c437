"""How far the data reach: the days of a month that are covered, and exports that end too early."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpi_helpers.calendars import holidays_of
from kpi_helpers.company import WEEKDAYS
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.labels import month_name
from kpi_helpers.language import _
from kpi_helpers.terms import TABLES

BY_DAY = ("ads", "traffic")  # a row for every day: the last row is the last day covered
DAILY = (*BY_DAY, "leads", "orders")  # the tables that say how far the data reach
NOW_AND_THEN = ("calls", "chats")  # days without any are usual: late is what is silent for longer than ever before
NEAR_END = timedelta(days=7)  # without a lead, an order or an ad shown, at the end of a month
GRACE = timedelta(days=2)  # an export that ends so much earlier than the others is not called late
LEAST_DAYS = 50  # with rows, before anything is usual
RECENT = timedelta(days=92)  # an export that ended longer ago is history and not late


def last_day(exports: Exports) -> date | None:
    """The last day that the data speak of, or None where nothing is dated.

    Where there are tables with a row for every day it is the last row of any table: the period that a preamble states
    may not be over, and the month of which a row speaks neither. It is where the file was written after it and rows
    come near its end. Else it is the last day stated.
    """
    if any(key in exports.tables for key in BY_DAY):
        told = [day for key in DAILY if key in exports.tables for day in [_last_told(exports, key)] if day]
        if told:
            over = [end for end in _ends_before_export(exports) if end - NEAR_END <= max(told)]
            return max(*told, *over, date.min)
    return max((end for _start, end in _spans(exports, DAILY) or _spans(exports, TABLES)), default=None)


def _ends_before_export(exports: Exports) -> list[date]:
    """The last days of what files of daily tables speak of, where the file was written later."""
    files = [(file.modified, table.end) for file in exports.files for table in file.tables if table.table in BY_DAY]
    zone = exports.company.timezone  # not the machine's, which may be another one each time
    return [end for written, end in files
            if end and written >= pd.Timestamp(end + timedelta(days=1), tz=zone).timestamp()]  # fmt: skip


def _last_told(exports: Exports, key: str) -> date | None:
    """The last day of which a table speaks by the day; None where it does not."""
    frame = exports.tables[key]
    days = frame[TABLES[key].date]
    last = (days[frame["since"].isna()] if "since" in frame else days).max()
    return last.date() if pd.notna(last) else None


def period_covered(exports: Exports) -> tuple[date, date]:
    """The first and the last day that the data speak of; KitError where nothing is dated."""
    known, last = _spans(exports, DAILY) or _spans(exports, TABLES), last_day(exports)
    if last is None:
        unused = [file for file in exports.files if file.reason]
        if unused:
            raise KitError(unused[0].reason, where=unused[0].file)
        raise KitError(_("the exports hold no dated rows."), _("Add exports with a column of days."))
    return min(first for first, _end in known), last


def days_covered(exports: Exports, start: date) -> int:
    """How many days of the month that begins with `start` are covered; KitError where it is none."""
    first, last = period_covered(exports)
    length = calendar.monthrange(start.year, start.month)[1]
    if not (first <= start + timedelta(days=length - 1) and start <= last):
        raise KitError(
            _("the exports hold nothing of {month}.").format(month=month_name(start, heading=False)),
            _("They reach from {first} to {last}: choose a month between.").format(
                first=f"{first:%Y-%m}", last=f"{last:%Y-%m}"
            ),
        )
    return min((last - start).days + 1, length)


def _spans(exports: Exports, keys: Collection[str]) -> list[tuple[date, date]]:
    """First and last day of each reading of these tables."""
    readings = [table for file in exports.files for table in file.tables if table.table in keys]
    return [(table.start, table.end) for table in readings if table.start and table.end]


def known_until(exports: Exports, key: str, end: date) -> date:
    """The last day of `end` and before that a daily table speaks of: `end`, unless the table ends well before it."""
    if key not in exports.tables:
        return end
    last = _last_told(exports, key) or end
    return last if last < end - GRACE else end


def whole_since(exports: Exports, keys: Collection[str]) -> date:
    """The first day of the first month that all of these daily tables hold from its start."""
    held = [known for key in keys if key in DAILY and (known := _spans(exports, [key]))]
    latest = max((min(first for first, _end in known) for known in held), default=date.min)
    first = latest.replace(day=1)
    return first if latest <= first + GRACE else (first + timedelta(days=31)).replace(day=1)


def late_exports(exports: Exports, end: date) -> list[tuple[str, date]]:
    """Daily exports that end well before `end`, the last day covered: file and its last day. KPIs lack the days after.

    Of several files of one layout the last one counts, so that an account exported year by year is not late. Calls and
    chats are late where they are silent for more working days than ever before.
    """
    lasts: dict[tuple[str, str], tuple[date, str]] = {}
    for file in exports.files:
        for table in file.tables:
            if table.table in (*DAILY, *NOW_AND_THEN) and table.end:
                key = (table.layout, table.table)
                lasts[key] = max(lasts.get(key, (date.min, "")), (table.end, file.file))
    late = {key: last for key, last in lasts.items() if end - RECENT < last[0] < end - GRACE}
    return sorted({(file, day) for key, (day, file) in late.items()
                   if key[1] in DAILY or _is_unusually_silent(exports, *key, day, end)})  # fmt: skip


def _is_unusually_silent(exports: Exports, layout: str, key: str, last: date, end: date) -> bool:
    """Whether the working days from `last` to `end` are more than those between any two days with rows before."""
    found = [table for file in exports.files for table in file.tables if (table.layout, table.table) == (layout, key)]
    came = pd.concat([table.frame[TABLES[key].date] for table in found]).dropna().dt.tz_localize(None)
    days = np.unique(came.to_numpy("datetime64[D]"))
    if len(days) < LEAST_DAYS:
        return False
    hours = exports.company.hours
    week = [name in hours.days for name in WEEKDAYS]
    free = list(holidays_of(hours.country, days[0].item(), end))
    between = np.busday_count(days[:-1] + 1, days[1:], week, free)
    silent = np.busday_count(last + timedelta(days=1), end + timedelta(days=1), week, free)
    return bool(silent > max(GRACE.days, between.max()))
