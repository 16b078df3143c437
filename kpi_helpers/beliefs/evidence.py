"""A part of a claim beside the company's own months: what it would be, and what would prove it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from kpi_helpers.beliefs.claims import Kind
from kpi_helpers.catalogue import KPIS, Kpi, expanded
from kpi_helpers.differences import CONFIDENCE, sample_size
from kpi_helpers.errors import KitError
from kpi_helpers.goals.targets import may_be_negative
from kpi_helpers.history import COMPANY, History

POWER = 0.8
YEAR, RECENT = 12, 3  # months
LEAST = 4  # months with a change, and without: of fewer nobody knows the spread
_WEEKS_OF_MONTH = 365.25 / 12 / 7
_SPREADS = 3  # from the centre of a process chart to its limits
INDEX = 100  # points: a claim of +5 is by = 0.05


@dataclass(frozen=True)
class Change:
    """What a part of a claim was read as: a KPI and its change, relative or in points (0.05 is 5 % or 5 points)."""

    key: str
    kind: Kind
    by: float

    @property
    def row(self) -> Kpi:
        return KPIS[self.key]

    def level(self, base: float) -> float:
        """What the change makes of a value; NaN of nothing, and in percent of less than nothing."""
        if self.kind == "points":
            return base + self.by * (INDEX if self.row.style == "points" else 1)
        return base * (1 + self.by) if base > 0 else math.nan

    def can_be(self, level: float) -> bool:
        """Whether the KPI can have this value at all."""
        low = -math.inf if may_be_negative(self.row) else 0.0
        low, high = {"proportion": (0.0, 1.0), "nps": (-100.0, 100.0)}.get(self.row.interval, (low, math.inf))
        return low <= level <= high

    def size(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """The changes from `before` to `after` in the way that the claim counts them."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.kind == "relative":
                return np.where(before > 0, after / before - 1, np.nan)
            return (after - before) / (INDEX if self.row.style == "points" else 1)


@dataclass(frozen=True)
class Evidence:
    """A change beside the company's own history; numbers are NaN where they are not known.

    `now`, `would`: the KPI in `month`, the last whole one, and as it would be. `year_now`, `year_would`: over the
    `months` last whole months together (12, or fewer where there are no more; NaN where it does not add up). `swing`:
    how many times the lowest of these months the highest is, for counts and money.
    `steps`: how many changes from one month to the next are known, `larger`: how many were of the claimed size or more,
    either way. `centre`, `low`, `high`: the usual range of the last month judged. `groups`: how many trials each of two
    groups needs, and `weeks` how long the company takes for both; only for shares. `pairs`: how many months with and as
    many without are needed; for all else. `goal`: the goal of the month, NaN where there is none.
    """

    change: Change
    month: pd.Timestamp | None = None
    now: float = math.nan
    would: float = math.nan
    months: int = 0
    year_now: float = math.nan
    year_would: float = math.nan
    swing: float = math.nan
    steps: int = 0
    larger: int = 0
    centre: float = math.nan
    low: float = math.nan
    high: float = math.nan
    groups: tuple[int, int] | None = None
    weeks: float = math.nan
    pairs: float = math.nan

    @property
    def known(self) -> bool:
        return math.isfinite(self.now)

    @property
    def can_be(self) -> bool:
        """Whether the KPI can be what the claim makes of it."""
        return not math.isfinite(self.would) or self.change.can_be(self.would)

    @property
    def stands_out(self) -> bool | None:
        """Whether one usual month, changed as claimed, would leave the usual range; None where there is no range."""
        level = self.change.level(self.centre)
        if not np.isfinite([level, self.low, self.high]).all():
            return None
        return not self.low <= level <= self.high


