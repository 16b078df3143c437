"""The view to set pay in JupyterLab, Voila and Chromium: by keyboard, in both languages, saved, on a phone."""

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import DESK, SOURCE, WORDS, Lab, changed, complaints, copy_notebook, cut_off, open_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
VIEW = ".kpi-pay"
PICTURE, SAID, ROW = f"{VIEW} figure img", f"{VIEW} p.kpi-pay-said", f"{VIEW} .kpi-pay-row"
PHONE = {"width": 400, "height": 2400}
COMPANIES = {"en": ("northlight", "notebooks/explore"), "ru": ("severny_svet", "notebooks/ru/explore")}


@pytest.fixture(scope="module")
def place(root: Path, sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the notebook in each language, each over a copy of its own of a company."""
    folder = tmp_path_factory.mktemp("pay")
    for lang, (company, notebooks) in COMPANIES.items():
        shutil.copytree(sample_dir / company, folder / company)
        source = root / notebooks / "team_scorecard.ipynb"
        copy_notebook(source, folder / f"{lang}.ipynb", data_dir=str(folder / company))
    return folder


def open_view(chromium: Any, server: Lab, kind: str, lang: str, size: dict[str, int] = DESK) -> Any:
    """A page with the view, once its picture is there."""
    return open_notebook(chromium, server, kind, lang, f"{PICTURE}[src]", size)


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
    assert cut_off(page, VIEW) == []
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
    page = open_view(chromium, voila, "voila", lang, PHONE)
    assert cut_off(page, VIEW) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.close()
