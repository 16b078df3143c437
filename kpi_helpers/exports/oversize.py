"""Workbooks that burst when they are read: the reader lays out every cell up to the last one, filled or not.

Each part of an xlsx is looked at quickly; where it is not written in the usual way or seems too large, it is parsed,
and only cells with a value count. Of an ods the one part is parsed: a cell in it may stand for a million.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from kpi_helpers.errors import KitError
from kpi_helpers.exports.archive import FAULTS, DamagedArchive
from kpi_helpers.exports.repeated import RepeatedCells
from kpi_helpers.language import N_, _

MOST_CELLS = 50_000_000  # in all worksheets together, empty ones too
EMPTY_FROM, MOST_EMPTY = 5_000_000, 20  # of all cells to filled ones, where there are more cells than that
MOST_TABLES = 100  # in one file
MOST_TEXT = 2**30  # characters in all cells together
CLEAR = N_("Delete what stands far below or beside the table, or export it as CSV.")
_SHORTER = N_("Export a shorter period, or export it as CSV.")
_PIECE = 2**20  # bytes
_OVERLAP = 20  # bytes: longer than any name that is looked for
_LONGEST = 2**16  # bytes of a cell's text, in the usual way
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")  # nobody writes the parts of a workbook so
_ODD = [re.compile(way) for way in (rb"<c[\t\r\n/>]", rb"<row[\t\r\n/>]", rb":(?:c|row)[\s/>]")]
_ROW = re.compile(rb'<row r="[0-9]')
_COLUMN_OF_CELL = re.compile(rb'<c r="([A-Z]{1,3})[0-9]{1,7}"')
_ROW_OF_CELL = re.compile(rb'<c r="[A-Z]{1,3}([0-9]{1,7})"')
_LONG = 5000  # digits of a number that is none, as int() says too
_PLACE = re.compile(r"\$?([A-Za-z]{1,9})\$?([0-9]{1,18})")


def check_size(opened: zipfile.ZipFile) -> None:
    """Unpacks every part, keeping none. Raises DamagedArchive, or KitError where the cells would burst."""
    try:
        if "content.xml" in opened.namelist():
            _check_repeated(opened)
        else:
            _check_places(opened)
    except (*FAULTS, expat.ExpatError):
        raise DamagedArchive() from None


def refuse_many(cells: int, filled: int, text: int) -> None:
    """Raises KitError where a workbook has too many cells, too few of them filled, or too much text."""
    if cells > min(MOST_CELLS, EMPTY_FROM + MOST_EMPTY * filled):
        found = _("with the empty ones, it has {n} million cells: too many.").format(n=cells // 10**6)
        raise KitError(found, _(CLEAR))
    if text > MOST_TEXT:
        raise KitError(_("the text of its cells takes {n} MB: too much.").format(n=text // 2**20), _(_SHORTER))


def refuse_many_tables(tables: int) -> None:
    """Raises KitError where a file holds too many tables."""
    if tables > MOST_TABLES:
        raise KitError(_("there are {n} tables in it: too many.").format(n=tables), _("Export them one by one."))


def _check_repeated(opened: zipfile.ZipFile) -> None:
    found = RepeatedCells()
    if opened.testzip():
        raise DamagedArchive()
    for info in opened.infolist():
        if info.filename == "content.xml":
            _parse_part(opened, info, found)
    refuse_many(found.cells, found.filled, found.text)


def _check_places(opened: zipfile.ZipFile) -> None:
    looks = [(info, _look(opened, info)) for info in opened.infolist()]
    sheets = [look for _info, look in looks if look.sheet]
    longest = max((look.longest for _info, look in looks if look.strings), default=0)
    if all(look.usual for look in sheets):
        with suppress(KitError):
            return _refuse_sum(sheets, longest * sum(look.tags for look in sheets))
    strings = _Strings()
    for info in (info for info, look in looks if look.strings):
        _parse_part(opened, info, strings)
    exact = []
    for info in (info for info, look in looks if look.sheet):
        exact.append(_Cells(strings.lengths))
        _parse_part(opened, info, exact[-1])
    _refuse_sum(exact, sum(found.text for found in exact))


def _refuse_sum(sheets: Sequence[_Look | _Cells], text: int) -> None:
    refuse_many(sum(sheet.rows * sheet.columns for sheet in sheets), sum(sheet.filled for sheet in sheets), text)


def _pieces(part: IO[bytes]) -> Iterator[bytes]:
    """A part in pieces that end before a tag, where there are tags; else they overlap."""
    rest = b""
    while piece := part.read(_PIECE):
        end = piece.rfind(b"<")
        yield rest + (piece if end < 0 else piece[:end])
        rest = piece[-_OVERLAP:] if end < 0 else piece[end:]
    yield rest


@dataclass
class _Look:
    """What a quick look at a part shows; rows, columns and lengths are never less than they are, if it is `usual`."""

    sheet: bool = False
    strings: bool = False
    usual: bool = True  # each cell says its place, in the way in which nearly all writers do
    tags: int = 0  # of cells
    filled: int = 0  # never more than they are
    rows: int = 0
    columns: int = 0
    longest: int = 0  # bytes between the ends of two shared strings


def _look(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Look:
    found, since = _Look(), 0
    with opened.open(info) as part:
        for number, piece in enumerate(_pieces(part)):
            if not number and piece.startswith(_UTF16):
                raise DamagedArchive()
            found.sheet |= b"sheetData" in piece
            found.strings |= b":sst" in piece or b"<sst" in piece
            found.longest, since = _longest(piece, found.longest, since)
            columns = _COLUMN_OF_CELL.findall(piece)
            found.usual &= piece.count(b"<c ") == len(columns) and piece.count(b"<row ") == len(_ROW.findall(piece))
            found.usual &= len(piece) - piece.rfind(b"<") < _LONGEST and not any(way.search(piece) for way in _ODD)
            found.tags += len(columns)
            found.filled += piece.count(b"<v>") + piece.count(b"<is>")
            found.columns = max(found.columns, *map(_number, set(columns)), 0)
            found.rows = max(found.rows, *map(int, set(_ROW_OF_CELL.findall(piece))), 0)
    found.longest = max(found.longest, since)
    return found


def _longest(piece: bytes, longest: int, since: int) -> tuple[int, int]:
    """The longest shared string so far, and the bytes since the last one ended; never less than there are."""
    if b"<!" in piece:  # a comment may look like an end
        return longest, since + len(piece)
    first, *more = map(len, piece.split(b"</si>"))
    if not more:
        return longest, since + first
    return max(longest, since + first, *more), more[-1]


def _number(letters: bytes | str) -> int:
    """The number of a column: 1 of A, 27 of AA."""
    number = 0
    for letter in letters.upper() if isinstance(letters, bytes) else letters.upper().encode("ascii"):
        number = number * 26 + letter - 64
    return number


def _parse_part(opened: zipfile.ZipFile, info: zipfile.ZipInfo, found: _Cells | _Strings | RepeatedCells) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.characters
    parser.StartDoctypeDeclHandler = _refuse_entities
    with opened.open(info) as part:
        parser.ParseFile(part)


def _refuse_entities(*_said: object) -> None:
    raise DamagedArchive()


@dataclass
class _Strings:
    """The lengths of the shared strings, in their order."""

    lengths: list[int] = field(default_factory=list)

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "si":
            self.lengths.append(0)

    def end(self, _name: str) -> None:
        pass

    def characters(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


@dataclass
class _Cells:
    """How far the cells with a value reach in a worksheet, and the characters of shared strings in them."""

    lengths: list[int]
    rows: int = 0
    columns: int = 0
    filled: int = 0
    text: int = 0
    _row: int = 1
    _column: int = 0
    _place: tuple[int, int] = (1, 1)
    _shared: bool = False
    _index: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name, said = name.rpartition(":")[2], attributes.get("r")
        if name == "row" and said:
            self._row = int(said)
        elif name == "c":
            self._place = _place(said) if said else (self._row, self._column + 1)
            self._column, self._shared = self._place[1], attributes.get("t") == "s"
        elif name in ("v", "is"):
            self.rows, self.columns = max(self.rows, self._place[0]), max(self.columns, self._place[1])
            self._index = ""
            self.filled += 1

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            self._row, self._column = self._row + 1, 0
        elif name == "v" and self._shared:
            index = int(self._index)
            self.text += self.lengths[index] if 0 <= index < len(self.lengths) else 0

    def characters(self, text: str) -> None:
        if self._shared:
            self._index = (self._index + text)[:_LONG]


def _place(said: str) -> tuple[int, int]:
    """Row and column, from 1: (5, 28) of AB5. Raises ValueError."""
    found = _PLACE.fullmatch(said)
    if not found:
        raise ValueError(said)
    return int(found[2]), _number(found[1])
