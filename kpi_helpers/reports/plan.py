"""Goals and pace: where every goal of the month stands, and how the sums ran against the plan day by day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers import tables
from kpi_helpers.catalogue import KPIS, tables_of
from kpi_helpers.charts import plot_pace
from kpi_helpers.coverage import known_until
from kpi_helpers.labels import is_missing, kpi_name, owner_name, write_change, write_date, write_days, write_value
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.reports.rows import add_score_sheet, scope_name
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import goal_words, kpi_sentence, row_of
from kpi_helpers.tables import Column

PACED = ("revenue", "leads", "orders", "visits")


def show_goals(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """Every goal of the month: where it stands, and how the sums ran against the plan day by day."""
    section = Section("goals", _("Goals and pace"), currency=month.currency)
    goals = pd.concat([card[card["status"] != "no_goal"], channels[channels["status"] != "no_goal"]])
    if goals.empty:
        return section.notice(
            _("No goals hold in this month."), _("Write them into goals.csv, or set them in the notebook set_goals.")
        )
    for key in [key for key in PACED if (row := row_of(goals, key)) and not is_missing(row["value"])][:2]:
        _pace_chart(section, month, row_of(goals, key) or {})
    columns = [Column(_("KPI")), Column(_("Scope")), Column(_("Value"), "number"), Column(_("Goal"), "number"),
               Column(_("Difference"), "number"), Column(_("Status")), Column(_("Owner"))]  # fmt: skip
    rows = goals.to_dict("records")
    note = "" if month.first_days is None else _(
        "Goals of sums are taken for {days} of {all}; ratios are held against the whole goal."
    ).format(days=month.days, all=write_days(month.length))  # fmt: skip
    section.html(tables.data_table(columns, [_goal_row(row, month.currency) for row in rows], note=note))
    return add_score_sheet(section, "", rows)


def _goal_row(row: dict[Any, Any], currency: str) -> list[Any]:
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


def _pace_chart(section: Section, month: Month, row: dict[str, Any]) -> None:
    days = pd.date_range(month.start, periods=month.length, unit="us")
    daily = sum_measures(month.tables, "day", keys=[row["kpi"]]).set_index("period")[row["kpi"]]
    last = min(known_until(month.exports, table, month.end) for table in tables_of(row["kpi"]))
    actual = daily.reindex(days).fillna(0).cumsum().where(days <= pd.Timestamp(last))
    plan = np.linspace(0, row["goal_full"], month.length + 1)[1:]
    to_date = month.first_days is not None
    finding = f"{kpi_name(row['kpi'])}: {goal_words(row, month.currency, to_date=to_date)}"
    if to_date or last < month.end:
        finding = _("{finding} ({day})").format(finding=finding, day=write_date(last))
    subtitle = _("Since the start of the month, by day; the plan in equal steps")
    style = KPIS[row["kpi"]].style
    ax = plot_pace(
        [day.date() for day in days], actual.tolist(), plan.tolist(), style=style, currency=month.currency,
        finding=finding, subtitle=subtitle,
    )  # fmt: skip
    section.chart(ax, kpi_sentence(row, month.currency, to_date=to_date))
