"""Payback: what the customers of a channel and month have brought in so far, against what they cost."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.customers.purchases import summarise_purchases

GROUP = ["channel", "month"]


def cohort_margins(orders: pd.DataFrame, until: date, since: date | None = None) -> pd.DataFrame:
    """The margin a customer of each cohort (channel and month of the first purchase), added up month by month.

    A row per cohort and `months_since` (0: the month of the first purchase): customers, `margin` a customer from the
    first purchase to that month's end (or to `until` in the last one, `whole` False). NaN from the month on in which an
    order's margin is not known.
    """
    firsts = summarise_purchases(orders, until, since)[["customer_id", *GROUP]]
    rows = orders.drop(columns=["channel"], errors="ignore").merge(firsts, on="customer_id")
    day = rows["ordered_at"].dt.tz_localize(None).dt.normalize()
    rows = rows[day <= pd.Timestamp(until)]
    start = rows["ordered_at"].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp()
    rows = rows.assign(months_since=_months(start, rows["month"]), money=rows["margin"], unknown=rows["margin"].isna())
    steps = [*GROUP, "months_since"]
    sums = rows[rows["months_since"] >= 0].groupby(steps, dropna=False)[["money", "unknown"]].sum()
    table = _every_month(firsts, until).set_index(steps).join(sums).fillna({"money": 0, "unknown": 0})
    totals = table.groupby(level=GROUP, dropna=False)[["money", "unknown"]].cumsum()
    table["margin"] = (totals["money"] / table["customers"]).where(totals["unknown"] == 0)
    return table.drop(columns=["money", "unknown"]).reset_index()


def _months(later: pd.Series | pd.Timestamp, earlier: pd.Series) -> pd.Series:
    year, month = (later.dt.year, later.dt.month) if isinstance(later, pd.Series) else (later.year, later.month)
    return (year - earlier.dt.year) * 12 + month - earlier.dt.month


def _every_month(firsts: pd.DataFrame, until: date) -> pd.DataFrame:
    """A row per cohort and month up to `until`, also those without an order."""
    sizes = firsts.groupby(GROUP, dropna=False).size().rename("customers").reset_index()
    last = _months(pd.Timestamp(until), sizes["month"])
    table = sizes.loc[np.repeat(sizes.index, last + 1)].reset_index(drop=True)
    table["months_since"] = table.groupby(GROUP, dropna=False).cumcount()
    over = pd.Timestamp(until) + pd.Timedelta(days=1)
    ends = table["month"].dt.to_period("M") + table["months_since"].to_numpy() + 1
    table["whole"] = ends.dt.to_timestamp() <= over
    return table


def pay_back(margins: pd.DataFrame, cac: pd.DataFrame) -> pd.DataFrame:
    """Whether each cohort has earned back what it cost, and when.

    `margins`: `cohort_margins`; `cac`: channel, month, cac (money for a new customer). A row per cohort: customers;
    `months` that are over, that of the first purchase included; `margin` a customer, so far; cac; `margin_to_cac`;
    `payback_months`: months after that of the first purchase until the margin covered the CAC (0: within it), NaN until
    then; `reason` why it is NaN: "no_cac", "no_margin", "not_yet". A ratio to a CAC of zero is NaN.
    """
    last = margins.groupby(GROUP, dropna=False).tail(1).rename(columns={"months_since": "last"})
    table = last.merge(_one_cac(cac), on=GROUP, how="left").reset_index(drop=True)
    table["months"] = table["last"] + table["whole"].astype(int)
    table["margin_to_cac"] = table["margin"] / table["cac"].where(table["cac"] > 0)
    costs = margins.merge(table[[*GROUP, "cac"]], on=GROUP)
    covered = costs[costs["margin"] >= costs["cac"]].groupby(GROUP, dropna=False)["months_since"].min()
    table = table.merge(covered.rename("payback_months").reset_index(), on=GROUP, how="left")
    reasons = [table["payback_months"].notna(), ~(table["cac"] >= 0), table["margin"].isna()]
    table["reason"] = np.select(reasons, ["", "no_cac", "no_margin"], "not_yet")
    return table[[*GROUP, "customers", "months", "margin", "cac", "margin_to_cac", "payback_months", "reason"]]


def _one_cac(cac: pd.DataFrame) -> pd.DataFrame:
    """The costs of a new customer, a row per cohort; ValueError where one stands twice or is below zero."""
    if cac.duplicated(GROUP).any() or (cac["cac"] < 0).any():
        raise ValueError("cac: one row per channel and month, not below zero")
    return cac[[*GROUP, "cac"]].assign(cac=cac["cac"].where(np.isfinite(cac["cac"])))
