"""The year's goals: done, landing, chance, and what each month left must bring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers import tables
from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts import plot_forecast
from kpi_helpers.history import History
from kpi_helpers.labels import is_missing, kpi_name, month_name, month_short, owner_name, write_interval, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.outlook_words import rounded, write_chance
from kpi_helpers.reports.rows import scope_name
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column
from kpi_helpers.year import YearPlan, year_plans

DRAWN = 2  # plans with a chart
YEAR = 12
FIRST = ("revenue", "leads", "orders", "visits")


def add_year(section: Section, history: History, goals: pd.DataFrame) -> Section:
    """The sums with goals in several months of the year: the year as one plan, and how likely it is kept."""
    plans, currency = year_plans(history, goals), history.currency
    if not plans:
        return section
    for plan in sorted(plans, key=_rank)[:DRAWN]:
        section.chart(_chart(plan, currency), _finding(plan, currency))
    caption, note = _("The year {year}").format(year=history.month.start.year), _note(plans)
    section.html(tables.data_table(_columns(), [_row(plan, currency) for plan in plans], caption=caption, note=note))
    titles = (_("Goal"), _("Actual"), _("Forecast"), _("Lower bound"), _("Upper bound"))
    columns = [Column(_("KPI")), Column(_("Scope")), Column(_("Month")), *(Column(title, "row") for title in titles)]
    styles = [KPIS[plan.kpi].style for plan in plans for _month in plan.plan]
    return section.sheet(caption, columns, [row for plan in plans for row in _month_rows(plan)], styles)


def _month_rows(plan: YearPlan) -> list[list[Any]]:
    """Goal, result and forecast of each month, for the spreadsheet."""
    said = plan.outlook.fan
    frame = pd.DataFrame({
        "goal": plan.plan, "actual": plan.actual, "middle": said.middle, "low": said.low, "high": said.high,
    }).reindex(plan.plan.index)  # fmt: skip
    named, rows = [kpi_name(plan.kpi), scope_name(plan.scope)], frame.to_numpy().tolist()
    return [[*named, month_name(month), *numbers] for month, numbers in zip(frame.index, rows, strict=True)]


def _finding(plan: YearPlan, currency: str) -> str:
    """ "Leads: 1 552 of 1 927; landing 1 943 (1 862 to 2 051), chance 59 %"."""
    style = KPIS[plan.kpi].style
    low, middle, high = plan.landing
    words = {
        name: write_value(number, style, currency, short=style == "money")
        for name, number in (("done", plan.done), ("goal", plan.goal), ("landing", rounded(middle)))
    } | {
        "kpi": kpi_name(plan.kpi), "span": write_interval(rounded(low), rounded(high), style, currency, short=True),
        "chance": write_chance(plan.chance),
    }  # fmt: skip
    if is_missing(middle):
        return _("{kpi}: {done} of {goal}").format(**words)
    if not plan.months_left:
        return _("{kpi}: {done}, the goal was {goal}").format(**words)
    return _("{kpi}: {done} of {goal}; by the end {landing} ({span}), chance {chance}").format(**words)


def _rank(plan: YearPlan) -> int:
    """The company's results first."""
    return FIRST.index(plan.kpi) if plan.scope == "company" and plan.kpi in FIRST else len(FIRST)


def _chart(plan: YearPlan, currency: str) -> Any:
    row, outlook = KPIS[plan.kpi], plan.outlook
    subtitle = _("{scope}, by month; goals of the months as steps, the fan holds 80% of what may come").format(
        scope=scope_name(plan.scope)
    )
    return plot_forecast(
        outlook.history.tail(13), outlook.fan, goal=plan.plan, style=row.style, currency=currency,
        finding=_finding(plan, currency), subtitle=subtitle,
    )  # fmt: skip


def _columns() -> list[Column]:
    numbers = [_("Goal"), _("So far"), _("Plan so far"), _("Landing"), _("80% interval"), _("Chance"),
               _("Needed a month")]  # fmt: skip
    return [Column(_("KPI")), *(Column(title, "number") for title in numbers), Column(_("Owner"))]


def _row(plan: YearPlan, currency: str) -> list[str]:
    style = KPIS[plan.kpi].style
    low, middle, high = (rounded(value) for value in plan.landing)
    numbers = (plan.goal, plan.done, rounded(plan.planned_to_date), middle)
    return [
        _name(plan),
        *(write_value(number, style, currency, short=style == "money") for number in numbers),
        write_interval(low, high, style, currency, short=True), write_chance(plan.chance),
        write_value(rounded(plan.needed_a_month), style, currency, short=style == "money"), owner_name(plan.owner),
    ]  # fmt: skip


def _name(plan: YearPlan) -> str:
    """The KPI, with the scope where it is a channel and the months where they are not the year's."""
    name = kpi_name(plan.kpi) + ("" if plan.scope == "company" else f": {scope_name(plan.scope)}")
    first, last = plan.plan.index[0], plan.plan.index[-1]
    return name if len(plan.plan) == YEAR else f"{name}, {month_short(first)}–{month_short(last)}"


def _note(plans: list[YearPlan]) -> str:
    """How far the intervals could be trusted so far."""
    tested = [plan.outlook.forecast for plan in plans if plan.outlook.forecast.tests]
    if not tested:
        return ""
    share = np.average([one.coverage for one in tested], weights=[one.tests for one in tested])
    tests = sum(one.tests for one in tested)
    told = ngettext(
        "Of {n} test forecast of past months {share} lay in its interval.",
        "Of {n} test forecasts of past months {share} lay in their intervals.",
        tests,
    )
    return told.format(share=write_value(share, "share", short=True), n=tests)
