"""What a company's months say of the lines of schemes: results, goals, the months ahead; schemes held against it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.goals import goal_for
from kpi_helpers.history import History
from kpi_helpers.language import _
from kpi_helpers.monthly import plan_to_date
from kpi_helpers.outlook import look_ahead
from kpi_helpers.pay.unripe import Unripe, unripe
from kpi_helpers.scorecard import MONTHS, Fault, Line, Scheme, Score, Simulation, find_faults, simulate, tally

AHEAD = 3  # months: beyond a quarter a forecast says little of a bonus
DRAWS = 2000  # of noise
COLUMNS = ("value", "numerator", "denominator")


@dataclass(frozen=True, eq=False)
class Pay:
    """A scheme held against a company's months.

    `score` is of `month`; where that month is not over (`finished` is False) its results and targets are those to
    date, and no bonus follows from them. `seen`: the months looked back upon, by month, and those `ahead` (their first
    days, in the order of the rows of `seen.ahead`). `unripe`: by line, what its result of the month waits for.
    `margin`: the company's, by month looked back upon.
    """

    scheme: Scheme
    month: pd.Timestamp
    finished: bool
    score: Score
    seen: Simulation
    faults: list[Fault]
    unripe: Mapping[str, Unripe]
    ahead: pd.DatetimeIndex
    margin: pd.Series
    charges: float


class Ledger:
    """The last 24 finished months of a company up to that of its history, and three months ahead.

    `goals` are goals of months (`read_goals`). What a KPI says is computed once.
    """

    def __init__(self, history: History, goals: pd.DataFrame) -> None:
        self.history, self.goals = history, goals
        finished = history.months[:-1] if history.unfinished else history.months
        self.months = pd.DatetimeIndex(finished[-MONTHS:])
        self.ahead = pd.date_range(history.next_month, periods=AHEAD, freq="MS").as_unit("us")
        self.past = lru_cache(maxsize=None)(self._past)
        self.paths = lru_cache(maxsize=None)(self._paths)
        self.goal = lru_cache(maxsize=None)(self._goal)
        self.margin = history.past.values("margin").reindex(self.months)

    @property
    def last(self) -> pd.Timestamp:
        """The last month that is over; KitError where there is none."""
        if not len(self.months):
            raise KitError(_("no month is over yet: there is nothing to pay for."), _("Come back when one is."))
        return self.months[-1]

    def hold(self, scheme: Scheme, *, draws: int = DRAWS) -> Pay:
        """The scheme held against the last finished month, those before it and those ahead."""
        return self._pay(scheme, self.last, True, self._results(scheme, self.last), draws)

    def hold_to_date(self, scheme: Scheme, results: pd.DataFrame) -> Pay:
        """The same with the month that is not over: `results` has kpi, scope and value of its days so far."""
        month = self.history.months[-1]
        lines = tuple(replace(line, target=self._target_to_date(line, month)) for line in scheme.lines)
        pay = self._pay(scheme, month, False, results, DRAWS)
        return replace(pay, score=tally(replace(scheme, lines=lines), results.drop(columns="goal", errors="ignore")))

    def _pay(self, scheme: Scheme, month: pd.Timestamp, finished: bool, results: pd.DataFrame, draws: int) -> Pay:
        charges = self.history.month.company.pay_charges
        seen = self.simulate(scheme, draws)
        return Pay(
            scheme, month, finished, tally(scheme, results), seen, find_faults(scheme, seen),
            self._unripe(scheme, month), self.ahead, self.margin, charges,
        )  # fmt: skip

    def simulate(self, scheme: Scheme, draws: int = DRAWS) -> Simulation:
        """What the scheme would have paid in the months looked back upon, and may pay in those ahead."""
        history = pd.concat([self.past(line.kpi, line.scope) for line in scheme.lines])
        paths = {line.key: found for line in scheme.lines if (found := self.paths(line.kpi, line.scope)) is not None}
        targets = {line.key: np.array([self.goal(line.kpi, line.scope, month) for month in self.ahead])
                   for line in scheme.lines}  # fmt: skip
        charges = self.history.month.company.pay_charges
        return simulate(scheme, history, paths, charges, targets=targets, draws=draws)

    def _past(self, key: str, scope: str) -> pd.DataFrame:
        """A KPI by month looked back upon: period, kpi, scope, COLUMNS and goal, NaN where not known."""
        rows = self.history.past.series(key, scope).reindex(columns=list(COLUMNS), index=self.months)
        goals = [self.goal(key, scope, month) for month in self.months]
        named = rows.astype("float64").assign(period=self.months, kpi=key, scope=scope, goal=goals)
        return named.reset_index(drop=True)

    def _paths(self, key: str, scope: str) -> np.ndarray | None:
        """Draws of the months ahead, a row each; None where nothing can be said."""
        frame = look_ahead(self.history, key, scope, self.ahead[-1]).paths
        return None if frame.empty else frame.reindex(columns=self.ahead).to_numpy(dtype=float)

    def _goal(self, key: str, scope: str, month: pd.Timestamp) -> float:
        found = goal_for(self.goals, key, scope, month.date())
        return float(found["target"]) if found else math.nan

    def _results(self, scheme: Scheme, month: pd.Timestamp) -> pd.DataFrame:
        rows = pd.concat([self.past(line.kpi, line.scope) for line in scheme.lines])
        return rows[rows["period"] == month]

    def _target_to_date(self, line: Line, month: pd.Timestamp) -> float:
        """The line's target for the days covered."""
        target = self.goal(line.kpi, line.scope, month) if math.isnan(line.target) else line.target
        if math.isnan(target):
            return target
        return plan_to_date(self.history.month, KPIS[line.kpi], line.scope, target)

    def _unripe(self, scheme: Scheme, month: pd.Timestamp) -> dict[str, Unripe]:
        leads, company = self.history.month.exports.tables.get("leads"), self.history.month.company
        found = {line.key: unripe(line.kpi, line.scope, leads, company, month) for line in scheme.lines}
        return {key: one for key, one in found.items() if one}
