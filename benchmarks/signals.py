"""How many of the events that the sample hides the signals find, and how often they cry wolf.

    python benchmarks/signals.py [--series 400]

Three tables: the KPIs of the two sample companies by month, a few shares and sums of them by week, and invented series
in which nothing happens. A signal counts as found where a planted event (data/sample/truth.json) changes that KPI at
that time; every other one counts as a false alarm, also where another cause may be behind it.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from kpi_helpers import compute_kpis, prepare_month, read_exports, sum_measures, sum_month
from kpi_helpers.catalogue import KPIS
from kpi_helpers.signals import EVERY_RULE, LEAST, RULES, find_signals, process_chart, process_limits

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
COMPANIES = ("severny_svet", "northlight")


@dataclass(frozen=True)
class Event:
    """What happened, which KPIs it changes, and the first and last month in which a signal speaks of it."""

    name: str
    company: str
    first: str
    last: str
    kpis: frozenset[str]


def _event(name: str, company: str, first: str, last: str, kpis: str) -> Event:
    return Event(name, company, first, last, frozenset(kpis.split()))


# Cheap and empty visits from September 2025 on, bought from partners. A year later their growth is no longer news.
EMPTY = "bounce_rate page_depth conversion_rate visit_to_lead qualification_rate ctr cpm cpc"
PLANTED = (
    _event("empty traffic begins", "severny_svet", "2025-09", "2026-04", EMPTY),
    _event("empty traffic a year old", "severny_svet", "2026-09", "2026-10", "visits visitors impressions clicks"),
    _event("robots", "severny_svet", "2026-10", "2026-10",
           "bounce_rate page_depth visits visitors visit_to_lead conversion_rate robot_share"),
    _event("qualification falls", "severny_svet", "2026-09", "2026-10", "qualification_rate qualified_leads cpql"),
    _event("a new company grows", "northlight", "2024-11", "2026-10",
           "orders revenue margin aov cpo cac roas drr revenue_roi romi roi conversion_rate purchase_frequency"),
)  # fmt: skip
WEEKLY = (
    _event("empty traffic begins", "severny_svet", "2025-09-01", "2025-09-21", "bounce_rate"),
    _event("counter missing", "severny_svet", "2026-06-15", "2026-06-21", "visits"),
    _event("counter missing there", "northlight", "2026-03-02", "2026-03-08", "visits"),
    _event("robots", "severny_svet", "2026-10-05", "2026-10-18", "bounce_rate visits"),
    _event("qualification falls", "severny_svet", "2026-08-31", "2026-10-31", "qualification_rate"),
)


@dataclass(frozen=True)
class Signal:
    """A signal of a KPI and the event that it speaks of, "" where there is none: a false alarm."""

    company: str
    kpi: str
    period: pd.Timestamp
    rule: str
    event: str


@dataclass(frozen=True)
class Count:
    """The signals, and how many KPI-months (or KPI-weeks) were judged."""

    signals: tuple[Signal, ...]
    judged: int

    @property
    def false(self) -> list[Signal]:
        return [signal for signal in self.signals if not signal.event]

    @property
    def events(self) -> set[str]:
        return {signal.event for signal in self.signals} - {""}

    def line(self, name: str, planted: Collection[Event]) -> str:
        found = len(self.signals) - len(self.false)
        return (f"| {name} | {self.judged} | {len(self.events)} of {len(planted)} | {found} | {len(self.false)} | "
                f"{100 * len(self.false) / self.judged:.1f} |")  # fmt: skip


@cache
def sample_kpis(company: str) -> pd.DataFrame:
    """The company's KPIs by month."""
    return compute_kpis(sum_month(prepare_month(read_exports(SAMPLE / company), "2026-10")))


def count_months(rules: Collection[str] = RULES) -> Count:
    """The signals of all KPIs of both companies by month."""
    signals: list[Signal] = []
    judged = 0
    for company in COMPANIES:
        for key, points in sample_kpis(company).groupby("kpi", sort=False):
            months = process_chart(KPIS[str(key)], points.set_index("period"), rules).months
            judged += int(months["high"].notna().sum())
            signals += _signals(months, company, str(key), PLANTED)
    return Count(tuple(signals), judged)


