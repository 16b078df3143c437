"""Goals of several months as goals of months: totals and exit rates are broken down by what the exports know."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from kpi_helpers.breakdown import break_down, break_down_exit, break_down_ratio
from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.errors import KitError
from kpi_helpers.goals import COLUMNS, DERIVED, month_end, read_period, resolve_target
from kpi_helpers.labels import kpi_name
from kpi_helpers.language import _
from kpi_helpers.past import Past

KEPT = ("goal_target", "goal_counts", "goal_start", "goal_deadline", "note")  # what the goal was before it was broken
STEPS = {"share": 0.001, "ratio": 0.01, "multiple": 0.01, "stars": 0.01, "points": 0.1,
         "months": 0.1}  # of the way to an exit rate  # fmt: skip

Goal = dict[str, Any]


def break_down_goals(goals: pd.DataFrame, past: Past) -> pd.DataFrame:
    """A goal a month in place of each total and exit rate; goals that hold for each month stay one row.

    Columns are COLUMNS, DERIVED and KEPT: what the whole goal was, and `note`, a code: "" or "no_baseline" (the target
    is a change of a period that the exports do not hold: it is NaN), "no_last_year" (broken down equally, for last
    year is not known), "no_shape" (a ratio without a history: each month has the target itself). KitError where the
    profile that the goal names is not possible.
    """
    rows = [row for goal in goals.to_dict("records") for row in _months_of({str(k): v for k, v in goal.items()}, past)]
    columns = [*COLUMNS, *DERIVED, *KEPT]
    return pd.DataFrame(rows, columns=columns) if rows else pd.DataFrame({name: [] for name in columns}, dtype="object")


def with_baseline(goal: Goal, past: Past) -> Goal:
    """The goal with its baseline taken from the exports and its target worked out, where the file left them open."""
    period = read_period(goal["baseline_period"])
    if not period or not math.isnan(goal["baseline"]):
        return goal
    baseline = past.over(goal["kpi"], goal["scope"], *period)
    if not goal["change"]:
        return {**goal, "baseline": baseline}
    return {**goal, "baseline": baseline, "target": resolve_target(goal, baseline)}


def note_words(note: str) -> str:
    """What a note of `break_down_goals` means; "" for none."""
    words = {
        "no_baseline": _("The exports do not hold the period of the baseline: write the baseline as a number."),
        "no_last_year": _("Last year's months are not known: the total is broken down equally."),
        "no_shape": _("There is no history to break it down by: each month has the target itself."),
    }
    return words.get(note, "")


def _months_of(goal: Goal, past: Past) -> Iterator[Goal]:
    goal = with_baseline(goal, past)
    whole = {
        "goal_target": goal["target"], "goal_counts": goal["counts"], "goal_start": goal["start"],
        "goal_deadline": goal["deadline"], "note": "",
    }  # fmt: skip
    if math.isnan(goal["target"]):
        yield {**goal, **whole, "note": "no_baseline"}
        return
    if goal["counts"] not in ("total", "exit"):
        yield {**goal, **whole}
        return
    targets, profile, note = _broken_down(goal, past)
    for month, target in targets.items():
        first = pd.Timestamp(str(month)).date()
        placed = {"target": float(target), "start": first, "deadline": month_end(first), "counts": "each_month"}
        yield {**goal, **placed, **whole, "profile": profile, "note": note}


def _broken_down(goal: Goal, past: Past) -> tuple[pd.Series, str, str]:
    """Targets by month, the profile used, and the note."""
    row, months = KPIS[goal["kpi"]], pd.date_range(goal["start"], goal["deadline"], freq="MS")
    try:
        if goal["counts"] == "exit":
            return _way_to_exit(row, goal, months, past)
        profile = goal["profile"] or "last_year"
        if row.is_sum:
            return _sum_by_month(row, goal, months, profile, past), profile, ""
        return _ratio_by_month(row, goal, months, profile, past), profile, ""
    except KitError as error:
        if goal["profile"]:
            raise KitError(error.found, error.next_step, where=kpi_name(row.key)) from None
    if row.is_sum:
        return break_down(goal["target"], months, how="equal"), "equal", "no_last_year"
    return pd.Series(goal["target"], index=months), "equal", "no_shape"


def _sum_by_month(row: Kpi, goal: Goal, months: pd.DatetimeIndex, profile: str, past: Past) -> pd.Series:
    period = read_period(goal["baseline_period"])
    one_month = period and period[1] == month_end(period[0])
    baseline = goal["baseline"] if one_month or not period else math.nan
    history = past.values(row.key, goal["scope"])
    return break_down(goal["target"], months, how=profile, history=history, baseline=baseline)


def _ratio_by_month(row: Kpi, goal: Goal, months: pd.DatetimeIndex, profile: str, past: Past) -> pd.Series:
    frame = break_down_ratio(row.key, goal["target"], months, past.sums(goal["scope"]), how=profile)
    return frame["value"].fillna(goal["target"])  # a month with nothing below the line has no ratio to follow


def _way_to_exit(row: Kpi, goal: Goal, months: pd.DatetimeIndex, past: Past) -> tuple[pd.Series, str, str]:
    """From a month of the baseline, else from the last month known before the start, to the target in the last one."""
    before = past.values(row.key, goal["scope"])
    known = before[before.index < months[0]].dropna()
    period = read_period(goal["baseline_period"])
    own = goal["baseline"] / (len(pd.date_range(*period, freq="MS")) if period and row.is_sum else 1)
    baseline = float(known.iloc[-1]) if math.isnan(own) and len(known) else own
    if math.isnan(baseline):
        return pd.Series(goal["target"], index=months), "equal", "no_shape"
    profile = goal["profile"] or "equal"
    return break_down_exit(baseline, goal["target"], months, how=profile, step=STEPS.get(row.style)), profile, ""
