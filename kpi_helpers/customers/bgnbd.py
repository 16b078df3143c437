"""BG/NBD: how often customers buy and when they stop, by Fader, Hardie and Lee (Marketing Science 24, 2005).

A customer buys at a rate of their own (gamma over customers: r, alpha) and after each purchase stops for good with
a chance of their own (beta: a, b). Time in weeks from the first purchase. The model knows no season and no growth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_helpers.customers.fitting import EDGE, maximise
from kpi_helpers.customers.histories import Histories
from kpi_helpers.customers.quadrature import beta_points

# Tried on invented customers: with as few, nine of ten fits foresee a year's purchases to within a third (100 customers
# of two years) or a half (400 of half a year). The bootstrap says how sure a fit is.
LEAST_CUSTOMERS, LEAST_REPEATERS, LEAST_WEEKS = 100, 30, 26
NAMES = ("r", "alpha", "a", "b")
STARTS = np.array([[1.0, 1.0, 1.0, 1.0], [0.3, 0.2, 0.5, 2.0], [1.0, 0.3, 0.1, 1.0]])  # alpha by the mean age


@dataclass(frozen=True)
class PurchaseModel:
    """Fitted BG/NBD; `alpha` in weeks, `log_likelihood` of all `customers`. NaN where there is a `reason`.

    `reason`: "too_few_customers", "too_short" (the oldest customer is younger than `LEAST_WEEKS`), "no_repeat",
    "too_few_repeaters", "not_converged". `agreeing` of the `starts` found the same maximum; `at_edge` names parameters
    that ran off to nothing or to infinity (a = 0: nobody is seen to stop): trust what is expected, not the parameter.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int
    repeaters: int
    reason: str = ""
    agreeing: int = 0
    starts: int = 0
    at_edge: tuple[str, ...] = ()

    @property
    def parameters(self) -> np.ndarray:
        """r, alpha, a, b."""
        return np.array([self.r, self.alpha, self.a, self.b])

    def p_alive(self, purchases: pd.DataFrame) -> pd.Series:
        """The probability that each customer still buys: a row per row of `purchases`; 1 without a repeat purchase."""
        rows = Histories.of(purchases)
        return pd.Series(_p_alive(self, rows)[rows.place], index=purchases.index, name="p_alive")

    def expected_purchases(self, purchases: pd.DataFrame, weeks: float) -> pd.Series:
        """The purchase days to be expected of each customer in the weeks after `until`."""
        rows = Histories.of(purchases)
        found = self.expect(rows, np.array([weeks]))[0]
        return pd.Series(found[rows.place], index=purchases.index, name="expected_purchases")

    def expected_of_new(self, weeks: float) -> float:
        """The repeat purchase days to be expected of a new customer in the weeks after their first purchase."""
        zero, one = np.zeros(1), np.ones(1)
        rows = Histories(zero, zero, zero, one, np.zeros(1, dtype=int))
        return float(self.expect(rows, np.array([weeks]))[0, 0])

    def expect(self, rows: Histories, weeks: np.ndarray) -> np.ndarray:
        """The purchase days expected of each distinct history within each of the `weeks`: (weeks, histories).

        Their equation 10, before its last step. Who is still there buys (1 - exp(-rate * p * t)) / p times in t weeks,
        p being the chance to stop. The rate is gamma(r + x, alpha + T), p beta(a, b + x). The mean over the rate is
        exact, that over p by points: where parameters run to an edge, the hypergeometric function would fail.
        """
        expected = np.full((len(weeks), len(rows.age)), np.nan)
        if self.reason:
            return expected
        for n, frequency in enumerate(rows.frequencies):
            here = np.flatnonzero(rows.kind == n)
            stops, share = beta_points(self.a, self.b + frequency)
            for each, ahead in zip(expected, weeks, strict=True):
                pace = np.log(1 + stops * (ahead / (self.alpha + rows.age[here]))[:, None])
                each[here] = (1 - np.exp(-(self.r + frequency) * pace)) @ (share / stops)
        return expected * _p_alive(self, rows)


def fit_purchases(purchases: pd.DataFrame, weights: np.ndarray | None = None) -> PurchaseModel:
    """BG/NBD by maximum likelihood from `summarise_purchases` (columns frequency, recency, age).

    `weights`: how many customers each row stands for (one, unless said otherwise).
    """
    rows = Histories.of(purchases, weights)
    return refuse(rows) or fit_histories(rows)


