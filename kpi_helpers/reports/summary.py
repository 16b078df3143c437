"""A finished report in short: title, headlines, scorecard and the first pictures, read from its executed notebook."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kpi_helpers.lettering import plain
from kpi_helpers.palette import INK, QUIET, STATUSES
from kpi_helpers.reports.markup import Node, read_markup
from kpi_helpers.reports.section import SECTION_TYPE

WIDTH = 640  # CSS pixels: what mail programs show without scrolling
PICTURED = ("causes", "goals", "channels")  # the sections whose first pictures say most
KEPT_BACK = ("pay",)  # what a department earns is not for everybody who gets the e-mail
MOST_PICTURES = 3
COLOURS = {"": INK, "met": STATUSES["met"].colour, "missed": "#b14e00"}  # darker than the shape: it is small text
_PNG = "data:image/png;base64,"


@dataclass(frozen=True)
class Headline:
    """A sentence with the shape and the colour of its status."""

    text: str
    shape: str
    colour: str


@dataclass(frozen=True)
class Cell:
    """A cell of the scorecard: its text, what stands small below it, how it is set."""

    text: str
    small: str = ""
    align: str = "left"
    colour: str = INK
    bold: bool = False


@dataclass(frozen=True)
class Row:
    """A row of the scorecard, or the name of the group that begins."""

    group: str = ""
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Card:
    """The scorecard without its drawings."""

    title: str
    heads: tuple[Cell, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Picture:
    """A chart with its finding; `width` and `height` in CSS pixels."""

    finding: str
    subtitle: str
    alt: str
    png: bytes
    width: int
    height: int


@dataclass
class Summary:
    """A report in short; what the report does not have is empty."""

    title: str = ""
    subtitle: str = ""
    lead: str = ""
    headlines: list[Headline] = field(default_factory=list)
    card: Card | None = None
    pictures: list[Picture] = field(default_factory=list)


def read_summary(notebook: Any) -> Summary:
    """The report in short, with the words that its pages show."""
    pieces = [read_markup(html) for html in _shown(notebook)]
    summary = Summary(pictures=_pictures(pieces))
    for piece in pieces:
        if (title := piece.first("header", name="title")) and not summary.title:
            summary.title, summary.subtitle = _words(title.first("h1")), _words(title.first(name="subtitle"))
        if (sentences := piece.first("ul", name="headlines")) and not summary.headlines:
            summary.headlines = [_headline(item) for item in sentences.all("li")]
            summary.lead = _words(piece.first("p", name="lead"))
        if (table := piece.first("table", name="scorecard")) and not summary.card:
            summary.card = _card(table, _words(piece.first("h2")))
    return summary


def for_everybody(notebook: Any) -> Any:
    """The notebook without the cells that show what is not for everybody who gets the e-mail."""
    cells = [cell for cell in notebook.cells if not any(map(_is_kept_back, cell.get("outputs", [])))]
    return type(notebook)({**notebook, "cells": cells})


def _is_kept_back(output: Any) -> bool:
    return output.get("data", {}).get(SECTION_TYPE, {}).get("anchor") in KEPT_BACK


def _shown(notebook: Any) -> Iterator[str]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if html := output.get("data", {}).get("text/html"):
                yield str(html)


def _words(node: Node | None, small: bool | None = None) -> str:
    """An element's text in one line: all of it, only what is small in it, or only the rest."""
    if node is None:
        return ""
    if small:
        return _one_line(" ".join(part.text() for part in node.all("small")))
    return _one_line(node.text(lambda part: part.tag == "svg" or (small is False and part.tag == "small")))


def _one_line(text: str) -> str:
    """Line breaks of the page become spaces; the hard spaces in numbers stay."""
    return re.sub("[ \\t\\r\\n]+", " ", plain(text)).strip()


def _headline(item: Node) -> Headline:
    mark = item.first("span", name="mark")
    known = [status for key, status in STATUSES.items() if mark and key in mark.classes]
    text = _one_line(item.text(lambda part: part is mark))
    return Headline(text, known[0].shape if known else "", known[0].colour if known else QUIET)


def _card(table: Node, title: str) -> Card:
    rows = list(table.all("tr"))
    # An e-mail shows no SVG: the columns of drawings are left out.
    drawn = {place for row in rows for place, cell in enumerate(row.all("td", "th")) if cell.first("svg")}
    heads = [_cell(cell) for place, cell in enumerate(rows[0].all("td", "th")) if place not in drawn]
    return Card(title, tuple(heads), tuple(_row(row, drawn) for row in rows[1:]))


def _row(row: Node, drawn: set[int]) -> Row:
    if "group" in row.classes:
        return Row(group=_words(row))
    return Row(cells=tuple(_cell(cell) for place, cell in enumerate(row.all("td", "th")) if place not in drawn))


def _cell(cell: Node) -> Cell:
    badge = cell.first("span", name="status")
    status = next((key for key in STATUSES if badge and key in badge.classes), "")
    colour = COLOURS.get(status, QUIET)
    align = "right" if "num" in cell.classes else "left"
    bold = "value" in cell.classes or status == "missed"
    return Cell(_words(cell, small=False), _words(cell, small=True), align, colour, bold)


def _pictures(pieces: list[Node]) -> list[Picture]:
    """The first picture of each of the sections that say most, then of the others."""
    found: dict[str, Picture] = {}
    for piece in pieces:
        section = piece.first("h2")
        anchor = section.attrs.get("id", "") if section else ""
        figure = piece.first("figure")
        if figure and anchor not in KEPT_BACK and anchor not in found and (picture := _picture(figure)):
            found[anchor] = picture
    order = [*(anchor for anchor in PICTURED if anchor in found), *(key for key in found if key not in PICTURED)]
    return [found[anchor] for anchor in order[:MOST_PICTURES]]


def _picture(figure: Node) -> Picture | None:
    image = figure.first("img")
    if image is None or not image.attrs.get("src", "").startswith(_PNG):
        return None
    width, height = (int(image.attrs.get(name) or 0) for name in ("width", "height"))
    return Picture(
        _words(figure.first(name="finding")), _words(figure.first(name="subtitle")), plain(image.attrs.get("alt", "")),
        base64.b64decode(image.attrs["src"].removeprefix(_PNG)), WIDTH, round(height * WIDTH / width) if width else 0,
    )  # fmt: skip
