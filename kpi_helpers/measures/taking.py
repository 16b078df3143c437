"""What a measure is taken from, and what was summed of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_helpers.terms import TABLES, Measure

DIMENSIONS = {name for table in TABLES.values() for name, kind in table.columns.items() if kind == "text"}
PERIODS = {"day": "D", "month": "MS", "quarter": "QS", "year": "YS"}
MILLION = 1e6
# Adding this and taking it away again rounds to whole numbers, for so large a float holds no fraction: by IEEE 754
# alone, so alike everywhere, where the engines' own ways of rounding treat halves differently.
NO_FRACTION = 2.0**52 + 2.0**51


@dataclass(frozen=True, eq=False)
class Sums:
    """A measure by period and dimension: `periods` by their first days, `names` of the dimension (None: not told;
    all None where nothing was asked), and the `amounts`, NaN where no row says any."""

    periods: np.ndarray
    names: list[str | None]
    amounts: np.ndarray


@dataclass(frozen=True, eq=False)
class Spans:
    """First and last period of which the rows of an account (`platform`, else the value) speak, by value."""

    names: list[str | None]
    accounts: list[str | None]
    first: np.ndarray
    last: np.ndarray


def columns_of(measure: Measure) -> set[str]:
    """The columns that tell of the measure: not all are there (those of timeliness are added by another stage)."""
    more = {"whole_period": {"start", "end", "channel"}, "first": {"network"}}.get(measure.how, set())
    place = measure.dated or TABLES[measure.table].date
    column = measure.column if measure.how != "count" else ""
    return {place, column, measure.where[0] if measure.where else "", *more} - {""}


def taken_from(measure: Measure) -> tuple[str, ...]:
    """The rows that the measure is taken from: measures of the same rows are summed in one pass."""
    place = measure.table, measure.dated or TABLES[measure.table].date
    return place if measure.can_be_added else (*place, measure.how, measure.column)
