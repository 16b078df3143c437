"""Targets: a year's goal has a shape, a date has a plan of its own, a landing is a range, and one rise is no trend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from kpi_helpers.charts import plot_pace
from kpi_helpers.labels import month_name, write_difference, write_rate, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.lessons.chapters.targets_cases import (
    COMPARED,
    JUDGED,
    RAISES,
    Race,
    Stand,
    Year,
    find_year,
    list_races,
    list_rises,
    list_stands,
)
from kpi_helpers.lessons.chapters.targets_signal import ask_growth, ask_signal
from kpi_helpers.lessons.chapters.targets_start import ask_prediction, find_start, right_of
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.misconceptions import slip
from kpi_helpers.lessons.questions import Number
from kpi_helpers.lessons.script import BLANK, Experiment, Paragraph, Script, Shown, Slider, Step, steps_table
from kpi_helpers.tables import Column, data_table

SEEN = 0.01  # of the plan: so far from the calendar is worth a sentence


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on the last year of what the company counts by day."""
    year = find_year(figures, lot.one(RAISES))
    races = list_races(figures, year)
    stands = list_stands(races)
    start = find_start(lot.shuffled(stands), lot.one((True, True, False)))
    others = [stand for stand in stands if stand.race is not start.race]
    example = lot.one([stand for stand in others if stand.race.adds_up] or others)
    exact = [race for race in races if race.adds_up] or races
    blank_race, blank = lot.clear([race for race in exact if race is not example.race], ask_target)
    left = [stand for stand in others if stand.race not in (example.race, blank_race)]
    rises = list_rises(figures, COMPARED)
    return Script(
        predict=ask_prediction(start), explore=follow_month(start), explain=lambda said: explain(start, said),
        example=work_out(example), blank=blank,
        fresh=[lot.clear(left, ask_to_date)[1], lot.clear(rises, ask_growth)[1]],
        leave=ask_signal(lot, list_rises(figures, JUDGED)),
        remember=(
            _("A year's goal is split by the shape of last year, never by twelve."),
            _("What should be there by the 18th depends on weekdays and holidays, not on 18 of 31 days."),
            _("A forecast for a month is a range with a chance. In the first half of the month it is wide, and "
              "it moves."),
            _("Compare a month with the same month of last year, and call it a change only outside its usual range."),
        ),
    )  # fmt: skip


def follow_month(stand: Stand) -> Experiment:
    race = stand.race

    def show(set_to: Mapping[str, Any]) -> Shown:
        day = int(set_to["day"])
        pace, over = race.pace(day), day == len(race.days)
        actual = race.brought.where(race.brought.index <= race.days[day - 1])
        fan = (round(pace.low), round(pace.landing), round(pace.high)) if np.isfinite(pace.low) and not over else None
        words = _at_end(race) if over else _on_the_way(race, day)
        ax = plot_pace(
            list(race.days), list(actual), list(race.line), fan, finding=_finding(race, day),
            subtitle=_("{name}: sum since the 1st, by day; dashed: the plan").format(name=race.name),
        )  # fmt: skip
        return Shown(words, ax, words)

    return Experiment(
        task=_("This month is over, so you can walk through it. Move the day from the 1st to the last. Watch the "
               "fan, the range in which the month may land: how far does it move in the first ten days, and when "
               "does it become narrow?"),
        controls=[Slider("day", _("Day of the month"), 1, len(race.days), 1, stand.day)],
        show=show,
    )  # fmt: skip


def _finding(race: Race, day: int) -> str:
    pace = race.pace(day)
    if day == len(race.days):
        met = race.came >= race.target
        form = _("In the end {came}: the plan is reached") if met else _("In the end {came}: the plan is missed")
        return form.format(came=_count(race.came))
    if not np.isfinite(pace.low):
        return _("Day {day}: too early for a range").format(day=day)
    return _("Day {day}: the month may land between {low} and {high}").format(
        day=day, low=_count(pace.low), high=_count(pace.high))  # fmt: skip


