"""Reports: what a report shows (`show_*`, for the notebook) and how it is rendered (`render_report`)."""

from __future__ import annotations

from kpi_helpers.shopfront import offer

_FACE = {
    "show_brand": "brand",
    "BY_CHANNEL": "by_channel",
    "show_causes": "causes",
    "show_channels": "channels",
    "show_customers": "customers",
    "show_deals": "deals",
    "show_funnel": "funnel",
    "show_more": "more",
    "show_pay": "pay",
    "show_goals": "plan",
    "Record": "record",
    "check_parameters": "parameters",
    "render_report": "render",
    "show_returns": "returns",
    "show_glossary": "sections",
    "show_headlines": "sections",
    "show_missing": "sections",
    "show_receipt": "sections",
    "show_scorecard": "sections",
    "show_title": "sections",
    "show_service": "service",
    "show_sources": "sources",
    "show_team": "team",
    "show_traffic": "traffic",
    "order_report": "order",
}
__all__ = list(_FACE)
__getattr__ = offer(__name__, _FACE)
