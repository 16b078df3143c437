"""The parameters of a notebook: names and types are checked before it runs, for papermill would only warn."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import N_, _

_TYPES = {
    bool: N_("true or false"), int: N_("a whole number"), float: N_("a number"), str: N_("text"), list: N_("a list"),
    dict: N_("a table of names and values"),
}  # fmt: skip
_FLAGS = {"true": True, "false": False}


def check_parameters(notebook: Path, given: Mapping[str, Any]) -> None:
    """KitError for a parameter that the notebook does not have, or whose type is not that of its default.

    Papermill writes names and values into the notebook as code: nothing gets there that is no literal.
    """
    types = parameter_types(notebook)
    for name, value in given.items():
        expected = _type_of(name, types)
        if not _is_literal(value):
            found = _("parameter {name} = {value} cannot be written into a notebook.")
            step = _("Give text in letters that UTF-8 knows, numbers, lists or tables of these.")
            raise KitError(found.format(name=name, value=repr(value)), step)
        if expected and type(value) is not expected and not (expected is float and type(value) is int):
            raise _wrong(name, value, expected)


def read_parameters(notebook: Path, texts: Mapping[str, str]) -> dict[str, Any]:
    """Values written as text, in the types of the notebook's defaults; KitError names what is unknown or unreadable."""
    types = parameter_types(notebook)
    values = {name: _read(name, text, _type_of(name, types)) for name, text in texts.items()}
    check_parameters(notebook, values)
    return values


def parameter_types(notebook: Path) -> dict[str, type | None]:
    """The notebook's parameters and the types of their defaults; None where the default says nothing."""
    tree = ast.parse(_parameters_cell(notebook))
    declared = {
        target.id: node.value
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    return {name: _default_type(default) for name, default in declared.items()}


def _parameters_cell(notebook: Path) -> str:
    """The code of the cell tagged "parameters": the one that papermill puts the given values after."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    found = (cell["source"] for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    return "".join(next(found, ""))


def _default_type(default: ast.expr) -> type | None:
    try:
        found = type(ast.literal_eval(default))
    except ValueError:
        return None
    return found if found in _TYPES else None


def _is_literal(value: Any) -> bool:
    """Whether papermill writes the value as a literal: what it does not know it quotes without escaping it."""
    if type(value) is dict:
        return all(type(key) is str and _is_literal(key) and _is_literal(inner) for key, inner in value.items())
    if type(value) is list:
        return all(map(_is_literal, value))
    if type(value) is str:
        return not any("\ud800" <= char <= "\udfff" for char in value)
    return value is None or type(value) in (bool, int, float)


def _type_of(name: str, types: Mapping[str, type | None]) -> type | None:
    if name not in types:
        raise KitError(_("there is no parameter {name}.").format(name=repr(name)), did_you_mean(name, types))
    return types[name]


def _read(name: str, text: str, expected: type | None) -> Any:
    if expected in (str, None):
        return text
    try:
        if expected is bool:
            return _FLAGS[text.strip().lower()]
        if expected in (int, float):
            return expected(text)  # type: ignore[misc]
        value = json.loads(text)
    except (ValueError, KeyError):
        raise _wrong(name, text, expected) from None
    if type(value) is not expected:
        raise _wrong(name, text, expected)
    return value


def _wrong(name: str, value: Any, expected: Any) -> KitError:
    return KitError(
        _("parameter {name} = {value} must be {expected}.").format(
            name=name, value=repr(value), expected=_(_TYPES[expected])
        )
    )
