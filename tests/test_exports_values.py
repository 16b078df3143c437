"""Numbers, dates, flags and people, as text and as values."""

import stat
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.exports import people
from kpi_helpers.exports.dates import NOTHING, read_days, read_period, read_times
from kpi_helpers.exports.numbers import find_currency, read_numbers
from kpi_helpers.exports.values import Parsed, read_flags, read_ids, read_text
from kpi_helpers.exports.words import PLACEHOLDERS
from tests.ending import ends


def faults(parsed: Parsed) -> list[tuple[list[int], str]]:
    return [(np.flatnonzero(rows).tolist(), reason) for rows, reason, _remedy in parsed.faults]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("000123", 123), ("1238.5", 1238.5),
        ("1238,5", 1238.5), ("1 238 761", 1238761), ("1\u00a0238,50", 1238.5),
        ("1\u202f238", 1238), ("1,238,761", 1238761), ("1.238.761,5", 1238761.5), ("12,132.82", 12132.82),
        ("-12,132.82", -12132.82), ("−5", -5), ("(100)", -100), ("US$50.00", 50), ("$13,361.11", 13361.11),
        ("1 500,00 ₽", 1500), ("1500 руб.", 1500), ("1 500 р.", 1500),
        ("50 EUR", 50), ("33,11 %", 0.3311), ("2.81%", 0.0281),
        ("100%", 1), (".5", 0.5), ("0,125", 0.125), ("1.5E3", 1500), ("5.", 5), ("0.20391234567", 0.20391234567),
    ],
)  # fmt: skip
def test_ways_of_writing_a_number(text: str, number: float) -> None:
    parsed = read_numbers(pd.Series([text]))
    assert parsed.values.tolist() == [pytest.approx(number)] and parsed.faults == []


@pytest.mark.parametrize(
    "text",
    ["abc", "12O", "< 10%", "> 90%", "1 2 3", "1,23,4", "1.2.3", "--5", "1e999", "inf", "١٢٣", "5-6", "1,2,3"],
)
def test_what_is_no_number_is_reported_and_never_guessed(text: str) -> None:
    parsed = read_numbers(pd.Series(["7", text, ""]))
    assert parsed.values.isna().tolist() == [False, True, True]
    assert faults(parsed) == [([1], "is not a number")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3.апр", "is a number that a spreadsheet turned into a date"),
        ("12.янв", "is a number that a spreadsheet turned into a date"),
        ("#DIV/0!", "is an error of a spreadsheet"), ("#ЗНАЧ!", "is an error of a spreadsheet"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_did_to_a_number_is_named(text: str, reason: str) -> None:
    parsed = read_numbers(pd.Series(["7", text, ""]))
    assert parsed.values.isna().tolist() == [False, True, True]
    assert faults(parsed) == [([1], reason)]


def test_one_sign_before_three_digits_is_settled_by_the_column_the_kind_or_the_file() -> None:
    assert read_numbers(pd.Series(["1,250", "3.5"])).values.tolist() == [1250, 3.5]
    assert read_numbers(pd.Series(["1,250", "3,5"])).values.tolist() == [1.25, 3.5]
    assert read_numbers(pd.Series(["1,250"]), whole=True).values.tolist() == [1250]
    assert read_numbers(pd.Series(["1,250"]), decimal=lambda: ",").values.tolist() == [1.25]
    assert read_numbers(pd.Series(["1,250"]), decimal=lambda: ".").values.tolist() == [1250]
    unclear = read_numbers(pd.Series(["1,250", "2.00", "0,02"]))
    assert unclear.values[1:].tolist() == [2, 0.02]
    assert [reason for _rows, reason in faults(unclear)] == ["may be read in two ways: with thousands or with decimals"]


def test_percent_signs_and_scales_do_not_count_twice() -> None:
    assert read_numbers(pd.Series(["4,50", "4,50%"]), scale=0.01).values.tolist() == pytest.approx([0.045, 0.045])


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=1),
    st.sampled_from([",", "."]),
    st.sampled_from(["", " ", "\u00a0", "\u202f"]),
)
def test_numbers_come_back_from_any_way_of_writing_them(cents: list[int], decimal: str, group: str) -> None:
    words = [f"{cent / 100:,.2f}".replace(",", "G").replace(".", decimal).replace("G", group) for cent in cents]
    assert read_numbers(pd.Series(words)).values.tolist() == pytest.approx([cent / 100 for cent in cents])


