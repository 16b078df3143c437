"""What «Северный свет» hides: the planted laws, and each month's true sums, taken from the simulation."""

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from . import severny_svet_planted as planted
from .laws import MONTHS
from .measured import Series, by_month
from .severny_svet_metrika import ROBOTS_FROM, monthly_visitors, tracked_traffic
from .severny_svet_planted import CHANNEL_OF
from .severny_svet_world import World
from .shapes import write_goal_rows


def measures(world: World, channel: str | None = None) -> Series:
    """The main measures by month, of one channel or of all."""
    orders = world.orders.assign(channel=world.orders.utm.map(CHANNEL_OF))
    traffic, ads, leads, orders = (
        t if channel is None else t[t.channel == channel] for t in (world.traffic, world.ads, world.leads, orders)
    )
    tracked = traffic[~traffic.date.isin(pd.DatetimeIndex(planted.MISSING_TRACKING))]
    kept = orders[~orders.cancelled]
    return {
        "visits": by_month(traffic, "date", "visits"),
        "visits_tracked": by_month(tracked, "date", "visits"),
        "robot_visits": by_month(traffic, "date", "robots"),
        "bounces_tracked": by_month(tracked, "date", "bounces"),
        "page_views_tracked": by_month(tracked, "date", "views"),
        "impressions": by_month(ads, "date", "impressions"),
        "clicks": by_month(ads, "date", "clicks"),
        "spend": by_month(ads, "date", "spend"),
        "leads": by_month(leads, "created_at"),
        "qualified_leads": by_month(leads[leads.qualified.eq(True)], "created_at"),
        "pending_leads": by_month(leads[leads.qualified.isna()], "created_at"),
        "qualified_leads_in_the_end": by_month(leads[leads.will_qualify], "created_at"),
        "leads_won_so_far": by_month(leads[leads.won.eq(True)], "created_at"),
        "leads_won_in_the_end": by_month(leads[leads.will_win], "created_at"),
        "orders": by_month(kept, "ordered_at"),
        "new_customers": by_month(kept[kept["first"]], "ordered_at"),
        "revenue": by_month(kept, "ordered_at", "revenue"),
        "margin": by_month(kept, "ordered_at", "margin"),
    }


def company_measures(world: World, office: Series) -> Series:
    """The company's months, with the measures that no channel has."""
    leads, unique = world.leads, monthly_visitors(tracked_traffic(world))
    answers = {
        f"answers_{kind}": by_month(leads[leads.service == kind], "created_at") for kind in ("in_time", "late", "never")
    }
    sums = measures(world)
    cost = [round(ads + other, 2) for ads, other in zip(sums["spend"], office["other_marketing_cost"], strict=True)]
    return (
        sums
        | {
            "visitors": [int(unique[month]) for month in MONTHS],
            "marketing_cost": cost,
            "cancelled_orders": by_month(world.orders[world.orders.cancelled], "ordered_at"),
        }
        | answers
        | office
    )


def planted_truth() -> dict[str, object]:
    burst, missing = planted.ROBOT_BURST, planted.MISSING_TRACKING
    return {
        "season": asdict(planted.SEASON)
        | {
            "formula": "1 + sum_k amplitudes[k] * cos(2 pi k (day of year - peak_day) / 365.25), "
            "times special dates, times growth ** years"
        },
        "weekday_visits": planted.WEEKDAYS_VISITS,
        "weekday_leads": planted.WEEKDAYS_LEADS,
        "response_curves": {
            channel: {"form": type(paid.curve).__name__.lower()} | asdict(paid.curve) | {"starts": paid.starts}
            for channel, paid in planted.PAID.items()
        }
        | {
            "formula": "expected visits of people a day at a spend a day, before weekday, season and noise: "
            "hill top * s**slope / (half**slope + s**slope); power scale * s**exponent"
        },
        "leads_per_visit": {source.detail: source.leads for source in planted.SOURCES},
        "bounce_rate_of_people": {source.detail: source.bounces for source in planted.SOURCES},
        "bounce_rate_of_robots": 0.97,
        "margin_share": planted.MARGINS,
        "robot_burst": {
            "first": str(burst[0]),
            "last": str(burst[1]),
            "visits_a_day": burst[2],
            "source": planted.ROBOT_SOURCE.detail,
            "channel": "referral",
        },
        "new_campaign": {"campaign": planted.NEW_CAMPAIGN, "starts": str(planted.NEW_CAMPAIGN_STARTS.date())},
        "robots_exported_from": ROBOTS_FROM,
        "empty_traffic": {
            "channel": "partner_network",
            "from": planted.PAID["partner_network"].starts,
            "qualification_rate": 0.0,
        },
        "qualification": {
            "rate": planted.QUALIFICATION,
            "rate_after": planted.QUALIFICATION_AFTER,
            "falls_on": str(planted.QUALIFICATION_FALLS.date()),
            "in": "every channel alike except partner_network",
            "owner": "sales",
            "days_after_answer_median_sigma": planted.QUALIFICATION_DAYS,
        },
        "missing_tracking": [str(day) for day in missing],
        "deals": {
            "cycle_days_median_sigma": planted.CYCLE_DAYS,
            "won_of_qualified": planted.WIN,
            "win_factor": planted.WIN_FACTOR,
            "value_median_sigma_step": planted.DEAL_VALUE,
            "b2b_share": planted.B2B_SHARE,
            "note": "B2B deals by tag; cycle from creation to closing, won and lost alike, log-normal",
        },
        "answers": {"late": planted.ANSWERS.late, "never": planted.ANSWERS.never},
        "purchases": asdict(planted.PURCHASES)
        | {
            "of": "retail customers (orders without a deal)",
            "time_unit": "week",
            "repeat_sources": {" / ".join(utm): share for utm, share in planted.REPEAT_SOURCES.items()},
        },
        "goal_tracked": planted.GOAL_TRACKED,
        "cancelled_share": planted.CANCELLED,
    }


