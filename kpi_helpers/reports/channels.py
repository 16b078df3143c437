"""What each channel cost and brought, and where the channels differ beyond chance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.charts import plot_channels
from kpi_helpers.labels import channel_name, is_missing, kpi_name, write_list, write_period, write_value
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.by_channel import MONEY, REACH, RETURN, missing_rows, table_by_channel, value_of
from kpi_helpers.reports.rows import explain_missing, needs
from kpi_helpers.reports.section import Section


def show_channels(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """What each channel cost and brought, and four ways to call the return, side by side."""
    section = Section("channels", _("Channels: what the money brings"), currency=month.currency)
    if needs(section, month, "ads"):
        return section
    has_result = any(not is_missing(value_of(card, key)) for key in ("leads", "orders"))
    table_by_channel(section, card, channels, MONEY if has_result else REACH, _("Cost and result"))
    if is_missing(value_of(card, "revenue")):
        explain_missing(section, month, missing_rows(card, ("leads", "revenue", "romi")))
        return section
    has_margin = not is_missing(value_of(card, "margin"))
    keys = RETURN if has_margin else tuple(key for key in RETURN if key not in ("margin", "romi"))
    note = _(
        "Revenue is not profit. ROAS and ROI on revenue count no cost of goods; only ROMI does, and it needs the "
        "margin. A channel earns money while its ad cost share stays below the margin share. "
        "The company's line counts all revenue, also what came without advertising."
    )
    table_by_channel(section, card, channels, keys, _("Return"), note, paid_only=True)
    if not has_margin:
        section.notice(
            _("ROMI is not shown: the margin is unknown."),
            _("Add a margin column to the orders, or the share of margin to company.toml."),
        )
    _channel_chart(section, month, card, channels, "romi" if has_margin else "roas")
    _channel_chart(section, month, card, channels, "qualification_rate")
    return section


def _channel_chart(section: Section, month: Month, card: pd.DataFrame, channels: pd.DataFrame, key: str) -> None:
    rows = channels[(channels["kpi"] == key) & channels["value"].notna()].rename(columns={"scope": "channel"})
    if len(rows) < 2:
        return
    company = np.nan if key in RETURN else value_of(card, key)  # it counts all revenue, also that without advertising
    finding = _channel_finding(rows, KPIS[key], company, month.currency)
    subtitle = write_period(month.start, month.end)
    if rows["low"].notna().any():
        subtitle += ", " + _("whiskers: 95% interval")
    ax = plot_channels(
        rows, key, currency=month.currency, company=company, finding=finding, subtitle=subtitle
    )
    section.chart(ax, finding)


def _channel_finding(rows: pd.DataFrame, row: Kpi, company: float, currency: str) -> str:
    """Best and last channel; with intervals only the channels that differ from the company beyond chance."""
    name = kpi_name(row.key)
    if rows["low"].notna().any():
        away = rows[(rows["low"] > company) | (rows["high"] < company)].sort_values("value", kind="stable")
        pairs = zip(away["channel"], away["value"], strict=True)
        named = [f"{channel_name(channel)} ({write_value(value, row.style)})" for channel, value in pairs]
        if not named:
            return _("{kpi}: no channel differs from the company beyond chance").format(kpi=name)
        return _("{kpi}: beyond chance differ {channels}").format(kpi=name, channels=write_list(named))
    ranked = rows.sort_values("value", ascending=row.better == "lower", kind="stable")
    best, last = ranked.iloc[0], ranked.iloc[-1]
    return _("{kpi}: best {best} ({high}), last {last} ({low})").format(
        kpi=name,
        best=channel_name(best["channel"]),
        high=write_value(best["value"], row.style, currency),
        last=channel_name(last["channel"]),
        low=write_value(last["value"], row.style, currency),
    )
