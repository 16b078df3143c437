"""Months as people and spreadsheets write them."""

from __future__ import annotations

import re
from datetime import date

from kpi_helpers.errors import KitError, KitErrors
from kpi_helpers.language import N_, _

LAST = ("last", "последний")
MOST = 120  # months in one span: ten years
FIRST_YEAR, LAST_YEAR = 2000, 2099
EXPECTED = N_("Write it as 2026-10, 2026-08..2026-10 or last.")
_NUMERIC = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d?)(-01)?([ T]00:00(:00)?)?", re.ASCII),  # a spreadsheet's 2026-10-01
    re.compile(r"(01\.)?(?P<month>\d\d?)\.(?P<year>\d{4})", re.ASCII),  # 10.2026; a spreadsheet's 01.10.2026
)
_WORDS = re.compile(r"(?P<word>[^\W\d_]{3,9})\.?[-. ]+(?P<year>[0-9]{4}|[0-9]{2})")  # a spreadsheet's Oct-26, окт.26
_NAMES = {
    name: month
    for names in ("jan feb mar apr may jun jul aug sep oct nov dec", "янв фев мар апр май июн июл авг сен окт ноя дек")
    for month, name in enumerate(names.split(), 1)
} | {"мая": 5}


def read_months(texts: list[str], today: date) -> list[str]:
    """The months as 2026-10, each once, in the order in which they are written; KitErrors names all that is unreadable.

    >>> read_months(["2026-11..2027-01", "last"], date(2027, 3, 5))
    ['2026-11', '2026-12', '2027-01', '2027-02']
    """
    months: list[str] = []
    errors: list[KitError] = []
    for text in dict.fromkeys(texts):
        try:
            months += _read(text.strip(), today)
        except KitError as error:
            errors.append(error)
    if errors:
        raise KitErrors.of(errors)
    return list(dict.fromkeys(months))


def says_last(texts: list[str]) -> bool:
    """Whether one of the months is written as "last"."""
    return any(part.strip().casefold() in LAST for text in texts for part in text.split(".."))


def last_month(today: date) -> str:
    """The last whole month of the calendar."""
    return _write(today.year * 12 + today.month - 2)


def _read(text: str, today: date) -> list[str]:
    first, dots, last = (part.strip() for part in text.partition(".."))
    start = _number(first, text, today)
    end = _number(last, text, today) if dots else start
    if end < start:
        found = _("{months} ends before it begins.").format(months=repr(text[:40]))
        raise KitError(found, _("Write the earlier month first."))
    if end - start >= MOST:
        raise _unreadable(text)
    return [_write(number) for number in range(start, end + 1)]


def _number(text: str, whole: str, today: date) -> int:
    """A month as the number of months since the year 0."""
    if text.casefold() in LAST:
        text = last_month(today)
    for shape in (*_NUMERIC, _WORDS):
        if found := shape.fullmatch(text):
            parts = found.groupdict()
            month = int(parts["month"]) if "month" in parts else _NAMES.get(parts["word"].casefold()[:3], 0)
            year = int(parts["year"]) + (FIRST_YEAR if len(parts["year"]) == 2 else 0)
            if 1 <= month <= 12 and FIRST_YEAR <= year <= LAST_YEAR:
                return year * 12 + month - 1
    raise _unreadable(whole)


def _unreadable(text: str) -> KitError:
    return KitError(_("month {month} cannot be read.").format(month=repr(text[:40])), _(EXPECTED))


def _write(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
