"""Questions of a lesson as data, and what is said of an answer. They know nothing of widgets and of who is asked."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from kpi_helpers.catalogue import Style
from kpi_helpers.labels import write_difference, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.answers import read_answer
from kpi_helpers.lessons.misconceptions import MISCONCEPTIONS, Slip

SLACK = 0.005  # of the answer: who rounds on the way is right, too
APART = 3  # a wrong answer that is offered differs from the right one by so many tolerances at least
TRIES = 2  # wrong answers before the solution may be seen


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer: whether it is right, the misconception behind it ("" where none is known), words."""

    right: bool
    slip: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """`given` is shown above the text (a table, steps of an example); `hints` from the vaguest to the plainest.

    `because` says why the right answer is right; `solution` is the way to it, shown after `TRIES` wrong answers.
    """

    text: str
    given: Markup = Markup("")
    slips: tuple[Slip, ...] = ()
    hints: tuple[str, ...] = ()
    because: str = ""
    solution: str = ""

    @abstractmethod
    def check(self, said: Any) -> Verdict:
        """What is said of an answer; KitError where it cannot be read: then it is no try."""

    @abstractmethod
    def written(self, said: Any) -> str:
        """An answer as the learner reads it again later."""

    def _wrong(self, slip: str) -> Verdict:
        return Verdict(False, slip, _(MISCONCEPTIONS[slip].words) if slip else "")


@dataclass(frozen=True, kw_only=True)
class Number(Question):
    """A number to be written: `answer` in the style of its KPI (a share is a fraction), rounded to `rounding`.

    `style` "pp" is a difference of two shares, answered in percentage points.
    """

    answer: float
    style: Style | str = "count"
    rounding: float = 1.0
    currency: str = ""

    def check(self, said: str) -> Verdict:
        readings = read_answer(said, self.style, self.currency)
        if any(self._is(reading, self.answer) for reading in readings):
            return Verdict(True, words=self.because)
        found = [slip.name for slip in self.slips if any(self._is(reading, slip.value) for reading in readings)]
        return self._wrong(found[0] if found else "")

    def written(self, said: str) -> str:
        return said

    @property
    def is_clear(self) -> bool:
        """Whether there is an answer, and every slip leads to another number than it and than every other slip.

        None of them may be read as the answer either, written with or without its unit.
        """
        values = [self.answer, *(slip.value for slip in self.slips)]
        if not all(map(math.isfinite, values)):
            return False
        apart = (abs(a - b) >= APART * self._tolerance(a) for n, a in enumerate(values) for b in values[n + 1 :])
        return all(apart) and not any(self._may_be_answer(slip.value) for slip in self.slips)

    def _may_be_answer(self, value: float) -> bool:
        """Whether a number, as it is written, can be read as the answer."""
        return any(
            self._is(reading, self.answer)
            for written in self._spellings(value) for reading in read_answer(written, self.style, self.currency)
        )  # fmt: skip

    def _spellings(self, value: float) -> tuple[str, str]:
        """The number as the kit writes it; and bare, in the digits asked for, with a sign of thousands."""
        percent = 100 if self.style in ("share", "pp") else 1
        places = max(0, math.ceil(-math.log10(self.rounding * percent) - 1e-9))
        bare = f"{value * percent:,.{places}f}"
        if self.style == "pp":
            return write_difference(value, "share"), bare
        return write_value(value, self.style, self.currency), bare

    def _is(self, reading: float, value: float) -> bool:
        return abs(reading - value) <= self._tolerance(value)

    def _tolerance(self, value: float) -> float:
        return 0.51 * self.rounding + SLACK * abs(value)


@dataclass(frozen=True)
class Option:
    """Something to choose or to put in order."""

    key: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """One of several `options` is right; a slip's value is the key of the option that it leads to."""

    answer: str
    options: tuple[Option, ...]

    def check(self, said: str) -> Verdict:
        if said == self.answer:
            return Verdict(True, words=self.because)
        return self._wrong(next((slip.name for slip in self.slips if slip.value == said), ""))

    def written(self, said: str) -> str:
        return next((option.words for option in self.options if option.key == said), "")


@dataclass(frozen=True, kw_only=True)
class Order(Question):
    """`options` are to be put in the order of the keys in `answer`; a slip's value is the order that it leads to."""

    answer: tuple[str, ...]
    options: tuple[Option, ...]

    def check(self, said: tuple[str, ...]) -> Verdict:
        if tuple(said) == self.answer:
            return Verdict(True, words=self.because)
        return self._wrong(next((slip.name for slip in self.slips if slip.value == tuple(said)), ""))

    def written(self, said: tuple[str, ...]) -> str:
        words = {option.key: option.words for option in self.options}
        return " → ".join(words.get(key, "") for key in said)


@dataclass(frozen=True)
class Field:
    """A field of a form: a choice where there are `options` (words by key), else text to be written."""

    key: str
    name: str
    options: Mapping[str, str] = field(default_factory=dict)
    value: str = ""
    example: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft(Question):
    """Something to be drafted in a form, such as a goal; `judge` says what is right and what is missing."""

    fields: tuple[Field, ...]
    judge: Callable[[Mapping[str, str]], Verdict]

    def check(self, said: Mapping[str, str]) -> Verdict:
        return self.judge(said)

    def written(self, said: Mapping[str, str]) -> str:
        shown = ((one.name, one.options.get(said.get(one.key, ""), said.get(one.key, ""))) for one in self.fields)
        return "; ".join(f"{name}: {words}" for name, words in shown if words)
