"""Goals before numbers: from a wish to a goal, how its number is read, and how far it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.what_if import plot_what_if
from kpi_helpers.labels import kpi_name, lower_first, month_name, owner_name, write_date, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.goals_draft import ask_draft, judge, set_goal
from kpi_helpers.lessons.chapters.goals_numbers import ask_share, ask_target, list_shares, list_years
from kpi_helpers.lessons.chapters.goals_year import KEYS, Plan, plan_of
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.misconceptions import slip_to
from kpi_helpers.lessons.questions import Choice, Option, Order
from kpi_helpers.lessons.script import Experiment, Paragraph, Pick, Script, Shown, Slider, Step
from kpi_helpers.monthly_goals import break_down_goals
from kpi_helpers.outlook_words import write_chance
from kpi_helpers.planning import out_of_bounds
from kpi_helpers.smart.reach import CERTAIN, LIKELY, UNLIKELY
from kpi_helpers.tables import Column, data_table

WISH = 0.2
GOALS = ("total", "exit")  # which of the two readings is the goal among the four sentences
TRIED = np.round(np.arange(-0.3, 0.601, 0.01), 2)


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on the company's leads and shares."""
    plan, goal = plan_of(figures), lot.one(GOALS)
    blank = lot.clear(list_years(figures), ask_target)[1]
    share = lot.clear(list_shares(figures), ask_share)[1]
    return Script(
        predict=ask_prediction(plan, goal), explore=vary_target(plan),
        explain=lambda said: explain(plan, goal, said), example=work_out(figures, plan), blank=blank,
        fresh=[share, ask_draft(figures, lot)], leave=ask_order(*lot.one(list_wants())),
        remember=(
            _("First what the company wants, then the number that shows it, then how much of it and by when."),
            _("A goal names a KPI, a target, a deadline and an owner who can move it."),
            _("“+20%” for a year is two goals: the whole year together, or its last month."),
            _("“+5%” for a share is two goals as well: percent of it, or percentage points."),
        ),
    )  # fmt: skip


# The steps


def list_wishes(plan: Plan, goal: str) -> dict[str, str]:
    """Four sentences, of which one is a goal."""
    named = {
        "leads": write_value(plan.reachable(goal), "count"), "month": month_name(plan.end, heading=False),
        "start": write_date(plan.start), "end": write_date(plan.end),
        "revenue": write_value(plan.revenue_wish, "money", plan.currency),
        "wish": write_value(WISH, "share", short=True),
    }  # fmt: skip
    return {
        "wish": _("Noticeably more leads, and better ones, as soon as it can be done; marketing sees to it"),
        "growth": _("Leads +{wish} from {start} to {end}; marketing answers for it").format(**named),
        "revenue": _("Revenue of {revenue} from {start} to {end}; marketing answers for it").format(**named),
        "goal": {
            "total": _("{leads} leads in all from {start} to {end}; marketing answers for it"),
            "exit": _("{leads} leads in {month} alone, starting on {start}; marketing answers for it"),
        }[goal].format(**named),
    }  # fmt: skip


def ask_prediction(plan: Plan, goal: str) -> Choice:
    return Choice(
        text=_("Four sentences from a planning meeting. Which of them is a goal that can be checked and steered by?"),
        answer="goal", options=tuple(Option(key, words) for key, words in list_wishes(plan, goal).items()),
        slips=(slip_to("wish_as_goal", "wish"), slip_to("year_or_last_month", "growth"),
               slip_to("goal_nobody_moves", "revenue")),
    )  # fmt: skip


