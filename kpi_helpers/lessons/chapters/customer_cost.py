"""What a customer costs: what stands above the line, what stands below it, and for which channels the order turns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kpi_helpers.charts.what_if import plot_sizes
from kpi_helpers.labels import channel_name, kpi_name, month_name, write_list
from kpi_helpers.language import N_, _
from kpi_helpers.lessons.chapters.customer_cost_asking import ask_channels, ask_ctr, ask_report
from kpi_helpers.lessons.chapters.customer_cost_cases import (
    COUNTS,
    FEW,
    Books,
    Way,
    books_of,
    last_year,
    named_costs,
    ways_of,
    write_cost,
    write_count,
)
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.lessons.script import BLANK, Experiment, Paragraph, Pick, Script, Shown, Step, steps_table
from kpi_helpers.tables import Column, data_table

RESULTS = {"cpc": N_("a click"), "cpl": N_("a lead"), "cpql": N_("a qualified lead"), "cpo": N_("an order")}
SAME = "same"  # as an option
CLEARLY = 1.1  # times as cheap as the next channel
FOUND = {
    "cpc": N_("{period}: the cheapest click comes from {channel}, {cost}"),
    "cpl": N_("{period}: the cheapest lead comes from {channel}, {cost}"),
    "cpql": N_("{period}: the cheapest qualified lead comes from {channel}, {cost}"),
    "cpo": N_("{period}: the cheapest order comes from {channel}, {cost}"),
}


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on the company's paid channels and on all that its marketing costs."""
    books = [month.as_written() for month in books_of(figures)]
    way = find_turn(ways_of(figures), lot)
    shown, *others = lot.shuffled(books)
    _case, blank = lot.clear(others, ask_blank)
    return Script(
        predict=ask_prediction(way, figures.currency), explore=vary_result(way, last_year(figures), figures.currency),
        explain=lambda said: explain(way, shown, figures.exports.company.vat, said),
        example=work_out(shown), blank=blank, fresh=[ask_ctr(figures, lot), ask_channels(figures, lot)],
        leave=ask_report(figures, lot),
        remember=(
            _("A cheap click is not a cheap customer: follow the money to the result that counts."),
            _("CAC = all marketing costs / new customers. Advertising is only a part of the costs."),
            _("An order is not a customer: existing customers buy, too."),
            _("The CTR of several campaigns: all clicks / all impressions, never the mean of percentages."),
        ),
    )  # fmt: skip


def find_turn(ways: Sequence[Way], lot: Lot) -> Way:
    """A month in which the cheapest click and the cheapest lead come from another channel than the cheapest qualified
    lead; else one in which the click does; else the last."""
    clear = [way for way in ways if all(way.leads_by(key) >= CLEARLY for key in ("cpc", "cpql"))]
    clicks = [way for way in clear if way.cheapest("cpc") != way.cheapest("cpql")]
    both = [way for way in clicks if way.cheapest("cpl") != way.cheapest("cpql")]
    return lot.one(both if len(both) > 1 else clicks or ways[:1])


# The steps


def ask_prediction(way: Way, currency: str) -> Choice:
    text = _("{period}. What a click cost: {costs}. Where did a qualified lead, one that sales could work with, cost "
             "least?")  # fmt: skip
    cheap, best = way.cheapest("cpc"), way.cheapest("cpql")
    return Choice(
        text=text.format(period=way.name, costs=named_costs(way, "cpc", currency)), answer=best,
        options=(*(Option(channel, channel_name(channel)) for channel in way.sums),
                 Option(SAME, _("Everywhere about the same"))),
        slips=(slip_to("cheap_clicks", cheap),) if cheap != best else (),
    )  # fmt: skip


def vary_result(way: Way, year: Way | None, currency: str) -> Experiment:
    periods = {"month": way} | ({"year": year} if year else {})

    def show(set_to: Mapping[str, Any]) -> Shown:
        key, chosen = set_to["result"], periods[set_to["period"]]
        ranked = [channel for channel in chosen.ranked(key) if math.isfinite(chosen.cost(key, channel))]
        none = [channel for channel in chosen.sums if channel not in ranked]
        if not ranked:
            return Shown(_("{period}: no channel has such a result.").format(period=chosen.name))
        best = ranked[0]
        finding = _(FOUND[key]).format(period=chosen.name, channel=channel_name(best),
                                       cost=write_cost(chosen.cost(key, best), currency))  # fmt: skip
        ax = plot_sizes(
            [(channel_name(channel), chosen.cost(key, channel)) for channel in ranked], style="money",
            currency=currency, strong=[channel_name(best)], finding=finding,
            subtitle=_("{period} · {kpi}: spend / results").format(kpi=kpi_name(key), period=chosen.name),
        )  # fmt: skip
        words = [finding + ".", _order_words(chosen, key), _nothing_words(none), _few_words(chosen, key, ranked)]
        return Shown(" ".join(filter(None, words)), ax, f"{finding}. {named_costs(chosen, key, currency)}")

    return Experiment(
        task=_("The money stays the same. Only what it is divided by changes: go from the click to the order, and "
               "watch which channel is the cheapest. Then see whether a whole year says the same."),
        controls=[
            Pick("result", _("What the money bought"), {key: _(words) for key, words in RESULTS.items()}, "cpc"),
            Pick("period", _("Period"), {key: period.name for key, period in periods.items()}, "month"),
        ],
        show=show,
    )  # fmt: skip


