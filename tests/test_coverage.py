"""How far the data reach: the days of a month, a late export, exports without days."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from frames import ZONE, table

from kpi_helpers.company import Company, WorkingHours
from kpi_helpers.coverage import days_covered, known_until, last_day, late_exports, period_covered, whole_since
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports, FileReading, TableReading


def reading(key: str, start: str, end: str, *, layout: str = "", days: list[str] | None = None) -> TableReading:
    """What a file of one table gave; its rows stand on the first and last day unless `days` names others."""
    column = {
        "leads": "created_at", "orders": "ordered_at", "survey": "answered_at", "calls": "received_at",
        "chats": "received_at",
    }.get(key, "date")  # fmt: skip
    frame = table(key, **{column: days or [start, end]})
    return TableReading(
        layout=layout or key, name=key, platform=key, table=key, start=date.fromisoformat(start),
        end=date.fromisoformat(end), rows_in=2, used=2, totals=0, rejected=0, continued=0, sums={}, currency="",
        problems=(), frame=frame,
    )  # fmt: skip


def exports(*readings: TableReading | tuple[str, TableReading], unused: str = "") -> Exports:
    named = [item if isinstance(item, tuple) else (f"{item.layout}.csv", item) for item in readings]
    files = [FileReading(name, name, (one,)) for name, one in named]
    if unused:
        files.append(FileReading("page.html", "0", (), unused))
    tables: dict[str, Any] = {one.table: one.frame for _name, one in named}
    return Exports(Path("x"), replace(Company(name="x"), timezone=ZONE), "", tables, tuple(files))


def test_the_last_row_counts_and_not_the_end_of_the_preamble() -> None:
    half = exports(reading("ads", "2026-09-01", "2026-10-31", days=["2026-09-01", "2026-10-18"]))
    assert last_day(half) == date(2026, 10, 18)
    assert period_covered(half) == (date(2026, 9, 1), date(2026, 10, 18))
    assert days_covered(half, date(2026, 10, 1)) == 18
    assert days_covered(half, date(2026, 9, 1)) == 30


def test_the_latest_of_the_daily_tables_counts() -> None:
    both = exports(reading("ads", "2026-09-01", "2026-09-30"), reading("orders", "2026-09-02", "2026-10-31"))
    assert last_day(both) == date(2026, 10, 31)


def test_where_no_table_is_daily_the_stated_period_counts() -> None:
    assert last_day(exports(reading("costs", "2026-09-01", "2026-10-31"))) == date(2026, 10, 31)
    assert days_covered(exports(reading("costs", "2026-09-01", "2026-10-31")), date(2026, 10, 1)) == 31


def test_a_month_that_begins_in_the_middle_is_covered_to_its_end() -> None:
    assert days_covered(exports(reading("ads", "2026-10-10", "2026-10-31")), date(2026, 10, 1)) == 31


@pytest.mark.parametrize("month", [date(2026, 8, 1), date(2026, 11, 1)])
def test_a_month_outside_is_refused_with_the_months_there_are(month: date) -> None:
    with pytest.raises(KitError, match=r"nothing of .*2026.*from 2026-09 to 2026-10"):
        days_covered(exports(reading("ads", "2026-09-01", "2026-10-31")), month)


def test_nothing_dated_is_one_line() -> None:
    with pytest.raises(KitError, match="page.html: looks like a page"):
        period_covered(exports(unused="looks like a page"))
    with pytest.raises(KitError, match="no dated rows"):
        period_covered(exports())
    assert last_day(exports()) is None


def test_a_late_export_is_named_with_its_last_day() -> None:
    late = exports(reading("ads", "2026-01-01", "2026-09-30"), reading("orders", "2026-01-01", "2026-10-31"))
    assert late_exports(late, date(2026, 10, 31)) == [("ads.csv", date(2026, 9, 30))]
    assert known_until(late, "ads", date(2026, 10, 31)) == date(2026, 9, 30)
    assert known_until(late, "orders", date(2026, 10, 31)) == date(2026, 10, 31)
    assert known_until(late, "traffic", date(2026, 10, 31)) == date(2026, 10, 31)


@pytest.mark.parametrize(("end", "late"), [("2026-10-28", True), ("2026-10-29", False), ("2026-07-01", False)])
def test_a_day_or_two_are_not_late_and_what_ended_long_ago_is_history(end: str, late: bool) -> None:
    some = exports(reading("ads", "2026-01-01", end), reading("orders", "2026-01-01", "2026-10-31"))
    assert bool(late_exports(some, date(2026, 10, 31))) is late


def test_an_account_exported_year_by_year_is_not_late() -> None:
    years = exports(
        ("2025.csv", reading("ads", "2025-10-01", "2026-09-30")),
        ("2026.csv", reading("ads", "2026-10-01", "2026-10-31")),
    )
    assert late_exports(years, date(2026, 10, 31)) == []


def silent_since(last: str, *, every: int = 1, week: str = "mon tue wed thu fri", country: str = "") -> list[str]:
    """The files called late on 31 October 2026 (a Saturday) where calls came on each `every`th working day."""
    hours = WorkingHours(days=tuple(week.split()), country=country)
    days = [f"{day:%Y-%m-%d}" for day in pd.bdate_range(end=last, periods=60 * every)[::-every]]
    calls = reading("calls", days[-1], last, days=days)
    some = exports(calls, reading("orders", "2026-01-01", "2026-10-31"))
    company = replace(some.company, hours=hours)
    return [file for file, _day in late_exports(replace(some, company=company), date(2026, 10, 31))]


def test_calls_that_are_silent_for_longer_than_ever_before_are_late() -> None:
    assert silent_since("2026-10-27") == ["calls.csv"]  # Wednesday, Thursday and Friday
    assert silent_since("2026-10-28") == []  # Thursday and Friday, and the free Saturday
    assert silent_since("2026-10-28", week="mon tue wed thu fri sat sun") == ["calls.csv"]
    assert silent_since("2026-10-15", every=12) == [] and silent_since("2026-10-14", every=12) == ["calls.csv"]
    assert silent_since("2026-01-15") == []  # history


def test_a_quiet_weekend_or_holiday_is_no_late_end() -> None:
    days = [f"{day:%Y-%m-%d}" for day in pd.bdate_range(end="2025-12-30", periods=60)]
    calls = reading("calls", days[0], days[-1], days=days)
    some = exports(calls, reading("orders", "2025-01-01", "2026-01-11"))
    russian = replace(some, company=replace(some.company, hours=WorkingHours(country="RU")))
    assert late_exports(russian, date(2026, 1, 11)) == []  # from 31 December to 11 January all days are free
    assert late_exports(some, date(2026, 1, 11)) == [("calls.csv", date(2025, 12, 30))]


def test_where_calls_are_few_nothing_is_unusual() -> None:
    calls = reading("calls", "2026-10-01", "2026-10-02")
    assert late_exports(exports(calls, reading("orders", "2026-01-01", "2026-10-31")), date(2026, 10, 31)) == []


def test_what_comes_after_the_report_s_month_is_not_asked_for() -> None:
    some = exports(reading("ads", "2026-01-01", "2026-09-30"), reading("orders", "2026-01-01", "2026-10-31"))
    assert late_exports(some, date(2026, 9, 30)) == []


@pytest.mark.parametrize(("first", "since"), [
    (date(2026, 9, 1), date(2026, 9, 1)), (date(2026, 9, 3), date(2026, 9, 1)), (date(2026, 9, 20), date(2026, 10, 1)),
])  # fmt: skip
def test_a_month_that_begins_late_is_no_month_to_compare_with(first: date, since: date) -> None:
    reading = SimpleNamespace(table="ads", start=first, end=date(2026, 10, 31))
    exports: Any = SimpleNamespace(files=[SimpleNamespace(tables=[reading], reason="")])
    assert whole_since(exports, ["ads"]) == since
    assert whole_since(exports, ["calls"]) == date.min


WRITTEN = {"on the 18th": "2026-10-18", "after the month": "2026-11-02"}


@pytest.mark.parametrize(("last", "written", "covered"), [
    ("2026-10-29", "after the month", 31), ("2026-10-25", "after the month", 31), ("2026-10-18", "after the month", 18),
    ("2026-10-18", "on the 18th", 18),
])  # fmt: skip
def test_a_stated_month_is_over_where_the_file_was_written_later_and_rows_come_near_its_end(
    last: str, written: str, covered: int
) -> None:
    ads = reading("ads", "2026-10-01", "2026-10-31", days=["2026-10-01", last])
    some = exports(ads, reading("leads", "2026-10-01", "2026-10-17"))
    moment = datetime.fromisoformat(WRITTEN[written]).timestamp()
    dated = replace(some, files=tuple(replace(file, modified=moment) for file in some.files))
    assert days_covered(dated, date(2026, 10, 1)) == covered
    assert days_covered(some, date(2026, 10, 1)) == int(last[-2:])


def test_a_whole_month_in_a_row_is_over_though_the_last_lead_came_earlier() -> None:
    ads = reading("ads", "2026-10-01", "2026-10-31", days=["2026-10-31"] * 2)
    ads = replace(ads, frame=ads.frame.assign(since=pd.Timestamp("2026-10-01")))
    some = exports(ads, reading("leads", "2026-10-01", "2026-10-27"))
    assert last_day(some) == date(2026, 10, 27)
    files = tuple(replace(file, modified=datetime(2026, 11, 3).timestamp()) for file in some.files)
    assert last_day(replace(some, files=files)) == date(2026, 10, 31)


def test_the_day_on_which_a_file_was_written_is_the_companys() -> None:
    some = exports(reading("ads", "2026-10-01", "2026-10-31", days=["2026-10-01", "2026-10-28"]))
    midnight = datetime(2026, 11, 1, tzinfo=ZoneInfo(ZONE)).timestamp()
    for written, last in ((midnight - 1, 28), (midnight, 31), (9e11, 31), (-9e11, 28)):  # also years beyond 9999
        files = tuple(replace(file, modified=written) for file in some.files)
        assert last_day(replace(some, files=files)) == date(2026, 10, last)
