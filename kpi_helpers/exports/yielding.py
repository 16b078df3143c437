"""What two exports say of the same days, one more coarsely than the other, counts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kpi_helpers.exports.reading import TableReading, sum_frame
from kpi_helpers.terms import MEASURES, TABLES

SEVERAL = "meta"  # what an export calls Facebook and Instagram together


def leave_to_others(readings: Sequence[TableReading]) -> list[TableReading]:
    """The readings without what others of their platform say of the same days.

    A layout that yields to another leaves it the columns that the other one fills. Of one layout, a row of a whole
    month yields to an export of all its days, and days yield to a row of the whole month where an export has but some.
    """
    alike: dict[tuple[str, str, str], list[TableReading]] = {}
    for reading in readings:
        if len(reading.frame):
            alike.setdefault((reading.table, reading.platform, reading.layout), []).append(reading)
    spanned = {id(reading) for reading in readings if _is_span(reading.frame).any()}
    return [_left(reading, alike, spanned) for reading in readings]


def _left(
    reading: TableReading, alike: dict[tuple[str, str, str], list[TableReading]], spanned: set[int]
) -> TableReading:
    left = reading
    for layout in reading.yields_to:
        for other in alike.get((reading.table, reading.platform, layout), ()):
            left = _yield_columns(left, _covered(left, other), _filled(other))
    for other in alike.get((reading.table, reading.platform, reading.layout), ()) if spanned else ():
        if other is not reading and {id(reading), id(other)} & spanned:
            rows = _spans_told_by_days(left, other) | _days_told_by_spans(left, other)
            left = left.without(rows, yielded=left.yielded + int(rows.sum()))
    return left


def _is_span(frame: pd.DataFrame) -> pd.Series:
    """Which rows speak of more than a day."""
    return frame["since"].notna() if "since" in frame else pd.Series(False, index=frame.index)


def _covered(reading: TableReading, other: TableReading) -> np.ndarray:
    """The rows of days of which another export covers some, and of a social network that it speaks of."""
    last = reading.frame[TABLES[reading.table].date].dt.tz_localize(None).dt.normalize()
    first = reading.frame["since"].fillna(last) if "since" in reading.frame else last
    if other.start is None or other.end is None:
        return np.zeros(len(last), dtype=bool)
    covered = (first <= pd.Timestamp(other.end)) & (last >= pd.Timestamp(other.start))
    if "network" in other.frame:
        networks = {*other.frame["network"].unique(), SEVERAL}
        covered &= reading.frame["network"].isin(networks) | (SEVERAL in set(other.frame["network"]))
    return covered.to_numpy()


def _filled(reading: TableReading) -> list[str]:
    """The columns that measures take and that the reading fills; [] where its rows themselves are counted."""
    measures = [measure for measure in MEASURES.values() if measure.table == reading.table]
    if any(measure.how == "count" for measure in measures):
        return []
    columns = dict.fromkeys(measure.column for measure in measures)
    return [name for name in columns if name in reading.frame and reading.frame[name].notna().any()]


def _yield_columns(reading: TableReading, rows: np.ndarray, columns: list[str]) -> TableReading:
    """The reading without these columns in these rows; a row that has nothing else to say is left out."""
    others = [name for name in _filled(reading) if name not in columns]
    silent = rows & (reading.frame[others].isna().all(axis=1).to_numpy() if columns and others else True)
    frame = reading.frame.copy()
    frame.loc[rows & ~silent, columns] = np.nan
    left = replace(reading, frame=frame, sums=sum_frame(reading.table, frame))
    return left.without(silent, yielded=reading.yielded + int(silent.sum()))


def _spans_told_by_days(reading: TableReading, other: TableReading) -> np.ndarray:
    """The rows of several days all of which another export tells one by one."""
    days = other.frame.loc[~_is_span(other.frame), "date"]
    inside = (reading.frame["since"] >= days.min()) & (reading.frame["date"] <= days.max())
    return (_is_span(reading.frame) & inside).to_numpy()


def _days_told_by_spans(reading: TableReading, other: TableReading) -> np.ndarray:
    """The days that lie in a row of several days of another export, which this one does not tell in full."""
    by_day = ~_is_span(reading.frame)
    days = reading.frame.loc[by_day, "date"]
    told = pd.Series(False, index=reading.frame.index)
    spans = other.frame.loc[_is_span(other.frame), ["since", "date"]].drop_duplicates()
    for first, last in spans.itertuples(index=False):
        if not (first >= days.min() and last <= days.max()):
            told |= by_day & reading.frame["date"].between(first, last)
    return told.to_numpy()
