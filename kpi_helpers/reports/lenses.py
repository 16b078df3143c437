"""The sections that look through one lens: money by channel, traffic quality, customers, brand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.charts import plot_channels, plot_cohorts, plot_traffic_quality
from kpi_helpers.coverage import known_until
from kpi_helpers.customers import cohorts
from kpi_helpers.labels import (
    channel_name,
    is_missing,
    kpi_name,
    write_date,
    write_days,
    write_list,
    write_period,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.rows import explain_missing, needs, show_kpis
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import Row, row_of
from kpi_helpers.tables import Column
from kpi_helpers.traffic import daily_visits, robot_burst, untracked_days

MONEY = ("spend", "leads", "cpl", "qualified_leads", "cpql", "orders", "revenue")
REACH = ("spend", "impressions", "clicks", "ctr", "cpc", "cpm")  # what is known where no lead or order is
RETURN = ("revenue", "margin", "spend", "roas", "drr", "revenue_roi", "romi")
QUALITY = ("visits", "bounce_rate", "page_depth", "robot_share", "visit_to_lead", "qualification_rate")
CUSTOMERS = ("new_customers", "aov", "cac")  # beside the KPIs of customers
BY_CHANNEL = tuple(dict.fromkeys((*MONEY, *REACH, *RETURN, *QUALITY)))
COHORT_MONTHS = 12


def keys_in(section: str, first: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The KPIs of a section of the catalogue in its order, after those named first."""
    return (*first, *(key for key, row in KPIS.items() if row.section == section and key not in first))


