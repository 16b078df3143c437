"""What the columns of an unknown table may mean: by their headings, as all layouts know them, and by their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import mode

from kpi_helpers.errors import KitError
from kpi_helpers.exports.dates import read_days
from kpi_helpers.exports.headings import Heading
from kpi_helpers.exports.layout import Layout, Rule
from kpi_helpers.exports.numbers import read_numbers
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.exports.values import Parsed, plain, read_flags
from kpi_helpers.exports.words import PLACEHOLDERS
from kpi_helpers.language import _
from kpi_helpers.lettering import hide_people
from kpi_helpers.lettering import plain as as_shown
from kpi_helpers.terms import MEASURES, TABLES, ColumnType, Table

SEARCHED = 60  # rows in which the headings are looked for
SAMPLE = 200  # rows under them that show what a column holds
WIDEST = 200  # columns that are looked at
LONGEST = 200  # characters of a heading that a layout can name
ENOUGH = 0.9  # of the filled cells: so many must look alike
PARTS = ("source", "medium", "campaign")  # of what a channel is told by
COMMON = ("platform", "campaign")  # columns of several tables, which tell nothing of a row
TOTALS = ("Total*", "Grand total", "Итого*", "Всего*")
EXACT, LIKELY, NEAR = 4, 2, 1  # how well a heading fits what layouts call a column

_TOTAL = Heading(tuple(map(plain, TOTALS)))
_ID = re.compile(r"(?:^|\W)(?:id|uid|no|number|code|номер|код|№)(?:\W|$)")
_MONEY = re.compile(r"[₽$€£₸₴]|\d[.,]\d\d(?!\d)")


@dataclass(frozen=True)
class Grid:
    """The headings of an unknown table ("" where one cannot be named) and the rows under them, without totals."""

    headings: list[str]
    rows: list[list[str]]

    @classmethod
    def of(cls, sheet: Sheet) -> Grid:
        """The table of a sheet. Raises KitError where no row looks like headings."""
        top = sheet.rows[:SEARCHED]
        width = mode(sum(map(bool, map(str.strip, row))) for row in top[-SEARCHED // 2 :]) if top else 0
        for place, row in enumerate(top):
            filled = [cell.strip() for cell in row if cell.strip()]
            if len(filled) >= max(2, 0.6 * width) and not any(map(_is_value, filled)):
                under = sheet.rows[place + 1 : place + 1 + SAMPLE]
                return cls(list(map(_name, row[:WIDEST])), [cells for cells in under if not _is_total(cells)])
        raise KitError(_("no row of it looks like headings."), _("Name its columns in the first row."))

    @cached_property
    def kinds(self) -> list[set[ColumnType]]:
        """What each column may hold, judged by its cells."""
        return [_kinds(self.cells(place), plain(heading)) for place, heading in enumerate(self.headings)]

    def cells(self, place: int) -> list[str]:
        """The filled cells of a column."""
        cells = (row[place].strip() for row in self.rows if place < len(row))
        return [cell for cell in cells if cell.casefold() not in PLACEHOLDERS]


@dataclass(frozen=True)
class Guess:
    """Where the columns of a canonical table stand: canonical column (or "channel.source") -> number of the column.

    `by_values` are those that the values alone suggest; `score` grows with what was found.
    """

    table: Table
    columns: Mapping[str, int]
    by_values: frozenset[str]
    score: int

    @property
    def is_dated(self) -> bool:
        """Whether a column says when."""
        return self.table.date in self.columns

    @property
    def can_be_counted(self) -> bool:
        """Whether there is a measure to add up or, where rows are counted, enough to say what they are."""
        measured = _measured(self.table)
        telling = [
            name for name in self.columns if name in self.table.columns and name not in (self.table.date, *COMMON)
        ]
        return bool(set(measured) & set(self.columns)) if measured else len(telling) > 1


def guess_tables(grid: Grid, layouts: Sequence[Layout]) -> list[Guess]:
    """A guess for every canonical table that exports fill, the likeliest first."""
    guesses = [_guess(grid, table, layouts) for table in TABLES.values() if _is_exported(table, layouts)]
    return sorted(guesses, key=lambda guess: (guess.can_be_counted, guess.is_dated, guess.score), reverse=True)


def _guess(grid: Grid, table: Table, layouts: Sequence[Layout]) -> Guess:
    fits = [
        (_strength(names, plain(heading)), column, place)
        for column, names in _names(table, layouts).items()
        for place, heading in enumerate(grid.headings)
        if heading.strip() and _may_hold(grid, place, _type(table, column))
    ]
    columns: dict[str, int] = {}
    score = 0
    for strength, column, place in sorted(fits, key=lambda fit: -fit[0]):
        if strength and column not in columns and place not in columns.values():
            columns[column] = place
            score += strength
    guessed = dict(_by_values(grid, table, columns))
    return Guess(table, {**columns, **guessed}, frozenset(guessed), score)


def _names(table: Table, layouts: Sequence[Layout]) -> dict[str, list[Heading]]:
    """What layouts call each column, the table's own name for it first. Rates that become counts are left out."""
    names = {column: [Heading((plain(column),)), Heading((plain(column.replace("_", " ")),))]
             for column in table.columns if column not in ("channel", "since")}  # fmt: skip
    for layout in layouts:
        for column, rule in layout.tables.get(table.key, {}).items():
            parts = {f"channel.{part}": inner for part, inner in rule.channel.items()} or {column: rule}
            for name, part in parts.items():
                names.setdefault(name, []).extend(_headings(part))
    return names


