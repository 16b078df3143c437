"""Numbers that learners write: `50 %`, `0,5`, `−40`, `1 234,5 ₽`, `5 п.п.`, with every meaning that they may have."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from kpi_helpers.catalogue import Style
from kpi_helpers.errors import KitError
from kpi_helpers.exports.numbers import LONGEST, read_numbers
from kpi_helpers.labels import write_difference, write_value
from kpi_helpers.language import N_, _
from kpi_helpers.lessons.currencies import currencies_of
from kpi_helpers.lettering import cut_middle

LARGEST_SHARE = 1  # 25 and 2.5 written beside "%" are percent; 0.5 may mean 50 % or 0.5 %
_SHOWN = 40  # characters of an answer that is quoted

_SPACES = re.compile(r"[\s\u2060\ufeff]+")
_DASHES = str.maketrans(dict.fromkeys("−–—‐‑‒－﹣", "-"))
_ABOUT = re.compile(r"^(?:[~≈=]|about |около |примерно |ок\. ?)+")
_PARTS = re.compile(r"(?P<before>[^\d.,]*)(?P<number>[.,]?\d[\d., '’]*)(?P<after>[^\d]*)", re.ASCII)
_SIGN = re.compile(r"[+-]|(?:минус|minus|плюс|plus) ?")
_SCALES = (
    (1e3, re.compile(r"(?:k|к|тыс(?:\.|яч[аи]?)?|thousand)(?![^\W\d_])|т\.? ?(?=р(?:\.|уб|$))")),
    (1e6, re.compile(r"(?:mm?|mln|млн|million|миллион(?:а|ов)?)(?![^\W\d_])\.?")),
    (1e9, re.compile(r"(?:bn?|bln|млрд|billion|миллиард(?:а|ов)?)(?![^\W\d_])\.?")),
    (1e12, re.compile(r"(?:tn|трлн|trillion|триллион(?:а|ов)?)(?![^\W\d_])\.?")),
)
_EACH = re.compile(r" ?/ ?[^\W\d_]+\.?$")  # ₽/мес.
_COUNTED = re.compile(r"[^\W\d_]+\.?")  # 120 leads
_UNITS = {
    "%": re.compile(r"%|per ?cent|pct\.?|процент(?:а|ов)?"),
    "pp": re.compile(r"п\. ?п\.?|пп\.?|p\. ?p\.?|pp\.?|(?:percentage|%) points?|процентн(?:ый|ых|ого) пункт(?:а|ов)?"),
    "times": re.compile(r"[x×х]|times|раза?"),
    "months": re.compile(r"мес(?:\.|яц(?:а|ев)?)?|mo\.?|mos\.?|months?"),
    "stars": re.compile(r"[★⭐]\ufe0f?|stars?|зв[её]зд[аы]?"),
    "points": re.compile(r"points?|pts?\.?|п\.?|пункт(?:а|ов)?|балл(?:а|ов)?"),
}

Meaning = Callable[[float], set[float]]


def _as_it_is(number: float) -> set[float]:
    return {number}


def _hundredth(number: float) -> set[float]:
    return {number / 100}


def _either(largest: float) -> Meaning:
    """Percent or the fraction itself, where it is not too large to be one."""
    return lambda number: {number / 100, number} if abs(number) < largest else {number / 100}


# What a number of a style means by the unit that is written behind or before it; other units are refused.
_MEANINGS: dict[str, dict[str, Meaning]] = {
    "share": {"": _either(LARGEST_SHARE), "%": _hundredth},
    "pp": {"": _either(LARGEST_SHARE), "pp": _hundredth, "points": _hundredth},
    "ratio": {"": _as_it_is, "times": _as_it_is, "%": _hundredth},
    "multiple": {"": _as_it_is, "times": _as_it_is, "%": _hundredth},
    "money": {"": _as_it_is, "money": _as_it_is},
    "months": {"": _as_it_is, "months": _as_it_is},
    "points": {"": _as_it_is, "points": _as_it_is},
    "stars": {"": _as_it_is, "stars": _as_it_is},
    "count": {"": _as_it_is},
}
_UNLIKE = {
    "pp": N_("you wrote percent; asked is the plain difference of two shares, in percentage points."),
    "share": N_("you wrote percentage points, the difference of two shares; asked is a share or a change in percent."),
}
_LARGE = ("money", "count")  # styles in which people write thousands and millions in words
_EXAMPLES = {"share": 0.125, "money": 1234, "ratio": 2.5, "multiple": 2.5, "months": 4.5, "points": 42.5, "stars": 4.5}


def read_answer(said: str, style: Style | str, currency: str = "") -> set[float]:
    """What the written number can mean, in the unit of the catalogue: shares as fractions, "pp" as their difference.

    A unit that is written decides. KitError, with the next step, where no number can be read or its unit is of another
    kind; percent written for points, points for percent, and another currency than `currency` are told apart in words.

    >>> read_answer("50 %", "share"), sorted(read_answer("0,5", "share")), sorted(read_answer("1,234", "count"))
    ({0.5}, [0.005, 0.5], [1.234, 1234.0])
    """
    text = _SPACES.sub(" ", str(said)[: LONGEST + 1].translate(_DASHES)).strip().casefold()
    text = _ABOUT.sub("", text).strip()
    if not text:
        raise KitError(_("no number is written."), _write_it_as(style))
    parts = _PARTS.fullmatch(text) if len(text) <= LONGEST else None
    numbers = _numbers(parts["number"]) if parts else set()
    if parts is None or not numbers:
        raise KitError(_("“{said}” is not a number.").format(said=cut_middle(said, _SHOWN)), _write_it_as(style))
    sign, before = _take_sign(parts["before"])
    after = parts["after"].strip()
    scale = 1.0
    if style in _LARGE:
        scale, after = _take_scale(_EACH.sub("", after))
    beside = " ".join(filter(None, (before, after)))
    unit = _unit(beside)
    if unit == "?" and (meant := currencies_of(beside, currency)):
        unit = "money"
        if style == "money" and currency and currency not in meant:
            other = _("“{said}” is another currency.").format(said=cut_middle(said, _SHOWN))
            raise KitError(other, _("Answer in {currency}.").format(currency=currency))
    elif unit == "?" and style == "count" and not before and _COUNTED.fullmatch(after):
        unit = ""
    meaning = _MEANINGS.get(style, _MEANINGS["count"]).get(unit) if sign else None
    if sign and meaning is None and {style, unit} <= {"share", "pp", "%"}:
        raise KitError(_(_UNLIKE[style]), _write_it_as(style))
    if meaning is None:
        found = _("“{said}”: what stands beside the number is not its unit.").format(said=cut_middle(said, _SHOWN))
        raise KitError(found, _write_it_as(style))
    return {value for number in numbers for value in meaning(round(sign * scale * number, 12))}


def _numbers(digits: str) -> set[float]:
    """Both readings where a sign may be that of thousands or of decimals; none where it is no number."""
    read = [read_numbers([digits.strip()], decimal=partial(str, sign)).values[0] for sign in ",."]
    return {float(number) for number in read if number == number}


def _take_sign(before: str) -> tuple[int, str]:
    """1 or −1, 0 where there are several signs; and what else stands before the number."""
    signs = _SIGN.findall(before)
    sign = 0 if len(signs) > 1 else -1 if signs and signs[0].strip() in ("-", "минус", "minus") else 1
    return sign, _SIGN.sub("", before).strip()


def _take_scale(after: str) -> tuple[float, str]:
    """Thousands, millions, … and what else stands behind the number."""
    for scale, word in _SCALES:
        if found := word.match(after):
            return scale, after[found.end() :].strip()
    return 1.0, after


def _unit(written: str) -> str:
    """The unit written beside the number, "" where there is none, "?" where it is none that is known."""
    return next((name for name, unit in _UNITS.items() if unit.fullmatch(written)), "?") if written else ""


def _write_it_as(style: str) -> str:
    if style == "pp":
        example = write_difference(0.05, "share").lstrip("+")
    else:
        example = write_value(_EXAMPLES.get(style, 1234), style)
    return _("Write it like this: {example}.").format(example=example.rstrip("."))
