"""The levers of a tree: who moves each leaf, how, how fast and at what cost, and what a step of it would bring."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.drivers.moving import Row, evaluate
from kpi_helpers.drivers.tree import SPEEDS, Node, Tree
from kpi_helpers.formula import parse
from kpi_helpers.language import _

STEP = 0.1  # of the leaf's value


def list_levers(tree: Tree, values: Row, changes: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """The leaves that the top rests on, the fastest first, then those that bring most.

    `value`, `norm`, `low` and `high` are in the leaf's unit (NaN: none), `price` is the money that one unit more costs.
    `step` is what the leaf would be: at its norm where it falls short of that, else a tenth further to where the top
    gets better, and not beyond its bounds; `brings` is the change of the top that this gives, the other leaves as they
    are (or as changed). NaN where it is not known.
    """
    now = evaluate(tree, values, changes)
    below = tree.leaves_below(tree.top)
    rows = [_lever(tree, leaf, now, values, changes or {}) for leaf in tree.leaves if leaf.key in below]
    frame = pd.DataFrame(rows).set_index("leaf")
    order = frame.assign(speed=frame["speed"].map(list(SPEEDS).index), brings=-frame["brings"].abs())
    return frame.loc[order.sort_values(["speed", "brings"], kind="stable").index]


def better_of(tree: Tree, key: str, values: Row) -> str:
    """Whether a node should be "higher" or "lower": as the catalogue says, else as it moves the top; or "neither"."""
    if key in KPIS:
        return KPIS[key].better
    if key == tree.top:
        return "higher"
    top = tree.formula_of(tree.top, down_to=key)
    now = {str(node): float(value) for node, value in evaluate(tree, values).items()}
    if key not in top.names or math.isnan(now[key]):
        return "neither"
    try:
        rise = top.evaluate({**now, key: now[key] + (abs(now[key]) / 1000 or 1)}) - top.evaluate(now)
    except ZeroDivisionError:
        return "neither"
    wanted = better_of(tree, tree.top, values)
    if not rise or math.isnan(rise) or wanted == "neither":
        return "neither"
    return wanted if rise > 0 else {"higher": "lower", "lower": "higher"}[wanted]


def _lever(tree: Tree, leaf: Node, now: pd.Series, values: Row, changes: Mapping[str, Any]) -> dict[str, Any]:
    step = _step(tree, leaf, now, values, changes)
    there = math.nan if math.isnan(step) else evaluate(tree, values, {**changes, leaf.key: step})[tree.top]
    return {
        "leaf": leaf.key, "owner": leaf.owner, "lever": _(leaf.lever), "cost": _(leaf.cost), "speed": leaf.speed,
        "value": now[leaf.key], "norm": leaf.norm, "low": leaf.low, "high": leaf.high, "price": _price(leaf, now),
        "step": step, "brings": there - now[tree.top],
    }  # fmt: skip


def _step(tree: Tree, leaf: Node, now: pd.Series, values: Row, changes: Mapping[str, Any]) -> float:
    """Where the leaf would be after a step towards a better top."""
    value = float(now[leaf.key])
    wanted = better_of(tree, tree.top, values)
    steps = [float(np.clip(value + sign * STEP * abs(value), leaf.low, leaf.high)) for sign in (1, -1)]
    tops = [evaluate(tree, values, {**changes, leaf.key: step})[tree.top] for step in steps if not math.isnan(step)]
    if math.isnan(value) or not np.isfinite(tops).all():
        return math.nan
    if not leaf.low <= value <= leaf.high:
        return math.nan
    up = steps[0] if (tops[0] >= tops[1]) != (wanted == "lower") else steps[1]
    short = (leaf.norm - value) * (up - value) > 0
    return leaf.norm if short else up


def _price(leaf: Node, now: pd.Series) -> float:
    """The money that one unit more of a leaf costs; NaN where it is not said or not known."""
    try:
        return (
            float(parse(leaf.price).evaluate(dict(zip(map(str, now.index), now, strict=True))))
            if leaf.price
            else math.nan
        )
    except (KeyError, ZeroDivisionError):
        return math.nan
