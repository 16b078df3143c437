"""Channels by what their visits are worth: an order to find, and a reason that holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import combinations

import pandas as pd
from markupsafe import Markup

from kpi_helpers.labels import kpi_name, month_name, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.conversion_mix import write_count
from kpi_helpers.lessons.chapters.empty_visits import Traffic, channels_of, total_of
from kpi_helpers.lessons.figures import Figures, Lacking, Lot
from kpi_helpers.lessons.misconceptions import slip_to
from kpi_helpers.lessons.questions import Choice, Option, Order
from kpi_helpers.tables import Column, data_table

SPAN = 6  # months that are added up: in one, a channel has few leads
SEVERAL = 4  # channels to be put in order
GAP = 0.85  # of the next better channel: what is closer is no order
LEAST_QUALIFIED = 2


def ask_order(figures: Figures, lot: Lot) -> Order:
    """Channels from the one whose visits bring most qualified leads; Lacking where every order shows the same."""
    span, group = lot.one(_groups(figures))
    channels = lot.shuffled(group)
    columns = [Column(_("Channel")), *(Column(head, "number") for head in (
        kpi_name("visits"), kpi_name("bounce_rate"), kpi_name("leads"), kpi_name("qualified_leads")))]  # fmt: skip
    rows = [[one.channel, write_count(one.visits), write_value(one.bounce_rate, "share"), write_count(one.leads),
             write_count(one.qualified)] for one in channels]  # fmt: skip
    right = _by(channels, lambda one: -one.worth)
    ratios = [f"{one.channel}: {write_count(one.qualified)} / {write_count(one.visits)} = {_per_thousand(one)}"
              for one in sorted(channels, key=lambda one: -one.worth)]  # fmt: skip
    return Order(
        text=_("{first} to {last}. Put the channels in order: first the one whose visits are worth most to "
               "sales.").format(first=month_name(span[0]), last=month_name(span[-1], heading=False)),
        given=Markup(data_table(columns, rows)),
        answer=right, options=tuple(Option(one.scope, one.channel) for one in channels),
        slips=(
            slip_to("more_visits_better", _by(channels, lambda one: -one.visits)),
            slip_to("low_bounce_proves_people", _by(channels, lambda one: one.bounce_rate)),
            slip_to("leads_without_quality", _by(channels, lambda one: -one.leads)),
        ),
        hints=(
            _("A visit is worth what comes of it. Which column is the last that sales have checked?"),
            _("For each channel: qualified leads over visits. A small channel may be the first."),
        ),
        because=_("Per visit, not in total: a large channel brings more leads even when its visits are worth less."),
        solution=_("Qualified leads per 1,000 visits: {list}.").format(list="; ".join(ratios)),
    )  # fmt: skip


@lru_cache(maxsize=8)
def _groups(figures: Figures) -> list[tuple[list[pd.Timestamp], tuple[Traffic, ...]]]:
    """Half-years in which every lead was judged, and channels whose visits were not worth the same in them."""
    months = figures.judged_months()
    every = (months[first : first + SPAN] for first in range(len(months) - SPAN + 1))
    spans = [span for span in every if span[-1] == span[0] + pd.DateOffset(months=SPAN - 1)]
    found = [(span, group) for span in spans for group in combinations(_over(figures, span), SEVERAL)
             if _is_telling(group)]  # fmt: skip
    if not found:
        raise Lacking(_("in no half-year do channels differ in what their visits are worth."))
    return found


def _over(figures: Figures, months: Sequence[pd.Timestamp]) -> list[Traffic]:
    """The channels that are known in each of these months, over all of them."""
    every: dict[str, list[Traffic]] = {}
    for month in months:
        for one in channels_of(figures, month, "bounces"):
            every.setdefault(one.scope, []).append(one)
    return [total_of(found) for found in every.values() if len(found) == len(months)]


def _is_telling(channels: Sequence[Traffic]) -> bool:
    """Whether the worths lie apart and each wrong order is another than the right one and than the other wrong ones."""
    worth = sorted((one.worth for one in channels), reverse=True)
    if worth[0] * GAP**2 <= 0 or any(low > GAP * high for high, low in zip(worth, worth[1:], strict=False)):
        return False
    orders = [_by(channels, lambda one: -one.worth), *(_by(channels, key) for key in (
        lambda one: -one.visits, lambda one: one.bounce_rate, lambda one: -one.leads))]  # fmt: skip
    return len(set(orders)) == len(orders)


def ask_reason(figures: Figures, lot: Lot) -> Choice:
    """Which reason for more budget holds, of paid channels in a month."""
    months = [[one for one in channels_of(figures, month, "bounces") if one.spend > 0]
              for month in figures.judged_months()]  # fmt: skip
    found = [paid for paid in months if _is_trap(paid)]
    if not found:
        raise Lacking(_("in no month is the channel with the cheapest visits dearer by its qualified leads."))
    paid = lot.one(found)
    cheap = min(paid, key=lambda one: one.visit_cost)
    calm, big = min(paid, key=lambda one: one.bounce_rate), max(paid, key=lambda one: one.visits)
    best = min((one for one in paid if one.qualified), key=lambda one: one.qualified_cost)
    heads = [_("Ad spend"), kpi_name("visits"), kpi_name("bounce_rate"), kpi_name("leads"), kpi_name("qualified_leads")]
    columns = [Column(_("Channel")), *(Column(head, "number") for head in heads)]
    rows = [[one.channel, one.money(one.spend), write_count(one.visits), write_value(one.bounce_rate, "share"),
             write_count(one.leads), write_count(one.qualified)] for one in paid]  # fmt: skip
    cost, share = best.money(best.qualified_cost), write_value(calm.bounce_rate, "share")
    return Choice(
        text=_("{month}. One paid channel may get more budget. Which reason holds?").format(
            month=month_name(best.month)),
        given=Markup(data_table(columns, rows)), answer="qualified",
        options=tuple(lot.shuffled((
            Option("cheap", _("{channel}: a visit costs least there, {cost}.").format(
                channel=cheap.channel, cost=cheap.money(cheap.visit_cost))),
            Option("calm", _("{channel}: only {share} of its visits leave at once, so they are buyers.").format(
                channel=calm.channel, share=share)),
            Option("big", _("{channel}: it brings most visits, {visits}.").format(
                channel=big.channel, visits=write_count(big.visits))),
            Option("qualified", _("{channel}: a qualified lead costs least there, {cost}.").format(
                channel=best.channel, cost=cost)),
        ))),
        slips=(slip_to("cheap_clicks", "cheap"), slip_to("low_bounce_proves_people", "calm"),
               slip_to("more_visits_better", "big")),
        hints=(
            _("Which of the reasons could robots or the wrong audience fake?"),
            _("Look for the number that is checked outside the site, by those who talk to the leads."),
        ),
        because=_("Only this reason counts what sales confirmed. Whether more budget brings as much again is the "
                  "question of lesson 11."),
        solution=_("{channel}: {spend} / {qualified} qualified leads = {cost}.").format(
            channel=best.channel, spend=best.money(best.spend), qualified=write_count(best.qualified), cost=cost),
    )  # fmt: skip


def _is_trap(paid: Sequence[Traffic]) -> bool:
    """Whether there are several paid channels and the cheapest visits are not the cheapest qualified leads."""
    known = [one for one in paid if one.qualified >= LEAST_QUALIFIED]
    if len(paid) < 2 or not known or any(one.bounces != one.bounces for one in paid):
        return False
    best = min((one for one in paid if one.qualified), key=lambda one: one.qualified_cost)
    return best in known and best.scope != min(paid, key=lambda one: one.visit_cost).scope


def _by(channels: Sequence[Traffic], key: Callable[[Traffic], float]) -> tuple[str, ...]:
    return tuple(one.scope for one in sorted(channels, key=key))


def _per_thousand(one: Traffic) -> str:
    return write_value(1000 * one.worth, "points")
