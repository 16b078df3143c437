"""Text from files made fit to be shown: no control or direction marks, long names cut in the middle."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence

LONGEST_NAME = 56  # characters of a name in a table
LONGEST = 2000  # characters: more than any honest name or message
_BREAKS = "\t\r\n\v\f\u2028\u2029"
_PEOPLE = re.compile(
    r"""
    [\w.+-]+@[\w-]+(?:\.[\w-]+)+                              # an e-mail address
    | (?<!\d) (?:
        \+(?!\d{1,3}(?:[\s.]\d{3})*[.,]\d\d?(?!\d))           # no amount …
          [1-9](?:[\s().\u2010-\u2013-]{0,3}\d){8,14}         # … +375 29 123-45-67, +44 (0)20 7946 0958
        | [78][\s()-]{0,3}[3-9](?:[\s()-]{0,3}\d){9}          # 8 900 123-45-67
        | \(\d{3,5}\)\s?\d{1,3}[\s.-]?\d\d[\s.-]?\d\d         # (415) 555-2671
        | [2-9]\d\d([\s.-])[2-9]\d\d\1\d{4}                   # 415-555-2671
        | [3489]\d\d[\s-]\d{3}-\d\d-\d\d                      # 495 123-45-67
    ) (?!\d|[.,]\d)                                           # a number with decimals is an amount
    """,
    re.VERBOSE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_SHORT_WORD = 3  # letters: "2OO", "3.апр", "5 руб" may be shown, a name may not
_CELL_ERROR = re.compile(r"#[A-ZА-Я0/]+[!?]?")  # #REF!
_RUN = re.compile(r"\s*[=+@\-＝＋＠－]")  # how a cell begins that a spreadsheet would run
_JOINERS = "\u200c\u200d"


def plain(text: object) -> str:
    """Text in one line, without control characters and direction marks that would disturb what stands beside it.

    >>> plain("spring\\u202e sale\\n2026")
    'spring sale 2026'
    """
    kept = (" " if char in _BREAKS else char for char in str(text)[:LONGEST] if _is_shown(char))
    return "".join(kept).strip()


def hide_people(text: object, mark: Callable[[str], str] = lambda person: "") -> str:
    """Text without the e-mail addresses and telephone numbers in it: what a file holds of people is shown to nobody.

    `mark` gives what follows the "…" in the place of each of them.

    >>> hide_people("Anna <anna@example.com>, +7 (900) 123-45-67")
    'Anna <…>, …'
    """
    return _PEOPLE.sub(lambda found: f"…{mark(found[0])}", plain(text))


def without_people(text: str) -> str:
    """Text of several lines, else as it is, without e-mail addresses and telephone numbers.

    >>> without_people("ValueError:\\n  anna@example.com")
    'ValueError:\\n  …'
    """
    return _PEOPLE.sub("…", text)


def hide_words(text: object) -> str:
    """What should have been a number or a date, without what may be the cell of another column: a name, an address.

    >>> [hide_words(text) for text in ("Anna Smith", "2OO", "Lenina 5", "#REF!")]
    ['…', '2OO', '… 5', '#REF!']
    """
    shown = hide_people(text)
    if _CELL_ERROR.fullmatch(shown) or not _LETTERS.search(shown):
        return shown
    if not any(char.isdigit() for char in shown):
        return "…"
    return _LETTERS.sub(lambda found: found[0] if len(found[0]) <= _SHORT_WORD else "…", shown)


def headings_shown(cells: Sequence[str], known: Collection[int]) -> list[str]:
    """The filled cells of what may be a row of headings, fit to be shown; `known` are the places that a layout knows.

    A row in which fewer than two are known may hold a customer: of it only the known cells are named.

    >>> headings_shown(["Date", "Clicks", "Mood"], {0, 1}), headings_shown(["Anna Smith", "Moscow"], ())
    (['Date', 'Clicks', 'Mood'], [])
    """
    places = range(len(cells)) if len(known) > 1 else sorted(known)
    return [hide_people(" ".join(cells[place].split())) for place in places if cells[place].strip()]


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


def as_cell(text: str) -> str:
    """A name as the cell of a table that a spreadsheet may open: what would run there begins with an apostrophe.

    >>> as_cell("=1+1"), as_cell("email")
    ("'=1+1", 'email')
    """
    return f"'{text}" if runs_in_a_cell(text) else text


def runs_in_a_cell(text: str) -> bool:
    """Whether a spreadsheet takes the text for a formula when it is typed in or read from a CSV file."""
    return bool(_RUN.match(text))


def from_cell(text: str) -> str:
    """The name that `as_cell` wrote.

    >>> from_cell("'=1+1")
    '=1+1'
    """
    return text[1:] if text.startswith("'") and _RUN.match(text, 1) else text


def _is_shown(char: str) -> bool:
    if char in _BREAKS or char in _JOINERS:
        return True
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
