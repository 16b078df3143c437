"""The player of lessons, driven without a browser: what is open, what is said of answers, what is kept."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from composed import SAMPLE
from markupsafe import Markup

from kpi_helpers import open_lesson
from kpi_helpers.charts.paper import new_axes
from kpi_helpers.errors import KitError
from kpi_helpers.language import _, use_language
from kpi_helpers.lessons import LessonPlayer, progress, questions, sitting
from kpi_helpers.lessons.answers import read_answer
from kpi_helpers.lessons.course import LESSONS, Lesson
from kpi_helpers.lessons.fields import OrderField
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.misconceptions import MISCONCEPTIONS, Slip, _united, slip, slip_to
from kpi_helpers.lessons.opening import compose_lesson
from kpi_helpers.lessons.pieces import box
from kpi_helpers.lessons.progress import Progress, progress_file
from kpi_helpers.lessons.questions import Choice, Draft, Field, Number, Option, Order, Verdict
from kpi_helpers.lessons.script import Experiment, Pick, Run, Script, Shown, Slider, Step
from kpi_helpers.lessons.sitting import REPLAYED, STEPS
from kpi_helpers.widgets.view import STILL_TYPE
from tests.folders import copy_files
from tests.test_widgets import HOSTILE

FIGURES = {"revenue": 300.0, "spend": 100.0}
ORDER = ("visits", "leads", "orders", "revenue")


def show(set_to: Mapping[str, Any]) -> Shown:
    if set_to["share"] == 0.5:
        raise ZeroDivisionError("half")
    ax = new_axes(2)
    ax.plot([0, set_to["share"]])
    return Shown(f"came out: {set_to['share']:.2f}, {set_to['what']}, {set_to['again']}", ax, "a line")


def right_goal(said: Mapping[str, str]) -> Verdict:
    if said["kpi"] == "leads" and said["by"]:
        return Verdict(True, words="Both are there.")
    return Verdict(False, words="A day is missing.")


PREDICT = Choice(
    text="What was earned?", answer="some", because="It is some.",
    options=(Option("all", "All"), Option("some", "Some"), Option("none", HOSTILE)),
    slips=(slip_to("revenue_as_profit", "all"),),
)  # fmt: skip
BLANK = Number(
    text="What is the return?", answer=0.5, style="share", rounding=0.01,
    slips=(slip("revenue_as_profit", **FIGURES), slip("roas_as_return", **FIGURES)),
    hints=("First hint.", "Plainest hint."), because="Half of it.", solution="50 / 100",
)  # fmt: skip
PUT_IN_ORDER = Order(
    text="Put them in order", answer=ORDER, options=tuple(Option(key, f"the {key}") for key in ORDER),
    solution="From the top.",
)  # fmt: skip
DRAFT = Draft(
    text="Draft a goal", judge=right_goal, hints=("Until when?",), solution="Leads until May.",
    fields=(Field("kpi", "KPI", {"leads": "Leads", "visits": "Visits"}), Field("by", "By", example="31 May")),
)  # fmt: skip
SCRIPT = Script(
    predict=PREDICT, explore=Experiment("Move it", [
        Slider("share", "Share", 0.0, 1.0, 0.01, 0.2, "share"), Pick("what", "What", {"a": "First", "b": "Second"}),
        Run("again", "Once more")], show),
    explain=lambda said: [f"You said {said}.", Markup("<table></table>")],
    example=[Step("ROAS", "300 / 100", "3.00")], blank=BLANK, fresh=[PUT_IN_ORDER, DRAFT],
    leave=replace(PREDICT, text="And now?"), remember=["Ask what stays."],
)  # fmt: skip


@dataclass(frozen=True)
class Made(Lesson):
    """A lesson with a script of the test's own."""

    script: Callable[[Figures], Script] = field(default=lambda figures: SCRIPT)

    @property
    def compose(self) -> Callable[[Figures, Lot], Script]:
        return lambda figures, lot: self.script(figures)


def made(script: Script = SCRIPT) -> Made:
    return Made(3, "made", "Goals before numbers", (), script=lambda figures: script)


def player(folder: Path, learner: str = "Anna", script: Script = SCRIPT) -> LessonPlayer:
    return LessonPlayer(made(script), str(SAMPLE / "northlight"), learner, "", str(folder))


def shown(view: LessonPlayer, step: str) -> str:
    """All that the step shows in words."""
    return words_of(getattr(view, step).root)


def words_of(widget: Any) -> str:
    if hasattr(widget, "children"):
        return "".join(map(words_of, widget.children))
    said = str(getattr(widget, "value", "")) if type(widget).__name__ == "HTML" else ""
    return re.sub(r"<style.*?</style>", "", said, flags=re.S)


def predict(view: LessonPlayer, key: str = "all") -> None:
    question = view.predict.questions[0]
    question.field.take(key)
    question.send.click()


def answer(question: Any, said: Any) -> str:
    question.field.take(said)
    question.send.click()
    return str(question.said.value)


def to_blank(view: LessonPlayer) -> Any:
    predict(view)
    view.explore.trial.controls["share"].value = 0.3
    return view.blank.questions[0]


def to_fresh(view: LessonPlayer) -> list[Any]:
    answer(to_blank(view), "50 %")
    return list(view.fresh.questions)


def done(view: LessonPlayer) -> list[bool]:
    return [kind == "done" for kind in re.findall(r'<li class="(\w*)"', view.row.value)]


# What is open


def test_at_first_only_the_prediction_is_open(tmp_path: Path) -> None:
    asked: list[Any] = []

    def watch(set_to: Mapping[str, Any]) -> Shown:
        asked.append(set_to)
        return show(set_to)

    view = player(tmp_path, script=replace(SCRIPT, explore=replace(SCRIPT.explore, show=watch)))
    assert "What was earned?" in shown(view, "predict")
    for step in STEPS[1:]:
        assert 'class="locked"' in shown(view, step), step
    assert "step 1" in shown(view, "explore") and "step 6" in shown(view, "leave")
    assert not asked and done(view) == [False] * 7
    assert "0 of 7 done" in view.row.value and 'aria-current="step"' in view.row.value


def test_steps_open_one_after_the_other(tmp_path: Path) -> None:
    view = player(tmp_path)
    predict(view)
    assert done(view) == [True] + [False] * 6 and "Move it" in shown(view, "explore")
    assert 'class="locked"' in shown(view, "explain")
    view.explore.trial.controls["share"].value = 0.3
    assert "You said all." in shown(view, "explain") and "<table></table>" in shown(view, "explain")
    assert "300 / 100" in shown(view, "example") and 'class="locked"' in shown(view, "fresh")
    answer(view.blank.questions[0], "50 %")
    assert done(view) == [True] * 5 + [False] * 2
    ordering, drafting = view.fresh.questions
    answer(ordering, ORDER)
    assert 'class="locked"' in shown(view, "leave"), "one of two questions is open"
    answer(drafting, {"kpi": "leads", "by": "May"})
    assert "And now?" in shown(view, "leave") and "Ask what stays." not in shown(view, "leave")
    answer(view.leave.questions[0], "some")
    assert done(view) == [True] * 7
    assert "Ask what stays." in shown(view, "leave") and "4. Traffic and empty traffic" in shown(view, "leave")


def test_a_prediction_is_locked_and_not_judged(tmp_path: Path) -> None:
    view = player(tmp_path)
    question = view.predict.questions[0]
    question.send.click()
    assert "Nothing is chosen yet" in question.said.value and done(view) == [False] * 7
    predict(view, "all")
    assert "Your answer is locked in:</strong> All" in question.said.value
    assert not re.search("Right|Not yet|Hint", question.said.value)
    assert question.field.radio.disabled and question.send.disabled
    predict(view, "some")
    assert view.sitting.prediction == "all"
    (kept,) = Progress(progress_file("Anna", tmp_path), "Anna").tries("made")
    assert (kept.step, kept.said, kept.right) == ("predict", "all", None)


# The experiment


def test_each_control_is_heard_and_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[dict[str, Any]] = []

    def watch(set_to: Mapping[str, Any]) -> Shown:
        calls.append(dict(set_to))
        return show(set_to)

    view = player(tmp_path, script=replace(SCRIPT, explore=replace(SCRIPT.explore, show=watch)))
    predict(view)
    trial = view.explore.trial
    assert calls == [{"share": 0.2, "what": "a", "again": 0}]
    before = trial.picture.widget.value
    trial.controls["share"].value = 0.9
    trial.controls["what"].value = "b"
    trial.controls["again"].click()
    trial.controls["again"].click()
    assert [call["again"] for call in calls[1:]] == [0, 0, 1, 2] and len(calls) == 5
    assert calls[-1] == {"share": 0.9, "what": "b", "again": 2}
    assert "came out: 0.90, b, 2" in trial.words.value and trial.picture.widget.value != before
    assert "90%" in trial.readings["share"].value
    tries = Progress(progress_file("Anna", tmp_path), "Anna").tries("made")
    assert [kept.step for kept in tries] == ["predict", "explore"]


def test_a_fault_of_the_experiment_leaves_the_view_alive(tmp_path: Path) -> None:
    view = player(tmp_path)
    predict(view)
    trial = view.explore.trial
    trial.controls["share"].value = 0.5
    assert "a fault of the kit: ZeroDivisionError: half" in trial.words.value
    assert trial.picture.widget.layout.display == "none"
    trial.controls["share"].value = 0.6
    assert "came out: 0.60" in trial.words.value and trial.picture.widget.layout.display == ""


def test_a_fault_of_the_explanation_is_said(tmp_path: Path) -> None:
    def refuse(said: Any) -> list[str]:
        raise KitError("the month is not known.")

    view = player(tmp_path, script=replace(SCRIPT, explain=refuse))
    to_blank(view)
    assert "the month is not known." in shown(view, "explain") and "300 / 100" in shown(view, "example")


# Questions that are checked


def test_wrong_answers_are_answered_by_their_misconception_and_graded_hints(tmp_path: Path) -> None:
    question = to_blank(player(tmp_path))
    said = answer(question, "200 %")
    assert "Not yet." in said and "counted all revenue" in said and "First hint." in said and "Plainest" not in said
    assert question.see.layout.display == "none"
    for same in ("200%", "200"):
        assert "First hint." in answer(question, same) and question.see.layout.display == "none"
    said = answer(question, "300 %")
    assert "revenue per unit" in said and "Plainest hint." in said and question.see.layout.display == ""
    assert "50 / 100" not in said and "50.0%" not in said
    assert "counted all revenue" in answer(question, "200"), "said of what is answered now, and no third try"
    assert len(question._asked.said) == 2
    question.see.click()
    assert "The solution:</strong> 50.0%" in question.said.value and "50 / 100" in question.said.value
    assert question.field.text.disabled and question._buttons.layout.display == "none"


def test_a_solution_that_was_seen_opens_the_next_step(tmp_path: Path) -> None:
    view = player(tmp_path)
    question = to_blank(view)
    answer(question, "200 %")
    question.see.click()
    assert 'class="locked"' in shown(view, "fresh"), "one wrong answer is not enough"
    answer(question, "300 %")
    question.see.click()
    assert "Put them in order" in shown(view, "fresh") and done(view)[4]


def test_what_cannot_be_read_is_no_try(tmp_path: Path) -> None:
    view = player(tmp_path)
    question = to_blank(view)
    for unreadable in ("", "  ", "much", HOSTILE):
        said = answer(question, unreadable)
        assert 'class="said unread"' in said and HOSTILE not in said
    assert view.sitting.asked["blank"][0].wrong == 0
    question.field.text.value = "5"
    assert question.said.value == "", "what was said of it is over"


def test_enter_sends_a_number(tmp_path: Path) -> None:
    question = to_blank(player(tmp_path))
    question.field.text.value = "0,5"
    question.field.text._handle_custom_msg({"event": "submit"}, [])
    assert "Right." in question.said.value and "Half of it." in question.said.value


def test_rows_are_put_in_order(tmp_path: Path) -> None:
    for learner in ("Anna", "Boris", "Vera", "Gleb", "Dina"):
        question = to_fresh(player(tmp_path, learner))[0]
        assert question.field.said() != ORDER, "the first order is never the right one"
    said = answer(question, ORDER[::-1])
    assert "Not yet." in said
    rows: OrderField = question.field
    assert rows.up[0].disabled and rows.down[-1].disabled and not rows.up[1].disabled
    assert rows.up[1].tooltip == "Move up: the orders"
    rows.up[1].click()
    assert rows.said() == ("orders", "revenue", "leads", "visits")
    rows.down[0].click()
    assert rows.said() == ORDER[::-1]
    assert "Right." in answer(question, ORDER) and all(control.disabled for control in rows.controls)


def test_a_draft_is_judged(tmp_path: Path) -> None:
    question = to_fresh(player(tmp_path))[1]
    assert "A day is missing." in answer(question, {"kpi": "leads", "by": ""})
    assert "Until when?" in question.said.value
    assert "Both are there." in answer(question, {"kpi": "leads", "by": HOSTILE})
    assert HOSTILE not in question.said.value


def test_options_stand_in_another_order_for_a_neighbour(tmp_path: Path) -> None:
    orders = {
        tuple(key for _words, key in player(tmp_path, name).predict.questions[0].field.radio.options)
        for name in "ABCDEFGHIJ"
    }
    assert len(orders) > 2
    first, second = (player(tmp_path, name).predict.questions[0].field.radio.options for name in ("Anna", " anna "))
    assert first == second


# What is kept


def test_a_lesson_goes_on_where_it_was_left(tmp_path: Path) -> None:
    view = player(tmp_path)
    question = to_blank(view)
    answer(question, "200 %")
    answer(question, "300 %")
    again = player(tmp_path)
    assert again.row.value == view.row.value and "All" in again.predict.questions[0].said.value
    reopened = again.blank.questions[0]
    assert reopened.said.value == question.said.value and reopened.field.text.value == "300 %"
    assert reopened.see.layout.display == ""
    reopened.see.click()
    assert "The solution" in player(tmp_path).blank.questions[0].said.value


def test_another_name_begins_another_sitting(tmp_path: Path) -> None:
    view = player(tmp_path)
    to_blank(view)
    root = view.predict.root
    view.name.value = "Boris"
    assert done(view) == [False] * 7 and view.predict.root is root
    assert 'class="locked"' in shown(view, "blank")
    predict(view, "some")
    view.name.value = "Anna "
    assert view.sitting.prediction == "all" and "What is the return?" in shown(view, "blank")
    assert len({path.name for path in tmp_path.glob("*.json")}) == 2


def test_answers_to_other_questions_are_not_taken_up(tmp_path: Path) -> None:
    to_blank(player(tmp_path))
    for change in ({"answer": "none"}, {"slips": ()}, {"options": PREDICT.options[:2]}):
        other = replace(SCRIPT, predict=replace(PREDICT, **change))
        assert done(player(tmp_path, script=other)) == [False] * 7
    other = replace(SCRIPT, blank=replace(BLANK, answer=0.6))
    answer(player(tmp_path).blank.questions[0], "50 %")
    assert done(player(tmp_path, script=other)) == [True, True] + [False] * 5


def test_answers_are_taken_up_in_another_language_and_after_a_text_was_mended(tmp_path: Path) -> None:
    to_fresh(player(tmp_path))
    options = tuple(replace(option, words=f"«{option.words}»") for option in PREDICT.options)
    other = replace(
        SCRIPT, predict=replace(PREDICT, text="Что заработано?", options=options, given=Markup("<p>")),
        explore=replace(SCRIPT.explore, task="Двигайте"), blank=replace(BLANK, text="Какова отдача?", hints=()),
    )  # fmt: skip
    use_language("ru")
    view = player(tmp_path, script=other)
    assert done(view) == [True] * 5 + [False] * 2 and "«All»" in shown(view, "predict")


def test_an_answer_that_may_mean_the_same_is_a_try_of_its_own(tmp_path: Path) -> None:
    question = to_blank(player(tmp_path))
    for said in ("0,2", "20 %", "0,2 %"):
        answer(question, said)
    assert len(question._asked.said) == 3


def test_of_many_answers_the_last_ones_are_taken_up_and_quickly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = to_blank(player(tmp_path))
    answer(question, "200 %")
    path = progress_file("Anna", tmp_path)
    data = json.loads(path.read_text("utf-8"))
    *begun, wrong = data["lessons"]["made"]
    many = [wrong | {"said": str(1000 + n)} for n in range(REPLAYED * 3)]
    data["lessons"]["made"] = [*begun, *many, wrong | {"said": "50 %"}]
    path.write_text(json.dumps(data), "utf-8")
    read: list[str] = []

    def count(said: str, *more: str) -> set[float]:
        read.append(said)
        return read_answer(said, *more)

    for module in (sitting, questions):
        monkeypatch.setattr(module, "read_answer", count)
    view = player(tmp_path)
    asked = view.sitting.asked["blank"][0]
    assert asked.right and len(asked.said) == REPLAYED and len(read) <= 2 * REPLAYED


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kpi": "leads"},
        {"kpi": "x", "by": "May"},
        {"kpi": "leads", "by": "May", "more": ""},
        {"kpi": "", "by": "!"},
    ],
)
def test_a_form_from_a_file_holds_only_what_it_offers(tmp_path: Path, said: Any) -> None:
    def judge(form: Mapping[str, str]) -> Verdict:
        return Verdict({"leads": True, "visits": False}[form["kpi"]])

    script = replace(SCRIPT, fresh=[replace(DRAFT, judge=judge)])
    view = player(tmp_path, script=script)
    answer(to_blank(view), "50 %")
    answer(view.fresh.questions[0], {"kpi": "visits", "by": "May"})
    path = progress_file("Anna", tmp_path)
    data = json.loads(path.read_text("utf-8"))
    data["lessons"]["made"][-1]["said"] = said
    path.write_text(json.dumps(data), "utf-8")
    assert player(tmp_path, script=script).sitting.asked["fresh"][0].said == []


def test_the_first_of_two_pages_locks_the_prediction(tmp_path: Path) -> None:
    first, second = player(tmp_path), player(tmp_path)
    predict(first, "some")
    predict(second, "all")
    assert second.sitting.prediction == "some"
    assert "Your answer is locked in:</strong> Some" in second.predict.questions[0].said.value
    kept = Progress(progress_file("Anna", tmp_path), "Anna").tries("made")
    assert [(one.step, one.said) for one in kept] == [("predict", "some")]


def test_a_fault_is_over_once_everything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    view = player(tmp_path)
    for _n in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(progress, "write_safely", full)
            view.sitting.explored = False
            view.sitting.explore()
            assert "the disk is full" in str(view.sitting.fault)
        predict(view) if view.sitting.prediction is None else view.sitting.answer(view.sitting.asked["blank"][0], "7")
        view._follow()
        assert view.sitting.fault is None and view.said.value == ""


def test_new_exports_are_seen_at_once(tmp_path: Path) -> None:
    folder = copy_files(SAMPLE / "northlight", tmp_path, ["google_ads_campaigns.csv"])
    first = figures_of(folder)
    assert figures_of(folder) is first
    copy_files(SAMPLE / "northlight", tmp_path, ["shopify_orders.csv"])
    second = figures_of(folder)
    assert not first.value("orders", first.months[-1]) > 0 < second.value("orders", second.months[-1])
    (folder / "notes.csv").write_text("a;b\n", "utf-8")
    third = figures_of(folder)
    (folder / "notes.csv").write_text("c;d\n", "utf-8")
    os.utime(folder / "notes.csv", ns=(1, 1))
    assert len({id(one) for one in (second, third, figures_of(folder))}) == 3


def test_a_fault_of_the_kit_shows_where_if_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def compose(figures: Figures) -> Script:
        if figures.name != "Northlight":
            raise IndexError("no such month")
        return SCRIPT

    lesson = Made(3, "made", "Goals before numbers", (), script=compose)
    for debug, lines in (("", 0), ("1", 1)):
        monkeypatch.setenv("KPI_DEBUG", debug)
        compose_lesson(lesson, str(SAMPLE / "severny_svet"), "Anna")
        assert capsys.readouterr().err.count("IndexError: no such month") == lines


def test_a_doubled_name_of_a_misconception_is_refused() -> None:
    row = MISCONCEPTIONS["revenue_as_profit"]
    with pytest.raises(ValueError, match="twice"):
        _united([{"once": row, "twice": row}, {"twice": row}])


def test_a_wrong_way_that_can_be_read_as_the_answer_is_not_clear() -> None:
    one = Number(text="How many?", answer=1.234, rounding=0.001, slips=(Slip("revenue_as_profit", 1234.0),))
    assert not replace(one, rounding=1.0, answer=1.0, slips=(Slip("revenue_as_profit", 1000.0),)).is_clear
    share = replace(one, answer=0.5, style="share", rounding=0.01, slips=(Slip("revenue_as_profit", 0.75),))
    assert share.is_clear and not replace(share, rounding=0.001, slips=(Slip("revenue_as_profit", 0.005),)).is_clear


@pytest.mark.parametrize("said", ["x", ["all"], {"all": "all"}, "", "some" * 100, HOSTILE])
def test_a_file_of_answers_is_not_believed(tmp_path: Path, said: Any) -> None:
    view = player(tmp_path)
    to_fresh(view)
    path = progress_file("Anna", tmp_path)
    data = json.loads(path.read_text("utf-8"))
    for kept in data["lessons"]["made"]:
        kept["said"], kept["right"] = said, True
    path.write_text(json.dumps(data), "utf-8")
    assert done(player(tmp_path)) == [False] * 7


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"lessons": 5}'])
def test_a_foreign_file_is_put_aside_and_the_lesson_goes_on(tmp_path: Path, content: bytes) -> None:
    path = progress_file("Anna", tmp_path)
    path.write_bytes(content)
    view = player(tmp_path)
    assert "aside" in view.said.value and "not kept" not in view.said.value
    to_blank(view)
    assert player(tmp_path).sitting.prediction == "all"
    assert content in [file.read_bytes() for file in tmp_path.iterdir()]


def test_where_nothing_can_be_kept_it_is_said_and_the_lesson_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    view = player(tmp_path / "file" / "progress")
    predict(view)
    said = view.said.value
    assert "Your answers are not kept" in said
    view.explore.trial.controls["share"].value = 0.3
    assert "Right." in answer(view.blank.questions[0], "50 %")
    assert view.said.value == said and done(view)[:5] == [True] * 5


# What is shown of it


def test_names_and_texts_are_escaped(tmp_path: Path) -> None:
    hostile = replace(
        SCRIPT, blank=replace(BLANK, text=HOSTILE, hints=(HOSTILE,)), example=[Step(HOSTILE, HOSTILE, HOSTILE)],
        explain=lambda said: [HOSTILE], remember=[HOSTILE],
    )  # fmt: skip
    view = player(tmp_path, HOSTILE, hostile)
    answer(to_blank(view), "200 %")
    words = "".join(shown(view, step) + getattr(view, step).still() for step in STEPS)
    assert HOSTILE not in words + view.head.value + view.said.value + view.still() and "&lt;img src=x" in words


def test_dollars_are_not_typeset(tmp_path: Path) -> None:
    view = player(tmp_path)
    for one in (view, *view.steps.values()):
        assert "tex2jax_ignore" in one._repr_mimebundle_()[STILL_TYPE]


def test_names_of_controls_are_not_typeset(tmp_path: Path) -> None:
    controls = [
        Slider("share", "From $1 to $2", 0.0, 1.0, 0.1, 0.2),
        Pick("what", "$1 or $2", {"a": "A"}),
        Run("again", "Go"),
    ]
    view = player(tmp_path, script=replace(SCRIPT, explore=replace(SCRIPT.explore, controls=controls)))
    predict(view)
    names = [view.explore.trial.controls[key].description for key in ("share", "what")]
    assert names == ["From ＄1 to ＄2", "＄1 or ＄2"]


