"""Long deals: revenue followed from the month of the lead, how ripe each month is, and what it is expected to bring.

Composes the stages: deals are followed and months matured by `maturity`, costs summed by `measures`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from kpi_helpers.coverage import NEAR_END, last_day, whole_since
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.maturity import mature_months
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import HISTORY, Month

LINKED = 0.95  # of the deals won have an order of their own: then orders say what deals brought
RIPE = 0.9  # of what a channel's month brings in the end
DRAWN = 1  # wins: a channel that could expect so many counts half by what is usual
Base = Literal["orders", "deals", ""]
Why = Literal["", "counted", "unnamed", "none_won"]
BOUNDS = ("", "_low", "_high")
MONTHS = ["month", "leads", "open", "won", "seen", *(f"matured{end}" for end in BOUNDS),
          *(f"maturity{end}" for end in BOUNDS), "verdict", "reason", "others", "cost", "roi",
          *(f"roi_matured{end}" for end in BOUNDS)]  # fmt: skip


@dataclass(frozen=True)
class Deals:
    """The months of leads as known on the day `until`: a row each (MONTHS), the oldest first, at most 13.

    `seen` is the revenue that the deals of the month's leads have brought so far, by their orders or, where orders do
    not name their deal, as the CRM has it (`base`); with base "" the money of too many is not known, and `seen` and
    `matured` are deals won. `others`: revenue of the month's orders that belong to no deal, which is final; NaN where
    they cannot be told apart. `roi` takes the margin of both (of deals to come: at the mean of those won), less the
    month's marketing cost: NaN where one of them is not known. `why`: nothing can be followed, since leads are only
    counted, nothing says which are won, or none is; then `months` is empty. `counted` leads have no row of their own
    and are left out; `twice` have a number that another has too, and take no order. `lost_known`: some deal is known to
    be lost, so that not all of them stay open for ever.
    """

    months: pd.DataFrame
    until: date
    base: Base = ""
    why: Why = ""
    counted: int = 0
    twice: int = 0
    lost_known: bool = True

    def of(self, month: date) -> pd.Series | None:
        """The row of a month; None where no lead came."""
        rows = self.months[self.months["month"] == pd.Timestamp(month)]
        return rows.iloc[0] if len(rows) else None


@lru_cache(maxsize=4)
def follow_month(month: Month) -> Deals | None:
    """The months of leads up to the report's, as the exports know them on their last day; None without leads."""
    if "leads" not in month.exports.tables:
        return None
    until = _known_until(month)
    leads, base = deals_with_money(month)
    all_leads = month.exports.tables["leads"]
    counted = int(all_leads["leads"].sum()) if "leads" in all_leads else 0
    nothing = Deals(pd.DataFrame(columns=MONTHS), until, counted=counted)
    if leads.empty:
        return replace(nothing, why="counted")
    if not leads["won"].fillna(False).any():
        named = month.company.won_stages or leads["won"].notna().any()
        return replace(nothing, why="none_won" if named else "unnamed")
    matured = _matured(month, leads, until)
    base = base if _is_money(matured) else ""
    margins = _margins(leads if base else leads.assign(margin=np.nan), until)
    months = _months(month, _told(matured), _beside(month, base, leads).join(margins))
    orders = month.exports.tables.get("orders")
    twice = 0 if orders is None else int((_twice(leads) & leads["lead_id"].isin(orders["lead_id"])).sum())
    return replace(nothing, months=months, base=base, twice=twice, lost_known=_knows_lost(month, leads))


def _known_until(month: Month) -> date:
    """The last day of the exports; where the leads are silent for the last week of it, the last day they speak of."""
    leads, end = month.exports.tables["leads"], last_day(month.exports) or month.end
    after = pd.Timestamp(end) + pd.Timedelta(days=1)
    moments = pd.concat([leads[name].dt.tz_localize(None) for name in ("created_at", "closed_at", "first_answer_at")])
    last = moments[moments < after].max()
    return end if pd.isna(last) or last.date() >= end - NEAR_END else last.date()


def unripe_channels(month: Month, months: int = 1) -> frozenset[str]:
    """The channels that are not to be ranked by money: their leads of the last `months` are to bring much more.

    Much is over a tenth of what the channel has brought in these months (or cost, where that is more) and is still to
    bring. Where the pace of deals cannot be told: over a tenth of its leads wait. None where nothing tells of deals.
    """
    sums = still_to_come(month, months)
    return frozenset(map(str, sums.index[are_unripe(sums)]))


