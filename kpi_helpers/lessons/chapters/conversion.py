"""Conversion and its denominators: sum over sum, visits against visitors, points against percent, and the mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from kpi_helpers.charts.what_if import plot_what_if
from kpi_helpers.labels import kpi_name, month_name, write_difference, write_rate, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.conversion_mix import (
    Mix,
    Turn,
    actions_name,
    caption_of,
    channels_of,
    conversion_name,
    find_turns,
    list_mirrors,
    list_slides,
    table_of_both,
    write_count,
)
from kpi_helpers.lessons.chapters.conversion_report import ask_sentence, ask_slide
from kpi_helpers.lessons.chapters.conversion_words import (
    answer_words,
    mix_words,
    paradox_words,
    question_words,
    why_words,
)
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, compute
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.lessons.script import Experiment, Paragraph, Script, Shown, Slider, Step, leave_out, steps_table
from kpi_helpers.tables import Column, data_table

HUNDREDTH, TENTH = 0.0001, 0.001  # of a percent
SHARES = np.linspace(0, 1, 101)
MOST_TURNS, MOST_SLIDES = 4, 12  # the strongest, among which is drawn
CLEAR = 2 / 3  # of the strongest turn: the prediction is about one that is seen
CONTRAST = 1.5  # times the weaker channel's rate: less shows no difference between a mean and a whole
LEAST_CHANGE = 0.02  # of a rate from month to month, to be told apart in points and in percent


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on two channels whose conversions went one way while that of both went the other way."""
    turns, mixes = find_turns(figures)
    trap = lot.one(_strong(lot.one([found for found in (turns, list_mirrors(mixes)) if found])))
    others = [turn for turn in [*lot.shuffled(_strong(turns)), *turns] if turn is not trap]
    telling = lot.shuffled([mix for mix in mixes if mix.weak_share > 0.5 and mix.contrast > CONTRAST])
    if not telling:
        raise Lacking(_("in no month does the weaker of two channels bring most of the visits."))
    example = telling[0]
    _case, blank = lot.clear([mix for mix in telling if mix.month != example.month], ask_blank)
    slides = list_slides(mixes)[:MOST_SLIDES] if lot.one((True, False)) else []
    return Script(
        predict=ask_prediction(trap), explore=vary_mix(trap), explain=lambda said: explain(trap, said),
        example=work_out(example), example_of=example.in_month, blank=blank,
        fresh=[ask_visitors(figures, lot), ask_points(figures, lot)],
        leave=ask_slide(lot.one(slides)) if slides else ask_sentence((others or [trap])[0]),
        remember=(
            _("A conversion has a name, a numerator and a denominator: which action, over visits or over visitors, of "
              "whom and when."),
            _("Of several channels: all actions over all visits, never the mean of their rates."),
            _("Visitors of a month are counted over the month. Added up over days, the same person counts many times."),
            _("A total can fall while every part rises, or the other way round: look at the mix before you look for "
              "somebody to blame."),
        ),
    )  # fmt: skip


def _strong(turns: Sequence[Turn]) -> list[Turn]:
    """Of turns, the strongest first, those that are seen."""
    return [turn for turn in turns[:MOST_TURNS] if turn.strength >= CLEAR * turns[0].strength]


# The steps


def ask_prediction(turn: Turn) -> Choice:
    text, rose, fell = question_words(turn.falls)
    before, after = turn.before, turn.after
    columns = [Column(_("Channel")), *(Column(month_name(mix.month), "number") for mix in (before, after))]
    rows = [[now.name, write_rate(then.rate), write_rate(now.rate)] for then, now in channels_of(turn)]
    return Choice(
        text=text.format(conversion=conversion_name(after.action)),
        given=Markup(data_table(columns, rows, caption=caption_of(after.action))),
        answer="fell" if turn.falls else "rose",
        options=(Option("rose", rose), Option("stayed", _("It stayed as it was")), Option("fell", fell)),
        slips=(slip_to("total_like_parts", "rose" if turn.falls else "fell"), slip_to("total_like_parts", "stayed")),
    )


