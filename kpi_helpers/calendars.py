"""Months, public holidays of a country, and the weekends that are worked for them."""

from __future__ import annotations

from datetime import date
from typing import Any

from kpi_helpers.errors import KitError
from kpi_helpers.language import _, language

NAMES_IN = {"en": "en_US", "ru": "ru"}  # of holidays, where they are known in that language


def parse_month(text: str) -> date:
    """The first day of a month written as 2026-10; KitError otherwise."""
    try:
        year, month = text.strip().split("-")
        if len(year) != 4 or len(month) != 2:
            raise ValueError(text)
        return date(int(year), int(month), 1)
    except (ValueError, AttributeError):
        raise KitError(
            _("month {month} cannot be read.").format(month=repr(text)), _("Write it as 2026-10.")
        ) from None


def holidays_of(country: str, first: date, last: date) -> dict[date, str]:
    """The days off from `first` to `last`: public holidays and the days moved; none without a country.

    Their names are in the reader's language where the library knows them in it.
    Source: the library `holidays`, which knows the transfers of a year once the government has published them.

    >>> list(holidays_of("RU", date(2026, 3, 1), date(2026, 3, 31)))
    [datetime.date(2026, 3, 8), datetime.date(2026, 3, 9)]
    """
    found = _calendar(country, first, last)
    return {day: found[day] for day in sorted(found) if first <= day <= last}


def worked_weekends_of(country: str, first: date, last: date) -> frozenset[date]:
    """The Saturdays and Sundays from `first` to `last` that are working days, for a day off was moved from them.

    >>> worked_weekends_of("RU", date(2025, 11, 1), date(2025, 11, 30))
    frozenset({datetime.date(2025, 11, 1)})
    """
    found = _calendar(country, first, last)
    return frozenset(day for day in getattr(found, "weekend_workdays", ()) if first <= day <= last)


def _calendar(country: str, first: date, last: date) -> Any:
    if not country:
        return {}
    from holidays import country_holidays

    try:
        return country_holidays(country, years=range(first.year, last.year + 1), language=NAMES_IN.get(language()))
    except NotImplementedError:
        raise KitError(_("no holidays are known of country {code}.").format(code=repr(country))) from None
