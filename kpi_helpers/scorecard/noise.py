"""Luck: how far results move by noise alone, and the chance that it carried one over the edge where pay jumps."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import kpi
from kpi_helpers.scorecard.scheme import Line
from kpi_helpers.scorecard.scoring import achievement, zero_of

SPREAD_OF_RANGE = 1.128  # a mean moving range in standard deviations (Wheeler, Understanding Variation)
LEAST = 6  # known months, below which the ranges between them say nothing
_Z = NormalDist().inv_cdf(0.975)


def noise_of(line: Line, months: pd.DataFrame) -> pd.Series:
    """One standard deviation of noise in the line's values, by month: `months` has value, perhaps numerator and
    denominator.

    A proportion: that of so many trials, at the share that Wilson's 95 % interval is centred on. Everything else: the
    mean moving range, by 1.128, of what was achieved of the month's own target, less its steady growth; so the seasons
    that targets foresee, and growth, are no noise. NaN where unknown.
    """
    values = months["value"].astype("float64")
    if kpi(line.kpi).interval == "proportion" and "denominator" in months:
        trials = months["denominator"].astype("float64").where(months["denominator"] > 0)
        centre = (values * trials + _Z**2 / 2) / (trials + _Z**2)
        return (centre * (1 - centre) / trials) ** 0.5
    goals = _goals(line, months)
    known = pd.Series(achievement(line, values, goals), index=values.index)
    steps = known.dropna().diff()
    spread = float((steps - steps.mean()).abs().mean()) / SPREAD_OF_RANGE if known.count() >= LEAST else math.nan
    return (spread * (goals - zero_of(line, goals)).abs()).where(known.notna())


def _goals(line: Line, months: pd.DataFrame) -> pd.Series:
    """The target of each month."""
    goals = months["goal"] if "goal" in months else pd.Series(line.target, index=months.index)
    return goals.astype("float64")


def edge_of(line: Line, target: Any = None) -> Any:
    """The value at which the line's pay jumps: at the threshold, or the target where nothing is paid suddenly."""
    achieved = line.curve.threshold if line.curve.threshold > 0 and line.curve.least > 0 else 1.0
    goal = line.target if target is None else target
    zero = zero_of(line, goal)
    return zero + achieved * (goal - zero)


def chance_by_noise(line: Line, months: pd.DataFrame) -> pd.Series:
    """The chance, by month, that the level behind the value lies on the other side of the line's edge: up to one half.

    For a proportion it is the confidence (one-sided) at which Wilson's interval just reaches the edge; for others the
    same with the noise of `noise_of`. NaN where the noise is unknown.

    >>> from kpi_helpers.scorecard.scheme import Curve
    >>> line = Line("qualification_rate", 1, 0.8, Curve("step", threshold=1))
    >>> months = pd.DataFrame({"value": [0.78, 0.95], "denominator": [50, 200]})
    >>> chance_by_noise(line, months).round(3).tolist()
    [0.362, 0.0]
    """
    edge, spread = edge_of(line, _goals(line, months)), noise_of(line, months)
    if kpi(line.kpi).interval == "proportion" and "denominator" in months:
        trials = months["denominator"].astype("float64").where(months["denominator"] > 0)
        spread = np.sqrt((edge * (1 - edge)).clip(lower=0) / trials)
    away = (months["value"].astype("float64") - edge).abs()
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = (away / spread).where(spread > 0, np.inf).where(spread.notna() & away.notna())
    return steps.map(lambda step: NormalDist().cdf(-step), na_action="ignore").astype("float64")
