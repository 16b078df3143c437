from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from frames import table
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.company import MIDNIGHT, WEEKDAYS, Company, NearClosing, WorkingHours
from kpi_helpers.errors import KitError
from kpi_helpers.service import (
    WorstHours,
    answer_table,
    by_hour_and_weekday,
    due_times,
    mark_answers,
    working_time,
    worst_hours,
)
from kpi_helpers.service.levels import COLUMNS, answered_within

MOMENTS = st.datetimes(datetime(2025, 10, 25), datetime(2026, 12, 31))  # Saturday 1 November 2025 is worked in Russia
HOURS = st.builds(
    WorkingHours,
    days=st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(tuple),
    opens=st.times(time(6), time(11)).map(lambda moment: moment.replace(microsecond=0)),
    closes=st.times(time(13), time(23)).map(lambda moment: moment.replace(microsecond=0)),
    country=st.sampled_from(["", "RU", "US"]),
)


FREE = {country: country_holidays(country, years=range(2025, 2029)) for country in ("RU", "US")}


def due(moment, hours=None):
    return due_times(pd.Series([pd.Timestamp(moment)]), hours or WorkingHours()).item()


def is_free(day, hours):
    if day == date(2025, 11, 1) and hours.country == "RU" and set(hours.days) >= set(WEEKDAYS[:5]):
        return False
    return WEEKDAYS[day.weekday()] not in hours.days or bool(hours.country and day in FREE[hours.country])


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


@pytest.mark.parametrize(("received", "answer_due"), [
    ("2025-10-31 18:30", "2025-11-01 10:00"),  # Friday evening; Saturday 1 November 2025 is worked for Monday the 3rd
    ("2025-11-01 11:00", "2025-11-01 11:15"),
    ("2025-11-01 17:50", "2025-11-05 09:05"),  # the 2nd is a Sunday, the 3rd and the 4th are free
    ("2024-12-28 19:00", "2025-01-09 10:00"),
])
def test_worked_saturdays_of_the_russian_calendar_are_working_days(received, answer_due):
    """The government's decrees on the days moved in 2024 and 2025: 28 December 2024 and 1 November 2025 are worked."""
    assert due(received, WorkingHours(country="RU")) == pd.Timestamp(answer_due)
    assert due(received, WorkingHours(days=("sat",), country="RU")).day_of_week == 5


def test_a_request_of_a_worked_saturday_is_marked_by_that_saturday():
    leads = table("leads", created_at=["2025-11-01 11:00"] * 2,
                  first_answer_at=["2025-11-05 09:30", "2025-11-01 11:10"])
    marked = mark_answers({"leads": leads}, Company(hours=WorkingHours(country="RU")), date(2025, 11, 30))
    assert marked["leads"]["in_time"].tolist() == [False, True]


@pytest.mark.parametrize(("received", "next_opening", "before_closing", "after_hours"), [
    ("2026-11-20 17:45", "2026-11-20 18:00", "2026-11-20 18:00", "2026-11-20 18:00"),
    ("2026-11-20 17:50", "2026-11-23 09:05", "2026-11-20 18:00", "2026-11-23 10:00"),
    ("2026-11-20 18:00", "2026-11-23 10:00", "2026-11-23 10:00", "2026-11-23 10:00"),
    ("2026-11-20 10:00", "2026-11-20 10:15", "2026-11-20 10:15", "2026-11-20 10:15"),
])
def test_near_closing_a_named_policy_holds(received, next_opening, before_closing, after_hours):
    assert due(received) == pd.Timestamp(next_opening)
    by_closing, later = (WorkingHours(near_closing=rule) for rule in ("before_closing", "after_hours"))
    assert due(received, by_closing) == pd.Timestamp(before_closing)
    assert due(received, later) == pd.Timestamp(after_hours)
    leads = table("leads", created_at=[received], first_answer_at=["2026-12-30 10:00"])
    marked = mark_answers({"leads": leads}, Company(hours=by_closing), date(2026, 12, 31))["leads"]
    assert marked["due_at"].item() == pd.Timestamp(before_closing)


