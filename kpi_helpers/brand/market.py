"""The market by company and period: shares, growth, and what a point of share is worth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.brand.completeness import whole_periods, with_segments, without_parts
from kpi_helpers.brand.waves import quarter_name
from kpi_helpers.language import _

YEAR, QUARTER = "year", "quarter"
YEAR_MONTHS, QUARTER_MONTHS = 12, 3
SPANS = {YEAR: "Y", QUARTER: "Q"}
COLUMNS = ["period", "company", "own", "sales", "share", "share_before", "share_change", "growth", "same"]
MOST_LINES = 8
OTHERS = "\0"  # the companies that are too many to be named: a name that no export can hold


def market_every(market: pd.DataFrame) -> str:
    """ "quarter", or "year" where every row of the table is of a whole year."""
    rows = market.dropna(subset=["period"])
    if "begins" in rows and rows["begins"].notna().all():
        return YEAR if len(rows) and (months_of(rows) == YEAR_MONTHS).all() else QUARTER
    days = rows["period"]
    return YEAR if len(days) and (days.dt.month == 12).all() and days.dt.year.nunique() > 1 else QUARTER


def months_of(market: pd.DataFrame) -> pd.Series:
    """How many months each row is of; NaN where it does not say when it begins."""
    first, last = market["begins"], market["period"]
    return 12 * (last.dt.year - first.dt.year) + last.dt.month - first.dt.month + 1


def period_name(period: pd.Timestamp, every: str) -> str:
    """ "Q3 2026", or the year."""
    return str(period.year) if every == YEAR else quarter_name(period)


def segments_of(market: pd.DataFrame) -> list[str]:
    """The segments of the market that the table tells apart."""
    return sorted(market["segment"].dropna().unique()) if "segment" in market else []


def market_shares(market: pd.DataFrame, segment: str = "") -> pd.DataFrame:
    """Sales, share and growth of each company by quarter (year): COLUMNS, in the order of time, the largest first.

    `segment` "" is the whole market. `share` is of the sales of all companies in the table; `growth` the change of the
    sales against the same quarter of the year before: NaN where that is not known. `share_before` and `share_change`
    likewise, NaN too where `same` is False: where the year before had other companies or segments. A quarter that lacks
    months of a company is left out (see `whole_periods`).
    """
    every = market_every(market)
    rows = _rows_of(market, segment, every)
    span = rows["period"].dt.to_period(SPANS[every])
    whole, _lacking = whole_periods(rows, SPANS[every])
    rows = rows.assign(period=span)[span.isin(whole)]
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    rows = rows.assign(own=rows["own"].fillna(False).astype(bool))
    sums = rows.groupby(["period", "company"], as_index=False).agg(sales=("sales", "sum"), own=("own", "any"))
    total = sums.groupby("period")["sales"].transform("sum")
    sums["share"] = sums["sales"] / total.where(total > 0)
    back = 1 if every == YEAR else 4
    past = sums[["period", "company"]].merge(
        sums.assign(period=sums["period"] + back), how="left", on=["period", "company"])  # fmt: skip
    sums["same"] = sums["period"].map(_same_as_before(rows, back)).to_numpy()
    sums["share_before"], before = past["share"].where(sums["same"]).to_numpy(), past["sales"].to_numpy(dtype=float)
    sums["share_change"] = sums["share"] - sums["share_before"]
    sums["growth"] = sums["sales"] / np.where(before > 0, before, np.nan) - 1
    sums["period"] = sums["period"].dt.to_timestamp().astype("datetime64[us]")
    order = sums.sort_values(["period", "sales"], ascending=[True, False], kind="stable")
    return order[COLUMNS].reset_index(drop=True)


def lacking_companies(market: pd.DataFrame) -> tuple[str, list[str]]:
    """The name of the last quarter (year) that is left out because companies lack months of it, and these companies;
    "" where no later one is left out than the last that is told."""
    every = market_every(market)
    whole, lacking = whole_periods(_rows_of(market, "", every), SPANS[every])
    last = lacking["period"].max() if len(lacking) else None
    if last is None or (whole and max(whole) > last):
        return "", []
    companies = lacking.loc[lacking["period"] == last, "company"]
    return period_name(last.to_timestamp(), every), sorted(companies)


def _rows_of(market: pd.DataFrame, segment: str, every: str) -> pd.DataFrame:
    """The rows of a segment, or those that add up to the whole market."""
    rows = with_segments(market)
    if every == QUARTER and "begins" in rows:
        rows = rows[~(months_of(rows) > QUARTER_MONTHS)]
    return rows[rows["segment"] == segment] if segment else without_parts(rows)


def _same_as_before(rows: pd.DataFrame, back: int) -> dict[pd.Period, bool]:
    """Whether the same companies and segments stand in a period and in the one a year before it."""
    sellers: dict[Any, set[tuple[str, str]]] = {
        period: set(zip(part["company"], part["segment"], strict=True)) for period, part in rows.groupby("period")
    }
    return {period: found == sellers.get(period - back) for period, found in sellers.items()}


def whole_market(shares: pd.DataFrame) -> pd.DataFrame:
    """The market by period: `sales`, `growth` on the year before (NaN where other companies or segments are in it),
    `point`: what a percentage point of share is worth in sales, `own` and `others`: the growth of the company and of
    all others."""
    found = []
    for period in pd.DatetimeIndex(shares["period"].unique()):
        rows, before = (shares[shares["period"] == day] for day in (period, period - pd.DateOffset(years=1)))
        same = bool(rows["same"].all())
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