@pytest.mark.parametrize("word", sorted(PLACEHOLDERS) + ["NAN", "Н/Д"])
def test_placeholders_mean_nothing(word: str) -> None:
    cells = pd.Series([word])
    for parsed in (read_numbers(cells), read_days(cells), read_times(cells), read_flags(cells), read_text(cells)):
        assert parsed.values.isna().all() and parsed.faults == []


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-10-01", "2026-10-01", "2026-10-01"), ("01.10.2026", "2026-10-01", "2026-10-01"),
        ("20261001", "2026-10-01", "2026-10-01"), ("2026/10/01", "2026-10-01", "2026-10-01"),
        ("Thu, 1 Oct 2026", "2026-10-01", "2026-10-01"), ("Oct 1, 2026", "2026-10-01", "2026-10-01"),
        ("1 October 2026", "2026-10-01", "2026-10-01"), ("1 октября 2026 г.", "2026-10-01", "2026-10-01"),
        ("202610", "2026-10-01", "2026-10-31"),
        ("2026-10", "2026-10-01", "2026-10-31"), ("10.2026", "2026-10-01", "2026-10-31"),
        ("октябрь 2026", "2026-10-01", "2026-10-31"), ("Октябрь\u00a02026 г.", "2026-10-01", "2026-10-31"),
        ("October 2026", "2026-10-01", "2026-10-31"), ("окт. 2026", "2026-10-01", "2026-10-31"),
        ("3 кв. 2026", "2026-07-01", "2026-09-30"), ("III", "", ""), ("Q1 2026", "2026-01-01", "2026-03-31"),
        ("2026-Q4", "2026-10-01", "2026-12-31"), ("1-й квартал 2026", "2026-01-01", "2026-03-31"),
        ("2026-10-01 - 2026-10-31", "2026-10-01", "2026-10-31"),
        ("с 01.10.2026 по 31.10.2026", "2026-10-01", "2026-10-31"),
        ("27 January 2026 - 23 February 2026", "2026-01-27", "2026-02-23"),
        ("31.02.2026", "", ""), ("2026-13-01", "", ""),
        ("10/3/2026", "", ""), ("01.10.0026", "", ""),
        ("99991001", "", ""), ("3.апр", "", ""), ("2026-10-31 - 2026-10-01", "", ""),
    ],
)  # fmt: skip
def test_days_months_quarters_and_ranges(text: str, start: str, end: str) -> None:
    expected = (date.fromisoformat(start), date.fromisoformat(end)) if start else None
    assert read_period(text) == expected


def test_day_or_month_first_is_settled_by_the_column_or_the_layout_and_never_guessed() -> None:
    def days(words: list[str], order: str = "") -> list[str]:
        return read_days(pd.Series(words), order=order).values.dt.strftime("%d.%m").fillna("?").tolist()

    assert days(["10/3/2026", "10/31/2026"]) == ["03.10", "31.10"]
    assert days(["10/3/2026", "31/10/2026"], "month first") == ["10.03", "31.10"]
    assert days(["10/3/2026"], "month first") == ["03.10"] and days(["10/3/2026"], "day first") == ["10.03"]
    assert faults(read_days(pd.Series(["10/3/2026"]))) == [([0], "may mean the day or the month first")]


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2026-10-03 14:05", "Europe/Moscow", "2026-10-03 14:05:00+03:00"),
        ("03.10.2026 9:05:07", "Europe/Moscow", "2026-10-03 09:05:07+03:00"),
        ("2026-10-03T00:00:00", "Europe/Moscow", "2026-10-03 00:00:00+03:00"),
        ("2026-10-03T00:00:00.123Z", "Europe/Moscow", "2026-10-03 03:00:00+03:00"),
        ("2025-01-05 10:00:00 -0500", "America/New_York", "2025-01-05 10:00:00-05:00"),
        ("2025-07-05 10:00:00 -0500", "America/New_York", "2025-07-05 11:00:00-04:00"),
        ("12/13/2026 06:12 PM", "UTC", "2026-12-13 18:12:00+00:00"),
        ("12/13/2026 12:12 am", "UTC", "2026-12-13 00:12:00+00:00"),
        ("2026-03-08 02:30:00", "America/New_York", "2026-03-08 03:00:00-04:00"),
        ("2026-11-01 01:30:00", "America/New_York", "2026-11-01 01:30:00-04:00"),
        ("2026-10-03", "Europe/Moscow", "2026-10-03 00:00:00+03:00"),
    ],
)
def test_times_in_the_companys_zone(text: str, zone: str, said: str) -> None:
    parsed = read_times(pd.Series([text]), zone=zone)
    assert str(parsed.values.dtype) == f"datetime64[us, {zone}]"
    assert parsed.values.astype(str).tolist() == [said] and parsed.faults == []


