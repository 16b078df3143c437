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
    rows = [kpi(key) for key in (KPIS if keys is None else keys)]
    parts = [measures[labels].join(_compute_one(measures, row)) for row in rows]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=labels + COLUMNS)


def _compute_one(measures: pd.DataFrame, row: Kpi) -> pd.DataFrame:
    formula = expanded(row.key)
    values = {name: _column(measures, name) for name in formula.names}
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _evaluated(formula, values, measures.index)
        for divisor in formula.divisors:  # clv / cac without new customers is no zero
            value = value.where(_evaluated(divisor, values, measures.index) != 0)
        result = pd.DataFrame({"kpi": row.key, "value": value.where(np.isfinite(value))}, index=measures.index)
        result["low"], result["high"] = _interval(row, values, measures.index)
        result["numerator"] = _evaluated(formula.numerator, values, measures.index)
        below = formula.denominator
        result["denominator"] = _evaluated(below, values, measures.index) if below else np.nan
    result["reason"] = _reasons(result["value"], measures, formula)
    return result[COLUMNS]


def _column(measures: pd.DataFrame, name: str) -> pd.Series:
    return measures[name] if name in measures else pd.Series(np.nan, index=measures.index)


def _evaluated(formula: Formula, values: dict[str, pd.Series], index: pd.Index) -> pd.Series:
    return pd.Series(formula.evaluate(values), index=index, dtype="float64")


def _interval(row: Kpi, values: dict[str, pd.Series], index: pd.Index) -> tuple[pd.Series, pd.Series]:
    nothing = pd.Series(np.nan, index=index)
    if row.interval == "nps":
        return nps_interval(values["promoters"], values["detractors"], values["recommend_answers"])
    if row.interval == "proportion":
        formula = expanded(row.key)
        assert formula.denominator is not None
        return proportion_interval(
            _evaluated(formula.numerator, values, index), _evaluated(formula.denominator, values, index)
        )
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


def _reasons(value: pd.Series, measures: pd.DataFrame, formula: Formula) -> pd.Series:
    """Why a value is missing, the most fundamental cause first."""
    reasons = pd.Series("", index=value.index, dtype="str")
    if value.notna().all():
        return reasons
    values = {name: _column(measures, name) for name in formula.names}
    for divisor in formula.divisors:
        if divisor.names:
            reasons[value.isna() & (_evaluated(divisor, values, value.index) == 0)] = f"zero:{divisor.names[0]}"
    causes = [_cause(name, measures).where(column.isna() & value.isna(), "") for name, column in values.items()]
    for code in ("no_values", "no_rows", "no_export"):
        for cause in reversed(causes):
            reasons = cause.where(cause.str.startswith(code), reasons)
    return reasons


def _cause(name: str, measures: pd.DataFrame) -> pd.Series:
    """What a missing value of the measure means in each row, by what its table says of other measures."""
    table = MEASURES[name].table
    spoken = measures[[other for other in measures if other in MEASURES and MEASURES[other].table == table]].notna()
    nothing = f"no_rows:{table}" if spoken.to_numpy().any() else f"no_export:{table}"
    return pd.Series(np.where(spoken.any(axis=1), f"no_values:{name}", nothing), index=measures.index, dtype="str")
