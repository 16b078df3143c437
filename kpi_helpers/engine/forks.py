"""Warm processes: a server that has imported the libraries once forks a process for each task.

The server is one process with one thread. Whoever holds its door, a socket without a name, may ask it for a process;
the processes it forks hold the door too. It ends, with all it forked, when the process that started it ends.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from multiprocessing import get_context, reduction
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock
from typing import Any

from kpi_helpers.engine.packing import pack
from kpi_helpers.stopping import is_stopped

NUMBER = struct.Struct("q")
PACKAGE = Path(__file__).resolve().parent.parent
PATIENCE = (0.5, 2.0)  # seconds between the tries to start a process
LONGEST_START = 60.0  # seconds in which a process starts, the libraries' import before the first included
PASSING = (errno.EAGAIN, errno.ENOMEM, errno.ECONNRESET, errno.EPIPE, errno.ECONNREFUSED)


class Server:
    """The ends of a server's two sockets that its clients hold: what they ask, and that they live."""

    def __init__(self, door: socket.socket, alive: socket.socket | None = None) -> None:
        self.door, self.alive, self.owner = door, alive, os.getpid()
        self.process: subprocess.Popen[bytes] | None = None


class Forked:
    """A process forked by the server; it lives no longer than this handle, which it is waited for and ended by."""

    def __init__(self, pid: int, line: socket.socket, leads: bool) -> None:
        self.pid, self.leads, self._line = pid, leads, line
        self._code: int | None = None
        self._hearing = Lock()

    @property
    def sentinel(self) -> int:
        """What `multiprocessing.connection.wait` waits for."""
        return self._line.fileno()

    @property
    def exitcode(self) -> int | None:
        """None while it runs, negative where a signal ended it, 255 where the server ended before it could tell."""
        self.join(0)
        return self._code

    def is_alive(self) -> bool:
        return self.exitcode is None

    def join(self, timeout: float | None = None) -> None:
        """Wait until it has ended."""
        if self._code is None and wait([self._line], timeout):
            with self._hearing:  # it is told once, whoever waits
                self._code = self._hear() if self._code is None else self._code

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def interrupt(self) -> None:
        self._send(signal.SIGINT)

    def close(self) -> None:
        """Let it go; a process that still runs is killed."""
        self._line.close()
        self._code = 255 if self._code is None else self._code

    def _hear(self) -> int:
        try:
            return _read_number(self._line)
        except OSError:
            return 255

    def _send(self, number: signal.Signals) -> None:
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


_server: Server | None = None
_leader = False  # this process was started here and leads the group of its processes
_starting = Lock()


def can_fork() -> bool:
    """Whether processes are forked from a warm one: on Linux. Elsewhere they start cold."""
    return sys.platform == "linux"


def own_group() -> int | None:
    """The process group of a process started here, for what it starts in its turn; None in any other process."""
    return os.getpgrp() if _leader else None


def start(
    target: Callable[..., Any], *args: Any, group: int | None = None, within: float | None = None
) -> BaseProcess | Forked:
    """Start `target(*args)` in a process of its own with this one's directory, environment, umask and import path.

    It leads a process group, or joins `group`. Where the system has no process or memory to give just now, it is asked
    three times; then OSError, as after `within` seconds without an answer, and for a task that was stopped.
    """
    if not can_fork():
        return _spawn(target, args)
    for seconds in PATIENCE:
        try:
            return _fork(target, args, group, within)
        except OSError as error:
            if error.errno not in PASSING:
                raise
        time.sleep(seconds)
    return _fork(target, args, group, within)


def end(process: BaseProcess | Forked) -> None:
    """End the process and, where it leads a group, what it has started, and wait until it is gone.

    What a leader has left behind that ended by itself, the server has ended already.
    """
    if process.is_alive():
        if isinstance(process, Forked) and process.leads:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.join()


def stop() -> None:
    """End the server that this process started, where it did, and every process forked from it."""
    global _server
    if _server and _server.alive and _server.owner == os.getpid():
        with suppress(OSError):
            _server.alive.shutdown(socket.SHUT_RDWR)  # closing is not enough where a copy is left in another process
        _server.alive.close()
        _server.door.close()
        if _server.process:
            _server.process.wait()
        _server = None


