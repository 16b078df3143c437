"""The work of the department: what was done, how much of it on time, how it was received."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Literal

import pandas as pd

from kpi_helpers.said import says

By = Literal["kind", "assignee"]

COUNTS = ["done", "due", "on_time", "late", "open", "judged", "accepted", "rated", "rating_points"]
SAID_BY = {"on_time": "due", "late": "due", "accepted": "judged", "rating_points": "rated"}
SHARES = {"on_time": "due", "accepted": "judged"}
COLUMNS = [*COUNTS, *(f"{name}{part}" for name in SHARES for part in ("_share", "_low", "_high")), "rating"]
UNNAMED = ""  # the kind or the assignee of a task that does not say it
CONFIDENCE = 0.95
MILLION = 1e6


def work_table(
    marked: pd.DataFrame, first: date | None = None, last: date | None = None, by: Sequence[By] = ("kind",)
) -> pd.DataFrame:
    """The tasks of a period in numbers: a row for each kind (and assignee, as `by` says) that it holds, in their order.

    `marked` is the table of tasks with the column `on_time`, which `mark_answers` adds; `first` and `last` are days,
    both within the period. A task lies in the period by the day it was `done`, and for all other columns by the day it
    was due: so the sums over the rows are the measures of the catalogue (research_tasks, tasks_due, ...). Of those
    `due`, each was `on_time` or `late`; `open` ones are neither done nor due yet. `judged` are those accepted or
    refused. A column of counts is NaN where no task up to the period's end says anything of it; else none is 0.

    Then `on_time_share` (of due) and `accepted_share` (of judged), fractions with their 95 % intervals (`_low`,
    `_high`; Wilson 1927, JASA 22:209), and the mean `rating` of those rated: NaN where there is nothing to divide by.
    Empty `by`: one row for all.
    """
    due, done = (_within(marked[name], first, last) for name in ("due_at", "done_at"))
    cells, held = _cells(marked, due, done), due | done
    keys = [marked[name].fillna(UNNAMED) for name in by]
    if keys:
        summed = cells[held].groupby([key[held] for key in keys], sort=True).sum().reset_index()
    else:
        summed = cells.sum().to_frame().T
    summed = summed.astype(dict.fromkeys(COUNTS, "float64")).assign(**dict.fromkeys(_silent(marked, last), math.nan))
    return _divided(summed.assign(rating_points=summed["rating_points"] / MILLION))[[*by, *COLUMNS]]


def chance_of_all_alike(parts: pd.Series, wholes: pd.Series) -> float:
    """The chance that shares differ as much where all are alike: one test of all rows (chi-square, Pearson 1900).

    1 where the shares are all 0 or all 1.

    >>> round(chance_of_all_alike(pd.Series([30, 44]), pd.Series([50, 50])), 4)
    0.0014
    """
    from scipy.stats import chi2_contingency

    counts = [parts.to_numpy(dtype=float), (wholes - parts).to_numpy(dtype=float)]
    return float(chi2_contingency(counts, correction=False).pvalue) if all(map(sum, counts)) else 1.0


def _within(days: pd.Series, first: date | None, last: date | None) -> pd.Series:
    """Which days lie in the period, its ends included; what has no day lies in none."""
    day = days.dt.normalize()
    after = day >= pd.Timestamp(first) if first else day.notna()
    return after & (day <= pd.Timestamp(last)) if last else after


def _cells(marked: pd.DataFrame, due: pd.Series, done: pd.Series) -> pd.DataFrame:
    """What each task adds to each of COUNTS; rating points in whole millionths, which add up alike in any order."""
    mark, accepted = (marked[name].astype("boolean") for name in ("on_time", "accepted"))
    rating = (marked["rating"] * MILLION).round()
    cells = {
        "done": done,
        "due": due & mark.notna(), "on_time": due & mark.fillna(False), "late": due & ~mark.fillna(True),
        "open": due & mark.isna() & marked["done_at"].isna() & says(marked, "done_at"),
        "judged": due & accepted.notna(), "accepted": due & accepted.fillna(False),
        "rated": due & rating.notna(), "rating_points": rating.where(due & rating.notna(), 0.0),
    }  # fmt: skip
    return pd.DataFrame({name: values.astype("float64") for name, values in cells.items()}, index=marked.index)


def _silent(marked: pd.DataFrame, last: date | None) -> list[str]:
    """The counts of which no task up to that day says anything; of open ones only days of completion do."""
    due, done = marked["due_at"], marked["done_at"]
    days = {"done": done, "due": due[marked["on_time"].notna()], "judged": due[marked["accepted"].notna()],
            "rated": due[marked["rating"].notna()]}  # fmt: skip
    said = {name for name, known in days.items() if _within(known, None, last).any()}
    said |= {"open"} if done.notna().any() else set()
    return [name for name in COUNTS if SAID_BY.get(name, name) not in said]


def _divided(summed: pd.DataFrame) -> pd.DataFrame:
    from statsmodels.stats.proportion import proportion_confint

    parts = {"rating": summed["rating_points"] / summed["rated"].where(summed["rated"] > 0)}
    for name, of in SHARES.items():
        trials = summed[of].where(summed[of] > 0)
        successes = summed[name].where(trials.notna())
        low, high = proportion_confint(successes, trials, alpha=1 - CONFIDENCE, method="wilson")
        found = {"share": successes / trials, "low": low, "high": high}
        parts |= {f"{name}_{part}": pd.Series(values, index=summed.index) for part, values in found.items()}
    return summed.assign(**parts)
