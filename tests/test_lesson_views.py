"""The views of a lesson: what is shown once and what twice, what is closed when it is gone, who is answering."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ipywidgets.widgets.widget import _instances

from kpi_helpers.charts.paper import head, lift_words, new_axes
from kpi_helpers.charts.waterfall import plot_waterfall
from kpi_helpers.lessons import LessonPlayer
from kpi_helpers.lessons.pieces import said_of
from kpi_helpers.lessons.script import Shown
from kpi_helpers.lessons.sitting import Asked
from kpi_helpers.lessons.trying import finding
from kpi_helpers.widgets.spoken import Spoken
from tests.test_lesson_player import DRAFT, SCRIPT, answer, done, made, player, predict, to_blank, to_fresh, words_of
from tests.test_widgets import HOSTILE

LONG = "Of $1,246 spent, every dollar brought $3.00 of revenue and 60 cents of margin, and so it was a loss of $500"


def titled(title: str) -> Any:
    ax = new_axes(2)
    ax.plot([0, 1])
    return head(ax, title, "a subtitle")


def within(widget: Any) -> list[Any]:
    return [widget, *(found for child in getattr(widget, "children", ()) for found in within(child))]


def finish(view: LessonPlayer) -> None:
    order, draft = to_fresh(view)
    answer(order, SCRIPT.fresh[0].answer)  # type: ignore[attr-defined]
    answer(draft, {"kpi": "leads", "by": "31 May"})
    answer(view.leave.questions[0], "some")


# What came out


def test_what_the_chart_has_as_its_finding_is_not_written_again() -> None:
    said = finding(Shown(LONG, titled(LONG)))
    assert said.count("<p") == 1 and "came-out unseen" in said and "$1,246" in said
    lifted = titled(LONG)
    lift_words(lifted)
    assert finding(Shown(LONG, lifted)) == said, "the title off the picture stands above it"


def test_words_beyond_the_charts_finding_stand_alone() -> None:
    said = finding(Shown(f"{LONG}. Move on.", titled(LONG)))
    unseen, seen = said.split("</p>")[:2]
    assert "unseen" in unseen and LONG in unseen
    assert "unseen" not in seen and seen.endswith(">Move on.")


@pytest.mark.parametrize("title", ["", "Another finding"])
def test_words_that_the_chart_lacks_are_shown(title: str) -> None:
    assert "unseen" not in finding(Shown("It <b>rose</b>", titled(title)))
    assert "It &lt;b&gt;rose" in finding(Shown("It <b>rose</b>", titled(title)))
    assert finding(Shown("")) == ""


# What is said, and where


def test_words_come_into_a_place_that_was_there_before(tmp_path: Path) -> None:
    view = player(tmp_path)
    question = view.predict.questions[0]
    assert question.said.value == "" and "kpi-lesson-said" in question.said._dom_classes
    places = [found for found in within(view.predict.root) if isinstance(found, Spoken)]
    predict(view)
    assert "locked in" in question.said.value and 'role="status"' not in question.said.value
    assert [found for found in within(view.predict.root) if isinstance(found, Spoken)] == places and len(places) == 1
    assert "kpi-lesson-said" in view.explore.trial.words._dom_classes


def test_the_solution_of_a_form_has_no_empty_line() -> None:
    said = said_of(Asked("fresh", 0, DRAFT, shown=True))
    assert f"</strong> {DRAFT.solution}</p>" in said and "The way:" not in said
    number = said_of(Asked("blank", 0, SCRIPT.blank, shown=True))
    assert "The way:" in number and "50.0%" in number


def test_the_end_names_the_command_of_the_next_lesson(tmp_path: Path) -> None:
    view = player(tmp_path)
    finish(view)
    assert done(view) == [True] * 7
    said = words_of(view.leave.root)
    assert "<code>kpi lesson 4</code>" in said and "<a " not in said


# Who is answering


def test_a_change_of_name_closes_what_was_shown(tmp_path: Path) -> None:
    view = player(tmp_path)
    counts = []
    for name in ("Boris", "Vera", "Boris", "Vera"):
        view.name.value = name
        counts.append(len(_instances))  # type: ignore[attr-defined]
    assert len(set(counts)) == 1
    finish(view)
    at_end = len(_instances)
    assert at_end > counts[0]
    view.name.value = "Boris"
    assert len(_instances) == counts[0]
    view.name.value = "Vera"
    assert len(_instances) <= at_end and done(view) == [True] * 7


def test_an_opening_step_closes_the_line_that_it_was_locked(tmp_path: Path) -> None:
    view = player(tmp_path)
    (line,) = view.explore._body.children
    predict(view)
    assert line.comm is None and all(found.comm is not None for found in within(view.explore.root))


def test_still_pictures_leave_nothing(tmp_path: Path) -> None:
    view = player(tmp_path)
    before = len(_instances)
    assert "<img" in view.explore.still()
    assert len(_instances) == before


def test_the_head_says_who_is_answering_and_how_to_come_back(tmp_path: Path) -> None:
    view = player(tmp_path, "")
    assert "No name yet" in view.learner.value and view.changed.value == ""
    view.name.value = "Anna"
    assert "Answers of: Anna" in view.learner.value
    assert "the answers of Anna; empty the field to come back" in view.changed.value
    to_blank(view)
    view.name.value = HOSTILE
    assert "type Anna to come back" in view.changed.value and done(view) == [False] * 7
    assert "<b>" not in view.changed.value + view.learner.value and "<script" not in view.changed.value
    view.name.value = ""
    assert "without a name" in view.changed.value and "No name yet" in view.learner.value
    view.name.value = "Anna"
    assert done(view)[:2] == [True, True]


def test_the_same_learner_typed_otherwise_is_no_change(tmp_path: Path) -> None:
    view = player(tmp_path, "Anna")
    view.name.value = " ANNA "
    assert view.changed.value == ""


def test_numbers_that_are_not_the_learners_are_a_notice(tmp_path: Path) -> None:
    assert "notice" not in player(tmp_path).head.value
    view = with_data(tmp_path, str(tmp_path / "none"))
    assert '<p class="notice">The numbers of none are not used here' in view.head.value
    assert "notice" not in with_data(tmp_path, "").head.value


def with_data(folder: Path, data_dir: str) -> LessonPlayer:
    return LessonPlayer(made(), data_dir, "Anna", "", str(folder))


# Charts on narrow paper


@pytest.mark.parametrize(("width", "most"), [(7.6, 5), (4.8, 2), (3.6, 1)])
def test_a_waterfall_has_fewer_ticks_on_narrow_paper(width: float, most: int) -> None:
    effects = pd.DataFrame({"label": ["Visits", "Rate"], "owner": ["marketing", "sales"], "effect": [2.1e6, -3.5e6]})
    totals = [("May", 12.4e6), ("June", 11.0e6)]
    ax = plot_waterfall(effects, totals, style="money", currency="RUB", finding="A")
    figure: Any = ax.get_figure(root=True)
    figure.set_size_inches(width, figure.get_size_inches()[1])
    figure.canvas.draw()
    low, high = ax.get_xlim()
    shown = [label.get_window_extent() for label, place in zip(ax.get_xticklabels(), ax.get_xticks(), strict=True)
             if low <= place <= high]  # fmt: skip
    assert 1 <= len(shown) <= most + 1
    assert all(np.diff([box.x0 for box in shown]) > [box.width for box in shown[:-1]]), "labels touch"
