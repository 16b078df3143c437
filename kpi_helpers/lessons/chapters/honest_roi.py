"""ROI without self-deception: money back is not money earned, and a month's sales are not those of its leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.charts.what_if import plot_what_if
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.labels import channel_name, month_name, write_money, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.honest_roi_deals import ask_open_deals
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, compute
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.lessons.script import Experiment, Paragraph, Script, Shown, Slider, Step, leave_out, steps_table

WHOLE = 0.01  # percent are asked for without decimals
SHARES = np.linspace(0, 1, 101)
CENTS = 100  # of the currency: smaller amounts are written with cents
MOST_SPENT = 0.95  # of the revenue: no margin pays for more


@dataclass(frozen=True)
class Case:
    """A channel's month: what was spent, and what came of it."""

    month: pd.Timestamp
    channel: str
    currency: str
    spend: float
    revenue: float
    margin: float

    @cached_property
    def romi(self) -> float:
        return compute("romi", margin=self.margin, spend=self.spend)

    @cached_property
    def revenue_roi(self) -> float:
        return compute("revenue_roi", revenue=self.revenue, spend=self.spend)

    @cached_property
    def break_even(self) -> float:
        """The margin, as a share of revenue, at which nothing is earned and nothing lost."""
        return compute("drr", spend=self.spend, revenue=self.revenue)

    @property
    def margin_share(self) -> float:
        return self.margin / self.revenue

    @property
    def name(self) -> str:
        return f"{channel_name(self.channel)}, {month_name(self.month, heading=False)}"

    def as_written(self) -> Case:
        """The month by the amounts as they are shown: who reckons with them gets what the lesson says."""
        spend, revenue, margin = map(_as_written, (self.spend, self.revenue, self.margin))
        return replace(self, spend=spend, revenue=revenue, margin=margin)

    def money(self, amount: float) -> str:
        return write_money(amount, self.currency)


def _as_written(amount: float) -> float:
    return round(amount, 0 if abs(amount) >= CENTS else 2)


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on the company's paid channels."""
    cases = _written_cases(figures)
    trap = find_trap(lot.shuffled(cases))
    example, *others = [case for case in lot.shuffled(cases) if case != trap]
    blank_case, blank = lot.clear(others, ask_blank)
    fresh_case, fresh = lot.clear([case for case in others if case != blank_case], ask_fresh)
    payable = [case for case in others if case.break_even < MOST_SPENT]
    last = [case for case in payable if case not in (blank_case, fresh_case)] or payable
    return Script(
        predict=ask_prediction(trap), explore=vary_margin(trap), explain=lambda said: explain(trap, said),
        example=work_out(example), example_of=example.name, blank=blank,
        fresh=[fresh, ask_break_even(lot, last)], leave=ask_open_deals(figures, lot),
        remember=(
            _("Revenue that came back is not profit: the goods, too, had to be paid for."),
            _("Without a margin there is neither ROMI nor ROI, only ROAS and the ad cost share."),
            _("The ad cost share is the break-even margin: below it the advertising loses money."),
            _("The ROI of a month counts its sales. What its leads are worth shows only when their deals are closed."),
        ),
    )  # fmt: skip


def list_cases(figures: Figures) -> list[Case]:
    """Channels' months with spend, revenue and margin; Lacking where there are fewer than the lesson needs."""
    found = []
    for scope in figures.history.scopes("romi"):
        for month in figures.months:
            sums = figures.sums(month, scope)
            if all(sums.get(name, 0) >= 1 for name in ("spend", "revenue", "margin")):
                found.append(Case(month, scope, figures.currency, sums["spend"], sums["revenue"], sums["margin"]))
    if len(found) < 5:
        raise Lacking(_("the exports show the margin of too few paid channels and months."))
    return found


@lru_cache(maxsize=8)
def _written_cases(figures: Figures) -> list[Case]:
    return [case.as_written() for case in list_cases(figures)]


