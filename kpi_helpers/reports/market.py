"""The market by company and segment: a part of the section on the brand."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.brand import market_every, market_shares, period_name, segments_of, whole_market
from kpi_helpers.brand.market import YEAR, market_rows
from kpi_helpers.brand.words import compared_with_words, growth_words, lacking_words, market_finding, segments_note
from kpi_helpers.charts.brand import plot_market
from kpi_helpers.labels import NO_VALUE, is_missing, write_change, write_money
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle
from kpi_helpers.monthly import Month
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column

MOST_ROWS = 20


def show_market(section: Section, month: Month) -> None:
    """Shares and growth of each company in the last quarter, by segment where there are any."""
    market = _known(month)
    shares, every = market_shares(market), market_every(market)
    if lacking := lacking_words(market):
        section.notice(*lacking)
    if shares.empty:
        return
    whole = whole_market(shares)
    last = whole.iloc[-1]
    name = period_name(last["period"], every)
    rows = shares[shares["period"] == last["period"]]
    columns = [Column(_("Company")), Column(_("Sales"), "money"), Column(_("Share of the market"), "share"),
               Column(_("A year before"), "share"), Column(_("Change of the share"), "number"),
               Column(_("Growth of sales"), "number")]  # fmt: skip
    cells = [_company_cells(row) for row in rows.head(MOST_ROWS).to_dict("records")]
    total = [
        _("The market"),
        last["sales"],
        1.0 if last["sales"] > 0 else None,
        None,
        "",
        growth_words(last["growth"]) or NO_VALUE,
    ]
    point = _("A point of share is worth {money}.").format(
        money=write_money(last["point"], section.currency, short=True))  # fmt: skip
    note = f"{compared_with_words(every)} {point}"
    if is_missing(last["growth"]) and (shares["period"] < last["period"]).any():
        note += " " + _(
            "Changes of shares and the growth of the market are not told: a year before the table had other "
            "companies or segments, or none."
        )
    note += segments_note(market)
    section.table(columns, cells, caption=_caption(name), note=note, total=total)
    if shares.loc[shares["share"].notna(), "period"].nunique() > 1:
        finding = market_finding(shares, whole, name)
        section.chart(plot_market(market_rows(shares, every), finding=finding,
                                  subtitle=_("share of the sales of all companies in the table")), finding)  # fmt: skip
    _by_segment(section, market, every)


def share_is_below(month: Month) -> str:
    """Where the market share stands in a month that it is not told of by itself; "" where it stands nowhere."""
    if "market" not in month.tables or (shares := market_shares(_known(month))).empty:
        return ""
    every = market_every(_known(month))
    said = _("The market share is known by year: “{table}”, below.") if every == YEAR else _(
        "The market share is known by quarter: “{table}”, below.")  # fmt: skip
    return said.format(table=_caption(period_name(whole_market(shares).iloc[-1]["period"], every)))


def _known(month: Month) -> pd.DataFrame:
    """The market as far as the month's end, with the months that cannot be compared."""
    market: pd.DataFrame = month.exports.tables["market"]
    return market[market["period"] <= pd.Timestamp(month.end)]


def _caption(period: str) -> str:
    return _("The market, {period}").format(period=period)


def _company_cells(row: dict[Any, Any]) -> list[Any]:
    before = row["share_before"]
    name = cut_middle(str(row["company"]), 40)
    shown = Markup("<strong>{}</strong>").format(name) if row["own"] else name
    return [shown, row["sales"], row["share"], None if is_missing(before) else before,
            write_change(row["share"], before, "share"), growth_words(row["growth"]) or NO_VALUE]  # fmt: skip


def _by_segment(section: Section, market: pd.DataFrame, every: str) -> None:
    """The own share in each segment of the market."""
    rows = []
    for segment in segments_of(market)[:MOST_ROWS]:
        shares = market_shares(market, segment)
        own = shares[shares["own"] & (shares["period"] == shares["period"].max())]
        if own.empty:
            continue
        row, whole = own.iloc[0], whole_market(shares).iloc[-1]
        change = write_change(row["share"], row["share_before"], "share")
        rows.append([cut_middle(segment, 40), period_name(row["period"], every), whole["sales"], row["sales"],
                     row["share"], change, growth_words(whole["growth"]) or NO_VALUE])  # fmt: skip
    if not rows:
        return
    columns = [Column(_("Segment")), Column(_("Period")), Column(_("Sales of the market"), "money"),
               Column(_("Own sales"), "money"), Column(_("Share of the market"), "share"),
               Column(_("Change of the share"), "number"), Column(_("Growth of the segment"), "number")]  # fmt: skip
    section.table(columns, rows, caption=_("Own share by segment"))
