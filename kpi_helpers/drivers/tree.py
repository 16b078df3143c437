"""Trees of KPIs: what the top is made of, down to the leaves that somebody can move."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from kpi_helpers.catalogue import KPIS, expanded
from kpi_helpers.errors import KitError, KitErrors, at_line, did_you_mean
from kpi_helpers.formula import Formula, check_unit, parse, read_unit
from kpi_helpers.labels import OWNERS, STYLES, kpi_name
from kpi_helpers.language import N_, _
from kpi_helpers.lettering import cut_middle
from kpi_helpers.terms import MEASURES

SPEEDS = {"day": N_("within a day"), "month": N_("within a month"), "year": N_("within a year")}
MOST_TERMS = 500  # of a formula over leaves alone
UNITS = {**{key: row.unit for key, row in KPIS.items()}, **{key: row.unit for key, row in MEASURES.items()}}


@dataclass(frozen=True)
class Node:
    """A node of a tree: a KPI or measure of the catalogue, or one of the tree's own with a name and a unit.

    A branch has a `formula` over other nodes. A leaf has an `owner`, a `lever` (what the owner does), what it costs in
    words, a `speed` of SPEEDS, bounds `low` and `high`, and perhaps a `norm` (NaN: none) and a `price`, a formula for
    the money that one unit more costs. `measured` says how a leaf of the tree's own is reckoned from measures; `value`
    (NaN: none) stands where nothing is measured. Shares are fractions.
    """

    key: str
    unit: str
    own_name: str = ""
    formula: str = ""
    measured: str = ""
    owner: str = ""
    lever: str = ""
    cost: str = ""
    price: str = ""
    speed: str = ""
    own_style: str = ""
    value: float = math.nan
    norm: float = math.nan
    low: float = 0.0
    high: float = math.inf
    line: int = 0

    @property
    def is_leaf(self) -> bool:
        """Whether somebody moves it directly."""
        return not self.formula

    @property
    def style(self) -> str:
        """How its value is written: as the catalogue or the file says, or as its unit suggests."""
        if self.key in KPIS or self.own_style:
            return KPIS[self.key].style if self.key in KPIS else self.own_style
        unit = read_unit(self.unit)
        if unit.get("money"):
            return "money"
        return "share" if not unit else "count" if min(unit.values()) > 0 else "ratio"

    @property
    def name(self) -> str:
        """The name as a heading, in the reader's language."""
        return _(self.own_name) or kpi_name(self.key)