def still_to_come(month: Month, months: int = 1) -> pd.DataFrame:
    """By channel: what the leads of the last `months` are to bring yet (`coming`), what the channel has brought or
    cost (`brought`), and how many of its `leads` wait where the pace of deals cannot be told (`waits`)."""
    first = pd.Timestamp(month.start) - pd.DateOffset(months=months - 1)
    cells = _channel_months(month)
    sums = cells[cells["month"] >= first].groupby("group")[["coming", "seen", "waits", "leads"]].sum()
    found = follow_month(month)
    if found and found.base:
        brought = _brought(month, first)
        sums = sums.reindex(sums.index.union(brought.index)).fillna(0)
        return sums.assign(brought=np.maximum(brought.reindex(sums.index).fillna(0), sums["seen"]))
    return sums.assign(brought=sums["seen"])


def are_unripe(sums: pd.DataFrame) -> pd.Series:
    """Which rows of `still_to_come`, or sums of them, are not to be ranked."""
    whole = sums["brought"] + sums["coming"]
    return (sums["coming"] > (1 - RIPE) * whole) | (sums["waits"] > (1 - RIPE) * sums["leads"])


@lru_cache(maxsize=4)
def _channel_months(month: Month) -> pd.DataFrame:
    """By month of leads and channel: money seen and coming, and how many leads wait where that cannot be told."""
    found = follow_month(month)
    if found is None or found.why:
        return pd.DataFrame(columns=["month", "group", "coming", "seen", "waits", "leads"])
    cells = _told(_matured(month, deals_with_money(month)[0], found.until, "channel"))
    cells = cells[cells["month"] <= pd.Timestamp(month.start)]
    unknown = cells["matured"].isna() & (cells["open"] > 0)
    coming = (cells["matured"] - cells["seen"]) * cells["group"].map(_closing_of_channels(cells))
    return cells.assign(coming=coming, waits=cells["open"].where(unknown, 0))


def _closing_of_channels(cells: pd.DataFrame) -> pd.Series:
    """How often the deals of each channel are won against those of all, few deals drawn to 1: empty traffic has leads
    that are open, and brings nothing."""
    sums = cells.groupby("group")[["won", "leads", "open"]].sum()
    ended = sums["leads"] - sums["open"]
    usual = ended * (sums["won"].sum() / max(ended.sum(), 1))
    return (sums["won"] + DRAWN) / (usual + DRAWN)


def _brought(month: Month, first: pd.Timestamp) -> pd.Series:
    """By channel, from `first` to the report's month: revenue by the day of the order, or spend, whichever is more."""
    sums = sum_measures(month.tables, "month", "channel", first_days=month.first_days, keys=("revenue", "spend"))
    rows = sums[(sums["period"] >= first) & (sums["period"] <= pd.Timestamp(month.start))]
    return rows.groupby("channel")[["revenue", "spend"]].sum().max(axis=1)


def deals_with_money(month: Month) -> tuple[pd.DataFrame, Base]:
    """Leads that have a row of their own, with the `revenue` and `margin` of those won, and where these come from.

    A number that two leads have (of two CRMs) takes no order: it would count for both.
    """
    leads = month.exports.tables["leads"]
    own = leads[leads["leads"].isna() & leads["created_at"].notna()].copy()
    orders, won = month.exports.tables.get("orders"), own["won"].fillna(False).astype(bool)
    if orders is not None and won.any():
        of_deal = orders.dropna(subset=["lead_id"]).groupby("lead_id")[["revenue", "margin"]].sum(min_count=1)
        of_deal = of_deal[~of_deal.index.isin(own.loc[_twice(own), "lead_id"])]
        if own.loc[won & ~_twice(own), "lead_id"].isin(of_deal.index).mean() >= LINKED:
            return own.join(of_deal, on="lead_id"), "orders"
    share = month.company.margin_share
    known = own.loc[won, "amount"].notna().any()
    money = own.assign(revenue=own["amount"], margin=own["amount"] * (np.nan if share is None else share))
    return money, "deals" if known else ""


def _twice(leads: pd.DataFrame) -> pd.Series:
    """Leads that share their number with another."""
    return leads["lead_id"].notna() & leads["lead_id"].duplicated(keep=False)


