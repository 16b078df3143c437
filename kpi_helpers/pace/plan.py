"""The plan line of a month, and earlier months cut where this one stands."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.pace.days import Days, learn_weights, read_days


def plan_by_day(
    daily: pd.Series,
    month: date,
    target: float,
    holidays: Collection[date] = frozenset(),
    worked: Collection[date] = frozenset(),
) -> pd.Series:
    """The plan line: cumulative, by day of the month, its last value the target exactly.

    Shared out by the weights of the days, which are learned from what was before the month: the plan stays as it is
    while the month goes on. Without history every day weighs the same.

    >>> plan_by_day(pd.Series(dtype=float, index=pd.DatetimeIndex([])), date(2026, 2, 1), 280.0).iloc[[0, -1]].tolist()
    [10.0, 280.0]
    """
    days = read_days(daily, month, holidays, worked)
    weights = plan_weights(days)
    line = target * (np.cumsum(weights) / weights.sum())
    line = np.minimum(line, target) if target >= 0 else np.maximum(line, target)
    line[-1] = target
    first = days.first + pd.Timedelta(days=days.start)
    return pd.Series(line, index=pd.date_range(first, periods=len(line), name="day"), name="plan")


def plan_weights(days: Days) -> np.ndarray:
    """What each day of the month weighs in its plan."""
    weights = learn_weights(days.values[: days.start, 0], days.kinds)[days.kinds[days.start :]]
    return weights if weights.sum() > 0 else np.ones_like(weights)


def compare_like_for_like(
    daily: pd.Series,
    month: date,
    *,
    holidays: Collection[date] = frozenset(),
    worked: Collection[date] = frozenset(),
    months: int = 13,
) -> pd.DataFrame:
    """This month to date (the last row) beside the months before it, each cut at the same point.

    Columns: `same_days`, the sum of as many first days; `same_share`, the sum up to where the same share of the month's
    weight had passed, which allows for weekdays and holidays; `total`, the whole month's (NaN while it goes on);
    `days_unknown` of the whole month. Only months that the data hold from their first day; no row before the month's.
    """
    days = read_days(daily, month, holidays, worked)
    weights = learn_weights(days.values[:, 0], days.kinds)[days.kinds]
    passed = _share(weights, days.start, days.end, days.passed)
    spans = [*days.months_before()[1 - months :], (days.start, days.end)] if days.passed else []
    rows = {days.first + pd.Timedelta(days=start): _cut(days, weights, start, end, passed) for start, end in spans}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["same_days", "same_share", "total", "days_unknown"])


def _share(weights: np.ndarray, start: int, end: int, passed: int) -> float:
    total = weights[start:end].sum()
    return float(weights[start : start + passed].sum() / total) if total > 0 else passed / (end - start)


def _cut(days: Days, weights: np.ndarray, start: int, end: int, passed: float) -> list[float]:
    values = days.values[start:end, 0]
    known, length = np.nan_to_num(values), end - start
    weighed = np.concatenate([[0.0], np.cumsum(weights[start:end])])
    shares = weighed / weighed[-1] if weighed[-1] > 0 else np.arange(length + 1) / length
    brought = np.concatenate([[0.0], np.cumsum(known)])[: len(values) + 1]
    whole = len(values) == length
    return [
        known[: days.passed].sum(),
        float(np.interp(passed, shares[: len(brought)], brought)),
        brought[-1] if whole else np.nan,
        int(np.isnan(values).sum()),
    ]
