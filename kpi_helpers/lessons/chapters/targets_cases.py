"""What the lesson on targets is about: a year's goal by month, the pace of a finished month, rises that are noise."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pandas as pd

from kpi_helpers.breakdown import break_down
from kpi_helpers.catalogue import KPIS
from kpi_helpers.history import COMPANY
from kpi_helpers.labels import kpi_name, month_name, write_date, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking
from kpi_helpers.monthly import days_off
from kpi_helpers.pace import Pace, measure_pace, plan_by_day

COUNTED = ("leads", "orders")  # known by day, one by one
COMPARED = ("leads", "orders", "visits")
JUDGED = ("leads", "orders", "visit_to_lead", "conversion_rate")  # what a page can move
RAISES = (0.05, 0.08, 0.1, 0.12, 0.15)
YEAR = 12
FROM, TO = 5, 22  # days of a month at which one looks back and ahead
CLEAR = 0.08  # of the plan: who is so far ahead or behind seems to have won or lost
RISE = 0.05  # that somebody would write home about
SHOWN_PART = 4  # digits after the point of a month's share of its year, shown as percent with two
SHOWN = 3  # digits after the point of a share that is shown as percent with one


@dataclass(frozen=True, eq=False)
class Year:
    """A goal for the last 12 finished months: so much (`raised`) above the 12 before, by month as the kit splits it."""

    key: str
    raised: float
    before: pd.Series
    goal: int
    plan: pd.Series
    actual: pd.Series

    @property
    def name(self) -> str:
        return kpi_name(self.key)

    @property
    def period_before(self) -> str:
        """The twelve months that the lesson calls last year."""
        first, last = (month_name(self.before.index[place], heading=False) for place in (0, -1))
        return f"{first} – {last}"

    @property
    def twelfth(self) -> float:
        return self.goal / YEAR

    @property
    def below_twelfth(self) -> int:
        """How many months would miss a twelfth of the goal if the year went as the one before, only larger."""
        return int((self.before * (self.goal / self.before.sum()) < self.twelfth).sum())

    def last(self, month: pd.Timestamp) -> float:
        """The same month of the year before."""
        return float(self.before[month - pd.DateOffset(years=1)])

    def part(self, month: pd.Timestamp) -> float:
        """The share of that month in its year."""
        return self.last(month) / float(self.before.sum())


@dataclass(frozen=True, eq=False)
class Race:
    """A finished month on its way: by day, with the plan that its year gives it."""

    year: Year
    month: pd.Timestamp
    daily: pd.Series = field(repr=False)
    off: tuple[Collection[date], Collection[date]] = field(repr=False)

    @property
    def target(self) -> float:
        return float(self.year.plan[self.month])

    @property
    def adds_up(self) -> bool:
        """Whether goal times share, as the share is shown, is the target: the split rounds some months up or down."""
        return abs(self.year.goal * round(self.year.part(self.month), SHOWN_PART) - self.target) < 0.5

    @cached_property
    def missed(self) -> tuple[int, int]:
        """Of how many days before the last there was a range, and how many of those ranges missed the end."""
        paces = [self.pace(day) for day in range(1, len(self.days))]
        known = [pace for pace in paces if math.isfinite(pace.low)]
        return len(known), sum(not round(pace.low) <= self.came <= round(pace.high) for pace in known)

    @property
    def days(self) -> pd.DatetimeIndex:
        return pd.date_range(self.month, periods=self.month.days_in_month)

    @cached_property
    def brought(self) -> pd.Series:
        """The sum so far, by day."""
        return self.daily.reindex(self.days, fill_value=0.0).cumsum()

    @cached_property
    def line(self) -> pd.Series:
        """The plan by day, from the weekdays and holidays known before the month."""
        before = self.daily[self.daily.index < self.month]
        return plan_by_day(before, self.month.date(), self.target, *self.off)

    @property
    def came(self) -> float:
        return float(self.brought.iloc[-1])

    @property
    def name(self) -> str:
        return f"{self.year.name}, {month_name(self.month, heading=False)}"

    def pace(self, day: int) -> Pace:
        """Where the month stood at the end of the day, by what was known then."""
        (free, worked), last = self.off, self.days[day - 1]
        known = self.daily[self.daily.index <= last]
        known = known.reindex(pd.date_range(known.index[0], last), fill_value=0.0)
        return measure_pace(known, self.month.date(), target=self.target, holidays=free, worked=worked)


@dataclass(frozen=True, eq=False)
class Stand:
    """A race on a day. `part`: the plan's share up to then, as it is shown to a learner, who calculates with it."""

    race: Race
    day: int
    done: float
    part: float

    @property
    def calendar(self) -> float:
        return self.day / len(self.race.days)

    @property
    def planned(self) -> float:
        return self.race.target * self.part

    @property
    def date(self) -> str:
        return write_date(self.race.days[self.day - 1])

    @property
    def looks_clear(self) -> bool:
        """Whether the month is far from the days' share of its plan, so that one believes to see how it will end."""
        return abs(self.done / (self.race.target * self.calendar) - 1) >= CLEAR

    @property
    def misleads(self) -> bool:
        """Whether the days' share says the contrary of how the month ended."""
        return (self.done < self.race.target * self.calendar) != (self.race.came < self.race.target)


