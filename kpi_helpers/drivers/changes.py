"""A change split over the drivers of a formula: exactly by Shapley, or by LMDI where all is above zero."""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pandas as pd

from kpi_helpers.amounts import round_to_sum
from kpi_helpers.catalogue import KPIS
from kpi_helpers.drivers.exact import Unknown, evaluate_exactly, look_up
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.formula import Formula, parse
from kpi_helpers.labels import measure_name
from kpi_helpers.language import _

METHODS = ("shapley", "lmdi")
MOST = 10  # drivers that changed: 2 ** 10 evaluations
DIGITS = 60  # of the logarithms
Values = Mapping[str, Fraction]


def split_change(
    before: Mapping[Any, Any] | pd.Series,
    after: Mapping[Any, Any] | pd.Series,
    formula: str | Formula,
    method: Literal["shapley", "lmdi"] | str = "shapley",
) -> pd.Series:
    """The effect of each driver on the change of a formula, or of a KPI of the catalogue, in the formula's unit.

    `before` and `after` hold the drivers, or the measures from which the catalogue reckons them (a row of
    `sum_measures`). As floats the effects add up, in any order and to the last digit, to `attrs["change"]`: values are
    taken as they are written, reckoned as fractions, and rounded together at the end. All effects are NaN where a value
    is missing, nothing can be divided by, or a result is too large; `attrs["reason"]` is then a code
    ("no_values:leads", "zero:leads", "too_large"), else "". Shares are fractions.

    "shapley": the mean of a driver's effect over all orders in which the drivers can move; zeros and changes of sign
    are no obstacle. "lmdi": products and quotients only; KitError unless all values are above zero.

    Sources: Shapley 1953, A value for n-person games, Contributions to the Theory of Games II; Ang 2005, The LMDI
    approach to decomposition analysis, Energy Policy 33:867.

    >>> split_change({"leads": 200, "rate": 0.8}, {"leads": 250, "rate": 0.7}, "leads * rate").to_dict()
    {'leads': 37.5, 'rate': -22.5}
    """
    if method not in METHODS:
        raise KitError(_("there is no method {name}.").format(name=repr(method)), did_you_mean(method, METHODS))
    chosen = _formula(formula)
    then, now = dict(before.items()), dict(after.items())
    try:
        start, end = ({name: look_up(name, row) for name in chosen.names} for row in (then, now))
        effects = _shapley(chosen, start, end) if method == "shapley" else _lmdi(chosen, start, end)
        rounded, reason = round_to_sum(effects), ""
        change = math.fsum(rounded.values())
    except Unknown as unknown:
        rounded, change, reason = dict.fromkeys(chosen.names, math.nan), math.nan, unknown.reason
    except OverflowError:
        rounded, change, reason = dict.fromkeys(chosen.names, math.nan), math.nan, "too_large"
    index = pd.Index(chosen.names, name="driver", dtype="str")
    series = pd.Series(rounded, index=index, name="effect", dtype="float64")
    series.attrs = {"change": change, "method": method, "reason": reason}
    return series


def split_parts(
    before: Mapping[str, Mapping[Any, Any]], after: Mapping[str, Mapping[Any, Any]], formula: str | Formula
) -> pd.DataFrame:
    """`split_change` (Shapley) of each part of a sum, such as a channel: a row for each part, a column for each driver.

    All effects are rounded together: as floats they add up, in any order, to `attrs["change"]`, the change of the sum.
    All are NaN where a part has no value; `attrs["reason"]` is then its code. Both mappings have the same parts.
    """
    chosen = _formula(formula)
    effects: dict[tuple[str, str], Fraction] = {}
    try:
        for part in before:
            start, end = ({name: look_up(name, rows[part]) for name in chosen.names} for rows in (before, after))
            effects |= {(part, name): effect for name, effect in _shapley(chosen, start, end).items()}
        rounded, reason = round_to_sum(effects), ""
    except (Unknown, OverflowError) as error:
        rounded, reason = {}, error.reason if isinstance(error, Unknown) else "too_large"
    rows = [[rounded.get((part, name), math.nan) for name in chosen.names] for part in before]
    frame = pd.DataFrame(rows, index=pd.Index(before, dtype="str"), columns=list(chosen.names), dtype="float64")
    frame.attrs = {"change": math.nan if reason else math.fsum(rounded.values()), "reason": reason}
    return frame


