"""The section of service: its values straight from the raw files, unfinished months, what is missing, languages."""

import csv
import math
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pandas as pd
import pytest
from composed import SAMPLE, Composed, compose, markup, sample, sheets, text, unfinished
from folders import copy_files
from frames import table
from oracle_files import read_severny

from kpi_helpers.company import MIDNIGHT, WEEKDAYS, WorkingHours
from kpi_helpers.labels import NO_VALUE
from kpi_helpers.language import use_language
from kpi_helpers.monthly import Month
from kpi_helpers.reports import show_service
from kpi_helpers.reports.section import Section
from kpi_helpers.service import WorstHours, mark_answers
from kpi_helpers.service_words import finding_words, hours_in_words, policy, when_words, write_duration

OCTOBER = pd.Timestamp("2026-10-01")
COLUMNS = ["came", "in_time", "late", "waiting", "unknown", "share", "unanswered", "median", "p95"]


def answers(section: Section) -> pd.DataFrame:
    """The table of answers as the spreadsheet has it."""
    sheet = next(sheet for sheet in sheets(section)["sheets"] if sheet["caption"] == "How they were answered")
    return pd.DataFrame([row[1:] for row in sheet["rows"]], index=[row[0] for row in sheet["rows"]], columns=COLUMNS)


def put(composed: Composed, **tables: pd.DataFrame) -> Month:
    """The month with these tables of service, marked, and none of the others of service."""
    kept = {key: frame for key, frame in composed.month.tables.items() if key not in ("leads", "calls", "chats")}
    marked = mark_answers({**kept, **tables}, composed.month.company, composed.month.end)
    return replace(composed.month, tables=marked)


def within(frame: pd.DataFrame, last: date) -> pd.DataFrame:
    return frame[(frame["at"] >= OCTOBER) & (frame["at"] < pd.Timestamp(last) + pd.Timedelta(days=1))]


# The values


@pytest.mark.parametrize("last", [date(2026, 10, 31), date(2026, 10, 18)], ids=["complete", "unfinished"])
def test_requests_as_the_raw_file_has_them(last: date) -> None:
    """Counts by the second computation of due times; an unfinished month has the requests of its first days."""
    leads = read_severny(SAMPLE / "severny_svet")["leads"]
    known = leads[leads["at"] < pd.Timestamp(last) + pd.Timedelta(days=1)].reset_index(drop=True)
    mark = oracle.in_time(known, "RU", "18h", known["answered"].max())
    these = known["at"] >= OCTOBER
    composed = sample("severny_svet") if last.day == 31 else unfinished("severny_svet")
    row = answers(composed.section("service")).loc["Requests"]
    assert row["came"] == these.sum() > 0
    assert (row["in_time"], row["late"]) == ((mark[these] == 1).sum(), (mark[these] == 0).sum())
    assert row["waiting"] == (mark[these].isna() & known.loc[these, "answered"].isna()).sum()
    assert row["unanswered"] == known.loc[these, "answered"].isna().sum()
    assert row["share"] == pytest.approx(mark[these].mean())
    assert row["unknown"] == 0


@pytest.mark.parametrize("last", [date(2026, 10, 31), date(2026, 10, 18)], ids=["complete", "unfinished"])
def test_calls_and_chats_as_the_raw_files_have_them(last: date) -> None:
    folder = SAMPLE / "severny_svet"
    calls = pd.read_csv(folder / "zvonki.csv", sep=";", encoding="cp1251")
    chats = pd.read_csv(folder / "chaty_jivo.csv", sep=";", encoding="utf-8-sig")
    for frame, name in ((calls, "Дата и время"), (chats, "Дата")):
        frame["at"] = pd.to_datetime(frame[name], format="%d.%m.%Y %H:%M:%S")
    calls, chats = within(calls, last), within(chats, last)
    composed = sample("severny_svet") if last.day == 31 else unfinished("severny_svet")
    found = answers(composed.section("service"))
    missed = calls["Статус"].eq("Пропущенный")
    assert found.loc["Calls", ["came", "unanswered"]].tolist() == [len(calls), missed.sum()]
    waits = calls["Ожидание"].where(~missed, math.inf).sort_values()
    assert found.loc["Calls", "median"] * 60 == pytest.approx(waits.iloc[math.ceil(len(calls) / 2) - 1])
    seconds, lost = chats["Первый ответ, сек"], chats["Статус"].eq("Пропущен")
    fast = (seconds <= 15) & ~lost
    assert found.loc["Chats", ["came", "in_time", "late", "unanswered"]].tolist() == [
        len(chats), fast.sum(), len(chats) - fast.sum(), lost.sum()]
    assert found.loc["Chats", "p95"] == "never"  # more than one in twenty was missed


def test_the_sums_are_those_of_the_kpis() -> None:
    for company in ("severny_svet", "northlight"):
        for composed in (sample(company), unfinished(company)):
            row = answers(composed.section("service")).loc["Requests"]
            assert row["in_time"] == composed.value("answered_in_time", "numerator")
            assert row["in_time"] + row["late"] == composed.value("answered_in_time", "denominator")


