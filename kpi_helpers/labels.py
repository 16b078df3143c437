"""Names, numbers, money and dates as the reader writes them. Babel does the formatting; it is imported on first use."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from kpi_helpers.catalogue import KPIS, Style
from kpi_helpers.language import N_, _, in_all_languages, language, ngettext
from kpi_helpers.terms import MEASURES

NBSP = "\u00a0"
NO_VALUE = "—"

OWNERS = {"marketing": N_("marketing"), "sales": N_("sales"), "service": N_("service"), "shared": N_("shared")}
CHANNELS = {
    "yandex_direct": N_("Yandex Direct"),
    "vk_ads": N_("VK Ads"),
    "google_ads": N_("Google Ads"),
    "meta_ads": N_("Meta Ads"),
    "tiktok_ads": N_("TikTok Ads"),
    "linkedin_ads": N_("LinkedIn Ads"),
    "microsoft_ads": N_("Microsoft Ads"),
    "partner_network": N_("Partner network"),
    "paid_other": N_("Other paid advertising"),
    "organic_search": N_("Organic search"),
    "direct": N_("Direct visits"),
    "email": N_("E-mail"),
    "social": N_("Social networks, unpaid"),
    "referral": N_("Links from other sites"),
    "messenger": N_("Messengers"),
    "phone": N_("Phone"),
    "unknown": N_("Channel unknown"),
}
STYLES = {
    "count": N_("count"), "money": N_("money"), "share": N_("share"), "ratio": N_("ratio"), "multiple": N_("times"),
    "months": N_("months"), "points": N_("points"), "stars": N_("stars"),
}


SMALL_SHARE = 0.02  # below it a tenth of a point is much
LARGEST_CHANGE = 1e9  # from next to nothing to something: no percentage says it


_NUMBER = re.compile(r"(?P<number>[−-]?[\d,.\s]*\d)(?P<unit>\D*)")  # an amount whose unit stands behind it


def kpi_name(key: str) -> str:
    """The name of a KPI or measure as a heading, in the reader's language; an unknown key is shown as it is."""
    if key in KPIS:
        return _(KPIS[key].name)
    if key not in MEASURES:
        return key
    return upper_first(_(MEASURES[key].name))


def measure_name(key: str) -> str:
    """The name of a measure (or KPI) as it stands inside a formula."""
    row = MEASURES.get(key) or KPIS.get(key)
    return lower_first(_(row.name)) if row else key


def lower_first(name: str) -> str:
    """A name inside a sentence: its first letter small, unless it is an abbreviation.

    >>> lower_first("Qualified leads"), lower_first("CTR")
    ('qualified leads', 'CTR')
    """
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def upper_first(text: str) -> str:
    """A name or phrase where a sentence begins: its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def channel_name(key: object) -> str:
    """The name of a channel; a channel the kit does not know is shown as it is."""
    return _(CHANNELS[key]) if isinstance(key, str) and key in CHANNELS else str(key)


def owner_name(key: str) -> str:
    """The name of an owner in the reader's language."""
    return _(OWNERS[key]) if key in OWNERS else key


def find_key(word: str, names: Mapping[str, str]) -> str:
    """The key that a reader means: the key itself or its name in any language; an unknown word as it is.

    >>> find_key("Лиды", {"leads": "Leads"}), find_key("LEADS", {"leads": "Leads"})
    ('leads', 'leads')
    """
    said = " ".join(word.split()).casefold()
    return next((key for key, name in names.items() if said in {key, *map(str.casefold, in_all_languages(name))}), word)


def is_missing(value: Any) -> bool:
    """Whether there is no number to show."""
    return value is None or not math.isfinite(float(value))


