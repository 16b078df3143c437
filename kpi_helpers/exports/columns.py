"""One canonical column from the rule that a layout gives for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.channels import UNKNOWN, ChannelRule, find_channels
from kpi_helpers.exports.dates import read_days, read_times
from kpi_helpers.exports.layout import Rule
from kpi_helpers.exports.numbers import read_numbers
from kpi_helpers.exports.people import hide
from kpi_helpers.exports.values import Parsed, plain, read_flags, read_ids, read_text
from kpi_helpers.formula import parse
from kpi_helpers.language import N_
from kpi_helpers.terms import ColumnType

NEGATIVE = N_("cannot be negative")
BELOW_ZERO = N_("contradict each other: the result is below zero")
OUT_OF_RANGE = N_("lies outside what the layout allows")
CHECK_VALUE = N_("Correct it at its source and export it again.")


@dataclass(frozen=True)
class CellFault:
    """Cells of one column that cannot be used: which rows, the heading, the cells, why, and what to do."""

    rows: np.ndarray
    heading: str
    cells: pd.Series
    reason: str
    remedy: str


@dataclass(frozen=True)
class Column:
    """The values of a canonical column and its faults."""

    values: pd.Series
    faults: list[CellFault] = field(default_factory=list)


def faulty_rows(faults: list[CellFault], rows: int) -> np.ndarray:
    """Which of the `rows` have a fault."""
    return np.any([np.zeros(rows, dtype=bool), *(fault.rows for fault in faults)], axis=0)


@dataclass(frozen=True)
class ColumnReader:
    """Reads canonical columns of one body for one company."""

    body: Body
    company: Company
    channels: Sequence[ChannelRule]

    def can_read(self, rule: Rule) -> bool:
        """Whether the body has the headings that the rule needs."""
        if rule.first:
            return any(map(self.can_read, rule.first))
        if rule.formula:
            return all(inner.empty is not None or self.can_read(inner) for inner in rule.where.values())
        if rule.channel:
            return any(self.can_read(inner) for inner in rule.channel.values())
        if rule.heading:
            needed = [rule.heading, *([rule.when.heading] if rule.when else [])]
            return all(self.body.column(heading) is not None for heading in needed)
        return rule.const is not None

    def read(self, rule: Rule, kind: ColumnType) -> Column:
        """The column, all missing where it cannot be read."""
        if rule.first:
            return self._first([self.read(inner, kind) for inner in rule.first if self.can_read(inner)], kind)
        if rule.channel:
            return self._channel(rule)
        if not self.can_read(rule):
            return Column(self._constant(rule.empty, kind))
        if rule.formula:
            return self._formula(rule, kind)
        if rule.heading is None:
            return Column(self._constant(rule.const, kind))
        return self._heading(rule, kind)

    def cells(self, rule: Rule) -> pd.Series:
        """The text under the rule's heading, after `extract`."""
        column = self.body.column(rule.heading)
        assert column is not None
        cells = self.body.cells(column)
        return cells.str.extract(rule.extract, expand=False).fillna("") if rule.extract else cells

    def missing(self, kind: ColumnType) -> pd.Series:
        """A column without values."""
        return self._constant(None, kind)

    def _heading(self, rule: Rule, kind: ColumnType) -> Column:
        cells = self.cells(rule)
        meant = self.body.meets(rule.when) if rule.when else np.ones(len(cells), dtype=bool)
        parsed = self._parse(cells.where(meant, ""), rule, kind)
        values = parsed.values
        if rule.empty is not None:
            values = values.fillna(rule.empty)
        if rule.when and not rule.must_be_listed:
            values = values.where(meant, None if rule.otherwise == "" else rule.otherwise)
        column = self.body.column(rule.heading)
        heading = " ".join(self.body.headings[column or 0].split())
        shown = pd.Series("", index=cells.index, dtype=object) if kind == "person" else cells
        return Column(values, [CellFault(rows, heading, shown, *text) for rows, *text in parsed.faults])

    def _parse(self, cells: pd.Series, rule: Rule, kind: ColumnType) -> Parsed:
        match kind:
            case "date":
                return read_days(cells, zone=self.company.timezone, order=rule.order, last=rule.last)
            case "time":
                return read_times(cells, zone=self.company.timezone, order=rule.order)
            case "count" | "number" | "money":
                return self._number(cells, rule, kind)
            case "flag":
                return self._flag(cells, rule)
            case "id":
                return read_ids(cells)
            case "person":
                return read_text(cells, hide)
        return read_text(cells, lambda word: self._listed(rule, word))

    def _number(self, cells: pd.Series, rule: Rule, kind: ColumnType) -> Parsed:
        whole = kind == "count"
        parsed = read_numbers(cells, whole=whole, seconds=rule.seconds, scale=rule.scale, decimal=self.body.decimal)
        low = 0 if whole and rule.min is None else rule.min
        below = parsed.values < (-np.inf if low is None else low)
        above = parsed.values > (np.inf if rule.max is None else rule.max)
        reason = NEGATIVE if rule.min is None and rule.max is None else OUT_OF_RANGE
        outside = (below | above).to_numpy(dtype=bool)
        faults = [*parsed.faults, *([(outside, reason, CHECK_VALUE)] if outside.any() else [])]
        return Parsed(parsed.values.mask(outside), faults)

    def _flag(self, cells: pd.Series, rule: Rule) -> Parsed:
        if rule.filled:
            return read_flags(cells, {}, otherwise=True)
        if rule.names:
            names = [plain(name) for name in self.company.survey.get(rule.names, ())]
            return read_flags(cells.map(lambda text: next(("yes" for name in names if name in plain(text)), text)),
                              {"yes": True}, otherwise=False)  # fmt: skip
        if rule.stages:
            return read_flags(cells, self._stages(rule.stages), otherwise=None)
        otherwise = ... if rule.must_be_listed or rule.when else None if rule.otherwise == "" else rule.otherwise
        return read_flags(cells, rule.values or None, otherwise=otherwise)

    def _stages(self, kind: str) -> dict[str, bool | None]:
        yes = self.company.qualified_stages if kind == "qualified" else self.company.won_stages
        lost = dict.fromkeys(map(plain, self.company.lost_stages), False) if yes else {}
        return {**lost, **dict.fromkeys(map(plain, yes), True)}

    def _listed(self, rule: Rule, word: str) -> str | None:
        listed = rule.values.get(plain(word))
        if listed is None and rule.values and not rule.must_be_listed:
            return str(rule.otherwise) or None
        return " ".join(word.split()) if listed is None else str(listed)

    def _first(self, columns: list[Column], kind: ColumnType) -> Column:
        values = self.missing(kind)
        faults: list[CellFault] = []
        for column in columns:
            still = values.isna().to_numpy()
            faults += [fault for fault in column.faults if (fault.rows & still).any()]
            values = values.where(~still, column.values)
        return Column(values, faults)

    def _formula(self, rule: Rule, kind: ColumnType) -> Column:
        inner = {name: self.read(part, "number") for name, part in rule.where.items()}
        with np.errstate(all="ignore"):
            values = parse(rule.formula).evaluate({name: column.values for name, column in inner.items()})
        values = values.where(np.isfinite(values))
        faults = [fault for column in inner.values() for fault in column.faults]
        below = (values < 0).to_numpy() & (kind == "count")
        if below.any():
            values = values.mask(below)
            faults.append(CellFault(below, *self.shown(rule), BELOW_ZERO, CHECK_VALUE))
        return Column(values.round() if rule.round else values, faults)

    def shown(self, rule: Rule) -> tuple[str, pd.Series]:
        """The headings that a column is made of, and their cells."""
        places = [place for heading in rule.headings if (place := self.body.column(heading)) is not None]
        cells = [self.body.cells(place) for place in places]
        names = " / ".join(" ".join(self.body.headings[place].split()) for place in places)
        return names, pd.Series(map(" / ".join, zip(*cells, strict=True)), dtype=object)

    def _channel(self, rule: Rule) -> Column:
        parts = {
            name: self.read(rule.channel[name], "text").values if name in rule.channel else self.missing("text")
            for name in ("source", "medium", "campaign")
        }
        found = find_channels(parts["source"], parts["medium"], parts["campaign"], self.channels)
        empty = UNKNOWN if rule.empty is None else rule.empty or None
        return Column(found.fillna(empty) if empty else found)

    def _constant(self, value: Any, kind: ColumnType) -> pd.Series:
        dtypes: Mapping[str, str] = {
            "date": "datetime64[us]", "time": f"datetime64[us, {self.company.timezone}]", "flag": "boolean",
            "count": "float64", "number": "float64", "money": "float64",
        }  # fmt: skip
        return pd.Series(value, index=range(len(self.body.rows)), dtype=dtypes.get(kind, "str"))
