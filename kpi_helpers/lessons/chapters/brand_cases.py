"""What the lesson on brand is about: a company's waves of a survey, each share with its interval, and the NPS."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from kpi_helpers.brand.waves import Waves, read_waves, row_of_wave, wave_plan
from kpi_helpers.differences import COUNTS, compare_shares
from kpi_helpers.labels import write_interval, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking
from kpi_helpers.surveys import wave_of
from kpi_helpers.surveys.answers import Z, bounds

AIDED, UNAIDED = "awareness_aided", "awareness_unaided"
GROUPS = ALL, TARGET = "all", "target"  # who is asked
FEW = 30  # answers: with fewer a share is not used
FEW_SCORES = 10
LEAST = 0.03  # difference of two waves that somebody would write about


@dataclass(frozen=True)
class Known:
    """How many of those who answered in a wave know the company."""

    wave: pd.Timestamp
    name: str
    population: str
    yes: int
    answers: int

    @property
    def share(self) -> float:
        return self.yes / self.answers

    @property
    def interval(self) -> tuple[float, float]:
        return interval_of(self.share, self.answers)

    @property
    def words(self) -> str:
        """The share with its interval."""
        return f"{write_value(self.share, 'share')} ({write_interval(*self.interval, 'share')})"


@dataclass(frozen=True)
class Score:
    """The NPS of a wave, and what it is made of; `mean` is the mean of the scores."""

    name: str
    population: str
    answers: int
    promoters: int
    detractors: int
    mean: float
    nps: float
    low: float
    high: float

    @property
    def passives(self) -> int:
        return self.answers - self.promoters - self.detractors

    @property
    def adds_up(self) -> bool:
        """Whether both shares, rounded as they are shown, differ by the NPS as it is shown."""
        good, bad = (round(100 * part / self.answers, 1) for part in (self.promoters, self.detractors))
        return abs(good - bad - round(self.nps, 1)) < 0.05


@dataclass(frozen=True)
class Pair:
    """Two waves and the interval of their difference, later less earlier."""

    before: Known
    after: Known
    difference: float
    low: float
    high: float

    @property
    def is_real(self) -> bool:
        """Whether no difference at all does not fit the answers."""
        return self.low > 0 or self.high < 0


def interval_of(share: float, answers: float) -> tuple[float, float]:
    """The interval of a share (Wilson, 95 %).

    >>> [round(end, 2) for end in interval_of(39 / 50, 50)]
    [0.65, 0.87]
    """
    low, high = bounds(np.array([share]), np.array([math.nan]), np.array([float(answers)]), Z)
    return float(low[0]), float(high[0])


def drawn_range(one: Known) -> tuple[float, float]:
    """The middle 95 % of the shares that so many answers come to by chance, if the share of the wave were so."""
    from scipy.stats import binom

    low, high = binom.interval(0.95, one.answers, one.share)
    return float(low) / one.answers, float(high) / one.answers


def in_points(difference: float) -> str:
    """A difference of shares without a sign, in percentage points."""
    return _("{points} pp").format(points=write_value(100 * difference, "points"))


def who_words(population: str) -> str:
    """Who was asked."""
    return _("target audience") if population == TARGET else _("everybody asked")


def half_width(share: float, answers: float) -> float:
    """How far the interval of a share reaches to each side, on average of both."""
    low, high = interval_of(share, answers)
    return (high - low) / 2


def waves_of(figures: Figures) -> Waves:
    """The waves of the survey up to the last finished month; Lacking where there is none."""
    answers = figures.exports.tables.get("survey")
    if answers is None or answers.empty:
        raise Lacking(_("there is no survey in the exports."))
    return read_waves(answers, figures.exports.company, (figures.months[-1] + pd.offsets.MonthEnd(1)).date())


def list_known(waves: Waves, measure: str = AIDED, population: str = ALL) -> list[Known]:
    """Who knows the company, wave by wave, the oldest first; waves with few answers are left out."""
    found = []
    for wave, name in waves.names.items():
        row = row_of_wave(waves.plain, measure, population, wave)
        if row and row["answers"] >= FEW and 0 < row["favourable"] < 1:
            yes = round(row["favourable"] * row["answers"])
            found.append(Known(wave, name, population, yes, int(row["answers"])))
    if population == ALL and len(found) < 4:
        raise Lacking(_("the survey asks too few people, or in too few waves, who knows the company."))
    return found


def list_scores(figures: Figures, waves: Waves, population: str = ALL) -> list[Score]:
    """The NPS wave by wave, the oldest first; of all, Lacking where there are fewer than the lesson needs."""
    means = _mean_scores(figures, population)
    found = []
    for wave, name in waves.names.items():
        row = row_of_wave(waves.plain, "nps", population, wave)
        if row and row["answers"] >= FEW_SCORES:
            number = int(row["answers"])
            good, bad = (round(row[side] * number) for side in ("favourable", "unfavourable"))
            ends = (float(row[end]) for end in ("value", "low", "high"))
            found.append(Score(name, population, number, good, bad, float(means[wave]), *ends))
    if population == ALL and len(found) < 3:
        raise Lacking(_("the survey asks too few people whether they would recommend the company."))
    return found


def _mean_scores(figures: Figures, population: str) -> pd.Series:
    """The mean of the scores by the first day of the wave."""
    answers = figures.exports.tables["survey"]
    every, starts = wave_plan(answers["answered_at"], figures.exports.company)
    wave = wave_of(answers["answered_at"], every, starts)
    if population == TARGET:
        answers = answers[answers["segment"] == TARGET]
    said = pd.to_numeric(answers["recommend"].astype("object"), errors="coerce").astype(float)
    return said.groupby(wave).mean()


def list_pairs(known: Sequence[Known]) -> list[Pair]:
    """Every two waves that differ by something, with the interval of their difference (Newcombe), each by itself."""
    pairs = list(combinations(known, 2))
    counts = [(after.yes, after.answers, before.yes, before.answers) for before, after in pairs]
    rows = compare_shares(pd.DataFrame(counts, columns=COUNTS)).to_dict("records")
    found = [Pair(before, after, row["difference"], row["low"], row["high"])
             for (before, after), row in zip(pairs, rows, strict=True)]  # fmt: skip
    return [pair for pair in found if abs(pair.difference) >= LEAST]
