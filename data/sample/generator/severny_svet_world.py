"""«Северный свет»: the simulation that grows from what is planted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import pandas as pd
from numpy.random import Generator

from .laws import DAYS, END, Floats, in_the_office, moments, spend_path, stream, weekday_factor
from .severny_svet_planted import (
    ANSWERS,
    B2B_SHARE,
    CANCELLED,
    CHANNEL_OF,
    CYCLE_DAYS,
    DEAL_VALUE,
    GOAL_TRACKED,
    HOURS,
    MANAGERS,
    MARGINS,
    MISSING_TRACKING,
    NEW_CAMPAIGN,
    NEW_CAMPAIGN_STARTS,
    PAID,
    PURCHASES,
    QUALIFICATION,
    QUALIFICATION_AFTER,
    QUALIFICATION_DAYS,
    QUALIFICATION_FALLS,
    REPEAT_SOURCES,
    ROBOT_BURST,
    ROBOT_SOURCE,
    SEASON,
    SOURCES,
    WEEKDAYS_LEADS,
    WEEKDAYS_VISITS,
    WIN,
    WIN_FACTOR,
    PaidChannel,
    Source,
)

draw = partial(stream, "severny_svet")


@dataclass
class World:
    ads: pd.DataFrame  # date, channel, campaign, name, spend, clicks, impressions
    traffic: (
        pd.DataFrame
    )  # date, channel, group, detail, utm, people, robots, visits, visitors, new, views, bounces, seconds
    leads: pd.DataFrame
    orders: pd.DataFrame


def simulate() -> World:
    """Spend -> visits -> leads -> deals -> orders, and retail orders straight from the visits."""
    spends = {channel: _spend(channel, paid) for channel, paid in PAID.items()}
    traffic = pd.concat([_traffic(source, spends) for source in SOURCES], ignore_index=True)
    traffic = traffic[traffic.visits > 0].reset_index(drop=True)
    leads = _leads(traffic)
    orders = pd.concat([_retail_orders(traffic), _deal_orders(leads)], ignore_index=True)
    orders = orders.sort_values(["ordered_at", "customer_id"], kind="stable").reset_index(drop=True)
    orders["number"] = [f"{n:06d}" for n in range(1, len(orders) + 1)]
    return World(_ads(spends, traffic), traffic, leads, orders)


def _spend(channel: str, paid: PaidChannel) -> Floats:
    spend = spend_path(draw("spend", channel), paid.level, paid.lowest, paid.highest)
    return np.where(paid.starts <= DAYS, spend, 0.0)


def _traffic(source: Source, spends: dict[str, Floats]) -> pd.DataFrame:
    rng = draw("traffic", source.detail)
    base = (
        PAID[source.channel].curve.visits(spends[source.channel])
        if source.channel in PAID
        else source.visits * np.ones(len(DAYS))
    )
    if source.channel == "email":  # letters go out on Tuesdays and Thursdays
        base = base * np.array([0.0, 3.1, 0.9, 2.4, 0.6, 0.0, 0.0])[DAYS.day_of_week]
    else:
        base = base * weekday_factor(WEEKDAYS_VISITS)
    people = rng.poisson(base * SEASON.demand() * rng.lognormal(0, 0.06, len(DAYS)))
    robots = rng.poisson(source.robots * people)
    if source is ROBOT_SOURCE:
        first, last, size = ROBOT_BURST
        in_burst = (pd.Timestamp(first) <= DAYS) & (pd.Timestamp(last) >= DAYS)
        robots = np.where(in_burst, rng.poisson(size * rng.uniform(0.8, 1.2, len(DAYS))), 0)
    visitors = people - rng.binomial(people, 0.08) + robots - rng.binomial(robots, 0.02)
    return pd.DataFrame(
        {
            "date": DAYS,
            "channel": source.channel,
            "group": source.group,
            "detail": source.detail,
            "utm": [source.utm] * len(DAYS),
            "people": people,
            "robots": robots,
            "visits": people + robots,
            "visitors": visitors,
            "new": rng.binomial(visitors, source.new_visitors),
            "bounces": rng.binomial(people, source.bounces) + rng.binomial(robots, 0.97),
            "views": people + rng.poisson(people * (source.depth - 1)) + robots,
            "seconds": (people * source.seconds * rng.normal(1, 0.08, len(DAYS))).round() + robots,
        }
    )


def _ads(spends: dict[str, Floats], traffic: pd.DataFrame) -> pd.DataFrame:
    tables = []
    for channel, paid in PAID.items():
        rng = draw("ads", channel)
        visits = traffic[traffic.channel == channel].set_index("date").people.reindex(DAYS, fill_value=0)
        shares = rng.dirichlet([60 * share for _, _, share in paid.campaigns], len(DAYS))
        if NEW_CAMPAIGN in (names := [campaign for campaign, *_ in paid.campaigns]):
            early, new = DAYS < NEW_CAMPAIGN_STARTS, names.index(NEW_CAMPAIGN)
            shares[early, 0] += shares[early, new]
            shares[early, new] = 0
        for (campaign, name, _), share in zip(paid.campaigns, shares.T, strict=True):
            clicks = rng.binomial(np.round(visits.to_numpy() / 0.93).astype(int), share)
            impressions = np.round(clicks / (paid.ctr * rng.lognormal(0, 0.15, len(DAYS)))).astype(int) + clicks
            tables.append(
                pd.DataFrame(
                    {
                        "date": DAYS,
                        "channel": channel,
                        "campaign": campaign,
                        "name": name,
                        "spend": np.round(spends[channel] * share, 2),
                        "clicks": clicks,
                        "impressions": impressions,
                    }
                )
            )
    ads = pd.concat(tables, ignore_index=True)
    return ads[ads.spend > 0].reset_index(drop=True)


def _leads(traffic: pd.DataFrame) -> pd.DataFrame:
    rng = draw("leads")
    rate = {source.detail: source.leads for source in SOURCES}
    weekday = dict(zip(DAYS, weekday_factor(WEEKDAYS_LEADS) / weekday_factor(WEEKDAYS_VISITS), strict=True))
    expected = traffic.people * traffic.detail.map(rate) * traffic.date.map(weekday)
    rows = traffic.loc[traffic.index.repeat(rng.poisson(expected)), ["date", "channel", "detail", "utm"]].reset_index(
        drop=True
    )
    rows["created_at"] = moments(rng, pd.DatetimeIndex(rows.date))
    rows = rows.sort_values("created_at", kind="stable").reset_index(drop=True)
    fates = pd.DataFrame([_fate(rng, channel, at) for channel, at in zip(rows.channel, rows.created_at, strict=True)])
    leads = pd.concat([rows, fates], axis=1)
    leads["lead_id"] = 4_100_001 + np.arange(len(leads)) * 7
    customers = 50_001 + np.arange(len(leads))
    again = rng.random(len(leads)) < 0.06
    again[0] = False
    leads["customer_id"] = np.where(
        again, customers[(rng.random(len(leads)) * np.arange(len(leads))).astype(int)], customers
    )
    leads["tracked"] = (rng.random(len(leads)) < GOAL_TRACKED) & ~leads.date.isin(pd.DatetimeIndex(MISSING_TRACKING))
    return leads


def _fate(rng: Generator, channel: str, created_at: datetime) -> dict[str, object]:
    """What becomes of a lead: its answer, its qualification, its deal; None is what is not yet known at the end."""
    kind = "B2B" if rng.random() < B2B_SHARE[channel] else "розница"
    service, answered_at = ANSWERS.draw(rng, HOURS, created_at)
    rate = (
        0.0
        if channel == "partner_network"
        else QUALIFICATION_AFTER
        if created_at >= QUALIFICATION_FALLS
        else QUALIFICATION
    )
    will_qualify = bool(service != "never" and rng.random() < rate / (1 - ANSWERS.never))
    decided_at = in_the_office(
        (answered_at or created_at)
        + timedelta(days=rng.lognormal(np.log(QUALIFICATION_DAYS[0]), QUALIFICATION_DAYS[1]))
    )
    median, spread = CYCLE_DAYS[kind]
    closes_at = in_the_office(created_at + timedelta(days=rng.lognormal(np.log(median), spread)))
    closes_at = max(closes_at, decided_at + timedelta(hours=2)) if will_qualify else decided_at
    will_win = bool(will_qualify and rng.random() < WIN[kind] * WIN_FACTOR.get(channel, 1.0))
    typical, width, step = DEAL_VALUE[kind]
    value = round(rng.lognormal(np.log(typical), width) / step) * step
    campaigns = (
        PAID[channel].campaigns
        if channel in PAID
        else (({"email": "digest", "social": "posts"}.get(channel, ""), "", 1.0),)
    )
    campaign = campaigns[rng.choice(len(campaigns), p=[share for *_, share in campaigns])][0]
    if campaign == NEW_CAMPAIGN and created_at < NEW_CAMPAIGN_STARTS:
        campaign = campaigns[0][0]
    decided, closed = decided_at <= END, closes_at <= END
    return {
        "kind": kind,
        "campaign": campaign,
        "manager": MANAGERS[rng.choice(3, p=[0.4, 0.33, 0.27])],
        "service": service,
        "answered_at": answered_at if answered_at and answered_at <= END else None,
        "will_qualify": will_qualify,
        "qualified": will_qualify if decided else None,
        "will_win": will_win,
        "won": will_win if closed else None,
        "closed_at": closes_at if closed else None,
        "value": value,
        "share_of_cycle": min(1.0, (END - created_at) / (closes_at - created_at)),
    }


def _retail_orders(traffic: pd.DataFrame) -> pd.DataFrame:
    rng = draw("retail")
    rate = {source.detail: source.new_customers for source in SOURCES}
    firsts = traffic.loc[traffic.index.repeat(rng.poisson(traffic.people * traffic.detail.map(rate))), ["date", "utm"]]
    firsts = firsts.assign(at=moments(rng, pd.DatetimeIndex(firsts.date))).sort_values("at", kind="stable")
    rows = [
        row
        for customer, (at, utm) in enumerate(zip(firsts["at"], firsts.utm, strict=True), start=10_001)
        for row in _customer_orders(rng, customer, at, utm)
    ]
    return pd.DataFrame(
        rows, columns=["customer_id", "ordered_at", "utm", "revenue", "margin", "first", "cancelled", "lead_id"]
    )


def _customer_orders(
    rng: Generator, customer: int, first_at: datetime, first_utm: tuple[str, str]
) -> Iterator[tuple[object, ...]]:
    weeks = [0.0, *PURCHASES.repeat_weeks(rng, (END - first_at) / timedelta(weeks=1))]
    utms = list(REPEAT_SOURCES)
    for n, (week, value) in enumerate(zip(weeks, PURCHASES.order_values(rng, len(weeks)), strict=True)):
        utm = first_utm if n == 0 else utms[rng.choice(len(utms), p=list(REPEAT_SOURCES.values()))]
        at = (first_at + timedelta(weeks=week)).replace(microsecond=0)
        revenue = round(max(value, 190.0), 2)
        margin = round(revenue * rng.normal(MARGINS[CHANNEL_OF[utm]], 0.03), 2)
        if rng.random() < CANCELLED:  # ordered, cancelled, and ordered once more
            yield customer, at, utm, revenue, margin, False, True, None
        yield customer, at, utm, revenue, margin, n == 0, False, None


def _deal_orders(leads: pd.DataFrame) -> pd.DataFrame:
    rng = draw("deal margins")
    won = leads[leads.won.eq(True)]
    share = rng.normal(won.channel.map(MARGINS).to_numpy(dtype=float), 0.03)
    first = ~won.sort_values("closed_at", kind="stable").duplicated("customer_id").reindex(won.index)
    return pd.DataFrame(
        {
            "customer_id": won.customer_id,
            "ordered_at": won.closed_at,
            "utm": won.utm,
            "revenue": won.value.astype(float),
            "margin": np.round(won.value * share, 2),
            "first": first,
            "cancelled": False,
            "lead_id": won.lead_id,
        }
    )