def refuse(rows: Histories) -> PurchaseModel | None:
    """A model without parameters and with the reason, None where nothing speaks against a fit."""
    bought_again = int(rows.weight[rows.frequency > 0].sum())
    age = rows.age[rows.weight > 0].max(initial=0.0)
    if rows.customers < LEAST_CUSTOMERS:
        reason = "too_few_customers"
    elif age < LEAST_WEEKS:
        reason = "too_short"
    elif bought_again < LEAST_REPEATERS:
        reason = "too_few_repeaters" if bought_again else "no_repeat"
    else:
        return None
    return _without(rows, reason)


def _without(rows: Histories, reason: str) -> PurchaseModel:
    nan = float("nan")
    return PurchaseModel(nan, nan, nan, nan, nan, rows.customers, rows.repeaters, reason)


def fit_histories(rows: Histories, near: PurchaseModel | None = None) -> PurchaseModel:
    """The fit itself, from the usual starts, or from one that is `near`."""
    scale = np.array([1.0, float(np.average(rows.age, weights=rows.weight)), 1.0, 1.0])
    starts = STARTS if near is None else near.parameters[None] / scale

    def likelihood(scaled: np.ndarray) -> tuple[float, np.ndarray]:
        value, slopes = log_likelihood(scaled * scale, rows)
        return value / rows.customers, slopes * scale / rows.customers

    fit = maximise(likelihood, np.clip(starts, 1 / EDGE, EDGE))
    if not fit.converged:
        return _without(rows, "not_converged")
    r, alpha, a, b = (float(value) for value in fit.parameters * scale)
    total = fit.log_likelihood * rows.customers
    return PurchaseModel(r, alpha, a, b, total, rows.customers, rows.repeaters, "",
                         fit.agreeing, fit.starts, fit.at_edge(NAMES))  # fmt: skip


def log_likelihood(parameters: np.ndarray, rows: Histories) -> tuple[float, np.ndarray]:
    """The log-likelihood of all customers and its gradient by r, alpha, a, b.

    A customer who bought again is either still there or stopped after the last purchase; the two are added on
    logarithms.
    """
    from scipy.special import digamma, gammaln

    r, alpha, a, b = parameters
    n, kinds, again = rows.by_kind, rows.frequencies, rows.frequencies > 0
    before = np.where(again, b + kinds - 1, 1.0)
    age, last, w = alpha + rows.age, alpha + rows.recency, rows.weight
    to_age, to_last, times = np.log(age), np.log(last), r + rows.frequency
    odds = np.where(again, np.log(a / before), -np.inf)[rows.kind] + times * (to_age - to_last)  # of having stopped
    small = np.exp(-np.abs(odds))
    is_gone = w * np.where(odds > 0, 1.0, small) / (1 + small)
    is_there = w - is_gone
    either = np.maximum(odds, 0) + np.log(1 + small) - times * to_age
    each = gammaln(r + kinds) - gammaln(r) + r * np.log(alpha) + gammaln(a + b) - gammaln(a + b + kinds)
    each += gammaln(b + kinds) - gammaln(b)
    gone = np.bincount(rows.kind, is_gone, len(kinds)) * again
    both = digamma(a + b) - digamma(a + b + kinds)
    slopes = [
        (n * (digamma(r + kinds) - digamma(r) + np.log(alpha))).sum() - (is_there * to_age + is_gone * to_last).sum(),
        rows.customers * r / alpha - (times * (is_there / age + is_gone / last)).sum(),
        (n * both).sum() + gone.sum() / a,
        (n * (both + digamma(b + kinds) - digamma(b))).sum() - (gone / before).sum(),
    ]
    return float((n * each).sum() + (w * either).sum()), np.array(slopes)


def _p_alive(model: PurchaseModel, rows: Histories) -> np.ndarray:
    from scipy.special import expit

    r, alpha, a, b = model.parameters
    x = rows.frequency
    with np.errstate(divide="ignore"):
        before = np.where(x > 0, b + x - 1, np.inf)
        odds = np.log(a / before) + (r + x) * np.log((alpha + rows.age) / (alpha + rows.recency))
    return expit(-odds)
