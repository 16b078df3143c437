"""The prediction of the lesson on targets: a month on its way, too early to say or all but decided."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kpi_helpers.labels import write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.targets_cases import Stand
from kpi_helpers.lessons.figures import Lacking
from kpi_helpers.lessons.questions import Choice, Option

EARLY = range(8, 16)  # days on which a month looks decided and is not
LATE = range(15, 21)  # days on which it may be decided
SURE = 0.9  # a chance with which one may say so


def find_start(stands: Sequence[Stand], is_open: bool = True) -> Stand:
    """A month whose early days say the contrary of its end, at best one that ended within its range.

    Not `is_open`: a month that is all but decided, and ended so, where there is one.
    """
    decided = (stand for stand in stands if not is_open and stand.day in LATE and _is_decided(stand))
    if found := next(decided, None):
        return found
    early = sorted((stand for stand in stands if stand.day in EARLY), key=lambda stand: not stand.looks_clear)
    misleading = [stand for stand in early if stand.misleads]
    for fits in (_ends_within, _has_range):
        for stand in [*misleading, *early]:
            if fits(stand):
                return stand
    raise Lacking(_("there are too few months by day to say where a month will land."))


def _has_range(stand: Stand) -> bool:
    return bool(np.isfinite(stand.race.pace(stand.day).low))


def _ends_within(stand: Stand) -> bool:
    pace = stand.race.pace(stand.day)
    return bool(pace.low <= stand.race.came <= pace.high)


def _is_decided(stand: Stand) -> bool:
    """Whether its chance is near 0 or 1, its range all above or below the plan, and the end as expected."""
    pace, target, came = stand.race.pace(stand.day), stand.race.target, stand.race.came
    if not (_has_range(stand) and _ends_within(stand)):
        return False
    if pace.chance >= SURE:
        return bool(pace.low > target <= came)
    return bool(pace.chance <= 1 - SURE and pace.high < target > came)


def right_of(stand: Stand) -> str:
    """What can be said of the month on that day."""
    if not _is_decided(stand):
        return "open"
    return "yes" if stand.race.came >= stand.race.target else "no"


def ask_prediction(stand: Stand) -> Choice:
    text = _("{name}. The plan of the month is {target}. By the end of {date} the count is {done}: {share} of the "
             "plan, and {days} of the month's days have passed. Will the month reach its plan?")  # fmt: skip
    return Choice(
        text=text.format(name=stand.race.name, target=_count(stand.race.target), date=stand.date,
                         done=_count(stand.done), share=_share(stand.done / stand.race.target),
                         days=_share(stand.calendar)),
        answer=right_of(stand),
        options=(Option("yes", _("Yes, it will")), Option("no", _("No, it will not")),
                 Option("open", _("It is too early to say"))),
    )  # fmt: skip


def _count(value: float) -> str:
    return write_value(round(value), "count")


def _share(value: float) -> str:
    return write_value(value, "share")
