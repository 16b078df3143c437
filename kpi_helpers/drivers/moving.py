"""A tree in numbers: what it gives, what it would give, and what a leaf must be for a goal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from kpi_helpers.drivers.changes import split_change
from kpi_helpers.drivers.exact import Unknown, as_fraction, evaluate_exactly, look_up
from kpi_helpers.drivers.tree import UNITS, Node, Tree
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.formula import LARGEST, parse
from kpi_helpers.labels import write_value
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle

Row = Mapping[Any, Any] | pd.Series


def evaluate(tree: Tree, values: Row, changes: Mapping[str, Any] | None = None) -> pd.Series:
    """The value of every node, in the order of the file and in the node's unit; shares as fractions.

    `values` hold the leaves, or the measures from which the catalogue reckons them; branches are always reckoned from
    their formulas. NaN where a value is missing or nothing can be divided by: `attrs["reasons"]` has a code for each
    such node ("no_values:leads", "zero:leads", "too_large").
    """
    found, reasons = _exactly(tree, values, changes)
    series = pd.Series(dict.fromkeys(tree.nodes, math.nan), name="value", dtype="float64").rename_axis("node")
    for key, value in found.items():
        try:
            series[key] = float(value)
        except OverflowError:
            reasons[key] = "too_large"
    series.attrs = {"reasons": reasons}
    return series


def split_tree(tree: Tree, before: Row, after: Row, method: str = "shapley") -> pd.Series:
    """The effect of each leaf on the change of the tree's top, as `split_change` tells it."""
    lacking = dict.fromkeys(tree.leaves_below(tree.top))
    then, now = ({**lacking, **_leaf_values(tree, row)[0]} for row in (before, after))
    return split_change(then, now, tree.formula_of(), method)


def what_if(tree: Tree, values: Row, changes: Mapping[str, float]) -> pd.DataFrame:
    """The nodes as they are and as they would be with some leaves set: `before`, `after` and `change`.

    The other leaves stay as they are: more visits bring leads at today's rate. KitError where what is set is no leaf,
    no number, or out of the leaf's bounds.
    """
    for key, value in changes.items():
        leaf, number = _leaf(tree, key), as_fraction(value)
        if number is None:
            raise KitError(_("{value} is not a number.").format(value=repr(value)), where=leaf.name)
        bound = _passed(leaf, number)
        if bound is not None:
            raise KitError(_out_of_bounds(leaf, number, bound))
    before, after = evaluate(tree, values), evaluate(tree, values, changes)
    return pd.DataFrame({"before": before, "after": after, "change": after - before})


def solve_leaf(tree: Tree, values: Row, top: float, leaf: str, changes: Mapping[str, Any] | None = None) -> float:
    """The value that a leaf must have for the tree's top to be `top`, the other leaves as they are or as changed.

    Exact where the top is a quotient of terms linear in the leaf, which the answer put back confirms. KitError where
    the leaf does not move the top, no single value gives it, another leaf is unknown, or the answer lies beyond a bound
    of the leaf: the message then names the bound and what the top is there.
    """
    node, summit, target = _leaf(tree, leaf), tree.nodes[tree.top], as_fraction(top)
    if target is None:
        raise KitError(_("{value} is not a number.").format(value=repr(top)), where=summit.name)
    if leaf not in tree.leaves_below(tree.top):
        said = _("{leaf} does not move {top}.").format(leaf=node.name, top=summit.name)
        raise KitError(said, did_you_mean(leaf, tree.leaves_below(tree.top)))
    others = {key: value for key, value in (changes or {}).items() if key != leaf}
    lacking = {key for key, reason in _exactly(tree, values, others)[1].items() if tree.nodes[key].is_leaf}
    for name in sorted(tree.leaves_below(tree.top) & lacking - {leaf}):
        raise KitError(_("{leaf} is not known.").format(leaf=tree.nodes[name].name), _("Give a value."))
    answer = _invert(lambda place: _exactly(tree, values, {**others, leaf: place})[0].get(tree.top), target)
    if answer is None or abs(answer) >= LARGEST:
        found = _("no single value of {leaf} gives {top} = {value}.")
        given = found.format(leaf=node.name, top=summit.name, value=_written(target, summit))
        raise KitError(given, _("Set another leaf."))
    bound = _passed(node, answer)
    if bound is None:
        return float(answer)
    reached = _exactly(tree, values, {**others, leaf: bound})[0].get(tree.top)
    hint = _("At that bound {top} is {value}.")
    there = "" if reached is None else hint.format(top=summit.name, value=_written(reached, summit))
    raise KitError(_out_of_bounds(node, answer, bound), there)


