"""Days and times as platforms write them: `31.10.2026`, `20261031`, `октябрь 2026`, `2026-10-31 14:05:11 -0400`."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from kpi_helpers.exports.values import KEEP_FILE, NO_DAY, Fault, Parsed
from kpi_helpers.exports.words import PLACEHOLDERS, Cells, Words
from kpi_helpers.language import N_

Period = tuple[date, date]
NOTHING = PLACEHOLDERS | NO_DAY
YEARS = range(1990, 2101)
LONGEST = 80  # characters: no date is longer, and a hostile cell must not cost time

NO_DATE = N_("is not a date")
WRITE_DATE = N_("Write dates as 2026-10-31.")
A_SERIAL = N_("is a date that a spreadsheet turned into a number")
UNCLEAR = N_("may mean the day or the month first")

_MONTHS = (
    ("january", "январь", "января"), ("february", "февраль", "февраля"), ("march", "март", "марта"),
    ("april", "апрель", "апреля"), ("may", "май", "мая"), ("june", "июнь", "июня"), ("july", "июль", "июля"),
    ("august", "август", "августа"), ("september", "сентябрь", "сентября"), ("october", "октябрь", "октября"),
    ("november", "ноябрь", "ноября"), ("december", "декабрь", "декабря"),
)  # fmt: skip
_WORD = r"([^\W\d_]{3,9})\.?"
_WEEKDAY = r"(?:[^\W\d_]{2,11}\.?,? )?"
_DAY_FORMS = (
    (re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"), "ymd"),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), "ymd"),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})"), "dmy"),
    (re.compile(r"(\d{4})[-/.]?(\d{2})"), "ym"),
    (re.compile(r"(\d{1,2})[./-](\d{4})"), "my"),
    (re.compile(rf"{_WEEKDAY}(\d{{1,2}}) {_WORD},? (\d{{4}})(?: ?г\.?| года)?"), "dMy"),
    (re.compile(rf"(\d{{1,2}})[-/]{_WORD}[-/](\d{{4}}|\d{{2}})"), "dMy"),  # as spreadsheets write it: 5-Feb-26
    (re.compile(rf"{_WEEKDAY}{_WORD} (\d{{1,2}}),? (\d{{4}})"), "Mdy"),
    (re.compile(rf"{_WORD},? (\d{{4}})(?: ?г\.?| года)?"), "My"),
    (re.compile(r"([1-4])[ -]?(?:й |-й )?кв(?:\.|артал)? ?(\d{4})(?: ?г\.?)?"), "qy"),
    (re.compile(r"q([1-4])[ -]?(\d{4})"), "qy"),
    (re.compile(r"(\d{4})[ -]?q([1-4])"), "yq"),
)
_DOTTED, _ISO = (re.compile(rf"(?:{day}(?:[ T]\d\d:\d\d(?::\d\d)?)?\n)*", re.ASCII)
                 for day in (r"\d\d\.\d\d\.\d{4}", r"\d{4}-\d\d-\d\d"))  # fmt: skip
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
_YEAR = re.compile(r"(\d{4})(?: ?г\.?| год)?")
_SERIAL = re.compile(r"[345]\d{4}(?:[.,]\d+)?")  # days since 1900: of 1982 to 2064
_RANGE = re.compile(r"(?:с |from )?(.+?)(?: [-–—] | по | to |–|—)(.+)")
_DAY = re.compile(
    r"(?<!\d)(?:\d{4}-\d{2}-\d{2}|\d{4}\.\d{2}\.\d{2}|\d{4}/\d{2}/\d{2}|\d{1,2}\.\d{1,2}\.\d{4}"
    r"|\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})"
    r"|(?:19|20)\d{6}|\d{1,2} [^\W\d_]{3,9}\.? \d{4})(?!\d)|[^\W\d_]{3,9}\.? \d{1,2}, \d{4}(?!\d)"
)
# A line that says when the file was made, and not of which days it speaks.
_MADE = re.compile(r"generated|created|exported|downloaded|report time|сформирован|создан|выгруж|скачан", re.IGNORECASE)
_MONTH = re.compile(r"(?<!\d)20\d{2}[-.](?:0[1-9]|1[0-2])(?!\d)|[^\W\d_]{3,9} 20\d{2}(?![-.]?\d)")
_CLOCK = (
    r"^(?P<day>.*?)(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?P<offset>Z|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|(?:UTC|GMT)[+-]\d{1,2}|UTC|GMT))?)?$"
)


def read_days(cells: Cells, *, zone: str = "UTC", order: str = "", last: bool = False, span: str = "") -> Parsed:
    """Cells as naive midnights (`datetime64[us]`), NaT where empty; months and ranges give their first or `last` day.

    `order` ("day first" or "month first") settles 10/3/2026 where the column itself does not show it; `span` ("week",
    "month" or "quarter") is what begins with the days that the cells name; "year": a bare 2026 is that year.

    >>> read_days(["октябрь 2026", "2026-10-31", "-"]).values.dt.strftime("%d.%m.%Y").tolist()
    ['01.10.2026', '31.10.2026', nan]
    """
    words = Words.of(cells)
    days = _usual(words.words) if len(words.words[:1] and words.words[0]) == 10 and not (last and span) else None
    if days is not None:
        return Parsed(words.spread(days))
    filled = words.without(NOTHING)
    settled = _settle_order(filled.words, order)
    periods = [_period_meant(word, settled, span) for word in filled.words]
    if None not in periods:
        days = np.array([_day_meant(period, last, span) for period in periods if period], dtype="datetime64[us]")
        return Parsed(filled.spread(days))
    moments, faults = _moments(filled.words, zone, order, last, span)
    return Parsed.of(filled, moments.dt.tz_localize(None).dt.normalize(), faults)


def read_times(cells: Cells, *, zone: str = "UTC", order: str = "", assumed: str = "") -> Parsed:
    """Cells as times in `zone` (`datetime64[us, zone]`), NaT where empty.

    Times with an offset are converted; those without are the clock of the zone `assumed`, else of `zone`: an hour that
    summer time skips becomes the next one there was, of an hour that comes twice the first is meant.
    """
    words = Words.of(cells)
    times = _usual(words.words)
    if times is not None:
        return Parsed(words.spread(in_zone(pd.Series(times), assumed or zone).dt.tz_convert(zone)))
    filled = words.without(NOTHING)
    moments, faults = _moments(filled.words, assumed or zone, order)
    return Parsed.of(filled, moments.dt.tz_convert(zone), faults)


def _usual(words: list[str]) -> np.ndarray | None:
    """Days or times (`datetime64[us]`) that are all written as 2026-10-31 14:05:00, or all as 31.10.2026; else None.

    Read all at once, as the bytes of a table whose columns are the places of the signs.
    """
    text = "".join(f"{word}\n" for word in words)
    dotted = _DOTTED.fullmatch(text)
    if not words or not (dotted or _ISO.fullmatch(text)) or len(text) != len(words) * (len(words[0]) + 1):
        return None
    signs = np.frombuffer(text.encode("ascii"), dtype="uint8").reshape(len(words), -1).copy()
    if dotted:
        signs[:, :10] = signs[:, [6, 7, 8, 9, 2, 3, 4, 5, 0, 1]]
        signs[:, [4, 7]] = ord("-")
    if (signs[:, -1] != ord("\n")).any():
        return None
    years = (signs[:, :4].astype("int64") - ord("0")) @ (1000, 100, 10, 1)
    return _counted(years, signs) if years.min() in YEARS and years.max() in YEARS else None


def _counted(years: np.ndarray, signs: np.ndarray) -> np.ndarray | None:
    """The moments that rows of signs write; None where there is no such day or time, as 2026-02-30.

    NumPy's own reading of bytes is not for them: it crashes on a wrong one among more than 500.
    """
    digits = signs.astype("int64") - ord("0")
    months, days, *clock = (digits[:, at] * 10 + digits[:, at + 1] for at in range(5, signs.shape[1] - 1, 3))
    first = ((years - 1970) * 12 + months - 1).astype("datetime64[M]")
    found = first.astype("datetime64[D]") + (days - 1)
    if months.min() < 1 or months.max() > 12 or (found.astype("datetime64[M]") != first).any():
        return None
    if any(part.max() >= limit for part, limit in zip(clock, (24, 60, 60), strict=False)):
        return None
    moments = found.astype("datetime64[us]")
    for part, unit in zip(clock, ("h", "m", "s"), strict=False):
        moments = moments + part.astype(f"timedelta64[{unit}]")
    return moments


@lru_cache(maxsize=20_000)
def read_period(text: str, order: str = "") -> Period | None:
    """The first and last day that a text means, or None. Never raises.

    >>> read_period("3 кв. 2026")
    (datetime.date(2026, 7, 1), datetime.date(2026, 9, 30))
    """
    if len(text) > LONGEST:
        return None
    words = " ".join(text.split()).casefold()
    single = _single(words, order)
    if single:
        return single
    parts = _RANGE.fullmatch(words)
    if not parts:
        return None
    start, end = _single(parts[1].strip(), order), _single(parts[2].strip(), order)
    return (start[0], end[1]) if start and end and start[0] <= end[1] else None


def find_stated_period(preamble: Sequence[Sequence[str]]) -> Period | None:
    """The first and last day that the rows above the headings state, or None.

    A line with two days says it; else two days on lines of their own; else a line that names a month.
    """
    lines = [re.sub(r"\s+", " ", ", ".join(row)) for row in preamble]
    order = _settle_order((word for line in lines for word in _DAY.findall(line)), "")
    told = [line for line in lines if not _MADE.search(line)]
    days = [[found for word in _DAY.findall(line) if (found := read_period(word, order))] for line in told]
    every = [day for line in days for day in line]
    for stated in (*(line for line in days if len(line) > 1), every):
        if len(stated) > 1:
            return min(day[0] for day in stated), max(day[1] for day in stated)
    parts = (part.strip(" #,;") for line in told for part in (line, line.rpartition(":")[2]))
    return next((period for part in parts if (period := read_period(part))), None)


def find_named_period(name: str) -> Period | None:
    """The period that a file's name states: two days, or a month ("vk 2026-10.csv"), or None."""
    stem = name.rpartition("/")[2].rpartition(".")[0] or name
    spaced = stem.replace("_", " ")
    days = [found for word in _DAY.findall(spaced) if (found := read_period(word))]
    if len(days) > 1:
        return min(day[0] for day in days), max(day[1] for day in days)
    months = [found for word in _MONTH.findall(spaced) if (found := read_period(word))] if not days else []
    return months[0] if len(months) == 1 else None


