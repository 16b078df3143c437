"""Rendering: all files or none, a page that asks the network for nothing, and no customer in any of them."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import nbformat
import openpyxl
import pytest
from composed import SAMPLE
from folders import copy_files, read_text
from test_reports_record import check_shape

from kpi_helpers.cli import main
from kpi_helpers.errors import KitError
from kpi_helpers.language import LANGUAGES
from kpi_helpers.reports import execute, order, publish, render, render_report
from kpi_helpers.reports.order import notebook_path, safe_name
from kpi_helpers.reports.section import RECORD_TYPE
from notebooks import everything
from tests.browsers import find_chromium

FILES = [
    "monthly_report.html", "monthly_report.ipynb", "monthly_report.manifest.json", "monthly_report.xlsx", "report.json",
]  # fmt: skip
SMALL = ("costs.csv", "survey_google_forms.csv", "goals.csv", "company.toml")
RENDERED = {"severny_svet": "ru", "northlight": "en"}
PEOPLE = {  # which columns of the sample's exports name a customer
    "severny_svet": ("Рабочий телефон (контакт)", "Номер абонента"),
    "northlight": ("Email",),
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with two exports and goals."""
    return copy_files(SAMPLE / "northlight", tmp_path_factory.mktemp("data") / "small", SMALL)


@pytest.fixture(scope="module")
def reports_of_sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The reports of both companies of the sample, each in its own language."""
    out = tmp_path_factory.mktemp("out")
    return {company: render_report(SAMPLE / company, "2026-10", out) for company in RENDERED}


ELSEWHERE = [  # what must not matter: hash seed, time zone, the computer's language, folder, rights
    ({"PYTHONHASHSEED": "1", "TZ": "Asia/Vladivostok", "LANG": "C", "LC_ALL": "C"}, 0o022),
    ({"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LANG": "ru_RU.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, 0o077),
]  # fmt: skip


def render_twice(company: Path, place: Path, root: Path) -> list[dict[str, bytes]]:
    """The files of one report, rendered in two places and surroundings; the manifest, which says when, is left out."""
    made = []
    for number, (variables, umask) in enumerate(ELSEWHERE):
        folder = place / f"folder {number}"
        data = shutil.copytree(company, folder / company.name)
        code = f"from kpi_helpers.reports import render_report; render_report({str(data)!r}, '2026-10', 'out')"
        surroundings = {**os.environ, "PYTHONPATH": str(root), **variables}
        subprocess.run([sys.executable, "-c", code], cwd=folder, env=surroundings, umask=umask, check=True, timeout=600)
        files = everything(folder / "out" / company.name / "2026-10")
        assert files.pop("monthly_report.manifest.json")
        made.append(files)
    return made


@pytest.mark.skipif(os.name != "posix", reason="umask")
@pytest.mark.parametrize("company", ["small", *(pytest.param(company, marks=pytest.mark.slow) for company in RENDERED)])
def test_the_same_exports_give_the_same_bytes(small: Path, tmp_path: Path, root: Path, company: str) -> None:
    first, second = render_twice(small if company == "small" else SAMPLE / company, tmp_path, root)
    assert sorted(first) == sorted({*FILES} - {"monthly_report.manifest.json"})
    assert [name for name in first if first[name] != second[name]] == []
    assert str(tmp_path) not in first["monthly_report.ipynb"].decode()


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Put a notebook that ends in this code in the place of the report's."""

    def put(code: str) -> None:
        notebook = nbformat.read(notebook_path("monthly_report", "en"), as_version=4)
        parameters = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
        notebook.cells = [parameters, nbformat.v4.new_code_cell(code)]
        path = tmp_path / "faulty" / "monthly_report.ipynb"
        path.parent.mkdir()
        nbformat.write(notebook, path)
        monkeypatch.setattr(order, "notebook_path", lambda _report, _lang: path)

    return put


# All files or none


