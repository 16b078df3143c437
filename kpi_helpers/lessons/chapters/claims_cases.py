"""What the lesson on claims is about: a share by month and how it moves by itself, tests of it, months drawn by lot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from kpi_helpers.beliefs.planning import POINT, Base, Plan
from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.history import COMPANY
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.labels import kpi_name, lower_first, month_name
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking, Lot
from kpi_helpers.response import MONTH

CONVERSIONS = ("visit_to_lead", "conversion_rate", "close_rate", "qualification_rate", "ctr")
SHARES = ("csat", "awareness_aided", "qualification_rate", "answered_in_time", "close_rate", "repeat_rate")
COUNTED = ("leads", "orders")
CLAIMS = (0.15, 0.2, 0.25, 0.3)
LEAST = 12  # changes from month to month that make a series
QUARTER = 4  # of the months, the lowest and the highest
LATE = ("qualification_rate", "close_rate")  # known of a month only once all of its leads are judged
RECENT = 3  # months that say what a share is now
WEEKS = (4, 26)  # a test that a company really runs takes neither a day nor a year
DRAWN, FALLS = 6, (2, 4)  # months of a "study", and how many of them fell
DRAWS = 40


@dataclass(frozen=True, eq=False)
class Moves:
    """A share by month: what it was, and how it moved to the next month (0.1 is a rise by 10 % of it)."""

    key: str
    months: pd.DatetimeIndex  # each with a month known after it
    values: np.ndarray
    moves: np.ndarray
    last: pd.Timestamp  # the month after the last of them

    @property
    def name(self) -> str:
        return kpi_name(self.key)

    @property
    def picked(self) -> int:
        return max(round(len(self.moves) / QUARTER), 2)

    @cached_property
    def ranked(self) -> np.ndarray:
        """The moves, from that after the lowest month to that after the highest."""
        return self.moves[np.argsort(self.values, kind="stable")]

    def spoken(self, group: str) -> np.ndarray:
        """Which of the ranked moves are meant: "all", after the lowest quarter ("low"), after the highest ("high")."""
        place = np.arange(len(self.moves))
        return {"low": place < self.picked, "high": place >= len(place) - self.picked}.get(group, place >= 0)

    def rose(self, group: str, by: float = 0.0) -> int:
        """After how many months of the group it rose by so much or more; by anything where `by` is zero."""
        moves = self.ranked[self.spoken(group)]
        return int((moves >= by).sum() if by > 0 else (moves > 0).sum())

    def size(self, group: str) -> int:
        return int(self.spoken(group).sum())

    @property
    def period(self) -> str:
        first, last = (month_name(month, heading=False) for month in (self.months[0], self.last))
        return f"{first} – {last}"


@dataclass(frozen=True, eq=False)
class Trial:
    """A claim about a share of the company, and the test that it would take."""

    base: Base
    by: float
    moves: Moves
    last: pd.Timestamp  # month of the base

    @property
    def name(self) -> str:
        return kpi_name(self.base.key)

    @property
    def hoped(self) -> float:
        return self.base.share * (1 + self.by)

    @cached_property
    def each(self) -> int:
        """How many visits, leads … each of two equal groups needs."""
        return Plan(self.base, self.hoped).groups()[0]

    @property
    def period(self) -> str:
        """The months of the base."""
        first = self.last - pd.DateOffset(months=self.base.months - 1)
        return " – ".join(dict.fromkeys(month_name(month, heading=False) for month in (first, self.last)))

    @property
    def a_week(self) -> int:
        return round(self.base.each_week)

    @property
    def weeks(self) -> int:
        """Weeks that both groups take together, in whole ones."""
        return math.ceil(2 * self.each / self.a_week)


@dataclass(frozen=True)
class Reading:
    """A share in a month, and a claim in percent of it."""

    key: str
    month: pd.Timestamp
    share: float
    by: float

    @property
    def level(self) -> float:
        return self.share * (1 + self.by)


@dataclass(frozen=True)
class Study:
    """Months drawn by lot, with what they added to the month before."""

    key: str
    months: tuple[pd.Timestamp, ...]
    changes: tuple[float, ...]

    @property
    def name(self) -> str:
        return lower_first(kpi_name(self.key))

    @property
    def falls(self) -> int:
        return sum(change < 0 for change in self.changes)

    @property
    def mean(self) -> float:
        return sum(self.changes) / len(self.changes)


def find_moves(figures: Figures, lot: Lot) -> Moves:
    """A conversion that is known long enough, drawn by lot: not chosen by how often it recovered."""
    found = [moves for key in CONVERSIONS if (moves := moves_of(figures, key)) is not None]
    if not found:
        raise Lacking(_("no conversion is known for more than {n} months in a row.").format(n=LEAST))
    return lot.one(found)


@lru_cache(maxsize=64)
def known_values(figures: Figures, key: str) -> pd.Series:
    """A share by finished month, NaN where it is not known or still on its way."""
    values = figures.history.past.values(key, COMPANY).reindex(pd.DatetimeIndex(figures.months))
    if key not in LATE:
        return values
    try:
        return values.where(values.index.isin(figures.judged_months()))
    except Lacking:
        return values * math.nan


def moves_of(figures: Figures, key: str) -> Moves | None:
    """How a share moves from each month to the next; None where too few of its months are known."""
    values = known_values(figures, key).to_numpy()
    before, after = values[:-1], values[1:]
    known = np.isfinite(before) & np.isfinite(after) & (before > 0)
    if known.sum() < LEAST:
        return None
    months = pd.DatetimeIndex(figures.months[:-1])[known]
    last = months[-1] + pd.DateOffset(months=1)
    return Moves(key, months, before[known], after[known] / before[known] - 1, last)


def edge_of(moves: Moves) -> int:
    """Of the lowest months: so few are none or nearly none, so few short of all are nearly all."""
    return max(round(moves.picked / 5), 1) if moves.picked > 2 else 0


def answer_of(moves: Moves) -> str:
    """After how many of the lowest months it rose: "few", "half" or "most"."""
    rose, edge = moves.rose("low"), edge_of(moves)
    return "few" if rose <= edge else "most" if rose >= moves.picked - edge else "half"


def list_trials(figures: Figures) -> list[Trial]:
    """The claims about the company's shares that a test of some weeks could tell; Lacking where there is none."""
    trials = []
    for key in CONVERSIONS:
        moves = moves_of(figures, key)
        if moves is not None and (base := base_until(figures, key, moves.last)).can_be_tested:
            trials += [trial for by in CLAIMS if _fits(trial := Trial(base, by, moves, moves.last))]
    if len(trials) < 2:
        raise Lacking(_("no share could be tested here within {n} weeks.").format(n=WEEKS[1]))
    return trials


