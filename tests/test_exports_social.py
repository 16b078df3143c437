"""Exports of social networks and surveys: each with the traps of its source, and what must come out of it."""

import csv
import io
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from folders import read_text

from kpi_helpers.company import Company
from kpi_helpers.exports import FileReading, list_layouts, read_exports, read_file

FOLDER = Path(__file__).parent / "exports"
COMPANY = Company(
    timezone="Europe/Moscow",
    survey={
        "aware_unaided": "Name all the shops you know", "aware_unaided_names": ["nord light"],
        "aware_aided": "Have you heard of us?", "recommend": "Recommend, 0-10", "satisfied": "Satisfied 1-5",
    },
)  # fmt: skip
FAMILY = re.compile(r"meta_business_|tiktok_(overview|followers|viewers|content)|youtube_|vk_community|google_forms")
OWN_FILES = re.compile(r"meta_business_|tiktok_(?!ads)|youtube_|vk_community|google_forms|survey_day|own_|costs_months"
                       r"|market_quarters|tasks")  # fmt: skip

# file: per table of it layout, rows in, used, totals, rejected, first and last day of October, sums by hand
EXPECTED = {
    "meta_business_follows.csv": [
        ("meta_business_follows", 3, 3, 0, 0, 1, 3, {"new_followers": 12 + 0 + 7}),
        ("meta_business_follows", 2, 2, 0, 0, 1, 3, {"new_followers": 30 + 11}),
    ],
    "meta_business_views_tabs.csv": [("meta_business_views", 2, 2, 0, 0, 1, 2, {"social_views": 1250 + 980})],
    "meta_business_interactions.csv": [("meta_business_interactions", 2, 2, 0, 0, 1, 2, {"reactions": 40 - 2})],
    "meta_business_reach.csv": [("meta_business_reach", 2, 2, 0, 0, 1, 2, {})],
    "meta_business_posts_facebook.csv": [
        ("meta_business_posts_facebook", 3, 2, 0, 1, 3, 13,
         {"social_views": 1200, "reactions": 50 + 10, "comments": 6 + 2, "shares": 4 + 0}),
    ],
    "meta_business_posts_instagram.csv": [
        ("meta_business_posts_instagram", 3, 3, 0, 0, 2, 16,
         {"social_views": 15000 + 500 + 160, "reactions": 410 + 12 + 5, "comments": 20 + 1 + 2, "shares": 120 + 3 + 3}),
    ],
    "tiktok_nan.csv": [
        ("tiktok_overview", 2, 2, 0, 0, 1, 2,
         {"social_views": 1610, "reactions": 93 + 122, "comments": 3 + 6, "shares": 4 + 7, "new_followers": 3 + 7,
          "lost_followers": 2 + 6}),
    ],
    "tiktok_followers.csv": [("tiktok_followers", 3, 3, 0, 0, 1, 3, {})],
    "tiktok_viewers.csv": [("tiktok_viewers", 2, 2, 0, 0, 1, 2, {})],
    "tiktok_content.csv": [
        ("tiktok_content", 2, 2, 0, 0, 2, 3,
         {"social_views": 18400, "reactions": 1200, "comments": 48, "shares": 31}),
    ],
    "youtube_days.csv": [
        ("youtube_days", 3, 2, 1, 0, 1, 2,
         {"social_views": 80 + 90, "reactions": 10 - 1, "comments": 2, "shares": 1 + 2, "new_followers": 2 + 3,
          "lost_followers": 2}),
    ],
    "youtube_sources_ru.csv": [("youtube_chart", 3, 3, 0, 0, 1, 2, {"social_views": 40 + 10 + 55})],
    "vk_community.csv": [
        ("vk_community", 1, 1, 0, 0, 1, 1,
         {"social_views": 263, "reactions": 16, "comments": 5, "shares": 1, "new_followers": 11, "lost_followers": 1}),
    ],
    "google_forms_choices.csv": [("google_forms_survey", 3, 3, 0, 0, 1, 2, {})],
}  # fmt: skip


