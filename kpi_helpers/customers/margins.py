"""What a customer brings in with age: money a customer, added up from the first purchase on."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from kpi_helpers.customers.repeat import Z

MONTH = 365.25 / 12  # days
MOST_UNKNOWN = 0.2  # of the orders: with more, no margin is taken from the others
LEAST_ORDERS = 30  # of a channel, for a margin of its own
Money = Literal["margin", "revenue"]


def money_by_age(
    orders: pd.DataFrame, purchases: pd.DataFrame, months: int = 24, money: Money = "margin"
) -> pd.DataFrame:
    """The money a customer has brought in by each age: a row per month since the first purchase, 0 being its day.

    `purchases`: the customers, from `summarise_purchases` of these `orders`; who has an order of unknown money is left
    out. Columns: months_since (0 to `months`, of 30.4 days); customers (old enough to be asked); money (a customer,
    added up); low, high (95 %, normal, by the spread of those customers; NaN of fewer than two). What is added in a
    month is the mean of those who were watched through all of it, so that the young count as far as they go; NaN from
    the month on that nobody was watched through.
    """
    known = purchases.loc[purchases[money].notna(), ["customer_id", "first", "age"]].reset_index(drop=True)
    full = np.floor(np.round(known["age"].to_numpy() * 7) / MONTH)
    brought = _by_month(orders, known, months, money)
    so_far = brought.cumsum(axis=1)
    watched = full[:, None] >= np.arange(months + 1)
    customers = watched.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.cumsum((brought * watched).sum(axis=0) / customers)
        mean = (so_far * watched).sum(axis=0) / customers
        spread = np.sqrt(((so_far - mean) ** 2 * watched).sum(axis=0) / (customers - 1) / customers)
    spread = np.where(customers > 1, spread, np.nan)
    return pd.DataFrame({
        "months_since": np.arange(months + 1), "customers": customers, "money": each, "low": each - Z * spread,
        "high": each + Z * spread,
    })  # fmt: skip


def _by_month(orders: pd.DataFrame, known: pd.DataFrame, months: int, money: Money) -> np.ndarray:
    """The money of each customer in each month since the first purchase: (customers, 1 + months)."""
    rows = orders[["customer_id", "ordered_at", money]].merge(known.assign(place=known.index), on="customer_id")
    days = (rows["ordered_at"].dt.tz_localize(None).dt.normalize() - rows["first"]).dt.days.to_numpy()
    step = np.ceil(days / MONTH)
    counted = (days >= 0) & (step <= months)
    cell = rows["place"].to_numpy()[counted] * (months + 1) + step[counted].astype(int)
    flat = np.bincount(cell, rows[money].to_numpy(dtype=float)[counted], minlength=len(known) * (months + 1))
    return flat.reshape(len(known), months + 1)


def first_covered(curve: pd.DataFrame, cost: float, least: int = 1) -> float:
    """The first month of `money_by_age` by which a customer's money covers the cost; NaN where it has not yet.

    Months that fewer than `least` customers were old enough for are not asked.
    """
    reached = curve.loc[(curve["customers"] >= least) & (curve["money"] >= cost), "months_since"]
    return float(reached.iloc[0]) if len(reached) else float("nan")


def complete_margins(orders: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The orders with the margins that are not known taken at the margin of their channel, and how many lacked one.

    Where a channel has fewer than LEAST_ORDERS known ones, at that of all. Where more than MOST_UNKNOWN of the orders
    lack a margin, none of them has one: what is left would be the margin of other customers.
    """
    lacking = orders["margin"].isna() & orders["revenue"].notna()
    count = int((lacking & (orders["revenue"] != 0)).sum())  # of nothing there is no margin
    if not lacking.any():
        return orders, 0
    if count > MOST_UNKNOWN * len(orders):
        return orders.assign(margin=np.nan), count
    known = orders[orders["margin"].notna() & orders["revenue"].notna()]
    sums = known.groupby("channel", dropna=False)[["margin", "revenue"]].sum()
    sums = sums[(known.groupby("channel", dropna=False).size() >= LEAST_ORDERS) & (sums["revenue"] > 0)]
    everywhere = known["margin"].sum() / known["revenue"].sum() if known["revenue"].sum() > 0 else np.nan
    share = orders["channel"].map(sums["margin"] / sums["revenue"]).fillna(everywhere)
    return orders.assign(margin=orders["margin"].mask(lacking, orders["revenue"] * share)), count
