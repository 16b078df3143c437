"""Judge a claim: taken apart, beside the company's months, imagined in its numbers; never called true or false."""

from __future__ import annotations

from functools import lru_cache

import ipywidgets as widgets
import pandas as pd
from markupsafe import Markup

from kpi_helpers.beliefs import Part, example, read_claim
from kpi_helpers.beliefs.claims import LONGEST
from kpi_helpers.beliefs.evidence import Evidence, weigh
from kpi_helpers.beliefs.scenario import imagine, last_year
from kpi_helpers.beliefs.words import (
    assumption_words,
    change_words,
    comparison_words,
    goal_words,
    meaning_words,
    noise_words,
    other_words,
    proof_words,
    questions,
    scenario_rows,
    worth_words,
)
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.goals import goal_for
from kpi_helpers.history import COMPANY, History
from kpi_helpers.labels import kpi_name
from kpi_helpers.language import _
from kpi_helpers.monthly import read_goals
from kpi_helpers.tables import Column, data_table, notice, page_style
from kpi_helpers.widgets.claim_rows import ClaimRow
from kpi_helpers.widgets.goal_pieces import studio_style
from kpi_helpers.widgets.view import NAMES_UNCUT, View, still_page

_PART = Markup('<div class="kpi"><h4>{}</h4><ul>{}</ul></div>')
_ITEM = Markup("<li><b>{}</b> {}</li>")
_LIST = Markup('<div class="kpi"><h4>{}</h4><ul>{}</ul></div>')
_SECTION = Markup('<div class="kpi"><h4>{}</h4><p>{}</p></div>')
_WORDS = Markup('<div class="kpi"><p>{}</p></div>')


def judge_claim(exports: Exports) -> ClaimJudge:
    """A view that takes a claim such as "sales +15 %, ad cost -20 %" apart beside the company's own months."""
    return ClaimJudge(exports)


class ClaimJudge(View):
    """The field `claim`; `rows` with KPI, reading and size of each part; `words` follow them."""

    def __init__(self, exports: Exports) -> None:
        super().__init__()
        self.title, self._parts = _("Judge a claim"), list[Part]()
        self.rows: list[ClaimRow] = []
        self.words, self.list = widgets.HTML(), widgets.VBox([])
        self.style = widgets.HTML(page_style() + studio_style())
        self.claim = widgets.Text(
            value=example(), description=_("Claim"), continuous_update=False, style=NAMES_UNCUT,
            tooltip=_("What somebody says: KPIs with their changes; press Enter"),
            layout={"width": "auto", "max_width": "960px"},
        )  # fmt: skip
        try:
            self._history = History(exports)
        except KitError as error:
            self.words.value = notice(error.found, error.next_step)
            self.root = widgets.VBox([self.style, self.words])
            return
        self._goals, self._goals_fault = _goals_of(exports)
        self._weigh = lru_cache(maxsize=256)(lambda change: weigh(self._history, change))
        self.root = widgets.VBox([self.style, self.claim, self.list, self.words]).add_class("kpi-studio")
        self.listen(self._read, self.claim)
        self._read()

    def still(self) -> str:
        said = _WORDS.format(f"{_('Claim')}: {self.claim.value[:LONGEST]}")
        return still_page(studio_style(), str(said), self.words.value)

    def _read(self) -> None:
        """Take the claim apart anew."""
        try:
            self._parts = read_claim(self.claim.value)
        except KitError as error:
            self.rows, self.list.children = [], ()
            self.words.value = notice(error.found, error.next_step) + _questions()
            return
        known = {key for part in self._parts for key in part.keys if self._history.past.values(key).notna().any()}
        self.rows = [ClaimRow(part, known) for part in self._parts if not part.problem]
        self.list.children = tuple(row.root for row in self.rows)
        for row in self.rows:
            self.listen(row.offer_readings, row.kpi)
            self.listen(self._show, row.kpi, row.kind, row.size)
        self._show()

    def _show(self) -> None:
        """All that follows from the parts as they stand."""
        found = [(row.part, self._weigh(row.change)) for row in self.rows if row.change.by]
        unread = [notice(_("“{part}” was not read: {reason}").format(part=part.said, reason=part.problem))
                  for part in self._parts if part.problem]  # fmt: skip
        pieces = [*unread, *([notice(self._goals_fault)] if self._goals_fault else [])]
        pieces += [self._part(part, evidence) for part, evidence in found]
        if found:
            pieces.append(_section(_("What would prove it"), comparison_words()))
            pieces.append(self._scenario([evidence for _part, evidence in found]))
        self.words.value = "".join([*pieces, _questions()])

    def _part(self, part: Part, found: Evidence) -> str:
        currency = self._history.currency
        head = f"{part.said}: {kpi_name(found.change.key)} {change_words(found.change)}"
        meaning = [*meaning_words(found, currency), self._goal(found), *other_words(part, found, currency)]
        rows = [(_("Here:"), meaning), (_("Would you notice?"), noise_words(found, currency)),
                (_("To believe it:"), proof_words(found))]  # fmt: skip
        items = Markup("").join(_ITEM.format(name, " ".join(filter(None, words))) for name, words in rows if words)
        return str(_PART.format(head, items))

    def _goal(self, found: Evidence) -> str:
        if found.month is None or self._goals is None:
            return ""
        goal = goal_for(self._goals, found.change.key, COMPANY, found.month.date())
        return goal_words(found, goal, self._history.currency)

    def _scenario(self, found: list[Evidence]) -> str:
        sums, months = last_year(self._history)
        rows, unused = imagine(sums, [evidence.change for evidence in found if evidence.known and evidence.can_be])
        written = scenario_rows(rows, self._history.currency)
        head = _("If all of it held here: a scenario, not evidence")
        worth = worth_words(rows, months, self._history.currency)
        if not written or len(unused) == len(found):
            return _section(head, worth)
        columns = [Column(_("KPI")), Column(_("As it was"), "number"), Column(_("With the claim"), "number"),
                   Column(_("Change"), "number")]  # fmt: skip
        return _section(head, worth) + data_table(columns, written, note=assumption_words(unused))


def _section(head: str, words: str) -> str:
    return str(_SECTION.format(head, words))


def _goals_of(exports: Exports) -> tuple[pd.DataFrame | None, str]:
    try:
        return read_goals(exports), ""
    except KitError as error:
        return None, str(error)


def _questions() -> str:
    items = Markup("").join(Markup("<li>{}</li>").format(question) for question in questions())
    return str(_LIST.format(_("Ask whoever says so"), items))
