"""What reading a file gives: tables of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import overload


@dataclass(frozen=True, eq=False)
class Grid(Sequence[list[str]]):
    """Rows held by column, which is how they are read: one list a column costs far less than one a row.

    `above` are the first rows, of any width, as they are; those below have the width of the table.
    """

    above: list[list[str]]
    columns: list[list[str]]

    def __len__(self) -> int:
        return len(self.above) + len(self.columns[0])

    @overload
    def __getitem__(self, at: int) -> list[str]: ...
    @overload
    def __getitem__(self, at: slice) -> Grid: ...
    def __getitem__(self, at: int | slice) -> list[str] | Grid:
        first = len(self.above)
        if isinstance(at, int):
            at += len(self) if at < 0 else 0
            return self.above[at] if at < first else [cells[at - first] for cells in self.columns]
        start, stop, _step = at.indices(len(self))
        below = slice(max(0, start - first), max(0, stop - first))
        return Grid(self.above[start:stop], [cells[below] for cells in self.columns])

    def __iter__(self) -> Iterator[list[str]]:
        return chain(self.above, map(list, zip(*self.columns, strict=True)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def of_width(self, width: int) -> Grid:
        """The first cells of each row."""
        return Grid([row[:width] for row in self.above], self.columns[:width])

    def where(self, kept: Sequence[bool]) -> Grid:
        """The rows of a condition alone."""
        first = len(self.above)
        return Grid(list(compress(self.above, kept)), [list(compress(cells, kept[first:])) for cells in self.columns])


Table = list[list[str]] | Grid


def widths(rows: Table) -> list[int]:
    """The number of cells in each row."""
    if isinstance(rows, Grid):
        return [*map(len, rows.above), *[len(rows.columns)] * len(rows.columns[0])]
    return list(map(len, rows))


def column(rows: Table, place: int) -> list[str]:
    """The cells of a column; "" where a row is too short."""
    if isinstance(rows, Grid):
        below = rows.columns[place] if place < len(rows.columns) else [""] * len(rows.columns[0])
        return column(rows.above, place) + below
    return [row[place] if place < len(row) else "" for row in rows]


@dataclass(frozen=True)
class Sheet:
    """A table as text: its rows that are not blank, and the physical line (from 1) on which each of them begins.

    `cut_off` says that the file ends without a line break or within a character, so that its last row may be
    incomplete; `name` is the worksheet's name or the title above the table; `damaged` are the numbers of the rows in
    which a quotation mark is never closed: their cells are a guess. `heading` is the row that reads as headings (a
    guess from the shape alone: a layout knows better).
    """

    rows: Table
    lines: Sequence[int]
    encoding: str
    delimiter: str = ""
    cut_off: bool = False
    name: str = ""
    damaged: frozenset[int] = frozenset()
    heading: int = 0
