"""Faults of a scheme: what makes it unfair or invites gaming, named before anyone is paid by it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kpi_helpers.catalogue import kpi
from kpi_helpers.scorecard.scheme import ROUNDING, Line, Scheme, levers_of, whose
from kpi_helpers.scorecard.simulating import Simulation

ENOUGH = 12  # known months, from which "never" and "always" say something
SOME = 6  # known months, from which their swings do
CERTAIN, UNLIKELY = 0.95, 0.05  # chances by the draws
LUCK = 0.25  # half of the most that noise can do: a toss of a coin
SWING = 0.10  # of the bonus: less than that is no matter of luck
CODES = (
    "weights", "not_owned", "shared", "metric", "no_result", "no_goal", "no_way", "unreachable", "always_reached",
    "noise_decides", "gaming",
)  # fmt: skip

# KPI -> what must stand beside it, so that it cannot be reached at its cost
COUNTERWEIGHTS: dict[str, tuple[str, ...]] = {
    "visits": ("conversion_rate", "visit_to_lead", "bounce_rate", "robot_share"),
    "visitors": ("conversion_rate", "visit_to_lead", "bounce_rate", "robot_share"),
    "page_views": ("conversion_rate", "visit_to_lead", "bounce_rate"),
    "impressions": ("ctr", "cpl", "cpql", "conversion_rate"),
    "reach": ("engagement_rate", "awareness_aided", "awareness_unaided", "ctr"),
    "clicks": ("conversion_rate", "visit_to_lead", "cpl", "cpql"),
    "search_clicks": ("conversion_rate", "visit_to_lead"),
    "ctr": ("conversion_rate", "visit_to_lead", "cpl", "cpql"),
    "cpc": ("conversion_rate", "visit_to_lead", "cpql", "leads", "qualified_leads"),
    "cpm": ("ctr", "conversion_rate", "cpql"),
    "conversion_rate": ("leads", "qualified_leads", "cpql", "orders", "qualification_rate"),
    "visit_to_lead": ("cpql", "qualified_leads", "qualification_rate"),
    "leads": ("cpql", "qualified_leads", "qualification_rate"),
    "cpl": ("cpql", "qualified_leads", "qualification_rate"),
    "cpql": ("leads", "qualified_leads", "new_customers", "revenue"),
    "cpo": ("orders", "new_customers", "romi", "revenue"),
    "cac": ("new_customers", "orders", "revenue", "clv"),
    "drr": ("leads", "orders", "revenue", "margin"),
    "roas": ("leads", "orders", "revenue", "margin", "romi"),
    "romi": ("leads", "new_customers", "orders", "revenue", "margin"),
    "roi": ("leads", "new_customers", "orders", "revenue", "margin"),
    "qualification_rate": ("close_rate",),
    "orders": ("aov", "margin", "romi", "repeat_rate"),
    "revenue": ("margin", "romi", "roi", "drr"),
    "follower_growth": ("engagement_rate",),
    "research_done": ("acceptance_rate", "work_rating"),
    "creatives_made": ("acceptance_rate", "work_rating"),
    "cooperation_done": ("acceptance_rate", "work_rating"),
    "on_time_share": ("acceptance_rate", "work_rating"),
}


@dataclass(frozen=True)
class Fault:
    """A fault: `code` is one of CODES, `line` the key of the line ("" for the scheme), `kpis` others that it names.

    `numbers`: `sum` of the weights; `weight` of the line; `reached` of `known` months, `chance`; `luck`, `swing` (of
    the bonus).
    """

    code: str
    line: str = ""
    kpis: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)


def find_faults(scheme: Scheme, seen: Simulation | None = None) -> list[Fault]:
    """What is wrong with a scheme, in the order of CODES.

    "weights" do not make 100 %; "not_owned": another moves the KPI, "shared": others move it, too; "metric": no one
    moves it directly; "gaming": what can be reached at the cost of something that the scheme does not look at. From
    what `simulate` saw: "no_result": no month has a value; "no_goal": none has the goal that is to be the target;
    "no_way": there is no month in which the goal is better than the base; "unreachable" and "always_reached" targets,
    by the draws a chance below 5 % or above 95 %, without draws never or always in 12 known months or more;
    "noise_decides": in a line whose pay jumps, or else in the whole bonus, the swings from month to month decide with
    a chance of 25 % or more on average of at least 6 months, and it is at least a tenth of the bonus.
    """
    found = [*_weights(scheme), *_owners(scheme), *_gaming(scheme)]
    if seen is not None:
        found += [*_lacking(scheme, seen), *_reach(scheme, seen), *_noise(scheme, seen)]
    return sorted(found, key=lambda fault: CODES.index(fault.code))


def _weights(scheme: Scheme) -> Iterator[Fault]:
    if not abs(scheme.weight - 1) <= ROUNDING * max(len(scheme.lines), 1):
        yield Fault("weights", numbers={"sum": scheme.weight})


def _owners(scheme: Scheme) -> Iterator[Fault]:
    for line in _paid(scheme):
        row, numbers = kpi(line.kpi), {"weight": line.weight}
        owned, levers = whose(scheme.owner, row), tuple(levers_of(scheme.owner, near=row.key))
        if owned == "other":
            yield Fault("not_owned", line.key, levers, numbers)
        elif row.kind == "metric":
            yield Fault("metric", line.key, levers, numbers)
        elif owned == "shared":
            yield Fault("shared", line.key, levers, numbers)


def _gaming(scheme: Scheme) -> Iterator[Fault]:
    """A line without a counterweight; those that the owner moves are proposed first."""
    held = {line.kpi for line in scheme.lines}
    for line in _paid(scheme):
        needed = COUNTERWEIGHTS.get(line.kpi, ())
        if needed and not held & set(needed):
            own = sorted(needed, key=lambda key: whose(scheme.owner, kpi(key)) != "own")
            yield Fault("gaming", line.key, tuple(own), {"weight": line.weight})


def _lacking(scheme: Scheme, seen: Simulation) -> Iterator[Fault]:
    """What keeps a line from being counted in any month, looked back upon or ahead."""
    for line in _paid(scheme):
        row = {name: float(seen.lines[name][line.key]) for name in ("known", "chance", "results", "goals")}
        if row["known"] or not math.isnan(row["chance"]):
            continue
        code = "no_result" if not row["results"] else "no_goal" if not row["goals"] else "no_way"
        yield Fault(code, line.key, (), {"weight": line.weight})


def _reach(scheme: Scheme, seen: Simulation) -> Iterator[Fault]:
    for line in _paid(scheme):
        reached, known, chance = (float(seen.lines[name][line.key]) for name in ("reached", "known", "chance"))
        share = chance if not math.isnan(chance) else reached / known if known >= ENOUGH else math.nan
        numbers = {"reached": reached, "known": known, "chance": chance}
        if share < UNLIKELY:
            yield Fault("unreachable", line.key, (), numbers)
        elif share > CERTAIN:
            yield Fault("always_reached", line.key, (), numbers)


def _noise(scheme: Scheme, seen: Simulation) -> Iterator[Fault]:
    total, found = scheme.weight or 1, False
    for line in _paid(scheme):
        luck, jump = float(seen.lines["luck"][line.key]), line.curve.least * line.weight / total
        enough = float(seen.lines["known"][line.key]) >= SOME
        if enough and luck >= LUCK and line.curve.threshold > 0 and jump >= SWING:
            found = True
            yield Fault("noise_decides", line.key, (), {"luck": luck, "swing": jump})
    luck, swing = float(seen.whole["luck"].mean()), float(seen.whole["swing"].mean()) / (scheme.bonus or math.nan)
    if not found and seen.months["luck"].count() >= SOME and luck >= LUCK and swing >= SWING:
        yield Fault("noise_decides", "", (), {"luck": luck, "swing": swing})


def _paid(scheme: Scheme) -> list[Line]:
    return [line for line in scheme.lines if line.weight > 0]
