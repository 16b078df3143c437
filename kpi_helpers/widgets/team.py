"""Explore: the department's work over the months chosen, by kind; by person only where the reader asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import pandas as pd

from kpi_helpers.charts import plot_channels
from kpi_helpers.coverage import last_day
from kpi_helpers.exports import Exports
from kpi_helpers.labels import (
    NO_VALUE,
    kpi_name,
    lower_first,
    month_name,
    month_short,
    month_span,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.lettering import LONGEST_NAME, cut_middle
from kpi_helpers.service import mark_answers
from kpi_helpers.tables import Column, data_table, notice, page_style
from kpi_helpers.team import CONFIDENCE, SHARES, UNNAMED, By, chance_of_all_alike, work_table
from kpi_helpers.teamwork import (
    ALL_KINDS,
    FEW,
    few_words,
    gather_kinds,
    in_order,
    kind_name,
    person_name,
    write_done,
    write_open,
    write_rating,
    write_share,
)
from kpi_helpers.terms import TABLES
from kpi_helpers.widgets.view import NAMES_UNCUT, Picture, View, choice, row_of, still_page

YEAR = 12  # months shown first
NAMES: dict[By, Callable[[str], str]] = {"kind": kind_name, "assignee": person_name}
MEASURED = {"on_time_share": "on_time", "acceptance_rate": "accepted"}  # KPI -> the share of `work_table`


def explore_team(exports: Exports) -> TeamExplorer:
    """A view of the department's tasks: amount, on time, quality; says which export is missing where there are none."""
    return TeamExplorer(exports)


class TeamExplorer(View):
    """Controls `months`, `kind`, `kpi` and `by_person` (off at first); `picture` and `table` follow them."""

    def __init__(self, exports: Exports) -> None:
        super().__init__()
        self.title, self._shown, self._drawn = _("The team's work"), "", False
        self.picture, self.table = Picture(), widgets.HTML()
        today = last_day(exports)
        self._has_tasks = today is not None and len(exports.tables.get("tasks", ())) > 0
        if today is None or not self._has_tasks:
            self._shown = _no_tasks()
            self.table.value = self._shown + page_style()
            self.root = widgets.VBox([self.table])
            return
        self._tasks = gather_kinds(mark_answers({"tasks": exports.tables["tasks"]}, exports.company, today)["tasks"])
        self.months = _month_slider(self._tasks, pd.Timestamp(today))
        kinds = in_order(self._tasks["kind"].fillna(UNNAMED))
        named = [(cut_middle(kind_name(kind), LONGEST_NAME), kind) for kind in kinds]
        self.kind = choice(_("Work"), [(kind_name(ALL_KINDS), ALL_KINDS), *named])
        self.kpi = choice(_("KPI"), [(kpi_name(key), key) for key in MEASURED])
        self.by_person = widgets.Checkbox(value=False, description=_("By person"), indent=False, tooltip=_fair())
        fair = widgets.HTML(notice(_("Before you look at people:"), _fair()) + page_style())
        controls = row_of(self.months, self.kind, self.kpi, self.by_person)
        self.root = widgets.VBox([controls, fair, self.picture.widget, self.table])
        self.listen(self._show, self.months, self.kind, self.kpi, self.by_person)
        self._show()

    def still(self) -> str:
        if not self._has_tasks:
            return self._shown + page_style()
        return still_page(self.picture.still() if self._drawn else "", self._shown)

    def _show(self) -> None:
        (first, last), kind = self.months.value, self.kind.value
        chosen = (self._tasks["kind"].fillna(UNNAMED) == kind) | (kind == ALL_KINDS)
        tasks, others = self._tasks[chosen], self._tasks[~chosen]
        total = _total(tasks, first, last).assign(name=kind_name(kind))
        if self.by_person.value:
            head, rows = _("Person"), _by(tasks, "assignee", first, last)
        elif kind == ALL_KINDS:
            head, rows = _("Work"), _by(tasks, "kind", first, last)
        else:
            head, rows = _("Month"), _by_month(tasks, first, last)
        compared = rows
        if head == _("Month"):  # too few tasks a month for shares
            compared = pd.concat([total, _total(others, first, last).assign(name=_("Other work"))])
        self._drawn = self._draw(compared, total.iloc[0])
        words = "" if self._drawn else notice(_("There are too few tasks for a picture."))
        shown = words + _table(head, rows, total.assign(name=_("Total")))
        self.table.value = shown + page_style()
        self._shown = shown + (notice(_("Before you judge:"), _fair()) if self.by_person.value else "")

    def _draw(self, work: pd.DataFrame, total: pd.Series) -> bool:
        """Draw the shares of the rows with enough tasks; False where there are too few."""
        key, share = self.kpi.value, MEASURED[self.kpi.value]
        names = {f"{share}_{part}": part for part in ("low", "high")}
        rows = work.rename(columns={f"{share}_share": "value", SHARES[share]: "denominator", **names})
        rows, all_rows = rows[rows["denominator"] >= FEW], len(rows)
        if rows.empty or not total[SHARES[share]] >= FEW:
            self.picture.widget.value = ""
            return False
        name = f"{kpi_name(key)}, {lower_first(cut_middle(total['name'], LONGEST_NAME))}"
        finding = _finding(name, rows, total[f"{share}_share"], share)
        subtitle = f"{month_span(*self.months.value)}, {_about(all_rows - len(rows))}"
        ax = plot_channels(rows, key, by="name", finding=finding, subtitle=subtitle, ranked=not self.by_person.value)
        self.picture.show(ax, f"{finding}. {subtitle}")
        return True


