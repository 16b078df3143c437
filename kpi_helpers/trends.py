"""Change: better, worse, or within the noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kpi_helpers.catalogue import Kpi

SHORTEST = 6  # months of history below which noise cannot be judged
RANGE_LIMIT = 3.268  # XmR: upper limit of the moving range over its mean (Wheeler, Understanding Variation)

Point = dict[str, float]


def judge_change(row: Kpi, now: Point, before: Point, history: Sequence[float]) -> str:
    """Whether a KPI really changed: "better", "worse", "changed" (neither is better), "noise", "unknown".

    `now` and `before` hold value, numerator and denominator. Shares are judged by Newcombe's interval of their
    difference. Everything else is judged by its own history (values month by month, oldest first): a step larger than
    the upper limit of the moving range is a signal.
    """
    if not np.isfinite([now["value"], before["value"]]).all():
        return "unknown"
    real = _shares_differ(now, before) if row.interval == "proportion" else _step_is_signal(row, now, before, history)
    if real is None:
        return "unknown"
    if not real:
        return "noise"
    if row.better == "neither":
        return "changed"
    return "better" if (now["value"] > before["value"]) == (row.better == "higher") else "worse"


def _shares_differ(now: Point, before: Point) -> bool | None:
    """Whether Newcombe's 95 % interval of the difference excludes zero; None where it cannot be computed."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    counts = (now["numerator"], now["denominator"], before["numerator"], before["denominator"])
    if not np.isfinite(counts).all() or counts[0] > counts[1] or counts[2] > counts[3]:
        return None
    low, high = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
    return bool(low > 0 or high < 0)


def _scores_differ(now: Point, before: Point) -> bool:
    """Whether the interval of the difference of two scores excludes zero, from their own intervals (method of Newcombe,
    "square and add": the distances from the values to the bounds are added in squares)."""
    difference = now["value"] - before["value"]
    below = np.hypot(now["value"] - now["low"], before["high"] - before["value"])
    above = np.hypot(now["high"] - now["value"], before["value"] - before["low"])
    return bool(difference - below > 0 or difference + above < 0)


def _step_is_signal(row: Kpi, now: Point, before: Point, history: Sequence[float]) -> bool | None:
    if row.interval == "nps":
        return _scores_differ(now, before)
    values = np.asarray(history, dtype=float)
    ranges = np.abs(np.diff(values[np.isfinite(values)]))
    if len(ranges) < SHORTEST - 1:
        return None
    return bool(abs(now["value"] - before["value"]) > RANGE_LIMIT * ranges.mean())
