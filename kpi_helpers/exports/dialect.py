"""How a file is written: bytes in, rows of text out. Knows encodings and delimiters, and nothing of marketing."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice

from kpi_helpers.errors import KitError
from kpi_helpers.language import N_, _

DELIMITERS = ("\t", ";", ",", "|")
LOOKED_AT = 200  # rows that settle the delimiter
_LONGEST_CELL = 1_000_000  # characters
_END = "\x1fend of file\x1f"

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BINARY = ((b"%PDF", "PDF"), (b"\x1f\x8b", "gzip"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"), (b"\x89PNG", "PNG"),
           (b"PAR1", "Parquet"), (b"SQLite format 3", "SQLite"))  # fmt: skip
_OFFICE = {"word/": N_("a Word document"), "ppt/": N_("a presentation")}  # in what folder such an archive keeps it
_OLD_OFFICE = {  # the names of streams inside older files, and of what a password hides
    "EncryptedPackage": N_("a workbook with a password"),
    "WordDocument": N_("a Word document"),
    "PowerPoint Document": N_("a presentation"),
}
_ARCHIVE = N_("a zip archive")
EXPORT_CSV = N_("Export it as CSV.")
SAVE_OPEN = N_("Save it without the password, or export it as CSV.")
UNPACK = N_("Unpack it and put the files that are in it into the folder.")
_WEB_PAGE = re.compile(r"\s*(<!doctype\s+html|<html|<head|<body|<script|<div|<table|<\?xml)", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """A table as text: its rows that are not blank, and the physical line (from 1) on which each of them begins.

    `cut_off` says that the file ends without a line break, so that its last row may be incomplete; `decimal` is the
    sign of numbers that the file itself stored as numbers ("" in text files).
    """

    rows: list[list[str]]
    lines: list[int]
    encoding: str
    delimiter: str = ""
    cut_off: bool = False
    decimal: str = ""


def read_sheets(data: bytes) -> list[Sheet]:
    """The tables in a file: one for text, one per filled sheet for a workbook. Raises KitError for anything else.

    >>> read_sheets("Дата;Показы\\n01.10.2026;5\\n".encode("cp1251"))[0].rows
    [['Дата', 'Показы'], ['01.10.2026', '5']]
    """
    unmarked = next((data[len(bom) :] for bom, _name in _BOMS if data.startswith(bom)), data)
    if not unmarked.strip(b"\x00\t\r\n \x1a"):
        raise KitError(_("the file is empty."), _("Export it again."))
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _read_workbook(data)
    for magic, name in _BINARY:
        if data.startswith(magic):
            raise KitError(_("this is a {kind} file, not a table.").format(kind=name), _(EXPORT_CSV))
    text, encoding = decode(data)
    if _WEB_PAGE.match(text):
        raise KitError(
            _("this is a web page, not an export; perhaps the log-in had run out."),
            _("Log in again and export it as CSV."),
        )
    return [_read_text(text, encoding)]


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file and its encoding. Raises KitError where the bytes are no text or are damaged UTF-8."""
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "") or _utf16_without_bom(data)
    if encoding:
        text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    else:
        text, encoding = _decode_bytes(data)
    controls = sum(text.count(chr(code)) for code in range(1, 32) if chr(code) not in "\t\n\r\f\v\x1a")
    if controls > max(2, len(text) // 200):
        raise KitError(_("this is not a table: its bytes are no text."), _("Export it as CSV."))
    if "\ufffd" in text:
        line = text[: text.index("\ufffd")].count("\n") + 1
        found = _("the file is damaged: line {line} has bytes that are no {encoding}.")
        raise KitError(found.format(line=line, encoding=encoding), _("Export it again and do not edit it."))
    return text.replace("\x00", "").rstrip("\x1a"), encoding


def _decode_bytes(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
    readable = sum(character > "\x7f" for character in text) - text.count("\ufffd")
    if readable > 20 and text.count("\ufffd") < readable / 10:
        return text, "utf-8"
    encoding = "cp1251" if re.search(rb"[\xc0-\xff\xa8\xb8]{2}", data) else "cp1252"
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        return data.decode("cp1251", errors="replace"), "cp1251"


def _utf16_without_bom(data: bytes) -> str:
    """UTF-16 shows by its high bytes: almost all of them are those of Latin, Cyrillic or common signs."""
    sample = data[:4000]
    if len(sample) < 4 or sample.count(b"\x00") < len(sample) / 20:
        return ""
    for encoding, start in (("utf-16-le", 1), ("utf-16-be", 0)):
        high = sample[start::2]
        if sum(byte in (0x00, 0x04, 0x20) for byte in high) > 0.95 * len(high):
            return encoding
    return ""


def _read_text(text: str, encoding: str) -> Sheet:
    cut_off = not text.endswith(("\n", "\r"))
    declared = re.match(r"""["']?sep=(.)["']?[ \t]*(\r\n|\r|\n)""", text)
    if declared:
        delimiter, text = declared[1], text[declared.end() :]
    else:
        delimiter = find_delimiter(text)
    rows, lines = _parse(text, delimiter)
    return Sheet(rows, [line + bool(declared) for line in lines], encoding, delimiter, cut_off)


def find_delimiter(text: str) -> str:
    """The delimiter under which the rows are widest and most alike ("," where there is only one column)."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in _some_rows(text, delimiter) if any(cell.strip() for cell in row))
        wide = {width: count for width, count in widths.items() if width > 1}
        score = max(((width - 1) * count / widths.total() for width, count in wide.items()), default=0.0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _some_rows(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    try:
        return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), LOOKED_AT))
    except csv.Error:
        return []


def _parse(text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    csv.field_size_limit(_LONGEST_CELL)
    ending = "" if text.endswith(("\n", "\r")) else "\n"
    reader = csv.reader(io.StringIO(f"{text}{ending}{_END}", newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    lines: list[int] = []
    line, row = 1, [""]
    try:
        for row in reader:
            if any(cell and not cell.isspace() for cell in row):
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error:
        rows, lines = [*rows, [""]], [*lines, line]
    if not rows or rows[-1] != [_END]:
        raise KitError(
            _("a quotation mark opened on line {line} is never closed.").format(line=lines[-1] if lines else 1),
            _("Export it again and do not edit it."),
        )
    return rows[:-1], lines[:-1]


def _read_workbook(data: bytes) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    _refuse_other_kinds(data)
    damaged = KitError(_("this is a damaged workbook."), _("Export it again, or as CSV."))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        tables = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except PasswordError:
        raise _not_a_table(_OLD_OFFICE["EncryptedPackage"], SAVE_OPEN) from None
    except (CalamineError, OSError, ValueError, KeyError):
        raise damaged from None
    except BaseException as error:  # the Rust reader's panics are no Exceptions
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise damaged from None
    sheets = [sheet for sheet in map(_sheet, tables) if sheet.rows]
    if not sheets:
        raise KitError(_("the file is empty."), _("Export it again."))
    return sheets


def _refuse_other_kinds(data: bytes) -> None:
    """Raises KitError for archives and documents, which begin as workbooks do."""
    if data[:2] != b"PK":
        for stream, kind in _OLD_OFFICE.items():
            if stream.encode("utf-16-le") in data:
                raise _not_a_table(kind, SAVE_OPEN if stream == "EncryptedPackage" else EXPORT_CSV)
        return
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return
    for folder, kind in _OFFICE.items():
        if any(name.startswith(folder) for name in names):
            raise _not_a_table(kind, EXPORT_CSV)
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise _not_a_table(_ARCHIVE, UNPACK)


def _not_a_table(kind: str, next_step: str) -> KitError:
    return KitError(_("this is {kind}, not a table.").format(kind=_(kind)), _(next_step))


def _sheet(table: Sequence[Sequence[object]]) -> Sheet:
    texts = [[_cell_text(cell) for cell in row] for row in table]
    filled = [(line, row) for line, row in enumerate(texts, 1) if any(cell.strip() for cell in row)]
    return Sheet([row for _line, row in filled], [line for line, _row in filled], "workbook", decimal=".")


def _cell_text(cell: object) -> str:
    match cell:
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return cell.isoformat()
        case None:
            return ""
    return str(cell)
