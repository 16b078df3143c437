"""What a company says of itself in `company.toml`: currency, time zone, working hours, stages, questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import LANGUAGES, N_, _
from kpi_helpers.opening import read_toml

FILE = "company.toml"
MOST_DAYS = 3660  # ten years: a customer silent for longer is active in no trade
MIDNIGHT = time.max  # the end of a day: the type knows no 24:00
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NearClosing = Literal["next_opening", "before_closing", "after_hours"]


@dataclass(frozen=True)
class WorkingHours:
    """When requests are answered: days of the week, opening and closing, the country whose public holidays are free.

    Closing at MIDNIGHT, the end of the day, is written "24:00".

    `near_closing`: when an answer is due where closing comes first (see `kpi_helpers.service.due_times`).
    """

    days: tuple[str, ...] = WEEKDAYS[:5]
    opens: time = time(9)
    closes: time = time(18)
    country: str = ""
    near_closing: NearClosing = "next_opening"

    @property
    def runs(self) -> list[tuple[int, int]]:
        """The first and the last (0 is Monday) of days that follow one another.

        >>> WorkingHours(("mon", "tue", "sat")).runs
        [(0, 1), (5, 5)]
        """
        works = [day in self.days for day in WEEKDAYS]
        starts = [day for day in range(7) if works[day] and not (day and works[day - 1])]
        return [(day, next((last for last in range(day, 6) if not works[last + 1]), 6)) for day in starts]


@dataclass(frozen=True)
class Company:
    """A company's settings; every one has a default, so that a bare folder of exports can be read."""

    name: str = ""
    currency: str = ""
    language: str = ""
    timezone: str = "UTC"
    vat: str = ""
    active_days: int = 90
    customers_since: date | None = None
    main_action: str = ""
    margin_share: float | None = None
    pay_charges: float = 0.0
    hours: WorkingHours = field(default_factory=WorkingHours)
    qualified_stages: tuple[str, ...] = ()
    won_stages: tuple[str, ...] = ()
    lost_stages: tuple[str, ...] = ()
    survey: Mapping[str, Any] = field(default_factory=dict)
    market_company: str = ""


# company.toml key -> field of Company (or of WorkingHours)
_PLACES = {
    "name": "name", "currency": "currency", "language": "language", "timezone": "timezone", "vat": "vat",
    "active_days": "active_days", "actions.main": "main_action", "margin.share": "margin_share",
    "customers.since": "customers_since",
    "working_hours.days": "days", "working_hours.opens": "opens", "working_hours.closes": "closes",
    "working_hours.country": "country",
    "working_hours.near_closing": "near_closing", "leads.qualified": "qualified_stages", "leads.won": "won_stages",
    "leads.lost": "lost_stages", "market.company": "market_company", "pay.charges": "pay_charges",
}
_SURVEY = ("aware_unaided", "aware_unaided_names", "aware_aided", "recommend", "satisfied", "target_audience", "weight",
           "population", "waves")  # fmt: skip
WAVES = ("month", "quarter", "year")
MOST_TRAITS = 3  # questions of the population: so many columns has a survey for them


def read_company(folder: Path) -> Company:
    """The settings in `folder`/company.toml, or the defaults with the folder's name; KitError names a wrong setting."""
    path = folder / FILE
    if not path.exists():
        return Company(name=folder.resolve().name)
    return _company(read_toml(path), folder)


def read_currency(code: str) -> str:
    """A currency code in capital letters, "" for none; KitError where it is no code."""
    return str(_checked("currency", code, where=""))


def _company(data: dict[str, Any], folder: Path) -> Company:
    survey = data.pop("survey", {})
    if not isinstance(survey, dict):
        raise KitError(_("unknown setting {key}.").format(key="survey"), _("Make it a section: [survey]."), where=FILE)
    known = {**_PLACES, **{f"survey.{name}": name for name in _SURVEY}}
    settings = _flatten(data)
    for key in [*settings, *(f"survey.{name}" for name in survey)]:
        if key not in known:
            raise KitError(_("unknown setting {key}.").format(key=key), did_you_mean(key, known), where=FILE)
    values = {_PLACES[key]: _checked(key, value) for key, value in settings.items()}
    hour_names = {item.name for item in fields(WorkingHours)}
    hours = WorkingHours(**{name: values.pop(name) for name in list(values) if name in hour_names})
    if hours.opens >= hours.closes:
        raise KitError(_("working hours must open before they close."), where=FILE)
    return Company(**{"name": folder.resolve().name, **values}, hours=hours, survey=_survey(survey))


def _survey(survey: dict[str, Any]) -> dict[str, Any]:
    """The section with its population and waves checked, and each question of the population as `trait_1`, …"""
    keys: list[str] = [key for key in ("weight", "population", "waves") if key in survey]
    checked = {key: _checked(f"survey.{key}", survey[key]) for key in keys}
    traits = {f"trait_{place}": trait for place, trait in enumerate(checked.get("population", {}), start=1)}
    return {**survey, **checked, **traits}


