"""The KPIs computed a second time, straight from the sample's raw files, without any of the kit's code.

The kit is held against this file: where the two differ, one of them is wrong. So nothing is imported from
`kpi_helpers`; what the columns mean is taken from data/sample/README.md alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import nan, sqrt
from pathlib import Path
from statistics import NormalDist

import holidays
import pandas as pd

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
Z = NormalDist().inv_cdf(0.975)
ACTIVE_DAYS = 90
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Result:
    """A KPI's value; where it is a ratio also what was divided by what; its 95 % interval where it has one."""

    value: float
    numerator: float = nan
    denominator: float = nan
    low: float = nan
    high: float = nan


# The raw files


def rows(path: Path, encoding: str = "utf-8", delimiter: str = ",", skip: int = 0) -> pd.DataFrame:
    """A file's cells as text, untouched, under its own headings."""
    text = "".join(path.read_bytes().decode(encoding).splitlines(keepends=True)[skip:])
    head, *body = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return pd.DataFrame([line[: len(head)] for line in body if line], columns=head)


def number(cells: pd.Series) -> pd.Series:
    """Numbers with a decimal comma and any kind of space between thousands; dashes and empty cells are missing."""
    bare = cells.str.replace(r"[\s\u00a0\u202f]", "", regex=True).str.replace(",", ".")
    return pd.to_numeric(bare.mask(bare.isin(["", "-", "--", "—", "NAN"])))


def english(cells: pd.Series) -> pd.Series:
    """Numbers with a comma between thousands."""
    return number(cells.str.replace(",", ""))


def flag(cells: pd.Series, yes: str, no: str) -> pd.Series:
    """1, 0, or missing where the cell says neither."""
    return cells.map({yes: 1.0, no: 0.0}).astype(float)


def severny_channel(source: str, medium: str) -> str:
    pairs = {
        ("yandex", "cpc"): "yandex_direct", ("vk", "cpc"): "vk_ads", ("partnerka", "cpc"): "partner_network",
        ("yandex", "organic"): "organic_search", ("google", "organic"): "organic_search",
        ("(direct)", "(none)"): "direct", ("(direct)", ""): "direct", ("email", "newsletter"): "email",
        ("vk", "social"): "social", ("design-portal.example", "referral"): "referral",
    }  # fmt: skip
    return pairs[source, medium]


METRIKA = {
    "Яндекс: Директ": "yandex_direct", "ВКонтакте: реклама": "vk_ads", "Партнёрская сеть": "partner_network",
    "Яндекс, результаты поиска": "organic_search", "Google, результаты поиска": "organic_search",
    "Не определено": "direct", "Рассылка": "email", "ВКонтакте": "social", "design-portal.example": "referral",
    "svet-top.example": "referral",
}  # fmt: skip
MONTHS_RU = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()


