"""Who bought, who came back, what a customer costs and brings."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.charts import plot_cohorts
from kpi_helpers.customers import cohorts
from kpi_helpers.labels import write_days, write_value
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.rows import keys_in, needs, show_kpis
from kpi_helpers.reports.section import Section

CUSTOMERS = ("new_customers", "aov", "cac")  # beside the KPIs of customers
COHORT_MONTHS = 12


def show_customers(month: Month, card: pd.DataFrame) -> Section:
    """Who bought, who came back, what a customer costs and brings."""
    if "orders" not in month.tables:
        section = Section("customers", _("Customers"))
        needs(section, month, "orders")
        return section
    section = show_kpis(month, card, "customers", _("Customers"), keys_in("customers", CUSTOMERS))
    matrix, sizes = cohorts(month.tables["orders"], month.end, COHORT_MONTHS)
    if len(matrix) > 1 and matrix.shape[1] > 1:
        back = _returned(matrix, sizes)
        finding = _("{share} of new customers buy again in the month after").format(share=write_value(back, "share"))
        subtitle = _("Share of customers who buy again, by month of the first order and months since")
        section.chart(plot_cohorts(matrix, sizes, finding=finding, subtitle=subtitle), finding)
    section.lead = _("Active means: bought within the last {days}.").format(days=write_days(month.company.active_days))
    return section


def _returned(matrix: pd.DataFrame, sizes: pd.Series) -> float:
    """The share of all shown cohorts that bought in the month after the first: customers over customers."""
    known = matrix[1].notna()
    return float((matrix.loc[known, 1] * sizes[known]).sum() / sizes[known].sum())
