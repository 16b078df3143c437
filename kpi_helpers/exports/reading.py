"""One sheet, read by its layout: canonical frames, with an account of every row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.channels import ChannelRule
from kpi_helpers.exports.columns import CellFault, Column, ColumnReader, faulty_rows
from kpi_helpers.exports.currency import find_table_currency, find_vat
from kpi_helpers.exports.dates import Period, find_stated_period
from kpi_helpers.exports.dialect import Sheet
from kpi_helpers.exports.layout import Each, Layout, Rule
from kpi_helpers.exports.order_lines import OTHER_ORDER, OWN_NUMBER, join_lines
from kpi_helpers.exports.recognise import Match
from kpi_helpers.exports.rows import Problem, Rows
from kpi_helpers.exports.values import plain
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.terms import MEASURES, TABLES, ColumnType, Table

EMPTY = N_("is empty")
FILL_IN = N_("Fill it in at its source and export it again.")
WITHOUT_IT = N_("{reason}; the row counts without this cell")
NO_ROWS = N_("0 rows under the headings")
LONGER = N_("Export it again for a period that has data.")
_SHOWN = 80  # characters of a value in a message


@dataclass(frozen=True)
class TableReading:
    """What one file gave to one canonical table.

    Every row is accounted for: rows_in = used + totals + rejected + continued. Of the used rows, `set_aside` do not
    count by their status (cancelled orders; they are in `withdrawn`) and `repeated` are held by a later export too:
    neither are in `frame`. `sums` holds the table's additive measures; one without values is not in it. `vat` is what
    the headings of money say: "included", "excluded" or "".
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
    vat: str = ""
    set_aside: int = 0
    repeated: int = 0
    withdrawn: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def repeats(self) -> str:
        """What became of the repeated rows, in the reader's language; "" where there are none."""
        said = ngettext("{n} row repeated: the later export counts", "{n} rows repeated: the later export counts",
                        self.repeated)  # fmt: skip
        return said.format(n=self.repeated) if self.repeated else ""


@dataclass(frozen=True)
class FileReading:
    """What one file gave. `reason` is "" where it was used, else why it was not, in the reader's language.

    `modified` is when the file was last written, in seconds since 1970.
    """

    file: str
    sha256: str
    tables: tuple[TableReading, ...]
    reason: str = ""
    modified: float = 0.0


def read_sheet(sheet: Sheet, match: Match, company: Company, channels: Sequence[ChannelRule]) -> list[TableReading]:
    """A reading for each table that the sheet fills. Raises KitError where it holds several currencies."""
    layout, head = match.layout, match.row
    lines = np.array(sheet.lines[head + 1 :], dtype="int64")
    body = Body(sheet.rows[head], sheet.rows[head + 1 :], lines, sheet.decimal)
    rows = Rows.of(body, layout, sheet.cut_off)
    reader = ColumnReader(body.where(rows.read), company, channels)
    period = find_stated_period(sheet.rows[:head])
    return [
        reading if len(lines) else replace(reading, problems=(_no_rows(sheet.lines[head]),))
        for table, rules in layout.tables.items()
        if _fills(TABLES[table], layout, rules, reader)
        for reading in [_read_table(TABLES[table], layout, rules, reader, rows, period)]
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


def _needed(table: Table, rules: Mapping[str, Rule]) -> set[str]:
    """The columns without which a row cannot be counted: the required ones and those that a measure sums."""
    summed = {measure.column for measure in MEASURES.values() if measure.table == table.key and measure.how == "sum"}
    return {*_required(table, rules), *(summed & table.columns.keys())}


def _read_table(
    table: Table, layout: Layout, rules: Mapping[str, Rule], reader: ColumnReader, rows: Rows, period: Period | None
) -> TableReading:
    columns = {name: _column(name, kind, rules, layout, reader) for name, kind in table.columns.items()}
    needed = _needed(table, rules)
    faults = [fault for name in _required(table, rules) for fault in _empty(rules[name], columns[name], reader)]
    faults += [fault for name in needed for fault in columns[name].faults]
    lesser = [fault for name, column in columns.items() if name not in needed for fault in column.faults]
    each = layout.each.get(table.key)
    parts = list(_each(each, table, columns, reader)) if each else []
    faults += [fault for _frame, column in parts for fault in column.faults]
    aside = rows.set_aside[rows.read]
    bad = faulty_rows(faults, len(aside)) & ~aside
    every = pd.DataFrame({name: column.values for name, column in columns.items()})
    frame, added = every[~bad & ~aside], 0
    if table.key == "orders":
        joined = join_lines(frame)
        frame, added = joined.orders, len(joined.added)
        clash = np.isin(every.index, joined.clashing)
        if clash.any():
            faults.append(CellFault(clash, *reader.shown(rules["order_id"]), OTHER_ORDER, OWN_NUMBER))
            bad |= clash
    if each:
        frame = pd.concat([frame.assign(**found) for found, _column in parts]).dropna(subset=each.value)
    problems = [*rows.problems.values(), *_problems(faults, bad, reader.body),
                *_emptied(lesser, ~bad & ~aside, reader.body)]  # fmt: skip
    start, end = _covered(*_days_meant(table, rules, reader, columns[table.date].values), period)
    rejected = int(rows.broken.sum() + bad.sum())
    totals, continued = int(rows.totals.sum()), int(rows.continued.sum()) + added
    return TableReading(
        layout.key, layout.name, layout.platform, table.key, start, end, len(rows.lines),
        len(rows.lines) - totals - rejected - continued, totals, rejected, continued, sum_frame(table.key, frame),
        find_table_currency(table, layout, rules, reader), tuple(sorted(problems, key=lambda problem: problem.line)),
        frame.reset_index(drop=True), set_aside=int(aside.sum()), withdrawn=every[aside],
        vat=find_vat(table, rules, reader.body),
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


def _problems(faults: list[CellFault], rejected: np.ndarray, body: Body) -> list[Problem]:
    """One problem for each rejected row: its first."""
    found: dict[int, Problem] = {}
    for fault in faults:
        for row in np.flatnonzero(fault.rows & rejected).tolist():
            found.setdefault(row, _problem(fault, row, body, _(fault.reason)))
    return list(found.values())


def _emptied(faults: list[CellFault], used: np.ndarray, body: Body) -> list[Problem]:
    """A problem for each cell that a used row has to do without."""
    reasons = ((fault, _(WITHOUT_IT).format(reason=_(fault.reason))) for fault in faults)
    return [_problem(fault, row, body, reason)
            for fault, reason in reasons for row in np.flatnonzero(fault.rows & used).tolist()]  # fmt: skip


def _problem(fault: CellFault, row: int, body: Body, reason: str) -> Problem:
    value = re.sub(r"[\x00-\x1f\x7f]+", " ", str(fault.cells.iloc[row]))[:_SHOWN]
    return Problem(int(body.lines[row]), fault.heading.strip(), value, reason, _(fault.remedy))


def _no_rows(line: int) -> Problem:
    return Problem(line, "", "", _(NO_ROWS), _(LONGER))


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
