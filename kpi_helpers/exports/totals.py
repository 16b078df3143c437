"""The file's own totals rows against the sums of the rows: what was lost on the way shows here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kpi_helpers.exports.columns import ColumnReader
from kpi_helpers.exports.layout import Rule
from kpi_helpers.exports.rows import Rows
from kpi_helpers.terms import MEASURES, Table

HALF_A_CENT = 0.005
ROUNDING = 0.0087  # three standard deviations (0.01 / sqrt(12)) of what rounding one row to cents makes


@dataclass(frozen=True)
class Check:
    """A measure added over the rows that count, and as the totals row has it; `slack` is what rounding explains.

    `largest` is the largest of several totals: those of an account hold more than what a filter shows.
    """

    measure: str
    rows: float
    total: float
    slack: float = 0.0
    largest: float = 0.0

    @property
    def difference(self) -> float:
        """The totals row less the rows."""
        return round(self.total - self.rows, 6)

    @property
    def agrees(self) -> bool:
        """Whether the sums are the same, or rounding explains the difference."""
        return abs(self.difference) <= self.slack


def check_totals(
    table: Table, rules: Mapping[str, Rule], reader: ColumnReader, rows: Rows, sums: Mapping[str, float]
) -> tuple[Check, ...]:
    """A check of each measure that stands in a column of its own, with that totals row which comes nearest.

    Totals of a campaign type, of what a filter shows and of the account overlap: one of them is of the rows shown.
    `reader` reads the whole body, totals included.
    """
    if not rows.totals.any() or rows.set_aside.any():
        return ()
    found = []
    for measure in MEASURES.values():
        rule = rules.get(measure.column) if measure.table == table.key and measure.can_be_added else None
        if rule is None or measure.where or measure.key not in sums or not _is_column(rule, reader):
            continue
        totals = reader.read(rule, table.columns[measure.column]).values[rows.totals].dropna()
        if len(totals):
            total = float(min(totals, key=lambda amount: abs(amount - sums[measure.key])))
            slack = _slack(table, measure.column, total, rows)
            found.append(Check(measure.key, sums[measure.key], total, slack, float(totals.max())))
    return tuple(found)


def _is_column(rule: Rule, reader: ColumnReader) -> bool:
    """Whether the values are the cells of one column, row by row."""
    ways = reader.usable(rule)
    return len(ways) == 1 and ways[0].heading is not None and not (ways[0].when or ways[0].formula or ways[0].values)


def _slack(table: Table, column: str, total: float, rows: Rows) -> float:
    """Counts agree exactly; amounts may differ by what rounding each row to cents makes."""
    if table.columns[column] == "count":
        return 0.0
    return explained(int(np.sum(rows.read))) if total % 1 else 0.0


def explained(rows: int) -> float:
    """By how much the total of so many rows may differ because each of them was rounded to cents."""
    return HALF_A_CENT + ROUNDING * float(np.sqrt(rows))
