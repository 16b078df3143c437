"""A batch that is killed again and again and resumed: is a report lost, damaged, or made twice?

    python -m benchmarks.kills [--reports 100] [--kills 20] [--jobs 2] [--seed 1]

The reports are real in everything but their notebook, which is tiny. SIGKILL goes to the batch and to the groups of all
processes below it, at random moments; then the batch is started again. After each kill every file is looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from kpi_helpers.errors import KitError
from kpi_helpers.reports.manifest import is_whole, read_manifest
from tests.batches import command, write_plan
from tests.notebooks import write_notebook

REPORT = "monthly_report"
BUSY = "import time\ntime.sleep(0.2)"  # else a kill would seldom meet a cell that runs


@dataclass
class Found:
    """What was found so far; `made` is when each finished report was made."""

    corrupt: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    left: int = 0
    made: dict[str, str] = field(default_factory=dict)


def main() -> None:
    asked = read_arguments()
    with tempfile.TemporaryDirectory(prefix="kpi-kills-") as folder:
        home = Path(folder)
        plan = write_plan(home / "plan.yaml", asked.reports)
        line = command(
            write_notebook(home / "notebooks" / f"{REPORT}.ipynb", BUSY), "batch", plan, "--jobs", asked.jobs
        )
        found, hit = kill_again_and_again(line, home / "reports", asked)
        run_undisturbed(line, "the last run, undisturbed")
        look(home / "reports", found)
        run_undisturbed(line, f"{asked.reports} finished reports found current")
        look(home / "reports", found)
        left = leftovers(home / "reports")
    say(asked.reports, hit, found, left)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in (("reports", 100), ("kills", 20), ("jobs", 2), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=number)
    return parser.parse_args()


def run_undisturbed(line: list[str], name: str) -> None:
    started = time.monotonic()
    run = subprocess.run(line, capture_output=True, text=True)
    print(f"{name}: {time.monotonic() - started:.1f} s, exit code {run.returncode}")
    if run.returncode:
        print(run.stderr)


def leftovers(out: Path) -> list[str]:
    """What killed runs left: folders and locks beside the reports, halves of the page and of the data."""
    return [path.name for path in (*out.glob("*/.*"), *out.glob(".batch.json.*"), *out.glob(".index.html.*"))]


def say(reports: int, hit: int, found: Found, left: list[str]) -> None:
    print("\n| reports | kills | finished at the end | corrupt | lost | made twice | processes left | files left |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    numbers = (reports, hit, len(found.made), len(found.corrupt), len(found.lost), len(found.again), found.left,
               len(left))  # fmt: skip
    print("| " + " | ".join(map(str, numbers)) + " |")
    bad = {"corrupt": found.corrupt, "lost": found.lost, "again": found.again, "left": left}
    for name, names in bad.items():
        if names:
            print(f"{name}: {names}")


def kill_again_and_again(line: list[str], out: Path, asked: argparse.Namespace) -> tuple[Found, int]:
    """What was found after each kill, and how many kills met a batch at work."""
    chance, found, hit = random.Random(asked.seed), Found(), 0
    for kill in range(asked.kills):
        before, started = len(found.made), time.monotonic()
        goal = before + (asked.reports - before) // (asked.kills - kill)  # reports: the last kill must meet some work
        batch = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        moment = chance.uniform(0.0, 2.0)  # seconds past a finished report, or past the start
        wanted = chance.randint(before, max(before, goal))
        while batch.poll() is None and count(out) < wanted:
            time.sleep(0.02)
        time.sleep(moment)
        hit += batch.poll() is None
        found.left += kill_all(batch)
        look(out, found)
        bad = f"{len(found.corrupt)} corrupt, {len(found.lost)} lost, {len(found.again)} made twice"
        said = f"{len(found.made)} finished, {bad}"
        print(f"kill {kill + 1} after {time.monotonic() - started:.1f} s: {said}", flush=True)
    return found, hit


def count(out: Path) -> int:
    return len(list(out.glob(f"*/2026-10/{REPORT}.manifest.json")))


def kill_all(batch: subprocess.Popen[bytes]) -> int:
    """SIGKILL for the batch and the groups of all that it has started; how many of these live on."""
    processes = []
    with suppress(psutil.NoSuchProcess):
        processes = [psutil.Process(batch.pid), *psutil.Process(batch.pid).children(recursive=True)]
    for group in {os.getpgid(one.pid) for one in processes if one.is_running()} - {os.getpgrp()}:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    batch.wait()
    _gone, alive = psutil.wait_procs(processes, timeout=10)
    return len(alive)


def look(out: Path, found: Found) -> None:
    """Look at every report that stands, and at the page and the data of the batch."""
    now: dict[str, str] = {}
    for folder in sorted(out.glob("*/2026-10")):
        try:
            manifest = read_manifest(folder, REPORT)
            sound = (
                is_whole(folder, manifest) and json.loads((folder / "report.json").read_text())["month"] == "2026-10"
            )
        except (KitError, OSError, ValueError, KeyError):
            sound = False
        if sound:
            now[folder.parent.name] = manifest["rendered_at"]
        else:
            found.corrupt.append(str(folder.relative_to(out)))
    found.lost += [client for client in found.made if client not in now]
    found.again += [client for client, when in found.made.items() if now.get(client, when) != when]
    found.made = now
    if (out / "batch.json").exists():
        with suppress(ValueError, KeyError):
            json.loads((out / "batch.json").read_text())["reports"]
            if (out / "index.html").read_text().endswith("</html>\n"):
                return
        found.corrupt.append("batch.json or index.html")


if __name__ == "__main__":
    main()
