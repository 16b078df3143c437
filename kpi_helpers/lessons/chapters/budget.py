"""Budget and diminishing returns: what the next money brings is not what the money brought on average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from kpi_helpers.budget import what_if
from kpi_helpers.labels import channel_name, lower_first, write_list, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.budget_asking import ask_double, ask_next, ask_proposal
from kpi_helpers.lessons.chapters.budget_cases import Learned, Plan, Raise, by_week, learn, round_sum
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.lessons.script import BLANK, Experiment, Paragraph, Pick, Script, Shown, Slider, Step, steps_table
from kpi_helpers.response_words import FORMS, beyond_words, change_words, refusal_words, result_name
from kpi_helpers.tables import Column, data_table
from kpi_helpers.widgets.budget_pieces import response_chart

CENTS, LARGE = 0.01, 100  # a price below is asked for to the cent, others without


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on two channels of the company and what the curves of their past weeks say."""
    learned = learn(figures)
    plan = learned.plan
    raises = [each for channel in plan.pair for each in plan.raises(channel)]
    case, example, *others = lot.shuffled(raises)
    _blank_case, blank = lot.clear(others, lambda each: ask_blank(plan, each))
    return Script(
        predict=ask_prediction(plan, case), explore=move_money(learned),
        explain=lambda said: explain(learned, case, said), example=work_out(plan, example), blank=blank,
        fresh=[ask_double(plan, lot), ask_next(plan, lot)], leave=ask_proposal(plan, lot),
        remember=(
            _("The average looks back. What counts for the budget is what the next money brings."),
            _("More budget brings more, but less and less: twice the money is not twice the result."),
            _("The next money goes where it brings most, not where the average looks best."),
            _("A curve is a what-if. Move a little, measure, then decide on the rest."),
        ),
    )  # fmt: skip


# The steps


def ask_prediction(plan: Plan, case: Raise) -> Choice:
    spend, outcome = case.before
    text = _("{channel}, {unit}: judging by past weeks, {spend} a month brings {outcome}, at {average} per {n}. "
             "What if it gets {money} more a month: how many more will come?")  # fmt: skip
    growth = slip("proportional_growth", before=spend, after=case.after[0])
    same = {"n": plan.count(round(outcome * growth.value)), "growth": write_value(growth.value, "share")}
    return Choice(
        text=text.format(channel=channel_name(case.channel), spend=plan.money(spend), outcome=plan.count(outcome),
                         unit=plan.unit, average=plan.price(case.average), n=plan.per, money=plan.money(case.money)),
        answer="fewer",
        options=(
            Option("same", _("About {n}, {growth} on top, just as the money").format(**same)),
            Option("more", _("More than {n}: the more often people see it, the better it works").format(**same)),
            Option("fewer", _("Fewer than {n}: each extra one is harder to win").format(**same)),
        ),
        slips=(slip_to(growth.name, "same", **growth.figures),),
    )  # fmt: skip


def move_money(learned: Learned) -> Experiment:
    plans = {plan.result: plan for plan in (learned.plan, learned.telling)}
    giver, taker = learned.plan.pair
    low, high, step = _room(learned.plan)

    def show(set_to: Mapping[str, Any]) -> Shown:
        plan, moved = plans[set_to.get("result", learned.plan.result)], float(set_to["moved"])
        spends = plan.moved(moved)
        expected = what_if(plan.curves, by_week(spends))
        said = change_words(expected, plan.result, plan.currency)
        ax, alt = response_chart(plan.curves, plan.result, plan.currency, by_week(spends), said.rstrip("."))
        money = [f"{channel_name(channel)} {plan.money(spend)}" for channel, spend in spends.items()]
        words = [said, _("A month: {spends}.").format(spends=", ".join(money)), beyond_words(expected)]
        return Shown(" ".join(filter(None, words)), ax, alt)

    moved = _("Moved a month from {giver} to {taker}").format(giver=channel_name(giver), taker=channel_name(taker))
    results = {key: result_name(key) for key in plans}
    return Experiment(
        task=_("The budget stays the same; only its split changes. Each curve shows what a channel brings for "
               "what is spent there. Move money from one channel to the other, and back. Watch three things: the "
               "ring on each curve, what is won or lost, and how sure that is. If the range runs from minus to "
               "plus, nobody knows whether it helps."),
        controls=[
            Slider("moved", moved, low, high, step, 0.0, "money"),
            *([Pick("result", _("Result"), results, learned.plan.result)] if len(results) > 1 else []),
        ],
        show=show,
    )  # fmt: skip