def belong_to(server: Server, leader: bool) -> None:
    """In a process just forked: whom it asks for further processes, and whether it leads its group."""
    global _server, _leader, _starting
    _server, _leader, _starting = server, leader, Lock()


def _spawn(target: Callable[..., Any], args: tuple[Any, ...]) -> BaseProcess:
    """A cold process. The caller's script is not run again in it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = type(sys)("__main__")
    try:
        process = get_context("spawn").Process(target=target, args=args)
        process.start()
    finally:
        sys.modules["__main__"] = main
    return process


def _fork(target: Callable[..., Any], args: tuple[Any, ...], group: int | None, within: float | None) -> Forked:
    server = _running_server()
    task, handles = pack(target, args)
    own = dict(os.environ), os.getcwd(), list(sys.path), list(sys.argv), _umask()
    content = reduction.ForkingPickler.dumps(own)
    line, theirs = socket.socketpair()
    reader, writer = os.pipe()
    try:
        with theirs:
            try:
                socket.send_fds(server.door, [NUMBER.pack(group or 0)], [theirs.fileno(), reader, *handles])
            finally:
                os.close(reader)
        pid = _answer(line, server, LONGEST_START if within is None else within)
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        with os.fdopen(os.dup(writer), "wb") as pipe:
            for part in (content, task):
                pipe.write(NUMBER.pack(len(part)) + part)
        return Forked(pid, line, group is None)
    except BaseException:
        line.close()
        _forget(server)
        raise
    finally:
        os.close(writer)


def _answer(line: socket.socket, server: Server, seconds: float) -> int:
    """The new process's id, or an error's number below zero. A server that does not answer in time is ended."""
    line.settimeout(seconds)
    try:
        return _read_number(line)
    except TimeoutError:
        if server.process and server.owner == os.getpid():
            server.process.kill()
            server.process.wait()
        raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from None
    finally:
        line.settimeout(None)


def _umask() -> int | None:
    """This process's umask, None where the system does not tell: to ask by setting it would change other threads'."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    return None


def _read_number(line: socket.socket) -> int:
    data = line.recv(NUMBER.size, socket.MSG_WAITALL)
    if len(data) < NUMBER.size:
        raise OSError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
    return int(NUMBER.unpack(data)[0])


def _running_server() -> Server:
    global _server
    if is_stopped():  # its processes are being ended
        raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))
    with _starting:
        if not _server:
            _server = _start_server()
        return _server


def _forget(server: Server) -> None:
    """A server that has ended is not asked again."""
    global _server
    with _starting, suppress(OSError):
        ended = server.process.poll() is not None if server.process and server.owner == os.getpid() else False
        if ended and _server is server:
            _server = None


def _leave_to_parent() -> None:
    """In a process that the host has forked: the server is the host's, and ends with the host."""
    global _server, _starting
    _starting = Lock()
    if _server and _server.alive:
        _server.alive.close()
        _server.door.close()
        _server = None


@cache
def _watch_own_end() -> None:
    import atexit

    atexit.register(stop)
    os.register_at_fork(after_in_child=_leave_to_parent)


def _standard_error() -> int:
    try:
        os.fstat(2)
    except OSError:  # it is closed
        return subprocess.DEVNULL
    return 2


def _start_server() -> Server:
    door, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    alive, watched = socket.socketpair()
    ends = [inner.fileno(), door.fileno(), watched.fileno()]
    host = [place for place in sys.path if place]
    code = (  # the kit is the host's, and nothing is imported from the working directory
        f"import sys; own = sys.path[not sys.flags.safe_path :]; sys.path[:] = [{str(PACKAGE.parent)!r}, *own]; "
        f"import {PACKAGE.name}; sys.path[:] = [*own, *{host!r}]; "
        f"from {__package__}.server import serve; serve(*{ends!r}, own)"
    )
    server = Server(door, alive)
    with inner, watched:
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        server.process = subprocess.Popen(
            [sys.executable, *flags, "-c", code], pass_fds=ends, stdin=subprocess.DEVNULL,
            stdout=_standard_error(),  # the standard output is the command's alone
            env={"OPENBLAS_NUM_THREADS": "1", **os.environ},  # sums of products depend on the number of threads
            process_group=0,  # Ctrl-C is the host's
        )  # fmt: skip
    _watch_own_end()
    return server
