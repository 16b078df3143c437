"""How many reports run at the same time: a container may have less than its machine."""

from pathlib import Path

import psutil
import pytest

from kpi_helpers.batch import machine


@pytest.mark.parametrize(
    ("cpu", "memory", "held", "slots"),
    [("max 100000", "max", 0, 8), ("250000 100000", "max", 0, 2), ("50000 100000", "max", 0, 1),
     ("max 100000", "3000000000", 800_000_000, 3), ("max 100000", "700000000", 650_000_000, 1), ("?", "?", 0, 8)],
)  # fmt: skip
def test_limits_of_a_container_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpu: str, memory: str, held: int, slots: int
) -> None:
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda _pid: set(range(8)), raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Free", (), {"available": 64_000_000_000}))
    monkeypatch.setattr(machine, "_own_groups", lambda: iter([tmp_path, tmp_path / "above"]))
    (tmp_path / "cpu.max").write_text(f"{cpu}\n")
    (tmp_path / "memory.max").write_text(f"{memory}\n")
    (tmp_path / "memory.stat").write_text(f"anon {held}\nfile 99999999999\n")
    assert machine.slots_here() == slots
