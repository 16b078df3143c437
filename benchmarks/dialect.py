"""Reading files in every kind of pollution of the Pollock benchmark, without any parameters.

Kinds and score after Vitagliano et al., "Pollock: A Data Loading Benchmark", PVLDB 16(8), 2023. The files are made
here, from an invented table, and written to a temporary folder. Run: python -m benchmarks.dialect
"""

from __future__ import annotations

import csv
import gc
import io
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.exports.dialect import read_sheets

Rows = list[list[str]]
HEADINGS = ["DATE", "TIME", "Qty", "ORDERID", "Price", "Product", "Description", "URL", "Comments"]
GOODS = (
    "Men's Boots", "Tee, Long-Sleeve", 'Dining Table, Round 48"', "Wool Coat", 'Boxer, 5" Inseam', "9' Leader",
    "Лампа «Бра»",
)  # fmt: skip
TEXTS = (
    "Rugged, yet light: it keeps you dry.", "All-day comfort", 'Our 8\' 9" rod, "impeccable"', "Soft, warm; cozy",
    "Two-handed",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A polluted file, and the table that it should give: headings first."""

    kind: str
    name: str
    data: bytes
    expected: Rows


def make_table(rows: int = 83) -> Rows:
    """Headings and rows with a day, a time, numbers, an identifier, texts with commas and marks, a cell left empty."""
    body = [
        [f"{n % 28 + 1:02}/{n % 12 + 1:02}/2026", f"{n % 24:02}:{n % 4 * 15:02}", str(n % 7), f"MG-{8000 + 37 * n}",
         f"${n * 7 % 90 + 0.69:.2f}", GOODS[n % len(GOODS)], TEXTS[n % len(TEXTS)], f"https://example.com/{n}", ""]
        for n in range(1, rows + 1)
    ]  # fmt: skip
    return [HEADINGS, *body]


def write(rows: Rows, **dialect: Any) -> str:
    """The table as text: RFC 4180 unless the dialect says otherwise."""
    text = io.StringIO(newline="")
    csv.writer(text, **{"lineterminator": "\r\n", **dialect}).writerows(rows)
    return text.getvalue()


def write_row(row: list[str], **dialect: Any) -> str:
    return write([row], **dialect)


def cases() -> Iterator[Case]:
    """Every polluted file: of the file, of its dialect, of its table, of one row."""
    table = make_table()
    yield from _files(table)
    yield from _dialects(table)
    yield from _tables(table)
    yield from _rows(table)


def _files(table: Rows) -> Iterator[Case]:
    text = write(table)
    yield Case("source", "source.csv", text.encode(), table)
    for name in ("source", "\u00a0.csv", "$.csv", ".csv", "source.tsv", "source.pdf", "source.loremipsum"):
        yield Case("file name", name, text.encode(), table)
    yield Case("file size", "no_payload.csv", b"", [])
    yield Case("file size", "header_only.csv", write(table[:1]).encode(), table[:1])
    yield Case("file size", "one_row.csv", write(table[:2]).encode(), table[:2])
    yield Case("file size", "70000_rows.csv", write([*table, *table[1:] * 843]).encode(), [*table, *table[1:] * 843])
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"):
        yield Case("encoding", f"{encoding}.csv", text.encode(encoding), table)
    latin = [[cell.replace("Лампа «Бра»", "Größe, à la crème") for cell in row] for row in table]
    yield Case("encoding", "latin-1.csv", write(latin).encode("latin-1"), latin)


def _dialects(table: Rows) -> Iterator[Case]:
    text = write(table)
    for end in ("\n", "\r"):
        yield Case("record delimiter", f"{end!r}.csv", write(table, lineterminator=end).encode(), table)
    lines = text.split("\r\n")
    for at in (0, 1, 50, 82):
        mixed = "\r\n".join(lines[: at + 1]) + "\n" + "\r\n".join(lines[at + 1 :])
        yield Case("record delimiter", f"row_{at}.csv", mixed.encode(), table)
    yield Case("trailing newline", "none.csv", text.removesuffix("\r\n").encode(), table)
    yield Case("trailing newline", "double.csv", (text + "\r\n").encode(), table)
    for sign in ";|\t ":
        yield Case("field delimiter", f"{ord(sign)}.csv", write(table, delimiter=sign).encode(), table)
    spaced = "".join(write_row(row, quoting=csv.QUOTE_ALL).replace('","', '", "') for row in table)
    yield Case("field delimiter", "comma_space.csv", spaced.encode(), table)
    yield Case("quotation mark", "apostrophe.csv", write(table, quotechar="'").encode(), table)
    everywhere = write(table, quotechar="'", quoting=csv.QUOTE_ALL)
    yield Case("quotation mark", "apostrophe_all.csv", everywhere.encode(), table)
    yield Case("quotation mark", "all.csv", write(table, quoting=csv.QUOTE_ALL).encode(), table)
    backslash = write(table, doublequote=False, escapechar="\\", quoting=csv.QUOTE_ALL)
    yield Case("escape", "backslash.csv", backslash.encode(), table)
    unescaped = "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in table)
    yield Case("escape", "none.csv", unescaped.encode(), table)


def _tables(table: Rows) -> Iterator[Case]:
    text, width = write(table), len(HEADINGS)
    yield Case("no headings", "no_header.csv", write(table[1:]).encode(), table[1:])
    for count in (2, 3):
        yield Case("several heading rows", f"{count}.csv", write([table[0]] * (count - 1) + table).encode(), table)
    for count in (1, 3, 300):
        notes = [["Report; all | campaigns"]] * count
        padded = [["Report; all | campaigns", *[""] * (width - 1)]] * count
        yield Case("preamble", f"{count}.csv", (write(notes) + text).encode(), table)
        yield Case("preamble", f"{count}_delimited.csv", (write(padded) + text).encode(), table)
        yield Case("preamble", f"{count}_blank.csv", (write([*padded, [""] * width]) + text).encode(), table)
        yield Case("footer", f"{count}.csv", (text + write(notes)).encode(), table)
        yield Case("footer", f"{count}_blank.csv", (text + "\r\n" + write(notes)).encode(), table)
    for columns in (width - 3, width, width + 3):
        second = [[f"Heading {'ABCDEFGHIJKL'[n]}" for n in range(columns)], *[[str(n)] * columns for n in range(10)]]
        yield Case("several tables", f"{columns}_blank.csv", (text + "\r\n" + write(second)).encode(), table)
        titled = text + "\r\n" + write([["Second table"]]) + write(second)
        yield Case("several tables", f"{columns}_title.csv", titled.encode(), table)
        yield Case("several tables", f"{columns}.csv", (text + write(second)).encode(), table)
    lines = text.splitlines(keepends=True)
    yield Case("empty lines", "between.csv", "\r\n".join(lines).encode(), table)
    for at in (0, 1, 2, 50):
        yield Case("empty lines", f"row_{at}.csv", "".join([*lines[:at], "\r\n", *lines[at:]]).encode(), table)
    trailing = "".join(line.removesuffix("\r\n") + ",\r\n" for line in lines)
    yield Case("empty columns", "trailing_delimiters.csv", trailing.encode(), table)


def _rows(table: Rows) -> Iterator[Case]:
    """One row is polluted, once at each of its columns; every seventh row takes its turn."""
    for at in range(0, len(table), 7):
        yield _with_row(table, at, "field delimiter of a row", write_row(table[at], delimiter=" "), table[at], "space")
        for column in range(len(HEADINGS)):
            cells = [write_row([cell]).removesuffix("\r\n") if cell else "" for cell in table[at]]
            more = ",".join([*cells[:column], "", *cells[column:]]) + "\r\n"
            yield _with_row(table, at, "extra cell", more, [*table[at][:column], "", *table[at][column:]], column)
            quoted = f'"{table[at][column]}'
            stray = ",".join([*cells[:column], '"' + cells[column], *cells[column + 1 :]]) + "\r\n"
            mended = [*table[at][:column], quoted, *table[at][column + 1 :]]
            yield _with_row(table, at, "stray quotation mark", stray, mended, column)
            if column:
                joined = cells[column - 1] + cells[column]
                both = ",".join([*cells[: column - 1], joined, *cells[column + 1 :]]) + "\r\n"
                fewer = [*table[at][: column - 1], table[at][column - 1] + table[at][column], *table[at][column + 1 :]]
                yield _with_row(table, at, "missing cell", both, fewer, column)


def _with_row(table: Rows, at: int, kind: str, line: str, row: list[str], where: object) -> Case:
    data = write(table[:at]) + line + write(table[at + 1 :])
    return Case(kind, f"row_{at}_{where}.csv", data.encode(), [*table[:at], row, *table[at + 1 :]])


def score(expected: Rows, loaded: Rows | None) -> float:
    """From 0 to 10: success, then precision, recall and F1 of the headings, the records and the cells.

    Headings and cells are compared as multisets of trimmed text, records as multisets of rows without empty last cells.
    What the file does not have (no headings in an empty file) counts as found; notes and footers, lines with a single
    cell, are nobody's fault. The simple score of a benchmark is the
    mean over its files.
    """
    if loaded is None:
        return 0.0
    expected, loaded = ([[cell.strip() for cell in row] for row in rows] for rows in (expected, _without_notes(loaded)))
    parts = [(rows[:1] and rows[0] or [], ["\x1f".join(row).rstrip("\x1f") for row in rows[1:]],
              [cell for row in rows for cell in row if cell]) for rows in (expected, loaded)]  # fmt: skip
    return 1.0 + sum(sum(_measures(Counter(wanted), Counter(found))) for wanted, found in zip(*parts, strict=True))


def _without_notes(rows: Rows) -> Rows:
    """Without lines that stand alone below the first row: the table's own rows never do."""
    return [*rows[:1], *(row for row in rows[1:] if sum(map(bool, row)) > 1)]


def _measures(wanted: Counter[str], found: Counter[str]) -> tuple[float, float, float]:
    """Precision, recall, F1."""
    if not wanted:
        return (1.0, 1.0, 1.0) if not found else (0.0, 1.0, 0.0)
    right = (wanted & found).total()
    if not right:
        return 0.0, 0.0, 0.0
    precision, recall = right / found.total(), right / wanted.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def read_kit(path: Path) -> Rows:
    """The first table of a file, from its headings on."""
    try:
        sheet = read_sheets(path.read_bytes())[0]
    except KitError as error:
        if "empty" in str(error):
            return []
        raise
    return sheet.rows[sheet.heading :]


def read_pandas(path: Path) -> Rows:
    """pandas with its defaults, all cells as text."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return [list(map(str, frame.columns)), *frame.to_numpy().tolist()]


def read_sniffer(path: Path) -> Rows:
    """csv.Sniffer, then csv.reader."""
    text = path.read_text(encoding="utf-8-sig", errors="strict")
    return [row for row in csv.reader(io.StringIO(text, newline=""), csv.Sniffer().sniff(text[:4096])) if row]


def read_duckdb(path: Path) -> Rows:
    """DuckDB: what sniff_csv finds, given to read_csv; where that fails, read_csv by itself with strict_mode off."""
    import duckdb

    tolerant = {"all_varchar": True, "null_padding": True, "ignore_errors": True}
    try:
        found = duckdb.read_csv(str(path), **_sniffed(path), **tolerant)
        rows = found.fetchall()
    except duckdb.Error:
        found = duckdb.read_csv(str(path), strict_mode=False, **tolerant)
        rows = found.fetchall()
    return [found.columns, *[["" if cell is None else cell for cell in row] for row in rows]]


def _sniffed(path: Path) -> dict[str, Any]:
    import duckdb

    query = "select Delimiter, Quote, Escape, SkipRows, HasHeader from sniff_csv(?, ignore_errors=true)"
    with duckdb.connect() as connection:
        delimiter, quote, escape, skip, header = connection.execute(query, [str(path)]).fetchall()[0]
    signs = {"sep": delimiter, "quotechar": quote, "escapechar": escape}
    return {"skiprows": skip, "header": header, **{key: "" if s == "(empty)" else s for key, s in signs.items()}}


READERS: dict[str, Callable[[Path], Rows]] = {
    "kit": read_kit, "DuckDB": read_duckdb, "pandas": read_pandas, "csv.Sniffer": read_sniffer,
}  # fmt: skip


def run() -> pd.DataFrame:
    """The score of every reader on every file."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases():
            path = Path(folder) / case.name
            path.write_bytes(case.data)
            scores = {name: score(case.expected, _read(read, path)) for name, read in READERS.items()}
            results.append({"kind": case.kind, "file": case.name, **scores})
            path.unlink()
    return pd.DataFrame(results)


def _read(read: Callable[[Path], Rows], path: Path) -> Rows | None:
    try:
        return read(path)
    except Exception:  # whatever a reader raises, it has not read the file
        return None


def speed(repeats: int = 25) -> float:
    """How much longer the kit takes for 10 000 x 5 clean cells than csv.reader, told the dialect (ratio of medians)."""
    rows = [[f"{n:06}", f"2026-10-{n % 28 + 1:02}", f"c{n % 3000}", "yandex / cpc", f"{n / 7:.2f}"]
            for n in range(10_000)]  # fmt: skip
    data = write([["Order", "Date", "Client", "Source", "Sum"], *rows]).encode()
    readers = {"csv": lambda: list(csv.reader(io.StringIO(data.decode()))), "kit": lambda: read_sheets(data)}
    seconds: dict[str, list[float]] = {"csv": [], "kit": []}
    for _repeat in range(repeats):
        for name, read in readers.items():
            gc.collect()  # so that its turn comes to both alike
            start = time.thread_time()
            read()
            seconds[name].append(time.thread_time() - start)
    return statistics.median(seconds["kit"]) / statistics.median(seconds["csv"])


def main() -> None:
    """Prints the mean score of each kind, of all files and of all kinds, and the speed."""
    results = run()
    readers = list(READERS)
    kinds = results.groupby("kind", sort=False)[readers].mean()
    kinds.insert(0, "files", results.groupby("kind", sort=False).size())
    print(kinds.round(3).to_string())
    print("\nmean of all files  ", results[readers].mean().round(3).to_dict())
    print("mean of the kinds  ", kinds[readers].mean().round(3).to_dict())
    print(f"\ntime to csv.reader, 10 000 x 5 cells: {speed():.2f}")
    worst = results[results["kit"] < 9.9].sort_values("kit")
    print("\nthe kit's files below 9.9:\n" + worst[["kind", "file", "kit"]].to_string(index=False))


if __name__ == "__main__":
    main()
