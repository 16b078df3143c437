"""Rows that were added up beforehand, and single rows beside them, read by the ordinary rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.channels import ChannelRule
from kpi_helpers.exports.columns import Column, ColumnReader
from kpi_helpers.exports.dates import Period, find_stated_period
from kpi_helpers.exports.layout import Rule
from kpi_helpers.exports.normalise import _fills, _read_table, _refuse_undated, _shown_columns
from kpi_helpers.exports.reading import TableReading
from kpi_helpers.exports.recognise import Match
from kpi_helpers.exports.rows import Rows
from kpi_helpers.exports.scanning import Groups
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.exports.totals import HALF_A_CENT
from kpi_helpers.exports.words import Words
from kpi_helpers.terms import TABLES, ColumnType

MILLION = 1_000_000


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
class Judged:
    """What the rows gave, and the groups that have to be read row by row: one of their rows, or all, cannot be used."""

    tables: list[TableReading]
    doubtful: set[int]


def read_groups(
    groups: Groups, single: Mapping[int, list[str]], sheet: Sheet, match: Match, company: Company,
    channels: Sequence[ChannelRule], named: Period | None,
) -> Judged:
    """A reading for each table of groups and of `single` rows by line; `sheet` is the head of the file.

    Raises KitError as the ordinary reading does.
    """  # fmt: skip
    body = _body(groups, single, match.headings)
    rows = Rows.of(body, match.layout, Sheet(body.rows, body.lines.tolist(), sheet.encoding, cut_off=sheet.cut_off))
    above = sheet.rows[: match.row]
    period = find_stated_period(above) or named
    preamble = "\n".join(" ".join(cells) for cells in above)
    sums = {place: np.where(groups.filled[place] > 0, sums / MILLION, np.nan) for place, sums in groups.sums.items()}
    reader = GroupReader(body.where(rows.read), company, channels, preamble, period, sums)
    _refuse_undated(match.layout, reader)
    weights = np.concatenate([groups.rows, np.ones(len(single), dtype="int64")])
    tables = [
        _weighted(_read_table(TABLES[table], match.layout, rules, reader, rows, body), rows, weights)
        for table, rules in match.layout.tables.items()
        if _fills(TABLES[table], match.layout, rules, reader)
    ]
    tables = [
        replace(table, known=match.known, rival=match.rival, rival_known=match.rival_known,
                yields_to=match.layout.yields_to, shown_columns=_shown_columns(match.layout, body))
        for table in tables
    ]  # fmt: skip
    faulty = {-1 - problem.line for table in tables for problem in table.problems if problem.line < 0}
    several = np.flatnonzero(rows.totals[: len(groups.rows)] & (groups.rows > 1))
    return Judged(tables, faulty | set(several.tolist()))


def _body(groups: Groups, single: Mapping[int, list[str]], headings: list[str]) -> Body:
    """The groups, each on a line below 0, then the single rows in their order."""
    lines = sorted(single)
    unlike_any = [[group] for group in range(len(groups.rows))]  # no row of text is equal to it
    body = Body(headings, [*unlike_any, *(single[line] for line in lines)],  # type: ignore[list-item]
                np.concatenate([-1 - np.arange(len(groups.rows)), np.array(lines, dtype="int64")]))  # fmt: skip
    for place in range(len(headings)):
        found = Words.of([single[line][place] if place < len(single[line]) else "" for line in lines])
        codes, words = _of_groups(groups, place)
        body._words[place] = Words(np.concatenate([codes, found.codes + len(words)]), [*words, *found.words])
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
    slack = HALF_A_CENT * (int(weights[rows.read].sum()) + 1)
    checks = tuple(replace(check, slack=slack if check.slack else 0.0) for check in table.checks)
    return replace(
        table, rows_in=rows_in, totals=totals, used=rows_in - totals - table.rejected - table.continued,
        set_aside=int(weights[rows.set_aside].sum()), checks=checks,
    )  # fmt: skip
