"""The line to a notebook's process, with the face of a Jupyter kernel that nbclient knows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import Empty
from typing import Any

from jupyter_client.session import Session, extract_dates

from kpi_helpers.engine import forks

GRACE = 5.0  # seconds for the process to end by itself when no cell runs


class ShellManager:
    """Starts and ends the process, for nbclient as a kernel manager does."""

    ipykernel = False  # it takes no options of a command line

    def __init__(self, within: float | None = None) -> None:
        self.within = within  # seconds for the process to start
        self._process: Any = None
        self._client: ShellClient | None = None

    @property
    def has_kernel(self) -> bool:
        return self._process is not None

    def start_kernel(self, extra_arguments: Any = (), **_options: Any) -> None:
        from kpi_helpers.engine.shell import run_shell

        ours, theirs = Pipe()
        heard, published = Pipe(duplex=False)
        with theirs, published:
            try:
                self._process = forks.start(
                    run_shell, theirs, published, os.getpid(), group=forks.own_group(), within=self.within
                )
            except BaseException:
                ours.close()
                heard.close()
                raise
        self._client = ShellClient(self, ours, heard)

    def client(self) -> ShellClient:
        assert self._client is not None
        return self._client

    def is_alive(self) -> bool:
        return self.has_kernel and self._process.is_alive()

    def interrupt_kernel(self) -> None:
        self._process.interrupt()

    async def shutdown_kernel(self, now: bool = False) -> None:
        """Let the process end by itself, with what is to be done at exit; a busy one is interrupted, then killed."""
        client = self.client()
        if client.busy and not now:
            self.interrupt_kernel()
            with suppress(Empty):
                await client.shell_channel.get_msg(GRACE / 2)
                await asyncio.sleep(0.1)  # in which nbclient receives the last outputs: where it was interrupted
        idle = not client.busy
        client.stop_channels()
        if idle and not now:
            self._process.join(GRACE)
        self.cleanup_resources()

    def cleanup_resources(self) -> None:
        if self._client:
            self._client.stop_channels()
        if self._process:
            forks.end(self._process)
            self._process.close()
        self._client = self._process = None


class ShellClient:
    """Sends requests and receives messages, for nbclient as a kernel client does."""

    allow_stdin = False

    def __init__(self, manager: ShellManager, shell: Connection, iopub: Connection) -> None:
        self.session = Session()
        self.shell_channel = Channel(self.session, shell)
        self.iopub_channel = Channel(self.session, iopub)
        self._manager = manager
        self._asked = ""  # the request that has no answer yet

    @property
    def busy(self) -> bool:
        return bool(self._asked) and self._asked != self.shell_channel.answered

    def start_channels(self) -> None:
        pass

    def wait_for_ready(self, timeout: float | None = None) -> None:
        pass

    def stop_channels(self) -> None:
        self.shell_channel.close()
        self.iopub_channel.close()

    def is_alive(self) -> bool:
        return self._manager.is_alive()

    def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Have the code run; the answer comes on the channels. The message's id."""
        content = {
            "code": code, "silent": False, "store_history": store_history, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": False,  # what is to stop, the client stops
        }  # fmt: skip
        return self._ask("execute_request", content)

    def kernel_info(self) -> str:
        return self._ask("kernel_info_request", {})

    def _ask(self, kind: str, content: dict[str, Any]) -> str:
        message = self.session.msg(kind, content)
        self._asked = message["header"]["msg_id"]
        self.shell_channel.send(message)
        return self._asked


class Channel:
    """Messages over a connection."""

    def __init__(self, session: Session, connection: Connection) -> None:
        self._session, self._connection = session, connection
        self._ended = False
        self.answered = ""  # the request that the last message answers
        self._forget: Callable[[], object] = lambda: None  # what ends a wait

    def send(self, message: dict[str, Any]) -> None:
        """Send it; to a process that has died nothing is sent, for nbclient looks itself whether it lives."""
        try:
            self._connection.send_bytes(self._session.pack(message))
        except OSError:
            self._ended = True

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message; Empty when none comes in time."""
        try:
            await asyncio.wait_for(self._readable(), timeout)
        except TimeoutError:
            raise Empty from None
        try:
            message = self._receive()
        except (EOFError, OSError):
            self._ended = True
            return await self.get_msg(timeout)
        self.answered = message["parent_header"].get("msg_id", "")
        return message

    def close(self) -> None:
        self._ended = True
        self._forget()  # a wait that was given up would stand for the next connection of that number
        self._forget = lambda: None
        self._connection.close()

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        if self._ended:
            await ready  # for ever: nothing comes any more
        if self._connection.poll():
            return
        number = self._connection.fileno()
        loop.add_reader(number, lambda: None if ready.done() else ready.set_result(None))
        self._forget = lambda: loop.remove_reader(number)
        try:
            await ready
        finally:
            self._forget()
            self._forget = lambda: None

    def _receive(self) -> dict[str, Any]:
        message = self._session.unpack(self._connection.recv_bytes())
        message["buffers"] = [self._connection.recv_bytes() for _ in range(message.pop("buffers"))]
        for part in ("header", "parent_header"):
            message[part] = extract_dates(message[part])
        message["msg_id"], message["msg_type"] = message["header"]["msg_id"], message["header"]["msg_type"]
        return message
