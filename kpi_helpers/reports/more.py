"""Every KPI of the pages about money and traffic: what the sections before choose from."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.rows import keys_in, show_kpis
from kpi_helpers.reports.section import Section


def show_more(month: Month, card: pd.DataFrame) -> Section:
    """Every KPI of traffic, advertising, sales and return for the company: what the pages above choose from."""
    keys = [key for section in ("traffic", "advertising", "sales", "return") for key in keys_in(section)]
    return show_kpis(month, card, "more", _("All KPIs of traffic, advertising and sales"), keys)
