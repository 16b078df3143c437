"""What a new customer costs: by channel the ads alone, for the company everything that marketing costs."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpi_helpers.coverage import whole_since
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.past import COMPANY

ADS_ONLY, ALL_COSTS = "ads", "all"


def acquisition_costs(month: Month, until: date) -> pd.DataFrame:
    """Costs and new customers by channel and month, and those of the company, of months that the exports hold whole.

    Columns: channel (COMPANY for all), month, cost, new_customers, of: "ads", or "all" marketing costs, which only the
    company has: other costs name no channel. Only channels that advertised have rows: what the others cost is unknown.
    """
    tables = {key: month.exports.tables.get(key, frame) for key, frame in month.tables.items()}
    tables = {name: tables[name] for name in ("ads", "costs", "first_orders") if name in tables}
    company = _sums(tables, None, ("spend", "other_costs", "new_customers")).assign(channel=COMPANY)
    with_costs = "costs" in tables and "ads" in tables
    company["cost"] = company["spend"] + company["other_costs"] if with_costs else company["spend"]
    channels = _sums(tables, "channel", ("spend", "new_customers")).rename(columns={"spend": "cost"})
    channels = channels[channels["cost"].notna() & (channels["channel"] != COMPANY)]
    advertised = channels.groupby("channel")["cost"].transform("sum") > 0
    rows = pd.concat(
        [company.assign(of=ALL_COSTS if with_costs else ADS_ONLY), channels[advertised].assign(of=ADS_ONLY)]
    )
    since = pd.Timestamp(whole_since(month.exports, ["ads", "orders"]))
    over = rows["period"] + pd.offsets.MonthBegin(1) <= pd.Timestamp(until + timedelta(days=1))
    rows = rows[(rows["period"] >= since) & over & rows["cost"].notna()].rename(columns={"period": "month"})
    rows["new_customers"] = rows["new_customers"].fillna(0)
    return rows[["channel", "month", "cost", "new_customers", "of"]].reset_index(drop=True)


def _sums(tables: dict[str, pd.DataFrame], by: str | None, keys: tuple[str, ...]) -> pd.DataFrame:
    return sum_measures(tables, "month", by, keys=keys).reindex(columns=["period", *([by] if by else []), *keys])


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
