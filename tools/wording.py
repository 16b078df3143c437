"""What a Russian translation must keep of its message, and the rules of Russian typesetting it must follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

SAME_IN_BOTH = {"CTR", "CPC", "CPM", "ROAS", "ROMI", "NPS", "CSAT", "VK Ads", "Google Ads", "Meta Ads", "TikTok Ads",
                "LinkedIn Ads", "Microsoft Ads", "E-mail", "CAC", "LTV : CAC", "Gamma-Gamma: {parameters}."}

MATHEMATICS = re.compile(r"\$(?=\S)[^$]+(?<=\S)\$")
NOT_WORDS = re.compile(MATHEMATICS.pattern + r"|`[^`]*`|<[^>]+>|https?://\S+|\]\([^)]*\)")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
RULES = {
    "an ordinary space before a unit": r"\d (?:%|₽|руб\.|п\.|тыс\.|млн|млрд|мин\b|сек\b|ч\b)",
    "an ordinary space before a dash": r"\S —",
    "an ordinary space after №": "№ ",
    "a hyphen instead of a dash": r"[а-яё»)] [-–] [а-яё«(]",
    "three dots instead of …": r"\.\.\.",
    "two spaces": r"(?<=\S)  +(?=\S)",
    "a space before a comma or full stop": r"\s[,;.](?:\s|$)",
    "letters of two alphabets in one word": r"[a-z](?=[а-яё])|[а-яё](?=[a-z])",
    "a Latin letter instead of a Russian word": r"(?<=[а-яё] )[aocykx](?= [а-яё])",
    "е instead of ё": r"\b(?:еще|отчет|расчет|учет|счетчик|объем|путем|четк|надежн|трех|четырех)",
}


def faults_of(one: str, many: str, translations: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the translations of a message; `many` is its plural, "" where it has none.

    The first Russian form may leave out what the English singular leaves out.

    >>> list(faults_of("{n} leads", "", ("{m} лидов",)))
    ['placeholders differ: {n} became {m}']
    >>> list(faults_of("{n} day", "{n} days", ("{n} день", "{n} дня")))
    ['2 plural forms instead of 3']
    """
    if not all(translations):
        yield "not translated"
        return
    if many and len(translations) != 3:
        yield f"{len(translations)} plural forms instead of 3"
    for place, text in enumerate(translations):
        english = one if place == 0 and placeholders(text) == placeholders(one) else many or one
        yield from _faults_of_one(english, text)


def _faults_of_one(english: str, russian: str) -> Iterator[str]:
    wanted, found = placeholders(english), placeholders(russian)
    if wanted != found:
        yield f"placeholders differ: {_listed(wanted)} became {_listed(found)}"
    spans = [sorted(re.findall(r"`[^`]*`", text)) for text in (english, russian)]
    if spans[0] != spans[1]:
        yield "the `code` in it differs"
    if english == russian and english not in SAME_IN_BOTH and re.search("[A-Za-z]{2}", _words(english)):
        yield "the same as in English"
    yield from typesetting_faults(russian)


def placeholders(text: str) -> set[str]:
    """The names that `str.format` or `%` fill in; none in braces that are not meant for it.

    >>> sorted(placeholders("{n} of {total}"))
    ['n', 'total']
    """
    percent = set(re.findall(r"%\((\w+)\)", text))
    try:
        parts = list(Formatter().parse(MATHEMATICS.sub("", text)))
    except ValueError:
        return percent
    return percent | {name for _text, name, _format, _conversion in parts if name is not None}


def typesetting_faults(russian: str) -> list[str]:
    """The rules of Russian typesetting that the text breaks.

    >>> typesetting_faults("12 % лидов - много")
    ['an ordinary space before a unit', 'a hyphen instead of a dash']
    """
    text = _words(russian)
    faults = [fault for fault, pattern in RULES.items() if re.search(pattern, text, re.IGNORECASE)]
    if any(re.search("[а-яё]", quoted, re.IGNORECASE) for quoted in text.split('"')[1::2]):
        faults.append('"straight quotes" instead of «ёлочки»')
    return faults


def _words(text: str) -> str:
    """The text without links and markup; code, mathematics and placeholders count as a number."""
    return PLACEHOLDER.sub("0", NOT_WORDS.sub(lambda found: "0" if found[0][0] in "`$" else "", text))


def _listed(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"
