"""What customers bring: seen so far, and expected by the purchase models, against what they cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_helpers.customer_value.costs import cost_of, monthly_costs
from kpi_helpers.customer_value.groups import EVERYBODY, Customers, Group
from kpi_helpers.customers import (
    Lifetime,
    cohort_margins,
    describe_repeat,
    discount_factors,
    expect_paths,
    first_covered,
    fit_lifetime,
    money_by_age,
    pay_back,
)
from kpi_helpers.past import COMPANY

HORIZONS = (6, 12, 24)  # months ahead
SEEN = (3, 6, 12)  # months since the first purchase
HORIZON, DISCOUNT = 12, 0.1  # what is said where nobody chose: months, and a share a year
LEAST = 30  # customers behind a mean: of fewer, one large order makes it
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Paths:
    """Money by month ahead of groups, not discounted: lines (1 + draws, groups, months), the first by the models.

    `present`: of all present customers of a group together; `new`: of one new customer, without the first purchase.
    `first`: the first purchase of a customer, (1 + draws, groups), drawn from those seen. `customers` of each group, of
    whom `modelled` are of kinds that have a model, and `single` of kinds of whom nobody has ever bought again: of these
    nothing more is expected. What to expect of the others is not known.
    """

    customers: np.ndarray
    modelled: np.ndarray
    single: np.ndarray
    first: np.ndarray
    present: np.ndarray
    new: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Of which groups it is known what to expect of everybody: of a part alone, a mean would be too low."""
        return (self.modelled > 0) & (self.modelled + self.single == self.customers)


def fit_kinds(customers: Customers, draws: int = 0) -> dict[str, Lifetime]:
    """The purchase models of each kind of customers, each channel with its own margin; see `fit_lifetime`."""
    kinds = customers.purchases["kind"]
    return {
        kind: fit_lifetime(customers.purchases[kinds == kind], draws=draws, share_by="channel")
        for kind in customers.kinds
    }


def expect_money(
    customers: Customers, lifetimes: dict[str, Lifetime], members: np.ndarray, months: int = max(HORIZONS)
) -> Paths:
    """What to expect of groups, one line of `members` each (see `Customers.members`).

    The draws of the kinds are put together one by one.
    """
    kinds = customers.purchases["kind"].to_numpy()
    models = {kind: lifetime for kind, lifetime in lifetimes.items() if not lifetime.reason}
    sizes = members.sum(axis=1)
    lines = 1 + min((len(lifetime.sound_draws) for lifetime in models.values()), default=0)
    present = np.zeros((lines, len(members), months))
    new, modelled = np.zeros_like(present), np.zeros(len(members))
    for kind, lifetime in models.items():
        rows = members[:, kinds == kind].astype(float)
        part = rows.sum(axis=1)
        ahead, of_new = expect_paths(lifetime, rows, months)
        present += ahead[:lines]
        new += of_new[:lines] * (part / np.maximum(sizes, 1))[None, :, None]
        modelled += part
    never = [kind for kind, lifetime in lifetimes.items() if lifetime.models[0].reason == "no_repeat"]
    single = members[:, np.isin(kinds, never)].sum(axis=1)
    firsts = first_purchases(customers).to_numpy()
    first = np.array([_means(firsts[rows & np.isfinite(firsts)], lines) for rows in members]).T
    return Paths(sizes, modelled, single, first, present, new)


def _means(values: np.ndarray, lines: int, seed: int = 1) -> np.ndarray:
    """The mean, and those of as many values drawn from them; NaN without any."""
    if not len(values):
        return np.full(lines, np.nan)
    rng = np.random.default_rng(seed)
    drawn = [values[rng.integers(0, len(values), len(values))].mean() for _line in range(1, lines)]
    return np.array([values.mean(), *drawn])


def first_purchases(customers: Customers) -> pd.Series:
    """The money of each customer's first day; NaN where it is not known. In the order of `purchases`."""
    orders = customers.orders.merge(customers.purchases[["customer_id", "first"]], on="customer_id")
    day = orders["ordered_at"].dt.tz_localize(None).dt.normalize()
    sums = orders[day == orders["first"]].groupby("customer_id")[customers.money].sum(min_count=1)
    return sums.reindex(customers.purchases["customer_id"]).reset_index(drop=True)


