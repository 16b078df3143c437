"""KPIs of a company and its channels by month: summed once, divided when they are asked for."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi, expanded
from kpi_helpers.coverage import last_day
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.labels import OWNERS, channel_name
from kpi_helpers.language import _
from kpi_helpers.monthly import Month, derive_tables, prepare_month, sum_days
from kpi_helpers.past import COMPANY as COMPANY
from kpi_helpers.past import Past
from kpi_helpers.signals import ProcessChart, process_chart
from kpi_helpers.terms import MEASURES, UNKNOWN

NOT_ADDED = "not_added"


class History:
    """All months of some exports up to `month` (without it: the last one), which may be unfinished.

    KitError where the exports hold nothing dated.
    """

    def __init__(self, exports: Exports, month: Month | None = None) -> None:
        self.month = month or prepare_month(exports, f"{_last_covered(exports):%Y-%m}")
        self.currency = exports.currency
        self._tables = self.month.tables if self.month.first_days is None else derive_tables(exports)
        self.past = Past(exports, lambda _exports: self._tables)
        last = pd.Timestamp(self.month.start)
        sums = (self.past.all_months(by) for by in (None, "channel"))
        self._company, self._channels = (frame[frame["period"] <= last] for frame in sums)
        self.of = lru_cache(maxsize=None)(self._compute)
        self.by_day = lru_cache(maxsize=None)(self._sum_days)
        self.last_finished = lru_cache(maxsize=None)(self._last_finished)
        self.months: list[pd.Timestamp] = list(pd.date_range(self._company["period"].min(), last, freq="MS"))

    @property
    def unfinished(self) -> bool:
        """Whether the last month is not over."""
        return self.month.first_days is not None

    @property
    def next_month(self) -> pd.Timestamp:
        """The month that goals can still change: the one under way, else the one after the last."""
        return self.months[-1] if self.unfinished else self.months[-1] + pd.DateOffset(months=1)

    def keys(self) -> list[str]:
        """The KPIs that have a value in some month, by owner and then in the order of the catalogue."""
        kpis = compute_kpis(self._company)
        known = set(kpis.loc[kpis["value"].notna(), "kpi"])
        return [row.key for owner in OWNERS for row in KPIS.values() if row.owner == owner and row.key in known]

    def scopes(self, key: str) -> list[str]:
        """The channels that have a value of the KPI in some month, by their names."""
        rows = self.of(key)
        known = rows.loc[rows["value"].notna() & (rows["scope"] != COMPANY), "scope"].drop_duplicates()
        return sorted(known.dropna(), key=lambda scope: (scope == UNKNOWN, channel_name(scope)))

    def of_scope(self, key: str, scope: str) -> pd.DataFrame:
        """A KPI of the company or a channel: a row a month, all months, as `compute_kpis` gives them."""
        rows = self.of(key)
        return rows[rows["scope"] == scope].set_index("period").reindex(self.months).rename_axis("period")

    def over(self, key: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
        """A KPI over several months: a row for the company and each channel, from the sums of all these months.

        `months` counts those in which everything the formula needs is known; only they are summed. What cannot be
        added over months (unique visitors) is NaN, unless it is one month.
        """
        company = self._company.assign(channel=COMPANY)
        sums = pd.concat([company, self._channels])
        sums = sums[sums["period"].between(first, last)]
        names = list(expanded(key).names)
        if first != last and not all(MEASURES[name].can_be_added for name in names):
            rows = compute_kpis(sums.drop_duplicates("channel")[["channel"]], [key])
            return rows.rename(columns={"channel": "scope"}).assign(reason=NOT_ADDED, months=0)
        complete = sums[names].notna().all(axis=1)
        months = complete.groupby(sums["channel"]).sum()
        used = sums[complete | (sums["channel"].map(months) == 0)]
        summed = used.drop(columns="period").groupby("channel").sum(min_count=1).reset_index()
        rows = compute_kpis(summed, [key]).rename(columns={"channel": "scope"})
        return rows.assign(months=rows["scope"].map(months))

    def finished(self, key: str, scope: str) -> pd.DataFrame:
        """The sums of a KPI's measures for a scope by finished month, from the first that the exports hold whole."""
        held = self.past.held(key, scope)
        return held.reindex([month for month in self._finished_months if month >= self.past.since(key)])

    def process_chart(self, key: str, scope: str) -> ProcessChart:
        """The usual range and the signals of all months; of a sum, the month that is not over is left out."""
        points = self.of_scope(key, scope)[["value", "numerator", "denominator"]]
        if self.unfinished and KPIS[key].is_sum:
            points = points.where(pd.Series(points.index != self.months[-1], points.index), axis=0)
        return process_chart(KPIS[key], points)

    def _last_finished(self, scope: str) -> dict[str, float]:
        """Every KPI and measure of a scope in the last month that is over; what is not known is left out."""
        if not self._finished_months:
            return {}
        row = self.past.sums(scope).reindex(self._finished_months[-1:]).reset_index()
        kpis = compute_kpis(row).dropna(subset=["value"])
        measures = {name: float(row[name].iloc[0]) for name in row if name in MEASURES and row[name].notna().all()}
        return {**measures, **dict(zip(kpis["kpi"], kpis["value"].astype(float), strict=True))}

    @property
    def _finished_months(self) -> list[pd.Timestamp]:
        return self.months[:-1] if self.unfinished else self.months

    def _sum_days(self, key: str, scope: str) -> pd.DataFrame:
        return sum_days(self._tables, self.month, key, scope)

    def _compute(self, key: str) -> pd.DataFrame:
        company = compute_kpis(self._company, [key]).assign(scope=COMPANY)
        channels = compute_kpis(self._channels, [key]).rename(columns={"channel": "scope"})
        return pd.concat([company, channels], ignore_index=True)


@lru_cache(maxsize=2)
def history_of(month: Month) -> History:
    """The months up to a report's, summed once for all its sections."""
    return History(month.exports, month)


def _last_covered(exports: Exports) -> date:
    last = last_day(exports)
    if last is None:
        raise KitError(_("the exports hold no dated rows."), _("Add exports with a column of days."))
    return last


def scope_name(scope: str) -> str:
    """The company as a whole, or a channel's name."""
    return _("Company") if scope == COMPANY else channel_name(scope)


def is_ratio(row: Kpi) -> bool:
    """Whether the KPI has the same size for a channel as for the company, so that one scale shows both."""
    return expanded(row.key).is_ratio
