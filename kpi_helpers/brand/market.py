"""The market by company and period: shares, growth, and what a point of share is worth."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kpi_helpers.brand.waves import quarter_name
from kpi_helpers.language import _

YEAR, QUARTER = "year", "quarter"
COLUMNS = ["period", "company", "own", "sales", "share", "share_before", "share_change", "growth"]
MOST_LINES = 8
OTHERS = "\0"  # the companies that are too many to be named: a name that no export can hold


def market_every(market: pd.DataFrame) -> str:
    """"quarter", or "year" where every row of the table is of a whole year."""
    days = market["period"].dropna()
    return YEAR if len(days) and (days.dt.month == 12).all() and days.dt.year.nunique() > 1 else QUARTER


def period_name(period: pd.Timestamp, every: str) -> str:
    """ "Q3 2026", or the year."""
    return str(period.year) if every == YEAR else quarter_name(period)


def segments_of(market: pd.DataFrame) -> list[str]:
    """The segments of the market that the table tells apart."""
    return sorted(market["segment"].dropna().unique()) if "segment" in market else []


def market_shares(market: pd.DataFrame, segment: str = "") -> pd.DataFrame:
    """Sales, share and growth of each company by quarter (year): COLUMNS, in the order of time, the largest first.

    `segment` "" is the whole market. `share` is of the sales of all companies in the table; `growth` the change of the
    sales against the same quarter of the year before, `share_before` and `share_change` likewise: NaN where that is not
    known. A quarter that lacks months, where others have them, is left out.
    """
    every = market_every(market)
    rows = market.dropna(subset=["period", "company", "sales"])
    rows = rows[rows["segment"] == segment] if segment else rows
    span = rows["period"].dt.to_period("Y" if every == YEAR else "Q")
    months = rows["period"].dt.to_period("M").groupby(span).nunique()
    rows = rows.assign(period=span)[span.isin(months.index[months == months.max()])]
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    rows = rows.assign(own=rows["own"].fillna(False).astype(bool))
    sums = rows.groupby(["period", "company"], as_index=False).agg(sales=("sales", "sum"), own=("own", "any"))
    whole = sums.groupby("period")["sales"].transform("sum")
    sums["share"] = sums["sales"] / whole.where(whole > 0)
    year_ago = sums.assign(period=sums["period"] + (1 if every == YEAR else 4))
    past = sums[["period", "company"]].merge(year_ago, how="left", on=["period", "company"])
    sums["share_before"], before = past["share"].to_numpy(), past["sales"].to_numpy(dtype=float)
    sums["share_change"] = sums["share"] - sums["share_before"]
    sums["growth"] = sums["sales"] / np.where(before > 0, before, np.nan) - 1
    sums["period"] = sums["period"].dt.to_timestamp().astype("datetime64[us]")
    order = sums.sort_values(["period", "sales"], ascending=[True, False], kind="stable")
    return order[COLUMNS].reset_index(drop=True)


def whole_market(shares: pd.DataFrame) -> pd.DataFrame:
    """The market by period: `sales`, `growth` on the year before (NaN where other companies are in it), `point`: what
    a percentage point of share is worth in sales, `own` and `others`: the growth of the company and of all others."""
    found = []
    for period in pd.DatetimeIndex(shares["period"].unique()):
        rows, before = (shares[shares["period"] == day] for day in (period, period - pd.DateOffset(years=1)))
        same = set(rows["company"]) == set(before["company"])
        own = _growth(rows[rows["own"]], before[before["own"]])
        others = _growth(rows[~rows["own"]], before[~before["own"]]) if same else math.nan
        growth = _growth(rows, before) if same else math.nan
        sales = rows["sales"].sum()
        found.append({"period": period, "sales": sales, "growth": growth, "point": sales / 100, "own": own,
                      "others": others})  # fmt: skip
    return pd.DataFrame(found, columns=["period", "sales", "growth", "point", "own", "others"])


def gather_small(shares: pd.DataFrame, most: int) -> pd.DataFrame:
    """The shares with the companies beyond the `most` largest of the last period, but not the own, taken together."""
    last = shares[shares["period"] == shares["period"].max()]
    named = [*last.loc[last["own"], "company"], *last.loc[~last["own"], "company"]][:most]
    if shares["company"].nunique() <= most:
        return shares
    company = shares["company"].where(shares["company"].isin(named), OTHERS)
    sums = shares.assign(company=company).groupby(["period", "company"], as_index=False)
    return sums.agg(own=("own", "any"), sales=("sales", "sum"), share=("share", "sum"))


def market_rows(shares: pd.DataFrame, every: str) -> pd.DataFrame:
    """The rows that `charts.brand.plot_market` draws: small companies together, companies and periods by name."""
    rows = gather_small(shares, MOST_LINES)
    names = [period_name(period, every) for period in rows["period"]]
    return rows.assign(period=names, company=rows["company"].map(company_name))


def company_name(company: str) -> str:
    """The company as the table calls it; those that are not named, together."""
    return _("Other companies") if company == OTHERS else company


def _growth(now: pd.DataFrame, before: pd.DataFrame) -> float:
    earlier = before["sales"].sum()
    return float(now["sales"].sum() / earlier - 1) if len(now) and earlier > 0 else math.nan
