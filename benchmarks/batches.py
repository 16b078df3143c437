"""Reports in a batch: `kpi batch` beside a loop of commands, a pool of papermill and the bare cells in warm processes.

python benchmarks/batches.py [--reports 20] [--jobs 2]

All ways make the same reports of the two invented companies, HTML included; the kit makes the spreadsheet, the data and
the manifest, too. Each way is one command, with all that it starts: seconds by the clock, and seconds of processor.
"""

from __future__ import annotations

import argparse
import ast
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, NamedTuple

KIT = Path(__file__).resolve().parent.parent
COMPANIES = {"northlight": ("en", "reports"), "severny_svet": ("ru", "ru/reports")}


class Report(NamedTuple):
    company: str
    month: str

    @property
    def notebook(self) -> Path:
        return KIT / "notebooks" / COMPANIES[self.company][1] / "monthly_report.ipynb"

    @property
    def lang(self) -> str:
        return COMPANIES[self.company][0]

    @property
    def parameters(self) -> dict[str, str]:
        return {"month": self.month, "data_dir": str(KIT / "data" / "sample" / self.company), "lang": self.lang}

    def file(self, out: Path, suffix: str) -> Path:
        return out / f"{self.company}-{self.month}{suffix}"


def reports(count: int) -> list[Report]:
    """The companies in turn, from the last month backwards."""
    months = [f"2026-{month:02}" for month in range(10, 0, -1)]
    return [Report(company, month) for month in months for company in COMPANIES][:count]


def run_kit(count: int, jobs: int, out: Path) -> None:
    plan = out / "plan.yaml"
    plan.write_text("clients:\n" + "".join(map(planned, COMPANIES, [reports(count)] * len(COMPANIES))))
    command = [sys.executable, "-m", "kpi_helpers.cli", "batch", plan, "--jobs", str(jobs), "--out", out / "reports"]
    subprocess.run(command, check=True, cwd=out)


def planned(company: str, wanted: list[Report]) -> str:
    """The company's entry in the plan."""
    months = ", ".join(f'"{one.month}"' for one in wanted if one.company == company)
    folder = KIT / "data" / "sample" / company
    return f"- client: {company}\n  folder: {folder}\n  language: {COMPANIES[company][0]}\n  months: [{months}]\n"


def run_loop(count: int, jobs: int, out: Path) -> None:
    for one in reports(count):
        executed = one.file(out, ".ipynb")
        given = [word for name, value in one.parameters.items() for word in ("-p", name, value)]
        python = [sys.executable, "-m"]
        subprocess.run([*python, "papermill", one.notebook, executed, *given, "--no-progress-bar"], check=True)
        subprocess.run([*python, "nbconvert", "--to", "html", "--no-input", executed], check=True)


def run_pool(count: int, jobs: int, out: Path) -> None:
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        list(pool.map(render_by_papermill, reports(count), [out] * count))


def render_by_papermill(one: Report, out: Path) -> None:
    import papermill
    from nbconvert import HTMLExporter

    executed = papermill.execute_notebook(
        one.notebook, one.file(out, ".ipynb"), one.parameters, progress_bar=False, engine_name="nbclient"
    )
    html, _resources = HTMLExporter(exclude_input=True).from_notebook_node(executed)
    one.file(out, ".html").write_text(html, encoding="utf-8")


def run_floor(count: int, jobs: int, out: Path) -> None:
    import batches  # by this name the processes know it

    from kpi_helpers.engine import forks

    waiting, under_way = reports(count), []
    while waiting or under_way:
        while waiting and len(under_way) < jobs:
            under_way.append(forks.start(batches.render_bare, batches.Report(*waiting.pop(0)), out))
        wait([process.sentinel for process in under_way])
        for process in [process for process in under_way if not process.is_alive()]:
            assert process.exitcode == 0
            under_way.remove(process)


def render_bare(one: Report, out: Path) -> None:
    """The cells as plain Python in one namespace, and the page made of what they show."""
    import nbformat

    from kpi_helpers.reports.page import render_html

    notebook = nbformat.read(one.notebook, as_version=4)
    names: dict[str, Any] = {"__name__": "__main__", "goals_file": "", "currency": "", "client": "", **one.parameters}
    for cell in notebook.cells:
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", []):
            cell.outputs = [nbformat.v4.new_output("display_data", data) for data in show(cell.source, names)]
    html = render_html(notebook, title=f"{one.company}, {one.month}", lang=one.lang)
    one.file(out, ".html").write_text(html, encoding="utf-8")


def show(source: str, names: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Run a cell; what its last expression shows."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if isinstance(last, ast.Expr):
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        if shown is not None and not source.rstrip().endswith(";"):
            bundle = shown._repr_mimebundle_()
            yield bundle[0] if isinstance(bundle, tuple) else bundle


WAYS: dict[str, tuple[str, Callable[[int, int, Path], None]]] = {
    "loop": ("papermill and nbconvert, one command after another", run_loop),
    "pool": ("papermill in a pool of processes", run_pool),
    "kit": ("kpi batch", run_kit),
    "floor": ("the cells as plain Python in warm processes", run_floor),
}


def measure(way: str, count: int, jobs: int) -> tuple[float, float]:
    """Seconds by the clock and of processor."""
    with tempfile.TemporaryDirectory() as out:
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        given = ["--way", way, "--reports", str(count), "--jobs", str(jobs), "--out", out]
        done = subprocess.run([sys.executable, __file__, *given], capture_output=True, text=True)
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        made = len(list(Path(out).rglob("*-????-??.html" if way != "kit" else "monthly_report.html")))
        assert (done.returncode, made) == (0, count), f"{way}: {made} of {count}\n{done.stdout}\n{done.stderr}"
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=20, help="at most 20")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--way", choices=WAYS, help="make the reports in one way and measure nothing")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.way:
        WAYS[given.way][1](given.reports, given.jobs, given.out)
        return
    found = {way: measure(way, given.reports, given.jobs) for way in WAYS}
    kit = found["kit"]
    print(f"{given.reports} reports, {given.jobs} at once\n")
    print("| | seconds | times kpi batch | processor seconds | times kpi batch |\n| --- | ---: | ---: | ---: | ---: |")
    for way, (seconds, work) in found.items():
        print(f"| {WAYS[way][0]} | {seconds:.1f} | {seconds / kit[0]:.2f} | {work:.1f} | {work / kit[1]:.2f} |")


if __name__ == "__main__":
    main()