def write_value(value: Any, style: Style | str, currency: str = "", *, short: bool = False) -> str:
    """A value in the style of its KPI: shares are fractions and are written as percent; no value is "—".

    `short` is for axes and prose: 1.2M, 1,2 млн ₽.
    """
    if is_missing(value):
        return NO_VALUE
    number = float(value)
    match style:
        case "share":
            return _percent(number, 0 if short or abs(number) >= 0.9995 else 2 if 0 < abs(number) < 0.00995 else 1)
        case "money":
            return write_money(number, currency, short=short)
        case "multiple":
            return _decimal(number, 2 if abs(number) < 10 else 1)
        case "ratio" | "stars":
            return _decimal(number, 2)
        case "months":
            return _("{n} mo.").format(n=_decimal(number, 1)).replace(" ", NBSP)
        case "points":
            return _decimal(number, 1)
    if short and abs(number) >= 10_000:
        return _compact(number)
    return _decimal(number, 0 if number == int(number) else 1)


def write_money(number: float, currency: str, *, short: bool = False, cents: bool = False) -> str:
    """An amount with its currency; small amounts with cents, large ones without, unless `cents` wants them.

    No currency: the number alone.
    """
    if short and abs(number) >= 10_000:
        text = _compact(abs(number))
    else:
        text = _decimal(abs(number), 2 if cents or 0 < abs(number) < 100 else 0)
    sign = "−" if number < 0 and text.strip("0.,") else ""
    symbol = currency_symbol(currency)
    if language() == "ru":
        return f"{sign}{text}{NBSP}{symbol}" if symbol else sign + text
    return f"{sign}{symbol}{NBSP if len(symbol) > 1 else ''}{text}"


def currency_symbol(currency: str) -> str:
    """The sign of a currency; English has none of its own for the ruble and writes ₽ all the same."""
    from babel.numbers import get_currency_symbol

    return get_currency_symbol(currency, locale="ru" if currency == "RUB" else language()) if currency else ""


def write_rate(share: Any) -> str:
    """A share as percent with two decimals, for rates that are small: 0.0312 is "3.12%"; no value is "—"."""
    return NO_VALUE if is_missing(share) else _percent(float(share), 2)


def write_change(now: Any, before: Any, style: Style | str) -> str:
    """The change from `before` to `now`: shares in percentage points, NPS in points, ratings in stars, everything else
    in percent."""
    if is_missing(now) or is_missing(before):
        return NO_VALUE
    difference = float(now) - float(before)
    if style == "share":
        digits = 2 if max(abs(float(now)), abs(float(before))) < SMALL_SHARE else 1
        return _("{points} pp").format(points=_signed(difference * 100, digits))
    if style in ("points", "stars"):
        return _signed(difference, 1 if style == "points" else 2)
    if before == 0 or before * now < 0 or abs(difference) > LARGEST_CHANGE * abs(float(before)):
        return NO_VALUE
    return _signed_percent(difference / abs(float(before)))


def write_difference(
    value: Any, style: Style | str, currency: str = "", *, short: bool = False, tenths: bool = False
) -> str:
    """A difference with its sign, in the KPI's own unit: "+39.9", "−220,000 ₽"; of shares in percentage points.

    `tenths`: counts below 1,000 have one decimal, also where it is 0.
    """
    if is_missing(value):
        return NO_VALUE
    number = float(value)
    if style == "share":
        return _("{points} pp").format(points=_signed(number * 100, 1))
    if style == "count" and (tenths or abs(number) >= 1000):
        return _signed(number, 1 if abs(number) < 1000 else 0)
    text = write_value(abs(number), style, currency, short=short)
    return text if text == write_value(0, style, currency) else ("+" if number > 0 else "−") + text


def write_interval(low: Any, high: Any, style: Style | str, currency: str = "", *, short: bool = False) -> str:
    """An interval as "low–high", or "" where there is none; `short`: amounts as in prose, 3,1–3,8 млн ₽."""
    if is_missing(low) or is_missing(high):
        return ""
    if style == "share":
        digits = 2 if abs(high - low) < 0.002 else 1 if abs(high - low) < 0.1 else 0
        return f"{_decimal(low * 100, digits)}–{_percent(high, digits)}"
    short = short and style == "money"
    ends = [write_value(end, style, currency, short=short) for end in (low, high)]
    number, unit = (_NUMBER.fullmatch(end) for end in ends)
    if style == "money" and number and unit and number["unit"] == unit["unit"]:
        ends[0] = number["number"]
        return "–".join(ends)
    return (" – " if short and NBSP in "".join(ends) else "–").join(ends)


