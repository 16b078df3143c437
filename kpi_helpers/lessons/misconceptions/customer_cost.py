"""Misconceptions that the lesson “What a customer costs” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "cheap_leads": Misconception(
        N_("cheap leads taken for cheap customers"),
        N_("This looks at the cost of a lead alone. With how many of these leads could sales work?"),
    ),
    "total_as_cost_each": Misconception(
        N_("the largest sum taken for the highest price"),
        N_("This goes by the whole sum of a channel. The question asks what one of its results cost."),
    ),
    "ads_only_cac": Misconception(
        N_("CAC from advertising alone"),
        N_("You counted the advertising alone. Who else was paid so that these customers came?"),
        "spend / new_customers",
    ),
    "orders_as_customers": Misconception(
        N_("orders taken for new customers"),
        N_("You divided by orders. Some of them came from people who were customers already."),
        "cost / orders",
    ),
    "cpo_as_cac": Misconception(
        N_("cost per order (CPO) taken for CAC"),
        N_("This is the advertising for one order. Two things differ from CAC: what is above the line, and who is "
           "below."),
        "spend / orders",
    ),
    "cause_without_look": Misconception(
        N_("a cause named before anybody looked"),
        N_("This names a culprit. Do these two numbers show who it was, or only what happened?"),
    ),
    "costs_cancel": Misconception(
        N_("two costs set off against each other"),
        N_("These are prices of different things: they cannot be set off against each other."),
    ),
}  # fmt: skip
