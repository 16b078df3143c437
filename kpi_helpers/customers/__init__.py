"""Single customers: who came, who stayed, who left, who buys again, what they are worth and when they pay back."""

from kpi_helpers.customers.base import describe_base, first_orders
from kpi_helpers.customers.bgnbd import PurchaseModel, fit_purchases
from kpi_helpers.customers.gamma_gamma import ValueModel, fit_values
from kpi_helpers.customers.lifetime import (
    Lifetime,
    discount_factors,
    expect_customers,
    expect_paths,
    fit_lifetime,
    parameter_table,
)
from kpi_helpers.customers.margins import complete_margins, first_covered, money_by_age
from kpi_helpers.customers.newness import Newness, judge_newness
from kpi_helpers.customers.payback import cohort_margins, pay_back
from kpi_helpers.customers.purchases import is_purchase, summarise_purchases
from kpi_helpers.customers.repeat import SecondPurchase, describe_repeat, describe_second_purchase
from kpi_helpers.customers.retention import cohort_counts, cohorts, unfinished_counts
from kpi_helpers.customers.rfm import score_rfm

__all__ = [
    "Lifetime", "Newness", "PurchaseModel", "SecondPurchase", "ValueModel", "cohort_counts", "cohort_margins",
    "cohorts", "complete_margins", "describe_base", "describe_repeat", "describe_second_purchase", "discount_factors",
    "expect_customers", "expect_paths", "first_covered", "first_orders", "fit_lifetime", "fit_purchases", "fit_values",
    "is_purchase", "judge_newness", "money_by_age", "parameter_table", "pay_back", "score_rfm", "summarise_purchases",
    "unfinished_counts",
]  # fmt: skip