def _on_the_way(race: Race, day: int) -> str:
    pace = race.pace(day)
    words = _("Day {day}: {done} have come, the plan to date is {planned}.").format(
        day=day, done=_count(pace.done), planned=_count(pace.plan_to_date))  # fmt: skip
    if not np.isfinite(pace.low):
        return words
    ahead = _("It may land at about {landing}, between {low} and {high}; the chance to reach {target} is {chance}.")
    return words + " " + ahead.format(
        landing=_count(pace.landing), low=_count(pace.low), high=_count(pace.high), target=_count(race.target),
        chance=write_value(pace.chance, "share", short=True))  # fmt: skip


def _at_end(race: Race) -> str:
    words = _("The month is over: {came} came, the plan was {target}.")
    return words.format(came=_count(race.came), target=_count(race.target))


def explain(stand: Stand, said: Any) -> list[Paragraph]:
    race, pace = stand.race, stand.race.pace(stand.day)
    right = right_of(stand)
    begin = {
        "yes": _("You expected the plan to be reached."),
        "no": _("You expected the plan to be missed."),
        "open": _("You found it too early to say, and it was.") if right == "open"
        else _("You found it too early to say. By then it was nearly decided."),
    }.get(str(said), "")  # fmt: skip
    facts = _("On {date} the range was {low} to {high}, with a chance of {chance} for the plan of {target}.").format(
        date=stand.date, low=_count(pace.low), high=_count(pace.high), target=_count(race.target),
        chance=write_value(pace.chance, "share", short=True))  # fmt: skip
    ended = _("In the end {came} came, and the plan was missed.")
    if race.came >= race.target:
        ended = _("In the end {came} came, and the plan was reached.")
    facts += " " + ended.format(came=_count(race.came))
    if stand.misleads:
        facts += " " + _("The first days alone pointed the other way.")
    odd = stand
    if abs(stand.part - stand.calendar) < SEEN:
        odd = max(list_stands([race]), key=lambda day: abs(day.part - day.calendar))
    shape = _("Not every day brings the same.")
    if odd is not stand:
        shape += " " + _("Take another day of the same month.")
    shape += " " + _("By the end of {date}, {calendar} of the month's days were over, but by this company's weekdays "
                     "and holidays {part} of the plan was due. So the plan to date was {planned}.").format(
        date=odd.date, calendar=_share(odd.calendar), part=_share(odd.part), planned=_count(odd.planned))  # fmt: skip
    fan = _("The range comes from the company's earlier months: if one had forecast them on the same day, how "
            "far off would it have been? It is meant to be right for four months out of five. So one in five "
            "lands outside it.")  # fmt: skip
    if pace.tests:
        fan += " " + ngettext("In {n} earlier month it was right {share} of the time.",
                              "For {n} earlier months it was right {share} of the time.", pace.tests).format(
            n=pace.tests, share=write_value(pace.coverage, "share", short=True))  # fmt: skip
    days, missed = race.missed
    if missed:
        fan += " " + _("In this month it was wrong on {missed} of {days} days.").format(missed=missed, days=days)
    usual = _("A whole month also moves by chance. Its usual range says between which values nearly every month lies "
              "when nothing special happens; it is counted from the months before. A month outside it is a "
              "signal.")  # fmt: skip
    facts = f"{begin} {facts}" if begin else facts
    return [facts, shape, fan, _twelfths(race.year), split_table(race.year), usual]


def _twelfths(year: Year) -> str:
    words = _("The year has a shape, too. Divided by twelve, its goal of {goal} asks for {twelfth} each month. "
              "If the year went exactly like the last one ({period}), only {raised} larger, {n} of 12 months would "
              "still be “below plan”. So each month gets the share that it had last year.")  # fmt: skip
    return words.format(goal=_count(year.goal), twelfth=_count(year.twelfth), raised=_whole(year.raised),
                        n=year.below_twelfth, period=year.period_before)  # fmt: skip


def split_table(year: Year) -> Markup:
    """The year's goal by month, which adds up exactly."""
    columns = [Column(_("Month")), Column(_("Last year"), "count"), Column(_("A twelfth"), "count"),
               Column(_("Target"), "count")]  # fmt: skip
    months = pd.DatetimeIndex(year.plan.index)
    rows = [[month_name(month), year.last(month), round(year.twelfth), year.plan[month]] for month in months]
    note = _("The targets add up to the goal exactly; the rounded twelfths do not have to.")
    return Markup(data_table(columns, rows, caption=_("{kpi}: last year and the year's goal of {goal}").format(
        kpi=year.name, goal=_count(year.goal)), note=note))  # fmt: skip


