"""One sheet, read by its layout into canonical frames, with an account of every row."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.channels import ChannelRule
from kpi_helpers.exports.columns import CHECK_VALUE, CellFault, Column, ColumnReader, faulty_rows
from kpi_helpers.exports.currency import MIXED, find_table_currency, find_vat
from kpi_helpers.exports.dates import Period, find_stated_period
from kpi_helpers.exports.kinds import says_value
from kpi_helpers.exports.layout import Each, Layout, Rule
from kpi_helpers.exports.order_lines import OTHER_ORDER, OWN_NUMBER, join_lines
from kpi_helpers.exports.periods import covered, days_meant, place_in_time, refuse_undated
from kpi_helpers.exports.reading import RawRows, TableReading, sum_frame
from kpi_helpers.exports.recognise import Match, unread_headings
from kpi_helpers.exports.rows import EXPORT_AGAIN, Problem, Rows
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.exports.totals import check_totals
from kpi_helpers.exports.values import plain
from kpi_helpers.exports.words import Words
from kpi_helpers.language import N_, _
from kpi_helpers.terms import MEASURES, TABLES, ColumnType, Table

RECORDS = ("calls", "chats", "survey")  # tables of rows that have no name of their own
YEARS_AHEAD = 5  # a clock that goes wrong a little must not cost rows
FAR_AHEAD = N_("lies more than five years ahead")
ENDS_BEFORE = N_("the row ends before this column")
EMPTY = N_("is empty")
FILL_IN = N_("Fill it in at its source and export it again.")
WITHOUT_IT = N_("{reason}; the row counts without this cell")
NO_ROWS = N_("0 rows under the headings")
LONGER = N_("Export it again for a period that has data.")


def read_sheet(
    sheet: Sheet, match: Match, company: Company, channels: Sequence[ChannelRule], named: Period | None = None
) -> list[TableReading]:
    """A reading for each table that the sheet fills.

    `named` is the period that the file's name states. Raises KitError where the sheet holds several currencies, where
    nothing says of which days it speaks, or where that is a period across months.
    """
    layout, head = match.layout, match.row
    lines = np.fromiter(sheet.lines[head + 1 :], dtype="int64")
    body = Body(match.headings, sheet.rows[head + 1 :], lines)
    rows = Rows.of(body, layout, sheet)
    above = sheet.rows[: head + 1][:-1]
    period = find_stated_period(above) or named
    preamble = "\n".join(" ".join(cells) for cells in above)
    reader = ColumnReader(body.where(rows.read), company, channels, preamble, period)
    refuse_undated(layout, reader)
    tables = [
        read_table(TABLES[table], layout, rules, reader, rows, body)
        for table, rules in layout.tables.items()
        if fills(TABLES[table], layout, rules, reader)
    ]
    no_rows = () if len(lines) else (_no_rows(sheet.lines[head] if head >= 0 else 1),)
    return [
        replace(
            table, problems=no_rows or table.problems, known=match.known, rival=match.rival,
            rival_known=match.rival_known, yields_to=layout.yields_to, shown_columns=shown_columns(layout, body),
            width=len(match.headings), not_read=unread_headings(match),
        )
        for table in tables
    ]  # fmt: skip


def shown_columns(layout: Layout, body: Body) -> frozenset[int]:
    """The columns whose cells may be shown to anyone: the layout reads them, and not as people."""
    headings = body.plain_headings
    people = {
        place
        for table, rules in layout.tables.items() for name, rule in rules.items() for heading in rule.headings
        if TABLES[table].columns[name] == "person" for place in heading.find_all(headings)
    }  # fmt: skip
    rules = [rule for columns in layout.tables.values() for rule in columns.values()]
    read = [*(heading for rule in rules for heading in rule.headings), *(each.heading for each in layout.each.values())]
    return frozenset({place for heading in read for place in heading.find_all(headings)} - people)


def fills(table: Table, layout: Layout, rules: Mapping[str, Rule], reader: ColumnReader) -> bool:
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
    return [name for name in (table.date, table.own_id, table.tally) if name == table.date or name in rules]


def _needed(table: Table, rules: Mapping[str, Rule]) -> set[str]:
    """The columns without which a row cannot be counted: the required ones and those that a measure sums."""
    summed = {measure.column for measure in MEASURES.values() if measure.table == table.key and measure.how == "sum"}
    return {*_required(table, rules), *(summed & table.columns.keys())}


def read_table(
    table: Table, layout: Layout, rules: Mapping[str, Rule], reader: ColumnReader, rows: Rows, body: Body
) -> TableReading:
    """A table of the sheet, with an account of the rows that `rows` judged."""
    columns = {name: _column(name, kind, rules, layout, reader) for name, kind in table.columns.items()}
    first, last = days_meant(table, rules, reader, columns[table.date].values)
    across = place_in_time(table, rules, reader, columns, first, last)
    aside = rows.set_aside[rows.read]
    if table.taken_back:  # such a row counts whatever its status: "Refund"
        aside &= ~(columns[table.taken_back].values < 0).to_numpy(dtype=bool, na_value=False)
    currency = find_table_currency(table, layout, rules, replace(reader, body=reader.body.where(~aside)))
    if currency == MIXED:
        currency = ""
        columns |= {name: Column(reader.missing("money")) for name in table.money}
    parts = list(_each(layout.each[table.key], table, reader)) if table.key in layout.each else []
    faults, lesser = _faults(table, rules, reader, columns)
    faults = [*across, *faults, *(fault for _frame, column in parts for fault in column.faults)]
    rejected = faulty_rows(faults, len(aside)) & ~aside
    doubled = _doubled(table, layout, reader) & ~aside & ~rejected
    every = pd.DataFrame({name: column.values.array for name, column in columns.items()})
    raw = RawRows(lambda: reader.body.hashes(_naming(table, rules, reader.body)))
    counted = ~(aside | rejected | doubled)
    records = _records(table, rules, every if counted.all() else every[counted], raw)
    if len(records.clashing):
        clashing = np.isin(every.index, records.clashing)
        faults.append(CellFault(clashing, *reader.shown(rules["order_id"]), OTHER_ORDER, OWN_NUMBER))
        rejected |= clashing
    each = layout.each.get(table.key)
    frame = _unfolded(records.frame, each, parts)
    problems = [*rows.problems.values(), *_problems(faults, rejected, reader.body),
                *_emptied(lesser, ~rejected & ~aside, reader.body)]  # fmt: skip
    since = columns["since"].values if "since" in columns else first
    start, end = covered(first if since.isna().all() else since.fillna(first), last, reader.period)
    totals, continued = int(rows.totals.sum()), int(rows.continued.sum()) + records.added
    lost = int(rows.broken.sum() + rejected.sum())
    sums = sum_frame(table.key, frame)
    return TableReading(
        layout=layout.key, name=layout.name, platform=layout.platform, table=table.key, start=start, end=end,
        rows_in=len(rows.lines), used=len(rows.lines) - totals - lost - continued, totals=totals, rejected=lost,
        continued=continued, sums=sums, currency=currency,
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        frame=frame if frame is every else frame.reset_index(drop=True),
        withdrawn=every[aside] if aside.any() else every.head(0),
        set_aside=int(aside.sum()), doubled=int(doubled.sum()) + records.doubled,
        silent=frozenset(name for name in table.columns if name not in rules or not reader.can_read(rules[name])),
        vat=find_vat(table, rules, reader), raw=_told_apart(raw.where(frame.index.to_numpy()), each, frame),
        records=layout.repeats or (table.key in RECORDS and table.tally not in rules),
        checks=check_totals(table, rules, replace(reader, body=body), rows, sums),
    )  # fmt: skip


def _faults(
    table: Table, rules: Mapping[str, Rule], reader: ColumnReader, columns: Mapping[str, Column]
) -> tuple[list[CellFault], list[CellFault]]:
    """The faults that cost a row, and those that cost a cell alone."""
    needed = _needed(table, rules)
    empty = [fault for name in _required(table, rules) for fault in _empty(rules[name], columns[name], reader)]
    costly = [fault for name in table.columns if name in needed for fault in columns[name].faults]
    lesser = [fault for name, column in columns.items() if name not in needed for fault in column.faults]
    return [*empty, *costly, *_far_ahead(table, rules, reader, columns)], [*lesser, *_too_short(needed, rules, reader)]


def _far_ahead(
    table: Table, rules: Mapping[str, Rule], reader: ColumnReader, columns: Mapping[str, Column]
) -> Iterator[CellFault]:
    """The rows of days that nobody can export yet: slips such as 2062."""
    days = columns[table.date].values
    limit = (pd.Timestamp.now() + pd.DateOffset(years=YEARS_AHEAD)).tz_localize(days.dt.tz)
    if days.max() > limit:
        ahead = (days > limit).to_numpy()
        yield CellFault(ahead, *reader.shown(rules[table.date]), FAR_AHEAD, CHECK_VALUE)


def _too_short(needed: Collection[str], rules: Mapping[str, Rule], reader: ColumnReader) -> Iterator[CellFault]:
    """The rows that end before a column that is added up."""
    for name in sorted(needed):
        place = reader.body.column(rules[name].heading) if name in rules else None
        if place is not None and (short := reader.body.widths <= place).any():
            yield CellFault(short, reader.body.headings[place], Words.of([""] * len(short)), ENDS_BEFORE, EXPORT_AGAIN)


def _doubled(table: Table, layout: Layout, reader: ColumnReader) -> np.ndarray:
    """The rows that stand in the file a second time; an order may hold a line twice."""
    if layout.repeats or table.key == "orders":
        return np.zeros(len(reader.body.rows), dtype=bool)
    return reader.body.repeats()


def _naming(table: Table, rules: Mapping[str, Rule], body: Body) -> dict[int, str]:
    """The columns whose words say what a row is about, with a name: those read as text, and others that hold words.

    What is read has a name that does not depend on the language of the headings.
    """
    texts, others = dict[int, str](), set[int]()
    for name, rule in rules.items():
        for part, heading in enumerate(rule.headings):
            for place in heading.find_all(body.plain_headings):
                if table.columns[name] in ("text", "id", "person"):
                    texts.setdefault(place, f"{name} {part}")
                else:
                    others.add(place)
    unread = set(range(len(body.headings))) - texts.keys() - others
    worded = {place for place in unread if not any(map(says_value, body.cells(place).words))}
    return texts | {place: f"_{body.plain_headings[place]}" for place in worded}


@dataclass(frozen=True)
class _Records:
    """The rows as records: lines of an order `added` to the one above, `doubled` ones left out, those that clash."""

    frame: pd.DataFrame
    added: int = 0
    doubled: int = 0
    clashing: pd.Index = field(default_factory=lambda: pd.Index([]))


def _records(table: Table, rules: Mapping[str, Rule], frame: pd.DataFrame, raw: RawRows) -> _Records:
    if table.key == "orders":
        joined = join_lines(frame, raw.make().iloc[:, 0].loc[frame.index])
        return _Records(joined.orders, len(joined.added), len(joined.doubled), joined.clashing)
    again = frame[table.own_id].duplicated(keep=False) if table.own_id in rules else np.zeros(len(frame), dtype=bool)
    if not again.any():
        return _Records(frame)
    twice = frame.index[again][frame[again].duplicated()]
    return _Records(frame.drop(twice), doubled=len(twice))


def _unfolded(
    frame: pd.DataFrame, each: Each | None, parts: Sequence[tuple[dict[str, pd.Series], Column]]
) -> pd.DataFrame:
    """A row for each of the columns that the layout turns into rows, where they say something."""
    if each is None:
        return frame
    return pd.concat([frame.assign(**found) for found, _column in parts]).dropna(subset=each.value)


def _told_apart(raw: RawRows, each: Each | None, frame: pd.DataFrame) -> RawRows:
    """The hashes with that of the heading that each row was made of: what two goals count are not the same rows."""
    if each is None:
        return raw
    names = pd.util.hash_pandas_object(frame[each.name], index=False).to_numpy()
    return RawRows(lambda: raw.make().assign(**{each.name: names}))


def _column(name: str, kind: ColumnType, rules: Mapping[str, Rule], layout: Layout, reader: ColumnReader) -> Column:
    if name in rules:
        return reader.read(rules[name], kind)
    if name == "platform":
        return reader.read(Rule(const=layout.platform), "text")
    return Column(reader.missing(kind))


def _each(each: Each, table: Table, reader: ColumnReader) -> Iterator[tuple[dict[str, pd.Series], Column]]:
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
        place = next((place for heading in rule.headings if (place := reader.body.column(heading)) is not None), None)
        heading = reader.body.headings[place] if place is not None else ""
        yield CellFault(empty, heading, Words.of([""] * len(empty)), EMPTY, FILL_IN)


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
    return Problem(int(body.lines[row]), fault.heading.strip(), fault.cells[row], reason, _(fault.remedy),
                   tuple(body.rows[row]))  # fmt: skip


def _no_rows(line: int) -> Problem:
    return Problem(line, "", "", _(NO_ROWS), _(LONGER))
