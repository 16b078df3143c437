"""One canonical column from the rule that a layout gives for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.channels import UNKNOWN, ChannelRule, find_channels
from kpi_helpers.exports.dates import Period, read_days, read_times
from kpi_helpers.exports.headings import Heading
from kpi_helpers.exports.layout import Rule
from kpi_helpers.exports.numbers import number_words
from kpi_helpers.exports.people import hide, hide_within
from kpi_helpers.exports.values import Parsed, plain, read_flags, read_ids, read_text
from kpi_helpers.exports.words import Words
from kpi_helpers.formula import parse
from kpi_helpers.language import N_
from kpi_helpers.terms import ColumnType

NOT_WHOLE = N_("is a count and must be whole")
NEGATIVE = N_("cannot be negative")
BELOW_ZERO = N_("contradict each other: the result is below zero")
UNCLEAR_UNIT = N_("may be in millionths or in whole units of money")
ASK_UNITS = N_("Export it with returnMoneyInMicros: false.")
OUT_OF_RANGE = N_("lies outside what the layout allows")
CHECK_VALUE = N_("Correct it at its source and export it again.")


@dataclass(frozen=True)
class CellFault:
    """Cells of one column that cannot be used: which rows, the heading, the cells, why, and what to do."""

    rows: np.ndarray
    heading: str
    cells: Words
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
    """Reads canonical columns of one body for one company.

    `preamble` is what stands above the headings, `period` the first and last day that it, or the file's name, states.
    """

    body: Body
    company: Company
    channels: Sequence[ChannelRule]
    preamble: str = ""
    period: Period | None = None
    _missing: dict[str, pd.Series] = field(default_factory=dict, init=False)

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
            if rule.counted and not self.period:
                return False
            return all(self.body.column(heading) is not None for heading in needed)
        if rule.stated:
            return self.period is not None
        if rule.preamble:
            return re.search(rule.preamble, self.preamble) is not None
        return rule.const is not None

    def usable(self, rule: Rule) -> list[Rule]:
        """The single rules of a list that can be read, in order; a stated period only instead of a column."""
        found = [inner for inner in rule.first or (rule,) if self.can_read(inner)]
        return [inner for inner in found if not inner.stated] or found

    def read(self, rule: Rule, kind: ColumnType) -> Column:
        """The column, all missing where it cannot be read."""
        if rule.first:
            return self._first((self.read(inner, kind) for inner in self.usable(rule)), kind)
        if rule.channel:
            return self._channel(rule)
        if not self.can_read(rule):
            return Column(self.missing(kind))
        if rule.formula:
            return self._formula(rule, kind)
        if rule.stated and self.period:
            return Column(self._constant(self.period[-1 if rule.last else 0], kind))
        if rule.heading is None and not rule.preamble:
            return Column(self._constant(rule.const, kind))
        return self._heading(rule, kind)

    def cells(self, rule: Rule) -> Words:
        """The text under the rule's heading (or the one that the preamble says), after `extract`."""
        if found := re.search(rule.preamble, self.preamble) if rule.preamble else None:
            return Words(np.zeros(len(self.body.rows), dtype="int64"), [str(found[1] or "")])
        cells = self._filled(rule.heading)
        if rule.clock and self.body.column(rule.clock) is not None:
            clock = self._filled(rule.clock)
            cells = Words.of([f"{cells[row]} {clock[row]}" if cells[row] else "" for row in range(len(cells))])
        if rule.counted and self.period:
            return cells.map(lambda word: _day_after(self.period, word))
        return cells.map(lambda word: _found(rule.extract, word)) if rule.extract else cells

    def _filled(self, heading: Heading | None) -> Words:
        """The cells under a heading; where several columns have it, the first filled cell of each row."""
        first = self.body.column(heading)
        assert first is not None
        names = self.body.plain_headings
        cells = self.body.cells(first)
        for place in range(first + 1, len(names)) if names.count(names[first]) > 1 else ():
            if names[place] == names[first]:
                cells = cells.filled.or_else(self.body.cells(place))
        return cells

    def missing(self, kind: ColumnType) -> pd.Series:
        """A column without values."""
        if kind not in self._missing:
            self._missing[kind] = self._constant(None, kind)
        return self._missing[kind]

    def _heading(self, rule: Rule, kind: ColumnType) -> Column:
        cells = self.cells(rule)
        meant = self.body.meets(rule.when) if rule.when else np.ones(len(cells), dtype=bool)
        parsed = self._parse(cells.only(meant) if rule.when else cells, rule, kind)
        values = parsed.values
        if not parsed.faults and rule.empty is None and not rule.when:
            return Column(values)
        if rule.empty is not None:
            values = values.fillna(rule.empty)
        if rule.when and not rule.must_be_listed:
            values = values.where(meant, None if rule.otherwise == "" else rule.otherwise)
        column = self.body.column(rule.heading)
        heading = " ".join(self.body.headings[column or 0].split())
        shown = cells.map(lambda word: "") if kind == "person" else cells
        return Column(values, [CellFault(rows, heading, shown, *text) for rows, *text in parsed.faults])

    def _parse(self, cells: Words, rule: Rule, kind: ColumnType) -> Parsed:
        match kind:
            case "date":
                return read_days(cells, zone=self.company.timezone, order=rule.order, last=rule.last, span=rule.span)
            case "time":
                return read_times(cells, zone=self.company.timezone, order=rule.order, assumed=rule.zone)
            case "count" | "number" | "money":
                return self._number(cells, rule, kind)
            case "flag":
                return self._flag(cells, rule)
            case "id":
                return read_ids(cells)
            case "person":
                return read_text(cells, hide)
        return read_text(cells, lambda word: self._listed(rule, word))

    def _number(self, cells: Words, rule: Rule, kind: ColumnType) -> Parsed:
        whole = kind == "count"
        scale, unclear = _scale(cells.filled.words) if rule.millionths else (rule.scale, False)
        if unclear:
            filled = cells.filled
            everything = np.ones(len(filled.words), dtype=bool)
            return Parsed.of(filled, np.full(len(filled.words), np.nan), [(everything, UNCLEAR_UNIT, ASK_UNITS)])
        filled, numbers, faults = number_words(cells, whole, rule.seconds, scale, self.body.decimal)
        low = 0 if whole and rule.min is None else rule.min
        below = numbers < (-np.inf if low is None else low)
        outside = below | (numbers > (np.inf if rule.max is None else rule.max))
        reason = NEGATIVE if rule.min is None and rule.max is None else OUT_OF_RANGE
        broken = np.zeros(len(numbers), dtype=bool)
        if whole:
            broken |= ~np.isnan(numbers) & (numbers % 1 != 0)
            broken |= np.array(["%" in word for word in filled.words], dtype=bool)
        faults = [*faults, (outside, reason, CHECK_VALUE), (broken & ~outside, NOT_WHOLE, CHECK_VALUE)]
        return Parsed.of(filled, np.where(outside | broken, np.nan, numbers), faults)

    def _flag(self, cells: Words, rule: Rule) -> Parsed:
        if rule.filled:
            return read_flags(cells, {}, otherwise=True)
        if rule.names:
            names = [plain(name) for name in self.company.survey.get(rule.names, ())]
            named = cells.map(lambda text: "yes" if any(name in plain(text) for name in names) else text)
            return read_flags(named, {"yes": True}, otherwise=False)
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
        return hide_within(" ".join(word.split())) if listed is None else str(listed)

    def _first(self, columns: Iterator[Column], kind: ColumnType) -> Column:
        first = next(columns, None) or Column(self.missing(kind))
        values, faults = first.values, [*first.faults]
        while (still := values.isna().to_numpy()).any() and (column := next(columns, None)):
            faults += [fault for fault in column.faults if (fault.rows & still).any()]
            values = values.where(~still, column.values)
        return Column(values, faults)

    def _formula(self, rule: Rule, kind: ColumnType) -> Column:
        inner = {
            name: self.read(part, "number") if self.can_read(part) else Column(self._constant(part.empty, "number"))
            for name, part in rule.where.items()
        }
        with np.errstate(all="ignore"):
            values = parse(rule.formula).evaluate({name: column.values for name, column in inner.items()})
        values = values.where(np.isfinite(values))
        faults = [fault for column in inner.values() for fault in column.faults]
        low = 0.0 if kind == "count" and rule.min is None else -np.inf if rule.min is None else rule.min
        outside = ~values.between(low, np.inf if rule.max is None else rule.max).to_numpy() & values.notna().to_numpy()
        if outside.any():
            values = values.mask(outside)
            reason = BELOW_ZERO if rule.min is None and rule.max is None else OUT_OF_RANGE
            faults.append(CellFault(outside, *self.shown(rule), reason, CHECK_VALUE))
        return Column(values.round() if rule.round else values, faults)

    def shown(self, rule: Rule) -> tuple[str, Words]:
        """The headings that a column is made of, and their cells."""
        places = [place for heading in rule.headings if (place := self.body.column(heading)) is not None]
        cells = [self.body.cells(place) for place in places]
        names = " / ".join(" ".join(self.body.headings[place].split()) for place in places)
        rows = range(len(self.body.rows))
        return names, Words.of([" / ".join(column[row] for column in cells) for row in rows])

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


def _found(pattern: str, word: str) -> str:
    found = re.search(pattern, word)
    return (found[1] or "") if found else ""


def _day_after(period: Period | None, word: str) -> str:
    """The day that is so many days after the period's first one; the word itself where it is no such number."""
    if period is None or not re.fullmatch(r"\d{1,4}", word):
        return word
    return (period[0] + timedelta(days=int(word))).isoformat()


def _scale(words: list[str]) -> tuple[float, bool]:
    """The factor of money that may be in millionths, and whether that stays unclear.

    Amounts with decimals are no millionths. Whole ones are where all are whole hundredths of a unit and some are more
    than a unit.
    """
    if any(not re.fullmatch(r"-?\d{1,18}", word) for word in words):
        return 1.0, False
    amounts = [abs(int(word)) for word in words]
    return 1e-6, any(amount % 10_000 for amount in amounts) or 0 < max(amounts, default=0) < 1_000_000
