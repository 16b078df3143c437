"""Exact numbers: values as they are written, and formulas over fractions."""

from __future__ import annotations

import ast
import math
import numbers
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kpi_helpers.catalogue import KPIS, expanded
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.formula import Formula
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle
from kpi_helpers.terms import MEASURES

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


class Unknown(Exception):
    """A value that cannot be had; `reason` is a code: "no_values:<name>", "zero:<name>", "too_large:<name>"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def as_fraction(value: Any) -> Fraction | None:
    """The number as it is written (0.8 is 4/5); None where it is missing or not finite. KitError for text and flags.

    >>> as_fraction(0.8), as_fraction(float("nan"))
    (Fraction(4, 5), None)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, (bool, str)) or not isinstance(value, (numbers.Real, Decimal)):
        raise KitError(_("{value} is not a number.").format(value=repr(cut_middle(value, 40))))
    if isinstance(value, (Fraction, numbers.Integral)):
        return Fraction(int(value)) if isinstance(value, numbers.Integral) else value
    if not math.isfinite(value):
        return None
    return Fraction(value) if isinstance(value, Decimal) else Fraction(repr(float(value)))


def evaluate_exactly(formula: Formula, values: Mapping[str, Any]) -> Any:
    """The formula over fractions, or object arrays of them, without rounding; Unknown where it divides by zero."""
    return _evaluate(formula.tree, values)


def look_up(name: str, row: Mapping[Any, Any], measured: Formula | None = None) -> Fraction:
    """A driver's value: what the row says, or the KPI of that name over the measures of the row.

    `measured` replaces the catalogue's formula. Unknown where a measure is missing or nothing can be divided by;
    KitError for a name that neither the row nor the catalogue knows.
    """
    said = as_fraction(row[name]) if name in row else None
    if said is not None:
        return said
    if measured is None and name in KPIS and KPIS[name].text != name:
        measured = expanded(name)
    if measured is not None:
        return Fraction(evaluate_exactly(measured, {part: look_up(part, row) for part in measured.names}))
    if name not in row and name not in MEASURES:
        unknown = _("{name} is not known.").format(name=repr(cut_middle(name, 40)))
        raise KitError(unknown, did_you_mean(name, [str(key) for key in row]))
    raise Unknown(f"no_values:{name}")


def _evaluate(node: ast.expr, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant):
        return as_fraction(node.value)
    assert isinstance(node, ast.BinOp)
    left, right = _evaluate(node.left, values), _evaluate(node.right, values)
    try:
        return _OPERATORS[type(node.op)](left, right)
    except ZeroDivisionError:
        raise Unknown(f"zero:{_first_name(node.right)}") from None


def _first_name(node: ast.expr) -> str:
    return next((part.id for part in ast.walk(node) if isinstance(part, ast.Name)), "0")
