"""The start page in JupyterLab, Voila and Chromium: files are dropped, recognised, and become a report."""

import base64
import hashlib
import random
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

from tests.browsers import COMPLAINT, PATIENCE, Lab, complaints, copy_notebook, run_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG = 4 * PATIENCE  # milliseconds: a report is made
OF_VOILA = {"cdn.jsdelivr.net", "cdnjs.cloudflare.com"}  # icons and formulas that its own template asks for, in vain
ZONE, RECOGNISED, LINK = ".kpi-drop .zone", ".widget-html table.recognised", ".kpi-links a"
WORDS = {
    "en": {"used": "Rows used", "there": "was there already", "month": "October 2026"},
    "ru": {"used": "Учтено строк", "month": "Октябрь 2026"},
}
# A drop as a page sees it: the bytes of real files in the list of files of a drag.
DROP = """async ([selector, files]) => {
  const transfer = new DataTransfer();
  for (const [name, data] of files)
    transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name));
  const zone = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


@pytest.fixture(scope="module")
def exports(sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two exports, one of them in a zip, a web page saved as CSV, and a folder with a third export."""
    folder, sample = tmp_path_factory.mktemp("exports"), sample_dir / "northlight"
    (folder / "costs.csv").write_bytes((sample / "costs.csv").read_bytes())
    with zipfile.ZipFile(folder / "ads.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(sample / "meta_ads.csv", "meta_ads.csv")
    (folder / "page.csv").write_text("<!DOCTYPE html><html><body>Sign in</body></html>", encoding="utf-8")
    (folder / "more").mkdir()
    (folder / "more" / "google.csv").write_bytes((sample / "google_ads_campaigns.csv").read_bytes())
    return folder


@pytest.fixture(scope="module")
def place(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page in each language; what is dropped and rendered goes into it, too."""
    folder = tmp_path_factory.mktemp("start")
    for lang in WORDS:
        given = {"lang": lang, "inbox": str(folder / lang / "inbox"), "reports": str(folder / lang / "reports")}
        copy_notebook(root / "notebooks" / "start.ipynb", folder / f"{lang}.ipynb", **given)
    return folder


def open_page(chromium: Any, server: Lab, kind: str, lang: str) -> Any:
    """The start page, ready for a drop, and the hosts that it asked for."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1400})
    page.asked = set()
    page.on("request", lambda request: page.asked.add(urlparse(request.url).hostname))
    run_notebook(page, server, kind, lang)
    page.wait_for_selector(f"{ZONE}, {COMPLAINT}", state="attached")
    assert complaints(page) == []
    return page


def drag_files(page: Any, paths: list[Path]) -> None:
    """Drag files and folders from the desktop and let them fall on the zone, as the browser itself sees it."""
    box = page.locator(ZONE).bounding_box()
    data = {"items": [], "files": list(map(str, paths)), "dragOperationsMask": 1}
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "data": data}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **where})


def drop_bytes(page: Any, files: dict[str, bytes]) -> None:
    page.evaluate(DROP, [ZONE, [[name, base64.b64encode(data).decode()] for name, data in files.items()]])


def own_folder(place: Path, lang: str) -> Path:
    """The folder that the page made for the company."""
    (home,) = [folder for folder in (place / lang / "inbox").iterdir() if folder.is_dir()]
    return home


def button(page: Any, nth: int) -> Any:
    return page.locator("button.widget-button").nth(nth)


BOTH = [("lab", "en"), ("voila", "ru")]


