"""A goal placed among the rows of a goals file: its months change, all others stay as they are written."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.exports import read_rows
from kpi_helpers.goals import NO_LIMIT, check_goals, name_columns, write_goals
from kpi_helpers.language import _

Row = dict[str, str]


@dataclass(frozen=True)
class Goal:
    """A goal from `start` to `deadline`; `target` and `baseline` in the unit of the KPI, shares as fractions."""

    kpi: str
    scope: str
    target: float
    start: date
    deadline: date
    owner: str
    baseline: float | None = None


def save_goal(path: Path, goal: Goal) -> pd.DataFrame:
    """Place the goal in the file, which may not exist yet, and return all goals of the file.

    The file is read anew, so that what others changed in the meantime is kept. KitError where it cannot be read or is
    no CSV; OSError where it cannot be written.
    """
    if path.suffix.lower() != ".csv":
        raise KitError(_("goals are saved as CSV."), _("Name a file that ends in .csv."), where=path.name)
    rows = place_goal(_rows(path), goal, path.name)
    checked = check_goals(rows, path.name)
    write_goals(pd.DataFrame(rows), path)
    return checked


def read_saved(path: Path) -> pd.DataFrame:
    """The goals of the file; none where it does not exist yet."""
    return check_goals(_rows(path), path.name)


def place_goal(rows: Sequence[Mapping[str, str]], goal: Goal, where: str = "goals.csv") -> list[Row]:
    """The rows with the goal in place of what they said of its KPI, scope and months.

    Goals for other months keep theirs: a goal for the year becomes one until September and one for December where a
    goal for October and November comes between.
    """
    placed: list[Row] = []
    new: Row | None = None
    for row, old in zip(rows, check_goals(rows, where).to_dict("records"), strict=True):
        start, end = old["start"] or NO_LIMIT[0], old["deadline"] or NO_LIMIT[1]
        if (old["kpi"], old["scope"]) != (goal.kpi, goal.scope) or start > goal.deadline or end < goal.start:
            placed.append(dict(row))
            continue
        before = [{**row, "deadline": str(goal.start - timedelta(days=1))}] if start < goal.start else []
        after = [{**row, "start": str(goal.deadline + timedelta(days=1))}] if end > goal.deadline else []
        middle = [] if new else [new := _written(goal, row)]
        placed += [*before, *middle, *after]
    return placed if new else [*placed, _written(goal, {})]


def month_end(month: date) -> date:
    """The last day of a month."""
    return date(month.year, month.month, calendar.monthrange(month.year, month.month)[1])


def _written(goal: Goal, old: Mapping[str, str]) -> Row:
    """The goal as text; what it does not say (baseline, weight, comments) is taken from the row it replaces."""
    baseline = "" if goal.baseline is None else f"{goal.baseline:.6g}"
    said: dict[str, Any] = {
        "kpi": goal.kpi, "scope": goal.scope, "target": f"{goal.target:.10g}", "start": goal.start,
        "deadline": goal.deadline, "owner": goal.owner,
    }  # fmt: skip
    return {**old, **{name: str(value) for name, value in said.items()}, "baseline": old.get("baseline") or baseline}


def _rows(path: Path) -> list[Row]:
    return [name_columns(row) for row in read_rows(path)] if path.exists() else []
