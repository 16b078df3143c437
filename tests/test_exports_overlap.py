"""Exports that overlap: one account counts once, two accounts both count, and nothing is dropped in silence."""

from pathlib import Path

import pytest

from kpi_helpers.exports import Exports, read_exports
from kpi_helpers.goals import check_goals
from kpi_helpers.notices import notices

ADS = "Campaign,Day,Currency code,Clicks,Impr.,Cost\n"
KEYWORDS = "Keyword,Campaign,Ad group,Day,Currency code,Clicks,Impr.,Cost\n"


def fill(folder: Path, **files: str) -> Exports:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_exports(folder)


def rows(campaigns: str, days: range, factor: int = 1) -> str:
    return "".join(f"{name},2026-10-{day:02},USD,{factor * day},{factor * 100 * day},{factor * day}.50\n"
                   for name in campaigns for day in days)  # fmt: skip


def spend(exports: Exports) -> float:
    return float(exports.tables["ads"]["spend"].sum())


def total(campaigns: str, days: range, factor: int = 1) -> float:
    return sum(factor * day + 0.5 for _name in campaigns for day in days)


def test_a_later_export_of_fewer_campaigns_leaves_the_others_alone(tmp_path: Path) -> None:
    exports = fill(tmp_path, all=ADS + rows("ABCDEFGHIJ", range(1, 6)), some=ADS + rows("ABCDEF", range(1, 7)))
    assert spend(exports) == pytest.approx(total("ABCDEFGHIJ", range(1, 6)) + total("ABCDEF", range(6, 7)))
    assert [file.tables[0].repeated for file in exports.files] == [30, 0]
    assert "some.csv" in exports.files[0].tables[0].repeats


def test_two_accounts_with_campaigns_of_the_same_names_both_count_and_it_is_said(tmp_path: Path) -> None:
    one, two = rows("AB", range(1, 8)), rows("AB", range(1, 8), factor=7)
    exports = fill(tmp_path, one=ADS + one, two=ADS + two)
    assert spend(exports) == pytest.approx(total("AB", range(1, 8)) + total("AB", range(1, 8), 7))
    [said] = [text for text in notices(exports, check_goals([])) if "with other numbers: both count" in text]
    assert "one.csv" in said and "two.csv" in said


def test_a_file_of_keywords_in_two_parts_keeps_every_row(tmp_path: Path) -> None:
    lines = [f"word {n},A,Group,2026-10-01,USD,1,10,2.25\n" for n in range(20)]
    exports = fill(tmp_path, a=KEYWORDS + "".join(lines[::2]), b=KEYWORDS + "".join(lines[1::2]))
    assert spend(exports) == 45
    overlapping = fill(tmp_path, a=KEYWORDS + "".join(lines[:15]), b=KEYWORDS + "".join(lines[5:]))
    assert spend(overlapping) == 45


def test_answers_of_a_survey_in_two_files_all_count(tmp_path: Path) -> None:
    answers = [f"2026-10-{1 + n // 10:02},{n % 3 + 8}\n" for n in range(40)]
    head = "date,recommend\n"
    halves = fill(tmp_path, a=head + "".join(answers[::2]), b=head + "".join(answers[1::2]))
    assert len(halves.tables["survey"]) == 40
    again = fill(tmp_path, a=head + "".join(answers[:30]), b=head + "".join(answers))
    assert len(again.tables["survey"]) == 40


def test_payments_of_one_month_in_two_files_are_added(tmp_path: Path) -> None:
    costs = "month,kind,channel,amount\n2026-10,design,,{}\n"
    assert fill(tmp_path, a=costs.format(50), b=costs.format(70)).tables["costs"]["amount"].sum() == 120


def test_headings_that_come_again_with_more_columns_lose_nothing_in_silence(tmp_path: Path) -> None:
    second = "Campaign,Day,Currency code,Clicks,Impr.,Cost,Conversions\nB,2026-10-30,USD,1,10,2.00,1\n"
    table = fill(tmp_path, a=ADS + rows("A", range(1, 29)) + second).files[0].tables[0]
    assert table.sums["spend"] == pytest.approx(total("A", range(1, 29)))
    assert (table.rows_in, table.used, table.rejected) == (30, 28, 2)


def test_headings_that_are_not_read_are_named_and_a_plain_table_that_knows_more_wins(tmp_path: Path) -> None:
    table = fill(tmp_path, a="date,source,medium,sessions,bounces,mood\n2026-10-01,google,cpc,100,10,good\n")
    reading = table.files[0].tables[0]
    assert (reading.layout, reading.not_read) == ("traffic_table", ("mood",))
    assert reading.sums == {"visits": 100, "bounces": 10}
