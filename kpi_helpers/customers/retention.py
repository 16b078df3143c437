"""Retention cohorts: of those who first bought in a month, how many bought again n months later."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd


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
    known = orders.dropna(subset=["customer_id", "ordered_at"])
    month = known["ordered_at"].dt.tz_localize(None).dt.to_period("M")
    known = known.assign(month=month)[month <= pd.Period(until, "M")]
    first = known.groupby("customer_id")["month"].min().rename("first")
    bought = known[["customer_id", "month"]].drop_duplicates().join(first, on="customer_id")
    since = (bought["month"] - bought["first"]).map(lambda step: step.n)
    counts = pd.crosstab(bought["first"], since)
    counts = counts.reindex(columns=range(int(since.max()) + 1) if len(since) else [], fill_value=0).iloc[-months:]
    last = pd.Period(until, "M") - (0 if pd.Period(until, "M").end_time.date() == until else 1)
    over = np.array([[start + step <= last for step in counts.columns] for start in counts.index], dtype=bool)
    sizes = first.value_counts().reindex(counts.index)
    counts = counts.astype(float).where(over.reshape(counts.shape))
    counts.index = sizes.index = pd.PeriodIndex(counts.index, freq="M").to_timestamp()
    return counts, sizes
