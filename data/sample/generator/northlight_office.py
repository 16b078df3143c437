"""The smaller files of Northlight (costs, TikTok, survey, goals), and the truth that it hides."""

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from . import northlight_world as planted
from .laws import DAYS, MONTHS, moments
from .measured import Series, by_month
from .northlight import monthly_users, tracked_traffic
from .northlight_world import World, draw
from .shapes import BOM_COMMA, COMMA, write_goal_rows

COSTS = (
    ("Salaries", "", 2_600, 0.0),
    ("Content", "", 350, 0.15),
    ("SEO", "organic_search", 400, 0.0),
    ("Email service", "email", 90, 0.0),
    ("Creators", "social", 220, 0.3),
)
WAVES, ANSWERS_A_WAVE = MONTHS[2::3], 90
AIDED, UNAIDED, PROMOTERS, DETRACTORS = (0.20, 0.02), (0.05, 0.008), 0.58, 0.12
QUESTIONS = {
    "aware_unaided": "Which coffee subscriptions can you name?",
    "aware_aided": "Have you heard of Northlight?",
    "recommend": "How likely are you to recommend us (0-10)?",
    "satisfied": "How satisfied are you with your last order (1-5)?",
    "target_audience": "Have you bought coffee online in the last six months?",
}


def write_costs(folder: Path) -> Series:
    rng = draw("costs")
    amounts = {month: [round(base * rng.lognormal(0, spread), 2) for _, _, base, spread in COSTS] for month in MONTHS}
    COMMA.write(
        folder / "costs.csv",
        ["Month", "Kind", "Channel", "Amount (USD)"],
        (
            [month, kind, channel, f"{amount:.2f}"]
            for month in MONTHS
            for (kind, channel, *_), amount in zip(COSTS, amounts[month], strict=True)
        ),
    )
    return {"other_marketing_cost": [round(sum(amounts[month]), 2) for month in MONTHS]}


def write_tiktok(folder: Path) -> Series:
    """Two days in a hundred have no figures for reach and profile views."""
    rng = draw("tiktok")
    views = rng.lognormal(np.log(2_600), 0.6, len(DAYS)).astype(int)
    reach, profile = rng.binomial(views, 0.7), rng.binomial(views, 0.02)
    likes, shares, comments = rng.binomial(views, 0.045), rng.binomial(views, 0.004), rng.binomial(views, 0.003)
    new, lost = rng.poisson(9, len(DAYS)), rng.poisson(4, len(DAYS))
    known = rng.random(len(DAYS)) > 0.02
    rows = [
        [f"{day:%Y-%m-%d}", v, r if seen else "NAN", p if seen else "NAN", k, s, c, n - gone, n, gone]
        for day, v, r, p, k, s, c, n, gone, seen in zip(
            DAYS, views, reach, profile, likes, shares, comments, new, lost, known, strict=True
        )
    ]
    BOM_COMMA.write(
        folder / "tiktok_overview.csv",
        [
            "Date",
            "Video views",
            "Reached audience",
            "Profile views",
            "Likes",
            "Shares",
            "Comments",
            "Net growth",
            "New followers",
            "Lost followers",
        ],
        rows,
    )
    growth = pd.Series(new - lost).groupby(DAYS.strftime("%Y-%m")).sum()
    return {"follower_net_growth": [int(growth[month]) for month in MONTHS]}


def write_survey(folder: Path) -> dict[str, list]:
    rng = draw("survey")
    rows, waves = [], []
    for n, wave in enumerate(WAVES):
        people = [_answer(rng, n) for _ in range(ANSWERS_A_WAVE)]
        days = [date.fromisoformat(f"{wave}-01") + timedelta(days=int(day)) for day in rng.integers(0, 9, len(people))]
        rows += [
            [f"{at.month}/{at.day}/{at:%Y %H:%M:%S}", *person]
            for at, person in zip(sorted(moments(rng, days, 8, 23)), people, strict=True)
        ]
        scores = [person[2] for person in people if person[2] != ""]
        waves.append(
            [
                sum("northlight" in person[0].lower() for person in people),
                sum(person[1] == "Yes" for person in people),
                len(scores),
                sum(score >= 9 for score in scores),
                sum(score <= 6 for score in scores),
                sum(person[3] in (4, 5) for person in people),
            ]
        )
    COMMA.write(folder / "survey_google_forms.csv", ["Timestamp", *QUESTIONS.values()], rows)
    names = ["aware_unaided", "aware_aided", "asked_to_recommend", "promoters", "detractors", "satisfied_top_two"]
    return {"waves": list(WAVES), "respondents": [ANSWERS_A_WAVE] * len(WAVES)} | dict(
        zip(names, map(list, zip(*waves, strict=True)), strict=True)
    )


def _answer(rng: np.random.Generator, wave: int) -> list:
    unaided, aided = (first + more * wave for first, more in (UNAIDED, AIDED))
    names_us = rng.random() < unaided
    knows_us = names_us or rng.random() < (aided - unaided) / (1 - unaided)
    brands = list(rng.choice(["Harbor Roast", "Beanwell", "Third Mug"], size=rng.integers(0, 3), replace=False)) + [
        "Northlight"
    ] * bool(names_us)
    kind = rng.choice(3, p=[PROMOTERS, 1 - PROMOTERS - DETRACTORS, DETRACTORS])
    customer = knows_us and rng.random() < 0.8
    return [
        ", ".join(brands),
        "Yes" if knows_us else "No",
        int(rng.choice([[9, 10], [7, 8], [3, 6]][kind])) if customer else "",
        int(rng.choice([5, 4, 3, 2], p=[0.55, 0.32, 0.09, 0.04])) if customer else "",
        "Yes" if rng.random() < 0.55 else "No",
    ]


