"""The rows under the headings, by column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kpi_helpers.exports.headings import Heading
from kpi_helpers.exports.layout import Condition
from kpi_helpers.exports.numbers import decimal_signs
from kpi_helpers.exports.values import PLACEHOLDERS, plain


@dataclass(frozen=True)
class Body:
    """Headings as exported, the rows under them, the physical line of each row; `stored` is `Sheet.decimal`."""

    headings: list[str]
    rows: list[list[str]]
    lines: np.ndarray
    stored: str = ""

    @cached_property
    def plain_headings(self) -> list[str]:
        """The headings for comparing."""
        return [plain(heading) for heading in self.headings]

    def column(self, heading: Heading | None) -> int | None:
        """The number of the column under a heading, or None."""
        return heading.find(self.plain_headings) if heading else None

    def cells(self, column: int) -> pd.Series:
        """The trimmed cells of a column; "" where a row is too short."""
        texts = [row[column].strip() if column < len(row) else "" for row in self.rows]
        return pd.Series(texts, dtype=object)

    def where(self, rows: np.ndarray) -> Body:
        """The rows of a condition alone."""
        kept = [row for row, keep in zip(self.rows, rows, strict=True) if keep]
        return Body(self.headings, kept, self.lines[rows], self.stored)

    def is_empty(self, column: int) -> np.ndarray:
        """Whether the cells of a column hold nothing."""
        return self.cells(column).str.casefold().isin(PLACEHOLDERS).to_numpy(dtype=bool)

    def meets(self, condition: Condition) -> np.ndarray:
        """The rows that meet a condition; all of them where its column is missing."""
        column = self.column(condition.heading)
        if column is None:
            return np.ones(len(self.rows), dtype=bool)
        among = self.cells(column).map(plain).isin(condition.among).to_numpy(dtype=bool)
        return ~among if condition.negated else among

    def decimal(self) -> str:
        """The decimal sign that all numbers of the body agree on, or ""."""
        return self._decimal

    @cached_property
    def _decimal(self) -> str:
        if self.stored:
            return self.stored
        columns = (self.cells(column).unique().tolist() for column in range(len(self.headings)))
        signs = set().union(*(decimal_signs(words) for words in columns))
        return signs.pop() if len(signs) == 1 else ""