def count_textbook() -> Count:
    """The same by the textbook: the limits of all months at once, whatever the season, the growth and the level."""
    signals: list[Signal] = []
    judged = 0
    for company in COMPANIES:
        for key, points in sample_kpis(company).groupby("kpi", sort=False):
            value = points.set_index("period")["value"].dropna()
            if len(value) > LEAST:
                limits = process_limits(value)
                beyond = ~value.between(limits.low, limits.high)
                judged += len(value)
                signals += _signals(pd.DataFrame({"rule": np.where(beyond, "beyond", "")}, value.index), company,
                                    str(key), PLANTED)  # fmt: skip
    return Count(tuple(signals), judged)


def count_weeks() -> Count:
    """Bounce rate, qualification rate and visits by week; visits against the same week of the year before."""
    signals: list[Signal] = []
    judged = 0
    for company in COMPANIES:
        tables = prepare_month(read_exports(SAMPLE / company), "2026-10").tables
        names = ["visits", "bounces", "leads", "qualified_leads"]
        weeks = sum_measures(tables, "day", keys=names).set_index("period").resample("W-SUN").sum(min_count=1)
        charts = {
            "bounce_rate": find_signals(weeks["bounces"] / weeks["visits"], weeks["visits"]),
            "qualification_rate": find_signals(weeks["qualified_leads"] / weeks["leads"], weeks["leads"]),
            "visits": find_signals(weeks["visits"], season=52),
        }
        for key, chart in charts.items():
            judged += int(chart["high"].notna().sum())
            signals += _signals(chart, company, key, WEEKLY)
    return Count(tuple(signals), judged)


def _signals(chart: pd.DataFrame, company: str, key: str, events: Collection[Event]) -> Iterator[Signal]:
    for period, rule in chart.loc[chart["rule"] != "", "rule"].items():
        at = pd.Timestamp(str(period))
        event = next((event.name for event in events if event.company == company and key in event.kpis
                      and pd.Timestamp(event.first) <= at <= pd.Timestamp(event.last)), "")  # fmt: skip
        yield Signal(company, key, at, rule, event)


QUIET = ("averages", "shares of 150", "shares of 20 000 that vary more than chance", "seasonal, growing counts of 150")


def quiet_series(kind: str, months: int, chance: np.random.Generator) -> tuple[pd.Series, pd.Series | None, int]:
    """A series in which nothing happens: values, trials, season."""
    time = np.arange(months)
    if kind == QUIET[0]:
        return pd.Series(chance.normal(100, 5, months)), None, 0
    if kind == QUIET[1]:
        trials = chance.integers(100, 200, months)
        return pd.Series(chance.binomial(trials, 0.8) / trials), pd.Series(trials), 0
    if kind == QUIET[2]:
        trials = chance.integers(15_000, 30_000, months)
        return pd.Series(chance.binomial(trials, chance.normal(0.3, 0.012, months)) / trials), pd.Series(trials), 0
    level = 150 * (1 + 0.3 * np.cos(2 * np.pi * time / 12)) * 1.1 ** (time / 12)
    return pd.Series(chance.poisson(level * np.exp(chance.normal(0, 0.05, months))).astype(float)), None, 12


def false_alarms(kind: str, series: int, rules: Collection[str] = RULES, months: int = 36) -> float:
    """The share of judged months that gave an alarm, in invented series of so many months."""
    chance, alarms, judged = np.random.default_rng(7), 0, 0
    for _number in range(series):
        value, trials, season = quiet_series(kind, months, chance)
        chart = find_signals(value, trials, season=season, rules=rules)
        alarms += int((chart["rule"] != "").sum())
        judged += int(chart["high"].notna().sum())
    return alarms / judged


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=400)
    series = parser.parse_args().series
    print("| sample | judged | events found | signals of them | false alarms | % of judged |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    print(count_textbook().line("months, textbook XmR", PLANTED))
    for rules in (("beyond",), RULES, EVERY_RULE):
        print(count_months(rules).line(f"months, {', '.join(rules)}", PLANTED))
    print(count_weeks().line("weeks", WEEKLY))
    print("\n| nothing happens | beyond | and run_of_8 | and 3_of_4 |")
    print("| --- | ---: | ---: | ---: |")
    for kind in QUIET:
        rates = [false_alarms(kind, series, rules) for rules in (("beyond",), RULES, EVERY_RULE)]
        print(f"| {kind} | " + " | ".join(f"{100 * rate:.1f} %" for rate in rates) + " |")
    for count in (count_months(), count_weeks()):
        print("\nfalse alarms: " + ", ".join(f"{one.company} {one.kpi} {one.period:%Y-%m-%d}" for one in count.false))


if __name__ == "__main__":
    main()
