"""A planned test in words: where it starts from, what it costs, what it would miss, and what spoils it."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_helpers.beliefs.planning import Base, Plan, chance_of_any
from kpi_helpers.beliefs.words import trials_name, weeks_words
from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import is_missing, kpi_name, write_change, write_interval, write_value
from kpi_helpers.language import _, ngettext


def base_words(base: Base) -> str:
    """The share as it is, with what it is made of."""
    return _("{kpi} now: {share} ({range}), {hits} of {trials}; a week has {each_week} ({of}).").format(
        kpi=kpi_name(base.key), share=write_value(base.share, "share"),
        range=write_interval(base.low, base.high, "share"), hits=write_value(base.hits, "count"),
        trials=write_value(base.trials, "count"), each_week=write_value(round(base.each_week), "count"),
        of=trials_name(base.key),
    )  # fmt: skip


def effort_words(plan: Plan, groups: Sequence[int], weeks: float) -> str:
    """How many trials and weeks the hoped-for share needs."""
    without, with_it = (write_value(number, "count") for number in groups)
    change = write_change(plan.hoped, plan.base.share, "share")
    said = _("To find {hoped} ({change}) with a chance of {power}: {without} without the change and {with_it} with it "
             "({of}).")  # fmt: skip
    return said.format(hoped=write_value(plan.hoped, "share"), change=change, with_it=with_it, without=without,
                       power=write_value(plan.power, "share", short=True),
                       of=trials_name(plan.base.key)) + " " + weeks_words(weeks)  # fmt: skip


def miss_words(weeks: int, low: float, high: float) -> str:
    """What a test of so many weeks finds, and what it may miss."""
    time = ngettext("In {n} week", "In {n} weeks", weeks).format(n=weeks)
    below, above = (write_value(share, "share") for share in (low, high))
    if is_missing(low) and is_missing(high):
        return _("{time} nothing would be found.").format(time=time)
    if is_missing(low):
        return _("{time} shares from {above} up are found; what lies below may be missed.").format(
            time=time, above=above)  # fmt: skip
    if is_missing(high):
        return _("{time} shares up to {below} are found; what lies above may be missed.").format(time=time, below=below)
    return _("{time} shares up to {below} and from {above} are found; what lies between may be missed.").format(
        time=time, below=below, above=above)  # fmt: skip


def finding_words(plan: Plan, weeks: int, low: float, high: float) -> str:
    """The title of the chart: whether so many weeks are enough."""
    found = high if plan.hoped > plan.base.share else low
    enough = not is_missing(found) and abs(plan.hoped - plan.base.share) >= abs(found - plan.base.share)
    hoped = write_value(plan.hoped, "share")
    if enough:
        return ngettext("{n} week is enough to find {hoped}", "{n} weeks are enough to find {hoped}", weeks).format(
            n=weeks, hoped=hoped)  # fmt: skip
    return ngettext("{n} week is too short to find {hoped}", "{n} weeks are too short to find {hoped}", weeks).format(
        n=weeks, hoped=hoped)  # fmt: skip


def warnings(plan: Plan, tests: int) -> list[str]:
    """What spoils a test, the weightiest first."""
    words = [_("Set the end before the start: who looks each week and stops at the first difference finds one by "
               "chance far more often than once in twenty."),
             _("Run whole weeks, both groups at once, and let chance decide who belongs to which.")]  # fmt: skip
    if plan.base.counts_no_people:
        words.append(_("The trials ({of}) are not people: one person can be several. Split people, count people, and "
                       "expect to need more.").format(of=trials_name(plan.base.key)))  # fmt: skip
    if tests > 1:
        chance = write_value(chance_of_any(tests), "share", short=True)
        words.append(_("{n} tests at once: the chance that at least one of them finds what is not there is {chance}. "
                       "Judge them by Holm's adjustment; then each needs more than is said here.").format(
                           n=tests, chance=chance))  # fmt: skip
    if watch_out := KPIS[plan.base.key].watch_out:
        words.append(_(watch_out))
    return words
