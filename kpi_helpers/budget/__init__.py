"""What spend brings: response curves in several forms, what would happen if money moved, and how to find out."""

from kpi_helpers.budget.checks import check_history
from kpi_helpers.budget.curves import Curves, Response, fit_curves
from kpi_helpers.budget.holdout import Groups, size_holdout, weeks_switched_off, weeks_to_settle
from kpi_helpers.budget.split import best_split, curve_points, marginal_returns, what_if

__all__ = [
    "Curves", "Groups", "Response", "best_split", "check_history", "curve_points", "fit_curves", "marginal_returns",
    "size_holdout", "weeks_switched_off", "weeks_to_settle", "what_if",
]  # fmt: skip
