"""Months that are not known, and months so far outside that they say nothing of the next ones (an outage).

A month is far outside where it lies more than three times the distance of the quartiles outside them, after level and
season are taken away (the rule of `tsoutliers` in Hyndman's R package forecast, Tukey 1977), both as a number and as a
logarithm: it is treated as not known. Before three years are there a peak may be the season, or a season that grew (of
two values nobody can say which is the usual one), so only a fall below a quarter of its neighbours is one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

YEAR = 12
FENCE = 3.0  # distances of the quartiles
WINDOW = 7  # months around a month that say its level
FALL = 0.25  # of the neighbours' median
FLOOR = 1e-3  # of the largest value: what is less counts as this much on logarithms
FEWEST = 8  # months: of fewer none is outside
PEAKS_FROM = 3 * YEAR  # known months from which a month can be too high


def without_outages(values: np.ndarray) -> np.ndarray:
    """The values with the months far outside made NaN."""
    return np.where(far_outside(values), np.nan, values)


def known_together(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The measures without the months in which one of them lies far outside.

    Left out of one alone, a month would bend every ratio of them.
    """
    outside = np.any([far_outside(part) for part in values.values()], axis=0)
    return {name: np.where(outside, np.nan, part) for name, part in values.items()}


def far_outside(values: np.ndarray) -> np.ndarray:
    """Whether each month lies far outside: True or False by month."""
    known = np.isfinite(values)
    if known.sum() < FEWEST:
        return np.zeros(len(values), dtype=bool)
    outside = _beyond_fences(values)
    if outside.any() and not (values < 0).any():
        outside &= _beyond_fences(np.log(np.maximum(values, FLOOR * np.nanmax(values))))
    if known.sum() < PEAKS_FROM:
        outside &= values < FALL * _median_around(values)
    return known & outside


def _beyond_fences(values: np.ndarray) -> np.ndarray:
    rest = values - _median_around(values)
    if np.isfinite(values).sum() >= 2 * YEAR:
        rest = rest - _season(rest)
    low, high = np.nanquantile(rest, [0.25, 0.75])
    room = FENCE * (high - low)
    return (rest < low - room) | (rest > high + room)


def fill(values: np.ndarray) -> np.ndarray:
    """The values with what is missing drawn through: a line between neighbours, with the season two years tell."""
    known = np.isfinite(values)
    if known.all():
        return values
    season = _season(values - _median_around(values)) if known.sum() >= 2 * YEAR else np.zeros(len(values))
    places = np.flatnonzero(known)
    return np.where(known, values, season + np.interp(np.arange(len(values)), places, (values - season)[places]))


def _median_around(values: np.ndarray) -> np.ndarray:
    """The median of the months around each month, itself among them; NaN where none of them is known."""
    side = WINDOW // 2
    padded = np.concatenate([np.full(side, np.nan), values, np.full(side, np.nan)])
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, WINDOW), axis=1)  # NaN stand last
    counts = np.isfinite(windows).sum(axis=1)
    rows, middle = np.arange(len(values)), np.maximum(counts - 1, 0)
    return (windows[rows, middle // 2] + windows[rows, (middle + 1) // 2]) / 2


def _season(rest: np.ndarray) -> np.ndarray:
    """What is left on each month of the year: its median over the years; zero where no year tells it."""
    years = -(-len(rest) // YEAR)
    table = np.full(years * YEAR, np.nan)
    table[: len(rest)] = rest
    table = np.sort(table.reshape(years, YEAR), axis=0)
    counts = np.isfinite(table).sum(axis=0)
    months, middle = np.arange(YEAR), np.maximum(counts - 1, 0)
    median = (table[middle // 2, months] + table[(middle + 1) // 2, months]) / 2
    return np.tile(np.where(counts > 0, median, 0.0), years)[: len(rest)]
