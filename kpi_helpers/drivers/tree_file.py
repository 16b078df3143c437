"""Trees from YAML files: taken as they are written, checked line by line."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path
from typing import Any

from kpi_helpers.catalogue import KPIS
from kpi_helpers.drivers.tree import UNITS, Node, Tree
from kpi_helpers.errors import KitError, KitErrors, at_line, did_you_mean
from kpi_helpers.formula import LARGEST
from kpi_helpers.language import N_, _
from kpi_helpers.lettering import cut_middle, plain
from kpi_helpers.opening import compose, line_of, read_text, scalar_text

FOLDER = Path(__file__).resolve().parent.parent / "trees"
LARGEST_FILE = 200_000  # bytes
LONGEST_KEY = 60  # characters
BEGIN = N_("Begin with name, top and nodes, as the trees that come with the kit do.")
PARTS = ("name", "top", "nodes")
OF_BRANCHES = ("name", "unit", "style", "formula")
OF_LEAVES = (
    "name", "unit", "style", "measured", "value", "owner", "lever", "cost", "price", "speed", "norm", "low", "high",
)  # fmt: skip
NUMBERS = ("value", "norm", "low", "high")
OF_THE_CATALOGUE = ("unit", "style", "measured")


def list_trees() -> list[str]:
    """The names of the trees that come with the kit."""
    return sorted(file.stem for file in FOLDER.glob("*.yml"))


def read_tree(path: str | Path) -> Tree:
    """A tree by its file, or by its name where it comes with the kit.

    Nothing is built from the file but text and numbers. KitError (KitErrors) names each line that is wrong, what is
    wrong with it and what to do.

    >>> read_tree("shop").top
    'revenue'
    """
    file = FOLDER / f"{path}.yml" if str(path) in list_trees() else Path(path)
    if file.suffix.casefold() not in (".yml", ".yaml"):
        found = _("there is no tree {name}.").format(name=repr(cut_middle(path, 60)))
        raise KitError(found, did_you_mean(str(path), list_trees()))
    text = read_text(file, LARGEST_FILE, _("it is too large for a tree."))
    parts = dict(_fields(compose(text, file.name), PARTS, file.name))
    for name in PARTS:
        if name not in parts:
            raise KitError(_("there is no {name}.").format(name=name), _(BEGIN), where=file.name)
    nodes: dict[str, Node] = {}
    errors: list[KitError] = []
    for key, value in _pairs(parts["nodes"], file.name):
        try:
            name = _key(key, nodes, file.name)
            nodes[name] = _node(name, value, line_of(key), file.name)
        except KitError as error:
            errors.append(error)
    if errors:
        raise KitErrors.of(errors)
    return Tree(_scalar(parts["name"], file.name), _scalar(parts["top"], file.name), nodes, file.name)


def _pairs(node: Any, where: str) -> Iterator[tuple[Any, Any]]:
    if node is None or node.id != "mapping":
        place = at_line(where, line_of(node)) if node else where
        raise KitError(_("names with values are expected here."), _(BEGIN), where=place)
    yield from node.value


def _fields(node: Any, known: tuple[str, ...], where: str) -> Iterator[tuple[str, Any]]:
    """The fields of a mapping; KitError for one that is unknown or stands twice."""
    seen: set[str] = set()
    for key, value in _pairs(node, where):
        name = _scalar(key, where)
        if name not in known:
            found = _("unknown setting {key}.").format(key=repr(cut_middle(name, 40)))
            raise KitError(found, did_you_mean(name, known), where=at_line(where, line_of(key)))
        if name in seen:
            raise KitError(_("{name} stands here twice.").format(name=name), where=at_line(where, line_of(key)))
        seen.add(name)
        yield name, value


def _scalar(node: Any, where: str) -> str:
    if node.id != "scalar":
        raise KitError(_("one value is expected here."), where=at_line(where, line_of(node)))
    return plain(scalar_text(node))


def _key(node: Any, known: dict[str, Node], where: str) -> str:
    """The key of a node: a single name, as formulas use them."""
    key = _scalar(node, where)
    written = len(key) <= LONGEST_KEY and key.isidentifier() and unicodedata.is_normalized("NFKC", key)
    if not written or iskeyword(key):
        found = _("{key} cannot be the key of a node.").format(key=repr(cut_middle(key, 40)))
        raise KitError(found, _("Use letters, digits and underscores."), where=at_line(where, line_of(node)))
    if key in known:
        raise KitError(_("{name} stands here twice.").format(name=key), where=at_line(where, line_of(node)))
    return key


def _node(key: str, value: Any, line: int, where: str) -> Node:
    is_branch = value.id == "mapping" and any(name.value == "formula" for name, _value in value.value)
    fields = dict(_fields(value, OF_BRANCHES if is_branch else OF_LEAVES, where))
    said: dict[str, Any] = {name: _scalar(node, where) for name, node in fields.items()}
    said |= {name: _number(said[name], fields[name], where) for name in NUMBERS if said.get(name)}
    said = {name: value for name, value in said.items() if value != ""}
    place = at_line(where, line)
    if key in UNITS:
        if not said.keys().isdisjoint(OF_THE_CATALOGUE):
            raise KitError(
                _("{key} is in the catalogue, which knows its unit and how it is measured.").format(key=key),
                _("Remove {fields}, or give the node another key.").format(fields=", ".join(OF_THE_CATALOGUE)),
                where=place,
            )
        said["unit"] = UNITS[key]
        if key in KPIS and KPIS[key].interval == "proportion" and not is_branch:
            said.setdefault("high", 1.0)
    elif not said.get("unit") or not said.get("name"):
        raise KitError(
            _("{key} is not in the catalogue.").format(key=key),
            did_you_mean(key, UNITS) or _("Give it a name and a unit."), where=place,
        )  # fmt: skip
    own = {"own_name": said.pop("name", ""), "own_style": said.pop("style", "")}
    return Node(key, line=line, **own, **said)


def _number(text: str, node: Any, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) < LARGEST:
        found = _("{value} is not a number.").format(value=repr(cut_middle(text, 40)))
        step = _("Write it with digits, shares as fractions: 0.8 is 80 %.")
        raise KitError(found, step, where=at_line(where, line_of(node)))
    return number
