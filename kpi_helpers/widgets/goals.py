"""The goal studio: from a final goal to KPIs, targets and their months, with history and forecast beside them."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts import plot_forecast
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.folders import shown_path
from kpi_helpers.goals import goal_for
from kpi_helpers.history import History, scope_name
from kpi_helpers.labels import is_missing, kpi_name, write_period, write_value
from kpi_helpers.language import _
from kpi_helpers.monthly import find_goals, plan_to_date
from kpi_helpers.monthly_goals import break_down_goals
from kpi_helpers.outlook import Outlook, look_ahead
from kpi_helpers.planning import find_conflicts
from kpi_helpers.tables import page_style
from kpi_helpers.widgets.backward import Backward
from kpi_helpers.widgets.goal_form import GoalForm, form_row
from kpi_helpers.widgets.goal_pieces import (
    conflicts_html,
    months_html,
    not_saved_html,
    said_html,
    smart_html,
    status_html,
    studio_style,
)
from kpi_helpers.widgets.goal_rows import Goal, read_saved, save_goal
from kpi_helpers.widgets.goal_words import Standing, forecast_finding, goals_table
from kpi_helpers.widgets.live_chart import LiveChart
from kpi_helpers.widgets.view import View, still_page

SHOWN = 25  # months of history in the chart


def set_goals(exports: Exports, goals_file: str | Path = "") -> GoalStudio:
    """A view to set goals; they are saved in `goals_file`, or in goals.csv in the company's folder.

    KitError where the file's goals cannot be read.
    """
    return GoalStudio(History(exports), Path(goals_file) if goals_file else find_goals(exports.folder))


class GoalStudio(View):
    """A form for one goal (`form`) and `save`; status, SMART check, picture, months and conflicts follow it."""

    def __init__(self, history: History, path: Path) -> None:
        super().__init__()
        self._history, self._path, self._goals = history, path, read_saved(path)
        self._look = lru_cache(maxsize=64)(self._look_ahead)
        self._share_to_date = lru_cache(maxsize=None)(self._plan_share)
        self._held = lru_cache(maxsize=64)(self._hold)  # emptied when a goal is saved
        self.title, self.style = _("Goals"), widgets.HTML(page_style() + studio_style())
        self.form = GoalForm(history)
        self.save = widgets.Button(
            description=_("Save"), button_style="primary", tooltip=_("Write the goal to the goals file")
        )
        self.picture, self.backward = LiveChart(), Backward()
        self.status, self.smart, self.months = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.conflicts, self.said, self.table = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.root = widgets.VBox(
            [
                self.style, *self.form.rows, form_row(*self.form.target.controls, self.save), self.said, self.status,
                self.picture.widget, self.smart, self.conflicts, self.backward.head, form_row(*self.backward.boxes),
                self.backward.words, self.months, self.table,
            ]
        ).add_class("kpi-studio")  # fmt: skip
        self.listen(self._choose_final, self.form.final)
        self.listen(self._choose_kpi, self.form.kpi)
        self.listen(self._take_goal, self.form.scope, self.form.month)
        self.listen(self._choose_span, self.form.deadline, self.form.counts)
        self.listen(self._judge, self.form.profile, self.form.owner)
        self.listen(self._slide, self.form.target.slider)
        self.listen(self._type, self.form.target.number)
        self.listen(self._plan_backward, *self.backward.boxes)
        self.listen(self._save, self.save)
        self._take_goal()

    def still(self) -> str:
        return still_page(
            studio_style(), self.status.value, self.picture.still(), self.smart.value, self.conflicts.value,
            self.backward.head.value, self.backward.words.value, self.months.value, self.table.value,
        )  # fmt: skip

    # What was chosen

    def _choose_final(self) -> None:
        """Offer the KPIs that serve it; the goal in hand stays where its KPI does."""
        kpi = self.form.kpi.value
        with self.quiet():
            self.form.offer_kpis()
        if self.form.kpi.value == kpi:
            self._judge()
        else:
            self._choose_kpi()

    def _choose_kpi(self) -> None:
        with self.quiet():
            self.form.offer_scopes()
        self._take_goal()

    def _take_goal(self) -> None:
        """Show the goal that is saved for the choice, or else propose what was there a year before."""
        with self.quiet():
            self.form.take(self._goals)
            self.backward.offer(self.form.kpi.value, self._now(), self._history.currency)
            self.said.value = ""
        self._draw()
        self._judge()
        self.table.value = self._saved_goals()

    def _choose_span(self) -> None:
        with self.quiet():
            self.form.fit_span()
        self._draw()
        self._judge()

    def _slide(self) -> None:
        with self.quiet():
            self.form.target.take_slider()
        self._judge()

    def _type(self) -> None:
        with self.quiet():
            self.form.target.take_number()
        self._judge()

    # What follows

    def _judge(self) -> None:
        """Hold the goal against history and forecast: words first, they are quick, then the picture."""
        goal, (plan, note), outlook = self.form.goal(), self._plan(), self._outlook()
        first = float(plan.iloc[0]) if len(plan) else math.nan
        standing = self._standing(goal.kpi, goal.scope, first)
        self.status.value = status_html(standing, self._shown(), goal, plan, outlook, self._history.currency)
        if not self.picture.follow(plan, self._alt(goal)):
            self._draw()
        self.smart.value = smart_html(self.form.row(), outlook, self._history)
        self.months.value = months_html(goal, plan, outlook, self._history.currency, note)
        self.backward.show(goal.kpi, first, goal.start)
        self._judge_together(goal, first)

    def _judge_together(self, goal: Goal, target: float) -> None:
        """This goal beside the saved ones of the same scope and month."""
        targets = {**self._targets(goal.start, goal.scope), goal.kpi: target}
        found = [conflict for conflict in find_conflicts(targets, self._now()) if goal.kpi in conflict.kpis]
        self.conflicts.value = conflicts_html(found, targets, self._history.currency)

    def _plan_backward(self) -> None:
        goal, (plan, _note) = self.form.goal(), self._plan()
        self.backward.show(goal.kpi, float(plan.iloc[0]) if len(plan) else math.nan, goal.start)

    def _draw(self) -> None:
        goal, outlook, (plan, _note) = self.form.goal(), self._outlook(), self._plan()
        row = KPIS[goal.kpi]
        finding = forecast_finding(row, goal.scope, outlook.fan, self._history.currency)
        ax = plot_forecast(
            outlook.history.tail(SHOWN), outlook.fan, goal=plan, style=row.style, currency=self._history.currency,
            finding=finding, subtitle=_("by month; the fan holds 80% of what may come"),
        )  # fmt: skip
        self.picture.show(ax, self._alt(goal))

    def _alt(self, goal: Goal) -> str:
        value = write_value(goal.target, KPIS[goal.kpi].style, self._history.currency)
        return _("{kpi}, {scope}: history, forecast and the goal {goal}").format(
            kpi=kpi_name(goal.kpi), scope=scope_name(goal.scope), goal=value
        )

    # What is known

    def _plan(self) -> tuple[pd.Series, str]:
        """The goal by month, and what is to be said of it."""
        return self.form.plan(self._history.past)

    def _shown(self) -> pd.DataFrame:
        """The KPI's months up to the chosen one."""
        return self._history.of_scope(self.form.kpi.value, self.form.scope.value).loc[: self.form.month.value]

    def _outlook(self) -> Outlook:
        return self._look(self.form.kpi.value, self.form.scope.value, self.form.until)

    def _look_ahead(self, key: str, scope: str, until: pd.Timestamp) -> Outlook:
        return look_ahead(self._history, key, scope, until)

    def _standing(self, key: str, scope: str, target: float) -> Standing:
        month = self.form.month.value
        rows = self._history.of_scope(key, scope)
        days = self._history.month.first_days if month == self._history.months[-1] else None
        now = target * self._share_to_date(key, scope) if days else target
        return Standing.of(KPIS[key], scope, rows, month, target, now, days)

    def _plan_share(self, key: str, scope: str) -> float:
        """The part of the plan of the month under way that its days so far should have brought."""
        return plan_to_date(self._history.month, KPIS[key], scope, 1.0)

    def _now(self) -> dict[str, float]:
        """The scope's KPIs and measures in the last finished month."""
        return self._history.last_finished(self.form.scope.value)

    def _targets(self, month: date, scope: str) -> dict[str, float]:
        """The saved goals of a month, by KPI."""
        return {key: goal["target"] for (key, held), goal in self._held(month).items() if held == scope}

    def _hold(self, month: date) -> dict[tuple[str, str], dict[str, Any]]:
        """The saved goals that hold in a month, totals broken down, by KPI and scope."""
        goals = break_down_goals(self._goals, self._history.past)
        pairs = dict.fromkeys(zip(goals["kpi"], goals["scope"], strict=True))
        found = {pair: goal for pair in pairs if (goal := goal_for(goals, *pair, month))}
        return {pair: goal for pair, goal in found.items() if not is_missing(goal["target"])}

    def _saved_goals(self) -> str:
        """The goals that the file holds for the chosen month, each with its value and status."""
        month = self.form.month.value
        held = self._held(month.date()).items()
        standings = [(goal, self._standing(key, scope, goal["target"])) for (key, scope), goal in held]
        return goals_table(standings, month, self._history.currency)

    # Saving

    def _save(self) -> None:
        goal, (plan, note) = self.form.goal(), self._plan()
        if plan.empty:
            self.said.value = not_saved_html(note)
            return
        try:
            self._goals = save_goal(self._path, goal)
            self._held.cache_clear()
        except (KitError, OSError) as error:
            self.said.value = not_saved_html(error, self._path)
            return
        self.table.value = self._saved_goals()
        form = _("Saved in {file}: {kpi}, {scope}, {period}: {target}. Other goals are as they were.")
        self.said.value = said_html(
            form.format(
                file=shown_path(self._path), kpi=kpi_name(goal.kpi), scope=scope_name(goal.scope),
                period=write_period(goal.start, goal.deadline),
                target=write_value(goal.target, KPIS[goal.kpi].style, self._history.currency),
            )
        )  # fmt: skip
