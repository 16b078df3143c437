"""Spend and outcome by channel and period, made regular; and the baseline: what would move the outcome anyway."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _

COLUMNS = ["date", "channel", "spend", "outcome"]
STEPS = {1: "day", 7: "week"}
MONTH = 28  # days: whole weeks
YEAR = 365.25
MOST_WAVES = 4


@dataclass(frozen=True, eq=False)
class History:
    """Tables of spend and outcome, a row per period without gaps and a column per channel; NaN is not known."""

    spend: pd.DataFrame
    outcome: pd.DataFrame
    step: int  # days

    @property
    def dates(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(self.spend.index)

    def periods(self, days: float) -> int:
        """So many days in periods, at least one."""
        return max(1, round(days / self.step))


def read_history(table: pd.DataFrame) -> History:
    """The history in `table`: columns date, channel, spend, outcome; a row per channel and day (or week).

    What is not known is NaN, or has no row. KitError where a column is missing, a date is none, a pair of date and
    channel stands twice, a value is below zero or no number, or the periods are neither days nor weeks.
    """
    for name in COLUMNS:
        if name not in table:
            near = did_you_mean(name, [str(column) for column in table.columns])
            raise KitError(_("no column {name}.").format(name=name), near)
    rows = table[COLUMNS].dropna(subset=["date", "channel"])
    if rows.empty:
        raise KitError(_("there is no row with a date and a channel."))
    rows = rows.assign(channel=rows["channel"].astype(str), date=_dates(rows["date"]))
    _check(rows)
    dates = pd.DatetimeIndex(rows["date"].drop_duplicates().sort_values())
    step = _step(dates)
    regular = pd.date_range(dates[0], dates[-1], freq=f"{step}D")
    spend, outcome = (
        rows.pivot(index="date", columns="channel", values=name).astype("float64").reindex(regular).sort_index(axis=1)
        for name in ("spend", "outcome")
    )
    return History(spend, outcome, step)


def _dates(given: pd.Series) -> pd.Series:
    dates = pd.to_datetime(given, errors="coerce")
    if dates.isna().any():
        raise KitError(_("{value} is no date.").format(value=repr(given[dates.isna()].iloc[0])))
    return dates.dt.tz_localize(None)


def _check(rows: pd.DataFrame) -> None:
    twice = rows[rows.duplicated(["date", "channel"])]
    if len(twice):
        raise KitError(_("{channel} has {date} twice.").format(**_place(twice.iloc[0])))
    for name in ("spend", "outcome"):
        value = pd.to_numeric(rows[name], errors="coerce").astype("float64")
        wrong = rows[(value < 0) | np.isinf(value) | (value.isna() & rows[name].notna())]
        if len(wrong):
            found = _("{channel}, {date}: {name} is {value}; it must be a number, zero or more.")
            raise KitError(found.format(name=name, value=wrong.iloc[0][name], **_place(wrong.iloc[0])))


def _place(row: pd.Series) -> dict[str, str]:
    return {"channel": row["channel"], "date": f"{row['date']:%Y-%m-%d}"}


def _step(dates: pd.DatetimeIndex) -> int:
    apart = np.diff(dates.to_numpy()).astype("timedelta64[s]").astype(int) / 86_400
    step = int(apart.min()) if len(apart) else 1
    if step not in STEPS or (apart % step != 0).any():
        raise KitError(_("the periods must be days or weeks that begin on the same weekday."))
    return step


def baseline(dates: pd.DatetimeIndex, step: int) -> np.ndarray:
    """The columns of the baseline, shape (periods, columns): the logarithm of the outcome is linear in them.

    A level; a straight trend; the year as waves (none under a year of history, then two for each full year, at most
    four: a wave goes round one, two, three, four times a year); the weekday, where periods are days.
    """
    days = (dates - dates[0]).days.to_numpy().astype(float)
    span = days[-1] + step
    columns = [np.ones(len(days)), days / YEAR - days.mean() / YEAR]
    for wave in range(1, min(MOST_WAVES, 2 * int(span / (YEAR - 1))) + 1):
        turn = 2 * np.pi * wave * dates.day_of_year.to_numpy() / YEAR
        columns += [np.cos(turn), np.sin(turn)]
    if step == 1:
        weekday = dates.day_of_week.to_numpy()
        columns += [(weekday == day).astype(float) - (weekday == 6) for day in range(6)]
    return np.column_stack(columns)


def by_week(values: pd.DataFrame, step: int) -> pd.DataFrame:
    """Means of the known values of seven days, counted from the last one: daily noise teaches little of a curve."""
    if step == 7:
        return values
    left = np.arange(len(values))[::-1]
    weeks = left // 7
    return values.groupby(weeks[0] - weeks).mean().set_axis(values.index[left % 7 == 0])
