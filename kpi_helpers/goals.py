"""Goals: read from a table, checked row by row, held against values."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.labels import CHANNELS, OWNERS, find_key
from kpi_helpers.language import N_, _

HEADINGS = {
    "kpi": N_("KPI"), "scope": N_("Scope"), "baseline": N_("Baseline"), "target": N_("Target"), "start": N_("Start"),
    "deadline": N_("Deadline"), "owner": N_("Owner"), "weight": N_("Weight"),
}  # fmt: skip
COLUMNS = tuple(HEADINGS)
REQUIRED = ("kpi", "target")
SCOPES = {"company": N_("company"), **CHANNELS}
HIGHEST = 20  # a share above 2000 % is a percentage whose sign was forgotten
CLOSE = 0.05  # a value within 5 % of its goal is close
FIRST_YEAR = 1900  # "31.12.26" is not the year 26
NO_LIMIT = (date.min, date.max)
_TWO_MEANINGS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}%?")


def check_goals(rows: Sequence[Mapping[str, str]], where: str = "goals.csv") -> pd.DataFrame:
    """Goals from rows of text, one goal a row: COLUMNS, in the unit of the KPI (shares as fractions or with %).

    A goal holds for every month from `start` to `deadline`; an empty scope is the company, an empty owner the KPI's.
    KitError names the line and what is wrong with it.
    """
    if not rows:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})
    rows = [name_columns(row) for row in rows]
    lacking = [name for name in REQUIRED if name not in rows[0]]
    if lacking and any("," in name or ";" in name for name in rows[0]):
        raise KitError(_("its columns are not separated."), _("Save it from Excel as CSV again."), where=where)
    if lacking:
        raise KitError(
            _("no heading {name}.").format(name=", ".join(lacking)),
            _("Headings of goals: {names}.").format(names=", ".join(COLUMNS)),
            where=where,
        )
    goals = [_goal(row, _("{file}, line {line}").format(file=where, line=number)) for number, row in enumerate(rows, 2)]
    _refuse_overlaps(goals, where)
    return pd.DataFrame(goals, columns=list(COLUMNS))


def name_columns(row: Mapping[str, str]) -> dict[str, str]:
    """A row with the headings of COLUMNS, whatever language they were written in; other columns keep their names."""
    return {find_key(name, HEADINGS): value for name, value in row.items()}


def write_goals(goals: pd.DataFrame, path: Path) -> None:
    """Write goals as CSV, with all their columns: elsewhere first, then renamed, so that no file is half written."""
    own = [name for name in goals.columns if name not in COLUMNS]  # comments and whatever else the owner keeps there
    text = goals.reindex(columns=[*COLUMNS, *own]).to_csv(index=False, lineterminator="\n")
    beside = path.with_suffix(".tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def goal_for(goals: pd.DataFrame, key: str, scope: str, month: date) -> dict[str, Any] | None:
    """The goal of a KPI and scope that holds in the month, or None."""
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    for goal in goals[(goals["kpi"] == key) & (goals["scope"] == scope)].to_dict("records"):
        start, end = goal["start"] or NO_LIMIT[0], goal["deadline"] or NO_LIMIT[1]
        if start <= last and month <= end:
            return {str(name): value for name, value in goal.items()}
    return None


def target_to_date(row: Kpi, target: float, month: date, first_days: int | None) -> float:
    """The target for the days covered: sums grow with the days of the month, ratios do not."""
    if first_days is None or not row.is_sum:
        return target
    return target * first_days / calendar.monthrange(month.year, month.month)[1]


def judge_status(row: Kpi, value: float, target: float | None, low: float = math.nan, high: float = math.nan) -> str:
    """A value against its goal: "met", "close", "missed", "not_enough" (data), "no_data", "no_goal".

    A proportion whose interval is wide (more than the margin of "close" to either side) and holds the goal proves
    nothing: not enough data. Where neither direction is better (a budget), the goal is met within that margin and
    missed beyond it.

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


