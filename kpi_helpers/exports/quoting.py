"""Text to rows of cells. A stray quotation mark costs the row it stands in, never the rows below."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from kpi_helpers.exports.kinds import says_value
from kpi_helpers.exports.sheet import Grid, Table

_LONGEST_CELL = 1_000_000  # characters
_JOINED = 6  # physical lines that a cell with line breaks and a stray quotation mark may have
_CHECKED = 200  # physical lines of a cell that are looked at for swallowed rows
_LONE_ESCAPE = re.compile(r"""\\(["'\\])?""")  # one that stands before anything else is a backslash: C:\path
_HARDEST = 250_000  # steps that a damaged line may take: 60 cells, all of them quoted
_HEAD = 40  # lines above which a table of one width may begin
_STEPS, _STEPS_EACH = 2_000_000, 40  # steps for all damaged lines of a file, and more for each of its characters


@dataclass(frozen=True)
class Dialect:
    """How a text is written.

    `delimiter` between the cells; `quote` around cells that need it; `escape` before a quotation mark inside a cell
    (else it is doubled); `spaced`: white space may follow a delimiter; `width`: cells in a row of the table; `values`:
    which of its columns hold numbers or dates; `wrapped`: each line was quoted once more as a single cell, in a file
    with `delimiter_around`. In the bytes of the file, the first `start` are its mark and a line that says sep=.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    spaced: bool = False
    width: int = 1
    values: frozenset[int] = frozenset()
    wrapped: bool = False
    delimiter_around: str = ""
    encoding: str = ""
    start: int = 0

    def reader(self, lines: Iterator[str] | Sequence[str]) -> Iterator[list[str]]:
        """Python's own reader, which raises csv.Error where quotation marks are not in order."""
        csv.field_size_limit(_LONGEST_CELL)
        return csv.reader(
            lines, delimiter=self.delimiter, quotechar=self.quote, escapechar=self.escape or None,
            skipinitialspace=self.spaced, strict=True,
        )  # fmt: skip


@dataclass
class Records:
    """Rows of cells, blank ones too; the physical line (from 1) on which each begins; which rows are damaged."""

    rows: Table = field(default_factory=list)
    lines: Sequence[int] = field(default_factory=list)
    damaged: set[int] = field(default_factory=set)


class _Lines:
    """Physical lines, which can be read again from any one of them."""

    def __init__(self, text: str) -> None:
        self.all = physical_lines(text)
        self.at = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.all):
            raise StopIteration
        self.at += 1
        return self.all[self.at - 1]


def physical_lines(text: str) -> list[str]:
    """The lines with their ends: LF, CRLF or CR."""
    return list(io.StringIO(text, newline=""))


def physical_text(text: str) -> str:
    """The text with LF at the end of every line."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def parse(text: str, dialect: Dialect) -> Records:
    """The rows of a text: in one go where every line is a row and all quotation marks are in order."""
    if not dialect.escape and not dialect.spaced:
        plain = physical_text(text)
        if grid := _by_column(plain, dialect):
            return Records(grid, range(1, len(grid) + 1))
    if dialect.quote not in text and not dialect.escape and not dialect.spaced:
        lines = plain.split("\n")
        if not lines[-1]:
            lines.pop()
        return Records([line.split(dialect.delimiter) for line in lines], list(range(1, len(lines) + 1)))
    if dialect.escape:
        text = _LONE_ESCAPE.sub(lambda found: found[0] if found[1] else found[0] * 2, text)
    reader = dialect.reader(io.StringIO(text, newline=""))
    try:
        rows = list(reader)
    except csv.Error:
        return _parse_with_care(text, dialect)
    if reader.line_num != len(rows):  # type: ignore[attr-defined]
        return _parse_with_care(text, dialect)
    return Records(rows, list(range(1, len(rows) + 1)))


def _by_column(text: str, dialect: Dialect) -> Grid | None:
    """The rows of a text that is regular below its head: all lines of one width, all cells in marks or none."""
    *head, rest = text.removesuffix("\n").split("\n", _HEAD)
    if len(head) < _HEAD:
        return None
    mark = dialect.quote if rest.startswith(dialect.quote) else ""
    sign = mark + dialect.delimiter + mark
    width, lines = rest.partition("\n")[0].count(sign) + 1, rest.count("\n") + 1
    if width < 2 or rest.count(dialect.quote) != (2 * width * lines if mark else 0) or not rest.endswith(mark):
        return None
    # Between two lines a cell of their own, the line break: where it stands shows the width of every line.
    inner = rest[len(mark) : len(rest) - len(mark)]
    cells = inner.replace(f"{mark}\n{mark}", f"{sign}\n{sign}").split(sign)
    breaks = cells[width :: width + 1]
    if len(cells) != (width + 1) * lines - 1 or breaks.count("\n") != lines - 1:
        return None
    above = parse("\n".join(head) + "\n", dialect)
    if above.damaged or len(above.rows) != _HEAD:
        return None
    return Grid(list(above.rows), [cells[place :: width + 1] for place in range(width)])


def _parse_with_care(text: str, dialect: Dialect) -> Records:
    """Row by row. A row whose quotation marks are not in order ends with its line, and reading goes on below it."""
    source, rows, begun, damaged = _Lines(text), list[list[str]](), list[int](), set[int]()
    reader, patience = dialect.reader(source), Patience(_STEPS + _STEPS_EACH * len(text))
    while source.at < len(source.all):
        start, row = source.at, None
        with suppress(csv.Error):
            row = next(reader)
        lines = source.all[start : source.at]
        if row is None or (len(lines) > 1 and _swallows(lines, row, dialect, patience)):
            row, count, whole = _mend(source.all, start, dialect, patience)
            source.at = start + count
            if not whole:
                damaged.add(len(rows))
        rows.append(row)
        begun.append(start + 1)
    return Records(rows, begun, damaged)


def _swallows(lines: list[str], row: list[str], dialect: Dialect, patience: Patience) -> bool:
    """Whether a cell with line breaks is rather a mark that was never closed and the rows below it: each of the lines
    by itself has the table's width, and numbers and dates where the table has them."""
    if dialect.width < 2:
        return False
    told = [line for line in lines[:_CHECKED] if line.strip()]
    first = split_line(told[0], dialect, patience)[0]
    if len(first) != dialect.width:
        return False
    alone = [first, *(split_line(line, dialect, patience)[0] for line in told[1:])]
    fitting = [cells for cells in alone if len(cells) == dialect.width]
    if len(fitting) < 0.8 * len(alone):
        return False
    if len(row) != dialect.width:
        return True
    return bool(dialect.values) and all(says_value(cells[place]) for cells in fitting for place in dialect.values)