def base_until(figures: Figures, key: str, last: pd.Timestamp) -> Base:
    """The share over the months up to the last that is known, sum over sum."""
    held = figures.history.past.held(key, COMPANY).loc[:last].tail(RECENT)
    row = compute_kpis(held.sum(skipna=False).to_frame().T, [key]).iloc[0]
    share, low, high, hits, trials = (float(row[name]) for name in POINT)
    return Base(key, len(held), share, low, high, hits, trials, trials / len(held) / MONTH)


def _fits(trial: Trial) -> bool:
    if not trial.hoped < 1:
        return False
    try:
        return WEEKS[0] <= trial.weeks <= WEEKS[1]
    except KitError:
        return False


def list_readings(figures: Figures) -> list[Reading]:
    """The shares of the finished months that a claim, in percent or in points, leaves below 100 %."""
    readings = []
    for key in SHARES:
        values = known_values(figures, key).dropna()
        for month, share in zip(pd.DatetimeIndex(values.index), values.to_numpy(dtype=float), strict=True):
            readings += [Reading(key, month, float(share), by) for by in CLAIMS if 0 < share < 1 - by]
    return readings


def list_studies(figures: Figures, lot: Lot) -> list[Study]:
    """Months drawn by lot, some of which fell; Lacking where what is counted is known for too few months."""
    studies = []
    for key in COUNTED:
        changes = figures.history.past.values(key, COMPANY).reindex(figures.months).diff().dropna()
        if len(changes) < LEAST or KPIS[key].style != "count":
            continue
        for _draw in range(DRAWS):
            months = sorted(lot.shuffled(list(changes.index))[:DRAWN])
            study = Study(key, tuple(months), tuple(float(changes[month]) for month in months))
            if FALLS[0] <= study.falls <= FALLS[1] and all(study.changes):
                studies.append(study)
    if not studies:
        raise Lacking(_("leads or orders are known for too few months."))
    return studies


def pick(items: Sequence[Trial], other: Trial) -> list[Trial]:
    """The trials of another claim than that one's."""
    return [item for item in items if (item.base.key, item.by) != (other.base.key, other.by)]
