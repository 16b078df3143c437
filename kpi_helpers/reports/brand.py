"""What people know and think of the company, and its part of the market."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.rows import keys_in, show_kpis
from kpi_helpers.reports.section import Section


def show_brand(month: Month, card: pd.DataFrame) -> Section:
    """What people know and think of the company, and its part of the market."""
    return show_kpis(month, card, "brand", _("Brand and market"), keys_in("brand"), new_page=False)