def measures(world: World, channel: str | None = None) -> Series:
    """The main measures by month, of one channel or of all; margin is the planted share of revenue."""
    traffic, ads, leads, orders = (
        t if channel is None else t[t.channel == channel] for t in (world.traffic, world.ads, world.leads, world.orders)
    )
    tracked = traffic[~traffic.date.isin(pd.DatetimeIndex(planted.MISSING_TRACKING))]
    kept = orders[orders.status != "voided"]
    revenue = by_month(kept, "ordered_at", "revenue")
    return {
        "visits": by_month(traffic, "date", "sessions"),
        "visits_tracked": by_month(tracked, "date", "sessions"),
        "impressions": by_month(ads, "date", "impressions"),
        "clicks": by_month(ads, "date", "clicks"),
        "spend": by_month(ads, "date", "spend"),
        "leads": by_month(leads, "created_at"),
        "qualified_leads": by_month(leads[leads.qualified.eq(True)], "created_at"),
        "pending_leads": by_month(leads[leads.qualified.isna()], "created_at"),
        "leads_won_so_far": by_month(leads[leads.won.eq(True)], "created_at"),
        "leads_won_in_the_end": by_month(leads[leads.will_win], "created_at"),
        "orders": by_month(kept, "ordered_at"),
        "new_customers": by_month(kept[kept["first"]], "ordered_at"),
        "revenue": revenue,
        "margin": [round(planted.MARGIN * amount, 2) for amount in revenue],
        "refunded": by_month(kept, "ordered_at", "refunded"),
    }


def company_measures(world: World, office: Series) -> Series:
    users, sums, leads = monthly_users(tracked_traffic(world)), measures(world), world.leads
    cost = [round(ads + other, 2) for ads, other in zip(sums["spend"], office["other_marketing_cost"], strict=True)]
    answers = {
        f"answers_{kind}": by_month(leads[leads.service == kind], "created_at") for kind in ("in_time", "late", "never")
    }
    return (
        sums
        | {
            "visitors": [int(users[month]) for month in MONTHS],
            "marketing_cost": cost,
            "voided_orders": by_month(world.orders[world.orders.status == "voided"], "ordered_at"),
        }
        | answers
        | office
    )


def planted_truth() -> dict[str, object]:
    return {
        "season": asdict(planted.SEASON),
        "weekday_sessions": planted.WEEKDAYS,
        "weekday_leads": planted.WEEKDAYS_LEADS,
        "response_curves": {
            channel: {"form": type(paid.curve).__name__.lower()} | asdict(paid.curve)
            for channel, paid in planted.PAID.items()
        },
        "leads_per_session": {group.group: group.leads for group in planted.GROUPS},
        "margin_share": planted.MARGIN,
        "missing_tracking": [str(day) for day in planted.MISSING_TRACKING],
        "qualification": {"rate": planted.QUALIFICATION, "days_after_answer_median_sigma": planted.QUALIFICATION_DAYS},
        "deals": {
            "cycle_days_median_sigma": planted.CYCLE_DAYS,
            "won_of_qualified": planted.WIN,
            "value_median_sigma": planted.DEAL_VALUE,
        },
        "answers": {"late": planted.ANSWERS.late, "never": planted.ANSWERS.never},
        "purchases": asdict(planted.PURCHASES)
        | {
            "of": "web orders (Subtotal; without deals)",
            "time_unit": "week",
            "repeat_channels": planted.REPEAT_CHANNELS,
        },
        "tags_kept": planted.TAGS_KEPT,
        "purchases_seen_by_ga4": planted.TRACKED,
        "refunded": planted.REFUNDED,
        "partly_refunded": planted.PARTLY_REFUNDED,
        "voided": planted.VOIDED,
    }


GOALS = (
    ("leads", "company", 1.10, None, "marketing", 0.15),
    ("cpl", "company", None, 40, "marketing", 0.15),
    ("orders", "company", 1.60, None, "shared", 0.15),
    ("revenue", "company", 1.60, None, "shared", 0.15),
    ("new_customers", "company", 1.35, None, "marketing", 0.10),
    ("roas", "google_ads", None, 1.8, "marketing", 0.10),
    ("qualification_rate", "company", None, 0.75, "sales", 0.10),
    ("answered_in_time", "company", None, 0.95, "sales", 0.05),
    ("repeat_rate", "company", None, 0.65, "service", 0.05),
)


def write_goals(path: Path, company: Series) -> None:
    """Monthly goals for 2026; the base is the same month of 2025 where a plain sum has one."""
    rows = []
    for month in pd.period_range("2026-01", "2026-12", freq="M"):
        for kpi, scope, factor, target, owner, weight in GOALS:
            base = "" if factor is None else company[kpi][MONTHS.index(str(month - 12))]
            goal = target if factor is None else round(base * factor, -2 if kpi == "revenue" else 0)
            rows.append((kpi, scope, base, goal, month, owner, weight))
    write_goal_rows(path, rows)
