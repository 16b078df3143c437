"""The goal studio: from a key on the slider to the new picture in JupyterLab, and the CPU of one redraw.

    python -m benchmarks.studio [--presses 40]

A real browser: a key is pressed, and the clock stops when the new picture is decoded. The kernel's part is measured
in this process: the CPU of one move of the slider, words, picture and tables together.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from kpi_helpers import read_exports, set_goals
from tests.browsers import copy_notebook, find_chromium, start_lab, wait_for
from tests.test_browser_studio import COUNTS, DEADLINE, PICTURE, STUDIO, control, handle, open_studio

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample" / "northlight"
# From the key to the new picture, decoded, by the browser's own clock.
WATCH = """selector => {
  const studio = document.querySelector(selector), seen = () => studio.querySelector("figure img");
  window.waited = [];
  document.addEventListener("keydown", () => {
    const start = performance.now(), before = seen().src;
    const look = new MutationObserver(async () => {
      if (!seen() || seen().src === before) return;
      look.disconnect();
      await seen().decode();
      window.waited.push(performance.now() - start);
    });
    look.observe(studio, { childList: true, subtree: true });
  }, true);
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presses", type=int, default=40)
    presses = parser.parse_args().presses
    print(f"load at the start: {os.getloadavg()[0]:.1f}\n")
    print("| goal | key to picture, ms: median | 95th percentile | redraw, CPU ms: median | 95th percentile |")
    print("| --- | ---: | ---: | ---: | ---: |")
    browser, kernel = press_keys(presses), slide(presses)
    for name, waits in browser.items():
        numbers = [number for part in (waits, kernel[name]) for number in (statistics.median(part), percentile(part))]
        print(f"| {name} | " + " | ".join(f"{number:.0f}" for number in numbers) + " |")
    print(f"\nload at the end: {os.getloadavg()[0]:.1f}")


def press_keys(presses: int) -> dict[str, list[float]]:
    """Milliseconds from the key to the picture: a goal of one month, then one of a year."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        folder = Path(name)
        shutil.copytree(SAMPLE, folder / "company")
        copy_notebook(ROOT / "notebooks/explore/set_goals.ipynb", folder / "en.ipynb", data_dir=str(folder / "company"))
        lab, server = start_lab(folder, ROOT)
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            wait_for(lab, server)
            page = open_studio(browser, lab, "lab", "en")
            page.evaluate(WATCH, STUDIO)
            month = keys(page, presses)
            control(page, DEADLINE).select_option(index=11)
            control(page, COUNTS).select_option(index=1)
            page.wait_for_selector(f"{STUDIO} table.data tfoot")
            return {"one month": month, "a year": keys(page, presses)}
        finally:
            browser.close()
            server.terminate()
            server.wait(timeout=20)


def keys(page: Any, presses: int) -> list[float]:
    """Each key waits for its picture and then for the words and tables after it; two to warm up."""
    page.wait_for_timeout(2000)
    page.evaluate("window.waited = []")
    handle(page).focus()
    for number in range(presses + 2):
        page.keyboard.press("ArrowRight" if number % 2 else "ArrowLeft")
        page.wait_for_function(f"window.waited.length > {number}")
        page.wait_for_timeout(300)
    assert page.locator(PICTURE).count() == 1
    return list(page.evaluate("window.waited"))[2:]


def slide(presses: int) -> dict[str, list[float]]:
    """Milliseconds of CPU that the kernel needs for one move of the slider."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(SAMPLE, Path(name) / "company")
        studio = set_goals(read_exports(Path(name) / "company"))
        month = moves(studio, presses)
        studio.form.deadline.value = studio.form.deadline.options[11][1]
        studio.form.counts.value = "total"
        return {"one month": month, "a year": moves(studio, presses)}


def moves(studio: Any, presses: int) -> list[float]:
    slider, spent = studio.form.target.slider, []
    for number in range(presses + 2):
        start = time.process_time()
        slider.value += slider.step if number % 2 else -slider.step
        spent.append((time.process_time() - start) * 1000)
    return spent[2:]


def percentile(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
