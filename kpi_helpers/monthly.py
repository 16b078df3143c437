"""A company's month: which days it covers, its KPIs against the months before and the goals.

Composes the stages for the notebooks: the arithmetic is theirs.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.brand.completeness import comparable_months
from kpi_helpers.calendars import parse_month
from kpi_helpers.catalogue import KPIS, Kpi, expanded, tables_of
from kpi_helpers.company import Company
from kpi_helpers.coverage import days_covered, known_until, last_day, whole_since
from kpi_helpers.customers import describe_base, first_orders
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports, read_rows
from kpi_helpers.goals import check_goals, goal_for, judge_status, read_yaml
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly_goals import break_down_goals
from kpi_helpers.pace import days_of, holidays_of, plan_by_day, worked_weekends_of
from kpi_helpers.past import COMPANY, Past
from kpi_helpers.service import mark_answers
from kpi_helpers.signals import judge_norm, process_chart
from kpi_helpers.terms import Tables, source_table
from kpi_helpers.trends import judge_change

GOALS_FILE = "goals.csv"
GOALS_FILES = (GOALS_FILE, "goals.yml", "goals.yaml", "goals.xlsx")
YAML = (".yml", ".yaml")
POINT = ("value", "low", "high", "numerator", "denominator")
HISTORY = 13  # months shown, the report's included
BEFORE = timedelta(days=3 * 366)  # days whose holidays are asked for
SCORE = (
    "kpi", "scope", "value", "low", "high", "numerator", "denominator", "reason", "previous", "year_ago",
    "change_verdict", "year_verdict", "goal", "goal_full", "status", "owner", "months", "history",
    "signals", "norm",
)  # fmt: skip

Point = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Month:
    """The month of a report: `days` covered of the month, `first_days` None where the month is complete.

    A month equals itself alone, so that what is found of it can be remembered.
    """

    start: date
    days: int
    exports: Exports
    tables: dict[str, pd.DataFrame]
    client: str

    @property
    def company(self) -> Company:
        return self.exports.company

    @property
    def currency(self) -> str:
        return self.exports.currency

    @property
    def end(self) -> date:
        """The last day covered."""
        return self.start + timedelta(days=self.days - 1)

    @property
    def length(self) -> int:
        return calendar.monthrange(self.start.year, self.start.month)[1]

    @property
    def first_days(self) -> int | None:
        return None if self.days == self.length else self.days


def prepare_month(exports: Exports, month: str, client: str = "") -> Month:
    """Find how many days of the month the data cover and add what the kit derives: due times and the customer base.

    KitError when the exports hold nothing of the month; it names the months they do hold.
    """
    start = parse_month(month)
    days = days_covered(exports, start)
    first_days = None if days == calendar.monthrange(start.year, start.month)[1] else days
    tables = derive_tables(exports, first_days)
    return Month(start, days, exports, tables, client or exports.company.name)


def derive_tables(exports: Exports, first_days: int | None = None) -> dict[str, pd.DataFrame]:
    """The exports' tables with due times marked, the market's comparable months, and what follows from the orders."""
    today = last_day(exports)
    tables = mark_answers(exports.tables, exports.company, today) if today else dict(exports.tables)
    if first_days is not None and "costs" in tables:
        tables["costs"] = _spread_costs(tables["costs"], first_days)
    if "market" in tables:
        tables["market"] = comparable_months(tables["market"])
    if "orders" in tables:
        tables["first_orders"] = first_orders(tables["orders"])
        tables["customer_base"] = describe_base(tables["orders"], exports.company.active_days, first_days)
    return Tables(tables)


def _spread_costs(costs: pd.DataFrame, first_days: int) -> pd.DataFrame:
    """Costs that are booked by month, each on its first day, taken for the first days only; others as they are."""
    if not (costs["date"].dropna().dt.day == 1).all():
        return costs
    return costs.assign(amount=costs["amount"] * first_days / costs["date"].dt.days_in_month)


def read_goals(exports: Exports, goals_file: str | Path = "") -> pd.DataFrame:
    """The goals of `goals_file`, or of goals.csv (.yml, .xlsx) in the company's folder, as goals of months.

    Totals and exit rates are broken down by what the exports know; what the whole goal was stays beside each month
    (see `break_down_goals`). No goals where there is no such file.
    """
    path = Path(goals_file) if goals_file else find_goals(exports.folder)
    if not path.exists():
        if goals_file:
            raise KitError(
                _("there is no goals file {file}.").format(file=path), _("Name an existing file or leave it out.")
            )
        return check_goals([])
    rows, lines = read_goal_rows(path)
    return break_down_goals(check_goals(rows, path.name, lines), past_of(exports))


def past_of(exports: Exports) -> Past:
    """The whole months of the exports, with the tables that the kit derives."""
    return Past(exports, derive_tables)


def find_goals(folder: Path) -> Path:
    """The goals file of a company's folder; that of a new one where there is none. KitError where there are several."""
    found = [folder / name for name in GOALS_FILES if (folder / name).exists()]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise KitError(_("there are several files of goals: {names}.").format(names=names), _("Leave one of them."))
    return found[0] if found else folder / GOALS_FILE


def read_goal_rows(path: Path) -> tuple[list[dict[str, str]], list[int] | None]:
    """The rows of a goals file (CSV, Excel or YAML) as text, and their lines where they are not those of a table."""
    if path.suffix.lower() not in YAML:
        return read_rows(path), None
    try:
        return read_yaml(path.read_bytes().decode("utf-8-sig"), path.name)
    except OSError as error:
        raise KitError(_("cannot be opened: {reason}.").format(reason=error.strerror), where=path.name) from None
    except UnicodeDecodeError:
        raise KitError(_("it is not written in UTF-8."), _("Save it as UTF-8."), where=path.name) from None


