"""What customers are worth: from a month's exports to groups of customers, their costs, and what they bring."""

from kpi_helpers.customer_value.costs import ADS_ONLY, ALL_COSTS, OWN_COSTS, acquisition_costs, cost_of, monthly_costs
from kpi_helpers.customer_value.groups import DEAL, EVERYBODY, SHOP, Customers, gather_customers
from kpi_helpers.customer_value.worth import (
    Cohorts,
    Paths,
    cohort_table,
    discounted,
    expect_money,
    fit_kinds,
    gather_cohorts,
    value_table,
)

__all__ = [
    "ADS_ONLY", "ALL_COSTS", "DEAL", "EVERYBODY", "OWN_COSTS", "SHOP", "Cohorts", "Customers", "Paths",
    "acquisition_costs", "cohort_table", "cost_of", "discounted", "expect_money", "fit_kinds", "gather_cohorts",
    "gather_customers", "monthly_costs", "value_table",
]  # fmt: skip
