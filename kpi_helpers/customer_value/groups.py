"""Whose value: the customers of a month's exports, apart by how they first bought."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.coverage import known_until
from kpi_helpers.customers import Newness, complete_margins, is_purchase, judge_newness, summarise_purchases
from kpi_helpers.customers.margins import Money
from kpi_helpers.monthly import Month
from kpi_helpers.terms import UNKNOWN

EVERYBODY, SHOP, DEAL = "all", "shop", "deal"
Group = tuple[str, Any]  # what customers are told apart by (a column of `purchases`), and its value


@dataclass(frozen=True, eq=False)
class Customers:
    """The orders of known customers up to the day `until`, and one row per customer.

    `purchases` is what `summarise_purchases` gives, with `kind` (SHOP, or DEAL where the first order came of a deal of
    the sales team: they are won, and buy again, in another way) and `year` of the first purchase. A channel that no
    export names is UNKNOWN. `newness`: who of them is new, None where there are none. `lacking`: so many orders have no
    margin of their own (see `complete_margins`).
    """

    orders: pd.DataFrame
    purchases: pd.DataFrame
    until: date
    newness: Newness | None = None
    lacking: int = 0

    @property
    def money(self) -> Money:
        """What the customers' money is: the margin, or revenue where nobody's margin is known."""
        return "margin" if self.purchases["margin"].notna().any() else "revenue"

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds that there are."""
        return [kind for kind in (SHOP, DEAL) if (self.purchases["kind"] == kind).any()]

    def groups(self) -> list[Group]:
        """The groups that customers can be looked at by: all, kinds where there are both, channels, years."""
        found: list[Group] = [(EVERYBODY, "")]
        if len(self.kinds) > 1:
            found += [("kind", kind) for kind in self.kinds]
        for column in ("channel", "year"):
            counts = self.purchases[column].value_counts()
            values = counts.index if column == "channel" else sorted(counts.index)
            found += [(column, value) for value in values] if len(counts) > 1 else []
        return found

    def members(self, group: Group) -> np.ndarray:
        """Which rows of `purchases` belong to the group."""
        column, value = group
        if column == EVERYBODY:
            return np.ones(len(self.purchases), dtype=bool)
        return (self.purchases[column] == value).to_numpy()

    def part(self, group: Group) -> Customers:
        """The customers of a group with all of their orders."""
        return self if group[0] == EVERYBODY else self._only(self.members(group))

    @property
    def since(self) -> date | None:
        """The day from which new customers are known to be new; None where all are taken for new."""
        return self.newness.since if self.newness else None

    @property
    def newcomers(self) -> Customers:
        """Those of whom the first purchase is known to be the first: what customers bring with age is theirs."""
        if self.since is None:
            return self
        return self._only((self.purchases["first"] >= pd.Timestamp(self.since)).to_numpy())

    def _only(self, members: np.ndarray) -> Customers:
        purchases = self.purchases[members].reset_index(drop=True)
        orders = self.orders[self.orders["customer_id"].isin(purchases["customer_id"])]
        return replace(self, orders=orders, purchases=purchases)


def gather_customers(month: Month) -> Customers:
    """The customers that the exports of a month know up to its last day; none where they hold no orders."""
    until = known_until(month.exports, "orders", month.end)
    orders = month.tables["orders"].dropna(subset=["customer_id", "ordered_at"])
    orders = orders[orders["ordered_at"].dt.tz_localize(None) < pd.Timestamp(until) + pd.Timedelta(days=1)]
    orders, lacking = complete_margins(orders.assign(channel=orders["channel"].fillna(UNKNOWN)))
    purchases = summarise_purchases(orders, until)
    bought = orders[is_purchase(orders)].sort_values(["ordered_at", "channel"], kind="stable")
    first = bought.drop_duplicates("customer_id").set_index("customer_id")["lead_id"]
    by_deal = first.reindex(purchases["customer_id"]).notna().to_numpy()
    kind = pd.Series(np.where(by_deal, DEAL, SHOP), index=purchases.index, dtype="str")
    told = month.company.customers_since
    newness = judge_newness(purchases["first"], until, month.company.active_days, told) if len(purchases) else None
    purchases = purchases.assign(kind=kind, year=purchases["first"].dt.year)
    return Customers(orders, purchases, until, newness, lacking)