def test_a_report_is_all_its_files(reports_of_sample: dict[str, Path]) -> None:
    for company, folder in reports_of_sample.items():
        assert (folder.parent.name, folder.name) == (company, "2026-10")
        assert sorted(path.name for path in folder.iterdir()) == FILES
        assert all(path.stat().st_size > 1000 for path in folder.iterdir())
    out = next(iter(reports_of_sample.values())).parent.parent
    assert sorted(path.name for path in out.rglob("*") if path.is_dir()) == ["2026-10", "2026-10", *sorted(RENDERED)]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"month": "2026-13"}, "month '2026-13' cannot be read. Write it as 2026-10."),
        ({"data_dir": "nowhere"}, "there is no folder nowhere"),
        ({"lang": "fr"}, "there is no language 'fr'"),
        ({"report": "monthly"}, "there is no report 'monthly'. Did you mean monthly_report"),
        ({"parameters": {"currancy": "USD"}}, "there is no parameter 'currancy'. Did you mean currency"),
        ({"currency": "dollars"}, "currency = 'dollars' is not allowed. Expected: a currency code of three letters"),
        ({"goals_file": "nowhere.csv"}, "there is no goals file nowhere.csv"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], found: str
) -> None:
    monkeypatch.setattr(execute, "execute", lambda *_given: pytest.fail("the notebook ran"))
    with pytest.raises(KitError, match=re.escape(found)):
        render_report(**{"data_dir": small, "month": "2026-10", "out": tmp_path / "out", **changes})
    assert everything(tmp_path) == {}


FAULTS = [
    ("from kpi_helpers.errors import KitError\nraise KitError('no day of it.', 'Choose another.')",
     "no day of it. Choose another."),
    ("1 / 0", "the report failed in cell .*: ZeroDivisionError: division by zero. Open the notebook"),
    ("print('no record')", r"the notebook .*\.ipynb never says that the report is complete"),
    ("import os\nos._exit(1)", "the report stopped before its end. Render it again"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "found"), FAULTS, ids=["refused", "raised", "no record", "kernel died"])
def test_a_fault_in_the_notebook_leaves_the_old_report_and_nothing_else(
    small: Path, tmp_path: Path, fault: Callable[[str], None], code: str, found: str
) -> None:
    out = tmp_path / "out"
    old = out / "small" / "2026-10"
    old.mkdir(parents=True)
    (old / "report.json").write_text("old")
    before = everything(out)
    fault(code)
    with pytest.raises(KitError, match=found):
        render_report(small, "2026-10", out)
    assert everything(out) == before


def test_a_fault_leaves_no_new_folder(small: Path, tmp_path: Path, fault: Callable[[str], None]) -> None:
    fault("1 / 0")
    with pytest.raises(KitError):
        render_report(small, "2026-10", tmp_path / "new" / "deeper")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("broken", ["render_html", "write_workbook", "write", "put_in_place"])
def test_a_fault_after_the_notebook_leaves_nothing(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*_given: object, **_named: object) -> bytes:
        raise OSError(28, "No space left on device")

    record = {"client": "x", "month": "2026-10"}
    output = nbformat.v4.new_output("display_data", {RECORD_TYPE: record})
    cell = nbformat.v4.new_code_cell("1", outputs=[output], execution_count=1)
    monkeypatch.setattr(execute, "execute", lambda *_given: nbformat.v4.new_notebook(cells=[cell]))
    monkeypatch.setattr(render, broken, fail)
    with pytest.raises(KitError, match="the disk is full"):
        render_report(small, "2026-10", tmp_path / "out")
    assert everything(tmp_path) == {}


def place(finished: Path, final: Path) -> None:
    """Put a finished folder in its place, as a run does."""
    with publish.alone_in(final, lambda _said: None):
        publish.put_in_place(finished, final, {"report.json"})


