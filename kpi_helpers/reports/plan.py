"""Goals and pace: where every goal of the month stands, where the month will land, and the year as one plan."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from kpi_helpers import tables
from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.charts import plot_pace
from kpi_helpers.goals import may_be_negative
from kpi_helpers.history import History, history_of
from kpi_helpers.labels import (
    NO_VALUE,
    is_missing,
    kpi_name,
    lower_first,
    owner_name,
    write_change,
    write_date,
    write_days,
    write_interval,
    write_list,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.outlook import days_off, measure_month
from kpi_helpers.outlook_words import pace_words, rounded, write_chance
from kpi_helpers.pace import Pace, plan_by_day
from kpi_helpers.reports.gaming import warn_of_gaming
from kpi_helpers.reports.rows import add_score_sheet, scope_name
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import goal_words, kpi_sentence, row_of
from kpi_helpers.reports.year import add_year
from kpi_helpers.signal_words import norm_sentence
from kpi_helpers.tables import Column

_LANDING = Markup('{}<small>{}</small>')
PACED = ("revenue", "leads", "orders", "visits")
Row = dict[Any, Any]


def show_goals(month: Month, card: pd.DataFrame, channels: pd.DataFrame, goals: pd.DataFrame) -> Section:
    """Every goal of the month, how the sums ran against the plan day by day, and how likely the year's plan is kept."""
    section = Section("goals", _("Goals and pace"), currency=month.currency)
    held = pd.concat([card[card["status"] != "no_goal"], channels[channels["status"] != "no_goal"]])
    if held.empty:
        return section.notice(
            _("No goals hold in this month."), _("Write them into goals.csv, or set them in the notebook set_goals.")
        )
    history = history_of(month)
    for key in [key for key in PACED if (row := row_of(held, key)) and not is_missing(row["value"])][:2]:
        _pace_chart(section, history, row_of(held, key) or {})
    rows = held.to_dict("records")
    norms = " ".join(_norm_words(row) for row in rows if row["norm"] and not is_missing(row["value"]))
    if month.first_days is None:
        section.html(tables.data_table(_columns(), [_goal_row(row, month.currency) for row in rows], note=norms))
    else:
        _goals_under_way(section, history, rows, norms)
    add_score_sheet(section, "", rows)
    warn_of_gaming(section, card, held, team=False)
    return add_year(section, history, goals)


def _norm_words(row: Row) -> str:
    """A norm with its evidence."""
    kpi = KPIS[row["kpi"]]
    name = kpi_name(row["kpi"]) + ("" if row["scope"] == "company" else f", {scope_name(row['scope'])}")
    return f"{name}: {lower_first(norm_sentence(kpi, row['numerator'], row['denominator'], row['goal_full']))}"


def _columns() -> list[Column]:
    return [Column(_("KPI")), Column(_("Scope")), Column(_("Value"), "number"), Column(_("Goal"), "number"),
            Column(_("Difference"), "number"), Column(_("Status")), Column(_("Owner"))]  # fmt: skip


def _goal_row(row: Row, currency: str) -> list[Any]:
    kpi = KPIS[row["kpi"]]
    return [
        kpi_name(row["kpi"]),
        scope_name(row["scope"]),
        write_value(row["value"], kpi.style, currency),
        write_value(row["goal"], kpi.style, currency),
        write_change(row["value"], row["goal"], kpi.style),
        tables.status_badge(row["status"], kpi.better, kpi.style),
        owner_name(row["owner"]),
    ]


def _goals_under_way(section: Section, history: History, rows: list[Row], norms: str) -> None:
    """The goals of a month that is not over: so far, landing, chance, and what each day left must bring."""
    titles = (_("So far"), _("Goal"), _("Landing, 80% interval"), _("Chance"), _("Needed a day"))
    numbers = [Column(title, "number") for title in titles]
    columns = [Column(_("KPI")), *numbers, Column(_("Status")), Column(_("Owner"))]
    paces = [measure_month(history, row["kpi"], row["scope"], row["goal_full"]) for row in rows]
    cells = [_row_under_way(row, pace, history.currency) for row, pace in zip(rows, paces, strict=True)]
    month = history.month
    note = _(
        "So far: the first {days} of {all}. The status holds sums against the plan for these days, ratios against the "
        "whole goal; of a ratio, needed is what the rest of the month must have."
    ).format(days=month.days, all=write_days(month.length))
    how = _landing_words(rows, paces)
    section.html(tables.data_table(columns, cells, note=" ".join(filter(None, [note, *how, norms]))))