def _period_meant(word: str, order: str, span: str) -> Period | None:
    """The period that a word means; a bare year alone is one where the layout says so."""
    if span == "year" and (named := _YEAR.fullmatch(word.strip().casefold())) and int(named[1]) in YEARS:
        return date(int(named[1]), 1, 1), date(int(named[1]), 12, 31)
    return read_period(word, order)


def _day_meant(period: Period, last: bool, span: str) -> date:
    """The first day of a period, or its last: of a single day, that of the week, month or quarter that it begins."""
    if not last:
        return period[0]
    if period[0] < period[1] or span in ("", "year"):
        return period[1]
    if span == "week":
        return period[0] + timedelta(days=6)
    return (pd.Timestamp(period[0]) + pd.DateOffset(months=3 if span == "quarter" else 1, days=-1)).date()


def _moments(
    words: list[str], zone: str, order: str, last: bool = False, span: str = ""
) -> tuple[pd.Series, list[Fault]]:
    parts = pd.Series([word[: LONGEST + 1] for word in words], dtype="str").str.extract(_CLOCK)
    day_codes, day_words = pd.factorize(parts["day"].fillna(""))
    order = _settle_order(day_words, order)
    periods = [_period_meant(word, order, span) for word in day_words]
    known = pd.Series([pd.Timestamp(_day_meant(period, last, span)) if period else pd.NaT for period in periods],
                      dtype="datetime64[us]")  # fmt: skip
    days = pd.Series(known.take(day_codes).array, dtype="datetime64[us]")
    moments = _with_offsets(days + _clock(parts), parts["offset"], zone)
    bad = moments.isna().to_numpy()
    serial = bad & parts["day"].fillna("").str.fullmatch(_SERIAL).to_numpy(dtype=bool)
    unclear = bad & parts["day"].fillna("").str.fullmatch(_SLASHED).to_numpy(dtype=bool) & (not order)
    return moments, [
        (serial, A_SERIAL, KEEP_FILE), (bad & ~unclear & ~serial, NO_DATE, WRITE_DATE), (unclear, UNCLEAR, WRITE_DATE),
    ]  # fmt: skip


