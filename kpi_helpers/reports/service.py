"""Service: how requests, calls and chats were answered, and the hours of the week in which it fails."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from kpi_helpers import tables
from kpi_helpers.charts.hours import plot_hours
from kpi_helpers.errors import KitError
from kpi_helpers.labels import write_date, write_period, write_value
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.monthly import Month
from kpi_helpers.reports.rows import keys_in, show_kpis
from kpi_helpers.reports.section import Section
from kpi_helpers.service import WorstHours, answer_table, by_hour, by_weekday, worst_hours
from kpi_helpers.service_words import finding_words, policy, write_duration
from kpi_helpers.tables import Column
from kpi_helpers.terms import TABLES

NAMES = {"leads": N_("Requests"), "calls": N_("Calls"), "chats": N_("Chats")}
COUNTS = ("came", "in_time", "late", "waiting", "unknown")
WINDOWS = (1, 3, 6, 12)  # months of a week: the fewest that fill it
FULL = 5 * 7 * 24  # five for each of its hours
ENOUGH, ENOUGH_BAD = 100, 10  # fewer in the longest window say nothing of hours
SUBTITLES = {
    "leads": N_("Share of requests answered late or never, the number says how many; {period}"),
    "calls": N_("Share of calls missed, the number says how many; {period}"),
    "chats": N_("Share of chats missed or answered after more than 15 seconds, the number says how many; {period}"),
}


@dataclass(frozen=True)
class Week:
    """A week by hours of one of the tables, from several weeks of `period`; the finding names the worst of them."""

    key: str
    cells: pd.DataFrame
    worst: WorstHours | None
    finding: str
    period: str

    @property
    def drawn(self) -> bool:
        """Calls and chats have a map where hours stand out; without that a sentence is enough."""
        return self.key == "leads" or self.worst is not None


def show_service(month: Month, card: pd.DataFrame) -> Section:
    """How fast requests, calls and chats were answered, what was not, and when in the week it fails."""
    section = show_kpis(month, card, "service", _("Service"), keys_in("service"))
    held = {key: _within(month, key, month.start) for key in NAMES if key in month.tables}
    answers = answer_table(held, month.company.hours)
    if answers.empty:
        return section
    section.lead = policy(month.company.hours, set(answers["table"]))
    weeks, unclear = _weeks(month, list(answers["table"]))
    said = [f"{week.finding} ({week.period})." for week in weeks if not week.drawn]
    _add_answers(section, answers, _notes(held) + said)
    for text in unclear:
        section.notice(text, _("Export it again with the time of day."))
    for week in weeks:
        if week.drawn:
            subtitle = _(SUBTITLES[week.key]).format(period=week.period)
            ax = plot_hours(week.cells, month.company.hours, week.key, finding=week.finding, subtitle=subtitle)
            section.chart(ax, week.finding)
    return section


def _within(month: Month, key: str, start: date | pd.Timestamp) -> pd.DataFrame:
    """The rows from `start` to the last day covered."""
    frame = month.tables[key]
    came = frame[TABLES[key].date].dt.tz_localize(None)
    return frame[(came >= pd.Timestamp(start)) & (came < pd.Timestamp(month.end) + pd.Timedelta(days=1))]


def _add_answers(section: Section, answers: pd.DataFrame, notes: list[str]) -> None:
    """The counts and times of the month, times in words on the page and in minutes in the spreadsheet."""
    heads = [_("Came"), _("In time"), _("Late"), _("Waiting"), _("Not known")]
    numbers = [*(Column(head, "count") for head in heads), Column(_("Share in time"), "share"),
               Column(_("Unanswered"), "count")]  # fmt: skip
    page = [Column(""), *numbers, Column(_("Half within"), "count"), Column(_("95% within"), "count")]
    sheet = [Column(""), *numbers, Column(_("Half within, min"), "ratio"), Column(_("95% within, min"), "ratio")]
    words, minutes, caption = [], [], _("How they were answered")
    for row in answers.to_dict("records"):
        cells = [_(NAMES[row["table"]]), *(row[name] for name in (*COUNTS, "share_in_time", "unanswered"))]
        times = row["median_seconds"], row["p95_seconds"]
        words.append([*cells, *map(write_duration, times)])
        minutes.append([*cells, *map(_minutes, times)])
    section.html(tables.data_table(page, words, caption=caption, note=" ".join(notes)))
    section.sheet(caption, sheet, minutes)


def _minutes(seconds: float) -> Any:
    return _("never") if math.isinf(seconds) else seconds / 60


def _notes(held: dict[str, pd.DataFrame]) -> list[str]:
    """How the table is to be read, what was never answered, and what still waits."""
    notes = [_("Times of requests are working time. Who was never answered counts among the late and as the longest.")]
    if len(held.get("calls", ())):
        notes.append(_("Calls have no due time: they are answered or missed."))
    return notes + _waiting_notes(held["leads"]) if len(held.get("leads", ())) else notes


def _waiting_notes(leads: pd.DataFrame) -> list[str]:
    unanswered = leads[leads["first_answer_at"].isna() & leads["due_at"].notna()]
    waits, never = unanswered[unanswered["in_time"].isna()], int((~unanswered["in_time"]).sum())
    notes = []
    if never:
        notes.append(ngettext(
            "{n} request was never answered, and its time is over.",
            "{n} requests were never answered, and their time is over.", never,
        ).format(n=write_value(never, "count")))  # fmt: skip
    if len(waits):
        due = waits["due_at"].min()
        notes.append(ngettext(
            "{n} request still waits: its answer is due on {day} at {time}.",
            "{n} requests still wait: the first answer is due on {day} at {time}.", len(waits),
        ).format(n=write_value(len(waits), "count"), day=write_date(due), time=f"{due:%H:%M}"))  # fmt: skip
    return notes


def _weeks(month: Month, keys: list[str]) -> tuple[list[Week], list[str]]:
    """The weeks of which enough is known; and what is said of exports that give no hours."""
    weeks, unclear = [], []
    for key in keys:
        try:
            weeks.append(_week(month, key))
        except KitError as error:
            unclear.append(f"{_(NAMES[key])}: {error.found}")
    return [week for week in weeks if week], unclear


def _week(month: Month, key: str) -> Week | None:
    """The week from the fewest months that fill it; None where too few are judged or were served badly."""
    first = month.tables[key][TABLES[key].date].min().tz_localize(None).normalize()
    for months in WINDOWS:
        start = max(pd.Timestamp(month.start) - pd.DateOffset(months=months - 1), first)
        days = by_hour(_within(month, key, start), key)
        judged = int(days["judged"].to_numpy().sum())
        if judged >= FULL:
            break
    bad = judged - int(days["good"].to_numpy().sum())
    if judged < ENOUGH or bad < ENOUGH_BAD:
        return None
    worst, period = worst_hours(days, month.company.hours), write_period(start.date(), month.end)
    return Week(key, by_weekday(days), worst, finding_words(key, worst, bad, judged), period)
