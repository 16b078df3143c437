"""Explore: the return of the company, its channels or campaigns, and what another margin would make of it."""

from __future__ import annotations

from functools import lru_cache

import ipywidgets as widgets
import pandas as pd

from kpi_helpers.coverage import last_day
from kpi_helpers.exports import Exports
from kpi_helpers.labels import is_missing, lower_first, month_name, month_span, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.monthly import derive_tables, prepare_month
from kpi_helpers.returns import Basis, Level, Returns
from kpi_helpers.returns.notes import (
    campaign_note,
    credits_words,
    months_words,
    no_campaigns_words,
    open_words,
    pays_words,
    rule_words,
    tags_words,
    unclaimed_words,
)
from kpi_helpers.returns.pieces import chart_rows, few_campaigns, pay_table, proven, trap_table, ways_table
from kpi_helpers.returns.ripeness import AHEAD, OPEN, mark_open, unripe_scopes
from kpi_helpers.returns.words import finding_words, scope_words, trap_row, trap_words
from kpi_helpers.tables import data_table, notice, page_style
from kpi_helpers.terms import TABLES
from kpi_helpers.widgets.returns_chart import ReturnsChart
from kpi_helpers.widgets.view import NAMES_UNCUT, View, choice, offer, row_of, still_page

SPANS = (1, 3, 12)
USUAL_MARGIN = 40  # percent: where the slider stands if the exports know no margin


def explore_returns(exports: Exports) -> ReturnsExplorer:
    """A view of what the money spent brings; it says which export is missing where nothing can be told."""
    return ReturnsExplorer(exports)


