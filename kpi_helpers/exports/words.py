"""A column of cells by its different words: what is read once per word and not once per cell costs little."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

PLACEHOLDERS = frozenset(
    ("", "-", "--", "---", "—", "–", "−", "nan", "null", "none", "n/a", "#n/a", "#н/д", "н/д", "нет данных",
     "(not set)", "not set", "не задано", "не задана", "не задан", "не указано", "не указана", "не указан")
)  # fmt: skip


def plain(text: str) -> str:
    """Text for comparing: case, kinds of white space, `ё` and invisible signs do not matter.

    >>> plain(" Название\\u00a0 Счёта\\ufeff")
    'название счета'
    """
    return " ".join(text.replace("\ufeff", "").replace("\u200b", "").split()).casefold().replace("ё", "е")


@dataclass(frozen=True)
class Words:
    """The trimmed different words of a column, and which of them each cell holds (-1: nothing)."""

    codes: np.ndarray
    words: list[str]

    @classmethod
    def of(cls, cells: Cells) -> Words:
        """The words of a column of text.

        >>> Words.of(["a", " a", "b"]).words
        ['a', 'a', 'b']
        """
        if isinstance(cells, Words):
            return cells
        codes, found = pd.factorize(np.asarray(cells, dtype=object))
        return cls(codes, list(map(str.strip, found.tolist())))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        code = self.codes[row]
        return self.words[code] if code >= 0 else ""

    @cached_property
    def text(self) -> str:
        """The words as `plain` makes them, all in one: what does not stand in it stands in no cell."""
        return plain("\x00".join(self.words))

    @cached_property
    def filled(self) -> Words:
        """The same cells; placeholders hold nothing."""
        return self.without(PLACEHOLDERS)

    def map(self, change: Callable[[str], str]) -> Words:
        """Other words in the same cells."""
        return Words(self.codes, [change(word) for word in self.words])

    def only(self, rows: np.ndarray) -> Words:
        """Nothing in the cells of other rows."""
        return Words(np.where(rows, self.codes, -1), self.words)

    def or_else(self, other: Words) -> Words:
        """The cells of another column where there is nothing."""
        codes = np.where((self.codes < 0) & (other.codes >= 0), other.codes + len(self.words), self.codes)
        return Words(codes, [*self.words, *other.words])

    def take(self, rows: np.ndarray) -> Words:
        """The cells of these rows alone (a condition), without the words that are no longer there."""
        codes = self.codes[rows]
        used = np.bincount(codes[codes >= 0], minlength=len(self.words)) > 0
        if used.all():
            return Words(codes, self.words)
        place = np.append(np.cumsum(used) - 1, -1)
        return Words(place[codes], [word for word, keep in zip(self.words, used, strict=True) if keep])

    def without(self, nothing: Set[str] = PLACEHOLDERS) -> Words:
        """The same cells; those whose word means nothing hold nothing."""
        folded = self._folded
        if nothing.isdisjoint(folded):
            return self
        known = np.array([word not in nothing for word in folded], dtype=bool)
        place = np.append(np.where(known, np.cumsum(known) - 1, -1), -1)
        return Words(place[self.codes], [word for word, keep in zip(self.words, known, strict=True) if keep])

    def flags(self, condition: Callable[[str], bool], nothing: bool = False) -> np.ndarray:
        """Which cells meet a condition; `nothing` for the cells without a word."""
        return np.append(self._each(condition), nothing)[self.codes]

    def spread(self, values: Any) -> pd.Series:
        """One value per word as one per cell; missing where there is no word."""
        values = getattr(values, "array", values)
        array = values if isinstance(values, pd.api.extensions.ExtensionArray) else np.asarray(values)
        return pd.Series(pd.api.extensions.take(array, self.codes, allow_fill=True))

    def spread_flags(self, flags: np.ndarray) -> np.ndarray:
        """A condition on words as one on cells; False for the cells without a word."""
        return np.append(flags, False)[self.codes].astype(bool)

    @cached_property
    def _folded(self) -> list[str]:
        """The words in lower case: all at once, which is faster, where no word holds a line break."""
        folded = "\n".join(self.words).casefold().split("\n")
        return folded if len(folded) == len(self.words) else [word.casefold() for word in self.words]

    def _each(self, condition: Callable[[str], bool]) -> np.ndarray:
        return np.fromiter(map(condition, self.words), dtype=bool, count=len(self.words))


Cells = Words | pd.Series | np.ndarray | Sequence[str]
