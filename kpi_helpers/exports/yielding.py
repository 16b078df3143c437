"""What two exports say of the same days, one more coarsely than the other, counts once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kpi_helpers.exports.beside import leave_to_platforms
from kpi_helpers.exports.reading import TableReading, sum_frame
from kpi_helpers.terms import MEASURES, TABLES

EDGE = 0.25  # of a week or a month may lack at either end of a list of records, which are sparse
GAP = np.timedelta64(31, "D")  # between records of a list that holds them all
SEVERAL = "meta"  # what an export calls Facebook and Instagram together


def leave_to_others(readings: Sequence[TableReading]) -> list[TableReading]:
    """The readings without what others of their platform say of the same days.

    A layout that yields to another leaves it the columns that the other one fills, on the days that it covers. Of one
    layout, a row of a whole month yields to an export of all its days. Where an export tells but some days of a month,
    these yield to the row of the month; only of a month that is not over, as all exports together show, they count.
    Tallies yield to the lists of the records themselves, and own tables of advertising to what the platforms say alike.
    """
    alike: dict[tuple[str, str, str], list[TableReading]] = {}
    for reading in readings:
        if len(reading.frame):
            alike.setdefault((reading.table, reading.platform, reading.layout), []).append(reading)
    wide = [reading for reading in readings if _is_span(reading.frame).any()]
    lists = [reading for reading in readings if len(reading.frame) and not reading.tallies]
    others = _Others(alike, wide, lists, _last_day(readings))
    return leave_to_platforms([others.leave(reading) for reading in readings])


@dataclass(frozen=True)
class _Others:
    """The readings by table, platform and layout; those with rows of more than a day, those that tally nothing; the
    last day told of."""

    alike: Mapping[tuple[str, str, str], Sequence[TableReading]]
    wide: Sequence[TableReading]
    lists: Sequence[TableReading]
    last_day: pd.Timestamp

    def leave(self, reading: TableReading) -> TableReading:
        """One reading without what others say."""
        left, wide = reading, set(map(id, self.wide))
        for layout in reading.yields_to:
            for other in self.alike.get((reading.table, reading.platform, layout), ()):
                left = _yield_columns(left, self.covered(left, other), _filled(other))
        for other in self.wide:
            if reading.layout in other.yields_to and (reading.table, reading.platform) == (other.table, other.platform):
                left = _yield_columns(left, self.in_rows_kept(left, other, reading), _filled(other))
        for other in self.alike.get((reading.table, reading.platform, reading.layout), ()) if wide else ():
            if other is not reading and {id(reading), id(other)} & wide:
                rows = _spans_told_by_days(left, other) | _days_told_by_spans(left, other)
                left = left.without(rows, yielded=left.yielded + int(rows.sum()))
        for other in self.lists if reading.tallies else ():
            if other.table == reading.table:
                rows = self.listed(left, other)
                left = left.without(rows, yielded=left.yielded + int(rows.sum()))
        return left

    def covered(self, reading: TableReading, other: TableReading) -> np.ndarray:
        """The rows that another export tells."""
        first, last = _first_days(reading), _days(reading)
        if other.start is None or other.end is None:
            return np.zeros(len(last), dtype=bool)
        start, end = pd.Timestamp(other.start), pd.Timestamp(other.end)
        told = first.between(start, end) & ((last <= end) | (last > self.last_day))
        return (told & _of_its_kind(reading, other)).to_numpy()

    def listed(self, tally: TableReading, other: TableReading) -> np.ndarray:
        """The rows of numbers whose records another export lists: at the edges of a month there may be none."""
        if other.start is None or other.end is None:
            return np.zeros(len(tally.frame), dtype=bool)
        first, last = _first_days(tally), _days(tally)
        start, end, slack = pd.Timestamp(other.start), pd.Timestamp(other.end), (last - first) * EDGE
        begun = (first >= start - slack) & (first <= end)
        told = begun & (last >= start) & ((last <= end + slack) | (last > self.last_day))
        return told.to_numpy() & ~_in_gaps(first, last, _days(other))

    def in_rows_kept(self, reading: TableReading, other: TableReading, whole: TableReading) -> np.ndarray:
        """The days that lie in rows of another export which do not yield to this one (the `whole` of it)."""
        kept = other.frame[_is_span(other.frame).to_numpy() & ~self.covered(other, whole)]
        days, inside = _days(reading), pd.Series(False, index=reading.frame.index)
        for first, last in _spans(kept, other.table):
            inside |= days.between(first, last)
        return (inside & _of_its_kind(reading, other)).to_numpy()


def _in_gaps(first: pd.Series, last: pd.Series, days: pd.Series) -> np.ndarray:
    """Which periods lie in a long gap between two records: an old one among later ones does not list all between."""
    known = np.unique(days.to_numpy())
    before, after = np.searchsorted(known, last, side="right") - 1, np.searchsorted(known, first)
    between = (before >= 0) & (after < len(known)) & (after > before)
    return between & (known[np.minimum(after, len(known) - 1)] - known[before] > GAP)


def _last_day(readings: Sequence[TableReading]) -> pd.Timestamp:
    """The last day of which any export tells by the day."""
    days = [_days(reading)[~_is_span(reading.frame)].max() for reading in readings if len(reading.frame)]
    return max((day for day in days if pd.notna(day)), default=pd.Timestamp.min)


def _days(reading: TableReading) -> pd.Series:
    """The (last) day of each row."""
    return reading.frame[TABLES[reading.table].date].dt.tz_localize(None).dt.normalize()


def _spans(frame: pd.DataFrame, table: str) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    """The different first and last days of rows of more than a day."""
    days = frame.assign(last=frame[TABLES[table].date].dt.tz_localize(None).dt.normalize())
    return days[["since", "last"]].drop_duplicates().itertuples(index=False)


def _first_days(reading: TableReading) -> pd.Series:
    last = _days(reading)
    return reading.frame["since"].fillna(last) if "since" in reading.frame else last


def _is_span(frame: pd.DataFrame) -> pd.Series:
    """Which rows speak of more than a day."""
    return frame["since"].notna() if "since" in frame else pd.Series(False, index=frame.index)


def _of_its_kind(reading: TableReading, other: TableReading) -> pd.Series:
    """The rows of a campaign, an action or a social network that another export speaks of, too."""
    alike = pd.Series(True, index=reading.frame.index)
    for name in ("action", "campaign") if reading.table in ("actions", "ads") else ():
        if name in other.frame and other.frame[name].notna().any():
            own = reading.frame[name]
            alike &= own.isin(other.frame[name]) | own.isna() | own.str.isdecimal().fillna(True)  # a number has no name
    if "network" in other.frame:
        networks = {*other.frame["network"].unique(), SEVERAL}
        alike &= reading.frame["network"].isin(networks) | (SEVERAL in set(other.frame["network"]))
    return alike


def _filled(reading: TableReading) -> list[str]:
    """The columns that measures take and that the reading fills; [] where its rows themselves are counted."""
    measures = [measure for measure in MEASURES.values() if measure.table == reading.table]
    if any(measure.how == "count" for measure in measures):
        return []
    columns = dict.fromkeys(measure.column for measure in measures)
    return [name for name in columns if name in reading.frame and reading.frame[name].notna().any()]


def _yield_columns(reading: TableReading, rows: np.ndarray, columns: list[str]) -> TableReading:
    """The reading without these columns in these rows; a row that has nothing else to say is left out."""
    if not rows.any():
        return reading
    others = [name for name in _filled(reading) if name not in columns]
    silent = rows & (reading.frame[others].isna().all(axis=1).to_numpy() if columns and others else True)
    frame = reading.frame.copy()
    frame.loc[rows & ~silent, columns] = np.nan
    left = replace(reading, frame=frame, sums=sum_frame(reading.table, frame))
    return left.without(silent, yielded=reading.yielded + int(silent.sum()))


def _spans_told_by_days(reading: TableReading, other: TableReading) -> np.ndarray:
    """The rows of several days all of which another export tells one by one."""
    days = _days(other)[~_is_span(other.frame)]
    inside = (reading.frame["since"] >= days.min()) & (_days(reading) <= days.max())
    return (_is_span(reading.frame) & inside & _of_its_kind(reading, other)).to_numpy()


def _days_told_by_spans(reading: TableReading, other: TableReading) -> np.ndarray:
    """The days that lie in a row of several days of another export, which this one does not tell in full."""
    by_day = ~_is_span(reading.frame)
    every, told = _days(reading), pd.Series(False, index=reading.frame.index)
    days = every[by_day]
    for first, last in _spans(other.frame[_is_span(other.frame)], other.table):
        if not (first >= days.min() and last <= days.max()):
            told |= by_day & every.between(first, last)
    return (told & _of_its_kind(reading, other)).to_numpy()
