"""Metric or KPI: revenue has no lever; what it is made of has, each with an owner and a speed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.waterfall import plot_waterfall
from kpi_helpers.drivers import SPEEDS, Tree, evaluate, list_levers, read_tree, split_tree, what_if
from kpi_helpers.labels import kpi_name, month_name, owner_name, write_change, write_money, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.metric_or_kpi_team import ARTICLES, ask_calls, ask_units, draw_teams
from kpi_helpers.lessons.chapters.metric_or_kpi_way import RATE, ask_leads, list_months, list_ways, work_out
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.misconceptions import slip_to
from kpi_helpers.lessons.questions import Choice, Option
from kpi_helpers.lessons.script import Experiment, Paragraph, Script, Shown, Slider
from kpi_helpers.tables import Column, data_table

TENTH = 0.1
RESULTS = ("revenue", "orders", "new_customers")
MOVED = {"qualification_rate": "sales", "cpl": "marketing"}  # numbers that their owner moves within a day
# Who is asked for the number of the month: the right one, a result, another's lever, and what is easily blown up.
LEAVE = {
    "marketing": ("visit_to_lead", "revenue", "qualification_rate", "page_views"),
    "sales": ("qualification_rate", "orders", "visit_to_lead", "visits"),
}


@dataclass(frozen=True, eq=False)
class Shop:
    """The company's last month as the tree of a shop: revenue = visits × orders for each visit × average order."""

    tree: Tree
    month: pd.Timestamp
    sums: pd.Series
    currency: str

    @property
    def leaves(self) -> list[str]:
        """What revenue is made of, in the order of the tree's file."""
        below = self.tree.leaves_below(self.tree.top)
        return [leaf.key for leaf in self.tree.leaves if leaf.key in below]

    @property
    def levers(self) -> pd.DataFrame:
        return list_levers(self.tree, self.sums)

    def name(self, key: str) -> str:
        return self.tree.nodes[key].name

    def write(self, key: str, value: float) -> str:
        style = self.tree.nodes[key].style
        return write_value(round(value) if style == "count" else value, style, self.currency)

    def moved(self, shares: Mapping[str, float]) -> pd.DataFrame:
        """The nodes before and after each leaf has changed by a share of itself."""
        now = evaluate(self.tree, self.sums)
        return what_if(self.tree, self.sums, {key: float(now[key]) * (1 + share) for key, share in shares.items()})


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on the company's last month and its way from visits to qualified leads."""
    shop, moved = shop_of(figures), lot.one(list(MOVED))
    ways = list_ways(figures)
    way, blank = lot.clear(ways, ask_leads)
    example = lot.one([other for other in ways if other.month != way.month])
    return Script(
        predict=ask_prediction(figures, shop, moved), explore=pull_levers(shop),
        explain=lambda said: explain(shop, moved, said), example=work_out(example), blank=blank,
        fresh=[ask_units(lot.one(ARTICLES)), ask_calls(draw_teams(figures, lot), lot)],
        leave=ask_owner(lot.one(list(LEAVE))),
        remember=(
            _("Every KPI is a metric; few metrics are KPIs."),
            _("A KPI has an owner who moves it directly, often within a day. Revenue has no such lever: it follows."),
            _("Take a result apart into factors; each factor has an owner, a lever and a speed."),
            _("Let the units check the formula: what is not measured in money gives no money."),
        ),
    )  # fmt: skip


@lru_cache(maxsize=8)
def shop_of(figures: Figures) -> Shop:
    """The last judged month that has all it takes; Lacking where none has."""
    month = list_months(figures)[0]
    return Shop(read_tree("shop"), month, pd.Series(figures.sums(month)), figures.currency)


# The steps


def ask_prediction(figures: Figures, shop: Shop, moved: str) -> Choice:
    rows = [[kpi_name(key), write_value(figures.value(key, shop.month), KPIS[key].style, figures.currency)]
            for key in (*RESULTS, moved)]  # fmt: skip
    return Choice(
        text=_("Four numbers of {month}. Which of them can somebody in the company move today, by his or her own "
               "work?").format(month=month_name(shop.month, heading=False)),
        given=Markup(data_table([Column(_("KPI")), Column(month_name(shop.month), "number")], rows, note={
            RATE: _("Qualification rate: the share of leads that sales find fit to buy."),
            "cpl": _("Cost per lead: ad spend / leads."),
        }[moved])),
        answer=moved, options=tuple(Option(key, kpi_name(key)) for key in (*RESULTS, moved)),
        slips=tuple(slip_to("result_as_kpi", key) for key in RESULTS),
    )  # fmt: skip