def _total(tasks: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    return work_table(tasks, first, _end(last), by=())


def _by(tasks: pd.DataFrame, by: By, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """The work of the months by kind or person, with the `name` of each."""
    work, name = work_table(tasks, first, _end(last), by=(by,)).set_index(by), NAMES[by]
    work = work.loc[in_order(work.index)] if by == "kind" else work
    return work.assign(name=[name(str(key)) for key in work.index])


def _by_month(tasks: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    months = pd.date_range(first, last, freq="MS")
    work = pd.concat([_total(tasks, month, month) for month in months])
    return work.assign(name=[month_name(month) for month in months])


def _month_slider(tasks: pd.DataFrame, today: pd.Timestamp) -> Any:
    """The months in which tasks were due or done, up to the last day that the data cover."""
    days = pd.concat([tasks["due_at"], tasks["done_at"]]).clip(upper=today)
    months = list(pd.date_range(days.min().to_period("M").to_timestamp(), days.max(), freq="MS"))
    return widgets.SelectionRangeSlider(
        options=[(f"{month_short(month)} {month.year}", month) for month in months],
        index=(max(len(months) - YEAR, 0), len(months) - 1), description=_("Months"),
        tooltip=_("The first and the last month: move an end with the mouse or the arrow keys"),
        continuous_update=False, style=NAMES_UNCUT, layout={"width": "460px", "max_width": "100%"},
    )  # fmt: skip


def _end(month: pd.Timestamp) -> Any:
    return month + pd.offsets.MonthEnd(0)


def _fair() -> str:
    return _("Few tasks prove nothing, tasks are not equally hard, and a talk comes before a number.")


def _no_tasks() -> str:
    table = TABLES["tasks"]
    return notice(_("No export: {table}.").format(table=lower_first(_(table.name))),
                  _("Add {export}.").format(export=_(table.source)))  # fmt: skip


def _finding(name: str, rows: pd.DataFrame, share: float, part: str) -> str:
    """The share of all, and whether the rows differ beyond chance; it names nobody."""
    words = f"{name}: {write_value(share, 'share')}"
    if len(rows) < 2:
        return words
    differ = chance_of_all_alike(rows[part], rows["denominator"]) < 1 - CONFIDENCE
    return f"{words}, {_('differences beyond chance') if differ else _('differences within noise')}"


def _about(left_out: int) -> str:
    words = _("whiskers: 95% interval")
    if not left_out:
        return words
    return f"{words} · {_('not drawn, fewer than {few} tasks: {n}').format(few=FEW, n=left_out)}"


def _table(head: str, work: pd.DataFrame, total: pd.DataFrame) -> str:
    everything = pd.concat([work, total])
    rows = everything.to_dict("records")
    written = {
        head: [row["name"] for row in rows],
        _("Done"): [write_done(row) for row in rows],
        _("On time"): [write_share(row, "on_time", "due") for row in rows],
        _("Accepted"): [write_share(row, "accepted", "judged") for row in rows],
        _("Rating"): [write_rating(row) for row in rows],
        _("Not due yet"): [write_open(row) for row in rows],
    }
    used = {title: cells for title, cells in written.items() if set(cells) != {NO_VALUE}}
    cells = [list(row) for row in zip(*used.values(), strict=True)]
    columns = [Column(title, "number" if place else "text") for place, title in enumerate(used)]
    return data_table(columns, cells[:-1], total=cells[-1], note=few_words(everything))