# What is said


def test_the_rule_and_what_waits_are_said() -> None:
    said = text(sample("severny_svet").section("service"))
    assert "within 15 minutes of working time (Mon–Fri 9:00–18:00, free on public holidays: Russia)" in said
    assert "the rest of the time counts from the next opening" in said
    assert "4 requests still wait: the first answer is due on 2 November 2026 at 10:00." in said
    assert "never answered, and their time is over" in said
    assert "Chats are due within 15 seconds." in said


@pytest.mark.parametrize(("hours", "said"), [
    (WorkingHours(), "Mon–Fri 9:00–18:00, also on public holidays: no country is set"),
    (WorkingHours(("mon", "wed", "sat", "sun"), time(8, 30), country="US"),
     "Mon, Wed, Sat–Sun 8:30–18:00, free on public holidays: United States"),
    (WorkingHours(WEEKDAYS, time(0), MIDNIGHT), "Mon–Sun 0:00–24:00, also on public holidays: no country is set"),
])
def test_hours_in_words(hours: WorkingHours, said: str) -> None:
    assert hours_in_words(hours) == said


def test_each_rule_near_closing_is_said_in_its_own_words() -> None:
    rules = ("next_opening", "before_closing", "after_hours")
    said = {policy(WorkingHours(near_closing=rule), ["leads"]) for rule in rules}  # type: ignore[arg-type]
    assert len(said) == 3 and all("15 minutes" in words and "Chats" not in words for words in said)
    assert policy(WorkingHours(), ["calls"]) == ""


@pytest.mark.parametrize(("seconds", "words", "russian"), [
    (0, "0 sec", "0 с"), (9.4, "9 sec", "9 с"), (59.6, "1 min", "1 мин"), (89, "1 min", "1 мин"),
    (720, "12 min", "12 мин"), (3600, "1 hr", "1 ч"), (12180, "3 hr 23 min", "3 ч 23 мин"),
    (math.inf, "never", "без ответа"), (math.nan, NO_VALUE, NO_VALUE),
])
def test_times_in_words(seconds: float, words: str, russian: str) -> None:
    assert write_duration(seconds).replace("\u00a0", " ") == words
    use_language("ru")
    assert write_duration(seconds).replace("\u00a0", " ") == russian


def test_hours_that_stand_out_are_named_in_both_languages() -> None:
    friday = WorstHours(("fri",), 17, 24, 9, 21, 12, 164)
    assert finding_words("leads", friday, 0, 0) == (
        "Requests answered late: most often on Fridays from 17:00 to 24:00 (9 of 21, at other times 12 of 164)"
    )
    assert when_words(replace(friday, days=("sat", "sun"), start=0)) == "on days off"
    use_language("ru")
    assert "по пятницам с 17:00 до 24:00" in finding_words("calls", friday, 0, 0)


def test_a_planted_weak_hour_is_found_and_drawn() -> None:
    """Requests in each working hour of three months, answered within a minute; those of Friday's last hour never."""
    at = [day + pd.Timedelta(hours=hour) for day in pd.date_range("2026-08-01", "2026-10-31") for hour in range(9, 18)]
    weak = [moment.day_name() == "Friday" and moment.hour == 17 for moment in at]
    answered = [None if bad else str(moment + pd.Timedelta(minutes=1)) for moment, bad in zip(at, weak, strict=True)]
    composed = sample("severny_svet")
    leads = table("leads", created_at=list(map(str, at)), first_answer_at=answered)
    section = show_service(put(composed, leads=leads), composed.card)
    finding = f"most often on Fridays from 17:00 to 18:00 ({sum(weak)} of {sum(weak)}, at other times 0 of"
    assert finding in text(section) and "1 August 2026 – 31 October 2026" in text(section).replace("\u2009", " ")
    assert markup(section).count("<img") == 1


def test_an_even_week_names_no_hours_and_calls_have_no_map_without_them() -> None:
    section = sample("severny_svet").section("service")
    assert text(section).count("no hours of the week stand out") >= 3  # requests (title, picture), calls and chats
    assert markup(section).count("<img") == 1