@pytest.mark.parametrize(("server", "kind", "lang"), [(k, k, lang) for k, lang in BOTH], indirect=["server"])
def test_dropped_exports_become_a_report(
    chromium: Any, server: Lab, kind: str, lang: str, exports: Path, place: Path
) -> None:
    page = open_page(chromium, server, kind, lang)
    assert not page.locator(RECOGNISED).count()
    drag_files(page, [exports / "costs.csv", exports / "ads.zip", exports / "page.csv", exports / "more"])
    page.wait_for_selector(RECOGNISED, timeout=LONG)
    table = page.locator(RECOGNISED).inner_text()
    assert WORDS[lang]["used"] in table
    assert all(words in table for words in ("costs.csv", "Meta Ads", "Google Ads", "google.csv"))
    assert "page.csv" not in table and "page.csv" in page.locator("ul.unused").inner_text()
    kept = own_folder(place, lang) / "exports"
    assert (kept / "ads.zip").read_bytes() == (exports / "ads.zip").read_bytes()
    assert page.locator("ul.alive li").count() and page.locator("table.asleep tbody tr").count()
    button(page, -1).click()
    page.wait_for_selector(".widget-hprogress:visible")
    page.wait_for_selector(LINK, timeout=LONG)
    with page.expect_popup() as opened:
        page.locator(LINK).first.click()
    report = opened.value
    report.wait_for_load_state()
    assert WORDS[lang]["month"] in report.locator("h1").inner_text()
    assert report.evaluate("document.documentElement.lang") == lang
    assert report.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "30px", "without its style"
    with page.expect_download() as saved:
        page.locator(LINK).nth(1).click()
    assert Path(saved.value.path()).read_bytes().startswith(b"PK")
    assert page.asked <= {"127.0.0.1", None, *(OF_VOILA if kind == "voila" else ())}
    assert complaints(page) == []
    report.close()
    page.close()


@pytest.mark.parametrize(("server", "kind", "lang"), [("voila", "voila", "en")], indirect=["server"])
def test_files_are_chosen_and_nothing_is_overwritten(
    chromium: Any, server: Lab, kind: str, lang: str, exports: Path, place: Path
) -> None:
    page = open_page(chromium, server, kind, lang)
    page.locator(".widget-text input").first.fill("Chosen")
    page.locator(".widget-text input").first.press("Enter")
    page.wait_for_selector(f"{ZONE} .hint:has-text('Chosen')")
    with page.expect_file_chooser() as chooser:
        page.locator(f"{ZONE} button").click()
    chooser.value.set_files([exports / "costs.csv"])
    page.wait_for_selector(RECOGNISED, timeout=LONG)
    large = random.Random(7).randbytes((5 << 20) + 12_345)  # several parts
    drop_bytes(page, {"costs.csv": (exports / "costs.csv").read_bytes(), "large.bin": large})
    page.wait_for_selector(f"ul.said:has-text('{WORDS[lang]['there']}')", timeout=LONG)
    page.wait_for_selector("ul.unused:has-text('large.bin')", timeout=LONG)
    kept = place / lang / "inbox" / "Chosen" / "exports"
    assert sorted(file.name for file in kept.iterdir()) == ["costs.csv", "large.bin"]
    assert hashlib.sha256((kept / "large.bin").read_bytes()).digest() == hashlib.sha256(large).digest()
    drop_bytes(page, {"costs.csv": b"month,kind,channel,amount\n2026-10-01,salaries,,7\n"})
    page.wait_for_selector("ul.said:has-text('costs (2).csv')", timeout=LONG)
    assert (kept / "costs.csv").read_bytes() == (exports / "costs.csv").read_bytes()
    assert page.locator(f"{ZONE} progress").is_hidden()
    page.close()


@pytest.mark.parametrize(("server", "kind", "lang"), [("lab", "lab", "ru")], indirect=["server"])
def test_a_folder_is_read_by_its_path(chromium: Any, server: Lab, kind: str, lang: str, exports: Path) -> None:
    page = open_page(chromium, server, kind, lang)
    folders = page.locator(".widget-dropdown select").nth(1)
    assert "data/sample/northlight" in folders.inner_text()
    folders.select_option(index=folders.locator("option").count() - 1)
    path = page.locator(".widget-text input").nth(2)
    path.fill(str(exports))
    path.press("Enter")
    page.wait_for_selector("button.widget-button:visible:not([disabled])")
    button(page, 0).click()
    page.wait_for_selector(RECOGNISED, timeout=LONG)
    assert WORDS[lang]["used"] in page.locator(RECOGNISED).inner_text()
    page.close()
