"""Splitting a total into round parts that add up to it to the last digit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from kpi_helpers.errors import KitError
from kpi_helpers.language import _

DIGITS = 15  # that a float holds for certain
SMALL = Fraction(1, 100)  # a step is at most this share of the average part: rounding must not bend the shape
FINEST_ROUND = 100  # steps above 1 are hundreds, thousands ...: nobody counts leads in tens


def split_exactly(total: float | Decimal, weights: Sequence[float], step: float | Decimal = 1) -> list[float]:
    """`total` in proportion to `weights`, in whole steps; as decimals the parts add up to the total exactly.

    Largest remainder: each part gets its whole steps, the steps left over go to the largest remainders (evenly spread
    where these are equal). A part is less than a step from its ideal, and no heavier weight gets less; where the total
    is no multiple of the step, one part takes the rest. The total is taken to 15 significant digits, which is what a
    float holds for certain. KitError for a total below zero, weights that are negative, unknown or all zero, or a step
    too fine for the total. Source: Balinski and Young, Fair Representation, 1982 (Hamilton's method).

    >>> split_exactly(100, [1, 1, 1]), split_exactly(1000, [5, 3, 1], 100)
    ([33.0, 33.0, 34.0], [600.0, 300.0, 100.0])
    """
    exact, unit = as_written(total), as_written(step)
    _check(exact, unit, weights)
    shares = [Fraction(weight) for weight in weights]
    whole = Fraction(exact) / Fraction(unit)
    ideal = [whole * share / sum(shares) for share in shares]
    steps = [math.floor(size) for size in ideal]
    waiting = [size - given for size, given in zip(ideal, steps, strict=True)]
    for place in _first_served(waiting, math.floor(whole) - sum(steps)):
        steps[place] += 1
        waiting[place] = Fraction(0)
    parts = [unit * given for given in steps]
    parts[waiting.index(max(waiting))] += exact - sum(parts)
    return [float(part) for part in parts]


def choose_step(total: float | Decimal, parts: int) -> float:
    """The roundest step for a total of so many parts: the total is a multiple of it, and it is 1 % of a part at most.

    Hundreds, thousands and so on for large round totals; 1 for whole ones; the total's own last digit otherwise.

    >>> choose_step(12_000_000, 12), choose_step(2400, 12), choose_step(2_345_678, 12), choose_step(99.5, 3)
    (10000.0, 1.0, 1.0, 0.1)
    """
    exact = as_written(total)
    own = Decimal(1).scaleb(min(0, _last_place(exact)))  # 1 where the total is whole
    limit = abs(Fraction(exact)) / parts * SMALL
    round_steps = (Decimal(10) ** power for power in range(DIGITS, 1, -1))
    fitting = (step for step in round_steps if step >= FINEST_ROUND and step <= limit and exact % step == 0)
    return float(next(fitting, own))


def _first_served(remainders: list[Fraction], count: int) -> list[int]:
    """The places of the `count` largest remainders; of equal ones, places spread evenly."""
    served: list[int] = []
    for size in sorted(set(remainders), reverse=True):
        equal = [place for place, remainder in enumerate(remainders) if remainder == size]
        room = min(count - len(served), len(equal))
        served += [
            place for n, place in enumerate(equal) if (n + 1) * room // len(equal) > n * room // len(equal)
        ]
    return served


def _check(total: Decimal, step: Decimal, weights: Sequence[float]) -> None:
    if total < 0:
        raise KitError(_("a total below zero cannot be broken down."), _("Give a goal of zero or more."))
    if step <= 0:
        raise KitError(_("a step must be above zero."))
    if any(not math.isfinite(weight) or weight < 0 for weight in weights) or not any(weight > 0 for weight in weights):
        raise KitError(_("the parts need known weights, not below zero and not all zero."))
    if total.scaleb(-min(_last_place(total), _last_place(step))) >= Decimal(10) ** DIGITS:
        raise KitError(
            _("steps of {step} are too fine for a total of {total}.").format(step=step, total=total),
            _("Choose a larger step."),
        )


def as_written(number: float | Decimal) -> Decimal:
    """The number as it is written, to 15 significant digits."""
    exact = Decimal(f"{number:.{DIGITS}g}")
    if not exact.is_finite():
        raise KitError(_("{number} is not a number to break down.").format(number=number))
    return exact


def _last_place(number: Decimal) -> int:
    """The power of ten of the last digit that is not a closing zero."""
    return int(number.normalize().as_tuple().exponent)
