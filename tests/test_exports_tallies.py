"""Leads and calls by day, without a row for each: they count where no list of them stands."""

from datetime import date
from pathlib import Path

import pytest
from frames import table

from kpi_helpers.company import Company
from kpi_helpers.exports import Exports, double_sources, read_exports
from kpi_helpers.goals import check_goals
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.measures import sum_measures
from kpi_helpers.notices import notices
from kpi_helpers.service import mark_answers

LEADS = "ID;Название лида;Стадия;Источник;Дата создания;Сумма;Валюта;Ответственный\n"
DEALS = "Record ID,Deal Name,Deal Stage,Create Date,Original Traffic Source\n"
FOLDER = Path(__file__).parent / "exports"


def fill(folder: Path, **files: str) -> Exports:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_exports(folder)


def days(months: str, number: int = 2) -> str:
    rows = (f"{day:02}.{month}.2026;{number}\n" for month in months.split() for day in range(1, 31))
    return "Дата;Лиды\n" + "".join(rows)


def crm(days: range, month: int = 10) -> str:
    return DEALS + "".join(f"{month}{day},A,New,2026-{month:02}-{day:02} 10:00,vk\n" for day in days)


def sums(exports: Exports, *keys: str) -> dict[str, list[float]]:
    found = sum_measures(exports.tables, keys=keys or ["leads"])
    return {f"{row.period:%m}": list(row[1:])[1:] for row in found.itertuples()}


def said(exports: Exports) -> list[str]:
    return list(notices(exports, check_goals([])))


