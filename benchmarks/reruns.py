"""The same reports again and again, each in a process with other surroundings: are their files the same bytes?

    python -m benchmarks.reruns [--runs 10]

A small company and Northlight take turns. What differs from run to run: the hash seed, the time zone, the computer's
language, the folder, the rights of new files, and whether readings are remembered. All files of a report are compared
but the manifest, which says when it was made.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from tests.folders import copy_files

KIT = Path(__file__).resolve().parent.parent
NORTHLIGHT, MONTH = KIT / "data" / "sample" / "northlight", "2026-10"
SMALL = ("company.toml", "goals.csv", "google_ads_campaigns.csv", "hubspot_deals.csv")
ZONES = ("UTC", "Asia/Vladivostok", "America/New_York")
LANGUAGES = ("C", "ru_RU.UTF-8", "en_US.UTF-8", "C.UTF-8", "POSIX")
MASKS = (0o022, 0o077, 0o002)
Hashes = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    made: dict[str, list[Hashes]] = {}
    with tempfile.TemporaryDirectory(prefix="kpi-reruns-") as home:
        companies = (copy_files(NORTHLIGHT, Path(home) / "data" / "small", SMALL), NORTHLIGHT)
        for run in range(runs):
            company = companies[run % len(companies)]
            found = made.setdefault(company.name, [])
            found.append(render(company, Path(home) / f"run {run}", run))
            others = differing(found[0], found[-1]) or "the same"
            print(f"run {run + 1} of {runs}: {company.name}: {others}", flush=True)
    print("\n| report | runs | files | runs with the first one's bytes |\n| --- | ---: | ---: | ---: |")
    for name, found in made.items():
        print(f"| {name} | {len(found)} | {len(found[0])} | {sum(one == found[0] for one in found)} |")


def differing(one: Hashes, other: Hashes) -> str:
    """The files that are not the same."""
    return ", ".join(sorted(name for name in {*one, *other} if one.get(name) != other.get(name)))


def render(company: Path, place: Path, run: int) -> Hashes:
    """The hashes of a report's files, rendered from a copy of the exports in a folder of the run."""
    shutil.copytree(company, place / company.name)
    language, cache = LANGUAGES[run % len(LANGUAGES)], {"KPI_CACHE": "off"} if run % 3 else {}
    surroundings = {**os.environ, "PYTHONPATH": str(KIT), "PYTHONHASHSEED": str(run), "TZ": ZONES[run % len(ZONES)],
                    "LANG": language, "LC_ALL": language, **cache}  # fmt: skip
    line = [sys.executable, "-m", "kpi_helpers.cli", "report", company.name, "--month", MONTH, "--email"]
    mask = MASKS[run % len(MASKS)]
    subprocess.run(line, cwd=place, env=surroundings, umask=mask, check=True, stdout=subprocess.DEVNULL)
    folder = place / "reports" / company.name / MONTH
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if is_compared(path)}


def is_compared(path: Path) -> bool:
    return path.is_file() and not path.name.endswith(".manifest.json")


if __name__ == "__main__":
    main()