def pull_levers(shop: Shop) -> Experiment:
    def show(set_to: Mapping[str, Any]) -> Shown:
        table = shop.moved({key: float(set_to[key]) for key in shop.leaves})
        before, after = (table.loc[shop.leaves, side] for side in ("before", "after"))
        effects = split_tree(shop.tree, before, after)
        then, now = (float(table[side][shop.tree.top]) for side in ("before", "after"))
        words = _("Nothing is moved, and revenue stays at {amount}.").format(amount=write_money(then, shop.currency))
        if not math.isclose(now, then):
            words = _("Revenue follows: {change}, to {amount}.").format(
                change=write_change(now, then, "money"), amount=write_money(now, shop.currency))  # fmt: skip
        rows = pd.DataFrame([
            {"label": shop.name(key), "owner": shop.tree.nodes[key].owner, "effect": float(effects[key])}
            for key in shop.leaves
        ])  # fmt: skip
        month = month_name(shop.month)
        ax = plot_waterfall(
            rows, [(month, then), (_("As set"), now)], style="money",
            currency=shop.currency, finding=words, subtitle=_("Revenue of the month, and what each factor moved it by"),
        )  # fmt: skip
        cells = [[shop.name(key), shop.write(key, float(before[key])), shop.write(key, float(after[key]))]
                 for key in shop.leaves]  # fmt: skip
        heads = [Column(_("Factor")), Column(month, "number"), Column(_("As set"), "number")]
        return Shown(words, ax, words, data_table(heads, cells))

    return Experiment(
        task=_("Try to raise revenue by a third. There is no slider for revenue: what can you take hold of?"),
        controls=[
            Slider(key, _("{factor}: change").format(factor=shop.name(key)), -0.3, 0.5, 0.01,
                   TENTH if key == shop.leaves[0] else 0.0, "share")
            for key in shop.leaves
        ],
        show=show,
    )  # fmt: skip


def explain(shop: Shop, moved: str, said: Any) -> list[Paragraph]:
    begin = {
        "revenue": _("You chose the revenue. You have seen it: it had no slider, it only followed."),
        "orders": _("You chose the orders. They come of visits and of what visitors do there: nobody makes an order "
                    "alone."),
        "new_customers": _("You chose the new customers. They come of many steps, and each step is somebody else's."),
        RATE: _("You chose the qualification rate, and that is right: sales move it today by answering within minutes "
                "and missing no call."),
        "cpl": _("You chose the cost per lead, and that is right: marketing moves it today by bids and by switching "
                 "off what brings no leads."),
    }.get(str(said), "")  # fmt: skip
    difference = _("Every KPI is a metric, that is, a number. Few metrics are KPIs: in this course a KPI is what its "
                   "owner can move directly, often within a day. Revenue, orders and new customers are results. A "
                   "director may well be judged by them, but nobody moves them except through the numbers that they "
                   "are made of.")  # fmt: skip
    top = shop.moved(dict.fromkeys(shop.leaves, TENTH)).loc[shop.tree.top].astype(float)
    tenth = top["change"] / top["before"]
    product = _("The factors multiply: each a tenth higher make revenue {change} higher, not {sum}.").format(
        change=write_value(tenth, "share"), sum=write_value(TENTH * len(shop.leaves), "share", short=True)
    )
    leads = _("Qualified leads are taken apart in the same way: leads × qualification rate. The leads belong to "
              "marketing, the rate to sales. And visits? They are moved within a day, but robots and chance visitors "
              "count, too. So they stand beside the conversion to a lead, never alone.")  # fmt: skip
    return [paragraph for paragraph in (begin, difference, levers_table(shop), product, leads) if paragraph]


def levers_table(shop: Shop) -> Markup:
    """Who moves what, how, how fast, and what a tenth more of it would bring."""
    rows = [
        [shop.name(str(key)), owner_name(row["owner"]), Markup.escape(row["lever"]), _(SPEEDS[row["speed"]]),
         write_money(row["brings"], shop.currency)]
        for key, row in shop.levers.iterrows()
    ]  # fmt: skip
    heads = [Column(_("Factor")), Column(_("Owner")), Column(_("Lever")), Column(_("How fast")),
             Column(_("A tenth more brings"), "number")]  # fmt: skip
    caption = _("Revenue, {month}").format(month=month_name(shop.month, heading=False))
    return Markup(data_table(heads, rows, caption=caption))


def ask_owner(owner: str) -> Choice:
    right, result, other, blown_up = LEAVE[owner]
    text = {
        "marketing": _("The marketing team is to answer for one number of this month, which it moves by its own work "
                       "and which the company gains by. Which?"),
        "sales": _("The sales team is to answer for one number of this month, which it moves by its own work and which "
                   "the company gains by. Which?"),
    }[owner]  # fmt: skip
    last = "vanity_metric" if KPIS[blown_up].owner == owner else "another_owners_lever"
    return Choice(
        text=text, answer=right, options=tuple(Option(key, kpi_name(key)) for key in LEAVE[owner]),
        slips=(slip_to("result_as_kpi", result), slip_to("another_owners_lever", other), slip_to(last, blown_up)),
        hints=(
            _("Strike out what follows from the work of several."),
            _("Of what is left: whose daily work is it, and does a lead or a sale come of it?"),
        ),
        because=_("It has an owner, a lever and a speed, and what comes after it grows with it: a KPI."),
        solution=_("{kpi}: moved by {owner}.").format(kpi=kpi_name(right), owner=owner_name(KPIS[right].owner)),
    )  # fmt: skip
