"""Numbers as people write them, written so that they are read back as the same, and rounded so that they add up."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.lettering import plain

Key = TypeVar("Key", bound=Hashable)
LARGEST = 1e15  # beyond it a float no longer holds every whole number
TWO_MEANINGS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}%?")  # 1,200: 1.2 or 1200?
NOTHING = ("no", "none", "нет", "-", "—")
DIGITS = 53  # binary ones that a float holds
SMALLEST = -1074  # the power of two below which a float holds nothing
_NUMBER = re.compile(r"-?\d+([.,]\d+)?%?")


def read_amount(text: str, column: str, nothing: float = math.nan) -> float:
    """A number: 0.8, 0,8, 80 %, 30 000; NaN where there is none, `nothing` for "no". KitError for all else.

    >>> read_amount("30 000", "bonus"), read_amount("80 %", "threshold"), read_amount("no", "cap", nothing=math.inf)
    (30000.0, 0.8, inf)
    """
    if not text or text.casefold() in NOTHING:
        return nothing if text else math.nan
    compact = "".join(text.split()).replace("−", "-")
    number = math.nan
    if _NUMBER.fullmatch(compact) and compact.isascii() and not TWO_MEANINGS.fullmatch(compact):
        number = float(compact.rstrip("%").replace(",", ".")) / (100 if compact.endswith("%") else 1)
    if not abs(number) <= LARGEST:
        found = _("{column} = {value} is not a number.").format(column=column, value=repr(plain(text)))
        raise KitError(found, _("Write it as 1200, 0.8 or 80 %."))
    return number


def write_amount(number: float) -> str:
    """A number that is read back as the same: 1.234 is written with one more zero.

    >>> write_amount(180.0), write_amount(1.234), write_amount(1e-7), write_amount(float("nan"))
    ('180', '1.2340', '0.0000001', '')
    """
    if math.isnan(number):
        return ""
    text = f"{Decimal(repr(float(number))):f}".removesuffix(".0")
    return text + "0" if TWO_MEANINGS.fullmatch(text) else text


def round_to_sum(parts: Mapping[Key, Fraction]) -> dict[Key, float]:
    """The parts as floats that add up, in any order and without rounding, to the whole, itself rounded but once.

    All are multiples of one power of two, the finest at which a float holds the sum of their sizes. Each part is less
    than a step from its exact value; parts that need no rounding keep theirs. The steps left over go to the largest
    remainders, equal ones by name, so that the order of the parts does not matter. OverflowError where a part is too
    large for a float.

    >>> round_to_sum({"a": Fraction(1, 4), "b": Fraction(3, 4)})
    {'a': 0.25, 'b': 0.75}
    """
    step = _finest_step(list(parts.values()))
    steps = {key: math.floor(part / step) for key, part in parts.items()}
    left = round(sum(parts.values(), Fraction(0)) / step) - sum(steps.values())
    for key in sorted(parts, key=lambda key: (steps[key] - parts[key] / step, str(key)))[:left]:
        steps[key] += 1
    return {key: float(count * step) for key, count in steps.items()}


def _finest_step(parts: list[Fraction]) -> Fraction:
    """The smallest power of two of which a float can count all these parts, each rounded away from zero."""
    size = sum(map(abs, parts), Fraction(0))
    power = size.numerator.bit_length() - size.denominator.bit_length() + 2 - DIGITS
    while size and power > SMALLEST and _steps(parts, Fraction(2) ** (power - 1)) <= 2**DIGITS:
        power -= 1
    return Fraction(2) ** max(power, SMALLEST)


def _steps(parts: list[Fraction], step: Fraction) -> int:
    return sum(math.ceil(abs(part) / step) for part in parts)
