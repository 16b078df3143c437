"""How often the true marginal return lies in the interval that the curves report, over worlds of the sample's laws.

python -m benchmarks.budget [--seeds 50] [--draws 100] [--carry 0.0] [--weekly] [--speed]

No timing (but for `--speed`), a count: the spend paths, curves, seasons, weekdays and noise of the two sample
companies, drawn anew for each seed, and `fit_curves` on the people who came. The truth is the slope of the planted
curve at today's spend times the mean of season and weekday over the last year. `--carry`: a share of each day's spend
works later, which the sample itself does not have. Rows: a channel and a form; "all" is the span of the forms. "held":
the seeds whose interval holds the truth; "bias": median of found over true, less 1; "width": median width of the
interval over the truth; "best": the seeds in which the best split of this form brings, under the true curves, at least
what today's does.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.sample.generator import northlight_world as northlight
from data.sample.generator import severny_svet_planted as severny_svet
from data.sample.generator.laws import DAYS, Floats, Hill, Power, spend_path, weekday_factor
from kpi_helpers.budget import Curves, best_split, fit_curves, marginal_returns

YEAR, NEAR = 365, 1e-3


@dataclass(frozen=True)
class Channel:
    curve: Hill | Power
    spend: Floats
    people: Floats
    demand: Floats

    @property
    def from_day(self) -> int:
        return int(np.flatnonzero(self.spend > 0)[0])

    def expected(self, spend: float) -> float:
        """People a day at a steady spend, on an average day of the last year."""
        return float(self.curve.visits(np.array([spend]))[0] * self.demand[-YEAR:].mean())

    def slope(self, spend: float) -> float:
        step = NEAR * spend
        return (self.expected(spend + step) - self.expected(spend - step)) / (2 * step)


def worlds(seed: int, carry: float) -> Iterator[dict[str, Channel]]:
    """The paid channels of each sample company, drawn from this seed."""
    for number, company, weekdays in (
        (0, severny_svet, severny_svet.WEEKDAYS_VISITS), (1, northlight, northlight.WEEKDAYS),
    ):  # fmt: skip
        rng = np.random.default_rng([seed, number])
        demand = company.SEASON.demand() * weekday_factor(weekdays)
        yield {name: _channel(rng, paid, demand, carry) for name, paid in company.PAID.items()}


def _channel(rng: np.random.Generator, paid: severny_svet.PaidChannel, demand: Floats, carry: float) -> Channel:
    spend = spend_path(rng, paid.level, paid.lowest, paid.highest)
    spend = np.where(pd.Timestamp(getattr(paid, "starts", DAYS[0])) <= DAYS, spend, 0.0)
    working = spend.copy()
    for day in range(1, len(spend)):
        working[day] = (1 - carry) * spend[day] + carry * working[day - 1]
    people = rng.poisson(paid.curve.visits(working) * demand * rng.lognormal(0, 0.06, len(spend)))
    return Channel(paid.curve, spend, people.astype(float), demand)


def as_table(world: dict[str, Channel], weekly: bool) -> pd.DataFrame:
    """What `fit_curves` takes: by day, or by whole weeks."""
    rows = [
        pd.DataFrame({"date": DAYS, "channel": name, "spend": channel.spend, "outcome": channel.people})
        for name, channel in world.items()
    ]
    table = pd.concat(rows)
    if weekly:
        whole = table[table["date"] < DAYS[len(DAYS) // 7 * 7]] if len(DAYS) % 7 else table
        start = DAYS[0] + pd.to_timedelta((whole["date"] - DAYS[0]).dt.days // 7 * 7, unit="D")
        table = whole.assign(date=start).groupby(["date", "channel"], as_index=False).sum()
    return table


def judge(world: dict[str, Channel], curves: Curves) -> pd.DataFrame:
    """A row per channel and form: whether the interval held the true slope, how far off, how wide."""
    today = curves.spends["today"] / curves.step
    returns = marginal_returns(curves)
    true = np.array([world[name].slope(today[name]) for name in returns["channel"]])
    gains = {form: _true_gain(world, curves, form) for form in curves.forms}
    return pd.DataFrame({
        "channel": returns["channel"], "form": returns["form"],
        "held": (returns["marginal_low"] <= true) & (true <= returns["marginal_high"]),
        "bias": returns["marginal"] / true - 1,
        "width": (returns["marginal_high"] - returns["marginal_low"]) / true,
        "best": [gains.get(form, np.nan) for form in returns["form"]],
    })  # fmt: skip


def _true_gain(world: dict[str, Channel], curves: Curves, form: str) -> bool:
    """Whether the form's best split brings at least what today's does, under the true curves."""
    split = best_split(curves).query("form == @form").set_index("channel")
    return sum(
        world[str(name)].expected(row["spend"] / curves.step) - world[str(name)].expected(row["today"] / curves.step)
        for name, row in split.iterrows()
    ) >= 0  # fmt: skip


def count(seeds: int, draws: int, carry: float, weekly: bool) -> pd.DataFrame:
    judged, refused = [], 0
    for seed in range(seeds):
        for world in worlds(seed, carry):
            curves = fit_curves(as_table(world, weekly), draws=draws)
            refused += int((curves.checks["refusal"] != "").sum())
            judged.append(judge(world, curves))
    rows = pd.concat(judged)
    table = rows.groupby(["channel", "form"]).agg(
        seeds=("held", "size"), held=("held", "sum"), bias=("bias", "median"), width=("width", "median"),
        best=("best", "sum"),
    )  # fmt: skip
    print(f"channels refused: {refused}")
    return table


def speed(draws: int, weekly: bool) -> float:
    """Seconds of three channels in three forms."""
    table = as_table(next(worlds(0, 0.0)), weekly)
    start = time.perf_counter()
    fit_curves(table, draws=draws)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--carry", type=float, default=0.0)
    parser.add_argument("--weekly", action="store_true")
    parser.add_argument("--speed", action="store_true")
    given = parser.parse_args()
    if given.speed:
        print(f"{speed(given.draws, given.weekly):.1f} s")
    else:
        print(count(given.seeds, given.draws, given.carry, given.weekly).round(3).to_string())


if __name__ == "__main__":
    main()
