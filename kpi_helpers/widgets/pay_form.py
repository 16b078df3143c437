"""The form of a scheme: whose it is, the full bonus, a row for each KPI, and what can be added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from kpi_helpers.amounts import LARGEST
from kpi_helpers.breakdown import split_exactly
from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import OWNERS, is_missing, kpi_name, owner_name
from kpi_helpers.language import _
from kpi_helpers.pay import Ledger
from kpi_helpers.scorecard import Line, Scheme, levers_of, whose
from kpi_helpers.widgets.goal_form import form_row
from kpi_helpers.widgets.pay_rows import PayRow
from kpi_helpers.widgets.view import NAMES_UNCUT, choice

PROPOSED = 3  # KPIs of a scheme that is begun
USUAL_BONUS = 1000.0
SUGGESTED = "★ "


class PayForm:
    """Controls `owner`, `bonus`, `add`, `fill` and `rows`; `changed` is called when a row changes or goes."""

    def __init__(self, ledger: Ledger, schemes: list[Scheme], listen: Callable[..., None], changed: Callable[[], None]):
        self._ledger, self._listen, self._changed = ledger, listen, changed
        self._drafts = {scheme.owner: scheme for scheme in schemes}
        owners = [(owner_name(owner), owner) for owner in OWNERS if owner != "shared"]
        first = next(iter(self._drafts), "marketing")
        self.owner = choice(_("Owner"), owners, first if first != "shared" else "marketing",
                            tooltip=_("Who is paid"))  # fmt: skip
        self.bonus = widgets.BoundedFloatText(
            min=0, max=LARGEST, step=100, description=_("Full bonus a month"), style=NAMES_UNCUT,
            tooltip=_("For a month in which every target is just reached"),
        )  # fmt: skip
        self.add = choice(_("Add a KPI"), [("", "")], tooltip=_("KPIs that the owner moves come first"))
        self.fill = widgets.Button(description=_("Make it 100 %"), tooltip=_("Keep the proportions of the weights"))
        self.save = widgets.Button(
            description=_("Save"), button_style="primary", tooltip=_("Write this scheme to the file")
        )
        self.sum = widgets.HTML()
        for control, width in ((self.owner, 130), (self.bonus, 140), (self.add, 300)):
            control.layout.flex = f"1 1 {width}px"
        self.rows: list[PayRow] = []
        self._shown = self.owner.value
        self.list = widgets.VBox([])
        self.head = form_row(self.owner, self.bonus, self.add)
        self.foot = form_row(self.sum, self.fill, self.save)
        self.take(self._scheme_of(self._shown))

    # What it says

    def scheme(self) -> Scheme:
        """The scheme as it stands."""
        return Scheme(self._shown, float(self.bonus.value), tuple(row.line() for row in self.rows))

    @property
    def faults(self) -> list[str]:
        """Targets that cannot be read."""
        return [row.fault for row in self.rows if row.fault]

    # What it does

    def change_owner(self) -> None:
        """Put the scheme aside as it stands and take up the other owner's."""
        self._drafts[self._shown] = self.scheme()
        self._shown = self.owner.value
        self.take(self._scheme_of(self._shown))

    def add_kpi(self) -> None:
        key = self.add.value
        if key:
            self._set_rows([*self.rows, self._row(Line(key, 0.0, float("nan")))])

    def make_whole(self) -> None:
        """Weights of 100 % together, in whole percents and their old proportions; equal where all are 0."""
        movable = [row for row in self.rows if whose(self._shown, KPIS[row.line().kpi]) != "other"]
        weights = [row.line().weight for row in movable]
        if not movable:
            return
        parts = split_exactly(100, weights if any(weights) else [1.0] * len(movable))
        for row, part in zip(movable, parts, strict=True):
            row.set_weight(part)
        for row in self.rows:
            if row not in movable:
                row.set_weight(0)

    def take(self, scheme: Scheme) -> None:
        """Show a scheme."""
        self.bonus.value = scheme.bonus
        self._set_rows([self._row(line) for line in scheme.lines])

    def _scheme_of(self, owner: str) -> Scheme:
        """The owner's scheme, or one to begin with: KPIs that the owner moves and that have a goal, in equal parts."""
        if owner in self._drafts:
            return self._drafts[owner]
        month = self._ledger.last
        goals = [key for key in levers_of(owner) if not is_missing(self._ledger.goal(key, "company", month))]
        keys = [key for key in goals if KPIS[key].better != "neither"][:PROPOSED]
        weights = split_exactly(100, [1.0] * len(keys)) if keys else []
        bonus = max((known.bonus for known in self._drafts.values()), default=USUAL_BONUS)
        lines = (Line(key, part / 100, float("nan")) for key, part in zip(keys, weights, strict=True))
        return Scheme(owner, bonus, tuple(lines))

    def _row(self, line: Line) -> PayRow:
        goal = self._ledger.goal(line.kpi, line.scope, self._ledger.last)
        row = PayRow(line, self._shown, goal, self._ledger.history.currency)
        row.listen(self._listen, self._changed)
        self._listen(lambda: self._remove(row), row.remove)
        return row

    def _remove(self, row: PayRow) -> None:
        self._set_rows([other for other in self.rows if other is not row])
        self._changed()

    def _set_rows(self, rows: list[PayRow]) -> None:
        self.rows = rows
        self.list.children = [row.root for row in rows]
        self.add.options = self._offered()
        self.add.value = ""

    def _offered(self) -> list[tuple[str, Any]]:
        """What can be added: what the owner moves, with a star; what others move, too; and the rest, to watch."""
        held, owner = {row.key for row in self.rows}, self._shown
        keys = self._ledger.history.keys()
        known = [key for key in keys if KPIS[key].better != "neither" and key not in held]
        order = ("own", "shared", "other")
        known.sort(key=lambda key: (order.index(whose(owner, KPIS[key])), KPIS[key].kind != "KPI"))
        return [("—", ""), *((self._offer(key), key) for key in known)]

    def _offer(self, key: str) -> str:
        row = KPIS[key]
        star = SUGGESTED if whose(self._shown, row) == "own" and row.kind == "KPI" else ""
        return f"{star}{kpi_name(key)} · {owner_name(row.owner)}"
