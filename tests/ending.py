"""A guard against work that does not end. Speed is measured in benchmarks/, never here."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest


@contextmanager
def ends(seconds: float = 60) -> Iterator[None]:
    """Fails the test where the work takes that much CPU, which no busy machine adds to; on Windows there is no guard.

    To be given inputs of which quadratic work takes minutes, and linear work a second or two.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    said = f"the work has not ended after {seconds:.0f} s of CPU"
    stopped = []

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.append(True)
        pytest.fail(said)

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    if stopped:  # what is tested took the failure for one of its own errors
        pytest.fail(said)
