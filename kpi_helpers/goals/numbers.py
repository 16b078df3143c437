"""Numbers, days and periods as people write them in goals; what has two meanings is refused."""

from __future__ import annotations

import calendar
import math
import re
from datetime import date

from kpi_helpers.amounts import LARGEST, TWO_MEANINGS
from kpi_helpers.errors import KitError
from kpi_helpers.language import _

FIRST_YEAR = 1900  # "31.12.26" is not the year 26
NO_LIMIT = (date.min, date.max)
_UNSAID = str.maketrans({"−": "-", "–": "-", "\u00a0": "", "\u202f": "", " ": "", "\t": ""})
_MONTH = re.compile(r"(\d{4})-(\d\d?)|(\d\d?)\.(\d{4})")
_QUARTER = re.compile(r"(\d{4})-?[qк]([1-4])|[qк]([1-4])-?(\d{4})", re.IGNORECASE)


def read_number(text: str, column: str) -> float:
    """A number: 0.8, 0,8, 80 %, 1 200 000; NaN where there is none. "1,200" and "1.200" are refused: 1.2 or 1200?"""
    if not text:
        return math.nan
    plain = "".join(text.split()).translate(_UNSAID)
    percent = plain.endswith("%")
    try:
        number = math.nan if TWO_MEANINGS.fullmatch(plain) else float(plain.rstrip("%").replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in plain:
        found = _("{column} = {value} is not a number.").format(column=column, value=repr(text))
        raise KitError(found, _("Write it as 1200, 0.8 or 80 %."))
    if abs(number) > LARGEST:
        raise KitError(_("{column} = {value} is too large.").format(column=column, value=repr(text)))
    return number / 100 if percent else number


def read_day(text: str, column: str) -> date | None:
    """A day as 2026-12-31 or 31.12.2026; None where there is none."""
    if not text:
        return None
    try:
        return _day(text)
    except ValueError:
        found = _("{column} = {value} is not a date.").format(column=column, value=repr(text))
        raise KitError(found, _("Write it as 2026-12-31.")) from None


def _day(text: str) -> date:
    year, month, day = map(int, reversed(text.split(".")) if "." in text else text.split("-"))
    if year < FIRST_YEAR:
        raise ValueError(text)
    return date(year, month, day)


def read_period(text: str) -> tuple[date, date] | None:
    """First and last day of 2025, 2025-Q4, 2025-10 or 2025-04..2025-09; None where nothing is said.

    >>> read_period("2025-Q4")
    (datetime.date(2025, 10, 1), datetime.date(2025, 12, 31))
    """
    if not text:
        return None
    try:
        ends = [_period(part.translate(_UNSAID)) for part in re.split(r"\.\.|…", text)]
        if len(ends) > 2 or ends[0][0] > ends[-1][1]:
            raise ValueError(text)
        return ends[0][0], ends[-1][1]
    except ValueError:
        found = _("{column} = {value} is not a period.").format(column="baseline_period", value=repr(text))
        raise KitError(found, _("Write it as 2025, 2025-Q4, 2025-10 or 2025-04..2025-09.")) from None


def _period(text: str) -> tuple[date, date]:
    if found := _QUARTER.fullmatch(text):
        year, quarter = int(found[1] or found[4]), int(found[2] or found[3])
        first, last = 3 * quarter - 2, 3 * quarter
    elif found := _MONTH.fullmatch(text):
        year, first = int(found[1] or found[4]), int(found[2] or found[3])
        last = first
    else:
        year, first, last = int(text), 1, 12
    if not FIRST_YEAR <= year <= date.max.year:
        raise ValueError(text)
    return date(year, first, 1), month_end(date(year, last, 1))


def month_end(month: date) -> date:
    """The last day of a month."""
    return date(month.year, month.month, calendar.monthrange(month.year, month.month)[1])


def count_months(first: date, last: date) -> int:
    """How many months there are from the first day's to the last day's.

    >>> count_months(date(2026, 1, 15), date(2026, 12, 31))
    12
    """
    return 12 * (last.year - first.year) + last.month - first.month + 1
