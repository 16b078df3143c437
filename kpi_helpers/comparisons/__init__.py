"""Is it real? A company's shares held against earlier months, and its channels against one another, in words too."""

from kpi_helpers.comparisons.found import OTHERS, REFUSED, SHARES, compare_channels, compare_months
from kpi_helpers.comparisons.paid import PaidTraffic, judge_paid_traffic
from kpi_helpers.comparisons.words import comparison_finding, comparison_note, comparison_rows, verdict_cell

__all__ = [
    "OTHERS", "REFUSED", "SHARES", "PaidTraffic", "compare_channels", "compare_months", "comparison_finding",
    "comparison_note", "comparison_rows", "judge_paid_traffic", "verdict_cell",
]  # fmt: skip
