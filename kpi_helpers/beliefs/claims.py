"""A claim taken apart, in English or Russian: "sales +15 %, ad cost -20 %". What cannot be read says so.

claim  = part { ("," | ";" | "and" | "и" | new line) part }
part   = words with one change among them
change = [sign] number [unit]      sign: + or -, or a word such as "fell", "вырос"; unit: %, pp, points
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from kpi_helpers.amounts import read_amount
from kpi_helpers.beliefs.meanings import meanings_of
from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle, plain

Kind = Literal["relative", "points"]
LONGEST, MOST = 400, 6  # characters of a claim, parts of it
SHOWN = 60  # characters of a part that is shown
LARGEST_CHANGE = 10.0  # tenfold: beyond it no claim is about the same company
_CUT = re.compile(r"[;\n]+|,(?!\d)|(?<=\s)(?:and|и|&)(?=\s)", re.IGNORECASE)
_CHANGE = re.compile(
    r"(?<![\w.,+−–-])(?P<sign>[+−–±-]?)\s?(?P<number>\d[\d.,\u00a0\u202f ]*)"
    r"(?P<unit>%|p\.?\s?p\b\.?|п\.?\s?п\b\.?|(?:percentage\s+|процентн\w+\s+)?(?:points?\b|пункт\w*)|percent\b|процент\w*)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![^\W_])\d")  # not the 2 of B2B
_UP = re.compile(r"(?:up|more|higher|rise|rose|grow|grew|gain|increas|рост|выраст|вырос|расту|растет|увелич|"
                 r"больше|выше|повы|плюс)", re.IGNORECASE)  # fmt: skip
_DOWN = re.compile(r"(?:down|less|fewer|lower|fall|fell|drop|decreas|reduc|declin|cut$|сниж|сниз|упа(?!к)|паден|уменьш|"
                   r"меньше|ниже|сокра|минус)", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part of a claim.

    `said`: as it was written, fit to be shown. `keys`: the KPIs that may be meant, the likeliest first. `by`: the
    change, 0.15 for "+15 %" and for "+15 pp". `unit`: "%", "points" or "" where none was written. `problem`: why the
    part cannot be read; then the others are empty. One word that is not understood is enough: "sales costs", "lost
    sales" and "lead time" are neither sales nor leads.
    """

    said: str
    keys: tuple[str, ...] = ()
    by: float = math.nan
    unit: str = ""
    problem: str = ""

    def readings(self, key: str) -> tuple[Kind, ...]:
        """How the change of this KPI can be meant: "+5 %" of a share of 10 % is 10.5 % or 15 %, both stay."""
        return _readings(KPIS[key], self.unit)


def read_claim(text: str) -> list[Part]:
    """The parts of a claim, in their order. KitError where it is empty, too long or of too many parts.

    >>> [(part.keys[0], part.by, part.unit) for part in read_claim("revenue +15 %; CSAT up by 5 points")]
    [('revenue', 0.15, '%'), ('csat', 0.05, 'points')]
    """
    parts = [part for piece in _CUT.split(text[: LONGEST + 1]) if (part := " ".join(plain(piece).split()))]
    if len(text) > LONGEST or len(parts) > MOST:
        found = _("the claim is too long: up to {n} parts and {letters} characters are read at once.")
        raise KitError(found.format(n=MOST, letters=LONGEST), _("Take it apart."))
    if not parts:
        raise KitError(_("there is no claim yet."), _("Write one as: {example}.").format(example=example()))
    return [_read_part(part) for part in parts]


def example() -> str:
    """A claim as it can be read, in the reader's language."""
    return _("sales +15%, ad cost -20%, satisfaction +25%")


def _read_part(part: str) -> Part:
    said = cut_middle(part, SHOWN)
    try:
        change, words, by = _take_change(part)
        meant = meanings_of(words)
        unit = _unit(change["unit"] or "")
        keys = tuple(key for key in meant.keys if _readings(KPIS[key], unit))
        if not meant.keys:
            found = _("no KPI of the catalogue is known by this name.")
            raise KitError(found, _("Name it as the report does: revenue, leads, CPL, NPS."))
        if meant.unread:
            found = _("“{words}” may turn it into something else.").format(words=cut_middle(meant.unread, SHOWN))
            raise KitError(found, _("Name it as the report does: revenue, leads, CPL, NPS."))
        if not keys:
            found = _("this KPI does not change in such a unit.")
            raise KitError(found, _("Write percent with its sign: twice as much is +100%."))
    except KitError as error:
        return Part(said, problem=str(error))
    return Part(said, keys, by, unit)


def _take_change(part: str) -> tuple[re.Match[str], str, float]:
    """The one change in a part, the other words, and the change as a number."""
    change = _CHANGE.search(part)
    words = f"{part[: change.start()]} {part[change.end() :]}" if change else ""
    if not change or _NUMBER.search(words):
        found = _("it says more than one number.") if change else _("it says no change.")
        raise KitError(found, _("Write one KPI with one change: sales +15%."))
    size = read_amount(change["number"].strip(" .,\u00a0\u202f"), _("change")) / 100
    if not 0 < size <= LARGEST_CHANGE:
        raise KitError(_("a change of nothing, or of more than 1000%, says nothing."))
    kept, ways = _take_ways(words)
    return change, kept, size * _way(change["sign"], ways)


def _take_ways(words: str) -> tuple[str, set[int]]:
    """The words without those that say up or down, and what they say."""
    said = [(word, 1 if _UP.match(word) else -1 if _DOWN.match(word) else 0) for word in words.split()]
    kept = " ".join(word for word, way in said if not way)
    return (kept if re.search(r"\w", kept) else words), {way for _word, way in said if way}


def _way(sign: str, ways: set[int]) -> int:
    """1 for up, -1 for down. "Costs fell by -20 %" is down, "costs fell by +20 %" says two things."""
    if sign and sign != "±":
        ways = ways | {1 if sign == "+" else -1}
    if len(ways) == 1:
        return ways.pop()
    found = _("it says both up and down.") if ways else _("it does not say whether up or down.")
    raise KitError(found, _("Write the sign: +15% or -15%."))


def _unit(written: str) -> str:
    if not written:
        return ""
    word = written.casefold()
    return "%" if word == "%" or re.match(r"percent$|процент(?!н)", word) else "points"


def _readings(row: Kpi, unit: str) -> tuple[Kind, ...]:
    if row.style in ("share", "points"):
        if unit == "%":
            return ("relative", "points")
        return ("points",) if unit == "points" or row.style == "points" else ()
    return ("relative",) if unit == "%" else ()
