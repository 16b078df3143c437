"""What is known of the reports in a folder: `batch.json` for programs and `index.html` for people."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from kpi_helpers.batch.index import write_page
from kpi_helpers.batch.jobs import Job
from kpi_helpers.batch.outcome import Outcome, Row
from kpi_helpers.errors import KitError
from kpi_helpers.language import N_, _
from kpi_helpers.palette import count_goals
from kpi_helpers.reports.manifest import read_manifest
from kpi_helpers.reports.order import record_name
from kpi_helpers.saving import write_safely

STATES = ("waiting", "finished", "kept", "failed")
DATA, PAGE = "batch.json", "index.html"
PAUSE = 1.0  # seconds at least from one writing to the next
WAIT = N_("Wait until it has ended, or choose another folder: --out.")
OF_PAGE = (".html", ".pdf")  # files that the page links to


class Summary:
    """The reports of a batch, and of the batches before it in the same folder."""

    def __init__(self, out: Path, plan: str, lang: str, jobs: Sequence[Job], known: Iterable[Job] = ()) -> None:
        """`jobs` are the reports of this batch, `known` all of its plan: what is known of the others stays."""
        self.out, self.lang, self.jobs, self.written = out, lang, {job.key: job for job in jobs}, 0.0
        self.noted = True  # something that is not written yet
        self.fault: OSError | None = None
        self.about: dict[str, Any] = {
            "plan": plan, "state": "running", "host": socket.gethostname(), "process": os.getpid(),
            "started": _now(), "ended": "", "wanted": len(jobs),
        }  # fmt: skip
        others = {job.key for job in known}
        rows = read_rows(out).items()
        stands = os.path.exists  # Path.exists raises where a folder is closed
        self.rows = {key: row for key, row in rows if key in others or (row.folder and stands(out / row.folder))}
        for job in jobs:
            self.rows[job.key] = self._row(job)

    def note(self, outcome: Outcome) -> None:
        """Write down how the work on a report ended."""
        job, self.noted = self.jobs[outcome.job], True
        path = os.path.relpath(outcome.path, self.out) if outcome.path else ""
        self.rows[job.key] = replace(
            self._row(job), state=outcome.state, reason=outcome.reason, seconds=round(outcome.seconds, 1),
            path=Path(path).as_posix() if path else "", when=_now(),
        )  # fmt: skip

    def counts(self) -> Counter[str]:
        """How many of this batch's reports are in each state."""
        return Counter(self.rows[key].state for key in self.jobs)

    def own(self) -> list[Row]:
        """The reports of this batch."""
        return [self.rows[key] for key in self.jobs]

    def write(self, *, at_once: bool = False) -> None:
        """Write what is new into both files, unless they were written a moment ago: then it waits for the next call.

        `fault` is what hindered it, else None.
        """
        if not at_once and (not self.noted or time.monotonic() - self.written < PAUSE):
            return
        self.noted, self.written = False, time.monotonic()
        self.about["written"] = _now()
        page = write_page(self.about, list(self.rows.values()), self.own(), self.lang)
        self.fault = None
        try:
            write_safely(self.out / DATA, as_json(self.as_data(self.rows.values())))
            write_safely(self.out / PAGE, page.encode("utf-8", "replace"))
        except OSError as error:  # a full disk: the reports matter more
            self.fault = error

    def end(self, state: str) -> None:
        """Close the batch as "finished" or "stopped" and write both files."""
        self.about |= {"state": state, "ended": _now()}
        self.write(at_once=True)

    def as_data(self, rows: Iterable[Row]) -> dict[str, Any]:
        """The batch and reports, as `batch.json` holds them."""
        return {**self.about, "counts": dict(sorted(self.counts().items())), "reports": [asdict(row) for row in rows]}

    def _row(self, job: Job) -> Row:
        """A report that waits, with what stands of it."""
        row = Row(job.key, job.name, job.month, job.report)
        try:
            manifest = read_manifest(job.final, job.report)
        except KitError:
            return row
        row.folder = Path(os.path.relpath(job.final, self.out)).as_posix()
        row.files = sorted(name for name in manifest["files"] if name.endswith(OF_PAGE) and _is_plain(name))
        row.made, row.took = manifest["rendered_at"], _number(manifest.get("seconds"))
        row.statuses = count_statuses(job.final / record_name(job.report))
        return row


@contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """While no other batch writes to this folder; KitError says which one does."""
    from filelock import FileLock, Timeout

    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / ".batch.lock", timeout=0)
    try:
        with lock:
            _clear(out)
            yield
    except Timeout:
        with suppress(OSError, ValueError, KeyError, TypeError):
            about = read_data(out)
            found = _("another batch is writing to {folder} (process {process} on {host}, plan {plan}).")
            said = found.format(folder=out, process=about["process"], host=about["host"], plan=about["plan"])
            raise KitError(said, _(WAIT)) from None
        raise KitError(_("another batch is writing to {folder}.").format(folder=out), _(WAIT)) from None


def _clear(out: Path) -> None:
    """Take away what a batch left that was killed while it wrote."""
    for path in out.glob(".*"):
        if re.fullmatch(rf"\.({re.escape(DATA)}|{re.escape(PAGE)})\.[a-z0-9_]{{8}}", path.name):
            with suppress(OSError):
                path.unlink()


def count_statuses(record: Path) -> dict[str, int]:
    """How many goals have each status, the company's and its channels'; none where the record cannot be read."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        kpis = json.loads(record.read_text(encoding="utf-8"))["kpis"]
        return count_goals(str(kpi["status"]) for kpi in kpis)
    return {}


def read_rows(out: Path) -> dict[str, Row]:
    """The reports that the batches before have written down, by key; what cannot be read is as if it were not there."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        rows = [_read_row(data) for data in read_data(out)["reports"]]
        return {row.key: row for row in rows if row}
    return {}


def _read_row(data: Any) -> Row | None:
    if not isinstance(data, dict):
        return None
    known = {name: data[name] for name, kind in _TYPES.items() if isinstance(data.get(name), kind)}
    if not {"key", "client", "month", "report", "state"} <= set(known) or not _MONTH.fullmatch(known["month"]):
        return None
    row = Row(**known)
    sound = all(map(_stays_below, (row.folder, row.path))) and all(map(_is_plain, row.files))
    return row if sound and row.state in STATES else None


def read_data(out: Path) -> dict[str, Any]:
    """The contents of `batch.json`; OSError or ValueError where there are none."""
    data = json.loads((out / DATA).read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError(out)
    return data


def as_json(data: Mapping[str, Any]) -> bytes:
    """Data as they are written to a file."""
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8", "replace")


_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_KINDS: dict[str, Any] = {"float": (int, float), "list[str]": list, "dict[str, int]": dict}
_TYPES = {one.name: _KINDS.get(str(one.type), str) for one in fields(Row)}


def _stays_below(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return ".." not in parts and not path.startswith("/") and ":" not in path


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and PurePosixPath(name).name == name


def _number(value: Any) -> float:
    return round(float(value), 1) if isinstance(value, (int, float)) else 0.0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