def find_trap(cases: Sequence[Case]) -> Case:
    """A month that looks like a gain by its revenue and is a loss by its margin; else the one nearest to that."""
    traps = [case for case in cases if case.revenue_roi > 0.1 and case.romi < -0.05]
    return traps[0] if traps else min(cases, key=lambda case: abs(case.romi))


# The steps


def ask_prediction(case: Case) -> Choice:
    text = _("{name}: {spend} went into advertising, and goods for {revenue} were sold through it. What did the "
             "advertising earn on the money spent?")  # fmt: skip
    sold = {"revenue": case.revenue, "spend": case.spend}
    wrong = [slip(name, **sold) for name in ("revenue_as_profit", "roas_as_return")]
    return Choice(
        text=text.format(name=case.name, spend=case.money(case.spend), revenue=case.money(case.revenue)),
        answer="unknown",
        options=(
            *(Option(one.name, write_value(one.value, "share")) for one in wrong),
            Option("unknown", _("It cannot be said from these two numbers")),
        ),
        slips=tuple(slip_to(one.name, one.name, **sold) for one in wrong),
    )


def vary_margin(case: Case) -> Experiment:
    sums = pd.DataFrame({"margin": SHARES * case.revenue, "spend": case.spend})
    line = pd.Series(compute_kpis(sums, ["romi"])["value"].to_numpy(float), index=SHARES)

    def show(set_to: Mapping[str, Any]) -> Shown:
        share = set_to["margin"]
        romi = compute("romi", margin=share * case.revenue, spend=case.spend)
        earned = share * case.revenue - case.spend
        said = _("With a margin of {share} the advertising earns {earned}: a ROMI of {romi}.")
        if earned < 0:
            said = _("With a margin of {share} the advertising loses {earned}: a ROMI of {romi}.")
        words = said.format(share=write_value(share, "share", short=True), earned=case.money(abs(earned)),
                            romi=write_value(romi, "share"))  # fmt: skip
        ax = plot_what_if(
            line, share, styles=("share", "share"), x_name=_("margin, share of revenue"), finding=words,
            subtitle=_("ROMI by margin, {name}: (margin − spend) / spend").format(name=case.name),
        )  # fmt: skip
        return Shown(words, ax, words)

    return Experiment(
        task=_("Two numbers stay: spend and revenue. Move the margin and find where the advertising earns nothing and "
               "loses nothing. ROMI, the return on marketing investment, is what is left of the margin after "
               "advertising, as a share of the spend."),
        controls=[Slider("margin", _("Margin, share of revenue"), 0.0, 1.0, 0.01, 0.9, "share")],
        show=show,
    )  # fmt: skip


def explain(case: Case, said: Any) -> list[Paragraph]:
    begin = {
        "unknown": _("You said that it cannot be said. That is right: the margin was missing."),
        "revenue_as_profit": _("You answered {roi}. That is what stays of the revenue, as if the goods had cost "
                               "nothing.").format(roi=write_value(case.revenue_roi, "share")),
        "roas_as_return": _("You answered {roas}. That is the whole revenue over the spend: not even the spend itself "
                            "is taken off.").format(roas=write_value(case.revenue / case.spend, "share")),
    }.get(str(said), "")  # fmt: skip
    outcome = _("The advertising lost {amount}") if case.romi < 0 else _("The advertising earned {amount}")
    facts = _("The exports know the margin: {margin}, which is {share} of revenue. {outcome}: a ROMI of {romi}.")
    facts = facts.format(
        margin=case.money(case.margin), share=write_value(case.margin_share, "share"),
        outcome=outcome.format(amount=case.money(abs(case.margin - case.spend))), romi=write_value(case.romi, "share"),
    )  # fmt: skip
    level = _("The line crosses zero at {share}: there the margin just pays for the advertising. That number needs no "
              "margin at all. It is spend / revenue, the ad cost share. Where the spend is larger than the revenue, no "
              "margin is enough.")  # fmt: skip
    ask = _("So whenever somebody says “we got it all back and half as much again”, ask: sure? Out of revenue or out "
            "of margin?")  # fmt: skip
    return [paragraph for paragraph in (
        begin, facts, level.format(share=write_value(case.break_even, "share")), ask) if paragraph]  # fmt: skip


