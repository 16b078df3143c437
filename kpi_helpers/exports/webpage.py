"""Tables saved as web pages, as Excel, accounts and many CRMs write them under the name of .xls."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from kpi_helpers.errors import KitError
from kpi_helpers.exports.oversize import refuse_many, refuse_many_tables
from kpi_helpers.language import _

MOST = 200 * 2**20  # characters of a page
WIDEST = 16_384  # columns, as in a spreadsheet
_TABLE = re.compile(r"<t[dh][\s>]", re.IGNORECASE)
_LOGIN = re.compile(r"<(?:form|input|script)[\s>]", re.IGNORECASE)
_COMMENT = re.compile(r"\s*<!--")
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|meta|style|script|div|table|\?xml)", re.IGNORECASE)
_TAG = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]*)>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/h\d|/?li|sup)\b[^<>]*>", re.IGNORECASE)
_OTHER_TAG = re.compile(r"<[^<>]*>")
_NUMBERS_BELOW = re.compile(r"(?<=\d)\s*\x00\s*(?=\d{3}(?!\d))")  # one above the other, which are no thousands
_BODY = re.compile(r"<body\b[^<>]*>|</head>|</style>|<html\b[^<>]*>", re.IGNORECASE)
_SPAN = re.compile(r"\b(col|row)span\s*=\s*[\"']?(\d{1,5})", re.IGNORECASE)


@dataclass
class WebTable:
    """The rows of a table as text, the line on which each begins, and whether the page ends before the table does."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    cut_off: bool = True
    in_row: bool = False
    spanned: int = 0  # empty cells beside those that take several columns

    def begin_row(self, line: int) -> None:
        """A row without cells."""
        self.rows.append([])
        self.lines.append(line)
        self.in_row = True

    def add(self, attributes: str, text: str) -> None:
        """A cell, with empty ones for further columns that it takes. Raises KitError where it takes several rows."""
        spans = {name.lower(): int(number) for name, number in _SPAN.findall(attributes)}
        more, row = max(spans.get("col", 1) - 1, 0), self.rows[-1]
        if spans.get("row", 1) > 1 or len(row) + more >= WIDEST:
            raise _no_grid()
        self.spanned += more
        refuse_many(self.spanned, 0, 0)
        row += [_words(text), *[""] * more]


def is_web_page(text: str) -> bool:
    """Whether a text is a web page."""
    place = 0
    while (comment := _COMMENT.match(text, place)) and (end := text.find("-->", comment.end() - 2)) >= 0:
        place = end + 3
    return bool(_PAGE.match(text, place))


def read_web_page(text: str) -> list[WebTable]:
    """The tables of a web page. Raises KitError for pages to log in and for tables that are no plain grid."""
    if not _TABLE.search(text) or _LOGIN.search(text):
        found = _("this is a web page, not an export; perhaps the log-in had run out.")
        raise KitError(found, _("Log in again and export it as CSV."))
    if len(text) > MOST:
        found = _("the text of its cells takes {n} MB: too much.").format(n=len(text) // 2**20)
        raise KitError(found, _("Export a shorter period, or export it as CSV."))
    tables = [table for table in _tables(_without_comments(text)) if any(map(any, table.rows))]
    if not tables:
        raise KitError(_("the file is empty."), _("Export it again."))
    refuse_many_tables(len(tables))
    rows = [row for table in tables for row in table.rows]
    refuse_many(sum(map(len, rows)), sum(1 for row in rows for cell in row if cell), len(text))
    return tables


def _without_comments(text: str) -> str:
    """The text with nothing but the line breaks of its comments."""
    kept, place = [], 0
    while (start := text.find("<!--", place)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept += [text[place:start], "\n" * text.count("\n", start, end)]
        place = end + 3
    return "".join([*kept, text[place:]])


def _tables(text: str) -> Iterator[WebTable]:
    table: WebTable | None = None
    cell: re.Match[str] | None = None  # the tag that opens the cell
    above, line, counted = _above(text), 1, 0
    for tag in _TAG.finditer(text):
        name = tag[1] + tag[2].lower()
        if table and cell:
            table.add(cell[3], text[cell.end() : tag.start()])
        line, counted = line + text.count("\n", counted, tag.start()), tag.start()
        cell = tag if table and name in ("td", "th") else None
        if table and (name == "tr" or (cell and not table.in_row)):
            table.begin_row(line)
        elif table and name == "/tr":
            table.in_row = False
        elif table and name == "/table":
            yield replace(table, cut_off=False)
            table = None
        elif name == "table":
            if table:
                raise _no_grid()
            table, above = WebTable(above, [line] * len(above)), []
    if table:
        yield table


def _above(text: str) -> list[list[str]]:
    """The lines of the page above its first table: a title, a period."""
    end = next((tag.start() for tag in _TAG.finditer(text)), 0)
    begin = max((tag.end() for tag in _BODY.finditer(text, 0, end)), default=0)
    return [[words] for part in _BREAK.split(text[begin:end]) if (words := _words(part))]


def _words(text: str) -> str:
    text = _OTHER_TAG.sub("", _BREAK.sub("\x00", text))
    with suppress(ValueError):  # a sign of thousands of digits
        text = html.unescape(text)
    return " ".join(_NUMBERS_BELOW.sub(" / ", text).replace("\x00", " ").split())


def _no_grid() -> KitError:
    return KitError(
        _("this is a table saved as a web page, and not a plain one: cells hold tables or take several rows."),
        _("Open it in Excel and save it as CSV."),
    )
