"""Totals that stand among the data: a row that says "total" somewhere, or nothing at all, and adds up others."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from kpi_helpers.exports.body import Body
from kpi_helpers.exports.layout import Layout
from kpi_helpers.exports.numbers import read_numbers
from kpi_helpers.exports.values import plain
from kpi_helpers.terms import TABLES

_LABEL = re.compile(r"(?:grand |sub-?)?totals?\b|итого\b|итоги\b|всего\b|общий итог")
_STEMS = ("total", "итог", "всего")  # one of them is in every label
MOST = 5_000  # rows that are looked at: a file with more such names has campaigns of this name


def find_hidden_totals(body: Body, layout: Layout) -> np.ndarray:
    """The rows that begin a cell with "total", or are the last and name nothing, and whose numbers are all sums.

    Sums of the other rows of their day, of the rows since the last such row, or of all rows above.
    """
    found = np.zeros(len(body.rows), dtype=bool)
    kinds = (("text",), ("count", "money", "number"), ("date", "time"))
    texts, numbers, dates = (_columns(body, layout, kind) for kind in kinds)
    suspects = _labelled(body, texts)
    if texts and len(suspects) > 2:
        suspects[-1] |= all(body.cells(column).filled.codes[-1] < 0 for column in texts | dates)
    if not numbers or not suspects.any() or suspects.sum() > MOST:
        return found
    columns = [read_numbers(body.cells(column), decimal=body.decimal).values for column in sorted(numbers)]
    values = np.column_stack(columns)
    words = [body.cells(column).codes for column in sorted(dates)]
    day = pd.factorize(pd.MultiIndex.from_arrays(words))[0] if words else None
    last = -1
    for row in np.flatnonzero(suspects).tolist():
        rest = ~suspects
        above = np.arange(len(suspects)) < row
        groups = [rest & above, rest & above & (np.arange(len(suspects)) > last)]
        groups += [rest & (day == day[row])] if day is not None else []
        found[row] = any(_adds_up(values[row], values[group]) for group in groups if group.any())
        last = row
    return found


def labelled_days(body: Body, layout: Layout) -> np.ndarray:
    """The rows of a day that begin a cell with "total"."""
    dated = np.zeros(len(body.rows), dtype=bool)
    for column in _columns(body, layout, ("date",)):
        dated |= ~body.is_empty(column)
    return dated & _labelled(body, _columns(body, layout, ("text",)))


def _labelled(body: Body, columns: set[int]) -> np.ndarray:
    labelled = np.zeros(len(body.rows), dtype=bool)
    for column in columns:
        cells = body.cells(column)
        if any(stem in cells.text for stem in _STEMS):
            labelled |= cells.flags(lambda word: bool(_LABEL.match(plain(word))))
    return labelled


def _adds_up(total: np.ndarray, parts: np.ndarray) -> bool:
    """Whether each number of a row is the sum of the others', to what rounding explains."""
    told = ~np.isnan(total)
    slack = np.where(total % 1 == 0, 1e-6, 0.005 * (len(parts) + 1))
    alike = np.abs(np.nansum(parts, axis=0) - total) <= slack
    return bool(told.any() and alike[told].all() and (total[told] != 0).any())


def _columns(body: Body, layout: Layout, kinds: tuple[str, ...]) -> set[int]:
    """The columns that the layout reads as one of these kinds."""
    headings = [heading for table, rules in layout.tables.items() for name, rule in rules.items()
                if TABLES[table].columns[name] in kinds and not rule.formula for heading in rule.headings]  # fmt: skip
    return {place for heading in headings if (place := body.column(heading)) is not None}