@given(MOMENTS, HOURS)
def test_an_answer_is_due_after_the_request_and_in_working_hours(moment, hours):
    for rule in get_args(NearClosing):
        answer_due = due(moment, replace(hours, near_closing=rule)).to_pydatetime(warn=False)
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


@pytest.mark.parametrize(("created", "answered"), [
    (["2026-11-23", "2026-11-24", "2026-11-24"], ["2026-11-23", "2026-11-25", None]),
    (["2026-11-23", "2026-11-24", "2026-11-24"], ["2026-11-23 10:00", "2026-11-25 12:00", None]),
    (["2026-11-23 10:00", "2026-11-24 11:00", "2026-11-24 12:00"], ["2026-11-23", "2026-11-25", None]),
])
def test_days_without_hours_prove_no_answer_in_time(created, answered):
    """A request of a day, answered on that day, would always be in time: before the first hour after opening."""
    marked = mark_answers(
        {"leads": table("leads", created_at=created, first_answer_at=answered)}, Company(), date(2026, 11, 30)
    )
    assert marked["leads"][["due_at", "in_time"]].isna().all(axis=None)
    row = rows_of(marked).loc["leads"]
    assert row[["came", "answered", "unanswered", "in_time", "late", "waiting", "unknown"]].tolist() == [
        3, 2, 1, 0, 0, 0, 3]
    assert row["timed"] == 0 and np.isnan(row["median_seconds"])


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


# How long it took

@given(st.lists(MOMENTS, min_size=2, max_size=2), HOURS)
def test_working_time_recounted_minute_by_minute(moments, hours):
    start, end = sorted(moment.replace(second=0, microsecond=0) for moment in moments)
    end = min(end, start + timedelta(days=12))
    hours = WorkingHours(hours.days, hours.opens.replace(second=0), hours.closes.replace(second=0), hours.country)
    minutes, day = 0, start.date()
    while day <= end.date():
        opens, closes = (datetime.combine(day, at) for at in (hours.opens, hours.closes))
        if not is_free(day, hours):
            minutes += max((min(closes, end) - max(opens, start)).total_seconds(), 0) / 60
        day += timedelta(days=1)
    passed = working_time(pd.Series([pd.Timestamp(start)]), pd.Series([pd.Timestamp(end)]), hours)
    assert passed.item() == pd.Timedelta(minutes=minutes)


def test_no_working_time_passes_out_of_hours_and_none_is_known_backwards():
    moments = {4: ("2026-11-20 19:30", "2026-11-20 23:00"), 2: ("2026-11-20 17:00", "2026-11-23 09:30"),
               9: (None, "2026-11-24 10:00"), 1: ("2026-11-24 10:00", "2026-11-24 09:00")}
    frame = pd.DataFrame.from_dict(moments, orient="index").apply(pd.to_datetime)
    came, answered = frame[0], frame[1]
    passed = working_time(came, answered, WorkingHours())
    assert passed.dt.total_seconds()[[4, 2]].tolist() == [0, 5400] and passed[[9, 1]].isna().all()
    assert working_time(came[:0], answered[:0], WorkingHours()).empty


def test_what_share_was_answered_within():
    """The smallest time that so many do not exceed: of 20 times the 10th and the 19th; who is never answered counts."""
    times = pd.Series(range(20, 0, -1), dtype="float64")
    assert (answered_within(times, 0.5), answered_within(times, 0.95)) == (10, 19)
    assert answered_within(pd.Series([1.0] * 18 + [np.inf] * 2), 0.95) == np.inf
    assert answered_within(pd.Series([1.0] * 19 + [np.inf]), 0.95) == 1
    assert np.isnan(answered_within(pd.Series([np.nan]), 0.5))


