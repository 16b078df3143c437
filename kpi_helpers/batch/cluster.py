"""The reports of a batch on a Dask cluster: each in a process of its own on one of the workers.

All workers see the folders of the companies and of the reports under the paths that they have here, and have the same
kit. Whoever can reach a scheduler can run anything on its workers: it belongs into a network that is trusted.
"""

from __future__ import annotations

import gc
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from kpi_helpers.batch.jobs import Job, failed
from kpi_helpers.batch.outcome import Outcome
from kpi_helpers.batch.run import run_alone
from kpi_helpers.errors import KitError, KitErrors
from kpi_helpers.language import _, ngettext, use_language

if TYPE_CHECKING:
    from distributed import Client, Future

Tell = Callable[[Job, int, int], None]  # a report, its cells done, all its cells
ANSWER, WORKERS_COME = 20.0, 30.0  # seconds that the scheduler has to answer, and the first worker to come
NO_ANSWER = (OSError, TimeoutError, ValueError, KeyError, TypeError, AssertionError)  # the last: its thread came late
ALONE = 300.0  # seconds without any worker after which the rest is given up
LOOKS = 1.0  # seconds between two looks at the cluster
EXTRA = "pip install 'kpi-kit[cluster]'"
MARK = ".kpi-batch-"  # how the names of the files begin that show whether a folder is shared
CELLS = "kpi-batch"  # the topic on which workers tell how far they are
stopped: set[str] = set()  # on a worker: the batches that were stopped


class Stopped(Exception):
    """The batch was stopped while the report was under way."""


def run_on_cluster(
    jobs: Sequence[Job], scheduler: str, time_limit: float, tell: Tell | None = None,
    look: Callable[[], None] = lambda: None,
) -> Iterator[Outcome]:  # fmt: skip
    """Make the reports on the workers of a cluster and yield how each ended, in the order in which they end.

    `scheduler` is its address, such as tcp://10.0.0.5:8786, or its file. A report whose worker dies is made by another.
    `look` is called at least every second. Closing the iterator, or Ctrl-C, ends all that is under way. KitError where
    the cluster cannot be used.
    """
    if not jobs:
        return
    with _connected(scheduler) as client:
        _check_workers(client, scheduler, jobs)
        batch = _Batch(client, [_with_whole_paths(job) for job in jobs], time_limit, tell, look)
        try:
            yield from batch.outcomes()
        finally:
            batch.stop()


def make(job: Job, time_limit: float, batch: str) -> Outcome:
    """On a worker: make one report."""
    from distributed import get_worker

    worker = get_worker()

    def tell(job: Job, done: int, cells: int) -> None:
        if batch in stopped:
            raise Stopped
        worker.log_event(CELLS, (job.key, done, cells))

    use_language(job.spoken)
    try:
        return run_alone(job, time_limit, tell)
    except Stopped:
        return failed(job, _("it was stopped."), 0)


def describe_worker(marks: Sequence[str]) -> dict[str, Any]:
    """On a worker: its kit, its Python and its libraries, and which of the files `marks` it does not see."""
    import platform

    from kpi_helpers.reports.manifest import hash_code, libraries

    unseen = [mark for mark in marks if not os.path.exists(mark)]
    return {"code": hash_code(), "libraries": {**libraries(), "Python": platform.python_version()}, "unseen": unseen}


def stop_batch(batch: str) -> None:
    """On a worker: the reports of this batch end with their next cell."""
    stopped.add(batch)


class _Batch:
    """Reports on their way: one at a time of each folder, for they would only wait for one another there."""

    def __init__(self, client: Client, jobs: Sequence[Job], time_limit: float, tell: Tell | None,
                 look: Callable[[], None]) -> None:  # fmt: skip
        self.client, self.time_limit, self.tell, self.look = client, time_limit, tell, look
        self.waiting, self.jobs = list(jobs), {job.key: job for job in jobs}
        self.under_way: dict[Future, Job] = {}
        self.news: SimpleQueue[Any] = SimpleQueue()  # futures that have ended; reports and their cells
        self.seen_workers = time.monotonic()
        if tell:
            client.subscribe_topic(CELLS, lambda event: self.news.put(event[1]))

    def outcomes(self) -> Iterator[Outcome]:
        self._send()
        while self.under_way:
            self.look()
            try:
                news = self.news.get(timeout=LOOKS)
            except Empty:
                yield from self._given_up()
                continue
            if isinstance(news, tuple):
                self._pass_on(*news)
            elif job := self.under_way.pop(news, None):
                yield _outcome(news, job)
                self._send()

    def _send(self) -> None:
        """Hand over every report whose folder no other is being put into."""
        from dask.base import tokenize

        busy = {job.final for job in self.under_way.values()}
        for job in list(self.waiting):
            if job.final not in busy:
                busy.add(job.final)
                self.waiting.remove(job)
                key = f"kpi-{job.key}-{tokenize(job, self.time_limit, self.client.id)}"
                future = self.client.submit(make, job, self.time_limit, self.client.id, key=key)
                self.under_way[future] = job
                future.add_done_callback(self.news.put)

    def _pass_on(self, key: str, done: int, cells: int) -> None:
        if self.tell and key in self.jobs:
            self.tell(self.jobs[key], done, cells)

    def _given_up(self) -> Iterator[Outcome]:
        """What is left, as failed, where there has been no worker for long or the scheduler is gone."""
        lost = self.client.status != "running"
        if not lost and self.client.scheduler_info()["workers"]:
            self.seen_workers = time.monotonic()
        if lost or time.monotonic() - self.seen_workers > ALONE:
            said = _("the scheduler is gone.") if lost else _("the cluster has had no worker for 5 minutes.")
            left = [*self.under_way.values(), *self.waiting]
            self.under_way, self.waiting = {}, []
            yield from (failed(job, said, 0) for job in left)

    def stop(self) -> None:
        """End what is under way."""
        if self.under_way and self.client.status == "running":
            with suppress(OSError, TimeoutError):
                self.client.cancel(list(self.under_way), force=True)
                self.client.run(stop_batch, self.client.id, on_error="ignore")


