"""The drafting of a goal: a form, judged by the kit's own SMART check; what is not met is named, not mended."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.goals import COLUMNS, COUNTS, sort_goals
from kpi_helpers.labels import (
    OWNERS,
    kpi_name,
    lower_first,
    month_name,
    owner_name,
    write_date,
    write_list,
    write_value,
)
from kpi_helpers.language import N_, _
from kpi_helpers.lessons.chapters.goals_year import COMPANY, YEAR, plan_of
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.misconceptions import MISCONCEPTIONS, slip_to
from kpi_helpers.lessons.questions import Draft, Field, Verdict
from kpi_helpers.outlook_words import rounded
from kpi_helpers.smart import Check, Evidence, check_smart, gather_evidence
from kpi_helpers.smart.reach import CERTAIN, judge_reach
from kpi_helpers.tables import Column, data_table

Said = Mapping[str, str]
OFFERED = ("leads", "qualified_leads", "qualification_rate", "visit_to_lead", "visits", "orders", "revenue")
NONE, SOON = "none", "soon"
QUARTER, LATE = 3, 60  # months
AHEAD = (QUARTER, 6, YEAR)  # months until the director wants to see it
SAID = {
    "sales": N_("Above all we have to sell more."),
    "turnover": N_("What we need is more turnover."),
}
MET = N_("A KPI, a starting point, a target that can be reached, an owner who moves it, and a deadline: this goal can "
         "be steered by.")  # fmt: skip


def set_goal(cells: Said) -> dict[str, object]:
    """The goal of a row of text; KitError says what is wrong with it, without a place in a file."""
    goals, errors = sort_goals([dict.fromkeys(COLUMNS, "") | dict(cells)])
    if errors:
        raise KitError(errors[0].found, errors[0].next_step)
    return {str(name): value for name, value in goals.to_dict("records")[0].items()}


def judge(figures: Figures, cells: Said) -> dict[str, Check]:
    """The five checks of a goal, by letter."""
    goal = set_goal(cells)
    return {check.letter: check for check in check_smart(goal, _evidence(figures, goal))}


def ask_draft(figures: Figures, lot: Lot) -> Draft:
    """A form for a goal of the company; what the director wants, and by when, is drawn by lot."""
    final, ahead = lot.one(list(SAID)), lot.one(AHEAD)
    ends = list_ends(figures)
    day = ends[AHEAD.index(ahead)]
    text = _("The director says: “{said} Bring me a goal that I can hold you to, by {day} at the latest.” Draft one, "
             "for any department: a KPI, its starting point, target, time and owner.").format(
        said=_(SAID[final]), day=write_date(day))  # fmt: skip
    keys = [key for key in OFFERED if figures.history.past.values(key).notna().any()]
    return Draft(
        text=text, given=_present(figures, keys), judge=lambda said: check_draft(figures, final, said, day),
        fields=(
            Field("kpi", _("KPI"), {key: kpi_name(key) for key in keys}),
            Field("baseline_period", _("Starting point"), _periods(figures)),
            Field("target", _("Target"), example="1200; 80 %; +10 %"),
            Field("counts", _("Counts"), {key: _(words) for key, words in COUNTS.items()}),
            Field("start", _("From"), {f"{day:%Y-%m-%d}": write_date(day) for day in list_starts(figures)}),
            Field("deadline", _("Deadline"), {
                SOON: _("as soon as possible"), **{f"{day:%Y-%m-%d}": write_date(day) for day in ends}}),
            Field("owner", _("Owner"), {
                key: _("all together") if key == "shared" else owner_name(key) for key in OWNERS}),
        ),
        slips=tuple(slip_to(name, said) for name, said in wrong_drafts(figures, ahead).items()),
        hints=(
            _("Go through the letters: which KPI, known from where, how likely, who moves it, until when?"),
            _("Take a KPI that one department moves, and a target that is neither nearly sure nor nearly impossible by "
              "the forecast."),
        ),
        because=_(MET),
        solution=_write_sample(figures, ahead),
    )  # fmt: skip


def list_starts(figures: Figures) -> list[pd.Timestamp]:
    """The first days that a goal can begin on: the next three months."""
    return [figures.months[-1] + pd.DateOffset(months=ahead) for ahead in (1, 2, 3)]


def list_ends(figures: Figures) -> list[pd.Timestamp]:
    """The days that a goal can end on: in a quarter, in a half-year, in a year, in five years."""
    last = figures.months[-1]
    return [last + pd.DateOffset(months=ahead) + pd.offsets.MonthEnd() for ahead in (*AHEAD, LATE)]


def check_draft(figures: Figures, final: str, said: Said, day: pd.Timestamp | None = None) -> Verdict:
    """What is said of a draft that is wanted by `day`: each letter that is not met is named.

    KitError where something is not filled in.
    """
    cells = _cells(final, said)
    slips = [name for name, met in (("goal_without_baseline", said["baseline_period"] != NONE),
                                    ("goal_without_deadline", said["deadline"] != SOON)) if not met]  # fmt: skip
    try:
        goal = set_goal(cells)
    except KitError as error:
        if not _has_two_readings(cells):
            raise
        return _say([*slips, "percent_or_points"], [error.found])
    evidence = _evidence(figures, goal)
    checks = {check.letter: check for check in check_smart(goal, evidence)}
    slips += _relevance(goal, checks["R"])
    if checks["T"].verdict != "yes" and goal["deadline"]:
        slips.append("goal_too_far")
    elif day is not None and goal["deadline"] and pd.Timestamp(str(goal["deadline"])) > day:
        slips.append("goal_too_late")
    slips += _reach(goal, evidence, checks["A"])
    return _say(slips, [checks["A"].words] if "beyond_all_history" in slips else [])


def sample_draft(figures: Figures, ahead: int = QUARTER) -> dict[str, str]:
    """A draft that every letter is met by: leads of so many months ahead, as likely as not."""
    plan = plan_of(figures)
    paths = plan.ahead["leads"].total(plan.months[:ahead])
    even = rounded(float(np.quantile(paths, 0.5)))
    return {
        "kpi": "leads", "baseline_period": _cell(_base(figures, YEAR)), "target": f"{even:.0f}",
        "counts": "total", "start": f"{list_starts(figures)[0]:%Y-%m-%d}",
        "deadline": f"{list_ends(figures)[AHEAD.index(ahead)]:%Y-%m-%d}", "owner": "marketing",
    }  # fmt: skip


def wrong_drafts(figures: Figures, ahead: int = QUARTER) -> dict[str, dict[str, str]]:
    """For each misconception a draft that has it and no other; `ahead` months until the director wants to see it."""
    right, plan = sample_draft(figures, ahead), plan_of(figures)
    size, each = float(right["target"]), f"{float(right['target']) / ahead:.0f}"
    wrong = {
        "goal_without_baseline": {"baseline_period": NONE},
        "goal_without_deadline": {"deadline": SOON, "counts": "each_month", "target": each},
        "goal_nobody_moves": {"kpi": "revenue", "target": f"{rounded(plan.revenue * ahead / YEAR):.0f}"},
        "goal_of_another": {"owner": "service"}, "goal_of_all": {"owner": "shared"},
        "metric_as_goal": {"kpi": "visits", "target": f"{rounded(_visits(figures, ahead)):.0f}"},
        "percent_or_points": {"kpi": "qualification_rate", "owner": "sales", "target": "+5 %"},
        "goal_too_easy": {"target": f"{size / 4:.0f}"},
        "beyond_all_history": {"target": f"{size * 4:.0f}"},
        "goal_too_far": {"deadline": f"{list_ends(figures)[-1]:%Y-%m-%d}", "counts": "each_month",
                         "target": each},
    }  # fmt: skip
    if ahead < YEAR:
        wrong["goal_too_late"] = {"deadline": f"{list_ends(figures)[AHEAD.index(YEAR)]:%Y-%m-%d}",
                                  "counts": "each_month", "target": each}  # fmt: skip
    return {name: {**right, **changed} for name, changed in wrong.items()}


def _cells(final: str, said: Said) -> dict[str, str]:
    lacking = [name for key, name in (
        ("kpi", _("KPI")), ("baseline_period", _("Starting point")), ("target", _("Target")), ("start", _("From")),
        ("deadline", _("Deadline")), ("owner", _("Owner"))) if not said.get(key)]  # fmt: skip
    if lacking:
        raise KitError(_("still empty: {names}.").format(names=write_list(lacking)))
    cells = {**said, "final_goal": final}
    if said["deadline"] == SOON:
        cells["deadline"] = ""
    if said["baseline_period"] == NONE:
        cells["baseline_period"] = ""
    if not KPIS[said["kpi"]].is_sum or (not cells["deadline"] and said.get("counts") in ("total", "exit")):
        cells["counts"] = ""
    return cells


def _has_two_readings(cells: Said) -> bool:
    """Whether the target is a change of a share in "%": percent of it, or points?"""
    target = cells["target"].strip()
    return KPIS[cells["kpi"]].style == "share" and target.endswith("%") and target[:1] in "+-−–"


def _relevance(goal: Mapping, check: Check) -> list[str]:
    row = KPIS[goal["kpi"]]
    if check.verdict == "yes":
        return []
    if row.owner == "shared":
        return ["goal_nobody_moves"]
    if goal["owner"] == "shared":
        return ["goal_of_all"]
    return ["goal_of_another" if row.owner != goal["owner"] else "metric_as_goal"]


def _reach(goal: Mapping, evidence: Evidence, check: Check) -> list[str]:
    if check.verdict == "no":
        return ["beyond_all_history"]
    target = evidence.target if math.isnan(goal["target"]) else goal["target"]
    if math.isnan(target) or evidence.forecast is None:
        return []
    found = judge_reach(KPIS[goal["kpi"]], {**goal, "target": target}, evidence.values, evidence.forecast)
    return ["goal_too_easy"] if found.chance >= CERTAIN else []


def _say(slips: list[str], more: list[str]) -> Verdict:
    if not slips:
        return Verdict(True, words=_(MET))
    words = [_(MISCONCEPTIONS[name].words) for name in slips]
    return Verdict(False, slips[0], " ".join([*words, *more]))


def _evidence(figures: Figures, goal: Mapping) -> Evidence:
    return gather_evidence(goal, figures.history.past, figures.currency)


def _present(figures: Figures, keys: list[str]) -> Markup:
    """What can be chosen in the periods that can be its starting point."""
    past, spans = figures.history.past, [_base(figures, count) for count in (1, YEAR)]

    def write(key: str, span: tuple[pd.Timestamp, pd.Timestamp]) -> str:
        return write_value(past.over(key, COMPANY, *span), KPIS[key].style, figures.currency)

    rows = [[kpi_name(key), *(write(key, span) for span in spans)] for key in keys]
    heads = [Column(_("KPI")), *(Column(_name(span), "number") for span in spans)]
    note = ""
    if spans[0][1] != figures.months[-1]:
        note = _("Not all leads of {month} are judged yet: it is no starting point.").format(
            month=month_name(figures.months[-1], heading=False))  # fmt: skip
    return Markup(data_table(heads, rows, note=note))


def _base(figures: Figures, count: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first and the last of so many months up to the last one whose leads are all judged."""
    last = figures.judged_months()[-1]
    return max(figures.months[0], last - pd.DateOffset(months=count - 1)), last


