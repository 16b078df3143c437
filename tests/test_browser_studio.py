"""The goal studio in JupyterLab, Voila and Chromium: by keyboard, in both languages, saved, exported, on a phone."""

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kpi_helpers.goals import FINAL_GOALS
from tests.browsers import (
    DESK,
    PATIENCE,
    SOURCE,
    WORDS,
    Lab,
    changed,
    choose,
    complaints,
    copy_notebook,
    cut_off,
    load_notebook,
    open_notebook,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]
STUDIO = ".kpi-studio"
PICTURE, CHANCE, SMART = f"{STUDIO} figure img", f"{STUDIO} .live .word", f"{STUDIO} ul.smart"
CONTROLS = f"{STUDIO} :is(select, input, button, .noUi-handle)"
FINAL, KPI, SCOPE, OWNER, MONTH, DEADLINE, COUNTS, PROFILE = range(8)
FIRST_GOAL = next(iter(FINAL_GOALS))
COMPANIES = {"en": ("northlight", "notebooks/explore"), "ru": ("severny_svet", "notebooks/ru/explore")}
PHONE = {"width": 400, "height": 1400}
# What is loaded: an image that cannot be shown has no size.
SHOWN = "selector => [...document.querySelectorAll(selector)].some(i => i.complete && i.naturalWidth > 300)"
# The kernel has taken the last of the moves: what it wrote beside the slider is where the handle stands.
SETTLED = """([number, handle]) =>
    Number(document.querySelector(number).value) === Number(document.querySelector(handle).ariaValueNow)"""
# The places, among the controls that are seen, of the one that has the focus.
FOCUS = """selector => [...document.querySelectorAll(selector)].filter(e => e.offsetParent !== null)
    .indexOf(document.activeElement)"""


