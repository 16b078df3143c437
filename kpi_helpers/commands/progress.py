"""How far a batch is: a bar where somebody looks, a line for each report in a log."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from kpi_helpers.batch.jobs import Job
from kpi_helpers.batch.outcome import Outcome
from kpi_helpers.batch.run import write_time
from kpi_helpers.labels import month_name
from kpi_helpers.language import N_, _
from kpi_helpers.printing import tell

FORMAT = "{desc} {percentage:3.0f}%|{bar}| {unit}"
STATES = {"finished": N_("made in {time}"), "kept": N_("nothing has changed"), "failed": N_("failed: {reason}")}


class Progress:
    """Told of cells and reports, it says on standard error how many reports are done and how long the rest takes."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.wanted, self.done, self.started = len(jobs), 0, time.monotonic()
        self.several = len({job.report for job in jobs}) > 1
        self.parts: dict[str, float] = {}  # of the reports under way, by key
        self.bar: Any = None
        if jobs and has_width():
            from tqdm import tqdm

            total, said = self.wanted, _("reports")
            self.bar = tqdm(total=total, desc=said, bar_format=FORMAT, unit="", leave=False, file=sys.stderr)
            self._show()

    def cell(self, job: Job, done: int, cells: int) -> None:
        """A report is so many of its cells further."""
        if cells > 0:
            self.parts[job.key] = min(done / cells, 1.0)
        self._show()

    def report(self, job: Job, outcome: Outcome) -> None:
        """A report has ended."""
        self.parts.pop(job.key, None)
        self.done += 1
        said = _(STATES[outcome.state]).format(time=write_time(outcome.seconds), reason=outcome.reason)
        name = f"{title(job)}, {job.report}" if self.several else title(job)
        line = f"{self.done}/{self.wanted} {name}: {said}"
        if not self.bar:
            tell(f"{line} ({left})" if (left := self.left()) else line)
        elif outcome.state == "failed":
            self.bar.clear()
            tell(line)
        self._show()

    def left(self) -> str:
        """The time that the rest will take, as it went so far; "" where nothing can be said."""
        units = self.done + sum(self.parts.values())
        if self.done >= self.wanted or units < 0.05:
            return ""
        seconds = (time.monotonic() - self.started) * (self.wanted - units) / units
        return _("about {time} left").format(time=write_time(seconds))

    def close(self) -> None:
        """Take the bar away."""
        if self.bar:
            self.bar.close()

    def _show(self) -> None:
        if self.bar:
            counted = _("{n} of {wanted}").format(n=self.done, wanted=self.wanted)
            self.bar.n = round(self.done + sum(self.parts.values()), 2)
            self.bar.unit = ", ".join(filter(None, (counted, self.left())))
            self.bar.refresh()


def has_width() -> bool:
    """Whether standard error is a terminal in which a bar has room: one that nobody looks at may have no width."""
    try:
        return sys.stderr.isatty() and os.get_terminal_size(sys.stderr.fileno()).columns > 0
    except (OSError, ValueError):
        return False


def title(job: Job) -> str:
    """A report as it is named to people: client and month."""
    return f"{job.name}, {name_month(job.month)}"


def name_month(month: str) -> str:
    """A month of a plan inside a sentence."""
    return month_name(date.fromisoformat(f"{month}-01"), heading=False)
