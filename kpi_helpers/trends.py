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

    `now` and `before` hold value, low and high. Where the KPI has an interval, the change is real when the interval of
    the difference excludes zero. Everything else (and shares of the last 12 months, which overlap) is judged by its own
    history (values month by month, oldest first): a step larger than the upper limit of the moving range is a signal.

    It speaks of two months alone. A signal (kpi_helpers.signals) speaks of one month against all before it, and needs
    more: a change can be real while both months are still as usual, or a return to what is usual; and a level can move
    in steps of which each is noise.
    """
    if not np.isfinite([now["value"], before["value"]]).all():
        return "unknown"
    real = _values_differ(now, before) if row.interval and not row.is_rolling else _step_is_signal(now, before, history)
    if real is None:
        return "unknown"
    if not real:
        return "noise"
    if row.better == "neither":
        return "changed"
    return "better" if (now["value"] > before["value"]) == (row.better == "higher") else "worse"


def _values_differ(now: Point, before: Point) -> bool | None:
    """Whether the interval of the difference excludes zero; None where the values have no intervals.

    The distances from the values to the bounds of their own intervals are added in squares: with Wilson's intervals
    this is Newcombe's method 10 for two shares (Newcombe 1998, Statist. Med. 17:873).
    """
    if not np.isfinite([now["low"], now["high"], before["low"], before["high"]]).all():
        return None
    difference = now["value"] - before["value"]
    below = np.hypot(now["value"] - now["low"], before["high"] - before["value"])
    above = np.hypot(now["high"] - now["value"], before["value"] - before["low"])
    return bool(difference - below > 0 or difference + above < 0)


def _step_is_signal(now: Point, before: Point, history: Sequence[float]) -> bool | None:
    values = np.asarray(history, dtype=float)
    ranges = np.abs(np.diff(values[np.isfinite(values)]))
    if len(ranges) < SHORTEST - 1:
        return None
    return bool(abs(now["value"] - before["value"]) > RANGE_LIMIT * ranges.mean())
