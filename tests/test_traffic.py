"""The quality of traffic day by day."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from frames import table

from kpi_helpers.traffic import daily_visits, robot_burst, untracked_days

START, END = date(2026, 10, 1), date(2026, 10, 31)


def traffic(visits: dict[int, float], robots: dict[int, float] | None = None) -> pd.DataFrame:
    """Visits by day of October, and robot visits: none where they are not named."""
    days = sorted(visits)
    return table(
        "traffic", date=[f"2026-10-{day:02}" for day in days], visits=[visits[day] for day in days],
        robot_visits=[(robots or {}).get(day, 0.0) for day in days],
    )  # fmt: skip


def steady(days: Any = range(1, 32)) -> dict[int, float]:
    return dict.fromkeys(days, 100.0)


def test_days_without_rows_are_missing_and_not_zero() -> None:
    daily = daily_visits(traffic({1: 10, 3: 30}), START, date(2026, 10, 3))
    assert daily["visits"].tolist()[::2] == [10, 30]
    assert np.isnan(daily["visits"].iloc[1])
    assert daily_visits(None, START, END)["visits"].isna().all()


def test_a_burst_is_the_days_with_far_more_robots_than_usual() -> None:
    burst = robot_burst(traffic(steady(), dict.fromkeys(range(1, 32), 2.0) | {9: 40, 10: 60}), START, END)
    assert burst is not None
    assert (burst.first.day, burst.last.day) == (9, 10)
    assert burst.share == 100 / 200
    assert burst.usual == pytest.approx(0.02)


def test_of_two_bursts_the_one_with_more_robot_visits_is_told() -> None:
    burst = robot_burst(traffic(steady(), {3: 50, 20: 70, 21: 70}), START, END)
    assert burst is not None
    assert (burst.first.day, burst.last.day, burst.share) == (20, 21, 0.7)
    assert burst.usual == 0  # the other burst is not usual either


@pytest.mark.parametrize(
    "robots",
    [{}, dict.fromkeys(range(1, 32), 8.0), dict.fromkeys(range(1, 32), 30.0), {5: 9.0}],
    ids=["none", "few every day", "many every day", "too few on one day"],
)
def test_no_burst(robots: dict[int, float]) -> None:
    assert robot_burst(traffic(steady(), robots), START, END) is None


def test_no_burst_where_robots_or_visits_are_not_known() -> None:
    known = traffic(steady(), {9: 60})
    assert robot_burst(None, START, END) is None
    assert robot_burst(known.assign(robot_visits=np.nan), START, END) is None
    assert robot_burst(known.assign(visits=np.nan), START, END) is None
    assert robot_burst(traffic({9: 0.0}), START, END) is None


def test_days_whose_robots_are_unknown_do_not_count_as_free_of_robots() -> None:
    half = traffic(steady(), dict.fromkeys(range(1, 32), 3.0) | {9: 60})
    half.loc[half["date"] > "2026-10-15", "robot_visits"] = np.nan
    burst = robot_burst(half, START, END)
    assert burst is not None and burst.usual == pytest.approx(0.03)


def test_a_day_alone_is_no_burst() -> None:
    first, last = date(2026, 10, 9), date(2026, 10, 11)
    days = traffic({9: 100, 10: 0, 11: 0}, {9: 60})
    assert robot_burst(days, first, first) is None  # one day alone is its own median
    assert robot_burst(days, first, last) is None
    burst = robot_burst(traffic({9: 100, 10: 100, 11: 100}, {9: 60}), first, last)
    assert burst is not None and (burst.first, burst.last, burst.share, burst.usual) == (first, first, 0.6, 0)


def test_untracked_days_lie_between_the_first_row_and_the_end_asked_for() -> None:
    frame = traffic(steady(day for day in range(5, 29) if day not in (12, 13)))
    assert [day.day for day in untracked_days(frame, START, END)] == [12, 13, 29, 30, 31]
    assert [day.day for day in untracked_days(frame, START, date(2026, 10, 28))] == [12, 13]
    assert untracked_days(frame, date(2026, 11, 1), date(2026, 11, 30)) == []
    assert untracked_days(frame, date(2026, 9, 1), date(2026, 9, 30)) == []
    assert untracked_days(None, START, END) == []
