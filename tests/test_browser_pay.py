"""The view to set pay in JupyterLab, Voila and Chromium: by keyboard, in both languages, saved, on a phone."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_browser import (
    COMPLAINT,
    PATIENCE,
    SOURCE,
    WORDS,
    Lab,
    changed,
    choose,
    complaints,
    copy_notebook,
    find_chromium,
    start_lab,
    wait_for_kernel,
)
from tests.test_browser_start import OFFLINE, start_voila, until_used

pytestmark = [pytest.mark.browser, pytest.mark.slow]
VIEW = ".kpi-pay"
PICTURE, SAID, ROW = f"{VIEW} figure img", f"{VIEW} p.kpi-pay-said", f"{VIEW} .kpi-pay-row"
COMPANIES = {"en": ("northlight", "notebooks/explore"), "ru": ("severny_svet", "notebooks/ru/explore")}
# Controls that reach beyond the page or are too small to hit, and names that are cut off.
CUT = """view => [...document.querySelectorAll(`${view} :is(select, input, button)`)]
    .filter(e => e.offsetParent !== null && (e.getBoundingClientRect().right > innerWidth || e.offsetWidth < 30))
    .concat([...document.querySelectorAll(`${view} .widget-label`)]
    .filter(e => e.offsetParent !== null && e.scrollWidth > e.clientWidth)).map(e => e.outerHTML)"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser without windows and without a network."""
    path = find_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", OFFLINE]
        browser = play.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def place(root: Path, sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the notebook in each language, each over a copy of its own of a company."""
    folder = tmp_path_factory.mktemp("pay")
    for lang, (company, notebooks) in COMPANIES.items():
        shutil.copytree(sample_dir / company, folder / company)
        source = root / notebooks / "team_scorecard.ipynb"
        copy_notebook(source, folder / f"{lang}.ipynb", data_dir=str(folder / company))
    return folder


@pytest.fixture(scope="module")
def lab(chromium: Any, root: Path, place: Path) -> Iterator[Lab]:
    yield from until_used(*start_lab(place, root))


@pytest.fixture(scope="module")
def voila(chromium: Any, root: Path, place: Path) -> Iterator[Lab]:
    pytest.importorskip("voila")
    yield from until_used(*start_voila(place, root))


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Lab:
    return request.getfixturevalue(request.param)


def open_view(chromium: Any, server: Lab, kind: str, lang: str, width: int = 1280) -> Any:
    """A page with the view, once its picture is there."""
    page = chromium.new_page(viewport={"width": width, "height": 2400})
    page.set_default_timeout(2 * PATIENCE)
    if kind == "voila":
        page.goto(f"{server.address}/voila/render/{lang}.ipynb?token={server.token}")
    else:
        page.goto(f"{server.address}/lab/tree/{lang}.ipynb?token={server.token}&reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", state="attached")
        wait_for_kernel(page, server, f"{lang}.ipynb")
        choose(page, "runmenu:run-all")
    page.wait_for_selector(f"{PICTURE}[src], {COMPLAINT}", state="attached")
    assert complaints(page) == []
    return page


def rows_of(company: Path) -> list[dict[str, str]]:
    with open(company / "pay.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("server", "kind", "lang"), [("lab", "lab", "en"), ("voila", "voila", "ru")],
                         indirect=["server"])  # fmt: skip
def test_weights_are_moved_by_keyboard_and_saved(
    chromium: Any, server: Lab, kind: str, lang: str, place: Path
) -> None:
    page, company = open_view(chromium, server, kind, lang), place / COMPANIES[lang][0]
    before = rows_of(company)
    picture = page.locator(PICTURE).get_attribute("src")
    handles = page.locator(f"{ROW} .noUi-handle")
    handles.nth(0).focus()
    changed(page, SAID, WORDS, lambda: [page.keyboard.press("ArrowRight") for _step in range(5)])
    page.wait_for_function("([s, old]) => document.querySelector(s).src !== old", arg=[PICTURE, picture])
    handles.nth(1).focus()
    changed(page, PICTURE, SOURCE, lambda: [page.keyboard.press("ArrowLeft") for _step in range(5)])
    page.wait_for_function(f"() => /100\\s?%/.test(document.querySelector('{VIEW} .kpi-pay-sum strong').innerText)")
    assert page.evaluate(CUT, VIEW) == []
    page.locator(f"{VIEW} button.mod-primary").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{VIEW} p[role=status]")
    after = rows_of(company)
    moved = [float(row["weight"]) - float(old["weight"].rstrip(" %")) / 100
             for row, old in zip(after[:2], before[:2], strict=True)]  # fmt: skip
    assert moved == pytest.approx([0.05, -0.05])
    assert [row for row in after if row["owner"] == "sales"] == [row for row in before if row["owner"] == "sales"]
    assert complaints(page) == []
    page.close()


@pytest.mark.parametrize("lang", COMPANIES)
def test_the_view_fits_a_phone(chromium: Any, voila: Lab, lang: str) -> None:
    page = open_view(chromium, voila, "voila", lang, 400)
    assert page.evaluate(CUT, VIEW) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.close()
