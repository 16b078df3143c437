"""Traffic and empty traffic: more visits are not better marketing, and quality is checked from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from kpi_helpers.charts.what_if import plot_what_if
from kpi_helpers.history import COMPANY
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.labels import kpi_name, lower_first, month_name, write_rate, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.lessons.chapters.conversion_mix import write_count
from kpi_helpers.lessons.chapters.empty_traffic_asking import ask_order, ask_reason
from kpi_helpers.lessons.chapters.empty_visits import LEAST_LEADS, Kind, Rise, Traffic, find_rise, list_cases
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, compute
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.lessons.script import Experiment, Paragraph, Pick, Script, Shown, Slider, Step, leave_out, steps_table
from kpi_helpers.tables import Column, data_table

HUNDREDTH = 0.0001  # of a percent
CENT = 0.01
SHARES = np.linspace(0, 1, 101)
SOURCES = 3  # channels to pick from, those with most empty visits
THOUSAND = 1000


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on a month with many more visits and no more leads."""
    kind, cases = list_cases(figures)
    rise = find_rise(figures, kind)
    others = [case for case in cases if (case.month, case.scope) != (rise.after.month, COMPANY)]
    blank_case, blank = lot.clear(others, ask_blank)
    paid = [case for case in others if case.spend > 0 and case != blank_case]
    if not paid:
        raise Lacking(_("the exports show no spend of a channel with empty visits."))
    cost_case, cost = lot.clear(paid, ask_cost)
    example = lot.one([case for case in others if case not in (blank_case, cost_case)])
    return Script(
        predict=ask_prediction(rise), explore=take_out(rise), explain=lambda said: explain(rise, said),
        example=work_out(example), example_of=example.name, blank=blank,
        fresh=[cost, ask_order(figures, lot)],
        leave=ask_reason(figures, lot),
        remember=(
            _("More visits are not better marketing: ask what became of them."),
            _("Empty visits make the conversion smaller and a visit cheaper. The business has not changed."),
            _("Quality is checked from outside: do the visits become leads, and do the leads qualify?"),
            _("What is counted per qualified lead cannot be blown up by robots or by the wrong audience."),
        ),
    )  # fmt: skip


def empty_name(kind: Kind) -> str:
    """What counts as an empty visit, at the head of a line."""
    return _("Visits of robots") if kind == "robots" else _("Visits that left at once (bounces)")


def left_name(kind: Kind) -> str:
    """What stays without the empty visits."""
    return _("Visits of people") if kind == "robots" else _("Visits that stayed")


# The steps


def ask_prediction(rise: Rise) -> Choice:
    text = _("{month}: {now} visits, a month earlier {before}. That is {growth} more. What did the leads do?")
    return Choice(
        text=text.format(month=month_name(rise.after.month), now=write_count(rise.after.visits),
                         before=write_count(rise.before.visits), growth=write_value(rise.visits, "share", short=True)),
        answer="none",
        options=(
            Option("same", _("They rose about as much as the visits")),
            Option("half", _("They rose, but only about half as much")),
            Option("none", _("They did not rise at all")),
        ),
        slips=(slip_to("more_visits_better", "same"), slip_to("more_visits_better", "half")),
    )  # fmt: skip


def take_out(rise: Rise) -> Experiment:
    """Empty visits taken out of the month, of all channels or of one."""
    month = rise.after
    worst = sorted((now for _then, now in rise.channels), key=lambda one: -one.empty)[:SOURCES]
    empty = {"": month.empty, **{one.scope: one.empty for one in worst if one.empty}}
    names = {"": _("all channels"), **{one.scope: one.channel for one in worst if one.empty}}
    lines = {scope: _rates_without(month, number) for scope, number in empty.items()}

    def show(set_to: Mapping[str, Any]) -> Shown:
        share, scope = set_to["share"], set_to["scope"]
        visits = month.visits - share * empty[scope]
        said = _("{visits} visits are left, {rate} of them become leads. The leads are the same {leads}.")
        rate = compute("visit_to_lead", leads=month.leads, visits=visits)
        words = said.format(visits=write_count(round(visits)), rate=write_rate(rate), leads=write_count(month.leads))
        ax = plot_what_if(
            lines[scope], share, styles=("share", "share"), level=None, finding=words,
            x_name=_("taken out, share of the empty visits"),
            subtitle=_("{kpi}, {month}; taken out: {what}, {source}").format(
                kpi=kpi_name("visit_to_lead"), month=month_name(month.month, heading=False),
                what=lower_first(empty_name(month.kind)), source=names[scope]),
        )  # fmt: skip
        return Shown(words, ax, words, table=_beside(rise, visits))

    return Experiment(
        task=_("Take the empty visits out, step by step, of all channels or of one. Watch the four numbers of the "
               "table: which of them move, and which does not?"),
        controls=[
            Slider("share", _("Empty visits taken out"), 0.0, 1.0, 0.05, 0.0, "share"),
            Pick("scope", _("Of which channel"), names, ""),
        ],
        show=show,
    )  # fmt: skip


