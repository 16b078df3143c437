"""Colours and status words: the same in charts, tables and pages. Okabe-Ito, safe for colour-blind readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kpi_helpers.language import N_, _

INK, QUIET, FAINT, GRID, PAPER = "#1a1a1a", "#5f5f5f", "#b5b5b5", "#e4e4e4", "#ffffff"
ACCENT = "#0072B2"
OWNER_COLOURS = {"marketing": "#0072B2", "sales": "#E69F00", "service": "#009E73", "shared": "#999999"}


@dataclass(frozen=True)
class Status:
    """How a status is shown: shape, word and colour together, so that none of them is needed alone."""

    shape: str
    word: str
    colour: str


STATUSES: dict[str, Status] = {
    "met": Status("●", N_("met"), "#0072B2"),
    "close": Status("◐", N_("close"), "#6b6b6b"),
    "missed": Status("▲", N_("missed"), "#D55E00"),
    "no_data": Status("○", N_("no data"), "#b5b5b5"),
    "not_enough": Status("?", N_("not enough data"), "#6b6b6b"),
    "no_goal": Status("", N_("no goal"), "#b5b5b5"),
}


def status_word(status: str, better: str = "higher", style: str = "count") -> str:
    """The word of a status; a missed cost is "over plan", a missed share of which less is better "worse than plan".

    >>> status_word("missed", "lower", "money")
    'over plan'
    """
    if status == "missed" and better == "lower":
        return _("over plan") if style == "money" else _("worse than plan")
    return _(STATUSES[status].word)


def count_goals(statuses: Iterable[str]) -> dict[str, int]:
    """How many goals have each status, of the company and of its channels alike.

    >>> count_goals(["met", "no_goal", "missed", "met"])
    {'met': 2, 'missed': 1}
    """
    found = Counter(statuses)
    return {key: found[key] for key in STATUSES if found[key] and key != "no_goal"}


def owner_colour(owner: str) -> str:
    """The colour an owner keeps everywhere; an owner who is none of the four is shown as shared."""
    return OWNER_COLOURS.get(owner, OWNER_COLOURS["shared"])
