"""The tree of KPIs: what the top is made of, who moved it, what if a leaf moves, and what a goal needs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from kpi_helpers.causes import MONTH_AGO, YEAR_AGO
from kpi_helpers.charts import plot_trend
from kpi_helpers.company_tree import (
    Choice,
    CompanyTree,
    Standing,
    finding_of,
    list_choices,
    notes_of,
    tree_cards,
)
from kpi_helpers.drivers import evaluate
from kpi_helpers.exports import Exports
from kpi_helpers.labels import is_missing, month_name
from kpi_helpers.language import _, use_language
from kpi_helpers.monthly import past_of
from kpi_helpers.past import Past
from kpi_helpers.tables import page_style, tree_html, tree_style
from kpi_helpers.tables.fragments import fragment
from kpi_helpers.widgets.goal_form import form_row
from kpi_helpers.widgets.goal_pieces import studio_style
from kpi_helpers.widgets.tree_leaves import TreeBackward, WhatIf, heading
from kpi_helpers.widgets.tree_nodes import NodeTree
from kpi_helpers.widgets.tree_words import details_html, levers_html, trend_words
from kpi_helpers.widgets.view import Picture, View, choice, offer, still_page

SHOWN = 25  # months of a node's line


def explore_tree(exports: Exports, tree: str | Path = "") -> TreeExplorer:
    """A view of the company's tree of KPIs: `tree` names one of the kit's, or a file; else tree.yml beside the exports.

    KitError where there is no such tree, its file is wrong, or the exports hold no whole month.
    """
    past = past_of(exports)
    return TreeExplorer(past, list_choices(past, tree))


class TreeExplorer(View):
    """Choosers `tree`, `top`, `month` and `against`; `nodes`, details, `what_if`, `backward` and levers follow them."""

    def __init__(self, past: Past, choices: list[Choice]) -> None:
        super().__init__()
        self._past, self._choices, self._chosen = past, choices, ""
        self._company = lru_cache(maxsize=8)(self._open)
        self.title = _("Driver tree")
        self.tree = choice(_("Tree"), [(each.tree.name, place) for place, each in enumerate(choices)])
        self.top = choice(_("Top"), self._tops(), choices[0].top, tooltip=_("What the tree explains"))
        self.month = choice(_("Month"), self._months())
        against = [(_("the month before"), MONTH_AGO), (_("the same month a year before"), YEAR_AGO)]
        self.against = choice(_("Against"), against)
        for control, width in {self.tree: 170, self.top: 220, self.month: 130, self.against: 200}.items():
            control.layout.flex = f"1 1 {width}px"
        self.nodes, self.picture = NodeTree(self.choose_node), Picture()
        self.what_if, self.backward = WhatIf(), TreeBackward()
        self.finding, self.notes = widgets.HTML(), widgets.HTML()
        self.details, self.levers = widgets.HTML(), widgets.HTML()
        self.root = widgets.VBox(
            [
                widgets.HTML(page_style() + studio_style() + tree_style()),
                form_row(self.tree, self.top, self.month, self.against), self.finding, self.nodes.root, self.notes,
                self.details, self.picture.widget,
                heading(_("What if"), _("move a leaf: the tree follows")), self.what_if.words, self.what_if.box,
                form_row(self.what_if.reset),
                heading(_("Backward"), _("set the top: what must a leaf be?")), self.backward.controls,
                self.backward.words,
                heading(_("Levers"), _("the fastest first")), self.levers,
            ]
        ).add_class("kpi-tree")  # fmt: skip
        self.listen(self._choose_tree, self.tree)
        self.listen(self._stand, self.top, self.month, self.against)
        self.listen(self._solve, self.backward.number, self.backward.leaf)
        self.listen(self._take, self.backward.take)
        self.listen(self._reset, self.what_if.reset)
        self._stand()

    def still(self) -> str:
        top, beside = self._cards()
        return still_page(
            tree_style(), studio_style(),
            tree_html(top, beside, finding=self._finding, notes=self._said), self.details.value, self.picture.still(),
            self.levers.value,
        )  # fmt: skip

    # What was chosen

    @property
    def standing(self) -> Standing:
        """The tree that is shown, in the month that is chosen."""
        return self._company(self.tree.value, self.top.value).compare(self.month.value, self.against.value)

    def _open(self, place: int, top: str) -> CompanyTree:
        return CompanyTree(self._past, self._choices[place].tree.at(top))

    def _tops(self) -> list[tuple[str, str]]:
        tree = self._choices[self.tree.value].tree
        return [(node.name, key) for key, node in tree.nodes.items() if not node.is_leaf]

    def _months(self) -> list[tuple[str, Any]]:
        months = self._company(self.tree.value, self.top.value).months
        return [(month_name(month), month) for month in reversed(months)]

    def _choose_tree(self) -> None:
        with self.quiet():
            offer(self.top, self._tops(), self._choices[self.tree.value].top)
        self._stand()

    # What follows

    def _stand(self) -> None:
        """Another tree, top or month: all is shown anew, the leaves as they are."""
        standing, company = self.standing, self._company(self.tree.value, self.top.value)
        if self._chosen not in standing.tree.nodes:
            self._chosen = standing.tree.top
        self._finding = finding_of(standing, company.currency)
        self._said = [self._choices[self.tree.value].reason, *notes_of(standing)]
        self.finding.value = fragment("tree_finding.html", finding=self._finding)
        self.notes.value = fragment("tree_notes.html", notes=self._said)
        with self.quiet():
            self.what_if.offer(company, standing, not is_missing(standing.robots))
            self.backward.offer(standing, company.currency)
        for control in self.what_if.controls.values():
            self.listen(lambda control=control: self._slide(control), control.slider)  # type: ignore[misc]
            self.listen(lambda control=control: self._type(control), control.number)  # type: ignore[misc]
        self._follow()
        self._show_node()
        self.levers.value = levers_html(standing, company.currency)

    def _follow(self) -> None:
        """A leaf was moved: the cards, the top's words and the way back follow."""
        standing, changes = self.standing, self.what_if.changes
        self._planned = (
            {str(key): float(value) for key, value in evaluate(standing.tree, standing.now, changes).items()}
            if changes
            else {}
        )
        self.nodes.show(*self._cards())
        self.what_if.say(standing, self._planned, self._past.exports.currency)
        self._solve()

    def _cards(self) -> Any:
        return tree_cards(self.standing, self._past.exports.currency, self._planned, chosen=self._chosen)

    def _slide(self, control: Any) -> None:
        with self.quiet():
            control.take_slider()
        self._follow()

    def _type(self, control: Any) -> None:
        with self.quiet():
            control.take_number()
        self._follow()

    def _reset(self) -> None:
        with self.quiet():
            for control in self.what_if.controls.values():
                control.reset()
        self._follow()

    def _solve(self) -> None:
        self.backward.solve(self.standing, self.what_if.changes, self._past.exports.currency)

    def _take(self) -> None:
        with self.quiet():
            self.what_if.controls[self.backward.leaf.value].set(self.backward.answer)
        self._follow()

    def choose_node(self, key: str) -> None:
        """Show what is known of a node."""
        use_language(self._language)
        self._chosen = key
        self.nodes.show(*self._cards())
        self._show_node()

    def _show_node(self) -> None:
        standing, currency = self.standing, self._past.exports.currency
        node = standing.tree.nodes[self._chosen]
        self.details.value = details_html(standing, node.key, currency)
        line = self._company(self.tree.value, self.top.value).line(node.key, people=not is_missing(standing.robots))
        line = line[line.index <= standing.month].tail(SHOWN)
        finding, subtitle = trend_words(standing, node.key, currency)
        goal = None if is_missing(node.norm) else node.norm
        ax = plot_trend(list(line.index), list(line), style=node.style, currency=currency, goal=goal, finding=finding,
                        subtitle=subtitle)  # fmt: skip
        self.picture.show(ax, f"{finding}. {subtitle}")