def rows_of(marked, hours=None):
    found = answer_table(marked, hours or WorkingHours())
    assert list(found.columns) == COLUMNS
    return found.set_index("table")


def test_the_answer_table_by_hand():
    """Five requests: answered after 15, 30 and 0 (the evening) minutes, one never, one whose time still runs."""
    created = ["2026-11-23 10:00", "2026-11-23 11:00", "2026-11-23 19:00", "2026-11-23 12:00", "2026-11-24 17:50"]
    answered = ["2026-11-23 10:15", "2026-11-23 11:30", "2026-11-23 20:00", None, None]
    leads = table("leads", created_at=created, first_answer_at=answered)
    row = rows_of(mark_answers({"leads": leads}, Company(), date(2026, 11, 24))).loc["leads"]
    wanted = {"came": 5, "answered": 3, "unanswered": 2, "in_time": 2, "late": 2, "waiting": 1, "unknown": 0,
              "share_in_time": 0.5, "timed": 4, "median_seconds": 900, "p95_seconds": np.inf}
    assert row.to_dict() == wanted


def test_missed_calls_and_chats_count():
    calls = table("calls", received_at=["2026-11-23 10:00"] * 5, answered=[True, True, False, None, None],
                  wait_seconds=[5, 20, 40, None, None], calls=[None] * 4 + [10], calls_missed=[None] * 4 + [3])
    chats = table("chats", received_at=["2026-11-23 10:00"] * 5, answered=[True, True, True, False, True],
                  answer_seconds=[5, 15, 16, 0, None])
    found = rows_of(mark_answers({"calls": calls, "chats": chats}, Company(), date(2026, 11, 24)))
    call, chat = found.loc["calls"], found.loc["chats"]
    assert call[["came", "answered", "unanswered", "timed"]].tolist() == [14, 9, 4, 3]
    assert call[["in_time", "late", "share_in_time"]].isna().all()
    assert (call["median_seconds"], call["p95_seconds"]) == (20, np.inf)
    assert chat[["came", "answered", "unanswered", "in_time", "late", "unknown"]].tolist() == [5, 4, 1, 2, 2, 1]
    assert (chat["share_in_time"], chat["timed"], chat["median_seconds"]) == (0.5, 4, 15)


def test_what_the_export_never_says_is_not_zero():
    leads = table("leads", created_at=["2026-11-24 10:00", "2026-11-26 10:00"])
    calls = table("calls", received_at=["2026-11-24 10:00"])
    tables = {"leads": leads, "calls": calls, "chats": table("chats")}
    found = rows_of(mark_answers(tables, Company(), date(2026, 11, 26)))
    assert list(found.index) == ["leads", "calls"]
    assert found[["answered", "unanswered", "share_in_time", "median_seconds", "p95_seconds"]].isna().all(axis=None)
    assert found.loc["leads", ["came", "unknown", "waiting", "timed"]].tolist() == [2, 2, 0, 0]
    assert answer_table({}, WorkingHours()).empty


def test_tallies_of_leads_came_but_say_no_more():
    leads = table("leads", created_at=["2026-11-23 10:00", "2026-11-23 00:00"],
                  first_answer_at=["2026-11-23 10:05", None], leads=[None, 40])
    row = rows_of(mark_answers({"leads": leads}, Company(), date(2026, 11, 24))).loc["leads"]
    assert row[["came", "answered", "unanswered", "in_time", "late", "unknown"]].tolist() == [41, 1, 0, 1, 0, 40]


ANSWERED = st.lists(st.tuples(MOMENTS, st.none() | st.integers(0, 5000)), max_size=12)


