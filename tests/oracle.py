"""The KPIs computed a second time, straight from the sample's raw files, without any of the kit's code.

The kit is held against this file: where the two differ, one of them is wrong. So nothing is imported from
`kpi_helpers`; what the columns mean is taken from data/sample/README.md alone, what the KPIs mean from their
definitions. A KPI that cannot be computed is not in the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import nan, sqrt
from pathlib import Path
from statistics import NormalDist

import holidays
import pandas as pd
from oracle_files import SAMPLE, Tables, read_northlight, read_severny

Z = NormalDist().inv_cdf(0.975)
ACTIVE_DAYS = 90


@dataclass(frozen=True)
class Result:
    """A KPI's value; where it is a ratio also what was divided by what; its 95 % interval where it has one."""

    value: float
    numerator: float = nan
    denominator: float = nan
    low: float = nan
    high: float = nan


# When an answer is due


def open_days(country: str, first: pd.Timestamp, last: pd.Timestamp) -> list[pd.Timestamp]:
    """Monday to Friday without public holidays, and the Saturdays worked in the place of a weekday."""
    free = holidays.country_holidays(country, years=range(first.year, last.year + 2))
    days = pd.date_range(first.normalize(), last.normalize() + pd.Timedelta(days=30))
    worked = getattr(free, "weekend_workdays", set())
    return [day for day in days if day.date() in worked or (day.weekday() < 5 and day.date() not in free)]


def due(received: pd.Timestamp, work: list[pd.Timestamp], opens: pd.Timedelta, closes: pd.Timedelta) -> pd.Timestamp:
    """Fifteen working minutes later within working hours; outside them an hour after the next opening."""
    today = received.normalize()
    later = next(day + opens for day in work if day + opens > received)
    if today not in work or not today + opens <= received < today + closes:
        return later + pd.Timedelta(hours=1)
    left = min(today + closes - received, pd.Timedelta(minutes=15))
    return received + left if left == pd.Timedelta(minutes=15) else later + pd.Timedelta(minutes=15) - left


def in_time(leads: pd.DataFrame, country: str, closes: str, as_of: pd.Timestamp) -> pd.Series:
    """1 or 0 for every request; missing while it has no answer and its time is not over."""
    work = open_days(country, leads["at"].min(), leads["at"].max())
    limit = leads["at"].map(lambda at: due(at, work, pd.Timedelta("9h"), pd.Timedelta(closes)))
    pending = leads["answered"].isna() & (limit > as_of)
    return (leads["answered"] <= limit).astype(float).mask(pending)


# Sums of a window of time


def total(column: pd.Series) -> float:
    return float(column.sum(min_count=1))


def share_of(column: pd.Series) -> tuple[float, float]:
    """How many say yes, and how many say anything."""
    return total(column), float(column.notna().sum()) or nan


def active_on(orders: pd.DataFrame, at: pd.Timestamp) -> set[str]:
    recent = (orders["at"] >= at - pd.Timedelta(days=ACTIVE_DAYS)) & (orders["at"] < at)
    return set(orders.loc[recent, "customer"])


def customer_sums(orders: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float]:
    """Who was active at the start; nothing while the orders do not reach back far enough to say who was."""
    if start - pd.Timedelta(days=ACTIVE_DAYS) < orders["at"].min().normalize():
        return {}
    before, after = active_on(orders, start), active_on(orders, end)
    return {"customers_start": len(before), "retained": len(before & after), "lost": len(before - after)}


def year_sums(orders: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float]:
    """The twelve months that end with the window; nothing where the orders do not reach back so far.

    Losses are those of twelve whole months: of an unfinished month nobody knows them yet.
    """
    begin = end - pd.DateOffset(years=1)
    if begin < orders["at"].min().normalize().replace(day=1):
        return {}
    year = orders[(orders["at"] >= begin) & (orders["at"] < end)]
    days = year.assign(day=year["at"].dt.normalize()).groupby("customer")["day"].nunique()
    sums = {"buyers_12m": len(days), "repeat_12m": int((days >= 2).sum()), "margin_12m": year["margin"].sum()}
    last = start if end == start + pd.DateOffset(months=1) else start - pd.DateOffset(months=1)
    months = [last - pd.DateOffset(months=back) for back in range(12)]
    base = [customer_sums(orders, month, month + pd.DateOffset(months=1)) for month in months]
    if all(base):
        sums["lost_12m"] = sum(month["lost"] for month in base)
        sums["customer_months_12m"] = sum(month["customers_start"] for month in base)
    return sums