def vary_mix(turn: Turn) -> Experiment:
    before, after = turn.before, turn.after
    line = pd.Series([100 * after.with_share(share) for share in SHARES], index=SHARES)  # percent, two decimals
    marks = {_("now"): after.weak_share}

    def show(set_to: Mapping[str, Any]) -> Shown:
        share = set_to["share"]
        rate = after.with_share(share)
        said = mix_words(rate, before.rate, turn.falls)
        words = said.format(share=write_value(share, "share", short=True), weak=after.weak.name, rate=write_rate(rate),
                            before=write_rate(before.rate), month=before.in_month)  # fmt: skip
        subtitle = _("{conversion}, in %, both channels at the rates of {month}; line across: both in {before}")
        ax = plot_what_if(
            line, share, styles=("share", "ratio"), level=100 * before.rate, marks=marks, finding=words,
            x_name=_("share of {weak} in the visits of both").format(weak=after.weak.name),
            subtitle=subtitle.format(
                conversion=conversion_name(after.action), month=after.in_month, before=before.in_month),
        )  # fmt: skip
        return Shown(words, ax, words)

    task = _("Both conversions stay as they were in {month}: {strong} {strong_rate}, {weak} {weak_rate}. Move only the "
             "mix: which share of the visits comes from {weak}.")  # fmt: skip
    return Experiment(
        task=task.format(month=after.in_month, strong=after.strong.name, weak=after.weak.name,
                         strong_rate=write_rate(after.strong.rate), weak_rate=write_rate(after.weak.rate)),
        controls=[Slider("share", _("Share of {weak} in the visits").format(weak=after.weak.name), 0.0, 1.0, 0.01,
                         round(before.weak_share, 2), "share")],
        show=show,
    )  # fmt: skip


def explain(turn: Turn, said: Any) -> list[Paragraph]:
    before, after = turn.before, turn.after
    below = _("What stands above and below the line must belong together: the same action, channels and days. And say "
              "what stands below. Over visitors the same month has a higher conversion than over visits, for a person "
              "may visit several times.")  # fmt: skip
    return [
        answer_words(turn.falls, said).format(before=write_rate(before.rate), after=write_rate(after.rate)),
        why_words(turn.falls).format(weak=after.weak.name, then=write_value(before.weak_share, "share"),
                                     now=write_value(after.weak_share, "share")),
        table_of_both(turn), paradox_words(turn.falls), below,
    ]  # fmt: skip


def work_out(mix: Mix, blank: str = "") -> list[Step]:
    """The conversion of each of two channels and of both; `blank` is the step left to the learner."""
    steps = {part.channel: Step(_("{channel}: conversion").format(channel=part.name), _over(part.actions, part.visits),
                                write_rate(part.rate)) for part in (mix.strong, mix.weak)}  # fmt: skip
    steps |= {
        "actions": _added(actions_name(mix.action), *mix.parts["above"]),
        "visits": _added(kpi_name("visits"), *mix.parts["below"]),
        "both": Step(_("Both together: conversion"), _over(mix.actions, mix.visits), write_rate(mix.rate)),
    }  # fmt: skip
    return leave_out(steps, blank)


def ask_blank(mix: Mix) -> Number:
    text = _("{month}: what is the conversion of both channels together, in percent with two decimals?")
    return Number(
        text=text.format(month=month_name(mix.month)), given=steps_table(work_out(mix, "both")),
        answer=mix.rate, style="share", rounding=HUNDREDTH,
        slips=(slip("mean_of_ratios", **mix.parts), slip("rates_added", **mix.parts)),
        hints=(
            _("Which of the two channels has more visits? It weighs more."),
            _("The two lines above the blank are all that is needed: one over the other."),
        ),
        because=_("All actions over all visits: each visit weighs the same, whichever channel it came from."),
        solution=f"{_over(mix.actions, mix.visits)} = {write_rate(mix.rate)}",
    )  # fmt: skip


