from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest
from frames import table
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.company import WEEKDAYS, Company, WorkingHours
from kpi_helpers.service import due_times, mark_answers

MOMENTS = st.datetimes(datetime(2025, 12, 1), datetime(2026, 12, 31))
HOURS = st.builds(
    WorkingHours,
    days=st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(tuple),
    opens=st.times(time(6), time(11)).map(lambda moment: moment.replace(microsecond=0)),
    closes=st.times(time(13), time(23)).map(lambda moment: moment.replace(microsecond=0)),
    country=st.sampled_from(["", "RU", "US"]),
)


def due(moment, hours=None):
    return due_times(pd.Series([pd.Timestamp(moment)]), hours or WorkingHours()).item()


def is_free(day, hours):
    from holidays import country_holidays

    return WEEKDAYS[day.weekday()] not in hours.days or bool(hours.country and day in country_holidays(hours.country))


def is_open(moment, hours):
    return not is_free(moment.date(), hours) and hours.opens <= moment.time() < hours.closes


# When an answer is due

@pytest.mark.parametrize(("received", "answer_due"), [
    ("2026-11-24 10:00", "2026-11-24 10:15"),  # a Tuesday
    ("2026-11-24 17:45", "2026-11-24 18:00"),
    ("2026-11-24 17:50", "2026-11-25 09:05"),  # 10 minutes before closing, 5 after opening
    ("2026-11-24 18:00", "2026-11-25 10:00"),
    ("2026-11-24 08:59", "2026-11-24 10:00"),
    ("2026-11-24 09:00", "2026-11-24 09:15"),
    ("2026-11-20 19:30", "2026-11-23 10:00"),  # Friday evening: Monday
    ("2026-11-20 17:55", "2026-11-23 09:10"),
    ("2026-11-21 12:00", "2026-11-23 10:00"),
    ("2026-12-31 18:30", "2027-01-01 10:00"),
])
def test_an_answer_is_due_in_15_working_minutes_or_in_the_first_hour(received, answer_due):
    assert due(received) == pd.Timestamp(answer_due)


@pytest.mark.parametrize(("country", "received", "answer_due"), [
    ("RU", "2025-12-30 18:30", "2026-01-12 10:00"),  # 31 December 2025 and 9 January 2026 are days off by decree
    ("RU", "2026-06-11 19:00", "2026-06-15 10:00"),
    ("US", "2026-11-25 19:00", "2026-11-27 10:00"),  # Thanksgiving
    ("US", "2026-07-02 17:55", "2026-07-06 09:10"),  # the Fourth is a Saturday: Friday is free
])
def test_public_holidays_are_free_days(country, received, answer_due):
    assert due(received, WorkingHours(country=country)) == pd.Timestamp(answer_due)


@given(MOMENTS, HOURS)
def test_an_answer_is_due_after_the_request_and_in_working_hours(moment, hours):
    answer_due = due(moment, hours).to_pydatetime(warn=False)
    assert answer_due > moment
    assert not is_free(answer_due.date(), hours)
    assert hours.opens < answer_due.time() <= hours.closes


@given(MOMENTS, HOURS)
def test_it_is_15_minutes_of_open_time_inside_and_an_hour_outside(moment, hours):
    """Recounted minute by minute."""
    moment = moment.replace(second=0, microsecond=0)
    hours = WorkingHours(hours.days, hours.opens.replace(second=0), hours.closes.replace(second=0), hours.country)
    needed, at = (15 if is_open(moment, hours) else 60), moment
    while needed:
        if is_free(at.date(), hours):
            at = datetime.combine(at.date() + timedelta(days=1), time())
            continue
        needed -= is_open(at, hours)
        at += timedelta(minutes=1)
    assert due(moment, hours) == at


@given(st.lists(MOMENTS, min_size=2, max_size=6), HOURS)
def test_of_requests_of_one_kind_the_later_is_never_due_earlier(moments, hours):
    for kind in (True, False):
        received = sorted(moment for moment in moments if is_open(moment, hours) == kind)
        assert due_times(pd.Series(received, dtype="datetime64[us]"), hours).is_monotonic_increasing


def test_the_rows_keep_their_places_and_missing_times_stay_missing():
    received = pd.Series(pd.to_datetime(["2026-11-24 10:00", None, "2026-11-20 19:30"]), index=[7, 3, 5])
    found = due_times(received, WorkingHours())
    assert list(found.index) == [7, 3, 5]
    assert found.isna().tolist() == [False, True, False]
    assert due_times(received[:0], WorkingHours(country="RU")).empty


# Whether it came in time

def marks(frame):
    return [None if mark is pd.NA else mark for mark in frame]


def test_requests_without_an_answer_are_late_once_their_time_is_over():
    leads = table("leads", created_at=["2026-11-24 10:00", "2026-11-24 10:00", "2026-11-24 10:00", "2026-11-24 12:00"],
                  first_answer_at=["2026-11-24 10:15", "2026-11-24 10:16", None, None])
    marked = mark_answers({"leads": leads}, Company(), date(2026, 11, 24))["leads"]
    assert marks(marked["in_time"]) == [True, False, False, None]  # the data end at 12:00: the last still has time
    assert marked["due_at"][0] == pd.Timestamp("2026-11-24 10:15")
    assert "in_time" not in leads


def test_an_export_that_never_says_when_it_was_answered_proves_nothing():
    leads = table("leads", created_at=["2026-11-24 10:00", "2026-11-26 10:00"])
    assert mark_answers({"leads": leads}, Company(), date(2026, 11, 26))["leads"]["in_time"].isna().all()
    chats = table("chats", received_at=["2026-11-24 10:00"] * 2, answered=[True, False])
    assert mark_answers({"chats": chats}, Company(), date(2026, 11, 26))["chats"]["in_time"].isna().all()


def test_a_chat_is_in_time_within_15_seconds_and_a_missed_one_is_late():
    chats = table("chats", received_at=["2026-11-24 10:00"] * 6, answered=[True, True, False, False, True, None],
                  answer_seconds=[15, 16, np.nan, 0, np.nan, 5])
    marked = mark_answers({"chats": chats}, Company(), date(2026, 11, 26))["chats"]
    assert marks(marked["in_time"]) == [True, False, False, False, None, True]


def test_tasks_are_on_time_to_the_day():
    tasks = table("tasks", due_at=["2026-11-10", "2026-11-10", "2026-11-10", "2026-11-30", None],
                  done_at=["2026-11-10", "2026-11-11", None, None, "2026-11-12"])
    marked = mark_answers({"tasks": tasks}, Company(), date(2026, 11, 12))["tasks"]
    assert marks(marked["on_time"]) == [True, False, False, None, None]


def test_a_holiday_is_a_date():  # the recount above relies on it
    russian = WorkingHours(country="RU")
    assert is_free(date(2026, 1, 1), russian) and not is_free(date(2026, 1, 13), russian)
