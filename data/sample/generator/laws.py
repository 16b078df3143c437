"""The laws that the worlds obey: seasons, response to spend, purchases, working hours; all drawn from named streams."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray

SEED = 20241101
FIRST_DAY, LAST_DAY = date(2024, 11, 1), date(2026, 10, 31)
DAYS = pd.date_range(FIRST_DAY, LAST_DAY, freq="D")
END = datetime.combine(LAST_DAY, time(23, 59, 59))
MONTHS = [str(month) for month in pd.period_range(FIRST_DAY, LAST_DAY, freq="M")]
DAYS_A_YEAR = 365.25
Floats = NDArray[np.float64]


def stream(*names: str) -> Generator:
    """A random stream of its own for every name, so that a change in one file leaves the others as they are."""
    return np.random.default_rng([SEED, *(crc32(name.encode()) for name in names)])


@dataclass(frozen=True)
class Season:
    """Demand by day: 1 + sum of amplitude_k * cos(2 pi k (day of year - peak) / 365.25), and factors for some dates."""

    peak_day: int
    amplitudes: tuple[float, ...]
    growth_a_year: float
    special: tuple[tuple[str, str, float], ...] = ()

    def demand(self) -> Floats:
        turn = 2 * np.pi * (DAYS.day_of_year.to_numpy() - self.peak_day) / DAYS_A_YEAR
        wave = 1 + sum(size * np.cos(k * turn) for k, size in enumerate(self.amplitudes, start=1))
        factor = np.ones(len(DAYS))
        for first, last, size in self.special:
            day = DAYS.strftime("%m-%d").to_numpy().astype(str)
            factor[(day >= first) & (day <= last)] = size
        return wave * factor * self.growth_a_year ** (np.arange(len(DAYS)) / DAYS_A_YEAR)


@dataclass(frozen=True)
class Hill:
    """Visits a day at a spend a day: top * s^slope / (half^slope + s^slope)."""

    top: float
    half: float
    slope: float

    def visits(self, spend: Floats) -> Floats:
        raised = spend**self.slope
        return self.top * raised / (self.half**self.slope + raised)


@dataclass(frozen=True)
class Power:
    """Visits a day at a spend a day: scale * s^exponent."""

    scale: float
    exponent: float

    def visits(self, spend: Floats) -> Floats:
        return self.scale * spend**self.exponent


def weekday_factor(weights: tuple[float, ...]) -> Floats:
    """A factor for every day of the period from seven weights, Monday first; their mean becomes 1."""
    return (np.array(weights) / np.mean(weights))[DAYS.day_of_week]


def spend_path(rng: Generator, level: float, lowest: float, highest: float) -> Floats:
    """Spend a day: a level held for two weeks at a time, with daily noise, so that response curves can be learned."""
    fortnights = rng.normal(0, 0.38, len(DAYS) // 14 + 1)
    path = level * np.exp(np.repeat(fortnights, 14)[: len(DAYS)] + rng.normal(0, 0.07, len(DAYS)))
    return np.round(np.clip(path, lowest, highest), 2)


@dataclass(frozen=True)
class Purchases:
    """BG/NBD (time in weeks, drop-out after each repeat purchase) with Gamma-Gamma order values."""

    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    v: float

    def repeat_weeks(self, rng: Generator, horizon: float) -> list[float]:
        """Weeks after the first purchase at which one customer buys again, up to the horizon."""
        rate, drop_out = rng.gamma(self.r, 1 / self.alpha), rng.beta(self.a, self.b)
        weeks: list[float] = []
        at = rng.exponential(1 / rate)
        while at < horizon:
            weeks.append(at)
            if rng.random() < drop_out:
                break
            at += rng.exponential(1 / rate)
        return weeks

    def order_values(self, rng: Generator, orders: int) -> Floats:
        """Values of one customer's orders; their mean over customers is p * v / (q - 1)."""
        return rng.gamma(self.p, 1 / rng.gamma(self.q, 1 / self.v), orders)


