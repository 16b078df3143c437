"""Visits that bring nothing: robots where an export tells of them, else bounces; by month, company and channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import nan
from typing import Literal

import pandas as pd

from kpi_helpers.history import COMPANY, scope_name
from kpi_helpers.labels import month_name, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking, compute

Kind = Literal["robots", "bounces"]
COLUMNS: dict[Kind, str] = {"robots": "robot_visits", "bounces": "bounces"}
LEAST_EMPTY = 0.08  # of the visits: less changes a conversion by less than is seen
LEAST_LEADS = 4
ENOUGH = 5  # cases that a lesson needs
GROWTH = 1.05  # times the visits of the month before


@dataclass(frozen=True)
class Traffic:
    """The visits of a month, of the company or a channel, the empty ones among them, and what came of them all."""

    month: pd.Timestamp
    scope: str
    currency: str
    kind: Kind
    visits: float
    empty: float
    bounces: float
    page_views: float
    leads: float
    qualified: float
    spend: float

    @property
    def left(self) -> float:
        """The visits without the empty ones."""
        return self.visits - self.empty

    @property
    def empty_share(self) -> float:
        return self.empty / self.visits

    @property
    def rate(self) -> float:
        """Conversion from visit to lead, of all visits."""
        return compute("visit_to_lead", leads=self.leads, visits=self.visits)

    @property
    def clean_rate(self) -> float:
        """Conversion from visit to lead, without the empty visits."""
        return compute("visit_to_lead", leads=self.leads, visits=self.left)

    @property
    def bounce_rate(self) -> float:
        return self.bounces / self.visits

    @property
    def depth(self) -> float:
        return compute("page_depth", page_views=self.page_views, visits=self.visits)

    @property
    def visit_cost(self) -> float:
        return self.spend / self.visits

    @property
    def clean_cost(self) -> float:
        """Ad spend per visit that is not empty."""
        return self.spend / self.left

    @property
    def qualified_cost(self) -> float:
        return compute("cpql", spend=self.spend, qualified_leads=self.qualified)

    @property
    def worth(self) -> float:
        """Qualified leads per visit."""
        return self.qualified / self.visits

    @property
    def channel(self) -> str:
        return scope_name(self.scope)

    @property
    def name(self) -> str:
        return f"{self.channel}, {month_name(self.month, heading=False)}"

    def money(self, amount: float) -> str:
        return write_value(amount, "money", self.currency)


@dataclass(frozen=True)
class Rise:
    """A month with more visits than the one before, and its traffic by channel."""

    before: Traffic
    after: Traffic
    channels: tuple[tuple[Traffic | None, Traffic], ...]  # before and after, the one with most new visits first
    waiting: Mapping[str, int] = field(default_factory=dict)  # leads of the month without a verdict, by channel

    @property
    def visits(self) -> float:
        return self.after.visits / self.before.visits - 1

    @property
    def leads(self) -> float:
        return self.after.leads / self.before.leads - 1

    @property
    def new(self) -> float:
        """How many visits more than before."""
        return self.after.visits - self.before.visits

    @property
    def left_rose(self) -> bool:
        """Whether the visits without the empty ones outgrew their month before, too."""
        return self.after.left >= GROWTH * self.before.left


def traffic_of(figures: Figures, month: pd.Timestamp, scope: str, kind: Kind) -> Traffic | None:
    """The traffic of a month; None where visits, leads or the empty visits are not known."""
    sums = figures.sums(month, scope)
    visits, empty, leads = sums.get("visits", 0.0), sums.get(COLUMNS[kind], nan), sums.get("leads", nan)
    if not (visits > 0 and 0 <= empty < visits and leads >= 0):
        return None
    return Traffic(month, scope, figures.currency, kind, visits, empty, sums.get("bounces", nan),
                   sums.get("page_views", nan), leads, sums.get("qualified_leads", 0.0),
                   sums.get("spend", nan))  # fmt: skip


def total_of(months: Sequence[Traffic]) -> Traffic:
    """The traffic of several months of the same scope; its month is the first."""
    names = ("visits", "empty", "bounces", "page_views", "leads", "qualified", "spend")
    return replace(months[0], **{name: sum(getattr(one, name) for one in months) for name in names})


def channels_of(figures: Figures, month: pd.Timestamp, kind: Kind) -> list[Traffic]:
    """The traffic of every channel of the month that is known."""
    return [one for scope in figures.named_channels if (one := traffic_of(figures, month, scope, kind))]


@lru_cache(maxsize=8)
def list_cases(figures: Figures) -> tuple[Kind, list[Traffic]]:
    """Months of the company and of channels with many empty visits: robots, where enough are known, else bounces."""
    kinds: tuple[Kind, ...] = ("robots", "bounces")
    for kind in kinds:
        company = (traffic_of(figures, month, COMPANY, kind) for month in figures.months)
        every = [one for one in company if one]
        every += [one for month in figures.months for one in channels_of(figures, month, kind)]
        found = [one for one in every if one.empty_share >= LEAST_EMPTY and one.leads >= LEAST_LEADS]
        if len(found) >= ENOUGH:
            return kind, found
    raise Lacking(_("the exports show too few months with leads and with robots or bounces."))


def find_rise(figures: Figures, kind: Kind) -> Rise:
    """The month whose visits outgrew its leads most, of those that had no more leads; Lacking where there is none."""
    rises = [
        rise for pair in zip(figures.months, figures.months[1:], strict=False) if (rise := _rise(figures, pair, kind))
    ]
    if not rises:
        raise Lacking(_("in no month did visits rise and leads not."))
    return max(rises, key=lambda rise: rise.visits - rise.leads)


def _rise(figures: Figures, months: Sequence[pd.Timestamp], kind: Kind) -> Rise | None:
    before, after = (traffic_of(figures, month, COMPANY, kind) for month in months)
    if not before or not after or after.visits < GROWTH * before.visits or not after.leads <= before.leads > 0:
        return None
    sums = [figures.sums(month) for month in months]
    if sums[1].get("actions", 0) > GROWTH * sums[0].get("actions", nan):
        return None  # the visits did bring something, only no leads
    then = {one.scope: one for one in channels_of(figures, months[0], kind)}
    pairs = [(then.get(one.scope), one) for one in channels_of(figures, months[1], kind)]
    pairs.sort(key=lambda pair: pair[1].visits - (pair[0].visits if pair[0] else 0), reverse=True)
    return Rise(before, after, tuple(pairs), waiting_of(figures, months[1]))


def waiting_of(figures: Figures, month: pd.Timestamp) -> dict[str, int]:
    """How many leads of the month have no verdict yet, by channel; channels without such leads are left out."""
    leads = figures.exports.tables.get("leads")
    if leads is None:
        return {}
    came = leads["created_at"].dt.tz_localize(None).dt.to_period("M").dt.to_timestamp() == month
    counted = leads["leads"].notna() if "leads" in leads else pd.Series(False, leads.index)
    waiting = leads[came & leads["qualified"].isna() & ~counted]
    return {str(scope): int(number) for scope, number in waiting["channel"].value_counts().items()}
