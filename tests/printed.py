"""What is printed as a calculation, reckoned as a learner with a pocket calculator would."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s?(%|pp\b)?")
_UNITS = re.compile(r"mo\.|points?\b|[$₽]")
_SIGNS = str.maketrans({"−": "-", "×": "*", "\u00a0": " ", "\u202f": " "})


def value_of(written: str) -> float:
    """What comes out of what stands before "=" or "≈", in English: shares as fractions, points as hundredths.

    >>> value_of("53.5% + 6.0 pp = 59.5%"), value_of("$840 / $75.00 / 5% / 7 ≈ 32")
    (0.595, 32.0)
    """
    left = _UNITS.sub("", re.split("[=≈]", written)[0].translate(_SIGNS))
    plain = _NUMBER.sub(lambda found: _plain(found[1], found[2]), left).strip().lstrip("+")
    assert re.fullmatch(r"[-+*/().\d\s]+", plain), written
    return round(float(eval(plain)), 9)  # noqa: S307 — digits and signs alone


def _plain(digits: str, unit: str | None) -> str:
    digits = digits.replace(",", "")
    return f"({digits} / 100)" if unit else digits


def half_of_last_digit(written: str) -> float:
    """Half of what the last digit of a printed number stands for: so far off may the number itself be."""
    decimals = len(re.search(r"(?:\.(\d+))?\D*$", written)[1] or "")  # type: ignore[index]
    return 0.5 * 10.0**-decimals * (0.01 if "%" in written or "pp" in written else 1) * (1 + 1e-6)


def agrees(how: str, result: str) -> bool:
    """Whether the printed way comes to the printed result."""
    return abs(value_of(how) - value_of(result)) <= half_of_last_digit(result)
