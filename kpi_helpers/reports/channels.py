"""What each channel cost and brought, and which channels really differ from the others."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.charts.comparisons import plot_comparisons
from kpi_helpers.comparisons import (
    OTHERS,
    compare_channels,
    comparison_finding,
    comparison_note,
    comparison_rows,
    verdict_cell,
)
from kpi_helpers.labels import is_missing, kpi_name, write_period
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.by_channel import MONEY, REACH, missing_rows, table_by_channel, value_of
from kpi_helpers.reports.rows import explain_missing, needs
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column

RATE = "qualification_rate"


def show_channels(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """What each channel cost and brought, and whose leads really qualify better or worse than those of the others."""
    section = Section("channels", _("Channels: what the money brings"), currency=month.currency)
    if needs(section, month, "ads"):
        return section
    has_result = any(not is_missing(value_of(card, key)) for key in ("leads", "orders"))
    table_by_channel(section, card, channels, MONEY if has_result else REACH, _("Cost and result"))
    if is_missing(value_of(card, "revenue")):
        explain_missing(section, month, missing_rows(card, ("leads", "revenue", "romi")))
    if not is_missing(value_of(card, RATE)):
        add_comparison(section, month, RATE)
    return section


def add_comparison(section: Section, month: Month, key: str) -> None:
    """A share by channel: against the other channels as a chart and a table, and against its own last month."""
    compared = compare_channels(month, [key], own_past=True)
    others = compared[compared["against"] == OTHERS].reset_index(drop=True)
    if others.empty:
        return
    finding = comparison_finding(others)
    subtitle = "; ".join([
        write_period(month.start, month.end), _("against all other channels together, percentage points"),
        _("whiskers: 95% interval"),
    ])  # fmt: skip
    section.chart(plot_comparisons(others, finding=finding, subtitle=subtitle), finding)
    columns, rows = comparison_rows(others)
    past = {row["scope"]: row for row in compared[compared["against"] != OTHERS].to_dict("records")}
    if any(not is_missing(row["difference"]) for row in past.values()):
        columns += [Column(_("Since last month"))]
        rows = [[*row, verdict_cell(past[scope], brief=True) if scope in past else ""]
                for row, scope in zip(rows, others["scope"], strict=True)]  # fmt: skip
    caption = _("{kpi}: is the difference real?").format(kpi=kpi_name(key))
    section.table(columns, rows, caption=caption, note=comparison_note(compared))
