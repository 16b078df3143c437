"""RFM: customers by how lately, how often and for how much they bought."""

from __future__ import annotations

import numpy as np
import pandas as pd

SCORES = 5
# Rows: recency 1 to 5; columns: frequency 1 to 5. A convention of the trade, read from several like it: no law.
SEGMENTS = (
    ("lost", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("about_to_sleep", "about_to_sleep", "needs_attention", "loyal", "loyal"),
    ("promising", "potentially_loyal", "potentially_loyal", "loyal", "loyal"),
    ("new", "potentially_loyal", "potentially_loyal", "champion", "champion"),
)


def score_rfm(purchases: pd.DataFrame) -> pd.DataFrame:
    """Scores 1 to 5 of each customer and the segment: customer_id, r, f, m, segment; in the order of `purchases`.

    r: the last purchase, later is higher; f: purchase days; m: revenue. A score of n says that at least (n - 1) fifths
    of the customers did worse, so that equals score equal, and where most bought once, all of them have f = 1. m is
    missing where revenue is. Segments, by r and f: see `SEGMENTS`.
    """
    r, f, m = (_score(purchases[name]) for name in ("last", "purchase_days", "revenue"))
    names = np.array(SEGMENTS, dtype=object)[r.astype(int) - 1, f.astype(int) - 1]
    scores = {"r": r.astype("int64"), "f": f.astype("int64"), "m": m.astype("Int64")}
    return purchases[["customer_id"]].assign(**scores, segment=pd.Series(names, index=purchases.index, dtype="str"))


def _score(values: pd.Series) -> pd.Series:
    """1 + the whole fifths of the known values that lie below; NaN stays."""
    worse = values.rank(method="min") - 1
    return 1 + (worse * SCORES) // max(int(values.notna().sum()), 1)
