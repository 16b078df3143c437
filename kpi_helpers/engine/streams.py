"""stdout and stderr of a notebook's process: what Python writes and what anything else writes to their descriptors."""

from __future__ import annotations

import codecs
import os
import sys
import time
from contextlib import suppress
from contextvars import ContextVar
from io import TextIOBase, UnsupportedOperation
from select import select
from threading import RLock, Thread
from typing import Any

from jupyter_client.session import extract_header

FLUSH_AFTER = 0.2  # seconds, as in ipykernel
CHUNK = 65536


class Streams:
    """Both streams, with the thread that sends on what has waited for a while."""

    def __init__(self, session: Any) -> None:
        self.session, self.lock, self.pid = session, RLock(), os.getpid()
        self._wake_end, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        self.both: list[Stream] = []

    def open(self, kernel: Any) -> None:
        """Put the streams in the places of sys.stdout and sys.stderr."""
        for name in ("stdout", "stderr"):
            getattr(sys, name).flush()
            self.both.append(Stream(name, self))
        sys.stdout, sys.stderr = self.both
        kernel._stdout, kernel._stderr = self.both
        Thread(target=self._watch, name="kpi-streams", daemon=True).start()

    def close(self) -> None:
        """Give the places back."""
        for stream in self.both:
            stream.flush()
            os.dup2(stream.original, stream.number)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__

    def wake(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._wake, b"x")

    def collect(self) -> None:
        """Take in what was written to the descriptors."""
        with self.lock:
            for stream in self.both:
                stream.collect()

    def _watch(self) -> None:
        ends = [self._wake_end, *(stream.end for stream in self.both)]
        while True:
            due = min((stream.due for stream in self.both if stream.due), default=None)
            ready = select(ends, [], [], None if due is None else max(0.0, due - time.monotonic()))[0]
            if self._wake_end in ready:
                os.read(self._wake_end, CHUNK)
            self.collect()
            for stream in self.both:
                if stream.due and stream.due <= time.monotonic():
                    stream.flush()


class Stream(TextIOBase):
    """One stream; a message carries what was written for one request until the next flush."""

    encoding = "UTF-8"

    def __init__(self, name: str, streams: Streams) -> None:
        self.name, self.due = name, 0.0
        self._streams = streams
        self._texts: dict[str, tuple[dict[str, Any], list[str]]] = {}  # by the request's id
        self._parent: ContextVar[dict[str, Any]] = ContextVar("parent_header")
        self._last_parent: dict[str, Any] = {}
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self.number = getattr(sys, f"__{name}__").fileno()
        self.original = os.dup(self.number)
        self.end, written = os.pipe()
        os.set_blocking(self.end, False)
        os.dup2(written, self.number)
        os.close(written)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._streams.pid:  # a process forked by a cell
            os.write(self.number, text.encode(errors="replace"))
        else:
            with self._streams.lock:
                self._streams.collect()
                self._keep(text, self._parent.get(self._last_parent))
        return len(text)

    def flush(self) -> None:
        if os.getpid() != self._streams.pid:
            return
        with self._streams.lock:
            self._streams.collect()
            texts, self._texts, self.due = self._texts, {}, 0.0
            for parent, parts in texts.values():
                content = {"name": self.name, "text": _encodable("".join(parts))}
                self._streams.session.send("iopub", "stream", content, parent=parent)

    def collect(self) -> None:
        with suppress(BlockingIOError):
            while chunk := os.read(self.end, CHUNK):
                if text := self._decoder.decode(chunk):
                    self._keep(text, self._last_parent)

    def _keep(self, text: str, parent: dict[str, Any]) -> None:
        if not text:
            return
        _parent, parts = self._texts.setdefault(parent.get("msg_id", ""), (parent, []))
        parts.append(text)
        if not self.due:
            self.due = time.monotonic() + FLUSH_AFTER
            self._streams.wake()

    def set_parent(self, parent: dict[str, Any]) -> None:
        """From now on, what is written belongs to that request."""
        self.parent_header = extract_header(parent)

    @property
    def parent_header(self) -> dict[str, Any]:
        """The header of the request to which belongs what the calling thread writes."""
        return self._parent.get(self._last_parent)

    @parent_header.setter
    def parent_header(self, header: dict[str, Any]) -> None:
        self._last_parent = header
        self._parent.set(header)

    def set_thread_parent(self, parent: dict[str, Any]) -> Any:
        """The same for the calling thread only; what `reset_thread_parent` takes."""
        return self._parent.set(extract_header(parent))

    def reset_thread_parent(self, token: Any) -> None:
        self._parent.reset(token)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        """The descriptor from before, as ipykernel answers."""
        return self.original

    def read(self, size: int | None = -1) -> str:
        raise UnsupportedOperation("not readable")


def _encodable(text: str) -> str:
    """The text without halves of characters, which no message can carry."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
