"""A 5-million-row ads export to monthly measures by channel: time and peak memory, beside pandas and DuckDB alone.

    python benchmarks/large_exports.py [--rows 5000000] [--runs 5] [--folder DIR] [--readers "pandas|duckdb"]

Every reader runs in a process of its own, in turn, so that a busy machine slows all of them alike; the table shows
medians, and ratios to plain pandas within the same round. "kit, dirty" reads the same rows with a row of totals and a
hundred broken lines among them; its sums must be those of the clean file. Needs the extra `big` and about 6 GB in DIR.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

DAYS = pd.date_range("2024-01-01", periods=730)
HEADINGS = (
    "Дата", "Источник", "Кампания", "Группа", "№ объявления", "Показы", "Клики", "CTR, %", "Расход, руб.", "Отказы, %",
    "Конверсии", "Доход, руб.",
)  # fmt: skip
SOURCES = ("yandex / cpc", '"vk / cpc"', "google / cpc", "telegram / cpm", "mytarget / cpc", "avito / cpc")
MEASURES = ["Показы", "Клики", "Расход, руб.", "Конверсии", "Доход, руб."]
USED = ["Дата", "Источник", *MEASURES]
BROKEN = 100  # broken lines of the dirty file
_AT_ONCE = 250_000  # rows made at once


@dataclass(frozen=True)
class Variant:
    """A way of writing the same rows; `thousands` stands between the thousands of a number."""

    encoding: str
    thousands: str = ""
    dash: str = "-"

    def number(self, whole: int) -> str:
        """A whole number as this variant writes it."""
        return f"{whole:,}".replace(",", self.thousands)


VARIANTS = {
    "utf-8": Variant("utf-8"),
    "cp1251": Variant("cp1251"),
    "cp1251 with dashes": Variant("cp1251", dash="–"),
    "utf-8, NBSP thousands": Variant("utf-8", "\u00a0"),
}


def write_export(path: Path, rows: int, variant: Variant, seed: int = 7) -> None:
    """An ads export of so many rows, the same bytes each time: `;`, decimal commas, CRLF, some cells quoted."""
    rng = np.random.default_rng(seed)
    words = _words(variant)
    ends = [np.frombuffer(end, np.uint8) for end in [b";"] * (len(HEADINGS) - 1) + [b"\r\n"]]
    with path.open("wb") as file:
        file.write((";".join(HEADINGS) + "\r\n").encode(variant.encoding))
        for start in range(0, rows, _AT_ONCE):
            places = np.arange(start, min(start + _AT_ONCE, rows))
            cells = [column[chosen] for column, chosen in zip(words, _choose(rng, places, rows, words), strict=True)]
            parts: list[np.ndarray] = []
            for column, end in zip(cells, ends, strict=True):
                parts += [column.view(np.uint8).reshape(len(places), -1), np.broadcast_to(end, (len(places), len(end)))]
            table = np.concatenate(parts, axis=1).ravel()
            file.write(table[table != 0].tobytes())  # words are padded with zeros


def _words(variant: Variant) -> list[np.ndarray]:
    """The different words of each column, as bytes."""
    roubles = [
        f"{variant.number(word // 100)},{word % 100:02d}" for word in (np.arange(200_000) * 37 % 1_000_003).tolist()
    ]
    shares = [f"{word // 100},{word % 100:02d}" for word in range(10_000)]
    counts = [str(word) for word in range(1000)]
    columns: list[Iterable[str]] = [
        DAYS.strftime("%d.%m.%Y"), SOURCES, map(_campaign, range(300)),
        (f"Группа {word:04d} {variant.dash} тёплый спрос" for word in range(3000)),
        (str(10_000_000_000 + 7919 * word) for word in range(100_000)),
        map(variant.number, range(20_000)), counts, shares, roubles, shares, counts, roubles,
    ]  # fmt: skip
    return [np.array([word.encode(variant.encoding) for word in column]) for column in columns]


def _campaign(number: int) -> str:
    return f"Кампания {number:03d} | поиск, бренд" if number % 5 else f'"Кампания {number:03d} ""осень""; РСЯ"'


def _choose(rng: np.random.Generator, places: np.ndarray, rows: int, words: list[np.ndarray]) -> list[np.ndarray]:
    """Which word stands in each row: days in order, each campaign in one source, the rest by chance."""
    campaigns = rng.integers(0, len(words[2]), len(places))
    chance = [rng.integers(0, len(column), len(places)) for column in words[3:]]
    return [places * len(DAYS) // rows, campaigns % len(SOURCES), campaigns, *chance]


def read_with_pandas(path: Path, variant: Variant, columns: list[str] | None = None) -> pd.DataFrame:
    """What an analyst writes: read_csv with the right parameters, then groupby."""
    frame = pd.read_csv(path, sep=";", decimal=",", encoding=variant.encoding, usecols=columns)
    for column in MEASURES:
        if not pd.api.types.is_numeric_dtype(frame[column]):  # NBSP between thousands: read_csv leaves strings
            plain = frame[column].str.replace("\u00a0", "").str.replace(",", ".")
            frame[column] = plain.astype(float)
    months = pd.to_datetime(frame["Дата"], format="%d.%m.%Y").dt.to_period("M")
    return frame.groupby([months, "Источник"])[MEASURES].sum()


def read_used_with_pandas(path: Path, variant: Variant) -> pd.DataFrame:
    """The same, and `usecols` names the columns that count."""
    return read_with_pandas(path, variant, USED)


def read_with_duckdb(path: Path, variant: Variant) -> pd.DataFrame:
    """DuckDB's own read_csv and group by; it reads no cp1251, so the text is made UTF-8 first."""
    import duckdb

    if variant.encoding != "utf-8":
        path = _as_utf8(path, variant.encoding)
    sums = ", ".join(f'sum({_duckdb_number(column, variant)}) as "{column}"' for column in MEASURES)
    reading = "read_csv(?, delim = ';', header = true, decimal_separator = ',', dateformat = '%d.%m.%Y')"
    query = f'select date_trunc(\'month\', "Дата") as month, "Источник", {sums} from {reading} group by all'
    return duckdb.execute(query, [str(path)]).df().set_index(["month", "Источник"])


