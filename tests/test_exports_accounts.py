"""Nothing lost, nothing guessed: totals, repeats, periods, many files."""

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.account import checks_in_words, recognised_in_words
from kpi_helpers.company import Company
from kpi_helpers.exports import read_exports, read_file, read_files
from kpi_helpers.goals import check_goals
from kpi_helpers.measures import sum_measures
from kpi_helpers.notices import notices

DIRECT = "День;№ кампании;Название кампании;Показы;Клики;Расход, руб. с НДС\n"
PLAIN = "Дата;Кампания;Показы;Клики;Расход\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_totals_rows_are_held_against_the_rows(tmp_path: Path) -> None:
    rows = "01.10.2026;1;A;100;10;1,10\n02.10.2026;1;A;200;20;2,20\n"
    agreeing = read_file(write(tmp_path, a=DIRECT + rows + "Итого;;;300;30;3,30\n") / "a.csv", Company()).tables[0]
    assert [(check.measure, check.rows, check.total, check.agrees) for check in agreeing.checks] == [
        ("impressions", 300, 300, True), ("clicks", 30, 30, True), ("spend", 3.3, 3.3, True),
    ]  # fmt: skip
    lost = read_file(write(tmp_path, b=DIRECT + rows + "Итого;;;300;31;13,30\n") / "b.csv", Company()).tables[0]
    assert [check.difference for check in lost.checks if not check.agrees] == [1, 10]
    assert "a difference of" in checks_in_words(lost)[-1]


def test_what_a_rejected_row_lacks_shows_in_the_check(tmp_path: Path) -> None:
    rows = "01.10.2026;1;A;100;10;1,10\n02.10.2026;1;A;2OO;20;2,20\nИтого;;;300;30;3,30\n"
    exports = read_exports(write(tmp_path, a=DIRECT + rows))
    table = exports.files[0].tables[0]
    assert [check.difference for check in table.checks] == [200, 20, 2.2]
    assert sum("a.csv: " in said for said in notices(exports, check_goals([]))) == 3


def test_rounding_of_each_row_is_no_loss(tmp_path: Path) -> None:
    rows = "".join(f"0{day}.10.2026;1;A;1;1;0,33\n" for day in range(1, 4))
    (check,) = [check for check in read_file(write(tmp_path, a=DIRECT + rows + "Итого;;;3;3;1,00\n") / "a.csv",
                                             Company()).tables[0].checks if check.measure == "spend"]  # fmt: skip
    assert check.agrees is False  # a whole amount was not rounded to cents
    other = DIRECT + rows + "Итого;;;3;3;1,01\n"
    (check,) = [check for check in read_file(write(tmp_path, b=other) / "b.csv", Company()).tables[0].checks
                if check.measure == "spend"]  # fmt: skip
    assert (check.difference, check.agrees) == (0.02, True)


def test_a_row_that_stands_twice_counts_once_and_is_reported(tmp_path: Path) -> None:
    row = "01.10.2026;1;A;100;10;1,10\n"
    table = read_file(write(tmp_path, a=DIRECT + row * 2) / "a.csv", Company()).tables[0]
    assert (table.rows_in, table.used, table.doubled, table.sums["clicks"]) == (2, 2, 1, 10)
    assert "stands twice" in table.repeats
    costs = "month,kind,channel,amount\n2026-10,design,,50\n2026-10,design,,50\n"
    assert read_file(write(tmp_path, b=costs) / "b.csv", Company()).tables[0].sums == {"other_costs": 100}


