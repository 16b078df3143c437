"""CPU of the monthly report by cell, in a warm process, beside the same files and pictures at their bare bones.

    python benchmarks/sections.py [--runs 5] [--month 2026-10]

Every run of a company is a fork of one process that has imported the libraries and drawn one figure; no reading is
remembered. The peer reads the same text files with `pandas.read_csv`, which is told the delimiter, and draws as many
plain figures of the same sizes. They take turns; shown are medians of CPU seconds and of the ratio within each turn.
"""

from __future__ import annotations

import argparse
import ast
import base64
import io
import multiprocessing
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import nbformat
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image

from kpi_helpers import reports

KIT = Path(__file__).resolve().parent.parent
NOTEBOOK = KIT / "notebooks" / "reports" / "monthly_report.ipynb"
COMPANIES = {"northlight": "en", "severny_svet": "ru"}
DPI = 150
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")
Sizes = list[tuple[int, int]]


def code_cells() -> list[str]:
    """The notebook's cells without the one of the parameters."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code" and "parameters" not in tags(cell)]


def tags(cell: Any) -> list[str]:
    return list(cell.metadata.get("tags", []))


def run_report(company: str, lang: str, month: str) -> tuple[dict[str, float], Sizes]:
    """CPU seconds by cell, and the sizes of the pictures."""
    given = {"month": month, "data_dir": str(folder_of(company)), "goals_file": "", "lang": lang, "currency": "",
             "client": ""}  # fmt: skip
    times: dict[str, float] = {}
    sizes: Sizes = []
    for source in code_cells():
        start = time.process_time()
        page = show(source, given)
        times[source.splitlines()[0].removesuffix(";")] = time.process_time() - start
        sizes += [Image.open(io.BytesIO(base64.b64decode(picture))).size for picture in PICTURE.findall(page)]
    return times, sizes


def show(source: str, names: dict[str, Any]) -> str:
    """Run a cell; the HTML of what its last line shows."""
    tree = ast.parse(source)
    last = tree.body[-1]
    shown: Any = None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, "cell", "exec"), names)
    if isinstance(last, ast.Expr):
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    bundle = shown._repr_mimebundle_() if hasattr(shown, "_repr_mimebundle_") else {}
    return str(bundle.get("text/html", ""))


def run_peer(company: str, sizes: Sizes) -> float:
    """CPU seconds of reading the text files and drawing as many pictures, and nothing else."""
    start = time.process_time()
    for path in sorted(folder_of(company).glob("*.csv")):
        text = path.read_bytes().decode("latin-1")
        pd.read_csv(io.StringIO(text), sep=max(",;\t", key=text.count), header=None, names=range(64), low_memory=False)
    for width, height in sizes:
        draw_plain(width, height)
    return time.process_time() - start


def draw_plain(width: int, height: int) -> bytes:
    figure, picture = Figure(figsize=(width / DPI, height / DPI), dpi=DPI), io.BytesIO()
    axes = figure.add_subplot()
    axes.plot(range(13), range(13), marker="o")
    axes.set_title("Leads")
    figure.savefig(picture, format="png")
    return picture.getvalue()


def folder_of(company: str) -> Path:
    return KIT / "data" / "sample" / company


def in_fork(work: Callable[..., Any], *given: Any) -> Any:
    """What the work gives in a process of its own, which begins with what this one has imported."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send(work(*given)))
    process.start()
    sender.close()
    found = receiver.recv()
    process.join()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--month", default="2026-10")
    arguments = parser.parse_args()
    os.environ["KPI_CACHE"] = "off"
    warm(arguments.month)
    turns: dict[str, list[dict[str, float]]] = {company: [] for company in COMPANIES}
    ratios: dict[str, list[float]] = {company: [] for company in COMPANIES}
    for _turn in range(arguments.runs):
        for company, lang in COMPANIES.items():
            times, sizes = in_fork(run_report, company, lang, arguments.month)
            peer = in_fork(run_peer, company, sizes)
            whole = sum(times.values())
            turns[company].append({**times, "all cells": whole, f"peer, {len(sizes)} pictures": peer})
            ratios[company].append(whole / peer)
    print_table(turns)
    for company, found in ratios.items():
        print(f"\n{company}: {median(found):.1f} times the peer (from {min(found):.1f} to {max(found):.1f})")


def warm(month: str) -> None:
    """Import what a report needs: what only some cell imports comes with a report of a fork's own, thrown away."""
    assert reports.render_report
    draw_plain(600, 400)
    for module in in_fork(modules_of_report, month):
        with suppress(ImportError):  # some are put there under names that nobody can import
            import_module(module)


def modules_of_report(month: str) -> list[str]:
    """The modules that a report of each company leaves imported."""
    before = set(sys.modules)
    for company, lang in COMPANIES.items():
        run_report(company, lang, month)
    return [name for name in sys.modules if name not in before and "." in name and not name.startswith("__")]


def print_table(turns: dict[str, list[dict[str, float]]]) -> None:
    print(f"| cell | {' | '.join(turns)} |\n| --- |{' ---: |' * len(turns)}")
    rows = dict.fromkeys(name for found in turns.values() for name in found[0])
    for name in rows:
        cells = [[turn[name] for turn in found if name in turn] for found in turns.values()]
        print(f"| {name} | {' | '.join(f'{median(cell):.2f}' if cell else '' for cell in cells)} |")


if __name__ == "__main__":
    main()
