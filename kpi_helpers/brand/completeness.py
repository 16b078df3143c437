"""Which rows of a market can be held against one another: no part beside its whole, no month without a company."""

from __future__ import annotations

import pandas as pd

YEAR = 13  # months in which a company is known: that of the row and the twelve before it
LACKING = ["period", "company"]
_ROUNDING = 0.995  # of the parts: a whole that was rounded is not less than them


def with_segments(market: pd.DataFrame) -> pd.DataFrame:
    """The rows that say what was sold when and by whom; `segment` "" where they name none."""
    rows = market.dropna(subset=["period", "company", "sales"])
    named = rows["segment"] if "segment" in rows else pd.Series(None, index=rows.index, dtype="str")
    return rows.assign(segment=named.fillna(""))


def has_wholes(market: pd.DataFrame) -> bool | None:
    """Whether rows without a segment are wholes, of which the company's segments are parts; None where no company has
    both in one period. They are not where they are smaller than the segments: then they are one more segment."""
    both = _wholes_and_parts(with_segments(market)).dropna()
    return bool((both["whole"] >= _ROUNDING * both["parts"]).all()) if len(both) else None


def without_parts(market: pd.DataFrame) -> pd.DataFrame:
    """The rows that add up to the market: of a company that has a whole beside its segments, the whole alone."""
    if not has_wholes(market):
        return market
    rows = with_segments(market)
    both = _wholes_and_parts(rows).dropna().index
    doubled = pd.MultiIndex.from_frame(rows[["period", "company"]]).isin(both) & (rows["segment"] != "")
    return market.drop(index=rows.index[doubled])


def comparable_months(market: pd.DataFrame) -> pd.DataFrame:
    """The rows that add up to the market, less the months that lack a company of their quarter or of the year before.

    Nor does a month stay in which a company has told fewer months of the quarter than another: their rows may be of
    a month here and a quarter there.
    """
    rows = without_parts(market)
    held = _held(rows)
    if held.empty:
        return rows
    quarters = held.groupby(pd.PeriodIndex(held.index).asfreq("Q"))
    told, known = quarters.cumsum(), (held.rolling(YEAR, min_periods=1).max() > 0) | (quarters.transform("max") > 0)
    whole = (told.eq(told.max(axis=1), axis=0) | ~known).all(axis=1)
    month = rows["period"].dt.to_period("M")
    return rows[month.isna() | month.isin(whole.index[whole])]


def whole_periods(market: pd.DataFrame, span: str) -> tuple[list[pd.Period], pd.DataFrame]:
    """The quarters ("Q") or years ("Y") of which every company has all months; and who lacks some: `period`, `company`.

    Every company, in every segment: that has a row in the period or in the year before it. A period that lacks months
    for all of them is not over, or not told: neither whole nor lacking.
    """
    held = _held(market)
    if held.empty:
        return [], pd.DataFrame(columns=LACKING)
    months = held.groupby(pd.PeriodIndex(held.index).asfreq(span)).sum()
    known = months.rolling(5 if span == "Q" else 2, min_periods=1).max() > 0
    full = months.eq(months.to_numpy().max())
    whole = (full | ~known).all(axis=1)
    lacking = [(period, months.columns[place][0]) for period in months.index[full.any(axis=1) & ~whole]
               for place in (~full & known).loc[period].to_numpy().nonzero()[0]]  # fmt: skip
    return list(months.index[whole & full.any(axis=1)]), pd.DataFrame(lacking, columns=LACKING).drop_duplicates()


def _held(market: pd.DataFrame) -> pd.DataFrame:
    """1 where a company has a row of a segment, 0 where not: by month, all months from the first to the last."""
    rows = with_segments(market)
    if rows.empty:
        return pd.DataFrame()
    held = rows.assign(period=rows["period"].dt.to_period("M"), row=1).pivot_table(
        index="period", columns=["company", "segment"], values="row", aggfunc="max", fill_value=0)  # fmt: skip
    return held.reindex(pd.period_range(held.index.min(), held.index.max(), freq="M", name="period"), fill_value=0)


def _wholes_and_parts(rows: pd.DataFrame) -> pd.DataFrame:
    """The sales of each company and period: `whole`, in rows without a segment, and `parts`, in those with one."""
    kind = rows["segment"].eq("").map({True: "whole", False: "parts"})
    sums = rows.assign(kind=kind).pivot_table(
        index=["period", "company"], columns="kind", values="sales", aggfunc="sum"
    )
    return sums.reindex(columns=["whole", "parts"])