@pytest.fixture(scope="module")
def place(root: Path, sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the studio in each language, each over a copy of its own of a company."""
    folder = tmp_path_factory.mktemp("studio")
    for lang, (company, notebooks) in COMPANIES.items():
        shutil.copytree(sample_dir / company, folder / company)
        copy_notebook(root / notebooks / "set_goals.ipynb", folder / f"{lang}.ipynb", data_dir=str(folder / company))
    return folder


def open_studio(chromium: Any, server: Lab, kind: str, name: str, size: dict[str, int] = DESK) -> Any:
    """A page with the studio, once its picture is there."""
    return open_notebook(chromium, server, kind, name, f"{PICTURE}[src]", size)


def control(page: Any, place: int) -> Any:
    """A drop-down of the form by its place."""
    return page.locator(f"{STUDIO} .widget-dropdown select").nth(place)


def handle(page: Any) -> Any:
    return page.locator(f"{STUDIO} .noUi-handle")


def target(page: Any) -> Any:
    return page.locator(f"{STUDIO} .kpi-form").nth(2).locator("input")


def numbers(text: str) -> list[int]:
    """Whole numbers as they are written, with any space or comma between the thousands."""
    return [int(re.sub(r"\D", "", number)) for number in re.findall(r"\d(?:[\s,]?\d)*", text)]


def saved_goal(folder: Path, start: str) -> dict[str, str]:
    with open(folder / "goals.csv", encoding="utf-8-sig", newline="") as file:
        found = [row for row in csv.DictReader(file) if (row["kpi"], row["start"]) == ("leads", start)]
    (row,) = [row for row in found if row["scope"] == "company"]
    return row


BOTH = [("lab", "en"), ("voila", "ru")]


@pytest.mark.parametrize(("server", "kind", "lang"), [(k, k, lang) for k, lang in BOTH], indirect=["server"])
def test_a_goal_of_a_year_is_set_by_keyboard_and_saved(
    chromium: Any, server: Lab, kind: str, lang: str, place: Path
) -> None:
    page, company = open_studio(chromium, server, kind, lang), place / COMPANIES[lang][0]
    assert saved_goal(company, "2026-11-01")["deadline"] == "2026-11-30"
    kpis = control(page, KPI).locator("option")
    assert kpis.first.inner_text().startswith("★")  # the saved goal names its final goal
    changed(page, SMART, WORDS, lambda: control(page, FINAL).select_option(index=0))
    assert not kpis.first.inner_text().startswith("★")
    changed(page, SMART, WORDS, lambda: control(page, FINAL).select_option(index=1))
    assert kpis.first.inner_text().startswith("★")
    control(page, KPI).select_option(label=next(text for text in kpis.all_inner_texts() if re.search("Lead|Лид", text)))

    picture, smart = page.locator(PICTURE).get_attribute("src"), page.locator(SMART).inner_text()
    before = float(target(page).input_value())
    handle(page).focus()
    changed(page, CHANCE, WORDS, lambda: [page.keyboard.press("ArrowRight") for _step in range(5)])
    page.wait_for_function("([s, old]) => document.querySelector(s).src !== old", arg=[PICTURE, picture])
    page.wait_for_function("([s, old]) => document.querySelector(s).innerText !== old", arg=[SMART, smart])
    page.wait_for_function(SETTLED, arg=[f"{STUDIO} .kpi-form input", f"{STUDIO} .noUi-handle"])
    assert float(target(page).input_value()) > before
    assert page.evaluate(SHOWN, PICTURE)

    changed(page, PICTURE, SOURCE, lambda: control(page, DEADLINE).select_option(index=11))
    assert not page.locator(f"{STUDIO} table.data tfoot").count()
    months = f"{STUDIO} table.data:has(tfoot)"
    control(page, COUNTS).select_option(index=1)
    page.wait_for_selector(months)
    year = int(float(target(page).input_value())) + 37
    target(page).fill(str(year))
    changed(page, months, WORDS, lambda: target(page).press("Enter"))
    parts = [numbers(text)[0] for text in page.locator(f"{months} tbody td:nth-child(2)").all_inner_texts()]
    assert len(parts) == 12 and sum(parts) == year
    assert numbers(page.locator(f"{months} tfoot").inner_text())[0] == year
    chance = re.search(r"[\d<>].*%", page.locator(CHANCE).inner_text().split(":")[1])
    assert chance and chance[0] in page.locator(SMART).inner_text(), "one goal has one chance"

    target(page).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{STUDIO} p[role=status]")
    row = saved_goal(company, "2026-11-01")
    assert (row["target"], row["deadline"], row["counts"]) == (str(year), "2027-10-31", "total")
    assert row["final_goal"] == FIRST_GOAL
    assert complaints(page) == []
    page.close()


@pytest.mark.parametrize(("server", "kind", "lang"), [("voila", "voila", "en"), ("lab", "lab", "ru")],
                         indirect=["server"])  # fmt: skip
def test_tab_reaches_every_control_in_order(chromium: Any, server: Lab, kind: str, lang: str) -> None:
    page = open_studio(chromium, server, kind, lang)
    control(page, MONTH).focus()
    changed(page, PICTURE, SOURCE, lambda: control(page, DEADLINE).select_option(index=3))
    there = page.evaluate(
        "s => [...document.querySelectorAll(s)].filter(e => e.offsetParent !== null).length", CONTROLS
    )
    assert there >= 11  # seven drop-downs, slider, number, Save, and a rate
    control(page, FINAL).focus()
    reached = [page.evaluate(FOCUS, CONTROLS)]
    for _control in range(there - 1):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUS, CONTROLS))
    assert reached == list(range(there))
    assert cut_off(page, STUDIO, least=60) == []
    page.close()


@pytest.mark.parametrize("lang", COMPANIES)
def test_the_studio_fits_a_phone(chromium: Any, voila: Lab, lang: str) -> None:
    page = open_studio(chromium, voila, "voila", lang, PHONE)
    changed(page, PICTURE, SOURCE, lambda: control(page, DEADLINE).select_option(index=8))
    control(page, COUNTS).select_option(index=1)
    page.wait_for_selector(f"{STUDIO} table.data tfoot")
    assert cut_off(page, STUDIO, least=60) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.evaluate(f"document.querySelector('{STUDIO} .picture').scrollWidth") > PHONE["width"], "legible"
    page.close()


def test_a_saved_notebook_shows_the_picture_without_a_kernel(
    chromium: Any, lab: Lab, place: Path, tmp_path: Path
) -> None:
    notebook = place / "saved.ipynb"
    shutil.copy(place / "en.ipynb", notebook)
    page = open_studio(chromium, lab, "lab", "saved")
    choose(page, "docmanager:save")
    for _half_second in range(PATIENCE // 500):
        if nbformat.read(notebook, as_version=4).cells[-1].outputs:
            break
        page.wait_for_timeout(500)
    page.close()
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(tmp_path), str(notebook)]
    subprocess.run(command, check=True, capture_output=True)
    exported = chromium.new_page(viewport=DESK)
    exported.goto((tmp_path / "saved.html").as_uri(), wait_until="domcontentloaded")
    exported.wait_for_function(SHOWN, arg=".kpi figure img")
    assert exported.locator("ul.smart li").count() == 5
    assert "model not found" not in exported.inner_text("body")
    exported.close()


def test_a_notebook_that_was_not_run_is_whole(chromium: Any, lab: Lab, place: Path, root: Path) -> None:
    copy_notebook(root / "notebooks/explore/set_goals.ipynb", place / "unrun.ipynb")
    page = chromium.new_page(viewport=DESK)
    page.set_default_timeout(PATIENCE)
    load_notebook(page, lab, "unrun")
    assert page.locator(".jp-RenderedMarkdown h1").inner_text().startswith("Set goals")
    assert not page.locator(f"{STUDIO}, .jp-OutputArea-output").count()
    assert complaints(page) == []
    page.close()
