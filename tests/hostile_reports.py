"""The hostile companies' reports, rendered once for all tests."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kpi_helpers.reports.render import render_report
from tests.folders import SAMPLE_END
from tests.hostile import Planted, hostile_company

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
CLIENT = "../../<script>pwn(900)</script>'\"{{7*7}}\x1b[2J\u202e=1+1"
PLACE = TemporaryDirectory(prefix="kpi-hostile-")
HOME = "co <img src=x onerror=pwn(902)> \" ' $x^{2}$"
COMPANIES = {"northlight": 0, "severny_svet": 3}


@dataclass(frozen=True)
class Hostile:
    """A hostile company and the folder of its report."""

    planted: Planted
    report: Path


def place() -> Path:
    """The folder in which everything stands: nothing may be written beside `out` in it."""
    return Path(PLACE.name)


@cache
def hostile_folder(name: str) -> Planted:
    """One of the sample companies, made hostile."""
    return hostile_company(SAMPLE / name, place() / HOME / name, COMPANIES[name])


@cache
def hostile_reports() -> tuple[Hostile, ...]:
    """Both companies' reports of the sample's last month; the first under a client's name that is hostile as well."""
    month = f"{SAMPLE_END:%Y-%m}"
    made: list[Hostile] = []
    for name in COMPANIES:
        planted = hostile_folder(name)
        client = CLIENT if not made else ""
        report = render_report(planted.folder, month, place() / "out", client=client, products=("email",))
        made.append(Hostile(planted, report))
    return tuple(made)
