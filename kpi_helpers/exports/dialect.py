"""How a file is written: bytes in, tables of text out. Knows encodings and delimiters, and nothing of marketing."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace

from kpi_helpers.errors import KitError
from kpi_helpers.exports.delimiters import declared, find_dialect
from kpi_helpers.exports.encodings import BOMS, Text
from kpi_helpers.exports.encodings import decode as decode_text
from kpi_helpers.exports.oversize import refuse_many_tables
from kpi_helpers.exports.quoting import Dialect, Records, parse
from kpi_helpers.exports.sheet import Grid, Sheet, Table, column, widths
from kpi_helpers.exports.stacked import Part, find_parts, first_full, stated_above
from kpi_helpers.exports.webpage import WebTable, is_web_page, read_web_page
from kpi_helpers.exports.workbook import EXPORT_CSV, MAGIC, read_workbook
from kpi_helpers.language import _

__all__ = ["Dialect", "decode", "read_sheets", "sniff"]


_BINARY = ((b"%PDF", "PDF"), (b"\x1f\x8b", "gzip"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"), (b"\x89PNG", "PNG"),
           (b"PAR1", "Parquet"), (b"SQLite format 3", "SQLite"))  # fmt: skip


def read_sheets(data: bytes) -> list[Sheet]:
    """The tables in a file: of a text, those that it stacks; of a workbook, those on its visible, filled worksheets.

    Raises KitError for anything that is no table.

    >>> read_sheets("Дата;Показы\\n01.10.2026;5\\n".encode("cp1251"))[0].rows
    [['Дата', 'Показы'], ['01.10.2026', '5']]
    """
    _refuse_empty(data)
    if data.startswith(MAGIC):
        sheets = [part for sheet in read_workbook(data) for part in _split(sheet, _gaps(sheet.lines))]
        refuse_many_tables(len(sheets))
        return sheets
    text = _text(data)
    if is_web_page(text.text):
        return [part for table in read_web_page(text.text) for part in _read_web_table(table, text.encoding)]
    return _read_text(text, _find(text))


def _read_web_table(table: WebTable, encoding: str) -> list[Sheet]:
    kept, gaps = _filled(Records(table.rows, table.lines, set()))
    return _split(Sheet(kept.rows, kept.lines, encoding, cut_off=table.cut_off), gaps) if kept.rows else []


def sniff(head: bytes) -> Dialect:
    """The dialect of a text file by its first bytes (a MiB is plenty; they may end anywhere, even in a character).

    The encoding is that of these bytes: "utf-8" where all of them are ASCII. Raises KitError where it is no text.
    """
    _refuse_empty(head)
    if head.startswith(MAGIC):
        raise KitError(_("this is not a table: its bytes are no text."), _(EXPORT_CSV))
    text = _text(head)
    if is_web_page(text.text):
        raise KitError(_("this is a web page."), _(EXPORT_CSV))
    return _find(text)


def decode(data: bytes) -> tuple[str, str]:
    """The text of a file and its encoding. Raises KitError where the bytes are no text or are damaged."""
    return decode_text(data)[:2]


def _refuse_empty(data: bytes) -> None:
    unmarked = next((data[len(bom) :] for bom, _name in BOMS if data.startswith(bom)), data)
    if not unmarked[:4096].strip(b"\x00\t\r\n \x1a") and not unmarked.strip(b"\x00\t\r\n \x1a"):
        raise KitError(_("the file is empty."), _("Export it again."))


def _text(data: bytes) -> Text:
    for magic, name in _BINARY:
        if data.startswith(magic):
            raise KitError(_("this is a {kind} file, not a table.").format(kind=name), _(EXPORT_CSV))
    return decode_text(data)


def _find(text: Text) -> Dialect:
    delimiter, length = declared(text.text)
    found = find_dialect(text.text[length:] if length else text.text, delimiter)
    mark = next((len(bom) for bom, name in BOMS if name == text.encoding), 0) if text.marked else 0
    return replace(found, encoding=text.encoding, start=mark + len(text.text[:length].encode(text.encoding)))


def _read_text(text: Text, dialect: Dialect) -> list[Sheet]:
    length = declared(text.text)[1]
    outer = Dialect(dialect.delimiter_around) if dialect.wrapped else dialect
    records = parse(text.text[length:] if length else text.text, outer)
    if dialect.quote in text.text:
        unwrap(records, dialect)
    kept, gaps = _filled(records)
    lines = [line + 1 for line in kept.lines] if length else kept.lines
    cut_off = text.cut_off or not text.text.endswith(("\n", "\r"))
    sheet = Sheet(kept.rows, lines, text.encoding, dialect.delimiter, cut_off, damaged=frozenset(kept.damaged))
    return _split(sheet, gaps, dialect.width)


def unwrap(records: Records, dialect: Dialect) -> None:
    """Takes apart the rows that are one cell and hold a whole line of the table, as a spreadsheet saves them."""
    inner = replace(dialect, wrapped=False)
    if not dialect.wrapped and (dialect.width < 2 or min(widths(records.rows), default=0) > 1):
        return
    rows = records.rows = list(records.rows)
    wide = next((at for at, row in enumerate(rows) if len(row) == dialect.width), len(rows))
    for at, row in enumerate(rows):
        if not row or (len(row) > 1 and (not dialect.wrapped or any(row[1:]))) or dialect.delimiter not in row[0]:
            continue
        try:
            cells = next(inner.reader([row[0]]), [])
        except csv.Error:
            continue
        if dialect.wrapped or (len(cells) == dialect.width and (dialect.quote in row[0] or at > wide)):
            rows[at] = cells
            records.damaged.discard(at)


def _filled(records: Records) -> tuple[Records, list[int]]:
    """The rows that are not blank, and the numbers of those that stand below blank ones."""
    rows = records.rows
    firsts = column(rows, 0)
    if min(firsts, default="!") >= "!" and "\u00a0" not in firsts:
        return records, []
    rows = list(rows)
    doubtful = [at for at, first in enumerate(firsts) if first < "!" or first == "\u00a0"]
    blank = {at for at in doubtful if not "".join(rows[at]).strip()}
    if not blank:
        return records, []
    kept = [at for at in range(len(rows)) if at not in blank]
    damaged = {new for new, at in enumerate(kept) if at in records.damaged} if records.damaged else set()
    gaps = [new for new, at in enumerate(kept) if at - 1 in blank and new]
    return Records([rows[at] for at in kept], [records.lines[at] for at in kept], damaged), gaps


def _gaps(lines: Sequence[int]) -> list[int]:
    return [at for at in range(1, len(lines)) if lines[at] - lines[at - 1] > 1]


def _split(sheet: Sheet, gaps: list[int], width: int = 0) -> list[Sheet]:
    if not sheet.rows:
        raise KitError(_("the file is empty."), _("Export it again."))
    if gaps or len(set(widths(sheet.rows))) > 1:
        parts = find_parts(sheet.rows, gaps, width)
    else:
        parts = [Part(0, len(sheet.rows), first_full(sheet.rows, width))]
    refuse_many_tables(len(parts))
    if len(parts) < 2:
        rows = _without_empty_columns(sheet.rows)
        return [replace(sheet, rows=rows, name=sheet.name or parts[0].name, heading=parts[0].heading)]
    return [_part(sheet, part, parts) for part in parts]


def _part(sheet: Sheet, part: Part, parts: list[Part]) -> Sheet:
    above = stated_above(sheet.rows, parts[0], part)
    chosen = [*above, *range(part.start, part.end)]
    rows = [sheet.rows[at] for at in chosen]
    return replace(
        sheet,
        rows=_without_empty_columns(rows),
        lines=[sheet.lines[at] for at in chosen],
        cut_off=sheet.cut_off and part.end == len(sheet.rows),
        name=part.name or sheet.name,
        heading=len(above) + part.heading - part.start,
        damaged=frozenset(new for new, at in enumerate(chosen) if at in sheet.damaged),
    )


def _without_empty_columns(rows: Table) -> Table:
    """The rows without last columns that hold nothing at all, not even a heading: every line ended with a delimiter."""
    widest, filled = max(widths(rows)), 1
    for row in rows:
        if filled == widest:
            return rows
        if len(row) > filled:
            filled = next((place for place in range(len(row), filled, -1) if row[place - 1].strip()), filled)
    if filled == widest:
        return rows
    return rows.of_width(filled) if isinstance(rows, Grid) else [row[:filled] for row in rows]
