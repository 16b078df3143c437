"""The year ahead of a company: what a "+" means for its leads and its qualification rate, and how likely it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.forecast import forecast_kpi
from kpi_helpers.goals import COLUMNS, sort_goals
from kpi_helpers.goals.targets import apply_change
from kpi_helpers.labels import month_name
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking
from kpi_helpers.outlook import Outlook, look_ahead
from kpi_helpers.outlook_words import rounded

YEAR = 12
RATE = "qualification_rate"
KEYS = {"total": "leads", "exit": "leads", "percent": RATE, "points": RATE}
COMPANY = "company"


@dataclass(frozen=True, eq=False)
class Plan:
    """Leads by finished month, the qualification rate by judged month, and their forecasts for the year ahead.

    A reading is a key of KEYS: "total" (the twelve months together), "exit" (their last month), "percent" and "points"
    (the rate of the last judged month). Shares are fractions.
    """

    figures: Figures
    leads: pd.Series
    rate: pd.Series
    revenue: float
    ahead: dict[str, Outlook]

    @property
    def currency(self) -> str:
        return self.figures.currency

    @property
    def start(self) -> pd.Timestamp:
        """The first day of the year ahead."""
        return self.leads.index[-1] + pd.DateOffset(months=1)

    @property
    def end(self) -> pd.Timestamp:
        """Its last day."""
        return self.leads.index[-1] + pd.DateOffset(months=YEAR) + pd.offsets.MonthEnd()

    @property
    def months(self) -> pd.DatetimeIndex:
        return pd.date_range(self.start, periods=YEAR, freq="MS")

    def reachable(self, reading: str = "total") -> float:
        """Leads that are as likely to be reached as not, in three digits."""
        return rounded(float(np.quantile(self.outcomes(reading), 0.5)))

    @property
    def revenue_wish(self) -> float:
        """A tenth more revenue than in the last twelve months, in three digits."""
        return rounded(1.1 * self.revenue)

    def row(self, reading: str) -> Kpi:
        return KPIS[KEYS[reading]]

    def sizes(self, reading: str) -> pd.Series:
        """What there was that a target of the reading compares with: months, or twelve of them together."""
        if reading == "total":
            return self.leads.rolling(YEAR).sum().dropna()
        return (self.leads if reading == "exit" else self.rate).dropna()

    def base(self, reading: str) -> float:
        return float(self.sizes(reading).iloc[-1])

    def best(self, reading: str) -> float:
        return float(self.sizes(reading).max())

    def best_change(self, reading: str) -> float:
        """The "+" that the best so far would be."""
        difference = self.best(reading) - self.base(reading)
        return difference if reading == "points" else difference / self.base(reading)

    def base_period(self, reading: str) -> str:
        """The months of the starting point."""
        last = self.sizes(reading).index[-1]
        if reading != "total":
            return month_name(last, heading=False)
        first = last - pd.DateOffset(months=YEAR - 1)
        return f"{month_name(first, heading=False)} – {month_name(last, heading=False)}"

    def level(self, reading: str, by: float) -> float:
        """The target that a "+" of the wish means."""
        base = self.base(reading)
        if reading in ("total", "exit"):
            return apply_change(self.row(reading), base, "relative", float(by))
        return base + by if reading == "points" else base * (1 + by)

    def outcomes(self, reading: str) -> np.ndarray:
        """What the forecast holds possible."""
        outlook = self.ahead[KEYS[reading]]
        found = outlook.total(self.months if reading == "total" else self.months[-1:])
        return found[np.isfinite(found)]

    def chance(self, reading: str, level: float) -> float:
        """How likely the target is reached by the forecast."""
        return float(np.mean(self.outcomes(reading) >= level))

    def cells(self, key: str, target: str, **more: str) -> dict[str, str]:
        """The row of a goal for the year ahead, in all, owned by marketing."""
        days = {"start": f"{self.start:%Y-%m-%d}", "deadline": f"{self.end:%Y-%m-%d}"}
        said = {"kpi": key, "target": target, "counts": "total", "owner": "marketing", "final_goal": "sales", **days}
        return {**dict.fromkeys(COLUMNS, ""), **said, **more}

    def refuse(self, growth: float) -> str:
        """What the kit answers to a growth of which is not said what it is counted on."""
        errors = sort_goals([self.cells("leads", f"+{100 * growth:.0f} %", counts="")])[1]
        return errors[0].found if errors else ""


@lru_cache(maxsize=8)
def plan_of(figures: Figures) -> Plan:
    """The plan of a company; Lacking where its exports hold no two years of leads, no revenue or no rate."""
    past = figures.history.past
    leads, revenue = (past.values(key).reindex(figures.months) for key in ("leads", "revenue"))
    if len(leads) <= YEAR or leads.iloc[-YEAR - 1 :].isna().any() or revenue.iloc[-YEAR:].isna().any():
        raise Lacking(_("the exports hold no 13 whole months of leads with a year of revenue."))
    rate = past.values(RATE).reindex(figures.judged_months())
    if rate.empty:
        raise Lacking(_("the exports do not say which leads qualified."))
    until = leads.index[-1] + pd.DateOffset(months=YEAR)
    ahead = {"leads": look_ahead(figures.history, "leads", COMPANY, until), RATE: _rate_ahead(figures, rate, until)}
    plan = Plan(figures, leads, rate, float(revenue.iloc[-YEAR:].sum()), ahead)
    if any(not len(plan.outcomes(reading)) for reading in KEYS):
        raise Lacking(_("the exports hold no 13 whole months of leads with a year of revenue."))
    return plan


def _rate_ahead(figures: Figures, rate: pd.Series, until: pd.Timestamp) -> Outlook:
    """The outlook of the rate from its last judged month: later leads have no verdict yet and would pull it down."""
    last = rate.index[-1]
    sums = figures.history.finished(RATE, COMPANY).loc[:last]
    ahead = (until.year - last.year) * YEAR + until.month - last.month
    return Outlook(KPIS[RATE], rate, None, forecast_kpi(sums, RATE, ahead))
