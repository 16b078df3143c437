"""Fits of BG/NBD and Gamma-Gamma beside lifetimes, on the same invented customers; how often intervals hold the truth.

    python benchmarks/customers.py [--customers 100000] [--runs 3]
    python benchmarks/customers.py --coverage 50 [--customers 1000]

The customers buy as the models say; days and weeks as the kit counts them. lifetimes is a package of its own that the
kit needs for its tests only: `pip install lifetimes==0.11.3`. Both take turns; the ratio is the median over the turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.customers import fit_lifetime, fit_purchases, fit_values, parameter_table

TRUTH = {"r": 0.9, "alpha": 7.0, "a": 0.8, "b": 3.0, "p": 8.0, "q": 5.0, "gamma": 20.0}
WEEKS = 104


def invent(customers: int, seed: int) -> pd.DataFrame:
    """Customers who came on any day of two years, as `summarise_purchases` describes them."""
    rng, truth = np.random.default_rng(seed), TRUTH
    age = rng.integers(1, WEEKS * 7, customers) / 7
    rate = rng.gamma(truth["r"], 1 / truth["alpha"], customers)
    stops = rng.beta(truth["a"], truth["b"], customers)
    frequency, recency = _buy(rng, age, rate, stops)
    spread = rng.gamma(truth["q"], 1 / truth["gamma"], customers)
    shape = np.maximum(truth["p"] * frequency, 1)
    value = rng.gamma(shape, 1 / spread) / np.maximum(frequency, 1)
    margin = np.full(customers, np.nan)
    return pd.DataFrame({
        "customer_id": [f"{n:x}" for n in range(customers)], "frequency": frequency, "recency": recency, "age": age,
        "value": np.where(frequency > 0, value, np.nan), "value_days": frequency, "revenue": value, "margin": margin,
    })  # fmt: skip


def _buy(
    rng: np.random.Generator, age: np.ndarray, rate: np.ndarray, stops: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Purchase days after the first one, and the week of the last; purchases of one day are one."""
    at, last, days = np.zeros(len(age)), np.zeros(len(age)), np.zeros(len(age), dtype=int)
    there = np.ones(len(age), dtype=bool)
    while there.any():
        at = np.where(there, at + rng.exponential(1 / rate), at)
        there &= at < age
        day = np.floor(at * 7) / 7
        days += there & (day > last)
        last = np.where(there, np.maximum(day, last), last)
        there &= rng.random(len(age)) >= stops
    return days, last


def peers(customers: pd.DataFrame) -> dict[str, Callable[[], Any]]:
    """What takes turns: each fits one model to the same customers and gives its parameters."""
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    again = customers[customers["frequency"] > 0]
    counted = customers.groupby(["frequency", "recency", "age"]).size().reset_index(name="weight")

    def theirs() -> list[float]:
        return [*BetaGeoFitter().fit(customers["frequency"], customers["recency"], customers["age"]).params_]

    def theirs_counted() -> list[float]:
        fitter = BetaGeoFitter()
        return [*fitter.fit(counted["frequency"], counted["recency"], counted["age"], counted["weight"]).params_]

    return {
        "BG/NBD, the kit": lambda: [*fit_purchases(customers).parameters],
        "BG/NBD, lifetimes": theirs,
        "BG/NBD, lifetimes, given the distinct histories": theirs_counted,
        "Gamma-Gamma, the kit": lambda: [*fit_values(customers).parameters],
        "Gamma-Gamma, lifetimes": lambda: [*GammaGammaFitter().fit(again["frequency"], again["value"]).params_],
    }


def race(customers: pd.DataFrame, runs: int) -> None:
    """Seconds of each, in turns, and the ratio to the kit's within a turn."""
    contest = peers(customers)
    seconds: dict[str, list[float]] = {name: [] for name in contest}
    found = {}
    for _turn in range(runs):
        for name, fit in contest.items():
            start = time.perf_counter()
            found[name] = fit()
            seconds[name].append(time.perf_counter() - start)
    distinct = customers[["frequency", "recency", "age"]].drop_duplicates().shape[0]
    print(f"{len(customers)} customers, {distinct} distinct histories, {runs} turns\n")
    print("| fit | seconds, median (least - most) | times the kit | parameters |\n| --- | ---: | ---: | --- |")
    for name, taken in seconds.items():
        kit = seconds[f"{name.split(',')[0]}, the kit"]
        ratio = statistics.median(mine / own for mine, own in zip(taken, kit, strict=True))
        values = " ".join(f"{value:.4g}" for value in found[name])
        middle = statistics.median(taken)
        print(f"| {name} | {middle:.2f} ({min(taken):.2f} - {max(taken):.2f}) | {ratio:.1f} | {values} |")


def cover(customers: int, seeds: int, draws: int = 100) -> None:
    """How many of the bootstrap intervals hold the truth, by parameter."""
    held = dict.fromkeys(TRUTH, 0)
    for seed in range(seeds):
        table = parameter_table(fit_lifetime(invent(customers, seed), draws=draws, seed=seed)).set_index("parameter")
        for name, truth in TRUTH.items():
            held[name] += int(table.loc[name, "low"] <= truth <= table.loc[name, "high"])
    print(f"{customers} customers, {seeds} seeds, {draws} draws: 95 % intervals that hold the truth")
    print(" ".join(f"{name} {count}" for name, count in held.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--coverage", type=int, default=0, metavar="SEEDS")
    asked = parser.parse_args()
    if asked.coverage:
        cover(asked.customers or 1000, asked.coverage)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifetimes' own
        try:
            race(invent(asked.customers or 100_000, 1), asked.runs)
        except ImportError:
            sys.exit("lifetimes is missing: pip install lifetimes==0.11.3")


if __name__ == "__main__":
    main()
