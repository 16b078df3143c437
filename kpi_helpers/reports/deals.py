"""Long deals: what the leads of each month have brought, how ripe the months are, and what they will bring."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpi_helpers import tables
from kpi_helpers.charts.deals import plot_lead_months
from kpi_helpers.deals import Deals, follow_month, unripe_channels
from kpi_helpers.labels import (
    channel_name,
    is_missing,
    month_name,
    write_date,
    write_interval,
    write_list,
    write_value,
)
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.maturity import rank_mature
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column
from kpi_helpers.terms import TABLES

SHOWN = 6  # months on the page; the spreadsheet has all
LEAST_RANKED = 3  # ripe months of which the best is named
NO_LIST = N_("The export counts leads and does not list them: deals cannot be followed.")
NONE_WON = N_("No deal is won yet: how long deals take is not known.")
UNNAMED = N_("Nothing says which deals are won: deals cannot be followed.")
NAME_WON = N_("Name the stages of deals won in company.toml, under [leads] won.")
NAME_LOST = N_("Name the stages of deals lost in company.toml, under [leads] lost.")
EARLIER = N_("Export the deals of earlier months too.")
UNTOLD = {
    "not_enough": (N_("How ripe the months are cannot be told yet: fewer than 20 deals are won, or fewer than 30 leads "
                      "were followed."), ""),
    "no_close_dates": (N_("How ripe the months are cannot be told: many deals that are over have no day on which they "
                          "ended."), N_("Export the deals with the day of closing.")),
    "short_history": (N_("How ripe the months are cannot be told: many deals are won only after as long as the data "
                         "reach back."), EARLIER),
}  # fmt: skip


def show_deals(month: Month, card: pd.DataFrame) -> Section | None:
    """Revenue by the month of the lead, ripe and unripe, with what is still expected; None where no lead is exported.

    `card` is not asked: the sentences are drawn from the deals alone.
    """
    found = follow_month(month)
    if found is None:
        return None
    section = Section("deals", _("Long deals: what the leads still bring"), currency=month.currency)
    if found.why == "counted":
        return section.notice(_(NO_LIST), _("Add {export}.").format(export=_(TABLES["leads"].source)))
    if found.why:
        return section.notice(_(NONE_WON)) if found.why == "none_won" else section.notice(_(UNNAMED), _(NAME_WON))
    if found.months.empty:
        return section.notice(_("The leads of no whole month are known up to the report's."), _(EARLIER))
    section.lead = " ".join(filter(None, [_judged(month, found), _ranked(month, found), _channels(month)]))
    finding, subtitle = _finding(month, found), _subtitle(found)
    axes = plot_lead_months(found.months, style=_style(found), currency=month.currency, finding=finding,
                            subtitle=subtitle)  # fmt: skip
    section.chart(axes, f"{finding}. {subtitle}")
    _table(section, found)
    _notices(section, month, found)
    return section


def _style(found: Deals) -> str:
    return "money" if found.base else "count"


def _finding(month: Month, found: Deals) -> str:
    """How ripe the report's month is, what it has brought and what it will bring."""
    row, name = found.of(month.start), month_name(month.start)
    if row is None:
        return _("{month}: no lead came").format(month=name)
    style, currency = _style(found), month.currency
    seen = write_value(row["seen"], style, currency, short=True)
    if is_missing(row["matured"]):
        return _("{month}: {seen} so far, {open} of {leads} leads are still open").format(
            month=name, seen=seen, open=write_value(row["open"], "count"), leads=write_value(row["leads"], "count")
        )
    if not row["open"]:
        return _("{month} is ripe: {seen}, no deal is open").format(month=name, seen=seen)
    expected = write_value(_whole(row["matured"], style), style, currency, short=True)
    between = write_interval(row["matured_low"], row["matured_high"], style, currency, short=True)
    return _("{month} is {share} ripe: {seen} so far, {expected} ({interval}) expected").format(
        month=name, share=write_value(row["maturity"], "share", short=True), seen=seen, expected=expected,
        interval=between,
    )  # fmt: skip


def _whole(value: float, style: str) -> float:
    return value if style == "money" else round(value)


def _subtitle(found: Deals) -> str:
    words = _("Revenue of deals by the month of the lead, known on {day}; hollow: not ripe, dashed: expected in the "
              "end, whisker: 95% interval")  # fmt: skip
    wins = _("Deals won by the month of the lead, known on {day}; hollow: not ripe, dashed: expected in the end, "
             "whisker: 95% interval")  # fmt: skip
    return (words if found.base else wins).format(day=write_date(found.until))


def _judged(month: Month, found: Deals) -> str:
    """Whether the month's ROI may be judged yet, with what it is now and is expected to be."""
    row = found.of(month.start)
    if row is None or not row["open"] or row["verdict"] == "mature":
        return ""
    of_leads = ngettext("{open} of the month's {leads} leads is an open deal (not closed yet).",
                        "{open} of the month's {leads} leads are open deals (not closed yet).",
                        int(row["open"]))  # fmt: skip
    text = of_leads.format(open=write_value(row["open"], "count"), leads=write_value(row["leads"], "count"))
    if month.first_days is not None:
        text += " " + _("The month still runs: leads to come are not counted.")
    if is_missing(row["roi_matured"]):
        return text
    roi = _("Do not judge the ROI of the month yet: by the month of the lead and with all marketing costs it is {now} "
            "now and is expected at {expected} ({interval}).")  # fmt: skip
    between = write_interval(row["roi_matured_low"], row["roi_matured_high"], "share")
    now, expected = (write_value(row[name], "share", short=True) for name in ("roi", "roi_matured"))
    return f"{text} {roi.format(now=now, expected=expected, interval=between)}"


