"""Misconceptions that the lesson “Retention and lifetime value” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "retention_in_proportion": Misconception(
        N_("lifetime taken to grow as retention does"),
        N_("This lets the value grow as retention grows. How long a customer stays depends on the share that "
           "leaves."),
        "better / kept - 1",
    ),
    "value_of_one_purchase": Misconception(
        N_("one purchase taken for the lifetime value"),
        N_("This looks at one purchase. The LTV adds up all of them until the customer leaves."),
    ),
    "revenue_in_ltv": Misconception(
        N_("LTV counted in revenue"),
        N_("This counts all revenue as if it stayed with the company. Which line has the goods taken off?"),
        "revenue / lost",
    ),
    "year_as_lifetime": Misconception(
        N_("a year taken for the lifetime"),
        N_("This is the margin of twelve months. Does a customer stay twelve months here?"),
        "12 * margin_a_month",
    ),
    "retention_as_lifetime": Misconception(
        N_("lifetime taken from retention and not from churn"),
        N_("This divides by the share that stays. Who ends a lifetime: those who stay, or those who leave?"),
        "margin_a_month / (1 - churn)",
    ),
    "rows_as_purchases": Misconception(
        N_("rows of the file taken for customers who came back"),
        N_("This is a share of orders: all orders after a customer's first. The question asks for a share of "
           "people."),
        "(orders - customers) / orders",
    ),
    "orders_per_customer": Misconception(
        N_("orders per customer taken for the repeat purchase rate"),
        N_("This is how many orders a customer makes on average. A few who order often can make it large."),
        "orders / customers",
    ),
    "once_as_repeat": Misconception(
        N_("those who bought once taken for those who came back"),
        N_("This is the share of those who did not come back."),
        "once / customers",
    ),
    "young_cohort_as_final": Misconception(
        N_("a young cohort taken for a finished one"),
        N_("This compares a cohort that had months to come back with one that had much longer. How much time had "
           "each?"),
        "now / customers - then / customers_then",
    ),
    "counts_for_shares": Misconception(
        N_("numbers of people taken for points"),
        N_("This is a difference in people, not in shares. Out of how many customers was each?"),
        "(now - then) / 100",
    ),
    "definition_as_behaviour": Misconception(
        N_("another definition taken for another behaviour"),
        N_("The orders are the same. Would any customer have noticed a change?"),
    ),
    "rule_of_thumb_as_law": Misconception(
        N_("a rule of thumb taken for a law"),
        N_("3 is a habit, not a law. And has the money that customers bring changed at all?"),
    ),
    "lifetime_as_margin": Misconception(
        N_("a longer lifetime taken for a larger margin"),
        N_("An LTV grows with a larger margin a month or with a longer lifetime. Which of the two grew here?"),
    ),
}  # fmt: skip
