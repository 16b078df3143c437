"""A notebook shown in the browser by a server of its own, until Ctrl-C: as a Voila page or in JupyterLab.

What is shown is a copy in a temporary folder, with a cell of values behind the one tagged "parameters", as papermill
would write it: the notebook itself stays as it is, and of the copy nothing is left.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle

HOST = "127.0.0.1"
PATIENCE = 90.0  # seconds for the server to begin
LEAVE = 15.0  # seconds for its kernels to end
NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows only
PREFIX = "kpi-lesson-"  # of the temporary folder
HTTP_OK = 200
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_LONGEST = 300  # characters of what the server says
_ENDS = ("SIGTERM", "SIGHUP")  # what else than Ctrl-C ends a command


def has_voila() -> bool:
    """Whether a notebook can be shown as a page without code."""
    return find_spec("voila") is not None


def show(
    notebook: Path, parameters: Mapping[str, str], told: Callable[[str], None], *,
    lab: bool, browser: bool, port: int = 0, arguments: Sequence[str] = (),
) -> None:  # fmt: skip
    """Show the notebook until Ctrl-C or until the server ends; `told` gets the address once it answers.

    KitError where the port is taken, where the server does not begin, or where it breaks down.
    """
    import secrets

    _check_free(port)
    _clear_left()
    with _ended_by_signals(), _place() as place:
        folder = place / "lesson"
        folder.mkdir()
        write_copy(notebook, folder / notebook.name, parameters)
        port, token = port or _free_port(), secrets.token_hex(16)
        page = f"/{'lab/tree' if lab else 'voila/render'}/{notebook.name}"
        line = server_line(folder, page, port, lab=lab, browser=browser)
        log = folder.with_name("server.log")
        with suppress(KeyboardInterrupt), _running([*line, *arguments], folder, log, token) as server:
            _wait_for(server, port, token, log)
            told(f"http://{HOST}:{port}{page}?token={token}")
            if server.wait():
                raise KitError(_("the server of the page has ended: {said}").format(said=_last_line(log)))


def write_copy(notebook: Path, copy: Path, parameters: Mapping[str, str]) -> None:
    """A copy of the notebook with these values of its parameters; KitError for one that it does not have."""
    import nbformat

    from kpi_helpers.reports.parameters import check_parameters

    check_parameters(notebook, parameters)
    shown = nbformat.read(notebook, as_version=4)
    source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    metadata = {"tags": ["injected-parameters"], "jupyter": {"source_hidden": True}}
    tagged = (n for n, cell in enumerate(shown.cells) if "parameters" in cell.metadata.get("tags", []))
    shown.cells.insert(next(tagged, -1) + 1, nbformat.v4.new_code_cell(source, metadata=metadata))
    nbformat.write(shown, copy)


def server_line(folder: Path, page: str, port: int, *, lab: bool, browser: bool) -> list[str]:
    """What is run: a server of this folder alone, that opens this page."""
    voila = [
        "--ServerApp.jpserver_extensions={'voila.server_extension': True}", f"--ServerApp.default_url={page}",
        f"--ServerApp.tornado_settings={{'headers': {{'Content-Security-Policy': {_only_from(port)!r}}}}}",
    ]  # fmt: skip
    return [
        sys.executable, "-m", "jupyterlab" if lab else "jupyter_server", f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}",
        f"--ServerApp.open_browser={browser}", *([f"--LabApp.default_url={page}"] if lab else voila),
    ]  # fmt: skip


@contextmanager
def _place() -> Iterator[Path]:
    """A temporary folder that is held for as long as this program lives."""
    from filelock import FileLock

    with TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as place:
        folder = Path(place).resolve()
        with FileLock(folder / "held"):
            yield folder


def _clear_left() -> None:
    """Remove the folders of programs that were killed: nobody holds them."""
    from filelock import FileLock, Timeout

    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError, Timeout, NotImplementedError):
            held = folder / "held"
            if held.is_file() and not held.is_symlink() and _is_own(folder):
                with FileLock(held, timeout=0):
                    pass
                shutil.rmtree(folder, ignore_errors=True)


def _is_own(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid()


@contextmanager
def _running(line: Sequence[str], folder: Path, log: Path, token: str) -> Iterator[subprocess.Popen[bytes]]:
    """The server, apart from the terminal, so that Ctrl-C reaches this program alone, which ends it in order."""
    with log.open("wb") as said:
        server = subprocess.Popen(
            line, cwd=folder, env={**os.environ, "JUPYTER_TOKEN": token}, stdin=subprocess.DEVNULL, stdout=said,
            stderr=subprocess.STDOUT, start_new_session=os.name == "posix", creationflags=NEW_GROUP,
            preexec_fn=_bound_to_parent() if sys.platform == "linux" else None,
        )  # fmt: skip
    try:
        yield server
    finally:
        _end(server)


def _only_from(port: int) -> str:
    """What the browser is told: load nothing from elsewhere, such as the icons of a public host that Voila asks for."""
    return (
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'; "
        f"connect-src 'self' ws://{HOST}:{port}"
    )


def _bound_to_parent() -> Callable[[], None]:
    """What a process does as it begins so that it ends in order when this one is gone, though it be killed."""
    import ctypes

    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def bind() -> None:
        prctl(DIE_WITH_PARENT, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return bind


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server and its kernels; a second Ctrl-C does not wait for them."""
    from psutil import NoSuchProcess, Process

    kernels = []
    with suppress(NoSuchProcess):
        kernels = Process(server.pid).children(recursive=True)
    server.terminate()
    with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        server.wait(LEAVE)
    for process in (*kernels, server):
        with suppress(NoSuchProcess):
            process.kill()
    server.wait()


def _wait_for(server: subprocess.Popen[bytes], port: int, token: str, log: Path) -> None:
    """Until the server itself answers, and no other program at its port."""
    last = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < last:
        if _answers(port, token):
            return
        time.sleep(0.1)
    raise KitError(_("the server of the page did not start: {said}").format(said=_last_line(log)))


def _answers(port: int, token: str) -> bool:
    """Whether a server at the port knows the token."""
    from http.client import HTTPConnection, HTTPException

    line = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        line.request("GET", "/api/status", headers={"Authorization": f"token {token}"})
        answer = line.getresponse()
        return answer.status == HTTP_OK and "started" in json.loads(answer.read(_LONGEST * 10))
    except (OSError, HTTPException, ValueError, TypeError):
        return False
    finally:
        line.close()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return cut_middle(next((line.strip() for line in reversed(lines) if line.strip()), ""), _LONGEST)


def _check_free(port: int) -> None:
    """KitError where no server can begin at the port."""
    try:
        with socket.socket() as free:
            if os.name == "posix":  # a port is free again at once
                free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind((HOST, port))
    except OSError as error:
        found = _("the port {port} cannot be used: {reason}.").format(port=port, reason=error.strerror)
        raise KitError(found, _("Name another one, or leave it out.")) from None


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """The end of the terminal or of the system ends the server as Ctrl-C does; what is ignored stays so."""
    numbers = [getattr(signal, name) for name in _ENDS if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    for number in taken:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