def test_an_export_without_days_counts_for_the_period_it_states_alone(tmp_path: Path) -> None:
    table = DIRECT.removeprefix("День;") + "1;A;100;10;1,10\n"
    stated = "Период: 01.10.2026 - 31.10.2026\n\n"
    write(tmp_path, a=stated + table)
    exports = read_exports(tmp_path)
    by_month, by_day = (sum_measures(exports.tables, every, keys=["clicks"]) for every in ("month", "day"))
    assert by_month["clicks"].tolist() == [10] and by_day["clicks"].sum() == 0
    assert sum_measures(exports.tables, "month", first_days=30, keys=["clicks"])["clicks"].sum() == 0
    reading = read_file(write(tmp_path, b=stated.replace("31.10", "02.11") + table) / "b.csv", Company())
    assert reading.tables == () and "nobody knows what belongs to which month" in reading.reason
    nothing = read_file(write(tmp_path, c=table) / "c.csv", Company())
    assert nothing.tables == () and "nothing says of which days" in nothing.reason
    (tmp_path / "direct_2026-10-01_2026-10-31.csv").write_text(table, encoding="utf-8")
    named = read_file(tmp_path / "direct_2026-10-01_2026-10-31.csv", Company()).tables[0]
    assert (str(named.start), str(named.end)) == ("2026-10-01", "2026-10-31")


def test_a_month_counts_in_its_month_and_a_quarter_in_none(tmp_path: Path) -> None:
    rows = "октябрь 2026;A;100;10;1,10\n3 кв. 2026;A;7;7;7\n02.09.2026;A;5;5;5\n"
    table = read_file(write(tmp_path, a=PLAIN + rows) / "a.csv", Company()).tables[0]
    assert (table.used, table.rejected, table.problems[0].line) == (2, 1, 3)
    assert "several months" in table.problems[0].reason and str(table.end) == "2026-10-31"


def test_an_archive_is_read_file_by_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("one.csv", (DIRECT + "01.10.2026;1;A;100;10;1,10\n").encode("cp1251"))
        archive.writestr("two.csv", PLAIN + "02.10.2026;B;5;5;5\n")
        archive.writestr("notes.txt", "hello\n")
    files = read_files(tmp_path / "all.zip", Company())
    assert [file.file for file in files] == ["all.zip/one.csv", "all.zip/two.csv", "all.zip"]
    assert [file.tables[0].layout for file in files[:2]] == ["yandex_direct", "ads_table"]
    assert files[2].unread[0].startswith("notes.txt: there is no table in it") and files[2].reason == ""
    assert read_exports(tmp_path).tables["ads"]["clicks"].tolist() == [10, 5]


def test_the_better_layout_wins_and_says_by_how_much(tmp_path: Path) -> None:
    table = read_file(write(tmp_path, a=DIRECT + "01.10.2026;1;A;100;10;1,10\n") / "a.csv", Company()).tables[0]
    assert table.layout == "yandex_direct" and 0 < table.known <= 1
    said = recognised_in_words(table)
    assert "of the headings" in said and (not table.rival or table.rival in said)


def test_what_a_spreadsheet_damaged_is_named(tmp_path: Path) -> None:
    rows = "01.10.2026;A;100;3.апр;1\n46295;A;100;5;1\n02.10.2026;A;#REF!;5;1\n"
    problems = read_file(write(tmp_path, a=PLAIN + rows) / "a.csv", Company()).tables[0].problems
    assert [problem.reason for problem in problems] == [
        "is a number that a spreadsheet turned into a date", "is a date that a spreadsheet turned into a number",
        "is an error of a spreadsheet",
    ]  # fmt: skip


def test_hundreds_of_files_are_read_and_told(tmp_path: Path) -> None:
    for number in range(300):
        day = f"{number % 28 + 1:02}.{number // 28 % 12 + 1:02}.{2024 + number // 336}"
        (tmp_path / f"{number:04}.csv").write_text(PLAIN + f"{day};A;100;10;{number},5\n", encoding="utf-8")
    told: list[int] = []
    exports = read_exports(tmp_path, progress=lambda done, total, name: told.append(done))
    assert told == list(range(300)) and len(exports.tables["ads"]) == 300
    assert exports.tables["ads"]["spend"].sum() == sum(range(300)) + 150


ROWS = st.lists(
    st.tuples(st.integers(1, 28), st.sampled_from("ABC"), st.integers(0, 9999), st.integers(0, 10**7)),
    min_size=1, max_size=30, unique_by=lambda row: (row[0], row[1]),
)  # fmt: skip


