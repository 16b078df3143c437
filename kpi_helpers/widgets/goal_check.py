"""The goals of a file, each held against SMART, as a table in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kpi_helpers.exports import Exports
from kpi_helpers.labels import write_period
from kpi_helpers.language import _, ngettext
from kpi_helpers.monthly import find_goals, past_of
from kpi_helpers.palette import STATUSES
from kpi_helpers.smart import LETTERS, Check, check_smart, gather_evidence, goal_words
from kpi_helpers.tables import Column, data_table, notice, page_style, without_math
from kpi_helpers.widgets.goal_rows import read_saved

VERDICTS = {"yes": "met", "unsure": "close", "no": "missed"}
_MARK = Markup('<span style="color:{}" title="{}" aria-label="{}">{}</span>')


def show_smart(exports: Exports, goals_file: str | Path = "") -> GoalCheck:
    """The SMART check of each goal of `goals_file` (or of the company's own) that is not over.

    KitError where the file's goals cannot be read.
    """
    return GoalCheck(exports, Path(goals_file) if goals_file else find_goals(exports.folder))


class GoalCheck:
    """`checks`: a goal with its five checks each; shown as a table."""

    def __init__(self, exports: Exports, path: Path) -> None:
        past = past_of(exports)
        goals = [{str(name): value for name, value in goal.items()} for goal in read_saved(path).to_dict("records")]
        today = past.last + timedelta(days=1) if past.last else date.today()
        held = [goal for goal in goals if not goal["deadline"] or goal["deadline"] >= today]
        self.over, self.checks = len(goals) - len(held), []
        for goal in held:
            evidence = gather_evidence(goal, past, exports.currency)
            self.checks.append((goal_words(goal, evidence), goal, check_smart(goal, evidence)))

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, str]:
        return {"text/html": without_math(self.html()) + page_style(), "text/plain": _("Goals")}

    def html(self) -> str:
        """The table, or why there is none."""
        over = ngettext("{n} goal is over and is not shown.", "{n} goals are over and are not shown.", self.over)
        note = over.format(n=self.over) if self.over else ""
        if not self.checks:
            return notice(_("No goals to come."), note)
        columns = [Column(_("Goal")), Column(_("Period")), *map(Column, LETTERS), Column(_("What to mend"))]
        rows = [[words, _period(goal), *map(_mark, checks), _to_mend(checks)] for words, goal, checks in self.checks]
        return data_table(columns, rows, note=note)


def _period(goal: Mapping[str, Any]) -> str:
    return write_period(goal["start"], goal["deadline"]) if goal["start"] and goal["deadline"] else ""


def _mark(check: Check) -> Markup:
    status = STATUSES[VERDICTS[check.verdict]]
    return _MARK.format(status.colour, check.words, check.words, status.shape)


def _to_mend(checks: list[Check]) -> Markup:
    """The sentences of the letters that are in doubt, the gravest first."""
    doubtful = sorted((check for check in checks if check.verdict != "yes"), key=lambda check: check.verdict)
    lines = [Markup("<b>{}</b> {} {}").format(check.letter, check.words, check.next_step) for check in doubtful]
    return Markup("<br>").join(lines)
