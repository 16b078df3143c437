"""The questions on service levels of the lesson on owners: when an answer was due, and how many came in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from kpi_helpers.calendars import holidays_of
from kpi_helpers.company import WEEKDAYS, WorkingHours
from kpi_helpers.labels import channel_name, month_name, write_value
from kpi_helpers.language import _, language
from kpi_helpers.lessons.figures import Figures, Lacking, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.service.due import AFTER_OPENING, ANSWER_WITHIN
from kpi_helpers.service_words import hours_in_words

ON_THE_DOT = pd.Timedelta(0)
LEAST = 15  # requests of which a share is asked
WHOLE = 0.01
LAST = 400  # requests, from which one is drawn
DAY = "EEEE, d MMMM y"
MOMENT = f"{DAY}, H:mm"


@dataclass(frozen=True)
class Answers:
    """Requests whose time is over: answered in time, answered late, never answered."""

    name: str
    in_time: float
    late: float
    never: float

    @property
    def share(self) -> float:
        return self.in_time / (self.in_time + self.late + self.never)


def ask_due(figures: Figures, lot: Lot) -> Choice:
    """When the answer to a request was due that came while nobody worked, before a day on which nobody works."""
    hours = figures.exports.company.hours
    requests = _requests(figures).tail(LAST)
    cases = [row for row in requests.to_dict("records") if _is_trap(row["created"], row["due"], hours)]
    if not cases:
        raise Lacking(_("the exports show no request that came before a day off."))
    row = lot.one(cases)
    moments = {"right": row["due"], **_wrong(row["created"], row["due"], hours)}
    text = _(
        "A request came in: {moment}. Working hours: {hours}. A request that comes in during working hours must "
        "be answered within 15 minutes of working time; one that comes in outside them, by the end of the first "
        "hour after the office opens. When was this answer due?"
    )
    return Choice(
        text=text.format(moment=_moment(row["created"]), hours=hours_in_words(hours)),
        answer="right", options=tuple(Option(key, _moment(moment)) for key, moment in moments.items()),
        slips=tuple(slip_to(name, name) for name in moments if name != "right"),
        hints=(
            _("Was the office open when it came in? And on the days after: weekend, public holiday?"),
            _("Find the next opening on a working day. From there the first working hour runs."),
        ),
        because=" ".join(filter(None, (
            _("The clock runs while the office is open; the first hour is there for what came in while it was closed."),
            _free_day(row["created"], row["due"], hours)))),
        solution=_("Next opening: {opening}. One hour later: {due}.").format(
            opening=_moment(row["due"] - AFTER_OPENING), due=_moment(row["due"])),
    )  # fmt: skip


def ask_share(figures: Figures, lot: Lot) -> Number:
    """The share answered in time where some were never answered."""
    return lot.clear(list_answers(figures), _ask_share)[1]


def list_answers(figures: Figures) -> list[Answers]:
    """The months, of the company and of channels, with enough requests of which some were never answered.

    Lacking where there is none.
    """
    requests = _requests(figures)
    requests = requests[requests["month"].isin(figures.months)]
    months = {month_name(month): rows for month, rows in _groups(requests, "month")}
    parts = {f"{channel_name(channel)}, {month_name(month, heading=False)}": some
             for month, rows in _groups(requests, "month") for channel, some in _groups(rows, "channel")}  # fmt: skip
    counted = [_count(name, rows) for name, rows in {**months, **parts}.items() if len(rows) >= LEAST]
    found = [case for case in counted if case.never and case.in_time]
    if not found:
        raise Lacking(_("the exports do not show which requests were never answered."))
    return found


def _groups(requests: pd.DataFrame, name: str) -> list[tuple[Any, pd.DataFrame]]:
    return [(key, rows) for key, rows in requests.groupby(name)]


def _count(name: str, requests: pd.DataFrame) -> Answers:
    in_time, never = float(requests["in_time"].sum()), float(requests["answered"].isna().sum())
    return Answers(name, in_time, len(requests) - in_time - never, never)


def _ask_share(case: Answers) -> Number:
    parts = {"in_time": case.in_time, "late": case.late, "never": case.never}
    counts = {name: write_value(number, "count") for name, number in parts.items()}
    text = _("{name}: of the requests whose deadline has passed, {in_time} were answered in time, {late} late, "
             "{never} never. What share was answered in time, in whole percent?")  # fmt: skip
    return Number(
        text=text.format(name=case.name, **counts), answer=case.share, style="share", rounding=WHOLE,
        slips=(slip("answered_only", **parts), slip("any_answer_counts", **parts)),
        hints=(
            _("Which requests should have been answered by now?"),
            _("Answered in time, of all three groups together."),
        ),
        because=_("A request that nobody answers is as late as can be. Left out, it would make the number look "
                  "better."),
        solution=_("{in_time} / ({in_time} + {late} + {never}) = {share}").format(
            share=write_value(case.share, "share"), **counts),
    )  # fmt: skip


def _requests(figures: Figures) -> pd.DataFrame:
    """The requests that were due and are judged, with local times; Lacking where the exports do not tell."""
    leads = figures.history.month.tables.get("leads", pd.DataFrame({"due_at": []}))
    leads = leads[leads["due_at"].notna() & leads["in_time"].notna()] if "in_time" in leads else leads.head(0)
    if leads.empty:
        raise Lacking(_("the exports do not show when requests were answered."))
    times = {name: leads[column].dt.tz_localize(None) for name, column in (
        ("created", "created_at"), ("answered", "first_answer_at"), ("due", "due_at"))}  # fmt: skip
    month = times["created"].dt.to_period("M").dt.to_timestamp()
    return pd.DataFrame({**times, "month": month, "channel": leads["channel"], "in_time": leads["in_time"]})


def _is_trap(created: pd.Timestamp, due: pd.Timestamp, hours: WorkingHours) -> bool:
    """Whether it came outside working hours, and every wrong way leads to another moment."""
    moments = [due, *_wrong(created, due, hours).values()]
    return due - AFTER_OPENING > created and due.time() == _opens(due, hours, AFTER_OPENING).time() and len(
        set(moments)) == len(moments)  # fmt: skip


def _wrong(created: pd.Timestamp, due: pd.Timestamp, hours: WorkingHours) -> dict[str, pd.Timestamp]:
    """What each misconception takes for the moment that is due."""
    next_day = created if created < _opens(created, hours) else created + pd.Timedelta(days=1)
    forgotten = next(iter(_free_weekdays(created, due, hours)), next_day)
    return {
        "due_without_hours": created + ANSWER_WITHIN,
        "day_off_as_working_day": _opens(forgotten, hours, AFTER_OPENING),
        "no_first_hour": due - AFTER_OPENING + ANSWER_WITHIN,
    }


def _free_weekdays(created: pd.Timestamp, due: pd.Timestamp, hours: WorkingHours) -> dict[pd.Timestamp, str]:
    """The public holidays between both that would have been working days by their weekday, and their names."""
    days = pd.date_range(created.normalize() + pd.Timedelta(days=1), due.normalize() - pd.Timedelta(days=1))
    free = holidays_of(hours.country, created.date(), due.date())
    return {day: free[day.date()] for day in days if day.date() in free and WEEKDAYS[day.weekday()] in hours.days}


def _free_day(created: pd.Timestamp, due: pd.Timestamp, hours: WorkingHours) -> str:
    """The public holiday that is easily forgotten, where there is one, by its name."""
    for day, name in _free_weekdays(created, due, hours).items():
        return _("{day}: closed, {holiday}.").format(day=_moment(day, DAY), holiday=name)
    return ""


def _opens(day: pd.Timestamp, hours: WorkingHours, later: pd.Timedelta = ON_THE_DOT) -> pd.Timestamp:
    return pd.Timestamp(datetime.combine(day.date(), hours.opens)) + later


def _moment(moment: pd.Timestamp, form: str = MOMENT) -> str:
    from babel.dates import format_datetime

    return format_datetime(moment.to_pydatetime(), form, locale=language())
