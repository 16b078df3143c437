"""Who owns which number: a change split between those who moved it, answers in time, and pay that is not gamed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.causes import EVIDENCE_MONTHS, LEADS_TREE, RATE, confirm_channels
from kpi_helpers.differences import compare_shares
from kpi_helpers.drivers import read_tree, split_change
from kpi_helpers.labels import NBSP, channel_name, month_name, write_difference, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.owners_pay import buy_empty_leads, cheapest_lead, pays_for, shows_costs
from kpi_helpers.lessons.chapters.owners_service import ask_due, ask_share
from kpi_helpers.lessons.figures import Figures, Lacking, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.lessons.script import Paragraph, Script, Step, leave_out, steps_table
from kpi_helpers.tables import Column, data_table

YEAR = 12  # months that lie between the two of a case at most, and from which the trap is taken
TENTH = 0.1  # of a lead: the splits are asked for with one decimal
TRAPS, RISE = 4, 1.05  # among so many the lot draws; times as many leads
APART = 0.03  # leads and rate of a case changed by so much at least


@dataclass(frozen=True)
class Case:
    """Two months of leads, of which some qualified."""

    before: pd.Timestamp
    after: pd.Timestamp
    leads: tuple[float, float]
    qualified: tuple[float, float]

    @property
    def rates(self) -> tuple[float, float]:
        return self.qualified[0] / self.leads[0], self.qualified[1] / self.leads[1]

    @property
    def change(self) -> float:
        return self.qualified[1] - self.qualified[0]

    @property
    def parts(self) -> pd.Series:
        """The change of qualified leads through the leads, and through the rate; both add up to it."""
        then, now = (
            {"leads": number, "qualified_leads": good} for number, good in zip(self.leads, self.qualified, strict=True)
        )
        return split_change(then, now, f"leads * {RATE}")

    def words(self, place: int) -> str:
        """One of the months: "July 2026: 168 leads, 76.2 % of them qualified, 128"."""
        return _("{month}: {leads} leads, {rate} of them qualified, that is {qualified}").format(
            month=month_name((self.before, self.after)[place]), rate=write_value(self.rates[place], "share"),
            leads=write_value(self.leads[place], "count"), qualified=write_value(self.qualified[place], "count"),
        )  # fmt: skip


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on leads, which are marketing's, and the share of them that qualifies, which is that of sales."""
    cases = list_cases(figures)
    paid = [case for case in recent(cases) if shows_costs(figures, case.after)]
    if not paid:
        raise Lacking(_("the exports do not show what a qualified lead costs."))
    trap = lot.one(list_traps(paid))
    example, *others = [case for case in lot.shuffled(cases) if case != trap]
    bonus = buy_empty_leads(figures, trap)
    return Script(
        predict=ask_prediction(trap), explore=bonus, explain=lambda said: explain(figures, trap, said),
        example=work_out(example), blank=lot.clear(others, ask_blank)[1],
        fresh=[ask_due(figures, lot), ask_share(figures, lot)], leave=ask_pay(figures, lot.one(paid)),
        remember=(
            _("Leads belong to marketing, the qualification rate to sales: look at both before you blame anyone."),
            _("Where a channel has brought few leads, or they qualify below the norm, the rate belongs to both."),
            _("An answer that never came is a late answer. Minutes count while the office is open."),
            _("Pay people for what they can move, step by step, with a counterweight beside it."),
        ),
    )  # fmt: skip


def list_cases(figures: Figures) -> list[Case]:
    """Pairs of months within a year in which both the leads and the rate changed; Lacking where there are too few."""
    months = figures.judged_months()
    pairs = [(then, now) for then, now in combinations(months, 2) if now <= then + pd.DateOffset(months=YEAR)]
    cases = [_case(figures, *pair) for pair in pairs]
    found = [case for case in cases if case.leads[0] != case.leads[1] and abs(case.rates[1] - case.rates[0]) > APART]
    if len(found) < 5:
        raise Lacking(_("the exports show in too few months how many leads came and how many of them qualified."))
    return found


def _case(figures: Figures, before: pd.Timestamp, after: pd.Timestamp) -> Case:
    then, now = figures.sums(before), figures.sums(after)
    return Case(before, after, (then["leads"], now["leads"]), (then["qualified_leads"], now["qualified_leads"]))


def recent(cases: Sequence[Case]) -> list[Case]:
    """Those of the last year."""
    last = max(case.after for case in cases) - pd.DateOffset(months=YEAR)
    return [case for case in cases if case.before >= last]


def list_traps(cases: Sequence[Case]) -> list[Case]:
    """Some pairs of months between which leads rose and the rate fell, the plainest first.

    To fewer qualified leads, where there are such.
    """
    traps = [case for case in cases if case.leads[1] > RISE * case.leads[0] and case.change < 0]
    plain = sorted(traps or cases, key=lambda case: max(-float(case.parts["leads"]), float(case.parts[RATE])))
    return plain[:TRAPS]


# The steps


