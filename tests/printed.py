"""What is printed as a calculation, reckoned as a learner with a pocket calculator would."""

from __future__ import annotations

import re

SIGNS = {"−": "-", "×": "*", "$": "", "₽": "", ",": "", "\u00a0": "", "\u202f": "", "pp": "/100"}
BARE = re.compile(r"[-+*/().\d\s]+")


def reckon(printed: str) -> float:
    """The value of what stands before "=", "≈" or "|": shares as fractions, points as hundredths.

    >>> reckon("53.5% + 6.0 pp = 59.5%"), reckon("$840 / $75.00 / 5% / 7 ≈ 32")
    (0.595, 32.0)
    """
    left = re.split("[=≈]", printed)[0]
    for sign, plain in SIGNS.items():
        left = left.replace(sign, plain)
    left = re.sub(r"(\d+(?:\.\d+)?)\s*%", r"(\1/100)", left)
    assert BARE.fullmatch(left), printed
    return round(float(eval(left)), 9)  # noqa: S307 — digits and signs alone
