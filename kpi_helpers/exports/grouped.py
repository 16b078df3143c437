"""Rows that were added up beforehand, and the single rows beside them, read by the ordinary rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.channels import ChannelRule
from kpi_helpers.exports.columns import Column, ColumnReader
from kpi_helpers.exports.dates import Period, find_stated_period
from kpi_helpers.exports.hidden_totals import labelled_days
from kpi_helpers.exports.layout import Rule
from kpi_helpers.exports.normalise import fills, read_table, shown_columns
from kpi_helpers.exports.numbers import decimal_signs
from kpi_helpers.exports.outline import Outline
from kpi_helpers.exports.periods import refuse_undated
from kpi_helpers.exports.quoting import Dialect, parse
from kpi_helpers.exports.reading import TableReading
from kpi_helpers.exports.recognise import Match, unread_headings
from kpi_helpers.exports.rows import Rows
from kpi_helpers.exports.scanning import (
    MOST_ODD,
    NOTHING,
    Groups,
    Irregular,
    Source,
    Way,
    find_lines,
    read_lines,
    repeated_lines,
)
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.exports.totals import explained
from kpi_helpers.exports.words import Words
from kpi_helpers.terms import TABLES, ColumnType

MILLION = 1_000_000
_ROUNDS = 3
_UNCLEAR = re.compile(r"\D*[1-9]\d{0,2}[.,]\d{3}\D*")


@dataclass(frozen=True)
class GroupReader(ColumnReader):
    """Reads a body whose rows below line 0 are groups: -1 is the first. `sums` are theirs, by column."""

    sums: Mapping[int, np.ndarray] = field(default_factory=dict)

    def _heading(self, rule: Rule, kind: ColumnType) -> Column:
        column = super()._heading(rule, kind)
        place = self.body.column(rule.heading)
        if place is None or place not in self.sums:
            return column
        groups = self.body.lines < 0
        values = column.values.to_numpy(dtype="float64", copy=True)
        added = self.sums[place][-1 - self.body.lines[groups]]
        values[groups] = np.where(np.isnan(added), values[groups], added)
        return replace(column, values=pd.Series(values))


@dataclass(frozen=True)
class _Judged:
    """What the rows gave, and the groups that have to be read row by row: one of their rows, or all, cannot be used."""

    tables: list[TableReading]
    doubtful: set[int]


def _read_groups(
    groups: Groups, single: Mapping[int, list[str]], sheet: Sheet, match: Match, company: Company,
    channels: Sequence[ChannelRule], named: Period | None,
) -> _Judged:
    """A reading for each table of groups and of `single` rows by line; `sheet` is the head of the file.

    Raises KitError as the ordinary reading does.
    """  # fmt: skip
    body = _body(groups, single, match.headings)
    if labelled_days(body, match.layout).any():
        raise Irregular  # sums of groups do not show whether such a row adds up others
    rows = Rows.of(body, match.layout, Sheet(body.rows, body.lines.tolist(), sheet.encoding, cut_off=sheet.cut_off))
    above = sheet.rows[: match.row]
    period = find_stated_period(above) or named
    preamble = "\n".join(" ".join(cells) for cells in above)
    sums = {place: np.where(groups.filled[place] > 0, sums / MILLION, np.nan) for place, sums in groups.sums.items()}
    reader = GroupReader(body.where(rows.read), company, channels, preamble, period, sums)
    refuse_undated(match.layout, reader)
    weights = np.concatenate([groups.rows, np.ones(len(single), dtype="int64")])
    tables = [
        _weighted(read_table(TABLES[table], match.layout, rules, reader, rows, body), rows, weights)
        for table, rules in match.layout.tables.items()
        if fills(TABLES[table], match.layout, rules, reader)
    ]
    tables = [
        replace(table, known=match.known, rival=match.rival, rival_known=match.rival_known,
                yields_to=match.layout.yields_to, shown_columns=shown_columns(match.layout, body),
                width=len(match.headings), not_read=unread_headings(match))
        for table in tables
    ]  # fmt: skip
    faulty = {-1 - problem.line for table in tables for problem in table.problems if problem.line < 0}
    several = np.flatnonzero(rows.totals[: len(groups.rows)] & (groups.rows > 1))
    return _Judged(tables, faulty | set(several.tolist()))


def _body(groups: Groups, single: Mapping[int, list[str]], headings: list[str]) -> Body:
    """The groups, each on a line below 0, then the single rows in their order."""
    lines = sorted(single)
    unlike_any = list(map(str, range(len(groups.rows))))  # in place of cells
    body = Body(headings, [*unlike_any, *(single[line] for line in lines)],  # type: ignore[list-item]
                np.concatenate([-1 - np.arange(len(groups.rows)), np.array(lines, dtype="int64")]))  # fmt: skip
    for place in range(len(headings)):
        found = Words.of([single[line][place] if place < len(single[line]) else "" for line in lines])
        codes, words = _of_groups(groups, place)
        body._words[place] = Words(np.concatenate([codes, found.codes + len(words)]), [*words, *found.words])
    widths = [np.full(len(groups.rows), len(headings)), np.array([len(single[line]) for line in lines], dtype="int64")]
    body.__dict__["widths"] = np.concatenate(widths)
    return body


def _of_groups(groups: Groups, place: int) -> tuple[np.ndarray, list[str]]:
    """The cells of the groups in a column; "1" stands for the sum of numbers."""
    if place in groups.keys:
        key = groups.keys.index(place)
        return groups.codes[key], [word.strip() for word in groups.words[key]]
    if place in groups.filled:
        return np.where(groups.filled[place] > 0, 0, 1), ["1", ""]
    return np.zeros(len(groups.rows), dtype="int64"), [""]


def _weighted(table: TableReading, rows: Rows, weights: np.ndarray) -> TableReading:
    """The account of the rows that the groups hold."""
    rows_in, totals = int(weights.sum()), int(weights[rows.totals].sum())
    slack = explained(int(weights[rows.read].sum()))
    checks = tuple(replace(check, slack=slack if check.slack else 0.0) for check in table.checks)
    return replace(
        table, rows_in=rows_in, totals=totals, used=rows_in - totals - table.rejected - table.continued,
        set_aside=int(weights[rows.set_aside].sum()), checks=checks,
    )  # fmt: skip


@dataclass
class GroupedRows:
    """Groups of rows, and the single rows that cannot be added up, found by their lines."""

    sheet: Sheet
    match: Match
    dialect: Dialect
    numbers: Mapping[int, Way]
    source: Source
    groups: Groups
    outline: Outline
    company: Company
    channels: Sequence[ChannelRule]
    named: Period | None

    def read(self) -> tuple[TableReading, ...]:
        """The tables. Raises Irregular where the ordinary way is for the file."""
        self._check_lines()
        repeated = self._repeated()
        doubtful = self._begun_blank()
        for _round in range(_ROUNDS):
            single = repeated | self._find(doubtful, repeated)
            kept = np.delete(np.arange(len(self.groups.rows)), sorted(doubtful))
            kept = kept[self.groups.rows[kept] > 0]
            groups = self.groups.take(kept)
            self._check_numbers(single.values())
            sheet = replace(self.sheet, cut_off=not self.outline.closed and self.outline.lines in single)
            found = _read_groups(groups, single, sheet, self.match, self.company, self.channels, self.named)
            if not found.doubtful:
                return tuple(found.tables)
            doubtful |= set(kept[sorted(found.doubtful)].tolist())
        raise Irregular

    def _begun_blank(self) -> set[int]:
        """The groups whose first cell is blank: which of the others is the first filled one differs from row to row."""
        blank = np.array([not word.strip() for word in self.groups.words[0]], dtype=bool)
        return set(np.flatnonzero(blank[self.groups.codes[0]]).tolist())

    def _check_lines(self) -> None:
        """Raises where rows are not lines, one each: every line must be accounted for."""
        rows = int(self.groups.rows.sum()) + len(self.groups.odd) + len(self.groups.rejected)
        marked = any("\ufeff" in word for words in self.groups.words for word in words)
        if marked or self.outline.lines != self.source.skip + rows + self.outline.blank:
            raise Irregular
        if len(self.groups.odd) > MOST_ODD or len(self.groups.rejected) >= MOST_ODD:
            raise Irregular

    def _cells(self, line: str) -> list[str]:
        records = parse(line.replace("\ufeff", ""), self.dialect)
        cells = records.rows[0] if len(records.rows) == 1 and not records.damaged else []
        if len(cells) < 2 or "\n" in line or line.startswith("# ") or not "".join(cells).strip() or "\x1a" in line:
            raise Irregular
        return cells

    def _signature(self, cells: list[str]) -> tuple[str, ...]:
        places = (*self.groups.keys, *self.groups.sums)
        return tuple(cells[place] if place < len(cells) else "" for place in places)

    def _repeated(self) -> dict[int, list[str]]:
        """The rows that stand twice or more; they are taken out of their groups."""
        if not self.groups.alike:
            return {}
        suspects = repeated_lines(self.source)
        suspects = suspects[suspects <= self.outline.lines - self.outline.blank]
        if len(suspects) > MOST_ODD:
            raise Irregular
        rejected, odd = set(self.groups.rejected), set(self.groups.odd)
        texts = read_lines(self.source, suspects.tolist())
        rows = {line: self._cells(text) for line, text in texts.items() if text not in rejected}
        often = Counter(map(tuple, rows.values()))
        rows = {line: cells for line, cells in rows.items()
                if often[tuple(cells)] > 1 and self._signature(cells) not in odd}  # fmt: skip
        groups = self._group_numbers({self._signature(cells)[: len(self.groups.keys)] for cells in rows.values()})
        for cells in rows.values():
            self._take_out(groups[self._signature(cells)[: len(self.groups.keys)]], cells)
        return rows

    def _group_numbers(self, wanted: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
        if not wanted:
            return {}
        firsts = {texts[0] for texts in wanted}
        among = np.array([word in firsts for word in self.groups.words[0]], dtype=bool)[self.groups.codes[0]]
        found = ((self.groups.texts(group), group) for group in np.flatnonzero(among).tolist())
        return {texts: group for texts, group in found if texts in wanted}

    def _take_out(self, group: int, cells: list[str]) -> None:
        self.groups.rows[group] -= 1
        for place, way in self.numbers.items():
            amount = way.millionths(cells[place] if place < len(cells) else "")
            if amount is not None:
                self.groups.sums[place][group] -= amount
                self.groups.filled[place][group] -= 1

    def _find(self, doubtful: Collection[int], known: Collection[int]) -> dict[int, list[str]]:
        """The rows of doubtful groups, those whose numbers are not plain, and those that DuckDB rejected."""
        odd, rejected = Counter(self.groups.odd), set(self.groups.rejected)
        texts = {self.groups.texts(group): int(self.groups.rows[group]) for group in doubtful}
        if not odd and not texts and not rejected:
            return {}
        lines = find_lines(self.source, set(map(self._telling, (*odd, *texts))), rejected)
        if len(lines) > MOST_ODD:
            raise Irregular
        cells = {line: self._cells(text) for line, text in lines.items() if line not in known}
        single = {line: row for line, row in cells.items()
                  if lines[line] in rejected or self._is_asked(row, odd, texts)}  # fmt: skip
        if len(single) != sum(odd.values()) + sum(texts.values()) + len(self.groups.rejected):
            raise Irregular
        return single

    def _is_asked(self, cells: list[str], odd: Collection[tuple[str, ...]], texts: Collection[tuple[str, ...]]) -> bool:
        signature = self._signature(cells)
        return signature in odd or signature[: len(self.groups.keys)] in texts

    def _telling(self, row: tuple[str, ...]) -> str:
        """A word by which the row is found: a number that is not plain, or the rarest of its texts."""
        keys = len(self.groups.keys)
        ways = zip(row[keys:], self.numbers.values(), strict=False)
        odd = next((word for word, way in ways if word.strip() not in NOTHING and way.millionths(word) is None), "")
        found = [(self._often[place].get(word, 0), word) for place, word in enumerate(row[:keys]) if word.strip()]
        if not odd and not found:
            raise Irregular
        return odd or min(found)[1]

    @cached_property
    def _often(self) -> list[dict[str, float]]:
        """How many rows of groups each text is in, by key."""
        counts = (np.bincount(codes, self.groups.rows, len(words))
                  for codes, words in zip(self.groups.codes, self.groups.words, strict=True))  # fmt: skip
        return [dict(zip(words, found.tolist(), strict=True))
                for words, found in zip(self.groups.words, counts, strict=True)]  # fmt: skip

    def _check_numbers(self, rows: Collection[list[str]]) -> None:
        """Raises where a number of a single row is read by what the others of its column show: that was not kept."""
        for place, way in self.numbers.items():
            words = Words.of([cells[place] for cells in rows if place < len(cells)]).words
            others = [word for word in words if way.millionths(word) is None]
            if any(map(_UNCLEAR.fullmatch, others)) or (way.thousands == "," and "," in decimal_signs(others)):
                raise Irregular
