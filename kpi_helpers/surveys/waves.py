"""Whether a wave really differs from the one before, or only by the luck of who was asked."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pandas as pd

from kpi_helpers.surveys.answers import CONFIDENCE, Z, bounds

COLUMNS = ["wave", "before", "population", "measure", "value", "value_before", "difference", "low", "high", "p_value",
           "p_adjusted", "family", "verdict", "reason"]  # fmt: skip
_FARTHEST = 37.0  # standard errors: beyond them a p-value is smaller than a float can tell from zero
_HALVINGS = 60
_PARTS = ("favourable", "unfavourable", "effective")


def compare_waves(described: pd.DataFrame) -> pd.DataFrame:
    """Each wave held against the one before that has answers to the same question: COLUMNS.

    `described` is what `describe_survey` returns for several waves, which must have asked different people. `low`,
    `high`: 95 % interval of the difference, in points for the NPS and as a share for the others: the distances of both
    values to their own bounds, added in squares (for shares this is Newcombe's method 10). `p_value`: one less the
    confidence at which it just reaches zero; `p_adjusted`: Holm's over the `family`, all comparisons of the wave:
    measures and populations, for they are read together. `verdict`: "higher", "lower", "within_noise", or "not_enough"
    where so few answered that nothing could have been told from noise; `reason`: "many_comparisons" where a row would
    differ if it were alone, or "".
    Source: Newcombe 1998, Statist. Med. 17:873; Zou and Donner 2008, Statist. Med. 27:1693.
    """
    asked = described[described["answers"] > 0].sort_values("wave", kind="stable")
    pairs = asked.assign(
        before=asked.groupby(["population", "measure"])["wave"].shift(),
        **{f"{name}_before": asked.groupby(["population", "measure"])[name].shift() for name in ("value", *_PARTS)},
    ).dropna(subset=["before"])  # fmt: skip
    return compare_pairs(pairs)


def compare_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """As `compare_waves`, of pairs chosen by hand: rows of `describe_survey` with `before`, the wave each is held
    against, and `value_before`, `favourable_before`, `unfavourable_before` and `effective_before` of that one."""
    if pairs.empty:
        return pd.DataFrame(columns=COLUMNS)
    pairs = pairs.copy()
    pairs["difference"] = pairs["value"] - pairs["value_before"]
    values = pairs["value"].to_numpy(dtype=float), pairs["value_before"].to_numpy(dtype=float)

    def between(z: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return _apart(values, _bounds_of(pairs, "", z), _bounds_of(pairs, "_before", z))

    pairs["low"], pairs["high"] = between(Z)
    pairs["p_value"] = _p_values(between, pairs["difference"].to_numpy(dtype=float))
    families = pairs.groupby("wave", dropna=False)["p_value"]
    pairs["p_adjusted"] = families.transform(_holm)
    pairs["family"] = families.transform("size").astype("int64")
    return _with_verdicts(pairs)[COLUMNS].reset_index(drop=True)


def _bounds_of(pairs: pd.DataFrame, end: str, z: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    good, bad, effective = (pairs[f"{name}{end}"].to_numpy(dtype=float) for name in _PARTS)
    return bounds(good, bad, effective, z)


def _apart(values: tuple[np.ndarray, np.ndarray], now: tuple[np.ndarray, np.ndarray],
           then: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The interval of a difference from the two values and their own intervals."""
    difference = values[0] - values[1]
    below, above = [values[0] - now[0], then[1] - values[1]], [now[1] - values[0], values[1] - then[0]]
    return difference - np.hypot(*np.maximum(below, 0)), difference + np.hypot(*np.maximum(above, 0))


def _p_values(between: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], difference: np.ndarray) -> np.ndarray:
    """By halving: the bounds move apart with the standard errors."""
    near, far = np.zeros(len(difference)), np.full(len(difference), _FARTHEST)
    for _step in range(_HALVINGS):
        middle = (near + far) / 2
        low, high = between(middle)
        away = np.where(difference > 0, low > 0, high < 0)
        near, far = np.where(away, middle, near), np.where(away, far, middle)
    return np.array([2 * NormalDist().cdf(-reach) for reach in np.where(difference == 0, 0.0, near)])


def _holm(p_values: pd.Series) -> pd.Series:
    """The smallest times their number, the next times one less …, none below the one before."""
    ordered = p_values.sort_values(kind="stable")
    return (ordered * np.arange(len(ordered), 0, -1)).cummax().clip(upper=1).reindex(p_values.index)


def _with_verdicts(pairs: pd.DataFrame) -> pd.DataFrame:
    none, all_ = np.zeros(len(pairs)), np.ones(len(pairs))
    now, then = (pairs[name].to_numpy(dtype=float) for name in ("effective", "effective_before"))
    shares = np.full(len(pairs), math.nan)
    most = bounds(all_, shares, now, Z), bounds(none, shares, then, Z)
    possible = _apart((all_, none), *most)[0] > 0
    level = 1 - CONFIDENCE
    differs = (pairs["p_adjusted"] < level) & possible
    verdict = np.where(differs, np.where(pairs["difference"] > 0, "higher", "lower"), "within_noise")
    alone = (pairs["p_value"] < level) & (pairs["p_adjusted"] >= level) & possible
    return pairs.assign(verdict=np.where(possible, verdict, "not_enough"),
                        reason=np.where(alone, "many_comparisons", ""))  # fmt: skip