def lines(rows: list[tuple[int, str, int, int]]) -> list[str]:
    return [f"{day:02}.10.2026;{name};{shown};1;{cents // 100},{cents % 100:02}\n" for day, name, shown, cents in rows]


@settings(max_examples=15)
@given(rows=ROWS, seed=st.integers(0, 99), cut=st.integers(0, 30))
def test_shuffling_and_splitting_change_no_measure(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, int, int]], seed: int, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("split")
    whole, parts, shuffled = (folder / name for name in ("whole", "parts", "shuffled"))
    for place in (whole, parts, shuffled):
        place.mkdir()
    write(whole, a=PLAIN + "".join(lines(rows)))
    mixed = random.Random(seed).sample(lines(rows), len(rows))
    write(shuffled, a=PLAIN + "".join(mixed))
    days = sorted({row[0] for row in rows})
    early = set(days[: cut % (len(days) + 1)])
    halves = [[row for row in rows if (row[0] in early) == chosen] for chosen in (True, False)]
    write(parts, **{f"part{n}": PLAIN + "".join(lines(half)) for n, half in enumerate(halves) if half})
    keys = ["impressions", "clicks", "spend"]
    tables = [read_exports(place).tables for place in (whole, parts, shuffled)]
    sums = [sum_measures(found, every, by, keys=keys)
            for found in tables for every in ("day", "month") for by in (None, "campaign")]  # fmt: skip
    for other in (sums[4:8], sums[8:]):
        for mine, theirs in zip(sums[:4], other, strict=True):
            assert mine.equals(theirs)


@settings(max_examples=80)
@given(rows=ROWS, place=st.integers(0, 10**6), byte=st.integers(0, 255), kind=st.sampled_from(["flip", "cut", "add"]))
def test_damaged_bytes_never_change_a_sum_in_silence(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, int, int]], place: int, byte: int, kind: str
) -> None:
    cents = sum(row[3] for row in rows)
    total = f"Итого;;{sum(row[2] for row in rows)};{len(rows)};{cents // 100},{cents % 100:02}\n"
    data = bytearray((PLAIN + "".join(lines(rows)) + total).encode())
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "whole.csv").write_bytes(bytes(data))
    assert all(check.agrees for check in read_file(folder / "whole.csv", Company()).tables[0].checks)
    assert len(read_file(folder / "whole.csv", Company()).tables[0].checks) == 3
    at = len(PLAIN.encode()) + place % (len(data) - len(PLAIN.encode()))
    data[at : at + (kind != "add")] = [] if kind == "cut" else [byte]
    path = folder / "a.csv"
    path.write_bytes(bytes(data))
    reading = read_file(path, Company())
    sums = reading.tables[0].sums if reading.tables else {}
    same = sums.get("spend") == pytest.approx(cents / 100) and sums.get("impressions") == sum(row[2] for row in rows)
    told = reading.reason or reading.tables[0].problems or any(not check.agrees for check in reading.tables[0].checks)
    assert same or told


def test_totals_among_the_data_do_not_count_and_campaigns_of_that_name_do(tmp_path: Path) -> None:
    rows = "01.10.2026;А;100;10;50\n01.10.2026;Б;100;10;50\n01.10.2026;Итого по VK;200;20;100\n02.10.2026;А;7;1;3\n"
    table = read_file(write(tmp_path, a=PLAIN + rows + ";;207;21;103\n") / "a.csv", Company()).tables[0]
    assert (table.used, table.totals, table.rejected, table.sums["spend"]) == (3, 2, 0, 103)
    named = "01.10.2026;Итого по лампам;100;10;50\n02.10.2026;Б;90;9;40\n"
    assert read_file(write(tmp_path, b=PLAIN + named) / "b.csv", Company()).tables[0].totals == 0


def test_a_slip_in_the_year_is_named(tmp_path: Path) -> None:
    rows = "01.10.2062;A;1;1;1\n01.10.2026;A;1;1;1\n"
    table = read_file(write(tmp_path, a=PLAIN + rows) / "a.csv", Company()).tables[0]
    assert (table.used, table.rejected, table.problems[0].reason) == (1, 1, "lies more than five years ahead")
