"""Months of money added up: which of them are known, what may be added to what is told, what one month changes."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.returns.rating import MONEY
from kpi_helpers.terms import UNKNOWN

UNPRICED = "unpriced"  # revenue of orders that do not say their margin


def fill_unsold(
    sums: pd.DataFrame, orders: pd.DataFrame, span: tuple[pd.Timestamp, pd.Timestamp] | None, first_days: int | None
) -> pd.DataFrame:
    """Revenue and margin are 0 in a month inside `span` in which no order stands: nothing was sold, and the spend of
    that month counts. A channel sold nothing where orders name any channel at all."""
    if span is None or orders.empty:
        return sums
    days = orders["ordered_at"].dt.tz_localize(None)
    rows = orders[days.dt.day <= (first_days or 31)]
    sold = pd.DataFrame({"period": days.loc[rows.index].dt.to_period("M").dt.to_timestamp()})
    on = ["period"]
    if "channel" in sums:
        if not (orders["channel"].notna() & (orders["channel"] != UNKNOWN)).any():
            return sums
        sold, on = sold.assign(channel=rows["channel"].fillna(UNKNOWN)), ["period", "channel"]
    has_order = pd.MultiIndex.from_frame(sums[on]).isin(pd.MultiIndex.from_frame(sold.drop_duplicates()))
    unsold = ~has_order & sums["period"].between(*span)
    return sums.assign(**{name: sums[name].mask(unsold, 0.0) for name in ("revenue", "margin")})


def own_costs(sums: pd.DataFrame) -> pd.DataFrame:
    """A channel's other costs are those that name it: none in a month whose costs name others or nobody.

    What names no channel is nobody's own, nor that of the unknown channel: it is left to the company.
    """
    told = sums["other_costs"].notna().groupby(sums["period"]).transform("any").astype(bool)
    own = sums["other_costs"].mask(sums["channel"] == UNKNOWN)
    sums = sums.assign(other_costs=own.mask(told & own.isna(), 0.0))
    return sums.groupby(["period", "channel"], as_index=False)[[*MONEY, UNPRICED]].sum(min_count=1)


def add_months(sums: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """MONEY by scope over the months from `first` to `last`, and how many `months` of them are summed.

    Those in which revenue and spend are both known; all of them where no month knows both. A sum is NaN unless every
    summed month is known: a part would pass for the whole. Beside it what a verdict is judged by: `known_costs`, the
    other costs of the months that tell them; `unpriced`, revenue whose margin is not told; `later`, the margin of
    months after the first one summed whose spend is not known; `swing` and `swing_all`, the largest difference between
    margin and spend (all known costs) in a month: what leaving one out may change, NaN where there is but one.
    """
    rows = sums[sums["period"].between(first, last)]
    both = rows[["revenue", "spend"]].notna().all(axis=1)
    months = both.groupby(rows["scope"]).sum()
    used = rows[both | (rows["scope"].map(months) == 0)]
    sums = used.assign(known_costs=used["other_costs"]).groupby("scope")[[*MONEY, "known_costs", UNPRICED]].sum()
    incomplete = used[list(MONEY)].isna().groupby(used["scope"]).any()
    added = sums[list(MONEY)].mask(incomplete)
    beside = {"months": months, "known_costs": sums["known_costs"], UNPRICED: sums[UNPRICED],
              "later": _later(rows, both)}  # fmt: skip
    return added.assign(**beside, **_swings(used, months)).fillna({"later": 0.0}).reset_index()


def _later(rows: pd.DataFrame, both: pd.Series) -> pd.Series:
    began = rows["period"].where(both).groupby(rows["scope"]).transform("min")
    after = rows[~both & rows["spend"].isna() & (rows["period"] > began)]
    return after["margin"].clip(lower=0).groupby(after["scope"]).sum()


def _swings(used: pd.DataFrame, months: pd.Series) -> dict[str, pd.Series]:
    """Other costs are spread evenly over the months: an invoice that is paid in one of them is no chance."""
    left, costs = used["margin"] - used["spend"], used["other_costs"].fillna(0.0)
    gaps = {"swing": left, "swing_all": left - costs.groupby(used["scope"]).transform("mean")}
    return {name: gap.abs().groupby(used["scope"]).max().where(months > 1) for name, gap in gaps.items()}


def together(sums: pd.DataFrame, paid: pd.DataFrame, name: str) -> pd.DataFrame:
    """The months of the `paid` scopes as one scope, each month with those of which both sides are known."""
    own = sums[sums["scope"].isin(paid["scope"])]
    if (paid["months"] > 0).any():
        own = own[own[["revenue", "spend"]].notna().all(axis=1)]
    by_month = own.groupby("period")[[*MONEY, UNPRICED]]
    whole = by_month.sum().where(by_month.count().eq(by_month.size(), axis=0))
    return whole.reset_index().assign(scope=name)


def unclaimed(sums: pd.DataFrame, paid: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """The `paid` channels with the share of all revenue that names no channel (`unclaimed`; 0 without revenue), and the
    margin in it that may be theirs (`maybe`): by their part of the sales or of the spend, whichever is more; of a
    channel that no sale names all of it. Where that margin is not told, it is at most the revenue."""
    rows = sums[sums["period"].between(first, last)]
    free, named = rows[rows["scope"] == UNKNOWN], rows[rows["scope"] != UNKNOWN]
    whole, sold = float(rows["revenue"].sum()), float(named["revenue"].clip(lower=0).sum())
    told = (free["margin"].notna() | ~(free["revenue"] > 0)).all() and not free[UNPRICED].sum() > 0
    margin = max(float(free["margin" if told else "revenue"].sum()), 0.0)
    parts = pd.DataFrame(
        {"sold": paid["revenue"] / sold if sold > 0 else 1.0, "spent": paid["spend"] / paid["spend"].sum()}
    )
    part = parts.max(axis=1).clip(0, 1).where(paid["revenue"] > 0, 1.0)
    share = float(free["revenue"].sum()) / whole if whole > 0 else 0.0
    return paid.assign(unclaimed=share, maybe=(part * margin).where(paid["scope"] != UNKNOWN, 0.0))
