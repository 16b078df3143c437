"""One report of a batch: what is wanted, whether it must be made, and the making."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kpi_helpers.batch.outcome import LONGEST_REASON, Outcome
from kpi_helpers.company import read_company
from kpi_helpers.errors import KitError
from kpi_helpers.folders import check_one_company, find_folder
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
    """What a look at a job found: why it must be made ("" where it need not be), what is wrong with the plan.

    `reason`: why it cannot be made as things stand, in a line.
    """

    why: str = ""
    mistake: str = ""
    reason: str = ""


def look_at(job: Job) -> Look:
    """Whether the report must be made, and why: a code of `manifest.why_again`, "asked" or "unreadable"; never raises.

    What the plan says wrong is a mistake; a client without its folder, its goals file or sound settings fails later,
    by itself.
    """
    use_language(job.spoken)
    try:
        _check_files(job)
        read_company(find_folder(job.folder))
    except (KitError, OSError) as error:
        return Look("unreadable", reason=plain(reason_of(error)))
    try:
        order = _order(job)
        return Look("asked" if job.again else why_again(order))
    except KitError as error:
        return Look("unreadable", str(error))
    except Exception as error:
        return Look("unreadable", reason=plain(reason_of(error)))
    finally:
        use_language(job.spoken)


def run_job(job: Job, tell: Tell | None = None) -> Outcome:
    """Make the report unless it stands finished and nothing has changed; never raises."""
    from kpi_helpers.reports.execute import Failure
    from kpi_helpers.reports.render import render

    started = time.monotonic()
    try:
        use_language(job.spoken)
        order = _order(job)
        if not job.again and not why_again(order):
            return kept(job)
        _forget_failure(job)
        path = render(order, progress=tell or False, failed=job.failed, spoken=job.spoken)
        return Outcome("finished", "", time.monotonic() - started, str(path), job.key)
    except Failure as error:
        step = error.next_step
        if os.path.exists(job.failed):  # that is the notebook to be opened
            step = step.replace(order.notebook.name, job.failed.name)
        return failed(job, str(KitError(error.found, step)), time.monotonic() - started)
    except Exception as error:
        return failed(job, reason_of(error), time.monotonic() - started)


def kept(job: Job) -> Outcome:
    """The outcome of a report that stands; what a failure had left for reading is taken away."""
    _forget_failure(job)
    return Outcome("kept", path=str(job.final), job=job.key)


def failed(job: Job, reason: str, seconds: float) -> Outcome:
    """The outcome of a report that failed, with its notebook where one was left."""
    path = str(job.failed) if os.path.exists(job.failed) else ""  # Path.exists raises where a folder is closed
    return Outcome("failed", plain(reason)[:LONGEST_REASON], seconds, path, job.key)


def _forget_failure(job: Job) -> None:
    """Take away the notebook of an attempt before."""
    with suppress(OSError, ValueError):
        job.failed.unlink(missing_ok=True)


def reason_of(error: Exception) -> str:
    """What went wrong, in one line of the reader's language."""
    match error:
        case KitError():
            return str(error)
        case OSError(errno=errno.ENOSPC):
            return _("the disk is full.")
        case OSError(filename=str() as file, strerror=str() as reason):
            return _("{file} cannot be used: {reason}.").format(file=file, reason=reason)
    kind = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return _("a fault of the kit: {error}.").format(error=kind)


def _check_files(job: Job) -> None:
    """KitError where the client's folder or goals file is not there, or the folder holds several companies."""
    check_one_company(find_folder(job.folder))
    if job.goals and not os.path.isfile(job.goals):
        found = _("there is no goals file {file}.").format(file=job.goals)
        raise KitError(found, _("Name an existing file or leave it out."))


def _order(job: Job) -> Order:
    _check_files(job)
    return order_report(
        job.folder, job.month, job.out, goals_file=job.goals, lang=job.lang, currency=job.currency, client=job.client,
        report=job.report, parameters=job.parameters, products=job.products,
    )  # fmt: skip