@pytest.mark.parametrize("text", ["2026-10-03 25:00", "2026-10-03 10:61", "14:05", "soon", "2026-10-03 13:00 PM", "0"])
def test_what_is_no_time_is_reported(text: str) -> None:
    parsed = read_times(pd.Series(["2026-10-03 10:00", text]))
    assert faults(parsed) == [([1], "is not a date")]


def test_dates_hold_no_clock_and_no_zone() -> None:
    parsed = read_days(pd.Series(["2026-10-03 23:30:00 +0000", "2026-10-03"]), zone="Europe/Moscow")
    assert parsed.values.dt.strftime("%Y-%m-%d %H:%M").tolist() == ["2026-10-04 00:00", "2026-10-03 00:00"]
    assert str(parsed.values.dtype) == "datetime64[us]"


@given(st.lists(st.text(max_size=30)))
def test_any_text_is_read_or_reported(words: list[str]) -> None:
    cells = pd.Series(words, dtype=object)
    for read in (read_numbers, read_days, read_times, read_flags):
        parsed = read(cells)  # type: ignore[operator]
        bad = np.any([np.zeros(len(cells), bool), *(rows for rows, *_texts in parsed.faults)], axis=0)
        nothing = NOTHING if read in (read_days, read_times) else PLACEHOLDERS
        empty = cells.str.strip().str.casefold().isin(nothing).to_numpy(dtype=bool) if words else np.zeros(0, bool)
        assert (parsed.values.isna().to_numpy() == (bad | empty)).all()


def test_ids_keep_their_zeros_and_shortened_ones_are_reported() -> None:
    parsed = read_ids(pd.Series(["0011", "1,23457E+14", "", "12E"]))
    assert parsed.values.fillna("?").tolist() == ["0011", "?", "?", "12E"]
    assert faults(parsed) == [([1], "was shortened by a spreadsheet")]


def test_hostile_cells_cost_no_time() -> None:
    many = 500_000
    words = [", " * many + "x", "a" + " " * many + "b", "9" * many, "1:" * many, "–" * many, "1," * many]
    with ends():
        for read in (read_numbers, read_days, read_times):
            assert read(pd.Series(words)).values.isna().all()  # type: ignore[operator]
        assert read_numbers(pd.Series(["9" * many + ":00:00"]), seconds=True).values.isna().all()


def test_flags() -> None:
    assert read_flags(pd.Series(["Да", "нет", "", "YES", "0"])).values.tolist() == [True, False, pd.NA, True, False]
    assert faults(read_flags(pd.Series(["Да", "наверно"]))) == [([1], "is neither yes nor no")]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Расход, ₽", ("RUB",)), ("Доход, руб.", ("RUB",)), ("Amount spent (UAH)", ("UAH",)), ("usd", ("USD",)),
        ("Cost", ()), ("EUROPE", ()),
    ],
)
def test_currencies(text: str, codes: tuple[str, ...]) -> None:
    assert find_currency(text) == codes


def test_people_are_hidden_the_same_way_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name: str(tmp_path / name))
    people._key.cache_clear()
    try:
        assert people.hide("Anna@Example.com ") == people.hide("anna@example.com") != people.hide("ann@example.com")
        assert people.hide("+7 (000) 123-45-67") == people.hide("'70001234567")
        assert people.hide("8 (000) 123-45-67") == people.hide("+70001234567") != people.hide("+80001234567 1")
        assert len(people.hide("x")) == 16 and "anna" not in people.hide("anna@example.com")
        key = tmp_path / "kpi-kit" / "key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600 and len(key.read_bytes()) == 32
        first = people.hide("x")
        people._key.cache_clear()
        assert people.hide("x") == first
        key.write_bytes(b"another")
        people._key.cache_clear()
        assert people.hide("x") != first
    finally:
        people._key.cache_clear()


def test_people_are_hidden_where_no_key_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name: str(tmp_path / "file" / name))
    people._key.cache_clear()
    try:
        with pytest.warns(UserWarning):
            assert len(people._key()) == 32 and len(people.hide("x")) == 16
    finally:
        people._key.cache_clear()


def test_days_as_a_spreadsheet_writes_them() -> None:
    days = read_days(["5-Feb-26", "05-Feb-2026", "5/Feb/2026", "05-фев-26", "Sep-26", "32-Feb-26"])
    assert days.values.dt.strftime("%d.%m.%Y").fillna("").tolist() == ["05.02.2026"] * 4 + ["", ""]
