"""Reports: what a report shows (`show_*`, for the notebook) and how it is rendered (`render_report`)."""

from kpi_helpers.reports.brand import show_brand
from kpi_helpers.reports.by_channel import BY_CHANNEL
from kpi_helpers.reports.causes import show_causes
from kpi_helpers.reports.channels import show_channels
from kpi_helpers.reports.customers import show_customers
from kpi_helpers.reports.deals import show_deals
from kpi_helpers.reports.funnel import show_funnel
from kpi_helpers.reports.more import show_more
from kpi_helpers.reports.pay import show_pay
from kpi_helpers.reports.plan import show_goals
from kpi_helpers.reports.record import Record
from kpi_helpers.reports.render import check_parameters, render_report
from kpi_helpers.reports.returns import show_returns
from kpi_helpers.reports.sections import (
    show_glossary,
    show_headlines,
    show_missing,
    show_receipt,
    show_scorecard,
    show_title,
)
from kpi_helpers.reports.service import show_service
from kpi_helpers.reports.sources import show_sources
from kpi_helpers.reports.team import show_team
from kpi_helpers.reports.traffic import show_traffic

__all__ = [
    "BY_CHANNEL", "Record", "check_parameters", "render_report", "show_brand", "show_causes", "show_channels",
    "show_customers", "show_deals", "show_funnel", "show_glossary", "show_goals", "show_headlines", "show_missing",
    "show_more", "show_pay", "show_receipt", "show_returns", "show_scorecard", "show_service", "show_sources",
    "show_team", "show_title", "show_traffic",
]  # fmt: skip
