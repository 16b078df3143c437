"""Reports: what a report shows (`show_*`, for the notebook) and how it is rendered (`render_report`)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

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


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: whether a report is finished is found without pandas."""
    if name not in _FACE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FACE[name]}"), name)
