"""What each channel cost and brought, and which channels really differ from the others."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.charts.comparisons import plot_comparisons
from kpi_helpers.comparisons import compare_channels, comparison_finding, comparison_note, comparison_rows
from kpi_helpers.labels import channel_name, is_missing, kpi_name, write_list, write_period
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.by_channel import MONEY, REACH, SMALL_PRINT, missing_rows, table_by_channel, value_of
from kpi_helpers.reports.rows import explain_missing, needs
from kpi_helpers.reports.section import Section

RATE = "qualification_rate"


def show_channels(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """What each channel cost and brought, and whose leads really qualify better or worse than those of the others."""
    section = Section("channels", _("Channels: cost and result"), currency=month.currency)
    if needs(section, month, "ads"):
        return section
    has_result = any(not is_missing(value_of(card, key)) for key in ("leads", "orders"))
    table_by_channel(section, card, channels, MONEY if has_result else REACH, _("Cost and result"))
    if refunds := _refunds(channels):
        section.html(SMALL_PRINT.format(refunds))
    if is_missing(value_of(card, "revenue")):
        explain_missing(section, month, missing_rows(card, ("leads", "revenue", "romi")))
    if not is_missing(value_of(card, RATE)):
        add_comparison(section, month, RATE)
    return section


def _refunds(channels: pd.DataFrame) -> str:
    """The channels whose account gave back more than was spent."""
    names = channels.loc[(channels["kpi"] == "spend") & (channels["value"] < 0), "scope"]
    text = _(
        "Ad spend below zero, since more was given back than spent: {channels}. What a result costs there says nothing."
    )
    return text.format(channels=write_list(list(map(channel_name, names)))) if len(names) else ""


def add_comparison(section: Section, month: Month, key: str) -> None:
    """A share by channel against the other channels: a chart with its small print, the numbers in the spreadsheet."""
    compared = compare_channels(month, [key])
    if compared.empty:
        return
    finding = comparison_finding(compared)
    subtitle = "; ".join([
        write_period(month.start, month.end), _("against all other channels together, percentage points"),
        _("whiskers: 95% interval"),
    ])  # fmt: skip
    section.chart(plot_comparisons(compared, finding=finding, subtitle=subtitle), finding)
    section.html(SMALL_PRINT.format(comparison_note(compared)))
    section.sheet(_("{kpi}: is the difference real?").format(kpi=kpi_name(key)), *comparison_rows(compared))
