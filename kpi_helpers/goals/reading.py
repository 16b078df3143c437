"""Goals from rows of text, each checked by itself: every wrong row is named, with its line and what to do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi, expanded
from kpi_helpers.errors import KitError, KitErrors, at_line, did_you_mean
from kpi_helpers.goals.columns import (
    CHOICES,
    COLUMNS,
    DERIVED,
    REQUIRED,
    find_choice,
    find_kpi,
    find_scope,
    name_columns,
)
from kpi_helpers.goals.numbers import NO_LIMIT, count_months, month_end, read_day, read_number, read_period
from kpi_helpers.goals.targets import apply_change, check_level, read_target
from kpi_helpers.labels import write_value
from kpi_helpers.language import _
from kpi_helpers.lettering import plain
from kpi_helpers.terms import MEASURES

Goal = dict[str, Any]


def check_goals(
    rows: Sequence[Mapping[str, str]], where: str = "goals.csv", lines: Sequence[int] | None = None
) -> pd.DataFrame:
    """Goals from rows of text, one goal a row: COLUMNS and DERIVED, in the unit of the KPI (shares as fractions).

    A goal holds for every month from `start` to `deadline`, or, as `counts` says, for all of them together or for the
    last one; an empty scope is the company, an empty owner the KPI's. A target that is a change of a baseline still to
    be taken from `baseline_period` is NaN. `lines` are the rows' lines in the file, from 2 on where it is left out.
    KitError names the line and what is wrong with it; KitErrors where several are wrong.
    """
    goals, errors = sort_goals(rows, where, lines)
    if errors:
        raise KitErrors.of(errors)
    return goals


def sort_goals(
    rows: Sequence[Mapping[str, str]], where: str = "goals.csv", lines: Sequence[int] | None = None
) -> tuple[pd.DataFrame, list[KitError]]:
    """The goals that are in order, by the line of the file as index, and what is wrong with the others."""
    named = [name_columns(row) for row in rows]
    _check_headings(named, where)
    every_month = bool(named) and "counts" not in named[0]  # files of old: their goals hold for each month
    numbers = range(2, len(named) + 2) if lines is None else lines
    goals: dict[int, Goal] = {}
    errors: list[KitError] = []
    for line, row in zip(numbers, named, strict=True):
        try:
            goals[line] = _read_goal(row, every_month)
        except KitError as error:
            errors.append(KitError(error.found, error.next_step, where=at_line(where, line)))
    errors += _overlaps(goals, where)
    columns = [*COLUMNS, *DERIVED]
    if not goals:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns}), errors
    frame = pd.DataFrame(list(goals.values()), columns=columns, index=list(goals) if errors else None)
    return frame, errors


def resolve_target(goal: Mapping[str, Any], baseline: float) -> float:
    """The target that the goal's change makes of the baseline, in the measure of `counts`.

    The baseline of a KPI that adds up over months is that of `baseline_period`, else of one month: 1200 in 2025 and
    +20 % are 120 in each month, and 1440 in total where the goal is for a year. NaN for an unknown baseline.
    """
    row, counts = KPIS[goal["kpi"]], goal["counts"]
    if math.isnan(baseline):
        return math.nan
    if row.is_sum:
        period = read_period(goal["baseline_period"])
        baseline /= count_months(*period) if period else 1
        baseline *= span_of(goal) if counts == "total" else 1
    return apply_change(row, baseline, goal["change"], goal["change_by"])


def span_of(goal: Mapping[str, Any]) -> int:
    """How many months the goal holds for; 0 where it has no start or no deadline."""
    return count_months(goal["start"], goal["deadline"]) if goal["start"] and goal["deadline"] else 0


def _check_headings(rows: list[dict[str, str]], where: str) -> None:
    lacking = [name for name in REQUIRED if rows and name not in rows[0]]
    if lacking and any("," in name or ";" in name for name in rows[0]):
        raise KitError(_("its columns are not separated."), _("Save it from Excel as CSV again."), where=where)
    if lacking:
        raise KitError(
            _("no heading {name}.").format(name=", ".join(lacking)),
            _("Headings of goals: {names}.").format(names=", ".join(COLUMNS)),
            where=where,
        )


def _read_goal(row: Mapping[str, str], every_month: bool) -> Goal:
    text = {name: (row.get(name) or "").strip() for name in COLUMNS}
    key = find_kpi(text["kpi"])
    if key not in KPIS:
        raise KitError(_("there is no KPI {key}.").format(key=repr(key)), did_you_mean(key, KPIS))
    kpi, chosen = KPIS[key], {name: _choice(name, text[name]) for name in CHOICES}
    goal: Goal = {
        "kpi": key,
        "scope": find_scope(plain(text["scope"])),
        "final_goal": plain(text["final_goal"]),
        "baseline": check_level(kpi, read_number(text["baseline"], "baseline"), text["baseline"], "baseline"),
        "baseline_period": plain(text["baseline_period"]) if read_period(text["baseline_period"]) else "",
        "change": chosen["change"],
        "counts": chosen["counts"],
        "start": read_day(text["start"], "start"),
        "deadline": read_day(text["deadline"], "deadline"),
        "owner": chosen["owner"] or kpi.owner,
        "weight": _weight(text["weight"]),
        "profile": chosen["profile"],
        "norm": chosen["norm"] in ("yes", "true"),
    }
    if goal["start"] and goal["deadline"] and goal["start"] > goal["deadline"]:
        raise KitError(_("the deadline is before the start."))
    target = read_target(kpi, text["target"], chosen["change"], goal["baseline"])
    goal |= {"target": target.level, "change": target.kind, "change_by": target.by}
    _check_counts(kpi, goal, text["target"], every_month)
    if goal["norm"] and kpi.interval != "proportion":
        found = _("{kpi} is no share of a number of cases: it has no norm.").format(kpi=key)
        raise KitError(found, _("Leave norm empty."))
    if target.kind:
        goal["target"] = _changed(goal, text["target"])
    return goal


def _choice(column: str, word: str) -> str:
    """The key of a word in a column of CHOICES; "" where nothing is said."""
    key = find_choice(column, word) if word else ""
    if key and key not in CHOICES[column]:
        known = [name for name in CHOICES[column] if name not in ("true", "false")]
        if column == "owner":
            raise KitError(_("there is no owner {owner}.").format(owner=repr(word)), did_you_mean(word, known))
        found = _("{column} = {value} is not known.").format(column=column, value=repr(word))
        raise KitError(found, did_you_mean(word, known))
    return key


def _weight(text: str) -> float:
    weight = read_number(text, "weight")
    if weight < 0:
        raise KitError(_("{column} = {value} is below zero.").format(column="weight", value=repr(text)))
    return weight


def _check_counts(row: Kpi, goal: Goal, target: str, every_month: bool) -> None:
    """What adds up over several months must say how it counts; a total and an exit rate need whole months."""
    span, counts = span_of(goal), goal["counts"]
    if counts in ("total", "exit"):
        if not span:
            raise KitError(_("{counts}: from when until when?").format(counts=counts), _("Write start and deadline."))
        if not row.is_sum and not expanded(row.key).is_ratio or not _adds_up(row):
            found = _("{kpi} cannot be added over months.").format(kpi=row.key)
            raise KitError(found, _("Write each_month into the column counts."))
        if goal["start"].day != 1 or goal["deadline"] != month_end(goal["deadline"]):
            whole = {"start": goal["start"].replace(day=1), "deadline": month_end(goal["deadline"])}
            raise KitError(
                _("{counts}: only whole months can be broken down.").format(counts=counts),
                _("Write start {start} and deadline {deadline}.").format(**whole),
            )
        if counts == "exit" and goal["profile"] == "last_year":
            found = _("the way to an exit rate does not follow last year.")
            raise KitError(found, _("Write equal or growth as the profile."))
    elif not counts and row.is_sum and span > 1:
        if not every_month or goal["change"]:
            raise KitError(*_which_count(row, goal, target, span))
        goal["counts"] = "each_month"


def _adds_up(row: Kpi) -> bool:
    return not row.is_rolling and all(MEASURES[name].can_be_added for name in expanded(row.key).names)


def _which_count(row: Kpi, goal: Goal, target: str, span: int) -> tuple[str, str]:
    """ "+20 % a year": total or exit rate? Both worked out where the baseline is known."""
    amounts = dict.fromkeys(("total", "exit", "each_month"), float(goal["target"]))
    if goal["change"]:
        amounts = {counts: resolve_target({**goal, "counts": counts}, goal["baseline"]) for counts in amounts}
    step = _("Write total, exit or each_month into the column counts.")
    named = {"value": repr(target), "n": span}
    if any(math.isnan(amount) for amount in amounts.values()):
        found = _("target = {value} for {n} months: in total, in the last month (exit rate) or in each month?")
        return found.format(**named), step
    named |= {counts: write_value(amount, row.style) for counts, amount in amounts.items()}
    found = _(
        "target = {value} for {n} months: {total} in total, {exit} in the last month (exit rate) or {each_month} in "
        "each month?"
    )
    return found.format(**named), step


def _changed(goal: Goal, target: str) -> float:
    """The target from the baseline in the row; NaN where it must be taken from the exports."""
    baseline, period = float(goal["baseline"]), goal["baseline_period"]
    if math.isnan(baseline) and not period:
        raise KitError(
            _("target = {value} is a change, of what?").format(value=repr(target)),
            _("Write the baseline as a number, or baseline_period as 2025 or 2025-12."),
        )
    row, span = KPIS[goal["kpi"]], span_of(goal)
    if row.is_sum and not math.isnan(baseline) and not period and span > 1 and goal["counts"] in ("total", "exit"):
        month, whole = (
            write_value(apply_change(row, base, goal["change"], goal["change_by"]), row.style)
            for base in ((baseline * span, baseline) if goal["counts"] == "total" else (baseline, baseline / span))
        )
        found = _("the baseline {baseline} is of one month (then the goal is {month}) or of {n} months (then {whole})?")
        shown = {"baseline": write_value(baseline, row.style), "month": month, "whole": whole, "n": span}
        raise KitError(found.format(**shown), _("Write baseline_period, such as 2025 or 2025-12."))
    return resolve_target(goal, baseline)


def _overlaps(goals: Mapping[int, Goal], where: str) -> Iterator[KitError]:
    """Two goals for one KPI, scope and month would leave open which one counts."""
    alike: dict[tuple[str, str], list[tuple[date, date, int]]] = {}
    for line, goal in goals.items():
        start, deadline = goal["start"] or NO_LIMIT[0], goal["deadline"] or NO_LIMIT[1]
        span = start.replace(day=1), month_end(deadline)  # a goal holds for whole months
        alike.setdefault((goal["kpi"], goal["scope"]), []).append((*span, line))
    for spans in alike.values():
        spans.sort()
        reached, holder = spans[0][1], spans[0][2]
        for start, end, line in spans[1:]:
            if start <= reached:
                one, two = sorted((holder, line))
                found = _("lines {one} and {two} set a goal for the same KPI, scope and time.")
                yield KitError(found.format(one=one, two=two), _("Leave one of them out."), where=where)
            if end > reached:
                reached, holder = end, line
