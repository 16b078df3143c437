"""KPIs: the only place that divides measures. Sum over sum, with an interval where the KPI is a proportion."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi, expanded, kpi
from kpi_helpers.formula import Formula
from kpi_helpers.terms import MEASURES

CONFIDENCE = 0.95
SMALL_SAMPLE = 100  # answers: below, the interval of the NPS is the adjusted Wald one
COLUMNS = ["kpi", "value", "low", "high", "numerator", "denominator", "reason"]


def compute_kpis(measures: pd.DataFrame, keys: Iterable[str] | None = None) -> pd.DataFrame:
    """KPIs of the catalogue from summed measures: a row per KPI and row of `measures`.

    `measures` is what `sum_measures` returns: `period`, perhaps a dimension, and measures. The result keeps these and
    adds `kpi`, `value` (shares as fractions), `low` and `high` (95 % interval, NaN where the KPI has none),
    `numerator`, `denominator`, and `reason`, a code that says why a value is NaN: "no_export:<table>" (the table is
    missing altogether), "no_rows:<table>" (nothing in this period), "no_values:<measure>" (the table is there but does
    not say), "zero:<measure>" (nothing to divide by).
    """
    measures = measures.reset_index(drop=True)
    labels = [column for column in measures.columns if column not in MEASURES]
    rows = [kpi(key) for key in (KPIS if keys is None else [keys] if isinstance(keys, str) else keys)]
    if not rows:
        return pd.DataFrame(columns=labels + COLUMNS)
    sums = _Sums(measures)
    parts = [_compute_one(sums, row) for row in rows]
    repeated = np.tile(np.arange(len(measures)), len(rows))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS[1:]}
    named = {"kpi": np.repeat([row.key for row in rows], len(measures)), **columns}
    found = measures[labels].iloc[repeated].reset_index(drop=True).assign(**named)
    return found.astype({"kpi": "str", "reason": "str"})


class _Sums:
    """Summed measures as arrays, NaN where one is not there; what a formula says of them."""

    def __init__(self, measures: pd.DataFrame) -> None:
        self.size = len(measures)
        self._values = {
            name: measures[name].to_numpy("float64", na_value=np.nan) for name in measures if name in MEASURES
        }
        self._nothing = np.full(self.size, np.nan)
        self._spoken: dict[str, np.ndarray] = {}

    def value(self, name: str) -> np.ndarray:
        return self._values.get(name, self._nothing)

    def of(self, formula: Formula) -> np.ndarray:
        found = formula.evaluate({name: self.value(name) for name in formula.names})
        return np.broadcast_to(np.asarray(found, dtype="float64"), self.size)

    def spoken(self, table: str) -> np.ndarray:
        """Whether the table says anything at all, by row."""
        if table not in self._spoken:
            said = [~np.isnan(part) for name, part in self._values.items() if MEASURES[name].table == table]
            self._spoken[table] = np.any(said, axis=0) if said else np.zeros(self.size, dtype=bool)
        return self._spoken[table]


def _compute_one(sums: _Sums, row: Kpi) -> dict[str, np.ndarray]:
    formula = expanded(row.key)
    below = formula.denominator
    with np.errstate(all="ignore"):
        value = sums.of(formula)
        for divisor in formula.divisors:  # clv / cac without new customers is no zero
            value = np.where(sums.of(divisor) != 0, value, np.nan)
        value = np.where(np.isfinite(value), value, np.nan)
        numerator, denominator = sums.of(formula.numerator), sums.of(below) if below else np.full(sums.size, np.nan)
        low, high = (np.asarray(end) for end in _interval(row, sums, numerator, denominator))
        reason = _reasons(value, sums, formula)
    return {"value": value, "low": low, "high": high, "numerator": numerator, "denominator": denominator,
            "reason": reason}  # fmt: skip


def _interval(row: Kpi, sums: _Sums, numerator: np.ndarray, denominator: np.ndarray) -> tuple[pd.Series, pd.Series]:
    if row.interval == "nps":
        counts = (pd.Series(sums.value(name)) for name in ("promoters", "detractors", "recommend_answers"))
        return nps_interval(*counts)
    if row.interval == "proportion":
        return proportion_interval(pd.Series(numerator), pd.Series(denominator))
    nothing = pd.Series(np.nan, index=range(sums.size))
    return nothing, nothing


def proportion_interval(successes: pd.Series, trials: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Wilson's interval of a share; NaN where there are no trials or more successes than trials.

    Source: Wilson 1927. 81 of 263 gives .2553 to .3662 (Newcombe 1998, Statist. Med. 17:857, table I).
    """
    from statsmodels.stats.proportion import proportion_confint

    fits = (trials > 0) & successes.between(0, trials)
    low, high = proportion_confint(successes.where(fits), trials.where(fits), alpha=1 - CONFIDENCE, method="wilson")
    return pd.Series(low, index=trials.index), pd.Series(high, index=trials.index)


def nps_interval(promoters: pd.Series, detractors: pd.Series, answers: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The interval of the net promoter score in points, from the variance p + d - (p - d)^2.

    Small samples: the adjusted Wald interval (3/4 promoter and 3/4 detractor added, n + 3; Rocks 2016).
    """
    added = np.where(answers < SMALL_SAMPLE, 0.75, 0.0)
    n = (answers + 4 * added).where(answers > 0)
    p, d = (promoters + added) / n, (detractors + added) / n
    half = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2) * np.sqrt((p + d - (p - d) ** 2) / n)
    return 100 * (p - d - half).clip(lower=-1), 100 * (p - d + half).clip(upper=1)


def _reasons(value: np.ndarray, sums: _Sums, formula: Formula) -> np.ndarray:
    """Why a value is missing, the most fundamental cause first."""
    reasons, missing = np.full(sums.size, "", dtype=object), np.isnan(value)
    if not missing.any():
        return reasons
    for divisor in formula.divisors:
        if divisor.names:
            reasons[missing & (sums.of(divisor) == 0)] = f"zero:{divisor.names[0]}"
    absent = {name: missing & np.isnan(sums.value(name)) for name in reversed(formula.names)}
    tables = {name: MEASURES[name].table for name in absent}
    for name, rows in absent.items():
        reasons[rows & sums.spoken(tables[name])] = f"no_values:{name}"
    for code, known in (("no_rows", True), ("no_export", False)):
        for name, rows in absent.items():
            spoken = sums.spoken(tables[name])
            if spoken.any() == known:
                reasons[rows & ~spoken] = f"{code}:{tables[name]}"
    return reasons
