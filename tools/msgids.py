"""Collects the messages that a user reads: from code, templates, layouts and the prose of notebooks."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from babel.messages.extract import extract
from jinja2.ext import babel_extract

from tools.prose import FOLDERS, messages_of

KEYWORDS: Any = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
JINJA = {"silent": "false", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}  # as nbconvert's templates have them
SHOWN_BY_LAYOUTS = ("name", "get", "unused")
SHOWN_BY_TREES = ("name", "lever", "cost")


@dataclass(frozen=True)
class Message:
    """A message in English (one and many where it has a plural), the file it stands in, and its context."""

    id: str | tuple[str, str]
    file: str
    context: str | None = None


def messages_of_code(root: Path) -> Iterator[Message]:
    """The messages of the package: its modules, its templates, its layouts, its trees."""
    package = root / "kpi_helpers"
    for file in sorted(package.rglob("*.py")):
        yield from _said_by_module(file, file.relative_to(root).as_posix())
    templates = package / "templates"
    for file in sorted([*templates.rglob("*.html"), *templates.rglob("*.j2")]):
        yield from _said_by_template(file, file.relative_to(root).as_posix())
    for file in sorted((package / "exports" / "layouts").glob("*.toml")):
        yield from _shown_by_layout(file, root)
    for file in sorted((package / "trees").glob("*.yml")):
        yield from _shown_by_tree(file, root)


def messages_of_notebooks(root: Path) -> Iterator[Message]:
    """The messages of the English notebooks."""
    for folder, notebook in english_notebooks(root).items():
        for text in messages_of(notebook):
            yield Message(text, f"notebooks/{folder}")


def english_notebooks(root: Path) -> dict[PurePosixPath, Any]:
    """The notebooks that are written in English, by their path below notebooks/."""
    home = root / "notebooks"
    files = sorted([*home.glob("*.ipynb"), *(file for name in FOLDERS for file in (home / name).rglob("*.ipynb"))])
    return {
        PurePosixPath(file.relative_to(home).as_posix()): nbformat.read(file, as_version=4)
        for file in files
        if ".ipynb_checkpoints" not in file.parts
    }


def _said_by_module(file: Path, name: str) -> Iterator[Message]:
    """The messages of a module, read with `ast`, which sees calls inside f-strings, too. ValueError for `_(f"…")`."""
    for node in _in_order(ast.parse(file.read_text(encoding="utf-8"), filename=name)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS):
            continue
        if any(isinstance(argument, ast.JoinedStr) for argument in node.args):
            raise ValueError(f"{name}, line {node.lineno}: an f-string cannot be translated; use {{name}} and format()")
        texts = [word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
        match node.func.id, texts:
            case "ngettext", [one, many]:
                yield Message((one, many), name)
            case "pgettext", [context, text]:
                yield Message(text, name, context)
            case "_" | "N_", [text] if text:
                yield Message(text, name)


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)


def _said_by_template(file: Path, name: str) -> Iterator[Message]:
    method: Any = babel_extract
    with open(file, "rb") as opened:
        for _line, text, _comments, context in extract(method, opened, KEYWORDS, options=JINJA):
            if text:
                yield Message(text if isinstance(text, str) else (text[0], text[1]), name, context)


def _shown_by_tree(file: Path, root: Path) -> Iterator[Message]:
    import yaml

    tree = yaml.safe_load(file.read_text(encoding="utf-8"))
    texts = [tree["name"], *(node.get(key) for node in tree["nodes"].values() for key in SHOWN_BY_TREES)]
    yield from (Message(text, file.relative_to(root).as_posix()) for text in texts if text)


def _shown_by_layout(file: Path, root: Path) -> Iterator[Message]:
    layout = tomllib.loads(file.read_text(encoding="utf-8"))
    for key in SHOWN_BY_LAYOUTS:
        if layout.get(key):
            yield Message(layout[key], file.relative_to(root).as_posix())
