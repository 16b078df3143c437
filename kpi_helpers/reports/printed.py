"""The tables of a page and of its print: which of them lost a cell on the way.

A browser drops what reaches beyond the paper without a word. Chromium's PDF is tagged: it says itself which text
stands in which cell of which table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpi_helpers.reports.markup import Node, read_markup

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

Rows = list[list[str]]
NO_GLYPH = "\0"  # what Chromium writes where no font has a letter
MARGIN = 12 / 25.4 * 72  # points at the right of the paper, as in the page's @page


@dataclass
class Table:
    """A table of a page: where its HTML stands, its name for a message, and the texts of its cells by row."""

    start: int
    end: int
    caption: str
    rows: Rows

    @property
    def columns(self) -> int:
        return max((len(row) for row in self.rows), default=0)

    @property
    def name(self) -> str:
        """Its caption, or its first headings where it has none."""
        return self.caption or ", ".join(text for row in self.rows[:1] for text in row[:3] if text)


def read_tables(html: str) -> list[Table]:
    """The tables of a page in their order.

    >>> page = "<table><caption>Q</caption><tr><td>a <b>1</b></td></tr></table>"
    >>> [(table.caption, table.rows) for table in read_tables(page)]
    [('Q', [['a 1']])]
    """
    return [
        Table(
            table.start, table.end, "".join(caption.text(_unspoken) for caption in table.all("caption")).strip(),
            [[cell.text(_unspoken) for cell in row.all("td", "th")] for row in table.all("tr")],
        )
        for table in read_markup(html).all("table")
    ]  # fmt: skip


def read_printed(pdf: PdfReader) -> list[Rows]:
    """The tables of a tagged PDF in their order: the texts of the filled cells by row, as far as they can be seen."""
    pages: dict[int, dict[int, str]] = {}
    root: Any = pdf.trailer["/Root"]
    if "/StructTreeRoot" not in root:
        return []
    numbers = {page.indirect_reference.idnum: page for page in pdf.pages if page.indirect_reference}

    def text_of(element: Any, page: int) -> str:
        """The visible text of an element and all below it."""
        parts = []
        for child, here in _children(element, page):
            if isinstance(child, int):
                if here not in pages:
                    pages[here] = seen_texts(numbers[here])
                parts.append(pages[here].get(child, ""))
            else:
                parts.append(text_of(child, here))
        return "".join(parts)

    return [
        [cells for row in _below(table, "/TR", 0)
         if any(cells := [text_of(cell, page) for cell, page in _cells(*row)])]
        for table, _page in _below(root["/StructTreeRoot"], "/Table", 0)
    ]  # fmt: skip


def is_complete(expected: Sequence[Sequence[str]], printed: Rows) -> bool:
    """Whether each row's filled cells are in the print, in their order and whole.

    >>> is_complete([["Leads", "1 234"], ["", ""]], [["Leads", "1234"]]), is_complete([["Leads", "1 234"]], [["Leads"]])
    (True, False)
    """
    wanted = [cells for row in expected if (cells := [letters(text) for text in row if letters(text)])]
    return len(wanted) == len(printed) and all(
        _in_order(cells, [letters(text) for text in found]) for cells, found in zip(wanted, printed, strict=True)
    )


def letters(text: str) -> str:
    """The text as it can be compared with what a PDF gives back: without spaces, joiners and joined letters.

    >>> letters("quali\\ufb01ed\\u00a0leads")
    'qualifiedleads'
    """
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if not char.isspace() and unicodedata.category(char) != "Cf")


def seen_texts(page: PageObject) -> dict[int, str]:
    """The texts of a page by the number of their mark; one that reaches beyond the margin is not seen."""
    eye = _Eye(page)
    page.extract_text(visitor_operand_before=eye.look, visitor_text=eye.read)
    return {mark: text for mark, text in eye.texts.items() if mark not in eye.cut}


class _Eye:
    """Follows the drawing of a page: which mark is open, what is written there and how far to the right."""

    def __init__(self, page: PageObject) -> None:
        self.texts: dict[int, str] = {}
        self.cut: set[int] = set()
        self._edge = float(page.mediabox.right) - MARGIN + 1  # Chromium rounds margins to whole CSS pixels
        self._marks: list[int | None] = []
        self._fonts: Any = page.get("/Resources", {}).get("/Font", {})
        self._widths: dict[str, tuple[int, dict[int, float]]] = {}
        self._font, self._size = "", 0.0

    def look(self, operator: bytes, operands: Any, place: list[float], line: list[float]) -> None:
        if operator in (b"BDC", b"BMC"):
            marked = operands[1] if operator == b"BDC" and isinstance(operands[1], dict) else {}
            self._marks.append(marked.get("/MCID"))
        elif operator == b"EMC" and self._marks:
            self._marks.pop()
        elif operator == b"Tf":
            self._font, self._size = str(operands[0]), float(operands[1])
        elif operator == b"Tj" and self._mark is not None:
            end = line[4] + line[0] * self._size * self._length(operands[0])
            if place[0] * end + place[4] > self._edge:
                self.cut.add(self._mark)

    def read(self, text: str, *_where: Any) -> None:
        if self._mark is not None:
            self.texts[self._mark] = self.texts.get(self._mark, "") + text

    @property
    def _mark(self) -> int | None:
        return next((mark for mark in reversed(self._marks) if mark is not None), None)

    def _length(self, shown: Any) -> float:
        """The length of a piece of text in ems."""
        codes = bytes(getattr(shown, "original_bytes", shown))
        if self._font not in self._widths:
            self._widths[self._font] = _read_widths(self._fonts.get(self._font, {}))
        size, widths = self._widths[self._font]
        return sum(widths.get(int.from_bytes(codes[at : at + size], "big"), 0.0) for at in range(0, len(codes), size))


def _read_widths(font: Any) -> tuple[int, dict[int, float]]:
    """The bytes of one code in a font, and the widths of its glyphs in ems. A variable or coloured font is Type 3."""
    if "/DescendantFonts" in font:
        composed = font["/DescendantFonts"][0].get_object()
        return 2, {code: width / 1000 for code, width in _glyph_widths(composed).items()}
    em, first = float(font.get("/FontMatrix", [0.001])[0]), int(font.get("/FirstChar", 0))
    return 1, {code: float(width) * em for code, width in enumerate(font.get("/Widths", []), first)}


def _glyph_widths(font: Any) -> dict[int, float]:
    """The widths of a font's glyphs: `/W` has [first [width …]] and [first last width]."""
    listed = [item.get_object() for item in font.get("/W", [])]
    widths: dict[int, float] = {}
    while listed:
        first, second = listed.pop(0), listed.pop(0)
        if isinstance(second, list):
            widths |= {int(first) + place: float(width) for place, width in enumerate(second)}
        else:
            width = float(listed.pop(0))
            widths |= dict.fromkeys(range(int(first), int(second) + 1), width)
    return widths


