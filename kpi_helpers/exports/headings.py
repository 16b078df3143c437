"""Headings of exports, and how a layout names them: alternatives, `*`, and the place of the currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from kpi_helpers.exports.values import plain
from kpi_helpers.language import language

_CURRENCY = r"(?:[a-z]{3}|руб\.?|[₽$€£₸₴?])"  # ? is what a program without the sign saves for it
_TOKENS = {"*": ".*", "{currency}": _CURRENCY, "{, currency}": rf"(?:,? ?\(?{_CURRENCY}\)?)?"}
_SIGNS = re.compile(r"\(?\{,? ?currency\}\)?|\*")
_TOKEN = re.compile("(" + "|".join(map(re.escape, _TOKENS)) + ")")


@dataclass(frozen=True)
class Heading:
    """The ways a heading may be written, the best first, as patterns in plain text (`*` stands for anything).

    `shown` is the heading as its layout writes it.
    """

    patterns: tuple[str, ...]
    shown: str = ""

    def may_be_in(self, headings: set[str]) -> bool:
        """Whether one of the (plain) headings is meant."""
        return not self._exact.isdisjoint(headings) or any(any(map(way.fullmatch, headings)) for way in self._loose)

    def may_stand_in(self, text: str) -> bool:
        """Whether a (plain) text of many cells may hold the heading: a quick answer."""
        return any(literal in text for literal in self._literals)

    def find(self, headings: list[str]) -> int | None:
        """The column of the first pattern that fits one of the (plain) headings, or None."""
        for pattern in self._compiled:
            if isinstance(pattern, str):
                if pattern in headings:
                    return headings.index(pattern)
                continue
            for column, heading in enumerate(headings):
                if pattern.fullmatch(heading):
                    return column
        return None

    def find_all(self, headings: list[str]) -> list[int]:
        """Every column that fits."""
        return [column for column, heading in enumerate(headings) if self.fits(heading)]

    def fits(self, heading: str) -> bool:
        """Whether a (plain) heading is meant."""
        return heading in self._exact or any(pattern.fullmatch(heading) for pattern in self._loose)

    def captured(self, heading: str) -> str:
        """What stands in `heading` (as exported) at the place of the first `*`."""
        for pattern in self.patterns:
            start, _star, end = pattern.partition("*")
            if _star and Heading((pattern,)).fits(plain(heading)):
                text = " ".join(heading.split())
                return text[len(start) : len(text) - len(end) or None].strip()
        return heading

    @property
    def regex(self) -> str:
        """All patterns as one regular expression, within a line."""
        return "(?:" + "|".join(map(_source, self.patterns)) + ")"

    @cached_property
    def _literals(self) -> frozenset[str]:
        """Of each pattern the longest part that stands as it is."""
        return frozenset(max(_TOKEN.split(pattern)[::2], key=len) for pattern in self.patterns)

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(pattern for pattern in self._compiled if isinstance(pattern, str))

    @cached_property
    def _loose(self) -> tuple[re.Pattern[str], ...]:
        return tuple(pattern for pattern in self._compiled if not isinstance(pattern, str))

    @cached_property
    def _compiled(self) -> tuple[str | re.Pattern[str], ...]:
        return tuple(_compile(pattern) for pattern in self.patterns)

    def __str__(self) -> str:
        """The heading as an export has it, in the reader's language where the layout knows it."""
        written = _SIGNS.sub("", self.shown or self.patterns[0])
        ways = [" ".join(way.split()).rstrip(" ,(") for way in written.split(" | ")]
        return next((way for way in ways if way.isascii() == (language() == "en")), ways[0])


def read_heading(text: str) -> Heading:
    """A heading as a layout writes it: "Cost | Spend *", "Amount spent ({currency})", "Amount{, currency}".

    >>> read_heading("Расход, ₽ | Расход, руб. *").find(["клики", "расход, руб. с ндс"])
    1
    """
    parts = text.split(" | ")
    return Heading(tuple(plain(part) for part in parts), text.strip())


def _compile(pattern: str) -> str | re.Pattern[str]:
    return re.compile(_source(pattern), re.DOTALL) if _TOKEN.search(pattern) else pattern


def _source(pattern: str) -> str:
    return "".join(_TOKENS.get(part) or re.escape(part) for part in _TOKEN.split(pattern))
