"""Plans from goals: solve a formula for what is asked, reckon backward from a goal, find goals that cannot hold."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import polynomial

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.formula import LARGEST, Formula, parse
from kpi_helpers.labels import kpi_name, measure_name, write_list
from kpi_helpers.language import _
from kpi_helpers.terms import MEASURES

Polynomial = np.ndarray
SUMS = {key: row for key, row in KPIS.items() if row.is_sum}


@dataclass(frozen=True)
class Step:
    """One step of a plan: `measure` must be `value`, because the KPI `kpi` (its `formula`) is given.

    `uses` are the given KPIs and measures that the value rests on.
    """

    measure: str
    value: float
    kpi: str
    formula: str
    uses: frozenset[str]


def solve(key_or_formula: str, target: float, given: Mapping[str, float], unknown: str) -> float:
    """The value of one measure at which a KPI (or a formula) is the target, the others being given.

    A KPI in the formula may be given, or be what is unknown, like a measure; one that is neither is taken apart. The
    formula is a quotient of polynomials of the unknown, so that it may occur more than once in it. KitError where
    something else is not given, where no value reaches the target, or where several above zero do.

    >>> solve("cpl", 500, {"leads": 200}, "spend"), solve("romi", 0.5, {"margin": 300}, "spend")
    (100000.0, 200.0)
    """
    formula = _taken_apart(key_or_formula, {*given, unknown})
    lacking = [name for name in formula.names if name != unknown and not math.isfinite(given.get(name, math.nan))]
    if unknown not in formula.names:
        raise KitError(
            _("{formula} does not use {name}.").format(formula=key_or_formula, name=unknown),
            did_you_mean(unknown, formula.names),
        )
    if lacking:
        names = write_list([measure_name(name) for name in lacking])
        raise KitError(_("to find {name}, give: {names}.").format(name=measure_name(unknown), names=names))
    root = _solved(formula, target, given, unknown)
    if math.isnan(root):
        raise KitError(
            _("no single value of {name} gives {target}.").format(name=measure_name(unknown), target=f"{target:g}")
        )
    return root


def plan_backward(key: str, target: float, rates: Mapping[str, float]) -> list[Step]:
    """What a goal asks for, step by step, through the rates that are given: KPIs, or measures that are fixed.

    KitError where a proportion is no share between 0 and 1, where nothing follows from the rates, or where a measure
    would have to be below zero.

    >>> [(step.measure, step.value) for step in plan_backward(
    ...     "qualified_leads", 160, {"qualification_rate": 0.8, "cpl": 500})]
    [('leads', 200.0), ('spend', 100000.0)]
    """
    given = {key: target, **rates}
    for name, value in given.items():
        if name not in KPIS and name not in MEASURES:
            raise KitError(_("there is no KPI {key}.").format(key=repr(name)), did_you_mean(name, [*KPIS, *MEASURES]))
        if out_of_bounds(name, value):
            raise KitError(
                _("{name} cannot be {value}.").format(name=kpi_name(name), value=f"{value:g}"),
                _("Write shares as fractions: 0.8 is 80 %."),
            )
    steps = list(follow(given))
    for step in steps:
        if out_of_bounds(step.measure, step.value):
            raise KitError(_("{name} would have to be below zero.").format(name=kpi_name(step.measure)))
    if not steps:
        raise KitError(
            _("nothing follows for {name} from what is given.").format(name=kpi_name(key)),
            _("Give a rate that uses it: {rates}.").format(rates=", ".join(_rates_of(key))),
        )
    return steps


def follow(given: Mapping[str, float]) -> Iterator[Step]:
    """All that follows from the given KPIs and measures: formulas in which one name is unknown are solved for it.

    A formula that no value satisfies, or only one that nobody would write (1e15 and more), is passed over.
    """
    known = {name: float(value) for name, value in given.items() if math.isfinite(value)}
    uses = {name: frozenset([name]) for name in known}
    tried: set[tuple[str, str]] = set()
    while equation := next(_open_equations(known, tried), None):
        tried.add(equation)
        key, unknown = equation
        value = _solved(KPIS[key].formula, known[key], known, unknown)
        if not abs(value) < LARGEST:
            continue
        rests_on = [uses[name] for name in KPIS[key].formula.names if name != unknown]
        known[unknown], uses[unknown] = value, uses[key].union(*rests_on)
        yield Step(unknown, value, key, KPIS[key].text, uses[unknown])


def out_of_bounds(name: str, value: float) -> str:
    """Why a KPI or measure cannot have the value: "above_all", "below_zero", "not_known", or "" where it can."""
    row = KPIS.get(name)
    if not math.isfinite(value):
        return "not_known"
    if row and row.interval == "proportion" and value > 1:
        return "above_all"
    parts = [name, *(row.formula.names if row else ())]
    can_lose = any(part.startswith("margin") for part in parts) or (  # goods sold under cost
        row is not None and any(isinstance(node, ast.Sub) for node in ast.walk(row.formula.tree))
    )
    return "below_zero" if value < 0 and not can_lose else ""


def _rates_of(name: str) -> list[str]:
    """The KPIs whose formula uses a measure."""
    return [key for key, row in KPIS.items() if name in row.formula.names and row.text != key]


def _open_equations(known: Mapping[str, float], tried: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Known KPIs with just one name in their formula that is not known, and that name."""
    for key in [name for name in known if name in KPIS and KPIS[name].text != name]:
        unknown = [name for name in KPIS[key].formula.names if name not in known]
        if len(unknown) == 1 and (key, unknown[0]) not in tried:
            yield key, unknown[0]


