"""The field's terms as data: canonical tables with their columns, and measures with their units.

Every export is normalised into these tables; every KPI is a formula over these measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kpi_helpers.language import N_

ColumnType = Literal["date", "time", "text", "id", "person", "count", "number", "money", "flag"]
How = Literal["sum", "count", "distinct", "first", "whole_period"]
Condition = tuple[str, str, object]


@dataclass(frozen=True)
class Table:
    """A canonical table: `columns` by name with their type, `date` the column that places a row in time.

    `name` and `source` are shown to the reader: `source` says which export wakes the KPIs of the table ("" where it has
    none of its own, or where the kit derives the table from others). A column `since` is the
    first day of what a row speaks of, where that is more than the day of its date, which is then the last one. A table
    of records takes tallies of them, too: such a row has the number in the column that is called like the table. A row
    whose column `taken_back` is below zero takes a record back (a refund): it is not counted, its money is summed.
    """

    key: str
    name: str
    date: str
    columns: dict[str, ColumnType]
    source: str = ""
    lists_all: bool = False
    taken_back: str = ""

    @property
    def own_id(self) -> str:
        """The column that names the table's records, which is the first one; "" where they have no name."""
        name, kind = next(iter(self.columns.items()))
        return name if kind == "id" else ""

    @property
    def tally(self) -> str:
        """The column that says how many records a row counts, where it is no record itself; "" where there is none."""
        return self.key if self.key in self.columns else ""

    @property
    def money(self) -> tuple[str, ...]:
        """The columns that hold money, in the currency of the company."""
        return tuple(name for name, kind in self.columns.items() if kind == "money")


@dataclass(frozen=True)
class Measure:
    """A quantity taken from one table.

    `how`: "sum" adds `column`; "count" counts rows; "distinct" counts different values of `column`; "first" is the
    `column` on the period's first day; "whole_period" is taken as exported for a whole period and is never added. Of
    rows that tally records, "count" adds `column`.
    `where` keeps the rows that meet a condition (column, comparison, value). `dated` overrides the table's date.
    """

    key: str
    name: str
    unit: str
    table: str
    how: How = "sum"
    column: str = ""
    where: Condition | None = None
    dated: str = ""

    @property
    def can_be_added(self) -> bool:
        """Whether the values of parts (days, channels) add up to the value of the whole."""
        return self.how in ("sum", "count")