def test_a_report_that_cannot_be_put_in_its_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "_exchange", lambda _one, _other: False)  # as on systems that cannot
    final, unfinished = tmp_path / "2026-10", tmp_path / ".2026-10-x"
    for folder, text in ((final, "old"), (unfinished, "new")):
        folder.mkdir()
        (folder / "report.json").write_text(text)
    whole = Path.rename

    def busy(self: Path, target: Path) -> Path:
        if self == unfinished:
            raise PermissionError(13, "Permission denied", str(self))
        return whole(self, target)

    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(PermissionError):
        place(unfinished, final)
    assert (final / "report.json").read_text() == "old"
    monkeypatch.undo()
    place(unfinished, final)
    assert everything(tmp_path) == {"2026-10": b"", "2026-10/report.json": b"new"}


def reports_side_by_side(place: Path, runs: int) -> tuple[Path, list[Path]]:
    """A report with a file of the reader's, and finished ones that are to take its place."""
    final, finished = place / "2026-10", [place / f".2026-10-{run}" for run in range(runs)]
    for folder in (final, *finished):
        folder.mkdir(parents=True)
        (folder / "report.json").write_text(folder.name)
    (final / "mine.txt").write_text("left by hand")
    return final, finished


def test_rejected_rows_of_the_report_before_do_not_stay(tmp_path: Path) -> None:
    final, (finished,) = reports_side_by_side(tmp_path, 1)
    (final / "rejected.csv").write_text("of the report before")
    place(finished, final)
    assert sorted(everything(final)) == ["mine.txt", "report.json"]
    again = final.with_name("again")
    again.mkdir()
    (again / "rejected.csv").write_text("of this one")
    publish.put_in_place(again, final, {"rejected.csv"})
    assert (final / "rejected.csv").read_text() == "of this one"


@pytest.mark.parametrize("in_one_step", [True, False])
def test_runs_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool) -> None:
    if not in_one_step:
        monkeypatch.setattr(publish, "_exchange", lambda _one, _other: False)
    for attempt in range(20):
        final, finished = reports_side_by_side(tmp_path / str(attempt), 3)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(place, finished, [final] * 3))  # raises what a run raised
        assert (final / "mine.txt").read_text() == "left by hand"
        assert [path.name for path in final.parent.iterdir()] == ["2026-10"]


def test_a_failure_that_cannot_be_told_again_is_told_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ordered = order.order_report(SAMPLE, "2026-10", tmp_path, lang="ru")
    first, asked = execute.Failure("диск переполнен.", "", None), list[str]()

    def fail(_notebook: Path, values: dict[str, Any], _progress: object = False) -> None:
        asked.append(values["lang"])
        raise first if len(asked) == 1 else RuntimeError("the kernel did not answer")

    monkeypatch.setattr(execute, "execute", fail)
    with pytest.raises(execute.Failure, match="диск переполнен"):
        render.render(ordered, spoken="en")
    assert asked == ["ru", "en"]
    asked.clear()
    monkeypatch.setattr(render, "SOON", -1)
    with pytest.raises(execute.Failure, match="диск переполнен"):
        render.render(ordered, spoken="en")
    assert asked == ["ru"], "what took long is not run again"


def test_a_run_that_does_not_end_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    final, (finished,) = reports_side_by_side(tmp_path, 1)
    monkeypatch.setattr(publish, "LONGEST_WAIT", 0.1)
    said: list[str] = []
    with publish.alone_in(final, said.append) as waited:
        assert not waited
        with pytest.raises(KitError, match="another run is writing the report of 2026-10"):
            place(finished, final)
    assert said == []
    place(finished, final)
    assert (final / "report.json").read_text() == finished.name


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("../x", "x"), ("..", "client"), ("CON", "_CON"), ("nul.txt", "_nul.txt"), ("Северный свет", "Северный_свет"),
        ("", "client"), ("/etc/passwd", "etc_passwd"), ("C:\\temp", "C_temp"), ("a" * 300, "a" * 80),
        (".hidden", "hidden"), ("Café", "Café"), ("x.", "x"), ("\u202egnp", "gnp"), ("🙂", "client"),
        ("COM¹", "_COM¹"), ("lpt³.txt", "_lpt³.txt"), ("a" * 79 + ".b", "a" * 79),
    ],
)  # fmt: skip
def test_the_client_s_folder_is_one_plain_name_everywhere(name: str, folder: str) -> None:
    assert safe_name(name) == folder
    assert len(safe_name(name).encode()) < 256
    assert safe_name("é" * 300) and len(safe_name("щ" * 300).encode()) < 256
    assert len(safe_name("𝒜" * 80).encode()) == 240


