"""How ripe a month of leads is: deals followed to their end, the open ones counted with what they may still bring."""

from kpi_helpers.maturity.closing import closing_curve
from kpi_helpers.maturity.deals import follow_deals
from kpi_helpers.maturity.months import mature_months, rank_mature

__all__ = ["closing_curve", "follow_deals", "mature_months", "rank_mature"]
