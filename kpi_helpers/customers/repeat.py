"""Who buys again: repeat rate, frequency and value per customer, and the time to the second purchase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

CONFIDENCE = 0.95
Z = 1.959963984540054
ROUNDING = 1e-9  # a half that was multiplied together is one all the same


def describe_repeat(purchases: pd.DataFrame, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """How often and for how much customers buy: a row for all, or per value of `by` (say "channel", "month").

    From `summarise_purchases`. `repeat_rate`: customers with two or more purchase days / customers, with Wilson's
    interval (`low`, `high`, 95 %); those who came lately have had little time, which `describe_second_purchase` allows
    for. `purchase_frequency`: orders / customers. `aov`: revenue / orders of the customers whose revenue is known;
    revenue and margin per customer likewise, over the `customers_with_margin` that are known; NaN where there are none.
    """
    labels = [by] if isinstance(by, str) else list(by)
    rows = purchases.assign(
        customers=1, repeat_customers=purchases["purchase_days"] >= 2, with_revenue=purchases["revenue"].notna(),
        orders_with_revenue=purchases["orders"].where(purchases["revenue"].notna(), 0),
        customers_with_margin=purchases["margin"].notna(),
    )  # fmt: skip
    sums = ["customers", "repeat_customers", "orders", "purchase_days", "orders_with_revenue", "with_revenue",
            "revenue", "customers_with_margin", "margin"]  # fmt: skip
    grouped = rows.groupby(labels, dropna=False) if labels else rows.groupby(np.zeros(len(rows), dtype=int))
    table = grouped[sums].sum(min_count=0).reset_index(drop=not labels)
    table["repeat_rate"], table["low"], table["high"] = _share(table["repeat_customers"], table["customers"])
    table["purchase_frequency"] = table["orders"] / table["customers"]
    table["aov"] = _per(table["revenue"], table["orders_with_revenue"])
    table["revenue_per_customer"] = _per(table["revenue"], table["with_revenue"])
    table["margin_per_customer"] = _per(table["margin"], table["customers_with_margin"])
    return table[[*labels, "customers", "repeat_customers", "repeat_rate", "low", "high", "orders", "purchase_days",
                  "purchase_frequency", "aov", "revenue_per_customer", "customers_with_margin",
                  "margin_per_customer"]]  # fmt: skip


def _share(part: pd.Series, whole: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(part.to_numpy(), whole.to_numpy(), alpha=1 - CONFIDENCE, method="wilson")
    return part / whole, pd.Series(low, index=part.index), pd.Series(high, index=part.index)


def _per(sums: pd.Series, count: pd.Series) -> pd.Series:
    return sums / count.where(count > 0)


@dataclass(frozen=True, eq=False)
class SecondPurchase:
    """How soon customers buy a second time, those who have not yet done so being allowed for (Kaplan-Meier).

    `curve`: by `day` since the first purchase, the share who have `bought` again by then, its interval (`low`, `high`,
    95 %, log-log) and how many customers were `at_risk`. `median`, `low`, `high`: days until half of the customers have
    bought again, and its interval; NaN where the data do not reach so far. `reason` says why the median is NaN:
    "not_reached" (fewer than half have bought again), "no_repeat", "no_customers". `observed`: the days of the
    customer who was watched longest; of later days nothing is said.
    """

    curve: pd.DataFrame
    median: float
    low: float
    high: float
    customers: int
    repeaters: int
    observed: float
    reason: str = ""

    def share_within(self, days: float) -> tuple[float, float, float]:
        """The share who buy again within so many days, and its interval; NaN for days that nobody was observed."""
        if not days <= self.observed:
            return (float("nan"),) * 3
        past = self.curve[self.curve["day"] <= days]
        if past.empty:
            return 0.0, 0.0, float("nan")
        bought, low, high = past.iloc[-1][["bought", "low", "high"]]
        return float(bought), float(low), float(high)


def describe_second_purchase(purchases: pd.DataFrame) -> SecondPurchase:
    """The time from the first purchase to the second one, on another day, from `summarise_purchases`.

    Customers without a second purchase are censored at their age.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    came_back = purchases["second"].notna().to_numpy()
    waited = np.where(came_back, (purchases["second"] - purchases["first"]).dt.days, purchases["age"] * 7).round()
    known = waited > 0
    waited, status = waited[known], came_back[known].astype(int)
    if not status.any():
        observed = float(waited.max()) if len(waited) else float("nan")
        empty = pd.DataFrame({name: pd.Series(dtype=float) for name in ("day", "bought", "low", "high", "at_risk")})
        nan = float("nan")
        reason = "no_repeat" if len(purchases) else "no_customers"
        return SecondPurchase(empty, nan, nan, nan, len(purchases), 0, observed, reason)
    fitted = SurvfuncRight(waited, status)
    low, high = _log_log(fitted.surv_prob, fitted.surv_prob_se)
    curve = pd.DataFrame({"day": fitted.surv_times, "bought": 1 - fitted.surv_prob, "low": low, "high": high,
                          "at_risk": fitted.n_risk.astype(float)})  # fmt: skip
    median = _first_at(curve, "bought")
    return SecondPurchase(curve, median, _first_at(curve, "high"), _first_at(curve, "low"), len(purchases),
                          int(status.sum()), float(waited.max()),
                          "not_reached" if np.isnan(median) else "")  # fmt: skip


def _log_log(left: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The interval of 1 - S on the scale log(-log S), on which it stays between 0 and 1; NaN at S = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        step = Z * error / (left * np.abs(np.log(left)))
        return 1 - left ** np.exp(-step), 1 - left ** np.exp(step)


def _first_at(curve: pd.DataFrame, column: str) -> float:
    """The first day on which half have bought again."""
    reached = curve.loc[curve[column] >= 0.5 - ROUNDING, "day"]
    return float(reached.iloc[0]) if len(reached) else float("nan")
