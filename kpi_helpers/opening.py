"""Files that people write (settings, goals, schemes, plans, trees), opened: their text, and YAML as it is written."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kpi_helpers.errors import KitError, at_line
from kpi_helpers.language import _


def read_bytes(path: Path, largest: float = math.inf, too_large: str = "") -> bytes:
    """What is in a file; KitError where it cannot be opened, or (saying `too_large`) has more than `largest` bytes."""
    try:
        if path.stat().st_size > largest:
            raise KitError(too_large, where=path.name)
        return path.read_bytes()
    except OSError as error:
        raise KitError(_("cannot be opened: {reason}.").format(reason=error.strerror), where=path.name) from None


def read_text(path: Path, largest: float = math.inf, too_large: str = "") -> str:
    """The text of a file in UTF-8; KitError as of `read_bytes` and `decode`."""
    return decode(read_bytes(path, largest, too_large), path.name)


def decode(data: bytes, file: str) -> str:
    """Bytes as text; KitError where they are no UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise KitError(_("is not saved as UTF-8."), _("Save it again in that encoding."), where=file) from None


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file says; KitError names the line that cannot be read."""
    text = read_text(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        named = re.search(r"at line (\d+)", str(error))
        line = int(named[1]) if named else text.count("\n", 0, len(text.rstrip())) + 1
        raise KitError(
            _("line {line} cannot be read: {text}.").format(line=line, text=text.split("\n")[line - 1].strip()[:60]),
            _("Write it as {example}: text in straight quotes, brackets closed, every setting once.").format(
                example='name = "Acme"'
            ),
            where=path.name,
        ) from None


def compose(text: str, file: str) -> Any:
    """The nodes of a YAML file, from which nothing has been built, so that no file can do harm; KitError at no YAML."""
    import yaml

    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "context", None) or type(error).__name__
        raise KitError(
            _("it is no YAML: {reason}.").format(reason=reason),
            _("Look at the indents, colons and quotation marks."),
            where=at_line(file, mark.line + 1) if mark else file,
        ) from None


def line_of(node: Any) -> int:
    """The line on which a YAML node begins."""
    return int(node.start_mark.line) + 1


def scalar_text(node: Any) -> str:
    """A YAML scalar as it is written; nothing is ""."""
    return "" if node.tag.endswith(":null") else str(node.value)


def texts_of(pairs: Iterable[tuple[Any, Any]], where: str) -> dict[str, str]:
    """Names and values of a YAML mapping as text, the names in lower case; KitError where a value is more than one."""
    said: dict[str, str] = {}
    for name, value in pairs:
        if name.id != "scalar" or value.id != "scalar":
            raise KitError(_("{name} holds more than one value.").format(name=str(name.value)[:40]), where=where)
        said[name.value.strip().casefold()] = scalar_text(value)
    return said
