"""The notebooks to explore, in JupyterLab and Chromium: they run, answer to mouse and keyboard, and save a goal."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import SOURCE, WORDS, Lab, changed, complaints, copy_notebook, open_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PICTURE = ".jp-OutputArea-output .widget-html figure img"


@pytest.fixture(scope="module")
def place(root: Path, sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copies of the notebooks and of a sample company."""
    folder = tmp_path_factory.mktemp("lab")
    data = folder / "northlight"
    shutil.copytree(sample_dir / "northlight", data)
    for name in ("channels", "set_goals"):
        copy_notebook(root / f"notebooks/explore/{name}.ipynb", folder / f"{name}.ipynb", data_dir=str(data))
    return folder


def dropdown(page: Any, place: int) -> Any:
    """A drop-down of the view by its place."""
    return page.locator(".jp-OutputArea-output .widget-dropdown select").nth(place)


def test_channels_are_explored(chromium: Any, lab: Lab) -> None:
    page = open_notebook(chromium, lab, "lab", "channels", f"{PICTURE}[src]")
    kpis = dropdown(page, 0)
    name = kpis.locator("option").nth(8).inner_text()
    changed(page, PICTURE, SOURCE, lambda: kpis.select_option(label=name))
    heads = ".jp-OutputArea-output .widget-html table.data thead"
    assert page.locator(heads).inner_text()
    first_row = ".jp-OutputArea-output .widget-html table.data tbody"
    changed(page, first_row, WORDS, lambda: dropdown(page, 1).select_option(index=1))
    handle = page.locator(".jp-OutputArea-output .noUi-handle").last
    handle.focus()
    changed(page, PICTURE, SOURCE, lambda: page.keyboard.press("ArrowLeft"))
    assert complaints(page) == []
    page.close()


def test_a_goal_is_set_and_saved(chromium: Any, lab: Lab) -> None:
    goals, row = lab.folder / "northlight" / "goals.csv", "leads,company,turnover,56,{},2026-11-01,2026-11-30"
    text = goals.read_text(encoding="utf-8")
    assert row.format("62") in text
    goals.write_text(text.replace(row.format("62"), row.format("62.5")), encoding="utf-8")  # between two steps
    page = open_notebook(chromium, lab, "lab", "set_goals", f"{PICTURE}[src]")
    status = ".jp-OutputArea-output .widget-html .live + p"
    picture = page.locator(PICTURE).get_attribute("src")
    page.locator(".jp-OutputArea-output .noUi-handle").focus()
    changed(page, status, WORDS, lambda: page.keyboard.press("ArrowRight"))
    page.wait_for_function("([s, old]) => document.querySelector(s).src !== old", arg=[PICTURE, picture])
    page.locator(".jp-OutputArea-output button.widget-button").click()
    page.wait_for_selector(".jp-OutputArea-output .widget-html p[role=status]", state="attached")
    assert goals.read_text(encoding="utf-8") == text.replace(row.format("62"), row.format("63.5"))
    number = page.locator(".jp-OutputArea-output .widget-text input").first
    for typed in ("65.5", "47.25", "81"):  # off the steps of the slider, below what it offers, and back
        number.fill(typed)
        changed(page, status, WORDS, lambda: number.press("Enter"))
        page.wait_for_timeout(500)  # time for the page to send a rounded number back
        assert float(number.input_value()) == float(typed)
    changed(page, status, WORDS, lambda: dropdown(page, 1).select_option(index=2))
    assert complaints(page) == []
    page.close()
