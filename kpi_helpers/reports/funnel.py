"""The funnel: from visit to deal or order, beside the month before and the year before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_helpers.charts import plot_funnel
from kpi_helpers.labels import kpi_name, lower_first, month_name, write_period, write_value
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.reports.rows import needs
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column

FUNNEL = ("visits", "leads", "qualified_leads", "won_leads")
SHOP_FUNNEL = ("visits", "orders")
UNRIPE = ("won_leads",)  # deals of the last months are still open: no finding is drawn from them


def show_funnel(month: Month, card: pd.DataFrame) -> Section:
    """From visit to deal (or order), with the rate between the steps."""
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
    bars = [(kpi_name(key), float(now[key].iloc[-1]), _rate(now, known, place)) for place, key in enumerate(known)]
    finding = _funnel_finding(now, [key for key in known if key not in UNRIPE] if len(known) > 2 else known)
    subtitle = write_period(month.start, month.end)
    section.chart(plot_funnel(bars, finding=finding, subtitle=subtitle), f"{finding}. {subtitle}")
    columns = [Column(_("Step"))] + [
        column
        for period in reversed(now.index)
        for column in (Column(month_name(period), "count"), Column(_("rate"), "share"))
    ]
    rows = [
        [kpi_name(key)]
        + [cell for line in (2, 1, 0) for cell in (now[key].iloc[line], _step(now, known, place, line))]
        for place, key in enumerate(known)
    ]
    note = _("Leads are followed by the month in which they came: recent deals may still be open.")
    return section.table(columns, rows, note=note if "won_leads" in known else "")


def _funnel_finding(sums: pd.DataFrame, known: list[str]) -> str:
    """The step whose rate changed most against the year before; without a year before, the steps' rates."""
    now, before = ([_step(sums, known, place, line) for place in range(1, len(known))] for line in (-1, 0))
    change = [abs(a / b - 1) if b else np.nan for a, b in zip(now, before, strict=True)]
    if np.isnan(change).all():
        rates = [f"{kpi_name(known[place + 1])}: {write_value(rate, 'share')}" for place, rate in enumerate(now)]
        return ", ".join(rates)
    place = int(np.nanargmax(change))
    return _("{first} → {last}: {now}, a year ago {before}").format(
        first=kpi_name(known[place]),
        last=lower_first(kpi_name(known[place + 1])),
        now=write_value(now[place], "share"),
        before=write_value(before[place], "share"),
    )


def periods_compared(month: Month) -> list[pd.Timestamp]:
    """A year ago, last month, this month."""
    now = pd.Timestamp(month.start)
    return [now - pd.DateOffset(months=12), now - pd.DateOffset(months=1), now]


def _step(sums: pd.DataFrame, known: list[str], place: int, line: int) -> float:
    return sums[known[place]].iloc[line] / sums[known[place - 1]].iloc[line] if place else np.nan


def _rate(sums: pd.DataFrame, known: list[str], place: int) -> str:
    return write_value(_step(sums, known, place, -1), "share") if place else ""
