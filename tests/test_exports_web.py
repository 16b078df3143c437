"""Exports of web analytics and search: the quirk files, what must come out of them, and their other writings."""

import csv
import io
import re
import shutil
import zipfile
from math import fsum
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kpi_helpers.company import Company
from kpi_helpers.exports import FileReading, TableReading, read_exports, read_file
from kpi_helpers.exports.dates import find_named_period
from kpi_helpers.exports.layout_file import list_layouts
from kpi_helpers.terms import TABLES

FOLDER = Path(__file__).parent / "exports"
COMPANY = Company(timezone="Europe/Moscow")
OCTOBER = ("2026-10-01", "2026-10-31")
FAMILY = ("metrika_", "ga4_", "ua_", "search_console_", "webmaster_", "matomo_")

# file: of each table its layout and key; rows in, used, totals; the period; sums of columns, by hand from the rows
ACCOUNTS: dict[str, list[tuple[str, str, tuple[int, int, int], tuple[str, str], dict[str, float]]]] = {
    "metrika_days.csv": [
        ("metrika_attendance", "traffic", (5, 4, 1), ("2026-10-01", "2026-10-04"),
         {"visits": 430, "visitors": 330, "page_views": 1400, "bounces": 19 + 26 + 41, "new_visits": 40 + 25 + 100}),
        ("metrika_attendance", "audience", (5, 4, 1), ("2026-10-01", "2026-10-04"), {"visitors": 330}),
    ],
    "metrika_attendance.xlsx": [
        ("metrika_attendance", "traffic", (3, 2, 1), ("2026-09-01", "2026-10-31"),
         {"visits": 2500, "page_views": 6000, "bounces": 300 + 250, "new_visits": 750 + 400}),
        ("metrika_attendance", "audience", (3, 2, 1), ("2026-09-01", "2026-10-31"), {"visitors": 2000}),
    ],
    "metrika_english.csv": [
        ("metrika_sources", "traffic", (3, 2, 1), ("2026-10-01", "2026-10-02"),
         {"visits": 160, "visitors": 140, "page_views": 520, "bounces": 4 + 12, "new_visits": 45 + 25}),
        ("metrika_sources", "actions", (3, 2, 1), ("2026-10-01", "2026-10-02"), {"count": 5}),
    ],
    "metrika_sources_summary-20261001-20261031.csv": [
        ("metrika_sources", "traffic", (4, 3, 1), OCTOBER, {"visits": 1500, "bounces": 240 + 120 + 15}),
        ("metrika_sources", "actions", (4, 3, 1), OCTOBER, {"count": 21}),
    ],
    "metrika_goals_by_period.csv": [
        ("metrika_goals", "actions", (4, 3, 1), ("2026-10-01", "2026-10-18"), {"count": 9 + 6}),
    ],
    "metrika_goal_visits.csv": [
        ("metrika_goal_visits", "actions", (4, 3, 1), ("2026-10-01", "2026-10-02"), {"count": 7}),
    ],
    "metrika_goal_visits_by_tag.csv": [
        ("metrika_goal_visits", "traffic", (3, 2, 1), ("2026-10-01", "2026-10-02"),
         {"visits": 90, "page_views": 200, "bounces": 10 + 8, "new_visits": 22 + 18}),
        ("metrika_goal_visits", "actions", (3, 2, 1), ("2026-10-01", "2026-10-02"), {"count": 6}),
    ],
    "metrika_robots_share.csv": [
        ("metrika_robots", "traffic", (3, 2, 1), ("2026-10-01", "2026-10-01"),
         {"visits": 300, "robot_visits": 50 + 6, "page_views": 810, "bounces": 40 + 8}),
    ],
    "metrika_utm.csv": [
        ("metrika_utm", "traffic", (4, 3, 1), ("2026-10-01", "2026-10-02"), {"visits": 260, "bounces": 29 + 8 + 2}),
        ("metrika_utm", "actions", (4, 3, 1), ("2026-10-01", "2026-10-02"), {"count": 8}),
    ],
    "metrika_copied_20261001_20261031.txt": [
        ("metrika_copied_sources", "traffic", (4, 3, 1), OCTOBER,
         {"visits": 1_238_761, "visitors": 900_000, "bounces": 408_000 + 1935 + 6}),
    ],
    "metrika_copied_days.txt": [
        ("metrika_copied_days", "traffic", (3, 2, 1), ("2026-10-01", "2026-10-02"),
         {"visits": 330, "page_views": 900, "bounces": 26 + 42, "new_visits": 25 + 100}),
    ],
    "ga4_channels.csv": [
        ("ga4_traffic", "traffic", (3, 3, 0), OCTOBER, {"visits": 1630, "bounces": 401 + 205 + 16}),
        ("ga4_traffic", "actions", (3, 3, 0), OCTOBER, {"count": 35.5}),
    ],
    "ga4_explore_range.csv": [
        ("ga4_traffic", "traffic", (3, 2, 1), OCTOBER, {"visits": 700, "page_views": 1500, "bounces": 100 + 80}),
    ],
    "ga4_russian.csv": [
        ("ga4_traffic", "traffic", (3, 3, 0), OCTOBER, {"visits": 203, "bounces": 30 + 60 + 3, "new_visits": 133}),
        ("ga4_traffic", "actions", (3, 3, 0), OCTOBER, {"count": 6}),
    ],
    "ga4_events.csv": [("ga4_events", "actions", (3, 3, 0), OCTOBER, {"count": 6067 + 23 + 41})],
    "ga4_pages.csv": [("ga4_pages", "traffic", (3, 3, 0), OCTOBER, {"page_views": 7026})],
    "ga4_landing_pages.csv": [
        ("ga4_landing_pages", "traffic", (3, 3, 0), OCTOBER, {"visits": 912, "new_visits": 608}),
        ("ga4_landing_pages", "actions", (3, 3, 0), OCTOBER, {"count": 13}),
    ],
    "ga4_daily_users.csv": [
        ("ga4_users", "audience", (3, 3, 0), ("2026-10-01", "2026-10-03"), {"visitors": 120 + 131 + 99}),
    ],
    "ga4_home.csv": [
        ("ga4_users", "audience", (3, 3, 0), ("2026-10-01", "2026-10-04"), {"visitors": 150}),
        ("ga4_views", "traffic", (4, 4, 0), ("2026-10-01", "2026-10-04"), {"page_views": 419}),
        ("ga4_traffic", "traffic", (2, 2, 0), ("2026-10-01", "2026-10-04"), {"visits": 190}),
        ("ga4_events", "actions", (2, 2, 0), ("2026-10-01", "2026-10-04"), {"count": 426}),
        ("ga4_key_events", "actions", (1, 1, 0), ("2026-10-01", "2026-10-04"), {"count": 7}),
    ],
    "ua_channels_20200101-20200131.xlsx": [
        ("ua_channels", "traffic", (3, 2, 1), ("2020-01-01", "2020-01-31"), {"visits": 1500, "bounces": 540 + 180}),
        ("ua_channels", "actions", (3, 2, 1), ("2020-01-01", "2020-01-31"), {"count": 27}),
        ("ua_days", "audience", (3, 2, 1), ("2020-01-01", "2020-01-31"), {"visitors": 101}),
    ],
    "ua_landing_pages.csv": [
        ("ua_channels", "traffic", (3, 2, 1), ("2020-09-28", "2020-09-30"), {"visits": 1650, "bounces": 500 + 250}),
        ("ua_channels", "actions", (3, 2, 1), ("2020-09-28", "2020-09-30"), {"count": 26}),
        ("ua_days", "traffic", (4, 3, 1), ("2020-09-28", "2020-09-30"), {"visits": 1650}),
    ],
    "search_console_chart.csv": [
        ("search_console_dates", "search", (3, 3, 0), ("2026-10-01", "2026-10-03"),
         {"impressions": 600, "clicks": 15, "position_points": 480 * 14.5 + 120 * 9}),
    ],
    "search_console_comparison.csv": [
        ("search_console_dates", "search", (3, 3, 0), ("2026-10-01", "2026-10-03"),
         {"impressions": 2300, "clicks": 60, "position_points": 10_000 + 5500 + 8400}),
    ],
    "search_console_ru.xlsx": [
        ("search_console_dates", "search", (2, 2, 0), ("2026-10-01", "2026-10-02"),
         {"impressions": 240, "clicks": 12, "position_points": 800 + 1330}),
        ("search_console_queries", "search_queries", (2, 2, 0), ("2026-10-01", "2026-10-02"), {"clicks": 7}),
        ("search_console_pages", "search_queries", (1, 1, 0), ("2026-10-01", "2026-10-02"), {"clicks": 9}),
        ("search_console_devices", "search", (2, 2, 0), ("2026-10-01", "2026-10-02"), {"clicks": 12}),
    ],
    "webmaster_queries.csv": [
        ("webmaster_queries", "search_queries", (3, 3, 0), ("2026-10-01", "2026-10-28"),
         {"impressions": 254_610 + 1200 + 90, "clicks": 10_380}),
    ],
    "webmaster_days.csv": [
        ("webmaster_dates", "search", (2, 2, 0), ("2026-10-01", "2026-10-02"),
         {"impressions": 1500, "clicks": 60, "position_points": 8500 + 5000}),
    ],
    "matomo_days.csv": [
        ("matomo_visits", "traffic", (2, 2, 0), ("2026-10-01", "2026-10-02"),
         {"visits": 150, "visitors": 130, "bounces": 105}),
        ("matomo_visits", "audience", (2, 2, 0), ("2026-10-01", "2026-10-02"), {"visitors": 130}),
    ],
    "matomo_report_2026-10-01_2026-10-31.csv": [
        ("matomo_visits", "traffic", (1, 1, 0), OCTOBER, {"visits": 1100, "bounces": 297}),
        ("matomo_visits", "audience", (1, 1, 0), OCTOBER, {"visitors": 820}),
        ("matomo_pages", "traffic", (1, 1, 0), OCTOBER, {"page_views": 4100}),
        ("matomo_channels", "traffic", (3, 3, 0), OCTOBER, {"visits": 1100, "bounces": 150 + 112 + 35}),
        ("matomo_goals", "actions", (1, 1, 0), OCTOBER, {"count": 37}),
    ],
}  # fmt: skip
ONE_TABLE = [name for name in ACCOUNTS if name.endswith(".csv") and name not in
             ("ga4_home.csv", "ua_landing_pages.csv", "matomo_report_2026-10-01_2026-10-31.csv")]  # fmt: skip


