"""Reputation: what the ratings of reviews say by period and source, with intervals. No text and no name is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
WORST, BEST, BAD, GOOD = 1, 5, 2, 4  # stars: from BAD down a review is bad, from GOOD up good
PERIODS = {"": "", "month": "M", "quarter": "Q", "year": "Y"}
COLUMNS = ["period", "source", "reviews", "mean", "low", "high", "bad", "bad_share", "bad_low", "bad_high", "good",
           "good_share"]  # fmt: skip
_DOUBT = 4.0  # reviews as unlike as they can be, that few reviews are taken with


def describe_reviews(
    reviews: pd.DataFrame, every: str = "", first: date | None = None, last: date | None = None, *,
    by_source: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """What the ratings say: a row per period (and source), COLUMNS; periods without a rating have no row.

    `reviews` is the canonical table, `rating` in stars from 1 to 5. `every` is "month", "quarter", "year", or "" for
    all of them at once (`period` NaT); `first` and `last` are the days that count. `source` is "" for all together.

    `mean` is the average rating with a 95 % interval `low`, `high` that stays between 1 and 5: Wilson's, for as many
    reviews as would spread so little if every rating were a 1 or a 5; few reviews are taken to spread more than they
    do, so that three alike prove little. `bad` counts reviews of 1 and 2 stars, `bad_share` with Wilson's interval;
    `good` those of 4 and 5. The interval holds chance alone: not that the pleased and the angry write more than others.
    Source: Wilson 1927, JASA 22:209; McCullagh and Nelder 1989, Generalized Linear Models, section 9.2 (dispersion).
    """
    days = reviews["reviewed_at"]
    inside = reviews["rating"].notna() & days.notna()
    inside &= (days >= pd.Timestamp(first)) if first else True
    inside &= (days < pd.Timestamp(last) + pd.Timedelta(days=1)) if last else True
    known = reviews[inside]
    known = known.assign(source=known["source"].fillna("") if by_source else "", period=known["reviewed_at"])
    known["period"] = known["period"].dt.to_period(PERIODS[every]).dt.to_timestamp() if every else pd.NaT
    rows = [{"period": period, "source": name, **_described(part["rating"])}
            for (period, name), part in known.groupby(["period", "source"], dropna=False)]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS).astype({"period": "datetime64[us]"})


def _described(ratings: pd.Series) -> dict[str, float]:
    stars = ratings.to_numpy(dtype=float)
    number, bad, good = len(stars), int((stars <= BAD).sum()), int((stars >= GOOD).sum())
    low, high = mean_interval(stars)
    bad_low, bad_high = _wilson(bad / number, number)
    return {"reviews": number, "mean": float(stars.mean()), "low": low, "high": high, "bad": bad,
            "bad_share": bad / number, "bad_low": bad_low, "bad_high": bad_high, "good": good,
            "good_share": good / number}  # fmt: skip


def mean_interval(stars: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of an average rating, between 1 and 5; see `describe_reviews`.

    >>> [round(bound, 2) for bound in mean_interval(np.array([5.0, 5.0, 5.0]))]
    [2.75, 5.0]
    """
    parts = (stars - WORST) / (BEST - WORST)
    number, middle = len(parts), float(parts.mean())
    most = middle * (1 - middle)
    spread = float(parts.var()) / most if most > 0 else 1.0  # of the widest that this mean allows
    spread = (number * spread + _DOUBT) / (number + _DOUBT)
    low, high = _wilson(middle, number / spread)
    return WORST + (BEST - WORST) * low, WORST + (BEST - WORST) * high


def _wilson(share: float, number: float) -> tuple[float, float]:
    squared = Z**2 / number
    centre, half = share + squared / 2, math.sqrt(squared * (share * (1 - share) + squared / 4))
    return max((centre - half) / (1 + squared), 0.0), min((centre + half) / (1 + squared), 1.0)


def difference_of_means(now: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[float, float, float]:
    """The difference of two average ratings (rows of `describe_reviews`) with its 95 % interval: value, low, high.

    The distances of both means to their own bounds, added in squares.
    Source: Zou and Donner 2008, Statist. Med. 27:1693.
    """
    value = float(now["mean"] - before["mean"])
    below = math.hypot(now["mean"] - now["low"], before["high"] - before["mean"])
    above = math.hypot(now["high"] - now["mean"], before["mean"] - before["low"])
    return value, value - below, value + above
