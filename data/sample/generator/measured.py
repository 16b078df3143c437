"""True sums by month, taken from the simulation."""

import pandas as pd

from .laws import MONTHS

Series = dict[str, list[float]]


def month_of(moments: pd.Series) -> pd.Series:
    return pd.to_datetime(moments).dt.strftime("%Y-%m")


def by_month(table: pd.DataFrame, moment: str, what: str | None = None) -> list[float]:
    """Sums (or counts of rows) by month, over all months of the period."""
    groups = table.groupby(month_of(table[moment])) if len(table) else None
    sums = {} if groups is None else groups.size() if what is None else groups[what].sum()
    return [
        int(value) if float(value).is_integer() else round(float(value), 2)
        for value in (sums.get(month, 0) for month in MONTHS)
    ]