def _clock(parts: pd.DataFrame) -> pd.Series:
    hour, minute, second = (pd.to_numeric(parts[name]).fillna(0) for name in ("hour", "minute", "second"))
    half = parts["half"].str.lower()
    wrong = (minute > 59) | (second > 59) | (hour > 23) | (half.notna() & ~hour.between(1, 12))
    hour = hour.where(half.isna(), hour % 12) + 12 * (half == "p")
    return pd.to_timedelta((hour * 3600 + minute * 60 + second).mask(wrong), unit="s").astype("timedelta64[us]")


def in_zone(naive: pd.Series, zone: str) -> pd.Series:
    """Naive times as the clock of a zone: an hour that it skips is the next one, of one that comes twice the first."""
    first = np.ones(len(naive), dtype=bool)
    return naive.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")


def _with_offsets(naive: pd.Series, offset: pd.Series, zone: str) -> pd.Series:
    local = in_zone(naive, zone)
    if not offset.notna().any():
        return local
    digits = offset.str.extract(r"([+-])(\d{1,2}):?(\d{2})?$")
    minutes = (pd.to_numeric(digits[1]) * 60 + pd.to_numeric(digits[2]).fillna(0)).fillna(0)
    minutes *= np.where(digits[0] == "-", -1, 1)
    shifted = (naive - pd.to_timedelta(minutes, unit="min").astype("timedelta64[us]")).dt.tz_localize("UTC")
    return local.where(offset.isna(), shifted.dt.tz_convert(zone)).astype(local.dtype)


