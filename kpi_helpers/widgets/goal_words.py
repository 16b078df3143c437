"""How a goal stands: the numbers of one KPI, scope and month, and the words and the table that say them."""

from __future__ import annotations

import calendar
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.goals import judge_status
from kpi_helpers.history import COMPANY, scope_name
from kpi_helpers.labels import (
    is_missing,
    kpi_name,
    month_name,
    owner_name,
    write_change,
    write_days,
    write_interval,
    write_value,
)
from kpi_helpers.language import _, ngettext
from kpi_helpers.outlook import Fan
from kpi_helpers.tables import Column, bullet, data_table, notice, status_badge

MONTHS_JUDGED = 12


def forecast_finding(row: Kpi, scope: str, fan: Fan, currency: str) -> str:
    """What the last month ahead is likely to bring, with its interval; the KPI alone where nothing can be said."""
    name = kpi_name(row.key) if scope == COMPANY else f"{kpi_name(row.key)}, {scope_name(scope)}"
    low, middle, high = (float(line.iloc[-1]) if len(line) else math.nan for line in (fan.low, fan.middle, fan.high))
    if is_missing(middle):
        return name
    short = row.style == "money"
    return _("{name}: forecast {value} ({span}) for {month}").format(
        name=name, month=month_name(fan.months[-1], heading=False),
        value=write_value(middle, row.style, currency, short=short),
        span=write_interval(low, high, row.style, currency, short=short),
    )  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """A target against the value of a month. Where the month is not over, `target_now` is for its `first_days`."""

    row: Kpi
    scope: str
    month: pd.Timestamp
    target: float
    value: float
    low: float
    high: float
    target_now: float
    status: str
    first_days: int | None

    @classmethod
    def of(
        cls, row: Kpi, scope: str, rows: pd.DataFrame, month: pd.Timestamp, target: float, now: float,
        first_days: int | None,
    ) -> Standing:
        """From the KPI's months (`rows`); a month that is not among them has no value. `now` is `target_now`."""
        known = month in rows.index
        value, low, high = (float(rows[name][month]) if known else math.nan for name in ("value", "low", "high"))
        status = judge_status(row, value, now, low, high)
        return cls(row, scope, month, target, value, low, high, now, status, first_days)


def standing_words(now: Standing, history: pd.DataFrame, currency: str) -> list[str]:
    """The month against the goal, the pace, and how often the goal was reached before; a sentence each."""
    if is_missing(now.value):
        return [*_ahead_words(now, history, currency), *_record_words(now, history)]
    words = {
        "month": month_name(now.month), "value": _write(now, now.value, currency),
        "goal": _write(now, now.target, currency),
    }  # fmt: skip
    if now.first_days is None:
        against = _("{month}: {value}, the goal is {goal}.").format(**words)
    else:
        words |= {"days": write_days(now.first_days), "plan": _write(now, now.target_now, currency)}
        against = _("{month}, first {days}: {value}, the plan for these days is {plan} of {goal}.").format(**words)
    return [against, *_pace_words(now, currency), *_record_words(now, history)]


def goals_table(standings: Sequence[tuple[dict[str, Any], Standing]], month: pd.Timestamp, currency: str) -> str:
    """The saved goals of a month as a table: value, goal, both as a bar, status, owner."""
    if not standings:
        return notice(_("No goals are saved for {month}.").format(month=month_name(month)))
    titles = (_("KPI"), _("Goal"), _("Value"), _("Against goal"), _("Status"), _("Owner"))
    columns = [Column(title, "number" if place in (1, 2) else "text") for place, title in enumerate(titles)]
    caption = _("Goals saved for {month}").format(month=month_name(month))
    rows = [_goal_cells(goal, now, currency) for goal, now in standings]
    if all(is_missing(now.value) for _goal, now in standings):  # a month to come
        columns, rows = [*columns[:2], columns[-1]], [[*row[:2], row[-1]] for row in rows]
    return data_table(columns, rows, caption=caption)


def _goal_cells(goal: dict[str, Any], now: Standing, currency: str) -> list[Any]:
    row = KPIS[goal["kpi"]]
    value, target = (Markup.escape(_write(now, number, currency)) for number in (now.value, now.target_now))
    name = kpi_name(row.key) + ("" if goal["scope"] == COMPANY else f": {scope_name(goal['scope'])}")
    return [
        name, target, value,
        bullet(now.value, now.target_now, row.better, now.low, now.high, status=now.status),
        status_badge(now.status, row.better, row.style), owner_name(goal["owner"]),
    ]  # fmt: skip


def _pace_words(now: Standing, currency: str) -> list[str]:
    """What the rest of the month must bring, for sums in a month that is not over."""
    if now.first_days is None or not now.row.is_sum:
        return []
    left = calendar.monthrange(now.month.year, now.month.month)[1] - now.first_days
    rest = now.target - now.value
    if rest <= 0:
        return [_("The goal of the whole month is reached.")]
    a_day, so_far = (_write(now, amount, currency) for amount in (rest / left, now.value / now.first_days))
    return [
        _("To reach it, the {days} left need {rate} a day; so far it was {before}.").format(
            days=write_days(left), rate=a_day, before=so_far
        )
    ]


def _ahead_words(now: Standing, history: pd.DataFrame, currency: str) -> list[str]:
    """A month without a value: what the goal asks for, against the last month that has one."""
    nothing = _("{month}: no data yet.").format(month=month_name(now.month))
    known = history["value"].dropna()
    if known.empty:
        return [nothing]
    last, value = known.index[-1], float(known.iloc[-1])
    asks = _("{month} gave {value}; the goal is {goal} ({change}).").format(
        month=month_name(last), value=_write(now, value, currency), goal=_write(now, now.target, currency),
        change=write_change(now.target, value, now.row.style),
    )  # fmt: skip
    return [nothing, asks]


def _record_words(now: Standing, history: pd.DataFrame) -> list[str]:
    """In how many of the finished months before the goal would have been met."""
    before = history.loc[history.index < now.month, "value"].dropna().tail(MONTHS_JUDGED)
    if before.empty or now.row.better == "neither":
        return []
    met = sum(judge_status(now.row, value, now.target) == "met" for value in before)
    text = ngettext(
        "Of the last {n} month, {met} would have met this goal.",
        "Of the last {n} months, {met} would have met this goal.",
        len(before),
    )
    return [text.format(n=len(before), met=met)]


def _write(now: Standing, number: float, currency: str) -> str:
    return write_value(number, now.row.style, currency)