def _rates_without(month: Traffic, empty: float) -> pd.Series:
    """The conversion to a lead by the share of these visits that is taken out."""
    sums = pd.DataFrame({"leads": month.leads, "visits": month.visits - SHARES * empty})
    return pd.Series(compute_kpis(sums, ["visit_to_lead"])["value"].to_numpy(float), index=SHARES)


def _beside(rise: Rise, visits: float) -> str:
    """The numbers of the month as they are exported and with so many visits."""
    month = rise.after
    cost = month.money(month.qualified_cost)
    cost_name = _("Ad spend per qualified lead, so far") if rise.waiting else _("Ad spend per qualified lead")
    rows = [
        [kpi_name("visits"), write_count(month.visits), write_count(round(visits))],
        [kpi_name("visit_to_lead"), write_rate(month.rate), write_rate(month.leads / visits)],
        [_("Ad spend per visit"), month.money(month.visit_cost), month.money(month.spend / visits)],
        [cost_name, cost, cost],
    ]
    columns = [Column(_("What")), Column(_("As exported"), "number"), Column(_("Without them"), "number")]
    return data_table(columns, rows)


def explain(rise: Rise, said: Any) -> list[Paragraph]:
    before, after = rise.before, rise.after
    begin = {
        "none": _("You said that they did not rise. That is right: {before} leads before, {now} now."),
        "same": _("You said that they rose about as much. They did not rise: {before} leads before, {now} now."),
        "half": _("You said that they rose about half as much. They did not rise: {before} leads before, {now} now."),
    }.get(str(said), _("The leads did not rise: {before} before, {now} now."))
    source = _("The largest part of the new visits, {part}, came from {channel}: {more} more than a month earlier. "
               "{what}: {share} of this channel's visits. All of its visits became {leads} leads.")  # fmt: skip
    left = _("Without the empty visits: {before} visits before, {now} now.")
    if rise.left_rose:
        left = _("Without the empty visits: {before} visits before, {now} now. So these rose, too, and they brought no "
                 "more leads either.")  # fmt: skip
    then, top = rise.channels[0]
    more = top.visits - (then.visits if then else 0)
    tells = _("Empty visits enlarge the visits and shrink the conversion; a visit even looks cheaper. The cost of a "
              "qualified lead did not move when you took them out, for no empty visit ever was in it.")  # fmt: skip
    outside = _("So ask from outside the site: how many visits become leads, and how many leads qualify? The wrong "
                "audience is empty, too: people who will never buy. A low bounce rate does not rule them out: they may "
                "read on.")  # fmt: skip
    stand_in = _("The exports do not tell robots from people. Bounces stand in for empty visits here, and not every "
                 "bounce is one: a telephone number may be found on the first page.")  # fmt: skip
    wrong = [now for _then, now in rise.channels
             if now.leads >= LEAST_LEADS and now.qualified == 0 and not rise.waiting.get(now.scope)]  # fmt: skip
    none = _("{channel} brought {leads} leads here, and none of them has qualified.")
    return [
        begin.format(before=write_count(before.leads), now=write_count(after.leads)),
        source.format(part=write_value(more / rise.new, "share", short=True), channel=top.channel,
                      more=write_count(more), what=empty_name(top.kind),
                      share=write_value(top.empty_share, "share"), leads=write_count(top.leads)),
        left.format(before=write_count(before.left), now=write_count(after.left)),
        _by_channel(rise), tells, outside,
        *(none.format(channel=one.channel, leads=write_count(one.leads)) for one in wrong[:1]),
        *([stand_in] if after.kind == "bounces" else []),
    ]  # fmt: skip


