"""The reports of a batch in processes of their own: so many at once, each within its time, none disturbing another."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from kpi_helpers.batch.jobs import Job, failed, run_job
from kpi_helpers.batch.outcome import Outcome
from kpi_helpers.language import _, ngettext, use_language

if TYPE_CHECKING:
    import psutil

Tell = Callable[[Job, int, int], None]  # a report, its cells done, all its cells
PATIENCE = 15.0  # seconds that a report has to end by itself when its time is over, its failed notebook written
LOOKS = 0.5  # seconds between two looks at the clock: on Windows nothing interrupts a wait without a limit
LEAVING = 5.0  # seconds that a process has to end when it has said its last word


def run_here(
    jobs: Sequence[Job], slots: int, time_limit: float, tell: Tell | None = None, look: Callable[[], None] | None = None
) -> Iterator[Outcome]:
    """Make the reports on this machine, `slots` at once, and yield how each ended, in the order in which they end.

    `look` is called at least every half a second.
    A report that takes longer than `time_limit` seconds is ended with everything it started. Reports of one folder
    follow one another. Closing the iterator, or Ctrl-C, ends all that is under way.
    """
    waiting, running = list(jobs), list[_Running]()
    try:
        while waiting or running:
            while len(running) < slots and (job := _next(waiting, running)):
                try:
                    running.append(_Running(job, time_limit))
                except OSError as error:
                    yield failed(job, said_of_start(error), 0)
            wait([end for one in running for end in one.ends], timeout=LOOKS)
            if look:
                look()
            for one in list(running):
                if outcome := one.outcome(tell):
                    running.remove(one)
                    yield outcome
    finally:
        for one in running:
            one.end()


def run_alone(job: Job, time_limit: float, tell: Tell | None = None) -> Outcome:
    """Make one report in a process of its own that is ended with everything it started when its time is over."""
    return next(run_here([job], 1, time_limit, tell))


def _next(waiting: list[Job], running: list[_Running]) -> Job | None:
    """The next report whose folder no other is being put into."""
    busy = {one.job.final for one in running}
    job = next((job for job in waiting if job.final not in busy), None)
    if job:
        waiting.remove(job)
    return job


class _Running:
    """A report under way."""

    def __init__(self, job: Job, time_limit: float) -> None:
        from kpi_helpers.engine import forks

        self.job, self.limit = job, time_limit
        self.reader, writer = Pipe(duplex=False)
        self.process = forks.start(_make, job, time_limit, writer)
        writer.close()
        self.started = time.monotonic()  # the first start waits for the libraries, which is not the report's time
        self.ends: list[Any] = [self.reader, self.process.sentinel]

    def outcome(self, tell: Tell | None) -> Outcome | None:
        """How it ended, or None while it is under way."""
        gone = not self.process.is_alive()  # asked first: its last word may come between the two questions
        last = self._listen(tell)
        seconds = time.monotonic() - self.started
        if last is None and gone:
            last = failed(self.job, said_of_end(self.process.exitcode), seconds)
        elif last is None and seconds > self.limit + PATIENCE:
            last = failed(self.job, said_of_time(self.limit), seconds)
        elif last:
            self.process.join(LEAVING)
        if last:
            self.end()
        return last

    def _listen(self, tell: Tell | None) -> Outcome | None:
        with suppress(EOFError, OSError):
            while self.reader in self.ends and self.reader.poll():
                match self.reader.recv():
                    case Outcome() as outcome:
                        return outcome
                    case (int() as done, int() as cells) if tell:
                        tell(self.job, done, cells)
            return None
        self.ends = [self.process.sentinel]
        return None

    def end(self) -> None:
        """End the process with everything it started."""
        from kpi_helpers.engine import forks

        started = _started_by(self.process.pid or 0) if self.process.is_alive() else set()
        forks.end(self.process)
        _kill(started)
        self.reader.close()


def said_of_start(error: OSError) -> str:
    """A report for which the system gave no process."""
    return _("no process could be started: {reason}.").format(reason=error.strerror or error)


def said_of_end(code: int | None) -> str:
    """What became of a process that said nothing when it ended."""
    if code is not None and code < 0:
        return _("it was ended by the system (signal {signal}).").format(signal=-code)
    return _("it ended without a word (exit code {code}).").format(code=code)


def said_of_time(seconds: float) -> str:
    """A report whose time was over."""
    return _("it took longer than {time}.").format(time=write_time(seconds))


def write_time(seconds: float) -> str:
    """A time in words: seconds below two minutes, then minutes, then hours and minutes."""
    if seconds < 120:
        n = max(1, round(seconds))
        return ngettext("{n} second", "{n} seconds", n).format(n=n)
    minutes = round(seconds / 60)
    if minutes < 120:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)


def _end_cells() -> None:
    """End the process of the cells and what they started; this one lives on and leaves the notebook for reading."""
    import psutil

    _kill(_started_by(os.getpid()) - {psutil.Process()})


def _started_by(leader: int) -> set[psutil.Process]:
    """A process, those of its group, and what any of these has started, be it in a group of its own."""
    import psutil

    found = set[psutil.Process]()
    for one in psutil.process_iter():
        if one.pid == leader or _group(one.pid) == leader:
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                found |= {one, *one.children(recursive=True)}
    return found


def _kill(processes: Iterable[psutil.Process]) -> None:
    import psutil

    for one in processes:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            one.kill()


def _group(pid: int) -> int:
    with suppress(ProcessLookupError, PermissionError, AttributeError):
        return os.getpgid(pid)
    return -1


def _make(job: Job, time_limit: float, writer: Connection) -> None:
    """In the report's own process: make it, tell how far it is, say how it ended."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        _end_cells()

    def tell(done: int, cells: int) -> None:
        with suppress(OSError):
            writer.send((done, cells))

    clock = threading.Timer(time_limit, stop)
    clock.daemon = True
    clock.start()
    outcome = run_job(job, tell)
    clock.cancel()
    if late.is_set() and outcome.state == "failed":
        use_language(job.spoken)
        outcome = failed(job, said_of_time(time_limit), outcome.seconds)
    writer.send(outcome)
