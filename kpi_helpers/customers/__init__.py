"""Single customers: who came, who stayed, who left, who buys again, what they are worth and when they pay back."""

from kpi_helpers.customers.base import describe_base, first_orders
from kpi_helpers.customers.bgnbd import PurchaseModel, fit_purchases
from kpi_helpers.customers.gamma_gamma import ValueModel, fit_values
from kpi_helpers.customers.lifetime import (
    Lifetime,
    expect_customers,
    expect_groups,
    expect_paths,
    fit_lifetime,
    parameter_table,
)
from kpi_helpers.customers.margins import first_covered, money_by_age
from kpi_helpers.customers.payback import cohort_margins, pay_back
from kpi_helpers.customers.purchases import summarise_purchases
from kpi_helpers.customers.repeat import SecondPurchase, describe_repeat, describe_second_purchase
from kpi_helpers.customers.retention import cohort_counts, cohorts, unfinished_counts
from kpi_helpers.customers.rfm import count_segments, score_rfm

__all__ = [
    "Lifetime", "PurchaseModel", "SecondPurchase", "ValueModel", "cohort_counts", "cohort_margins", "cohorts",
    "count_segments", "describe_base", "describe_repeat", "describe_second_purchase", "expect_customers",
    "expect_groups", "expect_paths", "first_covered", "first_orders", "fit_lifetime", "fit_purchases", "fit_values",
    "money_by_age", "parameter_table", "pay_back", "score_rfm", "summarise_purchases", "unfinished_counts",
]  # fmt: skip
