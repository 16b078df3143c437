"""Whether a report is finished and current: what has changed is found, what does not matter is not."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kpi_helpers.errors import KitError
from kpi_helpers.folders import list_files, list_inputs
from kpi_helpers.reports import manifest
from kpi_helpers.reports.manifest import fingerprint, read_manifest, why_again
from kpi_helpers.reports.order import Order, order_report
from kpi_helpers.reports.render import render
from notebooks import Put, manifest_of, putter, write_company

NAME = "monthly_report.manifest.json"
ANOTHER = '{"report": "monthly_report", "files": {}, "fingerprint": {}}'


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Put:
    return putter(monkeypatch, tmp_path / "notebooks")


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return write_company(tmp_path / "acme")


@pytest.fixture
def finished(company: Path, tmp_path: Path, put: Put) -> Order:
    """A report that has just been rendered."""
    put()
    goals = tmp_path / "targets.csv"
    goals.write_text("kpi,target\ncpl,5\n")
    ordered = order_report(company, "2026-10", tmp_path / "out", goals_file=goals, currency="USD")
    render(ordered)
    assert why_again(ordered) == ""
    return ordered


def again(ordered: Order, **changes: Any) -> str:
    """Why the report that these inputs give now is to be rendered."""
    place: dict[str, Any] = {
        "data_dir": ordered.folder, "month": ordered.month, "out": ordered.final.parent.parent,
        "goals_file": ordered.values["goals_file"], "currency": "USD",
    }  # fmt: skip
    return why_again(order_report(**{**place, **changes}))


def test_the_manifest_says_what_the_report_is(finished: Order) -> None:
    said = read_manifest(finished.final, "monthly_report")
    assert said == manifest_of(finished.final)
    assert (said["report"], said["client"], said["month"]) == ("monthly_report", "acme", "2026-10")
    assert said["rendered_at"].endswith("Z") and said["seconds"] > 0
    assert {*said["files"], NAME} == {path.name for path in finished.final.iterdir()}
    assert said["fingerprint"] == json.loads(json.dumps(fingerprint(finished)))
    assert list(said["fingerprint"]["inputs"]) == ["costs.csv", "goals_file: targets.csv"]
    assert str(finished.folder.parent) not in json.dumps(said)  # folders of this computer are nobody's business


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "an export": (lambda folder: (folder / "costs.csv").write_text("other"), "inputs"),
    "a new export": (lambda folder: (folder / "more.csv").write_text("a"), "inputs"),
    "an export gone": (lambda folder: (folder / "costs.csv").unlink(), "inputs"),
    "an export of another name": (lambda folder: (folder / "costs.csv").rename(folder / "other.csv"), "inputs"),
    "settings": (lambda folder: (folder / "company.toml").write_text('name = "B"'), "inputs"),
    "channels": (lambda folder: (folder / "channels.csv").write_text("a"), "inputs"),
    "goals in the folder": (lambda folder: (folder / "goals.csv").write_text("a"), "inputs"),
    "the goals file": (lambda folder: (folder.parent / "targets.csv").write_text("a"), "inputs"),
    "a layout": (lambda folder: write(folder / "layouts" / "own.toml", "a"), "inputs"),
    "an archive": (lambda folder: (folder / "old.zip").write_bytes(b"PK"), "inputs"),
    "a deeper folder": (lambda folder: write(folder / "2025" / "costs.csv", "a"), "inputs"),
    "the time of a file": (lambda folder: os.utime(folder / "costs.csv", (1, 1)), ""),
    "a hidden file": (lambda folder: (folder / ".costs.csv").write_text("a"), ""),
    "a file that is open elsewhere": (lambda folder: (folder / "~$costs.xlsx").write_text("a"), ""),
    "what the system keeps": (lambda folder: (folder / "Thumbs.db").write_text("a"), ""),
    "another report beside": (lambda folder: write(folder / "reports" / "x" / NAME, ANOTHER), ""),
}  # fmt: skip


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_inputs_is_found(finished: Order, change: str) -> None:
    made, why = CHANGES[change]
    made(finished.folder)
    assert why_again(finished) == why


def test_the_same_written_again_is_the_same(finished: Order) -> None:
    path = finished.folder / "costs.csv"
    content = path.read_bytes()
    path.write_bytes(b"x" * len(content))
    assert why_again(finished) == "inputs"
    path.write_bytes(content)
    assert why_again(finished) == ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""), ({"currency": "usd"}, ""), ({"currency": "EUR"}, "parameters"), ({"lang": "ru"}, "parameters"),
        ({"client": "B"}, "missing"), ({"month": "2026-09"}, "missing"), ({"products": ["email"]}, "missing"),
        ({"goals_file": ""}, "inputs"),
    ],
)  # fmt: skip
def test_a_change_of_what_is_asked_for_is_found(finished: Order, changes: dict[str, Any], why: str) -> None:
    assert again(finished, **changes) == why


def test_the_folder_may_be_elsewhere_but_not_be_another(finished: Order, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "acme"
    moved.parent.mkdir()
    finished.folder.rename(moved)
    assert again(finished, data_dir=moved) == ""
    moved.rename(tmp_path / "beta")
    assert again(finished, data_dir=tmp_path / "beta", client="acme") == "parameters"


def test_a_change_of_the_kit_is_found(finished: Order, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("hash_code", "x"), ("libraries", {"pandas": "0"})):
        with monkeypatch.context() as patch:
            patch.setattr(manifest, name, lambda value=value: value)
            assert why_again(finished) == {"hash_code": "code"}.get(name, name)
    with monkeypatch.context() as patch:
        patch.setattr(manifest.platform, "python_version", lambda: "4.0")
        assert why_again(finished) == "libraries"
    put("1")
    assert why_again(finished) == "notebook"


@pytest.mark.parametrize("name", ["monthly_report.html", "monthly_report.ipynb", "monthly_report.xlsx", "report.json"])
def test_damage_is_found(finished: Order, name: str) -> None:
    path = finished.final / name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"?")
    assert why_again(finished) == "damaged"
    path.write_bytes(content)
    assert why_again(finished) == ""
    path.unlink()
    assert why_again(finished) == "damaged"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", "[" * 100_000, '{"rendered_at": 1, "files": {}, "fingerprint": {}}', "\x80"]
)
def test_a_manifest_that_cannot_be_read_is_damage(finished: Order, text: str) -> None:
    (finished.final / NAME).write_text(text, encoding="latin-1")
    assert why_again(finished) == "damaged"
    with pytest.raises(KitError, match=f"{NAME}: it is damaged. Render the report again."):
        read_manifest(finished.final, "monthly_report")


def test_no_manifest_is_no_report(finished: Order) -> None:
    (finished.final / NAME).unlink()
    assert why_again(finished) == "missing"
    with pytest.raises(KitError, match="cannot be opened"):
        read_manifest(finished.final, "monthly_report")


@pytest.mark.parametrize("files", [{"../x": {"size": 1, "sha256": "x"}}, {"report.json": None}, {"report.json": {}}])
def test_a_manifest_names_files_of_its_own_folder_only(finished: Order, files: dict[str, Any]) -> None:
    (finished.final.parent / "x").write_text("x")
    said = manifest_of(finished.final)
    said["files"] |= files
    (finished.final / NAME).write_text(json.dumps(said))
    assert why_again(finished) == "damaged"


def test_reports_in_the_company_s_folder_are_no_exports(company: Path, put: Put) -> None:
    put()
    before = list_inputs(company), list_files(company)
    ordered = order_report(company, "2026-10", company / "reports")
    render(ordered)
    assert (list_inputs(company), list_files(company)) == before
    assert why_again(ordered) == ""


def test_only_reports_are_hidden_among_the_exports(company: Path, put: Put) -> None:
    """`kpi report acme --out .` writes into a folder of the company's own exports, by month."""
    put()
    month = company / "2026-10"
    month.mkdir()
    (month / "costs.csv").write_text("date,kind,amount\n2026-10-02,rent,100\n")
    (company / "site.manifest.json").write_text("{}")  # of a web page
    before = list_inputs(company)
    assert {path.name for path in before} == {"costs.csv", "site.manifest.json"} and len(before) == 3
    ordered = order_report(company, "2026-10", company.parent)
    assert ordered.final == month
    for name in ("batch.json", "index.html", "2026-10.monthly_report.failed.ipynb"):
        (company / name).write_text("of a batch")
    for text in ("1", "2"):
        (company / "costs.csv").write_text(text)
        render(ordered)
        assert list_inputs(company) == before
        assert why_again(ordered) == ""
    assert (month / "past").is_dir()