def read(name: str, folder: Path = FOLDER) -> FileReading:
    return read_file(folder / name, COMPANY)


def first(name: str) -> pd.DataFrame:
    return read(name).tables[0].frame


def found(reading: FileReading) -> list[tuple[object, ...]]:
    """What `EXPECTED` says of a file, as it was read."""
    october = date(2026, 9, 30)
    for table in reading.tables:
        assert table.rows_in == table.used + table.totals + table.rejected + table.continued
        assert table.currency == "" and table.continued == 0
    return [
        (table.layout, table.rows_in, table.used, table.totals, table.rejected,
         ((table.start or october) - october).days, ((table.end or october) - october).days, table.sums)
        for table in reading.tables
    ]  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_rows_periods_and_sums(name: str) -> None:
    reading = read(name)
    assert reading.reason == "" and found(reading) == EXPECTED[name]


def resaved(text: str) -> bytes:
    """A table as Excel in Russia saves it: semicolons, cp1251, decimal commas, DD.MM.YYYY."""
    lines = text.removeprefix("sep=,\n").removeprefix("sep=\t\n")
    rows = list(csv.reader(io.StringIO(lines, newline=""), delimiter="\t" if text.startswith("sep=\t") else ","))
    dated = [[re.sub(r"^(\d{4})-(\d\d)-(\d\d)(T[\d:]+)?$", r"\3.\2.\1", cell) for cell in row] for row in rows]
    commas = [[re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", cell) for cell in row] for row in dated]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(commas)
    return out.getvalue().encode("cp1251", errors="replace")


@pytest.mark.parametrize(
    "name", ["meta_business_follows.csv", "meta_business_interactions.csv", "meta_business_reach.csv", "tiktok_nan.csv",
             "tiktok_followers.csv", "youtube_days.csv", "youtube_sources_ru.csv"],
)  # fmt: skip
def test_saved_again_by_excel_in_russia_and_renamed(name: str, tmp_path: Path) -> None:
    (tmp_path / "report.xls").write_bytes(resaved(read_text(FOLDER / name)))
    assert found(read("report.xls", tmp_path)) == EXPECTED[name]


def test_a_section_names_its_network() -> None:
    networks = [set(table.frame["network"]) for table in read("meta_business_follows.csv").tables]
    assert networks == [{"facebook"}, {"instagram"}]
    assert set(first("meta_business_views_tabs.csv")["network"]) == {"meta"}
    assert first("meta_business_reach.csv")["reach"].tolist() == [600, 550]


@pytest.mark.parametrize(
    ("title", "layout"),
    [
        ("Facebook follows", "meta_business_follows"), ("Instagram followers", "meta_business_follows"),
        ("Seguidores no Instagram", "meta_business_follows"), ("Follows", "meta_business_audience"),
        ("Views", "meta_business_views"), ("Viewers", "meta_business_reach"), ("Alcance", "meta_business_reach"),
        ("Interações com o conteúdo", "meta_business_interactions"),
        ("Instagram profile visits", "meta_business_visits"), ("Facebook link clicks", "meta_business_visits"),
        ("Cliques no link do Instagram", "meta_business_visits"),
        ("Unfollows", ""), ("Paid reach", ""), ("Net follows", ""),
    ],
)  # fmt: skip
def test_the_title_line_says_what_primary_is(title: str, layout: str, tmp_path: Path) -> None:
    rows = '"Date","Primary"\n"2026-10-01T00:00:00","5"\n"2026-10-02T00:00:00","6"\n'
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe" + f'sep=,\n"{title}"\n{rows}'.encode("utf-16-le"))
    reading = read("a.csv", tmp_path)
    if layout == "meta_business_visits":  # known, and no measure is made of it
        assert reading.tables == () and reading.reason == "" and "no KPI counts" in reading.left_out[0]
    elif layout:
        assert [table.layout for table in reading.tables] == [layout]
    else:
        assert reading.tables == () and "no layout fits" in reading.reason


def test_posts_count_on_the_day_they_were_published_or_on_the_day_the_row_names() -> None:
    facebook, instagram = first("meta_business_posts_facebook.csv"), first("meta_business_posts_instagram.csv")
    assert facebook["date"].dt.strftime("%m-%d").tolist() == ["10-13", "10-03"]
    assert instagram["date"].dt.strftime("%m-%d").tolist() == ["10-15", "10-16", "10-02"]
    problem = read("meta_business_posts_facebook.csv").tables[0].problems[0]
    assert (problem.line, problem.column, problem.value) == (5, "Reactions", "x")


def test_posts_yield_to_the_days_and_nothing_counts_twice(tmp_path: Path) -> None:
    for name in ("meta_business_posts_instagram.csv", "meta_business_interactions.csv"):
        shutil.copy(FOLDER / name, tmp_path / name)
    exports = read_exports(tmp_path)
    of_days = 40 - 2  # of 1 and 2 October, of both networks
    assert exports.tables["social"]["reactions"].sum() == (410 + 12) + of_days
    assert [table.yielded for file in exports.files for table in file.tables] == [0] * 2  # the posts say more than that
    assert exports.tables["social"]["views"].sum() == first("meta_business_posts_instagram.csv")["views"].sum()


def test_the_follows_in_the_audience_file_yield_to_those_of_a_network(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "meta_business_follows.csv", tmp_path)
    rows = '"Date","Primary"\n"2026-10-01T00:00:00","12"\n"2026-10-04T00:00:00","5"\n'
    (tmp_path / "audience.csv").write_bytes(b"\xff\xfe" + f'sep=,\n"Follows"\n{rows}'.encode("utf-16-le"))
    assert read_exports(tmp_path).tables["social"]["new_followers"].sum() == 19 + 41 + 5


def test_followers_of_tiktok() -> None:
    frame = first("tiktok_followers.csv")
    assert frame["followers"].fillna(-1).tolist() == [-1, 10405, 10399]
    assert frame["followers_before"].fillna(-1).tolist() == [-1, 10405 - 35, 10399 + 6]
    assert first("tiktok_viewers.csv")["reach"].fillna(-1).tolist() == [850, -1]


def test_days_without_a_year_are_refused_and_not_guessed() -> None:
    table = read("tiktok_studio_overview.csv").tables[0]
    assert (table.layout, table.used, table.rejected) == ("tiktok_overview", 0, 2)
    assert [(problem.column, problem.value) for problem in table.problems] == [
        ("Date", "October 1"), ("Date", "October 2"),
    ]  # fmt: skip


def test_likes_taken_back_are_below_zero_and_count() -> None:
    assert first("youtube_days.csv")["reactions"].tolist() == [-1, 10]
    assert first("meta_business_interactions.csv")["reactions"].tolist() == [40, -2]


def test_an_archive_of_youtube_counts_each_view_once(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "youtube_content 2026-10-01_2026-10-31.zip", tmp_path)
    exports = read_exports(tmp_path)
    social = exports.tables["social"]
    assert social["views"].sum() == 120 + 50  # Table data; the chart (115) and Totals.csv (170) yield to it
    assert social["reactions"].sum() == 8 + 1 and set(social["network"]) == {"youtube"}
    layouts = {table.layout for file in exports.files for table in file.tables}
    assert layouts == {"youtube_table", "youtube_chart"}


def test_an_unpacked_table_of_youtube_needs_the_period_in_its_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(FOLDER / "youtube_content 2026-10-01_2026-10-31.zip") as archive:
        archive.extractall(tmp_path)
    refused = [file.reason for file in read_exports(tmp_path).files if file.file == "Table data.csv"]
    assert "put both dates into its name" in refused[0]
    (tmp_path / "Table data.csv").rename(tmp_path / "Table data 2026-10-01_2026-10-31.csv")
    exports = read_exports(tmp_path)
    assert exports.tables["social"]["views"].sum() == 120 + 50  # the table; the chart yields, Totals.csv repeats it
    assert [file.reason for file in exports.files if file.reason] == []


def test_the_hours_and_shares_of_an_audience_are_known_and_not_counted(tmp_path: Path) -> None:
    for text in ("Date,Hour,Active followers\nOctober 1,0,12\n", "Gender,Distribution\nMale,0.4\nFemale,0.6\n",
                 "Top territories,Distribution\nDE,0.9\nFR,0.1\n"):  # fmt: skip
        (tmp_path / "part.csv").write_text(text)
        reading = read("part.csv", tmp_path)
        assert (reading.tables, reading.reason) == ((), "") and "no KPI counts" in reading.left_out[0]


def test_choices_scales_and_time_zones_of_forms() -> None:
    frame = first("google_forms_choices.csv")
    assert frame["answered_at"].dt.strftime("%d %H:%M").tolist() == ["01 14:05", "02 09:15", "02 09:30"]
    assert frame["aware_unaided"].tolist() == [True, False, False]
    assert frame["recommend"].fillna(-1).tolist() == [10, 0, -1]
    assert frame["satisfied"].fillna(-1).tolist() == [5, -1, 4]
    problems = read("google_forms_choices.csv").tables[0].problems
    assert [(problem.line, problem.column, problem.value) for problem in problems] == [
        (4, "Recommend, 0-10", "certainly"),
    ]


def test_a_form_keeps_no_address() -> None:
    for table in read("google_forms_choices.csv").tables:
        assert "example.com" not in table.frame.to_csv()


def test_no_layout_of_the_family_takes_a_file_of_another() -> None:
    generic = {layout.key for layout in list_layouts() if layout.generic}
    taken = {
        (path.name, table.layout)
        for path in sorted(FOLDER.glob("*.*"))
        if path.suffix != ".py" and not OWN_FILES.match(path.name)
        for table in read(path.name).tables
        if FAMILY.match(table.layout) or table.layout in generic
    }
    assert taken == set()


@pytest.mark.parametrize(
    ("heading", "stamp", "said"),
    [
        ("Отметка времени", "19.09.2026 18:07:33", "2026-09-19 18:07"),
        ("Отметка времени", "12/15/2026 10:18:29 GMT+3", "2026-12-15 10:18"),
        ("Timestamp", "2026/10/31 2:05:11 pm EET", "2026-10-31 14:05"),
        ("Timestamp", "2026-10-31 14:05:11", "2026-10-31 14:05"),
        ("Дата заполнения", "31.10.2026 14:05", "2026-10-31 14:05"),
    ],
)
def test_time_stamps_of_forms(heading: str, stamp: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "form.csv").write_text(f'"{heading}","Recommend, 0-10"\n"{stamp}","9"\n', encoding="utf-8")
    [table] = read("form.csv", tmp_path).tables
    assert (table.layout, table.used, table.problems) == ("google_forms_survey", 1, ())
    assert f"{table.frame['answered_at'][0]:%Y-%m-%d %H:%M}" == said and table.frame["recommend"][0] == 9


@pytest.mark.parametrize(
    ("headings", "layout", "before"),
    [
        ("Дата;Подписчики;Подписались;Отписались;Охват;Просмотры", "vk_community", 100 - 7 + 2),
        ("Дата;Участники;Новые участники;Вышедшие участники;Полный охват;Просмотры", "vk_community", 100 - 7 + 2),
        ("Дата;Соцсеть;Подписчики;Новые подписчики;Отписавшиеся;Охват", "social_table", 7 - 2 + 500),
    ],
)
def test_a_community_of_vk_and_a_table_that_names_its_network(
    headings: str, layout: str, before: int, tmp_path: Path
) -> None:
    cells = "01.10.2026;100;7;2;500;1000" if layout == "vk_community" else "01.10.2026;Телеграм;7;2;500;1000"
    (tmp_path / "group.csv").write_text(f"{headings}\n{cells}\n", encoding="utf-8")
    [table] = read("group.csv", tmp_path).tables
    assert (table.layout, table.used) == (layout, 1) and table.frame["followers_before"][0] == before
    assert table.frame["network"][0] == ("vk" if layout == "vk_community" else "telegram")