@dataclass(frozen=True, eq=False)
class Rise:
    """A month beside the one before, the same one a year earlier, and its usual range (NaN: not known)."""

    key: str
    month: pd.Timestamp
    value: float
    previous: float
    year_ago: float
    year_ago_previous: float
    low: float
    high: float
    rule: str

    @property
    def name(self) -> str:
        return kpi_name(self.key)

    @property
    def is_usual(self) -> bool:
        """Whether the month and the one before lie in its usual range, and the month breaks no rule."""
        return all(self.low <= value <= self.high for value in (self.value, self.previous)) and not self.rule

    def write(self, value: float) -> str:
        return write_value(value, KPIS[self.key].style)


def find_year(figures: Figures, raised: float) -> Year:
    """The goal of the year for the first KPI of which two years are known; Lacking where there is none."""
    for key in COUNTED:
        values = figures.history.past.values(key, COMPANY).reindex(figures.months[-2 * YEAR :])
        if len(values) == 2 * YEAR and values.notna().all() and (values > 0).all():
            before, actual = values.iloc[:YEAR], values.iloc[YEAR:]
            goal = round(float(before.sum()) * (1 + raised))
            return Year(key, raised, before, goal, break_down(goal, actual.index, history=before, step=1), actual)
    raise Lacking(_("two whole years of leads or orders are needed."))


def list_races(figures: Figures, year: Year) -> list[Race]:
    """The months of the year."""
    daily, (free, worked) = figures.history.by_day(year.key, COMPANY)[year.key], days_off(figures.history.month)
    return [Race(year, month, daily, (frozenset(free), worked)) for month in year.plan.index]


def list_stands(races: Collection[Race]) -> list[Stand]:
    """The races on each day on which one looks."""
    stands = []
    for race in races:
        line, brought = race.line, race.brought
        for day in range(FROM, TO + 1):
            part = round(float(line.iloc[day - 1]) / race.target, SHOWN)
            stands.append(Stand(race, day, float(brought.iloc[day - 1]), part))
    return stands


def list_rises(figures: Figures, keys: Collection[str]) -> list[Rise]:
    """The months that were above the one before by what somebody would write home about."""
    known = figures.history.keys()
    return [rise for key in keys if key in known for rise in _rises(figures, key)]


def _rises(figures: Figures, key: str) -> list[Rise]:
    rows = figures.history.process_chart(key, COMPANY).months.reindex(figures.months)
    values = rows["value"].to_numpy(dtype=float)
    rises = []
    for place, month in enumerate(figures.months):
        now, before, year_ago, year_ago_before = (
            float(values[place - back]) if place >= back else math.nan for back in (0, 1, YEAR, YEAR + 1)
        )
        if now > (1 + RISE) * before > 0:
            low, high = (float(rows[end].iloc[place]) for end in ("low", "high"))
            rule = str(rows["rule"].iloc[place])
            rises.append(Rise(key, month, now, before, year_ago, year_ago_before, low, high, rule))
    return rises
