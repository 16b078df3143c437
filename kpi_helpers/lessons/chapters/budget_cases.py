"""What the lesson on the budget is about: response curves of the company's channels, fitted once, read by the month."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from kpi_helpers.budget import Curves, Response, marginal_returns
from kpi_helpers.budget.curves import ALL, interval
from kpi_helpers.comparisons import judge_paid_traffic
from kpi_helpers.labels import lower_first, write_money, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking
from kpi_helpers.monthly import prepare_month
from kpi_helpers.response import MONTH, Spending, Weeks, fit_weeks
from kpi_helpers.response_words import result_name

TOLD = ("visits", "orders", "leads", "qualified_leads")  # results, those whose curves are told best first
TELLING = ("qualified_leads", "orders", "leads")  # results, the nearest to money first
DRAWS = 40
MANY = 100
STEP = 0.15  # about, of the spend a month: the money that comes on top


@dataclass(frozen=True)
class Raise:
    """A channel's month before and after money came on top: spends and the results, as one of the forms expects."""

    channel: str
    before: tuple[float, float]  # spend, outcome
    after: tuple[float, float]

    @property
    def money(self) -> float:
        return self.after[0] - self.before[0]

    @property
    def more(self) -> float:
        return self.after[1] - self.before[1]

    @property
    def average(self) -> float:
        """Spend for one result before."""
        return self.before[0] / self.before[1]

    @property
    def marginal(self) -> float:
        """Money on top for one result on top."""
        return self.money / self.more


@dataclass(frozen=True, eq=False)
class Plan:
    """Curves of one result, by month, and the two channels between which money may move."""

    result: str
    currency: str
    curves: Curves
    pair: tuple[str, str]

    def today(self, channel: str) -> float:
        return self.curves.of(channel, "today") * MONTH

    def seen(self, channel: str) -> tuple[float, float]:
        """The least and the most that was spent, a month."""
        return self.curves.of(channel, "least") * MONTH, self.curves.of(channel, "most") * MONTH

    def outcome(self, channel: str, spend: float) -> float:
        """What a spend a month brings a month: the mean of the forms, a whole number where it is a large one."""
        found = [response.outcome(np.array([spend / MONTH]))[0, 0] * MONTH for response in self._of(channel)]
        return round(float(np.mean(found)), 0 if np.mean(found) >= 100 else 1)

    def more(self, channel: str, spend: float, money: float) -> tuple[float, float]:
        """What money on top brings a month, from the lowest to the highest of all forms."""
        return _spanned(self._gains(channel, spend, money).values())

    def ahead(self, one: Raise, other: Raise) -> tuple[float, float]:
        """How much more the money on top brings in one channel than in the other, a month, by all forms.

        The differences are taken draw by draw: two ranges may overlap, though in every draw the same channel is ahead.
        """
        first, second = (self._gains(each.channel, each.before[0], each.money) for each in (one, other))
        return _spanned(first[form] - second[form] for form in first.keys() & second.keys())

    def _gains(self, channel: str, spend: float, money: float) -> dict[str, np.ndarray]:
        """What money on top brings a month, by form and draw."""
        spends = np.array([spend, spend + money]) / MONTH
        brought = {response.form: response.outcome(spends) for response in self._of(channel)}
        return {form: (each[:, 1] - each[:, 0]) * MONTH for form, each in brought.items()}

    def raised(self, channel: str, spend: float, money: float) -> Raise:
        then = spend + money
        return Raise(channel, (spend, self.outcome(channel, spend)), (then, self.outcome(channel, then)))

    def raises(self, channel: str) -> list[Raise]:
        """The same round sum on top of each round spend that was seen; only where each result on top costs more."""
        least, most = self.seen(channel)
        money = round_sum(self.today(channel) * STEP)
        spends = money * np.arange(math.ceil(least / money), math.floor(most / money))
        found = [self.raised(channel, float(spend), money) for spend in spends]
        return [each for each in found if each.more > 0 and each.average < each.marginal]

    def moved(self, money: float) -> dict[str, float]:
        """Spends a month when money is moved from the first channel of the pair to the second one."""
        giver, taker = self.pair
        return {giver: max(self.today(giver) - money, 0.0), taker: max(self.today(taker) + money, 0.0)}

    @property
    def per(self) -> int:
        """So many results have their price told: one, or of cheap ones a hundred."""
        channel = self.pair[0]
        return MANY if self.today(channel) / self.outcome(channel, self.today(channel)) < MANY else 1

    def price(self, each: float) -> str:
        """What `per` results cost, where one costs `each`."""
        return self.money(each * self.per)

    @property
    def unit(self) -> str:
        """The result inside a sentence."""
        return lower_first(result_name(self.result))

    def money(self, amount: float) -> str:
        return write_money(amount, self.currency)

    def count(self, number: float) -> str:
        return write_value(number, "count")

    def _of(self, channel: str) -> list[Response]:
        return [response for response in self.curves.responses if response.channel == channel]


