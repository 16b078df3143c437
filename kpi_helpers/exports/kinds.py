"""Whether a cell holds a number or a date: what tells the rows of a table from its headings."""

from __future__ import annotations

import re

_SEPARATORS = r"\s.,:/'’()%−–+\-"
_VALUE = re.compile(
    rf"""[\s$€£₽¥<>~(−–+\-']*(?:US\$)?\d[{_SEPARATORS}\d]*   # 1 238,50; 01.10.2026; −5
         (?:T\d[\d:.+\-]*Z?|[₽€$£%]|[^\W\d]{{1,4}}\.?)?[{_SEPARATORS}]*  # T10:00:00; ₽; руб.; USD
       | (?:[^\W\d]{{2,10}}[.,]*\s+){{0,2}}\d{{1,2}}                      # Thu, 5 Feb 2026
         (?:,?\s+[^\W\d]{{3,9}}\.?,?)?,?\s+\d{{4}}(?:\s*г\.?|\s[\d:]+)?
       | [^\W\d]{{3,9}}\.?,?\s+\d{{4}}(?:\s*г\.?)?             # октябрь 2026""",
    re.VERBOSE,
)
_NOTHING = frozenset(("", "-", "--", "—", "–", "−", "n/a", "nan", "null", "none", "н/д", "(not set)", "true", "false"))
_LONGEST = 60  # characters: no number and no date is longer


def is_value(cell: str) -> bool:
    """Whether a cell is a number or a date.

    >>> [is_value(cell) for cell in ("1 238,50 ₽", "5 окт. 2026", "2026-10-01T10:00:00", "CTR, %", "01.10.2026;5")]
    [True, True, True, False, False]
    """
    return len(cell) <= _LONGEST and "\t" not in cell.strip() and bool(_VALUE.fullmatch(cell.strip()))


def is_nothing(cell: str) -> bool:
    """Whether a cell stands empty or says so."""
    return cell.strip().casefold() in _NOTHING


def says_value(cell: str) -> bool:
    """Whether a cell may stand in a column of numbers or dates."""
    return is_nothing(cell) or is_value(cell)
