"""Exports too large to read row by row: DuckDB adds up rows of the same texts, and the ordinary rules read the sums.

For text files of one table whose measures are sums of columns. None, and with it the ordinary way, is for the rest:
records (leads, orders, …), formulas, several tables in a file, mixed line ends, cells with line breaks, quotation marks
that two readers may take differently, numbers that the column alone does not make clear, and wherever DuckDB fails.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.channels import ChannelRule
from kpi_helpers.exports.columns import ColumnReader
from kpi_helpers.exports.dates import Period, find_stated_period
from kpi_helpers.exports.dialect import Sheet, read_sheets, sniff
from kpi_helpers.exports.grouped import read_groups
from kpi_helpers.exports.headings import Heading
from kpi_helpers.exports.layout import Layout, Rule
from kpi_helpers.exports.normalise import _fills
from kpi_helpers.exports.numbers import decimal_signs
from kpi_helpers.exports.quoting import Dialect, parse
from kpi_helpers.exports.reading import TableReading
from kpi_helpers.exports.recognise import Match, recognise
from kpi_helpers.exports.scanning import (
    MOST_ODD,
    NOTHING,
    Groups,
    Outline,
    Source,
    Way,
    add_up,
    find_lines,
    move_high_bytes,
    read_lines,
    repeated_lines,
)
from kpi_helpers.exports.words import Words
from kpi_helpers.terms import MEASURES, TABLES

LARGE = 20 * 2**20  # bytes: below, the ordinary way is fast enough
HEAD = 2**20  # bytes that settle dialect and layout
_LATIN = ("cp1251", "cp1252")
_UNCLEAR = re.compile(r"\D*[1-9]\d{0,2}[.,]\d{3}\D*")
_ROUNDS = 3
_LOOKED_AT = 500  # words that show how a column writes its numbers
_SPACES = " \u00a0\u202f"


class _Irregular(Exception):
    """The ordinary way is for this file."""


@dataclass(frozen=True)
class _Plan:
    """What is read: columns of texts, columns of numbers and how they are written; and which columns are blank."""

    match: Match
    sheet: Sheet
    dialect: Dialect
    texts: list[int]
    numbers: dict[int, Way]
    blank: list[int]


def is_large(path: Path) -> bool:
    """Whether a file is to be tried this way."""
    return path.stat().st_size > LARGE and find_spec("duckdb") is not None


def read_large(
    path: Path, layouts: Sequence[Layout], company: Company, channels: Sequence[ChannelRule], named: Period | None
) -> tuple[TableReading, ...] | None:
    """The tables of a large text file; None where the ordinary way is for it."""
    import duckdb

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            return _read(path, Path(folder), layouts, company, channels, named)
        except (_Irregular, KitError, duckdb.Error, UnicodeError, OSError):
            return None


def _read(
    path: Path, folder: Path, layouts: Sequence[Layout], company: Company, channels: Sequence[ChannelRule],
    named: Period | None,
) -> tuple[TableReading, ...]:  # fmt: skip
    path, head = _opened(path, folder)
    dialect = sniff(head)
    sheet = _only(read_sheets(head))
    match = recognise(sheet, layouts)
    plan = _plan(sheet, match, dialect, company, channels, named)
    latin = dialect.encoding if dialect.encoding in _LATIN else ""
    source = Source(path, dialect.delimiter, dialect.width, sheet.lines[match.row], latin)
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(Outline.of, path, f'{dialect.delimiter} "'.encode())
        source, groups = _added(source, plan, folder)
        outline = looking.result()
    if outline is None:
        raise _Irregular
    return _Rows(plan, source, groups, outline, company, channels, named).read()


def _opened(path: Path, folder: Path) -> tuple[Path, bytes]:
    """The file, or a copy of it in UTF-8 where DuckDB cannot read its encoding; its head, whole lines of it."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    encoding = sniff(head).encoding
    if encoding not in ("utf-8", *_LATIN):
        path = _in_utf8(path, folder / "export.csv", encoding)
        with path.open("rb") as file:
            head = file.read(HEAD)
    return path, head if len(head) < HEAD else head[: head.rfind(b"\n") + 1]