@dataclass(frozen=True)
class Tree:
    """A tree of KPIs, in order: every formula has the unit of its node, and none leads back to itself.

    KitError names the line of the file (where there is one) and what to do. Branches beside the top (the spend that the
    same visits cost) may share its leaves.
    """

    own_name: str
    top: str
    nodes: Mapping[str, Node]
    file: str = ""

    def __post_init__(self) -> None:
        if self.top not in self.nodes:
            found = _("the top {name} is no node of the tree.").format(name=repr(cut_middle(self.top, 40)))
            raise KitError(found, did_you_mean(self.top, self.nodes), where=self.file)
        errors: list[KitError] = []
        for node in self.nodes.values():
            try:
                _check_style(node)
                _check_leaf(node, self.units) if node.is_leaf else check_formula(node.formula, node.unit, self.units)
            except KitError as error:
                errors.append(KitError(error.found, error.next_step, where=self.place(node)))
        if errors:
            raise KitErrors.of(errors)
        self._check_order()

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return _(self.own_name)

    @property
    def units(self) -> dict[str, str]:
        """The unit of each node."""
        return {key: node.unit for key, node in self.nodes.items()}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The nodes, each after those it is made of."""
        return tuple(TopologicalSorter({key: self.children(key) for key in self.nodes}).static_order())

    @property
    def leaves(self) -> tuple[Node, ...]:
        """The nodes that somebody moves directly, in the order of the file."""
        return tuple(node for node in self.nodes.values() if node.is_leaf)

    def children(self, key: str) -> tuple[str, ...]:
        """The nodes that a node is made of."""
        return parse(self.nodes[key].formula).names if self.nodes[key].formula else ()

    def leaves_below(self, key: str) -> set[str]:
        """The leaves that a node rests on: itself where it is one."""
        return {name for name in (key, *self._below[key]) if self.nodes[name].is_leaf}

    def formula_of(self, key: str = "", *, down_to: str = "") -> Formula:
        """The formula of a node (the top where none is named) over leaves alone: what `split_change` takes.

        `down_to` names a branch that is kept as it is.
        """
        branches = {
            name: parse(node.formula) for name, node in self.nodes.items() if not node.is_leaf and name != down_to
        }
        return parse(key or self.top).expand(branches)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures of the catalogue that the leaves are reckoned from."""
        texts = [leaf.measured or leaf.key for leaf in self.leaves]
        names = {name for text in texts for name in parse(text).names}
        parts = {part for name in names for part in (expanded(name).names if name in KPIS else (name,))}
        return tuple(sorted(parts & set(MEASURES)))

    def at(self, top: str) -> Tree:
        """The tree with another of its nodes as the top: without what lies above that node, and what only that needs.

        Branches beside the top stay where they can still be reckoned. KitError where there is no such node.
        """
        passed = {key for key in {self.top, *self.below(self.top)} if top in self.below(key)}
        kept = {key: node for key, node in self.nodes.items() if not {key, *self.below(key)} & passed}
        used = {child for key in kept for child in self.children(key)}
        nodes = {key: node for key, node in kept.items() if not node.is_leaf or key in used or key == top}
        return replace(self, top=top, nodes=nodes)

    @property
    def beside(self) -> tuple[str, ...]:
        """The branches that stand in no formula and are not the top, in the order of the file: what it costs."""
        used = {child for key in self.nodes for child in self.children(key)}
        return tuple(key for key in self.nodes if key not in used and key != self.top)

    def place(self, node: Node) -> str:
        """Where a node stands: file and line."""
        return at_line(self.file, node.line) if self.file else node.key

    def below(self, key: str) -> set[str]:
        """All nodes that a node rests on, itself not among them."""
        return set(self._below[key])

    @cached_property
    def _below(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for key in self.order:
            children = self.children(key)
            found[key] = frozenset(children).union(*(found[child] for child in children))
        return found

    def _check_order(self) -> None:
        try:
            used = {name for key in self.order for name in self.children(key)}
        except CycleError as error:
            circle = " → ".join(map(str, error.args[1]))
            raise KitError(_("the formulas lead in a circle: {nodes}.").format(nodes=circle), where=self.file) from None
        self._check_size()
        for leaf in self.leaves:
            if leaf.key not in used and leaf.key != self.top:
                raise KitError(
                    _("{name} stands in no formula.").format(name=leaf.key),
                    _("Use it in the formula of a node, or remove it."), where=self.place(leaf),
                )  # fmt: skip


    def _check_size(self) -> None:
        """KitError where a formula over leaves alone would be endless: branches that share branches multiply."""
        sizes: dict[str, int] = {}
        for key in self.order:
            node = self.nodes[key]
            names = [part.id for part in ast.walk(parse(node.formula).tree) if isinstance(part, ast.Name)] if (
                node.formula) else []  # fmt: skip
            sizes[key] = sum(sizes[name] for name in names) if names else 1
            if sizes[key] > MOST_TERMS:
                raise KitError(
                    _("the formula of {name} grows beyond {most} terms.").format(name=node.key, most=MOST_TERMS),
                    _("Use each branch in fewer formulas."), where=self.place(node),
                )  # fmt: skip


def check_formula(text: str, unit: str, units: Mapping[str, str]) -> None:
    """KitError unless the formula has the unit; names the KPIs that are measured in the unit of a missing factor."""
    unknown = [name for name in parse(text).names if name not in units]
    if unknown:
        found = _("{name} stands in a formula and is not known.").format(name=cut_middle(unknown[0], 40))
        hint = "" if unknown[0] in UNITS else did_you_mean(unknown[0], units)
        raise KitError(found, hint or _("Add it to the nodes."))
    try:
        check_unit(text, unit, units)
    except KitError as error:
        if not (fitting := _missing_factors(text, unit, units)):
            raise
        said = ", ".join(f"{kpi_name(key)} ({key})" for key in fitting)
        raise KitError(error.found, f"{error.next_step} {_('Perhaps: {names}.').format(names=said)}") from None


def _missing_factors(text: str, unit: str, units: Mapping[str, str]) -> list[str]:
    """The KPIs that would make up for the unit, those that should be high first; none where unlike things are added."""
    try:
        found = read_unit(parse(text).unit(units))
    except KitError:
        return []
    wanted = read_unit(unit)
    gap = {word: wanted.get(word, 0) - found.get(word, 0) for word in {*wanted, *found}}
    gap = {word: power for word, power in gap.items() if power}
    near = [row for row in KPIS.values() if gap and read_unit(row.unit) == gap]
    return [row.key for row in sorted(near, key=lambda row: row.better != "higher")][:3]


def _check_style(node: Node) -> None:
    if node.own_style and node.own_style not in STYLES:
        found = _("there is no {field} {value}.").format(field="style", value=repr(cut_middle(node.own_style, 40)))
        raise KitError(found, did_you_mean(node.own_style, STYLES))


def _check_leaf(node: Node, units: Mapping[str, str]) -> None:
    for field in ("owner", "lever", "cost", "speed"):
        if not getattr(node, field):
            raise KitError(
                _("{node} has no {field}.").format(node=node.key, field=field),
                _("A leaf says who moves it, how, how fast and at what cost; a branch has a formula."),
            )
    for field, known in (("owner", OWNERS), ("speed", SPEEDS)):
        said = getattr(node, field)
        if said not in known:
            found = _("there is no {field} {value}.").format(field=field, value=repr(cut_middle(said, 40)))
            raise KitError(found, did_you_mean(said, known))
    if not node.low < node.high:
        raise KitError(_("the lower bound of {node} is not below the upper one.").format(node=node.key))
    for field, number in (("norm", node.norm), ("value", node.value)):
        if not math.isnan(number) and not node.low <= number <= node.high:
            raise KitError(
                _("the {field} of {node} is not within its bounds.").format(field=field, node=node.key),
                _("Write shares as fractions: 0.8 is 80 %."),
            )
    if node.measured:
        check_formula(node.measured, node.unit, UNITS)
    if node.price and parse(node.price).names:
        check_formula(f"({node.price}) * {node.key}", "money", units)
