"""Hostile values in a real browser: in the report and the page of a batch with and without their policy, in JupyterLab,
Voila and the e-mail."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kpi_helpers.language import LANGUAGES
from tests.browsers import COMPLAINT, DESK, Lab, complaints, copy_notebook, load_notebook, run_notebook
from tests.hostile import CANARY
from tests.hostile_reports import hostile_folder, hostile_page, hostile_reports
from tests.hostile_reports import place as hostile_place

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TRAP = "window.pwned = []; window.pwn = number => window.pwned.push(number); parent.pwn = window.pwn"
OUTPUT = ".jp-OutputArea"
# What only a value can have put among the outputs: what runs, loads, or leads elsewhere.
FOREIGN = """(within) => [...document.querySelectorAll(`${within} *`)].filter(e =>
    e.matches("iframe, object, embed, base, form, link, meta, script:not([type='application/json'])")
    || [...e.attributes].some(a => a.name.startsWith("on"))
    || /^(javascript:|data:text|https?:|file:|\\/\\/)/.test(e.getAttribute("href") || e.getAttribute("src") || "")
).map(e => e.outerHTML.slice(0, 200))"""
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}  # kinds of letters that turn the text round
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.fixture(scope="module")
def place() -> Path:
    """The folder that JupyterLab and Voila show."""
    folder = hostile_place() / "shown"
    folder.mkdir(exist_ok=True)
    return folder


class Watch:
    """A page with a trap in it: what ran, what was said, what was asked for."""

    def __init__(self, chromium: Any) -> None:
        self.page = chromium.new_page(viewport=DESK)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("dialog", self.dismiss)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.add_init_script(TRAP)

    def dismiss(self, dialog: Any) -> None:
        self.said.append(dialog.message)
        dialog.dismiss()

    def caught(self, within: str = "body") -> list[str]:
        """What should not have happened, after everything that waits for the pointer or the focus was tried."""
        self.page.wait_for_timeout(300)
        ran = [str(number) for frame in self.page.frames for number in frame.evaluate("window.pwned || []")]
        return [*ran, *(url for url in self.asked if CANARY in url), *self.page.evaluate(FOREIGN, within)]


@pytest.fixture
def watch(chromium: Any) -> Iterator[Watch]:
    watch = Watch(chromium)
    yield watch
    watch.page.close()


def test_the_trap_catches_what_runs_and_what_is_asked_for(watch: Watch, tmp_path: Path) -> None:
    for number, (value, caught) in enumerate({
        "<img src=x onerror=pwn(7)>": "7", "<script>pwn(8)</script>": "8", "<svg onload=pwn(9)>": "9",
        f"<img src=http://{CANARY}/1>": f"http://{CANARY}/1", "<a href=javascript:pwn(10)>x</a>": "javascript:pwn(10)",
        f"<style>p {{ background: url(http://{CANARY}/2) }}</style>": f"http://{CANARY}/2",
    }.items()):  # fmt: skip
        file = tmp_path / f"{number}.html"
        file.write_text(f"<p>{value}</p>", encoding="utf-8")
        watch.page.goto(file.as_uri())
        assert any(caught in one for one in watch.caught()), value


@pytest.mark.parametrize("number", [0, 1], ids=["en", "ru"])
@pytest.mark.parametrize("name", ["monthly_report.html", "monthly_report.email.html"])
def test_nothing_runs_in_a_report_with_its_policy_and_without(
    watch: Watch, tmp_path: Path, number: int, name: str
) -> None:
    html = (hostile_reports()[number].report / name).read_text(encoding="utf-8")
    assert len(POLICY.findall(html)) == 1
    for shown in (html, POLICY.sub("", html)):
        file = tmp_path / f"{number}.html"
        file.write_text(shown, encoding="utf-8")
        watch.page.goto(file.as_uri())
        assert watch.caught() == []
        assert watch.said == [], "the policy forbids something that the page needs"
        assert [url for url in watch.asked if not url.startswith(("file:", "data:image/png"))] == []
    watch.page.emulate_media(media="print")
    assert "url(" not in watch.page.evaluate("getComputedStyle(document.body).backgroundImage")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_runs_on_the_page_of_a_batch_with_its_policy_and_without(
    watch: Watch, tmp_path: Path, lang: str
) -> None:
    html, file = hostile_page(lang), tmp_path / "index.html"
    assert len(POLICY.findall(html)) == 1
    for shown in (html, POLICY.sub("", html)):
        file.write_text(shown, encoding="utf-8")
        watch.page.goto(file.as_uri())
        assert watch.caught() == []
        assert watch.said == [], "the policy forbids something that the page needs"
    assert set(watch.asked) == {file.as_uri()}
    links = watch.page.eval_on_selector_all("a", "links => links.map(link => link.href)")
    assert len(links) > 100 and [link for link in links if not link.startswith(f"{tmp_path.as_uri()}/")] == []
    text = watch.page.inner_text("body")
    assert "onerror" in text and "$x_1^{" in text, "the hostile values are not shown"
    assert not [char for char in text if unicodedata.bidirectional(char) in TURNING]


def test_nothing_runs_in_the_trusted_notebook_in_jupyterlab(watch: Watch, request: Any, place: Path) -> None:
    notebook = nbformat.read(hostile_reports()[0].report / "monthly_report.ipynb", as_version=4)
    nbformat.write(notebook, place / "report.ipynb")
    trust(notebook, place / ".jupyterlab" / "data")
    lab: Lab = request.getfixturevalue("lab")
    load_notebook(watch.page, lab, "report")
    watch.page.wait_for_selector(f"{OUTPUT} h1", state="attached")
    watch.page.wait_for_timeout(2000)
    assert watch.page.locator(f"{OUTPUT} figure img").count() > 5, "the notebook is not trusted: its HTML is not shown"
    assert watch.caught(OUTPUT) == []
    assert watch.page.locator(f"{OUTPUT} mjx-container").count() == 0, "a value was typeset as mathematics"
    assert {host_of(url) for url in watch.asked} <= {host_of(lab.address), ""}


def trust(notebook: Any, data: Path) -> None:
    """As if its reader had trusted it."""
    from nbformat.sign import NotebookNotary

    data.mkdir(parents=True, exist_ok=True)
    NotebookNotary(data_dir=str(data)).sign(notebook)


def host_of(url: str) -> str:
    return url.partition("://")[2].partition("/")[0] if url.startswith(("http", "ws")) else ""


@pytest.mark.parametrize("name", ["start", "explore/kpi_tree"])
def test_nothing_runs_in_voila(watch: Watch, request: Any, root: Path, place: Path, name: str) -> None:
    folder = str(hostile_folder("northlight").folder)
    given = {"data_dir": folder} if "/" in name else {
        "folder": folder, "inbox": str(place / "inbox"), "reports": str(place / "reports"),
    }  # fmt: skip
    short = name.rpartition("/")[2]
    copy_notebook(root / "notebooks" / f"{name}.ipynb", place / f"{short}.ipynb", lang="en", **given)
    run_notebook(watch.page, request.getfixturevalue("voila"), "voila", short)
    shown = "table.recognised" if short == "start" else ".kpi.tree, .tree"
    watch.page.wait_for_selector(f"{shown}, {COMPLAINT}", state="attached")
    watch.page.wait_for_timeout(1000)
    assert complaints(watch.page) == []
    assert "onerror" in watch.page.content(), "the hostile values are not shown"
    assert watch.caught(".jupyter-widgets") == []