def read(name: str) -> FileReading:
    return read_file(FOLDER / name, COMPANY)


def first(name: str) -> pd.DataFrame:
    return read(name).tables[0].frame


def account(table: TableReading, columns: Any) -> tuple[Any, ...]:
    sums = {column: pytest.approx(fsum(table.frame[column].dropna())) for column in columns}
    counts = (table.rows_in, table.used, table.totals)
    return table.layout, table.table, counts, (str(table.start), str(table.end)), sums


@pytest.mark.parametrize("name", ACCOUNTS)
def test_rows_periods_and_sums_are_those_of_the_file(name: str) -> None:
    reading = read(name)
    assert reading.reason == ""
    assert [account(table, expected[4]) for table, expected in zip(reading.tables, ACCOUNTS[name], strict=False)] \
        == ACCOUNTS[name]  # fmt: skip
    assert len(reading.tables) == len(ACCOUNTS[name])
    assert [problem for table in reading.tables for problem in table.problems] == []


def test_every_quirk_file_of_the_family_is_tested() -> None:
    elsewhere = {"metrika_sources.csv", "metrika_robots.csv", "ga4_explore.csv", "search_console.zip"}
    found = {path.name for path in FOLDER.glob("*.*") if path.name.startswith((*FAMILY, "search_console"))}
    assert found == {*ACCOUNTS, *elsewhere}


