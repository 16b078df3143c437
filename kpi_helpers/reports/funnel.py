"""The funnel: from visit to deal or order, beside the month before and the year before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.card import comparisons_of
from kpi_helpers.catalogue import expanded
from kpi_helpers.charts import plot_funnel
from kpi_helpers.charts.comparisons import AGAINST, mark_of
from kpi_helpers.comparisons import comparison_note, comparison_rows
from kpi_helpers.labels import kpi_name, lower_first, month_name, write_period, write_value
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.reports.rows import needs
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column

FUNNEL = ("visits", "leads", "qualified_leads", "won_leads")
SHOP_FUNNEL = ("visits", "orders")
RATES = ("visit_to_lead", "qualification_rate", "close_rate")  # of the steps of FUNNEL


def show_funnel(month: Month, card: pd.DataFrame) -> Section:
    """From visit to deal (or order), with the rate between the steps, and which of the rates really changed."""
    section = Section("funnel", _("Funnel"))
    steps = FUNNEL if "leads" in month.tables else SHOP_FUNNEL
    if needs(section, month, "traffic") and not any(table in month.tables for table in ("leads", "orders")):
        return section
    now = sum_measures(month.tables, "month", first_days=month.first_days, keys=steps)
    now = now.set_index("period").reindex(periods_compared(month))
    known = [key for key in steps if now[key].notna().iloc[-1]]
    if len(known) < 2:
        needs(section, month, "leads", "orders")
        return section
    rates = [key for key in RATES if set(expanded(key).names) <= set(known)]
    compared = comparisons_of(month, card)
    compared = compared[compared["kpi"].isin(rates)].reset_index(drop=True)
    bars = [(kpi_name(key), float(now[key].iloc[-1]), _rate(now, known, place)) for place, key in enumerate(known)]
    finding = _funnel_finding(now, known, compared)
    subtitle = write_period(month.start, month.end)
    section.chart(plot_funnel(bars, finding=finding, subtitle=subtitle), f"{finding}. {subtitle}")
    columns = [Column(_("Step"))] + [
        column
        for period in reversed(now.index)
        for column in (Column(month_name(period), "count"), Column(_("rate"), "share"))
    ]
    rows = [
        [kpi_name(key)] + [cell for line in (2, 1, 0) for cell in (now[key].iloc[line], _step(now, known, place, line))]
        for place, key in enumerate(known)
    ]
    note = _("Leads are followed by the month in which they came: recent deals may still be open.")
    section.table(columns, rows, note=note if "won_leads" in known else "")
    return _add_verdicts(section, compared)


def _add_verdicts(section: Section, compared: pd.DataFrame) -> Section:
    """Which rates really changed, as a table with its small print."""
    if compared["difference"].notna().any():
        columns, rows = comparison_rows(compared)
        section.table(columns, rows, caption=_("Did the rates really change?"), note=comparison_note(compared))
    return section


def _funnel_finding(sums: pd.DataFrame, known: list[str], compared: pd.DataFrame) -> str:
    """The step whose rate really changed most; where none did, that; without earlier months, the steps' rates."""
    told = compared.dropna(subset=["difference"])
    if told.empty:
        rates = [_step(sums, known, place, -1) for place in range(1, len(known))]
        named = zip(known[1:], rates, strict=True)
        return ", ".join(f"{kpi_name(key)}: {write_value(rate, 'share')}" for key, rate in named)
    real = [row for row in told.to_dict("records") if mark_of(row).real]
    if not real:
        return _("No rate between the steps changed beyond chance")
    most = max(real, key=lambda row: abs(np.log(max(row["share"], 1e-9) / max(row["share_before"], 1e-9))))
    return _change_words(most)


def _change_words(row: dict[Any, Any]) -> str:
    """ "Visits → leads: 0.51%, last month 0.72%"."""
    top, below = expanded(row["kpi"]).numerator.names[0], expanded(row["kpi"]).denominator
    first = _("Visits of people") if row["people"] else kpi_name(below.names[0]) if below else ""
    return _("{first} → {last}: {now}, {month} {before}").format(
        first=first, last=lower_first(kpi_name(top)),
        now=write_value(row["share"], "share"), month=_(AGAINST[row["against"]]),
        before=write_value(row["share_before"], "share"),
    )  # fmt: skip


def periods_compared(month: Month) -> list[pd.Timestamp]:
    """A year ago, last month, this month."""
    now = pd.Timestamp(month.start)
    return [now - pd.DateOffset(months=12), now - pd.DateOffset(months=1), now]


def _step(sums: pd.DataFrame, known: list[str], place: int, line: int) -> float:
    return sums[known[place]].iloc[line] / sums[known[place - 1]].iloc[line] if place else np.nan


def _rate(sums: pd.DataFrame, known: list[str], place: int) -> str:
    return write_value(_step(sums, known, place, -1), "share") if place else ""