def work_out(stand: Stand) -> list[Step]:
    """From the year's goal to the plan of a date."""
    race = stand.race
    return [
        *target_steps(race),
        Step(_("Part of the month's plan due by the end of {date}").format(date=stand.date),
             _("weekdays and holidays, learned from the months before"), _share(stand.part)),
        Step(_("Plan to date"), f"{_count(race.target)} × {_share(stand.part)}", _count(round(stand.planned))),
        Step(_("Ahead of it or behind"), f"{_count(stand.done)} − {_count(round(stand.planned))}",
             write_difference(stand.done - round(stand.planned), "count")),
    ]  # fmt: skip


def target_steps(race: Race, blank: bool = False) -> list[Step]:
    """From last year to the month's target, which is left out where it is the `blank`."""
    year, before = race.year, race.month.replace(year=race.month.year - 1)
    total = _count(float(year.before.sum()))
    share = write_rate(year.part(race.month))
    return [
        Step(_("Goal of the year: {raised} above last year ({period})").format(
                 raised=_whole(year.raised), period=year.period_before),
             f"{total} × {write_value(1 + year.raised, 'ratio')}", _count(year.goal)),
        Step(_("Share of {month} in last year").format(month=month_name(before, heading=False)),
             f"{_count(year.last(race.month))} / {total}", share),
        Step(_("Target of {month}").format(month=month_name(race.month, heading=False)),
             BLANK if blank else f"{_count(year.goal)} × {share}", BLANK if blank else _count(race.target)),
    ]  # fmt: skip


def ask_target(race: Race) -> Number:
    year = race.year
    return Number(
        text=_("{name}. The year's goal is split by the shape of last year. What is the month's target?").format(
            name=race.name),
        given=steps_table(target_steps(race, blank=True)), answer=race.target,
        slips=(slip("equal_twelfths", goal=year.goal), slip("growth_left_out", last=year.last(race.month))),
        hints=(
            _("Which part of last year did this month bring? It gets the same part of the goal."),
            _("Multiply the goal of the year by the month's share of last year."),
        ),
        because=_("The month gets the part of the goal that it had of last year; the 12 targets add up to the goal."),
        solution=_("{goal} × {share} = {target}").format(
            goal=_count(year.goal), share=write_rate(year.part(race.month)), target=_count(race.target)),
    )  # fmt: skip


def ask_to_date(stand: Stand) -> Number:
    race = stand.race
    text = _("{name}: the target is {target}. By the end of {date}, day {day} of {days}, the count is {done}. "
             "Going by weekdays and holidays, {part} of the month's plan is due by then. How far is the month "
             "ahead of its plan to date (+) or behind it (−)? A whole number is enough.")  # fmt: skip
    return Number(
        text=text.format(name=race.name, target=_count(race.target), date=stand.date, day=stand.day,
                         days=len(race.days), done=_count(stand.done), part=_share(stand.part)),
        answer=stand.done - stand.planned,
        slips=(
            slip("days_share", done=stand.done, target=race.target, day=stand.day, days=len(race.days)),
            slip("month_for_date", done=stand.done, target=race.target),
        ),
        hints=(
            _("First: how much should have come by this date?"),
            _("Work out how much of the target is due by then, and subtract it from what has come."),
        ),
        because=_("Weekdays, weekends and holidays do not bring the same, so the plan to date goes by which days "
                  "have passed."),
        solution=_("{done} − {target} × {part} = {result}").format(
            done=_count(stand.done), target=_count(race.target), part=_share(stand.part),
            result=write_difference(stand.done - stand.planned, "count", tenths=True)),
    )  # fmt: skip


def _count(value: float) -> str:
    return write_value(round(value), "count")


def _share(value: float) -> str:
    return write_value(value, "share")


def _whole(value: float) -> str:
    return write_value(value, "share", short=True)
