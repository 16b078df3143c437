"""One sheet, read by its layout: canonical frames, with an account of every row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.channels import ChannelRule
from kpi_helpers.exports.columns import CellFault, Column, ColumnReader, faulty_rows
from kpi_helpers.exports.currency import find_table_currency
from kpi_helpers.exports.dates import Period, find_stated_period
from kpi_helpers.exports.dialect import Sheet
from kpi_helpers.exports.layout import Each, Layout, Rule
from kpi_helpers.exports.recognise import Match
from kpi_helpers.exports.rows import Problem, Rows
from kpi_helpers.exports.values import plain
from kpi_helpers.language import N_, _
from kpi_helpers.terms import MEASURES, TABLES, ColumnType, Table

EMPTY = N_("is empty")
FILL_IN = N_("Fill it in at its source and export it again.")
_SHOWN = 80  # characters of a value in a message


@dataclass(frozen=True)
class TableReading:
    """What one file gave to one canonical table.

    Every row is accounted for: rows_in = used + totals + rejected + continued. Of the used rows, `set_aside` do not
    count by their status (cancelled orders) and `repeated` were counted from another file: they are not in `frame`.
    `sums` holds the table's additive measures; one without values is not in it.
    """

    layout: str
    name: str
    platform: str
    table: str
    start: date | None
    end: date | None
    rows_in: int
    used: int
    totals: int
    rejected: int
    continued: int
    sums: dict[str, float]
    currency: str
    problems: tuple[Problem, ...]
    frame: pd.DataFrame
    set_aside: int = 0
    repeated: int = 0


@dataclass(frozen=True)
class FileReading:
    """What one file gave. `reason` is "" where it was used, else why it was not, in the reader's language."""

    file: str
    sha256: str
    tables: tuple[TableReading, ...]
    reason: str = ""


def read_sheet(sheet: Sheet, match: Match, company: Company, channels: Sequence[ChannelRule]) -> list[TableReading]:
    """A reading for each table that the sheet fills. Raises KitError where it holds several currencies."""
    layout, head = match.layout, match.row
    lines = np.array(sheet.lines[head + 1 :], dtype="int64")
    body = Body(sheet.rows[head], sheet.rows[head + 1 :], lines, sheet.decimal)
    rows = Rows.of(body, layout, sheet.cut_off)
    counted = rows.counted
    reader = ColumnReader(body.where(counted), company, channels)
    period = find_stated_period(sheet.rows[:head])
    return [
        _read_table(TABLES[table], layout, rules, reader, rows, period)
        for table, rules in layout.tables.items()
        if _fills(TABLES[table], layout, rules, reader)
    ]


def sum_frame(table: str, frame: pd.DataFrame) -> dict[str, float]:
    """The additive measures of a canonical table without conditions; those without any value are left out."""
    sums: dict[str, float] = {}
    for measure in MEASURES.values():
        if measure.table != table or measure.where or not measure.can_be_added:
            continue
        if measure.how == "count":
            sums[measure.key] = float(len(frame))
        elif measure.column in frame and frame[measure.column].notna().any():
            sums[measure.key] = math.fsum(frame[measure.column].dropna())
    return sums


def _fills(table: Table, layout: Layout, rules: Mapping[str, Rule], reader: ColumnReader) -> bool:
    """Whether the sheet has what the table cannot do without: its date, its id and something to count."""
    if not all(name in rules and reader.can_read(rules[name]) for name in _required(table, rules)):
        return False
    each = layout.each.get(table.key)
    if each:
        return bool(each.heading.find_all(reader.body.plain_headings))
    of_table = [measure for measure in MEASURES.values() if measure.table == table.key]
    if any(measure.how == "count" and not measure.where for measure in of_table):
        return True
    measured = [name for name, kind in table.columns.items() if kind in ("count", "number", "money", "flag")]
    return any(name in rules and rules[name].const is None and reader.can_read(rules[name]) for name in measured)


def _required(table: Table, rules: Mapping[str, Rule]) -> list[str]:
    own_id = next((name for name, kind in table.columns.items() if kind == "id"), "")
    return [table.date, *([own_id] if own_id in rules else [])]


