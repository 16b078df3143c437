"""Who came to the site, and what the visits of each channel are worth."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.charts import plot_traffic_quality
from kpi_helpers.coverage import known_until
from kpi_helpers.labels import is_missing, write_date, write_list, write_value
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.by_channel import QUALITY, missing_rows, table_by_channel
from kpi_helpers.reports.rows import explain_missing, needs
from kpi_helpers.reports.section import Section
from kpi_helpers.traffic import daily_visits, robot_burst, untracked_days


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
    table_by_channel(section, card, channels, QUALITY, _("By channel"))
    explain_missing(section, month, missing_rows(card, QUALITY))
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
