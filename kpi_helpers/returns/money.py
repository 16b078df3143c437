"""The money of the company, its channels and campaigns over some months: what was spent, and what it brought."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.past import COMPANY
from kpi_helpers.returns.campaigns import (
    SPLIT,
    campaign_keys,
    campaign_scopes,
    date_by_lead,
    deals_as_orders,
    has_amounts,
    of_leads,
)
from kpi_helpers.returns.months import UNPRICED, add_months, fill_unsold, own_costs, together, unclaimed
from kpi_helpers.returns.rating import MONEY, rate_returns
from kpi_helpers.returns.touches import Rule, credit_otherwise
from kpi_helpers.terms import UNKNOWN, Tables

Level = Literal["company", "channel", "campaign"]
Basis = Literal["order", "lead"]

ADVERTISING = "advertising"  # the channels that are paid for, together
LINKED = 0.95  # of the deals won are known by the sales: then these follow a deal to the month of its lead


class Returns:
    """The money of a company by month, summed once; `table` divides it for the months and the level asked for.

    `tables` are canonical (see `derive_tables`), `first_days` as `sum_measures` takes it, `margin_share` the company's
    own, for deals that no order tells. Without orders, deals won with an amount stand for them (`from_deals`).
    """

    def __init__(
        self, tables: Mapping[str, pd.DataFrame], first_days: int | None = None, margin_share: float | None = None
    ) -> None:
        leads, orders = tables.get("leads"), tables.get("orders")
        deals = deals_as_orders(leads, margin_share) if leads is not None and has_amounts(leads) else None
        self.from_deals = orders is None and deals is not None
        self._leads, self._orders = leads, deals if orders is None else orders
        self._ads, self._costs, self._first_days = tables.get("ads"), tables.get("costs"), first_days
        linked = leads is not None and orders is not None and bool(of_leads(orders, leads, "campaign").notna().any())
        self._tables, self._margin_share = tables, margin_share
        self._told = self._orders if linked else deals  # what tells the sales of campaigns
        self.told_apart = self._told is not self._orders  # deals and orders may be the same sales, or others
        self.sums = lru_cache(maxsize=None)(self._sums)
        self.rated = lru_cache(maxsize=64)(self._rated)
        self.otherwise = lru_cache(maxsize=None)(self._otherwise)
        self.named_sales = lru_cache(maxsize=None)(self._named_sales)

    @classmethod
    def of(cls, month: Month) -> Returns:
        return cls(month.tables, month.first_days, month.company.margin_share)

    @property
    def knows_campaigns(self) -> bool:
        """Whether some sale names a campaign."""
        return self._told is not None and self._leads is not None and bool(self._leads["campaign"].notna().any())

    def table(
        self, level: Level, first: pd.Timestamp, last: pd.Timestamp, basis: Basis = "order",
        margin_share: float | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """The return of the company, its channels or its campaigns over the months from `first` to `last`.

        A row per scope that advertising was paid for, the largest spend first; of the company one for all revenue
        (COMPANY) and one for the channels with advertising alone (ADVERTISING). The columns are those of
        `rate_returns` and `months`, how many of them are summed; of company and channels `unclaimed`, the share of all
        revenue that names no channel; of campaigns `channel`, `campaign` and `named`, the
        share of its channel's revenue that names campaigns: what they sold is at least that. `basis`: revenue by the
        month of the order, or, where it has a lead, by that of the lead. `margin_share`: what if the margin were that
        share of revenue?

        Where touches tell what another rule (`rule`: "first" or "last" touch) credits, `romi_otherwise` is the ROMI by
        that rule, and the verdict of a channel that covers its cost by one and not by the other is "rule".
        """
        table = self.rated(level, first, last, basis, margin_share)
        other = self.otherwise() if level != "campaign" else None
        if other is None:
            return table
        seen = other[0].rated(level, first, last, basis, margin_share).set_index("scope")
        covers = table["scope"].map(seen["covers"])
        flips = (covers != table["covers"]) & ~covers.isin(["unknown", np.nan]) & (table["covers"] != "unknown")
        return table.assign(rule=other[1], romi_otherwise=table["scope"].map(seen["romi"]).astype("float64"),
                            verdict=table["verdict"].mask(flips, "rule"))  # fmt: skip

    @property
    def credited(self) -> str:
        """The rule by which the channels were written down, "first" or "last" (touch); "" where that is not known."""
        other = self.otherwise()
        return other[2] if other else ""

    def _otherwise(self) -> tuple[Returns, Rule, str] | None:
        """The return by another rule of attribution; None where no touch belongs to a sale."""
        touches = self._tables.get("touches")
        found = credit_otherwise(self._orders, touches) if touches is not None and self._orders is not None else None
        if found is None:
            return None
        tables = {key: table for key, table in self._tables.items() if key != "touches"} | {"orders": found[0]}
        return Returns(Tables(tables, self._tables), self._first_days, self._margin_share), found[1], found[2]

    def earned_by_leads(
        self, first: pd.Timestamp, last: pd.Timestamp, margin_share: float | None = None
    ) -> frozenset[str]:
        """The scopes of all levels whose cost is covered by what the leads of these very months have brought so far;
        none where too few sales name their lead."""
        if not self._follows_leads():
            return frozenset()
        levels: tuple[Level, ...] = ("company", "channel", "campaign")
        tables = [self.rated(level, first, last, "lead", margin_share) for level in levels]
        return frozenset(scope for table in tables for scope in table["scope"][table["verdict"] == "earns"])

    def _follows_leads(self) -> bool:
        if self._leads is None or self._orders is None:
            return False
        won = self._leads.loc[self._leads["won"].fillna(False).astype(bool), "lead_id"]
        return len(won) > 0 and float(won.isin(self._orders["lead_id"].dropna()).mean()) >= LINKED

    def credits(self, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
        """What came back from the ad accounts beyond what they took, by channel (negative); empty where nothing did."""
        sums = self.sums("channel", "order")
        spend = sums[sums["period"].between(first, last)].groupby("scope")["spend"].sum()
        return spend[spend < 0].sort_values(kind="stable")

    def strange_tags(self, first: pd.Timestamp, last: pd.Timestamp, basis: Basis = "order") -> pd.Series:
        """Revenue by campaign as leads name it, where the ad accounts of the channel know no campaign of that name."""
        if not self.knows_campaigns or self._ads is None:
            return pd.Series(dtype="float64")
        sales, paid = self.named_sales(basis), self._ads["channel"].dropna().unique()
        strange = sales["campaign"].notna() & sales["channel"].isin(paid)
        strange &= campaign_keys(sales).map(campaign_scopes(self._ads)).isna()
        tagged = {"orders": sales[strange].assign(channel=sales["campaign"])}
        sums = sum_measures(tagged, "month", "channel", first_days=self._first_days, keys=["revenue"])
        revenue = sums[sums["period"].between(first, last)].groupby("channel")["revenue"].sum()
        return revenue[revenue > 0].sort_values(ascending=False, kind="stable")

    def _rated(
        self, level: Level, first: pd.Timestamp, last: pd.Timestamp, basis: Basis, margin_share: float | None = None
    ) -> pd.DataFrame:
        return rate_returns(self._money(level, first, last, basis, margin_share))

    def _money(
        self, level: Level, first: pd.Timestamp, last: pd.Timestamp, basis: Basis, margin_share: float | None = None
    ) -> pd.DataFrame:
        sums = _at_margin(self.sums("channel" if level == "company" else level, basis), margin_share)
        money = add_months(sums, first, last)
        paid = money[money["spend"] > 0].sort_values("spend", ascending=False, kind="stable", ignore_index=True)
        if level == "campaign":
            return self._with_names(paid, first, last, basis)
        if level == "channel":
            return unclaimed(sums, paid, first, last)
        whole = add_months(_at_margin(self.sums("company", basis), margin_share), first, last)
        ads = add_months(together(sums, paid, ADVERTISING), first, last)
        return pd.concat([whole.assign(unclaimed=0.0, maybe=0.0), unclaimed(sums, ads, first, last)], ignore_index=True)

    def _sums(self, level: Level, basis: Basis) -> pd.DataFrame:
        """MONEY and UNPRICED by month (`period`) and `scope`; NaN where an export says nothing."""
        if level == "campaign":
            return self._campaign_sums(basis)
        tables = {key: table for key, table in (("ads", self._ads), ("costs", self._costs)) if table is not None}
        if self._orders is not None:
            tables["orders"] = self._dated(self._orders, basis)
        sums = self._summed(tables, "channel" if level == "channel" else None)
        if level == "channel":
            sums = sums.assign(channel=sums["channel"].fillna(UNKNOWN))
        if self._orders is not None:
            sums = fill_unsold(sums, tables["orders"], self._span(tables["orders"]), self._first_days)
        if level == "company":
            return sums.assign(scope=COMPANY)
        return own_costs(sums).rename(columns={"channel": "scope"})

    def _summed(self, tables: Mapping[str, pd.DataFrame], by: str | None) -> pd.DataFrame:
        tables = Tables(tables, self._tables)
        sums = sum_measures(tables, "month", by, first_days=self._first_days, keys=MONEY)
        orders = tables.get("orders")
        if orders is None or orders["margin"].notna().all() or orders["margin"].isna().all():
            return sums.assign(**{UNPRICED: 0.0})
        blank = {"orders": orders[orders["margin"].isna()]}
        more = sum_measures(blank, "month", by, first_days=self._first_days, keys=["revenue"])
        keys = ["period", *filter(None, [by])]
        more = more[[*keys, "revenue"]].rename(columns={"revenue": UNPRICED})
        return sums.merge(more, on=keys, how="left").fillna({UNPRICED: 0.0})

    def _span(self, orders: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """The first and the last month that the sales speak of: those of the orders, of deals those of all leads."""
        days = orders["ordered_at"].dt.tz_localize(None)
        if self.from_deals and self._leads is not None:
            days = pd.concat([days, *(self._leads[name].dt.tz_localize(None) for name in ("created_at", "closed_at"))])
        days = days.dropna()
        if days.empty:
            return None
        first, last = (day.to_period("M").to_timestamp() for day in (days.min(), days.max()))
        return first, last

    def _dated(self, orders: pd.DataFrame, basis: Basis) -> pd.DataFrame:
        return date_by_lead(orders, self._leads) if basis == "lead" and self._leads is not None else orders

    def _named_sales(self, basis: Basis) -> pd.DataFrame:
        """The sales that tell of campaigns, with the `campaign` of their lead."""
        assert self._told is not None and self._leads is not None
        return self._dated(self._told, basis).assign(campaign=of_leads(self._told, self._leads, "campaign"))

    def _campaign_sums(self, basis: Basis) -> pd.DataFrame:
        """As `_sums`, by campaign, of which other costs are never told.

        A campaign that leads name and that sold nothing in a month sold nothing; of others it is not known.
        """
        if self._ads is None:
            return self.sums("channel", basis).iloc[:0]
        scopes = campaign_scopes(self._ads)
        tables, spoken = {"ads": self._ads.assign(channel=campaign_keys(self._ads).map(scopes))}, set()
        if self.knows_campaigns:
            assert self._leads is not None
            sales = self.named_sales(basis)
            tables["orders"] = sales.assign(channel=campaign_keys(sales).map(scopes))
            spoken = set(campaign_keys(self._leads).map(scopes).dropna())
        sums = self._summed(tables, "channel")
        sums = sums.dropna(subset="channel").rename(columns={"channel": "scope"}).assign(other_costs=0.0)
        held = sums["revenue"].where(sums["scope"].isin(spoken))
        sold = held.mask(sums["scope"].isin(spoken) & held.isna() & self._are_known(sums["period"], basis), 0.0)
        return sums.assign(revenue=sold, margin=sums["margin"].where(held.notna()).mask(sold == 0, 0.0))

    def _are_known(self, periods: pd.Series, basis: Basis) -> pd.Series:
        """Which of these months the sales that tell of campaigns speak of."""
        if not self.knows_campaigns:
            return periods.isna()
        span = self._span(self.named_sales(basis))
        return periods.between(*span) if span else periods.isna()

    def _with_names(self, money: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, basis: Basis) -> pd.DataFrame:
        parts = [scope.partition(SPLIT) for scope in money["scope"]]
        named = self._share_named(first, last, basis)
        channels = pd.Series([channel for channel, _split, _campaign in parts], index=money.index, dtype="object")
        return money.assign(
            channel=channels, campaign=[campaign for _channel, _split, campaign in parts],
            named=channels.map(named).astype("float64"),
        )  # fmt: skip

    def _share_named(self, first: pd.Timestamp, last: pd.Timestamp, basis: Basis) -> pd.Series:
        """The share of each channel's revenue whose campaign an ad account knows; NaN where it cannot be told."""
        if self.told_apart or not self.knows_campaigns:
            return pd.Series(dtype="float64")
        named, whole = (sums[sums["period"].between(first, last)]
                        for sums in (self.sums("campaign", basis), self.sums("channel", basis)))  # fmt: skip
        of_campaigns = named["revenue"].groupby(named["scope"].str.partition(SPLIT)[0]).sum()
        of_channels = whole.groupby("scope")["revenue"].sum()
        return of_campaigns.reindex(of_channels.index).fillna(0.0) / of_channels.where(of_channels > 0)


def _at_margin(sums: pd.DataFrame, margin_share: float | None) -> pd.DataFrame:
    """The sums as they would be if the margin were that share of revenue."""
    return sums if margin_share is None else sums.assign(margin=sums["revenue"] * margin_share, **{UNPRICED: 0.0})