def work_out(case: Case, blank: str = "") -> list[Step]:
    """ROAS, ad cost share, break-even and ROMI of a month, step by step; `blank` is the step left to the learner."""
    money, share = case.money, (lambda value: write_value(value, "share"))
    left = _as_written(case.margin - case.spend)
    steps = {
        "roas": Step(_("ROAS"), f"{money(case.revenue)} / {money(case.spend)}",
                     write_value(case.revenue / case.spend, "multiple")),
        "drr": Step(_("Ad cost share, the break-even margin"), f"{money(case.spend)} / {money(case.revenue)}",
                    share(case.break_even)),
        "margin": Step(_("Margin, share of revenue"), f"{money(case.margin)} / {money(case.revenue)}",
                       share(case.margin_share)),
        "left": Step(_("What is left"), f"{money(case.margin)} − {money(case.spend)}", money(left)),
        "romi": Step(_("ROMI"), f"{money(left)} / {money(case.spend)}", share(left / case.spend)),
    }  # fmt: skip
    return leave_out(steps, blank)


def ask_blank(case: Case) -> Number:
    return Number(
        text=_("{name}. What is the ROMI, in whole percent?").format(name=case.name),
        given=steps_table(work_out(case, "romi")), answer=case.romi, style="share", rounding=WHOLE, slips=_slips(case),
        hints=(
            _("The line above says what is left. On how much money was it earned?"),
            _("Divide what is left by the spend. Below zero it stays below zero."),
        ),
        because=_("What is left of the margin after advertising, over the money that was risked: the spend."),
        solution=_way(case),
    )  # fmt: skip


def ask_fresh(case: Case) -> Number:
    text = _("{name}: spend {spend}, revenue {revenue}, margin {margin}. What is the ROMI, in whole percent?")
    return Number(
        text=text.format(name=case.name, spend=case.money(case.spend), revenue=case.money(case.revenue),
                         margin=case.money(case.margin)),
        answer=case.romi, style="share", rounding=WHOLE, slips=_slips(case),
        hints=(
            _("First: what is left of the margin when the advertising is paid?"),
            _("ROMI = (margin − spend) / spend."),
        ),
        because=_("Revenue was not needed at all."), solution=_way(case),
    )  # fmt: skip


def ask_break_even(lot: Lot, cases: Sequence[Case]) -> Number:
    def ask(case: Case) -> Number:
        text = _("{name}: spend {spend}, revenue {revenue}. At which margin, in whole percent of revenue, does the "
                 "advertising pay for itself?")  # fmt: skip
        return Number(
            text=text.format(name=case.name, spend=case.money(case.spend), revenue=case.money(case.revenue)),
            answer=case.break_even, style="share", rounding=WHOLE,
            slips=(
                slip("roas_as_return", revenue=case.revenue, spend=case.spend),
                slip("spend_off_revenue", revenue=case.revenue, spend=case.spend),
            ),
            hints=(
                _("At break-even the margin is exactly as large as the spend."),
                _("Which part of the revenue is the spend?"),
            ),
            because=_("The same number has a name of its own: the ad cost share."),
            solution=_("{spend} / {revenue} = {share}").format(
                spend=case.money(case.spend), revenue=case.money(case.revenue),
                share=write_value(case.break_even, "share")),
        )  # fmt: skip

    return lot.clear(cases, ask)[1]


def _slips(case: Case) -> tuple[Any, ...]:
    return (
        slip("revenue_as_profit", revenue=case.revenue, spend=case.spend),
        slip("roas_as_return", revenue=case.revenue, spend=case.spend),
        slip("margin_without_spend", margin=case.margin, spend=case.spend),
    )


def _way(case: Case) -> str:
    return _("({margin} − {spend}) / {spend} = {romi}").format(
        margin=case.money(case.margin), spend=case.money(case.spend), romi=write_value(case.romi, "share")
    )