@pytest.mark.parametrize("said", [
    "[]", "{", '{"report": "x", "files": {"costs.csv": {}}, "fingerprint": {}}', '{"report": "site"}',
    '{"report": "site", "files": {"../costs.csv": {}}, "fingerprint": {}}',
    '{"report": "site", "files": ["costs.csv", 1], "fingerprint": {}}',
    '{"report": "site", "files": {"costs.csv": {}}, "fingerprint": 1}', "[" * 100_000, "\x00",
])  # fmt: skip
def test_what_only_bears_the_name_of_a_manifest_hides_nothing(company: Path, said: str) -> None:
    (company / "site.manifest.json").write_text(said)
    assert [path.name for path in list_inputs(company)] == ["costs.csv", "site.manifest.json"]


def test_no_folder_of_this_computer_is_in_the_notebook(finished: Order, tmp_path: Path) -> None:
    written = (finished.final / "monthly_report.ipynb").read_text(encoding="utf-8")
    assert str(tmp_path) not in written
    notebook = nbformat.reads(written, as_version=4)
    assert notebook.metadata.papermill.parameters.data_dir == "acme"
    [injected] = [cell.source for cell in notebook.cells if cell.id == "injected-parameters"]
    assert 'data_dir = "acme"\ngoals_file = "targets.csv"\n' in injected