@cache
def read_severny(folder: Path) -> Tables:
    """Severny Svet's files: a table each, `at` the moment or day of a row (local time)."""
    days, moments = "%d.%m.%Y", "%d.%m.%Y %H:%M:%S"
    when = lambda cells, form: pd.to_datetime(cells.mask(cells == ""), format=form)  # noqa: E731
    visits = rows(folder / "metrika_istochniki-20241101-20261031.csv").iloc[1:]
    robots = rows(folder / "metrika_roboty-20260601-20261031.csv").iloc[1:]
    months = rows(folder / "metrika_poseshchaemost_mesyacy.csv").iloc[1:]
    direct = rows(folder / "direct_kampanii.csv", "cp1251", ";", 4).iloc[1:]
    vk = rows(folder / "vk_ads.csv", "utf-8-sig", ";")
    vk = vk[vk["Дата"] != "Итого"]
    deals = rows(folder / "amocrm_sdelki.csv")
    orders = rows(folder / "zakazy.csv", "cp1251", ";")
    calls = rows(folder / "zvonki.csv", "cp1251", ";")
    chats = rows(folder / "chaty_jivo.csv", "utf-8-sig", ";")
    costs = rows(folder / "zatraty.csv", "utf-8", ";")
    wall = rows(folder / "vk_soobshchestvo.csv", "utf-8-sig", ";")
    survey = rows(folder / "opros_google_forms.csv")
    market = rows(folder / "rynok.csv", "utf-8", ";")
    tasks = rows(folder / "zadachi.csv", "utf-8", ";")
    counts = number(visits["Визиты"])
    channel_of_deal = {
        deal: severny_channel(source, medium)
        for deal, source, medium in zip(deals["ID"], deals["utm_source"], deals["utm_medium"], strict=True)
    }
    orders["channel"] = [
        channel_of_deal[deal] if deal else severny_channel(*(f"{source} / ".split(" / ")[:2]))
        for deal, source in zip(orders["ID сделки"], orders["Источник"], strict=True)
    ]
    orders = orders[orders["Статус"] != "Отменён"]
    partner = vk["Название кампании"].str.startswith("partnerka_")
    followers = number(wall["Участники"])
    gained, gone = number(wall["Новые участники"]), number(wall["Вышедшие участники"])
    names = survey.iloc[:, 1].str.casefold()
    return {
        "ads": pd.concat([
            pd.DataFrame({"at": when(direct["День"], days), "channel": "yandex_direct",
                          "impressions": number(direct["Показы"]), "clicks": number(direct["Клики"]),
                          "spend": number(direct["Расход, руб. с НДС"])}),
            pd.DataFrame({"at": when(vk["Дата"], days),
                          "channel": partner.map({True: "partner_network", False: "vk_ads"}),
                          "impressions": number(vk["Показы"]), "clicks": number(vk["Клики"]),
                          "spend": number(vk["Потрачено всего, ₽"])}),
        ]),
        "traffic": pd.concat([
            pd.DataFrame({"at": pd.to_datetime(visits["Дата визита"]),
                          "channel": visits["Источник трафика (детально)"].map(METRIKA), "visits": counts,
                          "page_views": number(visits["Просмотры"]),
                          "bounces": (number(visits["Отказы"]) * counts).round(),
                          "actions": number(visits["Достижения цели (Заявка)"])}),
            pd.DataFrame({"at": pd.to_datetime(robots["Дата визита"]),
                          "channel": robots["Источник трафика (детально)"].map(METRIKA),
                          "robots": number(robots["Визиты"]).where(robots["Роботность"] == "Роботы", 0.0)}),
        ]),
        "audience": pd.DataFrame({"at": pd.to_datetime(months.iloc[:, 0].str[:10]),
                                  "end": pd.to_datetime(months.iloc[:, 0].str[-10:]),
                                  "visitors": number(months["Посетители"])}),
        "leads": pd.DataFrame({
            "at": when(deals["Дата создания сделки"], moments), "channel": deals["ID"].map(channel_of_deal),
            "qualified": flag(deals["Квалификация"], "Да", "Нет"), "answered": when(deals["Первый ответ"], moments),
            "won": (deals["Этап сделки"] == "Успешно реализовано").astype(float)}),
        "orders": pd.DataFrame({
            "at": when(orders["Дата заказа"], days), "channel": orders["channel"], "customer": orders["ID клиента"],
            "revenue": number(orders["Сумма, руб."]), "margin": number(orders["Валовая прибыль, руб."])}),
        "calls": pd.DataFrame({"at": when(calls["Дата и время"], moments),
                               "missed": flag(calls["Статус"], "Пропущенный", "Успешный")}),
        "chats": pd.DataFrame({
            "at": when(chats["Дата"], moments), "missed": flag(chats["Статус"], "Пропущен", "Отвечен"),
            "in_time": (number(chats["Первый ответ, сек"]) <= 15).astype(float)}),
        "costs": pd.DataFrame({
            "at": [pd.Timestamp(int(year), MONTHS_RU.index(month) + 1, 1)
                   for month, year in costs["Месяц"].str.split(" ")],
            "amount": number(costs["Сумма, руб."])}),
        "social": pd.DataFrame({
            "at": when(wall["Дата"], days), "before": followers - gained + gone, "gained": gained, "gone": gone,
            "views": number(wall["Просмотры"]),
            "reactions": number(wall["Лайки"]) + number(wall["Комментарии"]) + number(wall["Репосты"])}),
        "survey": pd.DataFrame({
            "at": pd.to_datetime(survey.iloc[:, 0]), "unaided": names.str.contains("северный свет").astype(float),
            "aided": flag(survey.iloc[:, 2], "Да", "Нет"), "recommend": number(survey.iloc[:, 3]),
            "satisfied": number(survey.iloc[:, 4])}),
        "market": pd.DataFrame({
            "at": [pd.Timestamp(int(text[-4:]), 3 * int(text[0]) - 2, 1) for text in market["Период"]],
            "own": (market["Компания"] == "Северный свет").astype(float), "sales": number(market.iloc[:, 2])}),
        "tasks": pd.DataFrame({
            "at": when(tasks["Срок"], days), "done": when(tasks["Выполнено"], days), "kind": tasks["Вид"],
            "accepted": flag(tasks["Принято"], "Да", "Нет"), "rating": number(tasks["Оценка"])}),
    }  # fmt: skip