@pytest.mark.parametrize("days_alone", [False, True])
def test_a_second_export_that_says_less_makes_nothing_late(tmp_path: Path, days_alone: bool) -> None:
    """Every other request is in a file of one layout without the column or the hours: half are judged as before."""
    with (SAMPLE / "severny_svet" / "amocrm_sdelki.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    place = head.index("Первый ответ")
    copy_files(SAMPLE / "severny_svet", tmp_path, ["company.toml", "channels.csv"])
    _write(tmp_path / "a.csv", [head, *rows[::2]])
    alone = answers(compose(tmp_path).section("service"))
    days = [[cell.partition(" ")[0] if at in (place, head.index("Дата создания сделки")) else cell
             for at, cell in enumerate(row)] for row in rows[1::2]]  # fmt: skip
    silent = [[cell for at, cell in enumerate(row) if at != place] for row in [head, *rows[1::2]]]
    _write(tmp_path / "b.csv", [head, *days] if days_alone else silent)
    both = answers(compose(tmp_path).section("service"))
    counts = ["in_time", "late", "waiting", "share", "median", "p95", *([] if days_alone else ["unanswered"])]
    assert both.loc["Requests", counts].tolist() == alone.loc["Requests", counts].tolist()
    came = both.at["Requests", "came"] - alone.at["Requests", "came"]
    assert both.at["Requests", "unknown"] - alone.at["Requests", "unknown"] == came > 10


def _write(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(rows)


def test_an_unfinished_month_counts_the_days_covered_only() -> None:
    composed = unfinished("severny_svet")
    month = composed.month
    later = month.tables["leads"].iloc[:40].assign(
        created_at=pd.Timestamp("2026-10-25 10:00", tz="Europe/Moscow"))
    more = replace(month, tables={**month.tables, "leads": pd.concat([month.tables["leads"], later])})
    assert text(show_service(more, composed.card)) == text(composed.section("service"))
    assert "18 October 2026" in text(composed.section("service"))


# What is missing


def test_without_calls_and_chats_there_are_only_requests() -> None:
    section = sample("northlight").section("service")
    assert list(answers(section).index) == ["Requests"]
    assert "Calls have no due time" not in text(section) and "15 seconds." not in text(section)


def test_calls_alone_have_no_rule(tmp_path: Path) -> None:
    folder = copy_files(SAMPLE / "severny_svet", tmp_path / "one", ["zvonki.csv"])
    section = compose(folder).section("service")
    assert list(answers(section).index) == ["Calls"] and section.lead == ""
    assert answers(section).loc["Calls", ["in_time", "late", "waiting", "unknown", "share"]].isna().all()


def test_no_rows_at_all_are_no_table() -> None:
    composed = sample("northlight")
    for month in (put(composed), put(composed, leads=table("leads"), calls=table("calls"), chats=table("chats"))):
        section = show_service(month, composed.card)
        assert "How they were answered" not in markup(section) and "<img" not in markup(section)


def test_an_export_that_says_no_answers_proves_nothing() -> None:
    composed = sample("severny_svet")
    days = pd.date_range("2026-10-01 10:00", periods=25, freq="D")
    month = put(composed, leads=table("leads", created_at=list(map(str, days))))
    row = answers(show_service(month, composed.card)).loc["Requests"]
    assert row[["came", "in_time", "late", "waiting", "unknown"]].tolist() == [25, 0, 0, 0, 25]
    assert row[["share", "unanswered", "median", "p95"]].isna().all()
    assert "still wait" not in text(show_service(month, composed.card))


def test_days_without_hours_are_said() -> None:
    composed = sample("severny_svet")
    days = [str(day.date()) for day in pd.date_range("2026-10-01", periods=31)]
    month = put(composed, leads=table("leads", created_at=days, first_answer_at=days),
                chats=table("chats", received_at=days, answered=[True] * 31, answer_seconds=[5] * 31))
    section = show_service(month, composed.card)
    said = text(section)
    assert "Requests: the export says on which day they came, not at what hour." in said
    assert "Chats: the export says on which day they came, not at what hour." in said
    assert "Export it again with the time of day." in said and "<img" not in markup(section)
    assert answers(section).loc["Requests", ["in_time", "unknown"]].tolist() == [0, 31]
    assert answers(section).loc["Chats", "in_time"] == 31


def test_a_single_request_that_waits_is_told_in_the_singular() -> None:
    composed = sample("severny_svet")
    leads = table("leads", created_at=["2026-10-30 10:00", "2026-10-30 11:00", "2026-10-31 10:00"],
                  first_answer_at=["2026-10-30 10:05", None, None])
    said = text(show_service(put(composed, leads=leads), composed.card))
    assert "1 request was never answered, and its time is over." in said
    assert "1 request still waits: its answer is due on 2 November 2026 at 10:00." in said


# Hostile values, names


def test_no_name_and_no_hostile_value_is_shown() -> None:
    composed = sample("severny_svet")
    month = composed.month
    managers = set(month.tables["leads"]["manager"].dropna())
    assert managers and not any(name in text(composed.section("service")) for name in managers)
    bad = '<script>alert(1)</script> "q" =cmd()'
    tables: dict[str, Any] = {
        key: frame.assign(**{name: bad for name in ("manager", "channel", "campaign") if name in frame})
        for key, frame in month.tables.items()
    }
    section = show_service(replace(month, tables=tables), composed.card)
    assert "alert(1)" not in markup(section)
    assert markup(section) == markup(composed.section("service"))


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_sheet_is_plain_numbers_and_words(lang: str) -> None:
    use_language(lang)
    for composed in (sample("severny_svet"), unfinished("northlight")):
        for sheet in sheets(composed.section("service"))["sheets"]:
            for row in sheet["rows"]:
                assert all(value is None or isinstance(value, str) or np.isfinite(value) for value in row)
