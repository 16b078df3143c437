"""The sample's raw files as plain tables, read without any of the kit's code: for oracle.py.

A table is a frame with `at`, the moment or day of a row by the company's clock, and numbers; flags are 1 and 0, and
whatever a file does not say is missing.
"""

from __future__ import annotations

import csv
import io
import re
from functools import cache
from math import nan
from pathlib import Path

import pandas as pd

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
Tables = dict[str, pd.DataFrame]


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
MONTHS_RU = [
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
]  # fmt: skip
DAY, MOMENT = "%d.%m.%Y", "%d.%m.%Y %H:%M:%S"


def when(cells: pd.Series, form: str) -> pd.Series:
    return pd.to_datetime(cells.mask(cells == ""), format=form)


@cache
def read_severny(folder: Path) -> Tables:
    """Severny Svet's files: a table each, `at` the moment or day of a row (local time)."""
    deals = rows(folder / "amocrm_sdelki.csv")
    pairs = zip(deals["utm_source"], deals["utm_medium"], strict=True)
    channels = dict(zip(deals["ID"], (severny_channel(*pair) for pair in pairs), strict=True))
    return {
        "ads": pd.concat([severny_direct(folder), severny_vk(folder)]),
        "traffic": pd.concat([severny_visits(folder), severny_robots(folder)]),
        "audience": severny_audience(folder),
        "leads": severny_leads(deals, channels),
        "orders": severny_orders(folder, channels),
        "calls": severny_calls(folder),
        "chats": severny_chats(folder),
        "costs": severny_costs(folder),
        "social": severny_social(folder),
        "survey": severny_survey(folder),
        "market": severny_market(folder),
        "tasks": severny_tasks(folder),
        "reviews": severny_reviews(folder),
    }


def severny_direct(folder: Path) -> pd.DataFrame:
    direct = rows(folder / "direct_kampanii.csv", "cp1251", ";", 4).iloc[1:]  # the totals come first
    return pd.DataFrame({
        "at": when(direct["День"], DAY), "channel": "yandex_direct", "impressions": number(direct["Показы"]),
        "clicks": number(direct["Клики"]), "spend": number(direct["Расход, руб. с НДС"]),
    })  # fmt: skip


def severny_vk(folder: Path) -> pd.DataFrame:
    vk = rows(folder / "vk_ads.csv", "utf-8-sig", ";")
    vk = vk[vk["Дата"] != "Итого"]
    partner = vk["Название кампании"].str.startswith("partnerka_")
    return pd.DataFrame({
        "at": when(vk["Дата"], DAY), "channel": partner.map({True: "partner_network", False: "vk_ads"}),
        "impressions": number(vk["Показы"]), "clicks": number(vk["Клики"]), "spend": number(vk["Потрачено всего, ₽"]),
    })  # fmt: skip


def severny_visits(folder: Path) -> pd.DataFrame:
    visits = rows(folder / "metrika_istochniki-20241101-20261031.csv").iloc[1:]
    counts = number(visits["Визиты"])
    return pd.DataFrame({
        "at": pd.to_datetime(visits["Дата визита"]), "channel": visits["Источник трафика (детально)"].map(METRIKA),
        "visits": counts, "page_views": number(visits["Просмотры"]),
        "bounces": (number(visits["Отказы"]) * counts).round(),
        "actions": number(visits["Достижения цели (Заявка)"]),
    })  # fmt: skip


def severny_robots(folder: Path) -> pd.DataFrame:
    robots = rows(folder / "metrika_roboty-20260601-20261031.csv").iloc[1:]
    return pd.DataFrame({
        "at": pd.to_datetime(robots["Дата визита"]), "channel": robots["Источник трафика (детально)"].map(METRIKA),
        "robots": number(robots["Визиты"]).where(robots["Роботность"] == "Роботы", 0.0),
    })  # fmt: skip


def severny_audience(folder: Path) -> pd.DataFrame:
    months = rows(folder / "metrika_poseshchaemost_mesyacy.csv").iloc[1:]
    interval = months["Интервал дат визита"]
    return pd.DataFrame({
        "at": pd.to_datetime(interval.str[:10]), "end": pd.to_datetime(interval.str[-10:]),
        "visitors": number(months["Посетители"]),
    })  # fmt: skip


