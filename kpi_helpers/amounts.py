"""Numbers as people write them in goals and schemes, and written so that they are read back as the same."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.lettering import plain

LARGEST = 1e15  # beyond it a float no longer holds every whole number
TWO_MEANINGS = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}%?")  # 1,200: 1.2 or 1200?
NOTHING = ("no", "none", "нет", "-", "—")
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