def test_every_layout_of_the_family_reads_a_quirk_file() -> None:
    own = {layout.key for layout in list_layouts() if layout.key.startswith(FAMILY)}
    others = {"search_console_countries", "search_console_filters", "search_console_appearance"}  # in the archive
    assert own == {table[0] for tables in ACCOUNTS.values() for table in tables} | others


def rows_of(name: str) -> list[list[str]]:
    data = (FOLDER / name).read_bytes()
    text = data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))


def as_excel_in_russia_writes(cell: str) -> str:
    """Days as 31.10.2026, decimals with a comma, as a spreadsheet with Russian settings saves what it took for such."""
    if day := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", cell):
        return f"{day[3]}.{day[2]}.{day[1]}"
    if re.fullmatch(r"\d+\.\d+", cell):
        return f"{float(cell):.10f}".rstrip("0").rstrip(".").replace(".", ",")
    if share := re.fullmatch(r"([\d.]+)%", cell):
        return f"{float(share[1]):.2f}%".replace(".", ",")
    return cell.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+", cell) else cell


@pytest.mark.parametrize("name", ONE_TABLE)
def test_saved_again_by_excel_in_russia(name: str, tmp_path: Path) -> None:
    rows = [[as_excel_in_russia_writes(cell) for cell in row] for row in rows_of(name)]
    out = io.StringIO(newline="")
    width = max(map(len, rows))
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([*row, *[""] * (width - len(row))] for row in rows)
    path = tmp_path / name
    path.write_bytes(out.getvalue().encode("cp1251"))
    found = [account(table, expected[4]) for table, expected in
             zip(read_file(path, COMPANY).tables, ACCOUNTS[name], strict=True)]  # fmt: skip
    assert found == ACCOUNTS[name]


