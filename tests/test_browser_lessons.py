"""A whole lesson in JupyterLab, Voila and Chromium: predicted, tried, answered wrong and right, and kept."""

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kpi_helpers import open_lesson, use_language
from kpi_helpers.lessons.script import Script
from kpi_helpers.widgets.spoken import Spoken
from tests.browsers import Lab, changed, complaints, copy_notebook, cut_off, open_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LESSON, LEARNER = "05_honest_roi", "Anna"
COMPANIES = {"en": ("northlight", "notebooks/lessons"), "ru": ("severny_svet", "notebooks/ru/lessons")}
BOTH = [("lab", "en"), ("voila", "ru")]
WIDE, SPAN = {"width": 1600, "height": 900}, 20  # the margins of a cell are not the same on both sides
STEPS = ("head", "predict", "explore", "explain", "example", "blank", "fresh", "leave")
PICTURE = ".kpi-lesson .picture img"
SOURCE = "e => e.src"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def place(root: Path, sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the lesson in each language; what is answered is kept in it, too."""
    folder = tmp_path_factory.mktemp("lessons")
    for lang, (company, notebooks) in COMPANIES.items():
        target = folder / f"{lang}.ipynb"
        given = {"data_dir": str(sample_dir / company), "lang": lang, "learner": LEARNER}
        copy_notebook(root / notebooks / f"{LESSON}.ipynb", target, **given)
        keep_in(target, folder / f"progress_{lang}")
    return folder


def keep_in(notebook: Path, folder: Path) -> None:
    """Let the notebook keep the answers in a folder of the test's own."""
    cells = nbformat.read(notebook, as_version=4)
    (cell,) = [cell for cell in cells.cells if "open_lesson(" in cell.source]
    cell.source = cell.source.replace("learner=learner", f"learner=learner, progress={str(folder)!r}")
    nbformat.write(cells, notebook)
    assert str(folder) in cell.source


@cache
def script_of(lang: str, sample: Path, folder: Path) -> Script:
    """What the page asks, composed here."""
    use_language(lang)
    return open_lesson(LESSON, sample / COMPANIES[lang][0], learner=LEARNER, progress=folder).sitting.script


def step(page: Any, name: str) -> Any:
    return page.locator(".kpi-lesson").nth(STEPS.index(name))


def words(found: Any) -> str:
    return " ".join(found.inner_text().split())


def plain(text: str) -> str:
    return " ".join(text.split())


def percent(share: float) -> str:
    return f"{share * 100:.0f} %".replace("-", "−")


def write(question: Any, number: float) -> str:
    """Answer by the keyboard; what is said of it."""
    field = question.locator("input")
    field.fill(percent(number))
    before = question.locator(".said").inner_text() if question.locator(".said").count() else ""
    field.press("Enter")
    page = field.page
    page.wait_for_function(
        "([e, before]) => { const said = e.querySelector('.said'); return said && said.innerText !== before; }",
        arg=[question.element_handle(), before],
    )
    return words(question.locator(".said"))


def focused(page: Any) -> str:
    """The words that have the focus."""
    page.wait_for_function("document.activeElement.classList.contains('kpi-lesson-said')")
    return " ".join(page.evaluate("document.activeElement.innerText").split())


def named(found: Any) -> str:
    """The name that a screen reader gives an element by others."""
    ids = "e => e.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id).innerText).join(' ')"
    return plain(found.evaluate(ids))


def until(page: Any, holds: Callable[[], bool]) -> None:
    """Wait until it holds: what follows an answer reaches the page in several messages."""
    for _tenth in range(300):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()


def steps_done(page: Any) -> int:
    return int(page.locator(".kpi-lesson ol.steps li.done").count())


def wait_done(page: Any, number: int) -> None:
    page.wait_for_function("n => document.querySelectorAll('ol.steps li.done').length === n", arg=number)


@pytest.mark.parametrize(("server", "kind", "lang"), [(k, k, lang) for k, lang in BOTH], indirect=["server"])
def test_a_lesson_is_taken_and_kept(
    chromium: Any, server: Lab, kind: str, lang: str, sample_dir: Path, tmp_path: Path
) -> None:
    script = script_of(lang, sample_dir, tmp_path)
    page = open_notebook(chromium, server, kind, lang, ".kpi-lesson-options input")
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.wait_for_function("document.querySelectorAll('.kpi-lesson .locked').length === 6")
    assert steps_done(page) == 0 and not page.locator(".noUi-handle").count()

    # The prediction, by the keyboard
    predict = step(page, "predict")
    assert plain(script.predict.text) in words(predict)
    group = predict.locator("[role=radiogroup]")
    assert named(group) == plain(script.predict.text)
    assert predict.locator("[role=status]").count() == 1, "the place is there before the words"
    predict.locator("input").first.focus()
    page.keyboard.press("Space")
    predict.locator("input:checked").wait_for()
    predict.locator("button:visible").focus()
    page.keyboard.press("Enter")
    predict.locator(".said.kept").wait_for()
    until(page, lambda: not predict.locator("input:enabled").count() + predict.locator("button:visible").count())
    assert focused(page) == words(predict.locator(".said.kept"))

    # The experiment
    handle = step(page, "explore").locator(".noUi-handle")
    handle.wait_for()
    page.wait_for_selector(PICTURE)
    wait_done(page, 1)
    handle.focus()
    changed(page, PICTURE, SOURCE, lambda: page.keyboard.press("ArrowLeft"))
    wait_done(page, 2)
    reading = step(page, "explore").locator(".kpi-lesson-reading")
    assert named(handle) == plain(script.explore.controls[0].name) and "%" in words(reading)
    until(page, lambda: plain(handle.get_attribute("aria-valuetext")) == words(reading))
    until(page, lambda: not step(page, "explain").locator(".locked").count())
    until(page, lambda: step(page, "example").locator("table tbody tr").count() == len(script.example))

    # Wrong answers, their misconceptions and hints
    blank: Any = script.blank
    question = step(page, "blank").locator(".kpi-lesson-question")
    buttons = question.locator("button:visible")
    assert named(question.locator("input")).endswith(" %")
    for slip, hint in zip(blank.slips, blank.hints, strict=False):
        answered = write(question, slip.value)
        assert plain(blank.check(percent(slip.value)).words) in answered and plain(hint) in answered
        if hint == blank.hints[0]:
            until(page, lambda: buttons.count() == 1)
    buttons.nth(1).wait_for()
    assert plain(blank.solution) not in words(question)
    buttons.nth(1).click()
    question.locator(".said.shown").wait_for()
    assert plain(blank.solution) in words(question)
    wait_done(page, 5)

    # Right answers
    for number, asked in enumerate(script.fresh):
        question = step(page, "fresh").locator(".kpi-lesson-question").nth(number)
        assert plain(asked.because) in write(question, asked.answer)  # type: ignore[attr-defined]
        assert plain(asked.because) in focused(page)
    leave: Any = script.leave
    right = next(option.words for option in leave.options if option.key == leave.answer)
    labels = step(page, "leave").locator(".widget-radio-box label")
    labels.first.wait_for()
    next(label for label in labels.all() if words(label) == plain(right)).click()
    step(page, "leave").locator("button:visible").click()
    step(page, "leave").locator("ul.remember").wait_for()
    wait_done(page, 7)
    assert complaints(page) == [] and said == []
    assert page.locator("mjx-container").count() == 0, "amounts in dollars are typeset as mathematics"
    shown = words(step(page, "leave"))
    page.close()

    # Opened again
    page = open_notebook(chromium, server, kind, lang, ".kpi-lesson ul.remember")
    wait_done(page, 7)
    until(page, lambda: words(step(page, "leave")) == shown)
    step(page, "blank").locator(".said.shown").wait_for()
    step(page, "predict").locator(".said.kept").wait_for()
    name = step(page, "head").locator("input")
    name.fill("Boris")
    name.press("Enter")
    wait_done(page, 0)
    told = step(page, "head").locator(".kpi-lesson-said[role=status]").first
    answering = step(page, "head").locator(".kpi-lesson-learner")
    until(page, lambda: "Boris" in words(answering) and LEARNER in words(told))
    assert complaints(page) == []
    page.close()


@pytest.mark.parametrize(("server", "kind", "lang"), [("voila", "voila", "en")], indirect=["server"])
def test_a_lesson_fits_a_phone_and_stands_in_the_middle_of_a_wide_screen(
    chromium: Any, server: Lab, kind: str, lang: str
) -> None:
    page = open_notebook(chromium, server, kind, lang, ".kpi-lesson-options input", PHONE)
    name = step(page, "head").locator("input")
    name.fill("Vera")
    name.press("Enter")
    until(page, lambda: "Vera" in words(step(page, "head").locator(".kpi-lesson-learner")))
    wait_done(page, 0)
    page.wait_for_function("document.querySelectorAll('.kpi-lesson .locked').length === 6")
    step(page, "predict").locator("input:enabled").first.check()
    step(page, "predict").locator("button:visible").click()
    page.locator(".noUi-handle").focus()
    changed(page, PICTURE, SOURCE, lambda: page.keyboard.press("ArrowLeft"))
    step(page, "blank").locator("input").wait_for()
    assert cut_off(page, ".kpi-lesson", least=14) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(PICTURE).bounding_box()["width"] <= PHONE["width"]
    page.set_viewport_size(WIDE)
    until(page, lambda: abs(off_centre(page)) < SPAN)
    page.close()


def off_centre(page: Any) -> float:
    """How far to the right of the middle of the page the lesson stands; pixels."""
    place = page.locator(".kpi-lesson-question").first.bounding_box()
    return float(place["x"] + place["width"] / 2 - page.viewport_size["width"] / 2)


def test_arrows_are_named_by_their_row_and_an_open_control_keeps_the_focus(chromium: Any) -> None:
    page = chromium.new_page()
    page.set_content("""<div class="kpi-lesson"><i></i><div class="kpi-lesson-question"><p class="question">In order</p>
        <div class="kpi-lesson-order"><div class="kpi-lesson-row"><button title="Move up: Beta">▲</button></div></div>
        <button id="send">Check</button><div class="kpi-lesson-said"></div></div></div>""")
    module = base64.b64encode(str(Spoken._esm).encode()).decode()
    page.evaluate(
        "url => import(url).then(m => m.default.render({ el: document.querySelector('i') }))",
        f"data:text/javascript;base64,{module}",
    )
    assert page.get_by_role("group", name="In order").get_by_role("button", name="Move up: Beta").count() == 1
    page.evaluate("document.querySelector('.kpi-lesson-row button').title = 'Move up: Alpha'")
    page.get_by_role("button", name="Move up: Alpha").wait_for()
    page.focus("#send")
    page.evaluate("document.querySelector('.kpi-lesson-said').innerHTML = 'Not yet.'")
    page.wait_for_timeout(50)
    assert page.evaluate("document.activeElement.id") == "send"
    page.evaluate("document.querySelector('#send').style.display = 'none'")
    assert focused(page) == "Not yet."
    page.close()
