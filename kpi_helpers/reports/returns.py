"""Return: is the money well spent? Margin against break-even by channel, the trap, and campaigns."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.charts.returns import plot_margins
from kpi_helpers.labels import channel_name, lower_first, write_period, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.monthly import Month
from kpi_helpers.reports.by_channel import missing_rows
from kpi_helpers.reports.rows import explain_missing, needs
from kpi_helpers.reports.section import Section
from kpi_helpers.returns import Returns
from kpi_helpers.returns.notes import (
    campaign_note,
    credits_words,
    months_words,
    no_campaigns_words,
    open_words,
    pays_words,
    rule_words,
    shared_words,
    tags_words,
    unclaimed_words,
    ways_words,
)
from kpi_helpers.returns.pieces import chart_rows, few_campaigns, pay_table, proven, trap_table, ways_table
from kpi_helpers.returns.ripeness import mark_open, unripe_scopes
from kpi_helpers.returns.words import (
    finding_words,
    lead_words,
    rows_of,
    scope_words,
    trap_row,
    trap_words,
    verdict_words,
)
from kpi_helpers.tables import Column

YEAR = 12  # months


def show_returns(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section | None:
    """Whether the money spent comes back: by channel, by campaign, and why one month is called by two numbers.

    None where the company exports neither advertising nor sales. `channels` is not needed: the sections by channel have
    one signature.
    """
    if not {"ads", "orders"} & set(month.tables):
        return None
    section = Section("returns", _("Return: is the money well spent?"), currency=month.currency)
    if needs(section, month, "ads"):
        return section
    returns, first = Returns.of(month), pd.Timestamp(month.start)
    company, rows, unripe = judge_months(month, returns, 1)
    credits = returns.credits(first, first)
    if len(credits):
        section.notice(*credits_words(credits, month.currency))
    if rows.empty:
        return section if len(credits) else section.notice(_("Nothing was spent on advertising in this month."))
    if rows["revenue"].isna().all():
        explain_missing(section, month, missing_rows(card, ("revenue", "romi")))
        return section
    said = lead_words(company, month.currency, bool(unripe)), _year_words(month, returns)
    section.lead = " ".join(filter(None, said))
    _margin_chart(section, month, rows)
    _channel_table(section, returns, company, rows, bool(unripe))
    _margin_notices(section, month, rows, returns)
    _trap(section, company, rows)
    _campaigns(section, returns, first, unripe)
    return section


def judge_months(month: Month, returns: Returns, months: int) -> tuple[pd.DataFrame, pd.DataFrame, frozenset[str]]:
    """The return of the company and of its channels over the last `months`, what is open marked; and what is open."""
    last = pd.Timestamp(month.start)
    first = last - pd.DateOffset(months=months - 1)
    company, rows = (returns.table(level, first, last) for level in ("company", "channel"))
    unripe = unripe_scopes(month, rows["scope"], months) & {*rows["scope"], *company["scope"]}
    earned = returns.earned_by_leads(first, last) if unripe else frozenset()
    return mark_open(company, unripe, earned), mark_open(rows, unripe, earned), unripe


def _year_words(month: Month, returns: Returns) -> str:
    """The same of the last 12 months, most of whose deals are over; "" where the months are not whole ones."""
    if month.first_days is not None:
        return ""
    _company, rows, _unripe = judge_months(month, returns, YEAR)
    months = int(rows["months"].max()) if len(rows) else 0
    if months < 2 or rows["margin"].isna().all():
        return ""
    finding = lower_first(finding_words(rows))
    if months == YEAR:
        said = ngettext("Over the last {n} month {finding}.", "Over the last {n} months {finding}.", YEAR)
        return " ".join(filter(None, (said.format(n=YEAR, finding=finding), months_words(rows, YEAR))))
    return _("Over the last year: {finding}. {months}").format(finding=finding, months=months_words(rows, YEAR))


def _margin_chart(section: Section, month: Month, rows: pd.DataFrame) -> None:
    if rows["margin_share"].notna().any():
        finding = finding_words(rows)
        section.chart(plot_margins(chart_rows(rows), finding=finding,
                                   subtitle=write_period(month.start, month.end)), finding)  # fmt: skip


def _channel_table(
    section: Section, returns: Returns, company: pd.DataFrame, rows: pd.DataFrame, still_open: bool
) -> None:
    both = pd.concat([rows, company.iloc[::-1]], ignore_index=True)
    notes = [
        pays_words(),
        shared_words(company, rows, float((rows["marketing_cost"] - rows["spend"]).sum()), section.currency),
        rule_words(returns.credited), unclaimed_words(rows), open_words() if still_open else "",
        _("Revenue: deals won, with the amounts of the CRM.") if returns.from_deals else "",
    ]  # fmt: skip
    for (columns, cells), caption, note in (
        (pay_table(both, _("Channel")), _("Margin against break-even"), " ".join(filter(None, notes))),
        (ways_table(both, _("Channel")), _("What the return is called"), ways_words(both)),
    ):
        section.table(columns, cells[:-1], caption=caption, note=note, total=cells[-1])


def _margin_notices(section: Section, month: Month, rows: pd.DataFrame, returns: Returns) -> None:
    if rows["margin"].isna().all():
        section.notice(
            _("ROMI is not shown: the margin is unknown."),
            _("Add a margin column to the orders, or the share of margin to company.toml."),
        )
        return
    told = _share_with_margin(month)
    if told < 1 and not returns.from_deals:
        section.notice(
            _("The margin is known of {share} of the revenue only: ROMI is too low.").format(
                share=write_value(told, "share")
            ),
            _("Fill the column of the margin, or add the share of margin to company.toml."),
        )


def _share_with_margin(month: Month) -> float:
    """The share of the month's revenue whose orders say their margin."""
    orders = month.tables.get("orders")
    if orders is None:
        return 1.0
    days = orders["ordered_at"].dt.tz_localize(None)
    own = orders[(days >= pd.Timestamp(month.start)) & (days < pd.Timestamp(month.end) + pd.Timedelta(days=1))]
    revenue = float(own["revenue"].sum())
    return float(own.loc[own["margin"].notna(), "revenue"].sum()) / revenue if revenue > 0 else 1.0


