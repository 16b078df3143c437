"""Sums: each table is summed at its own grain by period and dimension, then the sums are joined.

Tables of pandas are summed by numpy, those of Polars, DuckDB and Spark where their data is: the same sums to the last
digit, which is tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _
from kpi_helpers.measures import arrays
from kpi_helpers.measures.taking import DIMENSIONS, PERIODS, Spans, Sums, columns_of, taken_from
from kpi_helpers.terms import MEASURES, TABLES, UNKNOWN, Measure, Tables

__all__ = ["sum_measures"]

Reach = dict[str | None, tuple[np.datetime64, np.datetime64]]


def sum_measures(
    tables: Mapping[str, Any],
    every: str = "month",
    by: str | None = None,
    *,
    first_days: int | None = None,
    keys: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Sum measures by period, and by one dimension (`by`: "channel", "campaign", ...) where it is given.

    `tables` are what `read_exports` returns, or canonical tables by key: frames of pandas, Polars (also lazy) or Spark,
    or relations of DuckDB. In DuckDB and Spark times stand without zone, by the company's clock. `first_days` keeps the
    first n days of each month, to compare an unfinished month with the same days of others; `keys` are the measures,
    all of them without it. A row that speaks of more than a day (`since` is its first, its date the last) counts only
    where all of it lies in the period.

    Returns a row per period (and value of `by`), without gaps in the periods, and a column per measure. A measure is
    NaN where its table says nothing: missing is not zero. Measures that cannot be added (unique visitors) appear only
    for the period they were exported for. Amounts are taken to the millionth and added exactly, so that neither the
    order of the rows nor the engine changes a digit; a sum of 9 billion or more is rounded in its last digit, alike
    everywhere. KitError for an unknown period, dimension or measure, and for times with a zone in DuckDB and Spark.
    """
    if every not in PERIODS:
        raise KitError(_("periods are {choices}, not {found}.").format(choices=", ".join(PERIODS), found=repr(every)))
    if by and by not in DIMENSIONS:
        raise KitError(_("no table has a column {name} to sum by.").format(name=repr(by)), did_you_mean(by, DIMENSIONS))
    tables = getattr(tables, "tables", tables)
    wanted = list(MEASURES.values()) if keys is None else _measures([keys] if isinstance(keys, str) else keys)
    group = ["period", by] if by else ["period"]
    frames = {key: _open(tables[key]) for key in tables if any(measure.table == key for measure in wanted)}
    names = {key: set(_columns(frame)) for key, frame in frames.items()}
    told = [
        measure
        for measure in wanted
        if measure.table in frames
        and (by is None or by in TABLES[measure.table].columns)
        and columns_of(measure) | set(group[1:]) <= names[measure.table]
        and not (measure.how == "whole_period" and first_days is not None)
    ]
    tables = tables if isinstance(tables, Tables) else Tables(tables)
    sums = _sum_each(tables, frames, told, every, group, first_days)
    reach = {key: _reach(tables, frames[key], key, every, by) for key in {measure.table for measure in sums} if by}
    joined = _joined({measure: one for measure, one in sums.items() if len(one.periods)}, reach, group, every)
    return joined.reindex(columns=group + [measure.key for measure in wanted])


def _measures(keys: Iterable[str]) -> list[Measure]:
    keys = list(keys)
    unknown = next((key for key in keys if key not in MEASURES), None)
    if unknown is not None:
        raise KitError(_("there is no measure {name}.").format(name=repr(unknown)), did_you_mean(unknown, MEASURES))
    return [MEASURES[key] for key in keys]


def _open(table: Any) -> Any:
    """The table as it is summed: of pandas as it is, others opened for narwhals."""
    if isinstance(table, pd.DataFrame):
        return table
    from kpi_helpers.measures.frames import open_frame

    return open_frame(table)


def _columns(frame: Any) -> Iterable[str]:
    return frame.columns if isinstance(frame, pd.DataFrame) else frame.collect_schema().names()


def _way(frame: Any) -> Any:
    """The module that sums the table."""
    if isinstance(frame, pd.DataFrame):
        return arrays
    from kpi_helpers.measures import frames

    return frames


def _sum_each(
    tables: Tables, frames: Mapping[str, Any], measures: list[Measure], every: str, group: list[str],
    first_days: int | None,
) -> dict[Measure, Sums]:  # fmt: skip
    """The sums of each measure, those of the same rows in one pass."""
    sums: dict[Measure, Sums] = {}
    for (key, *_rest), alike in groupby(sorted(measures, key=taken_from), taken_from):
        summed, asked = tables.summed(key), {measure: (measure, every, *group, first_days) for measure in alike}
        if new := [measure for measure, what in asked.items() if what not in summed]:
            found = _sum_alike(frames[key], new, every, group, first_days)
            summed.update({asked[measure]: one for measure, one in found.items()})
        sums |= {measure: summed[what] for measure, what in asked.items()}
    return sums


