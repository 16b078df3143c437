"""What the command prints: results on standard output, everything else on standard error, in UTF-8 on every system."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kpi_helpers.lettering import plain


def use_utf8() -> None:
    """Have both outputs take any letter, on a Windows console and under LANG=C as well."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def tell(text: str) -> None:
    """Say one line on standard error; what it quotes from files cannot steer the terminal."""
    print(f"kpi: {plain(text)}", file=sys.stderr)


def print_json(data: Any) -> None:
    """Data as JSON; dates as 2026-10-31."""
    print(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False, default=str))


def print_lines(lines: Iterable[str]) -> None:
    """Lines of text, with nothing in them that could steer the terminal."""
    for line in lines:
        indent = line[: len(line) - len(line.lstrip(" "))]
        print(f"{indent}{plain(line)}")


def align(rows: Sequence[Sequence[str]], indent: int = 2) -> Iterator[str]:
    """Rows of words as lines with aligned columns.

    >>> list(align([["ads", "12"], ["traffic", "3"]]))
    ['  ads      12', '  traffic  3']
    """
    cleaned = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cleaned, strict=True)]
    for row in cleaned:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield " " * indent + "  ".join(cells).rstrip()
