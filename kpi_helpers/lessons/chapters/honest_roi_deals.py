"""The exit question of the lesson on ROI: the sales of a month are not those of its leads."""

from __future__ import annotations

import math

import pandas as pd

from kpi_helpers.labels import month_name, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking, Lot
from kpi_helpers.lessons.misconceptions import slip_to
from kpi_helpers.lessons.questions import Choice, Option

LEAST_OPEN = 5  # qualified leads whose deals are open


def ask_open_deals(figures: Figures, lot: Lot) -> Choice:
    """What a month's ROI says while deals of its leads are open; Lacking where too few are in every month."""
    waiting = {month: number for month, number in open_deals(figures).items() if number >= LEAST_OPEN}
    found = [month for month in waiting if not math.isnan(figures.value("roi", month))
             and figures.sums(month).get("qualified_leads") and "won_leads" in figures.sums(month)]  # fmt: skip
    if not found:
        raise Lacking(_("the exports show no deals that are still open."))
    month = lot.one(found)
    sums, roi = figures.sums(month), write_value(figures.value("roi", month), "share")
    text = _("{month}: ROI with all marketing costs, by the sales of the month, is {roi}. Of the leads of the month "
             "{qualified} have qualified so far: {won} of them have bought, {open} are still open. Which sentence "
             "belongs in the report?")  # fmt: skip
    return Choice(
        text=text.format(month=month_name(month), roi=roi, open=write_value(waiting[month], "count"),
                         qualified=write_value(sums["qualified_leads"], "count"),
                         won=write_value(sums["won_leads"], "count")),
        answer="by_sales",
        options=tuple(lot.shuffled((
            Option("of_leads", _("The leads of {month} have brought an ROI of {roi}.").format(
                month=month_name(month, heading=False), roi=roi)),
            Option("by_sales", _("ROI by the sales of the month: {roi}. What its open leads buy comes later.").format(
                roi=roi)),
            Option("as_won", _("Count the open deals as won, then the ROI is right.")),
            Option("leave_out", _("Leave the ROI out until all deals are closed.")),
        ))),
        slips=(slip_to("sales_as_of_leads", "of_leads"), slip_to("open_as_won", "as_won"),
               slip_to("silence_for_caution", "leave_out")),
        hints=(
            _("Whose purchases does the month's margin hold: only those of the month's own leads?"),
            _("Say by what the number is counted, and in the same breath what of the leads is still open."),
        ),
        because=_("The ROI of a month counts its sales, whenever the leads came: open deals do not change it. What the "
                  "leads are worth shows when their deals are closed."),
        solution=_("To judge the leads, follow revenue from the month of the lead, and name what is still open beside "
                   "it."),
    )  # fmt: skip


def open_deals(figures: Figures) -> dict[pd.Timestamp, int]:
    """How many qualified leads of each finished month are neither won nor lost yet."""
    leads = figures.exports.tables.get("leads")
    if leads is None:
        return {}
    waiting = leads[leads["qualified"].eq(True).fillna(False) & leads["won"].isna()]
    months = waiting["created_at"].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp()
    return {month: int(number) for month, number in months.value_counts().sort_index().items()
            if month in figures.months}  # fmt: skip
