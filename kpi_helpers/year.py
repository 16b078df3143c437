"""The year: goals of months as one plan, what is done, where it will land, what the months left must bring."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.goals import goal_for
from kpi_helpers.history import History
from kpi_helpers.outlook import Outlook, look_ahead
from kpi_helpers.pace import LEVEL

TAIL = (1 - LEVEL) / 2
FEWEST = 2  # months that are more than the month itself


@dataclass(frozen=True, eq=False)
class YearPlan:
    """The goals of a sum in the months of a year: `plan` by month, and the outlook to the last of them."""

    kpi: str
    scope: str
    owner: str
    plan: pd.Series
    outlook: Outlook

    @property
    def goal(self) -> float:
        return float(self.plan.sum())

    @property
    def actual(self) -> pd.Series:
        """What the finished months of the plan brought, by month; NaN where it is not known or still to come."""
        return self.outlook.history.reindex(self.plan.index)

    @property
    def done(self) -> float:
        """The finished months and what the month under way has brought; NaN where a finished month is not known."""
        pace = self.outlook.pace
        under_way = pace.done if pace and pace.month in self.plan else 0.0
        return float(self._finished["actual"].sum(skipna=False)) + under_way

    @property
    def planned_to_date(self) -> float:
        """The plan of the same time."""
        pace = self.outlook.pace
        under_way = pace.plan_to_date if pace and pace.month in self.plan else 0.0
        return float(self._finished["plan"].sum()) + under_way

    @cached_property
    def landing(self) -> tuple[float, float, float]:
        """Low, middle and high of what the year will come to; NaN where nothing can be said."""
        draws = self.outlook.total(self.plan.index)
        if not len(draws):
            return (np.nan, np.nan, np.nan)
        low, middle, high = np.nanquantile(draws, [TAIL, 0.5, 1 - TAIL])
        return float(low), float(middle), float(high)

    @property
    def chance(self) -> float:
        return self.outlook.chance_of_total(self.goal, self.plan.index)

    @property
    def months_left(self) -> float:
        """The months that are not finished; of the one under way, the part that its days left are."""
        left, pace = len(self.plan) - len(self._finished), self.outlook.pace
        if pace is None or pace.month not in self.plan:
            return left
        return left - pace.days_done / (pace.days_done + pace.days_left)

    @property
    def needed_a_month(self) -> float:
        """What each month that is left must bring; NaN where none is left."""
        return max(self.goal - self.done, 0.0) / self.months_left if self.months_left else np.nan

    @property
    def _finished(self) -> pd.DataFrame:
        """Plan and result of the finished months."""
        last = self.outlook.history.index.max()
        return pd.DataFrame({"plan": self.plan, "actual": self.actual})[self.plan.index <= last]


def year_plans(history: History, goals: pd.DataFrame) -> list[YearPlan]:
    """The sums that have goals in several months of the year, that of `history.month` among them."""
    start = pd.Timestamp(history.month.start)
    year = pd.date_range(f"{start.year}-01-01", periods=12, freq="MS").as_unit("us")
    plans = []
    goals = goals[goals["target"].notna()]  # a change of a baseline that nobody knows is no target
    if "goal_counts" in goals:
        goals = goals[goals["goal_counts"] != "exit"]  # its months are steps on the way and no plan to add up
    for key, scope in dict.fromkeys(zip(goals["kpi"], goals["scope"], strict=True)):
        own = goals[(goals["kpi"] == key) & (goals["scope"] == scope)]
        found = {month: goal for month in year if (goal := goal_for(own, key, scope, month.date()))}
        if not KPIS[key].is_sum or len(found) < FEWEST or start not in found:
            continue
        plan = pd.Series({month: float(goal["target"]) for month, goal in found.items()})
        outlook = look_ahead(history, key, scope, plan.index[-1], float(plan[start]))
        plans.append(YearPlan(key, scope, found[start]["owner"], plan, outlook))
    return plans