def _mend(lines: list[str], start: int, dialect: Dialect, patience: Patience) -> tuple[list[str], int, bool]:
    """The cells of a row whose marks are not in order, its lines, and whether they make the table's width for sure."""
    cells, whole = split_line(lines[start], dialect, patience)
    if whole or len(cells) == dialect.width:
        return cells, 1, whole
    for end in range(start + 2, min(start + _JOINED, len(lines)) + 1):
        if split_line(lines[end - 1], dialect, patience)[1]:
            break
        joined, whole = split_line("".join(lines[start:end]), dialect, patience)
        if whole:
            return joined, end - start, True
    return cells, 1, False


@dataclass
class Patience:
    """The steps that may still be taken for damaged lines: a hostile file must not cost time."""

    left: int

    def suffices(self, cells: int, marks: int, length: int) -> bool:
        """Takes the steps of weighing all readings of a line, unless they are too many for a line or for the file."""
        marks = min(cells, marks)
        steps = cells * marks * (marks + length // 100)
        if steps > min(_HARDEST, self.left):
            return False
        self.left -= steps
        return True


def split_line(line: str, dialect: Dialect, patience: Patience | None = None) -> tuple[list[str], bool]:
    """The cells of one line: of all readings that give the table's width the one that bends the rules least.

    Also whether it has that width and takes no quotation mark that opens a cell for a part of its text.

    >>> split_line('1,"ООО "Лампа", Псков",5', Dialect(",", width=3))
    (['1', 'ООО "Лампа", Псков', '5'], True)
    """
    line = line.rstrip("\r\n")
    starts = [0, *(place + 1 for place, sign in enumerate(line) if sign == dialect.delimiter)]
    marks = line.count(dialect.quote)
    if not marks or not (patience or Patience(_HARDEST)).suffices(len(starts), marks, len(line)):
        cells = [_unescaped(cell, dialect) for cell in line.split(dialect.delimiter)]
        return cells, not marks and len(cells) == dialect.width
    stops = [*(start - 1 for start in starts[1:]), len(line)]
    readings: list[dict[int, _Reading]] = [{} for _stop in range(len(stops) + 1)]  # by cell reached, then by width
    readings[0][0] = (0, None, "")
    for place, start in enumerate(starts):
        for after, cost, cell in _cells_at(line, start, place, stops, dialect):
            for width, reading in readings[place].items():
                known = readings[after].get(width + 1)
                if known is None or reading[0] + cost < known[0]:
                    readings[after][width + 1] = (reading[0] + cost, reading, cell)
    last = readings[-1]
    best = last.get(dialect.width) or min(last.values(), key=lambda reading: reading[0])
    cells = _cells_of(best)
    return cells, len(cells) == dialect.width and best[0] < _GUESSED


_Reading = tuple[int, "tuple | None", str]  # its cost, the reading of the cells before, the cell
_GUESSED = 1000  # what it costs to take a mark that opens a cell for text


def _cells_at(line: str, start: int, place: int, stops: list[int], dialect: Dialect) -> Iterator[tuple[int, int, str]]:
    """The cells that may begin here: the number of the next one, what taking it so costs, its text."""
    quote = dialect.quote
    text = line[start : stops[place]]
    opens = text.lstrip().startswith(quote)
    yield place + 1, _GUESSED if opens else 0, _unescaped(text, dialect)
    if not opens:
        return
    start = line.index(quote, start)
    for end in range(place, len(stops)):
        body = line[start + 1 : stops[end]].rstrip()
        if not body.endswith(quote):
            continue
        inner = _unescaped(body[:-1], dialect, quote * 2)
        stray = inner.replace(quote * 2, "").count(quote)
        yield end + 1, stray and 1 + stray, inner.replace(quote * 2, quote)


def _unescaped(text: str, dialect: Dialect, quote: str = "") -> str:
    """Text without its escapes; an escaped quotation mark becomes `quote`."""
    if not dialect.escape or dialect.escape not in text:
        return text
    return _LONE_ESCAPE.sub(lambda found: (quote or found[1]) if found[1] == dialect.quote else found[0][-1], text)


def _cells_of(reading: _Reading) -> list[str]:
    cells = []
    while reading[1] is not None:
        cells.append(reading[2])
        reading = reading[1]
    return cells[::-1]
