"""Formulas of revenue as articles print them, checked by their units, and a sales team as a tree of four factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kpi_helpers.drivers import Node, Tree, evaluate, solve_leaf
from kpi_helpers.errors import KitError
from kpi_helpers.formula import check_unit, parse
from kpi_helpers.labels import lower_first, month_name, write_money, write_value
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.lessons.figures import Figures, Lacking, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.outlook_words import rounded

PRINTED = "managers * calls * conversion"  # as articles have it
TOP = "revenue_a_day"
SAID = {
    "order/day": N_("Orders a day"), "money/day": N_("Money a day"), "call/day": N_("Calls a day"),
    "order/call": N_("Orders for each call"), "money/order": N_("money for each order, the average order"),
    "order/month": N_("Orders a month"), "money/month": N_("Money a month"), "lead/month": N_("Leads a month"),
    "order/lead": N_("Orders for each lead"), "click/month": N_("Clicks a month"),
    "order/click": N_("Orders for each click"),
}  # fmt: skip
TIMES = 40  # teams that are drawn to choose one from


@dataclass(frozen=True)
class Article:
    """A formula of revenue that an article prints without the average order: `wanted` is the unit it should have.

    `first` is the unit of its first two factors, `last` that of its third one.
    """

    formula: str
    wanted: str
    first: str
    last: str
    text: str
    hint: str
    solution: str


ARTICLES = (
    Article(
        PRINTED, "money/day", "call/day", "order/call",
        N_("An article prints: “Revenue a day = managers × calls of each manager a day × orders for each call”. What "
           "does this formula give?"),
        N_("Managers cancel first, then calls. What is left?"),
        N_("managers × calls / (manager × day) × orders / call = orders / day"),
    ),
    Article(
        "site_visits * leads_each * orders_each", "money/month", "lead/month", "order/lead",
        N_("An article prints: “Revenue a month = visits a month × leads for each visit × orders for each lead”. What "
           "does this formula give?"),
        N_("Visits cancel first, then leads. What is left?"),
        N_("visits / month × leads / visit × orders / lead = orders / month"),
    ),
    Article(
        "budget * clicks_bought * orders_clicked", "money/month", "click/month", "order/click",
        N_("An article prints: “Revenue of an ad a month = money spent on it a month × clicks for each unit of money × "
           "orders for each click”. What does this formula give?"),
        N_("Money cancels first, then clicks. What is left?"),
        N_("money / month × clicks / money × orders / click = orders / month"),
    ),
)  # fmt: skip
UNITS = {
    "site_visits": "visit/month", "leads_each": "lead/visit", "orders_each": "order/lead", "budget": "money/month",
    "clicks_bought": "click/money", "orders_clicked": "order/click",
}  # fmt: skip


@lru_cache(maxsize=1)
def team_tree() -> Tree:
    """Revenue a day = managers × calls of each × orders for each call × average order."""
    made = [
        ("managers", "manager", N_("Managers"), "year"),
        ("calls", "call/manager*day", N_("Calls of each manager a day"), "day"),
        ("conversion", "order/call", N_("Orders for each call"), "month"),
        ("aov", "money/order", "", "month"),
    ]
    leaves = [
        Node(key, unit, own_name=name, owner="sales", lever=N_("Plan of the day, script, training"),
             cost=N_("Time of the sales team"), speed=speed)
        for key, unit, name, speed in made
    ]  # fmt: skip
    top = Node(TOP, "money/day", own_name=N_("Revenue a day"), formula=f"{PRINTED} * aov")
    return Tree(N_("Sales by phone"), TOP, {node.key: node for node in [top, *leaves]})


@dataclass(frozen=True)
class Team:
    """A day of a sales team, made up but for the average order, which is the company's of `month`."""

    managers: int
    calls: int
    conversion: float
    aov: float
    month: str
    currency: str

    @property
    def target(self) -> float:
        """The revenue of a day that such a team makes, in three digits."""
        leaves = {"managers": self.managers, "calls": self.calls, "conversion": self.conversion, "aov": self.aov}
        return rounded(float(evaluate(team_tree(), leaves)[TOP]))

    @property
    def calls_needed(self) -> float:
        """The calls of each manager at which the team makes the target."""
        leaves = {"managers": self.managers, "conversion": self.conversion, "aov": self.aov}
        return solve_leaf(team_tree(), leaves, self.target, "calls")


