"""Sales by campaign: orders seldom know the campaign, their leads do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpi_helpers.exports.words import plain
from kpi_helpers.terms import TABLES

SPLIT = "\x1f"  # between channel and campaign: no export can hold it


def deals_as_orders(leads: pd.DataFrame, margin_share: float | None) -> pd.DataFrame:
    """The deals won as rows of orders on the day they were closed (without one: on the day the lead came).

    A deal without an amount is an order of unknown revenue; the margin is the company's share, NaN without one.
    """
    won = leads[leads["won"].fillna(False).astype(bool)]
    amount = won["amount"].astype("float64")
    return pd.DataFrame({
        "order_id": won["lead_id"], "customer_id": won["customer_id"],
        "ordered_at": won["closed_at"].fillna(won["created_at"]), "channel": won["channel"],
        "revenue": amount, "margin": amount * (np.nan if margin_share is None else margin_share),
        "lead_id": won["lead_id"],
    })[list(TABLES["orders"].columns)].reset_index(drop=True)  # fmt: skip


def has_amounts(leads: pd.DataFrame | None) -> bool:
    """Whether the leads say what deals were won for."""
    return leads is not None and bool((leads["won"].fillna(False).astype(bool) & (leads["amount"] > 0)).any())


def of_leads(orders: pd.DataFrame, leads: pd.DataFrame, column: str) -> pd.Series:
    """What the lead of each order says in a column; missing where the order has no known lead."""
    by_lead = leads.dropna(subset="lead_id").drop_duplicates("lead_id").set_index("lead_id")
    return orders["lead_id"].map(by_lead[column])


def date_by_lead(orders: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """The orders, those of a known lead dated by the day that it came."""
    came = of_leads(orders, leads, "created_at")
    return orders.assign(ordered_at=came.fillna(orders["ordered_at"]))


def campaign_scopes(ads: pd.DataFrame) -> dict[str, str]:
    """The campaigns of the ad accounts by `campaign_keys`, each as the scope channel SPLIT campaign, in the spelling
    that is used most."""
    names = ads[["channel", "campaign"]].assign(key=campaign_keys(ads)).dropna(subset=["key"])
    counts = names.groupby(["key", "channel", "campaign"], sort=True).size().sort_values(kind="stable")
    return {key: f"{channel}{SPLIT}{campaign}" for key, channel, campaign in counts.index}


def campaign_keys(rows: pd.DataFrame) -> pd.Series:
    """Channel and campaign of each row, in one spelling; missing where no campaign is named."""
    named = rows["channel"].notna() & rows["campaign"].notna()
    pairs = rows.loc[named, ["channel", "campaign"]].astype("object")
    spelled: Mapping[str, str] = {name: plain(str(name)) for name in pairs["campaign"].unique()}
    return (pairs["channel"] + SPLIT + pairs["campaign"].map(spelled)).reindex(rows.index).astype("object")