TABLES: dict[str, Table] = {
    table.key: table
    for table in (
        Table("ads", N_("Advertising"), "date",
              {"date": "date", "since": "date", "platform": "text", "channel": "text", "campaign": "text",
               "impressions": "count", "clicks": "count", "spend": "money", "platform_conversions": "number",
               "platform_revenue": "money"},
              N_("a campaign report by day from the ad account (Yandex Direct, VK Ads, Google Ads, Meta Ads)")),
        Table("traffic", N_("Site traffic"), "date",
              {"date": "date", "since": "date", "channel": "text", "visits": "count", "visitors": "count",
               "new_visits": "count", "page_views": "count", "bounces": "count", "robot_visits": "count"},
              N_("a traffic sources report by day from web analytics (Yandex Metrica, Google Analytics)"),
              lists_all=True),
        Table("audience", N_("Audience"), "start",
              {"start": "date", "end": "date", "channel": "text", "visitors": "count", "reach": "count"},
              N_("a report by month from web analytics: unique visitors cannot be added up from days")),
        Table("actions", N_("Target actions"), "date",
              {"date": "date", "since": "date", "channel": "text", "action": "text", "count": "number"},
              N_("a report by day with goals (key events) from web analytics"), lists_all=True),
        Table("search", N_("Search results"), "date",
              {"date": "date", "since": "date", "platform": "text", "impressions": "count", "clicks": "count",
               "position_points": "number"},
              N_("a report by day from Google Search Console or Yandex Webmaster")),
        Table("search_queries", N_("Search queries"), "date",
              {"date": "date", "since": "date", "platform": "text", "query": "text", "page": "text",
               "impressions": "count", "clicks": "count"}),
        Table("leads", N_("Leads"), "created_at",
              {"lead_id": "id", "created_at": "time", "since": "date", "channel": "text", "campaign": "text",
               "stage": "text", "qualified": "flag", "won": "flag", "closed_at": "time", "first_answer_at": "time",
               "manager": "text", "customer_id": "person", "amount": "money", "leads": "count",
               "qualified_leads": "count"},
              N_("the list of deals or leads from the CRM (amoCRM, HubSpot)"), lists_all=True),
        Table("orders", N_("Orders"), "ordered_at",
              {"order_id": "id", "customer_id": "person", "ordered_at": "time", "channel": "text", "revenue": "money",
               "margin": "money", "lead_id": "id"},
              N_("the list of orders from the shop or the accounts (Shopify, your own table)"), lists_all=True,
              taken_back="revenue"),
        Table("touches", N_("Touches"), "touched_at",
              {"touched_at": "time", "channel": "text", "campaign": "text", "lead_id": "id", "order_id": "id"},
              N_("a table of the visits and calls before each deal or order: time, source, medium, deal or order")),
        Table("calls", N_("Calls"), "received_at",
              {"received_at": "time", "since": "date", "channel": "text", "answered": "flag", "wait_seconds": "number",
               "calls": "count", "calls_missed": "count"},
              N_("the list of calls from call tracking"), lists_all=True),
        Table("chats", N_("Chats"), "received_at",
              {"received_at": "time", "channel": "text", "answered": "flag", "answer_seconds": "number"},
              N_("the list of chats from the site's chat"), lists_all=True),
        Table("costs", N_("Other marketing costs"), "date",
              {"date": "date", "kind": "text", "channel": "text", "amount": "money"},
              N_("a table of marketing costs beside advertising: month, kind, channel, amount")),
        Table("social", N_("Social networks"), "date",
              {"date": "date", "since": "date", "network": "text", "followers": "count", "followers_before": "count",
               "new_followers": "count", "lost_followers": "count", "reach": "count", "views": "count",
               "reactions": "count", "comments": "count", "shares": "count"},
              N_("statistics of the community by day (VK, TikTok)")),
        Table("survey", N_("Survey"), "answered_at",
              {"answered_at": "time", "segment": "text", "aware_unaided": "flag", "aware_aided": "flag",
               "recommend": "number", "satisfied": "number", "weight": "number", "trait_1": "text", "trait_2": "text",
               "trait_3": "text"},
              N_("the answers of a survey (Google Forms) with its questions named in company.toml")),
        Table("market", N_("Market"), "period",
              {"period": "date", "begins": "date", "company": "text", "segment": "text", "sales": "money",
               "own": "flag"},
              N_("a table of the market's sales: period, company, sales")),
        Table("reviews", N_("Reviews"), "reviewed_at",
              {"reviewed_at": "date", "source": "text", "rating": "number"},
              N_("a table of the reviews of the company: date, source, rating")),
        Table("tasks", N_("Tasks"), "due_at",
              {"kind": "text", "assignee": "text", "due_at": "date", "done_at": "date", "accepted": "flag",
               "rating": "number"},
              N_("the list of the department's tasks: kind, due, done, accepted, rating")),
        # Derived by the kit from leads and orders:
        Table("first_orders", N_("First orders"), "ordered_at",
              {"customer_id": "person", "ordered_at": "time", "channel": "text"}, lists_all=True),
        Table("customer_base", N_("Customer base"), "month",
              {"month": "date", "customers_start": "count", "retained": "count", "lost": "count",
               "buyers_12m": "count", "repeat_buyers_12m": "count", "margin_12m": "money", "lost_12m": "count",
               "customer_months_12m": "count"}),
    )
}

UNKNOWN = "unknown"  # what a channel is called where an export does not name it

MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure("impressions", N_("impressions"), "impression", "ads", column="impressions"),
        Measure("clicks", N_("clicks"), "click", "ads", column="clicks"),
        Measure("spend", N_("ad spend"), "money", "ads", column="spend"),
        Measure("platform_conversions", N_("conversions as the platforms count them"), "conversion", "ads",
                column="platform_conversions"),
        Measure("platform_revenue", N_("revenue as the platforms count it"), "money", "ads", column="platform_revenue"),
        Measure("visits", N_("visits"), "visit", "traffic", column="visits"),
        Measure("page_views", N_("page views"), "page", "traffic", column="page_views"),
        Measure("bounces", N_("bounces"), "visit", "traffic", column="bounces"),
        Measure("robot_visits", N_("robot visits"), "visit", "traffic", column="robot_visits"),
        Measure("visitors", N_("unique visitors"), "visitor", "audience", "whole_period", "visitors"),
        Measure("reach", N_("reach"), "person", "audience", "whole_period", "reach"),
        Measure("actions", N_("target actions"), "action", "actions", column="count", where=("main", "is", True)),
        Measure("search_impressions", N_("impressions in search"), "impression", "search", column="impressions"),
        Measure("search_clicks", N_("clicks from search"), "click", "search", column="clicks"),
        Measure("search_position_points", N_("position times impressions"), "place*impression", "search",
                column="position_points"),
        Measure("leads", N_("leads"), "lead", "leads", "count", "leads"),
        Measure("qualified_leads", N_("qualified leads"), "lead", "leads", "count", "qualified_leads",
                where=("qualified", "is", True)),
        Measure("won_leads", N_("leads won"), "lead", "leads", "count", where=("won", "is", True)),
        Measure("requests_due", N_("requests due for an answer"), "request", "leads", "count",
                where=("in_time", "known", None)),
        Measure("requests_in_time", N_("requests answered in time"), "request", "leads", "count",
                where=("in_time", "is", True)),
        Measure("touches", N_("touches before deals and orders"), "touch", "touches", "count"),
        Measure("orders", N_("orders"), "order", "orders", "count"),
        Measure("customer_orders", N_("orders of known customers"), "order", "orders", "count",
                where=("customer_id", "known", None)),
        Measure("revenue", N_("revenue"), "money", "orders", column="revenue"),
        Measure("margin", N_("margin (gross profit)"), "money", "orders", column="margin"),
        Measure("customers", N_("customers who bought"), "customer", "orders", "distinct", "customer_id"),
        Measure("new_customers", N_("new customers"), "customer", "first_orders", "count"),
        Measure("customers_start", N_("active customers at the start"), "customer", "customer_base",
                column="customers_start"),
        Measure("retained_customers", N_("of them still active at the end"), "customer", "customer_base",
                column="retained"),
        Measure("lost_customers", N_("of them lost"), "customer", "customer_base", column="lost"),
        Measure("buyers_12m", N_("customers of the last 12 months"), "customer", "customer_base", column="buyers_12m"),
        Measure("repeat_buyers_12m", N_("of them with purchases on 2 days or more"), "customer", "customer_base",
                column="repeat_buyers_12m"),
        Measure("margin_12m", N_("margin of the last 12 months"), "money", "customer_base", column="margin_12m"),
        Measure("lost_12m", N_("customers lost in the last 12 months"), "customer", "customer_base", column="lost_12m"),
        Measure("customer_months_12m", N_("active customers, added over the last 12 months"), "customer*month",
                "customer_base", column="customer_months_12m"),
        Measure("other_costs", N_("other marketing costs"), "money", "costs", column="amount"),
        Measure("calls", N_("calls"), "call", "calls", "count", "calls"),
        Measure("calls_missed", N_("missed calls"), "call", "calls", "count", "calls_missed",
                where=("answered", "is", False)),
        Measure("chats", N_("chats"), "chat", "chats", "count"),
        Measure("chats_missed", N_("missed chats"), "chat", "chats", "count", where=("answered", "is", False)),
        Measure("chats_due", N_("chats with a known answer time, and missed ones"), "chat", "chats", "count",
                where=("in_time", "known", None)),
        Measure("chats_in_time", N_("chats answered within 15 seconds"), "chat", "chats", "count",
                where=("in_time", "is", True)),
        Measure("social_views", N_("views in social networks"), "view", "social", column="views"),
        Measure("reactions", N_("reactions"), "reaction", "social", column="reactions"),
        Measure("comments", N_("comments"), "reaction", "social", column="comments"),
        Measure("shares", N_("shares"), "reaction", "social", column="shares"),
        Measure("followers_start", N_("followers at the start"), "follower", "social", "first", "followers_before"),
        Measure("new_followers", N_("new followers"), "follower", "social", column="new_followers"),
        Measure("lost_followers", N_("lost followers"), "follower", "social", column="lost_followers"),
        Measure("respondents_unaided", N_("respondents asked without prompting"), "respondent", "survey", "count",
                where=("aware_unaided", "known", None)),
        Measure("aware_unaided_yes", N_("respondents who name us"), "respondent", "survey", "count",
                where=("aware_unaided", "is", True)),
        Measure("respondents_aided", N_("respondents asked with prompting"), "respondent", "survey", "count",
                where=("aware_aided", "known", None)),
        Measure("aware_aided_yes", N_("respondents who know us"), "respondent", "survey", "count",
                where=("aware_aided", "is", True)),
        Measure("recommend_answers", N_("answers on recommending"), "respondent", "survey", "count",
                where=("recommend", "known", None)),
        Measure("promoters", N_("promoters (9-10)"), "respondent", "survey", "count", where=("recommend", ">=", 9)),
        Measure("detractors", N_("detractors (0-6)"), "respondent", "survey", "count", where=("recommend", "<=", 6)),
        Measure("satisfied_answers", N_("answers on satisfaction"), "respondent", "survey", "count",
                where=("satisfied", "known", None)),
        Measure("satisfied_top2", N_("satisfied answers (4-5 of 5)"), "respondent", "survey", "count",
                where=("satisfied", ">=", 4)),
        Measure("own_sales", N_("own sales"), "money", "market", column="sales", where=("own", "is", True)),
        Measure("market_sales", N_("sales of the market"), "money", "market", column="sales"),
        Measure("reviews", N_("reviews with a rating"), "review", "reviews", "count", where=("rating", "known", None)),
        Measure("review_points", N_("stars of the reviews"), "star", "reviews", column="rating"),
        Measure("tasks_due", N_("tasks due"), "task", "tasks", "count", where=("on_time", "known", None)),
        Measure("tasks_on_time", N_("tasks done on time"), "task", "tasks", "count", where=("on_time", "is", True)),
        Measure("tasks_judged", N_("tasks handed in for acceptance"), "task", "tasks", "count",
                where=("accepted", "known", None)),
        Measure("tasks_accepted", N_("tasks accepted"), "task", "tasks", "count", where=("accepted", "is", True)),
        Measure("tasks_rated", N_("tasks rated"), "task", "tasks", "count", where=("rating", "known", None)),
        Measure("rating_points", N_("rating points"), "point", "tasks", column="rating"),
        Measure("research_tasks", N_("research done"), "task", "tasks", "count", where=("kind", "is", "research"),
                dated="done_at"),
        Measure("creative_tasks", N_("creative work done"), "task", "tasks", "count",
                where=("kind", "is", "creative"), dated="done_at"),
        Measure("cooperation_tasks", N_("work with other departments done"), "task", "tasks", "count",
                where=("kind", "is", "coordination"), dated="done_at"),
    )
}


