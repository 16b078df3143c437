"""Collects the messages that a user reads: from code, templates, layouts and the prose of notebooks."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from babel.messages.extract import extract, extract_python
from jinja2.ext import babel_extract

from tools.prose import FOLDERS, messages_of

KEYWORDS: Any = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
JINJA = {"silent": "false", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}  # as nbconvert's templates have them
SHOWN_BY_LAYOUTS = ("name", "get")


@dataclass(frozen=True)
class Message:
    """A message in English (one and many where it has a plural), the file it stands in, and its context."""

    id: str | tuple[str, str]
    file: str
    context: str | None = None


def messages_of_code(root: Path) -> Iterator[Message]:
    """The messages of the package: its modules, its templates, its layouts."""
    package = root / "kpi_helpers"
    for file in sorted(package.rglob("*.py")):
        yield from _extracted(extract_python, file, root)
    templates = package / "templates"
    for file in sorted([*templates.rglob("*.html"), *templates.rglob("*.j2")]):
        yield from _extracted(babel_extract, file, root, JINJA)
    for file in sorted((package / "exports" / "layouts").glob("*.toml")):
        yield from _shown_by_layout(file, root)


def messages_of_notebooks(root: Path) -> Iterator[Message]:
    """The messages of the English notebooks."""
    for folder, notebook in english_notebooks(root).items():
        for text in messages_of(notebook):
            yield Message(text, f"notebooks/{folder}")


def english_notebooks(root: Path) -> dict[PurePosixPath, Any]:
    """The notebooks that are written in English, by their path below notebooks/."""
    home = root / "notebooks"
    files = sorted(file for folder in FOLDERS for file in (home / folder).rglob("*.ipynb"))
    return {
        PurePosixPath(file.relative_to(home).as_posix()): nbformat.read(file, as_version=4)
        for file in files
        if ".ipynb_checkpoints" not in file.parts
    }


def _extracted(method: Callable[..., Any], file: Path, root: Path, options: Any = None) -> Iterator[Message]:
    name = file.relative_to(root).as_posix()
    with open(file, "rb") as opened:
        for _line, text, _comments, context in extract(method, opened, KEYWORDS, options=options):
            if text:
                yield Message(text if isinstance(text, str) else (text[0], text[1]), name, context)


def _shown_by_layout(file: Path, root: Path) -> Iterator[Message]:
    layout = tomllib.loads(file.read_text(encoding="utf-8"))
    for key in SHOWN_BY_LAYOUTS:
        if layout.get(key):
            yield Message(layout[key], file.relative_to(root).as_posix())
