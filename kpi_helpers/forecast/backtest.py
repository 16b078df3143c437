"""Back-tests: what models would have said of months that are known by now, and how wide that makes their interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kpi_helpers.forecast.gaps import known_together, without_outages
from kpi_helpers.forecast.model import Model
from kpi_helpers.forecast.problem import Problem
from kpi_helpers.forecast.result import LEVEL

HORIZON = 12  # months looked ahead in tests, whatever is asked for: a month's forecast must not depend on the others
FEWEST = 4  # origins from which an interval can be judged
NARROWEST, WIDEST = 0.5, 4.0  # times the model's own width


def look_ahead(models: Mapping[str, Model], problem: Problem, origins: range) -> np.ndarray:
    """What the models said at each origin (the number of months known then): shape (origins, HORIZON)."""

    def said(origin: int) -> np.ndarray:
        known = known_together({name: values[:origin] for name, values in problem.values.items()})
        return problem.evaluate({name: model.point(known[name], HORIZON) for name, model in models.items()})

    return np.array([said(origin) for origin in origins]).reshape(len(origins), HORIZON)


def what_came(actual: np.ndarray, origins: range) -> np.ndarray:
    """What came after each origin, NaN where it is not known or lay far outside: shape (origins, HORIZON)."""
    padded = np.concatenate([without_outages(actual), np.full(HORIZON, np.nan)])
    return np.array([padded[origin : origin + HORIZON] for origin in origins]).reshape(len(origins), HORIZON)


def mean_error(said: np.ndarray, came: np.ndarray, counted: np.ndarray) -> float:
    """The mean absolute error over the counted months; NaN where there is none."""
    errors = np.abs(said - came)[counted]
    return float(errors.mean()) if errors.size else float("nan")


def width_factor(ratios: np.ndarray) -> float:
    """How many times the model's own half-width holds `LEVEL` of the errors; 1 where too few origins tell.

    `ratios`: absolute errors over the half-width, by origin and month ahead. Split conformal: of n origins the
    (n + 1) LEVEL-th largest error counts, so that few tests widen (Vovk and others 2005; months of one origin are no
    tests of their own).
    """
    told = int(np.isfinite(ratios).any(axis=1).sum())
    if told < FEWEST:
        return 1.0
    share = min(1.0, np.ceil((told + 1) * LEVEL - 1e-9) / told)
    found = np.nanquantile(ratios, share - 1e-9, method="inverted_cdf")
    return float(np.clip(found, NARROWEST, WIDEST))


def past_coverage(ratios: np.ndarray, origins: range) -> tuple[float, int]:
    """The share of months that lay in the interval they would have got, and their number.

    Each origin's interval is as wide as the errors seen until then ask for, so that none judges itself.
    """
    inside: list[float] = []
    for place, origin in enumerate(origins):
        target = np.array(origins)[:, None] + np.arange(HORIZON)
        before = np.where(target < origin, ratios, np.nan)
        if np.isfinite(before).any(axis=1).sum() < FEWEST:
            continue
        row = ratios[place][np.isfinite(ratios[place])]
        inside += (row <= width_factor(before)).tolist()
    return (float(np.mean(inside)), len(inside)) if inside else (float("nan"), 0)
