"""The tree of KPIs in Voila and Chromium: by keyboard, in both languages, on a phone, and as it is printed."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import DESK, WORDS, Lab, changed, complaints, copy_notebook, open_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TREE = ".kpi-tree"
PICTURE, DETAILS, TOP = f"{TREE} figure img", f"{TREE} .node-details", f"{TREE} .tree .card"
COMPANIES = {"en": "northlight", "ru": "severny_svet"}
PHONE = {"width": 400, "height": 1400}
FACTORS = 1  # the place of the conversion among the sliders
# Cards that reach beyond the tree, and those whose words reach beyond the card.
CUT = """tree => [...document.querySelectorAll(`${tree} .tree .card`)].filter(card => {
    const room = card.closest('.tree').getBoundingClientRect(), own = card.getBoundingClientRect()
    return own.right > room.right + 1 || card.scrollWidth > card.clientWidth + 1
}).map(card => card.innerText)"""
# Buttons that do not lie over their card.
ASTRAY = """tree => [...document.querySelectorAll(`${tree} .node`)].filter(node => {
    const [card, button] = ['.card', 'button'].map(name => node.querySelector(name).getBoundingClientRect())
    return Math.abs(card.x - button.x) > 2 || Math.abs(card.y - button.y) > 2 || Math.abs(card.width - button.width) > 4
}).length"""


@pytest.fixture(scope="module")
def place(root: Path, sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tree in each language, each over a copy of its own of a company."""
    folder = tmp_path_factory.mktemp("tree")
    for lang, company in COMPANIES.items():
        shutil.copytree(sample_dir / company, folder / company)
        source = root / "notebooks" / "explore" / "kpi_tree.ipynb"
        copy_notebook(source, folder / f"{lang}.ipynb", data_dir=str(folder / company), lang=lang)
    return folder


def open_tree(chromium: Any, voila: Lab, lang: str, size: dict[str, int] = DESK) -> Any:
    """A page with the tree, once the picture of a node is there."""
    return open_notebook(chromium, voila, "voila", lang, f"{PICTURE}[src]", size)


def choose_revenue(page: Any) -> None:
    """The longest tree on top: eleven cards from the revenue down, five of the ad cost share beside it."""
    page.locator(f"{TREE} select").nth(1).select_option(index=0)
    page.wait_for_function("([s, n]) => document.querySelectorAll(s).length === n", arg=[TOP, 16])


@pytest.mark.parametrize("lang", COMPANIES)
def test_the_tree_is_used_by_keyboard(chromium: Any, voila: Lab, lang: str) -> None:
    page = open_tree(chromium, voila, lang)
    buttons = page.locator(f"{TREE} .node button")
    assert page.evaluate(ASTRAY, TREE) == 0 and page.evaluate(CUT, TREE) == []
    names = buttons.all_inner_texts()
    assert len(names) == 8 and all(re.search(r"\d", name) for name in names)

    buttons.first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == names[1]  # the next card
    picture = page.locator(PICTURE).get_attribute("src")
    changed(page, DETAILS, WORDS, lambda: page.keyboard.press("Enter"))
    page.wait_for_function("([s, old]) => document.querySelector(s).src !== old", arg=[PICTURE, picture])
    assert page.locator(f"{DETAILS} math").count() == 1

    before = page.locator(TOP).first.inner_text()
    page.locator(f"{TREE} .leaves .noUi-handle").nth(FACTORS).focus()
    changed(page, TOP, WORDS, lambda: page.keyboard.press("ArrowRight"))  # of several the page may hold the last back
    assert "→" not in before and "→" in page.locator(TOP).first.inner_text()
    page.locator(f"{TREE} .leaves ~ .kpi-form button").first.focus()
    changed(page, TOP, WORDS, lambda: page.keyboard.press("Enter"))
    page.wait_for_function("([s, old]) => document.querySelector(s).innerText === old", arg=[TOP, before])

    choose_revenue(page)
    assert page.evaluate(ASTRAY, TREE) == 0 and page.evaluate(CUT, TREE) == []
    assert complaints(page) == []
    page.close()


@pytest.mark.parametrize("lang", COMPANIES)
def test_the_tree_fits_a_phone(chromium: Any, voila: Lab, lang: str) -> None:
    page = open_tree(chromium, voila, lang, PHONE)
    choose_revenue(page)
    assert page.evaluate(ASTRAY, TREE) == 0 and page.evaluate(CUT, TREE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    lefts = page.evaluate(f"[...document.querySelectorAll('{TOP}')].map(card => card.getBoundingClientRect().x)")
    assert lefts[0] < lefts[1] < lefts[2], "an outline: each level further to the right"
    page.close()
