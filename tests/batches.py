"""Batches of tiny notebooks: the reports' processes are real, what the notebooks do takes no time.

`command` is `kpi` with such notebooks, as a process of its own.
"""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from kpi_helpers.batch import run
from kpi_helpers.reports import manifest, order

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = "KPI_TEST_NOTEBOOK"
whole = run._make


def use_notebook() -> None:
    """Have this process render the notebook that the surroundings name; the kit counts as unchanged."""
    order.notebook_path = lambda _report, _lang: Path(os.environ[NOTEBOOK])
    manifest.hash_code = lambda: "the same"


def make(*given: Any) -> None:
    """What runs in a report's own process."""
    use_notebook()
    whole(*given)


def put_notebook(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Have this process and those that it starts render a notebook."""
    monkeypatch.setenv(NOTEBOOK, str(path))
    monkeypatch.setattr(order, "notebook_path", lambda _report, _lang: Path(os.environ[NOTEBOOK]))
    monkeypatch.setattr(manifest, "hash_code", lambda: "the same")
    monkeypatch.setattr(run, "_make", make)


def write_plan(path: Path, clients: int = 3, head: str = "months: 2026-10") -> Path:
    """A plan of companies with one export each, in folders beside it: c1, c2 and so on."""
    lines = [head, "clients:"]
    for n in range(1, clients + 1):
        folder = path.parent / f"c{n}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "costs.csv").write_text(f"date,kind,amount\n2026-10-01,rent,{n}00\n", encoding="utf-8")
        lines.append(f"- {{client: Client {n}, folder: c{n}}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def command(notebook: Path, *arguments: object) -> list[str]:
    """`kpi` with a tiny notebook, for a process that can be killed."""
    paths = [str(ROOT), str(ROOT / "tests")]
    code = f"import sys; sys.path[:0] = {paths!r}; import batches; sys.exit(batches.run_kpi(sys.argv[1:]))"
    return [sys.executable, "-c", code, str(notebook), *map(str, arguments)]


def run_kpi(arguments: list[str]) -> int:
    """The command in this process: the notebook, then what `kpi` is given."""
    from kpi_helpers.cli import main

    os.environ[NOTEBOOK] = arguments[0]
    use_notebook()
    run._make = make
    return main(arguments[1:])