def _nothing_words(none: Sequence[str]) -> str:
    if not none:
        return ""
    return _("Money was spent and no such result came: {channels}.").format(
        channels=write_list([channel_name(channel) for channel in none])
    )


def _order_words(way: Way, key: str) -> str:
    """Why an order may cost less than a lead, though it comes later."""
    if key != "cpo" or not any(way.cost("cpo", channel) < way.cost("cpl", channel) for channel in way.sums):
        return ""
    return _("An order may cost less than a lead: many people order without leaving a request first.")


def _few_words(way: Way, key: str, channels: Sequence[str]) -> str:
    few = [f"{channel_name(channel)} ({write_count(way.sums[channel][COUNTS[key]])})" for channel in channels
           if way.sums[channel][COUNTS[key]] < FEW]  # fmt: skip
    if not few:
        return ""
    return _("Few results, so chance decides much: {channels}.").format(channels=write_list(few))


def explain(way: Way, books: Books, vat: str, said: Any) -> list[Paragraph]:
    best, currency = way.cheapest("cpql"), books.currency
    begin = _("You said {channel}. That is right.").format(channel=channel_name(best))
    if said != best and said in way.sums and math.isinf(way.cost("cpql", said)):
        begin = _("You said {channel}. There a click cost {click}, and not one qualified lead came.").format(
            channel=channel_name(said), click=write_cost(way.cost("cpc", said), currency))  # fmt: skip
    elif said != best and said in way.sums:
        begin = _("You said {channel}. There a click cost {click}, and a qualified lead: {lead}.").format(
            channel=channel_name(said), click=write_cost(way.cost("cpc", said), currency),
            lead=write_cost(way.cost("cpql", said), currency),
        )  # fmt: skip
    elif said == SAME:
        begin = _("You said about the same everywhere. It is not so: see the table.")
    elif said != best:
        begin = ""
    turned = _("The cheapest qualified lead came from {channel}: {cost}. Two gates lie between the click and "
               "the qualified lead: does the visitor leave a request, and can sales work with it?").format(
        channel=channel_name(best), cost=write_cost(way.cost("cpql", best), currency))  # fmt: skip
    customer = _("And a customer? {month}: {orders} orders, but only {new} new customers. The other orders are "
                 "repeat orders. Nor was the advertising, {spend}, all that marketing cost: together it "
                 "was {cost}.").format(
        month=month_name(books.month), orders=write_count(books.orders), new=write_count(books.new_customers),
        spend=books.money(books.spend), cost=books.money(books.spend + books.other_costs))  # fmt: skip
    pieces = (begin, turned, _way_table(way, currency), _order_words(way, "cpo"), customer, _vat_words(vat))
    return [piece for piece in pieces if piece]


def _way_table(way: Way, currency: str) -> Markup:
    """What each result cost by channel."""
    columns = [Column(_("Channel")), *(Column(_(words), "number") for words in RESULTS.values())]
    rows = [[channel_name(channel), *(write_cost(way.cost(key, channel), currency) for key in RESULTS)]
            for channel in way.ranked("cpql")]  # fmt: skip
    return Markup(data_table(columns, rows, caption=_("{period}: what it cost").format(period=way.name)))


def _vat_words(vat: str) -> str:
    if not vat:
        return ""
    held = _("The amounts of this company include VAT.")
    if vat == "excluded":
        held = _("The amounts of this company are without VAT.")
    return held + " " + _("Compare like with like: a channel billed without the tax looks cheaper than one billed with "
                          "it, and costs the same.")  # fmt: skip


def work_out(books: Books, blank: bool = False) -> list[Step]:
    """The cost of a new customer from advertising to all costs; `blank` leaves the last line to the learner."""
    together = books.spend + books.other_costs
    so_far, steps = books.spend, [Step(_("Advertising"), "", books.money(books.spend))]
    for kind, amount in books.costs:
        so_far += amount
        steps.append(Step(kind, f"+ {books.money(amount)}", books.money(so_far)))
    known = _("{new} of {orders} orders are the first of their customer").format(
        new=write_count(books.new_customers), orders=write_count(books.orders))  # fmt: skip
    steps.append(Step(_("New customers"), known, write_count(books.new_customers)))
    how = f"{books.money(together)} / {write_count(books.new_customers)}"
    steps.append(Step(f"CAC, {books.name}", *((BLANK, BLANK) if blank else
                                                                  (how, books.money(books.cac)))))  # fmt: skip
    return steps


def ask_blank(books: Books) -> Number:
    rounding = 0.01 if books.cac < 1 else 1.0
    named = {"spend": books.spend, "new_customers": books.new_customers}
    cost = books.spend + books.other_costs
    return Number(
        text=_("{month}. What did a new customer cost (CAC)?").format(month=month_name(books.month)),
        given=steps_table(work_out(books, blank=True)), answer=books.cac, style="money", currency=books.currency,
        rounding=rounding,
        slips=(
            slip("ads_only_cac", **named),
            slip("orders_as_customers", cost=cost, orders=books.orders),
            slip("cpo_as_cac", spend=books.spend, orders=books.orders),
        ),
        hints=(
            _("What belongs above the line, and how many people below it?"),
            _("Take the last sum of costs, and divide it by those who bought for the first time."),
        ),
        because=_("All that marketing cost, over those it won: the new customers."),
        solution=_("{cost} / {new} = {cac}").format(
            cost=books.money(cost), new=write_count(books.new_customers), cac=books.money(books.cac)),
    )  # fmt: skip