def _read_table(
    table: Table, layout: Layout, rules: Mapping[str, Rule], reader: ColumnReader, rows: Rows, period: Period | None
) -> TableReading:
    columns = {name: _column(name, kind, rules, layout, reader) for name, kind in table.columns.items()}
    faults = [fault for name in _required(table, rules) for fault in _empty(rules[name], columns[name], reader)]
    faults += [fault for column in columns.values() for fault in column.faults]
    each = layout.each.get(table.key)
    parts = list(_each(each, table, columns, reader)) if each else []
    faults += [fault for _frame, column in parts for fault in column.faults]
    bad = faulty_rows(faults, len(reader.body.rows))
    frame = pd.DataFrame({name: column.values for name, column in columns.items()})
    if each:
        frame = pd.concat([frame.assign(**found)[~bad] for found, _column in parts]).dropna(subset=each.value)
    else:
        frame = frame[~bad]
    problems = sorted([*rows.problems.values(), *_problems(faults, reader.body)], key=lambda problem: problem.line)
    start, end = _covered(*_days_meant(table, rules, reader, columns[table.date].values), period)
    rejected = int(rows.broken.sum() + bad.sum())
    totals, continued = int(rows.totals.sum()), int(rows.continued.sum())
    return TableReading(
        layout.key, layout.name, layout.platform, table.key, start, end, len(rows.lines),
        len(rows.lines) - totals - rejected - continued, totals, rejected, continued, sum_frame(table.key, frame),
        find_table_currency(table, layout, rules, reader), tuple(problems), frame.reset_index(drop=True),
        set_aside=int(rows.set_aside.sum()),
    )  # fmt: skip


def _column(name: str, kind: ColumnType, rules: Mapping[str, Rule], layout: Layout, reader: ColumnReader) -> Column:
    if name in rules:
        return reader.read(rules[name], kind)
    if name == "platform":
        return reader.read(Rule(const=layout.platform), "text")
    return Column(reader.missing(kind))


def _each(
    each: Each, table: Table, columns: dict[str, Column], reader: ColumnReader
) -> Iterator[tuple[dict[str, pd.Series], Column]]:
    for place in each.heading.find_all(reader.body.plain_headings):
        heading = reader.body.headings[place]
        one = replace(each.heading, patterns=(plain(heading),))
        column = reader.read(Rule(heading=one), table.columns[each.value])
        name = reader.read(Rule(const=each.heading.captured(heading)), "text")
        yield {each.name: name.values, each.value: column.values}, column


def _empty(rule: Rule, column: Column, reader: ColumnReader) -> Iterator[CellFault]:
    bad = faulty_rows(column.faults, len(column.values))
    empty = column.values.isna().to_numpy() & ~bad
    if empty.any():
        place = reader.body.column(rule.heading)
        heading = reader.body.headings[place] if place is not None else ""
        yield CellFault(empty, heading, pd.Series("", index=column.values.index, dtype=object), EMPTY, FILL_IN)


def _problems(faults: list[CellFault], body: Body) -> list[Problem]:
    """One problem for each rejected row: its first."""
    found: dict[int, Problem] = {}
    for fault in faults:
        for row in np.flatnonzero(fault.rows):
            if row not in found:
                value = re.sub(r"[\x00-\x1f\x7f]+", " ", str(fault.cells.iloc[row]))[:_SHOWN]
                line = int(body.lines[row])
                found[int(row)] = Problem(line, fault.heading.strip(), value, _(fault.reason), _(fault.remedy))
    return list(found.values())


def _days_meant(
    table: Table, rules: Mapping[str, Rule], reader: ColumnReader, days: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """The first and the last day that each date means: a month begins with its first day and ends with its last."""
    if table.columns[table.date] != "date":
        return days, days
    first, last = (reader.read(replace(rules[table.date], last=end), "date").values for end in (False, True))
    return first, last


def _covered(first: pd.Series, last: pd.Series, stated: Period | None) -> tuple[date | None, date | None]:
    """The period that the preamble states, where the rows agree with it, or that of the rows."""
    if first.isna().all():
        return stated or (None, None)
    start, end = first.min().date(), last.max().date()
    if stated and stated[0] <= start and end <= stated[1]:
        return stated
    return start, end
