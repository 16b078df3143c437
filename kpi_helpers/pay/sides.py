"""Attractive for both, in numbers: the owner's chance and expected bonus, the company's cost beside its margin."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from kpi_helpers.pay.ledger import Pay

EXACT = 12  # decimals: an index of 0.9999999999999999 is full


@dataclass(frozen=True)
class Sides:
    """What both sides get, money a month unless said otherwise; NaN where nothing is known.

    Of the whole months looked back upon (no weight set aside): how many `months`, `full` of them with an index of 1 or
    more, the bonus `paid` on average; `cost` of all of them together, with charges, and as `share` of the margin of the
    same months (NaN unless it is known of all); `margin_full` and `margin_other`, the mean margin in months with a full
    bonus and in the others. Of the whole `months_ahead`: `chance` of a full bonus, the `expected` bonus and its 80 %
    interval (`low`, `high`), its `expected_cost`. `ceiling`: the most that a month can cost; inf where no cap limits
    it.
    """

    months: int
    full: int
    paid: float
    cost: float
    share: float
    margin_full: float
    margin_other: float
    months_ahead: int
    chance: float
    expected: float
    low: float
    high: float
    expected_cost: float
    ceiling: float


def both_sides(pay: Pay) -> Sides:
    """The numbers of both sides; the intervals of several months ahead are averaged."""
    back, ahead = pay.seen.whole, pay.seen.whole_ahead
    full, margin = back["index"].round(EXACT) >= 1, pay.margin.reindex(back.index)
    total = float(margin.sum()) if margin.notna().all() else math.nan
    expected, low, high, chance = (_mean(ahead[name]) for name in ("mean", "low", "high", "chance"))
    return Sides(
        len(back), int(full.sum()), _mean(back["bonus"]), pay.seen.cost,
        pay.seen.cost / total if total > 0 else math.nan, _mean(margin[full]), _mean(margin[~full]),
        len(ahead), chance, expected, low, high, expected * (1 + pay.charges), pay.seen.ceiling,
    )  # fmt: skip


def _mean(values: pd.Series) -> float:
    known = values.dropna()
    return float(known.mean()) if len(known) else math.nan
