"""The questions of the lesson on costs: CTR of several campaigns, channels by qualified lead, two costs in a report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations, pairwise

import pandas as pd
from markupsafe import Markup

from kpi_helpers.history import COMPANY
from kpi_helpers.labels import channel_name, month_name, write_money, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, compute
from kpi_helpers.lessons.misconceptions import Slip, slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option, Order
from kpi_helpers.tables import Column, data_table

MONTHS = YEAR = 12  # back, from which cases are drawn
MOST_CAMPAIGNS = 6  # of a month, of which some are asked about
CAMPAIGNS = 3
CHANNELS = (3, 4)  # to be put in order
APART = 1.1  # times: costs that are nearer to each other cannot be put in order
CHANGED = 0.03  # of a cost: a smaller change is not asked about


@dataclass(frozen=True)
class Campaigns:
    """Some campaigns of a month: impressions and clicks by name."""

    month: pd.Timestamp
    rows: pd.DataFrame

    @cached_property
    def ctr(self) -> float:
        return compute("ctr", **{name: float(self.rows[name].sum()) for name in ("clicks", "impressions")})


def ask_ctr(figures: Figures, lot: Lot) -> Number:
    """The CTR of several campaigns together; Lacking where there are no campaigns that differ."""
    return lot.clear(_campaigns(figures), _ask_ctr)[1]


@lru_cache(maxsize=8)
def _campaigns(figures: Figures) -> list[Campaigns]:
    ads = figures.exports.tables.get("ads")
    if ads is None or ads["campaign"].isna().all():
        raise Lacking(_("the exports name no campaigns."))
    month = ads["date"].dt.to_period("M").dt.to_timestamp()
    recent = ads.assign(month=month)[month.isin(figures.months[-MONTHS:])]
    sums = recent.groupby(["month", "campaign"])[["impressions", "clicks"]].sum(min_count=1)
    sums = sums[(sums > 0).all(axis=1)]
    found = []
    for month, rows in sums.groupby(level="month"):
        largest = rows.droplevel("month").sort_values("impressions", ascending=False)[:MOST_CAMPAIGNS]
        for chosen in combinations(range(len(largest)), min(CAMPAIGNS, len(largest))):
            found.append(Campaigns(month, largest.iloc[list(chosen)]))
    return found


def _ask_ctr(case: Campaigns) -> Number:
    impressions, clicks = (case.rows[name].tolist() for name in ("impressions", "clicks"))
    shown = [
        [str(name), *row, row[1] / row[0]] for name, *row in zip(case.rows.index, impressions, clicks, strict=True)
    ]
    columns = [Column(_("Campaign")), Column(_("Impressions"), "count"), Column(_("Clicks"), "count"),
               Column("CTR", "share")]  # fmt: skip
    totals = [write_value(sum(values), "count") for values in (clicks, impressions)]
    return Number(
        text=_("{month}. What is the CTR of these campaigns together, in percent with one decimal?").format(
            month=month_name(case.month)),
        given=Markup(data_table(columns, shown)), answer=case.ctr, style="share", rounding=0.001,
        slips=(
            slip("mean_of_ratios", above=clicks, below=impressions),
            slip("rates_added", above=clicks, below=impressions),
        ),
        hints=(
            _("The campaigns are not equally large. Does each percentage weigh the same?"),
            _("Add the clicks, add the impressions, and divide only then."),
        ),
        because=_("Sum over sum: each impression counts once, in whichever campaign it was shown."),
        solution=_("{clicks} / {impressions} = {ctr}").format(
            clicks=totals[0], impressions=totals[1], ctr=write_value(case.ctr, "share")),
    )  # fmt: skip


# Channels in order


@dataclass(frozen=True)
class Row:
    """A channel's month: all that is booked on it, advertising and other costs, and what came."""

    channel: str
    cost: float
    leads: float
    qualified: float

    @property
    def per_lead(self) -> float:
        return self.cost / self.leads

    @property
    def per_qualified(self) -> float:
        return self.cost / self.qualified if self.qualified else math.inf


def ask_channels(figures: Figures, lot: Lot) -> Order:
    """Channels by the cost of a qualified lead; Lacking where any way to look at them gives the same order."""
    month, rows = lot.one(_groups(figures))
    return _ask_channels(month, lot.shuffled(rows), figures.currency)


@lru_cache(maxsize=8)
def _groups(figures: Figures) -> list[tuple[pd.Timestamp, tuple[Row, ...]]]:
    """Months in which all leads were judged, and channels that most mistakes put in another order."""
    months = figures.judged_months()[-MONTHS:]
    cases = [(month, rows) for month in months for rows in _choices(_rows(figures, month))]
    if not cases:
        raise Lacking(_("the exports tell of too few channels what they cost."))
    most = max(len(_slips(rows)) for _month, rows in cases)
    return [case for case in cases if len(_slips(case[1])) == most]


def _rows(figures: Figures, month: pd.Timestamp) -> list[Row]:
    found = []
    for channel in figures.history.scopes("leads"):
        sums = figures.sums(month, channel)
        cost = sums.get("spend", 0.0) + sums.get("other_costs", 0.0)
        if cost > 0 and sums.get("leads") and "qualified_leads" in sums:
            found.append(Row(channel, cost, sums["leads"], sums["qualified_leads"]))
    return found


def _choices(rows: Sequence[Row]) -> Iterator[tuple[Row, ...]]:
    for number in CHANNELS:
        for chosen in combinations(rows, number):
            if _is_clear(chosen):
                yield chosen


