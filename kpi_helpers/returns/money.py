"""The money of the company, its channels and campaigns over some months: what was spent, and what it brought."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

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
from kpi_helpers.returns.rating import MONEY, rate_returns
from kpi_helpers.terms import UNKNOWN

Level = Literal["company", "channel", "campaign"]
Basis = Literal["order", "lead"]

ADVERTISING = "advertising"  # the channels that are paid for, together


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
        self._told = self._orders if linked else deals  # what tells the sales of campaigns
        self.told_apart = self._told is not self._orders  # deals and orders may be the same sales, or others
        self.sums = lru_cache(maxsize=None)(self._sums)
        self.money = lru_cache(maxsize=64)(self._money)
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
        month of the order, or, where it has a lead, by that of the lead. `margin_share` as `rate_returns` takes it.
        """
        return rate_returns(self.money(level, first, last, basis), margin_share)

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

    def _money(self, level: Level, first: pd.Timestamp, last: pd.Timestamp, basis: Basis) -> pd.DataFrame:
        money = add_months(self.sums("channel" if level == "company" else level, basis), first, last)
        paid = money[money["spend"] > 0].sort_values("spend", ascending=False, kind="stable", ignore_index=True)
        if level == "campaign":
            return self._with_names(paid, first, last, basis)
        paid = paid.assign(unclaimed=_unclaimed(self.sums("channel", basis), first, last))
        if level == "channel":
            return paid
        whole = add_months(self.sums("company", basis), first, last).assign(unclaimed=0.0)
        return pd.concat([whole, _together(paid)], ignore_index=True)

    def _sums(self, level: Level, basis: Basis) -> pd.DataFrame:
        """MONEY by month (`period`) and `scope`; NaN where an export says nothing."""
        if level == "campaign":
            return self._campaign_sums(basis)
        tables = {key: table for key, table in (("ads", self._ads), ("costs", self._costs)) if table is not None}
        if self._orders is not None:
            tables["orders"] = self._dated(self._orders, basis)
        by = "channel" if level == "channel" else None
        sums = sum_measures(tables, "month", by, first_days=self._first_days, keys=MONEY)
        return _own_costs(sums).rename(columns={"channel": "scope"}) if by else sums.assign(scope=COMPANY)

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
        sums = sum_measures(tables, "month", "channel", first_days=self._first_days, keys=MONEY)
        sums = sums.dropna(subset="channel").rename(columns={"channel": "scope"}).assign(other_costs=0.0)
        held = sums["revenue"].where(sums["scope"].isin(spoken))
        sold = held.mask(sums["scope"].isin(spoken) & held.isna() & self._are_known(sums["period"], basis), 0.0)
        return sums.assign(revenue=sold, margin=sums["margin"].where(held.notna()).mask(sold == 0, 0.0))

    def _are_known(self, periods: pd.Series, basis: Basis) -> pd.Series:
        """Which of these months the sales that tell of campaigns speak of."""
        if not self.knows_campaigns:
            return periods.isna()
        days = self.named_sales(basis)["ordered_at"].dt.tz_localize(None)
        return periods.between(days.min().to_period("M").to_timestamp(), days.max())

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


def add_months(sums: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """MONEY by scope over the months from `first` to `last`, and how many `months` of them are summed.

    Those in which revenue and spend are both known; all of them where no month knows both. A sum is NaN unless every
    summed month is known: a part would pass for the whole.
    """
    rows = sums[sums["period"].between(first, last)]
    both = rows[["revenue", "spend"]].notna().all(axis=1)
    months = both.groupby(rows["scope"]).sum()
    used = rows[both | (rows["scope"].map(months) == 0)]
    grouped = used.groupby("scope")[list(MONEY)]
    complete = grouped.count().eq(grouped.size(), axis=0)
    added = grouped.sum().where(complete).reset_index()
    return added.assign(months=added["scope"].map(months))


def _own_costs(sums: pd.DataFrame) -> pd.DataFrame:
    """A channel's other costs are those that name it: none in a month whose costs name others or nobody.

    What names no channel is nobody's own, nor that of the unknown channel: it is left to the company.
    """
    told = sums["other_costs"].notna().groupby(sums["period"]).transform("any").astype(bool)
    sums = sums.assign(channel=sums["channel"].fillna(UNKNOWN))
    own = sums["other_costs"].mask(sums["channel"] == UNKNOWN)
    sums = sums.assign(other_costs=own.mask(told & own.isna(), 0.0))
    return sums.groupby(["period", "channel"], as_index=False)[list(MONEY)].sum(min_count=1)


def _together(paid: pd.DataFrame) -> pd.DataFrame:
    """The channels with advertising as one row; no row where there are none."""
    if paid.empty:
        return paid
    whole = paid[list(MONEY)].sum(skipna=False).to_frame().T.astype("float64")
    return whole.assign(scope=ADVERTISING, months=paid["months"].max(), unclaimed=paid["unclaimed"].max())


def _unclaimed(sums: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> float:
    """The share of all revenue that names no channel; 0 where there is no revenue."""
    rows = sums[sums["period"].between(first, last)]
    whole = float(rows["revenue"].sum())
    return float(rows.loc[rows["scope"] == UNKNOWN, "revenue"].sum()) / whole if whole > 0 else 0.0