# kpi, scope, factor on last year's month or None, fixed target, owner, weight
GOALS = (
    ("leads", "company", 1.08, None, "marketing", 0.10),
    ("qualified_leads", "company", 1.10, None, "marketing", 0.15),
    ("cpl", "company", None, 1350, "marketing", 0.10),
    ("cpl", "yandex_direct", None, 1700, "marketing", 0.05),
    ("cpql", "company", None, 1750, "marketing", 0.10),
    ("qualification_rate", "company", None, 0.80, "sales", 0.10),
    ("answered_in_time", "company", None, 0.95, "sales", 0.05),
    ("missed_calls", "company", None, 0.05, "sales", 0.05),
    ("orders", "company", 1.20, None, "shared", 0.05),
    ("revenue", "company", 1.22, None, "shared", 0.10),
    ("romi", "company", None, 5.5, "marketing", 0.05),
    ("drr", "company", None, 0.065, "marketing", 0.03),
    ("repeat_rate", "company", None, 0.22, "service", 0.04),
    ("nps", "company", None, 36, "service", 0.03),
)


def baselines(truth: Series) -> dict[str, list[float]]:
    """Goals' bases: the same measures a year before."""
    spend = truth["spend"]
    ratio = lambda part, whole, digits: [round(a / b, digits) for a, b in zip(part, whole, strict=True)]  # noqa: E731
    profit = [margin - cost for margin, cost in zip(truth["margin"], spend, strict=True)]
    answered = [
        sum(kinds) for kinds in zip(*(truth[f"answers_{kind}"] for kind in ("in_time", "late", "never")), strict=True)
    ]
    return {
        "leads": truth["leads"],
        "qualified_leads": truth["qualified_leads"],
        "orders": truth["orders"],
        "revenue": truth["revenue"],
        "cpl": ratio(spend, truth["leads"], 0),
        "cpql": ratio(spend, truth["qualified_leads"], 0),
        "romi": ratio(profit, spend, 2),
        "qualification_rate": ratio(truth["qualified_leads"], truth["leads"], 3),
        "drr": ratio(spend, truth["revenue"], 4),
        "missed_calls": ratio(truth["missed_calls"], truth["calls"], 3),
        "answered_in_time": ratio(truth["answers_in_time"], answered, 3),
    }


def write_goals(path: Path, company: Series, channels: dict[str, Series]) -> None:
    """Monthly goals for 2026; the base is the same month of 2025 where there is one."""
    bases = baselines(company)
    direct = channels["yandex_direct"]
    rows = []
    for month in pd.period_range("2026-01", "2026-12", freq="M"):
        year_before = MONTHS.index(str(month - 12))
        for kpi, scope, factor, target, owner, weight in GOALS:
            if kpi == "nps" and month.month % 3 != 1:
                continue
            base = (
                round(direct["spend"][year_before] / direct["leads"][year_before])
                if scope != "company"
                else bases[kpi][year_before]
                if kpi in bases
                else ""
            )
            goal = target if factor is None else round(float(base) * factor, -3 if kpi == "revenue" else 0)
            rows.append((kpi, scope, base, goal, month, owner, weight))
    write_goal_rows(path, rows)