def days_of(text: str) -> frozenset[str]:
    """Days written one after another as ISO dates."""
    return frozenset(text.split())


@dataclass(frozen=True)
class WorkingHours:
    """Monday to Friday between two hours, without the public holidays that fall on them, and weekends worked for these.

    Both as the calendars of 2024-2026 have them.
    """

    opens: int
    closes: int
    holidays: frozenset[str]
    worked_weekends: frozenset[str] = frozenset()

    def is_open(self, at: datetime) -> bool:
        return self._works(at) and self.opens <= at.hour < self.closes

    def next_opening(self, at: datetime) -> datetime:
        opening = at.replace(hour=self.opens, minute=0, second=0)
        if at >= opening or not self._works(at):
            opening += timedelta(days=1)
        while not self._works(opening):
            opening += timedelta(days=1)
        return opening

    def add_minutes(self, at: datetime, minutes: float) -> datetime:
        """The moment after so many minutes of working time, counted from an open moment."""
        left = (at.replace(hour=self.closes, minute=0, second=0) - at).total_seconds() / 60
        if minutes <= left:
            return at + timedelta(seconds=round(60 * minutes))
        return self.add_minutes(self.next_opening(at.replace(hour=self.closes)), minutes - left)

    def _works(self, at: datetime) -> bool:
        day = at.strftime("%Y-%m-%d")
        return day in self.worked_weekends or (at.weekday() < 5 and day not in self.holidays)


@dataclass(frozen=True)
class Answers:
    """How requests are answered: within 15 working minutes (outside working time: the first hour), late, or never."""

    late: float
    never: float

    def draw(self, rng: Generator, hours: WorkingHours, asked: datetime) -> tuple[str, datetime | None]:
        kind = str(rng.choice(["in_time", "late", "never"], p=[1 - self.late - self.never, self.late, self.never]))
        if kind == "never":
            return kind, None
        if hours.is_open(asked) and asked.weekday() < 5:
            quick = min(rng.lognormal(np.log(5), 0.6), 14.5)
            return kind, hours.add_minutes(asked, quick if kind == "in_time" else rng.uniform(17, 260))
        waits = rng.uniform(2, 58) if kind == "in_time" else rng.uniform(62, 300)
        if hours.is_open(asked):  # on a worked weekend: quick too, by the one draw of other weekends
            return kind, hours.add_minutes(asked, waits / 4 if kind == "in_time" else waits)
        return kind, hours.add_minutes(hours.next_opening(asked), waits)


def in_the_office(at: datetime, opens: int = 9, closes: int = 18) -> datetime:
    """A moment of the night moved to the half hour after the next opening; the order of moments stays."""
    if opens <= at.hour < closes:
        return at.replace(microsecond=0)
    opening = at.replace(hour=opens, minute=0, second=0, microsecond=0) + timedelta(days=int(at.hour >= closes))
    waited = 1 - (opening - at) / timedelta(hours=24 + opens - closes)
    return opening + timedelta(seconds=int(1799 * waited))


def moments(
    rng: Generator, days: list[date] | pd.DatetimeIndex, first_hour: int = 0, last_hour: int = 24
) -> list[datetime]:
    """A moment within each day: most by daylight, some by night; never the same minute for all."""
    weights = np.array([2, 1, 1, 1, 1, 2, 4, 7, 10, 14, 16, 16, 14, 14, 15, 15, 14, 13, 13, 14, 14, 13, 9, 5], float)
    weights = weights[first_hour:last_hour] / weights[first_hour:last_hour].sum()
    hours = rng.choice(np.arange(first_hour, last_hour), size=len(days), p=weights)
    seconds = hours * 3600 + rng.integers(0, 3600, len(days))
    return [
        datetime(day.year, day.month, day.day) + timedelta(seconds=int(s)) for day, s in zip(days, seconds, strict=True)
    ]
