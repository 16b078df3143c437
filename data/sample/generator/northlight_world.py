"""Northlight: what is planted, and the simulation that grows from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
import pandas as pd
from numpy.random import Generator

from .laws import (
    DAYS,
    END,
    Answers,
    Hill,
    Power,
    Purchases,
    Season,
    WorkingHours,
    days_of,
    in_the_office,
    moments,
    spend_path,
    stream,
    weekday_factor,
)

draw = partial(stream, "northlight")


@dataclass(frozen=True)
class Group:
    """One of GA4's channel groups, and how its visitors behave."""

    channel: str
    group: str
    hubspot: str
    utm: tuple[str, str] | None
    sessions: float  # a day, before season and growth; paid groups take theirs from the response curve
    leads: float
    new_customers: float
    engaged: float
    depth: float


@dataclass(frozen=True)
class PaidChannel:
    curve: Hill | Power
    level: float
    lowest: float
    highest: float
    campaigns: tuple[tuple[str, float], ...]
    ctr: float


GROUPS = (
    Group("google_ads", "Paid Search", "Paid Search", ("google", "cpc"), 0, 0.0032, 0.0022, 0.66, 3.1),
    Group("meta_ads", "Paid Social", "Paid Social", ("facebook", "paid_social"), 0, 0.0008, 0.0017, 0.44, 1.9),
    Group("organic_search", "Organic Search", "Organic Search", ("google", "organic"), 110, 0.0026, 0.0015, 0.69, 3.3),
    Group("direct", "Direct", "Direct Traffic", None, 75, 0.0023, 0.0014, 0.64, 3.6),
    Group("email", "Email", "Email Marketing", ("newsletter", "email"), 42, 0.0020, 0.0013, 0.74, 3.9),
    Group("social", "Organic Social", "Organic Social", ("tiktok", "social"), 33, 0.0010, 0.0011, 0.41, 1.8),
    Group("referral", "Referral", "Referrals", ("coffee-guide.example", "referral"), 17, 0.0045, 0.0036, 0.62, 2.9),
    Group("", "Unassigned", "", None, 5, 0, 0, 0.35, 1.3),
)
PAID = {
    "google_ads": PaidChannel(
        Hill(330, 50, 1.1), 38, 13, 105, (("Brand | Search", 0.3), ("Coffee subscription - generic, US", 0.7)), 0.043
    ),
    "meta_ads": PaidChannel(
        Power(15.3, 0.6), 24, 8, 66, (("Prospecting - lookalike 2%", 0.65), ("Retargeting / 30 days", 0.35)), 0.011
    ),
}
SEASON = Season(350, (0.10, 0.04), 1.20, (("11-15", "12-22", 1.45),))
WEEKDAYS = (1.10, 1.08, 1.05, 1.02, 0.95, 0.86, 0.94)
WEEKDAYS_LEADS = (1.3, 1.35, 1.3, 1.2, 1.0, 0.4, 0.45)
MISSING_TRACKING = (date(2026, 3, 3), date(2026, 3, 4))
MARGIN = 0.58
PURCHASES = Purchases(r=0.9, alpha=7.0, a=0.8, b=3.0, p=8.0, q=5.0, v=20.0)
REPEAT_CHANNELS = {"email": 0.45, "direct": 0.42, "organic_search": 0.13}
QUALIFICATION, QUALIFICATION_DAYS = 0.74, (1.0, 0.6)
WIN, CYCLE_DAYS, DEAL_VALUE = 0.3, (28.0, 0.6), (520.0, 0.4)
TAGS_KEPT, TRACKED, REFUNDED, PARTLY_REFUNDED, VOIDED = 0.72, 0.95, 0.025, 0.02, 0.012
OWNERS = ("Jordan Reed", "Sam Ortiz")
ANSWERS = Answers(late=0.10, never=0.02)
HOURS = WorkingHours(
    9,
    17,
    days_of(
        """
        2024-11-11 2024-11-28 2024-12-25 2025-01-01 2025-01-20 2025-02-17 2025-05-26 2025-06-19
        2025-07-04 2025-09-01 2025-10-13 2025-11-11 2025-11-27 2025-12-25 2026-01-01 2026-01-19
        2026-02-16 2026-05-25 2026-06-19 2026-07-03 2026-09-07 2026-10-12
        """
    ),
)


