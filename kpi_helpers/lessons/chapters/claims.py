"""Claims: what comes after is not caused by it, who dropped out is not counted, and belief is planned beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from kpi_helpers.beliefs import example
from kpi_helpers.beliefs.words import trials_name
from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.changes import plot_changes
from kpi_helpers.labels import kpi_name, lower_first, month_name, upper_first, write_difference, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.claims_cases import (
    Moves,
    Reading,
    Study,
    Trial,
    answer_of,
    edge_of,
    find_moves,
    list_readings,
    list_studies,
    list_trials,
    pick,
)
from kpi_helpers.lessons.chapters.claims_test import ask_test
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.misconceptions import slip
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.lessons.script import BLANK, Experiment, Paragraph, Pick, Script, Shown, Slider, Step, steps_table
from kpi_helpers.tables import Column, data_table

WHOLE = 0.01  # percent are asked for without decimals
SOLD, SEEN = (0.1, 0.15, 0.2, 0.25), 2  # claims about the next month, and how often it came true by itself at least


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on the company's conversions, and on what it counts by month."""
    moves, trials = find_moves(figures, lot), list_trials(figures)
    example_trial = lot.one(trials)
    blank_trial, blank = lot.clear(pick(trials, example_trial), ask_weeks)
    last = lot.one(pick(pick(trials, example_trial), blank_trial) or trials)
    claim = lot.one([by for by in SOLD if moves.rose("all", by) >= SEEN] or SOLD[:1])
    reading = lot.clear(list_readings(figures), ask_level)[1]
    study = lot.clear(list_studies(figures, lot), ask_all)[1]
    return Script(
        predict=ask_prediction(moves), explore=vary_rise(moves, claim),
        explain=lambda said: explain(moves, claim, said),
        example=work_out(example_trial), blank=blank, fresh=[reading, study], leave=ask_test(last, lot),
        remember=(
            _("A very bad month is often followed by a better one, with help or without."),
            _("A claim without a source is a scenario: work through it, and build nothing on it."),
            _("Ask: compared with whom, how many, who dropped out, percent of what, and who paid for the study?"),
            _("Plan the test before you believe: two groups drawn by lot, one KPI, a length, an end."),
        ),
    )  # fmt: skip


def ask_prediction(moves: Moves) -> Choice:
    text = _("A vendor writes: “Our clients had a bad month, switched our widget on, and the next month was "
             "better.” You had no widget. Take the {k} months with the lowest “{kpi}” out of your {n} that have "
             "a next month in {period}. After how many of them was the next month better?")  # fmt: skip
    edge, k = edge_of(moves), moves.picked
    spans = {"few": (0, edge), "half": (edge + 1, k - edge - 1), "most": (k - edge, k)}
    form = _("After {low} to {high} of the {k}")
    options = [Option(key, form.format(low=low, high=high, k=k)) for key, (low, high) in spans.items() if low <= high]
    return Choice(
        text=text.format(k=k, n=moves.size("all"), kpi=lower_first(moves.name), period=moves.period),
        answer=answer_of(moves), options=tuple(options),
    )  # fmt: skip


def vary_rise(moves: Moves, claim: float) -> Experiment:
    names = {
        "all": _("after every month"),
        "low": _("after the {k} lowest months").format(k=moves.picked),
        "high": _("after the {k} highest months").format(k=moves.picked),
    }

    def show(set_to: Mapping[str, Any]) -> Shown:
        by, group = float(set_to["by"]), str(set_to["months"])
        n, rose = moves.size(group), moves.rose(group, by)
        form = _("{name}, {rose} of {n} rose by {by} or more") if by > 0 else _("{name}, {rose} of {n} rose")
        finding = form.format(name=upper_first(names[group]), rose=rose, n=n, by=_whole(by))
        ax = plot_changes(
            moves.ranked.tolist(), by, shown=moves.spoken(group).tolist(), finding=finding,
            level_name=f"+{_whole(by)}" if by else "",
            ends=(_("← after the lowest months"), _("after the highest months →")),
            subtitle=_("{kpi}: change to the next month, by how high the month was; {period}").format(
                kpi=moves.name, period=moves.period),
        )  # fmt: skip
        words = _("{finding}. Nobody had switched a widget on.").format(finding=finding)
        few = _("These are few months: that it never came does not mean that it cannot.")
        return Shown(words if rose else f"{words} {few}", ax, words)

    return Experiment(
        task=_("Every bar is one of your months: how much better or worse the next one was. Look only at the "
               "lowest months, then only at the highest. Then choose every month again and move the rise: how "
               "large must it be before it never came without the widget?"),
        controls=[
            Pick("months", _("Which months"), names, "all"),
            Slider("by", _("Rise by at least"), 0.0, _reach(moves), 0.01, claim, "share"),
        ],
        show=show,
    )  # fmt: skip


