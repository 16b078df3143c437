"""A claim in words: what it would be here, whether it would be noticed, what would prove it, what to ask its source."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from kpi_helpers.beliefs.claims import Part
from kpi_helpers.beliefs.evidence import YEAR, Change, Evidence
from kpi_helpers.beliefs.scenario import ROWS
from kpi_helpers.catalogue import KPIS, expanded
from kpi_helpers.goals import judge_status
from kpi_helpers.labels import (
    is_missing,
    kpi_name,
    lower_first,
    measure_name,
    month_name,
    write_change,
    write_difference,
    write_interval,
    write_list,
    write_value,
)
from kpi_helpers.language import _, ngettext
from kpi_helpers.palette import status_word

LONG_WEEKS, LONG_MONTHS = 260, 60  # five years: nobody tests for so long
_ZEROS = re.compile(r"[.,]0+(?=\D*$)")
STYLES = {"left": "money"}


def change_words(change: Change) -> str:
    """The change as it was read: "+15%", "+5 pp", "−5 points"."""
    size, sign = abs(change.by), "+" if change.by > 0 else "−"
    if change.kind == "relative":
        return sign + _ZEROS.sub("", write_value(size, "share"))
    form = _("{points} points") if change.row.style == "points" else _("{points} pp")
    return form.format(points=sign + _ZEROS.sub("", write_value(size * 100, "ratio")))


def kind_name(kind: str) -> str:
    """How a change is meant: of the value, or in points."""
    return _("percent of the value") if kind == "relative" else _("points")


def meaning_words(found: Evidence, currency: str) -> list[str]:
    """What the change would be in the company's own numbers: the last month, and 12 months together."""
    change, name = found.change, kpi_name(found.change.key)
    if not found.known:
        return [_("{kpi}: the exports at hand do not say what it is now.").format(kpi=name)]
    now, would = (_write(change, number, currency) for number in (found.now, found.would))
    if is_missing(found.would):
        form = _("{kpi} is {now}: a change in percent of nothing, or of less, says nothing.")
        return [form.format(kpi=name, now=now)]
    assert found.month is not None
    said = {"kpi": name, "month": month_name(found.month, heading=False), "now": now, "would": would}
    if not found.can_be:
        return [_("{kpi}, {month}: {now}; with the claim {would}, which cannot be.").format(**said)]
    words = [_("{kpi}, {month}: {now}; with the claim {would}.").format(**said)]
    if change.row.is_sum and found.months == YEAR:
        together = {name: write_value(number, change.row.style, currency, short=True)
                    for name, number in (("now", found.year_now), ("would", found.year_would))}  # fmt: skip
        worth = write_difference(found.year_would - found.year_now, change.row.style, currency, short=True)
        words.append(_("12 months together: {now}; with the claim {would} ({difference}).").format(
            **together, difference=worth))  # fmt: skip
    return words


def noise_words(found: Evidence, currency: str) -> list[str]:
    """Whether the change would be noticed among what the months do by themselves."""
    words, style = [], found.change.row.style
    if found.steps:
        words.append(_("Changes from one month to the next as large or larger, up or down: {larger} of {n}.").format(
            n=found.steps, larger=found.larger))  # fmt: skip
    if not is_missing(found.swing):
        words.append(_("The highest of these months was {n} times the lowest: months differ by themselves.").format(
            n=write_value(found.swing, "multiple")))  # fmt: skip
    if found.stands_out is not None:
        low, high = (math.ceil(found.low), math.floor(found.high)) if style == "count" else (found.low, found.high)
        usual = write_interval(low, high, style, currency, short=True)
        if found.stands_out:
            words.append(_("A usual month changed so would leave the usual range, {range}.").format(range=usual))
        else:
            words.append(_("A usual month changed so would still lie in the usual range, {range}: "
                           "one month proves nothing.").format(range=usual))  # fmt: skip
    return words or [_("There are too few months to say what is usual.")]


def proof_words(found: Evidence) -> list[str]:
    """How much would have to be measured to believe the change here."""
    if not found.can_be:
        return []
    if found.groups:
        return [groups_words(found.change.key, found.groups, found.weeks)]
    if not is_missing(found.pairs):
        return [_pairs_words(int(found.pairs))]
    if found.change.row.interval == "nps":
        return [_("Ask two groups of customers and compare the intervals of the two NPS.")]
    return [_("How much has to be measured cannot be reckoned from these exports.")]


def comparison_words() -> str:
    """What proves that something works, whatever is claimed."""
    return _("Those who have it are held against a group without it, chosen at random, at the same time. The months "
             "before and after also differ by season, prices and luck.")  # fmt: skip


def other_words(part: Part, found: Evidence, currency: str) -> list[str]:
    """What else the part may mean: another reading of its percent, another KPI."""
    change, words = found.change, []
    for kind in part.readings(change.key):
        other = replace(change, kind=kind)
        if kind != change.kind and found.known:
            would = other.level(found.now)
            value = write_value(would, change.row.style, currency)
            if not is_missing(would) and not other.can_be(would):
                value = _("{value}, which cannot be").format(value=value)
            words.append(_("Meant as {change} it would be {value}.").format(change=change_words(other), value=value))
    if others := [lower_first(kpi_name(key)) for key in part.keys if key != change.key]:
        words.append(_("It may also be about: {kpis}.").format(kpis=write_list(others)))
    return words