class ReturnsExplorer(View):
    """Controls `level`, `month`, `span`, `basis`, `what_if` and `margin`; `picture` and `table` follow them."""

    def __init__(self, exports: Exports) -> None:
        super().__init__()
        self.title, self._exports, self._currency = _("Return: is the money well spent?"), exports, exports.currency
        self.picture, self.table, self._shown = ReturnsChart(), widgets.HTML(), ""
        self._returns = Returns(derive_tables(exports), margin_share=exports.company.margin_share)
        months = _whole_months(self._returns, exports)
        self._can_show = bool(months)
        if not months:
            self._shown = _nothing(exports)
            self.table.value = self._shown + page_style()
            self.root = widgets.VBox([self.table])
            return
        self.unripe = lru_cache(maxsize=None)(self._unripe)
        self._make_controls(months)
        self.listen(self._show, self.level, self.month, self.span, self.basis, self.what_if)
        self.listen(self._ask, self.margin)
        self._show()

    def still(self) -> str:
        return still_page(self.picture.still(), self._shown) if self._can_show else self._shown + page_style()

    def _make_controls(self, months: list[pd.Timestamp]) -> None:
        levels: list[tuple[str, Level]] = [(_("Channels"), "channel"), (_("Campaigns"), "campaign"),
                                           (_("Company"), "company")]  # fmt: skip
        self.level = choice(_("Show"), levels)
        self.month = choice(_("Up to"), [(month_name(month), month) for month in reversed(months)])
        self._earliest = months[0]
        self.span = choice(_("Period"), self._spans())
        bases: list[tuple[str, Basis]] = [(_("month of the order"), "order"), (_("month of the lead"), "lead")]
        self.basis = choice(
            _("Revenue by"), bases, tooltip=_("By the month of the lead, what a deal brought counts when it began")
        )
        self.what_if = widgets.Checkbox(
            value=False, description=_("What if the margin were"), indent=False, layout={"width": "auto"},
            tooltip=_("Off: the margin that the exports say"),
        )  # fmt: skip
        self.margin = widgets.IntSlider(
            value=self._real_margin(), min=0, max=100, description=_("Margin in revenue, %"), style=NAMES_UNCUT,
            tooltip=_("Move it: the ROI on revenue stays, ROMI follows"),
            layout={"width": "380px", "max_width": "100%"},
        )  # fmt: skip
        controls = [self.level, self.span, self.month, self.basis, self.what_if, self.margin]
        style = widgets.HTML(page_style())
        self.root = widgets.VBox([style, row_of(*controls), self.picture.widget, self.table])

    def _real_margin(self) -> int:
        """The margin of all revenue as the exports say it, in percent."""
        share = self._returns.table("company", self._first, self.month.value)["margin_share"]
        return USUAL_MARGIN if is_missing(share.iloc[0]) else round(min(max(float(share.iloc[0]), 0.0), 1.0) * 100)

    def _spans(self) -> list[tuple[str, int]]:
        """The periods up to the month chosen that do not begin before the first month that is known, the longest
        first."""
        known = (self.month.value.year - self._earliest.year) * 12 + self.month.value.month - self._earliest.month + 1
        return [(_months_words(span), span) for span in SPANS[::-1] if span <= known]

    @property
    def _first(self) -> pd.Timestamp:
        return self.month.value - pd.DateOffset(months=self.span.value - 1)

    def _unripe(self, month: pd.Timestamp, span: int) -> frozenset[str]:
        """The channels whose deals of these months will bring much more, as the exports know it on their last day."""
        first = month - pd.DateOffset(months=span - 1)
        paid = self._returns.table("channel", first, month)["scope"]
        return unripe_scopes(prepare_month(self._exports, f"{month:%Y-%m}"), paid, span)

    def _ask(self) -> None:
        """Who moves the margin asks what if."""
        with self.quiet():
            self.what_if.value = True
        self._show()

    def _show(self) -> None:
        if self._spans() != list(self.span.options):
            with self.quiet():
                offer(self.span, self._spans(), self.span.value)
        share = self.margin.value / 100 if self.what_if.value else None
        first, last, basis = self._first, self.month.value, self.basis.value
        unripe = self.unripe(last, self.span.value)
        earned = self._returns.earned_by_leads(first, last, share) if unripe else frozenset()
        company, channels, table = (mark_open(self._returns.table(level, first, last, basis, share), unripe, earned)
                                    for level in ("company", "channel", self.level.value))  # fmt: skip
        self._draw(table)
        self._shown = "".join([
            self._what_if_words(company), self._credits(first, last), self._table(table), self._trap(company, channels)
        ])  # fmt: skip
        self.table.value = self._shown

    def _draw(self, table: pd.DataFrame) -> None:
        if table["margin_share"].isna().all():
            self.picture.clear()
            return
        self.picture.show_margins(chart_rows(table), finding_words(table), self._subtitle(table))

    def _subtitle(self, table: pd.DataFrame) -> str:
        words = [month_span(self._first, self.month.value)]
        if self.basis.value == "lead":
            words.append(_("deals in the month of their lead"))
        if self.what_if.value:
            words.append(_("what if"))
        return ". ".join(filter(None, (", ".join(words), months_words(table, self.span.value)))).rstrip(".")

    def _credits(self, first: pd.Timestamp, last: pd.Timestamp) -> str:
        credits = self._returns.credits(first, last)
        return notice(*credits_words(credits, self._currency)) if len(credits) else ""

    def _what_if_words(self, company: pd.DataFrame) -> str:
        if not self.what_if.value and company["margin"].notna().any():
            return ""
        if not self.what_if.value:
            return notice(_("ROMI is not shown: the margin is unknown."), _("Move the slider: what would it be?"))
        real = self._returns.table("company", self._first, self.month.value, self.basis.value)["margin_share"].iloc[0]
        known = _("no margin") if is_missing(real) else write_value(real, "share")
        return notice(
            _("What if the margin were {share} everywhere?").format(
                share=write_value(self.margin.value / 100, "share", short=True)
            ),
            _("The exports say {share}. The ROI on revenue does not move: it does not know the margin.").format(
                share=known
            ),
        )

    def _table(self, table: pd.DataFrame) -> str:
        if self.level.value != "campaign":
            return self._both_tables(table, _("Scope") if self.level.value == "company" else _("Channel"))
        tags = self._returns.strange_tags(self._first, self.month.value, self.basis.value)
        strange = notice(*tags_words(tags, self._currency)) if len(tags) else ""
        if not (table["revenue"] > 0).any():
            return strange or notice(*no_campaigns_words())
        note = campaign_note(table, self._returns.told_apart or self._returns.from_deals)
        return self._both_tables(proven(pd.concat(few_campaigns(table))), _("Campaign"), note) + strange

    def _both_tables(self, table: pd.DataFrame, head: str, note: str = "") -> str:
        named = "unclaimed" in table
        notes = [pays_words(), rule_words(self._returns.credited) if named else "",
                 unclaimed_words(table) if named else "",
                 open_words() if table["verdict"].isin([OPEN, AHEAD]).any() else ""]  # fmt: skip
        pays = data_table(*pay_table(table, head), currency=self._currency, note=" ".join(filter(None, notes)))
        return pays + data_table(*ways_table(table, head), currency=self._currency, note=note)

    def _trap(self, company: pd.DataFrame, channels: pd.DataFrame) -> str:
        row = trap_row(company, channels)
        if row is None:
            return ""
        caption = _("Are you sure? {name}: the same money under several names").format(name=scope_words(row["scope"]))
        return data_table(*trap_table(row), caption=caption, note=trap_words(row, self._currency))


def _whole_months(returns: Returns, exports: Exports) -> list[pd.Timestamp]:
    """The months that are over and of which some advertising and some revenue is known."""
    today, sums = last_day(exports), returns.sums("company", "order")
    known = sums[sums["spend"].notna() & sums["revenue"].notna()]["period"]
    return [month for month in known if today is not None and month + pd.offsets.MonthEnd(0) <= pd.Timestamp(today)]


def _nothing(exports: Exports) -> str:
    """Why there is nothing to show."""
    missing = [TABLES[key] for key in ("ads", "orders") if key not in exports.tables]
    said = [notice(_("No export: {table}.").format(table=lower_first(_(table.name))),
                   _("Add {export}.").format(export=_(table.source))) for table in missing]  # fmt: skip
    return "".join(said) or notice(_("No month is over of which both advertising and revenue are known."))


def _months_words(span: int) -> str:
    return ngettext("{n} month", "{n} months", span).format(n=span)
