"""The SMART check of a goal: specific, measurable, achievable, relevant, time-bound, each with a sentence and step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.checkup import next_step
from kpi_helpers.errors import did_you_mean
from kpi_helpers.goals import FINAL_GOALS, find_final_goal, span_of, suggest_kpis
from kpi_helpers.labels import (
    CHANNELS,
    channel_name,
    kpi_name,
    lower_first,
    month_name,
    owner_name,
    upper_first,
    write_date,
    write_list,
    write_value,
)
from kpi_helpers.language import _, ngettext
from kpi_helpers.past import COMPANY
from kpi_helpers.smart.evidence import Evidence
from kpi_helpers.smart.reach import judge_reach
from kpi_helpers.tables import reason_text

Verdict = Literal["yes", "no", "unsure"]
Goal = Mapping[str, Any]
LETTERS = "SMART"
LONGEST_SPAN = 24  # months
MOST_NAMED = 5


@dataclass(frozen=True)
class Check:
    """One letter of a goal: the verdict ("yes", "no", "unsure"), a sentence that says why, and what to do about it."""

    letter: str
    verdict: Verdict
    words: str
    next_step: str = ""


def check_smart(goal: Goal, evidence: Evidence | None = None, today: date | None = None) -> list[Check]:
    """The five checks of a goal as `check_goals` gives it, in the reader's language.

    Without `evidence` (no exports at hand) what needs data is "unsure". `today` is the day that deadlines are held
    against: by default the day after the last of the data, or else this day.
    """
    row = KPIS[goal["kpi"]]
    day = today or (evidence.last + timedelta(days=1) if evidence else date.today())
    return [
        _specific(goal, evidence), _measurable(row, goal, evidence), _achievable(row, goal, evidence),
        _relevant(row, goal), _time_bound(goal, day),
    ]  # fmt: skip


def goal_words(goal: Goal, evidence: Evidence | None = None) -> str:
    """A goal in a few words: "Leads, the company: 2,323 in total"."""
    row, level = KPIS[goal["kpi"]], _target(goal, evidence)
    where = _("the company") if goal["scope"] == COMPANY else channel_name(goal["scope"])
    currency = evidence.currency if evidence else ""
    value = _("a change of the baseline") if math.isnan(level) else write_value(level, row.style, currency)
    counted = {
        "total": _("in total"), "exit": _("in the last month"), "each_month": _("in each month"),
    }.get(goal["counts"], "")  # fmt: skip
    text = _("{kpi}, {scope}: {target}").format(kpi=kpi_name(row.key), scope=where, target=value)
    return f"{text} {counted}".rstrip()


def _specific(goal: Goal, evidence: Evidence | None) -> Check:
    scope = goal["scope"]
    if evidence and scope not in evidence.scopes:
        known = [name for name in evidence.scopes if name != COMPANY]
        words = _("No export has rows of {scope}.").format(scope=channel_name(scope))
        step = did_you_mean(scope, known) or _("Channels: {names}.").format(names=_named(map(channel_name, known)))
        return Check("S", "no", words, step if known else _("Set the goal for the company."))
    if not evidence and scope != COMPANY and scope not in CHANNELS:
        words = _("Whether there is a channel {scope} only the exports can say.").format(scope=repr(scope))
        return Check("S", "unsure", words, _("Name the folder of the exports: --data DIR."))
    return Check("S", "yes", _("A KPI of the catalogue, and a scope: {goal}.").format(goal=goal_words(goal, evidence)))


def _measurable(row: Kpi, goal: Goal, evidence: Evidence | None) -> Check:
    if evidence is None:
        words = _("There are no exports at hand to measure it by.")
        return Check("M", "unsure", words, _("Name the folder of the exports: --data DIR."))
    if goal["scope"] not in evidence.scopes:
        return Check("M", "no", _("Without rows of its own there is nothing to measure."))
    known = evidence.values.dropna()
    if evidence.reason or known.empty:
        reason = reason_text(evidence.reason) or _("no whole month in the exports")
        words = _("{kpi} cannot be measured: {reason}.").format(kpi=kpi_name(row.key), reason=reason)
        return Check("M", "no", words, next_step(evidence.reason))
    last = {
        "month": month_name(known.index[-1].date(), heading=False),
        "value": write_value(known.iloc[-1], row.style, evidence.currency),
    }
    form = ngettext("{n} month is known; {month}: {value}.", "{n} months are known; {month}: {value}.", len(known))
    words = form.format(n=len(known), **last)
    if evidence.note == "no_baseline":
        return Check("M", "no", words + " " + _("The period of the baseline is not in the exports."),
                     _("Write the baseline as a number."))  # fmt: skip
    return Check("M", "yes", words)


def _achievable(row: Kpi, goal: Goal, evidence: Evidence | None) -> Check:
    target = _target(goal, evidence)
    if evidence is None or math.isnan(target) or evidence.values.dropna().empty:
        words = _("Without a history nobody can say whether it can be reached.")
        return Check("A", "unsure", words, next_step(evidence.reason) if evidence and evidence.reason else "")
    found = judge_reach(row, {**goal, "target": target}, evidence.values, evidence.forecast, evidence.currency)
    step = found.next_step
    if found.verdict == "no" and _may_be_total(row, goal, target, evidence):
        step = _("If it is for all {n} months together, write total into the column counts.").format(n=span_of(goal))
    return Check("A", found.verdict, " ".join(found.words), step)


def _may_be_total(row: Kpi, goal: Goal, target: float, evidence: Evidence) -> bool:
    """Whether a goal for each month looks like one for all of them: out of reach as a month, and not as their sum."""
    span = span_of(goal)
    return row.is_sum and goal["counts"] == "each_month" and span > 1 and target / span <= evidence.values.max()


def _relevant(row: Kpi, goal: Goal) -> Check:
    """Tied to a final goal, and in the hands of its owner."""
    final = find_final_goal(goal["final_goal"])
    owner = goal["owner"]
    mover = "marketing" if owner == "shared" else owner  # a result that nobody owns: whose levers come first
    levers = [key for key in _levers(mover, final.key if final else "") if key != row.key]
    instead = _("What {owner} moves: {kpis}.").format(owner=owner_name(mover), kpis=_named(map(_inside, levers)))
    step = instead if levers else ""
    if row.kind == "metric" and row.owner == "shared":
        words = _("{kpi} is a result of many and no lever of {owner}.") if owner != "shared" else _(
            "{kpi} is a result: nobody moves it directly.")  # fmt: skip
        return Check("R", "no" if owner != "shared" else "unsure",
                     words.format(kpi=kpi_name(row.key), owner=owner_name(owner)), step)  # fmt: skip
    if row.owner not in (owner, "shared"):
        words = _("{kpi} is moved by {mover}, not by {owner}.")
        told = words.format(kpi=kpi_name(row.key), mover=owner_name(row.owner), owner=owner_name(owner))
        return Check("R", "no" if owner != "shared" else "unsure", told, step)
    if row.kind == "metric" and row.better != "neither":
        words = _("{kpi} is a metric: it can grow without any use to the company.").format(kpi=kpi_name(row.key))
        return Check("R", "unsure", words, step)
    return _serves(row, goal, step)


def _serves(row: Kpi, goal: Goal, step: str) -> Check:
    final = find_final_goal(goal["final_goal"])
    if not goal["final_goal"]:
        names = ", ".join(_(known.name) for known in FINAL_GOALS.values())
        words = _("{owner} moves it, but no final goal is named.").format(owner=upper_first(owner_name(goal["owner"])))
        step = _("Name the final goal that it serves (final_goal): {names}.").format(names=names)
        return Check("R", "unsure", words, step)
    if final is None:
        words = _("{owner} moves it; whether it serves “{final}” is yours to say.")
        return Check("R", "yes", words.format(owner=upper_first(owner_name(goal["owner"])), final=goal["final_goal"]))
    named = {"owner": upper_first(owner_name(goal["owner"])), "kpi": kpi_name(row.key), "final": _(final.name)}
    if row.key not in final.kpis and row.better != "neither":
        return Check("R", "unsure", _("{kpi} is not known to serve the final goal: {final}.").format(**named), step)
    return Check("R", "yes", _("{owner} moves it, and it serves the final goal: {final}.").format(**named))


def _levers(owner: str, final: str) -> list[str]:
    """KPIs that the owner moves: those of the final goal, or of sales where none is named."""
    return suggest_kpis(FINAL_GOALS[final or "sales"], owner) or [
        row.key for row in KPIS.values() if row.owner == owner and row.kind == "KPI"
    ]


def _time_bound(goal: Goal, today: date) -> Check:
    start, deadline = goal["start"], goal["deadline"]
    if not deadline:
        return Check("T", "no", _("It has no deadline."), _("Write a deadline, at most two years ahead."))
    named = {"start": write_date(start) if start else "", "deadline": write_date(deadline)}
    if deadline < today:
        words = _("It was over on {deadline}.").format(**named)
        return Check("T", "no", words, _("Set the next one."))
    if not start:
        words = _("It has a deadline, {deadline}, but no start.").format(**named)
        return Check("T", "unsure", words, _("Write a start: the first day of a month."))
    if span_of(goal) > LONGEST_SPAN:
        words = _("It takes {n} months: too long to be steered by.").format(n=span_of(goal))
        return Check("T", "unsure", words, _("Set a goal for a year or a quarter on the way."))
    if start > today:
        return Check("T", "yes", _("It begins on {start} and ends on {deadline}.").format(**named))
    return Check("T", "yes", _("It has begun and ends on {deadline}.").format(**named))


def _target(goal: Goal, evidence: Evidence | None) -> float:
    """The goal's target, or what it is with the baseline from the exports."""
    return evidence.target if evidence and math.isnan(goal["target"]) else float(goal["target"])


def _inside(key: str) -> str:
    return lower_first(kpi_name(key))


def _named(names: Iterable[str]) -> str:
    return write_list(list(names)[:MOST_NAMED])
