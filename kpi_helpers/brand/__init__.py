"""Brand and market: what people know and think of the company, its part of the market, its reviews and networks."""

from kpi_helpers.brand.completeness import comparable_months, has_wholes
from kpi_helpers.brand.market import (
    lacking_companies,
    market_every,
    market_shares,
    period_name,
    segments_of,
    whole_market,
)
from kpi_helpers.brand.social import describe_networks
from kpi_helpers.brand.waves import Waves, compare_two, read_waves, row_of_wave, unanswered

__all__ = [
    "Waves", "comparable_months", "compare_two", "describe_networks", "has_wholes", "lacking_companies", "market_every",
    "market_shares", "period_name", "read_waves",
    "row_of_wave", "segments_of", "unanswered", "whole_market",
]  # fmt: skip
