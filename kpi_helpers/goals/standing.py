"""The goal that holds in a month, and a value held against it."""

from __future__ import annotations

import calendar
import math
from datetime import date
from typing import Any

import pandas as pd

from kpi_helpers.catalogue import Kpi
from kpi_helpers.goals.numbers import NO_LIMIT

CLOSE = 0.05  # a value within 5 % of its goal is close


def goal_for(goals: pd.DataFrame, key: str, scope: str, month: date) -> dict[str, Any] | None:
    """The goal of a KPI and scope that holds in the month, or None.

    A total or an exit rate over several months is no month's goal before it is broken down.
    """
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    columns = (goals[name].tolist() for name in ("kpi", "scope", "start", "deadline"))
    for place, (of_key, of_scope, start, end) in enumerate(zip(*columns, strict=True)):
        start, end = start or NO_LIMIT[0], end or NO_LIMIT[1]
        if (of_key, of_scope) != (key, scope) or not (start <= last and month <= end):
            continue
        goal = {str(name): column.tolist()[place] for name, column in goals.items()}
        one_month = (start.year, start.month) == (end.year, end.month)
        if goal.get("counts") not in ("total", "exit") or one_month:
            return {str(name): value for name, value in goal.items()}
    return None


def judge_status(row: Kpi, value: float, target: float | None, low: float = math.nan, high: float = math.nan) -> str:
    """A value against its goal: "met", "close", "missed", "not_enough" (data), "no_data", "no_goal".

    A proportion whose interval is wide (more than the margin of "close" to either side) and holds the goal proves
    nothing: not enough data. Where neither direction is better (a budget), the goal is met within that margin and
    missed beyond it.

    >>> from kpi_helpers.catalogue import KPIS
    >>> judge_status(KPIS["qualification_rate"], 39 / 50, 0.8, 0.647, 0.872)
    'not_enough'
    """
    if target is None or math.isnan(target):
        return "no_goal"
    if value is None or math.isnan(value):
        return "no_data"
    margin = abs(target) * CLOSE
    if low < target < high and high - low > 2 * margin:
        return "not_enough"
    if row.better == "neither":
        return "met" if abs(value - target) <= margin else "missed"
    ahead = value - target if row.better == "higher" else target - value
    return "met" if ahead >= 0 else "close" if ahead >= -margin else "missed"
