"""The questions of the lesson on the budget: twice the money, the next money, and what to propose of a what if."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kpi_helpers.budget import what_if
from kpi_helpers.budget.curves import ALL
from kpi_helpers.labels import channel_name, write_difference, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.budget_cases import Plan, Raise, by_week, round_sum
from kpi_helpers.lessons.figures import Lacking, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.response import MONTH
from kpi_helpers.response_words import experiment_words
from kpi_helpers.tables import Column, data_table

WHOLE = 0.01  # percent are asked for without decimals
BETTER, MORE = 1.05, 1.15  # times as cheap on average; times as many on top
OPEN = "open"  # as an option
PARTS = (0.1, 0.15, 0.2)  # of the smaller channel's money, to be moved


@dataclass(frozen=True)
class Doubling:
    """A channel's spends and results, from a spend to twice as much."""

    channel: str
    points: tuple[tuple[float, float], ...]  # spend, outcome

    @property
    def growth(self) -> float:
        return self.points[-1][1] / self.points[0][1] - 1


def ask_double(plan: Plan, lot: Lot) -> Number:
    """By how much the result grows when the spend doubles; Lacking where no spend seen is twice another."""
    cases = []
    for channel in plan.pair:
        least, most = plan.seen(channel)
        spends = {each.before[0] for each in plan.raises(channel) if each.before[0] * 2 <= most}
        cases += [_doubling(plan, channel, spend) for spend in sorted(spends) if spend >= least]
    if not cases:
        raise Lacking(_("no channel ever had twice the money."))
    return lot.clear(cases, lambda case: _ask_double(plan, case))[1]


def _doubling(plan: Plan, channel: str, spend: float) -> Doubling:
    return Doubling(channel, tuple((money, plan.outcome(channel, money)) for money in (spend, 1.5 * spend, 2 * spend)))


def _ask_double(plan: Plan, case: Doubling) -> Number:
    (spend, outcome), *_between, (twice, came) = case.points
    columns = [
        Column(_("Spend a month"), "number"),
        Column(_("Comes a month ({unit})").format(unit=plan.unit), "number"),
    ]
    rows = [[plan.money(money), plan.count(number)] for money, number in case.points]
    return Number(
        text=_("{channel}: the budget is doubled from {spend} to {twice} a month. By how much does the result "
               "grow, if the curves are right, in whole percent?").format(
            channel=channel_name(case.channel), spend=plan.money(spend), twice=plan.money(twice)),
        given=Markup(data_table(columns, rows, caption=_("{channel}: what if, mean of all curves").format(
            channel=channel_name(case.channel)))),
        answer=case.growth, style="share", rounding=WHOLE,
        slips=(
            slip("proportional_growth", before=spend, after=twice),
            slip("whole_as_growth", before=outcome, after=came),
        ),
        hints=(
            _("The money doubles. Does the other column?"),
            _("How many extra come, and what percentage is that of what came before?"),
        ),
        because=_("Twice the money, but not twice the result: that is what diminishing returns mean."),
        solution=_("({after} − {before}) / {before} = {growth}").format(
            after=plan.count(came), before=plan.count(outcome), growth=write_value(case.growth, "share")),
    )  # fmt: skip


def ask_next(plan: Plan, lot: Lot) -> Choice:
    """Which channel gets the next money, if that can be told, where the average looks better in the wrong one.

    Lacking where the better average has the better next money, too, at all spends seen.
    """
    cases = list(_turns(plan))
    if not cases:
        raise Lacking(_("the channel with the better average is the better one for the next money, too."))
    told = [(better, other) for better, other in cases if is_told(plan, other, better)]
    untold = [case for case in cases if case not in told]
    better, other = lot.one(lot.one([kind for kind in (told, untold) if kind]))
    pair = sorted((better, other), key=lambda each: plan.pair.index(each.channel))
    answer, slips = OPEN, (slip_to("range_left_out", other.channel),)
    because = _("The difference may be more than zero or less, so the curves do not show which channel is better for "
                "the next money: only a test can tell. Nor can the average, which looks back.")  # fmt: skip
    if is_told(plan, other, better):
        answer, slips = other.channel, (slip_to("overlap_as_tie", OPEN),)
        because = _("The average is better in the other channel, but it looks back. The difference of the next money "
                    "lies on one side of zero, whichever curve is right.")  # fmt: skip
    return Choice(
        text=_("What if the budget were split like this, and there were {money} a month more? Where does it "
               "bring more, by all the curves from past weeks?").format(money=plan.money(better.money)),
        given=_next_money(plan, pair), answer=answer,
        options=(
            *(Option(each.channel, channel_name(each.channel)) for each in pair),
            Option(OPEN, _("The curves cannot tell")),
        ),
        slips=(slip_to("average_as_marginal", better.channel), *slips),
        hints=(
            _("One column looks back, the last two look ahead."),
            _("Look at the last line: can the difference be zero?"),
        ),
        because=because, solution=_spans(plan, pair),
    )  # fmt: skip


