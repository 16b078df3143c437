"""The rows under the headings, by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress

import numpy as np
import pandas as pd

from kpi_helpers.exports.dates import read_period
from kpi_helpers.exports.headings import Heading
from kpi_helpers.exports.layout import Condition
from kpi_helpers.exports.numbers import decimal_signs
from kpi_helpers.exports.sheet import Grid, Table, column, widths
from kpi_helpers.exports.values import plain
from kpi_helpers.exports.words import Words


@dataclass(frozen=True)
class Body:
    """Headings as exported, the rows under them, the physical line of each row."""

    headings: list[str]
    rows: Table
    lines: np.ndarray
    _whole: tuple[Body, np.ndarray] | None = None  # the body that this one is a part of, and which of its rows
    _words: dict[int, Words] = field(default_factory=dict)
    _places: dict[Heading, int | None] = field(default_factory=dict)

    @cached_property
    def plain_headings(self) -> list[str]:
        """The headings for comparing."""
        return self._whole[0].plain_headings if self._whole else [plain(heading) for heading in self.headings]

    @cached_property
    def widths(self) -> np.ndarray:
        """The number of cells of each row."""
        if self._whole:
            return self._whole[0].widths[self._whole[1]]
        return np.array(widths(self.rows), dtype="int64")

    @cached_property
    def width(self) -> int:
        """The number of columns up to the last one with a heading."""
        return max((place + 1 for place, heading in enumerate(self.plain_headings) if heading), default=0)

    def column(self, heading: Heading | None) -> int | None:
        """The number of the column under a heading, or None."""
        if heading is None:
            return None
        if heading not in self._places:
            self._places[heading] = heading.find(self.plain_headings)
        return self._places[heading]

    def cells(self, place: int) -> Words:
        """The trimmed cells of a column; nothing where a row is too short."""
        if place not in self._words:
            whole = self._whole
            found = whole[0].cells(place).take(whole[1]) if whole else Words.of(column(self.rows, place))
            self._words[place] = found
        return self._words[place]

    def where(self, rows: np.ndarray) -> Body:
        """The rows of a condition alone."""
        if rows.all():
            return self
        held, kept = self.rows, rows.tolist()
        chosen = held.where(kept) if isinstance(held, Grid) else list(compress(held, kept))
        return Body(self.headings, chosen, self.lines[rows], (self, rows))

    def is_empty(self, column: int) -> np.ndarray:
        """Whether the cells of a column hold nothing."""
        return self.cells(column).filled.codes < 0

    def meets(self, condition: Condition) -> np.ndarray:
        """The rows that meet a condition; all of them where its column is missing."""
        column = self.column(condition.heading)
        if column is None:
            return np.ones(len(self.rows), dtype=bool)
        among = self.cells(column).flags(lambda word: plain(word) in condition.among, nothing="" in condition.among)
        return ~among if condition.negated else among

    def repeats(self) -> np.ndarray:
        """The rows that are in every cell the same as one above.

        Rows that differ in a column that was looked at differ: the others alone are compared as a whole.
        """
        mixed = np.zeros(len(self.rows), dtype="uint64")
        for words in self._words.values():
            mixed = mixed * np.uint64(1_000_003) + words.codes.astype("uint64")
        suspects = np.flatnonzero(pd.Series(mixed).duplicated(keep=False))
        seen: set[tuple[str, ...]] = set()
        again = np.zeros(len(self.rows), dtype=bool)
        for row in suspects.tolist():
            cells = tuple(self.rows[row])
            again[row] = cells in seen
            seen.add(cells)
        return again

    def hashes(self, naming: Mapping[int, str]) -> pd.DataFrame:
        """For each row a hash of all its cells, in a column called by all headings, and one of each word that names it.

        `naming` are the columns of such words and what to call them; the order of the columns is no matter.
        """
        whole = np.zeros(len(self.rows), dtype="uint64")
        named: dict[str, np.ndarray] = {}
        for place, heading in enumerate(self.plain_headings):
            filled = self.cells(place).filled
            words = pd.util.hash_array(np.array(filled.words, dtype=object), categorize=False)
            cells = np.append(words, np.uint64(0))[filled.codes]
            whole += cells * _weight(heading)
            if place in naming:
                name = naming[place]
                named[name] = named.get(name, np.uint64(0)) + cells * _weight(name)
        return pd.DataFrame({"\n".join(sorted(self.plain_headings)): whole, **named})

    def decimal(self) -> str:
        """The decimal sign that all numbers of the body agree on, or ""."""
        return self._decimal

    @cached_property
    def _decimal(self) -> str:
        columns = [self.cells(column).words for column in range(len(self.headings))]
        signs = set().union(*(decimal_signs(words) for words in columns if not any(map(read_period, words))))
        return signs.pop() if len(signs) == 1 else ""


def _weight(name: str) -> np.uint64:
    return pd.util.hash_array(np.array([name], dtype=object))[0] | np.uint64(1)