def _is_clear(rows: Sequence[Row]) -> bool:
    """Whether no two costs are nearly the same, and a known mistake leads to another order."""
    costs = sorted(row.per_qualified for row in rows)
    apart = all(low * APART <= high and math.isfinite(low) for low, high in pairwise(costs))
    return apart and bool(_slips(rows))


def _slips(rows: Sequence[Row]) -> list[Slip]:
    """The orders that mistakes lead to, where they differ from the right one and from each other."""
    found = {_order(rows, "per_lead"): "cheap_leads", _order(rows, "cost"): "total_as_cost_each"}
    return [slip_to(name, order) for order, name in found.items() if order != _order(rows, "per_qualified")]


def _order(rows: Sequence[Row], name: str) -> tuple[str, ...]:
    return tuple(row.channel for row in sorted(rows, key=lambda row: getattr(row, name)))


def _ask_channels(month: pd.Timestamp, rows: Sequence[Row], currency: str) -> Order:
    columns = [Column(_("Channel")), Column(_("All costs"), "money"), Column(_("Leads"), "count"),
               Column(_("Qualified leads"), "count")]  # fmt: skip
    table = [[channel_name(row.channel), row.cost, row.leads, row.qualified] for row in rows]
    each = "; ".join(f"{channel_name(row.channel)}: {_price(row, currency)}"
                     for row in sorted(rows, key=lambda row: row.per_qualified))  # fmt: skip
    return Order(
        text=_("{month}. Put the channels in order by what a qualified lead cost, the cheapest first. A channel "
               "without any comes last.").format(month=month_name(month)),
        given=Markup(data_table(columns, table, currency=currency,
                                note=_("All costs: advertising and what else is booked on the channel, such as an "
                                       "agency, content or a service."))),
        answer=_order(rows, "per_qualified"),
        options=tuple(Option(row.channel, channel_name(row.channel)) for row in rows),
        slips=tuple(_slips(rows)),
        hints=(
            _("A qualified lead has its price: which two columns make it?"),
            _("Divide all costs by the qualified leads, channel by channel. The unpaid channels cost money, too."),
        ),
        because=_("So channels are compared by what sales can work with, and by all that they cost."), solution=each,
    )  # fmt: skip


def _price(row: Row, currency: str) -> str:
    return _("no qualified lead") if math.isinf(row.per_qualified) else write_money(row.per_qualified, currency)


# Two costs in a report


@dataclass(frozen=True)
class Turn:
    """Two months, or the same month of two years, between which a lead became cheaper and a qualified one dearer."""

    scope: str
    months: tuple[pd.Timestamp, pd.Timestamp]
    values: Mapping[str, tuple[float, float]]


def ask_report(figures: Figures, lot: Lot) -> Choice:
    """Which sentence two costs allow; Lacking where in no month they went different ways."""
    turns = _turns(figures)
    if not turns:
        raise Lacking(_("in no month did a lead become cheaper and a qualified lead dearer."))
    turn = lot.one(turns)
    scope = _("All channels") if turn.scope == COMPANY else channel_name(turn.scope)
    money = {key: [write_money(value, figures.currency) for value in pair] for key, pair in turn.values.items()}
    text = _("{scope}. {before}: a lead cost {cpl}, a qualified lead {cpql}. {after}: a lead {cpl_after}, a qualified "
             "lead {cpql_after}. Which sentence belongs in the report?")  # fmt: skip
    return Choice(
        text=text.format(scope=scope, before=month_name(turn.months[0]), after=month_name(turn.months[1]),
                         cpl=money["cpl"][0], cpl_after=money["cpl"][1], cpql=money["cpql"][0],
                         cpql_after=money["cpql"][1]),
        answer="both",
        options=(
            Option("cheaper", _("The advertising works better: a lead costs less than before.")),
            Option("both", _("A lead is cheaper, a qualified one dearer: a smaller part of the leads qualifies.")),
            Option("worse", _("The advertising works worse: it brings people whom nobody needs.")),
            Option("cancel", _("Nothing changed: one cost went down and the other one went up.")),
        ),
        slips=(slip_to("cheap_leads", "cheaper"), slip_to("cause_without_look", "worse"),
               slip_to("costs_cancel", "cancel")),
        hints=(
            _("Which of the two costs is nearer to a customer?"),
            _("The report says what moved. Why it moved, and whose lever it is, comes after that."),
        ),
        because=_("Both numbers, and what they mean together. Whether the leads are worse or sales handled them "
                  "differently is the next question."),
        solution=_("Cost per qualified lead = cost per lead / qualification rate. The one fell and the other rose, so "
                   "the qualification rate fell."),
    )  # fmt: skip


@lru_cache(maxsize=8)
def _turns(figures: Figures) -> list[Turn]:
    months = figures.judged_months()
    pairs = [(before, month) for month in months for back in (1, YEAR)
             if (before := month - pd.DateOffset(months=back)) in months]  # fmt: skip
    found = []
    for scope in (COMPANY, *figures.history.scopes("cpql")):
        for pair in pairs:
            values = {key: (figures.value(key, pair[0], scope), figures.value(key, pair[1], scope))
                      for key in ("cpl", "cpql")}  # fmt: skip
            (cpl, cpl_after), (cpql, cpql_after) = values["cpl"], values["cpql"]
            if cpl_after <= (1 - CHANGED) * cpl and cpql_after >= (1 + CHANGED) * cpql > 0:
                found.append(Turn(scope, pair, values))
    return found
