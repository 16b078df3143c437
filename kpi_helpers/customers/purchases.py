"""The purchase history of each customer, in the terms of the purchase models."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

WEEK = 7  # days
COLUMNS = [
    "customer_id", "channel", "month", "first", "second", "last", "orders", "purchase_days", "frequency", "recency",
    "age", "value", "value_days", "revenue", "margin", "returns", "returned",
]  # fmt: skip
BY_HISTORY = ["first", "last", "orders", "revenue", "value"]  # not by the id, which each user's key hashes otherwise


def is_purchase(orders: pd.DataFrame) -> pd.Series:
    """Which rows are purchases: all but refunds, the rows below zero. What was given back in full is still one."""
    return ~(orders["revenue"] < 0)


def summarise_purchases(orders: pd.DataFrame, until: date, since: date | None = None) -> pd.DataFrame:
    """One row per customer: when they bought, how often and for how much, as of the end of the day `until`.

    Purchases of one day are one purchase. `first`, `second`, `last`: purchase days (`second` NaT where there is none);
    `month` and `channel`: of the first purchase; `frequency`: purchase days after the first; `recency` and `age`: weeks
    from the first purchase to the last one and to `until`; `value`: mean revenue of the repeat days that left revenue,
    `value_days` of them (NaN and 0 where there are none). `revenue` and `margin`: sums over all orders, NaN where one
    of the customer's orders does not say.

    Returns: an order with what is left of its revenue, even nothing, is a purchase; a row below zero is a return
    (`returns` of them, `returned` money), which lowers revenue and margin and is no purchase. Rows without customer or
    time, after `until`, and customers who only returned are left out.

    "First" means first in the data. `since` keeps the customers whose first purchase was on that day or later: with
    a few months of orders before it, old customers are not taken for new ones.

    Source: Fader, Hardie, Lee 2005, "Counting Your Customers" the Easy Way; x, t_x and T are their names of frequency,
    recency and age.
    """
    known = _known_orders(orders, until)
    bought, back = known[is_purchase(known)], known[~is_purchase(known)]
    days = bought.groupby(["customer_id", "day"], sort=True)["revenue"].sum(min_count=1).reset_index()
    table = _describe_days(days, until)
    table["channel"] = bought.groupby("customer_id")["channel"].first(skipna=False)
    table["orders"] = bought.groupby("customer_id").size()
    for name in ("revenue", "margin"):
        table[name] = _complete_sum(known, name).reindex(table.index)
    table["returns"] = back.groupby("customer_id").size().reindex(table.index, fill_value=0)
    table["returned"] = back["revenue"].abs().groupby(back["customer_id"]).sum().reindex(table.index, fill_value=0.0)
    if since is not None:
        table = table[table["first"] >= pd.Timestamp(since)]
    return table.sort_values(BY_HISTORY).reset_index()[COLUMNS]


def _known_orders(orders: pd.DataFrame, until: date) -> pd.DataFrame:
    """Orders of known customers up to the day, earliest first, with their `day`."""
    known = orders.dropna(subset=["customer_id", "ordered_at"])
    day = known["ordered_at"].dt.tz_localize(None).dt.normalize()
    known = known.assign(day=day).loc[day <= pd.Timestamp(until)]
    return known.sort_values(["ordered_at", "channel"], kind="stable")


def _describe_days(days: pd.DataFrame, until: date) -> pd.DataFrame:
    """First, second and last day, counts, weeks and mean value, by customer; `days` are sorted within customers."""
    by_customer = days.groupby("customer_id")
    table = by_customer.agg(first=("day", "min"), last=("day", "max"), purchase_days=("day", "size"))
    place = by_customer.cumcount()
    table["second"] = days[place == 1].set_index("customer_id")["day"]
    valued = days[(place > 0) & (days["revenue"] > 0)].groupby("customer_id")["revenue"]
    table["value"], table["value_days"] = valued.mean(), valued.size().reindex(table.index, fill_value=0)
    table["month"] = table["first"].dt.to_period("M").dt.to_timestamp().astype("datetime64[us]")
    table["frequency"] = table["purchase_days"] - 1
    table["recency"] = (table["last"] - table["first"]).dt.days / WEEK
    table["age"] = (pd.Timestamp(until) - table["first"]).dt.days / WEEK
    return table


def _complete_sum(rows: pd.DataFrame, name: str) -> pd.Series:
    """The sum by customer, NaN where a row does not say."""
    by_customer = rows.groupby("customer_id")[name]
    return by_customer.sum().where(by_customer.count() == by_customer.size(), np.nan)
