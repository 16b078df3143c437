"""The form of one goal: what it is for, which KPI, whose, from when to when, how it counts, and its target."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.goals import (
    COLUMNS,
    COUNTS,
    DERIVED,
    FINAL_GOALS,
    NO_LIMIT,
    PROFILES,
    count_months,
    find_final_goal,
    month_end,
)
from kpi_helpers.history import COMPANY, History, scope_name
from kpi_helpers.labels import OWNERS, is_missing, month_name, owner_name, write_date
from kpi_helpers.language import _
from kpi_helpers.monthly_goals import break_down_goals, note_words
from kpi_helpers.widgets.goal_rows import Goal
from kpi_helpers.widgets.target import Target
from kpi_helpers.widgets.view import choice, kpi_choices, offer, row_of

HISTORY = 13  # months that a goal can still be set for
AHEAD = 24  # months that a goal can reach
USUAL = "leads"
SUGGESTED = "★ "
DEFAULT_COUNTS, DEFAULT_PROFILE = "each_month", "last_year"


def form_row(*controls: Any) -> Any:
    """Controls side by side, each with its name above it, in as many lines as the page needs."""
    return row_of(*controls).add_class("kpi-form")


class GoalForm:
    """Controls `final`, `kpi`, `scope`, `owner`, `month`, `deadline`, `counts`, `profile` and `target`."""

    def __init__(self, history: History) -> None:
        self._history, self._keys = history, history.keys()
        finals = [(_("any"), ""), *((_(goal.name), key) for key, goal in FINAL_GOALS.items())]
        self.final = choice(_("Final goal"), finals, "", tooltip=_("What the company wants in the end"))
        self.kpi = choice(_("KPI"), kpi_choices(self._keys), USUAL if USUAL in self._keys else None)
        self.scope = choice(_("For"), self._scopes(), tooltip=_("The company or one channel"))
        owners = [(owner_name(owner), owner) for owner in OWNERS]
        self.owner = choice(_("Owner"), owners, tooltip=_("Whose lever it is"))
        self.month = choice(_("From"), self._months(), history.next_month, tooltip=_("First month of the goal"))
        self.deadline = choice(_("Deadline"), self._deadlines(), tooltip=_("Last day of the goal"))
        counts = [(_(name), key) for key, name in COUNTS.items()]
        self.counts = choice(_("Counts"), counts, DEFAULT_COUNTS, tooltip=_("Each month, all together, or the last"))
        profiles = [(_(name), key) for key, name in PROFILES.items()]
        self.profile = choice(
            _("Spread as"), profiles, DEFAULT_PROFILE, tooltip=_("How the total is spread over the months")
        )
        self.target = Target()
        first = {self.final: 120, self.kpi: 270, self.scope: 130, self.owner: 110}
        second = {self.month: 130, self.deadline: 150, self.counts: 120, self.profile: 120}
        for control, width in {**first, **second}.items():
            control.layout.flex = f"1 1 {width}px"
        self.rows = [form_row(*first), form_row(*second)]

    # What it says

    @property
    def until(self) -> pd.Timestamp:
        """The last month of the goal, by its first day."""
        return pd.Timestamp(self.deadline.value).replace(day=1)

    @property
    def span(self) -> int:
        """How many months the goal is for."""
        return count_months(self.month.value.date(), self.deadline.value)

    def goal(self) -> Goal:
        """The goal as it stands, with what there was before it as its baseline."""
        start, several = self.month.value, self.span > 1
        rows = self._history.of_scope(self.kpi.value, self.scope.value)
        before = rows.loc[rows.index < start, "value"].dropna()
        counts = self.counts.value if several else ""
        return Goal(
            self.kpi.value, self.scope.value, self.target.value, start.date(), self.deadline.value, self.owner.value,
            None if before.empty else float(before.iloc[-1]), counts=counts, final_goal=self.final.value or None,
            profile=self._profile() if counts == "total" else None,
        )  # fmt: skip

    def row(self) -> dict[str, Any]:
        """The goal as a row of `check_goals`."""
        goal = self.goal()
        said = {name: getattr(goal, name, None) for name in COLUMNS}
        blank: dict[str, Any] = dict.fromkeys((*COLUMNS, *DERIVED), "")
        numbers = {"baseline": math.nan if goal.baseline is None else goal.baseline, "weight": math.nan,
                   "change_by": math.nan, "norm": False}  # fmt: skip
        return {**blank, **{name: value for name, value in said.items() if value is not None}, **numbers}

    def plan(self, past: Any) -> tuple[pd.Series, str]:
        """The goal by month, and what is to be said of its breakdown; no month where it cannot be broken down."""
        try:
            goals = break_down_goals(pd.DataFrame([self.row()]), past)
        except KitError as error:
            return pd.Series(dtype="float64", index=pd.DatetimeIndex([]).as_unit("us")), str(error)
        note = note_words(goals["note"].iloc[0])
        if len(goals) == 1:
            months = pd.date_range(self.month.value, self.until, freq="MS").as_unit("us")
            return pd.Series(float(goals["target"].iloc[0]), index=months), note
        starts = pd.DatetimeIndex(goals["start"]).as_unit("us")
        return pd.Series(goals["target"].astype(float).to_numpy(), index=starts), note

    def _profile(self) -> str:
        """Last year's shape is what is taken without a word: where it is not known, the breakdown says what it does."""
        return "" if self.profile.value == DEFAULT_PROFILE else str(self.profile.value)

    # What it offers

    def offer_kpis(self) -> None:
        """The KPIs that serve the final goal first, marked."""
        final = FINAL_GOALS.get(self.final.value)
        serving = [key for key in final.kpis if key in self._keys] if final else []
        words = {key: name for name, key in kpi_choices(self._keys)}
        first = [(SUGGESTED + words[key], key) for key in serving]
        kept = self.kpi.value if not serving or self.kpi.value in serving else serving[0]
        offer(self.kpi, [*first, *((words[key], key) for key in self._keys if key not in serving)], kept)

    def offer_scopes(self) -> None:
        offer(self.scope, self._scopes(), COMPANY)

    def take(self, goals: pd.DataFrame) -> None:
        """Show the goal that is saved for the KPI, scope and month, or else propose the last value."""
        goal = self._saved(goals)
        if goal and goal["counts"] in ("total", "exit"):
            offer(self.month, self._months(goal["start"]), pd.Timestamp(goal["start"]).as_unit("us"))
        offer(self.deadline, self._deadlines(goal), goal["deadline"] if goal and goal["deadline"] else None)
        if self.deadline.value is None or not goal or not goal["deadline"]:
            self.deadline.value = month_end(self.month.value.date())
        self.counts.value = goal["counts"] if goal and goal["counts"] else DEFAULT_COUNTS
        self.profile.value = goal["profile"] if goal and goal["profile"] else DEFAULT_PROFILE
        self.owner.value = goal["owner"] if goal else KPIS[self.kpi.value].owner
        final = find_final_goal(goal["final_goal"]) if goal and goal["final_goal"] else None
        if final:
            self.final.value = final.key
            self.offer_kpis()
        self._show_controls()
        self._offer_target(goal["target"] if goal else None)

    def fit_span(self) -> None:
        """The span or the way of counting has changed: the target is of another size now."""
        self._show_controls()
        self._offer_target(None)

    def _offer_target(self, target: float | None) -> None:
        wanted = None if target is None or is_missing(target) else float(target)
        self.target.offer(KPIS[self.kpi.value], self._sizes(), wanted, self._history.currency)

    def _sizes(self) -> list[float]:
        """What there was of the size that the goal is of: months, or as many of them together as it is for."""
        rows = self._history.of_scope(self.kpi.value, self.scope.value)
        values = rows.loc[: self.month.value, "value"]
        if self._is_total:
            values = values.rolling(self.span).sum()
        return list(values.tail(HISTORY).dropna())

    @property
    def _is_total(self) -> bool:
        return self.counts.value == "total" and self.span > 1 and KPIS[self.kpi.value].is_sum

    def _show_controls(self) -> None:
        """Only what can be chosen for this span."""
        several = self.span > 1
        if not several or (self.counts.value == "total" and not KPIS[self.kpi.value].is_sum):
            self.counts.value = DEFAULT_COUNTS
        self.counts.layout.display = "" if several else "none"
        self.profile.layout.display = "" if self._is_total else "none"

    def _saved(self, goals: pd.DataFrame) -> dict[str, Any] | None:
        """The saved goal that reaches into the chosen month."""
        first, last = self.month.value.date(), month_end(self.month.value.date())
        for goal in goals.to_dict("records"):
            start, end = goal["start"] or NO_LIMIT[0], goal["deadline"] or NO_LIMIT[1]
            if (goal["kpi"], goal["scope"]) == (self.kpi.value, self.scope.value) and start <= last and first <= end:
                return {str(name): value for name, value in goal.items()}
        return None

    def _scopes(self) -> list[tuple[str, Any]]:
        return [(scope_name(scope), scope) for scope in (COMPANY, *self._history.scopes(self.kpi.value))]

    def _months(self, first: date | None = None) -> list[tuple[str, pd.Timestamp]]:
        known = self._history.months[-HISTORY:]
        ahead = pd.date_range(known[-1], periods=AHEAD // 2 + 1, freq="MS")[1:]
        more = [pd.Timestamp(first).as_unit("us")] if first and pd.Timestamp(first) < known[0] else []
        return [(month_name(month), month) for month in (*more, *known, *ahead)]

    def _deadlines(self, goal: dict[str, Any] | None = None) -> list[tuple[str, date]]:
        """The ends of the months from the first one on, and the deadline that the goal has."""
        ends = [month_end(month.date()) for month in pd.date_range(self.month.value, periods=AHEAD, freq="MS")]
        if goal and goal["deadline"]:
            ends = sorted({*ends, goal["deadline"]})
        return [(write_date(day), day) for day in ends]