def _trap(section: Section, company: pd.DataFrame, rows: pd.DataFrame) -> None:
    row = trap_row(company, rows)
    if row is None:
        return
    caption = _("Are you sure? {name}: one month under several names").format(name=scope_words(row["scope"]))
    section.table(*trap_table(row), caption=caption, note=trap_words(row, section.currency))


def _campaigns(section: Section, returns: Returns, first: pd.Timestamp, unripe: frozenset[str]) -> None:
    earned = returns.earned_by_leads(first, first) if unripe else frozenset()
    table = mark_open(returns.table("campaign", first, first), unripe, earned)
    if table.empty:
        return
    tags = returns.strange_tags(first, first)
    if (table["revenue"] > 0).any():
        section.table(*_campaign_pieces(table), caption=_("Return by campaign"),
                      note=campaign_note(table, returns.told_apart or returns.from_deals))  # fmt: skip
    elif tags.empty:
        section.notice(*no_campaigns_words())
    if len(tags):
        section.notice(*tags_words(tags, section.currency))


def _campaign_pieces(table: pd.DataFrame) -> tuple[list[Column], list[list[object]]]:
    """A row per campaign, and one for those beyond the first ten."""
    columns = [
        Column(_("Campaign")), Column(_("Channel")), Column(_("Ad spend"), "money"), Column(_("Revenue"), "money"),
        Column(_("ROAS"), "multiple"), Column(_("ROMI"), "share"), Column(_("Does it pay?")),
    ]  # fmt: skip
    shown = proven(pd.concat(few_campaigns(table)))
    rows = [
        [scope_words(row["scope"]), channel_name(row["channel"]) if row["channel"] else "", row["spend"],
         row["revenue"], row["roas"], row["romi"], verdict_words(row["verdict"])]
        for row in rows_of(shown)
    ]  # fmt: skip
    if shown["romi"].notna().any():
        return columns, rows
    return columns[:5], [row[:5] for row in rows]  # without a margin it is not known whether they pay
