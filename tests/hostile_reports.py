"""The hostile companies' reports, rendered once for all tests, and the page of a batch of hostile clients."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kpi_helpers.batch.index import write_page
from kpi_helpers.batch.outcome import Row
from kpi_helpers.reports.render import render_report, safe_name
from tests.folders import SAMPLE_END
from tests.hostile import PAYLOADS, Planted, hostile_company, name_of_file

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


def hostile_page(lang: str) -> str:
    """The page of a batch in which every value is a client, the reason of a failure, a report and a file."""
    rows = []
    for number, value in enumerate(PAYLOADS):
        name, folder, failed = name_of_file(value), f"{safe_name(value)}/2026-10", number % 2
        rows.append(Row(
            f"{safe_name(value)}{number}/2026-10/{value}", value, "2026-10", value, "failed" if failed else "finished",
            reason=value, path=f"x/{name}.ipynb", folder="" if failed else folder, files=[f"{name}.html"],
            made="2026-11-01T00:00:00Z", statuses={"met": 1},
        ))  # fmt: skip
    about = {"plan": PAYLOADS[2], "state": "finished", "ended": "2026-11-01T00:00:00+00:00", "written": ""}
    return write_page(about, rows, rows, lang)
