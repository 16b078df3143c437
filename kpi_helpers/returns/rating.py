"""From sums of money to ratios and a verdict: every ratio by the KPI table or by a formula that is read as it runs."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from kpi_helpers.formula import parse
from kpi_helpers.kpis import compute_kpis

Verdict = Literal["earns", "ads_only", "loses", "unknown"]

MONEY = ("revenue", "margin", "spend", "other_costs")
KEYS = ("marketing_cost", "roas", "drr", "revenue_roi", "romi", "roi")
SHARES = {"margin_share": "margin / revenue", "break_even_all": "marketing_cost / revenue"}
WHOLE = 0.995  # of a channel's revenue names its campaigns: no more is to be expected


def rate_returns(money: pd.DataFrame, margin_share: float | None = None) -> pd.DataFrame:
    """The ratios and the verdict of each row of `money` (`scope` and MONEY): what `money` says but `other_costs`, KEYS,
    SHARES and `verdict`.

    `drr`, spend by revenue, is the break-even margin, too: the margin share at which the money for advertising comes
    back; `break_even_all` is the one at which all marketing costs do. Fractions; NaN where something is missing, and of
    shares where nothing was sold. `margin_share`: what if the margin were that share of revenue?

    `verdict`: "earns", "ads_only" (the margin covers the advertising and not the other costs), "loses", "unknown" (no
    margin, or no cost). A loss must be proven: where `named` says how much of a channel's revenue names a campaign, it
    is known only if that is all of it; where `unclaimed` says how much of all revenue names no channel, only if a
    channel's part of that (as large as its part of the rest) would not cover the cost either.

    100 spent, 150 sold and a margin of 40 % are a ROAS of 1.5, an ad cost share of 66.7 %, a revenue ROI of 50 % and a
    ROMI of -40 %:

    >>> money = pd.DataFrame({"scope": ["a"], "revenue": 150.0, "margin": 60.0, "spend": 100.0, "other_costs": 0.0})
    >>> row = rate_returns(money).iloc[0]
    >>> [round(float(row[key]), 3) for key in ("roas", "drr", "revenue_roi", "romi")], str(row["verdict"])
    ([1.5, 0.667, 0.5, -0.4], 'loses')
    """
    if margin_share is not None:
        money = money.assign(margin=money["revenue"] * margin_share)
    money = money.assign(spend=money["spend"].where(money["spend"] >= 0)).reset_index(drop=True)  # less is a refund
    kpis = compute_kpis(money[["scope", *MONEY]], KEYS)
    values = {str(key): rows["value"].reset_index(drop=True) for key, rows in kpis.groupby("kpi", sort=False)}
    table = money.drop(columns="other_costs").assign(**{key: values.get(key, np.nan) for key in KEYS})
    table = table.assign(**{name: _share(text, table) for name, text in SHARES.items()})
    return table.assign(drr=table["drr"].where(table["revenue"] > 0), verdict=_verdicts(table))


def _share(text: str, table: pd.DataFrame) -> pd.Series:
    formula = parse(text)
    with np.errstate(divide="ignore", invalid="ignore"):
        share: pd.Series = formula.evaluate({name: table[name].astype("float64") for name in formula.names})
    return share.where(table["revenue"] > 0)


def _verdicts(table: pd.DataFrame) -> np.ndarray:
    """What the margin covers; other costs that nobody tells cannot be covered or not."""
    cost = table["marketing_cost"].fillna(table["spend"])
    unknown = table["margin"].isna() | table["spend"].isna() | ~(cost > 0)
    loses, part = table["margin"] < table["spend"], table["margin"] < cost
    if "named" in table:
        unknown |= part & ~(table["named"] >= WHOLE)
    if "unclaimed" in table:
        claimed = 1 - table["unclaimed"]
        perhaps = table["margin"] / claimed.where(claimed > 0)
        unknown |= part & (claimed <= 0) | loses & (perhaps >= table["spend"]) | part & ~loses & (perhaps >= cost)
    return np.select([unknown, loses, part], ["unknown", "loses", "ads_only"], "earns")