def _formula(formula: str | Formula) -> Formula:
    if isinstance(formula, Formula):
        return formula
    return KPIS[formula].formula if formula in KPIS else parse(formula)


def _shapley(formula: Formula, before: Values, after: Values) -> dict[str, Fraction]:
    """Each driver's effect, averaged over the orders in which those that changed can move."""
    moved = [name for name in formula.names if before[name] != after[name]]
    if len(moved) > MOST:
        raise KitError(
            _("{n} drivers changed; at most {most} can be told apart.").format(n=len(moved), most=MOST),
            _("Split the formula into steps."),
        )
    outcomes = _outcomes(formula, before, after, moved)
    effects = dict.fromkeys(formula.names, Fraction(0))
    others = np.indices((2,) * max(len(moved) - 1, 0)).sum(axis=0).ravel()  # how many of the others have moved
    for axis, name in enumerate(moved):
        steps = np.ravel(np.array(np.take(outcomes, 1, axis) - np.take(outcomes, 0, axis), dtype=object))
        for count in range(len(moved)):
            orders = Fraction(1, len(moved) * math.comb(len(moved) - 1, count))
            effects[name] += orders * sum(steps[others == count], Fraction(0))
    return effects


def _outcomes(formula: Formula, before: Values, after: Values, moved: list[str]) -> np.ndarray:
    """The formula with every choice of drivers moved: one axis of two places (before, after) a driver."""
    corners: dict[str, Any] = {name: np.array(before[name], dtype=object) for name in formula.names}
    for axis, name in enumerate(moved):
        shape = [2 if place == axis else 1 for place in range(len(moved))]
        corners[name] = np.array([before[name], after[name]], dtype=object).reshape(shape)
    value = evaluate_exactly(formula, corners)
    return np.broadcast_to(np.asarray(value, dtype=object), (2,) * len(moved))


def _lmdi(formula: Formula, before: Values, after: Values) -> dict[str, Fraction]:
    """Each driver's effect by logarithms to 60 digits; what is missing at the 60th goes to the largest effect."""
    powers = _powers(formula.tree, 1)
    values = [evaluate_exactly(formula, row) for row in (before, after)]
    for name, value in [*before.items(), *after.items(), (formula.text, min(values))]:
        if value <= 0:
            raise KitError(
                _("LMDI needs values above zero, and {name} is {value}.").format(
                    name=measure_name(name), value=f"{float(value):g}"
                ),
                _("Choose the method shapley."),
            )
    with localcontext(prec=DIGITS):
        mean = _log_mean(*values)
        effects = {name: Fraction(mean * powers[name] * _log(after[name] / before[name])) for name in formula.names}
    largest = max(effects, key=lambda name: (abs(effects[name]), name), default="")
    if largest:
        effects[largest] += values[1] - values[0] - sum(effects.values())
    return effects


def _powers(node: ast.expr, sign: int) -> Counter[str]:
    """The power of each driver in a product; KitError where something is added."""
    if isinstance(node, ast.Name):
        return Counter({node.id: sign})
    if isinstance(node, ast.Constant):
        return Counter()
    assert isinstance(node, ast.BinOp)
    if not isinstance(node.op, (ast.Mult, ast.Div)):
        raise KitError(_("LMDI splits products and quotients, no sums."), _("Choose the method shapley."))
    powers = _powers(node.left, sign)
    powers.update(_powers(node.right, sign if isinstance(node.op, ast.Mult) else -sign))
    return powers


def _log_mean(before: Fraction, after: Fraction) -> Decimal:
    """The logarithmic mean of two values above zero."""
    return _decimal(before) if before == after else _decimal(after - before) / _log(after / before)


def _log(ratio: Fraction) -> Decimal:
    return _decimal(ratio).ln()


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)