SHOPIFY = {
    ("google", "cpc"): "google_ads", ("facebook", "paid_social"): "meta_ads", ("google", "organic"): "organic_search",
    ("newsletter", "email"): "email", ("tiktok", "social"): "social", ("coffee-guide.example", "referral"): "referral",
}  # fmt: skip
HUBSPOT = {
    "Paid Search": "google_ads", "Paid Social": "meta_ads", "Organic Search": "organic_search",
    "Direct Traffic": "direct", "Email Marketing": "email", "Organic Social": "social", "Referrals": "referral",
}  # fmt: skip
GA4 = {
    "Paid Search": "google_ads", "Paid Social": "meta_ads", "Organic Search": "organic_search", "Direct": "direct",
    "Email": "email", "Organic Social": "social", "Referral": "referral", "Unassigned": "unknown",
}  # fmt: skip


def order_channel(notes: str, channel_of_deal: dict[str, str]) -> str:
    deal = re.search(r"hubspot_deal_id: (\d+)", notes)
    source, medium = re.search(r"utm_source: (.+)", notes), re.search(r"utm_medium: (.+)", notes)
    if deal:
        return channel_of_deal[deal[1]]
    return SHOPIFY[source[1].strip(), medium[1].strip()] if source and medium else "unknown"


@cache
def read_northlight(folder: Path) -> Tables:
    """Northlight's files: a table each, `at` the moment or day of a row (local time)."""
    traffic = rows(folder / "ga4_traffic_acquisition.csv", skip=9)
    users = rows(folder / "ga4_users_by_month.csv", skip=9)
    google = rows(folder / "google_ads_campaigns.csv", "utf-16", "\t", 2)
    google = google[~google["Campaign status"].str.startswith("Total:")]
    meta = rows(folder / "meta_ads.csv").iloc[1:]
    deals = rows(folder / "hubspot_deals.csv")
    lines = rows(folder / "shopify_orders.csv")
    orders = lines[~lines["Financial Status"].isin(["", "voided"])]
    costs = rows(folder / "costs.csv")
    tiktok = rows(folder / "tiktok_overview.csv", "utf-8-sig")
    survey = rows(folder / "survey_google_forms.csv")
    entered = deals['Date entered "Qualified To Buy (Sales Pipeline)"'] != ""
    refused = (deals["Deal Stage"] == "Closed Lost") & ~entered
    sessions = number(traffic["Sessions"])
    channel_of_deal = dict(zip(deals["Record ID"], deals["Original Traffic Source"].map(HUBSPOT), strict=True))
    revenue = number(orders["Total"]) - number(orders["Refunded Amount"]).fillna(0)
    moment = lambda cells: pd.to_datetime(cells.mask(cells == ""), format="%Y-%m-%d %H:%M")  # noqa: E731
    return {
        "ads": pd.concat([
            pd.DataFrame({"at": pd.to_datetime(google["Day"]), "channel": "google_ads",
                          "impressions": english(google["Impr."]), "clicks": english(google["Clicks"]),
                          "spend": english(google["Cost"])}),
            pd.DataFrame({"at": pd.to_datetime(meta["Day"]), "channel": "meta_ads",
                          "impressions": number(meta["Impressions"]), "clicks": number(meta["Link clicks"]),
                          "spend": number(meta["Amount spent (USD)"])}),
        ]),
        "traffic": pd.DataFrame({
            "at": pd.to_datetime(traffic["Date"], format="%Y%m%d"),
            "channel": traffic["Session default channel group"].map(GA4), "visits": sessions,
            "page_views": number(traffic["Views"]), "bounces": sessions - number(traffic["Engaged sessions"]),
            "actions": number(traffic["Key events"])}),
        "audience": pd.DataFrame({
            "at": pd.to_datetime(users["Year month"], format="%Y%m"),
            "end": pd.to_datetime(users["Year month"], format="%Y%m") + pd.offsets.MonthEnd(1),
            "visitors": number(users["Total users"])}),
        "leads": pd.DataFrame({
            "at": moment(deals["Create Date"]), "channel": deals["Record ID"].map(channel_of_deal),
            "qualified": entered.astype(float).mask(~entered & ~refused),
            "answered": moment(deals["First response date"]),
            "won": (deals["Deal Stage"] == "Closed Won").astype(float)}),
        "orders": pd.DataFrame({
            "at": pd.to_datetime(orders["Created at"].str[:19]),  # the clock on the shop's wall; the offset is its own
            "channel": [order_channel(notes, channel_of_deal) for notes in orders["Note Attributes"]],
            "customer": orders["Email"], "revenue": revenue, "margin": 0.58 * revenue}),
        "costs": pd.DataFrame({"at": pd.to_datetime(costs["Month"], format="%Y-%m"),
                               "amount": number(costs["Amount (USD)"])}),
        "social": pd.DataFrame({
            "at": pd.to_datetime(tiktok["Date"]), "before": nan, "gained": number(tiktok["New followers"]),
            "gone": number(tiktok["Lost followers"]), "views": number(tiktok["Video views"]),
            "reactions": number(tiktok["Likes"]) + number(tiktok["Comments"]) + number(tiktok["Shares"])}),
        "survey": pd.DataFrame({
            "at": pd.to_datetime(survey.iloc[:, 0], format="%m/%d/%Y %H:%M:%S"),
            "unaided": survey.iloc[:, 1].str.casefold().str.contains("northlight").astype(float),
            "aided": flag(survey.iloc[:, 2], "Yes", "No"), "recommend": number(survey.iloc[:, 3]),
            "satisfied": number(survey.iloc[:, 4])}),
    }  # fmt: skip


