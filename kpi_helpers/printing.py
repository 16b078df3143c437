"""What the command prints: results on standard output, everything else on standard error, in UTF-8 on every system."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Any

from kpi_helpers.language import _
from kpi_helpers.lettering import plain

_SPACES = "\n\u00a0\u202f"
MANY = 20  # files: fewer are read in a moment


def use_utf8() -> None:
    """Have both outputs take any letter, on a Windows console and under LANG=C as well."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def file_name(path: object) -> str:
    """A path as it can be printed, whatever the system takes its letters for."""
    return os.fsencode(str(path)).decode("utf-8", errors="replace")


def tell(text: str) -> None:
    """Say one line on standard error; what it quotes from files cannot steer the terminal."""
    print(f"kpi: {plain(text)}", file=sys.stderr)


def reading_bar() -> Callable[[int, int, str], None]:
    """What shows on standard error how far the reading of many files is, where somebody looks."""
    from tqdm import tqdm

    bars: list[Any] = []

    def told(done: int, total: int, _name: str) -> None:
        if total < MANY or not sys.stderr.isatty():
            return
        if not bars:
            bars.append(tqdm(total=total, desc=_("reading"), unit="", leave=False))
        bars[0].update(done + 1 - bars[0].n)
        if done + 1 == total:
            bars[0].close()

    return told


def print_json(data: Any) -> None:
    """Data as JSON; dates as 2026-10-31. Letters that could steer the terminal or turn the text are escaped."""
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False, default=str)
    print("".join(char if char.isprintable() or char in _SPACES else json.dumps(char)[1:-1] for char in text))


def print_lines(lines: Iterable[str]) -> None:
    """Lines of text, with nothing in them that could steer the terminal."""
    for line in lines:
        indent = line[: len(line) - len(line.lstrip(" "))]
        print(f"{indent}{plain(line)}")


def align(rows: Sequence[Sequence[str]], indent: int = 2, numbers: Container[int] = ()) -> Iterator[str]:
    """Rows of words as lines with aligned columns; the columns in `numbers` are aligned to the right.

    >>> list(align([["ads", "12"], ["traffic", "3"]], numbers=[1]))
    ['  ads      12', '  traffic   3']
    """
    cleaned = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cleaned, strict=True)]
    for row in cleaned:
        sides = ("rjust" if place in numbers else "ljust" for place in range(len(row)))
        cells = [getattr(cell, side)(width) for cell, width, side in zip(row, widths, sides, strict=True)]
        yield " " * indent + "  ".join(cells).rstrip()
