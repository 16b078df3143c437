"""Why a KPI changed and who moved it: a change split over channels and drivers, each effect given to its owner.

Composes the stages: the split is that of `drivers`, the evidence that of `kpis`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from kpi_helpers.drivers import Tree, evaluate, read_tree, split_change, split_mix, split_tree
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.past import COMPANY

LEADS_TREE, RATE, PARTS = "lead_business", "qualification_rate", ("leads", "qualified_leads")
EVIDENCE_MONTHS = 24  # before the month that is explained
NEAR = 0.10  # how far below the norm the lower bound of a confirmed channel may lie
NO_CHANNEL = ""  # leads that the export gives to no channel
EFFECTS = ("driver", "channel", "owner", "before", "after", "effect")
MONTH_AGO, YEAR_AGO = 1, 12
REAL = ("better", "worse", "changed")  # verdicts of a change that is more than noise
Part = tuple[Fraction, Fraction]  # leads, and those of them qualified
Leads = dict[str, Part]  # by channel


@dataclass(frozen=True)
class Causes:
    """A change of the KPI `top` from `before` to `after`, in its unit, against the month so many `months_ago`.

    `effects`: a row for each driver (EFFECTS; of each channel, where it is split by channel), the driver's own values
    beside it; the effects add up to the change, to the last digit and in any order. `people`: the visits are those of
    people, robots are left out.
    """

    top: str
    before: float
    after: float
    months_ago: int
    effects: pd.DataFrame
    people: bool = False

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def by_owner(self) -> pd.Series:
        """What each owner moved, the largest first."""
        sums = self.effects.groupby("owner", sort=False)["effect"].agg(math.fsum).astype("float64")
        return sums.sort_values(key=lambda effect: -effect.abs(), kind="stable")


def norm_of_leads(card: pd.DataFrame) -> float:
    """The share of leads that must qualify for the economics to work: the company's goal, else the norm of the tree."""
    goal = float(_row(card, RATE).get("goal_full", math.nan))
    return read_tree(LEADS_TREE).nodes[RATE].norm if math.isnan(goal) else goal


def telling_month(card: pd.DataFrame, key: str) -> int:
    """How many months ago the month lies that tells more: the year before, where only that change is real."""
    row = _row(card, key)
    on_year = row.get("year_verdict") in REAL and row.get("change_verdict") not in REAL
    return YEAR_AGO if on_year else MONTH_AGO


def _row(card: pd.DataFrame, key: str) -> dict[Any, Any]:
    """The company's row of a KPI on the scorecard; empty where there is none."""
    rows = card[(card["kpi"] == key) & (card["scope"] == COMPANY)].to_dict("records")
    return rows[0] if rows else {}


def confirm_channels(month: Month, norm: float) -> pd.DataFrame:
    """Whether the leads of each channel are known to qualify at the norm: value, low, high, leads and `confirmed`.

    From the whole months before the month's, 24 at most. Confirmed: Wilson's 95 % interval of the rate reaches the norm
    and ends no more than ten points below it. (That the rate lies *above* the norm could never be proven of a channel
    that just keeps it.) Only then is a later fall no matter of the channel: what has not been shown to qualify is
    answered for by marketing and sales together.
    """
    start = pd.Timestamp(month.start)
    sums = sum_measures(month.tables, "month", "channel", keys=PARTS)
    past = sums[(sums["period"] < start) & (sums["period"] >= start - pd.DateOffset(months=EVIDENCE_MONTHS))]
    held = past.groupby("channel")[list(PARTS)].sum(min_count=1).dropna().reset_index()
    rates = compute_kpis(held[held["leads"] > 0], [RATE]).set_index("channel").rename(columns={"denominator": "leads"})
    rates["confirmed"] = (rates["high"] >= norm) & (rates["low"] >= norm - NEAR)
    return rates[["value", "low", "high", "leads", "confirmed"]].sort_values("leads", ascending=False, kind="stable")


def confirmed_in(evidence: pd.DataFrame) -> list[str]:
    """The channels that `confirm_channels` confirms."""
    return [str(channel) for channel in evidence.index[evidence["confirmed"]]]


