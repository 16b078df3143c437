"""Misconceptions that the lesson “Metric or KPI?” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "result_as_kpi": Misconception(
        N_("a result taken for a KPI"),
        N_("This is a result: it follows from other numbers, and nobody has a handle on it. What is it made of?"),
    ),
    "another_owners_lever": Misconception(
        N_("the lever of another department"),
        N_("Somebody moves this number, but another department. Whose daily work is it?"),
    ),
    "vanity_metric": Misconception(
        N_("a number that grows without use"),
        N_("This is easily moved, and the company may gain nothing by it. What has to come after it?"),
    ),
    "multiplied_by_rate": Misconception(
        N_("multiplied by the rate on the way back"),
        N_("You went the way forward: from leads to those that qualify. The question goes backward. Must there be "
           "more leads or fewer?"),
        "needed * rate",
    ),
    "lost_share_added": Misconception(
        N_("the lost share added to what is needed"),
        N_("You added as many as are lost of those needed. But of the leads you added some are lost, too."),
        "needed * (1 + (1 - rate))",
    ),
    "rate_forgotten": Misconception(
        N_("every lead counted as qualified"),
        N_("So many leads would do if each of them qualified. Some do not."),
        "needed",
    ),
    "orders_as_revenue": Misconception(
        N_("a number of orders taken for money"),
        N_("Nothing in the formula is measured in money, so no money can come out of it. Follow the units."),
    ),
    "calls_as_orders": Misconception(
        N_("the last factor of a formula overlooked"),
        N_("The first two factors give this. What does the third one make of it?"),
    ),
    "purchases_as_rate": Misconception(
        N_("a product taken for one of its factors"),
        N_("This is the unit of a single factor. What is left when all three are multiplied?"),
    ),
    "average_order_forgotten": Misconception(
        N_("money divided as if it were orders"),
        N_("You divided money as if each order brought one unit of it. How many orders does this revenue take?"),
        "revenue / (managers * conversion)",
    ),
    "team_for_one": Misconception(
        N_("the work of the team given to one person"),
        N_("So many calls the whole team makes in a day. How many of them does each of its members make?"),
        "revenue / (conversion * aov)",
    ),
    "conversion_forgotten": Misconception(
        N_("every call counted as a purchase"),
        N_("So many purchases each person needs in a day. Not every call ends in one."),
        "revenue / (managers * aov)",
    ),
}  # fmt: skip
