"""What a misconception is, and the wrong answer that it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kpi_helpers.formula import parse


@dataclass(frozen=True)
class Misconception:
    """`name` for a teacher's summary, `words` for who has it: they name it without the solution.

    `computes` is the wrong number by the figures: a formula as in the KPI table, or a function where it takes more.
    """

    name: str
    words: str
    computes: str | Callable[..., float] = ""

    def wrong(self, figures: Mapping[str, Any]) -> float:
        """The wrong number that it makes of the figures."""
        if isinstance(self.computes, str):
            return float(parse(self.computes).evaluate(figures))
        return float(self.computes(**figures))


@dataclass(frozen=True)
class Slip:
    """A wrong answer, the misconception that leads to it, and the figures that it was computed from."""

    name: str
    value: Any
    figures: Mapping[str, Any] = field(default_factory=dict)