def _in_utf8(path: Path, target: Path, encoding: str) -> Path:
    with path.open(encoding=encoding, newline="") as text, target.open("w", encoding="utf-8", newline="") as copy:
        while part := text.read(HEAD):
            copy.write(part.removeprefix("\ufeff"))
    return target


def _only(sheets: list[Sheet]) -> Sheet:
    if len(sheets) != 1:
        raise _Irregular
    return sheets[0]


def _added(source: Source, plan: _Plan, folder: Path) -> tuple[Source, Groups]:
    """The groups; where DuckDB refuses bytes of the encoding, from a copy with others in their place."""
    import duckdb

    try:
        return source, add_up(source, plan.texts, plan.numbers, plan.blank)
    except duckdb.Error:
        moved = move_high_bytes(source.path, folder / "moved.csv") if source.encoding else None
        if not moved:
            raise
        source = replace(source, path=folder / "moved.csv", moved=moved)
        return source, add_up(source, plan.texts, plan.numbers, plan.blank)


def _plan(
    sheet: Sheet, match: Match, dialect: Dialect, company: Company, channels: Sequence[ChannelRule],
    named: Period | None,
) -> _Plan:  # fmt: skip
    layout, row = match.layout, match.row
    usual = dialect.quote == '"' and not (dialect.escape or dialect.spaced or dialect.wrapped)
    if not usual or dialect.delimiter == " " or "\n" in "".join(match.headings):
        raise _Irregular
    if row < 0 or layout.unused or layout.last_is_total:
        raise _Irregular
    body = Body(match.headings, sheet.rows[row + 1 :], np.array(sheet.lines[row + 1 :], dtype="int64"))
    above = sheet.rows[:row]
    period = find_stated_period(above) or named
    reader = ColumnReader(body, company, channels, "\n".join(" ".join(cells) for cells in above), period)
    texts: set[int] = {0}
    numbers: dict[int, bool] = {}
    for table, rules in layout.tables.items():
        if _fills(TABLES[table], layout, rules, reader):
            if layout.each.get(table):
                raise _Irregular
            numbers |= _numbers(table, rules, reader)
            texts |= _texts(table, rules, reader)
    texts |= set(_places(_of_rows(layout), body))
    names = Counter(body.plain_headings)
    doubled = any(names[body.plain_headings[place]] > 1 for place in (*texts, *numbers))
    continued = any(body.column(heading) is not None for heading in layout.continued_where_empty)
    if not numbers or texts & numbers.keys() or doubled or continued or dialect.width < len(body.headings):
        raise _Irregular
    ways = {place: _way(body.cells(place), whole) for place, whole in numbers.items()}
    return _Plan(match, sheet, dialect, sorted(texts), ways, list(range(body.width, dialect.width)))


def _of_rows(layout: Layout) -> list[Heading | None]:
    """The headings that say which rows count."""
    return [layout.currency, layout.total_where_empty, *(condition.heading for condition in layout.keep)]


def _places(headings: Collection[Heading | None], body: Body) -> Iterator[int]:
    return (place for heading in headings if (place := body.column(heading)) is not None)


def _numbers(table: str, rules: Mapping[str, Rule], reader: ColumnReader) -> dict[int, bool]:
    """The columns that the measures of a table add, and whether they are counts."""
    numbers: dict[int, bool] = {}
    for name in _summed(table) & rules.keys():
        ways = reader.usable(rules[name]) if reader.can_read(rules[name]) else []
        if not ways and rules[name].empty is None:
            continue
        if len(ways) != 1 or not _is_plain(ways[0]):
            raise _Irregular
        place = reader.body.column(ways[0].heading)
        assert place is not None
        whole = TABLES[table].columns[name] == "count"
        if numbers.get(place, whole) != whole:
            raise _Irregular
        numbers[place] = whole
    return numbers


def _is_plain(rule: Rule) -> bool:
    """Whether the values are the numbers of a column as they stand."""
    allowed = Rule(heading=rule.heading, empty=rule.empty, otherwise=rule.otherwise, order=rule.order, zone=rule.zone)
    return rule == allowed and rule.heading is not None and rule.empty in (None, 0)


