"""A layout: how a platform's export is recognised and what its columns mean. Data; layout_file reads it from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from kpi_helpers.company import Company
from kpi_helpers.exports.headings import Heading
from kpi_helpers.exports.values import plain

_OTHERWISE_FAULT = object()


@dataclass(frozen=True)
class Condition:
    """Which rows: those whose cell under `heading` is one of `among` (or, with `negated`, is none of them)."""

    heading: Heading
    among: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Rule:
    """Where a canonical column comes from. See layouts/README.md for every key."""

    heading: Heading | None = None
    first: tuple[Rule, ...] = ()
    const: Any = None
    formula: str = ""
    where: Mapping[str, Rule] = field(default_factory=dict)
    round: bool = False
    channel: Mapping[str, Rule] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    otherwise: Any = _OTHERWISE_FAULT
    empty: Any = None
    extract: str = ""
    when: Condition | None = None
    filled: bool = False
    scale: float = 1.0
    seconds: bool = False
    last: bool = False
    order: str = ""
    min: float | None = None
    max: float | None = None
    stages: str = ""
    question: str = ""
    names: str = ""
    stated: bool = False
    counted: bool = False
    millionths: bool = False
    preamble: str = ""
    span: str = ""
    zone: str = ""
    clock: Heading | None = None

    @property
    def must_be_listed(self) -> bool:
        """Whether a flag that `values` does not list is a fault."""
        return self.otherwise is _OTHERWISE_FAULT

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """Every heading the rule may look for."""
        inner = [*self.first, *self.where.values(), *self.channel.values()]
        own = [self.heading, self.when.heading if self.when else None]
        return tuple(found for found in own if found) + tuple(item for rule in inner for item in rule.headings)


@dataclass(frozen=True)
class Each:
    """One row per column whose heading matches: the `*` of the heading becomes `name`, the cell `value`."""

    heading: Heading
    name: str
    value: str


@dataclass(frozen=True)
class Shape:
    """A column of a table without headings: the name to call it by, and what each of its cells looks like."""

    name: str
    pattern: str


@dataclass(frozen=True)
class Layout:
    """A platform's export. `tables`: canonical table -> column -> rule. See layouts/README.md for every key."""

    key: str
    name: str
    platform: str
    get: str
    required: tuple[Heading, ...]
    without: tuple[Heading, ...]
    preamble: str
    currency: Heading | None
    totals: tuple[Heading, ...]
    total_where_empty: Heading | None
    keep: tuple[Condition, ...]
    continued_where_empty: tuple[Heading, ...]
    continues: Heading | None
    tables: Mapping[str, Mapping[str, Rule]]
    each: Mapping[str, Each]
    questions: bool
    generic: bool = False
    shapes: tuple[Shape, ...] = ()
    last_is_total: bool = False
    repeats: bool = False
    yields_to: tuple[str, ...] = ()
    unused: str = ""
    own: bool = False  # of the company, and not of the kit

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """Every heading the layout knows: the required ones and those that it reads."""
        return (*self.required, *self.read)

    @cached_property
    def read(self) -> tuple[Heading, ...]:
        """The headings of its columns, and those by which rows are judged."""
        rules = [rule for columns in self.tables.values() for rule in columns.values()]
        columns = [heading for rule in rules for heading in rule.headings]
        judging = [self.currency, self.total_where_empty, self.continues, *(kept.heading for kept in self.keep)]
        clocks = [each.clock for rule in rules for each in (rule, *rule.first)]
        others = [heading for heading in (*judging, *clocks) if heading]
        return (*columns, *(each.heading for each in self.each.values()), *others)

    def asking(self, company: Company) -> Layout:
        """The layout with the company's own questions as headings, where it is the layout of a survey."""
        if not any(rule.question for rules in self.tables.values() for rule in rules.values()):
            return self
        tables = {
            table: {column: rule for column, old in rules.items() if (rule := _ask(old, company))}
            for table, rules in self.tables.items()
        }
        return replace(self, tables=tables)


def _ask(rule: Rule, company: Company) -> Rule | None:
    if not rule.question:
        return rule
    question = company.survey.get(rule.question, "")
    return replace(rule, heading=Heading((plain(str(question)),), str(question))) if question else None
