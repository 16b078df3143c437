"""A goal of several months, broken down to months: sums add up exactly, ratios through their measures."""

from kpi_helpers.breakdown.exact import choose_step, split_exactly
from kpi_helpers.breakdown.ratios import break_down_ratio
from kpi_helpers.breakdown.sums import PROFILES, break_down, break_down_exit, by_quarter

__all__ = [
    "PROFILES", "break_down", "break_down_exit", "break_down_ratio", "by_quarter", "choose_step", "split_exactly",
]  # fmt: skip