def _by_channel(rise: Rise) -> Markup:
    """The month's channels, those first that gained most visits."""
    heads = [_("Channel"), kpi_name("visits"), _("More than a month earlier"), kpi_name("bounce_rate"),
             kpi_name("page_depth"), _("Leads per 1,000 visits"), _("Qualified per 1,000 visits")]  # fmt: skip
    robots = rise.after.kind == "robots"
    if robots:
        heads.insert(3, kpi_name("robot_share"))
    rows = []
    for then, now in rise.channels:
        more = now.visits - (then.visits if then else 0)
        cells = [
            write_value(now.bounce_rate, "share"),
            write_value(now.depth, "ratio"),
            *(write_value(THOUSAND * part / now.visits, "points") for part in (now.leads, now.qualified)),
        ]
        share = [write_value(now.empty_share, "share")] if robots else []
        rows.append([now.channel, write_count(now.visits), _signed(more), *share, *cells])
    columns = [Column(head, "number" if place else "text") for place, head in enumerate(heads)]
    return Markup(data_table(columns, rows, caption=month_name(rise.after.month), note=_waiting_words(rise)))


def _waiting_words(rise: Rise) -> str:
    number = sum(rise.waiting.values())
    if not number:
        return ""
    said = ngettext("{number} lead of the month has no verdict yet: the last column may still rise.",
                    "{number} leads of the month have no verdict yet: the last column may still rise.",
                    number)  # fmt: skip
    return said.format(number=number)


def work_out(case: Traffic, blank: str = "") -> list[Step]:
    """The month with and without its empty visits; `blank` is the step left to the learner."""
    count, spend = write_count, case.money(case.spend)
    visits, left, leads = count(case.visits), count(case.left), count(case.leads)
    steps = {
        "share": Step(_("{what}: share").format(what=empty_name(case.kind)), f"{count(case.empty)} / {visits}",
                      write_value(case.empty_share, "share")),
        "left": Step(left_name(case.kind), f"{visits} − {count(case.empty)}", left),
        "all": Step(_("Conversion to a lead, all visits"), f"{leads} / {visits}", write_rate(case.rate)),
        "clean": Step(_("Conversion to a lead, without the empty ones"), f"{leads} / {left}",
                      write_rate(case.clean_rate)),
    }  # fmt: skip
    if not blank and case.spend > 0:
        steps |= {
            "cost": Step(_("Ad spend per visit, all visits"), f"{spend} / {visits}", case.money(case.visit_cost)),
            "clean_cost": Step(_("Ad spend per visit, without the empty ones"), f"{spend} / {left}",
                               case.money(case.clean_cost)),
        }  # fmt: skip
    return leave_out(steps, blank)


def ask_blank(case: Traffic) -> Number:
    text = _(
        "{name}: what is the conversion from visit to lead without the empty visits, in percent with two decimals?"
    )
    return Number(
        text=text.format(name=case.name), given=steps_table(work_out(case, "clean")), answer=case.clean_rate,
        style="share", rounding=HUNDREDTH,
        slips=(slip("empty_in_denominator", amount=case.leads, visits=case.visits),
               slip("empty_off_rate", leads=case.leads, visits=case.visits, empty=case.empty)),
        hints=(
            _("Do leads disappear when empty visits are taken out?"),
            _("The leads stay above the line. Below it stand the visits that are left."),
        ),
        because=_("The same leads over fewer visits: the conversion is higher, and nobody has worked better for it."),
        solution=f"{write_count(case.leads)} / {write_count(case.left)} = {write_rate(case.clean_rate)}",
    )  # fmt: skip


def ask_cost(case: Traffic) -> Number:
    text = _("{name}: {spend} of ad spend, {visits} visits. {what}: {empty}. What did one of the other visits cost?")
    return Number(
        text=text.format(name=case.name, spend=case.money(case.spend), visits=write_count(case.visits),
                         what=empty_name(case.kind), empty=write_count(case.empty)),
        answer=case.clean_cost, style="money", rounding=CENT, currency=case.currency,
        slips=(slip("empty_in_denominator", amount=case.spend, visits=case.visits),
               slip("empty_paid_apart", spend=case.spend, empty=case.empty)),
        hints=(
            _("The empty visits were paid for, too. Who has to carry that?"),
            _("All of the spend over the visits that are left."),
        ),
        because=_("The money is spent whoever came: the visits that are left carry all of it."),
        solution=f"{case.money(case.spend)} / ({write_count(case.visits)} − {write_count(case.empty)}) = "
                 f"{case.money(case.clean_cost)}",
    )  # fmt: skip


def _signed(number: float) -> str:
    return ("+" if number > 0 else "−" if number < 0 else "") + write_count(abs(number))
