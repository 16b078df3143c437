"""The misconceptions that lessons answer: a name, words that name it without the solution, and what it computes.

To add one, add a row to `MISCONCEPTIONS` (and its translation) and, where it leads to a number, its computation; the
tests hold every computation against an independent one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kpi_helpers.language import N_


@dataclass(frozen=True)
class Misconception:
    """`name` for a teacher's summary, `words` for who has it; `computes` gives the wrong number by the figures."""

    name: str
    words: str
    computes: Callable[..., float] | None = None


@dataclass(frozen=True)
class Slip:
    """A wrong answer, the misconception that leads to it, and the figures that it was computed from."""

    name: str
    value: Any
    figures: Mapping[str, Any] = field(default_factory=dict)


def slip(name: str, **figures: Any) -> Slip:
    """The wrong number that a misconception makes of the figures.

    >>> slip("revenue_as_profit", revenue=150.0, spend=100.0).value
    0.5
    """
    computes = MISCONCEPTIONS[name].computes
    assert computes is not None, f"{name} computes nothing"
    return Slip(name, float(computes(**figures)), figures)


def slip_to(name: str, value: Any) -> Slip:
    """The option, or the order, that a misconception leads to."""
    assert name in MISCONCEPTIONS, name
    return Slip(name, value)


def revenue_as_profit(revenue: float, spend: float) -> float:
    return (revenue - spend) / spend


def roas_as_return(revenue: float, spend: float) -> float:
    return revenue / spend


def margin_without_spend(margin: float, spend: float) -> float:
    return margin / spend


def spend_off_revenue(revenue: float, spend: float) -> float:
    return (revenue - spend) / revenue


MISCONCEPTIONS: dict[str, Misconception] = {
    "revenue_as_profit": Misconception(
        N_("revenue taken for profit"),
        N_("You counted all revenue as if it were earned. The goods had to be paid for, too: which part of the "
           "revenue stays?"),
        revenue_as_profit,
    ),
    "roas_as_return": Misconception(
        N_("ROAS taken for the return"),
        N_("This is revenue per unit of money spent. A return asks what is left after the money spent is taken off."),
        roas_as_return,
    ),
    "margin_without_spend": Misconception(
        N_("advertising not taken off the margin"),
        N_("The margin still has to pay for the advertising itself. What is left after that?"),
        margin_without_spend,
    ),
    "spend_off_revenue": Misconception(
        N_("the rest of the revenue taken for the margin it needs"),
        N_("This is the part of the revenue that is left after advertising. Asked is the part that has to pay for it."),
        spend_off_revenue,
    ),
    "immature_as_final": Misconception(
        N_("an unfinished month taken for a result"),
        N_("This reads as if the month were over. What of it is still going on?"),
    ),
    "open_as_won": Misconception(
        N_("open deals counted as won"),
        N_("Nobody knows yet which of the open deals will be won: this counts hopes as money."),
    ),
    "silence_for_caution": Misconception(
        N_("a number held back for being unfinished"),
        N_("Then nobody could act on the month before it is long past. A number may be unfinished if it says so."),
    ),
}  # fmt: skip
