"""Is it real? Shares compared two by two, with the interval of their difference; tests planned before they are run."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.language import _

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
COUNTS = ["hits", "trials", "hits_before", "trials_before"]
COLUMNS = ["share", "share_before", "difference", "low", "high", "p_value", "p_adjusted", "family", "verdict", "reason"]
_FARTHEST = 37.0  # standard errors: beyond them a p-value is smaller than a float can tell from zero
_HALVINGS = 60


def compare_shares(counts: pd.DataFrame, matters: float | None = None) -> pd.DataFrame:
    """Two shares in each row, and whether they differ: `counts` with COLUMNS beside it.

    `counts` has COUNTS: `hits` of `trials`, held against `hits_before` of `trials_before`; other columns stay. The two
    groups must hold different people: what one person did twice is no second witness.
    `low`, `high`: Newcombe's 95 % interval of each difference by itself. `p_value`: one less the confidence at which
    that interval just reaches zero, so the two never contradict each other. `p_adjusted`: Holm's, for the `family` of
    all rows that can be compared; the `verdict` goes by it. Compare in one call what is looked at together.

    `verdict`: "higher", "lower", "within_noise"; "not_enough" where no outcome of so few trials could have been told
    from noise, or nothing can be compared. `matters` is the smallest difference worth acting on: with it, an interval
    that holds both zero and a difference that matters is "not_enough", and one within ± `matters` is "same", even if
    it leaves out zero. `reason`: "many_comparisons" where the row would differ if it were alone, "no_trials" or
    "bad_counts" where nothing can be compared, "" otherwise.
    KitError where a column is missing, or `matters` is no difference of shares.
    Source: Newcombe 1998, Statist. Med. 17:873, method 10; Holm 1979, Scand. J. Statist. 6:65.

    >>> rows = pd.DataFrame({"hits": [56, 9], "trials": [70, 10], "hits_before": [48, 8], "trials_before": [80, 10]})
    >>> compare_shares(rows)[["low", "high", "p_adjusted", "verdict"]].round(4).to_numpy().tolist()
    [[0.0524, 0.3339, 0.0163, 'higher'], [-0.2362, 0.4205, 0.5348, 'within_noise']]
    """
    if missing := [name for name in COUNTS if name not in counts]:
        raise KitError(_("there is no column {name}.").format(name=", ".join(missing)))
    if matters is not None and not 0 < matters < 1:
        raise KitError(_("the smallest difference that matters must lie between 0 and 1."))
    hits, trials, hits_before, trials_before = (
        pd.to_numeric(counts[name], errors="coerce").to_numpy(dtype="float64", na_value=np.nan) for name in COUNTS
    )
    reason = np.where(_fits(hits, trials) & _fits(hits_before, trials_before), "", "bad_counts")
    reason = np.where((trials == 0) | (trials_before == 0), "no_trials", reason)
    known = reason == ""
    found = pd.DataFrame(math.nan, index=counts.index, columns=pd.Index(COLUMNS[:7]))
    if known.any():
        found.loc[known] = _compared(*(part[known] for part in (hits, trials, hits_before, trials_before)))
    found["family"] = int(known.sum())
    found["verdict"] = _verdicts(found, np.where(known, trials, 0), np.where(known, trials_before, 0), matters)
    alone = (found["p_value"] < 1 - CONFIDENCE) & (found["p_adjusted"] >= 1 - CONFIDENCE)
    found["reason"] = np.where(alone & (found["verdict"] != "same"), "many_comparisons", reason)
    kept = [name for name in counts if name not in COLUMNS]
    return pd.concat([counts[kept], found], axis=1)


def _fits(hits: np.ndarray, trials: np.ndarray) -> np.ndarray:
    return np.isfinite(trials) & (trials > 0) & (hits >= 0) & (hits <= trials)


def _compared(hits: np.ndarray, trials: np.ndarray, hits_before: np.ndarray, trials_before: np.ndarray) -> np.ndarray:
    """The first seven of COLUMNS for rows that can be compared."""
    from scipy.stats import norm

    share, before = hits / trials, hits_before / trials_before
    low, high = newcombe(hits, trials, hits_before, trials_before, Z)
    p_value = 2 * norm.sf(_reach_of_zero(hits, trials, hits_before, trials_before))
    return np.column_stack([share, before, share - before, low, high, p_value, _holm(p_value)])


def _holm(p_values: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values: the smallest times their number, the next times one less …, none below the one before.

    Written out because statsmodels' collects the garbage of the whole process on every call.
    """
    order = np.argsort(p_values)
    steps = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def newcombe(hits: np.ndarray, trials: np.ndarray, hits_before: np.ndarray, trials_before: np.ndarray,
             z: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Newcombe's interval of a difference of two shares, `z` standard errors wide; trials must be above zero.

    The distances of each share to the bounds of its own Wilson interval, added in squares.
    """
    share, before = hits / trials, hits_before / trials_before
    low, high = _wilson(share, trials, z)
    low_before, high_before = _wilson(before, trials_before, z)
    difference = share - before
    return (difference - np.hypot(share - low, high_before - before),
            difference + np.hypot(high - share, before - low_before))  # fmt: skip


def _wilson(share: np.ndarray, trials: np.ndarray, z: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Written out because the p-values need it at sixty levels; the tests hold it against statsmodels."""
    squared = z**2 / trials
    centre = (share + squared / 2) / (1 + squared)
    half = np.sqrt(squared * (share * (1 - share) + squared / 4)) / (1 + squared)
    return centre - half, centre + half


def _reach_of_zero(hits: np.ndarray, trials: np.ndarray, hits_before: np.ndarray,
                   trials_before: np.ndarray) -> np.ndarray:  # fmt: skip
    """At how many standard errors the interval just touches zero, found by halving: the bounds move apart with them."""
    difference = hits / trials - hits_before / trials_before
    near, far = np.zeros(len(difference)), np.full(len(difference), _FARTHEST)
    for _step in range(_HALVINGS):
        middle = (near + far) / 2
        low, high = newcombe(hits, trials, hits_before, trials_before, middle)
        apart = np.where(difference > 0, low > 0, high < 0)
        near, far = np.where(apart, middle, near), np.where(apart, far, middle)
    return np.where(difference == 0, 0.0, near)


def _verdicts(found: pd.DataFrame, trials: np.ndarray, before: np.ndarray, matters: float | None) -> np.ndarray:
    some, some_before = np.maximum(trials, 1), np.maximum(before, 1)
    possible = newcombe(some, some, 0 * some, some_before, Z)[0] > 0
    differs = (found["p_adjusted"] < 1 - CONFIDENCE).to_numpy()
    verdict = np.where(differs, np.where(found["difference"] > 0, "higher", "lower"), "within_noise")
    if matters is not None:
        small = (found["low"] > -matters) & (found["high"] < matters)
        verdict = np.where(small, "same", np.where(differs, verdict, "not_enough"))
    return np.where(possible & (trials > 0), verdict, "not_enough")


def sample_size(base: float, other: float, power: float = 0.8, ratio: float = 1.0) -> tuple[int, int]:
    """How many trials each of two groups needs to tell share `other` from share `base`, two-sided at 5 %.

    `power` is the chance to find the difference if it is there; `ratio` is how many trials of the second group go with
    one of the first (a holdout of a tenth of the audience: 1/9). Both are rounded up. KitError where a share is not
    within 0 and 1, or the two are equal. Source: Fleiss, Levin and Paik 2003, ch. 4 (no continuity correction), by
    statsmodels.

    >>> sample_size(0.05, 0.06)
    (8158, 8158)
    """
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    _check_plan(base, power, ratio)
    _check_plan(other, power, ratio)
    if base == other:
        raise KitError(_("two equal shares cannot be told apart."), _("Give a share that you hope for."))
    first = float(samplesize_proportions_2indep_onetail(base - other, other, power, ratio=ratio, alpha=1 - CONFIDENCE))
    if not math.isfinite(first) or max(first, first * ratio) > 1e15:
        near = _("shares of {base} and {other} are too near to tell them apart.").format(base=base, other=other)
        raise KitError(near, _("Give a share that you hope for."))
    return math.ceil(first), math.ceil(first * ratio)


def detectable(base: float, trials: float, power: float = 0.8, ratio: float = 1.0) -> tuple[float, float]:
    """The nearest shares below and above `base` that a test with so many trials in its first group finds.

    The second group has `ratio` times as many. NaN where even the share 0 (or 1) would not be found with that `power`.

    >>> [round(share, 4) for share in detectable(0.5, 50, power=0.9)]
    [0.1974, 0.8026]
    """
    _check_plan(base, power, ratio)
    if not (math.isfinite(trials) and trials >= 1):
        raise KitError(_("a test needs at least one trial."))

    def found(share: float) -> float:
        return _power(base, share, trials, ratio) - power

    return _crossing(found, base, 0.0), _crossing(found, base, 1.0)


def _power(base: float, share: float, trials: float, ratio: float) -> float:
    from statsmodels.stats.proportion import power_proportions_2indep

    if share == base:
        return 1 - CONFIDENCE
    planned = power_proportions_2indep(base - share, share, trials, ratio=ratio, alpha=1 - CONFIDENCE)
    return float(planned.power)


def _crossing(found: Callable[[float], float], base: float, end: float) -> float:
    from scipy.optimize import brentq

    edge = end + (base - end) * 1e-9  # at 0 and 1 themselves nothing varies
    return float(brentq(found, base, edge, xtol=1e-12)) if found(edge) >= 0 else math.nan


def _check_plan(share: float, power: float, ratio: float) -> None:
    if not 0 < share < 1:
        raise KitError(_("a share must lie between 0 and 1: {share} does not.").format(share=share))
    if not 1 - CONFIDENCE < power < 1:
        raise KitError(_("the power of a test must lie between 0.05 and 1."))
    if not 0 < ratio < math.inf:
        raise KitError(_("the second group must be a part or a multiple of the first, above zero."))
