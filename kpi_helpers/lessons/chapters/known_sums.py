"""The measures of a company and its channels by month, read out of its history once."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from kpi_helpers.lessons.figures import Figures
from kpi_helpers.terms import UNKNOWN

Sums = dict[str, float]


@lru_cache(maxsize=8)
def known_sums(figures: Figures) -> dict[str, dict[pd.Timestamp, Sums]]:
    """Measures by scope and finished month: what is not known is left out; no scope for visits of no channel."""
    past, months = figures.history.past, set(figures.months)
    return {
        scope: {month: _known(row) for month, row in past.sums(scope).to_dict("index").items() if month in months}
        for scope in past.scopes
        if scope != UNKNOWN
    }


def _known(row: dict[str, float]) -> Sums:
    return {str(name): float(value) for name, value in row.items() if pd.notna(value)}