def sum_month(month: Month, by: str | None = None) -> pd.DataFrame:
    """Measures of all months up to the report's, of the same first days each where the month is unfinished."""
    sums = sum_measures(month.tables, "month", by, first_days=month.first_days)
    return sums[sums["period"] <= pd.Timestamp(month.start)].reset_index(drop=True)


def sum_days(tables: Mapping[str, pd.DataFrame], month: Month, key: str, scope: str) -> pd.DataFrame:
    """The sums of a KPI's measures by day, up to the last day that the exports speak of them; a column for each."""
    names, company = expanded(key).names, scope == COMPANY
    sums = sum_measures(tables, "day", None if company else "channel", keys=names)
    rows = sums if company else sums[sums["channel"] == scope]
    ends = [known_until(month.exports, source_table(table), month.end) for table in tables_of(key)]
    days = pd.DataFrame({name: days_of(rows, name) for name in names})
    return days[days.index <= pd.Timestamp(min(ends))]


def days_off(month: Month) -> tuple[dict[date, str], frozenset[date]]:
    """Holidays, and weekends that are worked, of the company's country, in the month and the years before."""
    country, first = month.company.hours.country, month.start - BEFORE
    last = month.start + timedelta(days=month.length - 1)
    return holidays_of(country, first, last), worked_weekends_of(country, first, last)


def plan_to_date(month: Month, row: Kpi, scope: str, target: float) -> float:
    """The target for the days covered: of sums the plan of these weekdays and holidays, of ratios all of it."""
    if month.first_days is None or not row.is_sum:
        return target
    names = expanded(row.key).names
    daily = sum_days(month.tables, month, row.key, scope)[names[0]] if len(names) == 1 else pd.Series(dtype="float64")
    daily.index = pd.DatetimeIndex(daily.index)
    return float(plan_by_day(daily, month.start, target, *days_off(month)).iloc[month.first_days - 1])


def score_month(
    kpis: pd.DataFrame, goals: pd.DataFrame, month: Month, keys: Iterable[str] | None = None
) -> pd.DataFrame:
    """Each KPI of the month beside the month before, the year before and its goal: a row per KPI and scope.

    `kpis` is the result of `compute_kpis` over months, with or without `channel` (then the scope). The columns are
    `SCORE`, also where there is no row: goal is the one to date, goal_full the month's; months and history are 13 each,
    oldest first, and so are the company's signals: the rule that the month breaks, or "".
    """
    wanted = list(KPIS if keys is None else keys)
    scoped = kpis.assign(scope=kpis["channel"]) if "channel" in kpis else kpis.assign(scope="company")
    months = [pd.Timestamp(month.start) - pd.DateOffset(months=back) for back in reversed(range(HISTORY))]
    rows = [
        _score_one(KPIS[str(key)], str(scope), group.set_index("period"), goals, month, months)
        for (key, scope), group in scoped[scoped["kpi"].isin(wanted)].groupby(["kpi", "scope"], sort=False)
    ]
    return pd.DataFrame(rows, columns=list(SCORE))


def _score_one(
    row: Kpi, scope: str, group: pd.DataFrame, goals: pd.DataFrame, month: Month, months: list[pd.Timestamp]
) -> Point:
    everything = group.reindex(_months_between(min(group.index.min(), months[0]), months[-1]))
    if row.is_sum:  # a month that the exports hold in part is no month to compare with
        since = pd.Timestamp(whole_since(month.exports, [source_table(key) for key in tables_of(row.key)]))
        in_part = (everything.index < since) & (everything.index < months[-1])
        if in_part.any():
            everything.loc[in_part, list(POINT)] = np.nan
    points = {name: everything[name].tolist()[-HISTORY:] for name in (*POINT, "reason")}
    now, previous, year_ago = (_point(points, place) for place in (-1, -2, 0))
    history = points["value"]
    goal = goal_for(goals, row.key, scope, month.start)
    target = plan_to_date(month, row, scope, goal["target"]) if goal else np.nan
    norm = bool(goal and goal.get("norm"))
    return {
        "kpi": row.key,
        "scope": scope,
        "norm": norm,
        **now,
        "reason": _reason(now["reason"], month),
        "previous": previous["value"],
        "year_ago": year_ago["value"],
        "change_verdict": judge_change(row, now, previous, history[:-1]),
        "year_verdict": judge_change(row, now, year_ago, history[:-1]),
        "goal": target,
        "goal_full": goal["target"] if goal else np.nan,
        "status": _status(row, now, target, norm),
        "owner": goal["owner"] if goal else row.owner,
        "months": months,
        "history": history,
        "signals": process_chart(row, everything).months["rule"].tail(HISTORY).tolist() if scope == COMPANY else [],
    }


def _status(row: Kpi, now: Point, target: float, norm: bool) -> str:
    """The value against its goal; a norm is met or missed only where that is proven."""
    if not norm or np.isnan(now["value"]):
        return judge_status(row, now["value"], target, now["low"], now["high"])
    verdict = judge_norm(now["numerator"], now["denominator"], target, row.better)
    return "missed" if verdict == "below" else verdict


def _reason(reason: str, month: Month) -> str:
    """Why a value is missing; an export that is there, but says nothing of the days compared, is not missing."""
    code, _colon, table = reason.partition(":")
    if code != "no_export":
        return reason
    return f"no_rows:{table}" if table in month.tables else f"no_export:{source_table(table)}"


def _point(points: dict[str, list[Any]], place: int) -> Point:
    reason = points["reason"][place]
    reason = reason if isinstance(reason, str) else "no_rows:"
    return {**{name: float(points[name][place]) for name in POINT}, "reason": reason}


@lru_cache(maxsize=16)
def _months_between(first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq="MS")