@pytest.mark.parametrize(("name", "other"), [
    ("metrika_days.csv", "attendance.xls"), ("metrika_attendance.xlsx", "report.csv"),
    ("matomo_days.csv", "export.tsv"), ("metrika_utm.csv", "metrika.xlsx"), ("ga4_events.csv", "download"),
])  # fmt: skip
def test_the_name_of_a_file_does_not_matter(name: str, other: str, tmp_path: Path) -> None:
    shutil.copy(FOLDER / name, tmp_path / other)
    reading = read_file(tmp_path / other, COMPANY)
    found = [account(table, expected[4]) for table, expected in zip(reading.tables, ACCOUNTS[name], strict=True)]
    assert found == ACCOUNTS[name]


@pytest.mark.parametrize(
    "name", ["metrika_sources_summary-20261001-20261031.csv", "ga4_russian.csv", "webmaster_days.csv"]
)
def test_files_are_read_inside_a_zip(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "exports.zip", "w") as archive:
        archive.write(FOLDER / name, name)
    exports = read_exports(tmp_path)
    tables = [table for reading in exports.files for table in reading.tables]
    assert [account(table, expected[4]) for table, expected in zip(tables, ACCOUNTS[name], strict=True)] \
        == ACCOUNTS[name]  # fmt: skip


def test_a_search_console_archive_counts_every_click_once(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "search_console.zip", tmp_path / "example.org-Performance-on-Search-2026-11-01.zip")
    exports = read_exports(tmp_path)
    search, queries = exports.tables["search"], exports.tables["search_queries"]
    assert (search["clicks"].sum(), search["impressions"].sum()) == (50, 2100)  # Chart; not Devices and Countries too
    assert search["position_points"].sum() == 1100 * 8 + 1000 * 7.5
    assert queries.set_index("query")["impressions"].to_dict()["brass, lamp"] == 1204
    assert queries["page"].dropna().tolist() == ["https://example.org/"]
    assert set(queries["since"]) == {pd.Timestamp("2026-10-01")}
    assert set(queries["date"]) == {pd.Timestamp("2026-10-03")}
    read_files = {reading.file.rpartition("/")[2]: reading.reason for reading in exports.files}
    assert {"Queries.csv", "Pages.csv", "Chart.csv", "Devices.csv", "Countries.csv"} <= read_files.keys()
    assert set(read_files.values()) == {""}
    unread = [text for reading in exports.files for text in reading.left_out]
    assert [text for text in unread if "repeats clicks" not in text and "says the period" not in text] == []


def test_the_filters_of_a_workbook_are_known_and_hold_nothing_to_count() -> None:
    assert [text.partition(":")[0] for text in read("search_console_ru.xlsx").left_out] == ["Фильтры"]
    assert all("says the period" in text for text in read("search_console_ru.xlsx").left_out)


@pytest.mark.parametrize(("headings", "layout"), [
    ("Дата;Показы;Клики;Позиция", "search_table"), ("Дата;Показы;Клики;CTR;Позиция", "search_console_dates"),
    ("Date;Clicks;Impressions;CTR;Position", "search_console_dates"),
])  # fmt: skip
def test_a_table_of_positions_without_ctr_is_no_export_of_search_console(
    headings: str, layout: str, tmp_path: Path
) -> None:
    cells = ["01.10.2026", *["4"] * headings.count(";")]
    (tmp_path / "search.csv").write_text(f"{headings}\n{';'.join(cells)}\n", encoding="utf-8")
    [table] = read_file(tmp_path / "search.csv", COMPANY).tables
    assert (table.layout, table.sums["search_position_points"]) == (layout, 16)


