"""Where the rows of a table stand in time: their day, or the days that they speak of as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.exports.columns import CellFault, Column, ColumnReader
from kpi_helpers.exports.dates import Period, in_zone
from kpi_helpers.exports.layout import Layout, Rule
from kpi_helpers.labels import write_period
from kpi_helpers.language import N_, _
from kpi_helpers.terms import MEASURES, TABLES, Table

WEEK = pd.Timedelta(days=7)
ACROSS_MONTHS = N_("speaks of several months as a whole")
BY_DAY = N_("Export it by day, or each month on its own.")


def refuse_undated(layout: Layout, reader: ColumnReader) -> None:
    """Raises KitError where no table of the layout can be placed in time, or only in a period across months."""
    dated = [reader.usable(rules[TABLES[table].date]) for table, rules in layout.tables.items()
             if TABLES[table].date in rules]  # fmt: skip
    if dated and not any(dated):
        raise KitError(
            _("nothing says of which days it speaks: it has no column of days and states no period."),
            _("Export it by day or for dates (not the last 28 days), or put both dates into its name: {name}.").format(
                name="campaigns 2026-10-01 2026-10-31.csv"
            ),
        )
    start, end = reader.period or (None, None)
    stated = all(rule.stated for rules in dated for rule in rules[:1])
    if dated and stated and start and end and (start.year, start.month) != (end.year, end.month):
        found = _("it speaks of {period} as a whole, and nobody knows what belongs to which month.")
        raise KitError(found.format(period=write_period(start, end)), _(BY_DAY))


def days_meant(
    table: Table, rules: Mapping[str, Rule], reader: ColumnReader, days: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """The first and the last day that each date means: a month begins with its first day and ends with its last."""
    if table.columns[table.date] != "date" and table.tally not in rules:
        return days.dt.tz_localize(None), days.dt.tz_localize(None)
    rule = rules[table.date]
    endings = any(inner.last for inner in (rule, *rule.first))
    first = reader.read(_ending(rule, False), "date").values if endings or days.dt.tz else days
    return first, reader.read(_ending(rule, True), "date").values


def place_in_time(
    table: Table, rules: Mapping[str, Rule], reader: ColumnReader, columns: dict[str, Column], first: pd.Series,
    last: pd.Series,
) -> list[CellFault]:
    """Set `date` to the last day of what each row speaks of and `since` to the first, where these differ.

    Rows that speak of several months as a whole are faults: nobody knows what belongs to which.
    """
    if table.key == "costs":
        long = last.where(last - first > WEEK)  # a week counts on its first day: it is not worth losing
        return _across_months(first, long, reader, rules[table.date])
    if "since" not in table.columns or (table.tally and table.tally not in rules):
        return []
    since = columns["since"].values
    since = first if since.isna().all() else since.fillna(first)
    zone = reader.company.timezone if table.columns[table.date] == "time" else None
    if not (since < last).any():
        columns["since"] = Column(reader.missing("date"))
        columns[table.date] = replace(columns[table.date], values=_at_midnight(last, zone))
        return []
    if reader.period:  # a week or a month at the edge of the report's period is told in part
        start, end = map(pd.Timestamp, reader.period)
        within = (since < last) & (since <= end) & (last >= start)
        since, last = since.mask(within & (since < start), start), last.mask(within & (last > end), end)
    since = since.where(since < last)
    columns["since"] = Column(since)
    columns[table.date] = replace(columns[table.date], values=_at_midnight(last, zone))
    if not any(measure.table == table.key for measure in MEASURES.values()):
        return []
    return _across_months(since, last, reader, rules[table.date])


def _across_months(first: pd.Series, last: pd.Series, reader: ColumnReader, rule: Rule) -> list[CellFault]:
    other = (first.dt.month != last.dt.month) | (first.dt.year != last.dt.year)
    across = (first.notna() & last.notna() & other).to_numpy()
    return [CellFault(across, *reader.shown(rule), ACROSS_MONTHS, BY_DAY)] if across.any() else []


def _at_midnight(days: pd.Series, zone: str | None) -> pd.Series:
    """Days as times of a zone; where the clock goes forward at midnight, the day begins an hour later."""
    return in_zone(days, zone) if zone else days


def covered(first: pd.Series, last: pd.Series, stated: Period | None) -> tuple[date | None, date | None]:
    """The period that the preamble states, where the rows agree with it, or that of the rows."""
    if first.isna().all():
        return stated or (None, None)
    start, end = first.min().date(), last.max().date()
    if stated and stated[0] <= start and end <= stated[1]:
        return stated
    return start, end


def _ending(rule: Rule, last: bool) -> Rule:
    """The rule of a date, for the first or the last day of what its cells say."""
    return replace(rule, last=last, first=tuple(_ending(inner, last) for inner in rule.first))
