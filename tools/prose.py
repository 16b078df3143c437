"""The prose of notebooks: what in a markdown cell is translated, and the Russian notebook built from an English one.

A message is one paragraph, heading, list item or row of a table. Code, formulas and rules stay as they are.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import nbformat

FOLDERS = ("explore", "reports", "lessons")
STRUCTURE = re.compile(
    r"(?P<lead>\s*(?:>\s?)*)"  # indent and quotation
    r"(?P<marker>(?:#{1,6}|[-*+]|\d+[.)])\s+|(?=\|))?"  # heading, list item, row of a table
    r"(?P<text>.*?)(?P<end>\s+|\\)?$"  # words, and what may force a line break
)
FENCE = re.compile(r"\s*(```|~~~|\$\$)")
WORDLESS = re.compile(r"`[^`]*`|\$(?=\S)[^$]+(?<=\S)\$|<[^>]+>|https?://\S+")


@dataclass
class Piece:
    """A stretch of markdown: `text` is a message where it `speaks`; `before` and `after` stay as they are."""

    before: str
    text: str = ""
    after: str = ""
    speaks: bool = False


def split_markdown(source: str) -> list[Piece]:
    """The pieces of a markdown cell; each begins on a new line, and lines of one paragraph are joined.

    >>> [piece.text for piece in split_markdown("# Leads\\n\\nOne\\nparagraph.\\n- item") if piece.speaks]
    ['Leads', 'One paragraph.', 'item']
    """
    pieces: list[Piece] = []
    fence, growing = "", False
    for line in source.split("\n"):
        opened = FENCE.match(line)
        if fence or (opened and not _closes_itself(line, opened[1])):
            fence = "" if fence and fence in line else fence or (opened[1] if opened else "")
            pieces.append(Piece(line))
            growing = False
            continue
        found = STRUCTURE.match(line)
        assert found is not None
        lead, marker, text, end = found["lead"], found["marker"], found["text"], found["end"] or ""
        if growing and marker is None and text and lead.count(">") == pieces[-1].before.count(">"):
            pieces[-1].text += " " + text
            pieces[-1].after = end
        else:
            pieces.append(Piece(lead + (marker or ""), text, end))
        growing = bool(text) and end in ("", " ") and not (marker or "").startswith("#") and not text.startswith("|")
    for piece in pieces:
        piece.speaks = bool(re.search(r"[^\W\d_]", WORDLESS.sub("", piece.text)))
    return pieces


def _closes_itself(line: str, mark: str) -> bool:
    return line.count(mark) > 1


def messages_of(notebook: Any) -> Iterator[str]:
    """The messages of a notebook: its title, then the prose of its markdown cells."""
    if notebook.metadata.get("title"):
        yield notebook.metadata["title"]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield from (piece.text for piece in split_markdown(cell.source) if piece.speaks)


def build_russian(notebook: Any, folder: PurePosixPath, translate: Callable[[str], str]) -> str:
    """The file of the Russian notebook: prose translated, parameters set, everything else as in the English one.

    `folder` is where the English notebook lies below notebooks/. ValueError where its parameters have no `lang`.
    """
    russian = copy.deepcopy(notebook)
    if russian.metadata.get("title"):
        russian.metadata["title"] = translate(russian.metadata["title"])
    settings = {"lang": "ru", **russian.metadata.get("kpi", {}).pop("ru", {})}
    for cell in russian.cells:
        if cell.cell_type == "markdown":
            cell.source = _reach_further(_translated(cell.source, translate), len(folder.parts))
        elif cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            if "parameters" in cell.metadata.get("tags", ()):
                cell.source, settings = _set_parameters(cell.source, settings), {}
    if settings:
        raise ValueError("no cell is tagged parameters")
    return str(nbformat.writes(russian)).rstrip("\n") + "\n"


def _translated(source: str, translate: Callable[[str], str]) -> str:
    pieces = split_markdown(source)
    return "\n".join(p.before + (translate(p.text) if p.speaks else p.text) + p.after for p in pieces)


def _reach_further(source: str, depth: int) -> str:
    """Links that leave notebooks/ go up one folder more: the Russian notebook lies one folder deeper."""
    leaving = rf"""(\]\(|(?:src|href)=["'])(?={re.escape("../" * (depth + 1))})"""
    return re.sub(leaving, r"\1../", source)


def _set_parameters(source: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        given = re.compile(rf"""^({name}(?:\s*:\s*\w+)?\s*=\s*)("[^"\n]*"|'[^'\n]*')""", re.MULTILINE)
        literal = json.dumps(value, ensure_ascii=False).replace("\\", r"\\")
        source, count = given.subn(rf"\g<1>{literal}", source)
        if count != 1:
            raise ValueError(f"the parameters do not set {name} to a text once")
    return source
