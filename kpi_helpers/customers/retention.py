"""Retention cohorts: of those who first bought in a month, how many bought again n months later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.customers.purchases import is_purchase


def cohorts(orders: pd.DataFrame, until: date, months: int = 12) -> tuple[pd.DataFrame, pd.Series]:
    """Retention cohorts: share of the customers of each first month who bought n months later, and the cohorts' sizes.

    `until` is the last day covered. Rows: month of first purchase (the last `months`); columns: 0, 1, 2, … months
    since. Months that are not over are NaN, so that an unfinished month is not read as a loss.
    """
    counts, sizes = cohort_counts(orders, until, months)
    return counts.div(sizes, axis=0), sizes


def cohort_counts(orders: pd.DataFrame, until: date, months: int = 12) -> tuple[pd.DataFrame, pd.Series]:
    """The customers behind the shares of `cohorts`: how many of each first month bought n months later, and the sizes.

    Rows, columns and NaN as in `cohorts`; whole numbers as floats.
    """
    counts, sizes = _count(orders, until, months)
    last = pd.Period(until, "M") - (0 if _is_over(until) else 1)
    return counts.where(_lies(counts, lambda month: month <= last)), sizes


def unfinished_counts(orders: pd.DataFrame, until: date, months: int = 12) -> pd.DataFrame:
    """What `cohort_counts` leaves out: how many of each cohort have bought so far in a month that is not over.

    One month a cohort, everything else is NaN; all of it where the month of `until` is over.
    """
    counts, _sizes = _count(orders, until, months)
    now = pd.Period(until, "M")
    return counts.where(_lies(counts, lambda month: month == now and not _is_over(until)))


def _is_over(until: date) -> bool:
    return bool(pd.Period(until, "M").end_time.date() == until)


def _lies(counts: pd.DataFrame, is_such: Callable[[pd.Period], bool]) -> np.ndarray:
    """Of which cells the month is such."""
    starts = pd.PeriodIndex(counts.index, freq="M")
    cells = [[is_such(start + step) for step in range(counts.shape[1])] for start in starts]
    return np.array(cells, dtype=bool).reshape(counts.shape)


def _count(orders: pd.DataFrame, until: date, months: int) -> tuple[pd.DataFrame, pd.Series]:
    """Who bought by first month and months since, also in months to come (0), and the sizes of the cohorts."""
    known = orders[is_purchase(orders)].dropna(subset=["customer_id", "ordered_at"])
    month = known["ordered_at"].dt.tz_localize(None).dt.to_period("M")
    known = known.assign(month=month)[month <= pd.Period(until, "M")]
    first = known.groupby("customer_id")["month"].min().rename("first")
    bought = known[["customer_id", "month"]].drop_duplicates().join(first, on="customer_id")
    since = bought["month"].astype("int64") - bought["first"].astype("int64")
    counts = pd.crosstab(bought["first"], since)
    counts = counts.reindex(columns=range(int(since.max()) + 1) if len(since) else [], fill_value=0).iloc[-months:]
    sizes = first.value_counts().reindex(counts.index)
    counts.index = sizes.index = pd.PeriodIndex(counts.index, freq="M").to_timestamp()
    return counts.astype(float), sizes
