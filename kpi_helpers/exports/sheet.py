"""What reading a file gives: tables of text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    """A table as text: its rows that are not blank, and the physical line (from 1) on which each of them begins.

    `cut_off` says that the file ends without a line break or within a character, so that its last row may be
    incomplete; `name` is the worksheet's name or the title above the table; `damaged` are the numbers of the rows in
    which a quotation mark is never closed: their cells are a guess. `heading` is the row that reads as headings (a
    guess from the shape alone: a layout knows better).
    """

    rows: list[list[str]]
    lines: list[int]
    encoding: str
    delimiter: str = ""
    cut_off: bool = False
    name: str = ""
    damaged: frozenset[int] = frozenset()
    heading: int = 0
