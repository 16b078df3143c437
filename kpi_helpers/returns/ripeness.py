"""What is not to be judged yet: deals are open, and will bring more."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from kpi_helpers.deals import are_unripe, still_to_come
from kpi_helpers.monthly import Month
from kpi_helpers.past import COMPANY
from kpi_helpers.returns.money import ADVERTISING

OPEN = "open"  # deals that will bring more: not to be judged yet
AHEAD = "ahead"  # deals that will bring more, and those won cover the cost of the months of their leads already


def unripe_scopes(month: Month, paid: Collection[str], months: int = 1) -> frozenset[str]:
    """The channels whose leads of the last `months` are to bring much more, and, by what is to come of their channels
    together, ADVERTISING (the `paid` ones) and COMPANY (all)."""
    sums = still_to_come(month, months)
    groups = {ADVERTISING: sums[sums.index.isin(list(paid))], COMPANY: sums}
    totals = pd.DataFrame({name: rows.sum() for name, rows in groups.items()}).T.reindex(columns=sums.columns)
    every = pd.concat([sums, totals.astype("float64")])
    return frozenset(map(str, every.index[are_unripe(every)]))


def mark_open(table: pd.DataFrame, unripe: Collection[str], earned: Collection[str]) -> pd.DataFrame:
    """The table of a return with the verdicts of `unripe` scopes (of campaigns: of their channels) as OPEN, or as AHEAD
    where the scope is one of those `earned` by what its leads brought (see `Returns.earned_by_leads`) and no rule of
    attribution turns that."""
    channels = table["channel"].fillna("") if "channel" in table else table["scope"]
    is_open = channels.isin(list(unripe)) & (table["verdict"] != "unknown")
    ahead = is_open & table["scope"].isin(list(earned)) & (table["verdict"] != "rule")
    return table.assign(verdict=table["verdict"].mask(is_open, OPEN).mask(ahead, AHEAD))