@pytest.mark.parametrize(("names", "visits"), [
    (("metrika_robots_share.csv", "metrika_sources.csv"), 1430),
    (("metrika_robots_share.csv", "metrika_days.csv"), 430),
    (("metrika_robots_share.csv", "metrika_copied_days.txt"), 330),
    (("metrika_goal_visits_by_tag.csv", "metrika_utm.csv"), 90),
    (("metrika_goal_visits_by_tag.csv", "metrika_copied_days.txt"), 330),
    (("metrika_robots_share.csv", "metrika_utm.csv"), 300 + 240),  # the sources of 1 October, the tags of 2 October
])  # fmt: skip
def test_visits_of_one_site_count_once(names: tuple[str, ...], visits: int, tmp_path: Path) -> None:
    for name in names:
        shutil.copy(FOLDER / name, tmp_path / name)
    traffic = read_exports(tmp_path).tables["traffic"]
    assert traffic["visits"].sum() == visits
    assert ("metrika_robots_share.csv" not in names) or traffic["robot_visits"].sum() == 50 + 6


def test_tables_that_say_the_same_count_once(tmp_path: Path) -> None:
    for name in ("ga4_home.csv", "metrika_sources.csv", "metrika_copied_days.txt", "metrika_utm.csv"):
        shutil.copy(FOLDER / name, tmp_path / name)
    traffic = read_exports(tmp_path).tables["traffic"]
    assert traffic["visits"].sum() == 190 + 1430  # GA4's channels; Metrica's sources, not attendance or tags too
    actions = read_exports(tmp_path).tables["actions"]
    assert actions[actions["action"] == "generate_lead"]["count"].tolist() == [7]


def test_a_month_and_its_days_count_once(tmp_path: Path) -> None:
    for name in ("metrika_days.csv", "metrika_attendance.xlsx"):
        shutil.copy(FOLDER / name, tmp_path / name)
    traffic = read_exports(tmp_path).tables["traffic"]
    october = traffic[traffic["date"] >= "2026-10-01"]["visits"].sum()
    assert october in (430, 1500)  # the four days or the whole month, never both


def test_channels_come_from_sources_tags_and_types() -> None:
    assert first("metrika_english.csv")["channel"].tolist() == ["organic_search", "direct"]
    assert first("metrika_utm.csv")["channel"].tolist() == ["yandex_direct", "vk_ads", "partner"]
    assert first("ga4_russian.csv")["channel"].tolist() == ["organic_search", "google_ads", "unknown"]
    copied = first("metrika_copied_20261001_20261031.txt")
    assert copied["channel"].tolist() == ["paid_other", "organic_search", "direct"]
    report = {table.layout: table.frame for table in read("matomo_report_2026-10-01_2026-10-31.csv").tables}
    assert report["matomo_channels"]["channel"].tolist() == ["organic_search", "direct", "Campaigns"]
    assert report["matomo_pages"]["channel"].isna().all()
    assert first("metrika_goals_by_period.csv")["channel"].isna().all()


def test_goals_keep_their_whole_names() -> None:
    assert set(read("metrika_english.csv").tables[1].frame["action"]) == {"Lead form"}
    goals = first("metrika_goals_by_period.csv").groupby("action")["count"].sum()
    assert goals.to_dict() == {"Заявка": 9, "Звонок, Москва (сайт)": 6}


def test_weeks_and_stated_periods_say_since_when() -> None:
    goals = first("metrika_goals_by_period.csv")
    assert goals["since"].dt.day.tolist()[:3] == [12, 5, 1] and goals["date"].dt.day.tolist()[:3] == [18, 11, 4]
    stated = first("ga4_channels.csv")
    assert set(stated["since"].dt.day) == {1} and set(stated["date"].dt.day) == {31}
    assert first("metrika_days.csv")["since"].isna().all()
    audience = read("metrika_attendance.xlsx").tables[1].frame
    assert audience["start"].dt.day.tolist() == [1, 1] and audience["end"].dt.day.tolist() == [31, 30]


def test_days_without_impressions_have_no_position() -> None:
    chart = first("search_console_chart.csv")
    assert chart["clicks"].tolist() == [12, 0, 3] and chart["position_points"].isna().tolist() == [False, True, False]


def test_robots_may_be_a_grouping_or_a_share() -> None:
    share = first("metrika_robots_share.csv")
    assert share["robot_visits"].tolist() == [50, 6] and share["visits"].tolist() == [200, 100]
    grouping = first("metrika_robots.csv")
    assert grouping["robot_visits"].tolist() == [0, 10] and grouping["visits"].isna().all()


