"""What a customer brings in with age: money a customer, added up from the first purchase on."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

MONTH = 365.25 / 12  # days
Z = 1.959963984540054
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
