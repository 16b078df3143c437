"""Faults and notes in the reader's words: what is wrong, and what to change. Nobody is scolded."""

from __future__ import annotations

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import channel_name, is_missing, kpi_name, owner_name, write_list, write_value
from kpi_helpers.language import N_, _
from kpi_helpers.lettering import plain
from kpi_helpers.scorecard.faults import Fault
from kpi_helpers.scorecard.scheme import Scheme

MOST = 4  # KPIs that are proposed
_FOUND = {
    "weights": N_("The weights add up to {sum}."),
    "not_owned": N_("{kpi}: {whose} moves it, {owner} is paid for it."),
    "shared": N_("{kpi}: others move it as much as {owner}."),
    "metric": N_("{kpi} is a result: nobody moves it directly."),
    "no_result": N_("{kpi}: no month has a result."),
    "no_goal": N_("{kpi}: the scheme takes the goal of the month as its target, and no month has one."),
    "no_way": N_("{kpi}: no month has both a result and a goal that is better than the base."),
    "gaming": N_("{kpi} can be reached at the cost of what the scheme does not look at."),
    "noise": N_("{kpi}: with a probability of {luck} month-to-month swings decide over {swing} of the bonus."),
    "noise_all": N_("With a probability of {luck} month-to-month swings decide whether the bonus is full."),
}
_STEPS = {
    "weights": N_("Change them until they make 100 %."),
    "not_owned": N_("What {owner} moves: {kpis}."),
    "shared": N_("Give it a small weight, or take what {owner} moves alone: {kpis}."),
    "metric": N_("Give it a small weight, or take what moves it: {kpis}."),
    "no_result": N_("Add its export, or take the KPI out."),
    "no_goal": N_("Write its goal into goals.csv, or a target into the scheme."),
    "no_way": N_("Look at the base and at the months of the goals."),
    "gaming": N_("Put one of these beside it, paid or with weight 0: {kpis}."),
    "unreachable": N_("A target that is out of reach moves nobody: bring it nearer."),
    "always_reached": N_("That is a part of the salary: set a target that has to be worked for."),
    "noise": N_("Take a linear curve in the place of a step, a lower threshold, or a smaller weight."),
}
_NOTES = {
    "no_result": N_("no data: its weight is set aside, the others count for it"),
    "no_goal": N_("no goal in this month: its weight is set aside, the others count for it"),
    "no_way": N_("the target is no better than the base: its weight is set aside, the others count for it"),
    "watched": N_("shown, not paid"),
    "shared": N_("others move it, too"),
}


def describe_fault(scheme: Scheme, fault: Fault) -> tuple[str, str]:
    """What is wrong and the next step, a sentence each, in the reader's language."""
    code = {"noise_decides": "noise"}.get(fault.code, fault.code)
    named = {
        "kpi": line_name(fault.line), "owner": owner_name(scheme.owner), "whose": owner_name(_owner(fault.line)),
        "kpis": write_list([kpi_name(key) for key in fault.kpis[:MOST]]),
        **{name: write_value(number, "share", short=name != "sum") for name, number in fault.numbers.items()},
    }  # fmt: skip
    step = _(_STEPS[code]).format(**named)
    if code in ("unreachable", "always_reached"):
        return _reach(fault, named["kpi"]), step
    return _(_FOUND["noise_all" if code == "noise" and not fault.line else code]).format(**named), step


def describe_note(note: str) -> str:
    """The note of a row of `score` in the reader's language."""
    return _(_NOTES[note]) if note in _NOTES else note


def line_name(key: str) -> str:
    """The name of a line: its KPI, with the channel where there is one."""
    name, _at, scope = key.partition("@")
    return f"{kpi_name(name)} ({channel_name(plain(scope))})" if scope else kpi_name(name)


def _owner(key: str) -> str:
    row = KPIS.get(key.partition("@")[0])
    return row.owner if row else ""


def _reach(fault: Fault, name: str) -> str:
    chance = fault.numbers["chance"]
    if not is_missing(chance):
        return _("{kpi}: the chance to reach the target in a month is {chance}.").format(
            kpi=name, chance=write_value(chance, "share", short=True)
        )
    numbers = {key: int(fault.numbers[key]) for key in ("reached", "known")}
    return _("{kpi}: the target was reached in {reached} of {known} months.").format(kpi=name, **numbers)