def _ranked(month: Month, found: Deals) -> str:
    """The months that are not ripe and have no rank, and the best of those that are, where the table shows it."""
    months = found.months
    open_ones = months.loc[months["verdict"] != "mature", "month"]
    unripe = [month_name(first, heading=False) for first in open_ones]
    ranks = rank_mature(months["seen"], months["verdict"])
    text = _("Not ripe and not ranked: {months}.").format(months=write_list(unripe)) if unripe else ""
    if ranks.notna().sum() < LEAST_RANKED or months["seen"].max() <= 0 or ranks.argmin() < len(months) - SHOWN:
        return text
    best = months.to_dict("records")[int(ranks.argmin())]
    said = _("Of the ripe months {month} brought most: {value}.").format(
        month=month_name(best["month"], heading=False),
        value=write_value(best["seen"], _style(found), month.currency, short=True),
    )
    return f"{text} {said}".strip()


def _channels(month: Month) -> str:
    sums = sum_measures(month.tables, "month", "channel", first_days=month.first_days, keys=("spend",))
    bought = sums[(sums["period"] == pd.Timestamp(month.start)) & (sums["spend"] > 0)]["channel"]
    names = sorted(channel_name(channel) for channel in unripe_channels(month) & set(bought))
    said = _("Channels whose open deals may still change their return: {channels}.")
    return said.format(channels=write_list(names)) if names else ""


def _table(section: Section, found: Deals) -> None:
    """The last months on the page, all of them in the spreadsheet."""
    style, with_roi = _style(found), found.months["roi"].notna().any()
    columns = [Column(_("Month of the lead")), Column(_("Leads"), "count"), Column(_("Won"), "count"),
               Column(_("Still open"), "count"),
               *([Column(_("Revenue so far"), "money"), Column(_("Expected in the end"), "money")] if found.base
                 else [Column(_("Expected in the end"), "count")]),
               Column(_("95% interval"), style), Column(_("Ripe"), "share")]  # fmt: skip
    columns += [Column(_("ROI now"), "share"), Column(_("ROI in the end"), "share")] if with_roi else []
    rows = [_cells(row, found)[: len(columns)] for row in found.months.to_dict("records")]
    note = _("ROI: the margin of the month's deals and of its orders without a deal, less the month's marketing costs, "
             "over these costs.")  # fmt: skip
    closing = _("The intervals take it that new months close as the old ones did.")
    notes = [note if with_roi else "", closing if found.months["matured"].notna().any() else ""]
    small = " ".join(filter(None, notes))
    section.html(tables.data_table(columns, rows[-SHOWN:], currency=section.currency, note=small))
    limits = [Column(_("Lower bound"), style), Column(_("Upper bound"), style)]
    place = 6 if found.base else 5
    bounds = [[row["matured_low"], row["matured_high"]] for row in found.months.to_dict("records")]
    section.sheet("", [*columns[:place], *limits, *columns[place + 1 :]], [
        [*cells[:place], *pair, *cells[place + 1 :]] for cells, pair in zip(rows, bounds, strict=True)
    ])  # fmt: skip


def _cells(row: dict[Any, Any], found: Deals) -> list[Any]:
    style = _style(found)
    apart = not is_missing(row["matured"]) and row["matured_high"] > row["matured_low"]
    between = write_interval(row["matured_low"], row["matured_high"], style, short=True) if apart else ""
    money = [row["seen"]] if found.base else []
    return [month_name(row["month"]), row["leads"], row["won"], row["open"], *money, _rounded(row["matured"], style),
            between, row["maturity"], row["roi"], row["roi_matured"]]  # fmt: skip


def _rounded(value: float, style: str) -> float:
    return value if is_missing(value) else _whole(value, style)


def _notices(section: Section, month: Month, found: Deals) -> None:
    if found.until < month.end:
        section.notice(_("The leads end on {day}: later ones and later deals are not known.").format(
            day=write_date(found.until)), _("Export them anew."))  # fmt: skip
    reasons = set(found.months["reason"]) & set(UNTOLD)
    for reason in sorted(reasons):
        text, step = UNTOLD[reason]
        section.notice(_(text), _(step) if step else "")
    if not found.lost_known:
        section.notice(_("Nothing says which deals are lost: all that are not won count as open."), _(NAME_LOST))
    if not found.base:
        section.notice(
            _("What the deals brought is not known: their number is followed instead."),
            _("Export the deals with their amount, or the orders with the number of their deal."),
        )
    if found.counted:
        said = ngettext("{n} lead is counted without a row of its own and is left out.",
                        "{n} leads are counted without rows of their own and are left out.", found.counted)  # fmt: skip
        section.notice(said.format(n=write_value(found.counted, "count")))
    if found.twice:
        said = ngettext(
            "{n} lead has a number that another has too: no order is counted for it.",
            "{n} leads share their number with another: no order is counted for them.",
            found.twice,
        )
        section.notice(said.format(n=write_value(found.twice, "count")),
                       _("Export the leads of each CRM with numbers of their own."))  # fmt: skip
    if found.base and found.months["others"].isna().all():
        section.notice(_("The orders do not name their deal: the ROI of a month of leads is not known."),
                       _("Add the number of the deal to the orders."))  # fmt: skip
    elif found.base and found.months["roi"].isna().all():
        section.notice(_("The ROI of a month of leads is not shown: the margin or the marketing costs are not known."))
