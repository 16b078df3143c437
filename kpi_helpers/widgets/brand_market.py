"""The market's part of the view: a company, a segment, a period."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import pandas as pd
from markupsafe import Markup

from kpi_helpers.brand import market_every, market_shares, period_name, segments_of, whole_market
from kpi_helpers.brand.market import market_rows
from kpi_helpers.brand.words import compared_with_words, growth_words, lacking_words, segments_note
from kpi_helpers.charts.brand import plot_market
from kpi_helpers.exports import Exports
from kpi_helpers.labels import NO_VALUE, is_missing, write_change, write_money, write_value
from kpi_helpers.language import _
from kpi_helpers.lettering import LONGEST_NAME, cut_middle
from kpi_helpers.tables import Column, data_table, notice, page_style
from kpi_helpers.widgets.view import Picture, View, choice, offer, row_of, still_page

MOST_ROWS = 20


class MarketExplorer(View):
    """Controls `company`, `segment` and `period`; `picture` and `words` follow them."""

    def __init__(self, exports: Exports) -> None:
        super().__init__()
        self.title, self._shown, self._market = _("The market"), "", exports.tables["market"]
        self._currency, self._every = exports.currency, market_every(self._market)
        told = {key: market_shares(self._market, key) for key in ["", *segments_of(self._market)]}
        self._shares = {key: shares for key, shares in told.items() if not key or len(shares)}
        lacking = lacking_words(self._market)
        self._lacking = notice(*lacking) if lacking else ""
        self.picture, self.words = Picture(), widgets.HTML()
        shares = self._shares[""]
        if shares.empty:
            self._shown = self._lacking or notice(_("The market table holds no whole quarter."))
            self.words.value = self._shown + page_style()
            self.root = widgets.VBox([self.words])
            return
        companies = sorted(shares["company"].unique(), key=lambda name: (name not in self._own(), name))
        self.company = choice(_("Company"), [(cut_middle(name, LONGEST_NAME), name) for name in companies])
        named = [(cut_middle(name, LONGEST_NAME) or _("The whole market"), name) for name in self._shares]
        self.segment = choice(_("Segment"), named)
        self.period = choice(_("Period"), self._periods(), shares["period"].max())
        self.root = widgets.VBox([row_of(self.company, self.segment, self.period), self.picture.widget, self.words])
        self.listen(self._change_segment, self.segment)
        self.listen(self._show, self.company, self.period)
        self._show()

    def pieces(self) -> str:
        """The view as it stands now, without the words on running it."""
        return (self.picture.still() if self.picture.widget.value else "") + self._shown

    def still(self) -> str:
        return still_page(self.pieces())

    def _own(self) -> set[str]:
        shares = self._shares[""]
        return set(shares.loc[shares["own"], "company"])

    def _periods(self) -> list[tuple[str, pd.Timestamp]]:
        days = sorted(self._shares[self.segment.value]["period"].unique())
        return [(period_name(pd.Timestamp(day), self._every), pd.Timestamp(day)) for day in days]

    def _change_segment(self) -> None:
        with self.quiet():
            offer(self.period, self._periods()[::-1], self.period.value)
        self._show()

    def _show(self) -> None:
        shares, company, period = self._shares[self.segment.value], self.company.value, self.period.value
        chosen = shares.assign(own=shares["company"] == company)
        chosen = chosen[chosen["period"] <= period]
        whole = whole_market(chosen)
        whole = whole[whole["period"] == period].iloc[0]
        rows = chosen[chosen["period"] == period]
        finding = self._finding(rows[rows["own"]], whole)
        self._draw(chosen, finding)
        point = _("A point of share is worth {money}.").format(
            money=write_money(whole["point"], self._currency, short=True))  # fmt: skip
        self._shown = self._table(rows, whole) + notice(point) + self._lacking
        self.words.value = self._shown + page_style()

    def _draw(self, shares: pd.DataFrame, finding: str) -> None:
        """The chart; none where nothing was sold, for then nobody has a share."""
        if shares["share"].isna().all():
            self.picture.widget.value = ""
            return
        rows = market_rows(shares, self._every)
        self.picture.show(plot_market(rows, finding=finding, subtitle=self._subtitle()), finding)

    def _subtitle(self) -> str:
        where = cut_middle(self.segment.value, LONGEST_NAME) or _("The whole market")
        return _("{market}: share of the sales of all companies in the table").format(market=where)

    def _finding(self, rows: pd.DataFrame, whole: pd.Series) -> str:
        name, period = cut_middle(self.company.value, LONGEST_NAME), period_name(whole["period"], self._every)
        if rows.empty:
            return _("{company} has no sales here in {period}").format(company=name, period=period)
        row = rows.iloc[0]
        words = _("{company}, {period}: {share} of the market").format(
            company=name, period=period, share=write_value(row["share"], "share"))  # fmt: skip
        if is_missing(row["share_before"]):
            return words
        change = write_change(row["share"], row["share_before"], "share")
        return _("{finding}, {change} on the year before").format(finding=words, change=change)

    def _table(self, rows: pd.DataFrame, whole: pd.Series) -> str:
        columns = [Column(_("Company")), Column(_("Sales"), "money"), Column(_("Share of the market"), "share"),
                   Column(_("Change of the share"), "number"), Column(_("Growth of sales"), "number")]  # fmt: skip
        cells = [_cells(row) for row in rows.head(MOST_ROWS).to_dict("records")]
        total = [
            _("The market"),
            whole["sales"],
            1.0 if whole["sales"] > 0 else None,
            "",
            growth_words(whole["growth"]) or NO_VALUE,
        ]
        note = compared_with_words(self._every) + segments_note(self._market)
        if not is_missing(whole["others"]) and not is_missing(whole["own"]):
            note += " " + _("Sales of {company}: {own}, of all others: {others}.").format(
                company=cut_middle(self.company.value, LONGEST_NAME), own=growth_words(whole["own"]),
                others=growth_words(whole["others"]))  # fmt: skip
        return data_table(columns, cells, currency=self._currency, total=total, note=note)


def _cells(row: dict[Any, Any]) -> list[Any]:
    name = cut_middle(str(row["company"]), LONGEST_NAME)
    shown = Markup("<strong>{}</strong>").format(name) if row["own"] else name
    return [shown, row["sales"], row["share"], write_change(row["share"], row["share_before"], "share"),
            growth_words(row["growth"]) or NO_VALUE]  # fmt: skip