def _duckdb_number(column: str, variant: Variant) -> str:
    if not variant.thousands:
        return f'"{column}"'
    return f"cast(replace(replace(cast(\"{column}\" as varchar), '{variant.thousands}', ''), ',', '.') as double)"


def _as_utf8(path: Path, encoding: str) -> Path:
    copy = path.with_suffix(".utf8")
    with path.open(encoding=encoding, newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
        while text := source.read(1 << 20):
            target.write(text)
    return copy


def read_with_kit(path: Path, variant: Variant) -> pd.DataFrame:
    """The kit without parameters: dialect, layout, every row accounted for, monthly sums by channel."""
    os.environ["KPI_CACHE"] = "off"
    from kpi_helpers.company import Company
    from kpi_helpers.exports import read_file
    from kpi_helpers.measures import sum_measures

    reading = read_file(path, Company(currency="RUB", timezone="Europe/Moscow"))
    table = reading.tables[0]
    if table.rejected != (BROKEN if table.totals else 0) or not all(check.agrees for check in table.checks):
        raise SystemExit(f"{path.name}: {table.rejected} rows rejected, {table.checks}")
    sums = sum_measures({table.table: table.frame}, by="channel", keys=["impressions", "clicks", "spend"])
    return sums.dropna(subset="spend").rename(columns={"spend": "Расход, руб."})


def read_dirty_with_kit(path: Path, variant: Variant) -> pd.DataFrame:
    """The same rows with totals and broken lines among them."""
    return read_with_kit(path.with_suffix(".dirty.csv"), variant)


def write_dirty(path: Path, variant: Variant) -> None:
    """The export with a broken line in each of a hundred places, half of them too short, and totals at the end."""
    size = path.stat().st_size
    bad = ("32.01.2024;vk / cpc\r\n", "01.01.2024;vk / cpc;К;Г;1;нет;1;1,0;1,00;1,0;1;1,00\r\n")
    sums = read_with_kit(path, variant)
    spent = f"{float(sums['Расход, руб.'].sum()):.2f}".replace(".", ",")
    with path.open("rb") as clean, path.with_suffix(".dirty.csv").open("wb") as dirty:
        for place in range(BROKEN):
            dirty.write(clean.read(size // BROKEN) + clean.readline())
            dirty.write(bad[place % 2].encode(variant.encoding))
        dirty.write(clean.read() + f"Итого;;;;;;;;{spent};;;\r\n".encode(variant.encoding))


READERS: dict[str, Callable[[Path, Variant], pd.DataFrame]] = {
    "pandas": read_with_pandas,
    "pandas, usecols": read_used_with_pandas,
    "duckdb": read_with_duckdb,
    "kit": read_with_kit,
    "kit, dirty": read_dirty_with_kit,
}


def measure_here(reader: str, path: Path, variant: str) -> dict[str, float]:
    """Seconds, those of all cores at work, peak memory in MB, rows of the result, the sum of what was spent."""
    start, worked = time.perf_counter(), time.process_time()
    sums = READERS[reader](path, VARIANTS[variant])
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    spent = round(float(sums["Расход, руб."].sum()), 2)
    return {"seconds": seconds, "worked": worked, "megabytes": _peak(), "rows": len(sums), "spent": spent}


def _peak() -> float:
    """The most memory this process has held; on Linux since it began, not what it inherited from its parent."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s*(\d+)", status.read_text()) if status.exists() else None
    if found:
        return int(found[1]) / 1024
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def measure(reader: str, path: Path, variant: str) -> dict[str, float]:
    """The same, in a process of its own."""
    command = [sys.executable, __file__, "--one", reader, str(path), variant]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def compare(
    folder: Path, rows: int, runs: int, variants: Sequence[str], readers: Sequence[str]
) -> Iterator[tuple[str, str, list[dict]]]:
    """Variant, reader and its runs; the readers take turns."""
    for name in variants:
        variant = VARIANTS[name]
        path = folder / f"ads {rows} {name}.csv"
        if not path.exists():
            write_export(path, rows, variant)
        if "kit, dirty" in readers and not path.with_suffix(".dirty.csv").exists():
            write_dirty(path, variant)
        rounds = [{reader: measure(reader, path, name) for reader in readers} for _run in range(runs)]
        results = {round_["spent"] for one in rounds for round_ in one.values()}  # the kit has channels of its own
        if len(results) > 1:
            raise SystemExit(f"{name}: the readers disagree: {results}")
        for reader in readers:
            ratios = [{"times": one[reader]["seconds"] / one[readers[0]]["seconds"]} for one in rounds]
            yield (
                name,
                reader,
                [found | ratio for found, ratio in zip((o[reader] for o in rounds), ratios, strict=True)],
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--variants", default="|".join(VARIANTS), help="names with | between them")
    parser.add_argument("--readers", default="|".join(READERS), help="names with | between them")
    parser.add_argument("--one", nargs=3, metavar=("READER", "FILE", "VARIANT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure_here(asked.one[0], Path(asked.one[1]), asked.one[2])))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        print("| file | reader | seconds | of pandas | core seconds | peak MB |\n|---|---|---|---|---|---|")
        variants = asked.variants.split("|")
        for name, reader, found in compare(folder, asked.rows, asked.runs, variants, asked.readers.split("|")):
            shown = (median(one[key] for one in found) for key in ("seconds", "times", "worked", "megabytes"))
            print("| {} | {} | {:.2f} | {:.2f} | {:.1f} | {:.0f} |".format(name, reader, *shown), flush=True)


if __name__ == "__main__":
    main()