def ask_prediction(case: Case) -> Choice:
    text = _(
        "{before}: {then} qualified leads. {after}: {now}. The director asks who is responsible for the change. "
        "What do you say?"
    )
    return Choice(
        text=text.format(before=month_name(case.before), then=write_value(case.qualified[0], "count"),
                         after=month_name(case.after), now=write_value(case.qualified[1], "count")),
        answer="unknown",
        options=(
            Option("marketing", _("Marketing: it brings the leads")),
            Option("sales", _("Sales: they turn leads into qualified ones")),
            Option("unknown", _("This number alone does not show it")),
        ),
        slips=(slip_to("all_change_to_marketing", "marketing"), slip_to("all_change_to_sales", "sales")),
    )  # fmt: skip


def explain(figures: Figures, case: Case, said: Any) -> list[Paragraph]:
    begin = {
        "unknown": _("You said that the number alone does not show it, and that is right: two teams stand behind "
                     "it."),
        "marketing": _("You named marketing. But qualified leads are leads times the rate, the share of them "
                       "that qualifies, and the rate is not marketing's alone."),
        "sales": _("You named sales. But qualified leads are leads times the rate, the share of them that "
                   "qualifies, and the leads are not theirs."),
    }.get(str(said), "")  # fmt: skip
    facts = _("{then}. {now}. The leads moved the qualified ones by {leads}, the rate by {rate}: together {change}.")
    split = facts.format(then=case.words(0), now=case.words(1), leads=_moved(case.parts["leads"]),
                         rate=_moved(case.parts[RATE]), change=_moved(case.change))  # fmt: skip
    empty = _(
        "You saw what empty leads do to this split: marketing is praised for more leads and sales is blamed for "
        "a lower rate, though nobody there works any differently. So sales alone answers for the rate only where "
        "many leads of a channel have come and nothing in them speaks against the norm: the range that fits their "
        "rate reaches {norm} and begins no more than 10 points below it. Elsewhere the rate belongs to both. The "
        "norm is the kit's own: so many leads have to qualify for a business to live on them. Yours may be another."
    )
    pay = _(
        "The same holds for pay. A bonus on leads alone pays for leads that nobody can use. A counterweight, "
        "such as the cost per qualified lead, takes some or all of that back. A bonus on qualified leads pays "
        "nothing for them, but it also pays or punishes marketing for what sales do. The cost per qualified lead "
        "does so, too, in part: it contains the rate."
    )
    norm = write_value(_norm(), "share", short=True)
    paragraphs = (begin, split, told_by_chance(case), empty.format(norm=norm), channels_table(figures, case), pay)
    return [paragraph for paragraph in paragraphs if paragraph]  # fmt: skip


def told_by_chance(case: Case) -> str:
    """Whether the rate really changed."""
    counts = {"hits": case.qualified[1], "trials": case.leads[1],
              "hits_before": case.qualified[0], "trials_before": case.leads[0]}  # fmt: skip
    found = compare_shares(pd.DataFrame([counts])).iloc[0]
    form = _("Before anyone is blamed: is it more than chance? The rate changed by {change}; with so few leads "
             "anything from {low} to {high} fits. Zero lies in between: chance alone may have done it.")  # fmt: skip
    if found["verdict"] in ("higher", "lower"):
        form = _("Before anyone is blamed: is it more than chance? The rate changed by {change}; anything from "
                 "{low} to {high} fits, zero does not. Chance alone would hardly do that.")  # fmt: skip
    parts = {"change": case.rates[1] - case.rates[0], "low": found["low"], "high": found["high"]}
    return form.format(**{name: write_difference(part, "share") for name, part in parts.items()})


def channels_table(figures: Figures, case: Case) -> Markup:
    """Each channel's rate in the months up to the first of the case, and whose it therefore is; "" without channels."""
    sums = figures.history.past.all_months("channel")
    evidence = confirm_channels(sums, case.before, _norm())
    if evidence.empty:
        return Markup("")
    rows = [
        [channel_name(row["channel"]), row["leads"], row["value"], _fits(row["low"], row["high"]), _whose(row)]
        for row in evidence.reset_index().to_dict("records")
    ]  # fmt: skip
    columns = [Column(_("Channel")), Column(_("Leads"), "count"), Column(_("Of them qualified"), "share"),
               Column(_("What fits (95 %)"), "number"), Column(_("Whose is the rate?"))]  # fmt: skip
    since = max(sums["period"].min(), case.before - pd.DateOffset(months=EVIDENCE_MONTHS - 1))
    caption = _("Leads by channel, {first} – {last}").format(
        first=month_name(since, heading=False), last=month_name(case.before, heading=False))  # fmt: skip
    return Markup(data_table(columns, rows, caption=caption))


def _fits(low: float, high: float) -> str:
    """An interval in tenths of a point, which the rule needs."""
    return f"{write_value(low, 'share').rstrip(f'%{NBSP}')}–{write_value(high, 'share')}"


