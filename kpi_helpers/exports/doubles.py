"""Two sources that count the same: two web analytics, or the shop's orders beside a table of one's own."""

from __future__ import annotations

from datetime import date
from itertools import combinations

from kpi_helpers.exports.folder import Exports
from kpi_helpers.exports.reading import TableReading
from kpi_helpers.labels import write_period
from kpi_helpers.language import _
from kpi_helpers.terms import TABLES

COUNTED = ("traffic", "orders", "leads", "calls", "chats")


def double_sources(exports: Exports) -> list[str]:
    """A sentence for each two sources that speak of the same days, in the reader's language."""
    readings = [table for file in exports.files for table in file.tables if table.table in COUNTED and len(table.frame)]
    found: dict[tuple[str, str], str] = {}
    for one, other in combinations(readings, 2):
        (first, last), (other_first, other_last) = _span(one), _span(other)
        start, end = max(first, other_first), min(last, other_last)
        doubled = one.table == other.table and one.platform != other.platform and one.sums.keys() & other.sums.keys()
        if doubled and start <= end and one.tallies == other.tallies:  # of numbers beside lists `beside` tells
            text = _("{first} and {second} both cover {period}: counted twice. Leave one of them in the folder.")
            names = sorted((_(one.name), _(other.name)))
            said = text.format(first=names[0], second=names[1], period=write_period(start, end))
            found.setdefault((names[0], names[1]), said)
    return list(found.values())


def _span(reading: TableReading) -> tuple[date, date]:
    """The first and the last day of the rows that count."""
    days = reading.frame[TABLES[reading.table].date]
    first = reading.frame["since"].fillna(days.dt.tz_localize(None)) if "since" in reading.frame else days
    return first.min().date(), days.max().date()