def month_name(day: date, *, heading: bool = True) -> str:
    """A month as a heading, or inside a sentence: "October 2026"; "Октябрь 2026", "октябрь 2026"."""
    from babel.dates import format_date

    text = format_date(day, "LLLL y", locale=language())
    return upper_first(text) if heading else text


def month_span(first: date, last: date) -> str:
    """Whole months as a heading: "October 2025 – October 2026"; "Октябрь 2025 – октябрь 2026"."""
    return month_name(first) if first == last else f"{month_name(first)} – {month_name(last, heading=False)}"


def month_short(day: date) -> str:
    """A month on an axis: "Oct", "окт"."""
    from babel.dates import format_date

    return format_date(day, "LLL", locale=language()).rstrip(".")


def write_date(day: date) -> str:
    """A day in words: "31 October 2026", "31 октября 2026 г."."""
    from babel.dates import format_date

    return format_date(day, "d MMMM y" if language() == "en" else "long", locale=language())


def short_date(day: date) -> str:
    """A day for a table: "31 Oct 2026", "31.10.2026"."""
    from babel.dates import format_date

    return format_date(day, "d MMM y" if language() == "en" else "dd.MM.y", locale=language())


def write_period(start: date, end: date) -> str:
    """A period in words: "1–18 October 2026"."""
    if start == end:
        return write_date(end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{write_date(end)}"
    return f"{write_date(start)} – {write_date(end)}"


def write_days(days: int) -> str:
    """A number of days in words."""
    return ngettext("{n} day", "{n} days", days).format(n=days)


def write_list(words: list[str]) -> str:
    """Words joined by commas and "and"."""
    from babel.lists import format_list

    return format_list(words, locale=language()) if words else ""


def _percent(number: float, digits: int) -> str:
    number = 0.0 if round(number * 100, digits) == 0 else number
    return _written(number, digits, "%" if language() == "en" else f"{NBSP}%")


def _decimal(number: float, digits: int) -> str:
    number = 0.0 if round(number, digits) == 0 else number
    return _written(number, digits)


def _written(number: float, digits: int, sign: str = "") -> str:
    pattern, locale = _pattern(digits, sign, language())
    return str(pattern.apply(number, locale, numbering_system="latn")).replace("-", "−")


@lru_cache(maxsize=64)
def _pattern(digits: int, sign: str, lang: str) -> tuple[Any, Any]:
    """How so many digits are written in the language, read once: for babel that is most of the work."""
    from babel import Locale
    from babel.numbers import parse_pattern

    return parse_pattern(f"#,##0{'.' + '0' * digits if digits else ''}{sign}"), Locale.parse(lang)


def _compact(number: float) -> str:
    """A large number in short: one decimal where it carries information (1.2M), none in 12K and 120K."""
    from babel.numbers import format_compact_decimal

    thousands = Decimal(1000) ** int(math.log10(max(abs(number), 1)) // 3)
    digits = 1 if abs(number) / float(thousands) < 9.95 else 0
    rounded = thousands * (Decimal(str(number)) / thousands).quantize(Decimal(10) ** -digits, ROUND_HALF_UP)
    return format_compact_decimal(rounded, locale=language(), fraction_digits=digits).replace("-", "−")


def _signed(number: float, digits: int) -> str:
    text = _decimal(abs(number), digits)
    rounded = round(number, digits)
    return text if rounded == 0 else ("+" if rounded > 0 else "−") + text


def _signed_percent(number: float) -> str:
    digits = 1 if abs(number) < 0.0995 else 0
    rounded = round(number * 100, digits)
    return ("" if rounded == 0 else "+" if rounded > 0 else "−") + _percent(abs(number), digits)