def draw_teams(figures: Figures, lot: Lot) -> list[Team]:
    """Teams of all kinds, with the average orders of the company's months."""
    known = [(month, value) for month in figures.months if (value := figures.value("aov", month)) > 0]
    if not known:
        raise Lacking(_("the exports show no average order."))
    teams = []
    for _draw in range(TIMES):
        month, aov = lot.one(known)
        teams.append(Team(lot.whole(3, 9), lot.whole(18, 45), lot.whole(3, 9) / 100, round(aov),
                          month_name(month, heading=False), figures.currency))  # fmt: skip
    return teams


def missing_factor(article: Article) -> tuple[str, str]:
    """The unit of what the printed formula gives, and that of the factor which the unit of revenue wants."""
    units = {**team_tree().units, **UNITS}
    given = parse(article.formula).unit(units)
    try:
        check_unit(article.formula, article.wanted, units)
    except KitError:
        return given, next(unit for unit in SAID if _joined(given, unit) == article.wanted)
    return given, ""


def ask_units(article: Article) -> Choice:
    given, missing = missing_factor(article)
    keys = {given: "right", article.wanted: "money", article.first: "calls", article.last: "rate"}
    return Choice(
        text=_(article.text),
        answer="right", options=tuple(Option(key, _(SAID[unit])) for unit, key in keys.items()),
        slips=(slip_to("orders_as_revenue", "money"), slip_to("calls_as_orders", "calls"),
               slip_to("purchases_as_rate", "rate")),
        hints=(
            _("Write the unit behind each factor and cancel what stands above and below."),
            _(article.hint),
        ),
        because=_("The units show it: {given}. To get money, one factor is missing: {missing}.").format(
            given=lower_first(_(SAID[given])), missing=_(SAID[missing])),
        solution=_(article.solution),
    )  # fmt: skip


def ask_calls(teams: Sequence[Team], lot: Lot) -> Number:
    return lot.clear(teams, ask_calls_of)[1]


def ask_calls_of(team: Team) -> Number:
    rate = write_value(team.conversion, "share", short=True)
    target, aov = (write_money(amount, team.currency) for amount in (team.target, team.aov))
    figures = {"revenue": team.target, "managers": float(team.managers), "conversion": team.conversion, "aov": team.aov}
    chosen = {
        "average_order_forgotten": ("revenue", "managers", "conversion"),
        "team_for_one": ("revenue", "conversion", "aov"), "conversion_forgotten": ("revenue", "managers", "aov"),
    }  # fmt: skip
    text = ngettext(
        "Suppose {managers} manager sells by phone. Of the calls {rate} end in an order; an average order is {aov}, as "
        "in your {month}. The plan is {target} a day. How many calls must each of them make a day?",
        "Suppose {managers} managers sell by phone. Of their calls {rate} end in an order; an average order is {aov}, "
        "as in your {month}. The plan is {target} a day. How many calls must each of them make a day?",
        team.managers)  # fmt: skip
    return Number(
        text=text.format(managers=team.managers, rate=rate, aov=aov, month=team.month, target=target),
        answer=team.calls_needed, style="count", rounding=1.0,
        slips=tuple(slip(name, **{key: figures[key] for key in keys}) for name, keys in chosen.items()),
        hints=(
            _("Go backward, one factor at a time: first from money to orders."),
            _("Money → orders → calls of the team → calls of one manager: divide three times."),
        ),
        because=_("Calls are the lever that a manager has in hand today. The rest of the formula says what they "
                  "bring."),
        solution=f"{target} / {aov} / {rate} / {team.managers} ≈ {write_value(round(team.calls_needed), 'count')}",
    )  # fmt: skip


def _joined(one: str, other: str) -> str:
    """The unit of a product of two units."""
    return parse("one * other").unit({"one": one, "other": other})
