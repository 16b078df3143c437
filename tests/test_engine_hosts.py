"""What the host of the warm processes may do, and what may befall the server: it forks, it is full, it is stuck."""

import errno
import os
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from test_engine import ask, gone, leave, server, write  # noqa: F401

from kpi_helpers.engine import forks
from kpi_helpers.reports import execute

pytestmark = pytest.mark.skipif(not forks.can_fork(), reason="processes are forked on Linux only")
LOOK = """
import os

def look(file):
    import matplotlib, kpi_helpers
    found = matplotlib.get_configdir()
    with open(file, "w") as told:
        print(kpi_helpers.__file__, os.path.isdir(found), file=told)
"""
HOST = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from kpi_helpers.engine import forks
from look import look

for name in ("first", "second"):
    process = forks.start(look, os.path.join(sys.argv[2], name))
    process.join()
parent = os.getpid()
if not os.fork():
    while os.getppid() == parent:
        time.sleep(0.05)
    os._exit(0)
"""


def tell_limits(writer: Connection) -> None:
    mask = os.umask(0)
    files = [fd for fd in map(int, os.listdir("/proc/self/fd")) if fd > 2 and os.path.exists(f"/proc/self/fd/{fd}")]
    writer.send((mask, resource.getrlimit(resource.RLIMIT_NOFILE), [fd for fd in files if os.get_inheritable(fd)]))


def leave_behind(writer: Connection) -> None:
    writer.send(subprocess.Popen(["sleep", "60"]).pid)


def test_the_server_is_of_the_hosts_kit_and_ends_with_a_host_that_has_forked(tmp_path: Path) -> None:
    """The working directory holds files named as modules; Matplotlib has no folder of its own."""
    own, here, told, temporary = (tmp_path / name for name in ("own", "here", "told", "temporary"))
    for folder in (here / "kpi_helpers", told, temporary):
        folder.mkdir(parents=True)
    for name in ("kpi_helpers/__init__.py", "numpy.py", "json.py"):
        (here / name).write_text("raise SystemExit('not this one')")
    shutil.copytree(forks.PACKAGE, own / "kpi_helpers", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "look.py").write_text(LOOK)
    (tmp_path / "host.py").write_text(HOST)
    environment = {**os.environ, "MPLCONFIGDIR": str(tmp_path / "host.py"), "TMPDIR": str(temporary)}
    done = subprocess.run(
        [sys.executable, tmp_path / "host.py", own, told], cwd=here, env=environment, timeout=120,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0
    assert {path.name: path.read_text() for path in told.iterdir()} == dict.fromkeys(
        ("first", "second"), f"{own / 'kpi_helpers' / '__init__.py'} True\n"
    )
    assert list(temporary.iterdir()) == []


def test_a_process_that_the_host_forks_leaves_the_server_to_the_host(server: int) -> None:  # noqa: F811
    assert forks._server
    pid = os.fork()
    if not pid:
        os._exit(forks._server is not None)
    assert os.waitpid(pid, 0)[1] == 0
    process = forks.start(leave, 7)
    process.join()
    assert process.exitcode == 7


def test_ctrl_c_is_not_for_the_server(server: int) -> None:  # noqa: F811
    assert os.getpgid(server) == server != os.getpgrp()


def test_a_task_that_was_stopped_starts_nothing_more(server: int, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(forks, "is_stopped", lambda: True)
    with pytest.raises(OSError) as raised:
        forks.start(leave, 0)
    assert raised.value.errno == errno.ECANCELED


def test_a_server_that_does_not_answer_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    door, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    stuck = forks.Server(door)
    stuck.process = subprocess.Popen(["sleep", "60"])
    monkeypatch.setattr(forks, "_server", None)
    monkeypatch.setattr(forks, "_start_server", lambda: stuck)
    with inner, door, pytest.raises(OSError) as raised:
        forks.start(leave, 0, within=0.05)
    assert raised.value.errno == errno.ETIMEDOUT
    assert stuck.process.poll() is not None
    assert forks._server is None


def settled_files(pid: int) -> set[int]:
    """The files that a process has open, once it opens and closes no more: it takes its leave of earlier ones first."""
    seen: list[set[int]] = []
    while len(seen) < 5 or any(one != seen[-1] for one in seen[-5:]):
        seen.append({int(name) for name in os.listdir(f"/proc/{pid}/fd")})
        time.sleep(0.1)
    return seen[-1]


def test_a_full_server_refuses_and_goes_on(server: int, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(forks, "PATIENCE", ())
    soft, hard = resource.prlimit(server, resource.RLIMIT_NOFILE)
    assert soft == hard
    used = settled_files(server)
    full = next(n for n in range(3, 1000) if n - sum(fd < n for fd in used) == 1)
    resource.prlimit(server, resource.RLIMIT_NOFILE, (full, hard))
    try:
        with pytest.raises(OSError) as raised:
            forks.start(leave, 0)
    finally:
        resource.prlimit(server, resource.RLIMIT_NOFILE, (soft, hard))
    assert raised.value.errno == errno.EMFILE
    process = forks.start(leave, 7)
    process.join()
    assert process.exitcode == 7
    assert forks._server
    assert forks._server.process
    assert forks._server.process.pid == server


def test_a_process_has_the_callers_umask_and_limits_and_hands_on_no_files(server: int) -> None:  # noqa: F811
    before = os.umask(0o027)
    try:
        process, (mask, files, inherited) = ask(tell_limits)
    finally:
        os.umask(before)
    process.join()
    assert (mask, files, inherited) == (0o027, resource.getrlimit(resource.RLIMIT_NOFILE), [])


def test_what_a_process_left_behind_ends_with_it(server: int, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    process, left = ask(leave_behind)
    process.join()
    assert process.exitcode == 0
    assert gone(left)
    killed: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda group, _signal: killed.append(group))
    forks.end(process)
    assert killed == []  # the number may be another's by now


def test_threads_that_wait_for_one_process_hear_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    line, theirs = socket.socketpair()
    both = threading.Barrier(2)
    monkeypatch.setattr(forks, "wait", lambda ends, timeout: both.wait() or ends)
    process = forks.Forked(os.getpid(), line, leads=False)
    threads = [threading.Thread(target=process.join) for _ in range(2)]
    for thread in threads:
        thread.start()
    theirs.sendall(forks.NUMBER.pack(7))
    theirs.close()
    for thread in threads:
        thread.join()
    assert process.exitcode == 7
    line.close()


def test_no_process_to_be_had_is_not_the_output_folders_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(errno.EAGAIN, "none to be had")

    monkeypatch.setattr(forks, "start", refuse)
    with pytest.raises(execute.Failure, match="could not be started: none to be had"):
        execute.execute(write(tmp_path, "1"), {})