def source_table(key: str) -> str:
    """The table that exports fill for this one: those that the kit derives come from the orders."""
    return "orders" if key in ("first_orders", "customer_base") else key


class Tables(dict[str, Any]):
    """Canonical tables by key; what was summed of a frame of pandas is remembered until its content is another."""

    def __init__(self, tables: Mapping[str, Any], like: Mapping[str, Any] | None = None) -> None:
        """`like`: other tables; what is summed of those that stand there, too, is known to both."""
        super().__init__(tables)
        self._summed: dict[str, tuple[Any, dict[Any, Any]]] = {}
        if isinstance(like, Tables):
            shared = [key for key, table in self.items() if like.get(key) is table]
            self._summed = {key: like._remembered(key) for key in shared}

    def summed(self, key: str) -> dict[Any, Any]:
        """What was summed of one of them; of a table that lies elsewhere, and may change there, nothing."""
        return self._remembered(key)[1]

    def _remembered(self, key: str) -> tuple[Any, dict[Any, Any]]:
        import pandas as pd

        table = self[key]
        if not isinstance(table, pd.DataFrame):
            return table, {}
        if key not in self._summed or not table.equals(self._summed[key][0]):
            self._summed[key] = table.copy(deep=False), {}  # pandas copies before it writes: this one stays as it was
        return self._summed[key]
