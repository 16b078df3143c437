"""What the answers say: shares and the NPS, of all and of the target audience, wave by wave."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import numpy as np
import pandas as pd

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _
from kpi_helpers.surveys.weights import effective_size, weights_of

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
SMALL_SAMPLE = 100  # effective answers: below, the interval of the NPS is the adjusted Wald one
WAVES = {"": "", "month": "M", "quarter": "Q", "year": "Y"}
COLUMNS = ["wave", "population", "measure", "answers", "effective", "favourable", "unfavourable", "value", "low",
           "high", "reason"]  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A column of the survey: answers from `good` on are favourable; up to `bad` unfavourable, for the NPS alone."""

    column: str
    good: float
    bad: float | None = None


MEASURES = {
    "awareness_unaided": Question("aware_unaided", 1), "awareness_aided": Question("aware_aided", 1),
    "nps": Question("recommend", 9, 6), "csat": Question("satisfied", 4),
}  # fmt: skip


def describe_survey(
    answers: pd.DataFrame, every: str = "", target: str = "target", starts: Sequence[date] = ()
) -> pd.DataFrame:
    """What the survey says: a row per wave, population and measure that the survey has a column for, COLUMNS.

    `answers` is the canonical table, perhaps with `weight`. `every` cuts it into waves ("month", "quarter", "year", by
    the day of the answer; "": all are one), or `starts` does, the first days of the waves, before which there is none:
    `wave` is the first day of each, NaT for one. `population`: "all", and
    "target", those whose segment is `target`, where anybody has a segment. `measure`: "awareness_unaided",
    "awareness_aided", "csat" (4 and 5 of 5): `value` is the share that is `favourable`, 0 to 1; "nps": 100 times
    `favourable` (9-10) less `unfavourable` (0-6), in points from -100 to 100.

    `answers` counts who answered this question; `effective` is what they are worth with their weights (Kish).
    `low`, `high`: 95 %, from the effective number; Wilson's for shares; for the NPS from the variance
    p + d - (p - d)^2, below 100 answers, or where all agree, adjusted Wald (3/4 added to both sides and 3 answers).
    It holds the luck of the draw alone: not who never answers. `reason`: "no_answers" where the value is NaN, or "".
    KitError for weights that are none. Source: Wilson 1927; Rocks 2016, The American Statistician 70:365.
    """
    if every not in WAVES:
        raise KitError(_("waves cannot be cut by {name}.").format(name=repr(every)), did_you_mean(every, WAVES))
    answers = answers.reset_index(drop=True)
    wave = wave_of(answers["answered_at"], every, starts)
    asked = [question.column for question in MEASURES.values() if question.column in answers]
    numbers = {name: _numbers(answers[name]) for name in asked}
    weighted = answers.assign(weight=weights_of(answers), wave=wave, **numbers)
    if every or starts:
        weighted = weighted.dropna(subset=["wave"])
    populations = {"all": pd.Series(True, index=weighted.index)}
    if "segment" in weighted and weighted["segment"].notna().any():
        populations["target"] = (weighted["segment"] == target).fillna(False).astype(bool)
    rows = [
        {"wave": wave, "population": population, "measure": measure, **_described(part[fits.loc[part.index]], question)}
        for wave, part in weighted.groupby("wave", dropna=False, sort=True)
        for population, fits in populations.items()
        for measure, question in MEASURES.items() if question.column in weighted
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS).astype({"wave": "datetime64[us]"})


def wave_of(answered: pd.Series, every: str, starts: Sequence[date] = ()) -> pd.Series:
    """The first day of the wave that each answer belongs to, as `describe_survey` cuts them; NaT without any."""
    local = answered.dt.tz_localize(None)
    if starts:
        first = pd.Series(pd.NaT, index=answered.index, dtype="datetime64[us]")
        for day in sorted(starts):
            first = first.mask(local >= pd.Timestamp(day), pd.Timestamp(day))
        return first
    if not every:
        return pd.Series(pd.NaT, index=answered.index, dtype="datetime64[us]")
    return local.dt.to_period(WAVES[every]).dt.to_timestamp().astype("datetime64[us]")


def _numbers(said: pd.Series) -> pd.Series:
    return pd.to_numeric(said.astype("object"), errors="coerce").astype("float64")


def _described(answers: pd.DataFrame, question: Question) -> dict[str, float | str]:
    said, weight = answers[question.column].to_numpy(), answers["weight"].to_numpy()
    known = ~np.isnan(said) & (weight > 0)
    said, weight = said[known], weight[known]
    number, effective = len(said), effective_size(weight)
    if not number:
        return {"answers": 0, "effective": 0.0, **dict.fromkeys(COLUMNS[5:10], math.nan), "reason": "no_answers"}
    good = float(weight[said >= question.good].sum() / weight.sum())
    bad = math.nan if question.bad is None else float(weight[said <= question.bad].sum() / weight.sum())
    value = good if question.bad is None else 100 * (good - bad)
    low, high = bounds(np.array([good]), np.array([bad]), np.array([effective]), Z)
    return {"answers": number, "effective": effective, "favourable": good, "unfavourable": bad, "value": value,
            "low": float(low[0]), "high": float(high[0]), "reason": ""}  # fmt: skip


def bounds(good: np.ndarray, bad: np.ndarray, effective: np.ndarray, z: float | np.ndarray,
           ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The interval of each value, `z` standard errors wide: Wilson's, where `bad` is NaN; else that of an NPS."""
    squared = z**2 / effective
    centre, half = good + squared / 2, np.sqrt(squared * (good * (1 - good) + squared / 4))
    share = (centre - half) / (1 + squared), (centre + half) / (1 + squared)
    score = _score_bounds(good, bad, effective, z)
    return np.where(np.isnan(bad), share[0], score[0]), np.where(np.isnan(bad), share[1], score[1])


def _score_bounds(good: np.ndarray, bad: np.ndarray, effective: np.ndarray, z: float | np.ndarray,
                  ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    spread = good + bad - (good - bad) ** 2
    added = np.where((effective < SMALL_SAMPLE) | (spread <= 1e-12), 0.75, 0.0)
    number = effective + 4 * added
    p, d = (good * effective + added) / number, (bad * effective + added) / number
    half = z * np.sqrt(np.maximum(p + d - (p - d) ** 2, 0) / number)
    return 100 * np.maximum(p - d - half, -1), 100 * np.minimum(p - d + half, 1)
