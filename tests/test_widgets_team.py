"""The view of the team's work, driven without a browser: by person only where the reader asks."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from composed import SAMPLE

from kpi_helpers import explore_team, read_exports
from kpi_helpers.charts import plot_channels
from kpi_helpers.exports import Exports
from kpi_helpers.language import language, use_language
from kpi_helpers.monthly import derive_tables
from kpi_helpers.team import work_table
from kpi_helpers.teamwork import ALL_KINDS
from kpi_helpers.widgets.view import STILL_TYPE
from tests.small_company import made_exports
from tests.test_reports_team import HEAD, write_half_month
from tests.test_widgets import HOSTILE, WIDGET_TYPE

PEOPLE = ("Снежина", "Лампин")


@cache
def severny_svet() -> Exports:
    return read_exports(SAMPLE / "severny_svet")


def all_of(view: Any) -> str:
    return str(view.table.value + view.picture.widget.value + view.still() + str(view._repr_mimebundle_()))


def test_people_are_shown_only_while_the_reader_asks() -> None:
    view = explore_team(severny_svet())
    assert not view.by_person.value and not any(name in all_of(view) for name in PEOPLE)
    view.by_person.value = True
    assert all(name in view.still() for name in PEOPLE)
    assert "a talk comes before a number" in view.still()
    view.by_person.value = False
    assert not any(name in all_of(view) for name in PEOPLE)


def test_the_words_on_fairness_stand_there_before_people_are_asked_for() -> None:
    view = explore_team(severny_svet())
    assert any("a talk comes before a number" in getattr(child, "value", "") for child in view.root.children)


def test_the_numbers_are_those_of_the_months_chosen() -> None:
    view = explore_team(severny_svet())
    tasks = derive_tables(severny_svet())["tasks"]
    first, last = view.months.value
    assert (str(first.date()), str(last.date())) == ("2025-11-01", "2026-10-01")
    year = work_table(tasks, first, last + pd.offsets.MonthEnd(0), by=()).iloc[0]
    assert f"{year['on_time']:.0f} of {year['due']:.0f}" in view.table.value
    view.months.index = (0, 11)
    early = work_table(tasks, date(2024, 11, 1), date(2025, 10, 31), by=()).iloc[0]
    assert f"{early['on_time']:.0f} of {early['due']:.0f}" in view.table.value
    assert "November 2024 – October 2025" in view.picture.widget.value


def test_one_kind_is_followed_by_month_and_held_against_the_others() -> None:
    view = explore_team(severny_svet())
    view.kind.value = "creative"
    assert "December 2025" in view.table.value and "Other work" not in view.table.value
    assert "Tasks done on time, creative work" in view.still()
    view.kpi.value = "acceptance_rate"
    assert "Tasks accepted, creative work" in view.still()
    view.kind.value = ALL_KINDS
    assert "Work with other departments" in view.table.value


def test_too_few_tasks_are_not_drawn() -> None:
    view = explore_team(severny_svet())
    view.kind.value = "research"
    view.months.index = (23, 23)
    assert "too few tasks for a picture" in view.still() and "<img" not in view.still()
    assert view.picture.widget.value == ""
    view.months.index = (0, 23)
    assert "<img" in view.still() and "too few" not in view.still()


def test_a_company_without_tasks_is_told_what_is_missing(tmp_path: Path) -> None:
    view = explore_team(made_exports(tmp_path))
    bundle = view._repr_mimebundle_()
    assert "Add the list of the department&#39;s tasks" in bundle[STILL_TYPE] and "<img" not in bundle[STILL_TYPE]
    assert WIDGET_TYPE in bundle


def test_names_from_files_are_escaped(tmp_path: Path) -> None:
    rows = [f"{HOSTILE} {n % 2},{HOSTILE} Ann{n % 2},2026-10-1{n},2026-10-1{n},yes,4" for n in range(10)]
    (tmp_path / "tasks.csv").write_text("\n".join([HEAD, *rows, ""]), "utf-8")
    view = explore_team(read_exports(tmp_path))
    for person in (False, True):
        view.by_person.value = person
        for kind in [value for _words, value in view.kind.options]:
            view.kind.value = kind
            page = view.table.value + view.picture.widget.value + view.still()
            assert HOSTILE not in page and "&lt;img src=x" in page


def test_people_stand_by_name_and_twenty_alike_do_not_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each ten tasks 4 to 10 are on time: two intervals lie apart, as among twenty alike they often do."""
    drawn = []
    monkeypatch.setattr("kpi_helpers.widgets.team.plot_channels",
                        lambda *args, **options: drawn.append(plot_channels(*args, **options)) or drawn[-1])
    on_time = [8, 10, 8, 7, 9, 8, 8, 4, 9, 8, 7, 8, 9, 8, 10, 8, 7, 9, 8, 8]
    rows = [f"Research,Person {who:02},2026-10-{10 + task},2026-10-{10 + task + (task >= good)},yes,4"
            for who, good in enumerate(on_time) for task in range(10)]  # fmt: skip
    (tmp_path / "tasks.csv").write_text("\n".join([HEAD, *rows, ""]), "utf-8")
    view = explore_team(read_exports(tmp_path))
    view.kpi.value, view.by_person.value = "on_time_share", True
    assert "differences within noise" in view.picture.widget.value
    assert [label.get_text() for label in drawn[-1].get_yticklabels()] == [f"Person {who:02}" for who in range(20)]


def test_answers_come_in_the_language_of_the_view() -> None:
    use_language("ru")
    view = explore_team(severny_svet())
    use_language("en")
    view.kind.value = "research"
    assert language() == "ru" and "Ноябрь 2025" in view.table.value
    assert "Остальные" not in view.table.value and "В срок" in view.still()


def test_an_unfinished_month_names_what_is_not_due_yet(tmp_path: Path) -> None:
    rows = ["Research,Ann,2026-10-10,2026-10-09,yes,4", "Research,Ann,2026-10-12,,,", "Research,Ann,2026-10-30,,,"]
    exports = read_exports(write_half_month(tmp_path, *rows), currency="RUB")
    view = explore_team(exports)
    assert "Not due yet" in view.table.value and "1 of 2" in view.table.value
