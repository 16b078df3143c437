"""What a new customer costs: a channel its own costs, the company everything that marketing costs."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpi_helpers.coverage import whole_since
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.past import COMPANY
from kpi_helpers.terms import UNKNOWN

ADS_ONLY, OWN_COSTS, ALL_COSTS = "ads", "own", "all"
KEYS = ("spend", "other_costs", "new_customers")


def acquisition_costs(month: Month, until: date, since: date | None = None) -> pd.DataFrame:
    """Costs and new customers by channel and month, and those of the company, of months that the exports hold whole.

    Columns: channel (COMPANY for all), month, cost, new_customers, of: "all" marketing costs of the company, "own" ones
    of a channel, its ads and the other costs that name it, or "ads" alone where no other costs are known. Only channels
    with costs have rows: what the others cost is unknown. `since`: the day from which new customers are known to be new
    (see `judge_newness`); months that begin before it are left out.
    """
    tables = {key: month.exports.tables.get(key, frame) for key, frame in month.tables.items()}
    tables = {name: tables[name] for name in ("ads", "costs", "first_orders") if name in tables}
    with_costs = "costs" in tables and "ads" in tables
    company = _sums(tables, None).assign(channel=COMPANY, of=ALL_COSTS if with_costs else ADS_ONLY)
    company["cost"] = company["spend"] + company["other_costs"] if with_costs else company["spend"]
    rows = pd.concat([company, _of_channels(_sums(tables, "channel"))])
    begin = pd.Timestamp(max(whole_since(month.exports, ["ads", "orders"]), since or date.min))
    over = rows["period"] + pd.offsets.MonthBegin(1) <= pd.Timestamp(until + timedelta(days=1))
    rows = rows[(rows["period"] >= begin) & over & rows["cost"].notna()].rename(columns={"period": "month"})
    rows["new_customers"] = rows["new_customers"].fillna(0)
    return rows[["channel", "month", "cost", "new_customers", "of"]].reset_index(drop=True)


def _of_channels(sums: pd.DataFrame) -> pd.DataFrame:
    """The own costs of channels that have any. What names no channel is nobody's own, it is left to the company.

    A channel that other costs name has none in a month whose costs name others or nobody.
    """
    told = sums["other_costs"].notna().groupby(sums["period"]).transform("any").astype(bool)
    named = sums["other_costs"].groupby(sums["channel"]).transform("sum") > 0
    others = sums["other_costs"].mask(told & named & sums["other_costs"].isna(), 0.0)
    rows = sums.assign(other_costs=others, of=np.where(named, OWN_COSTS, ADS_ONLY))
    rows["cost"] = rows[["spend", "other_costs"]].sum(axis=1, min_count=1)
    has_costs = rows.groupby("channel")["cost"].transform("sum") > 0
    return rows[has_costs & ~rows["channel"].isin([COMPANY, UNKNOWN])]


def _sums(tables: dict[str, pd.DataFrame], by: str | None) -> pd.DataFrame:
    return sum_measures(tables, "month", by, keys=KEYS).reindex(columns=["period", *([by] if by else []), *KEYS])


def cost_of(costs: pd.DataFrame, channel: str = COMPANY, year: int | None = None) -> float:
    """The cost of a new customer over all the months: sum of costs / sum of new customers; NaN where unknown.

    `year`: of the months of that year alone.
    """
    rows = costs[costs["channel"] == channel]
    rows = rows if year is None else rows[rows["month"].dt.year == year]
    new, cost = rows["new_customers"].sum(), rows["cost"].sum()
    return float(cost / new) if new > 0 and cost > 0 else float("nan")


def monthly_costs(costs: pd.DataFrame) -> pd.DataFrame:
    """The cost of a new customer by channel and month: channel, month, cac; NaN without customers or without costs.

    More was credited than charged in some months of some accounts: these have no cost either.
    """
    sound = (costs["new_customers"] > 0) & (costs["cost"] > 0)
    cac = np.where(sound, costs["cost"] / costs["new_customers"].where(sound), np.nan)
    return costs[["channel", "month"]].assign(cac=cac)
