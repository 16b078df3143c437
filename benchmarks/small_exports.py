"""Exports of 10 000 rows: recognition and reading by the kit beside `pandas.read_csv` given the right parameters.

python benchmarks/small_exports.py [--rows 10000] [--runs 15]

The two take turns, each turn with other numbers in the file; the table shows medians of seconds and of the ratio within
a turn. What the kit remembers of files it has read before is switched off.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Literal

import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports import read_file

COMPANY = Company(currency="RUB", timezone="Europe/Moscow", won_stages=("Успешно реализовано",))
STAGES = ("Первичный контакт", "Принимают решение", "Успешно реализовано", "Закрыто и не реализовано")
SOURCES = ("yandex", "vk", "google", "telegram", "")


@dataclass(frozen=True)
class Export:
    """A kind of export: how it is written, one row of it, and the parameters that `read_csv` needs."""

    layout: str
    headings: list[str]
    row: Callable[[int, str, random.Random], list[str]]
    encoding: str = "utf-8"
    delimiter: str = ","
    day: str = "%Y-%m-%d"
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL
    preamble: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    def write(self, path: Path, rows: int, seed: int) -> None:
        """The same bytes each time for a seed."""
        rng, text = random.Random(seed), io.StringIO()
        text.write("".join(f"{line}\n" for line in self.preamble))
        table = csv.writer(text, delimiter=self.delimiter, quoting=self.quoting, lineterminator="\n")
        table.writerow(self.headings)
        for place in range(rows):
            day = date(2025, 1, 1) + timedelta(days=place * 365 // rows)
            table.writerow(self.row(place, day.strftime(self.day), rng))
        path.write_bytes(text.getvalue().encode(self.encoding))

    def read_csv(self, path: Path) -> pd.DataFrame:
        """The peer."""
        return pd.read_csv(
            path, sep=self.delimiter, encoding=self.encoding, skiprows=len(self.preamble), **self.parameters
        )


def _direct(place: int, day: str, rng: random.Random) -> list[str]:
    spent = f"{rng.randrange(900)},{rng.randrange(100):02d}"
    return [
        day,
        str(70_000_000 + place % 40),
        f"Кампания {place % 40:02d}",
        str(rng.randrange(900)),
        str(rng.randrange(90)),
        spent,
        str(rng.randrange(9)),
    ]


def _google(place: int, day: str, rng: random.Random) -> list[str]:
    spent = f"{rng.randrange(900)}.{rng.randrange(100):02d}"
    return [day, f"Campaign {place % 40:02d}", "RUB", str(rng.randrange(90)), f"{rng.randrange(20_000):,}", spent]


def _metrika(place: int, day: str, rng: random.Random) -> list[str]:
    visits = rng.randrange(900)
    source = f"Переходы по рекламе: система {place % 27:02d}"
    counts = [str(visits), str(visits * 4 // 5), str(visits * 2)]
    return [source, "Переходы по рекламе", day, *counts, f"{rng.random():.4f}", f"{rng.random():.4f}"]


def _amocrm(place: int, day: str, rng: random.Random) -> list[str]:
    clock = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"
    return [str(31_000_000 + place), f"Сделка {place}", str(rng.randrange(90_000)), "Мария", f"{day} {clock}",
            rng.choice(STAGES), rng.choice(SOURCES), "cpc", f"campaign_{place % 40:02d}"]  # fmt: skip


EXPORTS = (
    Export("yandex_direct",
           ["День", "№ кампании", "Название кампании", "Показы", "Клики", "Расход, руб. с НДС", "Конверсии"], _direct,
           "cp1251", ";", "%d.%m.%Y", parameters={"decimal": ","}),
    Export("google_ads", ["Day", "Campaign", "Currency code", "Clicks", "Impr.", "Cost"], _google, "utf-16", "\t",
           preamble=("Campaign report", "January 1, 2025 - December 31, 2025"), parameters={"thousands": ","}),
    Export("metrika_sources",
           ["Источник трафика (детально)", "Источник трафика", "Дата визита", "Визиты", "Посетители", "Просмотры",
            "Доля новых посетителей", "Отказы"], _metrika, quoting=csv.QUOTE_ALL),
    Export("amocrm_deals",
           ["ID", "Название сделки", "Бюджет ₽", "Ответственный", "Дата создания сделки", "Этап сделки", "utm_source",
            "utm_medium", "utm_campaign"], _amocrm, "utf-8-sig", ",", "%d.%m.%Y"),
)  # fmt: skip


def seconds(read: Callable[[], object]) -> float:
    """How long one reading takes."""
    start = time.perf_counter()
    read()
    return time.perf_counter() - start


def compare(export: Export, path: Path, rows: int, runs: int) -> tuple[float, float, float]:
    """Medians: seconds of the kit, seconds of pandas, the ratio of a turn. Both are warm."""
    turns = []
    for turn in range(runs + 1):
        export.write(path, rows, turn)
        turns.append((seconds(lambda: check(export, path, rows)), seconds(lambda: export.read_csv(path))))
    warm = turns[1:]
    return median(kit for kit, _peer in warm), median(peer for _kit, peer in warm), median(k / p for k, p in warm)


def check(export: Export, path: Path, rows: int) -> None:
    """Read by the kit: by the right layout, every row used."""
    reading = read_file(path, COMPANY)
    used = {table.layout: table.used for table in reading.tables}
    if used.get(export.layout) != rows:
        raise SystemExit(f"{export.layout}: {rows} rows expected, found {used} {reading.reason}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=15)
    asked = parser.parse_args()
    os.environ["KPI_CACHE"] = "off"
    print("| export | kit, ms | pandas, ms | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for export in EXPORTS:
            path = Path(folder) / f"{export.layout}.csv"
            kit, peer, ratio = compare(export, path, asked.rows, asked.runs)
            print(f"| {export.layout} | {kit * 1000:.0f} | {peer * 1000:.0f} | {ratio:.1f} |", flush=True)


if __name__ == "__main__":
    main()
