"""Return: whether the money spent by the company, a channel or a campaign comes back.

Composes the stages: the sums are those of `measures`, the ratios those of the KPI table. It is made against a trap:
revenue that covers the advertising is called profit, though the goods had to be paid for, too.
"""

from kpi_helpers.returns.money import ADVERTISING, Basis, Level, Returns
from kpi_helpers.returns.rating import KEYS, MONEY, SHARES, rate_returns

__all__ = ["ADVERTISING", "KEYS", "MONEY", "SHARES", "Basis", "Level", "Returns", "rate_returns"]