def discounted(
    paths: np.ndarray, months: int, rate: float, first: np.ndarray | float = 0.0
) -> tuple[float, float, float]:
    """Money of the first `months`, discounted at each month's end, and its 95 % interval by the draws (else NaN).

    `paths`: (1 + draws, months). `first` is added, undiscounted.
    """
    found = first + paths[:, :months] @ discount_factors(months, rate)
    if len(found) < 2:
        return float(found[0]), float("nan"), float("nan")
    low, high = np.quantile(found[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(found[0]), float(low), float(high)


def seen_money(part: Customers, months: int) -> tuple[float, float, float]:
    """What a customer has brought within so many months of the first purchase, and its 95 % interval; not discounted.

    Each month of that age is the mean of those who have reached it. NaN where fewer than LEAST customers are as old.
    """
    curve = money_by_age(part.orders, part.purchases, months, part.money)
    last = curve[curve["customers"] >= LEAST].set_index("months_since").reindex([months]).iloc[0]
    return float(last["money"]), float(last["low"]), float(last["high"])


def value_table(customers: Customers, costs: pd.DataFrame) -> pd.DataFrame:
    """What the customers of each channel have brought and cost: a row per channel, most customers first, and COMPANY.

    Columns: channel; customers; repeat_rate, low, high (Wilson); money_3, money_6, money_12 a customer by that age, NaN
    where fewer than LEAST customers are as old; cac, of (see `acquisition_costs`); money_to_cac, to_cac_low,
    to_cac_high: money_12 / cac, of margins alone, the CAC taken as it is; payback_months by the same curve (0: the
    first purchase), NaN with `reason` "no_cac", "no_margin", "few", "not_yet"; seen: the months that LEAST customers
    are old enough for.
    """
    groups = [group for group in customers.groups() if group[0] == "channel"]
    rows = [_value_row(customers.part(group), costs, str(group[1])) for group in groups]
    return pd.DataFrame([*rows, _value_row(customers, costs, COMPANY)])


def _value_row(part: Customers, costs: pd.DataFrame, channel: str) -> dict[str, object]:
    repeat = describe_repeat(part.purchases).iloc[0]
    curve = money_by_age(part.orders, part.purchases, max(HORIZONS), part.money)
    rows = curve[curve["customers"] >= LEAST].set_index("months_since")
    cac, of = cost_of(costs, channel), costs.loc[costs["channel"] == channel, "of"]
    known, year = rows["money"], rows.reindex([max(SEEN)]).iloc[0] / cac
    is_margin = part.money == "margin"
    months = first_covered(curve, cac, LEAST) if is_margin else float("nan")
    reason = ("" if months >= 0 else "no_cac" if np.isnan(cac) else "no_margin" if not is_margin
              else "few" if known.empty else "not_yet")  # fmt: skip
    return {
        "channel": channel, "customers": len(part.purchases),
        **{name: repeat[name] for name in ("repeat_rate", "low", "high")},
        **{f"money_{age}": known.get(age, np.nan) for age in SEEN},
        "cac": cac, "of": of.iloc[0] if len(of) else "",
        **{name: year[end] if is_margin else np.nan
           for name, end in {"money_to_cac": "money", "to_cac_low": "low", "to_cac_high": "high"}.items()},
        "payback_months": months, "reason": reason, "seen": float(known.index.max()) if len(known) else np.nan,
    }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Cohorts:
    """The customers of a channel (or COMPANY) by month of the first purchase, oldest first: see `cohort_table`."""

    channel: str
    starts: list[pd.Timestamp]
    margins: pd.DataFrame
    paths: Paths


def gather_cohorts(customers: Customers, lifetimes: dict[str, Lifetime], channel: str = COMPANY) -> Cohorts:
    """What the cohorts of a channel (or of all customers) have brought, and what is expected of them."""
    group: Group = (EVERYBODY, "") if channel == COMPANY else ("channel", channel)
    part, firsts = customers.part(group), customers.purchases["month"].where(customers.members(group))
    starts = sorted(firsts.dropna().unique())
    paths = expect_money(customers, lifetimes, np.array([(firsts == start).to_numpy() for start in starts]))
    return Cohorts(channel, starts, cohort_margins(part.orders.assign(channel=channel), part.until), paths)


def cohort_table(cohorts: Cohorts, costs: pd.DataFrame, months: int = HORIZON, rate: float = DISCOUNT) -> pd.DataFrame:
    """`pay_back` of the cohorts: a row per month of the first purchase.

    `ltv`: the margin so far and what is expected in the `months` ahead, discounted at `rate` a year, `ltv_to_cac` the
    same / CAC; NaN where it is not known what to expect of all of them (`Paths.known`).
    """
    paths = cohorts.paths
    ahead = paths.present[0, :, :months] @ discount_factors(months, rate) / paths.customers
    expected = pd.DataFrame({"month": cohorts.starts, "ahead": np.where(paths.known, ahead, np.nan)})
    table = pay_back(cohorts.margins, monthly_costs(costs[costs["channel"] == cohorts.channel]))
    table["ltv"] = table["margin"] + table["month"].map(expected.set_index("month")["ahead"])
    table["ltv_to_cac"] = table["ltv"] / table["cac"].where(table["cac"] > 0)
    return table
