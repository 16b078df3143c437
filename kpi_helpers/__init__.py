"""A kit for marketing KPIs: exports -> tables -> measures (sums) -> KPIs (ratios) -> goals and status -> reports.

>>> from kpi_helpers import compute_kpis, read_exports, sum_measures
"""

from __future__ import annotations

from kpi_helpers.shopfront import offer

_FACE = {
    "read_exports": "exports",
    "sum_measures": "measures",
    "compute_kpis": "kpis",
    "prepare_month": "monthly",
    "sum_month": "monthly",
    "read_goals": "monthly",
    "score_month": "card",
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
    "open_lesson": "lessons",
    "use_language": "language",
    "render_report": "reports",
    "KitError": "errors",
}
__all__ = list(_FACE)
__getattr__ = offer(__name__, _FACE)


def __dir__() -> list[str]:
    return __all__  # what a notebook completes, although it is not imported yet