def _turns(plan: Plan) -> Iterator[tuple[Raise, Raise]]:
    """Spends of two channels at which the one is better on average and the other one for the next money."""
    money = round_sum(min(plan.today(channel) for channel in plan.pair) / 5)
    first, second = ([plan.raised(channel, each.before[0], money) for each in plan.raises(channel)]
                     for channel in plan.pair)  # fmt: skip
    for one in first:
        for two in second:
            better, other = sorted((one, two), key=lambda each: each.average)
            if better.average * BETTER < other.average and better.more * MORE < other.more:
                yield better, other


def is_told(plan: Plan, one: Raise, other: Raise) -> bool:
    """Whether the next money brings more in one channel than in the other by all curves, as it is shown."""
    return _ahead(plan, one, other)[0] > 0


def _ahead(plan: Plan, one: Raise, other: Raise) -> tuple[int, int]:
    low, high = plan.ahead(one, other)
    return round(low), round(high)


def _range(plan: Plan, case: Raise) -> tuple[int, int]:
    """What the next money brings, from the lowest to the highest of all curves, as it is shown."""
    low, high = plan.more(case.channel, case.before[0], case.money)
    return round(low), round(high)


def _next_money(plan: Plan, cases: Sequence[Raise]) -> Markup:
    heads = (_("Channel"), _("Spend a month"), _("Average price per {n}").format(n=plan.per),
             _("{money} more bring ({unit})").format(money=plan.money(cases[0].money), unit=plan.unit),
             _("by all curves"))  # fmt: skip
    columns = [Column(head, "number" if place else "text") for place, head in enumerate(heads)]
    rows = [[channel_name(each.channel), plan.money(each.before[0]), plan.price(each.average), plan.count(each.more),
             "–".join(plan.count(end) for end in _range(plan, each))] for each in cases]  # fmt: skip
    one, other = cases
    rows += [[_names(cases), "", "", _signed(one.more - other.more), _difference(plan, cases)]]
    return Markup(data_table(columns, rows))


def _spans(plan: Plan, cases: Sequence[Raise]) -> str:
    """How much more the next money brings in the first channel than in the second one, by all curves."""
    return f"{_names(cases)}: {_difference(plan, cases)}"


def _names(cases: Sequence[Raise]) -> str:
    one, other = (channel_name(each.channel) for each in cases)
    return _("Difference: {one} minus {other}").format(one=one, other=other)


def _difference(plan: Plan, cases: Sequence[Raise]) -> str:
    low, high = map(_signed, _ahead(plan, *cases))
    return _("{low} to {high}").format(low=low, high=high)


def _signed(number: float) -> str:
    return write_difference(round(number), "count")


# What to propose


def ask_proposal(plan: Plan, lot: Lot) -> Choice:
    """What to make of a what if: neither a promise nor nothing."""
    small = min(plan.today(channel) for channel in plan.pair)
    money = round_sum(small * lot.one(PARTS))
    giver, taker, expected = _best_move(plan, money)
    low, high = (float(expected[f"change_{end}"]) * MONTH for end in ("low", "high"))
    text = _("What if {money} a month moved from {giver} to {taker}? By all the curves from past weeks: {unit}, "
             "{low} to {high} a month. What do you propose?")  # fmt: skip
    named = {"giver": channel_name(giver), "taker": channel_name(taker)}
    test = experiment_words(plan.curves, by_week({giver: 0.0}), plan.result, plan.currency)[-1]
    return Choice(
        text=text.format(money=plan.money(money), unit=plan.unit, low=_signed(low), high=_signed(high), **named),
        answer="test",
        options=(
            Option("promise", _("Move it, and write the middle of the range into the plan.")),
            Option("test", _("Test first: switch {giver} off in a few places for some weeks, and see what is "
                             "missing there.").format(**named)),
            Option("all", _("Move all the money of {giver}: then {taker} brings even more.").format(**named)),
            Option("stay", _("Change nothing until somebody knows for certain what comes of it.")),
        ),
        slips=(slip_to("what_if_as_promise", "promise"), slip_to("all_to_the_best", "all"),
               slip_to("doubt_as_standstill", "stay")),
        hints=(
            _("Was this measured, or is it a what-if?"),
            _("Which proposal costs little if the curves are wrong, and shows whether they are?"),
        ),
        because=_("A curve is learned from the past; a test shows what {giver} brings now. If less is missing than "
                  "the curve says, little is lost by moving. What {taker} makes of more money it does not show: move "
                  "a little and measure that, too.").format(**named),
        solution=_("First a test that costs little, then the money. The kit plans it: {test}").format(test=test),
    )  # fmt: skip


def _best_move(plan: Plan, money: float) -> tuple[str, str, Any]:
    """The direction of a move from which the curves expect more, and what all of them say of it."""
    found = {}
    for giver, taker in (plan.pair, plan.pair[::-1]):
        spends = plan.moved(money if giver == plan.pair[0] else -money)
        expected = what_if(plan.curves, by_week(spends)).set_index("form")
        found[float(expected["change"].mean())] = giver, taker, expected.loc[ALL]
    return found[max(found)]
