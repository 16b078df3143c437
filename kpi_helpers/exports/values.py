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

from kpi_helpers.language import N_

PLACEHOLDERS = frozenset(
    ("", "-", "--", "---", "—", "–", "−", "nan", "null", "none", "n/a", "#n/a", "н/д", "нет данных", "(not set)",
     "not set", "не задано", "не задана", "не задан", "не указано", "не указана", "не указан")
)
NO_DAY = frozenset(("нет", "не закрыта", "не закрыт", "не закрыто", "no", "not closed"))  # in a column of dates
YES = frozenset(("да", "yes", "true", "1", "+", "y", "истина", "д"))
NO = frozenset(("нет", "no", "false", "0", "n", "ложь", "н"))

NO_FLAG = N_("is neither yes nor no")
WRITE_FLAG = N_("Write Yes or No, or leave the cell empty.")
NOT_KNOWN = N_("is a value the layout does not know")
SHORTENED = N_("was shortened by a spreadsheet")
KEEP_LONG = N_("Take the exported file itself, not one saved again by a spreadsheet.")
ADD_VALUE = N_("Add it to the values of this column in the layout.")

_SHORTENED = re.compile(r"\d[.,]\d+E\+\d+")

Fault = tuple[np.ndarray, str, str]  # which cells, the reason, the remedy (both untranslated)


@dataclass(frozen=True)
class Parsed:
    """The values of a column, and its faults: filled cells that could not be read."""

    values: pd.Series
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, spread: Spread, values: Any, faults: Iterable[Fault]) -> Parsed:
        """Values and faults of the different words, spread over all cells."""
        spread_faults = [(spread.flags(which), reason, remedy) for which, reason, remedy in faults]
        return cls(spread(values), [fault for fault in spread_faults if fault[0].any()])


@dataclass(frozen=True)
class Spread:
    """From the different words of a column back to its cells; empty cells become missing."""

    codes: np.ndarray
    index: pd.Index

    def __call__(self, values: Any) -> pd.Series:
        if len(values) == 0:
            return pd.Series(values, dtype=getattr(values, "dtype", "str")).reindex(self.index)
        return pd.Series(pd.Series(values).take(np.maximum(self.codes, 0)).array, index=self.index).mask(self.codes < 0)

    def flags(self, flags: np.ndarray) -> np.ndarray:
        """A condition on words as a condition on cells; False for empty cells."""
        return np.append(flags, False)[self.codes].astype(bool)


def by_word(cells: pd.Series, nothing: frozenset[str] = PLACEHOLDERS) -> tuple[list[str], Spread]:
    """The different words of a column without those that mean nothing, and the way back to the cells."""
    codes, words = pd.factorize(cells)
    known = np.array([word.casefold() not in nothing for word in words], dtype=bool)
    place = np.where(known, np.cumsum(known) - 1, -1)
    new_codes = np.append(place, -1)[codes]
    return [word for word, keep in zip(words, known, strict=True) if keep], Spread(new_codes, cells.index)


def plain(text: str) -> str:
    """Text for comparing: case, kinds of white space, `ё` and invisible signs do not matter.

    >>> plain(" Название\\u00a0 Счёта\\ufeff")
    'название счета'
    """
    return " ".join(text.replace("\ufeff", "").replace("\u200b", "").split()).casefold().replace("ё", "е")


def read_ids(cells: pd.Series) -> Parsed:
    """Cells as `str`, NaN where empty; ids that a spreadsheet shortened to 1,23457E+14 are faults."""
    words, spread = by_word(cells)
    short = np.array([bool(_SHORTENED.fullmatch(word)) for word in words], dtype=bool)
    return Parsed.of(spread, pd.Series(words, dtype="str").mask(short), [(short, SHORTENED, KEEP_LONG)])


def read_text(cells: pd.Series, change: Callable[[str], str | None] | None = None) -> Parsed:
    """Cells as `str`, NaN where empty; `change` maps each different word (None: missing)."""
    words, spread = by_word(cells)
    changed = pd.Series([change(word) if change else word for word in words], dtype="str")
    return Parsed(spread(changed))


def read_flags(cells: pd.Series, meanings: Mapping[str, bool | None] | None = None, *, otherwise: Any = ...) -> Parsed:
    """Cells as nullable `boolean` by the words of `meanings` (else yes and no), NA where empty.

    `otherwise` is the value of words that are not listed (None: missing); without it they are faults.
    """
    words, spread = by_word(cells)
    known = meanings or {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
    strange = np.array([plain(word) not in known for word in words], dtype=bool)
    rest = None if otherwise is ... else otherwise
    flags = pd.Series([known.get(plain(word), rest) for word in words], dtype="boolean")
    fault = (strange, NOT_KNOWN, ADD_VALUE) if meanings else (strange, NO_FLAG, WRITE_FLAG)
    return Parsed.of(spread, flags, [fault] if otherwise is ... else [])
