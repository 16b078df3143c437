"""What is asked on new numbers in the lesson on brand: answers needed, a goal in points, a sentence for the report."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_helpers.labels import upper_first, write_difference, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.brand_cases import Known, Pair, half_width, in_points, who_words
from kpi_helpers.lessons.figures import Lacking, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option

WHOLE = 0.01  # points are asked for without decimals
ROUGHLY = 0.02  # of the answers needed: 800 will do for 810


def ask_answers_needed(case: tuple[Known, int]) -> Number:
    one, times = case
    needed = one.answers * times**2
    half = in_points(half_width(one.share, one.answers))
    who = who_words(one.population)
    text = _("{wave}, {who}: {n} answers, {share} know the company (interval ±\u00a0{half}). The next survey is to "
             "have an interval only 1/{times} as wide. About how many answers does it need in all?")  # fmt: skip
    return Number(
        text=text.format(wave=upper_first(one.name), n=write_value(one.answers, "count"), who=who,
                         share=write_value(one.share, "share"), half=half, times=times),
        answer=needed, style="count", rounding=ROUGHLY * needed,
        slips=(slip("linear_error", answers=one.answers, times=times),
               slip("narrower_by_less", answers=one.answers, times=times)),
        hints=(
            _("What did four times the answers do to the interval in the experiment?"),
            _("Half the width took 2 × 2 times the answers. What does the width asked for take?"),
        ),
        because=_("Chance shrinks only with the square root of the answers, so each further step in precision "
                  "costs more than the one before."),
        solution=_("{n} × {times} × {times} = {needed}").format(
            n=write_value(one.answers, "count"), times=times, needed=write_value(needed, "count")),
    )  # fmt: skip


def ask_goal(case: tuple[Known, float]) -> Number:
    one, rise = case
    shown = {"share": write_value(one.share, "share"), "rise": write_value(rise, "share", short=True)}
    text = _("{wave}: {share} of those asked know the company. A plan says: awareness +{rise}, and its author "
             "means percent of today's awareness. By how many percentage points should it rise? "
             "A whole number is enough.")  # fmt: skip
    return Number(
        text=text.format(wave=upper_first(one.name), **shown),
        answer=rise * one.share, style="pp", rounding=WHOLE,
        slips=(slip("points_for_percent", rise=rise), slip("level_for_change", share=one.share, rise=rise)),
        hints=(
            _("Percent of what? The sentence says it."),
            _("Take that part of today's awareness. The question asks for the rise, not for the new level."),
        ),
        because=_("Read as points, the same plan would end at {level}: another goal. If you write +{rise} for a "
                  "share, say which of the two you mean.").format(
                      level=write_value(one.share + rise, "share"), rise=shown["rise"]),
        solution=_("{share} × {rise} = {points}").format(
            points=write_difference(rise * one.share, "share"), **shown),
    )  # fmt: skip


def ask_report(lot: Lot, pairs: Sequence[Pair]) -> Choice:
    if not pairs:
        raise Lacking(_("no two waves of the survey differ."))
    groups = [[pair for pair in pairs if pair.is_real is real] for real in (True, False)]
    pair = lot.one(lot.one([group for group in groups if group]))
    points = {name: write_difference(getattr(pair, name), "share") for name in ("difference", "low", "high")}
    rose = pair.difference > 0
    text = _("Awareness, {before}: {share_before} of {n_before} answers; {after}: {share} of {n} answers. Difference "
             "{difference} (95% interval from {low} to {high}). Which sentence may stand in the report?")  # fmt: skip
    options = (
        Option("real", _("Our awareness has risen by about {difference}.") if rose else
               _("Our awareness has fallen by about {difference}.")),
        Option("noise", _("Awareness may or may not have changed: chance alone can make this difference.")),
        Option("nothing", _("Awareness has not changed: who knew us then knows us now.")),
        Option("size", _("To be sure, ask ten times as many next time: the readers of our newsletter.")),
    )  # fmt: skip
    return Choice(
        text=text.format(before=pair.before.name, share_before=write_value(pair.before.share, "share"),
                         n_before=write_value(pair.before.answers, "count"), after=pair.after.name,
                         share=write_value(pair.after.share, "share"), n=write_value(pair.after.answers, "count"),
                         **points),
        answer="real" if pair.is_real else "noise",
        options=tuple(Option(one.key, one.words.format(difference=in_points(abs(pair.difference))))
                      for one in options),
        slips=(slip_to("real_as_noise", "noise") if pair.is_real else slip_to("any_change_is_real", "real"),
               slip_to("noise_as_nothing", "nothing"), slip_to("size_mends_bias", "size")),
        hints=(
            _("The interval of the difference says which changes fit the answers."),
            _("Look for zero between the two ends. If it is there, the answers also fit “nothing has changed”."),
        ),
        because=_("Zero lies outside the interval: chance alone seldom makes so large a difference.")
        if pair.is_real else
        _("Zero lies within the interval, and so do changes that would matter. The answers cannot tell them apart."),
        solution=_("From {low} to {high}: zero is outside, so say the change and its interval.").format(**points)
        if pair.is_real else
        _("From {low} to {high}: zero is within, so say that the change is not proven.").format(**points),
    )  # fmt: skip