def show_channels(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """What each channel cost and brought, and four ways to call the return, side by side."""
    section = Section("channels", _("Channels: what the money brings"), currency=month.currency)
    if needs(section, month, "ads"):
        return section
    has_result = any(not is_missing(_value(card, key)) for key in ("leads", "orders"))
    _table_by_channel(section, card, channels, MONEY if has_result else REACH, _("Cost and result"))
    if is_missing(_value(card, "revenue")):
        explain_missing(section, month, _missing(card, ("leads", "revenue", "romi")))
        return section
    has_margin = not is_missing(_value(card, "margin"))
    keys = RETURN if has_margin else tuple(key for key in RETURN if key not in ("margin", "romi"))
    note = _(
        "Revenue is not profit. ROAS and ROI on revenue count no cost of goods; only ROMI does, and it needs the "
        "margin. A channel earns money while its ad cost share stays below the margin share. "
        "The company's line counts all revenue, also what came without advertising."
    )
    _table_by_channel(section, card, channels, keys, _("Return"), note, paid_only=True)
    if not has_margin:
        section.notice(
            _("ROMI is not shown: the margin is unknown."),
            _("Add a margin column to the orders, or the share of margin to company.toml."),
        )
    _channel_chart(section, month, card, channels, "romi" if has_margin else "roas")
    _channel_chart(section, month, card, channels, "qualification_rate")
    return section


def _missing(card: pd.DataFrame, keys: Iterable[str]) -> list[Row]:
    return [row for key in keys if (row := row_of(card, key)) and is_missing(row["value"])]


def _value(card: pd.DataFrame, key: str, scope: str = "company") -> float:
    row = row_of(card, key, scope)
    return float(row["value"]) if row else np.nan


def _table_by_channel(
    section: Section,
    card: pd.DataFrame,
    channels: pd.DataFrame,
    keys: tuple[str, ...],
    caption: str,
    note: str = "",
    *,
    paid_only: bool = False,
) -> None:
    wide = channels.pivot(index="scope", columns="kpi", values="value").reindex(columns=list(keys))
    wide = wide[wide["spend"] > 0] if paid_only else wide[(wide.fillna(0) != 0).any(axis=1)]
    wide = wide.sort_values(keys[0], ascending=False, na_position="last", kind="stable")
    used = [key for key in keys if wide[key].notna().any()]
    columns = [Column(_("Channel"))] + [Column(kpi_name(key), KPIS[key].style) for key in used]
    rows = [[channel_name(scope), *(wide.loc[scope, key] for key in used)] for scope in wide.index]
    if rows:
        section.table(
            columns, rows, caption=caption, note=note, total=[_("Company"), *(_value(card, key) for key in used)]
        )


def _channel_chart(section: Section, month: Month, card: pd.DataFrame, channels: pd.DataFrame, key: str) -> None:
    rows = channels[(channels["kpi"] == key) & channels["value"].notna()].rename(columns={"scope": "channel"})
    if len(rows) < 2:
        return
    company = np.nan if key in RETURN else _value(card, key)  # it counts all revenue, also that without advertising
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


def show_traffic(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """Who came to the site: people or robots, and what the visits of each channel are worth."""
    section = Section("traffic", _("Traffic quality"))
    if needs(section, month, "traffic"):
        return section
    traffic = month.tables["traffic"]
    missing = untracked_days(traffic, month.start, known_until(month.exports, "traffic", month.end))
    if missing:
        section.notice(
            _("Nothing was tracked on {days}.").format(days=write_list([write_date(day) for day in missing])),
            _("Visits and conversions of the month are too low by these days: check the counter."),
        )
    _robots_chart(section, month, traffic)
    _table_by_channel(section, card, channels, QUALITY, _("By channel"))
    explain_missing(section, month, _missing(card, QUALITY))
    return section


def _robots_chart(section: Section, month: Month, traffic: pd.DataFrame) -> None:
    daily = daily_visits(traffic, month.start, month.end)
    known = daily.dropna()
    if not known["visits"].sum() > 0:
        return
    burst = robot_burst(traffic, month.start, month.end)
    robots = daily["robot_visits"].fillna(0)
    share = known["robot_visits"].sum() / known["visits"].sum()
    if burst and not is_missing(burst.usual):
        finding = _("Robots made {share} of the visits in the burst, {usual} on other days").format(
            share=write_value(burst.share, "share"), usual=write_value(burst.usual, "share")
        )
    else:
        finding = _("Robots made {share} of the visits").format(share=write_value(share, "share"))
    ax = plot_traffic_quality(
        [day.date() for day in daily.index], (daily["visits"] - robots).tolist(), robots.tolist(),
        burst=(burst.first, burst.last) if burst else None, finding=finding, subtitle=_("Visits by day"),
    )  # fmt: skip
    section.chart(ax, finding)


def show_customers(month: Month, card: pd.DataFrame) -> Section:
    """Who bought, who came back, what a customer costs and brings."""
    if "orders" not in month.tables:
        section = Section("customers", _("Customers"))
        needs(section, month, "orders")
        return section
    section = show_kpis(month, card, "customers", _("Customers"), keys_in("customers", CUSTOMERS))
    matrix, sizes = cohorts(month.tables["orders"], month.end, COHORT_MONTHS)
    if len(matrix) > 1 and matrix.shape[1] > 1:
        back = _returned(matrix, sizes)
        finding = _("{share} of new customers buy again in the month after").format(share=write_value(back, "share"))
        subtitle = _("Share of customers who buy again, by month of the first order and months since")
        section.chart(plot_cohorts(matrix, sizes, finding=finding, subtitle=subtitle), finding)
    section.lead = _("Active means: bought within the last {days}.").format(days=write_days(month.company.active_days))
    return section


def _returned(matrix: pd.DataFrame, sizes: pd.Series) -> float:
    """The share of all shown cohorts that bought in the month after the first: customers over customers."""
    known = matrix[1].notna()
    return float((matrix.loc[known, 1] * sizes[known]).sum() / sizes[known].sum())


def show_brand(month: Month, card: pd.DataFrame) -> Section:
    """What people know and think of the company, and its part of the market."""
    return show_kpis(month, card, "brand", _("Brand and market"), keys_in("brand"), new_page=False)


def show_more(month: Month, card: pd.DataFrame) -> Section:
    """Every KPI of traffic, advertising, sales and return for the company: what the pages above choose from."""
    keys = [key for section in ("traffic", "advertising", "sales", "return") for key in keys_in(section)]
    return show_kpis(month, card, "more", _("All KPIs of traffic, advertising and sales"), keys)
