"""Whether a channel's history can teach a curve at all: the numbers, and a code where it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.budget.history import MONTH, History, baseline, by_week

SHORTEST = 26  # weeks since the first spend
MOST_UNKNOWN = 0.2  # share of periods
LEAST_VARIED = 0.1  # standard deviation of weekly spend over its mean
TOGETHER = 0.9  # correlation of a channel with all others together
MOST_FREE = 0.1  # outcome of a period without spend over that of one with it
COLUMNS = [
    "channel", "refusal", "weeks", "unknown_share", "idle_weekdays", "varied", "own_varied", "correlation",
    "moved_with", "condition", "free_share", "elasticity_low", "elasticity_high",
]  # fmt: skip


def check_history(history: History) -> pd.DataFrame:
    """A row per channel: `refusal` ("" where a curve may be fitted) and the numbers behind it; NaN: not looked at.

    Refusals: "zero_spend" (none in the last four weeks), "too_short", "gaps" (too many periods not known),
    "idle_weekdays" (of days on which no money is spent nothing can be learned: give weeks), "hardly_varied",
    "follows_season" (what varied went with season and trend), "collinear" (moved with other channels),
    "not_through_zero" (the outcome comes without spend, too), "no_response".

    weeks: since the first spend. unknown_share: of these periods. idle_weekdays: how many of the seven mostly have no
    spend in weeks with spend. varied: standard deviation of weekly spend over its mean; own_varied: what is left of it
    when season and trend are taken out. correlation: of that rest with the same of all other channels together;
    moved_with: the channel it is nearest to; condition: the condition number of all channels' rests, scaled (1: none
    moves with another; Belsley, Kuh and Welsch 1980). free_share: outcome of a period without spend, neither then nor
    in the four weeks before, over that of one with spend. elasticity_low and _high: of the exponent of a power curve,
    which `fit_curves` adds: percent of outcome for a percent of spend.
    """
    rows = [_check(history, str(channel)) for channel in history.spend]
    later = dict.fromkeys(["elasticity_low", "elasticity_high"], "float64")
    return pd.DataFrame(rows).reindex(columns=COLUMNS).astype(later)


def first_spend(spend: pd.Series) -> int:
    """The place of the first period with spend."""
    return int(np.flatnonzero(spend.to_numpy() > 0)[0])


def _check(history: History, channel: str) -> dict[str, Any]:
    spend, outcome = history.spend[channel], history.outcome[channel]
    row: dict[str, Any] = {"channel": channel, "refusal": "", "moved_with": ""}
    if not spend.iloc[-history.periods(MONTH) :].sum() > 0:
        return row | {"refusal": "zero_spend"}
    start = first_spend(spend)
    unknown = (spend.isna() | outcome.isna()).iloc[start:]
    row |= {"weeks": len(unknown) * history.step / 7, "unknown_share": float(unknown.mean())}
    row |= {"idle_weekdays": _idle_weekdays(spend.iloc[start:], history.step)}
    if row["weeks"] >= SHORTEST:
        row |= _variation(history, channel, start) | {"free_share": _free_share(history, channel)}
    return row | {"refusal": _refusal(row, float(outcome.sum()))}


def _refusal(row: Mapping[str, Any], outcome: float) -> str:
    if row["weeks"] < SHORTEST:
        return "too_short"
    reasons = {
        "gaps": row["unknown_share"] > MOST_UNKNOWN,
        "idle_weekdays": row["idle_weekdays"] > 0,
        "hardly_varied": row["varied"] < LEAST_VARIED,
        "follows_season": row["own_varied"] < LEAST_VARIED,
        "collinear": row["correlation"] >= TOGETHER,
        "not_through_zero": row["free_share"] > MOST_FREE,
        "no_response": not outcome > 0,
    }
    return next((code for code, holds in reasons.items() if holds), "")


def _idle_weekdays(spend: pd.Series, step: int) -> int:
    if step == 7:
        return 0
    week = np.arange(len(spend)) // 7
    in_use = (spend > 0).groupby(week).transform("any")
    idle = (spend == 0)[in_use].groupby(pd.DatetimeIndex(spend.index[in_use]).day_of_week).mean()
    return int((idle > 0.5).sum())


def _variation(history: History, channel: str, start: int) -> dict[str, Any]:
    """How weekly spend varied since the channel's start, by itself and beside the other channels."""
    weekly = by_week(history.spend.iloc[start:], history.step).interpolate(limit_direction="both")
    means = weekly.mean()
    weekly = (weekly / means).loc[:, means > 0]
    rests = _rests(weekly, baseline(pd.DatetimeIndex(weekly.index), 7))
    own = rests[channel]
    others = rests.drop(columns=channel).loc[:, lambda rest: rest.std() > 1e-9]
    found = {"varied": float(weekly[channel].std()), "own_varied": float(own.std())}
    alone = {"correlation": 0.0, "condition": 1.0}
    if others.empty or not own.std() > 1e-9:
        return found | alone
    near = others.corrwith(own).abs()
    left = _rests(own.to_frame(), others.to_numpy())[channel]
    scaled = rests[[channel, *others]].to_numpy() / np.linalg.norm(rests[[channel, *others]], axis=0)
    return found | {
        "correlation": float(np.sqrt(max(0.0, 1 - (left**2).sum() / (own**2).sum()))),
        "moved_with": str(near.idxmax()),
        "condition": float(np.linalg.cond(scaled)),
    }


def _rests(values: pd.DataFrame, columns: np.ndarray) -> pd.DataFrame:
    """What least squares on the columns leave of the values."""
    return values - columns @ np.linalg.lstsq(columns, values.to_numpy(), rcond=None)[0]


def _free_share(history: History, channel: str) -> float:
    """NaN where spend never paused that long."""
    spend, outcome = history.spend[channel], history.outcome[channel]
    window = history.periods(MONTH) + 1
    idle = spend.fillna(1.0).rolling(window, min_periods=1).max() == 0
    return float(outcome[idle].mean() / outcome[spend > 0].mean()) if idle.any() and outcome.sum() > 0 else np.nan
