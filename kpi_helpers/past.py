"""What the exports know of a company's whole months: a KPI's series, its measures, its value over several months."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property, lru_cache

import pandas as pd

from kpi_helpers.catalogue import KPIS, expanded, tables_of
from kpi_helpers.coverage import last_day, whole_since
from kpi_helpers.exports import Exports
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.measures import sum_measures
from kpi_helpers.terms import MEASURES, source_table

COMPANY = "company"


class Past:
    """The whole months of some exports, summed when they are first asked for.

    `derive` is `derive_tables`.
    """

    def __init__(self, exports: Exports, derive: Callable[[Exports], Mapping[str, pd.DataFrame]]) -> None:
        self.exports, self._derive = exports, derive
        self.series = lru_cache(maxsize=None)(self._series)

    @cached_property
    def last(self) -> date | None:
        """The last day that the data speak of; None where nothing is dated."""
        return last_day(self.exports)

    @cached_property
    def scopes(self) -> list[str]:
        """The company and the channels of which some export has a row."""
        return [COMPANY, *sorted(self._channels["channel"].dropna().unique())] if len(self._channels) else [COMPANY]

    def sums(self, scope: str = COMPANY) -> pd.DataFrame:
        """The measures by month (`period` as index), whole months only; no rows for a channel without any."""
        if scope == COMPANY:
            return self._company
        rows = self._channels[self._channels["channel"] == scope] if len(self._channels) else self._channels
        return rows.drop(columns="channel", errors="ignore").set_index("period")

    def since(self, key: str) -> pd.Timestamp:
        """The first month that the KPI's exports hold whole."""
        since = whole_since(self.exports, [source_table(table) for table in tables_of(key)])
        return pd.Timestamp(max(since, date(1900, 1, 1)))

    def held(self, key: str, scope: str = COMPANY) -> pd.DataFrame:
        """The sums of a KPI's measures by month, from the first that its exports hold whole."""
        sums = self.sums(scope)
        rows = sums[sums.index >= self.since(key)] if len(sums) else sums
        return rows.reindex(columns=list(expanded(key).names))

    def all_months(self, by: str | None = None) -> pd.DataFrame:
        """The measures of all months, by channel too where `by` says so; the last month may not be over."""
        return self._by_channel if by else self._by_month

    def _series(self, key: str, scope: str = COMPANY) -> pd.DataFrame:
        """A KPI by month as `compute_kpis` gives it; of sums without the months that the exports hold in part."""
        sums = self.sums(scope)
        if sums.empty:
            return pd.DataFrame(columns=["value", "reason"], index=pd.DatetimeIndex([], name="period"))
        rows = compute_kpis(sums.reset_index(), [key]).set_index("period")
        return rows[rows.index >= self.since(key)] if KPIS[key].is_sum else rows

    def values(self, key: str, scope: str = COMPANY) -> pd.Series:
        """A KPI by month, NaN where it is not known."""
        return self.series(key, scope)["value"].astype("float64")

    def reason(self, key: str, scope: str = COMPANY) -> str:
        """Why no month has a value: a code of `compute_kpis`, of the last month; "" where some month has one."""
        rows = self.series(key, scope)
        if rows["value"].notna().any():
            return ""
        if len(rows):
            return str(rows["reason"].iloc[-1])
        table = source_table(tables_of(key)[0])
        return f"{'no_rows' if table in self._tables else 'no_export'}:{table}"

    def over(self, key: str, scope: str, first: date, last: date) -> float:
        """A KPI over several months, from the sums of all of them; NaN unless every month is known."""
        months = pd.date_range(first, last, freq="MS")
        names = list(expanded(key).names)
        if len(months) > 1 and not all(MEASURES[name].can_be_added for name in names):
            return math.nan
        known = self.values(key, scope).reindex(months)
        if KPIS[key].is_sum:
            return float(known.sum()) if known.notna().all() else math.nan
        rows = self.sums(scope).reindex(columns=names).reindex(months)
        if rows.isna().any(axis=None):
            return math.nan
        return float(compute_kpis(rows.sum().to_frame().T, [key])["value"].iloc[0])

    @cached_property
    def _tables(self) -> Mapping[str, pd.DataFrame]:
        return self._derive(self.exports)

    @cached_property
    def _by_month(self) -> pd.DataFrame:
        return sum_measures(self._tables, "month")

    @cached_property
    def _by_channel(self) -> pd.DataFrame:
        return sum_measures(self._tables, "month", "channel")

    @cached_property
    def _company(self) -> pd.DataFrame:
        return self._whole(self._by_month).set_index("period")

    @cached_property
    def _channels(self) -> pd.DataFrame:
        return self._whole(self._by_channel)

    def _whole(self, sums: pd.DataFrame) -> pd.DataFrame:
        """The months that are over."""
        if self.last is None:
            return sums
        return sums[sums["period"] + pd.offsets.MonthEnd(0) <= pd.Timestamp(self.last)].reset_index(drop=True)
