"""The server of warm processes: imports what a report needs, then forks whenever it is asked."""

from __future__ import annotations

import atexit
import ctypes
import errno
import gc
import os
import pickle
import resource
import selectors
import shutil
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from typing import Any, NoReturn

from kpi_helpers.engine import forks
from kpi_helpers.engine.packing import ReceivedHandle

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
LARGEST = 200  # connections among the arguments of one task
IMPORT_PATH: list[str] = []  # of a Python as it starts; the processes' own path is their client's


def serve(door: int, back: int, alive: int, path: list[str]) -> NoReturn:
    """Wait at the door until the process that started this one has ended."""
    IMPORT_PATH[:] = path
    for number in (door, back, alive):
        os.set_inheritable(number, False)
    _warm_up()
    children = _Children(socket.socket(fileno=door), socket.socket(fileno=back), socket.socket(fileno=alive))
    children.serve()


def _warm_up() -> None:
    try:
        import kpi_helpers.engine.preloaded  # noqa: F401
    except Exception:  # then the processes start cold, and say what is wrong
        traceback.print_exc()
    gc.collect()
    gc.freeze()


class _Children:
    """The processes forked so far, each with the line to its client."""

    def __init__(self, door: socket.socket, back: socket.socket, alive: socket.socket) -> None:
        self.door, self.back, self.alive = door, back, alive
        self.lines: dict[int, socket.socket] = {}  # by process id
        self.files = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.ended, self._ending = socket.socketpair()
        self.waiting = selectors.DefaultSelector()
        for end in (door, alive, self.ended):
            self.waiting.register(end, selectors.EVENT_READ)

    def serve(self) -> NoReturn:
        self.ended.setblocking(False)
        self._ending.setblocking(False)
        signal.set_wakeup_fd(self._ending.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.files[1], self.files[1]))
        while True:
            for key, _events in self.waiting.select():
                if key.fileobj is self.alive:
                    self._end_all()
                elif key.fileobj is self.ended:
                    self._report_ended()
                elif key.fileobj is self.door:
                    self._start_one()
                elif key.data in self.lines:  # the client is gone
                    _end(key.data)
                    self._forget(key.data)

    def _start_one(self) -> None:
        asked, fds, flags, _address = socket.recv_fds(self.door, forks.NUMBER.size, LARGEST)
        for number in fds:
            os.set_inheritable(number, False)
        if not fds:  # whom to answer did not arrive, and is told by the line's end
            return
        line, *rest = fds
        client = socket.socket(fileno=line)
        try:
            if flags & socket.MSG_CTRUNC:
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            self._fork(client, rest, *forks.NUMBER.unpack(asked))
        except OSError as error:
            with suppress(OSError):
                client.sendall(forks.NUMBER.pack(-(error.errno or errno.EIO)))
            client.close()
        finally:
            for number in rest:
                os.close(number)

    def _fork(self, client: socket.socket, fds: list[int], group: int) -> None:
        pid = os.fork()
        if not pid:
            self._become(client, *fds, group=group)
        with suppress(ProcessLookupError, PermissionError):  # the group is gone: the process ends, too
            os.setpgid(pid, group or pid)
        try:
            self.waiting.register(client, selectors.EVENT_READ, pid)
        except OSError:
            _end(pid)
            raise
        self.lines[pid] = client
        with suppress(OSError):
            client.sendall(forks.NUMBER.pack(pid))

    def _become(self, client: socket.socket, task: int, *handles: int, group: int) -> NoReturn:
        """The rest of the life of a forked process."""
        code = 1
        try:
            server = os.getppid()
            ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
            if os.getppid() != server:
                os._exit(1)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self.waiting.close()
            for end in (client, self.door, self.alive, self.ended, self._ending, *self.lines.values()):
                end.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, self.files)
            atexit.unregister(shutil.rmtree)  # Matplotlib's folder, where its own cannot be written, is the server's
            os.setpgid(0, group)
            forks.belong_to(forks.Server(self.back), leader=not group)
            code = _run(task, list(handles))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def _report_ended(self) -> None:
        with suppress(BlockingIOError):
            self.ended.recv(4096)
        with suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                pid = found.si_pid
                _end(pid)  # with what it has left behind: no other group has its number until it is waited for
                _pid, status = os.waitpid(pid, 0)
                if pid in self.lines:
                    with suppress(OSError):
                        self.lines[pid].sendall(forks.NUMBER.pack(os.waitstatus_to_exitcode(status)))
                    self._forget(pid)

    def _forget(self, pid: int) -> None:
        line = self.lines.pop(pid)
        self.waiting.unregister(line)
        line.close()

    def _end_all(self) -> NoReturn:
        for pid in self.lines:
            _end(pid)
        sys.exit()


def _end(pid: int) -> None:
    """Kill a process, and its group where it leads one."""
    with suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)


def _run(task: int, handles: list[int]) -> int:
    """Take over the client's circumstances, run the task, and tell how it went as `sys.exit` would."""
    with os.fdopen(task, "rb") as pipe:
        environment, folder, path, arguments, umask = pickle.loads(_read(pipe))
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        os.umask(umask) if umask is not None else None
        sys.path[:], sys.argv[:] = path, arguments
        _forget_the_past()
        ReceivedHandle.received = handles
        target, args = pickle.loads(_read(pipe))
    return _exit_code(target, args)


def _read(pipe: Any) -> bytes:
    (size,) = forks.NUMBER.unpack(pipe.read(forks.NUMBER.size))
    return bytes(pipe.read(size))


def _forget_the_past() -> None:
    """What two processes would otherwise share: NumPy's random numbers; the standard library sees to its own."""
    import time

    time.tzset()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _exit_code(target: Any, args: tuple[Any, ...]) -> int:
    code = 0
    try:
        target(*args)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    return code
