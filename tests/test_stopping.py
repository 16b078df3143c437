"""Ctrl-C, once or more often: what was started ends, the task clears up, and the command is stopped."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from kpi_helpers.stopping import is_stopped, run_stoppable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
ENDLESS = [sys.executable, "-c", "import time; time.sleep(20)"]


def press(times: int) -> None:
    """Ctrl-C, so many times, each seen before the next."""
    for _time in range(times):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)


def pressing(times: int, ends: list[int | None], error: bool = True) -> Callable[[], str]:
    """A task during which Ctrl-C is pressed; what it starts after that does not end by itself."""

    def task() -> str:
        press(times)
        while not is_stopped():
            time.sleep(0.01)
        try:
            process = subprocess.Popen(ENDLESS)
            ends.append(process.wait())
            press(times)
            if error:
                raise RuntimeError("its process was killed")
            return "done"
        finally:
            ends.append(None)  # cleared up

    return task


@pytest.mark.parametrize("times", [1, 2, 3])
def test_asked_once_or_more_often_it_stops_and_clears_up(times: int) -> None:
    before, ends = signal.getsignal(signal.SIGINT), list[int | None]()
    with pytest.raises(KeyboardInterrupt):
        run_stoppable(pressing(times, ends))
    assert ends == [-signal.SIGKILL, None]
    assert signal.getsignal(signal.SIGINT) is before


def test_what_comes_to_its_end_all_the_same_is_the_answer() -> None:
    assert run_stoppable(pressing(2, [], error=False)) == "done"


def test_a_fault_is_raised_as_it_is() -> None:
    def fail() -> None:
        raise ValueError("own")

    with pytest.raises(ValueError, match="own"):
        run_stoppable(fail)


def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run_stoppable(lambda: (press(1), is_stopped())[1]) is False
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_it_runs_in_a_thread_too() -> None:
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(run_stoppable(lambda: 1)))
    thread.start()
    thread.join()
    assert done == [1]