def severny_leads(deals: pd.DataFrame, channels: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({
        "at": when(deals["Дата создания сделки"], MOMENT), "channel": deals["ID"].map(channels),
        "qualified": flag(deals["Квалификация"], "Да", "Нет"), "answered": when(deals["Первый ответ"], MOMENT),
        "won": (deals["Этап сделки"] == "Успешно реализовано").astype(float),
    })  # fmt: skip


def severny_orders(folder: Path, channels: dict[str, str]) -> pd.DataFrame:
    orders = rows(folder / "zakazy.csv", "cp1251", ";")
    orders = orders[orders["Статус"] != "Отменён"]
    pairs = zip(orders["ID сделки"], orders["Источник"], strict=True)
    return pd.DataFrame({
        "at": when(orders["Дата заказа"], DAY), "customer": orders["ID клиента"],
        "channel": [
            channels[deal] if deal else severny_channel(*f"{source} / ".split(" / ")[:2]) for deal, source in pairs
        ],
        "revenue": number(orders["Сумма, руб."]), "margin": number(orders["Валовая прибыль, руб."]),
    })  # fmt: skip


def severny_calls(folder: Path) -> pd.DataFrame:
    calls = rows(folder / "zvonki.csv", "cp1251", ";")
    missed = flag(calls["Статус"], "Пропущенный", "Успешный")
    return pd.DataFrame({"at": when(calls["Дата и время"], MOMENT), "missed": missed})


def severny_chats(folder: Path) -> pd.DataFrame:
    chats = rows(folder / "chaty_jivo.csv", "utf-8-sig", ";")
    fast = (number(chats["Первый ответ, сек"]) <= 15).astype(float)  # a missed chat has no seconds and is not fast
    missed = flag(chats["Статус"], "Пропущен", "Отвечен")
    return pd.DataFrame({"at": when(chats["Дата"], MOMENT), "missed": missed, "in_time": fast})


def severny_costs(folder: Path) -> pd.DataFrame:
    costs = rows(folder / "zatraty.csv", "utf-8", ";")
    words = costs["Месяц"].str.split(" ")
    days = [pd.Timestamp(int(year), MONTHS_RU.index(month) + 1, 1) for month, year in words]
    return pd.DataFrame({"at": days, "amount": number(costs["Сумма, руб."])})


def severny_social(folder: Path) -> pd.DataFrame:
    wall = rows(folder / "vk_soobshchestvo.csv", "utf-8-sig", ";")
    gained, gone = number(wall["Новые участники"]), number(wall["Вышедшие участники"])
    return pd.DataFrame({
        "at": when(wall["Дата"], DAY), "before": number(wall["Участники"]) - gained + gone, "gained": gained,
        "gone": gone, "views": number(wall["Просмотры"]),
        "reactions": number(wall["Лайки"]) + number(wall["Комментарии"]) + number(wall["Репосты"]),
    })  # fmt: skip


def severny_survey(folder: Path) -> pd.DataFrame:
    return asked(rows(folder / "opros_google_forms.csv"), "%Y-%m-%d %H:%M:%S", "северный свет", "Да", "Нет")


def asked(survey: pd.DataFrame, form: str, name: str, yes: str, no: str) -> pd.DataFrame:
    """A survey: time, unaided, aided, recommend, satisfied, target audience. Who names nobody does not name us."""
    at, unaided, aided, recommend, satisfied, _target = (survey.iloc[:, place] for place in range(6))
    return pd.DataFrame({
        "at": pd.to_datetime(at, format=form), "unaided": unaided.str.casefold().str.contains(name).astype(float),
        "aided": flag(aided, yes, no), "recommend": number(recommend), "satisfied": number(satisfied),
    })  # fmt: skip


def severny_market(folder: Path) -> pd.DataFrame:
    market = rows(folder / "rynok.csv", "utf-8", ";")
    return pd.DataFrame({
        "at": [pd.Timestamp(int(text[-4:]), 3 * int(text[0]), 1) + pd.offsets.MonthEnd() for text in market["Период"]],
        "own": (market["Компания"] == "Северный свет").astype(float),
        "sales": 1e6 * number(market["Продажи, млн руб."]),
    })  # fmt: skip


def severny_tasks(folder: Path) -> pd.DataFrame:
    tasks = rows(folder / "zadachi.csv", "utf-8", ";")
    return pd.DataFrame({
        "at": when(tasks["Срок"], DAY), "done": when(tasks["Выполнено"], DAY), "kind": tasks["Вид"],
        "accepted": flag(tasks["Принято"], "Да", "Нет"), "rating": number(tasks["Оценка"]),
    })  # fmt: skip


def severny_reviews(folder: Path) -> pd.DataFrame:
    reviews = rows(folder / "otzyvy.csv", "utf-8", ";")
    return pd.DataFrame({"at": when(reviews["Дата отзыва"], DAY), "stars": number(reviews["Оценка"])})


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
    deals = rows(folder / "hubspot_deals.csv")
    channels = dict(zip(deals["Record ID"], deals["Original Traffic Source"].map(HUBSPOT), strict=True))
    costs, survey = rows(folder / "costs.csv"), rows(folder / "survey_google_forms.csv")
    months = pd.to_datetime(costs["Month"], format="%Y-%m")
    return {
        "ads": pd.concat([northlight_google(folder), northlight_meta(folder)]),
        "traffic": northlight_traffic(folder),
        "audience": northlight_audience(folder),
        "leads": northlight_leads(deals, channels),
        "orders": northlight_orders(folder, channels),
        "costs": pd.DataFrame({"at": months, "amount": number(costs["Amount (USD)"])}),
        "social": northlight_social(folder),
        "survey": asked(survey, "%m/%d/%Y %H:%M:%S", "northlight", "Yes", "No"),
        "reviews": northlight_reviews(folder),
    }


def northlight_reviews(folder: Path) -> pd.DataFrame:
    reviews = rows(folder / "reviews.csv")
    steps, out_of = number(reviews["Rating"]), number(reviews["Scale"])
    stars = steps.where(out_of == 5, (4 * steps + 5) / 9).round(6)  # sums take amounts to the millionth
    return pd.DataFrame({"at": when(reviews["Review date"], "%Y-%m-%d"), "stars": stars})


def northlight_google(folder: Path) -> pd.DataFrame:
    google = rows(folder / "google_ads_campaigns.csv", "utf-16", "\t", 2)
    google = google[~google["Campaign status"].str.startswith("Total:")]
    return pd.DataFrame({
        "at": pd.to_datetime(google["Day"]), "channel": "google_ads", "impressions": english(google["Impr."]),
        "clicks": english(google["Clicks"]), "spend": english(google["Cost"]),
    })  # fmt: skip


def northlight_meta(folder: Path) -> pd.DataFrame:
    meta = rows(folder / "meta_ads.csv").iloc[1:]  # the totals come first, under an empty name
    return pd.DataFrame({
        "at": pd.to_datetime(meta["Day"]), "channel": "meta_ads", "impressions": number(meta["Impressions"]),
        "clicks": number(meta["Link clicks"]), "spend": number(meta["Amount spent (USD)"]),
    })  # fmt: skip


def northlight_traffic(folder: Path) -> pd.DataFrame:
    traffic = rows(folder / "ga4_traffic_acquisition.csv", skip=9)
    sessions = number(traffic["Sessions"])
    return pd.DataFrame({
        "at": pd.to_datetime(traffic["Date"], format="%Y%m%d"),
        "channel": traffic["Session default channel group"].map(GA4), "visits": sessions,
        "page_views": number(traffic["Views"]), "bounces": sessions - number(traffic["Engaged sessions"]),
        "actions": number(traffic["Key events"]),
    })  # fmt: skip


def northlight_audience(folder: Path) -> pd.DataFrame:
    users = rows(folder / "ga4_users_by_month.csv", skip=9)
    start = pd.to_datetime(users["Year month"], format="%Y%m")
    return pd.DataFrame({"at": start, "end": start + pd.offsets.MonthEnd(1), "visitors": number(users["Total users"])})


def northlight_leads(deals: pd.DataFrame, channels: dict[str, str]) -> pd.DataFrame:
    entered = deals['Date entered "Qualified To Buy (Sales Pipeline)"'] != ""
    refused = (deals["Deal Stage"] == "Closed Lost") & ~entered
    return pd.DataFrame({
        "at": when(deals["Create Date"], "%Y-%m-%d %H:%M"), "channel": deals["Record ID"].map(channels),
        "qualified": entered.astype(float).where(entered | refused),
        "answered": when(deals["First response date"], "%Y-%m-%d %H:%M"),
        "won": (deals["Deal Stage"] == "Closed Won").astype(float),
    })  # fmt: skip


def northlight_orders(folder: Path, channels: dict[str, str]) -> pd.DataFrame:
    lines = rows(folder / "shopify_orders.csv")
    orders = lines[~lines["Financial Status"].isin(["", "voided"])]  # empty on the further lines of an order
    revenue = number(orders["Total"]) - number(orders["Refunded Amount"]).fillna(0)
    return pd.DataFrame({
        "at": pd.to_datetime(orders["Created at"].str[:19]),  # the clock on the shop's wall; the offset is its own
        "channel": [order_channel(notes, channels) for notes in orders["Note Attributes"]],
        "customer": orders["Email"], "revenue": revenue, "margin": 0.58 * revenue,
    })  # fmt: skip


def northlight_social(folder: Path) -> pd.DataFrame:
    tiktok = rows(folder / "tiktok_overview.csv", "utf-8-sig")
    return pd.DataFrame({
        "at": pd.to_datetime(tiktok["Date"]), "before": nan, "gained": number(tiktok["New followers"]),
        "gone": number(tiktok["Lost followers"]), "views": number(tiktok["Video views"]),
        "reactions": number(tiktok["Likes"]) + number(tiktok["Comments"]) + number(tiktok["Shares"]),
    })  # fmt: skip
