"""A company's folder as a whole: its exports, its goals, what must be mended, and the KPIs that have data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from kpi_helpers.catalogue import KPIS, expanded, tables_of
from kpi_helpers.company_tree import find_tree
from kpi_helpers.coverage import period_covered
from kpi_helpers.drivers import read_tree
from kpi_helpers.errors import KitError, KitErrors
from kpi_helpers.exports import Exports, read_exports
from kpi_helpers.exports.folder import Progress
from kpi_helpers.goals import check_goals
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.labels import upper_first
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import derive_tables, find_goals, read_goal_rows
from kpi_helpers.notices import notices
from kpi_helpers.pay import read_pay
from kpi_helpers.terms import MEASURES, TABLES, source_table


@dataclass(frozen=True)
class Checkup:
    """What was found. `exports` is None where the folder cannot be read: `faults` says why, one line each.

    `asleep` holds the KPIs without a value in any month, and the reason: a code of `compute_kpis`; or
    "no_values:<measure>" where the export is there and lacks the measure, "no_history" where it is too short.
    """

    exports: Exports | None
    goals: pd.DataFrame
    faults: tuple[str, ...]
    noticed: tuple[str, ...]
    asleep: dict[str, str]

    @property
    def alive(self) -> list[str]:
        """The KPIs that have a value in some month."""
        return [key for key in KPIS if key not in self.asleep] if self.exports else []

    @property
    def months(self) -> tuple[date, date] | None:
        """The first and the last day that the data speak of; None where nothing is dated."""
        try:
            return period_covered(self.exports) if self.exports else None
        except KitError:
            return None


def check_folder(home: Path, *, currency: str = "", progress: Progress | None = None) -> Checkup:
    """Read the folder and look at all of it; `progress` is told as by `read_exports`."""
    goals, faults = _read_goals(home)
    try:
        exports = read_exports(home, currency=currency, progress=progress)
    except KitError as error:
        found = str(error) if error.where else upper_first(str(error))
        return Checkup(None, goals, (found, *faults), (), {})
    faults += [*_faults(lambda: read_pay(exports)), *_faults(lambda: _read_own_tree(home))]
    return Checkup(exports, goals, tuple(faults), tuple(notices(exports, goals)), _asleep(exports))


def next_step(reason: str) -> str:
    """What would give a KPI that sleeps for this reason its value, as far as the kit can say."""
    code, _colon, table = reason.partition(":")
    return _("Add {export}.").format(export=_(TABLES[table].source)) if code == "no_export" else ""


def by_reason(asleep: dict[str, str]) -> dict[str, list[str]]:
    """The KPIs that sleep for each reason.

    >>> by_reason({"cpl": "no_export:ads", "cpc": "no_export:ads", "nps": "no_rows"})
    {'no_export:ads': ['cpl', 'cpc'], 'no_rows': ['nps']}
    """
    causes: dict[str, list[str]] = {}
    for key, reason in asleep.items():
        causes.setdefault(reason, []).append(key)
    return causes


def _read_goals(home: Path) -> tuple[pd.DataFrame, list[str]]:
    """The goals, and what is wrong with them."""
    read: list[pd.DataFrame] = []

    def read_all() -> None:
        path = find_goals(home)
        rows, lines = read_goal_rows(path) if path.exists() else ([], None)
        read.append(check_goals(rows, path.name, lines))

    faults = _faults(read_all)
    return (read or [check_goals([])])[0], faults


def _read_own_tree(home: Path) -> None:
    path = find_tree(home)
    if path:
        read_tree(path)


def _faults(read: Callable[[], object]) -> list[str]:
    """What is wrong with a file that is read, one line each."""
    try:
        read()
    except KitErrors as several:
        return [str(error) for error in several.errors]
    except KitError as error:
        return [str(error)]
    return []


def _asleep(exports: Exports) -> dict[str, str]:
    """The KPIs without a value in any month, and the reason in the last of them."""
    if not exports.tables:
        return {key: f"no_export:{source_table(tables_of(key)[0])}" for key in KPIS}
    kpis = compute_kpis(sum_measures(derive_tables(exports), "month"))
    groups = kpis.sort_values("period", kind="stable").groupby("kpi", sort=False)
    reasons = {str(key): str(group["reason"].iloc[-1]) for key, group in groups if group["value"].isna().all()}
    return {key: _of_exports(key, reason, exports) for key, reason in reasons.items()}


def _of_exports(key: str, reason: str, exports: Exports) -> str:
    """The reason in terms of exports: a table that is there but says nothing lacks the measure, not the export."""
    code, _colon, table = reason.partition(":")
    if code != "no_export":
        return reason
    if source_table(table) not in exports.tables:
        return f"no_export:{source_table(table)}"
    if source_table(table) != table:
        return "no_values:customers" if exports.tables["orders"]["customer_id"].isna().all() else "no_history"
    return f"no_values:{next(name for name in expanded(key).names if MEASURES[name].table == table)}"