def window(tables: Tables, name: str, start: pd.Timestamp, end: pd.Timestamp, at: str = "at") -> pd.DataFrame:
    """A table's rows from `start` up to `end`, which is not in it; no rows where the company has no such export."""
    table = tables.get(name, pd.DataFrame({at: pd.to_datetime([])}))
    return table[(table[at] >= start) & (table[at] < end)]


@dataclass(frozen=True)
class Book:
    """A company's tables, and what its `company.toml` says that the sums need."""

    tables: Tables
    country: str
    closes: str

    @property
    def as_of(self) -> pd.Timestamp:
        """The moment up to which the files speak: the end of their last day."""
        last = max(self.tables[name]["at"].max() for name in ("ads", "traffic", "leads", "orders", "social"))
        return last.normalize() + pd.Timedelta(days=1)


def marketing_sums(book: Book, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float]:
    ads, traffic = (window(book.tables, name, start, end) for name in ("ads", "traffic"))
    sums = {name: total(ads[name]) for name in ("impressions", "clicks", "spend")}
    names = ("visits", "page_views", "bounces", "actions", "robots")
    sums |= {name: total(traffic[name]) for name in names if name in traffic}
    audience, costs = window(book.tables, "audience", start, end), window(book.tables, "costs", start, end)
    whole = audience[(audience["at"] == start) & (audience["end"] + pd.Timedelta(days=1) == end)]
    part = (end - start).days / start.days_in_month  # both companies book these costs once for a whole month
    return sums | {"visitors": total(whole["visitors"]), "other_costs": total(costs["amount"]) * part}


def sales_sums(book: Book, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float]:
    leads, orders = window(book.tables, "leads", start, end), window(book.tables, "orders", start, end)
    first = book.tables["orders"].groupby("customer")["at"].min()
    sums = {
        "leads": len(leads), "qualified": total(leads["qualified"]),
        "won": float(((leads["qualified"] == 1) & (leads["won"] == 1)).sum()), "orders": len(orders),
        "revenue": total(orders["revenue"]), "margin": total(orders["margin"]),
        "customers": orders["customer"].nunique(), "new_customers": int(((first >= start) & (first < end)).sum()),
    }  # fmt: skip
    sums["in_time"], sums["due"] = share_of(in_time(leads, book.country, book.closes, book.as_of))
    return sums | customer_sums(book.tables["orders"], start, end) | year_sums(book.tables["orders"], start, end)


def service_sums(book: Book, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float]:
    sums: dict[str, float] = {}
    if not (calls := window(book.tables, "calls", start, end)).empty:
        sums["calls_missed"], sums["calls"] = share_of(calls["missed"])
    if not (chats := window(book.tables, "chats", start, end)).empty:
        sums["chats_missed"], sums["chats"] = share_of(chats["missed"])
        sums["chats_in_time"], sums["chats_due"] = share_of(chats["in_time"])
    if not (tasks := window(book.tables, "tasks", start, end)).empty:
        late = tasks["done"].isna() & (tasks["at"] + pd.Timedelta(days=1) > book.as_of)
        sums["on_time"], sums["tasks_due"] = share_of((tasks["done"] <= tasks["at"]).astype(float).mask(late))
        sums["accepted"], sums["judged"] = share_of(tasks["accepted"])
        sums["points"], sums["rated"] = share_of(tasks["rating"])
    done = window(book.tables, "tasks", start, end, "done") if "tasks" in book.tables else pd.DataFrame({"kind": []})
    if not done.empty:
        sums["research"] = float((done["kind"] == "Исследование").sum())
        sums["creative"] = float((done["kind"] == "Креатив").sum())
        sums["cooperation"] = float((done["kind"] == "Согласование с отделами").sum())
    return sums


def brand_sums(book: Book, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float]:
    social, survey = window(book.tables, "social", start, end), window(book.tables, "survey", start, end)
    sums = {name: total(social[name]) for name in ("views", "reactions", "gained", "gone")}
    sums["followers"] = total(social.loc[social["at"] == start, "before"])
    if not survey.empty:
        sums["unaided"], sums["asked_unaided"] = share_of(survey["unaided"])
        sums["aided"], sums["asked_aided"] = share_of(survey["aided"])
        recommend, satisfied = survey["recommend"].dropna(), survey["satisfied"].dropna()
        sums |= {"promoters": int((recommend >= 9).sum()), "detractors": int((recommend <= 6).sum())}
        sums |= {"recommend": len(recommend), "top2": int((satisfied >= 4).sum()), "satisfied": len(satisfied)}
    if not (market := window(book.tables, "market", start, end)).empty:
        sums |= {"own": total(market["sales"] * market["own"]), "market": total(market["sales"])}
    if not (reviews := window(book.tables, "reviews", start, end)).empty:
        sums |= {"stars": total(reviews["stars"]), "reviews": len(reviews)}
    return sums


