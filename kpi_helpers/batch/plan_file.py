"""The plan as it is written, YAML or a table: fields by name, as text, each entry with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kpi_helpers.errors import KitError, at_line, did_you_mean
from kpi_helpers.language import _
from kpi_helpers.opening import compose, decode, line_of, read_bytes, scalar_text

LARGEST_FILE = 5_000_000  # bytes
LARGEST_VALUE = 10_000  # nodes of one parameter: references can make millions of a short file
ONE = ("client", "folder", "goals", "language", "currency")
SEVERAL = ("reports", "months", "products")
OF_CLIENTS = (*ONE, *SEVERAL, "parameters")
OF_PLANS = ("out", "time_limit", "language", "currency", *SEVERAL, "parameters", "clients")
RUSSIAN = {"клиент": "client", "папка": "folder", "цели": "goals", "язык": "language", "валюта": "currency",
           "отчёты": "reports", "отчеты": "reports", "месяцы": "months", "файлы": "products"}  # fmt: skip
YAML = (".yml", ".yaml")
_BETWEEN = re.compile(r"[,;\n]+")


@dataclass
class Entry:
    """A client of the plan, or what the plan says of all; `one`, `several` and `parameters` hold the fields given.

    `unread` are fields that are there and cannot be read: they are not missing.
    """

    where: str
    one: dict[str, str] = field(default_factory=dict)
    several: dict[str, list[str]] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)


def read_entries(path: Path) -> tuple[Entry, list[Entry], list[KitError]]:
    """What the plan says of all, its clients, and what is wrong in it; KitError where it cannot be read at all."""
    read = _read_yaml if path.suffix.casefold() in YAML else _read_table
    return read(read_bytes(path, LARGEST_FILE, _("it is too large for a plan.")), path.name)


def _unknown(name: str, known: tuple[str, ...], where: str) -> KitError:
    step = did_you_mean(name, (*known, *RUSSIAN)) or did_you_mean(name, known)
    return KitError(_("unknown field {name}.").format(name=repr(name[:40])), step, where=where)


def _words(text: str) -> list[str]:
    return [word.strip() for word in _BETWEEN.split(text) if word.strip()]


def _read_table(data: bytes, file: str) -> tuple[Entry, list[Entry], list[KitError]]:
    """A table as spreadsheets save it: whatever its encoding and delimiter."""
    from kpi_helpers.exports.dialect import read_sheets

    try:
        sheet = read_sheets(data)[0]
    except KitError as error:
        raise KitError(error.found, error.next_step, where=file) from None
    filled = [(line, row) for line, row in zip(sheet.lines, sheet.rows, strict=True) if any(map(str.strip, row))]
    (first, headings), *rows = filled
    names = [RUSSIAN.get(name := heading.strip().casefold(), name) for heading in headings]
    known = tuple(name for name in OF_CLIENTS if name != "parameters")
    errors = [_unknown(name, known, at_line(file, first)) for name in names if name and name not in known]
    errors += [_twice(name, at_line(file, first)) for name in known if names.count(name) > 1]
    entries = []
    for line, row in rows:
        given = {name: cell.strip() for name, cell in zip(names, row, strict=False) if cell.strip()}
        if len(row) > len(names) and any(map(str.strip, row[len(names) :])):
            errors.append(KitError(_("there are more cells than headings."), where=at_line(file, line)))
        one = {name: given[name] for name in ONE if name in given}
        several = {name: _words(given[name]) for name in SEVERAL if name in given}
        entries.append(Entry(at_line(file, line), one, several))
    return Entry(file), entries, errors


def _twice(name: str, where: str) -> KitError:
    return KitError(_("{name} stands here twice.").format(name=name), where=where)


def _read_yaml(data: bytes, file: str) -> tuple[Entry, list[Entry], list[KitError]]:
    """Values are taken as they are written and nothing is built from them, so that no file can do harm."""
    top = compose(decode(data, file), file)
    if top is None or top.id != "mapping":
        example = "clients:\n- client: Acme\n  folder: acme".replace("\n", " ")
        raise KitError(_("it is no plan."), _("Begin it with {example}.").format(example=example), where=file)
    errors: list[KitError] = []
    clients = next((value for key, value in top.value if key.value == "clients"), None)
    defaults = _entry(top, OF_PLANS, file, errors)
    defaults.where = file
    if clients is not None and clients.id != "sequence":
        errors.append(KitError(_("clients must be a list."), where=at_line(file, line_of(clients))))
        clients = None
    entries = []
    for node in clients.value if clients else ():
        if node.id == "mapping":
            entries.append(_entry(node, OF_CLIENTS, file, errors))
        else:
            found = _("names with values are expected here.")
            errors.append(KitError(found, where=at_line(file, line_of(node))))
    return defaults, entries, errors


def _entry(node: Any, known: tuple[str, ...], file: str, errors: list[KitError]) -> Entry:
    """The fields of a mapping; what is wrong in them goes to `errors`."""
    entry = Entry(at_line(file, line_of(node)))
    seen: set[str] = set()
    for key, value in node.value:
        where = at_line(file, line_of(key))
        name = str(key.value).strip().casefold() if key.id == "scalar" else "?"
        name = RUSSIAN.get(name, name)
        if name not in known:
            errors.append(_unknown(name, known, where))
        elif name in seen:
            errors.append(_twice(name, where))
        elif name != "clients":
            _take(name, value, entry, where, errors)
        seen.add(name)
    return entry


def _take(name: str, value: Any, entry: Entry, where: str, errors: list[KitError]) -> None:
    try:
        if name == "parameters":
            entry.parameters = _parameters(value)
        elif name in SEVERAL:
            texts = [_text(item) for item in value.value] if value.id == "sequence" else [_text(value)]
            words = [word for text in texts for word in _words(text)]
            if words or value.id == "sequence":  # a field without a value says nothing, an empty list says: none
                entry.several[name] = words
        else:
            entry.one[name] = _text(value)
            if name == "out" and not value.tag.endswith((":str", ":null")):
                found = _("{value} is not read as a name.").format(value=repr(entry.one[name][:40]))
                raise KitError(found, _("Put a folder's name of this kind into quotation marks."))
    except KitError as error:
        entry.unread.add(name)
        errors.append(KitError(error.found, error.next_step, where=where))


def _text(node: Any) -> str:
    if node.id != "scalar":
        raise KitError(_("one value is expected here."))
    return scalar_text(node).strip()


def _parameters(node: Any) -> dict[str, str]:
    """Parameters as text: a list or a mapping is written as JSON."""
    if node.id != "mapping":
        raise KitError(_("names with values are expected here."))
    try:
        return _as_texts(node)
    except RecursionError:  # a list that holds itself
        raise KitError(_("it is too large for a parameter.")) from None


def _as_texts(node: Any) -> dict[str, str]:
    given: dict[str, str] = {}
    for key, value in node.value:
        name = _text(key)
        if name in given:
            raise KitError(_("{name} stands here twice.").format(name=name))
        given[name] = _text(value) if value.id == "scalar" else json.dumps(_built(value, [LARGEST_VALUE]))
    return given


_SCALARS: Mapping[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:int": int, "tag:yaml.org,2002:float": float, "tag:yaml.org,2002:null": lambda _text: None,
    "tag:yaml.org,2002:bool": lambda text: text.casefold() in ("true", "yes", "on"),
}  # fmt: skip


def _built(node: Any, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise KitError(_("it is too large for a parameter."))
    if node.id == "sequence":
        return [_built(item, left) for item in node.value]
    if node.id == "mapping":
        return {_text(key): _built(value, left) for key, value in node.value}
    try:
        return _SCALARS.get(node.tag, str)(node.value)
    except ValueError:
        return str(node.value)