def _outcome(future: Future, job: Job) -> Outcome:
    """How a report ended on the cluster; what the cluster itself says of a failure is told as the reason."""
    from distributed import CancelledError, KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        n = error.allowed_failures + 1
        said = ngettext("the worker that made it died.", "the {n} workers that made it died, one after the other.", n)
        return failed(job, said.format(n=n), 0)
    except CancelledError:
        return failed(job, _("the scheduler is gone."), 0)
    except Exception as error:  # of the way to the worker and back: the report itself raises nothing
        said = _("the worker could not make it: {error}.").format(error=f"{type(error).__name__}: {error}")
        return failed(job, said, 0)


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    """A client of the cluster that says nothing by itself. KitError where there is none to be had."""
    try:
        from distributed import Client
    except ImportError:
        raise KitError(_("--scheduler needs Dask."), _("Install the extra: {command}.").format(command=EXTRA)) from None
    for name in ("distributed", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with _without_collection():
            client = Client(**_place(scheduler), timeout=ANSWER, set_as_default=False)
    except NO_ANSWER as error:
        raise KitError(
            _("no Dask scheduler answers at {address}.").format(address=scheduler),
            _("Start one with {command}, and check the address and the versions of Dask.").format(
                command="dask scheduler"
            ),
        ) from error
    with client:
        yield client


@contextmanager
def _without_collection() -> Iterator[None]:
    """No garbage is collected meanwhile: an earlier client that found nobody closes itself when it is collected, and
    waits for ever for the lock that a client holds while it starts."""
    was = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _place(scheduler: str) -> dict[str, str]:
    """What a client is told of the scheduler: its address, or its file."""
    if "://" not in scheduler and (scheduler.endswith(".json") or os.sep in scheduler):
        if not Path(scheduler).is_file():
            raise KitError(_("there is no file {name}.").format(name=scheduler))
        return {"scheduler_file": scheduler}
    return {"address": scheduler}


def _check_workers(client: Client, scheduler: str, jobs: Sequence[Job]) -> None:
    """KitErrors unless there are workers, and each has this kit and sees the folders of the reports."""
    with suppress(TimeoutError, OSError):
        client.wait_for_workers(1, timeout=WORKERS_COME)
    outs = sorted({Path(job.out).resolve() for job in jobs})
    for out in outs:
        out.mkdir(parents=True, exist_ok=True)
    folders = sorted({str(path) for job in jobs if (path := Path(job.folder).resolve()).exists()})
    with _marks(outs) as marks:
        told = client.run(describe_worker, [*marks, *folders], on_error="return")
    if not told:
        command = f"dask worker {scheduler}"
        raise KitError(
            _("the cluster at {address} has no workers.").format(address=scheduler),
            _("Start some with {command}.").format(command=command),
        )
    own = describe_worker([])
    if faults := [fault for worker, theirs in sorted(told.items()) if (fault := _fault(worker, theirs, own))]:
        raise KitErrors.of(faults)


def _fault(worker: str, theirs: Any, own: dict[str, Any]) -> KitError | None:
    """What keeps a worker from making reports."""
    if isinstance(theirs, BaseException) and "No module named 'kpi_helpers'" in str(theirs):
        return KitError(_("the kit is not installed there."), _("Install the same version as here."), where=worker)
    if isinstance(theirs, BaseException):
        return KitError(f"{type(theirs).__name__}: {theirs}", where=worker)
    if theirs["unseen"]:
        name = Path(theirs["unseen"][0])
        name = name.parent if name.name.startswith(MARK) else name
        return KitError(_("the folder {name} is not seen there.").format(name=name),
                        _("All workers must see it under this path."), where=worker)  # fmt: skip
    for name, version in own["libraries"].items():
        if theirs["libraries"].get(name) != version:
            there = theirs["libraries"].get(name, "—")
            said = _("{name} {there} is installed there, and {here} here.").format(name=name, there=there, here=version)
            return KitError(said, _("Install the same version as here."), where=worker)
    if theirs["code"] != own["code"]:
        return KitError(_("another version of the kit is installed there."), _("Install the same version as here."),
                        where=worker)  # fmt: skip
    return None


@contextmanager
def _marks(folders: Sequence[Path]) -> Iterator[list[str]]:
    """A file in each of the folders for the time of the check: who sees it sees the same folder."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield [stack.enter_context(NamedTemporaryFile(prefix=MARK, dir=folder)).name for folder in folders]


def _with_whole_paths(job: Job) -> Job:
    """The job for a worker, which has another working directory."""
    goals = str(Path(job.goals).resolve()) if job.goals else ""
    return replace(job, folder=str(Path(job.folder).resolve()), out=str(Path(job.out).resolve()), goals=goals)
