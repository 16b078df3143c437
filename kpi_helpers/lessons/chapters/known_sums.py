"""The measures of a company and its channels by month, read out of its history once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd

from kpi_helpers.lessons.figures import Figures
from kpi_helpers.terms import UNKNOWN

Sums = dict[str, float]


@lru_cache(maxsize=8)
def known_sums(figures: Figures) -> dict[str, dict[pd.Timestamp, Sums]]:
    """Measures by scope and finished month: what is not known is left out; no scope for visits of no channel."""
    past = figures.history.past
    return {scope: _by_month(past.sums(scope), figures.months) for scope in past.scopes if scope != UNKNOWN}


def _by_month(rows: pd.DataFrame, months: list[pd.Timestamp]) -> dict[pd.Timestamp, Sums]:
    known: dict[Any, dict[Any, Any]] = rows.to_dict("index")
    return {month: {name: float(value) for name, value in known[month].items() if pd.notna(value)}
            for month in months if month in known}  # fmt: skip