@dataclass
class World:
    ads: pd.DataFrame
    traffic: pd.DataFrame
    leads: pd.DataFrame
    orders: pd.DataFrame


def simulate() -> World:
    spends = {
        channel: spend_path(draw("spend", channel), paid.level, paid.lowest, paid.highest)
        for channel, paid in PAID.items()
    }
    traffic = pd.concat([_traffic(group, spends) for group in GROUPS], ignore_index=True)
    leads = _leads(traffic)
    orders = pd.concat([_shop_orders(traffic), _deal_orders(leads)], ignore_index=True)
    orders = orders.sort_values(["ordered_at", "customer"], kind="stable").reset_index(drop=True)
    orders["number"] = [f"#{n}" for n in range(1001, 1001 + len(orders))]
    orders["paid"] = (orders.subtotal + orders.shipping).round(2)
    orders["revenue"] = (orders.paid - orders.refunded).round(2)
    return World(_ads(spends, traffic), traffic, leads, orders)


def _traffic(group: Group, spends: dict[str, np.ndarray]) -> pd.DataFrame:
    rng = draw("traffic", group.group)
    base = (
        PAID[group.channel].curve.visits(spends[group.channel])
        if group.channel in PAID
        else group.sessions * np.ones(len(DAYS))
    )
    sessions = rng.poisson(base * weekday_factor(WEEKDAYS) * SEASON.demand() * rng.lognormal(0, 0.06, len(DAYS)))
    return pd.DataFrame(
        {
            "date": DAYS,
            "channel": group.channel,
            "group": group.group,
            "sessions": sessions,
            "engaged": rng.binomial(sessions, group.engaged),
            "users": sessions - rng.binomial(sessions, 0.09),
            "views": sessions + rng.poisson(sessions * (group.depth - 1)),
        }
    )


