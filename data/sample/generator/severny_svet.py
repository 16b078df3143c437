"""«Северный свет» as Direct, VK Ads, amoCRM and the shop export it."""

from pathlib import Path

import numpy as np
import pandas as pd

from .severny_svet_metrika import tracked_traffic, write_months, write_robots, write_sources
from .severny_svet_planted import MISSING_TRACKING, PAID, SOURCES
from .severny_svet_world import World, draw
from .shapes import BOM_SEMICOLON, METRICA, NBSP, RUSSIAN_EXCEL, decimal_comma, dotted, dotted_time

CONTACTS = ("Анна", "Олег", "Ирина", "Юлия", "Павел", "Вера", "Артём")


def write_exports(world: World, folder: Path) -> None:
    tracked = tracked_traffic(world)
    write_sources(tracked, world.leads, folder / "metrika_istochniki-20241101-20261031.csv")
    write_robots(tracked, folder / "metrika_roboty-20260601-20261031.csv")
    write_months(tracked, folder / "metrika_poseshchaemost_mesyacy.csv")
    write_direct(world, folder / "direct_kampanii.csv")
    write_vk(world, folder / "vk_ads.csv")
    write_deals(world.leads, folder / "amocrm_sdelki.csv")
    write_orders(world.orders, folder / "zakazy.csv")


def write_direct(world: World, path: Path) -> None:
    rng = draw("direct")
    ads = world.ads[world.ads.channel == "yandex_direct"]
    results = world.leads[world.leads.tracked].groupby(["date", "campaign"]).size()
    numbers = {campaign: 70_400_118 + 1_317 * n for n, (campaign, *_) in enumerate(PAID["yandex_direct"].campaigns)}
    retail = world.orders[world.orders["first"] & world.orders.lead_id.isna() & (world.orders.utm == ("yandex", "cpc"))]
    income = retail.groupby(retail.ordered_at.dt.normalize()).revenue.sum()
    unseen = ads.date.isin(pd.DatetimeIndex(MISSING_TRACKING)).to_numpy()
    table = ads.assign(
        results=[int(results.get(key, 0)) for key in zip(ads.date, ads.campaign, strict=True)],
        bounces=np.where(unseen, 0, rng.binomial(ads.clicks, SOURCES[0].bounces)),
        income=np.where(
            unseen, 0, ads.date.map(income).fillna(0) * ads.spend / ads.groupby("date").spend.transform("sum") * 1.04
        ),
    )

    def cells(row: pd.Series) -> list[str]:
        amount = lambda value, digits=2: decimal_comma(value, digits, NBSP) if value else "-"  # noqa: E731
        return [
            amount(row.impressions, 0),
            amount(row.clicks, 0),
            amount(100 * row.clicks / row.impressions),
            amount(row.spend),
            amount(100 * row.bounces / row.clicks if row.clicks else 0),
            amount(row.results, 0),
            amount(row.spend / row.results if row.results else 0),
            amount(row.income),
        ]

    rows = [["Итого", "", "", *cells(table[["impressions", "clicks", "spend", "bounces", "results", "income"]].sum())]]
    rows += [
        [dotted(row.date), numbers[row.campaign], row["name"], *cells(row)]
        for _, row in table.sort_values("date", kind="stable").iterrows()
    ]
    RUSSIAN_EXCEL.write(
        path,
        [
            "День",
            "№ кампании",
            "Название кампании",
            "Показы",
            "Клики",
            "CTR, %",
            "Расход, руб. с НДС",
            "Отказы, %",
            "Конверсии",
            "Цена цели, руб.",
            "Доход, руб.",
        ],
        rows,
        preamble=[
            "Статистика по кампаниям",
            "Аккаунт: severny-svet-primer",
            "Период: 01.11.2024 - 31.10.2026",
            "Валюта: руб., с НДС",
        ],
    )


def write_vk(world: World, path: Path) -> None:
    ads = world.ads[world.ads.channel != "yandex_direct"].sort_values(["date", "name"], kind="stable")
    results = world.leads.groupby(["date", "campaign"]).size()
    table = ads.assign(results=[int(results.get(key, 0)) for key in zip(ads.date, ads.campaign, strict=True)])

    def cells(row: pd.Series) -> list[object]:
        ratio = lambda part, whole: decimal_comma(part / whole) if whole else "—"  # noqa: E731
        return [
            int(row.impressions),
            int(row.clicks),
            decimal_comma(row.spend),
            ratio(100 * row.clicks, row.impressions),
            ratio(row.spend, row.clicks),
            int(row.results),
            ratio(row.spend, row.results),
        ]

    rows = [[dotted(row.date), row["name"], *cells(row)] for _, row in table.iterrows()]
    rows.append(["Итого", "", *cells(table[["impressions", "clicks", "spend", "results"]].sum())])
    BOM_SEMICOLON.write(
        path,
        [
            "Дата",
            "Название кампании",
            "Показы",
            "Клики",
            "Потрачено всего, ₽",
            "CTR",
            "eCPC",
            "Результат",
            "Цена за результат",
        ],
        rows,
    )


def stage(qualified: bool | None, won: bool | None, share_of_cycle: float) -> str:
    """Where the deal stands in the pipeline on the last day."""
    if qualified is None:
        return "Первичный контакт" if share_of_cycle < 0.2 else "Квалификация"
    if not qualified or won is False:
        return "Закрыто и не реализовано"
    if won:
        return "Успешно реализовано"
    return "Договор" if share_of_cycle > 0.6 else "Коммерческое предложение"


def write_deals(leads: pd.DataFrame, path: Path) -> None:
    rows = [
        [
            lead.lead_id,
            f"Заявка {lead.Index + 1}",
            lead.value if lead.qualified is True else 0,
            lead.manager,
            dotted_time(lead.created_at),
            dotted_time(None if pd.isna(lead.closed_at) else lead.closed_at),
            stage(lead.qualified, lead.won, lead.share_of_cycle),
            "Продажи",
            lead.kind,
            CONTACTS[lead.customer_id % len(CONTACTS)],
            f"'+7000{lead.customer_id * 137 % 10_000_000:07d}",
            *lead.utm,
            lead.campaign,
            {True: "Да", False: "Нет", None: ""}[lead.qualified],
            dotted_time(None if pd.isna(lead.answered_at) else lead.answered_at),
            lead.customer_id,
        ]
        for lead in leads.itertuples()
    ]
    METRICA.write(
        path,
        [
            "ID",
            "Название сделки",
            "Бюджет ₽",
            "Ответственный",
            "Дата создания сделки",
            "Дата закрытия",
            "Этап сделки",
            "Воронка",
            "Теги",
            "Основной контакт",
            "Рабочий телефон (контакт)",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "Квалификация",
            "Первый ответ",
            "ID клиента",
        ],
        rows,
    )


def write_orders(orders: pd.DataFrame, path: Path) -> None:
    rows = []
    for order in orders.itertuples():
        source = "(direct)" if order.utm[0] == "(direct)" else " / ".join(order.utm)
        deal = "" if pd.isna(order.lead_id) else int(order.lead_id)
        rows.append(
            [
                order.number,
                dotted(order.ordered_at),
                order.customer_id,
                "" if deal else source,
                decimal_comma(order.revenue),
                decimal_comma(order.margin),
                deal,
                "Отменён" if order.cancelled else "Выполнен",
            ]
        )
    RUSSIAN_EXCEL.write(
        path,
        [
            "Номер заказа",
            "Дата заказа",
            "ID клиента",
            "Источник",
            "Сумма, руб.",
            "Валовая прибыль, руб.",
            "ID сделки",
            "Статус",
        ],
        rows,
    )
