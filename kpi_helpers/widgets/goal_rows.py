"""A goal placed among the rows of a goals file: its months change, all others stay as they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_helpers.amounts import write_amount
from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.goals import NO_LIMIT, check_goals, count_months, name_columns, write_goals
from kpi_helpers.goals import month_end as month_end  # the views ask for it here
from kpi_helpers.labels import kpi_name
from kpi_helpers.language import _
from kpi_helpers.monthly import read_goal_rows

Row = dict[str, str]


@dataclass(frozen=True)
class Goal:
    """A goal from `start` to `deadline`; `target` and `baseline` in the unit of the KPI, shares as fractions.

    `counts`: "each_month", "total" or "exit"; "" is each month. What is None stays as the row says that it replaces.
    """

    kpi: str
    scope: str
    target: float
    start: date
    deadline: date
    owner: str
    baseline: float | None = None
    counts: str = ""
    final_goal: str | None = None
    weight: float | None = None
    profile: str | None = None
    norm: bool | None = None


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
    goal for October and November comes between. KitError where it would take months out of a total or an exit rate.
    """
    placed: list[Row] = []
    new: Row | None = None
    rows = [name_columns(row) for row in rows]
    for row, old in zip(rows, check_goals(rows, where).to_dict("records"), strict=True):
        if old["counts"]:
            row = {**row, "counts": str(old["counts"])}
        start, end = old["start"] or NO_LIMIT[0], old["deadline"] or NO_LIMIT[1]
        if (old["kpi"], old["scope"]) != (goal.kpi, goal.scope) or start > goal.deadline or end < goal.start:
            placed.append(dict(row))
            continue
        if old["counts"] in ("total", "exit") and (start < goal.start or end > goal.deadline):
            _refuse_part(goal, start, end)
        before = [{**row, "deadline": str(goal.start - timedelta(days=1))}] if start < goal.start else []
        after = [{**row, "start": str(goal.deadline + timedelta(days=1))}] if end > goal.deadline else []
        middle = [] if new else [new := _written(goal, row)]
        placed += [*before, *middle, *after]
    return placed if new else [*placed, _written(goal, {})]


def _refuse_part(goal: Goal, start: date, end: date) -> None:
    found = _("{kpi} has one goal for all months from {start} to {deadline}: a part of them cannot be changed alone.")
    step = _("Set the goal for the whole time.")
    raise KitError(found.format(kpi=kpi_name(goal.kpi), start=start, deadline=end), step)


def _written(goal: Goal, old: Mapping[str, str]) -> Row:
    """The goal as text; what it does not say (baseline, weight, comments) is taken from the row it replaces."""
    several = KPIS[goal.kpi].is_sum and count_months(goal.start, goal.deadline) > 1
    said: dict[str, Any] = {
        "kpi": goal.kpi, "scope": goal.scope, "target": write_amount(float(f"{goal.target:.10g}")), "change": "",
        "counts": goal.counts or ("each_month" if several else ""), "start": goal.start, "deadline": goal.deadline,
        "owner": goal.owner, "final_goal": goal.final_goal, "profile": goal.profile,
        "weight": None if goal.weight is None else write_amount(goal.weight),
        "norm": None if goal.norm is None else "yes" if goal.norm else "",
    }  # fmt: skip
    baseline = "" if goal.baseline is None else write_amount(float(f"{goal.baseline:.6g}"))
    new = {name: str(value) for name, value in said.items() if value is not None}
    return {**old, **new, "baseline": old.get("baseline") or baseline}


def _rows(path: Path) -> list[Row]:
    return [name_columns(row) for row in read_goal_rows(path)[0]] if path.exists() else []
