"""What the ad platforms claim to have brought, beside what the CRM or the shop has: two may claim the same sale."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.terms import UNKNOWN

ALL = ""  # the channel of the rows that hold the sums
CLAIMS = {"conversions": "platform_conversions", "revenue": "platform_revenue"}
COLUMNS = ["measure", "channel", "claimed", "recorded", "ratio", "excess", "verdict"]


def compare_claims(ads: pd.DataFrame, records: pd.DataFrame, value: str = "") -> pd.DataFrame:
    """The platforms' claims beside the company's own count: COLUMNS, a row per measure and channel, and one for all.

    `ads` is the canonical table, `records` leads or orders with `channel`, both cut to the same period; `value` is
    the column with the money of a record (none: conversions alone). `claimed` is NaN where a platform says nothing,
    `recorded` counts records, or adds their money. `ratio` is claimed / recorded, NaN where nothing is recorded;
    `excess` is claimed - recorded, where positive. In the row for all (channel "") `recorded` is everything there was,
    of channels without claims too: a ratio above 1 there is impossible, and `excess` the least that was counted twice.

    `verdict`: "more_than_all" (the claims exceed all there was), "more_than_own" (those of a channel exceed what is
    recorded for it), "fits", "no_claims", "no_records". Where they fit, a double count is still possible: claims know
    nothing of one another, and only an experiment tells.
    KitError where a column is missing.
    """
    wanted = [(measure, column) for measure, column in CLAIMS.items() if measure == "conversions" or value]
    names = [name for _measure, name in wanted]
    for table, needed in ((ads, ["channel", *names]), (records, ["channel", *filter(None, [value])])):
        if missing := [name for name in needed if name not in table]:
            raise KitError(_("there is no column {name}.").format(name=", ".join(missing)))
    counted = [_compared(measure, ads, ads[name], records, _size(records, measure, value)) for measure, name in wanted]
    return pd.concat(counted, ignore_index=True)


def _size(records: pd.DataFrame, measure: str, value: str) -> pd.Series:
    """One for each lead or order, more for a row that counts several; or its money."""
    if measure == "revenue":
        return _finite(records[value])
    return _finite(records["leads"]).fillna(1.0) if "leads" in records else pd.Series(1.0, index=records.index)


def _finite(column: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _compared(measure: str, ads: pd.DataFrame, claims: pd.Series, records: pd.DataFrame,
              size: pd.Series) -> pd.DataFrame:  # fmt: skip
    claims = _finite(claims)
    own, theirs = (rows["channel"].replace("", None).fillna(UNKNOWN) for rows in (records, ads))
    table = pd.DataFrame({"claimed": claims.groupby(theirs).sum(min_count=1),
                          "recorded": size.groupby(own).sum(min_count=1)})  # fmt: skip
    table["recorded"] = table["recorded"].fillna(0.0 if len(records) else np.nan)
    table = table.sort_index()
    table.loc[ALL] = [claims.sum(min_count=1), size.sum(min_count=1)]
    table["ratio"] = table["claimed"] / table["recorded"].where(table["recorded"] > 0)
    table["excess"] = (table["claimed"] - table["recorded"]).clip(lower=0)
    over = np.where(table.index == ALL, "more_than_all", "more_than_own")
    silent = [table["claimed"].isna(), table["recorded"].isna(), table["excess"] > 0]
    table["verdict"] = np.select(silent, ["no_claims", "no_records", over], "fits")
    return table.rename_axis("channel").reset_index().assign(measure=measure)[COLUMNS]
