"""The reviews of both companies: stars by day and source, and the truth about them. No texts, no names."""

from pathlib import Path

import numpy as np
import pandas as pd

from .laws import DAYS, stream
from .measured import by_month
from .shapes import COMMA, SEMICOLON, dotted

FALL_FROM = "2026-09"  # since then requests wait longer, and reviews say so
STARS = {  # chances of 1 to 5 stars by source: before the fall and since
    "Яндекс Карты": ((0.06, 0.03, 0.06, 0.17, 0.68), (0.16, 0.07, 0.10, 0.17, 0.50)),
    "2ГИС": ((0.08, 0.04, 0.07, 0.21, 0.60), (0.18, 0.08, 0.11, 0.21, 0.42)),
    "Отзовик": ((0.24, 0.10, 0.12, 0.20, 0.34), (0.34, 0.14, 0.12, 0.16, 0.24)),
}
A_MONTH = {"Яндекс Карты": 11.0, "2ГИС": 6.0, "Отзовик": 3.0}
OF_TEN = "Coffee Guide"  # rates from 1 to 10
SHOPS = {"Google": (0.05, 0.03, 0.06, 0.20, 0.66), "Trustpilot": (0.13, 0.05, 0.07, 0.18, 0.57)}
SHOPS_A_MONTH = {"Google": 7.0, "Trustpilot": 5.0, OF_TEN: 2.0}


def write_severny_svet(folder: Path) -> dict[str, object]:
    """otzyvy.csv; the truth: counts by month and the planted means."""
    rng, rows = stream("severny_svet", "reviews"), []
    for day in DAYS:
        for source, chances in STARS.items():
            since = chances[f"{day:%Y-%m}" >= FALL_FROM]
            for _ in range(rng.poisson(A_MONTH[source] * 12 / 365)):
                rows.append((day, source, int(rng.choice(5, p=since)) + 1))
    SEMICOLON.write(folder / "otzyvy.csv", ["Дата отзыва", "Площадка", "Оценка"],
                    ([dotted(day), source, stars] for day, source, stars in rows))  # fmt: skip
    planted = {
        name: {source: round(_mean(chances[since]), 4) for source, chances in STARS.items()}
        for since, name in enumerate(("mean_before", "mean_since"))
    }
    return {"fall_from": FALL_FROM, **planted, **_counted([(day, stars) for day, _source, stars in rows])}


def write_northlight(folder: Path) -> dict[str, object]:
    """reviews.csv, one of its sources with ten steps; the truth counts in stars from 1 to 5."""
    rng, rows = stream("northlight", "reviews"), []
    for day in DAYS:
        for source, number in SHOPS_A_MONTH.items():
            for _ in range(rng.poisson(number * 12 / 365)):
                stars = int(rng.integers(4, 11)) if source == OF_TEN else int(rng.choice(5, p=SHOPS[source])) + 1
                rows.append((day, source, stars))
    COMMA.write(folder / "reviews.csv", ["Review date", "Source", "Rating", "Scale"],
                ([f"{day:%Y-%m-%d}", source, stars, 10 if source == OF_TEN else 5]
                 for day, source, stars in rows))  # fmt: skip
    planted = {source: round(_mean(chances), 4) for source, chances in SHOPS.items()}
    planted[OF_TEN] = round(float(np.mean([_of_five(step) for step in range(4, 11)])), 4)
    of_five = [(day, _of_five(stars) if source == OF_TEN else stars) for day, source, stars in rows]
    return {"mean": planted, **_counted(of_five)}


def _mean(chances: tuple[float, ...]) -> float:
    return float(np.dot(chances, range(1, 6)))


def _of_five(step: int) -> float:
    return 1 + 4 * (step - 1) / 9


def _counted(rows: list[tuple]) -> dict[str, list[float]]:
    """Reviews, stars and bad ones (1 and 2 stars) by month."""
    table = pd.DataFrame(rows, columns=["day", "stars"])
    bad = table[table["stars"] <= 2]
    return {"reviews": by_month(table, "day"), "stars": by_month(table, "day", "stars"), "bad": by_month(bad, "day")}
