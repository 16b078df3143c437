"""Which layout a sheet has: the headings decide, wherever they stand; a file's name means nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kpi_helpers.errors import KitError
from kpi_helpers.exports.layout import Layout
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.exports.values import plain
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import cut_middle, headings_shown, hide_people

SEARCHED = 60  # filled rows in which the headings are looked for …
FAR = 2000  # … and, where they are not there, after how long a preamble they may still come
WIDEST = 1000  # columns in which they are looked for
HANDICAP = 1.5  # so many headings more a generic layout must know than one of a platform
NEAR = 0.4  # the share of a file's headings that the nearest layout knows, if it is worth naming
_FIGURES = re.compile(r"\s*\d[\d .,:/-]*")
_SHOWN = 12  # headings named in a message
_LONGEST = 80  # characters of each: a question of a survey must be there to be copied


@dataclass(frozen=True)
class Match:
    """A layout, the headings as exported and the row of the sheet that holds them (-1: they are the layout's own).

    `known` is the share of the headings that the layout knows, `rival` the next best layout, `rival_known` its share.
    """

    layout: Layout
    row: int
    headings: list[str]
    known: float = 1.0
    rival: str = ""
    rival_known: float = 0.0


def recognise(sheet: Sheet, layouts: Sequence[Layout]) -> Match:
    """The layout that knows most of the sheet's headings. Raises KitError with the nearest layout where none fits.

    The company's own layouts come first. One of a table without headings is only meant where no other fits.
    """
    for candidates in (_candidates(sheet, 0, SEARCHED), _candidates(sheet, SEARCHED, FAR)):
        fits = list(_fits(sheet, candidates, layouts))
        if fits:  # headings that come again lower down are no headings of what stands above them
            top = min(fit[2] for fit in fits)
            return _match(sheet, sorted((fit for fit in fits if fit[2] == top), key=_rank, reverse=True))
    for layout in layouts:
        if layout.shapes and _has_shapes(sheet, layout):
            return Match(layout, -1, [shape.name for shape in layout.shapes])
    raise unknown(sheet, layouts)


def _candidates(sheet: Sheet, first: int, last: int) -> Iterator[tuple[int, list[str]]]:
    """The rows that may hold the headings, as plain text: those without a cell that is a number or a date."""
    for row, cells in enumerate(sheet.rows[first:last], first):
        if any(map(_FIGURES.fullmatch, cells)):
            continue
        headings = [plain(cell) for cell in cells[:WIDEST]]
        if sum(map(bool, headings)) > 1:
            yield row, headings


Fit = tuple[int, float, int, Layout]  # score, share of the headings known, row, layout


def _fits(sheet: Sheet, candidates: Iterable[tuple[int, list[str]]], layouts: Sequence[Layout]) -> Iterator[Fit]:
    for row, headings in candidates:
        words = set(headings)
        for layout in layouts:
            if layout.required and layout.required[0].may_be_in(words) and _fit(layout, headings, sheet.rows[:row]):
                known = len({column for heading in layout.headings for column in heading.find_all(headings)})
                yield 10 * known + len(layout.required), known / sum(map(bool, headings)), row, layout


def _rank(fit: Fit) -> tuple[bool, float]:
    """The company's own layouts first; then those that know most, a generic one only where it knows clearly more."""
    return fit[3].own, fit[0] - (10 * HANDICAP if fit[3].generic else 0)


def _match(sheet: Sheet, fits: list[Fit]) -> Match:
    """The best of the layouts that fit, and the next best in the same row."""
    _score, known, row, layout = fits[0]
    others = [fit for fit in fits if fit[3].key != layout.key and fit[2] == row]
    rival, rival_known = (others[0][3].name, others[0][1]) if others else ("", 0.0)
    return Match(layout, row, sheet.rows[row], known, rival, rival_known)


def unread_headings(match: Match) -> tuple[str, ...]:
    """The headings that the layout does not know, and those beside which it reads another that says the same."""
    plains = [plain(heading) for heading in match.headings]
    layout = match.layout
    read = {plains[place] for heading in layout.read if (place := heading.find(plains)) is not None}
    read |= {plains[place] for each in layout.each.values() for place in each.heading.find_all(plains)}
    beside = {place for heading in layout.read for place in heading.find_all(plains) if plains[place] not in read}
    known = {place for heading in layout.headings for place in heading.find_all(plains)} - beside
    return tuple(" ".join(heading.split()) for place, heading in enumerate(match.headings)
                 if plains[place] and place not in known)  # fmt: skip


def _fit(layout: Layout, headings: list[str], preamble: Iterable[list[str]]) -> bool:
    if any(heading.find(headings) is None for heading in layout.required):
        return False
    if any(heading.find(headings) is not None for heading in layout.without):
        return False
    if layout.preamble and not any(re.search(layout.preamble, " ".join(row)) for row in preamble):
        return False
    return not layout.questions or _knows_a_question(layout, headings)


def _has_shapes(sheet: Sheet, layout: Layout) -> bool:
    """Whether every row's cells look as the layout says, column by column."""
    rows = sheet.rows[:SEARCHED]
    return all(
        len(row) == len(layout.shapes)
        and all(re.fullmatch(shape.pattern, cell.strip()) for shape, cell in zip(layout.shapes, row, strict=True))
        for row in rows
    )


def _knows_a_question(layout: Layout, headings: list[str]) -> bool:
    rules = [rule for columns in layout.tables.values() for rule in columns.values() if rule.question]
    return any(rule.heading and rule.heading.find(headings) is not None for rule in rules)


def unknown(sheet: Sheet, layouts: Sequence[Layout]) -> KitError:
    """The error for a sheet that no layout fits: its headings, the nearest layout and what is missing."""
    candidates = list(_candidates(sheet, 0, SEARCHED))
    layouts = [layout for layout in layouts if layout.required and not layout.unused]
    row, headings = max(candidates, key=lambda candidate: sum(map(bool, candidate[1])), default=(-1, []))
    if row < 0:
        return _without_headings(sheet)
    known = {place for layout in layouts for heading in layout.headings for place in heading.find_all(headings)}
    figures = any(map(_FIGURES.fullmatch, (cell for cells in sheet.rows[row + 1 : row + 4] for cell in cells)))
    shown = _list(sheet.rows[row] if figures else headings_shown(sheet.rows[row], known))
    found = _("no layout fits. Headings found: {headings}.").format(headings=shown)
    if not shown:
        n = len(headings)
        found = ngettext("no layout fits its {n} column.", "no layout fits its {n} columns.", n).format(n=n)
    nearest = max(layouts, key=lambda layout: _nearness(layout, headings), default=None)
    if nearest and _nearness(nearest, headings)[0] < NEAR:
        nearest = next((layout for layout in layouts if layout.questions and _nearness(layout, headings)[1] == 1), None)
    if not nearest:
        return KitError(found, _("Check that it is one of the exports the kit reads, or write a layout for it."))
    missing = [str(heading) for heading in nearest.required if heading.find(headings) is None]
    if missing:
        text = _("Nearest: {layout}; it also needs {missing}. Export it again with that.")
    elif nearest.questions:
        text = _("Nearest: {layout}; name its questions in company.toml, section [survey].")
    else:
        text = _("Nearest: {layout}; kpi layout drafts a layout for it.")
    return KitError(found, text.format(layout=_(nearest.name), missing=", ".join(missing)))


def _without_headings(sheet: Sheet) -> KitError:
    if len(sheet.rows) == 1 and len(sheet.rows[0]) == 1:
        found = _("there is no table in it, only: {text}.").format(text=_list(sheet.rows[0]).rstrip("."))
        return KitError(found, _("Export it again for a period that has data."))
    return KitError(_("it has no row of headings that names its columns."), _("Export it with headings."))


def _nearness(layout: Layout, headings: list[str]) -> tuple[float, float]:
    """The share of the file's headings that the layout knows, then that of the layout's that the file has."""
    filled = [heading for heading in headings if heading]
    known = {column for heading in layout.headings for column in heading.find_all(filled)}
    present = sum(heading.find(filled) is not None for heading in layout.required)
    return len(known) / max(len(filled), 1), present / len(layout.required)


def _list(cells: list[str]) -> str:
    shown = [cut_middle(hide_people(" ".join(cell.split())), _LONGEST) for cell in cells if cell.strip()]
    return ", ".join(shown[:_SHOWN]) + (" …" if len(shown) > _SHOWN else "")
