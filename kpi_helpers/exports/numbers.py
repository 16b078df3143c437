"""Numbers as people and platforms write them: `1 238,50 ₽`, `"9,392"`, `2.81%`, `−5`, `00:02:45`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kpi_helpers.exports.values import KEEP_FILE, Fault, Parsed
from kpi_helpers.exports.words import Cells, Words
from kpi_helpers.language import N_

# The first currency is meant where the company does not use another one of the list.
CURRENCY_SIGNS: dict[str, tuple[str, ...]] = {
    "белорусск": ("BYN",), "доллар": ("USD",), "евро": ("EUR",), "тенге": ("KZT",), "гривн": ("UAH",), "юан": ("CNY",),
    "рубл": ("RUB",), "us dollar": ("USD",), "pound": ("GBP",), "ruble": ("RUB",), "rouble": ("RUB",),
    "₽": ("RUB",), "руб": ("RUB",), "us$": ("USD",), "€": ("EUR",), "£": ("GBP",), "₸": ("KZT",), "₴": ("UAH",),
    "¥": ("CNY", "JPY"), "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
}  # fmt: skip
_CODES = (
    "RUB", "RUR", "USD", "EUR", "GBP", "KZT", "UAH", "BYN", "CNY", "JPY", "CHF", "PLN", "TRY", "CAD", "AUD", "NZD",
    "SGD", "HKD", "MXN", "BRL", "INR", "AED", "GEL", "AMD", "UZS",
)  # fmt: skip
_CODE = re.compile(rf"(?<![^\W_])({'|'.join(_CODES)})(?![^\W_])", re.IGNORECASE)
_SIGN = re.compile(r"US\$|[€£₸₴¥$₽]|руб\.?|(?<=[\d\s])р\.?$", re.IGNORECASE)
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u2007\t\r\n'’", " ") | {"−": "-", "–": "-"})
_DURATION = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{2})(?:\.\d{1,9})?")
_SIMPLE = re.compile(r"-?\d+(?:([.,])\d\d?)?", re.ASCII)
_MONTH = "(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DATED = re.compile(
    rf"\d{{1,2}}[./ -]?{_MONTH}[^\W\d_]*\.?(?:[./ -]\d{{2,4}})?|{_MONTH}[^\W\d_]*[./ -]\d{{2,4}}"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d",
    re.IGNORECASE,
)
_EXPONENT = re.compile(r"\d+(?:[.,]\d+)?[eE][+-]?\d{1,2}")

_BLANK = re.compile("[ \u00a0\u202f]")


def _usual(number: str, sign: str) -> re.Pattern[str]:
    """Numbers, one a line, with a part that cannot be thousands: of three digits only behind a zero."""
    way = rf"-?(?:(?:{number})(?:{sign}(?:\d\d?|\d{{4,15}}))?|0{sign}\d{{3}})"
    return re.compile(rf"(?:{way}\n)*{way}", re.ASCII)


# How a whole column may be written, and its thousands sign.
_USUAL = (
    (_usual(r"\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+", r"\."), " "),
    (_usual(r"\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+", ","), " "),
    (_usual(r"\d+|[1-9]\d{0,2}(?:,\d{3})+", r"\."), ","),
)

MOST = 1e15  # no count and no amount is larger: 9e99 is a slip or an attack
LONGEST = 80  # characters: no number is longer, and a hostile cell must not cost time
A_DATE = N_("is a number that a spreadsheet turned into a date")
AN_ERROR = N_("is an error of a spreadsheet")
MEND_FORMULA = N_("Mend the formula, or take the exported file itself.")
NO_NUMBER = N_("is not a number")
WRITE_NUMBER = N_("Write digits with one decimal sign, or leave the cell empty.")
UNCLEAR = N_("may be read in two ways: with thousands or with decimals")
WRITE_PLAIN = N_("Write the number without a thousands sign.")


@dataclass(frozen=True)
class _Word:
    """A way of writing: digits with a point, its decimal sign where it shows, and whether it may be read otherwise."""

    digits: str = ""
    decimal: str = ""
    share: bool = False
    unclear: str = ""  # the one sign that may be a thousands sign or a decimal sign


def read_numbers(
    cells: Cells,
    *,
    whole: bool = False,
    seconds: bool = False,
    scale: float = 1.0,
    decimal: Callable[[], str] = str,
) -> Parsed:
    """Cells as float64, NaN where empty. A percent sign divides by 100; `scale` multiplies the cells without one.

    A single comma or point before three digits is read by what the rest of the column shows; for `whole` numbers it is
    a thousands sign; else `decimal()` is asked for the decimal sign of the file. What stays unclear is reported.

    >>> read_numbers(["1 238,50", "2,81 %", "—"]).values.tolist()
    [1238.5, 0.0281, nan]
    """
    return Parsed.of(*number_words(Words.of(cells), whole, seconds, scale, decimal))


def number_words(
    cells: Words, whole: bool, seconds: bool, scale: float, decimal: Callable[[], str]
) -> tuple[Words, np.ndarray, list[Fault]]:
    """The filled cells, the number that each of their words is, as `read_numbers` reads it, and the faults of words."""
    at_once = _read_at_once(cells.words, whole, scale)
    if at_once is not None:
        return cells, at_once, []
    filled = cells.filled
    numbers = _read_at_once(filled.words, whole, scale) if filled is not cells else None
    if numbers is not None:
        return filled, numbers, []
    words = [_as_seconds(word) for word in filled.words] if seconds else filled.words
    read = [_read(word) for word in words]
    signs = {word.decimal for word in read if word and word.decimal}
    sign = signs.pop() if len(signs) == 1 else "both" if signs else ""
    if any(word and word.unclear for word in read) and sign in ("", "both"):
        sign = "whole" if whole else (decimal() if not sign else "")
    numbers = np.array([_number(word, sign, scale) if word else np.nan for word in read], dtype="float64")
    unclear = np.array([bool(word and word.unclear) for word in read], dtype=bool) & np.isnan(numbers)
    wrong = np.isnan(numbers) & ~unclear
    dated = wrong & np.array([bool(_DATED.fullmatch(word)) for word in words], dtype=bool)
    failed = wrong & np.array([word.startswith("#") for word in words], dtype=bool)
    damage = [(dated, A_DATE, KEEP_FILE), (failed, AN_ERROR, MEND_FORMULA)]
    wrong &= ~dated & ~failed
    return filled, numbers, [*damage, (wrong, NO_NUMBER, WRITE_NUMBER), (unclear, UNCLEAR, WRITE_PLAIN)]


def decimal_signs(words: list[str]) -> set[str]:
    """The decimal signs that show beyond doubt in these cells: {","}, {"."}, both or none."""
    return {word.decimal for word in map(_read, words) if word and word.decimal}


def find_currency(text: str) -> tuple[str, ...]:
    """The currencies that a heading or a cell may mean, the likeliest first; () where it names none.

    >>> find_currency("Amount spent (USD)"), find_currency("Расход, руб. с НДС")
    (('USD',), ('RUB',))
    """
    code = _CODE.search(text)
    if code:
        return (code[1].upper().replace("RUR", "RUB"),)
    low = text.casefold()
    return next((codes for sign, codes in CURRENCY_SIGNS.items() if sign in low), ())


def _read_at_once(words: list[str], whole: bool, scale: float) -> np.ndarray | None:
    """The numbers of a column in which all are written in one of the usual ways, beyond doubt; else None."""
    text = "\n".join(words)
    for way, thousands in _USUAL:
        if words and way.fullmatch(text) and (thousands != "," or whole or "." in text):
            digits = text.replace(",", "") if thousands == "," else _BLANK.sub("", text).replace(",", ".")
            numbers = np.array(list(map(float, digits.split("\n")))) * scale
            return numbers if np.abs(numbers).max() <= MOST else None
    return None


def _read(word: str) -> _Word | None:
    if simple := _SIMPLE.fullmatch(word):
        return _Word(word.replace(",", "."), simple[1] or "")
    if len(word) > LONGEST:
        return None
    text = _SIGN.sub("", _CODE.sub("", word.translate(_SPACES))).strip()
    share = text.endswith("%")
    text = text.rstrip("%").strip()
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    minus = "-" if text.startswith("-") else ""
    body = text.lstrip("+-").strip() if text[:2] not in ("--", "+-", "-+") else ""
    if not body or not body.isascii():
        return None
    if _EXPONENT.fullmatch(body):
        return _Word(minus + body.replace(",", "."), share=share)
    if not re.fullmatch(r"[\d., ]+", body):
        return None
    found = _split(body)
    return _Word(minus + found.digits, found.decimal, share, found.unclear) if found else None


def _split(body: str) -> _Word | None:
    signs = sorted({sign for sign in ",." if sign in body}, key=body.rindex)
    if not signs:
        return _grouped(body, " ", "", "")
    last = signs[-1]
    if len(signs) == 2:
        head, tail = body.rsplit(last, 1)
        return _grouped(head, signs[0], tail, last)
    if body.count(last) > 1:
        return _grouped(body, last, "", "." if last == "," else ",")
    head, tail = body.split(last)
    if len(tail) == 3 and tail.isdigit() and re.fullmatch(r"[1-9]\d{0,2}", head):
        return _Word(f"{head}.{tail}", unclear=last)
    return _grouped(head or "0", " ", tail, last)


def _grouped(head: str, sign: str, tail: str, decimal: str) -> _Word | None:
    group = re.escape(sign)
    if not re.fullmatch(rf"\d+|\d{{1,3}}(?:{group}\d{{3}})+", head) or not re.fullmatch(r"\d*", tail):
        return None
    return _Word(head.replace(sign, "") + ("." + tail if tail else ""), decimal)


def _number(word: _Word, sign: str, scale: float) -> float:
    digits = word.digits
    if word.unclear:
        if sign not in (",", ".", "whole"):
            return np.nan
        digits = digits if sign == word.unclear else digits.replace(".", "")
    number = float(digits) * (0.01 if word.share else scale)
    if not abs(number) <= MOST:
        return np.nan
    return round(number, 12) if word.share else number


def _as_seconds(word: str) -> str:
    found = _DURATION.fullmatch(word)
    return str(int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])) if found else word