@given(ANSWERED, st.lists(st.tuples(st.booleans() | st.none(), st.none() | st.integers(0, 60)), max_size=12), HOURS)
def test_of_what_came_each_is_one_of_four(requests, chats, hours):
    leads = table("leads", created_at=[moment for moment, _wait in requests],
                  first_answer_at=[moment + timedelta(minutes=wait) if wait is not None else None
                                   for moment, wait in requests])
    talks = table("chats", received_at=[datetime(2026, 11, 2, 10)] * len(chats), answered=[said for said, _ in chats],
                  answer_seconds=[None if wait is None else float(wait) for _, wait in chats])
    marked = mark_answers({"leads": leads, "chats": talks}, Company(hours=hours), date(2026, 12, 31))
    rows = answer_table(marked, hours)
    assert list(rows["table"]) == [key for key, given_rows in (("leads", requests), ("chats", chats)) if given_rows]
    parts = rows[["in_time", "late", "waiting", "unknown"]]
    assert (parts.sum(axis=1) == rows["came"]).all() and (parts >= 0).all(axis=None)


def test_where_all_of_the_period_were_never_answered_those_that_wait_still_wait():
    created = ["2026-11-20 10:00", "2026-11-24 10:00", "2026-11-24 17:55"]
    leads = table("leads", created_at=created, first_answer_at=["2026-11-20 10:05", None, None])
    today = mark_answers({"leads": leads}, Company(), date(2026, 11, 24))["leads"][1:]
    row = rows_of({"leads": today}).loc["leads"]
    assert row[["came", "answered", "unanswered", "late", "waiting", "unknown"]].tolist() == [2, 0, 2, 1, 1, 0]


# When it fails

def test_the_week_by_hours():
    created = ["2026-11-23 10:05", "2026-11-23 10:50", "2026-11-22 23:59", "2026-11-23 00:00", None]
    answered = ["2026-11-23 10:10", None, "2026-11-23 09:30", None, None]
    leads = table("leads", created_at=created, first_answer_at=answered, leads=[None] * 3 + [7, None])
    week = by_hour_and_weekday(mark_answers({"leads": leads}, Company(), date(2026, 11, 24))["leads"], "leads")
    assert list(week.index) == list(WEEKDAYS) and list(week["came"]) == list(range(24))
    assert week["came"].to_numpy().sum() == 3
    assert (week["came"].loc["mon", 10], week["good"].loc["mon", 10], week["share"].loc["mon", 10]) == (2, 1, 0.5)
    assert week["share"].loc["sun", 23] == 1 and week["share"].notna().to_numpy().sum() == 2


def test_calls_by_hours_are_answered_or_missed():
    calls = table("calls", received_at=["2026-11-24 09:01", "2026-11-24 09:59"], answered=[True, None])
    week = by_hour_and_weekday(calls, "calls")
    assert week["came"].loc["tue", 9] == 2 and week["judged"].loc["tue", 9] == 1 and week["share"].loc["tue", 9] == 1
    assert by_hour_and_weekday(table("calls"), "calls")["came"].to_numpy().sum() == 0


def test_days_without_hours_make_no_heat_map():
    chats = table("chats", received_at=["2026-11-23", "2026-11-24"], answered=[True, True], answer_seconds=[1, 2])
    with pytest.raises(KitError, match="Chats: the export says on which day they came, not at what hour"):
        by_hour_and_weekday(mark_answers({"chats": chats}, Company(), date(2026, 11, 24))["chats"], "chats")


def weeks(judged, bad, number=4, **more_bad):
    """Weeks with the same in every hour, and more bad ones on some days of the week from an hour on."""
    days = pd.date_range("2026-11-02", periods=7 * number, name="day")
    cells = pd.DataFrame(float(judged), index=days, columns=range(24))
    good = cells - bad
    for day, (hour, more) in more_bad.items():
        good.loc[days.day_of_week == WEEKDAYS.index(day), hour:] = judged - more
    return pd.concat({"came": cells, "judged": cells, "good": good}, axis=1)


def test_the_worst_hours_stand_out_against_all_others():
    found = worst_hours(weeks(3, 0, fri=(17, 3)), WorkingHours())
    assert found == WorstHours(("fri",), 17, 24, bad=84, judged=84, bad_else=0, judged_else=4 * 7 * 72 - 84)