def _sum_alike(
    frame: Any, measures: list[Measure], every: str, group: list[str], first_days: int | None
) -> dict[Measure, Sums]:
    found: dict[Measure, Sums] = _way(frame).sum_alike(frame, measures, every, group, first_days)
    return found


def _reach(tables: Tables, frame: Any, key: str, every: str, by: str) -> Reach | None:
    """First and last period that the accounts of each value of `by` speak of; None where the table lists all values."""
    if TABLES[key].lists_all:
        return None
    remembered = tables.summed(key)
    if ("reach", every, by) not in remembered:
        remembered["reach", every, by] = _widened(_way(frame).find_spans(frame, key, every, by))
    found: Reach = remembered["reach", every, by]
    return found


def _widened(spans: Spans) -> Reach:
    """Each value's reach: an account that speaks of one of its values would have spoken of the others."""
    whole: Reach = {}
    for account, first, last in zip(spans.accounts, spans.first, spans.last, strict=True):
        so_far = whole.get(account or UNKNOWN, (first, last))
        whole[account or UNKNOWN] = min(so_far[0], first), max(so_far[1], last)
    reach: Reach = {}
    for name, account in zip(spans.names, spans.accounts, strict=True):
        first, last = whole[account or UNKNOWN]
        so_far = reach.get(name, (first, last))
        reach[name] = min(so_far[0], first), max(so_far[1], last)
    return reach


def _joined(
    sums: Mapping[Measure, Sums], reach: Mapping[str, Reach | None], group: list[str], every: str
) -> pd.DataFrame:
    """A row for every period (and value of the dimension, in the order in which they appear), a column per measure."""
    if not sums:
        return pd.DataFrame({name: pd.Series(dtype="datetime64[us]" if name == "period" else "str") for name in group})
    periods = np.unique(np.concatenate([one.periods for one in sums.values()]))
    told = {name for one in sums.values() for name in one.names}
    names = [*sorted(name for name in told if name is not None), *([None] if None in told else [])]
    there, grids = np.zeros((len(periods), len(names)), dtype=bool), {}
    for measure, one in sums.items():
        grids[measure.key], known = _spread(one, periods, names)
        if group[1:] and measure.can_be_added:
            known |= _add_zeros(grids[measure.key], known, periods, names, reach[measure.table])
        there |= known
    order = np.argsort(there.argmax(axis=0), kind="stable")
    whole = pd.date_range(periods[0], periods[-1], freq=PERIODS[every], unit="us")
    rows = np.searchsorted(whole.to_numpy(), periods)
    columns = {}
    for key, grid in grids.items():
        columns[key] = np.full((len(whole), len(names)), np.nan)
        columns[key][rows] = grid[:, order]
    labels: dict[str, Any] = {"period": whole.repeat(len(names))}
    if group[1:]:
        labels[group[1]] = pd.Series([names[place] for place in order] * len(whole), dtype="str")
    return pd.DataFrame({**labels, **{key: grid.ravel() for key, grid in columns.items()}})


def _spread(one: Sums, periods: np.ndarray, names: list[str | None]) -> tuple[np.ndarray, np.ndarray]:
    """A measure by period and name, and of which the table has rows."""
    place = {name: number for number, name in enumerate(names)}
    at = np.searchsorted(periods, one.periods), [place[name] for name in one.names]
    grid, there = np.full((len(periods), len(names)), np.nan), np.zeros((len(periods), len(names)), dtype=bool)
    grid[at], there[at] = one.amounts, True
    return grid, there


def _add_zeros(
    grid: np.ndarray, there: np.ndarray, periods: np.ndarray, names: list[str | None], reach: Reach | None
) -> np.ndarray:
    """Put zeros for the names without rows, where the table says that there were none; where they were put.

    An export of leads or orders lists every channel; an ad account speaks of its own channels only, in the periods that
    it reaches. A period in which the table says nothing of any channel by name says nothing of others.
    """
    named = np.array([name is not None and name != UNKNOWN for name in names])
    known = there & ~np.isnan(grid) & named
    reached = named & known.any() if reach is None else known.any(axis=0)
    zeros = ~there & reached & known.any(axis=1)[:, None]
    if reach is not None:
        for place in np.flatnonzero(reached):
            first, last = reach[names[place]]
            zeros[:, place] &= (periods >= first) & (periods <= last)
    grid[zeros] = 0.0
    return zeros
