"""Plans and conflicts between goals, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce

from kpi_helpers.catalogue import KPIS, Style
from kpi_helpers.formula import parse
from kpi_helpers.labels import is_missing, kpi_name, lower_first, measure_name, write_list, write_value
from kpi_helpers.language import _
from kpi_helpers.planning import MARGIN_SHARE, Conflict, Step
from kpi_helpers.terms import MEASURES


def conflict_words(conflict: Conflict, goals: Mapping[str, float], currency: str = "") -> str:
    """One conflict between goals in a sentence or two; `goals` are the targets by KPI."""
    names = write_list([_with_value(key, goals[key], currency) for key in conflict.kpis])
    if conflict.code == "impossible":
        asked = write_list([_with_value(key, value, currency) for key, value in conflict.needs.items()])
        return _("These goals cannot hold together: {goals}. They imply: {asked}.").format(goals=names, asked=asked)
    if conflict.code == "short":
        return _short_words(conflict, goals, currency)
    asked = "; ".join(_against_now(key, conflict, currency) for key in conflict.needs)
    return _("To reach together {goals}, this is needed: {asked}.").format(goals=names, asked=asked)


def step_words(step: Step, given: Mapping[str, float], currency: str = "") -> str:
    """One step of a plan: what is needed, by which given rate; `given` are the rates and goals by KPI."""
    by = _with_value(step.kpi, given[step.kpi], currency) if step.kpi in given else measure_name(step.kpi)
    formula = parse(step.formula).to_text(measure_name)
    return _("{need}: from {rate} ({formula}).").format(
        need=_with_value(step.measure, _asked(step.measure, step.value), currency, heading=True),
        rate=by, formula=formula,
    )


def _short_words(conflict: Conflict, goals: Mapping[str, float], currency: str) -> str:
    first, *others = conflict.kpis
    text = _("These goals do not fit together. With {others}: {gives}; the goal is {goal}.").format(
        others=write_list([_with_value(key, goals[key], currency) for key in others]),
        gives=_with_value(first, conflict.gives, currency), goal=_value(first, goals[first], currency),
    )  # fmt: skip
    if not conflict.needs:
        return text
    ways = (_with_value(key, _asked(key, value), currency) for key, value in conflict.needs.items())
    instead = reduce(lambda one, other: _("{one} or {other}").format(one=one, other=other), ways)
    return f"{text} {_('It would take: {instead}.').format(instead=instead)}"


def _asked(key: str, value: float) -> float:
    """What is asked for of things that are counted, in whole ones: 187.5 leads are 188."""
    return math.ceil(round(value, 6)) if _style(key) == "count" else value


def _against_now(key: str, conflict: Conflict, currency: str) -> str:
    asked, now = _with_value(key, _asked(key, conflict.needs[key]), currency), conflict.now.get(key)
    return asked if is_missing(now) else _("{asked} (now {now})").format(asked=asked, now=_value(key, now, currency))


def _with_value(key: str, value: float, currency: str, *, heading: bool = False) -> str:
    name = _name(key)
    return f"{name if heading else lower_first(name)} {_value(key, value, currency)}"


def _name(key: str) -> str:
    return _("Margin as a share of revenue") if key == MARGIN_SHARE else kpi_name(key)


def _value(key: str, value: object, currency: str) -> str:
    return write_value(value, _style(key), currency)


def _style(key: str) -> Style:
    if key == MARGIN_SHARE:
        return "share"
    if key in KPIS:
        return KPIS[key].style
    return "money" if MEASURES[key].unit == "money" else "count"
