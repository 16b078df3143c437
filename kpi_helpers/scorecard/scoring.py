"""Results held against a scheme: achievement, points, contribution, index and bonus, with every step shown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import kpi
from kpi_helpers.errors import KitError
from kpi_helpers.labels import write_list
from kpi_helpers.language import _
from kpi_helpers.scorecard.scheme import Line, Scheme, check_scheme, whose

COLUMNS = [
    "kpi", "scope", "moved_by", "better", "value", "target", "base", "achievement", "points", "weight",
    "counted_weight", "contribution", "bonus", "note",
]  # fmt: skip


EXACT = 12  # decimals: 0.7999999999999999 is not below the threshold of 0.8


@dataclass(frozen=True)
class Score:
    """A scheme's result: `rows` (COLUMNS, a line each), the `index` (1: all targets just reached) and the `bonus`.

    `set_aside` is the weight of the lines without a result: the others count for it. Where no line has one, index and
    bonus are NaN. The contributions add up to the index, the bonuses of the rows to the bonus.
    """

    rows: pd.DataFrame
    index: float
    bonus: float
    set_aside: float


def score(scheme: Scheme, results: pd.DataFrame) -> Score:
    """What a month's results pay: `results` has kpi and value, perhaps scope, and perhaps goal (the month's target).

    `note` says of a row "no_result", "no_goal" or "no_way" (the target is no better than the base; its weight is set
    aside: missing is not zero), "watched" (weight 0: shown, not paid), "shared" (others move the KPI, too), or "".
    KitError where `check_scheme` refuses the scheme or a line has two results.

    Source of the index: the usual weighted sum of result by plan; .5 of 22/20, .25 of 17/20 and .25 of 30/20 is 1.1375.

    >>> from kpi_helpers.scorecard.scheme import Curve
    >>> free = Curve(threshold=0, cap=math.inf)
    >>> lines = (Line("leads", 0.5, 20, free), Line("ctr", 0.25, 0.2, free), Line("romi", 0.25, 0.2, free))
    >>> results = pd.DataFrame({"kpi": ["leads", "ctr", "romi"], "value": [22, 0.17, 0.3]})
    >>> round(score(Scheme("marketing", 1000, lines), results).index, 4)
    1.1375
    """
    check_scheme(scheme)
    return tally(scheme, results)


def tally(scheme: Scheme, results: pd.DataFrame) -> Score:
    """The score of a scheme that may still be in the making: weights and owners are not checked."""
    scheme = with_goals(scheme, results)
    values = _values(scheme, results)
    frame = pd.DataFrame([_row(scheme, line, values[line.key]) for line in scheme.lines])
    counted = frame["weight"].where(frame["points"].notna(), 0.0)
    total = math.fsum(counted)
    frame["counted_weight"] = counted / total if total else math.nan
    frame["contribution"] = (frame["counted_weight"] * frame["points"]).where(counted > 0, 0.0 if total else math.nan)
    frame["bonus"] = frame["contribution"] * scheme.bonus
    index = math.fsum(frame["contribution"]) if total else math.nan
    return Score(frame[COLUMNS], index, index * scheme.bonus, math.fsum(frame["weight"]) - total)


def achievement(line: Line, values: Any, target: Any = None) -> np.ndarray:
    """How much of the way from base to target the values are: 1 at the target; NaN for NaN, and where the
    target is no better than the base.

    Without a base it is result by plan, and for what should be low 2 - result by plan: costs of 10 % more than planned
    are 90 %, of 10 % less 110 %. `target`: the months' own targets, in the place of the line's.

    >>> achievement(Line("leads", 1, 200), 170).item(), achievement(Line("cpl", 1, 1000), 1250).item()
    (0.85, 0.75)
    """
    goal = np.asarray(line.target if target is None else target, dtype=float)
    numbers, zero = np.asarray(values, dtype=float), zero_of(line, goal)
    way = np.where((goal < zero) == (kpi(line.kpi).better == "lower"), goal - zero, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.round((numbers - zero) / way, EXACT)
    return np.where(np.isfinite(found), found, np.nan)


def zero_of(line: Line, target: Any) -> Any:
    """The value that counts as nothing achieved."""
    if not math.isnan(line.base):
        return line.base
    return 2 * target if kpi(line.kpi).better == "lower" else 0 * target


def index_of(lines: Iterable[Line], points: dict[str, np.ndarray]) -> np.ndarray:
    """The weighted mean of points (arrays of one shape, by the lines' keys) over the lines that have some."""
    lines = list(lines)
    weights = np.array([line.weight for line in lines])
    table = np.stack([points[line.key] for line in lines])
    known = np.isfinite(table) * weights.reshape(-1, *[1] * (table.ndim - 1))
    with np.errstate(invalid="ignore"):
        return (known * np.nan_to_num(table)).sum(axis=0) / known.sum(axis=0)


def keyed(results: pd.DataFrame) -> pd.Series:
    """The key of the line that each row of results belongs to."""
    if "scope" not in results:
        return results["kpi"].astype("str")
    own = results["scope"].isna() | (results["scope"] == "company")
    return results["kpi"].astype("str").where(own, results["kpi"].astype("str") + "@" + results["scope"].astype("str"))


def with_goals(scheme: Scheme, results: pd.DataFrame) -> Scheme:
    """The scheme with the goals of the results in the place of the targets that it leaves open."""
    if "goal" not in results:
        return scheme
    known = results["goal"].astype("float64")
    goals = dict(zip(keyed(results)[known.notna()], known.dropna(), strict=True))
    lines = (
        replace(line, target=float(goals.get(line.key, math.nan))) if math.isnan(line.target) else line
        for line in scheme.lines
    )
    return replace(scheme, lines=tuple(lines))


def _values(scheme: Scheme, results: pd.DataFrame) -> dict[str, float]:
    """The value of each line, NaN where there is none; KitError where there are two."""
    values = results["value"].astype("float64").to_numpy()
    known = pd.Series(np.where(np.isfinite(values), values, np.nan), index=keyed(results)).dropna()
    twice = [line.key for line in scheme.lines if (known.index == line.key).sum() > 1]
    if twice:
        raise KitError(_("there are two results of {kpis}.").format(kpis=write_list(twice)))
    return {line.key: float(known.get(line.key, math.nan)) for line in scheme.lines}


def _row(scheme: Scheme, line: Line, value: float) -> dict[str, Any]:
    row, achieved = kpi(line.kpi), achievement(line, value).item()
    return {
        "kpi": line.kpi, "scope": line.scope, "moved_by": row.owner, "better": row.better, "value": value,
        "target": line.target, "base": line.base, "achievement": achieved, "points": line.curve.points(achieved).item(),
        "weight": line.weight, "note": _note(scheme, line, value, achieved),
    }  # fmt: skip


def _note(scheme: Scheme, line: Line, value: float, achieved: float) -> str:
    if not line.weight:
        return "watched"
    lacking = {"no_result": value, "no_goal": line.target, "no_way": achieved}
    shared = "shared" if whose(scheme.owner, kpi(line.kpi)) == "shared" else ""
    return next((code for code, number in lacking.items() if math.isnan(number)), shared)