def _room(plan: Plan) -> tuple[float, float, float]:
    """The most that may be moved one way and the other within the spends seen, and the step of a slider."""
    (giver, taker), seen, today = plan.pair, plan.seen, plan.today
    step = round_sum(min(today(giver), today(taker)) / 20)
    back = min(today(taker) - seen(taker)[0], seen(giver)[1] - today(giver))
    there = min(today(giver) - seen(giver)[0], seen(taker)[1] - today(taker))
    return -step * max(back // step, 1.0), step * max(there // step, 1.0), step


def explain(learned: Learned, case: Raise, said: Any) -> list[Paragraph]:
    plan, name = learned.plan, channel_name(case.channel)
    begin = {
        "fewer": _("You said fewer, and so do the past weeks."),
        "same": _("You said that the results grow just as the money does. That is the average; it looks back."),
        "more": _("You said more. In the past weeks of this company it was the other way round."),
    }.get(str(said), "")
    low, high = plan.more(case.channel, case.before[0], case.money)
    facts = _("{channel}, from {before} to {after} a month: {more} extra ({unit}); the curves together say {low} "
              "to {high}. The extra ones cost {marginal} per {n}; those before cost {average} on average.").format(
        channel=name, before=plan.money(case.before[0]), after=plan.money(case.after[0]),
        more=plan.count(case.more), unit=plan.unit, low=plan.count(round(low)), high=plan.count(round(high)),
        marginal=plan.price(case.marginal), average=plan.price(case.average), n=plan.per)  # fmt: skip
    why = _("The first money meets those who are looking for you anyway. Later money reaches people who need you less, "
            "or the same people once more. This is called diminishing returns.")  # fmt: skip
    sure = _("What the past weeks do not show is the shape of the curve: {forms}. So all of them are drawn. "
             "Where they part, and where the line is dashed, it is a guess. A what-if is not a forecast.").format(
        forms=write_list([_(words) for words in FORMS.values()]))  # fmt: skip
    return [piece for piece in (begin, facts, why, _next_table(plan), sure, *_doubts(learned)) if piece]


def _next_table(plan: Plan) -> Markup:
    """Average and next money of the two channels at today's spend."""
    rows = []
    for channel in plan.pair:
        today = plan.raised(channel, plan.today(channel), round_sum(plan.today(channel) / 10))
        rows.append([channel_name(channel), plan.money(today.before[0]), plan.price(today.average),
                     plan.price(today.marginal)])  # fmt: skip
    heads = (_("Channel"), _("Spend a month"), _("Average price per {n}").format(n=plan.per),
             _("Price per {n} extra").format(n=plan.per))  # fmt: skip
    columns = [Column(head, "number" if place else "text") for place, head in enumerate(heads)]
    caption = _("Today: {result}, mean of all curves").format(result=plan.unit)
    return Markup(data_table(columns, rows, caption=caption))


def _doubts(learned: Learned) -> list[str]:
    """What the curves of this company do not say."""
    said = []
    if learned.telling.result != learned.plan.result:
        words = _("There are enough of these for a clear curve, but they do not pay the bills yet: {result}. "
                  "Here the curves are much less sure: {other}. Switch the result above and see.")  # fmt: skip
        said.append(words.format(result=learned.plan.unit, other=learned.telling.unit))
    for result, check, came in learned.refused[:1]:
        why, step = refusal_words(check, came)
        words = _("For {result}, {channel} has no curve at all: {why}. {step}")
        if result not in (learned.plan.result, learned.telling.result):
            words = _("For {result}, {channel} has no curve at all, so you cannot choose them above: {why}. {step}")
        said.append(words.format(channel=channel_name(check["channel"]), result=lower_first(result_name(result)),
                                 why=why, step=step))  # fmt: skip
    return said


def work_out(plan: Plan, case: Raise, blank: bool = False) -> list[Step]:
    """What one more costs, step by step; `blank` leaves the last line to the learner."""
    (spend, outcome), (then, came), money, count, n = case.before, case.after, plan.money, plan.count, plan.per
    bring = _("{spend} a month brings")
    times = f" × {n}" if n > 1 else ""
    price = f"{money(case.money)} / {count(case.more)}{times}", plan.price(case.marginal)
    return [
        Step(f"{channel_name(case.channel)}: {bring.format(spend=money(spend))}", plan.unit, count(outcome)),
        Step(_("Average price per {n}").format(n=n), f"{money(spend)} / {count(outcome)}{times}",
             plan.price(case.average)),
        Step(bring.format(spend=money(then)), plan.unit, count(came)),
        Step(_("Extra money"), f"{money(then)} − {money(spend)}", money(case.money)),
        Step(_("Extra results"), f"{count(came)} − {count(outcome)}", count(case.more)),
        Step(_("Price per {n} extra").format(n=n), *((BLANK, BLANK) if blank else price)),
    ]  # fmt: skip


def ask_blank(plan: Plan, case: Raise) -> Number:
    (spend, outcome), (then, came) = case.before, case.after
    text = _("What if {channel} gets {money} more a month? What does the extra cost per {n} ({unit})?")
    if case.marginal * plan.per < LARGE:
        text = _("What if {channel} gets {money} more a month? What does the extra cost per {n} ({unit}), to the cent?")
    return Number(
        text=text.format(channel=channel_name(case.channel), money=plan.money(case.money), unit=plan.unit,
                         n=plan.per),
        given=steps_table(work_out(plan, case, blank=True)), answer=case.marginal * plan.per, style="money",
        currency=plan.currency, rounding=CENTS if case.marginal * plan.per < LARGE else 1.0,
        slips=(
            slip("average_as_marginal", spend=spend, outcome=outcome / plan.per),
            slip("average_after", spend=then, outcome=came / plan.per),
            slip("whole_for_more", spend=then, more=case.more / plan.per),
        ),
        hints=(
            _("Only the extra counts: divide the extra money by what?"),
            _("Divide the extra money by the extra results, then multiply by {n}.").format(n=plan.per),
        ),
        because=_("That is the price of the next ones: higher than the average so far."),
        solution=_("{money} / {more} × {n} = {price}").format(
            money=plan.money(case.money), more=plan.count(case.more), price=plan.price(case.marginal), n=plan.per),
    )  # fmt: skip