# When an answer is due


def open_days(country: str, first: pd.Timestamp, last: pd.Timestamp) -> list[pd.Timestamp]:
    free = holidays.country_holidays(country, years=range(first.year, last.year + 2))
    days = pd.date_range(first.normalize(), last.normalize() + pd.Timedelta(days=30))
    return [day for day in days if day.weekday() < 5 and day.date() not in free]


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


def customer_sums(orders: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float]:
    active = lambda at: set(orders.loc[(orders["at"] >= at - pd.Timedelta(days=ACTIVE_DAYS)) & (orders["at"] < at),  # noqa: E731
                                       "customer"])
    at_start, at_end = active(start), active(end)
    return {"customers_start": len(at_start), "retained": len(at_start & at_end), "lost": len(at_start - at_end)}


def year_sums(orders: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float]:
    """The twelve months that end with the window; nothing where the orders do not reach back so far."""
    begin = end - pd.DateOffset(years=1)
    if orders["at"].min().normalize() > begin:
        return {}
    year = orders[(orders["at"] >= begin) & (orders["at"] < end)]
    days = year.assign(day=year["at"].dt.normalize()).groupby("customer")["day"].nunique()
    sums = {"buyers_12m": len(days), "repeat_12m": int((days >= 2).sum()), "margin_12m": year["margin"].sum()}
    starts = [start - pd.DateOffset(months=back) for back in range(12)]
    base = [customer_sums(orders, at, at + pd.DateOffset(months=1)) for at in starts]
    return sums | {
        "lost_12m": sum(month["lost"] for month in base),
        "customer_months_12m": sum(month["customers_start"] for month in base),
    }


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
    return sums | {"visitors": total(whole["visitors"]), "other_costs": total(costs["amount"])}


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
    return sums


