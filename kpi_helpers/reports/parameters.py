"""The parameters of a notebook: names and types are checked before it runs, for papermill would only warn."""

from __future__ import annotations

import ast
import json
import warnings
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
    """KitError for a parameter that the notebook does not have, or whose type is not that of its default."""
    types = parameter_types(notebook)
    for name, value in given.items():
        expected = _type_of(name, types)
        if expected and type(value) is not expected and not (expected is float and type(value) is int):
            raise _wrong(name, value, expected)


def read_parameters(notebook: Path, texts: Mapping[str, str]) -> dict[str, Any]:
    """Values written as text, in the types of the notebook's defaults; KitError names what is unknown or unreadable."""
    types = parameter_types(notebook)
    return {name: _read(name, text, _type_of(name, types)) for name, text in texts.items()}


def parameter_types(notebook: Path) -> dict[str, type | None]:
    """The notebook's parameters and the types of their defaults; None where the default says nothing."""
    import papermill

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        declared = papermill.inspect_notebook(str(notebook))
    return {name: _default_type(parameter["default"]) for name, parameter in declared.items()}


def _default_type(text: str) -> type | None:
    try:
        found = type(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return None
    return found if found in _TYPES else None


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
