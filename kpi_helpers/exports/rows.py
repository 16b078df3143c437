"""An account of the rows under the headings: which are totals, which continue the row above, which are broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_helpers.exports.body import Body
from kpi_helpers.exports.layout import Layout
from kpi_helpers.exports.values import PLACEHOLDERS, plain
from kpi_helpers.language import N_, _
from kpi_helpers.terms import TABLES

TOO_LONG = N_("the row has more cells than there are headings")
QUOTE = N_("Put cells that hold the delimiter in quotation marks.")
CUT_OFF = N_("the file ends in the middle of this row")
EXPORT_AGAIN = N_("Export it again and wait until it has finished.")


@dataclass(frozen=True)
class Problem:
    """A row that was rejected or lost a cell: its physical line (from 1), the cell, why, and what to do.

    All in the reader's language. A file without rows has one problem, too: on the line of its headings.
    """

    line: int
    column: str
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class Rows:
    """Which rows of the body are totals, continue the row above, are broken as a whole, or do not count."""

    totals: np.ndarray
    continued: np.ndarray
    broken: np.ndarray
    set_aside: np.ndarray
    problems: dict[int, Problem]
    lines: np.ndarray

    @classmethod
    def of(cls, body: Body, layout: Layout, cut_off: bool) -> Rows:
        totals = _totals(body, layout)
        continued = _continued(body, layout) & ~totals
        problems: dict[int, Problem] = {}
        for row in np.flatnonzero(~totals & ~continued).tolist():
            cells = body.rows[row]
            if cut_off and row == len(body.rows) - 1 and len(cells) < len(body.headings):
                problems[row] = Problem(int(body.lines[row]), "", "", _(CUT_OFF), _(EXPORT_AGAIN))
            elif any(cell.strip() for cell in cells[len(body.headings) :]):
                problems[row] = Problem(int(body.lines[row]), "", "", _(TOO_LONG), _(QUOTE))
        broken = np.isin(np.arange(len(body.rows)), list(problems))
        kept = np.all([np.ones(len(body.rows), dtype=bool), *map(body.meets, layout.keep)], axis=0)
        return cls(totals, continued, broken, ~(kept | totals | continued | broken), problems, body.lines)

    @property
    def read(self) -> np.ndarray:
        """The rows that are read, those set aside among them."""
        return ~(self.totals | self.continued | self.broken)


def _totals(body: Body, layout: Layout) -> np.ndarray:
    totals = np.zeros(len(body.rows), dtype=bool)
    column = body.column(layout.total_where_empty)
    if column is not None:
        totals |= body.is_empty(column)
    if not layout.totals:
        return totals
    dates = {body.column(rule.heading) for table, rules in layout.tables.items()
             if (rule := rules.get(TABLES[table].date))} - {None}  # fmt: skip
    for row, cells in enumerate(body.rows):
        place = next((place for place, cell in enumerate(cells) if cell and cell.strip() not in PLACEHOLDERS), 0)
        labels = [cells[place], *cells[len(body.headings) :]]
        if any(label.fits(plain(cell)) for label in layout.totals for cell in labels if cell):
            dated = [at for at in dates if at is not None and at != place and at < len(cells)]
            totals[row] |= all(cells[at].strip().casefold() in PLACEHOLDERS for at in dated)
    return totals


def _continued(body: Body, layout: Layout) -> np.ndarray:
    """Rows without the cells that only a record's first row has, under the same name as the row above."""
    columns = [column for heading in layout.continued_where_empty if (column := body.column(heading)) is not None]
    name = body.column(layout.continues)
    if not columns or name is None:
        return np.zeros(len(body.rows), dtype=bool)
    names = body.cells(name)
    same = (names == names.shift()).to_numpy() | body.is_empty(name)
    same[:1] = False
    return same & np.logical_and.reduce([body.is_empty(column) for column in columns])
