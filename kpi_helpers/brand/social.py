"""Social networks: followers net of losses, and engagement by a denominator that is named."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd

COLUMNS = ["network", "start", "new", "lost", "net", "growth", "new_rate", "lost_rate", "engaged", "by_reach",
           "by_views", "by_followers", "days", "both"]  # fmt: skip


def describe_networks(social: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """What the networks say of the days: a row each, COLUMNS; NaN where the export does not tell.

    `start`: followers on the first morning; `net` is `new` less `lost` of the `both` days of which both are known;
    `growth` is net / start, `new_rate` and `lost_rate` are per 1,000 followers at the start. `engaged`: reactions,
    comments and shares together; `by_views` is engaged / views, `by_reach` engaged / the reach of the days added up, in
    which who came on two days counts twice: each over the days of which both are known; `by_followers` engaged /
    followers at the start. `days`: with figures.
    """
    inside = social[(social["date"] >= pd.Timestamp(first)) & (social["date"] <= pd.Timestamp(last))]
    rows = [_described(str(network), part) for network, part in inside.groupby("network", sort=True)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _described(network: str, days: pd.DataFrame) -> dict[str, object]:
    sums = {name: float(days[name].sum(min_count=1)) for name in ("new_followers", "lost_followers")}
    engaged, start = days[["reactions", "comments", "shares"]].sum(axis=1, min_count=1), _start(days)
    new, lost = sums["new_followers"], sums["lost_followers"]
    gains = (days["new_followers"] - days["lost_followers"]).dropna()
    net = float(gains.sum(min_count=1))
    rates = {"new_rate": 1000 * _ratio(new, start), "lost_rate": 1000 * _ratio(lost, start)}
    return {
        "network": network, "start": start, "new": new, "lost": lost, "net": net,
        "growth": _ratio(net, start), **rates, "engaged": float(engaged.sum(min_count=1)),
        "by_reach": _over(engaged, days["reach"]), "by_views": _over(engaged, days["views"]),
        "by_followers": _ratio(float(engaged.sum(min_count=1)), start), "days": days["date"].nunique(),
        "both": days.loc[gains.index, "date"].nunique(),
    }  # fmt: skip


def _start(days: pd.DataFrame) -> float:
    """Followers before the first of the days."""
    first = days[days["date"] == days["date"].min()]
    return float(first["followers_before"].sum(min_count=1))


def _over(part: pd.Series, whole: pd.Series) -> float:
    """Sum over sum, of the days of which both are known."""
    both = part.notna() & whole.notna()
    return _ratio(float(part[both].sum()), float(whole[both].sum()))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan
