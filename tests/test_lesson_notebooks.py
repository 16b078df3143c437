"""The notebooks of the course: one for each lesson, all alike, and every one runs on whatever folder it is given."""

import ast
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kpi_helpers.language import _, use_language
from kpi_helpers.lessons import LessonPlayer, open_lesson, sitting
from kpi_helpers.lessons.course import LESSONS, Lesson
from kpi_helpers.lessons.questions import TRIES, Choice, Draft, Field, Number, Order
from kpi_helpers.lessons.sitting import STEPS, Asked
from kpi_helpers.widgets.view import View

FOLDERS = {"en": Path("notebooks/lessons"), "ru": Path("notebooks/ru/lessons")}
NAMES = {"northlight": "Northlight", "severny_svet": "Северный свет"}
UNITS = {"share": "%", "pp": "pp"}
every_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=list(LESSONS))
every_language = pytest.mark.parametrize("lang", FOLDERS)


@pytest.fixture(autouse=True)
def progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own for what is answered."""
    monkeypatch.setattr(sitting, "FOLDER", tmp_path / "progress")
    return tmp_path / "progress"


def cells(lesson: Lesson, kind: str, lang: str = "en") -> dict[str, Any]:
    """The cells of a lesson's notebook by id."""
    notebook = nbformat.read(FOLDERS[lang] / f"{lesson.notebook}.ipynb", as_version=4)
    nbformat.validate(notebook)
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == kind}


# All alike


@every_language
def test_there_is_a_notebook_for_each_lesson_and_no_other(lang: str) -> None:
    found = sorted(path.name for path in FOLDERS[lang].glob("*.ipynb"))
    assert found == [f"{lesson.notebook}.ipynb" for lesson in LESSONS.values()]


@every_lesson
@every_language
def test_a_notebook_begins_with_number_title_and_minutes(lesson: Lesson, lang: str) -> None:
    use_language(lang)
    about = cells(lesson, "markdown", lang)["about"].source
    assert about.splitlines()[0] == f"# {lesson.number}. {_(lesson.title)}"
    assert re.search(rf"\b{lesson.minutes} (?:minutes|минут)\b", about.replace("\u00a0", " "))


@every_lesson
@every_language
def test_the_cells_of_all_notebooks_are_alike(lesson: Lesson, lang: str) -> None:
    def codes(one: Lesson) -> list[tuple[str, str]]:
        return [(name, cell.source.replace(f"open_lesson({one.number},", "open_lesson(N,"))
                for name, cell in cells(one, "code", lang).items()]  # fmt: skip

    def words(one: Lesson) -> list[str]:
        return [cell.source for name, cell in cells(one, "markdown", lang).items() if name != "about"]

    model = LESSONS["honest_roi"]
    assert codes(lesson) == codes(model)
    assert words(lesson) == words(model)
    assert [name for name, _source in codes(lesson)] == ["parameters", "open", *STEPS]
    assert not any(cell.outputs or cell.execution_count for cell in cells(lesson, "code", lang).values())


# They run


def run(lesson: Lesson, **parameters: str) -> Iterator[tuple[str, str]]:
    """Execute the notebook's code here: what each cell shows where no kernel runs, by the cell's id."""
    names: dict[str, Any] = {}
    for cell in cells(lesson, "code").values():
        *statements, last = ast.parse(cell.source).body
        exec(compile(ast.Module(statements, []), cell.id, "exec"), names)
        if not isinstance(last, ast.Expr):
            exec(compile(ast.Module([last], []), cell.id, "exec"), names)
            names |= parameters
            continue
        shown = eval(compile(ast.Expression(last.value), cell.id, "eval"), names)
        assert isinstance(shown, View)
        yield cell.id, unescape(shown._repr_mimebundle_()["text/html"])


@every_lesson
@pytest.mark.parametrize(("company", "lang"), [("northlight", "en"), ("severny_svet", "ru")])
def test_every_notebook_runs_on_both_samples(lesson: Lesson, company: str, lang: str, progress: Path) -> None:
    shown = dict(run(lesson, data_dir=f"data/sample/{company}", lang=lang, learner="Anna <b>"))
    assert list(shown) == ["open", *STEPS]
    assert NAMES[company] in shown["open"]
    assert _("The numbers of {folder} are not used here: {reason}").split("{")[0] not in shown["open"]
    assert "<img" in shown["explore"] or "<table" in shown["explore"]
    assert "<b>" not in shown["open"]
    assert not progress.exists(), "to look is no answer"


@every_lesson
@pytest.mark.parametrize("only", ["tiktok_overview.csv", "shopify_orders.csv"])
def test_a_folder_with_a_single_export_is_enough_to_begin(lesson: Lesson, only: str, tmp_path: Path) -> None:
    """What the folder lacks is said, and whose numbers are shown instead."""
    folder = tmp_path / "lone"
    folder.mkdir()
    sample = Path("data/sample/northlight")
    shutil.copy(sample / only, folder)
    company = (sample / "company.toml").read_text(encoding="utf-8")
    (folder / "company.toml").write_text(company.replace('"Northlight"', '"Lone Coffee"'), encoding="utf-8")
    shown = dict(run(lesson, data_dir=str(folder)))
    assert list(shown) == ["open", *STEPS]
    assert "a fault of the kit" not in shown["open"]
    if "Lone Coffee" not in shown["open"]:
        assert "The numbers of lone are not used here: " in shown["open"]
        assert re.search(f"The numbers: (?:{'|'.join(NAMES.values())}), a made-up company", shown["open"])
    else:
        assert only != "tiktok_overview.csv", "followers alone teach none of the lessons"


# They can be taken to their end


def answer(player: LessonPlayer, asked: Asked) -> None:
    """Answer rightly; a form, which has many right answers, is given up after the tries that it takes."""
    match asked.question:
        case Number(answer=right, style=style):
            percent = 100 if style in ("share", "pp") else 1
            player.sitting.answer(asked, f"{right * percent:.13f} {UNITS.get(style, '')}")
        case Choice(answer=right) | Order(answer=right):
            player.sitting.answer(asked, right)
        case Draft(fields=fields):
            for n in range(TRIES):
                player.sitting.answer(asked, {field.key: fill(field, n) for field in fields})
            if not asked.right:
                player.sitting.see(asked)


def fill(field: Field, n: int) -> str:
    """Something for a field of a form, for the try `n`."""
    options = list(field.options)
    return options[n % len(options)] if options else field.value or field.example.split(";")[0] or "1"


@every_lesson
def test_every_lesson_can_be_taken_to_its_end(lesson: Lesson, tmp_path: Path) -> None:
    player = open_lesson(lesson.number, "data/sample/northlight", learner="Anna", progress=tmp_path / "own")
    asked = player.sitting.asked
    predicted = asked["predict"][0].question
    player.sitting.lock("10" if isinstance(predicted, Number) else getattr(predicted, "answer", None))
    player.sitting.explore()
    for step in ("blank", "fresh", "leave"):
        for one in asked[step]:
            answer(player, one)
    player._follow()
    assert all(player.sitting.is_done(step) for step in STEPS)
    assert "disabled" not in player.row.value
    again = open_lesson(lesson.number, "data/sample/northlight", learner="Anna", progress=tmp_path / "own")
    assert all(again.sitting.is_done(step) for step in STEPS), "what was answered is remembered"