def brand_sums(book: Book, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, float]:
    social, survey = window(book.tables, "social", start, end), window(book.tables, "survey", start, end)
    sums = {name: total(social[name]) for name in ("views", "reactions", "gained", "gone")}
    sums["followers"] = total(social.loc[social["at"] == start, "before"])
    if not survey.empty:
        sums["unaided"], sums["asked_unaided"] = share_of(survey["unaided"])
        sums["aided"], sums["asked_aided"] = share_of(survey["aided"])
        recommend, satisfied = survey["recommend"].dropna(), survey["satisfied"].dropna()
        sums |= {"promoters": int((recommend >= 9).sum()), "detractors": int((recommend <= 6).sum()),
                 "recommend": len(recommend), "top2": int((satisfied >= 4).sum()), "satisfied": len(satisfied)}  # fmt: skip
    if not (market := window(book.tables, "market", start, end)).empty:
        sums |= {"own": total(market["sales"] * market["own"]), "market": total(market["sales"])}
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
} | {"qualified_leads": "qualified", "research_done": "research", "creatives_made": "creative"}  # fmt: skip
SHARES = {
    "bounce_rate": ("bounces", "visits"), "robot_share": ("robots", "visits"), "conversion_rate": ("actions", "visits"),
    "visit_to_lead": ("leads", "visits"), "ctr": ("clicks", "impressions"), "qualification_rate": ("qualified", "leads"),
    "close_rate": ("won", "qualified"), "retention_rate": ("retained", "customers_start"),
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
    "work_rating": lambda s: (s["points"], s["rated"]),
}


def kpis(sums: dict[str, float]) -> dict[str, Result]:
    """Every KPI that the sums give a value; those that cannot be computed are not there."""
    found = {key: Result(sums[name]) for key, name in PLAIN.items() if name in sums}
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
    found["marketing_cost"] = Result(sums.get("spend", nan) + sums.get("other_costs", nan))
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


def by_channel(company: str, month: str, first_days: int | None = None) -> dict[str, dict[str, float]]:
    """KPI -> channel -> value, of the channels that any file names.

    Visits, leads and orders are listed whatever the channel: where there is none of a channel, there were none. An ad
    account speaks of its own channels alone.
    """
    tables, days = book_of(company).tables, span(month, first_days)
    ads, traffic, leads, orders = (window(tables, name, *days) for name in ("ads", "traffic", "leads", "orders"))
    channels = sorted({name for key in ("ads", "traffic", "leads", "orders") for name in tables[key]["channel"]})
    found: dict[str, dict[str, float]] = {key: {} for key in BY_CHANNEL}
    for channel in channels:
        own = [table[table["channel"] == channel] for table in (ads, traffic, leads, orders)]
        sums = {
            "spend": total(own[0]["spend"]), "visits": float(own[1]["visits"].sum()), "leads": len(own[2]),
            "qualified": total(own[2]["qualified"]) if len(own[2]) else 0.0, "orders": len(own[3]),
            "revenue": float(own[3]["revenue"].sum()), "margin": float(own[3]["margin"].sum()),
        }  # fmt: skip
        for key, result in _channel_kpis(sums).items():
            found[key][channel] = result
    return found


def _channel_kpis(sums: dict[str, float]) -> dict[str, float]:
    ratios = {key: RATIOS[key](sums) for key in ("cpl", "romi", "roas", "drr")}
    ratios["qualification_rate"] = sums["qualified"], sums["leads"]
    plain = {key: sums[PLAIN[key]] for key in BY_CHANNEL if key in PLAIN}
    divided = {key: above / below for key, (above, below) in ratios.items() if below}
    return {key: value for key, value in (plain | divided).items() if value == value}