def _matured(month: Month, leads: pd.DataFrame, until: date, by: str = "") -> pd.DataFrame:
    """`mature_months` of the deals' revenue: a row per month (and channel), its columns for "won" and for "amount"."""
    table = mature_months(leads, until, month.company.lost_stages, "revenue", by)
    return table.set_index(["measure", "month", "group"]).unstack("measure").reset_index()


def _is_money(matured: pd.DataFrame) -> bool:
    return bool(matured["seen", "amount"].notna().all())


def _told(matured: pd.DataFrame) -> pd.DataFrame:
    """The columns for money, or for deals won where the money of too many is not known; `won` beside them."""
    told = matured.xs("amount" if _is_money(matured) else "won", axis=1, level="measure")
    return told.assign(won=matured["seen", "won"], month=matured["month"], group=matured["group"])


def _margins(leads: pd.DataFrame, until: date) -> pd.DataFrame:
    """By month of the lead: the margin that deals have brought, and the share of their revenue that it is in the mean.

    Single deals without a margin are taken at the mean; NaN where it is not known of more than a few.
    """
    after = pd.Timestamp(until).tz_localize(leads["closed_at"].dt.tz) + pd.Timedelta(days=1)
    won = leads[leads["won"].fillna(False).astype(bool) & ~(leads["closed_at"] >= after) & leads["revenue"].notna()]
    both = won.dropna(subset=["margin"])
    known = len(both) >= LINKED * len(won) and both["revenue"].sum() > 0
    share = both["margin"].sum() / both["revenue"].sum() if known else np.nan
    margin = won["margin"].fillna(won["revenue"] * share) if known else won["margin"] * np.nan
    months = leads["created_at"].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp()
    sums = margin.groupby(months.loc[won.index]).sum(min_count=1)
    return pd.DataFrame({"margin": sums.reindex(months.unique(), fill_value=0.0 if known else np.nan), "share": share})


def _months(month: Month, told: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    since = pd.Timestamp(whole_since(month.exports, ["leads"]))
    table = told[(told["month"] >= since) & (told["month"] <= pd.Timestamp(month.start))].set_index("month")
    table = table.tail(HISTORY).join(beside)
    for name, earned in (("roi", "seen"), *((f"roi_matured{end}", f"matured{end}") for end in BOUNDS)):
        coming = table["share"] * (table[earned] - table["seen"])
        profit = table["margin"] + coming + table["others_margin"] - table["cost"]
        table[name] = profit.astype("float64") / table["cost"].where(table["cost"] > 0)
    return table.reset_index()[MONTHS]


def _beside(month: Month, base: Base, leads: pd.DataFrame) -> pd.DataFrame:
    """By month: marketing cost, and revenue and margin of the orders that belong to no deal (`others`)."""
    cost = _costs(month)
    every = pd.date_range(leads["created_at"].min().tz_localize(None).to_period("M").start_time, month.start, freq="MS")
    orders = month.exports.tables.get("orders")
    if orders is None or base != "orders":
        unknown = 0.0 if orders is None else np.nan
        return pd.DataFrame({"cost": cost, "others": unknown, "others_margin": unknown}, index=every)
    free = orders[~orders["lead_id"].isin(leads["lead_id"].dropna())]
    by_month = free["ordered_at"].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp()
    sums = free.groupby(by_month)[["revenue", "margin"]].sum(min_count=1).reindex(every, fill_value=0.0)
    return sums.set_axis(["others", "others_margin"], axis=1).assign(cost=cost)


def _costs(month: Month) -> pd.Series:
    """Marketing cost by month: of the whole months before the report's, and of the days covered of its own."""
    sums, here = _spent(month.exports.tables), pd.Timestamp(month.start)
    if month.first_days is not None:
        days = _spent(month.tables, month.first_days)
        sums = pd.concat([sums[sums["period"] < here], days[days["period"] == here]])
    return compute_kpis(sums, ["marketing_cost"]).set_index("period")["value"].astype("float64")


def _spent(tables: dict[str, pd.DataFrame], first_days: int | None = None) -> pd.DataFrame:
    return sum_measures(tables, "month", first_days=first_days, keys=("spend", "other_costs"))


def _knows_lost(month: Month, leads: pd.DataFrame) -> bool:
    named = leads["stage"].isin(month.company.lost_stages).any()
    closed = leads["closed_at"].notna() & ~leads["won"].fillna(False).astype(bool)
    return bool(named or leads["won"].eq(False).any() or closed.any())