def _landing_words(rows: list[Row], paces: list[Pace | None]) -> list[str]:
    """How the landings were found; where several ways were, each with its KPIs."""
    ways: dict[str, list[str]] = {}
    for row, pace in zip(rows, paces, strict=True):
        for words in pace_words(pace):
            ways.setdefault(words, []).append(lower_first(kpi_name(row["kpi"])))
    if len(ways) < 2:
        return list(ways)
    return [f"{words.rstrip('.')} ({write_list(list(dict.fromkeys(names)))})." for words, names in ways.items()]


def _row_under_way(row: Row, pace: Pace | None, currency: str) -> list[Any]:
    kpi, nothing = KPIS[row["kpi"]], [NO_VALUE] * 3
    short = kpi.style == "money"
    name = kpi_name(row["kpi"]) + ("" if row["scope"] == "company" else f": {scope_name(row['scope'])}")
    ahead = nothing if pace is None else [
        _LANDING.format(
            write_value(rounded(pace.landing), kpi.style, currency, short=short),
            write_interval(rounded(pace.low), rounded(pace.high), kpi.style, currency, short=True),
        ),
        write_chance(pace.chance),
        _needed(pace.needed_a_day, kpi, currency),
    ]  # fmt: skip
    values = [write_value(row[name], kpi.style, currency, short=short) for name in ("value", "goal_full")]
    badge = tables.status_badge(row["status"], kpi.better, kpi.style)
    return [name, *values, *ahead, badge, owner_name(row["owner"])]


def _needed(value: float, kpi: Kpi, currency: str) -> str:
    """What each day left must bring; where no day can bring that, the goal is out of reach, or sure already."""
    most = 1.0 if kpi.interval == "proportion" else math.inf
    if value > most or (value < 0 and not may_be_negative(kpi)):
        too_hard = (value > most) == (kpi.better == "higher")
        return _("out of reach") if too_hard else _("sure already")
    return write_value(rounded(value), kpi.style, currency, short=kpi.style == "money")


def _pace_chart(section: Section, history: History, row: Row) -> None:
    """The sum since the start of the month against the plan, which weighs weekdays and holidays, and the landing."""
    month, kpi = history.month, KPIS[row["kpi"]]
    daily = history.by_day(row["kpi"], row["scope"])[kpi.formula.names[0]]
    last = daily.index[-1].date() if len(daily) else month.end
    days = pd.date_range(month.start, periods=month.length, unit="us")
    actual = daily.reindex(days).fillna(0).cumsum().where(days <= pd.Timestamp(last))
    plan = plan_by_day(daily, month.start, row["goal_full"], *days_off(month))
    pace = measure_month(history, row["kpi"], row["scope"], row["goal_full"])
    to_date = month.first_days is not None
    landing = None
    if to_date and pace and np.isfinite(pace.low):
        landing = (rounded(pace.low), rounded(pace.landing), rounded(pace.high))
    finding = f"{kpi_name(row['kpi'])}: {goal_words(row, month.currency, to_date=to_date)}"
    if to_date or last < month.end:
        finding = _("{finding} ({day})").format(finding=finding, day=write_date(last))
    subtitle = _("Since the start of the month, by day; the plan weighs weekdays and holidays")
    ax = plot_pace(
        [day.date() for day in days], actual.tolist(), plan.tolist(), landing, style=kpi.style,
        currency=month.currency, finding=finding, subtitle=subtitle,
    )  # fmt: skip
    section.chart(ax, kpi_sentence(row, month.currency, to_date=to_date))
