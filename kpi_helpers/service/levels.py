"""How requests, calls and chats were answered: counts, answer times, and the hours of the week in which it fails."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from kpi_helpers.company import WEEKDAYS, WorkingHours
from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.said import ever, says_hours
from kpi_helpers.service.due import working_time
from kpi_helpers.terms import TABLES

MARKS = {"leads": "in_time", "calls": "answered", "chats": "in_time"}  # table -> the mark of good service
COUNTS = ["came", "answered", "unanswered", "in_time", "late", "waiting", "unknown"]
COLUMNS = ["table", *COUNTS, "share_in_time", "timed", "median_seconds", "p95_seconds"]
HOURS = range(24)


def answer_table(marked: Mapping[str, pd.DataFrame], hours: WorkingHours) -> pd.DataFrame:
    """How requests, calls and chats were answered: COLUMNS, a row for each of these tables that has rows.

    `marked` is what `mark_answers` returns, cut to the period wanted. Of those that `came`, each is one of: `in_time`,
    `late` (those never answered among them), `waiting` (unanswered, but its time still runs), `unknown` (the export
    does not say). Calls have no due time: these four are NaN. `answered` and `unanswered` (missed calls and chats):
    NaN where the export never says. `share_in_time`: of in time and late, NaN where there are none.
    `median_seconds`, `p95_seconds`: within what time half and 95 % of the `timed` ones were answered, inf where fewer
    than that ever were; working time for requests; NaN where no time is known. Who still waits is not counted there.
    """
    kinds = {"leads": _requests, "calls": _calls, "chats": _chats}
    rows = [{"table": key, **count(marked[key], hours)} for key, count in kinds.items() if len(marked.get(key, ()))]
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS[1:], "float64"))


def by_hour_and_weekday(marked: pd.DataFrame, key: str) -> pd.DataFrame:
    """When requests come and are served well, for a heat map: 7 weekdays (Monday first) by 24 hours of local time.

    `key` says which table it is, one of MARKS. The columns are (what, hour): `came`, `judged` (those with a mark),
    `good` (in time; for calls: answered) and `share` (good of judged, NaN where nothing was judged). Left out are
    tallies and exports of days: they do not say when each came. KitError where there are no others.
    """
    return by_weekday(by_hour(marked, key))


def by_hour(marked: pd.DataFrame, key: str) -> pd.DataFrame:
    """As `by_hour_and_weekday`, without `share`: a row for each day (in order) on which any came."""
    single = marked[~_tallied(marked, key)]
    came = single[TABLES[key].date].dt.tz_localize(None)
    clear = says_hours(came, single)
    if len(single) and not clear.any():
        raise KitError(_("the export says on which day they came, not at what hour."), where=_(TABLES[key].name))
    mark, came = single.loc[clear, MARKS[key]].astype("boolean"), came[clear]
    cells = pd.DataFrame({"came": 1.0, "judged": mark.notna(), "good": mark.fillna(False)}).astype("float64")
    found = cells.groupby([came.dt.normalize().rename("day"), came.dt.hour.rename("hour")]).sum()
    columns = pd.MultiIndex.from_product([cells.columns, HOURS], names=[None, "hour"])
    return pd.DataFrame(found.unstack("hour")).reindex(columns=columns).fillna(0.0)


def by_weekday(days: pd.DataFrame) -> pd.DataFrame:
    """The days of `by_hour` as one week, with the column `share`."""
    week = days.groupby(pd.DatetimeIndex(days.index).day_of_week).sum().reindex(range(7), fill_value=0.0)
    share = week["good"] / week["judged"].where(week["judged"] > 0)
    return pd.concat([week, pd.concat({"share": share}, axis=1)], axis=1).set_axis(pd.Index(WEEKDAYS, name="weekday"))


def answered_within(seconds: pd.Series, share: float) -> float:
    """The shortest time within which that share of all was answered (inf: never); NaN where there are none.

    >>> seconds = pd.Series([60.0, 120.0, 600.0, math.inf])
    >>> answered_within(seconds, 0.5), answered_within(seconds, 0.95)
    (120.0, inf)
    """
    known = np.sort(seconds.dropna().to_numpy(dtype=float))
    return float(known[max(math.ceil(share * len(known) - 1e-9), 1) - 1]) if len(known) else math.nan


def _requests(leads: pd.DataFrame, hours: WorkingHours) -> dict[str, float]:
    created, answered = (leads[name].dt.tz_localize(None) for name in ("created_at", "first_answer_at"))
    mark, single = leads["in_time"], ~_tallied(leads, "leads") & created.notna()
    said = ever(answered.notna() | leads["due_at"].notna(), leads)
    never = single & answered.isna() & said
    seconds = working_time(created, answered, hours).dt.total_seconds().mask(never & mark.notna(), math.inf)
    seconds = seconds.where(leads["due_at"].notna())
    number = float(leads["leads"].fillna(1).sum()) if "leads" in leads else float(len(leads))
    waiting = float((never & mark.isna() & leads["due_at"].notna()).sum())
    replied = float((single & answered.notna()).sum())
    both = {"answered": replied, "unanswered": float(never.sum())} if said.any() else {}
    return _row({"came": number, **both}, _judged(mark, number, waiting), seconds[single])


def _chats(chats: pd.DataFrame, _hours: WorkingHours) -> dict[str, float]:
    flag, seconds = chats["answered"].astype("boolean"), chats["answer_seconds"]
    missed = (~flag).fillna(False)
    answered = flag.fillna(False) | (flag.isna() & seconds.notna())
    both = {"answered": float(answered.sum()), "unanswered": float(missed.sum())} if flag.notna().any() else {}
    number, timed = float(len(chats)), bool(seconds.notna().any())
    return _row({"came": number, **both}, _judged(chats["in_time"], number, 0), seconds.mask(missed & timed, math.inf))


def _calls(calls: pd.DataFrame, _hours: WorkingHours) -> dict[str, float]:
    flag, seconds, tallied = calls["answered"].astype("boolean"), calls["wait_seconds"], _tallied(calls, "calls")
    missed = (~flag).fillna(False)
    number, lost, said = pd.Series(1.0, index=calls.index), missed.astype("float64"), flag.notna()
    if "calls" in calls:
        number, lost = number.mask(tallied, calls["calls"]), lost.mask(tallied, calls["calls_missed"])
        said |= tallied & lost.notna()
    both = {"answered": float((number - lost)[said].sum()), "unanswered": float(lost[said].sum())} if said.any() else {}
    timed = bool(seconds.notna().any())
    return _row({"came": float(number.sum()), **both}, {}, seconds.mask(missed & timed, math.inf)[~tallied])


def _row(counts: dict[str, float], judged: dict[str, float], seconds: pd.Series) -> dict[str, float]:
    times = {"timed": float(seconds.notna().sum()), "median_seconds": answered_within(seconds, 0.5),
             "p95_seconds": answered_within(seconds, 0.95)}  # fmt: skip
    return {**dict.fromkeys(COLUMNS[1:], math.nan), **counts, **judged, **times}


def _judged(mark: pd.Series, number: float, waiting: float) -> dict[str, float]:
    good, bad = float(mark.sum()), float((~mark).sum())
    share = good / (good + bad) if good + bad else math.nan
    rest = {"waiting": waiting, "unknown": number - good - bad - waiting}
    return {"in_time": good, "late": bad, "share_in_time": share, **rest}


def _tallied(rows: pd.DataFrame, key: str) -> pd.Series:
    """Rows that count records instead of being one."""
    tally = TABLES[key].tally
    return rows[tally].notna() if tally in rows else pd.Series(False, index=rows.index)
