"""Pay: a company's schemes held against its months: what they pay, would have paid and may pay, and what is unfair."""

from kpi_helpers.pay.files import PAY_FILE, PAY_FILES, find_pay, read_pay
from kpi_helpers.pay.ledger import Ledger, Pay
from kpi_helpers.pay.sides import Sides, both_sides
from kpi_helpers.pay.unripe import Unripe, unripe

__all__ = [
    "PAY_FILE", "PAY_FILES", "Ledger", "Pay", "Sides", "Unripe", "both_sides", "find_pay", "read_pay", "unripe",
]  # fmt: skip
