"""Goals of one scope and month that cannot hold together, or that ask for more than anyone set as a goal.

Everything follows from the catalogue's formulas. Two things they do not say are added: the margin is a part of the
revenue, and visits are bought at the present price where the goals fix what is spent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from kpi_helpers.catalogue import KPIS, expanded
from kpi_helpers.formula import LARGEST, Formula, parse
from kpi_helpers.planning.solving import follow, out_of_bounds

MARGIN_SHARE = "margin_share"
RATIOS: dict[str, Formula] = {
    **{key: expanded(key) for key, row in KPIS.items() if not row.is_sum and row.formula.is_ratio},
    MARGIN_SHARE: parse("margin / revenue"),
}
TOLERANCE = 0.02  # goals are round numbers: a difference this small is none
BOUGHT = "visits"
PAID_BY = ("clicks", "spend")
A_NUDGE = 1e-6

Values = Mapping[str, float]
Implied = tuple[float, frozenset[str]]


@dataclass(frozen=True)
class Conflict:
    """Goals (`kpis`) that do not go together, by `code`.

    "impossible": they imply a share above 100 % or a value below zero (`needs`: that value). "short": when the others
    are met exactly, the first of `kpis` is missed: it gets `gives`; any one of `needs` would do. "needs": they ask for
    all of `needs`, which no goal sets and which is harder than `now`. Values by KPI or measure, in their own units.
    """

    code: str
    kpis: tuple[str, ...]
    needs: dict[str, float] = field(default_factory=dict)
    now: dict[str, float] = field(default_factory=dict)
    gives: float = math.nan


def find_conflicts(goals: Values, now: Values) -> list[Conflict]:
    """The conflicts among `goals` (targets by KPI), the gravest first; `now` are present values of measures and KPIs.

    Goals are taken as met exactly. Differences of up to 2 % count as none. What `now` does not know is not judged, nor
    is a goal that no value can reach (a share above 1).

    >>> find_conflicts({"leads": 200, "qualified_leads": 250}, {})[0].needs
    {'qualification_rate': 1.25}
    """
    set_ = {key: float(target) for key, target in goals.items() if key in KPIS and not out_of_bounds(key, target)}
    asked = list(_asked_for(set_, now))
    impossible = [
        Conflict("impossible", uses, {key: value}) for key, value, uses in _asked_for(set_, {}) if _beyond(key, value)
    ]
    return [*impossible, *_short(set_, impossible), *_needs(set_, now, asked, impossible)]


def _asked_for(goals: Values, now: Values) -> Iterator[tuple[str, float, tuple[str, ...]]]:
    """The ratios that two goals or more imply, each from goals other than itself."""
    for key in RATIOS:
        others = {name: target for name, target in goals.items() if name != key}
        implied = _implied(key, others) or _implied(key, others, _bought(others, now))
        if implied and len(implied[1]) > 1:
            yield key, implied[0], _in_order(implied[1])


def _short(goals: Values, impossible: list[Conflict]) -> Iterator[Conflict]:
    """Goals that are missed when the others are met, though harder others would all help."""
    for key, target in goals.items():
        others = {name: value for name, value in goals.items() if name != key}
        implied = _implied(key, others)
        if not implied or not _harder(key, target, implied[0]) or not _all_help(key, others, implied):
            continue
        kpis = (key, *_in_order(implied[1]))
        if not any(set(known.kpis) <= set(kpis) for known in impossible):
            yield Conflict("short", kpis, _instead(goals, kpis), gives=implied[0])


def _needs(
    goals: Values, now: Values, asked: list[tuple[str, float, tuple[str, ...]]], impossible: list[Conflict]
) -> list[Conflict]:
    """What goals ask for without saying so, where it is harder than what is: together for the same goals."""
    found: dict[tuple[str, ...], Conflict] = {}
    said = {key for conflict in impossible for key in conflict.needs}
    for key, value, uses in asked:
        present = _present(key, now)
        if key not in goals and key not in said and math.isfinite(present) and _harder(key, value, present):
            conflict = found.setdefault(uses, Conflict("needs", uses))
            conflict.needs[key], conflict.now[key] = value, present
    for uses, conflict in found.items():
        spend = _implied("spend", {name: goals[name] for name in uses})
        if "spend" not in goals and spend:
            conflict.needs["spend"], conflict.now["spend"] = spend[0], _present("spend", now)
    return list(found.values())


def _implied(key: str, given: Values, more: Mapping[str, Implied] | None = None) -> Implied | None:
    """The value of a KPI or measure that follows from what is given, and what it rests on; None where nothing does.

    Ratios alone fix no amounts, but they fix other ratios: then any amount of a measure that they share will do.
    """
    found = [_worked_out(key, _known(**given) | dict(more or {}))]
    if key in RATIOS:
        rates = {name: value for name, value in given.items() if name in RATIOS}
        for shared in dict.fromkeys(name for rate in rates for name in RATIOS[rate].names):
            way = _worked_out(key, _known(**rates, **{shared: 1.0}))
            found += [(way[0], way[1] - {shared})] if way else []
    return min((way for way in found if way), key=lambda way: len(way[1]), default=None)


@lru_cache(maxsize=1024)
def _known(**given: float) -> dict[str, Implied]:
    """What is given and all that follows from it. Not to be changed: it is remembered."""
    own = {name: (value, frozenset([name])) for name, value in given.items()}
    return own | {step.measure: (step.value, step.uses) for step in follow(given)}


def _worked_out(key: str, known: Mapping[str, Implied]) -> Implied | None:
    """The value of a KPI or measure from what is known, by its formula if it is not known itself."""
    if key in known:
        return known[key]
    ways = [KPIS[key].formula, expanded(key)] if key in KPIS else [RATIOS[key]] if key in RATIOS else []
    for formula in ways:
        if all(name in known for name in formula.names):
            value = _evaluated(formula, {name: known[name][0] for name in formula.names})
            uses = frozenset(used for name in formula.names for used in known[name][1])
            return (value, uses) if math.isfinite(value) else None
    return None


def _bought(goals: Values, now: Values) -> dict[str, Implied]:
    """The visits that the spend which follows from the goals buys at the present price."""
    known = _known(**goals)
    for paid in PAID_BY:
        before, visits = _present(paid, now), _present(BOUGHT, now)
        if BOUGHT not in known and paid in known and before > 0 and visits > 0:
            return {BOUGHT: (visits * known[paid][0] / before, known[paid][1])}
    return {}


def _all_help(key: str, others: Values, implied: Implied) -> bool:
    """Whether each goal that the value rests on makes it harder when made harder: then the value is their result."""
    value, uses = implied
    directed = [name for name in uses if KPIS[name].better != "neither"]
    nudged = (_implied(key, {**others, name: _made_harder(name, others[name])}) for name in directed)
    return bool(directed) and all(moved and _gain(key, moved[0], value) > 0 for moved in nudged)


def _instead(goals: Values, kpis: tuple[str, ...]) -> dict[str, float]:
    """For each goal but the first: the value at which the first is met, the others as they are."""
    own = {name: goals[name] for name in kpis}
    found = {name: _implied(name, {other: own[other] for other in kpis if other != name}) for name in kpis[1:]}
    return {name: implied[0] for name, implied in found.items() if implied and not out_of_bounds(name, implied[0])}


def _beyond(key: str, value: float) -> bool:
    return not 0 <= value <= 1 if key == MARGIN_SHARE else bool(out_of_bounds(key, value))


def _better(key: str) -> str:
    return "higher" if key == MARGIN_SHARE else KPIS[key].better


def _gain(key: str, value: float, other: float) -> float:
    """How much harder `value` is than `other`; zero where the KPI has no direction."""
    return {"higher": value - other, "lower": other - value}.get(_better(key), 0.0)


def _harder(key: str, value: float, other: float) -> bool:
    return _gain(key, value, other) > TOLERANCE * max(abs(value), abs(other))


def _made_harder(key: str, value: float) -> float:
    return value + (A_NUDGE if _better(key) == "higher" else -A_NUDGE) * (abs(value) or 1.0)


def _present(key: str, now: Values) -> float:
    """The present value of a KPI or measure, given or by its formula; NaN where it is not known."""
    if key in now:
        return float(now[key])
    formula = RATIOS.get(key) or (expanded(key) if key in KPIS else None)
    if formula is None or not all(name in now for name in formula.names):
        return math.nan
    return _evaluated(formula, now)


def _evaluated(formula: Formula, values: Values) -> float:
    try:
        value = float(formula.evaluate(values))
    except ZeroDivisionError:
        return math.nan
    return value if abs(value) < LARGEST else math.nan


def _in_order(keys: Iterable[str]) -> tuple[str, ...]:
    order = list(KPIS)
    return tuple(sorted(keys, key=order.index))