def _whose(row: Mapping[Hashable, Any]) -> str:
    """Who answers for a channel's rate, and why."""
    if row["confirmed"]:
        return _("sales")
    return _("both: too low a rate") if row["high"] < _norm() else _("both: too few leads to be sure")


def work_out(case: Case, blank: str = "") -> list[Step]:
    """The split of the change, step by step; `blank` is the step left to the learner."""
    count, share = (lambda number: write_value(number, "count")), (lambda rate: write_value(rate, "share"))
    more, mean = case.leads[1] - case.leads[0], sum(case.rates) / 2
    steps = {
        "before": Step(month_name(case.before), f"{count(case.leads[0])} × {share(case.rates[0])}",
                       count(case.qualified[0])),
        "after": Step(month_name(case.after), f"{count(case.leads[1])} × {share(case.rates[1])}",
                      count(case.qualified[1])),
        "change": Step(_("The change of qualified leads"), f"{count(case.qualified[1])} − {count(case.qualified[0])}",
                       _moved(case.change)),
        "leads": Step(_("Through the leads (marketing): at the mean of both rates"),
                      f"{_moved(more)} × {share(mean)}", _moved(case.parts["leads"])),
        "rate": Step(_("Through the rate (sales): at the mean of both numbers of leads"),
                     f"{write_difference(case.rates[1] - case.rates[0], 'share')} × {count(sum(case.leads) / 2)}",
                     _moved(case.parts[RATE])),
    }  # fmt: skip
    if blank:
        del steps["rate"]  # with it the blank would be a mere difference
    return leave_out(steps, blank)


def ask_blank(case: Case) -> Number:
    more = case.leads[1] - case.leads[0]
    return Number(
        text=_("{before} → {after}. By how many did the change in leads, marketing's part, move the qualified "
               "leads? One decimal; a minus if it lowered them.").format(
                   before=month_name(case.before), after=month_name(case.after, heading=False)),
        given=steps_table(work_out(case, "leads")), answer=float(case.parts["leads"]), style="count", rounding=TENTH,
        slips=(
            slip("all_change_to_marketing", before=case.qualified[0], after=case.qualified[1]),
            slip("quantity_alone", before=case.leads[0], after=case.leads[1]),
            slip("change_halved", before=case.qualified[0], after=case.qualified[1]),
            slip("one_months_rate", more=more, rate=case.rates[0]),
            slip("one_months_rate", more=more, rate=case.rates[1]),
        ),
        hints=(
            _("How many more or fewer leads came? Only a part of them would have qualified: at which rate?"),
            _("Take the difference of the leads times the mean of the two rates."),
        ),
        because=_("The rest of the change came through the rate. So both parts add up, whoever is named first."),
        solution=_("({after} − {before}) × {rate} = {part}").format(
            after=write_value(case.leads[1], "count"), before=write_value(case.leads[0], "count"),
            rate=write_value(sum(case.rates) / 2, "share"), part=_moved(case.parts["leads"])),
    )  # fmt: skip


def ask_pay(figures: Figures, case: Case) -> Choice:
    leads, cost = case.leads[1], figures.value("cpql", case.after)
    plan = {"leads": write_value(leads, "count"), "cost": write_value(cost, "money", figures.currency),
            "rate": write_value(_norm(), "share", short=True)}  # fmt: skip
    text = _("Marketing's bonus for the month after {month} is to be agreed. The plan is as good a month again: "
             "{leads} leads, {cost} per qualified lead. The norm of the qualification rate is {rate}. Which rule do "
             "you sign?")  # fmt: skip
    return Choice(
        text=text.format(month=month_name(case.after, heading=False), **plan),
        answer="balanced",
        options=(
            Option("leads", _("It grows with every lead above the plan.")),
            Option("rate", _("It grows with the qualification rate, from the norm on.")),
            Option("step", _("All of it if a qualified lead costs no more than planned, nothing otherwise.")),
            Option("balanced", _("It grows step by step: half of it with more leads, half with a lower cost per "
                                 "qualified lead.")),
        ),
        slips=(slip_to("quantity_alone", "leads"), slip_to("anothers_number", "rate"),
               slip_to("step_pays_luck", "step")),
        hints=(
            _("For each rule ask: who moves this number, and how could it be reached without any gain for the "
              "company?"),
            _("What if empty leads are bought? What if the result just misses the plan?"),
        ),
        because=pays_for(figures, case, cheapest_lead(figures, case.after)),
        solution=_("Leads, with the cost per qualified lead beside them: marketing moves the leads, and mostly "
                   "the cost; one keeps the other honest, and a little more is worth a little more. One limit: the "
                   "rate is in this cost. Where sales alone answers for it, agree to reckon it at the norm."),
    )  # fmt: skip


def _moved(number: float) -> str:
    return write_difference(number, "count", tenths=number != int(number))


def _norm() -> float:
    """The share of leads that must qualify for the economics to work."""
    return float(read_tree(LEADS_TREE).nodes[RATE].norm)