def explain(moves: Moves, claim: float, said: Any) -> list[Paragraph]:
    low, high, k = moves.rose("low"), moves.rose("high"), moves.picked
    begin = {
        "few": _("You expected it after few of them."),
        "half": _("You expected about half."),
        "most": _("You expected it after nearly all of them."),
    }.get(str(said), "")
    facts = _("{low} of the {k} lowest months were followed by a better one; of the {k} highest, {high}. And nobody "
              "had switched a widget on.").format(low=low, high=high, k=k)  # fmt: skip
    name = _(
        "This is called regression to the mean. A very bad month is bad partly by bad luck, and so much bad "
        "luck seldom comes twice in a row. The season works the same way: after its low the numbers rise by "
        "themselves. Help is bought in the worst month. So a recovery often follows, with help or without."
    )
    law = _("It is no law: a low level may also last, as it did after some of these months.") if low < k else ""
    group = _("That is why “before and after” proves nothing. What is missing is a group without the widget, at "
              "the same time, chosen by lot: where clients choose for themselves, those who take it may be the "
              "ones who were about to grow anyway. And a study hears from clients who stayed; those who gave up "
              "are not in it.")  # fmt: skip
    scenario = _("“{claim}”: without a source nobody can say whether it is so. It is a scenario. With your own numbers "
                 "you can see what it would be worth; only a test makes evidence of it.").format(
        claim=example())  # fmt: skip
    return [f"{begin} {facts}".strip(), moves_table(moves, claim), f"{name} {law}".strip(), group, scenario]


def moves_table(moves: Moves, claim: float) -> Markup:
    """How often it rose after all months, the lowest and the highest."""
    names = {"all": _("Every month"), "low": _("The lowest"), "high": _("The highest")}
    columns = [Column(_("Months")), Column(_("How many"), "count"), Column(_("Next one better"), "count"),
               Column(_("Better by {by} or more").format(by=_whole(claim)), "count")]  # fmt: skip
    rows = [[name, moves.size(key), moves.rose(key), moves.rose(key, claim)] for key, name in names.items()]
    caption = _("{kpi}, {period}").format(kpi=moves.name, period=moves.period)
    return Markup(data_table(columns, rows, caption=caption))


def work_out(trial: Trial, blank: bool = False) -> list[Step]:
    """A claim in the company's numbers, and the test that it would take; the last line may be left `blank`."""
    base, moves, of = trial.base, trial.moves, trials_name(trial.base.key)
    share = write_value(base.share, "share")
    each, a_week = (write_value(number, "count") for number in (trial.each, trial.a_week))
    noise = [] if blank else [
        Step(_("Rises as large from one month to the next, without any help"), moves.period,
             _("{n} of {all}").format(n=moves.rose("all", trial.by), all=moves.size("all"))),
    ]  # fmt: skip
    return [
        Step(_("{kpi}, {period}").format(kpi=trial.name, period=trial.period),
             f"{write_value(base.hits, 'count')} / {write_value(base.trials, 'count')}", share),
        Step(_("The claim: +{by} of it").format(by=_whole(trial.by)),
             f"{share} × {write_value(1 + trial.by, 'ratio')}", write_value(trial.hoped, "share")),
        *noise,
        Step(_("Each of two groups needs ({of})").format(of=of), _("enough to find it four times in five, if it "
                                                                   "is there"), each),
        Step(_("A week has ({of})").format(of=of), _("the last months"), a_week),
        Step(_("Weeks for both groups, rounded up"), BLANK if blank else f"2 × {each} / {a_week}",
             BLANK if blank else write_value(trial.weeks, "count")),
    ]  # fmt: skip


