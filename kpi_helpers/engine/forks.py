"""Warm processes: a server that has imported the libraries once forks a process for each task.

The server is one process with one thread. Whoever holds its door, a socket without a name, may ask it for a process;
the processes it forks hold the door too. It ends, with all it forked, when the process that started it ends.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import context, get_context, reduction
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Any

NUMBER = struct.Struct("q")
PATIENCE = (0.5, 2.0)  # seconds between the tries to start a process
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
            try:
                self._code = _read_number(self._line)
            except OSError:
                self._code = 255

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


def start(target: Callable[..., Any], *args: Any, group: int | None = None) -> BaseProcess | Forked:
    """Start `target(*args)` in a process of its own with this one's directory, environment and import path.

    It leads a process group, or joins `group`. Where the system has no process or memory to give just now, it is asked
    three times; then OSError.
    """
    if not can_fork():
        return _spawn(target, args)
    for seconds in PATIENCE:
        try:
            return _fork(target, args, group)
        except OSError as error:
            if error.errno not in PASSING:
                raise
        time.sleep(seconds)
    return _fork(target, args, group)


def end(process: BaseProcess | Forked) -> None:
    """End the process and, where it leads a group, what it has started, and wait until it is gone."""
    if isinstance(process, Forked) and process.leads:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.is_alive():
        process.kill()
    process.join()


def stop() -> None:
    """End the server that this process started, where it did, and every process forked from it."""
    global _server
    if _server and _server.alive and _server.owner == os.getpid():
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


def _fork(target: Callable[..., Any], args: tuple[Any, ...], group: int | None) -> Forked:
    server = _running_server()
    task, handles = _packed(target, args)
    content = reduction.ForkingPickler.dumps((dict(os.environ), os.getcwd(), list(sys.path), list(sys.argv)))
    line, theirs = socket.socketpair()
    reader, writer = os.pipe()
    try:
        with theirs:
            try:
                socket.send_fds(server.door, [NUMBER.pack(group or 0)], [theirs.fileno(), reader, *handles])
            finally:
                os.close(reader)
        pid = _read_number(line)
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


class _Handles:
    """Collects the connections among the arguments, which travel beside them."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def duplicate_for_child(self, number: int) -> int:
        self.numbers.append(number)
        return len(self.numbers) - 1

    @staticmethod
    def DupFd(index: int) -> ReceivedHandle:
        return ReceivedHandle(index)


class ReceivedHandle:
    """Stands for a connection on its way to the new process."""

    received: list[int] = []

    def __init__(self, index: int) -> None:
        self.index = index

    def detach(self) -> int:
        return self.received[self.index]


def _packed(target: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bytes, list[int]]:
    handles, packed = _Handles(), io.BytesIO()
    context.set_spawning_popen(handles)  # type: ignore[attr-defined, arg-type]
    try:
        reduction.dump((target, args), packed)
    finally:
        context.set_spawning_popen(None)  # type: ignore[attr-defined]
    return packed.getvalue(), handles.numbers


def _read_number(line: socket.socket) -> int:
    data = line.recv(NUMBER.size, socket.MSG_WAITALL)
    if len(data) < NUMBER.size:
        raise OSError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
    return int(NUMBER.unpack(data)[0])


def _running_server() -> Server:
    global _server
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


def _start_server() -> Server:
    import atexit

    door, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    alive, watched = socket.socketpair()
    ends = [inner.fileno(), door.fileno(), watched.fileno()]
    code = (
        f"import sys; own = sys.path[:]; sys.path += {[p for p in sys.path if p]!r}; "
        f"from kpi_helpers.engine.server import serve; serve(*{ends!r}, own)"
    )
    server = Server(door, alive)
    with inner, watched:
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        server.process = subprocess.Popen(
            [sys.executable, *flags, "-c", code], pass_fds=ends, stdin=subprocess.DEVNULL,
            env={"OPENBLAS_NUM_THREADS": "1", **os.environ},  # sums of products depend on the number of threads
        )  # fmt: skip
    atexit.register(stop)
    return server
