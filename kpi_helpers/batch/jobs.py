"""One report of a batch: what is wanted, whether it must be made, and the making."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kpi_helpers.batch.outcome import LONGEST_REASON, Outcome
from kpi_helpers.company import read_company
from kpi_helpers.errors import KitError
from kpi_helpers.folders import find_folder
from kpi_helpers.language import _, use_language
from kpi_helpers.lettering import plain
from kpi_helpers.reports.manifest import why_again
from kpi_helpers.reports.order import REPORT, Order, order_report, safe_name

Tell = Callable[[int, int], None]  # cells done, all cells


@dataclass(frozen=True)
class Job:
    """One report that is wanted: `client`, `lang` and `currency` may be empty, then the company's folder says them.

    `again`: it is made even where nothing has changed. `spoken`: the language of the batch.
    """

    client: str
    folder: str
    month: str
    report: str = REPORT
    lang: str = ""
    currency: str = ""
    goals: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    out: str = "reports"
    products: tuple[str, ...] = ()
    again: bool = False
    spoken: str = "en"

    @property
    def name(self) -> str:
        """The client as it is shown."""
        return self.client or Path(self.folder).resolve().name

    @property
    def key(self) -> str:
        """The report's own name in a batch: the folder of the client, the month, the notebook."""
        return f"{safe_name(self.name)}/{self.month}/{self.report}"

    @property
    def final(self) -> Path:
        """The folder of the finished report."""
        return Path(self.out, safe_name(self.name), self.month)

    @property
    def failed(self) -> Path:
        """Where the notebook is left for reading when the report fails."""
        return self.final.with_name(f"{self.month}.{self.report}.failed.ipynb")


@dataclass(frozen=True)
class Look:
    """What a look at a job found: why it must be made ("" where it need not be), what is wrong with the plan."""

    why: str = ""
    mistake: str = ""


def look_at(job: Job) -> Look:
    """Whether the report must be made, and why: a code of `manifest.why_again`, "asked" or "unreadable"; never raises.

    What the plan says wrong is a mistake; a folder whose settings are wrong fails later, by itself.
    """
    use_language(job.spoken)
    try:
        read_company(find_folder(job.folder))
    except (KitError, OSError):
        return Look("unreadable")
    try:
        order = _order(job)
        return Look("asked" if job.again else why_again(order))
    except KitError as error:
        return Look("unreadable", str(error))
    except Exception:
        return Look("unreadable")
    finally:
        use_language(job.spoken)


def run_job(job: Job, tell: Tell | None = None) -> Outcome:
    """Make the report unless it stands finished and nothing has changed; never raises."""
    from kpi_helpers.reports.render import render

    started = time.monotonic()
    try:
        use_language(job.spoken)
        order = _order(job)
        if not job.again and not why_again(order):
            return kept(job)
        path = render(order, progress=tell or False, failed=job.failed)
        return Outcome("finished", "", time.monotonic() - started, str(path), job.key)
    except Exception as error:
        return failed(job, reason_of(error), time.monotonic() - started)


def kept(job: Job) -> Outcome:
    """The outcome of a report that stands; what a failure had left for reading is taken away."""
    with suppress(OSError):
        job.failed.unlink(missing_ok=True)
    return Outcome("kept", path=str(job.final), job=job.key)


def failed(job: Job, reason: str, seconds: float) -> Outcome:
    """The outcome of a report that failed, with its notebook where one was left."""
    path = str(job.failed) if job.failed.exists() else ""
    return Outcome("failed", plain(reason)[:LONGEST_REASON], seconds, path, job.key)


def reason_of(error: Exception) -> str:
    """What went wrong, in one line of the reader's language."""
    match error:
        case KitError():
            return str(error)
        case OSError(filename=str() as file, strerror=str() as reason):
            return _("{file} cannot be used: {reason}.").format(file=file, reason=reason)
    kind = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return _("a fault of the kit: {error}.").format(error=kind)


def _order(job: Job) -> Order:
    return order_report(
        job.folder, job.month, job.out, goals_file=job.goals, lang=job.lang, currency=job.currency, client=job.client,
        report=job.report, parameters=job.parameters, products=job.products,
    )  # fmt: skip