def ask_weeks(trial: Trial) -> Number:
    each, a_week = (write_value(number, "count") for number in (trial.each, trial.a_week))
    text = _("“{kpi} +{by}”: for how many weeks must a test with two equal groups run here? Round up to whole weeks.")
    return Number(
        text=text.format(kpi=trial.name, by=_whole(trial.by)), given=steps_table(work_out(trial, blank=True)),
        answer=trial.weeks,
        slips=(slip("one_group_only", each=trial.each, a_week=trial.a_week),),
        hints=(
            _("How many are needed in all, for both groups?"),
            _("Both groups share the same weeks. Divide what both need by what a week has."),
        ),
        because=_("Both groups share the same weeks. A shorter test finds the effect only by luck, or misses it."),
        solution=_("2 × {each} / {a_week}, rounded up: {weeks}").format(
            each=each, a_week=a_week, weeks=write_value(trial.weeks, "count")),
    )  # fmt: skip


def ask_level(reading: Reading) -> Number:
    share, by = write_value(reading.share, "share"), _whole(reading.by)
    text = _("{kpi}, {month}: {share}. A study promises “+{by}”, and the small print says: percent of the "
             "present value. Where would the share stand then, in whole percent?")  # fmt: skip
    return Number(
        text=text.format(kpi=kpi_name(reading.key), month=month_name(reading.month, heading=False), share=share, by=by),
        answer=reading.level, style=KPIS[reading.key].style, rounding=WHOLE,
        slips=(slip("claim_in_points", base=reading.share, by=reading.by),
               slip("gain_as_level", base=reading.share, by=reading.by)),
        hints=(
            _("Percent of what? Of the value that the share has now."),
            _("First the gain: that part of the present share. Then add it to the share."),
        ),
        because=_("In percentage points “+{by}” would be far more. A claim has to say which it means.").format(by=by),
        solution=_("{share} × {factor} = {level}").format(
            share=share, factor=write_value(1 + reading.by, "ratio"), level=write_value(reading.level, "share")),
    )  # fmt: skip


def ask_all(study: Study) -> Number:
    columns = [Column(_("Month")), Column(_("Against the month before"), "number")]
    rows = [[month_name(month), write_difference(change, "count")]
            for month, change in zip(study.months, study.changes, strict=True)]  # fmt: skip
    text = _("Six of your months, drawn by lot: {kpi}, each compared with the month before. Imagine that they "
             "were six clients of an agency. Those that fell have left, and the agency's study shows only the "
             "others. What is the average change of all six? A whole number is enough.")  # fmt: skip
    return Number(
        text=text.format(kpi=study.name), given=Markup(data_table(columns, rows)), answer=study.mean,
        slips=(slip("survivors_only", changes=study.changes), slip("falls_as_zero", changes=study.changes)),
        hints=(
            _("Who is missing in the study?"),
            _("Add up all six, with a minus for those that fell. Over how many do you take the average?"),
        ),
        because=_("The study would show only the rises. Those that fell belong to the result as well."),
        solution=_("{sum} / {n} = {mean}").format(
            sum=write_difference(sum(study.changes), "count"), n=len(study.changes),
            mean=write_difference(study.mean, "count", tenths=True)),
    )  # fmt: skip


def _reach(moves: Moves) -> float:
    """A rise that no month had, in tenths."""
    return (int(max(*moves.moves, 0.1) * 10) + 1) / 10


def _whole(value: float) -> str:
    return write_value(value, "share", short=True)
