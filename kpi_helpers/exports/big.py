"""Exports too large to read row by row: DuckDB adds up rows of the same texts, and the ordinary rules read the sums.

For text files of one table whose measures are sums of columns. None, and with it the ordinary way, is for the rest:
records (leads, orders, …), formulas, several tables in a file, mixed line ends, cells with line breaks, quotation marks
that two readers may take differently, numbers that the column alone does not make clear, and wherever DuckDB fails.
Bytes that are no text are noticed in the columns that are read alone.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.channels import ChannelRule
from kpi_helpers.exports.columns import ColumnReader
from kpi_helpers.exports.dates import Period, find_stated_period
from kpi_helpers.exports.dialect import read_sheets, sniff
from kpi_helpers.exports.grouped import GroupedRows
from kpi_helpers.exports.headings import Heading
from kpi_helpers.exports.layout import Layout, Rule
from kpi_helpers.exports.normalise import fills
from kpi_helpers.exports.outline import Outline
from kpi_helpers.exports.platforms import ask_names
from kpi_helpers.exports.quoting import Dialect
from kpi_helpers.exports.reading import TableReading
from kpi_helpers.exports.recognise import Match, recognise
from kpi_helpers.exports.scanning import Groups, Irregular, Source, Way, add_up, move_high_bytes
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.exports.words import Words
from kpi_helpers.terms import MEASURES, TABLES

LARGE = 20 * 2**20  # bytes: below, the ordinary way is fast enough
HEAD = 2**20  # bytes that settle dialect and layout
_LATIN = ("cp1251", "cp1252")
_LOOKED_AT = 500  # words that show how a column writes its numbers
_SPACES = " \u00a0\u202f"
_BEFORE_CELLS = b"\r\n \t"  # beside the delimiter: blanks between one of them and a quotation mark are read in two ways


@dataclass(frozen=True)
class _Plan:
    """What is read: columns of texts, columns of numbers and how they are written; and which columns are blank."""

    texts: list[int]
    numbers: dict[int, Way]
    blank: list[int]


def is_large(path: Path) -> bool:
    """Whether a file is to be tried this way."""
    return path.stat().st_size > LARGE and find_spec("duckdb") is not None


def look_at(path: Path) -> tuple[str, Outline | None]:
    """The check sum of a file and the outline of its lines, at once."""
    with ThreadPoolExecutor(1) as pool, path.open("rb") as file:
        looking = pool.submit(Outline.of, path)
        return file_digest(file, "sha256").hexdigest(), looking.result()


def read_large(
    path: Path, outline: Outline | None, layouts: Sequence[Layout], company: Company, channels: Sequence[ChannelRule],
    named: Period | None,
) -> tuple[TableReading, ...] | None:  # fmt: skip
    """The tables of a large text file; None where the ordinary way is for it."""
    import duckdb

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            return _read(path, outline, Path(folder), layouts, company, channels, named)
        except (Irregular, KitError, duckdb.Error, UnicodeError, OSError):
            return None


def _read(
    path: Path, outline: Outline | None, folder: Path, layouts: Sequence[Layout], company: Company,
    channels: Sequence[ChannelRule], named: Period | None,
) -> tuple[TableReading, ...]:  # fmt: skip
    path, head, copied = _opened(path, folder)
    outline = Outline.of(path) if copied else outline
    dialect = sniff(head)
    if outline is None or outline.before_quotes & set(dialect.delimiter.encode() + _BEFORE_CELLS):
        raise Irregular
    sheet = _only(read_sheets(head))
    match = recognise(sheet, layouts)
    plan = _plan(sheet, match, dialect, company, channels, named)
    latin = dialect.encoding if dialect.encoding in _LATIN else ""
    source = Source(path, dialect.delimiter, dialect.width, sheet.lines[match.row], latin)
    source, groups = _added(source, plan, folder)
    rows = GroupedRows(sheet, match, dialect, plan.numbers, source, groups, outline, company, channels, named)
    return ask_names(rows.read(), match)


def _opened(path: Path, folder: Path) -> tuple[Path, bytes, bool]:
    """The file, or a copy of it in UTF-8 where DuckDB cannot read its encoding; whole lines of its head; if copied."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    encoding = sniff(head).encoding
    copied = encoding not in ("utf-8", *_LATIN)
    if copied:
        path = _in_utf8(path, folder / "export.csv", encoding)
        with path.open("rb") as file:
            head = file.read(HEAD)
    return path, head if len(head) < HEAD else head[: head.rfind(b"\n") + 1], copied


def _in_utf8(path: Path, target: Path, encoding: str) -> Path:
    with path.open(encoding=encoding, newline="") as text, target.open("w", encoding="utf-8", newline="") as copy:
        while part := text.read(HEAD):
            copy.write(part.removeprefix("\ufeff"))
    return target


def _only(sheets: list[Sheet]) -> Sheet:
    if len(sheets) != 1:
        raise Irregular
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
        raise Irregular
    if row < 0 or layout.unused or layout.last_is_total:
        raise Irregular
    body = Body(match.headings, sheet.rows[row + 1 :], np.array(sheet.lines[row + 1 :], dtype="int64"))
    above = sheet.rows[:row]
    period = find_stated_period(above) or named
    reader = ColumnReader(body, company, channels, "\n".join(" ".join(cells) for cells in above), period)
    texts: set[int] = {0}
    numbers: dict[int, bool] = {}
    for table, rules in layout.tables.items():
        if fills(TABLES[table], layout, rules, reader):
            if layout.each.get(table):
                raise Irregular
            numbers |= _numbers(table, rules, reader)
            texts |= _texts(table, rules, reader)
    texts |= set(_places(_of_rows(layout), body))
    names = Counter(body.plain_headings)
    doubled = any(names[body.plain_headings[place]] > 1 for place in (*texts, *numbers))
    continued = any(body.column(heading) is not None for heading in layout.continued_where_empty)
    if not numbers or texts & numbers.keys() or doubled or continued or dialect.width < len(body.headings):
        raise Irregular
    ways = {place: _way(body.cells(place), whole) for place, whole in numbers.items()}
    return _Plan(sorted(texts), ways, list(range(body.width, dialect.width)))


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
            raise Irregular
        place = reader.body.column(ways[0].heading)
        assert place is not None
        whole = TABLES[table].columns[name] == "count"
        if numbers.get(place, whole) != whole:
            raise Irregular
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
        raise Irregular
    told = [measure for measure in MEASURES.values() if measure.table == table and measure.how != "sum"]
    if any(measure.how == "count" or _can_read(measure.column, rules, reader) for measure in told):
        raise Irregular
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
