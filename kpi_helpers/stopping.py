"""A long task that Ctrl-C stops for certain: the libraries that run notebooks lose an interruption now and then."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from threading import Event, current_thread, main_thread
from typing import TypeVar

T = TypeVar("T")
_stop: ContextVar[Event | None] = ContextVar("_stop", default=None)


def run_stoppable(task: Callable[[], T]) -> T:
    """The task's result; on Ctrl-C its processes end, it clears up after itself, and KeyboardInterrupt is raised.

    The task runs in a thread and the main thread waits, so that the interruption meets no library; a second Ctrl-C
    asks for nothing more. A task that starts no more processes is past its long part: it comes to its end, and its
    result is the answer.
    """
    context, stop = copy_context(), Event()
    context.run(_stop.set, stop)
    with _told_of_interruption(stop), ThreadPoolExecutor(1) as pool:
        future = pool.submit(context.run, task)
        while not future.done():
            wait([future], timeout=0.1)  # no interruption ends a wait
            if stop.is_set():
                _end_processes()
        if stop.is_set() and future.exception():
            raise KeyboardInterrupt
        return future.result()


@contextmanager
def _told_of_interruption(stop: Event) -> Iterator[None]:
    """Ctrl-C sets `stop` and raises nothing, however often it comes; where it is ignored already, it stays so."""
    before = signal.getsignal(signal.SIGINT)
    if before == signal.SIG_IGN or current_thread() is not main_thread():
        yield
        return
    signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def is_stopped() -> bool:
    """Whether the task that this runs in was stopped: what only waits gives up then."""
    stop = _stop.get()
    return stop is not None and stop.is_set()


def _end_processes() -> None:
    from psutil import NoSuchProcess, Process

    for process in Process().children(recursive=True):
        with suppress(NoSuchProcess):
            process.kill()
