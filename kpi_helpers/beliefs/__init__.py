"""What to think of a claim: taken apart, held against the company's own months, and imagined in its own numbers."""

from kpi_helpers.beliefs.claims import Part, example, read_claim
from kpi_helpers.beliefs.meanings import meanings_of

__all__ = ["Part", "example", "meanings_of", "read_claim"]
