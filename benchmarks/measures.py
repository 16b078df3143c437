"""`sum_measures` by month and channel over a million rows of ads, beside a plain groupby of pandas.

    python benchmarks/measures.py [--rows 1000000] [--runs 9]

The table is held by pandas, Polars and DuckDB, ready in memory. All take turns in one process; shown are medians of
seconds and of the ratio to the peer within each turn. The sums are compared before anything is timed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from kpi_helpers.measures import sum_measures

KEYS = ["impressions", "clicks", "spend", "platform_conversions", "platform_revenue"]
CHANNELS = ["yandex_direct", "vk_ads", "google_ads", "telegram_ads", "avito", "unknown"]
PEER = "plain pandas"


def invented_ads(rows: int) -> pd.DataFrame:
    """Two years of a canonical table of ads, the same each time; money in kopecks, a hundredth of it missing."""
    chance = np.random.default_rng(7)
    ads = pd.DataFrame({"date": pd.Timestamp("2024-01-01") + pd.to_timedelta(chance.integers(0, 730, rows), "D")})
    ads["date"] = ads["date"].astype("datetime64[us]")
    ads["since"] = pd.Series(pd.NaT, index=ads.index, dtype="datetime64[us]")
    ads["platform"] = pd.Series(chance.choice(["yandex_direct", "vk_ads", "google_ads"], rows), dtype="str")
    ads["channel"] = pd.Series(chance.choice(CHANNELS, rows), dtype="str")
    ads["campaign"] = pd.Series(chance.integers(0, 500, rows), dtype="str")
    for key in KEYS:
        amounts = chance.integers(0, 10**6, rows) / (100 if key in ("spend", "platform_revenue") else 1)
        ads[key] = np.where(chance.random(rows) < 0.01, np.nan, amounts)
    return ads


def plain(ads: pd.DataFrame) -> pd.DataFrame:
    """The peer: what an analyst writes."""
    month = ads["date"].dt.to_period("M").dt.to_timestamp().rename("period")
    return ads.groupby([month, "channel"])[KEYS].sum(min_count=1).reset_index()


def contenders(ads: pd.DataFrame) -> dict[str, Callable[[], pd.DataFrame]]:
    """What is timed, by name: each is given its table ready in memory."""
    connection = duckdb.connect()
    connection.from_df(ads).create("ads")
    arrays = {name: ads[name].to_numpy() for name in ads if ads[name].dtype != "str"}
    polars = pl.DataFrame({**arrays, **{name: ads[name].tolist() for name in ads if name not in arrays}})
    tables = {"pandas": ads, "Polars": polars, "Polars, lazy": polars.lazy(), "DuckDB": connection.table("ads")}
    return {PEER: lambda: plain(ads)} | {
        f"sum_measures, {name}": lambda table=table: sum_measures({"ads": table}, by="channel", keys=KEYS)
        for name, table in tables.items()
    }


def check(wanted: dict[str, Callable[[], pd.DataFrame]]) -> None:
    """All give the same: `sum_measures` to the last digit, the peer, which adds floats as they come, to 12 digits."""
    peer, first, *others = (run() for run in wanted.values())
    for other in others:
        pd.testing.assert_frame_equal(other, first, check_exact=True)
    pd.testing.assert_frame_equal(peer, first[peer.columns], check_exact=False, rtol=1e-12, check_dtype=False)


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=9)
    arguments = parser.parse_args()
    wanted = contenders(invented_ads(arguments.rows))
    check(wanted)
    turns = [{name: seconds(run) for name, run in wanted.items()} for _ in range(arguments.runs)]
    print("| | seconds | times the peer |\n| --- | ---: | ---: |")
    for name in wanted:
        ratio = median(turn[name] / turn[PEER] for turn in turns)
        print(f"| {name} | {median(turn[name] for turn in turns):.3f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
