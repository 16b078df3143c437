"""Norms, noise and signals: the limits within which a value usually moves, and the months that left them.

Each month is judged against the months before it, as its report would have judged it; when the level has moved, what
came before no longer counts and new limits are gathered.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import Kpi

CONFIDENCE = 0.95
LEAST = 10  # known months before one is judged: with 8 the sample gives three times the false alarms, and no more else
BEFORE_RUN = 6  # known months before a run, for a run is a move away from something
YEAR = 12
RULES = ("beyond", "run_of_8")
EVERY_RULE = (*RULES, "3_of_4")  # the third finds no event of the sample that the others miss (benchmarks/signals.py)
SPREAD_OF_MEAN, SPREAD_OF_MEDIAN = 1.128, 0.954  # a moving range in standard deviations of the values: its mean, median
RANGE_OF_MEAN, RANGE_OF_MEDIAN = 3.268, 3.865  # the upper limit of the moving range over its mean, over its median
WIDENED = 1.5  # the mean says so many times the median's spread: outliers have widened it
Numbers = Sequence[float] | np.ndarray | pd.Series
COLUMNS = ["value", "centre", "low", "high", "rule", "side", "method"]


@dataclass(frozen=True)
class Limits:
    """Natural process limits: `spread` is one standard deviation, `method` "mean" or "median" of the moving ranges."""

    centre: float
    low: float
    high: float
    spread: float
    range_limit: float
    method: str


@dataclass(frozen=True)
class ProcessChart:
    """How the months of a KPI were judged.

    `months`: COLUMNS by month, limits NaN where a month was not judged. `method`: "shares", "year_ago" (against the
    same month of the year before), "values", or "none", and then `reason` says why: "too_short" (no month has enough
    known ones before it), "nothing_to_compare" (the months never differed, or those of the year before are zero or
    missing), "overlapping" (a KPI that looks back over 12 months repeats itself).
    """

    months: pd.DataFrame
    method: str
    reason: str = ""


def process_limits(values: Numbers) -> Limits:
    """XmR: mean ± 2.66 times the mean moving range of the known values; NaN where fewer than two are known.

    Where outliers have widened the ranges (their mean says 1.5 times the spread that their median says), median ± 3.145
    times the median range is used, which a few outliers do not move. Source: Wheeler, Understanding Variation
    (the constants); NIST/SEMATECH e-Handbook 6.3.2.2.

    >>> limits = process_limits([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    >>> round(limits.low, 3), round(limits.centre, 2), round(limits.high, 3)
    (45.816, 50.81, 55.804)
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if len(known) < 2:
        return Limits(math.nan, math.nan, math.nan, math.nan, math.nan, "")
    spread, range_limit, method = _spread(known)
    centre = float(known.mean() if method == "mean" else np.median(known))
    return Limits(centre, centre - 3 * spread, centre + 3 * spread, spread, range_limit, method)


def share_limits(shares: Numbers, trials: Numbers, next_trials: float) -> Limits:
    """Limits of the share of `next_trials` after shares of so many trials each: few trials, wide limits.

    Laney's p' (Quality Engineering 2002, 14:531): the shares in standard deviations of chance, and their moving range,
    say by how much the months differ more than chance alone. Never narrower than chance alone. The centre is sum over
    sum, or the median where outliers have widened the ranges. The limits stay between 0 and 1.
    """
    values, sizes = np.asarray(shares, dtype=float), np.asarray(trials, dtype=float)
    hits, total = float((values * sizes).sum()), float(sizes.sum())
    smooth = (hits + 0.5) / (total + 1)  # all or none so far: chance is not zero
    chance = math.sqrt(smooth * (1 - smooth))
    beyond_chance, range_limit, method = _spread((values - hits / total) * np.sqrt(sizes) / chance)
    spread = max(beyond_chance, 1.0) * chance / math.sqrt(next_trials)
    centre = hits / total if method == "mean" else float(np.median(values))
    return Limits(centre, max(centre - 3 * spread, 0), min(centre + 3 * spread, 1), spread, range_limit, method)


def _spread(values: np.ndarray) -> tuple[float, float, str]:
    ranges = np.abs(np.diff(values))
    mean, median = float(ranges.mean()), float(np.median(ranges))
    if 0 < WIDENED * median / SPREAD_OF_MEDIAN < mean / SPREAD_OF_MEAN:
        return median / SPREAD_OF_MEDIAN, RANGE_OF_MEDIAN * median, "median"
    return mean / SPREAD_OF_MEAN, RANGE_OF_MEAN * mean, "mean"


def process_chart(row: Kpi, points: pd.DataFrame, rules: Collection[str] = RULES) -> ProcessChart:
    """Judge the months of a KPI: `points` has value, numerator and denominator by month, without holes in the months.

    Shares have limits of each month's denominator. Counts and money have seasons and grow: they are held against the
    same month of the year before, and so need two years. Other ratios are judged as they are. An unfinished month of
    counts and money must be compared with the same first days of the others.
    """
    value = points["value"].astype(float)
    if row.is_rolling:
        return ProcessChart(_nothing(value), "none", "overlapping")
    if not row.formula.is_ratio and row.style in ("count", "money"):
        method, months = "year_ago", find_signals(value, season=YEAR, rules=rules)
    elif row.interval == "proportion" and not (points["numerator"] > points["denominator"]).any():
        method, months = "shares", find_signals(value, points["denominator"], rules=rules)
    else:
        method, months = "values", find_signals(value, rules=rules)
    if row.style in ("count", "money", "ratio", "multiple", "months", "stars") and not (value < 0).any():
        months["low"] = months["low"].clip(lower=0)
    if months["high"].notna().any():
        return ProcessChart(months, method)
    enough = value.notna().sum() > LEAST + (YEAR if method == "year_ago" else 0)
    return ProcessChart(months, "none", "nothing_to_compare" if enough else "too_short")


def find_signals(
    history: pd.Series,
    trials: pd.Series | None = None,
    *,
    season: int = 0,
    rules: Collection[str] = RULES,
    least: int = LEAST,
) -> pd.DataFrame:
    """The signals of a series: COLUMNS by period. `rule` is "" or the rule that was broken, `side` "above" or "below".

    "beyond": outside the limits of the known periods before it (`least` of them or more). "run_of_8": the eighth in a
    row on one side of the centre. "3_of_4": three of the last four nearer to the limit than to the centre, on one side
    (Wheeler, Understanding Variation; Western Electric, Statistical Quality Control Handbook). A period beyond its
    limits is left out of later ones. Two in a row beyond, on one side, or a run, are a new level: what came before it
    no longer counts, and no period is judged until there are `least` new ones.

    `trials`: the series is a share of these, see `share_limits`. `season`: each period is judged by its ratio to the
    one so many periods before (12 for months, 7 for days; the index may have no holes), and not at all where that one
    was beyond its limits. Limits are NaN where a period is not judged. Days depend on the weekday and on yesterday, and
    give many false alarms: take weeks.
    """
    if not set(rules) <= set(EVERY_RULE):
        raise ValueError(f"rules are {EVERY_RULE}, not {rules!r}")
    walk = _Walk(history, trials, season, least)
    rows = [walk.judge(place, rules) for place in range(len(history))]
    return _table(rows, history.index)


def judge_norm(successes: float, trials: float, norm: float, better: str = "higher") -> str:
    """Whether a share keeps its norm: "met", "below" (it does not), or "not_enough" (data to say either).

    Said only where the whole 95 % interval of Wilson lies on one side of the norm: 39 of 50 does not prove that less
    than 80 % is reached. `better` "lower": the norm is a ceiling, and "below" means above it. Without trials, and with
    more successes than trials, nothing can be said.

    >>> judge_norm(39, 50, 0.8), judge_norm(390, 550, 0.8), judge_norm(48, 50, 0.8)
    ('not_enough', 'below', 'met')
    """
    if better not in ("higher", "lower"):
        raise ValueError(f"a norm needs a better side: {better!r}")
    if not (trials > 0 and 0 <= successes <= trials):
        return "not_enough"
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(successes, trials, alpha=1 - CONFIDENCE, method="wilson")
    low, high = (0.0 if successes == 0 else low), (1.0 if successes == trials else high)
    if better == "lower":
        low, high, norm = 1 - high, 1 - low, 1 - norm
    return "met" if low >= norm else "below" if high < norm else "not_enough"


_KINDS: dict[str, Any] = {name: "float64" if name in COLUMNS[:4] else "str" for name in COLUMNS}


def _nothing(value: pd.Series) -> pd.DataFrame:
    rows = [_row(number) for number in value]
    return _table(rows, value.index)


def _table(rows: list[dict[str, Any]], index: pd.Index) -> pd.DataFrame:
    columns = {name: pd.array([row[name] for row in rows], dtype=kind) for name, kind in _KINDS.items()}
    return pd.DataFrame(columns, index=index)


def _row(value: float, limits: Limits | None = None, rule: str = "", side: str = "") -> dict[str, Any]:
    if limits is None:
        return {"value": value, "centre": math.nan, "low": math.nan, "high": math.nan, "rule": "", "side": "",
                "method": ""}  # fmt: skip
    return {"value": value, "centre": limits.centre, "low": limits.low, "high": limits.high, "rule": rule,
            "side": side, "method": limits.method}  # fmt: skip


class _Walk:
    """A way through a series: where the present level began, and what was beyond the limits on the way."""

    def __init__(self, history: pd.Series, trials: pd.Series | None, season: int, least: int) -> None:
        self.values = history.to_numpy(dtype=float)
        self.trials = None if trials is None else trials.reindex(history.index).to_numpy(dtype=float)
        self.season, self.least = season, least
        self.judged = np.full(len(self.values), np.nan)  # what is judged: values, or logarithms of ratios
        self.start, self.beyond = 0, dict[int, int]()  # places beyond the limits, and on which side

    def judge(self, place: int, rules: Collection[str]) -> dict[str, Any]:
        value, measured = self.values[place], self._measure(place)
        self.judged[place] = measured
        known = [at for at in range(self.start, place) if np.isfinite(self.judged[at])]
        base = [at for at in known if at not in self.beyond]
        if math.isnan(measured) or len(base) < self.least:
            return _row(value)
        limits = self._limits(base, place)
        if not limits.spread > 0:
            return _row(value)
        rule, side = self._rule(place, [*known, place], limits, rules)
        return _row(value, self._written(limits, place), rule, {1: "above", -1: "below", 0: ""}[side])

    def _measure(self, place: int) -> float:
        """What is judged of a period: its value, or the logarithm of its ratio to the one a season before."""
        if self.trials is not None and not self.trials[place] > 0:
            return math.nan
        if not self.season:
            return float(self.values[place])
        before = place - self.season
        if before < 0 or before in self.beyond or not self.values[before] > 0 or not self.values[place] >= 0:
            return math.nan
        with np.errstate(divide="ignore"):
            return float(np.log(self.values[place] / self.values[before]))

    def _limits(self, base: list[int], place: int) -> Limits:
        if self.trials is None:
            return process_limits(self.judged[base])
        return share_limits(self.judged[base], self.trials[base], self.trials[place])

    def _written(self, limits: Limits, place: int) -> Limits:
        """The limits in the unit of the values."""
        if not self.season:
            return limits
        before = self.values[place - self.season]
        centre, low, high = (before * math.exp(level) for level in (limits.centre, limits.low, limits.high))
        return Limits(centre, low, high, limits.spread, limits.range_limit, limits.method)

    def _rule(self, place: int, known: list[int], limits: Limits, rules: Collection[str]) -> tuple[str, int]:
        """The rule that the period breaks and on which side; a new level begins where it says so."""
        measured = self.judged[place]
        side = int(np.sign(measured - limits.centre))
        if not limits.low <= measured <= limits.high and "beyond" in rules:
            self._set_aside(place, known, side)
            return "beyond", side
        for rule, length, most, spreads in (("run_of_8", 8, 8, 0.0), ("3_of_4", 4, 3, 1.5)):
            last, asked = known[-length:], rule in rules and len(known) >= length + BEFORE_RUN
            if asked and self._leans(last, place, limits, side, spreads) >= most:
                self.start = last[0]
                return rule, side
        return "", 0

    def _set_aside(self, place: int, known: list[int], side: int) -> None:
        before = known[-2]
        if self.beyond.get(before) == side:
            self.start = before
            del self.beyond[before]
        else:
            self.beyond[place] = side

    def _leans(self, last: list[int], place: int, limits: Limits, side: int, spreads: float) -> int:
        """How many of the periods lie on the side, by more than so many spreads; none where the newest does not."""
        scale = np.ones(len(last)) if self.trials is None else np.sqrt(self.trials[place] / self.trials[last])
        leans = side * (self.judged[last] - limits.centre) > spreads * limits.spread * scale
        return int(leans.sum()) if leans[-1] else 0
