"""Large exports: added up by DuckDB while it reads, with the same results as the ordinary reading."""

import csv
import io
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_helpers.company import Company
from kpi_helpers.exports import big, cache, read_file
from kpi_helpers.exports.outline import Outline
from kpi_helpers.exports.reading import TableReading
from kpi_helpers.measures import sum_measures
from kpi_helpers.terms import TABLES

pytest.importorskip("duckdb")
COMPANY = Company(timezone="Europe/Moscow")
FILES = sorted(
    path
    for folder in (Path(__file__).parent / "exports", Path(__file__).parent.parent / "data" / "sample")
    for path in folder.rglob("*")
    if path.is_file() and path.suffix in {".csv", ".tsv", ".txt"}
)
HEADINGS = ["Дата", "Источник", "Кампания", "Показы", "Клики", "Расход, руб."]
ACCOUNT = ("layout", "table", "start", "end", "rows_in", "used", "totals", "rejected", "continued", "set_aside",
           "doubled", "sums", "currency", "vat", "checks", "problems", "known", "rival", "shown_columns")  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KPI_CACHE", "off")
    cache._place.cache_clear()
    yield
    cache._place.cache_clear()


def by_duckdb(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[TableReading, ...] | None:
    """What the large way gives; None where it leaves the file to the ordinary one."""
    given: list[tuple[TableReading, ...] | None] = []

    def remember(*asked: object) -> tuple[TableReading, ...] | None:
        given.append(read(*asked))  # type: ignore[arg-type]
        return given[-1]

    with monkeypatch.context() as patched:
        read = big.read_large
        patched.setattr(big, "LARGE", 0)
        patched.setattr(big, "read_large", remember)
        reading = read_file(path, COMPANY)
    assert len(given) == 1
    assert given[0] is None or len(reading.tables) == len(given[0])
    return given[0]


def assert_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways say the same, or the large one leaves the file alone (False)."""
    tables = by_duckdb(path, monkeypatch)
    if tables is None:
        return False
    ordinary = read_file(path, COMPANY).tables
    assert len(tables) == len(ordinary)
    for table, other in zip(tables, ordinary, strict=True):
        for name in ACCOUNT:
            assert getattr(table, name) == getattr(other, name), name
        pd.testing.assert_frame_equal(grouped(table), grouped(other))
        pd.testing.assert_frame_equal(grouped(table, "withdrawn"), grouped(other, "withdrawn"))
        for every, by in (("day", None), ("month", "channel")):
            sums, others = (sum_measures({one.table: one.frame}, every, by) for one in (table, other))
            pd.testing.assert_frame_equal(sums, others, check_exact=True)
    return True


def grouped(table: TableReading, which: str = "frame") -> pd.DataFrame:
    """Rows of one day and the same texts added up, exactly."""
    frame: pd.DataFrame = getattr(table, which)
    kinds = TABLES[table.table].columns
    texts = [name for name in kinds if name in frame and kinds[name] not in ("count", "number", "money")]
    amounts = {name: exact for name in frame if name not in texts}
    if not amounts or frame.empty:
        return frame.dropna(axis=1, how="all").reset_index(drop=True) if which == "withdrawn" else frame
    return frame.groupby(texts, dropna=False, as_index=False).agg(amounts)


def exact(values: pd.Series) -> float:
    return round(math.fsum(values.dropna()), 6) if values.notna().any() else math.nan


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ";", end: str = "\n") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def table(rows: int = 400, seed: int = 1, decimal: str = ",", thousands: str = "") -> list[list[str]]:
    """An invented ads export: few different texts, many rows."""
    rng = random.Random(seed)

    def amount(most: int, cents: bool) -> str:
        whole = f"{rng.randrange(most):,}".replace(",", thousands)
        return f"{whole}{decimal}{rng.randrange(100):02d}" if cents else whole

    return [
        [f"{rng.randrange(1, 4):02d}.10.2026", rng.choice(["yandex / cpc", "vk / cpc", "a; b", 'x "y"']),
         f"Кампания {rng.randrange(3)}", amount(90_000, False), amount(900, False), amount(9_000, True)]
        for _row in range(rows)
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "cp866"])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_delimiters(
    encoding: str, delimiter: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "ads.csv", [HEADINGS, *table()], encoding, delimiter, end)
    assert assert_same(path, monkeypatch)


@pytest.mark.parametrize(("decimal", "thousands"), [(",", "\u00a0"), (",", " "), (".", ","), (".", ""), (".", " ")])
def test_ways_of_writing_numbers(
    decimal: str, thousands: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "ads.csv", [HEADINGS, *table(decimal=decimal, thousands=thousands)])
    assert assert_same(path, monkeypatch)


LINES = {
    "totals first": lambda rows: rows.insert(0, ["Итого", "", "", "100", "20", "3000,50"]),
    "totals last": lambda rows: rows.append(["Итого", "", "", "100", "20", "3000,50"]),
    "two totals": lambda rows: rows.extend([["Итого", "", "", "100", "20", "30,50"], ["Итого", "", "", "9", "2", "3"]]),
    "no number": lambda rows: rows.insert(30, ["01.10.2026", "vk / cpc", "Кампания 1", "abc", "2", "3,00"]),
    "negative": lambda rows: rows.insert(30, ["01.10.2026", "vk / cpc", "Кампания 1", "5", "-2", "-3,00"]),
    "brackets": lambda rows: rows.insert(30, ["01.10.2026", "vk / cpc", "Кампания 1", "5", "2", "(3,00)"]),
    "a currency": lambda rows: rows.insert(30, ["01.10.2026", "vk / cpc", "Кампания 1", "5", "2", "3,00 ₽"]),
    "nothing": lambda rows: rows.append(["02.10.2026", "vk / cpc", "Новая", "", "-", "—"]),
    "no day": lambda rows: rows.insert(99, ["32.10.2026", "vk / cpc", "Кампания 1", "1", "2", "3,00"]),
    "an empty day": lambda rows: rows.insert(99, ["", "vk / cpc", "Кампания 1", "1", "2", "3,00"]),
    "short": lambda rows: rows.insert(99, ["01.10.2026", "vk / cpc", "Кампания 1", "7"]),
    "long": lambda rows: rows.insert(99, ["01.10.2026", "vk / cpc", "Кампания 1", "1", "2", "3,00", "x"]),
    "long, blank": lambda rows: rows.insert(99, ["01.10.2026", "vk / cpc", "Кампания 1", "1", "2", "3,00", ""]),
    "repeats": lambda rows: rows.extend([rows[5], rows[5], rows[77]]),
    "repeats of totals": lambda rows: rows.extend([["Итого", "", "", "1", "2", "3,00"]] * 2),
    "repeats of no number": lambda rows: rows.extend([["01.10.2026", "vk / cpc", "Кампания 1", "abc", "2", "3"]] * 2),
    "headings again": lambda rows: rows.insert(200, HEADINGS),
    "a point": lambda rows: rows.insert(50, ["01.10.2026", "vk / cpc", "Кампания 1", "1", "2", "3.25"]),
    "unclear": lambda rows: rows.insert(50, ["01.10.2026", "vk / cpc", "Кампания 1", "1", "2", "3,250"]),
    "a line break": lambda rows: rows.insert(50, ["01.10.2026", "vk / cpc", "Кампания\n1", "1", "2", "3,25"]),
    "a blank row": lambda rows: rows.insert(50, ["", "", "", "", "", ""]),
    "spaces": lambda rows: rows.insert(50, [" 01.10.2026", "vk / cpc ", "Кампания 1", " 1", "2", "3,25 "]),
    "fine money": lambda rows: rows.insert(50, ["01.10.2026", "vk / cpc", "Кампания 1", "1", "2", "3,12345678"]),
    "far": lambda rows: rows.insert(50, ["01.10.2026", "vk / cpc", "Кампания 1", "1", "2", "99999999999999"]),
    "thousands": lambda rows: rows.insert(50, ["01.10.2026", "vk / cpc", "Кампания 1", "0,123", "2", "1.234,50"]),
    "a dash": lambda rows: rows.insert(50, ["01.10.2026", "vk – „cpc“", "Кампания 1", "1", "2", "3,25"]),
}  # fmt: skip
LEFT = {"unclear", "a line break", "a blank row"}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("what", LINES)
def test_rows_of_every_kind(
    what: str, end: str, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "a currency" and encoding == "cp1251":
        pytest.skip("cp1251 has no such sign")
    rows = table()
    LINES[what](rows)
    path = write(tmp_path / "ads.csv", [HEADINGS, *rows], encoding, ";", end)
    assert assert_same(path, monkeypatch) == (what not in LEFT)


NUMBERS = ("1,000", "0,123", "1,0000", "1_000", "1e3", "1E3", "0x10", " 12 ", "+5", "12.50-", "-12,50", "nan", "inf",
           "NULL", "", "-", "5,0", "5,5", "5.", ",5", "007", "1\u00a0234", "1 234,50", "1,234.50", "1'234",
           "9" * 11, "9" * 40, "12,5,0", "50%", "٣", "5\u200b")  # fmt: skip


@pytest.mark.parametrize("word", NUMBERS)
@pytest.mark.parametrize("place", [3, 5])
def test_one_odd_number_among_many(place: int, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table()
    rows[300][place] = word
    path = write(tmp_path / "ads.csv", [HEADINGS, *rows])
    assert assert_same(path, monkeypatch) == ((place, word) != (5, "1,000"))  # it may be a thousand or one


def test_an_impossible_day_among_a_thousand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [f"{day:%d.%m.%Y}" for day in pd.date_range("2024-01-01", periods=700)]
    rows = [[day, *row[1:]] for day, row in zip([*days, "30.02.2024"], table(701), strict=True)]
    assert assert_same(write(tmp_path / "ads.csv", [HEADINGS, *rows]), monkeypatch)


def test_counts_with_decimals_far_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table(3000)
    for row in rows[2000:]:
        row[3] += ",0"
    monkeypatch.setattr(big, "HEAD", 20_000)
    assert assert_same(write(tmp_path / "ads.csv", [HEADINGS, *rows]), monkeypatch)


def test_quoted_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "ads.csv", [HEADINGS, *table()])
    quoted = re.sub(r"(?<=;)[\d,]+$", r'"\g<0>"', path.read_text(encoding="utf-8"), flags=re.M)
    path.write_text(quoted, encoding="utf-8")
    assert assert_same(path, monkeypatch)


@pytest.mark.parametrize("place", range(2**18 - 4, 2**18 + 2))
def test_a_blank_before_a_quotation_mark_where_blocks_meet(place: int, tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_bytes(b"x" * place + b'; "' + b"x\n" * 9)
    found = Outline.of(path)
    assert found and found.before_quotes == {ord(";")} and found.lines == 9


def test_preamble_and_declared_delimiter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "ads.csv", [HEADINGS, *table()])
    text = path.read_text(encoding="utf-8")
    for above in ("sep=;\n", "Отчёт по кампаниям\n\nПериод;01.10.2026 - 31.10.2026\n", "Отчёт\n\n\n"):
        path.write_text(above + text.replace("Кампания 2;7", "Кампания 2;x7"), encoding="utf-8")
        assert assert_same(path, monkeypatch)


@pytest.mark.parametrize("tail", ["\n", "\n\n\n", "", "\n01.10.2026;vk / cpc", "\n01.10.2026;vk / cpc;К;1;2;3"])
def test_ends_of_files(tail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "ads.csv", [HEADINGS, *table()])
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n") + tail, encoding="utf-8")
    assert assert_same(path, monkeypatch)


def test_repeats_in_other_quotes_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "ads.csv", [HEADINGS, *table(), ["05.10.2026", "vk / cpc", "Новая", "5", "2", "3,00"]])
    with path.open("a", encoding="utf-8") as file:
        file.write('"05.10.2026";"vk / cpc";"Новая";"5";"2";"3,00"\n')
    tables = by_duckdb(path, monkeypatch)
    assert tables and tables[0].doubled == 1
    assert assert_same(path, monkeypatch)


@pytest.mark.parametrize(
    "damage",
    [b"\x00", b"\xff\xfe", b'"', b'; "a;b"', b"\r", b"\n", b"\x1a", b";;;;", "\ufeff".encode(), b"1,234", b"-", b"\t"],
)  # fmt: skip
def test_damage_is_left_to_the_ordinary_way_or_read_alike(
    damage: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "ads.csv", [HEADINGS, *table(60)])
    data = path.read_bytes()
    for place in (200, 201, 203, 1503, 2003, len(data) - 3, len(data)):
        path.write_bytes(data[:place] + damage + data[place:])
        assert_same(path, monkeypatch)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_of_the_kit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if path.stat().st_size:
        assert_same(path, monkeypatch)


def test_sum_tables_of_the_sample_go_this_way(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {path.name for path in FILES if by_duckdb(path, monkeypatch) is not None}
    assert {"direct_kampanii.csv", "vk_ads.csv", "google_ads_campaigns.csv", "zatraty.csv"} <= names


def test_a_small_file_is_read_the_ordinary_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "ads.csv", [HEADINGS, *table(20)])
    assert not big.is_large(path)
    monkeypatch.setattr(big, "LARGE", 0)
    assert big.is_large(path)
    monkeypatch.setattr(big, "find_spec", lambda name: None)
    assert not big.is_large(path)


def test_what_was_read_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "ads.csv", [HEADINGS, *table(4000)])
    monkeypatch.setenv("KPI_CACHE", str(tmp_path / "cache"))
    cache._place.cache_clear()
    first = by_duckdb(path, monkeypatch)
    monkeypatch.setattr(big, "LARGE", 0)
    monkeypatch.setattr(big, "read_large", lambda *asked: pytest.fail("read again"))
    again = read_file(path, COMPANY)
    cache._place.cache_clear()
    assert first and again.tables[0].sums == first[0].sums


CELLS = st.sampled_from(
    ["", "-", "0", "7", "12,50", "1 234,5", "3,250", "-4", "x", "5.5", "900,001", "1,0000001", '"9"']
)
DAYS = st.sampled_from(["01.10.2026", "02.10.2026", "31.09.2026", "", "Итого", "октябрь 2026"])
TEXTS = st.sampled_from(["vk / cpc", "a;b", 'say "x"', "", " spaced ", "–", "Итого"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(DAYS, TEXTS, TEXTS, CELLS, CELLS, CELLS), min_size=1, max_size=12),
       encoding=st.sampled_from(["utf-8", "cp1251"]), end=st.sampled_from(["\n", "\r\n"]))  # fmt: skip
def test_any_rows_among_good_ones(
    rows: list[tuple[str, ...]], encoding: str, end: str, tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("ads") / "ads.csv"
    assert_same(write(path, [HEADINGS, *table(40), *map(list, rows)], encoding, ";", end), monkeypatch)


@pytest.mark.parametrize("blanks", [" ", "  "])
@pytest.mark.parametrize("place", [0, 2])
def test_blanks_between_the_begin_of_a_cell_and_a_quotation_mark(
    place: int, blanks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[row[0], "vk / cpc", *row[2:]] for row in table()]
    rows[200][place] = f'{blanks}"{rows[200][place]}"'
    path = tmp_path / "ads.csv"
    path.write_text("\n".join(map(";".join, [HEADINGS, *rows])), encoding="utf-8")
    assert not assert_same(path, monkeypatch)
