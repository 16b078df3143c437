"""Who came to the site, what the visits of each channel are worth, and what was paid for those that bring nothing."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from kpi_helpers.charts import plot_traffic_quality
from kpi_helpers.charts.comparisons import plot_comparisons
from kpi_helpers.comparisons import compare_channels, comparison_finding, comparison_note, comparison_rows
from kpi_helpers.coverage import known_until
from kpi_helpers.labels import (
    channel_name,
    is_missing,
    kpi_name,
    lower_first,
    write_change,
    write_date,
    write_list,
    write_period,
    write_value,
)
from kpi_helpers.language import _, ngettext
from kpi_helpers.monthly import Month
from kpi_helpers.reports.by_channel import QUALITY, SMALL_PRINT, missing_rows, table_by_channel, value_of
from kpi_helpers.reports.paid_traffic import add_paid_traffic
from kpi_helpers.reports.rows import explain_missing, needs
from kpi_helpers.reports.section import Section
from kpi_helpers.traffic import RobotBurst, burst_sources, daily_visits, robot_burst, untracked_days

CONVERSIONS = ("visit_to_lead", "conversion_rate")  # the first that is known is compared, too
_PARAGRAPH = Markup('<div class="kpi"><p>{}</p></div>\n')


def show_traffic(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """Who came to the site: people or robots, what the visits of each channel are worth, and what was paid in vain."""
    section = Section("traffic", _("Traffic quality"), currency=month.currency)
    if needs(section, month, "traffic"):
        return section
    traffic = month.tables["traffic"]
    missing = untracked_days(traffic, month.start, known_until(month.exports, "traffic", month.end))
    if missing:
        section.notice(
            _("Nothing was tracked on {days}.").format(days=write_list([write_date(day) for day in missing])),
            _("Visits and conversions of the month are too low by these days: check the counter."),
        )
    burst = robot_burst(traffic, month.start, month.end)
    _robots_chart(section, month, traffic, burst)
    if burst and (words := _burst_words(month, traffic, burst, card)):
        section.html(_PARAGRAPH.format(words))
    add_paid_traffic(section, month)
    table_by_channel(section, card, channels, QUALITY, _("By channel"))
    _compare(section, month, card)
    explain_missing(section, month, missing_rows(card, QUALITY))
    return section


def _robots_chart(section: Section, month: Month, traffic: pd.DataFrame, burst: RobotBurst | None) -> None:
    daily = daily_visits(traffic, month.start, month.end)
    known = daily.dropna()
    if not known["visits"].sum() > 0:
        return
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


def _burst_words(month: Month, traffic: pd.DataFrame, burst: RobotBurst, card: pd.DataFrame) -> str:
    """By which channel the burst came, what it cost, what it did to the conversion; "" where no channel is known."""
    sources = burst_sources(traffic, burst)
    if sources.empty or not sources["robot_visits"].iloc[0] > 0:
        return ""
    channel, robots = str(sources.index[0]), float(sources["robot_visits"].iloc[0])
    told = float(sources["robot_visits"].sum())
    said = ngettext("{days}: of {all} robot visit {n} came by the channel “{channel}”.",
                    "{days}: of {all} robot visits {n} came by the channel “{channel}”.", round(told)).format(
        days=write_period(burst.first, burst.last), n=write_value(robots, "count"), channel=channel_name(channel),
        all=write_value(told, "count"),
    )  # fmt: skip
    return " ".join(filter(None, [
        said, _burst_price(month, burst, channel, robots / float(sources["visits"].iloc[0])),
        _spoiled_words(card, robots),
    ]))  # fmt: skip


def _burst_price(month: Month, burst: RobotBurst, channel: str, share: float) -> str:
    """What of the channel's spend on the days of the burst went to robots, by their share of its visits."""
    if "ads" not in month.tables:
        return ""
    ads = month.tables["ads"]
    days = pd.Timestamp(burst.first), pd.Timestamp(burst.last)
    spend = float(ads.loc[(ads["channel"] == channel) & ads["date"].between(*days), "spend"].sum())
    if not spend:
        return _("They cost no ad money.")
    words = _("By their share of the visits, up to {price} of the channel’s ad spend of these days went to them.")
    return words.format(price=write_value(spend * share, "money", month.currency))


def _spoiled_words(card: pd.DataFrame, robots: float) -> str:
    """What the conversion is with the robots of the burst and would be without them."""
    visits = value_of(card, "visits")
    key = next((key for key in CONVERSIONS if not is_missing(value_of(card, key))), "")
    if not key or not visits > robots:
        return ""
    now = value_of(card, key)
    without = now * visits / (visits - robots)
    return _("Because of them {kpi} is {now} instead of {without} ({points}).").format(
        kpi=lower_first(kpi_name(key)), now=write_value(now, "share"), without=write_value(without, "share"),
        points=write_change(now, without, "share"),
    )  # fmt: skip


def _compare(section: Section, month: Month, card: pd.DataFrame) -> None:
    """The channels against one another: the first share of which that can be told as a chart, all in the spreadsheet.

    The share of robots is left out: a burst in one channel would make all others "better".
    """
    known = [key for key in CONVERSIONS if not is_missing(value_of(card, key))][:1]
    keys = known + ["bounce_rate"] * (not is_missing(value_of(card, "bounce_rate")))
    compared = compare_channels(month, keys)
    told = compared.loc[compared["difference"].notna(), "kpi"]
    if told.empty:
        return
    for key in told.unique():
        shown = compared[compared["kpi"] == key].reset_index(drop=True)
        finding = comparison_finding(shown)
        subtitle = "; ".join([
            write_period(month.start, month.end), *([_("visits of people")] if shown["people"].any() else []),
            _("against all other channels together, percentage points"), _("whiskers: 95% interval"),
        ])  # fmt: skip
        section.chart(plot_comparisons(shown, finding=finding, subtitle=subtitle), finding)
    section.html(SMALL_PRINT.format(comparison_note(compared)))
    section.sheet(_("Against the other channels: is the difference real?"), *comparison_rows(compared))
