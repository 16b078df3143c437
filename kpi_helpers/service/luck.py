"""Whether some hours of the week stand out over the weeks, or one bad day makes it look so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kpi_helpers.company import WEEKDAYS

Place = tuple[tuple[str, ...], int, int]  # days of the week, the first hour, the hour after the last
ROUNDS = 999
ROUNDING = 1e-9
DAYS = 3  # with bad ones: fewer are no pattern


def chances_by_day(days: pd.DataFrame, places: Sequence[Place]) -> np.ndarray:
    """The chance that any of the places looks as bad as each does, if only whole days differed by luck.

    `days` is what `by_hour` returns. Days of the week are compared in the same hours with the days shuffled; hours of
    every day with the rest of the same day, the sign of each day's difference tossed (Westfall & Young 1993: the
    largest of all places in each round). 1 where fewer than three days had a bad one. The same days give the same.
    """
    bad, judged, weekday = _of_days(days)
    parts = list(dict.fromkeys((start, end) for _names, start, end in places))
    weeks = list(dict.fromkeys(names for names, _start, _end in places))
    sums = [(bad[:, start:end].sum(axis=1), judged[:, start:end].sum(axis=1)) for start, end in parts]
    belongs = np.array([[WEEKDAYS[day] in names for day in weekday] for names in weeks], dtype=float)
    apart = np.column_stack([_above(some, of, some.sum() / max(of.sum(), 1)) for some, of in sums])
    within = np.column_stack([some - of * bad.sum(axis=1) / judged.sum(axis=1) for some, of in sums])
    shuffled, tossed = _shuffled(belongs, apart), _tossed(within)
    asked = [(weeks.index(names), parts.index((start, end))) for names, start, end in places]
    scores = np.column_stack([
        tossed[:, part] if weeks[week] == WEEKDAYS else shuffled[:, week, part] for week, part in asked
    ])  # fmt: skip
    chances = (scores.max(axis=1)[:, None] >= scores[0] - ROUNDING).mean(axis=0)
    enough = [belongs[week] @ (sums[part][0] > 0) >= DAYS for week, part in asked]
    return np.where(enough, chances, 1.0)


def _shuffled(belongs: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Scores (round, week, part) of the days as they are and shuffled."""
    random = np.random.default_rng(0)
    return _scored(np.stack([belongs @ apart, *(belongs @ random.permutation(apart) for _round in range(ROUNDS))]))


def _tossed(within: np.ndarray) -> np.ndarray:
    """Scores (round, part) of the days as they are and with signs tossed."""
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (ROUNDS, len(within)))
    return _scored(np.vstack([within.sum(axis=0), signs @ within]))


def _of_days(days: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The bad ones and the judged ones of the days on which any were judged, a row a day; and which weekday each is."""
    judged, good = (days[name].to_numpy(dtype=float) for name in ("judged", "good"))
    held = judged.sum(axis=1) > 0
    return (judged - good)[held], judged[held], pd.DatetimeIndex(days.index)[held].day_of_week.to_numpy()


def _above(bad: np.ndarray, judged: np.ndarray, share: float) -> np.ndarray:
    """How far each day lies above that share, in such units that days of many and of few are alike."""
    return (bad - judged * share) / np.sqrt(np.maximum(judged, 1))


def _scored(sums: np.ndarray) -> np.ndarray:
    """The sums of the rounds, the true ones first, in standard deviations of all rounds."""
    spread = sums.std(axis=0)
    return (sums - sums.mean(axis=0)) / np.where(spread > ROUNDING, spread, np.inf)