def _texts(table: str, rules: Mapping[str, Rule], reader: ColumnReader) -> set[int]:
    """The columns that are read as they stand in each row."""
    others = [rule for name, rule in rules.items() if name not in _summed(table)]
    if TABLES[table].own_id in rules or any(rule.clock for rule in _single(others)):
        raise _Irregular
    told = [measure for measure in MEASURES.values() if measure.table == table and measure.how != "sum"]
    if any(measure.how == "count" or _can_read(measure.column, rules, reader) for measure in told):
        raise _Irregular
    return set(_places([heading for rule in others for heading in rule.headings], reader.body))


def _single(rules: Collection[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _single((*rule.first, *rule.where.values(), *rule.channel.values()))


def _can_read(column: str, rules: Mapping[str, Rule], reader: ColumnReader) -> bool:
    return column in rules and reader.can_read(rules[column])


def _summed(table: str) -> set[str]:
    return {measure.column for measure in MEASURES.values() if measure.table == table and measure.how == "sum"}


def _way(cells: Words, whole: bool) -> Way:
    """How most of a column's numbers are written."""
    words = cells.without().words[:_LOOKED_AT]
    written = (("", ","), ("", "."), (",", "."), (_SPACES, ","), (_SPACES, "."))
    ways = [Way(thousands, decimal, whole) for thousands, decimal in written]
    return max(ways, key=lambda way: sum(way.millionths(word) is not None for word in words))


@dataclass
class _Rows:
    """Groups of rows, and the single rows that cannot be added up, found by their lines."""

    plan: _Plan
    source: Source
    groups: Groups
    outline: Outline
    company: Company
    channels: Sequence[ChannelRule]
    named: Period | None

    def read(self) -> tuple[TableReading, ...]:
        self._check_lines()
        repeated = self._repeated()
        doubtful = self._begun_blank()
        for _round in range(_ROUNDS):
            single = repeated | self._find(doubtful, repeated)
            kept = np.setdiff1d(np.flatnonzero(self.groups.rows > 0), np.array(sorted(doubtful), dtype="int64"))
            groups = self.groups.take(kept)
            self._check_numbers(single.values())
            sheet = replace(self.plan.sheet, cut_off=not self.outline.closed and self.outline.lines in single)
            found = read_groups(groups, single, sheet, self.plan.match, self.company, self.channels, self.named)
            if not found.doubtful:
                return tuple(found.tables)
            doubtful |= set(kept[sorted(found.doubtful)].tolist())
        raise _Irregular

    def _begun_blank(self) -> set[int]:
        """The groups whose first cell is blank: which of the others is the first filled one differs from row to row."""
        blank = np.array([not word.strip() for word in self.groups.words[0]], dtype=bool)
        return set(np.flatnonzero(blank[self.groups.codes[0]]).tolist())

    def _check_lines(self) -> None:
        """Raises where rows are not lines, one each: every line must be accounted for."""
        rows = int(self.groups.rows.sum()) + len(self.groups.odd) + len(self.groups.rejected)
        marked = any("\ufeff" in word for words in self.groups.words for word in words)
        if marked or self.outline.lines != self.source.skip + rows + self.outline.blank:
            raise _Irregular
        if len(self.groups.odd) > MOST_ODD or len(self.groups.rejected) >= MOST_ODD:
            raise _Irregular

    def _cells(self, line: str) -> list[str]:
        records = parse(line.replace("\ufeff", ""), self.plan.dialect)
        cells = records.rows[0] if len(records.rows) == 1 and not records.damaged else []
        if len(cells) < 2 or "\n" in line or line.startswith("# ") or not "".join(cells).strip() or "\x1a" in line:
            raise _Irregular
        return cells

    def _signature(self, cells: list[str]) -> tuple[str, ...]:
        places = (*self.groups.keys, *self.groups.sums)
        return tuple(cells[place] if place < len(cells) else "" for place in places)

    def _repeated(self) -> dict[int, list[str]]:
        """The rows that stand twice or more; they are taken out of their groups."""
        if not self.groups.alike:
            return {}
        suspects = repeated_lines(self.source)
        suspects = suspects[suspects <= self.outline.lines - self.outline.blank]
        if len(suspects) > MOST_ODD:
            raise _Irregular
        rejected, odd = set(self.groups.rejected), set(self.groups.odd)
        texts = read_lines(self.source, suspects.tolist())
        rows = {line: self._cells(text) for line, text in texts.items() if text not in rejected}
        often = Counter(map(tuple, rows.values()))
        rows = {line: cells for line, cells in rows.items()
                if often[tuple(cells)] > 1 and self._signature(cells) not in odd}  # fmt: skip
        groups = self._group_numbers({self._signature(cells)[: len(self.groups.keys)] for cells in rows.values()})
        for cells in rows.values():
            self._take_out(groups[self._signature(cells)[: len(self.groups.keys)]], cells)
        return rows

    def _group_numbers(self, wanted: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
        if not wanted:
            return {}
        firsts = {texts[0] for texts in wanted}
        among = np.array([word in firsts for word in self.groups.words[0]], dtype=bool)[self.groups.codes[0]]
        found = ((self.groups.texts(group), group) for group in np.flatnonzero(among).tolist())
        return {texts: group for texts, group in found if texts in wanted}

    def _take_out(self, group: int, cells: list[str]) -> None:
        self.groups.rows[group] -= 1
        for place, way in self.plan.numbers.items():
            amount = way.millionths(cells[place] if place < len(cells) else "")
            if amount is not None:
                self.groups.sums[place][group] -= amount
                self.groups.filled[place][group] -= 1

    def _find(self, doubtful: Collection[int], known: Collection[int]) -> dict[int, list[str]]:
        """The rows of doubtful groups, those whose numbers are not plain, and those that DuckDB rejected."""
        odd, rejected = Counter(self.groups.odd), set(self.groups.rejected)
        texts = {self.groups.texts(group): int(self.groups.rows[group]) for group in doubtful}
        if not odd and not texts and not rejected:
            return {}
        lines = find_lines(self.source, set(map(self._telling, (*odd, *texts))), rejected)
        if len(lines) > MOST_ODD:
            raise _Irregular
        cells = {line: self._cells(text) for line, text in lines.items() if line not in known}
        single = {line: row for line, row in cells.items()
                  if lines[line] in rejected or self._is_asked(row, odd, texts)}  # fmt: skip
        if len(single) != sum(odd.values()) + sum(texts.values()) + len(self.groups.rejected):
            raise _Irregular
        return single

    def _is_asked(self, cells: list[str], odd: Collection[tuple[str, ...]], texts: Collection[tuple[str, ...]]) -> bool:
        signature = self._signature(cells)
        return signature in odd or signature[: len(self.groups.keys)] in texts

    def _telling(self, row: tuple[str, ...]) -> str:
        """A word by which the row is found: a number that is not plain, or the rarest of its texts."""
        keys = len(self.groups.keys)
        ways = zip(row[keys:], self.plan.numbers.values(), strict=False)
        odd = next((word for word, way in ways if word.strip() not in NOTHING and way.millionths(word) is None), "")
        found = [(self._often[place].get(word, 0), word) for place, word in enumerate(row[:keys]) if word.strip()]
        if not odd and not found:
            raise _Irregular
        return odd or min(found)[1]

    @cached_property
    def _often(self) -> list[dict[str, float]]:
        """How many rows of groups each text is in, by key."""
        counts = (np.bincount(codes, self.groups.rows, len(words))
                  for codes, words in zip(self.groups.codes, self.groups.words, strict=True))  # fmt: skip
        return [dict(zip(words, found.tolist(), strict=True))
                for words, found in zip(self.groups.words, counts, strict=True)]  # fmt: skip

    def _check_numbers(self, rows: Collection[list[str]]) -> None:
        """Raises where a number of a single row is read by what the others of its column show: that was not kept."""
        for place, way in self.plan.numbers.items():
            words = Words.of([cells[place] for cells in rows if place < len(cells)]).words
            others = [word for word in words if way.millionths(word) is None]
            if any(map(_UNCLEAR.fullmatch, others)) or (way.thousands == "," and "," in decimal_signs(others)):
                raise _Irregular
