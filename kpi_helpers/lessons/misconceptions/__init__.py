"""The misconceptions that lessons answer, each in the module of the lesson that meets it first.

To add one, add a row to a `TABLE` (and its translation); the tests hold what it computes against an independent value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kpi_helpers.lessons.misconceptions import (
    brand,
    budget,
    claims,
    conversion,
    customer_cost,
    empty_traffic,
    goals,
    honest_roi,
    metric_or_kpi,
    owners,
    retention,
    targets,
)
from kpi_helpers.lessons.misconceptions.kinds import Misconception as Misconception
from kpi_helpers.lessons.misconceptions.kinds import Slip as Slip

_LESSONS = (
    goals, metric_or_kpi, conversion, empty_traffic, honest_roi, customer_cost, retention, brand, targets, owners,
    budget, claims,
)  # fmt: skip


def _united(tables: Iterable[Mapping[str, Misconception]]) -> dict[str, Misconception]:
    """All rows of the tables; ValueError where two of them bear one name."""
    found: dict[str, Misconception] = {}
    for table in tables:
        if doubled := found.keys() & table.keys():
            raise ValueError(f"two misconceptions of one name: {', '.join(sorted(doubled))}")
        found |= table
    return found


MISCONCEPTIONS = _united(lesson.TABLE for lesson in _LESSONS)


def slip(name: str, **figures: Any) -> Slip:
    """The wrong number that a misconception makes of the figures.

    >>> slip("revenue_as_profit", revenue=150.0, spend=100.0).value
    0.5
    """
    return Slip(name, MISCONCEPTIONS[name].wrong(figures), figures)


def slip_to(name: str, value: Any, **figures: Any) -> Slip:
    """The option, or the order, that a misconception leads to; by the figures, where the option shows its number."""
    assert name in MISCONCEPTIONS, name
    return Slip(name, value, figures)
