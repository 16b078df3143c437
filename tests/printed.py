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


_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?\s?%?")
_UNITS = re.compile(r"mo\.|pp\b|points?\b|[$₽]")


def value_of(written: str) -> float:
    """What comes out of "$25.92 × 5.25 mo.", "19.03%" or "(767 − 325) / 767"; English."""
    bare = _UNITS.sub("", written.replace("\xa0", " ")).replace("−", "-").replace("×", "*").replace("+", "")
    plain = _NUMBER.sub(lambda found: _plain(found[0]), bare)
    assert re.fullmatch(r"[\d.\s()*/-]+", plain), written
    return float(eval(plain))  # digits and signs alone


def _plain(number: str) -> str:
    digits = number.replace(",", "").strip()
    return f"({digits[:-1].strip()} / 100)" if digits.endswith("%") else digits


def half_of_last_digit(written: str) -> float:
    """Half of what the last digit of a printed number stands for: so far off may the number itself be."""
    decimals = len(re.search(r"(?:\.(\d+))?\D*$", written)[1] or "")  # type: ignore[index]
    return 0.5 * 10.0**-decimals * (0.01 if "%" in written or "pp" in written else 1) * (1 + 1e-9)


def agrees(how: str, result: str) -> bool:
    """Whether the printed way comes to the printed result."""
    percent = 0.01 if "pp" in result else 1
    return abs(value_of(how) - value_of(result) * percent) <= half_of_last_digit(result)
