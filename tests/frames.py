"""Small canonical tables for the tests, with the types that the exports stage gives them."""

from typing import Any

import pandas as pd

from kpi_helpers.terms import TABLES

ZONE = "Europe/Moscow"
DTYPES = {
    "date": "datetime64[us]", "time": f"datetime64[us, {ZONE}]", "text": "str", "id": "str", "person": "str",
    "count": "float64", "number": "float64", "money": "float64", "flag": "boolean",
}


def table(key: str, **columns: Any) -> pd.DataFrame:
    """The canonical table `key` with the given columns; the others are there and all missing.

    Times are given as wall times of `ZONE`; columns that the kit adds later (in_time, main, ...) are taken as flags.
    """
    kinds = TABLES[key].columns
    rows = max((len(values) for values in columns.values() if isinstance(values, list)), default=0)
    frame = pd.DataFrame(index=range(rows))
    for name in [*kinds, *(name for name in columns if name not in kinds)]:
        frame[name] = _column(columns.get(name), kinds.get(name, "flag"), frame.index)
    return frame


def _column(values: Any, kind: str, index: pd.Index) -> pd.Series:
    if kind == "time":
        return pd.Series(pd.to_datetime(pd.Series(values, index=index))).astype("datetime64[us]").dt.tz_localize(ZONE)
    if kind == "date":
        return pd.to_datetime(pd.Series(values, index=index)).astype("datetime64[us]")
    return pd.Series(values, index=index, dtype=DTYPES[kind])


def measured(months: list[str] | None = None, **measures: Any) -> pd.DataFrame:
    """A frame as `sum_measures` gives it: one row per month and a column per measure."""
    rows = max((len(values) for values in measures.values() if isinstance(values, list)), default=1)
    periods = pd.to_datetime(months) if months else pd.date_range("2026-01-01", periods=rows, freq="MS")
    return pd.DataFrame({"period": periods.astype("datetime64[us]"), **measures})