def _goal(row: Mapping[str, str], where: str) -> dict[str, Any]:
    text = {name: (row.get(name) or "").strip() for name in COLUMNS}
    key = find_key(text["kpi"], {name: row.name for name, row in KPIS.items()})
    if key not in KPIS:
        raise KitError(_("there is no KPI {key}.").format(key=repr(key)), did_you_mean(key, KPIS), where=where)
    owner = find_key(text["owner"], OWNERS) or KPIS[key].owner
    if owner not in OWNERS:
        unknown = _("there is no owner {owner}.").format(owner=repr(owner))
        raise KitError(unknown, did_you_mean(owner, OWNERS), where=where)
    goal: dict[str, Any] = {
        "kpi": key,
        "scope": find_key(text["scope"], SCOPES) or "company",
        "baseline": _number(text["baseline"], "baseline", where),
        "target": _number(text["target"], "target", where),
        "start": _date(text["start"], "start", where),
        "deadline": _date(text["deadline"], "deadline", where),
        "owner": owner,
        "weight": _number(text["weight"], "weight", where),
    }
    _check_target(KPIS[key], goal["target"], text["target"], where)
    if goal["start"] and goal["deadline"] and goal["start"] > goal["deadline"]:
        raise KitError(_("the deadline is before the start."), where=where)
    return goal


def _check_target(row: Kpi, target: float, text: str, where: str) -> None:
    if math.isnan(target):
        raise KitError(_("{column} is empty.").format(column="target"), where=where)
    if "%" in text and row.style != "share":
        raise KitError(
            _("target = {value}: {kpi} is not a share.").format(value=repr(text), kpi=row.key),
            _("Write it without %."),
            where=where,
        )
    if row.interval == "proportion" and not 0 <= target <= 1:
        raise KitError(
            _("target = {value}: {kpi} is a share between 0 and 1.").format(value=repr(text), kpi=row.key),
            _("Write it as 0.8 or 80 %."),
            where=where,
        )


    if row.style == "share" and "%" not in text and target > HIGHEST:
        raise KitError(
            _("target = {value}: {kpi} is a share.").format(value=repr(text), kpi=row.key),
            _("Write {value} % for percent.").format(value=text),
            where=where,
        )
    if row.style in ("count", "money", "multiple", "ratio") and target < 0:
        raise KitError(_("target = {value} is below zero.").format(value=repr(text)), where=where)


def _number(text: str, column: str, where: str) -> float:
    """A number as people write it: 0.8, 0,8, 80 %, 1 200 000. "1,200" and "1.200" are refused: 1.2 or 1200?"""
    if not text:
        return math.nan
    plain = "".join(text.split()).replace("−", "-")
    percent = plain.endswith("%")
    try:
        number = math.nan if _TWO_MEANINGS.fullmatch(plain) else float(plain.rstrip("%").replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise KitError(
            _("{column} = {value} is not a number.").format(column=column, value=repr(text)),
            _("Write it as 1200, 0.8 or 80 %."),
            where=where,
        )
    return number / 100 if percent else number


def _date(text: str, column: str, where: str) -> date | None:
    if not text:
        return None
    try:
        year, month, day = map(int, reversed(text.split(".")) if "." in text else text.split("-"))
        if year < FIRST_YEAR:
            raise ValueError(text)
        return date(year, month, day)
    except ValueError:
        raise KitError(
            _("{column} = {value} is not a date.").format(column=column, value=repr(text)),
            _("Write it as 2026-12-31."),
            where=where,
        ) from None


def _refuse_overlaps(goals: list[dict[str, Any]], where: str) -> None:
    """Two goals for one KPI, scope and month would leave open which one counts."""
    for later, goal in enumerate(goals):
        for earlier, other in enumerate(goals[:later]):
            same = (goal["kpi"], goal["scope"]) == (other["kpi"], other["scope"])
            starts = max(goal["start"] or NO_LIMIT[0], other["start"] or NO_LIMIT[0])
            if same and starts <= min(goal["deadline"] or NO_LIMIT[1], other["deadline"] or NO_LIMIT[1]):
                raise KitError(
                    _("lines {one} and {two} set a goal for the same KPI, scope and time.").format(
                        one=earlier + 2, two=later + 2
                    ),
                    _("Leave one of them out."),
                    where=where,
                )