def test_on_paper_a_lesson_is_a_hand_out_without_solutions(tmp_path: Path) -> None:
    view = player(tmp_path)
    answer(to_blank(view), "50 %")
    paper = {step: re.sub(r"<style.*?</style>", "", getattr(view, step).still(), flags=re.S) for step in STEPS}
    whole = "".join(paper.values())
    assert "What was earned?" in paper["predict"] and "<li>All</li>" in paper["predict"]
    assert "Share: 20%" in paper["explore"] and "What: First" in paper["explore"] and "<img" in paper["explore"]
    assert "300 / 100" in paper["example"] and "What is the return?" in paper["blank"]
    assert "<li>the visits</li>" in paper["fresh"] and "<li>KPI: Leads / Visits</li>" in paper["fresh"]
    for word in ("50 / 100", "Half of it", "Plainest", "Ask what stays", "locked", "You said", "Check", "<input"):
        assert word not in whole
    order = re.findall(r"the (\w+)</li>", paper["fresh"])
    assert sorted(order) == sorted(ORDER) and tuple(order) != ORDER
    assert "hand-out" in view.still() and "change the choice" not in view.still() + whole


def test_each_kind_of_box_has_shape_and_word() -> None:
    for kind in ("right", "not-yet", "shown", "kept", "unread"):
        assert re.search(r'class="shape" aria-hidden="true">.</span><div><p><strong>Word', box(kind, "Word"))


def test_answers_come_in_the_language_that_the_lesson_was_opened_in(tmp_path: Path) -> None:
    use_language("ru")
    right, head = _("Right."), _("Lock in my answer")
    view = player(tmp_path)
    use_language("en")
    assert view.predict.questions[0].send.description == head
    assert right in answer(to_blank(view), "50 %")


# Whose numbers


def test_the_learners_own_numbers_are_used_where_they_suffice() -> None:
    opened = compose_lesson(made(), str(SAMPLE / "severny_svet"), "Anna")
    assert opened.figures.currency == "RUB" and "made-up" in opened.said and "not used" not in opened.said


def test_without_a_folder_the_sample_of_the_language_is_used() -> None:
    assert compose_lesson(made(), "", "Anna").figures.currency == "USD"
    use_language("ru")
    assert compose_lesson(made(), "", "Anna").figures.currency == "RUB"


def test_a_folder_that_lacks_something_is_named_with_the_reason(tmp_path: Path) -> None:
    def compose(figures: Figures) -> Script:
        if len(figures.months) < 5 or figures.currency == "USD":
            raise Lacking("no months.")
        return SCRIPT

    lesson = Made(3, "made", "Goals before numbers", (), script=compose)
    opened = compose_lesson(lesson, str(tmp_path / "none"), "Anna")
    assert "none" in opened.said and "there is no folder" in opened.said and opened.figures.currency == "RUB"
    ads = copy_files(SAMPLE / "northlight", tmp_path, ["google_ads_campaigns.csv"])
    opened = compose_lesson(lesson, str(ads), "Anna", "USD")
    assert "no months." in opened.said and opened.figures.currency == "RUB"


def test_a_fault_in_the_learners_folder_is_said_and_in_a_sample_is_raised(tmp_path: Path) -> None:
    def compose(figures: Figures) -> Script:
        if figures.name != "Northlight":
            raise IndexError("no such month")
        return SCRIPT

    lesson = Made(3, "made", "Goals before numbers", (), script=compose)
    opened = compose_lesson(lesson, str(SAMPLE / "severny_svet"), "Anna")
    assert "a fault of the kit: IndexError: no such month" in opened.said
    use_language("ru")
    with pytest.raises(IndexError):
        compose_lesson(lesson, "", "Anna")


def test_no_sample_suffices() -> None:
    def refuse(figures: Figures) -> Script:
        raise Lacking("no margin.")

    with pytest.raises(KitError, match="no margin"):
        compose_lesson(Made(3, "made", "Goals before numbers", (), script=refuse), "", "Anna")


def test_a_written_lesson_opens(tmp_path: Path) -> None:
    view = open_lesson("honest_roi", SAMPLE / "northlight", progress=tmp_path)
    assert view.title == "5. ROI without self-deception" and str(len(LESSONS)) in view.head.value
    assert "Northlight, a made-up company, up to October 2026" in view.head.value
    with pytest.raises(KitError, match="no lesson"):
        open_lesson("roii", progress=tmp_path)