def vary_target(plan: Plan) -> Experiment:
    readings = {
        "total": _("Leads, the 12 months together"),
        "exit": _("Leads, the last month (exit rate)"),
        "percent": _("Qualification rate, percent of itself"),
        "points": _("Qualification rate, percentage points"),
    }

    @lru_cache(maxsize=len(readings))
    def line_of(reading: str) -> pd.Series:
        return pd.Series([plan.chance(reading, plan.level(reading, by)) for by in TRIED], index=TRIED)

    def show(set_to: Mapping[str, Any]) -> Shown:
        reading, by = str(set_to["reading"]), float(set_to["by"])
        row, level = plan.row(reading), plan.level(reading, by)
        chance, write = plan.chance(reading, level), lambda value: write_value(value, row.style, plan.currency)
        words = f"{readings[reading]}: {write(level)}. {_judged(row.key, level, chance)}"
        ax = plot_what_if(
            line_of(reading), by, styles=("share", "share"), level=None,
            marks={_("the best so far"): plan.best_change(reading)}, finding=words,
            x_name=_("the “+” of the wish"), subtitle=_("Chance by the forecast of the months to {end}").format(
                end=month_name(plan.end, heading=False)),
        )  # fmt: skip
        rows = [
            [_("Starting point"), f"{write(plan.base(reading))} ({plan.base_period(reading)})"],
            [_("Target"), write(level)], [_("The best so far"), write(plan.best(reading))],
            [_("Chance by the forecast"), write_chance(chance)],
        ]  # fmt: skip
        heads = [Column(_("What")), Column(_("Result"), "number")]
        return Shown(words, ax, words, data_table(heads, rows, note=_why_earlier(plan, reading)))

    return Experiment(
        task=_("The wish says “+{wish}”. Choose how it is meant, then move it: from where is it too easy, and from "
               "where was it never reached yet? (The qualification rate is the share of leads that sales find fit to "
               "buy.)").format(wish=write_value(WISH, "share", short=True)),
        controls=[
            Pick("reading", _("How it is meant"), readings, "total"),
            Slider("by", _("The “+” of the wish"), float(TRIED[0]), float(TRIED[-1]), 0.01, WISH, "share"),
        ],
        show=show,
    )  # fmt: skip


def _judged(key: str, level: float, chance: float) -> str:
    if out_of_bounds(key, level):
        return _("That is more than all of them, it cannot be.")
    said = {"chance": write_chance(chance)}
    if chance >= CERTAIN:
        return _("Too easy, it would come by itself (chance {chance}).").format(**said)
    if chance >= LIKELY:
        return _("Within reach (chance {chance}).").format(**said)
    if chance >= UNLIKELY:
        return _("Bold (chance {chance}).").format(**said)
    return _("Out of reach (chance {chance}), unless something changes.").format(**said)


def _why_earlier(plan: Plan, reading: str) -> str:
    """Why the starting point is not the last month."""
    last, start = plan.leads.index[-1], plan.sizes(reading).index[-1]
    if start == last:
        return ""
    return _("Not all leads of {last} are judged yet, so the rate starts from {start}.").format(
        last=month_name(last, heading=False), start=month_name(start, heading=False))  # fmt: skip


def explain(plan: Plan, goal: str, said: Any) -> list[Paragraph]:
    begin = {
        "wish": _("You chose a wish. It has no number and no day: next year anybody may say that it came true, or "
                  "not."),
        "growth": _("You chose the “+”. It looks exact and is not: nobody said what it is counted on."),
        "revenue": _("You chose the revenue. It is exact, but marketing alone does not move it: prices, sales and "
                     "stock move it as well."),
        "goal": {
            "total": _("You chose the leads in all, and they are the goal of the four."),
            "exit": _("You chose the leads of the last month, and they are the goal of the four."),
        }[goal],
    }.get(str(said), "")  # fmt: skip
    heads = [Column(_("Sentence")), Column(_("What the check of goals says"))]
    wishes, checks = list_wishes(plan, goal), check_wishes(plan, goal)
    table = Markup(data_table(heads, [[escape(wishes[key]), escape(checks[key])] for key in wishes]))
    smart = _("The check asks five questions, SMART. Specific: which KPI, and whose? Measurable: do the exports at "
              "hand yield it? Achievable: how likely is it by the forecast? Relevant: can its owner move it, and does "
              "it serve what the company wants? Time-bound: from when to when?")  # fmt: skip
    return [paragraph for paragraph in (begin, table, smart, compare_readings(plan)) if paragraph]


def compare_readings(plan: Plan) -> str:
    """What the wish means in each of its readings, and how likely that is."""
    words = _("In the experiment one “+{wish}” was four goals: {total} leads in the year or {exit} in its last month; "
              "a qualification rate of {percent} in percent of itself or {points} in points. Their chances by the "
              "forecast, in the same order: {chances}. So the reading is said with the number.")  # fmt: skip
    levels = {name: plan.level(name, WISH) for name in KEYS}
    chances = ", ".join(write_chance(plan.chance(name, level)) for name, level in levels.items())
    written = {name: write_value(level, plan.row(name).style) for name, level in levels.items()}
    said = words.format(wish=write_value(WISH, "share", short=True), chances=chances, **written)
    if out_of_bounds(plan.row("points").key, levels["points"]):
        said += " " + _("{points} would be more than all leads: it cannot be.").format(points=written["points"])
    return said


