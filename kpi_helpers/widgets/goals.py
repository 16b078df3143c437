"""Set goals: move a goal against the history of a KPI, see its status, save it where the report reads it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.charts import plot_trend
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.exports.folder import ROOT
from kpi_helpers.goals import goal_for
from kpi_helpers.labels import (
    OWNERS,
    is_missing,
    kpi_name,
    month_name,
    owner_name,
    write_date,
    write_period,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.monthly import GOALS_FILE
from kpi_helpers.palette import status_word
from kpi_helpers.tables import bullet, page_style, status_badge
from kpi_helpers.widgets.goal_rows import Goal, month_end, read_saved, save_goal
from kpi_helpers.widgets.goal_words import Standing, goals_table, standing_words
from kpi_helpers.widgets.history import COMPANY, History, kpi_choices, scope_name
from kpi_helpers.widgets.target import Target
from kpi_helpers.widgets.view import Picture, View, choice, offer, row_of, still_page

HISTORY = 13  # months shown
AHEAD = 12  # months that a goal can be set for in advance
USUAL = "leads"
_STATUS = (
    "<style>.kpi .live {{ display: flex; gap: 14px; align-items: center; margin: 6px 0; }}"
    " .kpi .live .word {{ font-size: 19px; }} .kpi .live svg {{ width: 240px; height: 40px; flex: none; }}</style>"
    '<div class="kpi"><div class="live">{}{}</div><p>{}</p></div>'
)


def set_goals(exports: Exports, goals_file: str | Path = "") -> GoalSetter:
    """A view to set goals; they are saved in `goals_file`, or in goals.csv in the company's folder.

    KitError where the file's goals cannot be read.
    """
    return GoalSetter(History(exports), Path(goals_file) if goals_file else exports.folder / GOALS_FILE)


class GoalSetter(View):
    """Controls `kpi`, `scope`, `month`, `target`, `deadline`, `owner`, `save`; `status` and `picture` follow them."""

    def __init__(self, history: History, path: Path) -> None:
        super().__init__()
        self._history, self._path, self._goals = history, path, read_saved(path)
        self.title = _("Goals")
        keys = history.keys()
        self.kpi = choice(_("KPI"), kpi_choices(keys), USUAL if USUAL in keys else None)
        self.scope = choice(_("For"), self._scopes(), tooltip=_("The company or one channel"))
        self.month = choice(_("From"), self._months(), history.months[-1], tooltip=_("First month of the goal"))
        self.deadline = choice(_("Deadline"), self._deadlines(), tooltip=_("Last day of the goal"))
        owners = [(owner_name(owner), owner) for owner in OWNERS]
        self.owner = choice(_("Owner"), owners, tooltip=_("Whose lever it is"))
        self.target = Target()
        tip = _("Write the goal to the goals file")
        self.save = widgets.Button(description=_("Save"), button_style="primary", tooltip=tip)
        self.picture, self.status, self.said, self.table = Picture(), widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.root = widgets.VBox(
            [
                row_of(self.kpi, self.scope, self.month),
                row_of(self.target.slider, self.target.number, self.deadline, self.owner, self.save),
                self.said, self.status, self.picture.widget, self.table,
            ]
        )  # fmt: skip
        self.listen(self._choose_kpi, self.kpi)
        self.listen(self._choose_month, self.month)
        self.listen(self._take_goal, self.scope)
        self.listen(self._slide, self.target.slider)
        self.listen(self._type, self.target.number)
        self.listen(self._save, self.save)
        self._take_goal()

    def still(self) -> str:
        return still_page(self.status.value, self.picture.still(), self._saved_goals())

    def _scopes(self) -> list[tuple[str, str]]:
        return [(scope_name(scope), scope) for scope in (COMPANY, *self._history.scopes(self.kpi.value))]

    def _months(self) -> list[tuple[str, pd.Timestamp]]:
        known = self._history.months[-HISTORY:]
        ahead = pd.date_range(known[-1], periods=AHEAD + 1, freq="MS")[1:]
        return [(month_name(month), month) for month in (*known, *ahead)]

    def _deadlines(self, goal: dict[str, Any] | None = None) -> list[tuple[str, date]]:
        """The ends of the months from the first one on, and the deadline that the goal has."""
        ends = [month_end(month) for month in pd.date_range(self.month.value, periods=AHEAD + 1, freq="MS")]
        if goal and goal["deadline"]:
            ends = sorted({*ends, goal["deadline"]})
        return [(write_date(day), day) for day in ends]

    def _choose_kpi(self) -> None:
        with self.quiet():
            offer(self.scope, self._scopes(), COMPANY)
        self._take_goal()

    def _choose_month(self) -> None:
        self._take_goal()

    def _take_goal(self) -> None:
        """Show the goal that is saved for the choice, or else propose the last value."""
        key, scope, month = self.kpi.value, self.scope.value, self.month.value
        goal = goal_for(self._goals, key, scope, month.date())
        values = self._shown_history()["value"].dropna()
        with self.quiet():
            offer(self.deadline, self._deadlines(goal), goal["deadline"] if goal else month_end(month))
            self.owner.value = goal["owner"] if goal else KPIS[key].owner
            self.target.offer(KPIS[key], list(values), goal["target"] if goal else None, self._history.currency)
            self.said.value = ""
        self._judge()
        self.table.value = self._saved_goals() + page_style()

    def _slide(self) -> None:
        with self.quiet():
            self.target.take_slider()
        self._judge()

    def _type(self) -> None:
        with self.quiet():
            self.target.take_number()
        self._judge()

    def _judge(self) -> None:
        """Hold the goal against the month and the history: words first, they are quick, then the picture."""
        row, now = KPIS[self.kpi.value], self._standing(self.kpi.value, self.scope.value, self.target.value)
        badge = status_badge(now.status, row.better, row.style)
        mark = bullet(now.value, now.target_now, row.better, now.low, now.high, status=now.status)
        lines = standing_words(now, self._shown_history(), self._history.currency)
        self.status.value = _status_html(badge, mark, lines) + page_style()
        self._draw(row, now)

    def _draw(self, row: Kpi, now: Standing) -> None:
        rows, currency = self._shown_history(), self._history.currency
        goal = write_value(now.target, row.style, currency)
        word = "" if now.status == "no_data" else f", {status_word(now.status, row.better, row.style)}"
        finding = _("{kpi}: goal {goal}").format(kpi=kpi_name(row.key), goal=goal) + word
        subtitle = f"{scope_name(now.scope)} · {month_name(now.month)}"
        last_shown = rows.index[-1] == self._history.months[-1]
        ax = plot_trend(
            list(rows.index), list(rows["value"]), style=row.style, currency=currency, goal=now.target,
            low=list(rows["low"]) if row.interval else None, high=list(rows["high"]) if row.interval else None,
            unfinished=self._history.unfinished and last_shown, finding=finding, subtitle=subtitle,
        )  # fmt: skip
        self.picture.show(ax, f"{finding}. {subtitle}")

    def _shown_history(self) -> pd.DataFrame:
        """The months up to the chosen one, or up to the last one that there is."""
        rows = self._history.of_scope(self.kpi.value, self.scope.value)
        return rows.loc[: self.month.value].tail(HISTORY)

    def _standing(self, key: str, scope: str, target: float) -> Standing:
        month = self.month.value
        rows = self._history.of_scope(key, scope)
        days = self._history.month.first_days if month == self._history.months[-1] else None
        return Standing.of(KPIS[key], scope, rows, month, target, days)

    def _saved_goals(self) -> str:
        """The goals that the file holds for the chosen month, each with its value and status."""
        month = self.month.value
        pairs = dict.fromkeys(zip(self._goals["kpi"], self._goals["scope"], strict=True))
        goals = [goal for key, scope in pairs if (goal := goal_for(self._goals, key, scope, month.date()))]
        standings = [(goal, self._standing(goal["kpi"], goal["scope"], goal["target"])) for goal in goals]
        return goals_table(standings, month, self._history.currency)

    def _save(self) -> None:
        goal = self._goal()
        try:
            self._goals = save_goal(self._path, goal)
        except KitError as error:
            self.said.value = _said(_("Not saved: {reason}").format(reason=error))
            return
        except OSError as error:
            self.said.value = _said(_("Not saved: {reason}").format(reason=f"{error.strerror}: {self._path.name}."))
            return
        self.table.value = self._saved_goals() + page_style()
        form = _("Saved in {file}: {kpi}, {scope}, {period}: {target}. Other goals are as they were.")
        self.said.value = _said(
            form.format(
                file=_place(self._path), kpi=kpi_name(goal.kpi), scope=scope_name(goal.scope),
                period=write_period(goal.start, goal.deadline),
                target=write_value(goal.target, KPIS[goal.kpi].style, self._history.currency),
            )
        )  # fmt: skip

    def _goal(self) -> Goal:
        start = self.month.value
        rows = self._history.of_scope(self.kpi.value, self.scope.value)
        before = rows.loc[rows.index < start, "value"].dropna()
        baseline = None if before.empty or is_missing(before.iloc[-1]) else float(before.iloc[-1])
        choices = (self.kpi.value, self.scope.value, self.target.value, start.date(), self.deadline.value)
        return Goal(*choices, self.owner.value, baseline)


def _status_html(badge: Markup, mark: Markup, lines: list[str]) -> str:
    words = Markup("<br>").join(lines)
    return str(Markup(_STATUS).format(badge, mark, words))


def _said(text: str) -> str:
    return str(Markup('<div class="kpi"><p role="status"><strong>{}</strong></p></div>').format(text))


def _place(path: Path) -> str:
    """Where the file lies: below the kit's folder if it is there."""
    full = path.resolve()
    return str(full.relative_to(ROOT) if full.is_relative_to(ROOT) else full)
