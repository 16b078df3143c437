"""Cells to values: text, flags and people. Numbers and dates have modules of their own.

Every reader takes a column of text and gives `Parsed`: the values, and the filled cells that could not be read. It
works on the different words of the column, not on its cells, so that long columns cost little.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.exports.words import Cells, Words, plain
from kpi_helpers.language import N_

NO_DAY = frozenset(("нет", "не закрыта", "не закрыт", "не закрыто", "no", "not closed"))  # in a column of dates
YES = frozenset(("да", "yes", "true", "1", "+", "y", "истина", "д"))
NO = frozenset(("нет", "no", "false", "0", "n", "ложь", "н"))

NO_FLAG = N_("is neither yes nor no")
WRITE_FLAG = N_("Write Yes or No, or leave the cell empty.")
NOT_KNOWN = N_("is a value the layout does not know")
SHORTENED = N_("was shortened by a spreadsheet")
KEEP_FILE = N_("Take the exported file itself, not one saved again by a spreadsheet.")
ADD_VALUE = N_("Add it to the values of this column in the layout.")

_SHORTENED = re.compile(r"\d[.,]\d+E\+\d+")

Fault = tuple[np.ndarray, str, str]  # which cells, the reason, the remedy (both untranslated)


@dataclass(frozen=True)
class Parsed:
    """The values of a column, and its faults: filled cells that could not be read."""

    values: pd.Series
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, words: Words, values: Any, faults: Iterable[Fault]) -> Parsed:
        """Values and faults of the different words, spread over all cells."""
        spread = [(words.spread_flags(which), reason, remedy) for which, reason, remedy in faults if which.any()]
        return cls(words.spread(values), [fault for fault in spread if fault[0].any()])


def read_ids(cells: Cells) -> Parsed:
    """Cells as `str`, NaN where empty; ids that a spreadsheet shortened to 1,23457E+14 are faults."""
    filled = Words.of(cells).filled
    if "E+" not in "\n".join(filled.words):
        return Parsed(filled.spread(pd.array(filled.words, dtype="str")))
    short = np.array([bool(_SHORTENED.fullmatch(word)) for word in filled.words], dtype=bool)
    return Parsed.of(filled, pd.Series(filled.words, dtype="str").mask(short), [(short, SHORTENED, KEEP_FILE)])


def read_text(cells: Cells, change: Callable[[str], str | None] | None = None) -> Parsed:
    """Cells as `str`, NaN where empty; `change` maps each different word (None: missing)."""
    filled = Words.of(cells).filled
    words = list(map(change, filled.words)) if change else filled.words
    return Parsed(filled.spread(pd.array(words, dtype="str")))


def read_flags(cells: Cells, meanings: Mapping[str, bool | None] | None = None, *, otherwise: Any = ...) -> Parsed:
    """Cells as nullable `boolean` by the words of `meanings` (else yes and no), NA where empty.

    `otherwise` is the value of words that are not listed (None: missing); without it they are faults.
    """
    filled = Words.of(cells).filled
    known = meanings or {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
    strange = np.array([plain(word) not in known for word in filled.words], dtype=bool)
    rest = None if otherwise is ... else otherwise
    flags = pd.Series([known.get(plain(word), rest) for word in filled.words], dtype="boolean")
    fault = (strange, NOT_KNOWN, ADD_VALUE) if meanings else (strange, NO_FLAG, WRITE_FLAG)
    return Parsed.of(filled, flags, [fault] if otherwise is ... else [])