def ask_visitors(figures: Figures, lot: Lot) -> Number:
    """The same month over visits, over the sum of daily visitors and over the visitors of the month."""
    daily = _daily_visitors(figures)
    months = [month for month in figures.months_with("visits", "visitors", "actions") if month in daily.index]

    def ask(month: pd.Timestamp) -> Number:
        sums, added = figures.sums(month), float(daily[month])
        actions, visitors = sums["actions"], sums["visitors"]
        rate = compute("conversion_rate", actions=actions, visits=visitors)
        text = _("{month}, the whole site. What is the conversion to target actions over visitors, in percent with two "
                 "decimals?")  # fmt: skip
        known = [
            (_("Target actions"), actions), (_("Visits"), sums["visits"]),
            (_("Visitors of each day and channel, added up"), added), (_("Visitors of the month"), visitors),
        ]  # fmt: skip
        columns = [Column(_("What the export says")), Column(_("Number"), "number")]
        return Number(
            text=text.format(month=month_name(month)),
            given=Markup(data_table(columns, [[name, write_count(value)] for name, value in known])),
            answer=rate, style="share", rounding=HUNDREDTH,
            slips=(slip("visits_for_visitors", actions=actions, visits=sums["visits"]),
                   slip("sum_of_uniques", actions=actions, added=added)),
            hints=(
                _("How many target actions are there for every hundred people of the month?"),
                _("Somebody who came on five days is still one person. Which line counts people so?"),
            ),
            because=_("A visitor of the month counts once, however many days, channels and visits there were."),
            solution=f"{_over(actions, visitors)} = {write_rate(rate)}",
        )  # fmt: skip

    return lot.clear(months, ask)[1]


def ask_points(figures: Figures, lot: Lot) -> Number:
    """How a rate changed from month to month, in percentage points."""

    def ask(case: tuple[str, float, float, pd.Timestamp]) -> Number:
        key, before, now, month = case
        text = _("{kpi} of the whole company was {before} a month earlier and is {now} in {month}. By how many "
                 "percentage points did it change, to one decimal? A fall has a minus.")  # fmt: skip
        words = {"kpi": kpi_name(key), "before": write_value(before, "share"), "now": write_value(now, "share")}
        because = _("{points}, or {percent} of what it was: both are true, and they are not the same.")
        points = write_difference(now - before, "share")
        return Number(
            text=text.format(**words, month=month_name(month, heading=False)),
            answer=now - before, style="pp", rounding=TENTH,
            slips=(slip("percent_for_points", share=now, share_before=before),),
            hints=(
                _("From 2% to 3% is one percentage point more, and half as much again."),
                _("Points are simply one percentage minus the other."),
            ),
            because=because.format(points=points, percent=_signed_percent((now - before) / before)),
            solution=_("{now} − {before} = {points}").format(now=words["now"], before=words["before"], points=points),
        )  # fmt: skip

    return lot.clear(_changes(figures), ask)[1]


# The pieces


def _daily_visitors(figures: Figures) -> pd.Series:
    """Daily visitors added up over each month and all channels; Lacking where no export has them."""
    traffic = figures.exports.tables.get("traffic")
    if traffic is None or not traffic["visitors"].notna().any():
        raise Lacking(_("the exports show no visitors by day."))
    months = traffic["date"].dt.to_period("M").dt.to_timestamp()
    return traffic.groupby(months)["visitors"].sum(min_count=1).dropna()


def _changes(figures: Figures) -> Sequence[tuple[str, float, float, pd.Timestamp]]:
    """Rates of a month and the one before that differ clearly: KPI, before, now (both as they are shown), month."""
    found = [
        (key, round(figures.value(key, then), 3), round(figures.value(key, now), 3), now)
        for key, known in (("qualification_rate", _judged(figures)), ("bounce_rate", set(figures.months)))
        for then, now in zip(figures.months, figures.months[1:], strict=False) if {then, now} <= known
    ]  # fmt: skip
    return [case for case in found if abs(case[2] - case[1]) >= LEAST_CHANGE]


def _judged(figures: Figures) -> set[pd.Timestamp]:
    """The months whose leads all have their verdict; none where the exports hold no leads."""
    try:
        return set(figures.judged_months())
    except Lacking:
        return set()


def _over(above: float, below: float) -> str:
    return f"{write_count(above)} / {write_count(below)}"


def _added(what: str, one: float, other: float) -> Step:
    return Step(_("{what}, both channels").format(what=what), f"{write_count(one)} + {write_count(other)}",
                write_count(one + other))  # fmt: skip


def _signed_percent(change: float) -> str:
    return ("+" if change > 0 else "−") + write_value(abs(change), "share")