def test_days_off_and_hours_of_every_day_are_found_too():
    off = worst_hours(weeks(3, 0, sat=(0, 1), sun=(0, 1)), WorkingHours())
    assert (off.days, off.start, off.end, off.bad, off.judged) == (("sat", "sun"), 0, 24, 192, 576)
    night = worst_hours(weeks(2, 0, **dict.fromkeys(WEEKDAYS, (20, 2))), WorkingHours(closes=time(19, 30)))
    assert (night.days, night.start, night.end, night.bad, night.judged) == (WEEKDAYS, 20, 24, 224, 224)


def test_where_it_is_even_or_too_few_nothing_stands_out():
    for flat in (weeks(3, 1), weeks(3, 0), weeks(3, 3), weeks(0, 0)):
        assert worst_hours(flat, WorkingHours()) is None
    few = weeks(0, 0)
    fridays = few.index.day_of_week == 4
    few.loc[fridays, [("judged", 17), ("judged", 18)]] = 1.0  # eight bad ones of eight: below FEW
    few.loc[few.index.day_of_week == 0, [("judged", 10), ("good", 10)]] = 9.0
    assert worst_hours(few, WorkingHours()) is None


def test_two_bad_fridays_are_no_pattern_and_neither_is_one():
    for number in (1, 2):
        days = weeks(5, 0)
        days.loc[days.index[days.index.day_of_week == 4][:number], "good"] = 0.0
        assert worst_hours(days, WorkingHours()) is None
    assert worst_hours(weeks(5, 0, fri=(0, 5)), WorkingHours()).days == ("fri",)


def one_bad_day(random, days):
    return np.where(np.arange(len(days)) == random.integers(len(days)), 0.6, 0.05)


def varying(random, days):
    return random.beta(1, 9, len(days))


def even(_random, days):
    return np.full(len(days), 0.15)


@pytest.mark.parametrize("share", [one_bad_day, varying, even])
@pytest.mark.parametrize("weekend", [0, 6])
def test_luck_alone_is_rarely_called_a_pattern(share, weekend):
    """Of forty months without any pattern at most three are called uneven: one in twenty is promised."""
    random, called = np.random.default_rng(5), 0
    month = pd.date_range("2026-11-01", "2026-11-30", name="day")
    for _round in range(40):
        days = month if weekend else month[month.day_of_week < 5]
        calls = np.where(days.day_of_week < 5, 40, weekend)
        judged = random.poisson(calls[:, None] / 9, (len(days), 9)).astype(float)
        good = judged - random.binomial(judged.astype(int), share(random, days)[:, None])
        cells = {name: pd.DataFrame(values, days, range(9, 18)).reindex(columns=range(24), fill_value=0.0)
                 for name, values in (("came", judged), ("judged", judged), ("good", good))}
        called += worst_hours(pd.concat(cells, axis=1), WorkingHours()) is not None
    assert called <= 3


def test_a_weak_weekday_among_days_that_vary_is_found():
    random, found = np.random.default_rng(5), []
    days = pd.date_range("2026-09-01", "2026-11-30", name="day")
    for _round in range(20):
        share = random.beta(1, 12, len(days)) + 0.3 * (days.day_of_week == 1)
        judged = pd.DataFrame(random.poisson(2, (len(days), 24)).astype(float), days, range(24))
        good = judged - random.binomial(judged.astype(int), np.minimum(share, 1)[:, None])
        worst = worst_hours(pd.concat({"came": judged, "judged": judged, "good": good}, axis=1), WorkingHours())
        found += [worst.days if worst else None]
    assert found.count(("tue",)) >= 18


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=168, max_size=168), HOURS)
def test_the_worst_hours_are_worse_and_count_as_their_cells_do(pairs, hours):
    names = pd.date_range("2026-11-02", periods=28, name="day")
    judged, good = (
        pd.DataFrame(np.tile(np.array([pick(pair) for pair in pairs]).reshape(7, 24), (4, 1)), names, dtype=float)
        for pick in (max, min)
    )
    found = worst_hours(pd.concat({"came": judged, "judged": judged, "good": good}, axis=1), hours)
    if found:
        there = [WEEKDAYS[day] in found.days for day in names.day_of_week]
        inside = judged.loc[there, found.start : found.end - 1].to_numpy().sum()
        assert found.judged == inside and found.judged + found.judged_else == judged.to_numpy().sum()
        assert found.bad / found.judged > found.bad_else / found.judged_else


