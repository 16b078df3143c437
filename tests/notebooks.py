"""Tiny notebooks in the place of the monthly report's: what they do is done in a second."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kpi_helpers.reports import order
from kpi_helpers.reports.section import RECORD_TYPE

PARAMETERS = 'month = "2026-10"\ndata_dir = ""\ngoals_file = ""\nlang = "en"\ncurrency = ""\nclient = ""'
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# the mark of completion, without the kit's own imports
RECORD = f"""from IPython.display import display
from pathlib import Path
text = Path(data_dir, "costs.csv").read_text()
record = {{"client": client or Path(data_dir).name, "month": month, "kpis": [], "text": text}}
display({{"text/plain": "done", "text/html": "<h2 id='a'>A</h2>", "{RECORD_TYPE}": record}}, raw=True)"""


def write_notebook(path: Path, *cells: str, record: bool = True) -> Path:
    """A report's notebook with these cells of code and, at its end, the mark of completion."""
    sources = [*cells, *([RECORD] if record else [])]
    code = [nbformat.v4.new_code_cell(source, id=f"cell-{place}") for place, source in enumerate(sources)]
    tagged = nbformat.v4.new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]})
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[tagged, *code], metadata={"kernelspec": KERNEL}), path)
    return path


def write_company(folder: Path) -> Path:
    """A company with one export."""
    folder.mkdir(parents=True)
    (folder / "costs.csv").write_text("date,kind,amount\n2026-10-01,rent,100\n", encoding="utf-8")
    return folder


Put = Callable[..., Path]


def putter(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Put:
    """What puts a notebook with these cells in the place of the monthly report's."""

    def put(*cells: str, record: bool = True) -> Path:
        path = write_notebook(folder / "monthly_report.ipynb", *cells, record=record)
        monkeypatch.setattr(order, "notebook_path", lambda _report, _lang: path)
        return path

    return put


def everything(folder: Path) -> dict[str, bytes]:
    """All files below a folder, and the empty folders."""
    paths = sorted(folder.rglob("*")) if folder.exists() else []
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"" for path in paths}


def errors_in(notebook: Path) -> Sequence[Any]:
    """The error outputs of an executed notebook."""
    cells = nbformat.read(notebook, as_version=4).cells
    return [output for cell in cells for output in cell.get("outputs", []) if output.output_type == "error"]


def manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest of a monthly report."""
    manifest: dict[str, Any] = json.loads((folder / "monthly_report.manifest.json").read_text(encoding="utf-8"))
    return manifest
