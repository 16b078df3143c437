"""Text from files made fit to be shown: no control or direction marks, long names cut in the middle."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 56  # characters of a name in a table
LONGEST = 2000  # characters: more than any honest name or message
_BREAKS = "\t\r\n\v\f\u2028\u2029"
_PEOPLE = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\d)(?:\+\d|[78])(?:[ ()-]{0,2}\d){10}(?!\d)")
_JOINERS = "\u200c\u200d"


def plain(text: object) -> str:
    """Text in one line, without control characters and direction marks that would disturb what stands beside it.

    >>> plain("spring\\u202e sale\\n2026")
    'spring sale 2026'
    """
    kept = (" " if char in _BREAKS else char for char in str(text)[:LONGEST] if _is_shown(char))
    return "".join(kept).strip()


def hide_people(text: object) -> str:
    """Text without the e-mail addresses and telephone numbers in it: what a file holds of people is shown to nobody.

    >>> hide_people("Anna <anna@example.com>, +7 (900) 123-45-67")
    'Anna <…>, …'
    """
    return _PEOPLE.sub("…", plain(text))


def cut_middle(text: object, longest: int) -> str:
    """A long name cut in the middle, because names differ at both ends.

    >>> cut_middle("search_brand_moscow_spring_2026", 16)
    'search_b…ng_2026'
    """
    line = plain(text)
    if len(line) <= longest:
        return line
    head = longest // 2
    return f"{line[:head].rstrip()}…{line[len(line) - (longest - head - 1) :].lstrip()}"


def _is_shown(char: str) -> bool:
    if char in _BREAKS or char in _JOINERS:
        return True
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