def _flatten(data: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            flat.update({f"{key}.{name}": inner for name, inner in value.items()})
        else:
            flat[key] = value
    return flat


def _checked(key: str, value: Any, where: str = FILE) -> Any:
    check = _CHECKS.get(key, _text)
    try:
        return check(value)
    except (TypeError, ValueError, ArithmeticError, ZoneInfoNotFoundError, OSError):
        raise KitError(
            _("{key} = {value} is not allowed.").format(key=key, value=repr(value)),
            _("Expected: {expected}.").format(expected=_(_EXPECTED.get(key, N_("text in quotes")))),
            where=where,
        ) from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value.strip()


def _one_of(*choices: str) -> Any:
    def check(value: Any) -> str:
        if _text(value) not in choices:
            raise ValueError(value)
        return _text(value)

    return check


def _currency(value: Any) -> str:
    code = _text(value).upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError(value)
    return code


def _timezone(value: Any) -> str:
    return ZoneInfo(_text(value)).key


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (str, list)):
        raise TypeError(value)
    return tuple(_text(item) for item in ([value] if isinstance(value, str) else value))


def _days(value: Any) -> tuple[str, ...]:
    days = tuple(_one_of(*WEEKDAYS)(item) for item in _texts(value))
    if not days:
        raise ValueError(value)
    return days


def _population(value: Any) -> dict[str, dict[str, float]]:
    if not isinstance(value, dict) or not 0 < len(value) <= MOST_TRAITS:
        raise ValueError(value)
    return {trait.strip(): _margin(shares) for trait, shares in value.items()}


def _margin(shares: Any) -> dict[str, float]:
    """The shares of one trait: of two answers or more, and together all of the population."""
    if not isinstance(shares, dict) or len(shares) < 2 or any(isinstance(part, bool) for part in shares.values()):
        raise ValueError(shares)
    margin = {answer.strip(): float(part) for answer, part in shares.items()}
    if not all(0 <= part <= 1 for part in margin.values()) or abs(sum(margin.values()) - 1) > 0.001:
        raise ValueError(shares)
    return margin


def _waves(value: Any) -> str | dict[str, date]:
    """How waves are cut, or the first day of each by its name, in their order."""
    if isinstance(value, str):
        return str(_one_of(*WAVES)(value))
    if not isinstance(value, dict) or not value:
        raise ValueError(value)
    read = {name: day if isinstance(day, date) else date.fromisoformat(_text(day)) for name, day in value.items()}
    days = {name.strip(): day for name, day in read.items()}
    if any(isinstance(day, datetime) for day in days.values()) or len(set(days.values())) < len(days):
        raise ValueError(value)
    return dict(sorted(days.items(), key=lambda wave: wave[1]))


def _country(value: Any) -> str:
    from holidays import list_supported_countries

    return _one_of(*list_supported_countries())(_text(value).upper()) if _text(value) else ""


def _share(value: Any) -> float:
    if isinstance(value, bool) or not 0 < float(value) < 1:
        raise ValueError(value)
    return float(value)


def _charges(value: Any) -> float:
    if isinstance(value, bool) or not 0 <= float(value) <= 1:
        raise ValueError(value)
    return float(value)


def _positive(value: Any) -> int:
    if isinstance(value, bool) or int(value) != value or not 1 <= value <= MOST_DAYS:
        raise ValueError(value)
    return int(value)


def _day(value: Any) -> date:
    day = value if isinstance(value, date) else date.fromisoformat(_text(value))
    if isinstance(day, datetime):
        raise ValueError(value)
    return day


def _closing(value: Any) -> time:
    return MIDNIGHT if value == "24:00" else _time(value)


def _time(value: Any) -> time:
    moment = value if isinstance(value, time) else time.fromisoformat(_text(value))
    if moment.tzinfo:
        raise ValueError(value)
    return moment


_CHECKS: dict[str, Any] = {
    "currency": _currency, "language": _one_of(*LANGUAGES), "timezone": _timezone,
    "vat": _one_of("", "included", "excluded"), "active_days": _positive, "margin.share": _share,
    "customers.since": _day,
    "working_hours.days": _days, "working_hours.opens": _time, "working_hours.closes": _closing,
    "working_hours.country": _country, "working_hours.near_closing": _one_of(*get_args(NearClosing)),
    "leads.qualified": _texts, "leads.won": _texts, "leads.lost": _texts, "pay.charges": _charges,
    "survey.population": _population, "survey.waves": _waves,
}
_EXPECTED = {
    "currency": N_("a currency code of three Latin letters, such as USD"),
    "language": N_('"en" or "ru"'),
    "timezone": N_('a time zone, such as "Europe/Moscow"'),
    "vat": N_('"included" or "excluded"'),
    "active_days": N_("a whole number of days"),
    "customers.since": N_("a day, such as 2024-01-31"),
    "margin.share": N_("a number between 0 and 1"),
    "working_hours.days": N_('a list of days, such as ["mon", "tue"]'),
    "working_hours.opens": N_('a time, such as "09:00"'),
    "working_hours.closes": N_('a time, such as "18:00"'),
    "working_hours.country": N_('a country code of two letters, such as "US"'),
    "working_hours.near_closing": N_('"next_opening", "before_closing" or "after_hours"'),
    "leads.qualified": N_("a list of stage names"),
    "leads.won": N_("a list of stage names"),
    "leads.lost": N_("a list of stage names"),
    "pay.charges": N_("a fraction between 0 and 1, such as 0.3 for 30 %"),
    "survey.population": N_("1 to 3 questions, each with its answers and their shares that add up to 1"),
    "survey.waves": N_('"month", "quarter" or "year", or the first day of each wave by its name'),
}
