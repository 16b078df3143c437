"""What this machine gives: how many reports it makes at the same time, be it a container with less than the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MEMORY = 700_000_000  # bytes that a report may take
GROUPS = Path("/sys/fs/cgroup")


def slots_here() -> int:
    """How many reports this machine makes at the same time: one for each processor, as far as memory goes."""
    return max(1, min(_processors(), int(_memory() // MEMORY)))


def _processors() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for folder in _own_groups():
        with suppress(OSError, ValueError):  # "max 100000" has no limit
            quota, period = (folder / "cpu.max").read_text().split()
            cores = min(cores, max(1, int(quota) // int(period)))
    return cores


def _memory() -> int:
    """The bytes that are free; of a limit on a group, what its processes do not hold."""
    import psutil

    free = [int(psutil.virtual_memory().available)]
    for folder in _own_groups():
        with suppress(OSError, ValueError, KeyError):
            held = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            free.append(int((folder / "memory.max").read_text()) - int(held["anon"]))
    return min(free)


def _own_groups() -> Iterator[Path]:
    """The control group of this process and those above it, where Linux has them (version 2)."""
    with suppress(OSError):
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        own = next((line[3:].strip("/") for line in lines if line.startswith("0::")), None)
        if own is not None and ".." not in own:
            yield from (GROUPS / own, *(GROUPS / own).parents[: len(Path(own).parts)])
