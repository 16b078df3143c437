"""Deals followed from the day of the lead to the day the data end: won, lost, or still open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.terms import UNKNOWN

COLUMNS = ["month", "group", "end", "days", "followed", "dated", "amount"]
_NEEDED = ("created_at", "closed_at", "won", "stage")
_DAY = 86_400  # seconds


def follow_deals(leads: pd.DataFrame, end: date, lost_stages: Collection[str] = (), value: str = "amount",
                 by: str = "") -> pd.DataFrame:  # fmt: skip
    """Each lead as it stood when the day `end` was over: COLUMNS, a row per lead that had come by then.

    `leads` is the canonical table; rows that tally leads instead of being one, and rows without a day, are left out.
    `month` of the lead, `group` by the column `by` ("" without one). `end`: "won"; "lost" (in one of `lost_stages`, or
    `won` says no); "open", what ended later included, so that an earlier `end` shows what was known then. Where the
    table never says lost, a deal with a closing day and no win is lost; where it does, that day is a plan.
    `days` from the lead to its end, or to the end of the data; `followed` from the lead to the end of the data.
    `dated` is False where a deal ended on no known day, or before it began. `amount`: the column `value` of deals won;
    NaN elsewhere, and where it is missing or below zero. KitError where a column is missing.
    """
    if missing := [name for name in (*_NEEDED, value, *filter(None, [by])) if name not in leads]:
        raise KitError(_("there is no column {name}.").format(name=", ".join(missing)))
    tallied = leads["leads"].notna() if "leads" in leads else pd.Series(False, index=leads.index)
    cut = pd.Timestamp(end).tz_localize(leads["created_at"].dt.tz) + pd.Timedelta(days=1)
    own = leads[(leads["created_at"] < cut) & ~tallied].reset_index(drop=True)
    created, closed = own["created_at"], own["closed_at"]
    won, lost = _ends(own, lost_stages)
    over = (won | lost) & ~(closed >= cut)
    amount = pd.to_numeric(own[value], errors="coerce").astype("float64")
    return pd.DataFrame({
        "month": created.dt.tz_localize(None).dt.to_period("M").dt.to_timestamp().astype("datetime64[us]"),
        "group": own[by].astype("object").replace("", None).fillna(UNKNOWN) if by else "",
        "end": np.where(over, np.where(won, "won", "lost"), "open"),
        "days": ((closed.where(over).fillna(cut) - created).dt.total_seconds() / _DAY).clip(lower=0),
        "followed": (cut - created).dt.total_seconds() / _DAY,
        "dated": ~over | (closed >= created),
        "amount": amount.where(over & won & (amount >= 0) & np.isfinite(amount)),
    })[COLUMNS]  # fmt: skip


def _ends(leads: pd.DataFrame, lost_stages: Collection[str]) -> tuple[pd.Series, pd.Series]:
    flag = leads["won"].astype("boolean")
    won = flag.fillna(False).astype(bool)
    lost = ~flag.fillna(True).astype(bool) | leads["stage"].isin(list(lost_stages))
    if not lost.any():
        lost = leads["closed_at"].notna()
    return won, lost & ~won
