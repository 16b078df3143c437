"""The card of a month: each KPI beside the month before, the year before and its goal, and whether it really changed.

Composes the stages: shares are judged by `comparisons`, all else by `trends`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi, tables_of
from kpi_helpers.comparisons import SHARES, compare_months, scorecard_verdict, with_complements
from kpi_helpers.comparisons.words import EARLIER
from kpi_helpers.coverage import whole_since
from kpi_helpers.goals import goal_for, judge_status
from kpi_helpers.monthly import HISTORY, Month, plan_to_date
from kpi_helpers.past import COMPANY
from kpi_helpers.signals import judge_norm, process_chart
from kpi_helpers.terms import source_table
from kpi_helpers.trends import judge_change

POINT = ("value", "low", "high", "numerator", "denominator")
COMPARED = ("verdict", "from", "low", "high", "family", "reason")
SCORE = (
    "kpi", "scope", "value", "low", "high", "numerator", "denominator", "reason", "previous", "year_ago",
    *(f"{name}_{part}" for name in EARLIER for part in COMPARED),
    "goal", "goal_full", "status", "owner", "months", "history", "signals", "norm",
)  # fmt: skip

Point = dict[str, Any]
Found = Mapping[tuple[str, str, str], Mapping[Any, Any]]


def score_month(
    kpis: pd.DataFrame, goals: pd.DataFrame, month: Month, keys: Iterable[str] | None = None
) -> pd.DataFrame:
    """Each KPI of the month beside the month before, the year before and its goal: a row per KPI and scope.

    `kpis` is the result of `compute_kpis` over months, with or without `channel` (then the scope). The columns are
    `SCORE`, also where there is no row: goal is the one to date, goal_full the month's; months and history are 13 each,
    oldest first, and so are the company's signals: the rule that the month breaks, or "".

    `change_verdict`, `year_verdict`: "better", "worse", "changed", "noise", "not_enough", "too_early", "not_compared"
    or "unknown". Those of shares are those of `compare_months`, adjusted for the `change_family` comparisons that are
    judged together: a share with a goal was asked for beforehand and is judged by itself, all others together. Beside
    them the 95 % interval of the difference (`change_low`, `change_high`), the value that it is told from
    (`change_from`: of visits without robots where both months know them) and the comparison's `change_reason`.
    """
    wanted = list(KPIS if keys is None else keys)
    by = "channel" if "channel" in kpis else None
    scoped = kpis.assign(scope=kpis["channel"] if by else COMPANY)
    scoped = scoped[scoped["kpi"].isin(wanted)]
    found = _compared(scoped, goals, month, by)
    months = [pd.Timestamp(month.start) - pd.DateOffset(months=back) for back in reversed(range(HISTORY))]
    rows = [
        _score_one(KPIS[str(key)], str(scope), group.set_index("period"), goals, month, months, found)
        for (key, scope), group in scoped.groupby(["kpi", "scope"], sort=False)
    ]
    return pd.DataFrame(rows, columns=list(SCORE))


def _compared(scoped: pd.DataFrame, goals: pd.DataFrame, month: Month, by: str | None) -> Found:
    """The comparisons of all shares, by KPI, scope and what they are compared with."""
    shares = scoped.loc[scoped["kpi"].isin(SHARES), ["kpi", "scope"]].drop_duplicates().astype("str")
    asked = [(kpi, scope) for kpi, scope in zip(shares["kpi"], shares["scope"], strict=True)
             if goal_for(goals, kpi, scope, month.start)]  # fmt: skip
    table = compare_months(month, shares["kpi"].unique(), by, asked)
    return {(row["kpi"], row["scope"], row["against"]): row for row in with_complements(table).to_dict("records")}


def comparisons_of(month: Month, card: pd.DataFrame) -> pd.DataFrame:
    """The comparisons that the verdicts of the company's card rest on, as `compare_months` returns them."""
    shares = card[card["kpi"].isin(SHARES) & (card["scope"] == COMPANY)]
    asked = [(str(key), COMPANY) for key in shares.loc[shares["status"] != "no_goal", "kpi"]]
    return compare_months(month, shares["kpi"], asked=asked)


