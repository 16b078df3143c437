"""Results that are not final: what the month's leads still bring will change them, or an export ends too early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import expanded, tables_of
from kpi_helpers.company import Company
from kpi_helpers.coverage import BY_DAY, DAILY, NEAR_END, NOW_AND_THEN, known_until, late_exports
from kpi_helpers.exports import Exports
from kpi_helpers.past import COMPANY
from kpi_helpers.terms import source_table

SETTLED = 0.05  # of a month's leads may wait beyond what usually waits: some deals are never closed in any CRM
_MONEY, _COST = {"revenue", "margin"}, {"spend", "other_costs"}


@dataclass(frozen=True)
class Unripe:
    """`open` of `all` leads still wait: for the end of a deal ("deals"), for a verdict ("verdicts"), or for the end of
    deals whose money may come in a later month than what they cost ("money")."""

    kind: Literal["deals", "verdicts", "money"]
    open: int
    all: int

    @property
    def moves(self) -> float:
        """The share of leads that may still change the result of their month; later money belongs to later months."""
        return 0.0 if self.kind == "money" else self.open / self.all


def unripe(key: str, scope: str, leads: pd.DataFrame | None, company: Company, month: pd.Timestamp) -> Unripe | None:
    """What a KPI of the month still waits for; None where nothing is open. `leads` is the canonical table."""
    return _unripe_of(key, scope, leads, company, [month])[0]


def unripe_months(
    key: str, scope: str, leads: pd.DataFrame | None, company: Company, months: Sequence[pd.Timestamp]
) -> list[pd.Timestamp]:
    """The months of which clearly more leads wait than of most: their results are not final."""
    found = _unripe_of(key, scope, leads, company, months)
    waiting = pd.Series([one.moves if one else 0.0 for one in found], index=list(months), dtype="float64")
    return list(waiting.index[waiting > waiting.median() + SETTLED])


def _unripe_of(
    key: str, scope: str, leads: pd.DataFrame | None, company: Company, months: Sequence[pd.Timestamp]
) -> list[Unripe | None]:
    """`unripe` of several months."""
    names = set(expanded(key).names)
    if leads is None or not names & {"won_leads", "qualified_leads", *_MONEY}:
        return [None] * len(months)
    own = leads if scope == COMPANY else leads[leads["channel"] == scope]
    created = own["created_at"].dt.tz_localize(None).to_numpy(dtype="datetime64[M]")
    counted = own["leads"].to_numpy(dtype="float64", na_value=np.nan) if "leads" in own else np.full(len(own), np.nan)
    single = np.isnan(counted)  # a count of leads names none that could wait
    is_open, is_qualified = single & ~_is_over(own, company), single & _is_true(own["qualified"])
    no_verdict = is_open & own["qualified"].isna().to_numpy()

    def found(month: pd.Timestamp) -> Unripe | None:
        here = created == np.datetime64(month, "M")
        waiting, qualified = int((here & is_open & is_qualified).sum()), int((here & is_qualified).sum())
        if "won_leads" in names:
            return _found("deals", waiting, qualified)
        if "qualified_leads" in names:
            every = int((here & single).sum()) + int(np.nansum(counted[here]))
            return _found("verdicts", int((here & no_verdict).sum()) if qualified else 0, every)
        return _found("money", waiting, qualified) if names & _COST else None

    return [found(month) for month in months]


def ends_early(exports: Exports, key: str, end: date) -> date | None:
    """The last day before `end` that all exports of a KPI speak of; None where they reach `end`.

    Ads and traffic have rows for every day; leads and orders may be silent for some days, calls and chats for as long
    as they ever were.
    """
    sources = {source_table(table) for table in tables_of(key)}
    days = [known_until(exports, table, end) for table in sources if table in BY_DAY]
    days += [day for table in sources if table in DAILY and table not in BY_DAY
             for day in [_reach(exports, table, end)] if day < end - NEAR_END]  # fmt: skip
    if sources & set(NOW_AND_THEN):
        late = dict(late_exports(exports, end))
        days += [late[file.file] for file in exports.files if file.file in late
                 and any(table.table in sources & set(NOW_AND_THEN) for table in file.tables)]  # fmt: skip
    return min((day for day in days if day < end), default=None)


def _reach(exports: Exports, key: str, end: date) -> date:
    """The last day of a table, be it that of a row or what a file says of itself."""
    stated = [table.end for file in exports.files for table in file.tables if table.table == key and table.end]
    return max([known_until(exports, key, end), *stated])


def _found(kind: Literal["deals", "verdicts", "money"], waiting: int, all_: int) -> Unripe | None:
    return Unripe(kind, waiting, all_) if waiting else None


def _is_over(leads: pd.DataFrame, company: Company) -> np.ndarray:
    """Won, lost, or closed on some day."""
    over = leads["stage"].isin(company.lost_stages) | leads["closed_at"].notna()
    return _is_true(leads["won"]) | over.to_numpy(dtype=bool)


def _is_true(flags: pd.Series) -> np.ndarray:
    """Unknown is not true."""
    known: np.ndarray = flags.astype("boolean").to_numpy(dtype=bool, na_value=False)
    return known
