"""Which layout a sheet has: the headings decide, wherever they stand; a file's name means nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kpi_helpers.errors import KitError
from kpi_helpers.exports.dialect import Sheet
from kpi_helpers.exports.layout import Layout
from kpi_helpers.exports.values import plain
from kpi_helpers.language import _

SEARCHED = 60  # rows in which the headings are looked for
WIDEST = 1000  # columns in which they are looked for
NEAR = 0.4  # the share of a file's headings that the nearest layout knows, if it is worth naming
_SHOWN = 12  # headings named in a message


@dataclass(frozen=True)
class Match:
    """A layout and the row of the sheet that holds its headings."""

    layout: Layout
    row: int


def recognise(sheet: Sheet, layouts: Sequence[Layout]) -> Match:
    """The layout that knows most of the sheet's headings. Raises KitError with the nearest layout where none fits."""
    top = enumerate(sheet.rows[:SEARCHED])
    candidates = [(row, [plain(cell) for cell in cells[:WIDEST]]) for row, cells in top]
    best, best_score = None, 0
    for row, headings in candidates:
        if sum(map(bool, headings)) < 2:
            continue
        for layout in layouts:
            score = _score(layout, headings, sheet.rows[:row])
            if score > best_score:
                best, best_score = Match(layout, row), score
    if best:
        return best
    raise _unknown(sheet, candidates, layouts)


def _score(layout: Layout, headings: list[str], preamble: list[list[str]]) -> int:
    """How many headings the layout knows; 0 where it does not fit."""
    if any(heading.find(headings) is None for heading in layout.required):
        return 0
    if any(heading.find(headings) is not None for heading in layout.without):
        return 0
    if layout.preamble and not any(re.search(layout.preamble, " ".join(row)) for row in preamble):
        return 0
    if layout.questions and not _knows_a_question(layout, headings):
        return 0
    known = {column for heading in layout.headings for column in heading.find_all(headings)}
    return 10 * len(known) + len(layout.required)


def _knows_a_question(layout: Layout, headings: list[str]) -> bool:
    rules = [rule for columns in layout.tables.values() for rule in columns.values() if rule.question]
    return any(rule.heading and rule.heading.find(headings) is not None for rule in rules)


def _unknown(sheet: Sheet, candidates: list[tuple[int, list[str]]], layouts: Sequence[Layout]) -> KitError:
    row, headings = max(candidates, key=lambda candidate: sum(map(bool, candidate[1])), default=(0, []))
    found = _("no layout fits. Headings found: {headings}.").format(headings=_list(headings and sheet.rows[row]))
    nearest = max(layouts, key=lambda layout: _nearness(layout, headings), default=None)
    if nearest and _nearness(nearest, headings)[0] < NEAR:
        nearest = next((layout for layout in layouts if layout.questions and _nearness(layout, headings)[1] == 1), None)
    if not nearest:
        return KitError(found, _("Check that it is one of the exports the kit reads, or write a layout for it."))
    missing = [str(heading) for heading in nearest.required if heading.find(headings) is None]
    if not missing and nearest.questions:
        return KitError(found, _("Nearest: {layout}; name its questions in company.toml, section [survey].").format(
            layout=_(nearest.name)))  # fmt: skip
    return KitError(found, _("Nearest: {layout}; it also needs {missing}. Export it again with that.").format(
        layout=_(nearest.name), missing=", ".join(missing)))  # fmt: skip


def _nearness(layout: Layout, headings: list[str]) -> tuple[float, float]:
    """The share of the file's headings that the layout knows, then that of the layout's that the file has."""
    filled = [heading for heading in headings if heading]
    known = {column for heading in layout.headings for column in heading.find_all(filled)}
    present = sum(heading.find(filled) is not None for heading in layout.required)
    return len(known) / max(len(filled), 1), present / len(layout.required)


def _list(cells: list[str]) -> str:
    shown = [" ".join(cell.split())[:40] for cell in cells if cell.strip()]
    return ", ".join(shown[:_SHOWN]) + (" …" if len(shown) > _SHOWN else "")
