"""Shares and averages broken down through their measures: their sum over sum is the target, not their mean."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.breakdown.months import average_month, last_year, month_index
from kpi_helpers.catalogue import Kpi, expanded, kpi
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.formula import Formula
from kpi_helpers.labels import measure_name
from kpi_helpers.language import _
from kpi_helpers.terms import MEASURES

SHAPES = {"last_year": last_year, "equal": average_month}


def break_down_ratio(
    key: str,
    target: float,
    months: Iterable[Any],
    sums: pd.DataFrame,
    *,
    how: str = "last_year",
    planned: Mapping[str, pd.Series] | None = None,
) -> pd.DataFrame:
    """The months of a ratio whose sum over sum is the target: a column `value` (the KPI) and one for each measure.

    `sums` are measures by month, as `sum_measures` returns them. What stands below the line follows last year, or what
    is `planned` for it (a measure's months, such as the goal for leads). What stands above keeps last year's size for
    each unit below, and the measures there that count in favour are multiplied by one factor for all months: the ratio
    keeps its seasons. A proportion that would so pass 100 % has its distance to 100 % multiplied instead.
    `how="equal"` takes the average of the months known for each month.

    Measures are not rounded. `value` is NaN in a month with nothing below the line. KitError where the KPI is no ratio
    or its months do not add up, where the history is too short, and where the target cannot be reached.
    """
    index, row, formula = month_index(months), kpi(key), expanded(key)
    _check(row, formula, target, how)
    above, below = formula.numerator, _below(formula)
    frame = sums.set_index("period") if "period" in sums else sums
    then = pd.DataFrame({name: SHAPES[how](index, frame.get(name)) for name in formula.names}, index=index)
    now = then.assign(**_plans(planned or {}, below, index))
    free = [name for name in above.names if name not in below.names]
    for name in free:
        now[name] = _for_each(then[name], _of(below, then)) * _of(below, now)
    lifted = _lifted(formula, now, _favourable(above, free), target)
    if row.interval and (lifted[free].sum(axis=1) > _of(below, lifted)).any():
        lifted = _within_whole(formula, now, free, target)
    value = _of(above, lifted) / _of(below, lifted).replace(0, np.nan)
    return lifted.assign(value=value)[["value", *formula.names]]


def _check(row: Kpi, formula: Formula, target: float, how: str) -> None:
    if how not in SHAPES:
        raise KitError(_("a ratio cannot be broken down by {how}.").format(how=repr(how)), did_you_mean(how, SHAPES))
    added = all(MEASURES[name].can_be_added for name in formula.names) and not row.is_rolling
    if not formula.is_ratio or not added:
        raise KitError(
            _("{kpi} has no measures that add up over months.").format(kpi=row.key),
            _("Set the same target for each month."),
        )
    if not math.isfinite(target) or (row.interval == "proportion" and not 0 <= target <= 1):
        _refuse(target)


def _below(formula: Formula) -> Formula:
    assert formula.denominator is not None
    return formula.denominator


def _of(formula: Formula, measures: pd.DataFrame) -> pd.Series:
    return formula.evaluate({name: measures[name] for name in formula.names})


def _plans(planned: Mapping[str, pd.Series], below: Formula, months: pd.DatetimeIndex) -> dict[str, pd.Series]:
    """The planned months of what stands below the line; KitError where a month is not planned."""
    plans = {name: planned[name].reindex(months).astype("float64") for name in below.names if name in planned}
    for name, plan in plans.items():
        if plan.isna().any() or (plan < 0).any():
            raise KitError(_("the plan of {measure} lacks months of the goal.").format(measure=measure_name(name)))
    return plans


def _for_each(measure: pd.Series, below: pd.Series) -> pd.Series:
    """The measure for each unit below the line, month by month; the average in a month that has none."""
    average = measure.sum() / below.sum() if below.sum() else np.nan
    return (measure / below.replace(0, np.nan)).fillna(average)


def _favourable(above: Formula, free: list[str]) -> list[str]:
    """The measures whose growth lifts what stands above the line."""
    ones = dict.fromkeys(above.names, 1.0)
    return [name for name in free if above.evaluate({**ones, name: 2.0}) > above.evaluate(ones)]


def _lifted(formula: Formula, now: pd.DataFrame, favourable: list[str], target: float) -> pd.DataFrame:
    """The favourable measures times the factor that makes sum over sum the target: the numerator is linear in them."""
    total = {name: float(now[name].sum()) for name in formula.names}
    rest = float(formula.numerator.evaluate({**total, **dict.fromkeys(favourable, 0.0)}))
    own = float(formula.numerator.evaluate(total)) - rest
    factor = (target * float(_below(formula).evaluate(total)) - rest) / own if own else math.nan
    if not (math.isfinite(factor) and factor >= 0):
        _refuse(target)
    return now.assign(**{name: now[name] * factor for name in favourable})


def _within_whole(formula: Formula, now: pd.DataFrame, free: list[str], target: float) -> pd.DataFrame:
    """The rest (what is not above the line) times the factor that makes sum over sum the target: no month passes 100 %.

    KitError where there is not one part and its rest.
    """
    whole = _of(_below(formula), now)
    rest = whole - now[free[0]]
    if len(free) > 1 or (rest < 0).any() or not rest.sum():
        _refuse(target)
    return now.assign(**{free[0]: whole - rest * (1 - target) * whole.sum() / rest.sum()})


def _refuse(target: float) -> None:
    raise KitError(
        _("a target of {target} cannot be reached from the months of last year.").format(target=f"{target:g}"),
        _("Set the same target for each month."),
    )
