"""A task on its way to another process, with the connections among its arguments."""

from __future__ import annotations

import io
from collections.abc import Callable
from multiprocessing import context, reduction
from typing import Any


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


def pack(target: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bytes, list[int]]:
    """The task as bytes, and the descriptors of the connections among its arguments."""
    handles, packed = _Handles(), io.BytesIO()
    context.set_spawning_popen(handles)  # type: ignore[attr-defined, arg-type]
    try:
        reduction.dump((target, args), packed)
    finally:
        context.set_spawning_popen(None)  # type: ignore[attr-defined]
    return packed.getvalue(), handles.numbers