def _settle_order(words: Iterable[str], order: str) -> str:
    slashed = [match for word in words for match in [_SLASHED.fullmatch(word)] if match]
    day_first = any(int(match[1]) > 12 for match in slashed)
    month_first = any(int(match[2]) > 12 for match in slashed)
    if day_first == month_first:
        return order
    return "day first" if day_first else "month first"


def _single(text: str, order: str) -> Period | None:
    slashed = _SLASHED.fullmatch(text)
    if slashed and order:
        return _period("dmy" if order == "day first" else "mdy", slashed.groups())
    matches = ((form, pattern.fullmatch(text)) for pattern, form in _DAY_FORMS)
    return next((_period(form, match.groups()) for form, match in matches if match), None)


def _period(form: str, parts: tuple[str, ...]) -> Period | None:
    named = dict(zip(form, parts, strict=True))
    year = int(named["y"]) + (2000 if len(named["y"]) == 2 else 0)
    if "M" in named:
        named["m"] = str(_month(named["M"]))
    if year not in YEARS:
        return None
    if "q" in named:
        last = int(named["q"]) * 3
        return date(year, last - 2, 1), date(year, last, monthrange(year, last)[1])
    month = int(named["m"])
    if not 1 <= month <= 12:
        return None
    length = monthrange(year, month)[1]
    if "d" not in named:
        return date(year, month, 1), date(year, month, length)
    day = int(named["d"])
    return (date(year, month, day), date(year, month, day)) if 1 <= day <= length else None


def _month(word: str) -> int:
    """The number of a month by its name or its beginning ("окт", "Sept"); 0 where there is none."""
    if len(word) < 3:
        return 0
    return next((number for number, names in enumerate(_MONTHS, 1) if any(name.startswith(word) for name in names)), 0)
