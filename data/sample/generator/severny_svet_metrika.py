"""«Северный свет» as Yandex Metrica exports it."""

from pathlib import Path

import pandas as pd

from .laws import MONTHS
from .severny_svet_planted import MISSING_TRACKING
from .severny_svet_world import World, draw
from .shapes import METRICA, clock, fraction

VISIT_MEASURES = [
    "Визиты",
    "Посетители",
    "Просмотры",
    "Доля новых посетителей",
    "Отказы",
    "Глубина просмотра",
    "Время на сайте",
]
TELEGRAM = {"social": 0.03, "vk_ads": 0.014, "partner_network": 0.001}
ROBOTS_FROM = "2026-06-01"
MONTHLY_UNIQUE, PERIOD_UNIQUE = 0.79, 0.71
TOTAL = "Итого и средние"


def tracked_traffic(world: World) -> pd.DataFrame:
    """What the counter saw, newest day first and the largest source first."""
    seen = world.traffic[~world.traffic.date.isin(pd.DatetimeIndex(MISSING_TRACKING))]
    return seen.sort_values(["date", "visits", "detail"], ascending=[False, False, True], kind="stable")


def monthly_visitors(tracked: pd.DataFrame) -> pd.Series:
    """Unique visitors of each month: fewer than the sum of the days' visitors."""
    return (tracked.groupby(tracked.date.dt.strftime("%Y-%m")).visitors.sum() * MONTHLY_UNIQUE).round().astype(int)


def period_visitors(tracked: pd.DataFrame) -> int:
    """Unique visitors of the whole period: fewer than the sum of the months' visitors."""
    return int(monthly_visitors(tracked).sum() * PERIOD_UNIQUE)


def _visit_cells(sums: pd.Series, visitors: int | None = None) -> list[object]:
    unique = int(sums.visitors) if visitors is None else visitors
    return [
        int(sums.visits),
        unique,
        int(sums["views"]),
        fraction(sums.new, sums.visitors),
        fraction(sums.bounces, sums.visits),
        fraction(sums["views"], sums.visits),
        clock(sums.seconds / sums.visits),
    ]


SUMMED = ["visits", "visitors", "new", "views", "bounces", "seconds"]


def write_sources(tracked: pd.DataFrame, leads: pd.DataFrame, path: Path) -> None:
    rng = draw("telegram")
    requests = leads[leads.tracked].groupby(["date", "detail"]).size()
    table = tracked.assign(
        requests=[int(requests.get(key, 0)) for key in zip(tracked.date, tracked.detail, strict=True)],
        telegram=rng.binomial(tracked.people, tracked.channel.map(TELEGRAM).fillna(0.008)),
    )

    def goals(row: pd.Series) -> list[object]:
        return [
            int(row.requests),
            fraction(row.requests, row.visits),
            int(row.telegram),
            fraction(row.telegram, row.visits),
        ]

    total = table[[*SUMMED, "requests", "telegram"]].sum()
    rows = [[TOTAL, "", "", *_visit_cells(total, period_visitors(tracked)), *goals(total)]]
    rows += [
        [f"{row.date:%Y-%m-%d}", row.group, row.detail, *_visit_cells(row), *goals(row)] for _, row in table.iterrows()
    ]
    METRICA.write(
        path,
        [
            "Дата визита",
            "Источник трафика",
            "Источник трафика (детально)",
            *VISIT_MEASURES,
            "Достижения цели (Заявка)",
            "Конверсия (Заявка)",
            "Достижения цели (Переход в Telegram)",
            "Конверсия (Переход в Telegram)",
        ],
        rows,
    )


def write_robots(tracked: pd.DataFrame, path: Path) -> None:
    known = tracked[tracked.date >= ROBOTS_FROM]
    rows: list[list[object]] = [[TOTAL, "", "", "", int(known.visits.sum())]]
    for row in known.itertuples():
        rows += [
            [f"{row.date:%Y-%m-%d}", row.group, row.detail, kind, visits]
            for kind, visits in (("Люди", row.people), ("Роботы", row.robots))
            if visits
        ]
    METRICA.write(
        path, ["Дата визита", "Источник трафика", "Источник трафика (детально)", "Роботность", "Визиты"], rows
    )


def write_months(tracked: pd.DataFrame, path: Path) -> None:
    sums = tracked.groupby(tracked.date.dt.strftime("%Y-%m"))[SUMMED].sum()
    unique = monthly_visitors(tracked)
    rows = [[TOTAL, *_visit_cells(sums.sum(), period_visitors(tracked))]]
    rows += [
        [f"{month}-01 - {pd.Period(month).end_time:%Y-%m-%d}", *_visit_cells(sums.loc[month], int(unique[month]))]
        for month in MONTHS[::-1]
    ]
    METRICA.write(path, ["Интервал дат визита", *VISIT_MEASURES], rows)
