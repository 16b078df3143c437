"""Workbooks (xlsx, xls, xlsb, ods): every visible, filled worksheet as text."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from kpi_helpers.errors import KitError
from kpi_helpers.exports.archive import UNPACK, DamagedArchive, open_zip
from kpi_helpers.exports.oversize import check_size, refuse_many, refuse_many_tables
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.language import N_, _

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
EXPORT_CSV = N_("Export it as CSV.")
SAVE_OPEN = N_("Save it without the password, or export it as CSV.")
_OFFICE = {"word/": N_("a Word document"), "ppt/": N_("a presentation")}  # in what folder such an archive keeps it
_OLD_OFFICE = {  # the names of streams inside older files, and of what a password hides
    "EncryptedPackage": N_("a workbook with a password"),
    "WordDocument": N_("a Word document"),
    "PowerPoint Document": N_("a presentation"),
}
_ARCHIVE = N_("a zip archive")


def read_workbook(data: bytes) -> list[Sheet]:
    """The visible worksheets that hold anything. Raises KitError for damaged, protected and oversize files."""
    _refuse_other_kinds(data)
    sheets = [sheet for name, table in _read_tables(data) if (sheet := _sheet(name, table)).rows]
    if not sheets:
        raise KitError(_("the file is empty."), _("Export it again."))
    return sheets


def _read_tables(data: bytes) -> list[tuple[str, list[list[Any]]]]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        seen = [sheet for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible] or sheets
        refuse_many_tables(len(seen))
        return list(_laid_out(book, [sheet.name for sheet in seen]))
    except KitError:
        raise
    except PasswordError:
        raise _not_a_table(_OLD_OFFICE["EncryptedPackage"], SAVE_OPEN) from None
    except (CalamineError, OSError, ValueError, KeyError):
        raise _damaged() from None
    except BaseException as error:  # the Rust reader's panics are no Exceptions
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise _damaged() from None


def _laid_out(book: CalamineWorkbook, names: list[str]) -> Iterator[tuple[str, list[list[Any]]]]:
    """The worksheets, each a part of the file that is within bounds by itself: two of them may be the same part."""
    cells = filled = text = 0
    for name in names:
        table = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if len(names) > 1 and table:
            lengths = [len(cell) if type(cell) is str else 1 for row in table for cell in row]
            cells, filled, text = cells + len(lengths), filled + len(lengths) - lengths.count(0), text + sum(lengths)
            refuse_many(cells, filled, text)
        yield name, table


def _refuse_other_kinds(data: bytes) -> None:
    """Raises KitError for archives and documents, which begin as workbooks do, and for what would burst."""
    if data[:2] != b"PK":
        for stream, kind in _OLD_OFFICE.items():
            if stream.encode("utf-16-le") in data:
                raise _not_a_table(kind, SAVE_OPEN if stream == "EncryptedPackage" else EXPORT_CSV)
        return
    try:
        opened = open_zip(data)
    except DamagedArchive:
        raise _damaged() from None
    names = opened.namelist()
    for folder, kind in _OFFICE.items():
        if any(name.startswith(folder) for name in names):
            raise _not_a_table(kind, EXPORT_CSV)
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise _not_a_table(_ARCHIVE, UNPACK)
    try:
        check_size(opened)
    except DamagedArchive:
        raise _damaged() from None


def _damaged() -> KitError:
    return KitError(_("this is a damaged workbook."), _("Export it again, or as CSV."))


def _not_a_table(kind: str, next_step: str) -> KitError:
    return KitError(_("this is {kind}, not a table.").format(kind=_(kind)), _(next_step))


def _sheet(name: str, table: list[list[Any]]) -> Sheet:
    texts = [[cell if type(cell) is str else _TEXTS.get(type(cell), str)(cell) for cell in row] for row in table]
    filled = [(line, row) for line, row in enumerate(texts, 1) if any(map(str.strip, row))]
    return Sheet([row for _line, row in filled], [line for line, _row in filled], "workbook", name=name)


def _number(cell: float) -> str:
    """Digits with a point, never three behind it: they could be taken for thousands."""
    text = str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else str(cell)
    return text + "0" if text[-4:-3] == "." else text


def _moment(cell: datetime) -> str:
    return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")


def _duration(cell: timedelta) -> str:
    minutes, seconds = divmod(round(cell.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


_TEXTS: dict[type, Callable[[Any], str]] = {
    float: _number, datetime: _moment, timedelta: _duration, date: date.isoformat, time: time.isoformat,
}  # fmt: skip