def test_the_libraries_are_those_that_reports_are_made_by() -> None:
    found = manifest.libraries()
    assert {"pandas", "matplotlib", "contourpy", "nbclient", "babel"} <= found.keys()
    assert not {"jupyterlab", "ruff", "pytest", "duckdb"} & found.keys()
    assert found["contourpy"] == version("contourpy")


def test_the_code_is_every_file_that_matters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = ("a.py", "templates/report.css", "layouts/x.toml", "ru/kpi.mo")
    for place, name in enumerate(names):
        package = tmp_path / str(place) / "kpi_helpers"
        for each in names:
            path = package / each
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x" if each == name else "")
        (package / "note.txt").write_text(name)
    hashes = set()
    for place in range(len(names)):
        monkeypatch.setattr(manifest, "PACKAGE", tmp_path / str(place) / "kpi_helpers")
        hashes.add(manifest.hash_code.__wrapped__())
    assert len(hashes) == len(names)


def test_to_find_it_current_takes_neither_pandas_nor_papermill(finished: Order, tmp_path: Path, root: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from kpi_helpers.reports import order\n"
        "from kpi_helpers.reports.manifest import why_again\n"
        f"order.notebook_path = lambda *_given: Path({str(finished.notebook)!r})\n"
        f"folder, out = {str(finished.folder)!r}, {str(tmp_path / 'out')!r}\n"
        f"goals_file = {finished.values['goals_file']!r}\n"
        "ordered = order.order_report(folder, '2026-10', out, currency='USD', goals_file=goals_file)\n"
        "print(why_again(ordered) or 'current', *{'pandas', 'papermill', 'numpy', 'nbformat'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, encoding="utf-8")
    assert (done.stdout.split(), done.stderr) == (["current"], "")


def test_parameters_are_compared_by_value(company: Path, tmp_path: Path, put: Put) -> None:
    path = put()
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\ntop = 5\nshare = 0.5"
    nbformat.write(notebook, path)
    texts = {"top": "7", "share": "0.50"}
    render(order_report(company, "2026-10", tmp_path / "out", parameters=texts))
    for given, why in (
        ({"top": " 7 ", "share": "5e-1"}, ""),
        ({"top": "8", "share": "0.5"}, "parameters"),
        ({}, "parameters"),
    ):
        assert why_again(order_report(company, "2026-10", tmp_path / "out", parameters=given)) == why
