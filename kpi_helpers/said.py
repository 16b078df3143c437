"""What an export says at all: of what it never says, the absence of a value proves nothing."""

from __future__ import annotations

import pandas as pd

EXPORT = "export"  # the column of a table that numbers the kinds of exports its rows come from


def says(rows: pd.DataFrame, column: str) -> pd.Series:
    """Which rows come from exports that have the column, judged by whether they ever fill it.

    >>> says(pd.DataFrame({"export": [0, 0, 1], "done": [1.0, None, None]}), "done").tolist()
    [True, True, False]
    """
    return ever(rows[column].notna(), rows)


def says_hours(moments: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Which rows come from exports whose moments have an hour: those that give days alone have midnight everywhere."""
    known, wall = moments.notna(), moments.dt.tz_localize(None)
    number = known.groupby(rows[EXPORT]).transform("sum") if EXPORT in rows else pd.Series(known.sum(), known.index)
    return ever(known & (wall != wall.dt.normalize()), rows) | (number < 2)


def ever(flags: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Which rows come from exports that have a row with the flag."""
    if EXPORT in rows:
        return flags.groupby(rows[EXPORT]).transform("any")
    return pd.Series(bool(flags.any()), index=flags.index)
