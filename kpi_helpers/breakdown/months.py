"""The months of a goal, and the shape that the last year gives them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.labels import month_name, write_list
from kpi_helpers.language import _

YEAR = 12


def month_index(months: Iterable[Any]) -> pd.DatetimeIndex:
    """The months as first days, in order; KitError where there is none or one twice."""
    days = sorted(pd.Timestamp(month).replace(day=1).normalize() for month in months)
    first = pd.DatetimeIndex(days, dtype="datetime64[us]", name="period")
    if first.empty or first.has_duplicates:
        raise KitError(_("a goal is broken down to months: one at least, each once."))
    return first


def before(history: pd.Series | None, start: pd.Timestamp) -> pd.Series:
    """The known months of `history` before `start`, oldest first; empty where there is no history."""
    if history is None:
        return pd.Series(dtype="float64", index=pd.DatetimeIndex([]))
    known = history.set_axis(pd.DatetimeIndex(history.index)).astype("float64")
    known = known[np.isfinite(known) & (known.index < start)]
    return known.sort_index()


def last_year(months: pd.DatetimeIndex, history: pd.Series | None) -> pd.Series:
    """What each of `months` was in the 12 months before the first of them.

    A month that is unknown there is taken from the year before, scaled by the months known in both. KitError where no
    year knows a month of the span.
    """
    known = before(history, months[0])
    shape: dict[int, float] = {}
    end = months[0]
    while not known.empty and end > known.index[0]:
        start = end - pd.DateOffset(months=YEAR)
        year = known[(known.index >= start) & (known.index < end)]
        older = dict(zip(pd.DatetimeIndex(year.index).month, year, strict=True))
        shape |= {month: value * _growth(shape, older) for month, value in older.items() if month not in shape}
        end = start
    missing = sorted(set(months.month) - set(shape))
    if missing:
        raise KitError(
            _("last year's shape is not known: there is no {month} in the history.").format(
                month=write_list([month_name(_shown(months, month), heading=False) for month in missing[:3]])
            ),
            _("Choose equal steps or growth, or add exports of 12 months before the goal's start."),
        )
    return pd.Series([shape[month] for month in months.month], index=months)


def _growth(shape: dict[int, float], older: dict[int, float]) -> float:
    """The later year over the older one, by the months known in both; 1 where these say nothing."""
    both = shape.keys() & older.keys()
    now, then = sum(shape[month] for month in both), sum(older[month] for month in both)
    return now / then if now > 0 and then > 0 else 1.0


def _shown(months: pd.DatetimeIndex, month: int) -> Any:
    """The month of last year that would be needed."""
    return (months[months.month == month][0] - pd.DateOffset(years=1)).date()


def average_month(months: pd.DatetimeIndex, history: pd.Series | None) -> pd.Series:
    """The average of up to 12 known months before the first of `months`, for each of them; KitError without any."""
    known = before(history, months[0]).tail(YEAR)
    if known.empty:
        raise KitError(
            _("there is no month in the history before {month}.").format(month=month_name(months[0], heading=False)),
            _("Set the same target for each month."),
        )
    return pd.Series(known.mean(), index=months)
