"""Is it real? A company's shares held against earlier months, and its channels against one another, in words too."""

from kpi_helpers.comparisons.found import (
    OTHERS,
    REFUSED,
    SHARES,
    compare_channels,
    compare_months,
    judge_rows,
    scorecard_verdict,
)
from kpi_helpers.comparisons.paid import PaidTraffic, judge_paid_traffic
from kpi_helpers.comparisons.people import with_complements
from kpi_helpers.comparisons.words import (
    card_note,
    comparison_finding,
    comparison_note,
    comparison_rows,
    family_words,
    in_points,
    star_words,
    verdict_cell,
)

__all__ = [
    "OTHERS", "REFUSED", "SHARES", "PaidTraffic", "card_note", "compare_channels", "compare_months",
    "comparison_finding", "comparison_note", "comparison_rows", "family_words", "in_points", "judge_paid_traffic",
    "judge_rows", "scorecard_verdict", "star_words", "verdict_cell", "with_complements",
]  # fmt: skip
