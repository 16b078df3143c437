"""What the lesson on retention is about: twelve months of a company's customers, and its cohorts at the same age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from kpi_helpers.customer_value import Customers, gather_customers
from kpi_helpers.customers import describe_base
from kpi_helpers.labels import month_name, write_money, write_rate, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking, compute
from kpi_helpers.monthly import prepare_month

YEAR = 12  # months
AGE = 90  # days, at which cohorts are compared
LEAST = 25  # customers of a cohort
IN_CENTS = 1000  # money: what is smaller is shown with cents where it is calculated with
WIDER = (4 / 3, 5 / 3, 2)  # times the days of "active", for another definition
MEASURES = ("margin_12m", "lost_12m", "customer_months_12m", "buyers_12m", "repeat_buyers_12m")
COSTS = ("spend", "other_costs", "new_customers")


@dataclass(frozen=True)
class Year:
    """Twelve months of the customers: `sums` are the measures of the year that ends with `month`."""

    month: pd.Timestamp
    currency: str
    sums: dict[str, float]

    @property
    def churn(self) -> float:
        """The share of the active customers who are lost in a month."""
        return self.sums["lost_12m"] / self.sums["customer_months_12m"]

    @property
    def lifetime(self) -> float:
        """How many months a customer stays."""
        return 1 / self.churn

    @property
    def margin(self) -> float:
        """The margin of an active customer and month."""
        return self.sums["margin_12m"] / self.sums["customer_months_12m"]

    @property
    def revenue(self) -> float:
        """The revenue of an active customer and month."""
        return self.sums["revenue"] / self.sums["customer_months_12m"]

    @property
    def cac(self) -> float:
        return compute("cac", **{name: self.sums[name] for name in COSTS})

    @property
    def ltv(self) -> float:
        return compute("clv", **{name: self.sums[name] for name in ("margin_12m", "lost_12m")})

    @property
    def to_cac(self) -> float:
        return self.ltv / self.cac

    @property
    def payback(self) -> float:
        """After how many months the margin of an active customer covers the CAC."""
        return self.cac / self.margin

    @property
    def repeat_rate(self) -> float:
        names = ("buyers_12m", "repeat_buyers_12m")
        return compute("repeat_rate", **{name: self.sums[name] for name in names})

    @property
    def name(self) -> str:
        return _("twelve months to {month}").format(month=month_name(self.month, heading=False))

    def money(self, amount: float) -> str:
        return write_money(amount, self.currency)

    def amount(self, amount: float) -> str:
        """An amount with which the learner calculates: below 1,000 with cents."""
        return write_money(amount, self.currency, cents=abs(amount) < IN_CENTS)


@dataclass(frozen=True)
class Cohort:
    """The customers who first bought in a month: how many, who bought again within AGE days, and up to today."""

    month: pd.Timestamp
    customers: int
    at_age: int
    so_far: int

    @property
    def name(self) -> str:
        return month_name(self.month, heading=False)


def list_years(figures: Figures) -> list[Year]:
    """Every twelve months with churn, margin and costs; Lacking where there are fewer than the lesson needs."""
    found = []
    for place, month in enumerate(figures.months):
        sums, window = figures.sums(month), figures.months[max(place + 1 - YEAR, 0) : place + 1]
        if len(window) < YEAR or not all(sums.get(name, 0) > 0 for name in MEASURES):
            continue
        whole = {name: sums[name] for name in MEASURES} | _added(figures, window)
        if all(whole.get(name, 0) > 0 for name in ("revenue", "customer_orders", "spend", "new_customers")):
            found.append(Year(month, figures.currency, whole))
    if len(found) < 3:
        raise Lacking(_("lifetimes need orders with customers and margin over almost two years, and costs."))
    return found


def _added(figures: Figures, window: Sequence[pd.Timestamp]) -> dict[str, float]:
    """Sums of the months: costs, new customers, revenue and orders; other costs are 0 where none are known."""
    months = [figures.sums(month) for month in window]
    return {name: sum(month.get(name, 0.0) for month in months) for name in (*COSTS, "revenue", "customer_orders")}


@lru_cache(maxsize=8)
def customers_of(figures: Figures) -> Customers:
    """Those of whom the first purchase is known to be the first, as of the last finished month."""
    return gather_customers(prepare_month(figures.exports, f"{figures.months[-1]:%Y-%m}")).newcomers


def list_cohorts(customers: Customers) -> list[Cohort]:
    """Cohorts of which everybody has been watched for AGE days, the oldest first; Lacking where there are few."""
    purchases = customers.purchases
    waited = (purchases["second"] - purchases["first"]).dt.days
    rows = purchases.assign(at_age=waited <= AGE, so_far=waited.notna())
    last = pd.Timestamp(customers.until) - pd.Timedelta(days=AGE)
    parts = [(month, rows[rows["month"] == month]) for month in sorted(rows["month"].unique())]
    found = [
        Cohort(month, len(part), int(part["at_age"].sum()), int(part["so_far"].sum()))
        for month, part in parts
        if len(part) >= LEAST and month + pd.offsets.MonthEnd(1) <= last
    ]
    if len(found) < 2 * YEAR // 3:
        raise Lacking(_("there are too few months of new customers to compare."))
    return found


def with_definition(figures: Figures, year: Year, days: int) -> Year:
    """The same orders, with a customer called active who bought within so many days; Lacking where it is too long."""
    base = describe_base(figures.exports.tables["orders"], days)
    rows = base.loc[base["month"] == year.month, list(MEASURES)].to_dict("records")
    if not rows or not all(value > 0 for value in rows[0].values()):
        raise Lacking(_("the orders do not reach back far enough for another definition of an active customer."))
    return Year(
        year.month, year.currency, {**year.sums, **{str(name): float(value) for name, value in rows[0].items()}}
    )


def as_shown(year: Year) -> dict[str, float]:
    """The figures of a year, each from those before it as they are shown: so a calculator gives the same."""
    churn, margin, cac = round(year.churn, 4), _rounded(year.margin), _rounded(year.cac)
    lifetime = round(1 / churn, 2)
    ltv = _rounded(margin * lifetime)
    return {"churn": churn, "lifetime": lifetime, "margin": margin, "ltv": ltv, "cac": cac,
            "to_cac": ltv / cac, "payback": cac / margin}  # fmt: skip


def _rounded(amount: float) -> float:
    return round(amount, 2 if abs(amount) < IN_CENTS else 0)


def written(year: Year) -> dict[str, Any]:
    """The figures of a year as they are shown."""
    shown = as_shown(year)
    return {
        "churn": write_rate(shown["churn"]),
        "lifetime": months(shown["lifetime"]),
        "margin": year.amount(shown["margin"]),
        "ltv": year.amount(shown["ltv"]),
        "cac": year.amount(shown["cac"]),
        "to_cac": write_value(shown["to_cac"], "multiple"),
        "payback": write_value(shown["payback"], "months"),
    }


def months(number: float) -> str:
    """Months with two decimals: with one, what is multiplied by them would be off."""
    return _("{n} mo.").format(n=write_value(number, "ratio"))
