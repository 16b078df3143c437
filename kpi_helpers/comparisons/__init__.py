"""Is it real? A company's shares held against earlier months, and its channels against one another, in words too."""

from kpi_helpers.comparisons.found import (
    OTHERS,
    REFUSED,
    SHARES,
    WAITING,
    beside_others,
    compare_channels,
    compare_months,
    judge_rows,
    open_leads,
    scorecard_verdict,
)
from kpi_helpers.comparisons.paid import PaidTraffic, judge_paid_traffic
from kpi_helpers.comparisons.people import OF_PEOPLE, of_people, with_complements
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
    "OF_PEOPLE", "OTHERS", "REFUSED", "SHARES", "WAITING", "PaidTraffic", "beside_others", "card_note",
    "compare_channels", "compare_months", "comparison_finding", "comparison_note", "comparison_rows", "family_words",
    "in_points", "judge_paid_traffic", "judge_rows", "of_people", "open_leads", "scorecard_verdict", "star_words",
    "verdict_cell", "with_complements",
]  # fmt: skip
