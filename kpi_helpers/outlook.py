"""What is to come of a KPI: finished months, the pace of the one under way, the forecast of those after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi, expanded
from kpi_helpers.forecast import LEVEL, Forecast, forecast_kpi
from kpi_helpers.history import History
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.monthly import days_off
from kpi_helpers.pace import Pace, measure_pace, measure_pace_of_ratio
from kpi_helpers.terms import MEASURES

WAVES = ("survey", "market")  # tables of one moment: a month of them has no pace


@dataclass(frozen=True, eq=False)
class Fan:
    """The months ahead as they are drawn."""

    months: pd.DatetimeIndex
    middle: pd.Series
    low: pd.Series
    high: pd.Series


@dataclass(frozen=True, eq=False)
class Outlook:
    """`history` by finished month (NaN: not known), `pace` of the month after them where it has begun, and `forecast`
    of all months after them."""

    row: Kpi
    history: pd.Series
    pace: Pace | None
    forecast: Forecast

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Ways in which the months after the finished ones may go, a row each; none where nothing can be said.

        What is known of a month that is not over counts: its column holds the landings of its pace, and those of the
        forecast where there is none. High landings go with high forecasts of the months after.
        """
        paths = pd.DataFrame(self.forecast.paths, columns=self.forecast.months)
        if self.pace is None or not len(self.pace.draws):
            return paths
        if paths.empty:
            return pd.DataFrame({self.pace.month: self.pace.draws})
        landings = np.quantile(self.pace.draws, (np.arange(len(paths)) + 0.5) / len(paths))
        ranks = paths[self.pace.month].rank(method="first").to_numpy(dtype=int) - 1
        paths[self.pace.month] = landings[ranks]
        return paths

    @cached_property
    def fan(self) -> Fan:
        """The middle and the 80 % interval of each month to come, NaN where nothing can be said."""
        months = self.forecast.months
        if self.paths.empty:
            nothing = pd.Series(np.nan, index=months)
            return Fan(months, nothing, nothing, nothing)
        tail = (1 - LEVEL) / 2
        digits = 0 if self.row.style == "count" else 12
        low, middle, high = (
            self.paths.quantile(share).reindex(months).round(digits) for share in (tail, 0.5, 1 - tail)
        )
        return Fan(months, middle, low, high)

    def chance(self, target: float, month: pd.Timestamp) -> float:
        """How likely the month reaches the target, 0 or 1 where it is over; NaN where nothing can be said."""
        values = self._values(month)
        return self._share(values, target)

    def chance_of_total(self, target: float, months: Iterable[pd.Timestamp]) -> float:
        """How likely the sum of these months reaches the target; NaN where nothing can be said."""
        return self._share(self.total(months), target)

    def total(self, months: Iterable[pd.Timestamp]) -> np.ndarray:
        """The sum of these months, path by path; one value where all are over, none where one cannot be told."""
        parts = [self._values(month) for month in months]
        if any(not len(part) or np.isnan(part).all() for part in parts):
            return np.empty(0)
        return np.sum(np.broadcast_arrays(*parts), axis=0)

    def _values(self, month: pd.Timestamp) -> np.ndarray:
        if month in self.history.index:
            return np.array([self.history[month]])
        return self.paths[month].to_numpy() if month in self.paths else np.empty(0)

    def _share(self, values: np.ndarray, target: float) -> float:
        known = values[np.isfinite(values)]
        if not len(known) or not np.isfinite(target):
            return np.nan
        return float(np.mean(known <= target if self.row.better == "lower" else known >= target))


def look_ahead(history: History, key: str, scope: str, until: pd.Timestamp, target: float = np.nan) -> Outlook:
    """The outlook of a KPI and scope to the month `until`; `target` is that of the month under way."""
    sums = history.finished(key, scope)
    if sums.empty:  # a month of which nothing is known: there is no forecast, and it says why
        sums = sums.reindex([history.months[-1] - pd.DateOffset(months=history.unfinished)])
    values = compute_kpis(sums.rename_axis("period").reset_index(), [key]).set_index("period")["value"]
    last = sums.index[-1]
    ahead = max((until.year - last.year) * 12 + until.month - last.month, 1)
    pace = measure_month(history, key, scope, target) if history.unfinished else None
    return Outlook(KPIS[key], values, pace, forecast_kpi(sums, key, ahead))


def measure_month(history: History, key: str, scope: str, target: float = np.nan) -> Pace | None:
    """The pace of the history's last month; None where days of the KPI's measures do not add up."""
    formula, row = expanded(key), KPIS[key]
    measures = [MEASURES[name] for name in formula.names]
    if row.is_rolling or any(not measure.can_be_added or measure.table in WAVES for measure in measures):
        return None
    if not formula.is_ratio and len(formula.names) > 1:
        return None
    days, (free, worked) = history.by_day(key, scope), days_off(history.month)
    if formula.is_ratio:
        return measure_pace_of_ratio(days, formula, history.month.start, target=target, holidays=free, worked=worked,
                                     better=row.better)  # fmt: skip
    return measure_pace(days[formula.names[0]], history.month.start, target=target, holidays=free, worked=worked,
                        better=row.better)  # fmt: skip
