"""The section of the team: by kind and never by person, an unfinished month, no tasks, hostile names."""

from datetime import date
from pathlib import Path

import pytest
from composed import SAMPLE, Composed, compose, markup, sample, sheets, text, unfinished
from folders import copy_files

from kpi_helpers.language import LANGUAGES, use_language
from kpi_helpers.team import work_table

PEOPLE = ("Снежина", "Лампин")
HOSTILE = "<img src=x onerror=alert(1)>"
HEAD = "Kind,Assignee,Due,Done,Accepted,Rating"


def composed(folder: Path, *tasks: str, goals: tuple[str, ...] = ()) -> Composed:
    """October from tasks alone, with goals as lines of kpi and target."""
    (folder / "tasks.csv").write_text("\n".join([HEAD, *tasks, ""]), encoding="utf-8")
    lines = [f"{goal},company,2026-10-01,2026-10-31,marketing" for goal in goals]
    (folder / "goals.csv").write_text("\n".join(["kpi,target,scope,start,deadline,owner", *lines, ""]), "utf-8")
    return compose(folder)


def write_half_month(folder: Path, *tasks: str) -> Path:
    """Tasks, and advertising of the first 18 days of October."""
    (folder / "tasks.csv").write_text("\n".join([HEAD, *tasks, ""]), encoding="utf-8")
    days = [f"2026-10-{day:02},vk,vk_ads,a,10,1,5" for day in range(1, 19)]
    ads = ["Date,Platform,Channel,Campaign,Impressions,Clicks,Spend", *days, ""]
    (folder / "ads.csv").write_text("\n".join(ads), encoding="utf-8")
    return folder


@pytest.mark.parametrize("lang", LANGUAGES)
def test_work_by_kind_beside_the_month_before(lang: str) -> None:
    use_language(lang)
    seen = sample("severny_svet")
    section = seen.section("team")
    month = seen.month
    now = work_table(month.tables["tasks"], date(2026, 10, 1), date(2026, 10, 31)).set_index("kind")
    before = work_table(month.tables["tasks"], date(2026, 9, 1), date(2026, 9, 30)).set_index("kind")
    sheet = sheets(section)["sheets"][-1]
    assert [row[1] for row in sheet["rows"][:3]] == now["done"][["research", "creative", "coordination"]].tolist()
    assert [row[2] for row in sheet["rows"][:3]] == before["done"][["research", "creative", "coordination"]].tolist()
    assert sheet["rows"][3][1] == now["done"].sum()
    assert not any(name in markup(section) + str(sheets(section)) for name in PEOPLE)
    if lang == "ru":
        assert "Работа с другими отделами" in text(section)


def test_an_unfinished_month_is_held_against_the_same_days() -> None:
    seen = unfinished("severny_svet")
    tasks = seen.month.tables["tasks"]
    before = work_table(tasks, date(2026, 9, 1), date(2026, 9, 18), by=()).iloc[0]
    total = sheets(seen.section("team"))["sheets"][-1]["rows"][-1]
    assert total[2] == before["done"] and total[7] == before["due"]
    assert "the same first 18 days" in text(seen.section("team"))


def test_what_is_not_due_yet_is_neither_late_nor_hidden(tmp_path: Path) -> None:
    rows = ("Research,Ann,2026-10-10,2026-10-09,yes,4", "Research,Ann,2026-10-12,,,", "Creative,Ann,2026-10-30,,,")
    section = compose(write_half_month(tmp_path, *rows)).section("team")
    assert "Not due yet" in text(section)
    assert {row[0]: (row[1], row[3], row[5], row[9]) for row in sheets(section)["sheets"][-1]["rows"]} == {
        "Research": (1, 2, 1, 0), "Creative work": (0, 0, 0, 1), "All work": (1, 2, 1, 1)}  # fmt: skip


def test_without_tasks_the_section_says_what_is_missing() -> None:
    words = text(sample("northlight").section("team"))
    assert "Add the list of the department's tasks" in words and "Work by kind" not in words


def test_kinds_and_names_from_files_are_escaped_and_people_are_not_shown(tmp_path: Path) -> None:
    rows = [f"{HOSTILE},{HOSTILE} Ann,2026-10-0{n},2026-10-0{n},yes,4" for n in range(1, 7)]
    section = composed(tmp_path, *rows, "=SUM(A1),Bob,2026-10-20,2026-10-19,no,2").section("team")
    assert HOSTILE not in markup(section) and "&lt;img src=x" in markup(section)
    assert "Ann" not in markup(section) and "Bob" not in str(sheets(section))
    assert "=SUM(A1)" in text(section)
    assert "6 of 6 100% (61–100%)" in text(section) and "1 of 1 not enough data" in text(section)


def test_a_month_of_which_the_tasks_say_nothing(tmp_path: Path) -> None:
    copy_files(SAMPLE / "severny_svet", tmp_path, ["company.toml", "direct_kampanii.csv"])
    section = composed(tmp_path, "Research,Ann,2026-05-20,2026-05-19,yes,5").section("team")
    assert "Work by kind" not in text(section) and "Research done" in text(section)


def test_a_goal_that_invites_gaming_is_named_with_what_can_be_measured(tmp_path: Path) -> None:
    row = "Creative,Ann,2026-10-05,2026-10-04,yes,"
    said = text(composed(tmp_path, row, goals=("creatives_made,5", "leads,100")).section("team"))
    assert "The goal on “Creative work done” invites gaming" in said
    assert "Set a goal beside it on “Tasks accepted”." in said  # there are no ratings
    assert "“Leads”" not in said  # the goals section tells that
    both = composed(tmp_path, row, goals=("creatives_made,5", "acceptance_rate,0.8"))
    assert "invites gaming" not in text(both.section("team"))
