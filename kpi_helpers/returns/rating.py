"""From sums of money to ratios and a verdict: every ratio by the KPI table or by a formula that is read as it runs."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from kpi_helpers.formula import parse
from kpi_helpers.kpis import compute_kpis

Verdict = Literal["earns", "ads_only", "loses", "even", "rule", "unknown"]

MONEY = ("revenue", "margin", "spend", "other_costs")
KEYS = ("marketing_cost", "roas", "drr", "revenue_roi", "romi", "roi")
SHARES = {"margin_share": "margin / revenue", "break_even_all": "marketing_cost / revenue",
          "needed": "known_cost / revenue"}  # fmt: skip
WHOLE = 0.995  # of a channel's revenue names its campaigns: no more is to be expected
JUDGED_BY = ("unpriced", "maybe", "later", "swing", "swing_all")


def rate_returns(money: pd.DataFrame) -> pd.DataFrame:
    """The ratios and the verdict of each row of `money` (`scope` and MONEY): what `money` says but `other_costs`,
    `known_cost`, KEYS, SHARES, `verdict` and `covers`.

    `drr`, spend by revenue, is the break-even margin, too: the margin share at which the money for advertising comes
    back; `break_even_all` is the one at which all marketing costs do, `needed` the one at which those do that are
    known. Fractions; NaN where something is missing, and of shares where nothing was sold.

    `covers`: "earns", "ads_only" (the margin covers the advertising and not the other costs), "loses", "unknown" (no
    margin, or no cost). `verdict` says it where it is proven, and "even" where the gap is within what leaving out one
    month may change (`swing`, `swing_all`; see `add_months`). A loss is "unknown" where more may have been earned:
    `named`, the share of a channel's revenue that names a campaign, is not all of it; or the cost would be covered with
    the margin of revenue that does not tell its own (`unpriced`, at the share of the rest), of revenue that names no
    channel (`maybe`), and of months whose spend is not known (`later`).

    100 spent, 150 sold and a margin of 40 % are a ROAS of 1.5, an ad cost share of 66.7 %, a revenue ROI of 50 % and a
    ROMI of -40 %:

    >>> money = pd.DataFrame({"scope": ["a"], "revenue": 150.0, "margin": 60.0, "spend": 100.0, "other_costs": 0.0})
    >>> row = rate_returns(money).iloc[0]
    >>> [round(float(row[key]), 3) for key in ("roas", "drr", "revenue_roi", "romi")], str(row["verdict"])
    ([1.5, 0.667, 0.5, -0.4], 'loses')
    """
    money = money.assign(spend=money["spend"].where(money["spend"] >= 0)).reset_index(drop=True)  # less is a refund
    kpis = compute_kpis(money[["scope", *MONEY]], KEYS)
    values = {str(key): rows["value"].reset_index(drop=True) for key, rows in kpis.groupby("kpi", sort=False)}
    table = money.drop(columns="other_costs").assign(**{key: values.get(key, np.nan) for key in KEYS})
    costs = money["known_costs"] if "known_costs" in money else money["other_costs"].fillna(0.0)
    table = table.assign(known_cost=table["spend"] + costs)
    table = table.assign(**{name: _share(text, table) for name, text in SHARES.items()})
    table = table.assign(drr=table["drr"].where(table["revenue"] > 0), covers=_covered(table))
    return table.assign(verdict=_verdicts(table))


def _share(text: str, table: pd.DataFrame) -> pd.Series:
    formula = parse(text)
    with np.errstate(divide="ignore", invalid="ignore"):
        share: pd.Series = formula.evaluate({name: table[name].astype("float64") for name in formula.names})
    return share.where(table["revenue"] > 0)


def _covered(table: pd.DataFrame) -> np.ndarray:
    """What the margin covers of the costs that are known."""
    unknown = table["margin"].isna() | table["spend"].isna() | ~(table["known_cost"] > 0)
    loses, part = table["margin"] < table["spend"], table["margin"] < table["known_cost"]
    return np.select([unknown, loses, part], ["unknown", "loses", "ads_only"], "earns")


def _verdicts(table: pd.DataFrame) -> np.ndarray:
    """What is covered, where it is proven."""
    by = table.reindex(columns=list(JUDGED_BY)).astype("float64").fillna(0.0)
    margin, spend, cost = table["margin"], table["spend"], table["known_cost"]
    told = table["revenue"] - by["unpriced"]
    more = margin + (by["unpriced"] * margin / told.where(told > 0)).fillna(0.0) + by["maybe"] + by["later"]
    loses, part = table["covers"] == "loses", table["covers"] == "ads_only"
    unknown = loses & (more >= spend) | part & (more >= cost)
    if "named" in table:
        unknown |= (loses | part) & ~(table["named"] >= WHOLE)
    near_ads, near_all = (margin - spend).abs() < by["swing"], (margin - cost).abs() < by["swing_all"]
    even = np.select([loses, part], [near_ads, near_ads | near_all], near_all)
    judged = np.select([unknown, even.astype(bool)], ["unknown", "even"], table["covers"])
    return np.where(table["covers"] == "unknown", "unknown", judged)
