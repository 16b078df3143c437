"""The smaller files of «Северный свет»: calls, chats, costs, community, survey, market, tasks, and their truth."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from .laws import DAYS, LAST_DAY, MONTHS, moments, weekday_factor
from .measured import Series
from .severny_svet_planted import SEASON, WEEKDAYS_LEADS
from .severny_svet_world import draw
from .shapes import (
    BOM_SEMICOLON,
    COMMA,
    NBSP,
    RUSSIAN_EXCEL,
    SEMICOLON,
    Dialect,
    decimal_comma,
    dotted,
    dotted_time,
    russian_month,
)

CALLS_A_DAY, CALLS_MISSED = 5.0, 0.075
CHATS_A_DAY, CHATS_MISSED, CHAT_SECONDS = 2.4, 0.05, (8.0, 0.6)
CALL_SOURCES = {
    ("yandex", "cpc"): 0.4,
    ("vk", "cpc"): 0.08,
    ("yandex", "organic"): 0.17,
    ("google", "organic"): 0.08,
    ("(direct)", "(none)"): 0.27,
}
COSTS = (
    ("Зарплата отдела маркетинга", "", 210_000, 0.0),
    ("Контент", "", 48_000, 0.12),
    ("SEO", "organic_search", 55_000, 0.0),
    ("Агентство контекстной рекламы", "yandex_direct", 35_000, 0.0),
    ("Сервис рассылок", "email", 9_500, 0.0),
)
WAVES, ANSWERS_A_WAVE = MONTHS[2::3], 180
AIDED, UNAIDED, TARGET_SHARE = (
    (0.36, 0.015, 0.12),
    (0.10, 0.01, 0.06),
    0.6,
)  # at the first wave, more by each wave, more in the target audience
PROMOTERS, DETRACTORS, TOP_TWO, CUSTOMERS = (0.46, 0.012), (0.20, -0.006), 0.82, 0.8  # CUSTOMERS: of those who know us
COMPETITORS = {
    "Люменика": (21.0, 1.02),
    "Дом света 21": (15.5, 1.05),
    "Фотон-Декор": (8.2, 0.94),
    "Ампир-Лайт": (4.6, 1.10),
    "Прочие": (47.0, 1.03),
}
OTHER_BRANDS = ("Люменика", "Дом света 21", "Фотон-Декор", "Ампир-Лайт", "не помню", "Сев. свет", "=СУММ(1;2)")
QUESTIONS = {
    "aware_unaided": "Какие магазины светильников вы знаете? Назовите все, что вспомните",
    "aware_aided": "Знаете ли вы магазин «Северный свет»?",
    "recommend": "С какой вероятностью вы порекомендуете нас (0–10)?",
    "satisfied": "Насколько вы довольны покупкой (1–5)?",
    "target_audience": "Вы выбирали светильники за последние полгода?",
}


def _by_month(days: list[date] | pd.Series, chosen: list[bool] | np.ndarray) -> list[float]:
    counts = pd.Series(np.asarray(chosen, float)).groupby([f"{day:%Y-%m}" for day in days]).sum()
    return [int(counts.get(month, 0)) for month in MONTHS]


def _daily(name: str, rate: float) -> tuple[np.random.Generator, list]:
    rng = draw(name)
    counts = rng.poisson(rate * SEASON.demand() * weekday_factor(WEEKDAYS_LEADS))
    return rng, sorted(moments(rng, DAYS.repeat(counts), 8, 22))


def write_calls(folder: Path) -> Series:
    rng, calls = _daily("calls", CALLS_A_DAY)
    sources = list(CALL_SOURCES)
    missed = rng.random(len(calls)) < CALLS_MISSED
    rows = []
    for at, lost in zip(calls, missed, strict=True):
        source = sources[rng.choice(len(sources), p=list(CALL_SOURCES.values()))]
        talk, wait = int(rng.lognormal(np.log(150), 0.8)), int(rng.lognormal(np.log(11), 0.6))
        rows.append(
            [
                dotted_time(at),
                *source,
                f"+7000{rng.integers(10_000_000):07d}",
                0 if lost else talk,
                wait + 25 * int(lost),
                "Пропущенный" if lost else "Успешный",
            ]
        )
    RUSSIAN_EXCEL.write(
        folder / "zvonki.csv",
        ["Дата и время", "Источник", "Канал", "Номер абонента", "Длительность", "Ожидание", "Статус"],
        rows,
    )
    return {"calls": _by_month(calls, np.ones(len(calls))), "missed_calls": _by_month(calls, missed)}


def write_chats(folder: Path) -> Series:
    rng, chats = _daily("chats", CHATS_A_DAY)
    missed = rng.random(len(chats)) < CHATS_MISSED
    seconds = np.ceil(rng.lognormal(np.log(CHAT_SECONDS[0]), CHAT_SECONDS[1], len(chats))).astype(int)
    rows = [
        [
            dotted_time(at),
            rng.choice(["Сайт", "Telegram", "ВКонтакте"], p=[0.6, 0.28, 0.12]),
            "" if lost else rng.choice(["Ольга", "Тимур"]),
            "" if lost else wait,
            "Пропущен" if lost else "Отвечен",
        ]
        for at, lost, wait in zip(chats, missed, seconds, strict=True)
    ]
    BOM_SEMICOLON.write(folder / "chaty_jivo.csv", ["Дата", "Канал", "Оператор", "Первый ответ, сек", "Статус"], rows)
    return {
        "chats": _by_month(chats, np.ones(len(chats))),
        "missed_chats": _by_month(chats, missed),
        "chats_within_15_seconds": _by_month(chats, ~missed & (seconds <= 15)),
    }


def write_costs(folder: Path) -> Series:
    rng = draw("costs")
    rows, totals = [], []
    for month in MONTHS:
        amounts = [
            round(base * (1.08 if month >= "2026" else 1.0) * rng.lognormal(0, spread), -2)
            for _, _, base, spread in COSTS
        ]
        totals.append(sum(amounts))
        rows += [
            [russian_month(month), kind, channel, decimal_comma(amount, 2, NBSP if kind == "Контент" else " ")]
            for (kind, channel, *_), amount in zip(COSTS, amounts, strict=True)
        ]
    SEMICOLON.write(folder / "zatraty.csv", ["Месяц", "Статья", "Канал", "Сумма, руб."], rows)
    return {"other_marketing_cost": totals}


def write_community(folder: Path) -> Series:
    rng = draw("community")
    joined, left = rng.poisson(8 * SEASON.demand()), rng.poisson(4.5, len(DAYS))
    members = 8_240 + np.cumsum(joined - left)
    reach = rng.lognormal(np.log(1_350), 0.35, len(DAYS)).astype(int)
    visitors = rng.binomial(reach, 0.16)
    views = visitors + rng.poisson(visitors * 1.1)
    likes, comments, reposts = (rng.binomial(reach, share) for share in (0.021, 0.0028, 0.0016))
    columns = (visitors, views, reach, joined, left, members, likes, comments, reposts)
    Dialect("utf-8-sig", ";").write(
        folder / "vk_soobshchestvo.csv",
        [
            "Дата",
            "Уникальные посетители",
            "Просмотры",
            "Охват",
            "Новые участники",
            "Вышедшие участники",
            "Участники",
            "Лайки",
            "Комментарии",
            "Репосты",
        ],
        ([dotted(day), *cells] for day, *cells in zip(DAYS, *columns, strict=True)),
    )
    return {"followers_end": [int(members[DAYS.strftime("%Y-%m") == month][-1]) for month in MONTHS]}


def write_survey(folder: Path) -> dict[str, list]:
    rng = draw("survey")
    rows, waves = [], []
    for n, wave in enumerate(WAVES):
        people = [_answer(rng, n) for _ in range(ANSWERS_A_WAVE)]
        days = [date.fromisoformat(f"{wave}-01") + timedelta(days=int(day)) for day in rng.integers(0, 11, len(people))]
        rows += [
            [f"{at:%Y-%m-%d %H:%M:%S}", *person]
            for at, person in zip(sorted(moments(rng, days, 8, 23)), people, strict=True)
        ]
        scores = [person[2] for person in people if person[2] != ""]
        promoters, detractors = sum(score >= 9 for score in scores), sum(score <= 6 for score in scores)
        waves.append(
            [
                sum("северный свет" in person[0].lower() for person in people),
                sum(person[1] == "Да" for person in people),
                len(scores),
                promoters,
                detractors,
                sum(person[3] in (4, 5) for person in people),
                sum(person[4] == "Да" for person in people),
            ]
        )
    COMMA.write(folder / "opros_google_forms.csv", ["Отметка времени", *QUESTIONS.values()], rows)
    names = [
        "aware_unaided",
        "aware_aided",
        "asked_to_recommend",
        "promoters",
        "detractors",
        "satisfied_top_two",
        "target_audience",
    ]
    return {"waves": list(WAVES), "respondents": [ANSWERS_A_WAVE] * len(WAVES)} | dict(
        zip(names, map(list, zip(*waves, strict=True)), strict=True)
    )


def _answer(rng: np.random.Generator, wave: int) -> list:
    target = rng.random() < TARGET_SHARE
    unaided, aided = (first + more * wave + in_target * target for first, more, in_target in (UNAIDED, AIDED))
    names_us = rng.random() < unaided
    knows_us = names_us or rng.random() < (aided - unaided) / (1 - unaided)
    brands = list(rng.choice(OTHER_BRANDS[:-2], size=rng.integers(0, 3), replace=False))
    brands += [str(rng.choice(["Северный свет", "северный свет", "магазин СЕВЕРНЫЙ СВЕТ"]))] * bool(names_us)
    brands += [OTHER_BRANDS[-2]] * bool(rng.random() < 0.01) + [OTHER_BRANDS[-1]] * bool(rng.random() < 0.002)
    customer = knows_us and rng.random() < CUSTOMERS
    promoter, detractor = PROMOTERS[0] + PROMOTERS[1] * wave, DETRACTORS[0] + DETRACTORS[1] * wave
    kind = rng.choice(3, p=[promoter, 1 - promoter - detractor, detractor])
    recommend = int(rng.choice([[9, 10], [7, 8], [4, 6]][kind]))
    satisfied = int(rng.choice([5, 4, 3, 2, 1], p=[TOP_TWO - 0.3, 0.3, 0.1, 0.05, 0.85 - TOP_TWO]))
    return [
        ", ".join(brands),
        "Да" if knows_us else "Нет",
        recommend if customer else "",
        satisfied if customer else "",
        "Да" if target else "Нет",
    ]


def write_market(folder: Path, revenue: list[float]) -> dict[str, object]:
    rng = draw("market")
    quarters = [(f"{year}", quarter) for year in (2025, 2026) for quarter in (1, 2, 3, 4)][:-1]
    season = {1: 0.95, 2: 0.86, 3: 0.97, 4: 1.22}
    rows, own, whole = [], [], []
    for n, (year, quarter) in enumerate(quarters):
        months = [f"{year}-{3 * quarter - k:02d}" for k in (2, 1, 0)]
        sales = {"Северный свет": round(sum(revenue[MONTHS.index(month)] for month in months) / 1e6, 2)}
        sales |= {
            name: round(base * growth ** (n / 4) * season[quarter] * rng.lognormal(0, 0.03), 1)
            for name, (base, growth) in COMPETITORS.items()
        }
        own.append(sales["Северный свет"])
        whole.append(round(sum(sales.values()), 2))
        rows += [
            [
                f"{quarter} кв. {year}",
                name,
                decimal_comma(amount, 2 if name == "Северный свет" else 1),
                "учёт компании" if name == "Северный свет" else "оценка отдела маркетинга",
            ]
            for name, amount in sales.items()
        ]
    SEMICOLON.write(folder / "rynok.csv", ["Период", "Компания", "Продажи, млн руб.", "Источник"], rows)
    return {
        "quarters": [f"{year}-Q{quarter}" for year, quarter in quarters],
        "own_millions": own,
        "market_millions": whole,
    }


def write_tasks(folder: Path) -> Series:
    rng = draw("tasks")
    kinds = {
        "Исследование": ("Опрос покупателей", "Обзор цен конкурентов", "Разбор поисковых запросов"),
        "Креатив": ("Баннеры к сезону", "Ролик о новой серии", "Посадочная страница", "Тексты рассылки"),
        "Согласование с отделами": ("План акций с продажами", "Остатки со складом", "Скрипт звонка с продажами"),
    }
    rows, due_by, done_by = [], [], []
    for month in MONTHS:
        for kind, count in zip(kinds, (2, 4, 2), strict=True):
            for _ in range(count):
                due = date.fromisoformat(f"{month}-01") + timedelta(days=int(rng.integers(4, 28)))
                done = due + timedelta(days=int(rng.integers(1, 12) if rng.random() < 0.2 else -rng.integers(0, 4)))
                finished = done <= LAST_DAY and rng.random() > 0.04
                accepted = finished and rng.random() < 0.88
                rows.append(
                    [
                        f"{rng.choice(kinds[kind])}, {russian_month(month)}",
                        kind,
                        rng.choice(["Дарья Снежина", "Павел Лампин"]),
                        dotted(due),
                        dotted(done) if finished else "",
                        ("Да" if accepted else "Нет") if finished else "",
                        int(rng.choice([3, 4, 5], p=[0.2, 0.5, 0.3]))
                        if accepted
                        else int(rng.choice([2, 3]))
                        if finished
                        else "",
                    ]
                )
                due_by.append(due)
                done_by.append(finished and done <= due)
    SEMICOLON.write(
        folder / "zadachi.csv", ["Задача", "Вид", "Исполнитель", "Срок", "Выполнено", "Принято", "Оценка"], rows
    )
    return {"tasks_due": _by_month(due_by, np.ones(len(due_by))), "tasks_on_time": _by_month(due_by, done_by)}
