"""Gamma-Gamma: what a customer's purchase is worth.

By Fader and Hardie 2013, "The Gamma-Gamma Model of Monetary Value".
The purchases of a customer are gamma (shape p) around a mean of their own, and the means are spread over customers by
q and gamma. How much somebody spends must not depend on how often they buy: the correlation is measured and reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kpi_helpers.customers.fitting import EDGE, maximise

LEAST_REPEATERS = 30
MOST_CORRELATED = 0.3  # Spearman's rho: beyond the noise of 50 customers (2 / sqrt(50)), and no longer a weak relation
NAMES = ("p", "q", "gamma")
STARTS = np.array([[1.0, 2.0, 1.0], [6.0, 4.0, 0.5], [2.0, 10.0, 5.0]])  # gamma by the mean value


@dataclass(frozen=True)
class ValueModel:
    """Fitted Gamma-Gamma; `gamma` in money, `repeaters` customers with a value. NaN where there is a `reason`.

    `mean`: expected value of a purchase over all customers, p * gamma / (q - 1). `correlation`: Spearman's, of value
    days and value. `reason`: "too_few_repeaters", "one_value" (all buy for the same money), "correlated",
    "not_converged", "no_mean" (q <= 1: a few customers spend so much that the mean has no bound). `agreeing`, `starts`,
    `at_edge` as for `PurchaseModel`.
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float
    repeaters: int
    correlation: float
    reason: str = ""
    agreeing: int = 0
    starts: int = 0
    at_edge: tuple[str, ...] = ()

    @property
    def parameters(self) -> np.ndarray:
        """p, q, gamma."""
        return np.array([self.p, self.q, self.gamma])

    @property
    def mean(self) -> float:
        return self.p * self.gamma / (self.q - 1)

    def expected_value(self, purchases: pd.DataFrame) -> pd.Series:
        """The value to be expected of each customer's purchases: their own mean, drawn towards that of all.

        Without a valued repeat purchase it is the mean of all.
        """
        days = purchases["value_days"].to_numpy(dtype=float)
        spent = days * purchases["value"].fillna(0).to_numpy(dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            own = self.p * (self.gamma + spent) / (self.p * days + self.q - 1)
        return pd.Series(np.where(days > 0, own, self.mean), index=purchases.index, name="expected_value")


@dataclass(frozen=True, eq=False)
class Values:
    """Valued repeat days and mean value of the customers who have any; `weight` customers have each."""

    days: np.ndarray
    value: np.ndarray
    weight: np.ndarray

    @staticmethod
    def of(purchases: pd.DataFrame, weights: np.ndarray | None = None) -> Values:
        """From `summarise_purchases`: the rows with a value above zero and customers behind them."""
        days, value = (purchases[name].to_numpy(dtype=float) for name in ("value_days", "value"))
        weight = np.ones(len(purchases)) if weights is None else np.asarray(weights, dtype=float)
        known = (days > 0) & (value > 0) & np.isfinite(value) & (weight > 0)
        return Values(days[known], value[known], weight[known])

    @cached_property
    def customers(self) -> int:
        return round(float(self.weight.sum()))

    @cached_property
    def spent(self) -> np.ndarray:
        return self.days * self.value

    @cached_property
    def log_spent(self) -> np.ndarray:
        return np.log(self.spent)

    @cached_property
    def log_value(self) -> np.ndarray:
        return np.log(self.value)

    @cached_property
    def _counted(self) -> tuple[np.ndarray, np.ndarray]:
        kinds, kind = np.unique(self.days, return_inverse=True)
        return kinds, np.bincount(kind, self.weight)

    @property
    def kinds(self) -> np.ndarray:
        """The distinct numbers of days."""
        return self._counted[0]

    @property
    def by_kind(self) -> np.ndarray:
        """How many customers have each."""
        return self._counted[1]


def fit_values(purchases: pd.DataFrame, weights: np.ndarray | None = None) -> ValueModel:
    """Gamma-Gamma by maximum likelihood from `summarise_purchases` (columns value_days, value).

    `weights`: how many customers each row stands for (one, unless said otherwise).
    """
    rows = Values.of(purchases, weights)
    return refuse(rows) or fit_rows(rows)


def refuse(rows: Values) -> ValueModel | None:
    """A model without parameters and with the reason, None where nothing speaks against a fit."""
    if rows.customers < LEAST_REPEATERS:
        return _without(rows, "too_few_repeaters")
    if np.ptp(rows.value) <= 1e-9 * rows.value.max():
        return _without(rows, "one_value")
    if abs(correlate(rows)) > MOST_CORRELATED:
        return _without(rows, "correlated")
    return None


def _without(rows: Values, reason: str) -> ValueModel:
    nan = float("nan")
    return ValueModel(nan, nan, nan, nan, rows.customers, correlate(rows), reason)


def correlate(rows: Values) -> float:
    """Spearman's correlation of how often and how much, over customers; NaN where one of them is the same for all."""
    if len(rows.days) < 2:
        return float("nan")
    ranks = np.array([_ranks(rows.days, rows.weight), _ranks(rows.value, rows.weight)])
    spread = np.cov(ranks, aweights=rows.weight, ddof=0)
    both = spread[0, 0] * spread[1, 1]
    return float(spread[0, 1] / np.sqrt(both)) if both > 0 else float("nan")


def _ranks(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The middle of the places that equal values share, when each value stands `weight` times."""
    _kinds, kind = np.unique(values, return_inverse=True)
    count = np.bincount(kind, weight)
    return (np.cumsum(count) - count / 2)[kind]


def fit_rows(rows: Values, near: ValueModel | None = None) -> ValueModel:
    """The fit itself, from the usual starts, or from one that is `near`."""
    scale = np.array([1.0, 1.0, float(np.average(rows.value, weights=rows.weight))])
    starts = STARTS if near is None else near.parameters[None] / scale

    def likelihood(scaled: np.ndarray) -> tuple[float, np.ndarray]:
        value, slopes = log_likelihood(scaled * scale, rows)
        return value / rows.customers, slopes * scale / rows.customers

    fit = maximise(likelihood, np.clip(starts, 1 / EDGE, EDGE))
    p, q, gamma = (float(value) for value in fit.parameters * scale)
    if not (fit.converged and q > 1):
        return _without(rows, "no_mean" if fit.converged else "not_converged")
    total = fit.log_likelihood * rows.customers
    return ValueModel(p, q, gamma, total, rows.customers, correlate(rows), "",
                      fit.agreeing, fit.starts, fit.at_edge(NAMES))  # fmt: skip


def log_likelihood(parameters: np.ndarray, rows: Values) -> tuple[float, np.ndarray]:
    """The log-likelihood of all customers (equation 1a, the density of a mean of x purchases), and its gradient."""
    from scipy.special import digamma, gammaln

    p, q, gamma = parameters
    n, kinds, shape = rows.by_kind, rows.kinds, p * rows.days
    all_spent = gamma + rows.spent
    left = np.log(all_spent)  # what log(spent) is compared with
    each = gammaln(p * kinds + q) - gammaln(p * kinds) - gammaln(q) + q * np.log(gamma)
    whole = digamma(p * kinds + q)
    w, more = rows.weight, rows.log_spent - left
    slopes = [
        (w * rows.days * more).sum() + (n * kinds * (whole - digamma(p * kinds))).sum(),
        (n * (whole - digamma(q) + np.log(gamma))).sum() - (w * left).sum(),
        rows.customers * q / gamma - (w * (shape + q) / all_spent).sum(),
    ]
    value = (n * each).sum() + (w * (shape * more - q * left - rows.log_value)).sum()
    return float(value), np.array(slopes)