def test_a_copied_table_without_a_period_is_refused(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "metrika_copied_20261001_20261031.txt", tmp_path / "sources.txt")
    reading = read_file(tmp_path / "sources.txt", COMPANY)
    assert reading.tables == () and "period" in reading.reason


def test_a_copied_table_of_cities_or_of_details_is_no_table_of_sources(tmp_path: Path) -> None:
    text = (FOLDER / "metrika_copied_20261001_20261031.txt").read_text(encoding="utf-8")
    for name in ("Москва", "Яндекс: Директ"):
        path = tmp_path / "copied_20261001_20261031.txt"
        path.write_text(text.replace("Прямые заходы", name), encoding="utf-8")
        assert read_file(path, COMPANY).tables == ()


def test_a_stated_period_that_crosses_months_is_not_spread(tmp_path: Path) -> None:
    text = (FOLDER / "ga4_channels.csv").read_text(encoding="utf-8")
    (tmp_path / "ga4.csv").write_text(text.replace("# End date: 20261031", "# End date: 20261115"), encoding="utf-8")
    reading = read_file(tmp_path / "ga4.csv", COMPANY)
    assert reading.tables == () and "month" in reading.reason


def test_no_layout_of_the_family_takes_a_file_of_another() -> None:
    for path in sorted(FOLDER.glob("*.*")):
        if path.suffix == ".py" or path.name.startswith((*FAMILY, "search_console", "cut_off")):
            continue
        taken = {table.layout for table in read_file(path, COMPANY).tables}
        assert not [layout for layout in taken if layout.startswith(FAMILY)], path.name


def test_layouts_fill_known_columns_alone() -> None:
    for layout in list_layouts():
        if layout.key.startswith(FAMILY):
            assert all(columns.keys() <= TABLES[table].columns.keys() for table, columns in layout.tables.items())
            assert set(layout.yields_to) <= {other.key for other in list_layouts()}, layout.key


@pytest.mark.parametrize(
    ("text", "layout", "counts", "sums", "period"),
    [("# ---\n# Free form\n# Start date: 20261001\n# End date: 20261031\n"
      "Канал по умолчанию для сеанса,Сеансы,Активные пользователи\nOrganic Search,10,9\nDirect,5,5\nОбщий итог,15,14\n",
      "ga4_traffic", (3, 2, 1), {"visits": 15}, OCTOBER),
     ("# ---\n# Free form\n# Start date: 20261001\n# End date: 20261002\nDate,Sessions\n20261001,10\n20261002,5\n",
      "ga4_views", (2, 2, 0), {"visits": 15}, ("2026-10-01", "2026-10-02")),
     ("# ---\n# Free form\n# Start date: 20261001\n# End date: 20261031\n"
      "Источник сеанса,Канал сеанса,Кампания сеанса,Сеансы\ngoogle,cpc,brand,10\nyandex,organic,,5\nОбщий итог,,,15\n",
      "ga4_traffic", (3, 2, 1), {"visits": 15}, OCTOBER),
     ("Месяц визита;Источник трафика;Визиты;Посетители;Отказы\nОктябрь 2026;Прямые заходы;10;9;0,2\nИтого;;10;9;0,2\n",
      "metrika_sources", (2, 1, 1), {"visits": 10, "bounces": 2}, OCTOBER),
     ("Месяц визита;Визиты;Посетители;Отказы\nСентябрь 2026;20;18;0,1\nОктябрь 2026;10;9;0,2\n",
      "metrika_attendance", (2, 2, 0), {"visits": 30, "bounces": 4}, ("2026-09-01", "2026-10-31")),
     ("Неделя визита;UTM Source;Визиты;Отказы\n05.10.2026 - 11.10.2026;vk;10;0,2\n12.10.2026;vk;5;0,2\n",
      "metrika_utm", (2, 2, 0), {"visits": 15, "bounces": 3}, ("2026-10-05", "2026-10-18"))],
)  # fmt: skip
def test_other_headings_of_the_same_reports(
    tmp_path: Path, text: str, layout: str, counts: tuple[int, ...], sums: dict[str, float], period: tuple[str, str]
) -> None:
    (tmp_path / "report.csv").write_text(text, encoding="utf-8")
    table = read_file(tmp_path / "report.csv", COMPANY).tables[0]
    assert (table.layout, (table.rows_in, table.used, table.totals)) == (layout, counts)
    assert table.sums == sums and (str(table.start), str(table.end)) == period