def _ads(spends: dict[str, np.ndarray], traffic: pd.DataFrame) -> pd.DataFrame:
    tables = []
    for channel, paid in PAID.items():
        rng = draw("ads", channel)
        clicks_a_day = np.round(traffic[traffic.channel == channel].sessions.to_numpy() / 0.92).astype(int)
        shares = rng.dirichlet([60 * share for _, share in paid.campaigns], len(DAYS))
        for (name, _), share in zip(paid.campaigns, shares.T, strict=True):
            clicks = rng.binomial(clicks_a_day, share)
            impressions = np.round(clicks / (paid.ctr * rng.lognormal(0, 0.15, len(DAYS)))).astype(int) + clicks
            tables.append(
                pd.DataFrame(
                    {
                        "date": DAYS,
                        "channel": channel,
                        "campaign": name,
                        "spend": np.round(spends[channel] * share, 2),
                        "clicks": clicks,
                        "impressions": impressions,
                        "reach": rng.binomial(impressions, 0.78),
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def _leads(traffic: pd.DataFrame) -> pd.DataFrame:
    rng = draw("leads")
    rate = {group.group: group.leads for group in GROUPS}
    weekday = dict(zip(DAYS, weekday_factor(WEEKDAYS_LEADS) / weekday_factor(WEEKDAYS), strict=True))
    expected = traffic.sessions * traffic.group.map(rate) * traffic.date.map(weekday)
    rows = traffic.loc[traffic.index.repeat(rng.poisson(expected)), ["date", "channel", "group"]].reset_index(drop=True)
    rows["created_at"] = moments(rng, pd.DatetimeIndex(rows.date))
    rows = rows.sort_values("created_at", kind="stable").reset_index(drop=True)
    leads = pd.concat(
        [
            rows,
            pd.DataFrame([_fate(rng, channel, at) for channel, at in zip(rows.channel, rows.created_at, strict=True)]),
        ],
        axis=1,
    )
    leads["lead_id"] = 9_200_001 + np.arange(len(leads)) * 3
    leads["company"] = 700_001 + np.arange(len(leads))
    leads["tracked"] = (rng.random(len(leads)) < TRACKED) & ~leads.date.isin(pd.DatetimeIndex(MISSING_TRACKING))
    return leads


def _fate(rng: Generator, channel: str, created_at: datetime) -> dict[str, object]:
    """What becomes of an office's request; None is what the period's end has not yet shown."""
    service, answered_at = ANSWERS.draw(rng, HOURS, created_at)
    will_qualify = bool(service != "never" and rng.random() < QUALIFICATION / (1 - ANSWERS.never))
    decided_at = in_the_office(
        (answered_at or created_at)
        + timedelta(days=rng.lognormal(np.log(QUALIFICATION_DAYS[0]), QUALIFICATION_DAYS[1]))
    )
    closes_at = in_the_office(created_at + timedelta(days=rng.lognormal(np.log(CYCLE_DAYS[0]), CYCLE_DAYS[1])))
    closes_at = max(closes_at, decided_at + timedelta(hours=2)) if will_qualify else decided_at
    will_win = bool(will_qualify and rng.random() < WIN)
    campaigns = PAID[channel].campaigns if channel in PAID else (("", 1.0),)
    return {
        "campaign": campaigns[rng.choice(len(campaigns), p=[share for _, share in campaigns])][0],
        "owner": OWNERS[rng.choice(2)],
        "service": service,
        "answered_at": answered_at if answered_at and answered_at <= END else None,
        "will_qualify": will_qualify,
        "qualified": will_qualify if decided_at <= END else None,
        "decided_at": decided_at,
        "will_win": will_win,
        "won": will_win if closes_at <= END else None,
        "closed_at": closes_at if closes_at <= END else None,
        "value": float(round(rng.lognormal(np.log(DEAL_VALUE[0]), DEAL_VALUE[1]))),
        "share_of_cycle": min(1.0, (END - created_at) / (closes_at - created_at)),
    }


COLUMNS = [
    "customer",
    "ordered_at",
    "channel",
    "tagged",
    "subtotal",
    "shipping",
    "refunded",
    "status",
    "first",
    "discounted",
    "lead_id",
]


def _shop_orders(traffic: pd.DataFrame) -> pd.DataFrame:
    rng = draw("shop")
    rate = {group.group: group.new_customers for group in GROUPS}
    firsts = traffic.loc[
        traffic.index.repeat(rng.poisson(traffic.sessions * traffic.group.map(rate))), ["date", "channel"]
    ]
    firsts = firsts.assign(at=moments(rng, pd.DatetimeIndex(firsts.date))).sort_values("at", kind="stable")
    rows = [
        row
        for n, (at, channel) in enumerate(zip(firsts["at"], firsts.channel, strict=True), start=1)
        for row in _subscriber(rng, f"c{n}@example.com", at, channel)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _subscriber(rng: Generator, customer: str, first_at: datetime, first_channel: str) -> Iterator[tuple[object, ...]]:
    weeks = [0.0, *PURCHASES.repeat_weeks(rng, (END - first_at) / timedelta(weeks=1))]
    utm = {group.channel: group.utm for group in GROUPS}
    for n, (week, value) in enumerate(zip(weeks, PURCHASES.order_values(rng, len(weeks)), strict=True)):
        channel = first_channel if n == 0 else str(rng.choice(list(REPEAT_CHANNELS), p=list(REPEAT_CHANNELS.values())))
        at = (first_at + timedelta(weeks=week)).replace(microsecond=0)
        subtotal = round(max(float(value), 9.0), 2)
        shipping = 5.0 if subtotal < 30 else 0.0
        tagged = utm[channel] is not None and rng.random() < TAGS_KEPT
        fate = rng.choice(
            ["paid", "refunded", "partially_refunded"], p=[1 - REFUNDED - PARTLY_REFUNDED, REFUNDED, PARTLY_REFUNDED]
        )
        refunded = {
            "paid": 0.0,
            "refunded": round(subtotal + shipping, 2),
            "partially_refunded": round(subtotal * 0.4, 2),
        }[str(fate)]
        if rng.random() < VOIDED:  # the payment was voided, and ordered once more
            yield customer, at, channel, tagged, subtotal, shipping, 0.0, "voided", False, False, None
        yield (
            customer,
            at,
            channel,
            tagged,
            subtotal,
            shipping,
            refunded,
            str(fate),
            n == 0,
            n == 0 and rng.random() < 0.3,
            None,
        )


def _deal_orders(leads: pd.DataFrame) -> pd.DataFrame:
    won = leads[leads.won.eq(True)]
    return pd.DataFrame(
        {
            "customer": "office" + won.company.astype(str) + "@example.com",
            "ordered_at": won.closed_at,
            "channel": won.channel,
            "tagged": False,
            "subtotal": won.value,
            "shipping": 0.0,
            "refunded": 0.0,
            "status": "paid",
            "first": True,
            "discounted": False,
            "lead_id": won.lead_id,
        }
    )
