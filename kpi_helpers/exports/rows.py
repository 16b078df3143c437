"""An account of the rows under the headings: which are totals, which continue the row above, which are broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_helpers.exports.body import Body
from kpi_helpers.exports.hidden_totals import find_hidden_totals
from kpi_helpers.exports.layout import Layout
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.exports.values import plain
from kpi_helpers.exports.words import Words
from kpi_helpers.language import N_, _
from kpi_helpers.terms import TABLES

SUMMED = ("ads", "traffic", "actions", "costs", "social", "search")  # tables of numbers, where totals would count
TOO_LONG = N_("the row has more cells than there are headings")
QUOTE = N_("Put cells that hold the delimiter in quotation marks.")
CUT_OFF = N_("the file ends in the middle of this row")
EXPORT_AGAIN = N_("Export it again and wait until it has finished.")
OPEN_QUOTE = N_("a quotation mark in this row is never closed")
DO_NOT_EDIT = N_("Export it again and do not edit it.")
HEADINGS_AGAIN = N_("the row repeats the headings")
ONE_FILE_EACH = N_("Keep every export in a file of its own.")


@dataclass(frozen=True)
class Problem:
    """A row that was rejected or lost a cell: its physical line (from 1), the cell, why, and what to do.

    `row` are all its cells as they stand. Reason and remedy are in the reader's language. A file without rows has one
    problem, too: on the line of its headings.
    """

    line: int
    column: str
    value: str
    reason: str
    remedy: str
    row: tuple[str, ...] = ()


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
    def of(cls, body: Body, layout: Layout, sheet: Sheet) -> Rows:
        totals = _totals(body, layout)
        continued = _continued(body, layout) & ~totals
        problems = {
            row: Problem(int(body.lines[row]), "", "", _(reason), _(remedy), tuple(body.rows[row]))
            for row, (reason, remedy) in sorted(_broken(body, sheet).items())
            if not totals[row] and not continued[row]
        }
        broken = np.zeros(len(body.rows), dtype=bool)
        broken[list(problems)] = True
        kept = np.all([np.ones(len(body.rows), dtype=bool), *map(body.meets, layout.keep)], axis=0)
        return cls(totals, continued, broken, ~(kept | totals | continued | broken), problems, body.lines)

    @property
    def read(self) -> np.ndarray:
        """The rows that are read, those set aside among them."""
        return ~(self.totals | self.continued | self.broken)


def _broken(body: Body, sheet: Sheet) -> dict[int, tuple[str, str]]:
    """The rows that cannot be read as a whole: the reason and the remedy of each."""
    broken: dict[int, tuple[str, str]] = {}
    width, last = body.width, len(body.rows) - 1
    for row in np.flatnonzero(body.widths > width).tolist():
        if any(cell.strip() for cell in body.rows[row][width:]):
            broken[row] = (TOO_LONG, QUOTE)
    if sheet.cut_off and last >= 0 and body.widths[last] < width:
        broken[last] = (CUT_OFF, EXPORT_AGAIN)
    first = len(sheet.rows) - len(body.rows)
    broken |= {row - first: (OPEN_QUOTE, DO_NOT_EDIT) for row in sheet.damaged if row >= first}
    if body.headings and last >= 0:
        cells, heading = body.cells(0), body.headings[0].strip()
        alike = np.flatnonzero(cells.flags(heading.__eq__)).tolist() if heading in cells.words else []
        broken |= {row: (HEADINGS_AGAIN, ONE_FILE_EACH) for row in alike if body.rows[row] == body.headings}
    return broken


def _totals(body: Body, layout: Layout) -> np.ndarray:
    totals = np.zeros(len(body.rows), dtype=bool)
    column = body.column(layout.total_where_empty)
    if column is not None:
        totals |= body.is_empty(column)
    if layout.last_is_total:
        totals[-1:] = True
    if layout.totals and len(totals):
        totals |= _labelled(body, layout)
    if any(table in SUMMED or TABLES[table].tally in rules for table, rules in layout.tables.items()):
        totals |= find_hidden_totals(body, layout)
    return totals


def _labelled(body: Body, layout: Layout) -> np.ndarray:
    """The rows whose first filled cell, or a cell beyond the headings, is a label of totals, and that have no date."""

    def is_label(word: str) -> bool:
        return bool(word) and any(label.fits(plain(word)) for label in layout.totals)

    def labels(cells: Words) -> np.ndarray:
        may_be = any(label.may_stand_in(cells.text) for label in layout.totals)
        return cells.flags(is_label) if may_be else np.zeros(len(cells), dtype=bool)

    width = body.width
    labelled = np.zeros(len(body.rows), dtype=bool)
    place = np.zeros(len(body.rows), dtype="int64")
    waiting = np.ones(len(body.rows), dtype=bool)
    for column in range(width):
        first = waiting & ~body.is_empty(column)
        labelled |= first & labels(body.cells(column))
        place[first] = column
        waiting &= ~first
        if not waiting.any():
            break
    for row in np.flatnonzero(body.widths > width).tolist():
        labelled[row] |= any(is_label(cell.strip()) for cell in body.rows[row][width:])
    for column in _date_columns(body, layout):
        labelled &= (place == column) | body.is_empty(column)
    return labelled


def _date_columns(body: Body, layout: Layout) -> set[int]:
    rules = [rules[TABLES[table].date] for table, rules in layout.tables.items() if TABLES[table].date in rules]
    headings = [heading for rule in rules for heading in rule.headings]
    return {column for heading in headings if (column := body.column(heading)) is not None}


def _continued(body: Body, layout: Layout) -> np.ndarray:
    """Rows without the cells that only a record's first row has, under the same name as the row above."""
    columns = [column for heading in layout.continued_where_empty if (column := body.column(heading)) is not None]
    name = body.column(layout.continues)
    if not columns or name is None:
        return np.zeros(len(body.rows), dtype=bool)
    same = _same_as_above(body.cells(name)) | body.is_empty(name)
    same[:1] = False
    return same & np.logical_and.reduce([body.is_empty(column) for column in columns])


def _same_as_above(words: Words) -> np.ndarray:
    return np.append(False, words.codes[1:] == words.codes[:-1])