def weigh(history: History, change: Change) -> Evidence:
    """The change held against the whole months of the company.

    `groups`: by `differences.sample_size` from the share over these months, two-sided at 5 % with a power of 80 %.
    `pairs`: see `months_needed`, for months whose spread is a third of the way from the centre of the process chart to
    its limits (of logarithms where months are held against those a year before); months are taken as independent.
    """
    values = history.past.values(change.key, COMPANY).dropna()
    if values.empty:
        return Evidence(change)
    month, now = pd.Timestamp(values.index[-1]), float(values.iloc[-1])
    span = values.index[values.index > month - pd.DateOffset(months=YEAR)]
    over = history.past.over(change.key, COMPANY, span[0], month)
    known = len(pd.date_range(span[0], month, freq="MS")) if math.isfinite(over) else 0
    steps, recent = _steps(change, values), values[span]
    swing = recent.max() / recent.min() if change.row.is_sum and recent.min() > 0 else math.nan
    centre, low, high, pairs = _usual(history, change)
    groups, weeks = _trial(history, change, over if math.isfinite(over) else now)
    return Evidence(
        change, month, now, change.level(now), known, over, change.level(over), swing, len(steps),
        int((np.abs(steps) >= abs(change.by) * (1 - 1e-9)).sum()), centre, low, high, groups, weeks, pairs,
    )  # fmt: skip


def _steps(change: Change, values: pd.Series) -> np.ndarray:
    """The changes from one month to the next."""
    months = values.reindex(pd.date_range(values.index[0], values.index[-1], freq="MS")).to_numpy(dtype=float)
    steps = change.size(months[:-1], months[1:])
    return steps[np.isfinite(steps)]


def _usual(history: History, change: Change) -> tuple[float, float, float, float]:
    """Centre and limits of the last month judged, and how many months on each side would tell the change."""
    chart = history.process_chart(change.key, COMPANY)
    judged = chart.months.dropna(subset=["centre", "low", "high"])
    if judged.empty:
        return math.nan, math.nan, math.nan, math.nan
    centre, low, high = (float(judged[name].iloc[-1]) for name in ("centre", "low", "high"))
    level = change.level(centre)
    if chart.method == "shares" or not math.isfinite(level) or level == centre:
        return centre, low, high, math.nan
    if chart.method == "year_ago":
        if not min(centre, high, level) > 0:
            return centre, low, high, math.nan
        spread, size = math.log(high / centre) / _SPREADS, math.log(level / centre)
    else:
        spread, size = max(high - centre, centre - low) / _SPREADS, level - centre
    return centre, low, high, months_needed(spread, size)


def months_needed(spread: float, size: float) -> float:
    """How many months with a change and as many without tell it from chance, four times in five; at least 4.

    The first n with n >= 2 (t1 + t2)^2 (spread / size)^2, where t1 and t2 are the quantiles of Student's t for a
    two-sided test at 5 % and a power of 80 %, with 2 n - 2 degrees of freedom.
    Source: Snedecor and Cochran 1989, Statistical Methods, section 6.14.

    >>> months_needed(0.1, 0.1)
    17
    """
    from scipy.special import stdtrit

    def enough(months: float) -> bool:
        reach = float(stdtrit(2 * months - 2, 0.5 + CONFIDENCE / 2) + stdtrit(2 * months - 2, POWER))
        return months >= 2 * (reach * spread / size) ** 2

    normal = NormalDist()
    reach = normal.inv_cdf(0.5 + CONFIDENCE / 2) + normal.inv_cdf(POWER)
    months = max(math.ceil(2 * (reach * spread / size) ** 2), LEAST)
    while not enough(months):
        months += 1
    return months


def _trial(history: History, change: Change, base: float) -> tuple[tuple[int, int] | None, float]:
    """How many trials each of two equal groups needs, and in how many weeks the company has both."""
    level = change.level(base)
    if change.row.interval != "proportion" or not math.isfinite(level) or not (0 < base < 1 and 0 < level < 1):
        return None, math.nan
    try:
        groups = sample_size(base, level, POWER)
    except KitError:  # too near to one another
        return None, math.nan
    each_week = weekly_trials(history, change.key)
    return groups, sum(groups) / each_week if each_week > 0 else math.nan


def weekly_trials(history: History, key: str, scope: str = COMPANY, months: int = RECENT) -> float:
    """What a share is a share of (visits, leads …), a week, over the last whole months; NaN where it is not known."""
    below = expanded(key).denominator
    assert below is not None
    held = history.past.held(key, scope).tail(months)
    trials = below.evaluate({name: held[name] for name in below.names}) if len(held) else pd.Series(dtype="float64")
    return float(pd.Series(trials, dtype="float64").mean(skipna=False)) / _WEEKS_OF_MONTH