def _exactly(
    tree: Tree, values: Row, changes: Mapping[str, Any] | None = None
) -> tuple[dict[str, Fraction], dict[str, str]]:
    """The value of each node that has one, and the reason of each that has none; leaves as the changes set them."""
    found, reasons = _leaf_values(tree, values)
    for key, value in (changes or {}).items():
        number = as_fraction(value)
        found.pop(key, None)
        reasons.pop(key, None)
        if number is None:
            reasons[key] = f"no_values:{key}"
        else:
            found[key] = number
    for key in [key for key in tree.order if not tree.nodes[key].is_leaf]:
        lacking = [reasons[name] for name in tree.children(key) if name in reasons]
        try:
            if lacking:
                raise Unknown(lacking[0])
            found[key] = Fraction(evaluate_exactly(parse(tree.nodes[key].formula), found))
        except Unknown as unknown:
            reasons[key] = unknown.reason
    return found, reasons


def _leaf_values(tree: Tree, values: Row) -> tuple[dict[str, Fraction], dict[str, str]]:
    """The value of each leaf that has one, and the reason of each that has none."""
    row = dict(values.items())
    found: dict[str, Fraction] = {}
    reasons: dict[str, str] = {}
    for leaf in tree.leaves:
        try:
            found[leaf.key] = _value(leaf, row)
        except Unknown as unknown:
            reasons[leaf.key] = unknown.reason
    return found, reasons


def _value(leaf: Node, row: Mapping[Any, Any]) -> Fraction:
    """What is measured of a leaf, else what the tree says of it."""
    try:
        if not leaf.measured and leaf.key not in UNITS and leaf.key not in row:
            raise Unknown(f"no_values:{leaf.key}")
        return look_up(leaf.key, row, parse(leaf.measured) if leaf.measured else None)
    except Unknown:
        said = as_fraction(leaf.value)
        if said is None:
            raise
        return said


def _leaf(tree: Tree, key: str) -> Node:
    leaves = {leaf.key: leaf for leaf in tree.leaves}
    if key not in leaves:
        found = _("{key} is no leaf of the tree.").format(key=repr(cut_middle(key, 40)))
        raise KitError(found, did_you_mean(key, leaves))
    return leaves[key]


def _invert(top_at: Callable[[Fraction], Fraction | None], target: Fraction) -> Fraction | None:
    """The leaf at which the top is the target, or None; None also where the top is no quotient of linear terms.

    Such a quotient keeps the cross-ratio of four points: three points tell the fourth. Two more confirm that it is one.
    """
    points: dict[Fraction, Fraction] = {}  # by the value of the top, which is never twice the same
    for place in map(Fraction, range(1, 8)):
        value = top_at(place)
        if value is not None:
            points.setdefault(value, place)
    if len(points) < 5:
        return None
    known, others = list(points.items())[:3], list(points.items())[3:5]
    if any(_fourth(known, value) != place for value, place in others):
        return None
    answer = _fourth(known, target)
    return answer if answer is not None and top_at(answer) == target else None


def _fourth(known: list[tuple[Fraction, Fraction]], target: Fraction) -> Fraction | None:
    """Where a quotient of linear terms is the target, by three of its points (value, place)."""
    (y0, x0), (y1, x1), (y2, x2) = known
    if target == y2:
        return x2
    ratio = (target - y0) * (y1 - y2) / ((target - y2) * (y1 - y0))
    below = (x1 - x2) - ratio * (x1 - x0)
    return (x0 * (x1 - x2) - ratio * x2 * (x1 - x0)) / below if below else None


def _passed(leaf: Node, value: Fraction) -> Fraction | None:
    """The bound that the value lies beyond, or None."""
    low, high = as_fraction(leaf.low), as_fraction(leaf.high)
    if low is not None and value < low:
        return low
    return high if high is not None and value > high else None


def _out_of_bounds(leaf: Node, value: Fraction, bound: Fraction) -> str:
    found = _("{leaf} would have to be {value}, and cannot be above {bound}.")
    if value < bound:
        found = _("{leaf} would have to be {value}, and cannot be below {bound}.")
    return found.format(leaf=leaf.name, value=_written(value, leaf), bound=_written(bound, leaf))


def _written(number: Fraction, node: Node) -> str:
    return write_value(float(number), node.style) if abs(number) < LARGEST else _("a number too large to write")