def explain_leads(month: Month, confirmed: Collection[str], months_ago: int = MONTH_AGO) -> Causes | None:
    """Who moved the qualified leads: leads x qualification rate, channel by channel; None where nothing is known.

    The leads are marketing's. The rate is that of sales in the channels that are `confirmed` (see `confirm_channels`),
    and shared in the others. A channel without leads is given its rate of the other month, so that
    its whole change is one of leads.
    """
    before, after = _by_channel(month, months_ago), _by_channel(month, 0)
    if before is None or after is None:
        return None
    rows = []
    for channel in sorted({*before, *after}):
        nothing = (Fraction(0), Fraction(0))
        then, now = _rated(before.get(channel, nothing), after.get(channel, nothing))
        effects = split_change(then, now, "leads * qualification_rate")
        owners = {"leads": "marketing", RATE: "sales" if channel in confirmed else "shared"}
        rows += [
            (driver, channel, owner, float(then[driver]), float(now[driver]), effects[driver])
            for driver, owner in owners.items()
        ]
    frame = pd.DataFrame(rows, columns=list(EFFECTS))
    return Causes("qualified_leads", _total(before), _total(after), months_ago, frame)


def explain_rate(month: Month, months_ago: int = MONTH_AGO) -> pd.DataFrame | None:
    """The change of the qualification rate by channel: `mix` (other channels) and `rate` (each channel), as shares."""
    before, after = _by_channel(month, months_ago), _by_channel(month, 0)
    if before is None or after is None:
        return None
    then, now = (pd.DataFrame(state, index=list(PARTS)).T.rename_axis("channel") for state in (before, after))
    cells = split_mix(then, now, above="qualified_leads", below="leads", of="rate")
    return None if math.isnan(cells.attrs["change"]) else cells


def explain_tree(month: Month, tree: Tree, months_ago: int = MONTH_AGO) -> Causes | None:
    """Who moved the top of a tree: the effect of each leaf, given to the leaf's owner; None where a value is missing.

    Visits are those of people where the robots of both months are known (see `without_robots`).
    """
    names = sorted({*tree.measures, "visits", "robot_visits"})
    sums = sum_measures(month.tables, "month", first_days=month.first_days, keys=names).set_index("period")
    states = [sums.loc[[day]].iloc[0] for ago in (months_ago, 0) if (day := _period(month, ago)) in sums.index]
    if len(states) < 2:
        return None
    then, now = without_robots(*states)
    effects = split_tree(tree, then, now)
    if effects.attrs["reason"]:
        return None
    before, after = (evaluate(tree, state).astype(float).to_dict() for state in (then, now))
    rows = [
        (leaf, NO_CHANNEL, tree.nodes[str(leaf)].owner, before[leaf], after[leaf], effect)
        for leaf, effect in effects.to_dict().items()
    ]
    frame = pd.DataFrame(rows, columns=list(EFFECTS))
    people = now["visits"] != states[1]["visits"]
    return Causes(tree.top, before[tree.top], after[tree.top], months_ago, frame, bool(people and "visits" in before))


def without_robots(*states: pd.Series) -> list[pd.Series]:
    """The sums of several months with robots taken out of the visits, where all of the months know their robots."""
    if any(state.get(name) is None or pd.isna(state[name]) for state in states for name in ("visits", "robot_visits")):
        return list(states)
    return [state.where(state.index != "visits", state["visits"] - state["robot_visits"]) for state in states]


def _by_channel(month: Month, months_ago: int) -> Leads | None:
    """Leads and those of them qualified by channel; what no channel has stands under NO_CHANNEL. None: not known."""
    company, channels = (
        sum_measures(month.tables, "month", by, first_days=month.first_days, keys=PARTS) for by in (None, "channel")
    )
    period = _period(month, months_ago)
    whole = company.loc[company["period"] == period, list(PARTS)]
    if whole.empty or whole.isna().any(axis=None):
        return None
    rows = channels[channels["period"] == period].dropna(subset=["channel", *PARTS]).set_index("channel")
    found = {str(channel): _part(row) for channel, row in rows.iterrows()}
    leads, qualified = _part(whole.iloc[0])
    rest = (leads - sum(part[0] for part in found.values()), qualified - sum(part[1] for part in found.values()))
    if any(rest):
        found[NO_CHANNEL] = rest
    sound = all(0 <= qualified <= leads for leads, qualified in found.values())
    return found if sound else None


def _part(row: pd.Series) -> Part:
    leads, qualified = (Fraction(row[name]) for name in PARTS)
    return leads, qualified


def _rated(before: Part, after: Part) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Leads and rate of both months; without leads the rate is that of the other month."""
    known = [qualified / leads for leads, qualified in (before, after) if leads]
    rates = [qualified / leads if leads else (known or [Fraction(0)])[0] for leads, qualified in (before, after)]
    then, now = ({"leads": part[0], RATE: rate} for part, rate in zip((before, after), rates, strict=True))
    return then, now


def _total(state: Leads) -> float:
    return float(sum(qualified for _leads, qualified in state.values()))


def _period(month: Month, months_ago: int) -> pd.Timestamp:
    return pd.Timestamp(month.start) - pd.DateOffset(months=months_ago)