# Exports that say less than others

def test_a_second_export_without_answers_proves_nothing_of_its_requests():
    leads = table("leads", created_at=["2026-11-24 10:00"] * 5, first_answer_at=["2026-11-24 10:05", None] + [None] * 3)
    marked = mark_answers({"leads": leads.assign(export=[0, 0, 1, 1, 1])}, Company(), date(2026, 11, 30))
    assert marks(marked["leads"]["in_time"]) == [True, False, None, None, None]
    row = rows_of(marked).loc["leads"]
    assert row[["came", "answered", "unanswered", "in_time", "late", "waiting", "unknown"]].tolist() == [
        5, 1, 1, 1, 1, 0, 3]


def test_chats_and_tasks_of_a_second_export_are_judged_by_it_alone():
    chats = table("chats", received_at=["2026-11-24 10:00"] * 3, answered=[True, False, False],
                  answer_seconds=[5, None, None]).assign(export=[0, 0, 1])
    tasks = table("tasks", due_at=["2026-11-10"] * 3, done_at=["2026-11-10", None, None]).assign(export=[0, 0, 1])
    marked = mark_answers({"chats": chats, "tasks": tasks}, Company(), date(2026, 11, 30))
    assert marks(marked["chats"]["in_time"]) == marks(marked["tasks"]["on_time"]) == [True, False, None]


def test_days_beside_an_export_with_hours_are_not_marked_and_not_in_the_week():
    created = ["2026-11-23 10:00", "2026-11-23 12:00", "2026-11-23 00:00", "2026-11-24 00:00"]
    answered = ["2026-11-23 10:05", None, "2026-11-23 00:00", "2026-11-24 00:00"]
    leads = table("leads", created_at=created, first_answer_at=answered).assign(export=[0, 0, 1, 1])
    marked = mark_answers({"leads": leads}, Company(), date(2026, 11, 30))["leads"]
    assert marks(marked["in_time"]) == [True, False, None, None]
    week = by_hour_and_weekday(marked, "leads")
    assert week["came"].to_numpy().sum() == 2 and week["came"].loc["mon", 0] == 0


def test_an_answer_before_the_request_is_not_known_to_be_in_time():
    leads = table("leads", created_at=["2026-11-24 10:00"] * 3,
                  first_answer_at=["2026-11-20 09:00", "2026-11-24 10:05", "2026-11-24 10:00"])
    marked = mark_answers({"leads": leads}, Company(), date(2026, 11, 30))
    assert marks(marked["leads"]["in_time"]) == [None, True, True]
    assert rows_of(marked).loc["leads", ["answered", "in_time", "unknown", "timed"]].tolist() == [3, 2, 1, 2]


def test_a_company_that_never_closes():
    hours = WorkingHours(WEEKDAYS, time(0), MIDNIGHT)
    assert due("2026-11-22 23:50", hours) == pd.Timestamp("2026-11-23 00:05")
    assert due("2026-11-22 23:59:30", hours) == pd.Timestamp("2026-11-23 00:14:30")
    assert due("2026-11-22 23:45", hours) == pd.Timestamp("2026-11-23 00:00")
    start, end = (pd.Series([pd.Timestamp(moment)]) for moment in ("2026-11-22 23:00", "2026-11-24 01:00"))
    assert working_time(start, end, hours).item() == pd.Timedelta(hours=26)
