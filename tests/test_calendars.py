from datetime import date

import pytest

from kpi_helpers.calendars import holidays_of, worked_weekends_of
from kpi_helpers.errors import KitError
from kpi_helpers.language import use_language

YEAR = date(2026, 1, 1), date(2026, 12, 31)


def test_the_russian_production_calendar_of_2026() -> None:
    """Labour Code, article 112, and the government's decree 1466 of 24 September 2025 on the days moved."""
    free = set(holidays_of("RU", *YEAR))
    long_rest = [(1, day) for day in range(1, 10)]  # 3 January was moved to the 9th
    moved = [(3, 9), (5, 11), (12, 31)]  # 8 March and 9 May fall on weekends; 4 January was moved to 31 December
    others = [(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)]
    assert free == {date(2026, month, day) for month, day in long_rest + moved + others}
    assert worked_weekends_of("RU", *YEAR) == frozenset()


def test_a_holiday_that_moves_a_working_day() -> None:
    """The decree for 2025: Saturday 1 November is worked, Monday the 3rd is free."""
    november = date(2025, 11, 1), date(2025, 11, 30)
    assert list(holidays_of("RU", *november)) == [date(2025, 11, 3), date(2025, 11, 4)]
    assert worked_weekends_of("RU", *november) == {date(2025, 11, 1)}


def test_american_federal_holidays_of_2026() -> None:
    """5 U.S.C. 6103: Independence Day is a Saturday, and the Friday before is free."""
    days = [(1, 1), (1, 19), (2, 16), (5, 25), (6, 19), (7, 3), (7, 4), (9, 7), (10, 12), (11, 11), (11, 26), (12, 25)]
    assert list(holidays_of("US", *YEAR)) == [date(2026, month, day) for month, day in days]
    assert date(2026, 11, 27) not in holidays_of("US", *YEAR), "the day after Thanksgiving is no public holiday"


def test_holidays_are_named_in_the_readers_language() -> None:
    day = date(2026, 6, 12)
    assert holidays_of("RU", day, day) == {day: "Russia Day"}
    use_language("ru")
    assert holidays_of("RU", day, day) == {day: "День России"}


def test_only_the_days_asked_for() -> None:
    assert list(holidays_of("US", date(2025, 12, 25), date(2026, 1, 1))) == [date(2025, 12, 25), date(2026, 1, 1)]
    assert holidays_of("US", date(2026, 1, 2), date(2026, 1, 18)) == {}


def test_without_a_country_there_are_none() -> None:
    assert holidays_of("", *YEAR) == {}
    assert worked_weekends_of("", *YEAR) == frozenset()


def test_an_unknown_country_is_said() -> None:
    with pytest.raises(KitError, match="no holidays are known of country 'XX'"):
        holidays_of("XX", *YEAR)
