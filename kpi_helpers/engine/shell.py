"""The process in which a notebook's cells run: ipykernel's own shell, without its sockets and threads of ZeroMQ."""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
from multiprocessing.connection import Connection
from threading import RLock, main_thread
from types import SimpleNamespace
from typing import Any

from ipykernel import ipkernel, kernelapp, zmqshell
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session, extract_dates
from tornado.ioloop import IOLoop
from traitlets import observe
from traitlets.config import Config

from kpi_helpers.engine.server import IMPORT_PATH
from kpi_helpers.engine.streams import Streams

ASK_FOR_THE_SHELL = ("tqdm.auto", "tqdm.autonotebook")  # at their import, which then is made again
INLINE = "module://matplotlib_inline.backend_inline"
SHELL, IOPUB = "shell", "iopub"


def run_shell(shell: Connection, iopub: Connection, parent: int) -> None:
    """Run what is asked for over `shell` and publish the outputs over `iopub`, until the other end is closed."""
    _settle(parent)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    session = PipeSession(shell, iopub)
    streams = Streams(session)
    kernel = _start_kernel(session)
    kernel.io_loop = IOLoop.current()
    streams.open(kernel)
    answering = loop.create_task(_answer(kernel, shell))
    answering.add_done_callback(lambda _: loop.stop())
    loop.run_forever()
    shell.close()
    iopub.close()
    streams.close()
    if answering.done():
        answering.result()  # raises what went wrong here; what goes wrong in a cell is an output


def _settle(parent: int) -> None:
    """The circumstances of a kernel that Jupyter starts."""
    import ipykernel_launcher  # type: ignore[import-untyped]

    os.environ["JPY_PARENT_PID"] = str(parent)
    os.environ["MPLBACKEND"] = os.environ.get("MPLBACKEND") or INLINE
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcParams["backend"] = os.environ["MPLBACKEND"]
    for name in ASK_FOR_THE_SHELL:
        sys.modules.pop(name, None)
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep) if not sys.flags.ignore_environment else []
    sys.path[:] = dict.fromkeys([*(os.path.abspath(place) for place in given if place), *IMPORT_PATH])
    sys.argv[:] = [str(ipykernel_launcher.__file__)]


class PipeSession(Session):
    """Packs messages as Jupyter does and sends them through pipes."""

    def __init__(self, shell: Connection, iopub: Connection) -> None:
        super().__init__()
        self._ends = {SHELL: shell, IOPUB: iopub}
        self._sending = RLock()

    def send(  # type: ignore[override]
        self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None, ident: Any = None,
        buffers: Any = None, track: bool = False, header: Any = None, metadata: Any = None,
    ) -> Any:  # fmt: skip
        """Send a message, of a type or made already, to the other end; a process forked by a cell sends none."""
        message = msg_or_type
        if isinstance(msg_or_type, str):
            message = self.msg(msg_or_type, content=content, parent=parent, header=header, metadata=metadata)
        if os.getpid() != self.pid:
            return None
        parts = ("header", "parent_header", "metadata", "content")
        attached = [memoryview(buffer).cast("B") for buffer in buffers or ()]
        packed = self.pack({name: message[name] for name in parts} | {"buffers": len(attached)})
        end = self._ends[stream]
        with self._sending:
            try:
                for part in (packed, *attached):
                    end.send_bytes(part)
            except OSError:  # nobody listens any more
                return None
        return message


class _Profile(ProfileDir):
    """A profile without a folder: nothing of the user's own is read, and nothing is written."""

    def check_dirs(self) -> None:
        pass


class ZMQInteractiveShell(zmqshell.ZMQInteractiveShell):
    """ipykernel's shell, under the name by which libraries know that they are in a notebook; it makes no folder."""

    __module__ = zmqshell.__name__

    def init_ipython_dir(self, ipython_dir: str | None) -> None:
        self.ipython_dir = ipython_dir or os.environ.get("IPYTHONDIR") or os.path.expanduser("~/.ipython")

    @observe("ipython_dir")
    def _ipython_dir_changed(self, change: Any) -> None:
        pass


def _start_kernel(session: PipeSession) -> Any:
    """ipykernel's kernel and its application, as far as notebooks see them."""
    config = Config({"IPKernelApp": {"quiet": True}, "HistoryManager": {"hist_file": ":memory:"}})
    app = kernelapp.IPKernelApp.instance(config=config)
    app.configure_tornado_logger()
    profile = _Profile(parent=app)
    app.session, app.profile_dir = session, profile
    kernel = ipkernel.IPythonKernel.instance(
        parent=app, session=session, iopub_socket=IOPUB, stdin_socket=None, log=app.log, profile_dir=profile,
        shell_class=ZMQInteractiveShell, user_ns=None,
    )  # fmt: skip
    kernel.shell_channel_thread = SimpleNamespace(parent_thread=main_thread())  # where coroutines are awaited
    app.kernel, app.shell = kernel, kernel.shell
    app.init_pdb()
    app.init_path()
    app.init_gui_pylab()
    app.init_extensions()
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].register_comm_target()
    return kernel


async def _answer(kernel: Any, shell: Connection) -> None:
    """Answer one request after another until the other end is closed."""
    loop = asyncio.get_running_loop()
    while True:
        arrived = asyncio.Event()
        loop.add_reader(shell.fileno(), arrived.set)
        await arrived.wait()
        loop.remove_reader(shell.fileno())
        try:
            request = kernel.session.unpack(shell.recv_bytes())
        except (EOFError, OSError):
            return
        request["header"] = extract_dates(request["header"])
        request.setdefault("buffers", [])
        await _handle(kernel, request)


async def _handle(kernel: Any, request: dict[str, Any]) -> None:
    kernel.set_parent([], request)
    kernel._publish_status("busy", SHELL)
    kernel.pre_handler_hook()
    try:
        answer = kernel.shell_handlers[request["header"]["msg_type"]](SHELL, [], request)
        if inspect.isawaitable(answer):
            await answer
    except KeyboardInterrupt:
        kernel.log.error("KeyboardInterrupt caught in kernel.")
    finally:
        kernel.post_handler_hook()
    sys.stdout.flush()
    sys.stderr.flush()
    kernel._publish_status("idle", SHELL)
