"""Explore: who buys again and when, what a customer is worth, and whether that covers the cost of one."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
from markupsafe import Markup

from kpi_helpers.coverage import last_day
from kpi_helpers.customer_value import (
    ALL_COSTS,
    EVERYBODY,
    OWN_COSTS,
    Cohorts,
    Customers,
    Paths,
    acquisition_costs,
    cohort_table,
    cost_of,
    expect_money,
    fit_kinds,
    gather_cohorts,
    gather_customers,
)
from kpi_helpers.customer_value.groups import Group
from kpi_helpers.customer_value.known_words import (
    base_words,
    margin_words,
    newness_words,
    nobody_words,
    too_late_words,
    unknown_words,
)
from kpi_helpers.customer_value.pictures import Drawn, draw_cohorts, draw_payback, draw_second
from kpi_helpers.customer_value.segments import is_long_enough, segment_piece
from kpi_helpers.customer_value.words import (
    KINDS,
    ahead_words,
    group_name,
    parameter_words,
    second_words,
    single_words,
)
from kpi_helpers.customer_value.worth import DISCOUNT, HORIZON, HORIZONS, LEAST
from kpi_helpers.customers import describe_second_purchase, parameter_table
from kpi_helpers.exports import Exports
from kpi_helpers.labels import lower_first
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import LONGEST_NAME, cut_middle
from kpi_helpers.monthly import prepare_month
from kpi_helpers.past import COMPANY
from kpi_helpers.tables import data_table, notice, page_style
from kpi_helpers.terms import TABLES
from kpi_helpers.widgets.customers_tables import cohort_html, worth_of, worth_table
from kpi_helpers.widgets.view import NAMES_UNCUT, Picture, View, choice, row_of, still_page

DRAWS = 100  # of the bootstrap: some seconds for thousands of customers
MOST_RATE = 50  # per cent a year
_SAID = Markup('<div class="kpi"><p>{}</p></div>')
_FINE = Markup('<div class="kpi"><p class="note">{}</p></div>')


def explore_customers(exports: Exports) -> CustomerExplorer:
    """A view of the customers: retention, second purchase, value and payback; says what is missing where it must."""
    return CustomerExplorer(exports)


class Panel(Picture):
    """A picture, or words where there is nothing to draw."""

    _words = ""

    def put(self, drawn: Drawn | None, words: str = "") -> None:
        """Show what was drawn, or say the words."""
        if drawn:
            self.show(*drawn)
            return
        self._ax, self._words, self.widget.value = None, words, words

    def still(self) -> str:
        return super().still() or self._words


class CustomerExplorer(View):
    """Controls `group`, `months`, `rate`, `shown` and the button `draw`; pictures and tables follow them."""

    def __init__(self, exports: Exports) -> None:
        super().__init__()
        self.title, self._currency = _("Customers"), exports.currency
        self.said, self.worth, self.months_table = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.rest, self.fine, self.waiting = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.payback, self.second, self.cohorts = Panel(), Panel(), Panel()
        self._missing = self._open(exports)
        if self._missing:
            self.said.value = self._missing + page_style()
            self.root = widgets.VBox([self.said])
            return
        self._build()
        self._change_group()

    def still(self) -> str:
        if self._missing:
            return self._missing + page_style()
        payback, second, cohorts = (picture.still() for picture in (self.payback, self.second, self.cohorts))
        return still_page(self.said.value, self.worth.value, payback, self.months_table.value, second, cohorts,
                          self.rest.value, self.fine.value)  # fmt: skip

    # What is computed once

    def _open(self, exports: Exports) -> str:
        """Gather the customers and fit the models; what is missing as a notice, "" where nothing is."""
        today = last_day(exports)
        if today is None or not len(exports.tables.get("orders", ())):
            table = TABLES["orders"]
            return notice(_("No export: {table}.").format(table=lower_first(_(table.name))),
                          _("Add {export}.").format(export=_(table.source)))  # fmt: skip
        month = prepare_month(exports, f"{today:%Y-%m}")
        self._everybody = gather_customers(month)
        self._customers: Customers = self._everybody.newcomers
        newness = self._everybody.newness
        if newness is None:
            return notice(*nobody_words(month.tables["orders"]))
        words, step = newness_words(newness)
        if self._customers.purchases.empty:
            return notice(f"{words} {too_late_words()}".strip(), step)
        self._newness = notice(words, step) if words else ""
        self._costs = acquisition_costs(month, self._everybody.until, newness.since)
        self._groups = self._customers.groups()
        self._members = np.array([self._customers.members(group) for group in self._groups])
        self._held: dict[str, Cohorts] = {}
        self._fit(0)
        return ""

    def _fit(self, draws: int) -> None:
        self._lifetimes = fit_kinds(self._customers, draws)
        self._paths: Paths = expect_money(self._customers, self._lifetimes, self._members)

    def _build(self) -> None:
        names = [(cut_middle(group_name(group), LONGEST_NAME), place) for place, group in enumerate(self._groups)]
        self.group = choice(_("Customers"), names)
        ahead = [(ngettext("{n} month", "{n} months", months).format(n=months), months) for months in HORIZONS]
        self.months = widgets.ToggleButtons(options=ahead, value=HORIZON, description=_("Ahead"),
                                            style={**NAMES_UNCUT, "button_width": "auto"})  # fmt: skip
        self.rate = widgets.IntSlider(
            value=round(DISCOUNT * 100), min=0, max=MOST_RATE, description=_("Discount a year, %"), style=NAMES_UNCUT,
            tooltip=_("Money of next year is worth so much less today"), continuous_update=False,
            layout={"width": "360px", "max_width": "100%"},
        )  # fmt: skip
        self.shown = widgets.ToggleButtons(
            options=[(_("share and number"), "both"), (_("share"), "share"), (_("number"), "count")], value="both",
            description=_("In the cells"), style={**NAMES_UNCUT, "button_width": "auto"},
        )  # fmt: skip
        self.draw = widgets.Button(description=_("Compute the interval"), layout={"width": "auto"},
                                   tooltip=_("Fits the models to resampled customers: takes some seconds"))  # fmt: skip
        has_models = any(not lifetime.reason for lifetime in self._lifetimes.values())
        self.draw.disabled = not has_models
        self.root = widgets.VBox([
            widgets.HTML(page_style()), row_of(self.group, self.months, self.rate), self.said,
            row_of(self.draw, self.waiting), self.worth, self.payback.widget, self.months_table, self.second.widget,
            self.shown, self.cohorts.widget, self.rest, self.fine,
        ])  # fmt: skip
        self.listen(self._change_group, self.group)
        self.listen(self._change_value, self.months, self.rate)
        self.listen(self._draw_cohorts, self.shown)
        self.listen(self._compute_interval, self.draw)

    # What follows the controls

    @property
    def _group(self) -> Group:
        return self._groups[self.group.value]

    @property
    def _channel(self) -> str:
        """The channel whose costs the group is held against: that of a channel, for the others the company's."""
        column, value = self._group
        return str(value) if column == "channel" else COMPANY

    @property
    def _cac(self) -> float:
        """The cost of a new customer of the group; NaN where costs do not tell it apart, as by kind."""
        column, value = self._group
        if column == "kind":
            return float("nan")
        return cost_of(self._costs, self._channel, int(value) if column == "year" else None)

    def _change_group(self) -> None:
        self._part = self._customers.part(self._group)
        self._change_value()
        self._draw_payback()
        self.second.put(draw_second(self._part))
        self._draw_cohorts()
        if is_long_enough(self._everybody):
            self.rest.value = data_table(**segment_piece(self._everybody, self._group), currency=self._currency)
        self.fine.value = str(_FINE.format(" ".join(filter(None, self._small_print()))))

    def _change_value(self) -> None:
        """What follows horizon and rate: words and tables, no picture."""
        months, rate = int(self.months.value), self.rate.value / 100
        self._show_words(months, rate)
        worth = worth_of(self._paths, self.group.value, self._cac, months, rate, self._part)
        lifetimes = {kind: self._lifetimes[kind] for kind in self._part.kinds}
        how = self._cost_words(), single_words(self._paths, self.group.value, lifetimes, seen=worth.seen)
        self.worth.value = worth_table(worth, self._part.money, self._currency, months, rate, *how)
        self._show_months(months, rate)

    def _show_words(self, months: int, rate: float) -> None:
        if self._group[0] in (EVERYBODY, "kind"):
            said = ahead_words(self._part.kinds, self._lifetimes, self._currency, months, rate)
        else:
            said = [second_words(describe_second_purchase(self._part.purchases))]
        self.said.value = self._newness + "".join(str(_SAID.format(text)) for text in said)

    def _show_months(self, months: int, rate: float) -> None:
        column, value = self._group
        if column == "kind" or self._part.money != "margin":
            self.months_table.value = ""
            return
        if self._channel not in self._held:
            self._held[self._channel] = gather_cohorts(self._customers, self._lifetimes, self._channel)
        table = cohort_table(self._held[self._channel], self._costs, months, rate)
        if column == "year":
            table = table[table["month"].dt.year == value]
        self.months_table.value = cohort_html(table, months, self._currency)

    def _compute_interval(self) -> None:
        self.waiting.value = str(_FINE.format(_("Computing: some seconds …")))
        self._fit(DRAWS)
        failed = [kind for kind, lifetime in self._lifetimes.items() if lifetime.draws and not lifetime.sound_draws]
        self.waiting.value = notice(_("No interval: too many of the resampled fits failed.")) if failed else ""
        self.draw.disabled = True
        self._change_value()
        self._draw_payback()
        self.fine.value = str(_FINE.format(" ".join(filter(None, self._small_print()))))

    def _draw_payback(self) -> None:
        drawn = draw_payback(self._part, self._group, self._paths, self.group.value, self._cac, self._currency)
        self.payback.put(drawn, notice(_("Fewer than {few} customers: no curve is drawn.").format(few=LEAST)))

    def _draw_cohorts(self) -> None:
        self.cohorts.put(draw_cohorts(self._part, self.shown.value))

    # Words

    def _cost_words(self) -> str:
        column, value = self._group
        of = self._costs.loc[self._costs["channel"] == self._channel, "of"]
        if column == "kind":
            return _("costs do not say whom they brought")
        if of.empty:
            return _("no costs of this channel") if self._channel != COMPANY else _("no export of advertising")
        words = {ALL_COSTS: _("all marketing costs"), OWN_COSTS: _("its ads and other costs of its own")}
        span = _("of {year}").format(year=int(value)) if column == "year" else _("of all months")
        return f"{words.get(of.iloc[0], _('ads only'))}, {span}"

    def _small_print(self) -> list[str]:
        newness = self._everybody.newness
        said = [base_words(newness) if newness else "", unknown_words(self._customers), margin_words(self._everybody)]
        for kind, lifetime in self._lifetimes.items():
            if kind in self._part.kinds and (words := parameter_words(lifetime, parameter_table(lifetime))):
                said += [f"{_(KINDS[kind])}: {words}" if len(self._lifetimes) > 1 else words]
        return [*said, _("The models know no season and no growth; each channel has its own margin."),
                _("The intervals are of the mean of many such customers; the CAC is taken as it is.")]  # fmt: skip
