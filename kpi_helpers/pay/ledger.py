"""What a company's months say of the lines of schemes: results, goals, the months ahead; schemes held against it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.forecast import forecast_kpi
from kpi_helpers.goals import goal_for
from kpi_helpers.history import History
from kpi_helpers.language import _
from kpi_helpers.monthly import plan_to_date
from kpi_helpers.outlook import look_ahead
from kpi_helpers.pay.unripe import Unripe, ends_early, unripe, unripe_months
from kpi_helpers.scorecard import MONTHS, Fault, Line, Scheme, Score, Simulation, find_faults, simulate, tally

AHEAD = 3  # months: beyond a quarter a forecast says little of a bonus
DRAWS = 2000  # of noise
COLUMNS = ("value", "numerator", "denominator")


@dataclass(frozen=True, eq=False)
class Pay:
    """A scheme held against a company's months.

    `score` is of `month`; where that month is not over (`finished` is False) its results and targets are those to
    date, and no bonus follows from them. `seen`: the months looked back upon, by month, and those `ahead` (their first
    days, in the order of the rows of `seen.ahead`). `late`: by line, the last day that its exports speak of where that
    is before the month's end; where such a line is paid, no index and no bonus are stated. `unripe`: by line, what its
    result of the month waits for. `left_out`: the months whose results are not final: nothing is learned from them.
    `margin`: the company's, by month looked back upon.
    """

    scheme: Scheme
    month: pd.Timestamp
    finished: bool
    score: Score
    seen: Simulation
    faults: list[Fault]
    late: Mapping[str, date]
    unripe: Mapping[str, Unripe]
    left_out: tuple[pd.Timestamp, ...]
    ahead: pd.DatetimeIndex
    margin: pd.Series
    charges: float

    @property
    def is_cut(self) -> bool:
        """Whether the exports of a paid line end before the month does."""
        return any(line.weight > 0 and line.key in self.late for line in self.scheme.lines)


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
        self.unripe = lru_cache(maxsize=None)(self._unripe)
        self.late = lru_cache(maxsize=None)(self._late)
        self.not_final = lru_cache(maxsize=None)(self._not_final)
        self.margin = history.past.values("margin").reindex(self.months)

    @property
    def last(self) -> pd.Timestamp:
        """The last month that is over; KitError where there is none."""
        if not len(self.months):
            raise KitError(_("no month is over yet: there is nothing to pay for."), _("Come back when one is."))
        return self.months[-1]

    def hold(self, scheme: Scheme, *, draws: int = DRAWS) -> Pay:
        """The scheme held against the last finished month, those before it and those ahead."""
        rows = pd.concat([self.past(line.kpi, line.scope) for line in scheme.lines])
        return self._pay(scheme, self.last, True, scheme, rows[rows["period"] == self.last], draws)

    def hold_to_date(self, scheme: Scheme, results: pd.DataFrame) -> Pay:
        """The same with the month that is not over: `results` has kpi, scope and value of its days so far."""
        month = self.history.months[-1]
        to_date = replace(scheme, lines=tuple(self._to_date(line, month) for line in scheme.lines))
        return self._pay(scheme, month, False, to_date, results.drop(columns="goal", errors="ignore"), DRAWS)

    def _pay(
        self, scheme: Scheme, month: pd.Timestamp, finished: bool, scored: Scheme, results: pd.DataFrame, draws: int
    ) -> Pay:
        """The scheme's months, and the month itself by what is `scored`: its targets may be those to date."""
        keys = {line.key: (line.kpi, line.scope, month) for line in scheme.lines}
        late = {key: day for key, asked in keys.items() if (day := self.late(*asked))}
        waiting = {key: found for key, asked in keys.items() if (found := self.unripe(*asked))}
        seen = self.simulate(scheme, draws)
        pay = Pay(
            scheme, month, finished, _tally(scored, results, late), seen, find_faults(scheme, seen), late, waiting,
            self.left_out(scheme), self.ahead, self.margin, self.history.month.company.pay_charges,
        )  # fmt: skip
        return replace(pay, score=_without_sum(pay.score)) if pay.is_cut else pay

    def simulate(self, scheme: Scheme, draws: int = DRAWS) -> Simulation:
        """What the scheme would have paid in the months looked back upon, and may pay in those ahead."""
        history = pd.concat([self._final(line) for line in scheme.lines])
        history.loc[history["period"].isin(self.left_out(scheme)), list(COLUMNS)] = math.nan
        paths = {line.key: found for line in scheme.lines if (found := self.paths(line.kpi, line.scope)) is not None}
        targets = {line.key: np.array([self.goal(line.kpi, line.scope, month) for month in self.ahead])
                   for line in scheme.lines}  # fmt: skip
        charges = self.history.month.company.pay_charges
        return simulate(scheme, history, paths, charges, targets=targets, draws=draws)

    def left_out(self, scheme: Scheme) -> tuple[pd.Timestamp, ...]:
        """The months looked back upon of which the result of a paid line is not final."""
        found = {month for line in scheme.lines if line.weight > 0 for month in self.not_final(line.kpi, line.scope)}
        return tuple(sorted(found & set(self.months)))

    def _past(self, key: str, scope: str) -> pd.DataFrame:
        """A KPI by month looked back upon: period, kpi, scope, COLUMNS and goal, NaN where not known."""
        rows = self.history.past.series(key, scope).reindex(columns=list(COLUMNS), index=self.months)
        goals = [self.goal(key, scope, month) for month in self.months]
        named = rows.astype("float64").assign(period=self.months, kpi=key, scope=scope, goal=goals)
        return named.reset_index(drop=True)

    def _paths(self, key: str, scope: str) -> np.ndarray | None:
        """Draws of the months ahead, a row each; None where nothing can be said."""
        base = self._final_run(key, scope)
        if base is None:
            frame = look_ahead(self.history, key, scope, self.ahead[-1]).paths
        elif len(base):
            last = base.index[-1]
            steps = (self.ahead[-1].year - last.year) * 12 + self.ahead[-1].month - last.month
            forecast = forecast_kpi(base, key, steps)
            frame = pd.DataFrame(forecast.paths, columns=forecast.months)
        else:
            return None
        return None if frame.empty else frame.reindex(columns=self.ahead).to_numpy(dtype=float)

    def _goal(self, key: str, scope: str, month: pd.Timestamp) -> float:
        found = goal_for(self.goals, key, scope, month.date())
        return float(found["target"]) if found else math.nan

    def _to_date(self, line: Line, month: pd.Timestamp) -> Line:
        """The line with target and base for the days covered."""
        target = self.goal(line.kpi, line.scope, month) if math.isnan(line.target) else line.target
        target, base = (
            level if math.isnan(level) else plan_to_date(self.history.month, KPIS[line.kpi], line.scope, level)
            for level in (target, line.base)
        )
        return replace(line, target=target, base=base)

    # What is not final

    def _unripe(self, key: str, scope: str, month: pd.Timestamp) -> Unripe | None:
        this = self.history.month
        return unripe(key, scope, this.exports.tables.get("leads"), this.company, month)

    def _late(self, key: str, _scope: str, month: pd.Timestamp) -> date | None:
        end = (month + pd.offsets.MonthEnd(0)).date()
        return ends_early(self.history.month.exports, key, min(end, self.history.month.end))

    def _not_final(self, key: str, scope: str) -> frozenset[pd.Timestamp]:
        """The months, the one under way among them, that end after the KPI's exports or whose leads still wait."""
        this, months = self.history.month, [*self.months, *self.ahead[: int(self.history.unfinished)]]
        late = {month for month in months if self.late(key, scope, month)}
        return frozenset(late | set(unripe_months(key, scope, this.exports.tables.get("leads"), this.company, months)))

    def _final(self, line: Line) -> pd.DataFrame:
        """The line's past without the months that are not final."""
        rows = self.past(line.kpi, line.scope).copy()
        rows.loc[rows["period"].isin(self.not_final(line.kpi, line.scope)), list(COLUMNS)] = math.nan
        return rows

    def _final_run(self, key: str, scope: str) -> pd.DataFrame | None:
        """The sums that a forecast may begin from: up to the last final month; None where all are final."""
        months = [*self.months, *self.ahead[: int(self.history.unfinished)]]
        open_months = self.not_final(key, scope)
        if not months or months[-1] not in open_months:
            return None
        last = max((month for month in months if month not in open_months), default=pd.Timestamp.min)
        sums = self.history.finished(key, scope)
        return sums[sums.index <= last]


def _tally(scheme: Scheme, results: pd.DataFrame, late: Mapping[str, date]) -> Score:
    """The score; what the exports do not hold whole is no result."""
    cut = {(line.kpi, line.scope) for line in scheme.lines if line.key in late}
    scopes = results["scope"] if "scope" in results else pd.Series("company", index=results.index)
    named = pd.Series([pair in cut for pair in zip(results["kpi"], scopes, strict=True)], results.index, dtype=bool)
    return tally(scheme, results.assign(value=results["value"].mask(named)))


def _without_sum(score: Score) -> Score:
    """The score where what is paid is not known whole: each row by itself, and no sum."""
    nothing = dict.fromkeys(("counted_weight", "contribution", "bonus"), math.nan)
    return replace(score, rows=score.rows.assign(**nothing), index=math.nan, bonus=math.nan)