def test_numbers_by_day_and_source_are_measures_like_those_of_lists(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes((FOLDER / "own_counts_cp1251.csv").read_bytes())
    exports = read_exports(tmp_path)
    leads, calls = exports.files[0].tables
    assert (leads.layout, leads.rows_in, leads.used, leads.totals, leads.rejected) == ("counts_table", 6, 4, 1, 1)
    assert [(problem.column, problem.reason) for problem in leads.problems] == [("Заявки", "is empty")]
    assert leads.sums == {"leads": 5 + 7 + 0 + 3} and calls.sums == {"calls": 9 + 4 + 0 + 2 + 5}
    assert [check.measure for check in leads.checks if check.agrees] == ["leads"]
    by_channel = sum_measures(exports.tables, by="channel", keys=["leads", "qualified_leads", "calls_missed"])
    rows = {row.channel: (row.leads, row.qualified_leads, row.calls_missed) for row in by_channel.itertuples()}
    assert rows == {"yandex_direct": (5, 4, 3), "social": (7 + 3, 1 + 2, 0 + 1), "email": (0, 0, 1)}
    rate = compute_kpis(sum_measures(exports.tables), ["qualification_rate"]).iloc[0]
    assert (rate["numerator"], rate["denominator"]) == (7, 15)


def test_what_a_table_of_numbers_does_not_say_is_missing(tmp_path: Path) -> None:
    exports = fill(tmp_path, a="Date,Leads\n2026-10-01,5\n2026-10-02,0\n")
    found = sum_measures(exports.tables, keys=["leads", "qualified_leads", "won_leads", "requests_due"])
    assert found["leads"].tolist() == [5] and found[["qualified_leads", "won_leads"]].isna().all(axis=None)


def test_more_may_be_qualified_on_a_day_than_came_on_it(tmp_path: Path) -> None:
    exports = fill(tmp_path, a="Дата;Лиды;Квалифицированные\n01.10.2026;5;1\n02.10.2026;1;3\n")
    assert sums(exports, "leads", "qualified_leads") == {"10": [6, 4]}


@pytest.mark.parametrize("cell", ["-3", "2,5", "много", ""])
def test_a_number_that_is_none_rejects_its_row(cell: str, tmp_path: Path) -> None:
    reading = fill(tmp_path, a=f"Дата;Источник;Лиды\n01.10.2026;vk;5\n02.10.2026;vk;{cell}\n").files[0].tables[0]
    assert (reading.used, reading.rejected, reading.sums) == (1, 1, {"leads": 5})


def test_a_month_is_a_month_and_not_its_first_day(tmp_path: Path) -> None:
    exports = fill(tmp_path, a="Месяц;Лиды;Звонки;Пропущенные\nоктябрь 2026;50;10;1\nсентябрь 2026;40;7;2\n")
    assert sums(exports, "leads", "calls", "calls_missed") == {"09": [40, 7, 2], "10": [50, 10, 1]}
    assert (exports.files[0].tables[0].start, exports.files[0].tables[0].end) == (date(2026, 9, 1), date(2026, 10, 31))
    assert sum_measures(exports.tables, keys=["leads"], first_days=15)["leads"].isna().all()
    across = fill(tmp_path, a="Период;Лиды\n3 кв. 2026;50\n").files[0].tables[0]
    assert (across.rejected, across.problems[0].reason) == (1, "speaks of several months as a whole")


def test_a_month_and_its_days_count_once(tmp_path: Path) -> None:
    exports = fill(tmp_path, a="Месяц;Лиды\nсентябрь 2026;50\nоктябрь 2026;40\n", b=days("10"))
    assert sums(exports) == {"09": [50], "10": [40]}  # 31 October is not there: the month's row counts
    whole = fill(tmp_path, b=days("10") + "31.10.2026;2\n")
    assert sums(whole) == {"09": [50], "10": [62]} and said(whole) == []


def test_where_the_crm_lists_them_its_list_counts_and_it_is_said(tmp_path: Path) -> None:
    exports = fill(tmp_path, counts=days("09 10"), crm=crm(range(1, 31)))
    assert sums(exports) == {"09": [60], "10": [30]}
    assert [file.tables[0].yielded for file in exports.files] == [30, 0]
    assert double_sources(exports) == []
    text = "counts.csv has numbers, crm.csv lists the same one by one: the list counts, 1–30 October 2026."
    assert text in said(exports)


def test_a_list_without_leads_on_the_first_days_covers_its_month(tmp_path: Path) -> None:
    numbers = "Месяц;Лиды\nсентябрь 2026;60\nоктябрь 2026;90\n"
    assert sums(fill(tmp_path, counts=numbers, crm=crm(range(4, 27)))) == {"09": [60], "10": [23]}


def test_a_list_of_half_a_month_does_not_stand_for_it_and_it_is_said(tmp_path: Path) -> None:
    exports = fill(tmp_path, counts="Месяц;Лиды\nоктябрь 2026;90\nноябрь 2026;9\n", crm=crm(range(14, 26)))
    assert sums(exports)["10"] == [102]
    [text] = [text for text in said(exports) if "both count" in text]
    assert "counts.csv" in text and "crm.csv" in text and "14–25 October 2026" in text and "Export the list" in text


def test_two_tables_of_numbers_of_other_channels_are_added(tmp_path: Path) -> None:
    head = "Дата;Источник;Лиды\n"
    exports = fill(tmp_path, a=f"{head}01.10.2026;vk;5\n", b=f"{head}01.10.2026;email;7\n02.10.2026;email;1\n")
    assert sums(exports) == {"10": [13]}
    again = fill(tmp_path, b=f"{head}01.10.2026;vk;6\n02.10.2026;vk;1\n")
    assert sums(again) == {"10": [7]}  # the later export corrects 1 October


def test_numbers_have_no_time_to_be_answered_in() -> None:
    came, answered = ["2026-10-01 10:00", "2026-10-01 00:00"], ["2026-10-01 10:05", None]
    leads = table("leads", created_at=came, first_answer_at=answered, leads=[None, 40.0])
    marked = mark_answers({"leads": leads}, Company(timezone="Europe/Moscow"), date(2026, 10, 31))
    assert marked["leads"]["in_time"].isna().tolist() == [False, True]
    assert sum_measures(marked, keys=["leads", "requests_due"]).iloc[0, 1:].tolist() == [41, 1]
    alone = mark_answers({"leads": leads[1:]}, Company(timezone="Europe/Moscow"), date(2026, 10, 31))
    assert alone["leads"]["in_time"].isna().all()


def test_one_old_record_does_not_list_the_months_after_it(tmp_path: Path) -> None:
    old = "1,A,New,2026-05-30 10:00,vk\n"
    months = "Месяц;Лиды\n2026-06;100\n2026-07;110\n2026-10;50\n"
    found = fill(tmp_path, months=months, crm=DEALS + old + crm(range(1, 31)).removeprefix(DEALS))
    assert found.tables["leads"]["leads"].sum() == 210  # October is listed, June and July are not


def test_small_numbers_of_two_sources_are_not_one(tmp_path: Path) -> None:
    rows = [[f"{day:02}.10.2026;{5 + (day + odd) % 2}\n" for day in range(1, 21)] for odd in (0, 1)]
    text = ["Дата;Лиды\n" + "".join(each) for each in rows]
    found = fill(tmp_path, site=text[0], avito=text[1])
    assert found.tables["leads"]["leads"].sum() == 220
    assert fill(tmp_path, avito=text[0] + "21.10.2026;9\n").tables["leads"]["leads"].sum() == 119  # a later export


def test_days_that_begin_an_hour_late_are_days(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_text('timezone = "Africa/Cairo"\n')
    found = fill(tmp_path, leads="Дата;Лиды\n23.04.2026;10\n24.04.2026;11\n25.04.2026;5\n")
    assert found.tables["leads"]["leads"].sum() == 26
    assert found.tables["leads"]["created_at"].dt.day.tolist() == [23, 24, 25]
