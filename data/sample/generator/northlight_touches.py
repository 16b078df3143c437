"""What led the offices to Northlight: the visits before each deal, and whom they credit."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from .laws import FIRST_DAY
from .northlight_world import GROUPS, PAID, draw
from .shapes import COMMA

UNSEEN = 0.06  # of the deals: no visit could be tied to them
EARLIER = 1.1  # visits before the last one, on average; at most MOST
MOST, DAYS_BETWEEN = 5, (5.0, 0.7)
OPENS = {"meta_ads": 0.44, "social": 0.22, "organic_search": 0.14, "referral": 0.10, "google_ads": 0.10}
BETWEEN = {"organic_search": 0.34, "email": 0.26, "direct": 0.24, "google_ads": 0.16}
OPENING_HOURS = (8, 22)


def write_touches(leads: pd.DataFrame, path: Path) -> dict[str, object]:
    """A row per visit; the last one is of the deal's own channel. Returns whom the first and the last visit credit."""
    rng = draw("touches")
    paths = [_path(rng, lead) for lead in leads.itertuples() if rng.random() >= UNSEEN]
    utm = {group.channel: group.utm or ("(direct)", "(none)") for group in GROUPS}
    visits = sorted((at, lead_id, channel, campaign) for found in paths for at, lead_id, channel, campaign in found)
    COMMA.write(
        path,
        ["Touched at", "Source", "Medium", "Campaign", "Deal ID"],
        ([f"{at:%Y-%m-%d %H:%M}", *utm[channel], campaign, lead_id] for at, lead_id, channel, campaign in visits),
    )
    return {
        "deals": len(leads),
        "deals_with_touches": len(paths),
        "touches": len(visits),
        "first": _count(found[0][2] for found in paths),
        "last": _count(found[-1][2] for found in paths),
    }


def _path(rng: Generator, lead: Any) -> list[tuple[Any, ...]]:
    """The visits of one deal, oldest first: time, deal, channel, campaign."""
    at = lead.created_at.replace(second=0, microsecond=0) - timedelta(minutes=int(rng.integers(1, 20)))
    found = [(at, lead.lead_id, lead.channel, lead.campaign)]
    earlier = min(int(rng.poisson(EARLIER)), MOST)
    for place in range(earlier):
        gap = float(rng.lognormal(np.log(DAYS_BETWEEN[0]), DAYS_BETWEEN[1]))
        day = (found[0][0] - timedelta(days=max(gap, 1.0))).date()
        at = pd.Timestamp(day) + pd.Timedelta(minutes=int(rng.integers(60 * OPENING_HOURS[0], 60 * OPENING_HOURS[1])))
        mix = OPENS if place == earlier - 1 else BETWEEN
        channel = str(rng.choice(list(mix), p=list(mix.values())))
        found.insert(0, (at.to_pydatetime(), lead.lead_id, channel, _campaign(rng, channel)))
    return [visit for visit in found if visit[0].date() >= FIRST_DAY or visit is found[-1]]


def _campaign(rng: Generator, channel: str) -> str:
    campaigns = PAID[channel].campaigns if channel in PAID else (("", 1.0),)
    return str(campaigns[rng.choice(len(campaigns), p=[share for _, share in campaigns])][0])


def _count(channels: Iterable[str]) -> dict[str, int]:
    counted = pd.Series(list(channels)).value_counts()
    return {channel: int(counted[channel]) for channel in sorted(counted.index)}


def planted_touches() -> dict[str, object]:
    return {
        "unseen": UNSEEN,
        "earlier_visits": {"poisson": EARLIER, "most": MOST},
        "days_between_median_sigma": DAYS_BETWEEN,
        "opens": OPENS,
        "between": BETWEEN,
        "closes": "the deal's own channel",
    }
