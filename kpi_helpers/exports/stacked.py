"""Several tables in one file, each with a title or dates of its own above it.

A new table begins after a blank line or at a line that stands alone (a title, `# …`), where a row follows that reads
as headings: words only, and numbers or dates below at least one of them. Headings without rows count where a line that
stands alone introduces them. A title and a sentence between blank lines (there is no data) are a table without rows and
headings, in a file of several tables. So a blank line between rows, or before the totals, begins no table.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from kpi_helpers.exports.kinds import is_nothing, is_value, says_value
from kpi_helpers.exports.sheet import Table, widths

_BELOW = 5  # rows that show what a heading stands above
_SEARCHED = 1000  # rows in which the headings are looked for
_KEYS = 30  # a list of settings above a table is no longer
_DATED = re.compile(r"(?:19|20)\d\d|\d{1,2}[./]\d{1,2}[./]\d\d")
_TITLE = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Part:
    """Rows from `start` to before `end`; `heading` is that of the row with the headings; `name` the title above."""

    start: int
    end: int
    heading: int
    name: str = ""


def find_parts(rows: Table, after_blank: list[int], width: int = 0) -> list[Part]:
    """The tables, in order; a single part where the file holds one table or none that shows.

    `after_blank` are the rows below blank ones; `width` is the number of cells in most rows, where it is known.
    """
    blanks = set(after_blank)
    bounds = _bounds(rows, after_blank)
    starts: list[tuple[int, int]] = []  # of each table: its first row, its headings
    seen = -1  # the row that was last looked at for headings
    for bound in bounds[:-1]:
        if bound <= seen:
            continue
        if starts and _is_empty(rows, bound, bounds, blanks):
            starts.append((bound, bound))
            continue
        seen = next((row for row in range(bound, len(rows)) if not _stands_alone(rows[row])), len(rows))
        if not _has_headings(rows, bound, seen, bounds):
            continue
        if starts and _is_settings(rows, starts[-1], bound, seen):
            starts[-1] = (starts[-1][0], seen)
        else:
            starts.append((bound if starts else 0, seen))
    tables = [start for start in starts if start[0] != start[1] or _are_headings(rows[start[1]])]
    starts = starts if len(tables) > 1 else tables
    if not starts:
        starts = [(0, first_full(rows, width))]
    ends = [*(start for start, _heading in starts[1:]), len(rows)]
    return [Part(start, end, heading, _name(rows[start : heading + 1]))
            for (start, heading), end in zip(starts, ends, strict=True)]  # fmt: skip


def stated_above(rows: Table, first: Part, part: Part) -> list[int]:
    """The rows of the file's own preamble that state dates, for a later table that states none."""
    own = any(map(_is_dated, rows[part.start : part.heading]))
    if own or part == first:
        return []
    return [row for row in range(first.start, first.heading) if _is_dated(rows[row])]


def _is_empty(rows: Table, bound: int, bounds: list[int], blanks: set[int]) -> bool:
    """Whether a title and a sentence (there is no data) stand here between blank lines in place of a table."""
    end = bounds[bisect_right(bounds, bound)]
    alone = end - bound > 1 and all(_filled(cells) == 1 and cells[0][:1] != "#" for cells in rows[bound:end])
    return alone and (end == len(rows) or end in blanks) and not any(map(_is_dated, rows[bound:end]))


def first_full(rows: Table, width: int) -> int:
    """The first row that is filled beyond half of the table's width, else the first that does not stand alone."""
    first = -1
    for row, cells in enumerate(islice(rows, _SEARCHED)):
        filled = _filled(cells)
        if filled > max(1, width / 2):
            return row
        if first < 0 and filled > 1:
            first = row
    return max(first, 0)


def _bounds(rows: Table, after_blank: list[int]) -> list[int]:
    """The rows at which a table may begin: after blank lines, and the first of the lines that stand alone; the end."""
    wide = widths(rows)
    usual = Counter(wide).most_common(1)[0][0]
    odd = [row for row, width in enumerate(wide) if width != usual]
    alone = {row for row in odd if wide[row] == 1 or rows[row][0][:2] == "# "}
    return sorted({0, *after_blank, *(row for row in alone if row - 1 not in alone), len(rows)})


def _has_headings(rows: Table, bound: int, row: int, bounds: list[int]) -> bool:
    """Whether a row reads as the headings of a table that begins at `bound`."""
    if row == len(rows) or not _are_headings(rows[row]):
        return False
    end = bounds[bisect_right(bounds, row)]
    below = rows[row + 1 : min(end, row + 1 + _BELOW)]
    if not below:
        return row > bound
    for column, heading in enumerate(rows[row]):
        cells = [cells[column] for cells in below if column < len(cells)]
        if heading.strip() and len(cells) == len(below) and all(map(says_value, cells)) and any(map(is_value, cells)):
            return True
    return False


def _are_headings(cells: list[str]) -> bool:
    """Two words or more, without a gap between them, and neither a number nor a date nor a sign for nothing."""
    words = [cell.strip() for cell in cells]
    while words and not words[-1]:
        words.pop()
    if len(set(words)) < 2:
        return False
    return not any(is_value(word) or is_nothing(word) for word in words)


def _stands_alone(cells: list[str]) -> bool:
    return cells[0][:2] == "# " or _filled(cells) < 2


def _filled(cells: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _is_settings(rows: Table, before: tuple[int, int], bound: int, heading: int) -> bool:
    """Whether what looked like a table of two columns is a list of settings above this one, which is wider."""
    start, first = before
    if start or first or heading != bound or bound > _KEYS or _filled(rows[heading]) <= 2:
        return False
    return all(_filled(cells) <= 2 for cells in rows[:bound])


def _is_dated(cells: list[str]) -> bool:
    return bool(_DATED.search(" ".join(cells)))


def _name(preamble: Table) -> str:
    """The first line above the headings that stands alone and is neither a setting nor a date."""
    for cells in preamble:
        text = " ".join(" ".join(cells).lstrip("# ").split())
        if _stands_alone(cells) and _TITLE.search(text) and ":" not in text and not _is_dated([text]):
            return text
    return ""
