"""Paid traffic judged by what comes of it: channels whose visits never qualify, and what was paid for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from kpi_helpers.comparisons.found import open_leads
from kpi_helpers.coverage import whole_since
from kpi_helpers.differences import compare_shares
from kpi_helpers.kpis import proportion_interval
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.terms import UNKNOWN
from kpi_helpers.traffic import EMPTY_PART, is_empty, people, wasted

MEASURES = ("visits", "robot_visits", "spend", "leads", "qualified_leads", "orders")
MONTHS = 3  # of evidence, the report's month included
Result = Literal["qualified_leads", "orders"]


@dataclass(frozen=True)
class PaidTraffic:
    """The paid channels of a month, the dearest first, and what their visits are judged by.

    `channels`, by channel: the month's spend, visits, robot_visits (NaN where not known), people (visits of people) and
    wasted (spent on visits that never qualify, see `traffic.wasted`); over `months`: leads, result, trials (visits of
    people), share, low and high (95 %), share_others, expected (the result that as many visits bring to the others);
    `state`: "empty", "sound", or "unproven"; then `why`: "alone" (no other channel to compare with), "untold" (it would
    be empty, but results without a channel may be its own) or "few" (too few visits to tell).
    """

    channels: pd.DataFrame
    result: Result
    months: int

    @property
    def empty(self) -> pd.DataFrame:
        """The channels whose visits never qualify, or hardly ever."""
        return self.channels[self.channels["state"] == "empty"]


def judge_paid_traffic(month: Month) -> PaidTraffic | None:
    """What came of the visits that were paid for, by channel; None where spend, visits or any result are not known.

    The result of a visit is a qualified lead; where no lead is known, an order. The month and the two before it speak,
    as far as the exports hold them whole.
    """
    sums = sum_measures(month.tables, "month", "channel", keys=MEASURES)
    nameless = sums["channel"].isna() | (sums["channel"] == UNKNOWN)
    lost, sums = sums[nameless], sums[~nameless]
    start = pd.Timestamp(month.start)
    result = _result_of(sums[sums["period"] == start])
    if result is None:
        return None
    since = pd.Timestamp(whole_since(month.exports, ["traffic", "orders" if result == "orders" else "leads"]))
    first = min(max(start - pd.DateOffset(months=MONTHS - 1), since), start)
    window = sums[sums["period"].between(first, start)]
    still_open = _still_open(month, first, result)
    untold = float(lost.loc[lost["period"].between(first, start), result].sum()) + still_open.get(UNKNOWN, 0.0)
    judged = judge_channels(sums[sums["period"] == start], window, result, still_open, untold)
    return PaidTraffic(judged, result, window["period"].nunique()) if len(judged) else None


def _result_of(now: pd.DataFrame) -> Result | None:
    known: list[Result] = ["qualified_leads", "orders"]
    return next((key for key in known if now[key].sum() > 0), None)


def _still_open(month: Month, first: pd.Timestamp, result: Result) -> pd.Series:
    """Leads since `first` that may still qualify, by channel."""
    if result == "orders":
        return pd.Series(dtype="float64")
    open_ = open_leads(month, "qualification_rate", "channel")
    return open_[open_["period"].between(first, pd.Timestamp(month.start))].groupby("scope")["open"].sum()


def judge_channels(
    now: pd.DataFrame, window: pd.DataFrame, result: Result, still_open: pd.Series | None = None, untold: float = 0.0
) -> pd.DataFrame:
    """The channels with spend in `now` (sums of the month by channel), judged by `window` (sums of all its months).

    Empty: the share of visits of people with a result is proven lower than that of the other channels together (Holm
    over the paid channels), its interval lies below a quarter of theirs even if all of `still_open` qualified and all
    results of no known channel (`untold`) were its own, and the channel sells no more than that either. Sound: the
    interval lies above that quarter.
    """
    held = window.assign(people=people(window))[window["visits"].notna() & window[result].notna()]
    held = held.groupby("channel")[["people", "leads", "qualified_leads", "orders"]].sum(min_count=1)
    held = held.rename(columns={"people": "trials"})
    found = now.assign(people=people(now)).set_index("channel")[["spend", "visits", "robot_visits", "people"]]
    found = found[(found["spend"] > 0) & (found["visits"] > 0)].join(held)
    found = found[found["trials"] > 0].sort_values("spend", ascending=False, kind="stable")
    found["result"] = found[result]
    found["others"] = held[result].sum() - found["result"]
    found["trials_others"] = held["trials"].sum() - found["trials"]
    found["share"], found["share_others"] = found["result"] / found["trials"], found["others"] / found["trials_others"]
    found["expected"] = found["trials"] * found["share_others"]
    found["low"], found["high"] = proportion_interval(found["result"], found["trials"])
    waiting = (pd.Series(dtype="float64") if still_open is None else still_open).reindex(found.index).fillna(0.0)
    found["state"] = _states(found, held, waiting + untold)
    told = _states(found, held, waiting) if untold else list(found["state"])
    found["why"] = [_why(*row) for row in zip(found["state"], told, found["trials_others"], strict=True)]
    found["wasted"] = wasted(found["spend"], found["visits"], found["robot_visits"], found["state"] == "empty")
    return found.drop(columns=["others", "trials_others"])


def _why(state: str, told: str, others: float) -> str:
    """Why a channel is neither empty nor sound; `told` is its state if every result had its channel."""
    if state != "unproven":
        return ""
    return "alone" if not others > 0 else "untold" if told == "empty" else "few"


def _states(found: pd.DataFrame, held: pd.DataFrame, more: pd.Series) -> list[str]:
    """The state of each channel, if `more` results were its own."""
    hits = (found["result"] + more).clip(upper=found["trials"])
    compared = compare_shares(pd.DataFrame({"hits": hits, "trials": found["trials"], "hits_before": found["others"],
                                            "trials_before": found["trials_others"]}))  # fmt: skip
    upper = proportion_interval(hits, found["trials"])[1]
    sells = found["orders"] / found["trials"] >= EMPTY_PART * (
        (held["orders"].sum() - found["orders"]) / found["trials_others"]
    )
    empty = [is_empty(verdict, high, share) and not sold for verdict, high, share, sold in zip(
        compared["verdict"], upper, found["share_others"], sells & (found["orders"] > 0), strict=True)]  # fmt: skip
    sound = (found["low"] > EMPTY_PART * found["share_others"]) | (sells & (found["orders"] > 0))
    return ["empty" if bad else "sound" if good else "unproven" for bad, good in zip(empty, sound, strict=True)]