def test_visitors_of_months_and_weeks_of_visits(tmp_path: Path) -> None:
    for unit, rows in (("Месяц", "Сентябрь 2026;20;18\nОктябрь 2026;10;9\n"), ("Неделя", "2026-10-05;20;18\n")):
        (tmp_path / "report.csv").write_text(f"{unit} визита;Визиты;Посетители\n{rows}", encoding="utf-8")
        audience = read_file(tmp_path / "report.csv", COMPANY).tables[1].frame
        assert audience["visitors"].tolist() == [18, 9][: len(audience)] and audience["end"].dt.day.iloc[-1] in (31, 11)


def test_channels_of_sessions_in_russian(tmp_path: Path) -> None:
    october = "# ---\n# Start date: 20261001\n# End date: 20261031\n"
    for text, layout, column in (
        ("Источник сеанса,Канал сеанса,Сеансы\ngoogle,cpc,10\nvk,,5\n", "ga4_traffic", "visits"),
        ("Название события,Источник сеанса,Канал сеанса,Количество событий\nlead,google,cpc,10\nlead,vk,,5\n"
         "Общий итог,,,15\n", "ga4_events", "count"),
    ):  # fmt: skip
        (tmp_path / "report.csv").write_text(october + text, encoding="utf-8")
        table = read_file(tmp_path / "report.csv", COMPANY).tables[0]
        assert (table.layout, table.frame["channel"].tolist()) == (layout, ["google_ads", "social"])
        assert table.frame[column].tolist() == [10, 5]


def search_console(name: str, folder: Path, last: str, *, dates: bool = False, book: bool = False) -> FileReading:
    """An export of Search Console whose filter says no days: an archive or a workbook."""
    tables = {
        "Queries": [["Top queries", "Clicks", "Impressions", "CTR", "Position"], ["shoes", 7, 70, "10%", 3.5]],
        "Devices": [["Device", "Clicks", "Impressions", "CTR", "Position"], ["MOBILE", 8, 80, "10%", 3]],
        "Filters": [["Filter", "Value"], ["Search type", "Web"], ["Date", last]],
    }
    if dates:
        tables["Chart"] = [["Date", "Clicks", "Impressions", "CTR", "Position"], ["2026-10-30", 8, 80, "10%", 3]]
    path = folder / name
    if book:
        with pd.ExcelWriter(path, engine="xlsxwriter") as opened:
            for title, rows in tables.items():
                pd.DataFrame(rows).to_excel(opened, sheet_name=title, index=False, header=False)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            for title, rows in tables.items():
                archive.writestr(f"{title}.csv", "".join(",".join(map(str, row)) + "\n" for row in rows))
    return read_file(path, COMPANY)


@pytest.mark.parametrize("last", ["Last 28 days", "Последние 28 дней", "Last 3 months"])
@pytest.mark.parametrize("book", [False, True])
def test_the_last_28_days_are_no_days_unless_the_name_says_them(last: str, book: bool, tmp_path: Path) -> None:
    end = "xlsx" if book else "zip"
    undated = search_console(f"example.org-Performance-on-Search-2026-11-01.{end}", tmp_path, last, book=book)
    said = " ".join((undated.reason, *undated.left_out))
    assert undated.tables == () and "nothing says of which days" in said and "not the last 28 days" in said
    for name in ("gsc 2026-10-03 2026-10-30", "gsc_2026-10", "Search Console октябрь 2026"):
        named = search_console(f"{name}.{end}", tmp_path, last, book=book)
        assert [table.table for table in named.tables] == ["search_queries", "search"]
        assert named.tables[1].sums["search_clicks"] == 8 and named.tables[1].end.month == 10
    dated = search_console(f"dated.{end}", tmp_path, last, dates=True, book=book)
    assert [table.layout for table in dated.tables] == ["search_console_dates"]


@pytest.mark.parametrize("name", ["vk_ads_2026-10.csv", "gsc 2026.10.csv", "ads-2026-10.csv", "октябрь 2026.csv"])
def test_a_word_before_the_year_hides_no_month(name: str) -> None:
    period = find_named_period(name)
    assert period and [str(day) for day in period] == list(OCTOBER)