def _spanned(found: Iterable[np.ndarray]) -> tuple[float, float]:
    """From the lowest to the highest end of the intervals."""
    lows, highs = zip(*map(interval, found), strict=True)
    return min(lows), max(highs)


def by_week(spends: Mapping[str, float]) -> dict[str, float]:
    """Spends a month as the curves take them, a week."""
    return {channel: spend / MONTH for channel, spend in spends.items()}


def round_sum(amount: float) -> float:
    """The nearest of 1, 2, 5, 10, 20, 50, …

    >>> [round_sum(amount) for amount in (9.0, 310.0, 33_000.0)]
    [10.0, 200.0, 50000.0]
    """
    sizes = [step * 10.0**power for power in range(9) for step in (1, 2, 5)]
    return min(sizes, key=lambda size: abs(math.log(size / max(amount, 1.0))))


@dataclass(frozen=True, eq=False)
class Learned:
    """`plan`: the curves that are told best; `telling`: those of a result nearer to money, or the same.

    `refused`: a result and the row of `Curves.checks` of a channel that has no curve for it, and all that came of it.
    """

    plan: Plan
    telling: Plan
    refused: tuple[tuple[str, dict[str, Any], float], ...]


@lru_cache(maxsize=8)
def learn(figures: Figures) -> Learned:
    """The curves of the company, fitted once; Lacking where no two channels have curves with diminishing returns."""
    spending, empty = Spending(figures.exports), _empty(figures)
    fitted = lru_cache(maxsize=None)(lambda result: _fit(spending, result))
    found = ((result, _pair(fitted(result)[1], empty)) for result in TOLD if result in spending.results)
    result, pair = next(((key, pair) for key, pair in found if pair and _bends(fitted(key)[1], pair)), ("", None))
    if pair is None:
        raise Lacking(_("no two channels have response curves: spend varied too little, or the history is short."))
    known = [key for key in TELLING if key in spending.results and set(pair) <= set(fitted(key)[1].spends.index)]
    plans = [_plan(spending, key, fitted(key)[1], pair) for key in (result, next(iter(known), result))]
    refused = [refusal for key in TELLING[:1] if key in spending.results for refusal in _refused(key, *fitted(key))]
    return Learned(plans[0], plans[1], tuple(refused))


def _fit(spending: Spending, result: str) -> tuple[Weeks, Curves]:
    weeks = spending.weeks(result)
    return weeks, fit_weeks(weeks, DRAWS)


def _pair(curves: Curves, empty: Sequence[str]) -> tuple[str, str] | None:
    """The two largest channels with curves, without those whose visits are empty."""
    today = curves.spends["today"].sort_values(ascending=False)
    known = [str(channel) for channel in today.index if channel not in empty]
    return (known[0], known[1]) if len(known) > 1 else None


def _plan(spending: Spending, result: str, curves: Curves, pair: tuple[str, str]) -> Plan:
    responses = tuple(response for response in curves.responses if response.channel in pair)
    return Plan(result, spending.currency, replace(curves, responses=responses, spends=curves.spends.loc[list(pair)]),
                pair)  # fmt: skip


def _refused(result: str, weeks: Weeks, curves: Curves) -> list[tuple[str, dict[str, Any], float]]:
    came = weeks.table.groupby("channel")["outcome"].sum().to_dict()
    rows = curves.checks[curves.checks["refusal"] != ""].to_dict("records")
    return [(result, {str(key): value for key, value in row.items()}, float(came[row["channel"]])) for row in rows]


def _bends(curves: Curves, pair: tuple[str, str]) -> bool:
    """Whether in both channels the next money surely brings less than the money so far did on average."""
    rows = marginal_returns(curves)
    highs = rows[rows["form"] == ALL].set_index("channel")["marginal_high"]
    averages = rows[rows["form"] != ALL].groupby("channel")["average"].mean()
    return all(float(highs[channel]) < float(averages[channel]) for channel in pair)


def _empty(figures: Figures) -> list[str]:
    """The channels whose visits are proven empty in the last finished month."""
    if not {"ads", "traffic"} <= set(figures.exports.tables):
        return []
    paid = judge_paid_traffic(prepare_month(figures.exports, f"{figures.months[-1]:%Y-%m}"))
    return [str(channel) for channel in paid.empty.index] if paid else []