def _below(element: Any, kind: str, page: int) -> Iterator[tuple[Any, int]]:
    """The nearest elements of a kind below one, and the page each belongs to."""
    for child, here in _children(element, page):
        if not isinstance(child, int):
            if child.get("/S") == kind:
                yield child, here
            else:
                yield from _below(child, kind, here)


def _cells(row: Any, page: int) -> Iterator[tuple[Any, int]]:
    return ((cell, here) for cell, here in _children(row, page)
            if not isinstance(cell, int) and cell.get("/S") in ("/TD", "/TH"))  # fmt: skip


def _children(element: Any, page: int) -> Iterator[tuple[Any, int]]:
    """What an element of the structure holds: other elements, or numbers of marks on a page."""
    page = element.raw_get("/Pg").idnum if "/Pg" in element else page
    held = element.get("/K", [])
    for child in held if isinstance(held, list) else [held]:
        item: Any = child.get_object()
        kind = item.get("/Type", "") if isinstance(item, dict) else None
        if kind == "/MCR":
            yield int(item["/MCID"]), item.raw_get("/Pg").idnum if "/Pg" in item else page
        elif isinstance(item, int):
            yield int(item), page
        elif kind is not None and kind != "/OBJR":
            yield item, page


def _unspoken(node: Node) -> bool:
    """What a screen reader passes over: a tagged PDF has no words for it."""
    return node.tag == "svg" or node.attrs.get("aria-hidden") == "true"


def _in_order(wanted: list[str], found: list[str]) -> bool:
    rest = iter(found)
    return all(any(_is_in(text, cell) for cell in rest) for text in wanted)


def _is_in(text: str, cell: str) -> bool:
    """Whether a cell shows the text. A letter for which no font has a glyph is printed as an empty box, not lost.

    >>> _is_in("渠道2026", "\\0\\x002026"), _is_in("2026", "\\0"), _is_in("渠2026", "\\x00202")
    (True, False, False)
    """
    if NO_GLYPH not in cell:
        return text in cell
    first, *others = re.split(f"{NO_GLYPH}+", cell)
    rest = text[len(first) :]
    for piece in others:
        boxes, found, rest = rest.partition(piece) if piece else (rest, "", "")
        if found != piece or not boxes or any(map(str.isascii, boxes)):
            return False
    return text.startswith(first) and not rest
