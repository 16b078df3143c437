"""Sums broken down to months: leads, orders, money."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from kpi_helpers.breakdown.exact import as_written, choose_step, split_exactly
from kpi_helpers.breakdown.months import YEAR, before, last_year, month_index
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _

PROFILES = ("last_year", "equal", "growth")
PATHS = ("equal", "growth")
WHOLE_FROM = 20  # a ROAS of 3 that shall be 4 passes 3.5; leads that shall be 40 do not


def break_down(
    total: float,
    months: Iterable[Any],
    *,
    how: str = "last_year",
    history: pd.Series | None = None,
    growth: float | None = None,
    baseline: float = math.nan,
    step: float | None = None,
) -> pd.Series:
    """The total of a goal by month, first days in order; the parts add up to the total to the last digit.

    `how`: "last_year" follows the 12 months of `history` (whole months, by first day) before the first month; "equal"
    gives every month the same; "growth" grows by one factor a month: by `growth` (0.02 is +2 % a month) where it is
    given, else by the factor that leads from the `baseline` of a month (or the average of the last 12 months known)
    to the total. `step` rounds the parts; without it one is chosen (`choose_step`). KitError where the history is too
    short for `how`, with the other choices; for a total below zero; for a month of the history below zero.

    >>> break_down(1000, pd.date_range("2026-01-01", periods=3, freq="MS"), how="growth", growth=1.0).tolist()
    [143.0, 286.0, 571.0]
    """
    index = month_index(months)
    if how not in PROFILES:
        raise KitError(_("a total cannot be broken down by {how}.").format(how=repr(how)), did_you_mean(how, PROFILES))
    if how == "last_year":
        weights = _seasonal(index, history)
    elif how == "growth":
        start = float(before(history, index[0]).tail(YEAR).mean()) if math.isnan(baseline) else baseline
        weights = _growing(index, total, start, growth)
    else:
        weights = [1.0] * len(index)
    parts = split_exactly(total, weights, choose_step(total, len(index)) if step is None else step)
    return pd.Series(parts, index=index, name="target")


def break_down_exit(
    baseline: float, target: float, months: Iterable[Any], *, how: str = "equal", step: float | None = None
) -> pd.Series:
    """The target of each month where the last month is to reach `target`: an exit rate.

    `baseline` is the month before the first one. `how`: "equal" adds the same each month, "growth" multiplies by
    the same. The months between are rounded to `step`; the last is the target as it is given.
    KitError for growth from or to zero or less.

    >>> break_down_exit(100, 160, pd.date_range("2026-01-01", periods=4, freq="MS")).tolist()
    [115.0, 130.0, 145.0, 160.0]
    """
    index = month_index(months)
    if how not in PATHS:
        raise KitError(_("there is no path {how} to an exit rate.").format(how=repr(how)), did_you_mean(how, PATHS))
    start, end = float(as_written(baseline)), float(as_written(target))
    if how == "growth" and not (start > 0 and end > 0):
        raise KitError(_("growth needs a baseline and a target above zero."), _("Choose equal steps."))
    places = [(n + 1) / len(index) for n in range(len(index) - 1)]
    path = [start * (end / start) ** place if how == "growth" else start + (end - start) * place for place in places]
    unit = _path_step(start, end, len(index)) if step is None else step
    low, high = sorted((start, end))  # rounding must not pass the target and turn back
    between = (min(max(_rounded(value, unit), low), high) for value in path)
    return pd.Series([*between, end], index=index, name="target")


def by_quarter(series: pd.Series) -> pd.Series:
    """Months added up to quarters, by the quarter's first day; exact as decimals. NaN where a month is unknown."""
    quarters = pd.DatetimeIndex(series.index).to_period("Q").to_timestamp().as_unit("us").rename("period")
    return series.astype("float64").groupby(quarters).agg(_added)


def _path_step(start: float, end: float, months: int) -> float:
    """Whole steps between whole numbers that are large enough; two digits more than the change has otherwise."""
    step = choose_step(abs(as_written(end) - as_written(start)), months)
    whole = start == int(start) and end == int(end) and max(abs(start), abs(end)) >= WHOLE_FROM
    return step if whole else min(step, 1.0) / 100


def _added(values: pd.Series) -> float:
    return math.nan if values.isna().any() else float(sum((as_written(value) for value in values), Decimal(0)))


def _seasonal(months: pd.DatetimeIndex, history: pd.Series | None) -> list[float]:
    shape = last_year(months, history)
    if (shape < 0).any() or not shape.any():
        raise KitError(
            _("last year gives no shape: its months are zero, or some are below zero."),
            _("Choose equal steps or growth."),
        )
    return shape.tolist()


def _growing(months: pd.DatetimeIndex, total: float, baseline: float, growth: float | None) -> list[float]:
    """Powers of the month's factor; months are counted on the calendar, so a gap counts too."""
    ahead = [(month.year - months[0].year) * YEAR + month.month - months[0].month + 1 for month in months]
    factor = _factor(total, baseline, ahead) if growth is None else 1 + growth
    if not (math.isfinite(factor) and factor > 0):
        raise KitError(_("growth of {growth} a month is not possible.").format(growth=growth))
    return [factor ** (power - ahead[-1] if factor > 1 else power - 1) for power in ahead]


def _factor(total: float, baseline: float, ahead: list[int]) -> float:
    """The monthly factor by which the months add up to the total, from a baseline one month before."""
    from scipy.optimize import brentq

    if not (baseline > 0 and total > 0):
        raise KitError(
            _("growth needs a baseline and a total above zero."),
            _("Choose equal steps, or add exports of months before the goal's start."),
        )
    asked = total / baseline
    highest = 1.001 * asked ** (1 / ahead[-1])  # the last month alone would be the total
    return float(brentq(lambda factor: sum(factor**power for power in ahead) - asked, 0.0, highest, xtol=1e-14))


def _rounded(value: float, step: float) -> float:
    unit = as_written(step)
    return float((as_written(value) / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit)
