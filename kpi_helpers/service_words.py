"""Service in words: by which rule answers are due, how long they took, and when in the week it fails."""

from __future__ import annotations

import math
from collections.abc import Collection

from kpi_helpers.company import MIDNIGHT, WorkingHours
from kpi_helpers.labels import NBSP, NO_VALUE, write_value
from kpi_helpers.language import N_, _, language
from kpi_helpers.service import WorstHours

NEAR_CLOSING = {
    "next_opening": N_("where closing comes first, the rest of the time counts from the next opening"),
    "before_closing": N_("where closing comes first, the answer is due by closing"),
    "after_hours": N_("where closing comes first, they are due as if they had come after it"),
}
FINDINGS = {
    "leads": N_("Requests answered late: {found}"),
    "calls": N_("Missed calls: {found}"),
    "chats": N_("Chats answered late or missed: {found}"),
}
DAYS = {
    "mon": N_("on Mondays"), "tue": N_("on Tuesdays"), "wed": N_("on Wednesdays"), "thu": N_("on Thursdays"),
    "fri": N_("on Fridays"), "sat": N_("on Saturdays"), "sun": N_("on Sundays"),
}  # fmt: skip


def policy(hours: WorkingHours, keys: Collection[str]) -> str:
    """When the answers to requests ("leads") and chats are due; "" where there are only calls."""
    requests = _(
        "Requests are due within 15 minutes of working time ({hours}); {near_closing}; what comes outside these hours "
        "is due one hour after the next opening."
    ).format(hours=hours_in_words(hours), near_closing=_(NEAR_CLOSING[hours.near_closing]))
    parts = {"leads": requests, "chats": _("Chats are due within 15 seconds.")}
    return " ".join(text for key, text in parts.items() if key in keys)


def hours_in_words(hours: WorkingHours) -> str:
    """Working hours as "Mon–Fri 9:00–18:00, free on public holidays: United States"."""
    from babel import Locale

    names, known = Locale.parse(language()).days["format"]["abbreviated"], Locale.parse(language()).territories
    days = ", ".join(names[first] if first == last else f"{names[first]}–{names[last]}" for first, last in hours.runs)
    times = "–".join("24:00" if moment == MIDNIGHT else f"{moment.hour}:{moment:%M}"
                     for moment in (hours.opens, hours.closes))  # fmt: skip
    if not hours.country:
        return _("{hours}, also on public holidays: no country is set").format(hours=f"{days} {times}")
    country = known.get(hours.country, hours.country)
    return _("{hours}, free on public holidays: {country}").format(hours=f"{days} {times}", country=country)


def write_duration(seconds: float) -> str:
    """A time in words: "9 sec", from a minute on "12 min", "3 hr 23 min"; "never" (inf) where there was no answer."""
    from babel.units import format_unit

    if math.isnan(seconds):
        return NO_VALUE
    if math.isinf(seconds):
        return _("never")
    whole = round(seconds) if round(seconds) < 60 else 60 * round(seconds / 60)
    parts = {"hour": whole // 3600, "minute": whole % 3600 // 60, "second": whole % 60}
    shown = {unit: number for unit, number in parts.items() if number} or {"second": 0}
    words = (format_unit(number, f"duration-{unit}", "short", locale=language()) for unit, number in shown.items())
    return NBSP.join(str(word) for word in words).replace(" ", NBSP)


def finding_words(key: str, worst: WorstHours | None, bad: int, judged: int) -> str:
    """How many were served badly, and in which hours of the week above all, where any stand out."""
    numbers = {"bad": bad, "all": judged} if worst is None else {
        name: getattr(worst, name) for name in ("bad", "judged", "bad_else", "judged_else")
    }  # fmt: skip
    text = _("{bad} of {all}, no hours of the week stand out") if worst is None else _(
        "most often {when} ({bad} of {judged}, at other times {bad_else} of {judged_else})")  # fmt: skip
    words = {name: write_value(number, "count") for name, number in numbers.items()}
    return _(FINDINGS[key]).format(found=text.format(when=worst and when_words(worst), **words))


def when_words(worst: WorstHours) -> str:
    """Days and hours as "on Fridays from 17:00 to 24:00"."""
    many = _("every day") if len(worst.days) == 7 else _("on days off")
    days = _(DAYS[worst.days[0]]) if len(worst.days) == 1 else many
    if (worst.start, worst.end) == (0, 24):
        return days
    return _("{days} from {start} to {end}").format(days=days, start=f"{worst.start}:00", end=f"{worst.end}:00")
