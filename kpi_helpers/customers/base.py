"""The customer base month by month: who came, who stayed, who left."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_helpers.customers.purchases import is_purchase
from kpi_helpers.terms import TABLES

YEAR = 12  # months


def first_orders(orders: pd.DataFrame) -> pd.DataFrame:
    """The first order of every customer: customer_id, ordered_at, channel. "First" means first in the data at hand.

    A refund is no order (`is_purchase`).
    """
    known = orders[is_purchase(orders)].dropna(subset=["customer_id", "ordered_at"])
    known = known.sort_values("ordered_at", kind="stable")
    return known.drop_duplicates("customer_id")[list(TABLES["first_orders"].columns)].reset_index(drop=True)


def describe_base(orders: pd.DataFrame, active_days: int, first_days: int | None = None) -> pd.DataFrame:
    """The customer base month by month: a row per month of the orders, columns of the table "customer_base".

    A customer is active on a day who bought within the `active_days` before it. Of those active at the month's start,
    `retained` are active at its end too and `lost` are not. `first_days` ends each month after n days. The columns over
    12 months end with the month and are NaN until the data reach back far enough. A refund is no purchase, but lowers
    the margin.
    """
    known = orders.dropna(subset=["customer_id", "ordered_at"])
    if not is_purchase(known).any():
        types = {"date": "datetime64[us]", "count": "float64", "money": "float64"}
        columns = TABLES["customer_base"].columns
        return pd.DataFrame({name: pd.Series(dtype=types[kind]) for name, kind in columns.items()})
    day = known["ordered_at"].dt.tz_localize(None).dt.normalize()
    rows = pd.DataFrame({"customer": pd.factorize(known["customer_id"])[0], "day": day, "margin": known["margin"]})
    bought = rows[is_purchase(known)]
    starts = pd.date_range(day.min().replace(day=1), day.max(), freq="MS", unit="us")
    nexts = starts + pd.offsets.MonthBegin(1)
    full = pd.DataFrame([_month(bought, start, end, active_days) for start, end in zip(starts, nexts, strict=True)])
    covered = starts + pd.Timedelta(days=first_days or 31)
    ends = nexts.where(nexts < covered, covered)
    base = pd.DataFrame([_month(bought, start, end, active_days) for start, end in zip(starts, ends, strict=True)])
    year = [_year(rows, bought, end) for end in ends]
    summed = full[["lost", "customers_start"]].rolling(YEAR).sum()
    summed = summed if first_days is None else summed.shift(1)
    base = base.assign(
        buyers_12m=[row[0] for row in year],
        repeat_buyers_12m=[row[1] for row in year],
        margin_12m=[row[2] for row in year],
        lost_12m=summed["lost"],
        customer_months_12m=summed["customers_start"],
    )
    return base.assign(month=starts)[list(TABLES["customer_base"].columns)]


def _month(bought: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, active_days: int) -> dict[str, float]:
    if start - pd.Timedelta(days=active_days) < bought["day"].min():
        return dict.fromkeys(("customers_start", "retained", "lost"), np.nan)
    before, after = _active(bought, start, active_days), _active(bought, end, active_days)
    retained = len(np.intersect1d(before, after, assume_unique=True))
    return {"customers_start": len(before), "retained": retained, "lost": len(before) - retained}


def _active(bought: pd.DataFrame, at: pd.Timestamp, active_days: int) -> np.ndarray:
    within = (bought["day"] < at) & (bought["day"] >= at - pd.Timedelta(days=active_days))
    return np.unique(bought.loc[within, "customer"].to_numpy())


def _year(rows: pd.DataFrame, bought: pd.DataFrame, end: pd.Timestamp) -> tuple[float, float, float]:
    """Buyers, repeat buyers (2 or more days with a purchase) and margin of the 12 months before `end`."""
    start = end - pd.DateOffset(months=YEAR)
    if start < rows["day"].min().replace(day=1):
        return np.nan, np.nan, np.nan
    all_of, year = (some[(some["day"] >= start) & (some["day"] < end)] for some in (rows, bought))
    days = year.drop_duplicates(["customer", "day"]).groupby("customer").size()
    return len(days), int((days >= 2).sum()), all_of["margin"].sum(min_count=1)
