"""A kit for marketing KPIs: exports -> tables -> measures (sums) -> KPIs (ratios) -> goals and status -> reports.

>>> from kpi_helpers import compute_kpis, read_exports, sum_measures
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_FACE = {
    "read_exports": "exports",
    "sum_measures": "measures",
    "compute_kpis": "kpis",
    "prepare_month": "monthly",
    "sum_month": "monthly",
    "read_goals": "monthly",
    "score_month": "monthly",
    "explore_channels": "widgets",
    "set_goals": "widgets",
    "show_smart": "widgets",
    "explore_tree": "widgets.tree",
    "explore_team": "widgets.team",
    "set_pay": "widgets.pay",
    "explore_returns": "widgets.returns",
    "move_budget": "widgets.budget",
    "explore_customers": "widgets.customers",
    "explore_brand": "widgets.brand",
    "plan_test": "widgets.test_plan",
    "judge_claim": "widgets.claims",
    "open_start": "widgets",
    "use_language": "language",
    "render_report": "reports",
    "KitError": "errors",
}
__all__ = list(_FACE)


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the command starts fast."""
    if name not in _FACE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FACE[name]}"), name)
