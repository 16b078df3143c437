"""What customers are still worth: expected purchases times expected value, discounted, over a horizon that is named."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.customers import bgnbd, gamma_gamma
from kpi_helpers.customers.bgnbd import PurchaseModel, fit_histories, fit_purchases
from kpi_helpers.customers.gamma_gamma import ValueModel, Values, fit_rows, fit_values
from kpi_helpers.customers.histories import Histories

WEEKS_A_MONTH = 365.25 / 12 / 7
LEVEL = 0.95
MOST_FAILED = 0.1  # of the resampled fits: with more, there is no interval
Models = tuple[PurchaseModel, ValueModel]


@dataclass(frozen=True, eq=False)
class Lifetime:
    """Models of a customer base, and the same models fitted to `draws` of it (customers drawn with replacement).

    `of` says what the money is: "margin", or "revenue" where no margin is known, which is no CLV to hold against costs.
    `share` turns the value of a valued repeat day into it: margin / revenue, times the share of repeat days that left
    revenue (a day whose orders were all returned is a purchase without value); one for all customers, or one for each
    row of `purchases`. `reason` as in the models.
    `failed`: how many of the draws gave no model; they are left out of the intervals. Where one of the models is
    refused, the other still has its parameters and draws.
    """

    purchases: pd.DataFrame
    models: Models
    draws: tuple[Models, ...]
    share: float | np.ndarray
    of: str
    failed: int = 0

    @property
    def reason(self) -> str:
        return self.models[0].reason or self.models[1].reason

    @property
    def sound_draws(self) -> tuple[Models, ...]:
        """The draws that an interval may be taken from: none of them where too many failed."""
        return () if self.failed > MOST_FAILED * (self.failed + len(self.draws)) else self.draws

    def with_interval(self, compute: Callable[[Models], np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is computed from the models, and the ends of its 95 % interval: percentiles of the draws.

        The ends are NaN where there are no draws or too many of them failed.
        """
        middle = compute(self.models)
        if not self.sound_draws:
            return middle, np.full_like(middle, np.nan), np.full_like(middle, np.nan)
        drawn = np.array([compute(models) for models in self.sound_draws])
        low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        return middle, low, high


def fit_lifetime(
    purchases: pd.DataFrame, margin_share: float | None = None, draws: int = 200, seed: int = 1, share_by: str = ""
) -> Lifetime:
    """BG/NBD and Gamma-Gamma of `summarise_purchases`, and their bootstrap.

    `margin_share`: margin / revenue, a fraction; without it that of the customers whose margin is known. `share_by`:
    the column ("channel") whose values each have a margin of their own, where those of `LEAST_CUSTOMERS` are known.
    """
    if margin_share is not None and not -1 <= margin_share <= 1:
        raise ValueError(f"margin_share is a fraction, not {margin_share}")
    models = fit_purchases(purchases), fit_values(purchases)
    share, of = _shares(purchases, share_by) if share_by and margin_share is None else _share(purchases, margin_share)
    if models[0].reason and models[1].reason:
        return Lifetime(purchases, models, (), share, of)
    reasons = [model.reason for model in models]
    drawn = _draw(purchases, models, draws, seed)
    sound = tuple(pair for pair in drawn if [model.reason for model in pair] == reasons)
    return Lifetime(purchases, models, sound, share, of, failed=draws - len(sound))


def _share(purchases: pd.DataFrame, margin_share: float | None) -> tuple[float, str]:
    kept = _kept(purchases)
    known = purchases[purchases["margin"].notna() & (purchases["revenue"] > 0)]
    if margin_share is None and known.empty:
        return kept, "revenue"
    found = known["margin"].sum() / known["revenue"].sum() if margin_share is None else margin_share
    return float(kept * found), "margin"


def _kept(purchases: pd.DataFrame) -> float:
    """The share of the repeat days that left revenue."""
    days = purchases["frequency"].sum()
    return float(purchases["value_days"].sum() / days) if days else float("nan")


def _shares(purchases: pd.DataFrame, by: str) -> tuple[np.ndarray, str]:
    """For each row the share of its group; of groups with few known margins that of all."""
    all_of, of = _share(purchases, None)
    shares = np.full(len(purchases), all_of)
    known = purchases["margin"].notna() & (purchases["revenue"] > 0)
    kept = _kept(purchases)
    for places in purchases.groupby(by, dropna=False).indices.values():
        group = purchases.iloc[places][known.iloc[places]]
        if of == "margin" and len(group) >= bgnbd.LEAST_CUSTOMERS:
            shares[places] = kept * group["margin"].sum() / group["revenue"].sum()
    return shares, of


