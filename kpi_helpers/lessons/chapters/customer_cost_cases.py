"""What the lesson on costs is about: paid channels on the way to a customer, and the months of the company."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product

import pandas as pd

from kpi_helpers.history import COMPANY
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.labels import channel_name, month_name, write_money, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking, compute

COUNTS = {"cpc": "clicks", "cpl": "leads", "cpql": "qualified_leads", "cpo": "orders"}
YEAR = 12  # months
FEW = 30  # results: of fewer a cost is mostly chance
LEAST_MONTHS = 3
CENTS = 100  # of the currency: smaller amounts are written with cents


@dataclass(frozen=True)
class Way:
    """The paid channels over some months: the sums by channel of what was spent and what came of it."""

    months: tuple[pd.Timestamp, ...]  # one, or several that are added up
    sums: Mapping[str, Mapping[str, float]]

    @property
    def name(self) -> str:
        first, last = self.months[0], self.months[-1]
        if first == last:
            return month_name(first)
        return f"{month_name(first)} – {month_name(last, heading=False)}"

    def cost(self, key: str, channel: str) -> float:
        """Spend for one result; infinite where there was spend and no result."""
        value = self._costs[key, channel]
        return math.inf if math.isnan(value) else value

    @cached_property
    def _costs(self) -> dict[tuple[str, str], float]:
        found = compute_kpis(pd.DataFrame([*self.sums.values()]), COUNTS)
        return dict(zip(product(COUNTS, self.sums), found["value"].astype(float), strict=True))

    def ranked(self, key: str) -> list[str]:
        """The channels, the cheapest result first."""
        return sorted(self.sums, key=lambda channel: self.cost(key, channel))

    def cheapest(self, key: str) -> str:
        return self.ranked(key)[0]

    def leads_by(self, key: str) -> float:
        """How many times the cheapest result costs in the next channel."""
        first, second = (self.cost(key, channel) for channel in self.ranked(key)[:2])
        return second / first


@dataclass(frozen=True)
class Books:
    """A month of the company: all that marketing cost, and the orders and new customers of the month."""

    month: pd.Timestamp
    currency: str
    spend: float
    costs: tuple[tuple[str, float], ...]  # kind and amount, without advertising
    orders: float
    new_customers: float

    @cached_property
    def other_costs(self) -> float:
        return sum(amount for _kind, amount in self.costs)

    @cached_property
    def cac(self) -> float:
        return compute("cac", spend=self.spend, other_costs=self.other_costs, new_customers=self.new_customers)

    @property
    def name(self) -> str:
        return month_name(self.month, heading=False)

    def as_written(self) -> Books:
        """The month by the amounts as they are shown: who reckons with them gets what the lesson says."""
        costs = tuple((kind, _as_written(amount)) for kind, amount in self.costs)
        return replace(self, spend=_as_written(self.spend), costs=costs)

    def money(self, amount: float) -> str:
        return write_money(amount, self.currency)


def _as_written(amount: float) -> float:
    return round(amount, 0 if amount >= CENTS else 2)


@lru_cache(maxsize=8)
def ways_of(figures: Figures) -> list[Way]:
    """The paid channels by month in which all leads were judged, the newest first.

    Lacking where two channels never had clicks and leads alike.
    """
    ways = (_way(figures, [month]) for month in reversed(figures.judged_months()))
    found = [way for way in ways if way is not None]
    if not found:
        raise Lacking(_("the exports do not show clicks, leads and qualified leads of two paid channels."))
    return found


def last_year(figures: Figures) -> Way | None:
    """The paid channels over the last twelve months in which all leads were judged, together."""
    return _way(figures, figures.judged_months()[-YEAR:])


def _way(figures: Figures, months: Sequence[pd.Timestamp]) -> Way | None:
    names = ("spend", *COUNTS.values())
    sums = {}
    for channel in figures.history.scopes("cpl"):
        rows = [figures.sums(month, channel) for month in months]
        told = {key: sum(row.get(key, 0.0) for row in rows) for key in names}
        if told["spend"] > 0 and told["clicks"] > 0 and told["leads"] > 0:
            sums[channel] = told
    some = len(sums) > 1 and any(each["qualified_leads"] for each in sums.values())
    return Way(tuple(months), sums) if some else None


def books_of(figures: Figures) -> list[Books]:
    """The months in which all costs and new customers are known; Lacking where they are too few."""
    found = [_books(figures, month) for month in figures.months]
    known = [books for books in found if books is not None and books.orders > books.new_customers > 0]
    if len(known) < LEAST_MONTHS:
        raise Lacking(_("the exports tell neither the other marketing costs nor the new customers of enough months."))
    return known


def _books(figures: Figures, month: pd.Timestamp) -> Books | None:
    sums = figures.sums(month, COMPANY)
    if not all(sums.get(name) for name in ("spend", "other_costs", "orders", "new_customers")):
        return None
    costs = figures.exports.tables["costs"]
    kinds = costs[costs["date"].dt.to_period("M") == month.to_period("M")].groupby("kind")["amount"].sum()
    rows = [(str(kind), float(amount)) for kind, amount in kinds.sort_values(ascending=False).items()]
    if abs(sum(amount for _kind, amount in rows) - sums["other_costs"]) > 0.01:
        rows = [(_("Other marketing costs"), sums["other_costs"])]
    return Books(month, figures.currency, sums["spend"], tuple(rows), sums["orders"], sums["new_customers"])


def write_cost(cost: float, currency: str) -> str:
    """A cost for one result, or that there was none."""
    return _("no result") if math.isinf(cost) else write_money(cost, currency)


def named_costs(way: Way, key: str, currency: str) -> str:
    """Each channel with its cost for one result."""
    costs = ((channel_name(channel), write_cost(way.cost(key, channel), currency)) for channel in way.ranked(key))
    return ", ".join(f"{name} {cost}" for name, cost in costs)


def write_count(number: float) -> str:
    return write_value(number, "count")
