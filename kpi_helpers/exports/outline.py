"""The bytes of a large text file looked at once: its lines, and what two readers might take differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

LONGEST_LINE = 2_000_000  # bytes
BETWEEN = "\x1f"  # a control that no export has
_BLOCK = 2**18  # bytes


@dataclass(frozen=True)
class Outline:
    """How many physical lines a file has, whether the last one ends, and how many blank ones are at the end.

    `before_quotes` are the bytes that stand before a blank and a quotation mark.
    """

    lines: int
    closed: bool
    blank: int
    before_quotes: frozenset[int]

    @classmethod
    def of(cls, path: Path) -> Outline | None:
        """None where line ends are mixed, or NUL or the control that the kit uses are in it."""
        newlines = returns = 0
        spaced: set[int] = set()
        edge = np.zeros(0, dtype="uint8")
        with path.open("rb") as file:
            for block in _blocks(file):
                newlines += int(np.count_nonzero(block == 10))
                returns += int(np.count_nonzero(block == 13))
                if (block == 0).any() or (block == ord(BETWEEN)).any():
                    return None
                edge = np.concatenate([edge[-2:], block[:2]])
                spaced |= _before_quotes(block) | _before_quotes(edge)
                edge = block[-2:].copy()
            file.seek(max(0, file.tell() - LONGEST_LINE))
            end = file.read()
        if returns not in (0, newlines):
            return None
        closed = end.endswith(b"\n")
        blank = (len(end) - len(end.rstrip(b"\r\n"))) // (2 if returns else 1) - 1
        return cls(int(newlines) + (not closed), closed, max(blank, 0), frozenset(spaced))


def _blocks(file: BinaryIO) -> Iterator[np.ndarray]:
    """The bytes of a file, so few at once that they stay in the processor's cache."""
    buffer = np.empty(_BLOCK, dtype="uint8")
    while read := file.readinto(buffer):  # type: ignore[attr-defined]
        yield buffer[:read]


def _before_quotes(block: np.ndarray) -> set[int]:
    """The bytes before a blank and a quotation mark."""
    spaced = block[2:] == ord('"')
    spaced &= block[1:-1] == ord(" ")
    return set(block[:-2][spaced].tolist()) if spaced.any() else set()
