"""Results that are not ripe: what the month's leads still bring will change them after the bonus is paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from kpi_helpers.catalogue import expanded
from kpi_helpers.company import Company
from kpi_helpers.past import COMPANY

_MONEY, _COST = {"revenue", "margin"}, {"spend", "other_costs"}


@dataclass(frozen=True)
class Unripe:
    """`open` of `all` leads still wait: for the end of a deal ("deals"), for a verdict ("verdicts"), or for the end of
    deals whose money comes in a later month than what they cost ("money")."""

    kind: Literal["deals", "verdicts", "money"]
    open: int
    all: int


def unripe(key: str, scope: str, leads: pd.DataFrame | None, company: Company, month: pd.Timestamp) -> Unripe | None:
    """What a KPI of the month still waits for; None where nothing is open. `leads` is the canonical table."""
    names = set(expanded(key).names)
    if leads is None or not names & {"won_leads", "qualified_leads", *_MONEY}:
        return None
    own = leads[leads["created_at"].dt.strftime("%Y-%m") == f"{month:%Y-%m}"]
    own = own if scope == COMPANY else own[own["channel"] == scope]
    is_qualified = _is_true(own["qualified"])
    waiting, qualified = int((_is_open(own, company) & is_qualified).sum()), int(is_qualified.sum())
    if "won_leads" in names:
        return _found("deals", waiting, qualified)
    if "qualified_leads" in names:
        return _found("verdicts", int(own["qualified"].isna().sum()) if qualified else 0, len(own))
    return _found("money", waiting, qualified) if names & _COST else None


def _found(kind: Literal["deals", "verdicts", "money"], waiting: int, all_: int) -> Unripe | None:
    return Unripe(kind, waiting, all_) if waiting else None


def _is_open(leads: pd.DataFrame, company: Company) -> pd.Series:
    """Neither won nor lost, and not closed on any day."""
    return ~(_is_true(leads["won"]) | leads["stage"].isin(company.lost_stages) | leads["closed_at"].notna())


def _is_true(flags: pd.Series) -> pd.Series:
    """Unknown is not true."""
    return flags.astype("boolean").fillna(False).astype(bool)
