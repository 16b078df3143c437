"""The KPI table. One row is one KPI: the formula that is read here is the formula that runs.

To add a KPI, add a row (and its translation): it appears in the explorer, the report, the glossary and the check of
goals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.formula import Formula, parse
from kpi_helpers.language import N_, _
from kpi_helpers.terms import MEASURES

Style = Literal["count", "money", "share", "ratio", "multiple", "months", "points", "stars"]
Better = Literal["higher", "lower", "neither"]
Owner = Literal["marketing", "sales", "service", "shared"]
Interval = Literal["", "proportion", "nps"]
Section = Literal["traffic", "advertising", "sales", "return", "customers", "service", "brand", "team"]


@dataclass(frozen=True)
class Kpi:
    """One row of the KPI table.

    `unit` is the exact unit of the formula and is checked against it ("money/lead"); `style` says how the number is
    written. `interval` names the method of the confidence interval where the KPI is a proportion or an index.
    """

    key: str
    name: str
    text: str
    unit: str
    style: Style
    better: Better
    owner: Owner
    kind: Literal["KPI", "metric"] = "KPI"
    interval: Interval = ""
    watch_out: str = ""
    source: str = ""
    section: str = ""

    @property
    def formula(self) -> Formula:
        """The formula as written: it may use other KPIs."""
        return parse(self.text)

    @property
    def is_sum(self) -> bool:
        """Whether the KPI grows with the period (leads, money) rather than being a ratio."""
        return not self.formula.is_ratio and self.style in ("count", "money") and all(
            MEASURES[name].can_be_added for name in expanded(self.key).names
        )


    @property
    def is_rolling(self) -> bool:
        """Whether the KPI looks back over 12 months, so that the values of neighbouring months overlap."""
        return any(name.endswith("_12m") for name in expanded(self.key).names)


WILSON = "Wilson 1927, JASA 22:209"
_PENDING = N_("Leads of the last days may still wait for a verdict.")
_REVENUE_ONLY = N_("Counts no costs of goods: it is not profit.")

_TABLE: dict[Section, tuple[Kpi, ...]] = {
    "traffic": (
        Kpi("visits", N_("Visits"), "visits", "visit", "count", "higher", "marketing", "metric",
            watch_out=N_("Robots and the wrong audience inflate visits.")),
        Kpi("visitors", N_("Unique visitors"), "visitors", "visitor", "count", "higher", "marketing", "metric",
            watch_out=N_("Cannot be added over days or channels.")),
        Kpi("page_views", N_("Page views"), "page_views", "page", "count", "higher", "marketing", "metric"),
        Kpi("page_depth", N_("Page depth"), "page_views / visits", "page/visit", "ratio", "higher", "marketing",
            "metric"),
        Kpi("bounce_rate", N_("Bounce rate"), "bounces / visits", "1", "share", "lower", "marketing",
            interval="proportion", source=WILSON, watch_out=N_("Each system defines a bounce in its own way.")),
        Kpi("robot_share", N_("Share of robots"), "robot_visits / visits", "1", "share", "lower", "marketing",
            interval="proportion", source=WILSON),
        Kpi("conversion_rate", N_("Conversion to the target action"), "actions / visits", "action/visit", "share",
            "higher", "marketing", interval="proportion", source=WILSON,
            watch_out=N_("By visits, not by visitors; one visit can hold several actions.")),
        Kpi("search_clicks", N_("Clicks from search"), "search_clicks", "click", "count", "higher", "marketing",
            "metric", watch_out=N_("Unpaid results alone; advertising is counted elsewhere.")),
        Kpi("search_ctr", N_("CTR in search"), "search_clicks / search_impressions", "click/impression", "share",
            "higher", "marketing", "metric", interval="proportion", source=WILSON,
            watch_out=N_("Searches for your own name lift it: look at them apart.")),
        Kpi("search_position", N_("Average position in search"), "search_position_points / search_impressions",
            "place", "ratio", "lower", "marketing", "metric",
            watch_out=N_("Weighted by impressions: new queries at the bottom make it worse.")),
        Kpi("visit_to_lead", N_("Conversion from visit to lead"), "leads / visits", "lead/visit", "share", "higher",
            "marketing", interval="proportion", source=WILSON),
    ),
    "advertising": (
        Kpi("impressions", N_("Impressions"), "impressions", "impression", "count", "higher", "marketing", "metric"),
        Kpi("reach", N_("Reach"), "reach", "person", "count", "higher", "marketing", "metric",
            watch_out=N_("Cannot be added over days or channels.")),
        Kpi("clicks", N_("Clicks"), "clicks", "click", "count", "higher", "marketing", "metric"),
        Kpi("ctr", N_("CTR"), "clicks / impressions", "click/impression", "share", "higher", "marketing",
            interval="proportion", source=WILSON,
            watch_out=N_("Never average the CTR of campaigns: sum, then divide.")),
        Kpi("spend", N_("Ad spend"), "spend", "money", "money", "neither", "marketing", "metric"),
        Kpi("marketing_cost", N_("Marketing cost"), "spend + other_costs", "money", "money", "neither", "marketing",
            "metric"),
        Kpi("cpm", N_("CPM"), "1000 * spend / impressions", "money/impression", "money", "lower", "marketing"),
        Kpi("cpc", N_("CPC"), "spend / clicks", "money/click", "money", "lower", "marketing"),
        Kpi("cpl", N_("Cost per lead (CPL)"), "spend / leads", "money/lead", "money", "lower", "marketing",
            watch_out=N_("A cheap lead is not a good lead: look at the cost of a qualified one.")),
        Kpi("cpql", N_("Cost per qualified lead (CPQL)"), "spend / qualified_leads", "money/lead", "money", "lower",
            "marketing", watch_out=_PENDING),
        Kpi("cpo", N_("Cost per order (CPO)"), "spend / orders", "money/order", "money", "lower", "marketing",
            watch_out=N_("An order is not a new customer: CPO is not CAC.")),
        Kpi("cac", N_("Customer acquisition cost (CAC)"), "marketing_cost / new_customers", "money/customer", "money",
            "lower", "marketing", watch_out=N_("Takes all marketing costs, not advertising alone.")),
    ),
    "sales": (
        Kpi("leads", N_("Leads"), "leads", "lead", "count", "higher", "marketing"),
        Kpi("qualified_leads", N_("Qualified leads"), "qualified_leads", "lead", "count", "higher", "shared",
            watch_out=_PENDING),
        Kpi("qualification_rate", N_("Qualification rate"), "qualified_leads / leads", "1", "share", "higher", "sales",
            interval="proportion", source=WILSON, watch_out=_PENDING),
        Kpi("close_rate", N_("Close rate"), "won_leads / qualified_leads", "1", "share", "higher", "sales",
            interval="proportion", source=WILSON,
            watch_out=N_("By month of the lead: recent deals may still be open.")),
        Kpi("orders", N_("Orders"), "orders", "order", "count", "higher", "shared", "metric"),
        Kpi("new_customers", N_("New customers"), "new_customers", "customer", "count", "higher", "shared", "metric",
            watch_out=N_("New means: no order earlier in the data at hand.")),
        Kpi("revenue", N_("Revenue"), "revenue", "money", "money", "higher", "shared", "metric"),
        Kpi("margin", N_("Margin (gross profit)"), "margin", "money", "money", "higher", "shared", "metric"),
        Kpi("aov", N_("Average order value"), "revenue / orders", "money/order", "money", "higher", "shared",
            watch_out=N_("Per order, not per visit; a few large deals move it.")),
    ),
    "return": (
        Kpi("roas", N_("ROAS"), "revenue / spend", "1", "multiple", "higher", "marketing", watch_out=_REVENUE_ONLY),
        Kpi("drr", N_("Ad cost share"), "spend / revenue", "1", "share", "lower", "marketing",
            watch_out=N_("The same as 1 / ROAS. Above the margin every sale loses money.")),
        Kpi("revenue_roi", N_("ROI on revenue"), "(revenue - spend) / spend", "1", "share", "higher", "marketing",
            watch_out=_REVENUE_ONLY),
        Kpi("romi", N_("ROMI"), "(margin - spend) / spend", "1", "share", "higher", "marketing",
            watch_out=N_("Profit needs the margin: without it there is no ROMI.")),
        Kpi("roi", N_("ROI with all marketing costs"), "(margin - marketing_cost) / marketing_cost", "1", "share",
            "higher", "marketing", watch_out=N_("Too low while deals of the month are still open.")),
    ),
    "customers": (
        Kpi("retention_rate", N_("Retention"), "retained_customers / customers_start", "1", "share", "higher",
            "service", interval="proportion", source=WILSON,
            watch_out=N_("Active means: bought within the number of days set in company.toml.")),
        Kpi("churn_rate", N_("Churn"), "lost_customers / customers_start", "1", "share", "lower", "service",
            interval="proportion", source=WILSON),
        Kpi("repeat_rate", N_("Repeat purchase rate, 12 months"), "repeat_buyers_12m / buyers_12m", "1", "share",
            "higher", "service", interval="proportion", source=WILSON,
            watch_out=N_("Counts days with a purchase, not order lines.")),
        Kpi("purchase_frequency", N_("Purchase frequency"), "customer_orders / customers", "order/customer", "ratio",
            "higher", "service", watch_out=N_("Customers cannot be added over months.")),
        Kpi("clv", N_("Lifetime value (LTV), simple"), "margin_12m / lost_12m", "money/customer", "money", "higher",
            "shared",
            watch_out=N_("Margin per customer a year times the years a customer stays (1 / churn), not discounted.")),
        Kpi("ltv_to_cac", N_("LTV to CAC"), "clv / cac", "1", "multiple", "higher", "shared",
            watch_out=N_("3 is a rule of thumb, not a law.")),
        Kpi("payback_months", N_("Payback"), "cac / (margin_12m / customer_months_12m)", "month", "months", "lower",
            "shared"),
    ),
    "service": (
        Kpi("answered_in_time", N_("Requests answered in time"), "requests_in_time / requests_due", "1", "share",
            "higher", "sales", interval="proportion", source=WILSON,
            watch_out=N_(
                "Within 15 working minutes; outside working hours within the first hour. Unanswered ones count.")),
        Kpi("missed_calls", N_("Missed calls"), "calls_missed / calls", "1", "share", "lower", "sales",
            interval="proportion", source=WILSON),
        Kpi("missed_chats", N_("Missed chats"), "chats_missed / chats", "1", "share", "lower", "service",
            interval="proportion", source=WILSON),
        Kpi("chat_in_time", N_("Chats answered within 15 seconds"), "chats_in_time / chats_due", "1", "share", "higher",
            "service", interval="proportion", source=WILSON, watch_out=N_("Missed chats count as late.")),
    ),
    "brand": (
        Kpi("engagement_rate", N_("Engagement rate by views"), "(reactions + comments + shares) / social_views",
            "reaction/view", "share", "higher", "marketing", watch_out=N_("By views, not by followers or reach.")),
        Kpi("follower_growth", N_("Follower growth"), "(new_followers - lost_followers) / followers_start", "1",
            "share", "higher", "marketing", watch_out=N_("Bought followers and bots grow it too.")),
        Kpi("awareness_aided", N_("Aided awareness"), "aware_aided_yes / respondents_aided", "1", "share", "higher",
            "marketing", interval="proportion", source=WILSON),
        Kpi("awareness_unaided", N_("Unaided awareness"), "aware_unaided_yes / respondents_unaided", "1", "share",
            "higher", "marketing", interval="proportion", source=WILSON),
        Kpi("nps", N_("NPS"), "100 * (promoters - detractors) / recommend_answers", "1", "points", "higher", "service",
            interval="nps", watch_out=N_("Points from -100 to 100, not a percentage.")),
        Kpi("csat", N_("CSAT"), "satisfied_top2 / satisfied_answers", "1", "share", "higher", "service",
            interval="proportion", source=WILSON),
        Kpi("rating", N_("Average rating"), "review_points / reviews", "star/review", "stars", "higher", "service",
            watch_out=N_("Stars from 1 to 5; few write reviews, and the very pleased and the angry more than others.")),
        Kpi("market_share", N_("Market share"), "own_sales / market_sales", "1", "share", "higher", "shared",
            watch_out=N_("Depends on how the market is defined.")),
    ),
    "team": (
        Kpi("on_time_share", N_("Tasks done on time"), "tasks_on_time / tasks_due", "1", "share", "higher", "marketing",
            interval="proportion", source=WILSON),
        Kpi("acceptance_rate", N_("Tasks accepted"), "tasks_accepted / tasks_judged", "1", "share", "higher",
            "marketing", interval="proportion", source=WILSON),
        Kpi("research_done", N_("Research done"), "research_tasks", "task", "count", "higher", "marketing",
            watch_out=N_("Quantity invites gaming: look at acceptance beside it.")),
        Kpi("creatives_made", N_("Creative work done"), "creative_tasks", "task", "count", "higher", "marketing",
            watch_out=N_("Quantity invites gaming: look at acceptance beside it.")),
        Kpi("cooperation_done", N_("Work with other departments done"), "cooperation_tasks", "task", "count", "higher",
            "marketing", watch_out=N_("Quantity invites gaming: look at acceptance beside it.")),
        Kpi("work_rating", N_("Rating of the work"), "rating_points / tasks_rated", "point/task", "ratio", "higher",
            "marketing"),
    ),
}
KPIS: dict[str, Kpi] = {row.key: replace(row, section=section) for section, rows in _TABLE.items() for row in rows}


def kpi(key: str) -> Kpi:
    """The row of a KPI; KitError with the near names where there is none."""
    if key not in KPIS:
        raise KitError(_("there is no KPI {key}.").format(key=repr(key)), did_you_mean(key, KPIS))
    return KPIS[key]


@cache
def expanded(key: str) -> Formula:
    """The KPI's formula over plain measures: names of other KPIs are replaced by their formulas.

    >>> expanded("cac").text
    '(spend + other_costs) / new_customers'
    """
    others = {other: row.formula for other, row in KPIS.items() if other not in MEASURES}
    return kpi(key).formula.expand(others)


def tables_of(key: str) -> list[str]:
    """The canonical tables that a KPI needs."""
    return list(dict.fromkeys(MEASURES[name].table for name in expanded(key).names))