def check_wishes(plan: Plan, reading: str) -> dict[str, str]:
    """What the kit's check says of each of the four sentences."""
    goal = judge(plan.figures, plan.cells("leads", f"{plan.reachable(reading):.0f}", counts=reading))
    revenue = judge(plan.figures, plan.cells("revenue", f"{plan.revenue_wish:.0f}"))
    return {
        "wish": _("No KPI, no target, no deadline: there is nothing to check."),
        "growth": _(
            "Refused: in all, in the last month, or in each month? Nobody said it, and each is another target."
        ),
        "revenue": " ".join([revenue["R"].words, revenue["R"].next_step]),
        "goal": " ".join([goal["A"].words, goal["R"].words]),
    }


def work_out(figures: Figures, plan: Plan) -> list[Step]:
    """From what the company wants to a goal that is watched."""
    growth = max((by for by in TRIED if plan.chance("total", plan.level("total", by)) >= LIKELY), default=0.0)
    target, count = plan.level("total", growth), lambda value: write_value(value, "count")
    goal = set_goal(plan.cells("leads", f"{target:.0f}"))
    first = break_down_goals(pd.DataFrame([goal]), figures.history.past).iloc[0]
    written = write_value(growth, "share", short=True)
    return [
        Step(_("1. What the company wants"), _("said in words, before any number"), _("more sales")),
        Step(_("2. What shows it, and who moves it"), _("a KPI that marketing moves"), kpi_name("leads")),
        Step(_("3. Where it stands"), plan.base_period("total"), count(plan.base("total"))),
        Step(_("4. How much, in all"), f"{count(plan.base('total'))} + {written}", count(target)),
        Step(_("5. How likely, by the forecast"), _("the largest step that one case of four allows"),
             write_chance(plan.chance("total", target))),
        Step(_("6. Deadline"), _("the same 12 months, a year on"), write_date(plan.end)),
        Step(_("7. What to watch first"), _("{month}, by the shape of last year").format(
            month=month_name(first["start"], heading=False)), count(first["target"])),
    ]  # fmt: skip


def list_wants() -> list[tuple[str, str]]:
    """What a company may want, in words, and the KPI that shows it."""
    return [
        (_("more sales"), "leads"), (_("a brand that more people know"), "awareness_aided"),
        (_("more sales of the leads that come"), "qualification_rate"),
        (_("a better name with customers"), "nps"),
    ]  # fmt: skip


def ask_order(wanted: str, key: str) -> Order:
    words = {
        "final": _("Say in words what the company wants: {wanted}").format(wanted=wanted),
        "kpi": _("Choose the KPI that shows it: {kpi}, moved by {owner}").format(
            owner=owner_name(KPIS[key].owner), kpi=lower_first(kpi_name(key))
        ),
        "base": _("Measure where the KPI stands today"),
        "target": _("Set target, deadline and owner, and check the chance"),
        "watch": _("Watch it month by month and correct the course"),
    }
    right = ("final", "kpi", "base", "target", "watch")
    return Order(
        text=_("A new year is to be planned. Put the steps in order."), answer=right,
        options=tuple(Option(key, text) for key, text in words.items()),
        slips=(
            slip_to("number_before_goal", ("kpi", "final", "base", "target", "watch")),
            slip_to("number_before_goal", ("kpi", "base", "final", "target", "watch")),
            slip_to("number_before_goal", ("kpi", "base", "target", "final", "watch")),
            slip_to("number_before_goal", ("base", "final", "kpi", "target", "watch")),
            slip_to("target_before_start", ("final", "kpi", "target", "base", "watch")),
            slip_to("target_before_start", ("final", "target", "kpi", "base", "watch")),
            slip_to("target_before_start", ("target", "final", "kpi", "base", "watch")),
            slip_to("watched_before_set", ("final", "kpi", "base", "watch", "target")),
            slip_to("watched_before_set", ("final", "kpi", "watch", "base", "target")),
        ),
        hints=(
            _("Which step can be done without knowing any of the others?"),
            _("A KPI can only be chosen for something, and a target only be set from somewhere."),
        ),
        because=_("Each step rests on the one before it: goal, KPI, starting point, target, watching."),
        solution=" → ".join(words[key] for key in right),
    )  # fmt: skip