def _taken_apart(key_or_formula: str, kept: set[str]) -> Formula:
    """The formula, with the KPIs in it that are neither given nor asked for replaced by their own formulas."""
    formula = KPIS[key_or_formula].formula if key_or_formula in KPIS else parse(key_or_formula)
    return formula.expand({key: row.formula for key, row in KPIS.items() if key not in kept and key not in MEASURES})


def _solved(formula: Formula, target: float, given: Mapping[str, float], unknown: str) -> float:
    """The one value (of several, the one above zero) at which the formula is the target; NaN where there is none."""
    above, below = _quotient(formula.tree, given, unknown)
    roots = _roots(polynomial.polysub(above, polynomial.polymul([target], below)), below)
    if len(roots) > 1:
        roots = [root for root in roots if root >= 0]
    return roots[0] if len(roots) == 1 else math.nan


def _quotient(node: ast.expr, given: Mapping[str, float], unknown: str) -> tuple[Polynomial, Polynomial]:
    """The formula as one polynomial of the unknown over another; coefficients from the constant up."""
    one = np.array([1.0])
    if isinstance(node, ast.Name):
        return np.array([0.0, 1.0] if node.id == unknown else [float(given[node.id])]), one
    if isinstance(node, ast.Constant):
        return np.array([node.value], dtype="float64"), one
    assert isinstance(node, ast.BinOp)
    (above, below), (other, under) = (_quotient(side, given, unknown) for side in (node.left, node.right))
    if isinstance(node.op, ast.Mult):
        return polynomial.polymul(above, other), polynomial.polymul(below, under)
    if isinstance(node.op, ast.Div):
        return polynomial.polymul(above, under), polynomial.polymul(below, other)
    join = polynomial.polyadd if isinstance(node.op, ast.Add) else polynomial.polysub
    return join(polynomial.polymul(above, under), polynomial.polymul(other, below)), polynomial.polymul(below, under)


def _roots(difference: Polynomial, below: Polynomial) -> list[float]:
    """The real zeros of the difference at which nothing is divided by zero."""
    trimmed = np.trim_zeros(difference, "b")
    if len(trimmed) < 2:
        return []
    if len(trimmed) == 2:
        found = [-trimmed[0] / trimmed[1]]
    else:
        found = [root.real for root in polynomial.polyroots(trimmed) if abs(root.imag) < 1e-12]
    return [float(root) + 0.0 for root in found if polynomial.polyval(root, below) != 0]