def _draw(purchases: pd.DataFrame, models: Models, draws: int, seed: int) -> Iterator[Models]:
    """Both models of each resample: the same customers in both; what was refused stays so."""
    buying, spending = models
    rng, rows, count = np.random.default_rng(seed), Histories.of(purchases), len(purchases)
    for _draw_number in range(draws):
        times = np.bincount(rng.integers(0, count, count), minlength=count)
        yield (
            buying if buying.reason else fit_histories(rows.weighted(times), buying),
            spending if spending.reason else fit_rows(Values.of(purchases, times), spending),
        )


def parameter_table(lifetime: Lifetime) -> pd.DataFrame:
    """The parameters of both models with their intervals: parameter, value, low, high."""
    value, low, high = lifetime.with_interval(lambda models: np.concatenate([model.parameters for model in models]))
    names = [*bgnbd.NAMES, *gamma_gamma.NAMES]
    return pd.DataFrame({"parameter": names, "value": value, "low": low, "high": high})


def expect_customers(lifetime: Lifetime, months: int = 12, discount_a_year: float = 0.1) -> pd.DataFrame:
    """What to expect of each customer in the `months` after `until`: what was bought before is not in it.

    Columns: customer_id, p_alive, expected_purchases, expected_value (money of one purchase, in terms of
    `lifetime.of`), clv: expected purchases of each month times their value, discounted at the month's end by
    1 / (1 + discount_a_year) ** (month / 12), added. Each expectation is a mean: one customer alone will differ widely.
    `attrs` of the table name the convention: "residual", with months, discount_a_year and of.
    """
    purchases, (buying, _spending) = lifetime.purchases, lifetime.models
    rows = Histories.of(purchases)
    by_month = _by_month(buying, rows, months)
    value = _value(lifetime, lifetime.models)
    table = purchases[["customer_id"]].copy()
    table["p_alive"] = buying.p_alive(purchases)
    table["expected_purchases"] = by_month.sum(axis=0)[rows.place]
    table["expected_value"] = value
    table["clv"] = (discount_factors(months, discount_a_year) @ by_month)[rows.place] * value
    table.attrs = _convention(lifetime, months, discount_a_year)
    return table


def expect_paths(lifetime: Lifetime, members: np.ndarray, months: int) -> tuple[np.ndarray, np.ndarray]:
    """Money expected in each of the `months` ahead, by group: of its present customers, and of a new one like them.

    `members`: (groups, customers), 1 where a row of `purchases` belongs to the group; groups may overlap. Returns two
    arrays (1 + sound draws, groups, months), not discounted, in terms of `lifetime.of`: the first line by the models,
    the others by the draws. Present: all customers of the group together, after `until`. New: one customer after the
    first purchase, which is not in it; the values of its purchases are those of the group.
    """
    rows, zero = Histories.of(lifetime.purchases), np.zeros(1)
    fresh = Histories(zero, zero, zero, np.ones(1), np.zeros(1, dtype=int))
    sizes = np.maximum(members.sum(axis=1), 1)
    present, new = [], []
    for models in (lifetime.models, *lifetime.sound_draws):
        value = _value(lifetime, models)
        weighed = np.array([np.bincount(rows.place, group * value, len(rows.age)) for group in members])
        by_month = _by_month(models[0], rows, months)
        present.append(np.einsum("gh,mh->gm", weighed, by_month))  # `@` would round by the number of processors
        new.append(np.outer(members @ value / sizes, _by_month(models[0], fresh, months)[:, 0]))
    return np.array(present), np.array(new)


def _convention(lifetime: Lifetime, months: int, discount_a_year: float) -> dict[Hashable | None, Any]:
    return {"convention": "residual", "months": months, "discount_a_year": discount_a_year, "of": lifetime.of}


def _by_month(model: PurchaseModel, rows: Histories, months: int) -> np.ndarray:
    """Expected purchases of each month ahead, of each distinct history: (months, histories)."""
    return np.diff(model.expect(rows, np.arange(1, months + 1) * WEEKS_A_MONTH), axis=0, prepend=0.0)


def discount_factors(months: int, rate: float) -> np.ndarray:
    """What money of each month ahead is worth now, a month's end at `rate` a year: 1 / (1 + rate) ** (month / 12)."""
    return (1 + rate) ** (-np.arange(1, months + 1) / 12)


def _value(lifetime: Lifetime, models: Models) -> np.ndarray:
    return models[1].expected_value(lifetime.purchases).to_numpy() * lifetime.share
