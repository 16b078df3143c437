"""A long task that Ctrl-C stops for certain: the libraries that run notebooks lose an interruption now and then."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from contextvars import ContextVar, copy_context
from threading import Event
from typing import TypeVar

T = TypeVar("T")
_stop: ContextVar[Event | None] = ContextVar("_stop", default=None)


def run_stoppable(task: Callable[[], T]) -> T:
    """The task's result; on Ctrl-C its processes end, it clears up after itself, and KeyboardInterrupt is raised.

    The task runs in a thread and the main thread waits, so that the interruption meets no library. A task that starts
    no more processes is past its long part: it comes to its end, and its result is the answer.
    """
    context, stop = copy_context(), Event()
    context.run(_stop.set, stop)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(context.run, task)
        try:
            while not future.done():
                wait([future], timeout=0.5)  # for on Windows nothing interrupts a wait without a limit
        except KeyboardInterrupt:
            stop.set()
            while not future.done():
                _end_processes()
                wait([future], timeout=0.1)
            if future.exception():
                raise
        return future.result()


def is_stopped() -> bool:
    """Whether the task that this runs in was stopped: what only waits gives up then."""
    stop = _stop.get()
    return stop is not None and stop.is_set()


def _end_processes() -> None:
    from psutil import NoSuchProcess, Process

    for process in Process().children(recursive=True):
        with suppress(NoSuchProcess):
            process.kill()
