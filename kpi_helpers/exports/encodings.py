"""Bytes to text: UTF-8, UTF-16 with and without a mark, and the single-byte encodings of Windows, DOS and the Mac."""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from typing import NamedTuple

from kpi_helpers.errors import KitError
from kpi_helpers.language import _

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
CYRILLIC = ("cp1251", "koi8-r", "mac_cyrillic", "cp866")
_DECODERS = {"utf-8": codecs.utf_8_decode, "utf-16-le": codecs.utf_16_le_decode, "utf-16-be": codecs.utf_16_be_decode}
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x19\x1b-\x1f]")
_LOOKED_AT = 30_000  # bytes or characters that settle a question about the whole file
_WEIGHED = 3000  # letters whose frequency tells the encoding
_COMMON = frozenset("\u00a0«»—–№…’“”іїєґў")
_NAMED_FROM = 12  # letters from which a rare encoding is told from cp1251
_CLEARLY = 0.5  # how much likelier each letter must be for that (natural logarithm)
# How many of a thousand letters of Russian text each letter is.
_RUSSIAN = dict(zip("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", (
    110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 16, 16, 14, 12, 10, 9, 7, 6, 5, 4,
    3, 3, 1, 1,
), strict=True))  # fmt: skip


class Text(NamedTuple):
    """A file's text, its encoding, whether it ends within a character, whether it begins with a byte order mark."""

    text: str
    encoding: str
    cut_off: bool = False
    marked: bool = False


def decode(data: bytes) -> Text:
    """The text of a file. Raises KitError where the bytes are no text or are damaged UTF-8 or UTF-16.

    >>> decode("Показы".encode("cp1251")).encoding
    'cp1251'
    """
    mark = next((name for bom, name in BOMS if data.startswith(bom)), "")
    encoding = mark or _utf16_without_bom(data)
    text, encoding, cut_off, sound = _decode_unicode(data, encoding) if encoding else _decode_unmarked(data)
    head = text[:_LOOKED_AT]
    if len(_CONTROLS.findall(head)) > max(2, len(head) // 200):
        raise KitError(_("this is not a table: its bytes are no text."), _("Export it as CSV."))
    if not sound and "\ufffd" in text:
        above = text[: text.index("\ufffd")]
        found = _("the file is damaged: line {line} has bytes that are no {encoding}.")
        line = (above.count("\n") or above.count("\r")) + 1
        raise KitError(found.format(line=line, encoding=encoding), _("Export it again and do not edit it."))
    return Text(text.replace("\x00", "").replace("\ufeff", "").rstrip("\x1a"), encoding, cut_off, bool(mark))


def _decode_unicode(data: bytes, encoding: str) -> tuple[str, str, bool, bool]:
    """Text, encoding, whether a character is cut in two at the end, whether all bytes were in order."""
    try:
        text, used = _DECODERS[encoding](data, "strict", False)
        return text, encoding, used < len(data), True
    except UnicodeDecodeError:
        return data.decode(encoding, errors="replace"), encoding, False, False


def _decode_unmarked(data: bytes) -> tuple[str, str, bool, bool]:
    try:
        text, used = codecs.utf_8_decode(data, "strict", False)
        return text, "utf-8", used < len(data), True
    except UnicodeDecodeError as error:
        around = data[max(0, error.start - _LOOKED_AT) : error.start + _LOOKED_AT].decode("utf-8", errors="replace")
    damage = around.count("\ufffd")
    readable = len(around) - len(around.encode("ascii", errors="ignore")) - damage
    if readable > 20 and damage < readable / 10:
        return data.decode("utf-8", errors="replace"), "utf-8", False, False
    encoding = _single_byte(data)
    try:
        return data.decode(encoding), encoding, False, True
    except UnicodeDecodeError:
        return data.decode("cp1251", errors="replace"), "cp1251", False, False


def _utf16_without_bom(data: bytes) -> str:
    """UTF-16 shows by its high bytes: most of them are those of Latin and Cyrillic letters."""
    sample = data[:4000]
    if len(sample) < 4 or sample.count(b"\x00") < len(sample) / 20:
        return ""
    for encoding, start in (("utf-16-le", 1), ("utf-16-be", 0)):
        high = sample[start::2]
        if high.count(b"\x00") + high.count(b"\x04") > 0.7 * len(high):
            return encoding
    return ""


def _single_byte(data: bytes) -> str:
    """Western letters stand among Latin ones, Cyrillic letters among their like; their frequency tells which."""
    first = re.search(rb"[\x80-\xff]", data)
    sample = data[first.start() if first else 0 :][:_LOOKED_AT]
    mixed = len(re.findall(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][A-Za-z]", sample))
    together = len(re.findall(rb"[\x80-\x9f\xa8\xb8\xc0-\xff]{2}", sample))
    if mixed > together or not together:
        return "cp1252"
    letters = sample.translate(None, bytes(range(128)))[:_WEIGHED]
    likely = {name: _likelihood(letters.decode(name, errors="replace")) for name in CYRILLIC}
    best = max(CYRILLIC, key=lambda name: likely[name])
    clear = likely[best] - likely["cp1251"] > _CLEARLY * len(letters)
    return best if clear and len(letters) >= _NAMED_FROM else "cp1251"


def _likelihood(text: str) -> float:
    """How likely a text is Russian (natural logarithm): frequent letters, and no capital behind a small letter."""
    capitals = len(re.findall("[а-яё][А-ЯЁ]", text))
    return sum(n * _weight(letter) for letter, n in Counter(text.lower()).items()) - 3 * capitals


def _weight(letter: str) -> float:
    return math.log(_RUSSIAN[letter] / 1000 if letter in _RUSSIAN else 0.004 if letter in _COMMON else 0.0001)