def groups_words(key: str, groups: Sequence[int], weeks: float) -> str:
    """How many trials each group needs, and how long the company takes."""
    first, second = (write_value(number, "count") for number in groups)
    of = trials_name(key)
    needs = (_("To be found four times in five it needs, in each of two groups: {n} ({of})") if first == second else
             _("To be found four times in five it needs, in the two groups: {n} and {m} ({of})"))  # fmt: skip
    said = needs.format(n=first, m=second, of=of)
    return f"{said}. {weeks_words(weeks)}" if not is_missing(weeks) else f"{said}."


def weeks_words(weeks: float) -> str:
    """How long the trials of this company take."""
    if weeks > LONG_WEEKS:
        return _("Here that would take more than five years.")
    n = max(math.ceil(weeks), 1)
    return ngettext("Here that is about {n} week.", "Here that is about {n} weeks.", n).format(n=n)


def trials_name(key: str) -> str:
    """What a share is a share of: visits, leads."""
    below = expanded(key).denominator
    return below.to_text(measure_name) if below else lower_first(kpi_name(key))


def _pairs_words(months: int) -> str:
    if months > LONG_MONTHS:
        return _("By months alone it could not be told from chance within five years: compare regions or customers.")
    return ngettext("By months alone: about {n} month with it and {n} without, to find it four times in five.",
                    "By months alone: about {n} months with it and {n} without, to find it four times in five.",
                    months).format(n=months)  # fmt: skip


def goal_words(found: Evidence, goal: Mapping[str, Any] | None, currency: str) -> str:
    """Whether the change would meet the goal of the month; "" where there is none."""
    if not goal or is_missing(goal["target"]) or is_missing(found.would) or not found.can_be:
        return ""
    row, target = found.change.row, float(goal["target"])
    now, would = (status_word(judge_status(row, value, target), row.better) for value in (found.now, found.would))
    return _("Goal {goal}: now “{now}”, with the claim “{would}”.").format(
        goal=write_value(target, row.style, currency), now=now, would=would)  # fmt: skip


def scenario_rows(rows: pd.DataFrame, currency: str) -> list[list[Any]]:
    """The rows of `imagine` that are known: name, before, after, change."""
    written = []
    for key in ROWS:
        before, after = rows.loc[key]
        if not is_missing(before):
            style = _style(key)
            change = write_change(after, before, style)
            written.append([row_name(key), *(write_value(value, style, currency) for value in (before, after)), change])
    return written


def row_name(key: str) -> str:
    return _("Margin less ad spend") if key == "left" else kpi_name(key)


def worth_words(rows: pd.DataFrame, months: pd.DatetimeIndex, currency: str) -> str:
    """What all parts together would be worth, in one sentence."""
    gains = (rows["after"] - rows["before"]).reindex(["left", "revenue"]).dropna()
    if gains.empty:
        return _(
            "What it would be worth cannot be reckoned: revenue is not known, or not in the months of the ad spend."
        )
    if not gains.any():
        return _("None of this has a price of its own here: what it is worth shows in revenue and costs later.")
    name, worth = row_name(str(gains.index[0])), write_difference(gains.iloc[0], "money", currency, short=True)
    first, last = (month_name(month, heading=False) for month in (months[0], months[-1]))
    return _("All parts together would have brought, {first} – {last}: {name} {worth}.").format(
        first=first, last=last, name=lower_first(name), worth=worth)  # fmt: skip


def assumption_words(unused: Mapping[str, str]) -> str:
    """What the scenario takes for granted, and what plays no part in it."""
    words = _("It supposes that the margin stays the same share of revenue, that other costs stay, and that all parts "
              "hold at once.")  # fmt: skip
    for beside in dict.fromkeys(unused.values()):
        kpis = write_list([lower_first(kpi_name(key)) for key, other in unused.items() if other == beside])
        form = _("Without a price of its own, and so not in this table: {kpis}.")
        if beside:
            form = _("Not counted beside “{kpi}”, which says the same money: {kpis}.")
        words += " " + form.format(kpi=lower_first(kpi_name(beside)) if beside else "", kpis=kpis)
    return words


def questions() -> list[str]:
    """What to ask whoever makes a claim."""
    return [
        _("Who was measured: which companies, of what size and trade? Is one of them like yours?"),
        _("Against what: a group without it at the same time, or only the months before?"),
        _("How many, for how long, and what interval goes with the number?"),
        _("What exactly rose: revenue, orders or profit? In percent or in points?"),
        _("Who paid for it, and who earns if you believe it?"),
        _("Are these all results, or the best ones? How many tried it without success?"),
    ]


def _write(change: Change, number: float, currency: str) -> str:
    """A value of the KPI; of things that are counted in whole ones."""
    whole = change.row.style == "count" and not is_missing(number)
    return write_value(round(number) if whole else number, change.row.style, currency)


def _style(key: str) -> str:
    return STYLES.get(key) or KPIS[key].style