# What the reader gets


class Page(HTMLParser):
    """The tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]


def test_the_page_stands_alone(reports_of_sample: dict[str, Path]) -> None:
    for company, folder in reports_of_sample.items():
        html = (folder / "monthly_report.html").read_text(encoding="utf-8")
        page = Page(html)
        assert page.of("html") == [{"lang": RENDERED[company]}]
        assert page.of("script", "link", "iframe", "object", "embed", "base", "form", "input") == []
        sources = [attrs[name] or "" for _tag, attrs in page.tags for name in ("src", "srcset") if name in attrs]
        assert sources and all(source.startswith("data:image/") for source in sources)
        assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", html)
        assert not [name for _tag, attrs in page.tags for name in attrs if name.startswith("on")]
        assert all(image.get("alt") for image in page.of("img"))
        assert "read_exports" not in html and "class=\"input" not in html and "In&nbsp;[" not in html
        anchors = [attrs["id"] for _tag, attrs in page.tags if attrs.get("id")]
        assert len(anchors) == len(set(anchors))
        links = [link["href"] or "" for link in page.of("a")]
        assert links and all(link[0] == "#" and unquote(link[1:]) in anchors for link in links)
        headings = [heading["id"] for heading in page.of("h2")]
        assert len(headings) >= 12 and {f"#{heading}" for heading in headings} <= set(links)
        assert "@page" in html and "size: A4" in html
        assert not re.search(r">\s*(nan|inf|None)\s*<", html)


@pytest.mark.browser
def test_a_browser_without_network_shows_the_page(reports_of_sample: dict[str, Path]) -> None:
    chromium = find_chromium()
    driver = pytest.importorskip("playwright.sync_api")
    flags = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        for folder in reports_of_sample.values():
            for width in (1280, 390):
                page = browser.new_page(viewport={"width": width, "height": 900})
                asked: list[str] = []
                said: list[str] = []
                page.on("request", lambda request, asked=asked: asked.append(request.url))
                page.on("console", lambda message, said=said: said.append(message.text))
                page.goto((folder / "monthly_report.html").as_uri())
                assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
                assert said == []
                assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                page.close()
        browser.close()


def test_the_data_have_the_promised_shape(reports_of_sample: dict[str, Path]) -> None:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    for company, folder in reports_of_sample.items():
        record = json.loads((folder / "report.json").read_text(encoding="utf-8"), parse_constant=refuse)
        check_shape(record)
        assert (record["month"], record["language"]) == ("2026-10", RENDERED[company])
        shown = re.findall(r'href="#kpi-(\w+)"', (folder / "monthly_report.html").read_text(encoding="utf-8"))
        assert shown and set(shown) <= {kpi["key"] for kpi in record["kpis"]}


def test_the_workbook_opens(reports_of_sample: dict[str, Path]) -> None:
    for folder in reports_of_sample.values():
        book = openpyxl.load_workbook(folder / "monthly_report.xlsx")
        assert len(book.sheetnames) >= 9
        assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_no_customer_is_in_any_file(reports_of_sample: dict[str, Path]) -> None:
    for company, folder in reports_of_sample.items():
        people = {value for path in (SAMPLE / company).glob("*.csv") for value in people_in(path, PEOPLE[company])}
        assert len(people) > 500
        written = "\n".join(content_of(path) for path in folder.iterdir())
        plain = re.sub(r"\D", " ", written).split()
        assert not [person for person in people if "@" in person and person in written]
        assert not {re.sub(r"\D", "", person) for person in people if "@" not in person} & set(plain)
        assert not re.search(r"[\w.+-]+@[\w-]+\.\w{2,}", written)


def people_in(path: Path, columns: tuple[str, ...]) -> Iterator[str]:
    text = read_text(path)
    if any(column in text[:5000] for column in columns):
        for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=text.count)):
            yield from (row[column].strip("' ") for column in columns if row.get(column))


def content_of(path: Path) -> str:
    """The text of a file, of an XLSX file that of its parts; pictures are left out."""
    if path.suffix == ".xlsx":
        with ZipFile(path) as archive:
            return "\n".join(archive.read(name).decode("utf-8") for name in archive.namelist())
    return re.sub(r"data:image/png;base64,[\w+/=]+", "", path.read_text(encoding="utf-8"))


# The command, and papermill by hand


def test_the_command_says_what_is_wrong_in_one_line(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "login").mkdir()
    (tmp_path / "login" / "report.csv").write_text("<!doctype html><html><title>Sign in</title></html>")
    out = ["--out", str(tmp_path / "out")]
    for arguments, english, russian in (
        (["--data", str(tmp_path / "empty")], "there are no exports in the folder", "нет выгрузок"),
        (["--data", str(tmp_path / "login")], "web page", "веб-страница"),
        (["--data", str(small), "--month", "2031-01"], "nothing of January 2031", "Январь 2031"),
        (["--data", str(small), "--month", "2026-10", "--goals", "no.csv"], "no goals file no.csv", "целей no.csv нет"),
    ):
        for lang, found in (("en", english), ("ru", russian)):
            assert main(["--lang", lang, "report", *arguments, *out]) == 1
            captured = capsys.readouterr()
            lines = captured.err.strip().splitlines()
            assert len(lines) == 1 and lines[0].startswith("kpi: ") and found.lower() in lines[0].lower(), lines
            assert captured.out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_papermill_by_hand_runs_the_notebooks(small: Path, tmp_path: Path, root: Path, lang: str) -> None:
    notebook = f"notebooks/{'ru/' if lang == 'ru' else ''}reports/monthly_report.ipynb"
    out = tmp_path / "out.ipynb"
    parameters = ["-p", "month", "2026-10", "-p", "data_dir", str(small)]
    command = [sys.executable, "-m", "papermill", notebook, str(out), *parameters, "--no-progress-bar"]
    surroundings = {**os.environ, "LANG": "C"}
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, env=surroundings, timeout=300)
    assert run.returncode == 0, run.stderr
    executed = nbformat.read(out, as_version=4)
    records = [
        output["data"][RECORD_TYPE]
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if RECORD_TYPE in output.get("data", {})
    ]
    assert [record["language"] for record in records] == [lang]
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    assert outputs and "error" not in {output.output_type for output in outputs}


def test_a_report_is_rendered_again_in_its_place(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "с пробелом"
    shutil.copytree(small, folder)
    final = tmp_path / "out" / "Кофе_Ко" / "2026-10"
    (final / "mine").mkdir(parents=True)
    (final / "mine" / "note.txt").write_text("left by hand")
    (final / "report.json").write_text("old")
    assert render_report(folder, "2026-10", tmp_path / "out", client="../Кофе & Ко", lang="ru") == final
    assert sorted(path.name for path in final.iterdir()) == sorted([*FILES, "mine"])
    assert (final / "mine" / "note.txt").read_text() == "left by hand"
    record = json.loads((final / "report.json").read_text(encoding="utf-8"))
    assert (record["client"], record["language"], record["currency"]) == ("../Кофе & Ко", "ru", "USD")
    assert "../Кофе &amp; Ко" in (final / "monthly_report.html").read_text(encoding="utf-8")