def _headings(rule: Rule) -> Iterator[Heading]:
    for inner in rule.first:
        yield from _headings(inner)
    if rule.heading and not rule.formula and not rule.extract and rule.scale == 1:
        yield rule.heading


def _strength(names: Sequence[Heading], heading: str) -> int:
    """How well a (plain) heading fits the names of a column; 0 where it does not."""
    exact = {pattern for name in names for pattern in name.patterns if "*" not in pattern and "{" not in pattern}
    if heading in exact:
        return EXACT
    if any(name.fits(heading) for name in names):
        return LIKELY
    words = set(re.findall(r"\w{4,}", heading))
    return NEAR if any(set(pattern.split()) <= words for pattern in exact if len(pattern) > 3) else 0


def _by_values(grid: Grid, table: Table, found: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Columns that one alone of the file can be: its first date, its only money, telephones, numbers of records."""
    taken = set(found.values())
    for column, kind in table.columns.items():
        sure = kind in ("id", "person") or column in (table.date, *table.money[:1])
        alike = [place for place, heading in enumerate(grid.headings)
                 if heading.strip() and kind in grid.kinds[place] and place not in taken]  # fmt: skip
        if sure and column not in found and alike and (len(alike) == 1 or kind in ("date", "time")):
            taken.add(alike[0])
            yield column, alike[0]


def _measured(table: Table) -> list[str]:
    """The columns of which a table needs at least one; none where its rows are counted."""
    measures = [measure for measure in MEASURES.values() if measure.table == table.key]
    if any(measure.how == "count" and not measure.where for measure in measures):
        return []
    return list(dict.fromkeys(measure.column for measure in measures if measure.column in table.columns))


def _is_exported(table: Table, layouts: Sequence[Layout]) -> bool:
    return any(table.key in layout.tables for layout in layouts)


def _type(table: Table, column: str) -> ColumnType:
    return table.columns.get(column, "text")


def _may_hold(grid: Grid, place: int, kind: ColumnType) -> bool:
    """Whether the cells do not speak against it: an empty column may be anything."""
    needed = "number" if kind == "money" else kind
    return kind in ("text", "id", "person") or not grid.cells(place) or needed in grid.kinds[place]


def _kinds(cells: list[str], heading: str) -> set[ColumnType]:
    kinds: set[ColumnType] = {"text"}
    if not cells:
        return kinds
    if sum(map(_is_person, cells)) >= ENOUGH * len(cells):
        return kinds | {"person"}
    bare = all(cell.isdigit() and len(cell) != 8 for cell in cells)  # 202610 is rather a number than October
    if not bare and _reads(read_days(cells, order="day first"), cells):
        kinds |= {"date", "time"}
    numbers = read_numbers(cells, decimal=lambda: ".")
    if _reads(numbers, cells) and "date" not in kinds:
        values = numbers.values.dropna()
        kinds |= {"number"} if (values % 1 != 0).any() else {"number", "count"}
        kinds |= {"money"} if any(map(_MONEY.search, [heading, *cells])) else set()
    if _reads(read_flags(cells), cells):
        kinds.add("flag")
    if _ID.search(heading) and len(set(cells)) > ENOUGH * len(cells):
        kinds.add("id")
    return kinds


def _is_person(cell: str) -> bool:
    """Whether a cell is a telephone number or an e-mail address and nothing else."""
    return hide_people(cell.lstrip("'")) == "…"


def _reads(parsed: Parsed, cells: Sequence[str]) -> bool:
    return int(parsed.values.notna().sum()) >= ENOUGH * len(cells)


def _name(heading: str) -> str:
    """A heading that a layout can name: no novel, and nothing that tells of a person."""
    return heading if len(heading) <= LONGEST and hide_people(heading) == as_shown(heading) else ""


def _is_total(cells: list[str]) -> bool:
    return any(map(_TOTAL.fits, map(plain, cells)))


def _is_value(cell: str) -> bool:
    """Whether a cell is a value rather than a heading."""
    read = (read_numbers([cell]), read_days([cell], order="day first"))
    return _is_person(cell) or any(parsed.values.notna().any() for parsed in read)
