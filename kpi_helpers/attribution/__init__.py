"""Which channel brought it: named rules over the touches before a lead or an order, and what the platforms claim."""

from kpi_helpers.attribution.claims import compare_claims
from kpi_helpers.attribution.credit import attribute
from kpi_helpers.attribution.rules import RULES

__all__ = ["RULES", "attribute", "compare_claims"]
