"""The notebooks on money, customers, brand and chance: each runs whole in JupyterLab and answers."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import Lab, complaints, copy_notebook, open_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COMPANIES = {"en": ("northlight", "notebooks/explore"), "ru": ("severny_svet", "notebooks/ru/explore")}
OUTPUT = ".jp-OutputArea-output"
SLIDER, CHOICE = f"{OUTPUT} .noUi-handle", f"{OUTPUT} .widget-dropdown select"
PICTURE = f"{OUTPUT} .widget-html figure img"
# The control that is moved, and the key; a drop-down is set, for JupyterLab keeps its arrow keys to itself.
NOTEBOOKS = {
    "returns": (SLIDER, "ArrowRight"),
    "budget": (SLIDER, "ArrowRight"),
    "customers": (CHOICE, ""),
    "brand_and_market": (CHOICE, ""),
    "is_it_real": (SLIDER, "ArrowRight"),
}
# All cells have run.
RUN = """() => { const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
    return prompts.length > 0 && prompts.every(e => /\\d/.test(e.innerText)) }"""
# What the view says and shows, without a control's own readout.
SAID = """selector => [...document.querySelectorAll(selector)].map(e => e.innerText).join('|')"""
SHOWN = """selector => [...document.querySelectorAll(selector)].map(e => e.src).join('|')"""
LOADED = "selector => [...document.querySelectorAll(selector)].every(i => i.complete && i.naturalWidth > 300)"


@pytest.fixture(scope="module")
def place(root: Path, sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the notebooks in each language, all over a copy of that language's company."""
    folder = tmp_path_factory.mktemp("views")
    for lang, (company, notebooks) in COMPANIES.items():
        shutil.copytree(sample_dir / company, folder / company)
        for name in NOTEBOOKS:
            source = root / notebooks / f"{name}.ipynb"
            copy_notebook(source, folder / f"{name}_{lang}.ipynb", data_dir=str(folder / company))
    return folder


def move(page: Any, name: str) -> None:
    """Move the control; wait until words and picture have followed."""
    control, key = NOTEBOOKS[name]
    words, picture = page.evaluate(SAID, f"{OUTPUT} .widget-html"), page.evaluate(SHOWN, PICTURE)
    if key:
        page.locator(control).first.focus()
        page.keyboard.press(key)
    else:
        page.locator(control).first.select_option(index=1)
    for read, selector, before in ((SAID, f"{OUTPUT} .widget-html", words), (SHOWN, PICTURE, picture)):
        page.wait_for_function(f"([selector, before]) => ({read})(selector) !== before", arg=[selector, before])
    page.wait_for_function(LOADED, arg=PICTURE)


@pytest.mark.parametrize("lang", COMPANIES)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_notebook_runs_whole_and_answers(chromium: Any, lab: Lab, name: str, lang: str) -> None:
    page = open_notebook(chromium, lab, "lab", f"{name}_{lang}", f"{PICTURE}[src]")
    page.wait_for_function(RUN)
    assert complaints(page) == []
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    move(page, name)
    assert complaints(page) == [] and said == []
    assert page.locator("mjx-container").count() == 0, "amounts in dollars are typeset as mathematics"
    page.close()


@pytest.mark.parametrize("lang", COMPANIES)
def test_voila_shows_the_test_planner(chromium: Any, voila: Lab, lang: str) -> None:
    page = open_notebook(chromium, voila, "voila", f"is_it_real_{lang}", f"{PICTURE}[src]")
    move(page, "is_it_real")
    assert complaints(page) == []
    page.close()