def _score_one(
    row: Kpi, scope: str, group: pd.DataFrame, goals: pd.DataFrame, month: Month, months: list[pd.Timestamp],
    found: Found,
) -> Point:  # fmt: skip
    everything = group.reindex(_months_between(min(group.index.min(), months[0]), months[-1]))
    if row.is_sum:  # a month that the exports hold in part is no month to compare with
        since = pd.Timestamp(whole_since(month.exports, [source_table(key) for key in tables_of(row.key)]))
        in_part = (everything.index < since) & (everything.index < months[-1])
        if in_part.any():
            everything.loc[in_part, list(POINT)] = np.nan
    points = {name: everything[name].tolist()[-HISTORY:] for name in (*POINT, "reason")}
    now, previous, year_ago = (_point(points, place) for place in (-1, -2, 0))
    history = points["value"]
    goal = goal_for(goals, row.key, scope, month.start)
    target = plan_to_date(month, row, scope, goal["target"]) if goal else np.nan
    norm = bool(goal and goal.get("norm"))
    return {
        "kpi": row.key,
        "scope": scope,
        "norm": norm,
        **now,
        "reason": _reason(now["reason"], month),
        "previous": previous["value"],
        "year_ago": year_ago["value"],
        **_judged(row, "change", now, previous, history[:-1], found.get((row.key, scope, EARLIER["change"]))),
        **_judged(row, "year", now, year_ago, history[:-1], found.get((row.key, scope, EARLIER["year"]))),
        "goal": target,
        "goal_full": goal["target"] if goal else np.nan,
        "status": _status(row, now, target, norm),
        "owner": goal["owner"] if goal else row.owner,
        "months": months,
        "history": history,
        "signals": process_chart(row, everything).months["rule"].tail(HISTORY).tolist() if scope == COMPANY else [],
    }


def _judged(
    row: Kpi, name: str, now: Point, before: Point, history: list[Any], found: Mapping[Any, Any] | None
) -> Point:
    """The COMPARED of a change; shares of the last 12 months, which overlap, are judged by their own history."""
    told: Point = {"from": before["value"], "low": np.nan, "high": np.nan, "family": 0, "reason": ""}
    if found is None or found["reason"] == "overlapping" or not np.isfinite([now["value"], before["value"]]).all():
        told["verdict"] = judge_change(row, now, before, history)
    else:
        told |= {part: found[part] for part in ("low", "high", "reason")} | {"verdict": scorecard_verdict(found)}
        if np.isfinite(found["difference"]):
            told |= {"from": now["value"] - found["difference"], "family": found["family"]}
    return {f"{name}_{part}": told[part] for part in COMPARED}


def _status(row: Kpi, now: Point, target: float, norm: bool) -> str:
    """The value against its goal; a norm is met or missed only where that is proven."""
    if not norm or np.isnan(now["value"]):
        return judge_status(row, now["value"], target, now["low"], now["high"])
    verdict = judge_norm(now["numerator"], now["denominator"], target, row.better)
    return "missed" if verdict == "below" else verdict


def _reason(reason: str, month: Month) -> str:
    """Why a value is missing; an export that is there, but says nothing of the days compared, is not missing."""
    code, _colon, table = reason.partition(":")
    if code != "no_export":
        return reason
    return f"no_rows:{table}" if table in month.tables else f"no_export:{source_table(table)}"


def _point(points: dict[str, list[Any]], place: int) -> Point:
    reason = points["reason"][place]
    reason = reason if isinstance(reason, str) else "no_rows:"
    return {**{name: float(points[name][place]) for name in POINT}, "reason": reason}


@lru_cache(maxsize=16)
def _months_between(first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq="MS")
