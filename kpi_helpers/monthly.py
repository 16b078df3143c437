"""A company's month: which days it covers, its sums and its goals.

Composes the stages for the notebooks: the arithmetic is theirs.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from kpi_helpers.brand.completeness import comparable_months
from kpi_helpers.calendars import parse_month
from kpi_helpers.catalogue import Kpi, expanded, tables_of
from kpi_helpers.company import Company
from kpi_helpers.coverage import days_covered, known_until, last_day
from kpi_helpers.customers import describe_base, first_orders
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports, read_rows
from kpi_helpers.goals import check_goals, read_yaml
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly_goals import break_down_goals
from kpi_helpers.opening import read_text
from kpi_helpers.pace import days_of, holidays_of, plan_by_day, worked_weekends_of
from kpi_helpers.past import COMPANY, Past
from kpi_helpers.service import mark_answers
from kpi_helpers.terms import Tables, source_table

GOALS_FILE = "goals.csv"
GOALS_FILES = (GOALS_FILE, "goals.yml", "goals.yaml", "goals.xlsx")
YAML = (".yml", ".yaml")
HISTORY = 13  # months shown, the report's included
BEFORE = timedelta(days=3 * 366)  # days whose holidays are asked for


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
    return read_yaml(read_text(path), path.name)


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