def _name(span: tuple[pd.Timestamp, pd.Timestamp]) -> str:
    first, last = span
    names = [month_name(first), month_name(last, heading=False)]
    return names[0] if first == last else " – ".join(names)


def _periods(figures: Figures) -> dict[str, str]:
    spans = [_base(figures, count) for count in (1, YEAR)]
    return {NONE: _("not needed"), **{_cell(span): _name(span) for span in spans}}


def _cell(span: tuple[pd.Timestamp, pd.Timestamp]) -> str:
    first, last = span
    return f"{first:%Y-%m}..{last:%Y-%m}"


def _visits(figures: Figures, months: int) -> float:
    """Visits of the last months."""
    return float(figures.history.past.values("visits").iloc[-months:].sum())


def _write_sample(figures: Figures, ahead: int) -> str:
    said = sample_draft(figures, ahead)
    start, end = list_starts(figures)[0], list_ends(figures)[AHEAD.index(ahead)]
    named = {"kpi": lower_first(kpi_name(said["kpi"])), "target": write_value(float(said["target"]), "count"),
             "start": write_date(start), "end": write_date(end), "owner": owner_name(said["owner"])}  # fmt: skip
    text = _("For example: {kpi}, {target} in total from {start} to {end}; starting point: {base}; owner: {owner}. By "
             "the forecast it succeeds in one case of two.")  # fmt: skip
    return text.format(base=_name(_base(figures, YEAR)), **named)