# KPIs


def wilson(yes: float, n: float) -> tuple[float, float]:
    """Wilson's interval: the roots p of |yes/n - p| = Z * sqrt(p (1 - p) / n)."""
    middle = (yes + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * sqrt(yes * (n - yes) / n + Z * Z / 4)
    return middle - half, middle + half


def nps_interval(promoters: float, detractors: float, n: float) -> tuple[float, float]:
    """The adjusted Wald interval: three quarters of a promoter and of a detractor more, among three answers more."""
    p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    half = Z * sqrt((p + d - (p - d) ** 2) / (n + 3))
    return 100 * (p - d - half), 100 * (p - d + half)


PLAIN = {
    name: name for name in (
        "visits", "visitors", "page_views", "impressions", "clicks", "spend", "leads", "orders", "new_customers",
        "revenue", "margin",
    )
} | {
    "qualified_leads": "qualified", "research_done": "research", "creatives_made": "creative",
    "cooperation_done": "cooperation",
}  # fmt: skip
SHARES = {
    "bounce_rate": ("bounces", "visits"), "robot_share": ("robots", "visits"), "conversion_rate": ("actions", "visits"),
    "visit_to_lead": ("leads", "visits"), "ctr": ("clicks", "impressions"),
    "qualification_rate": ("qualified", "leads"), "close_rate": ("won", "qualified"),
    "retention_rate": ("retained", "customers_start"),
    "churn_rate": ("lost", "customers_start"), "repeat_rate": ("repeat_12m", "buyers_12m"),
    "answered_in_time": ("in_time", "due"), "missed_calls": ("calls_missed", "calls"),
    "missed_chats": ("chats_missed", "chats"), "chat_in_time": ("chats_in_time", "chats_due"),
    "awareness_aided": ("aided", "asked_aided"), "awareness_unaided": ("unaided", "asked_unaided"),
    "csat": ("top2", "satisfied"), "on_time_share": ("on_time", "tasks_due"), "acceptance_rate": ("accepted", "judged"),
}  # fmt: skip
RATIOS: dict[str, Callable[[dict[str, float]], tuple[float, float]]] = {
    "page_depth": lambda s: (s["page_views"], s["visits"]),
    "cpm": lambda s: (1000 * s["spend"], s["impressions"]),
    "cpc": lambda s: (s["spend"], s["clicks"]),
    "cpl": lambda s: (s["spend"], s["leads"]),
    "cpql": lambda s: (s["spend"], s["qualified"]),
    "cpo": lambda s: (s["spend"], s["orders"]),
    "cac": lambda s: (s["spend"] + s["other_costs"], s["new_customers"]),
    "aov": lambda s: (s["revenue"], s["orders"]),
    "roas": lambda s: (s["revenue"], s["spend"]),
    "drr": lambda s: (s["spend"], s["revenue"]),
    "revenue_roi": lambda s: (s["revenue"] - s["spend"], s["spend"]),
    "romi": lambda s: (s["margin"] - s["spend"], s["spend"]),
    "roi": lambda s: (s["margin"] - s["spend"] - s["other_costs"], s["spend"] + s["other_costs"]),
    "purchase_frequency": lambda s: (s["orders"], s["customers"]),
    "clv": lambda s: (s["margin_12m"], s["lost_12m"]),
    "engagement_rate": lambda s: (s["reactions"], s["views"]),
    "follower_growth": lambda s: (s["gained"] - s["gone"], s["followers"]),
    "nps": lambda s: (100 * (s["promoters"] - s["detractors"]), s["recommend"]),
    "market_share": lambda s: (s["own"], s["market"]),
    "rating": lambda s: (s["stars"], s["reviews"]),
    "work_rating": lambda s: (s["points"], s["rated"]),
}


def kpis(sums: dict[str, float]) -> dict[str, Result]:
    """Every KPI that the sums give a value; those that cannot be computed are not there."""
    found = {key: Result(sums[name], sums[name]) for key, name in PLAIN.items() if name in sums}
    for key, (yes, n) in SHARES.items():
        if yes in sums and sums.get(n, 0) > 0:
            interval = wilson(sums[yes], sums[n]) if sums[yes] <= sums[n] else (nan, nan)
            found[key] = Result(sums[yes] / sums[n], sums[yes], sums[n], *interval)
    for key, formula in RATIOS.items():
        try:
            above, below = formula(sums)
        except KeyError:
            continue
        if below:
            found[key] = Result(above / below, above, below)
    cost = sums.get("spend", nan) + sums.get("other_costs", nan)
    found["marketing_cost"] = Result(cost, cost)
    if "nps" in found:
        interval = nps_interval(sums["promoters"], sums["detractors"], sums["recommend"])
        found["nps"] = Result(found["nps"].value, found["nps"].numerator, found["nps"].denominator, *interval)
    if "clv" in found and "cac" in found:
        clv, cac = found["clv"].value, found["cac"].value
        found["ltv_to_cac"] = Result(clv / cac, clv, cac)
        monthly = sums["margin_12m"] / sums["customer_months_12m"]
        found["payback_months"] = Result(cac / monthly, cac, monthly)
    return {key: result for key, result in found.items() if result.value == result.value}


def book_of(company: str, folder: Path | None = None) -> Book:
    folder = folder or SAMPLE / company
    if company == "severny_svet":
        return Book(read_severny(folder), "RU", "18h")
    return Book(read_northlight(folder), "US", "17h")


def span(month: str, first_days: int | None) -> tuple[pd.Timestamp, pd.Timestamp]:
    start = pd.Timestamp(f"{month}-01")
    return start, start + (pd.DateOffset(months=1) if first_days is None else pd.Timedelta(days=first_days))


@cache
def company_kpis(
    company: str, month: str, first_days: int | None = None, folder: Path | None = None
) -> dict[str, Result]:
    """The company's KPIs of a month, or of its first days, with numerators, denominators and intervals."""
    book, days = book_of(company, folder), span(month, first_days)
    parts = [part(book, *days) for part in (marketing_sums, sales_sums, service_sums, brand_sums)]
    return kpis({name: value for part in parts for name, value in part.items()})


def severny_svet(month: str) -> dict[str, float]:
    return {key: result.value for key, result in company_kpis("severny_svet", month).items()}


def northlight(month: str) -> dict[str, float]:
    return {key: result.value for key, result in company_kpis("northlight", month).items()}


BY_CHANNEL = [
    "spend", "leads", "qualified_leads", "orders", "revenue", "margin", "visits", "cpl", "qualification_rate", "romi",
    "roas", "drr",
]  # fmt: skip


def by_channel(
    company: str, month: str, first_days: int | None = None, folder: Path | None = None
) -> dict[str, dict[str, float]]:
    """KPI -> channel -> value, of the channels that any file names.

    Analytics, the CRM and the shop list every channel: where they have no row of one, there was nothing. They cannot
    list a channel that is not known. An ad account speaks of its own channels alone, and of them in all its days.
    """
    tables, days = book_of(company, folder).tables, span(month, first_days)
    parts = {key: window(tables, key, *days) for key in ("ads", "traffic", "leads", "orders")}
    found: dict[str, dict[str, float]] = {key: {} for key in BY_CHANNEL}
    for channel in sorted({name for key in parts for name in tables[key]["channel"]}):
        own = {key: part[part["channel"] == channel] for key, part in parts.items()}
        told = {key: len(part) > 0 or (channel != "unknown" and key != "ads") for key, part in own.items()}
        told["ads"] = channel in set(tables["ads"]["channel"])
        for key, value in _channel_kpis(_channel_sums(own, told)).items():
            found[key][channel] = value
    return found


def _channel_sums(own: Tables, told: dict[str, bool]) -> dict[str, float]:
    added = {"ads": ["spend"], "traffic": ["visits"], "orders": ["revenue", "margin"]}
    sums = {name: float(own[key][name].sum()) if told[key] else nan for key, names in added.items() for name in names}
    counts = {key: float(len(own[key])) if told[key] else nan for key in ("leads", "orders")}
    qualified = own["leads"]["qualified"]
    return sums | counts | {"qualified": total(qualified) if len(qualified) else counts["leads"]}


def _channel_kpis(sums: dict[str, float]) -> dict[str, float]:
    ratios = {key: RATIOS[key](sums) for key in ("cpl", "romi", "roas", "drr")}
    ratios["qualification_rate"] = sums["qualified"], sums["leads"]
    plain = {key: sums[PLAIN[key]] for key in BY_CHANNEL if key in PLAIN}
    divided = {key: above / below for key, (above, below) in ratios.items() if below}
    return {key: value for key, value in (plain | divided).items() if value == value}
