"""ETS fitted by statsmodels, its form chosen by AICc."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from kpi_helpers.forecast.gaps import fill
from kpi_helpers.forecast.model import YEAR, Model

Trend = Literal["", "straight", "damped"]
PRECISION = 1e9  # of the likelihood, times the smallest difference of floats: finer changes no forecast
TRENDS: tuple[Trend, ...] = ("", "damped", "straight")


@dataclass(frozen=True)
class Form:
    """Which parts a model has; a season on logarithms is one that multiplies."""

    log: bool
    trend: Trend
    seasonal: bool

    @property
    def parameters(self) -> int:
        """How many numbers are chosen: smoothing, the first state and the errors' spread."""
        return 3 + {"": 0, "straight": 2, "damped": 3}[self.trend] + (YEAR if self.seasonal else 0)


def choose_form(values: np.ndarray, seasonal: bool, *, positive: bool) -> Form:
    """The form with the lowest AICc, with or without a season: first whether on logarithms, then which trend.

    `positive`: whether all values are above zero, also those that are still to come in a test.
    """
    return _choose(np.ascontiguousarray(values, dtype=float).tobytes(), seasonal, positive)


def fit(values: np.ndarray, form: Form) -> Model:
    """The model of this form, fitted by maximum likelihood."""
    return _fit(np.ascontiguousarray(values, dtype=float).tobytes(), form)[0]


@lru_cache(maxsize=1024)
def _choose(values: bytes, seasonal: bool, positive: bool) -> Form:
    scales = [Form(log, "", seasonal) for log in ([False, True] if positive else [False])]
    log = min(scales, key=lambda form: _fit(values, form)[1]).log
    return min((Form(log, trend, seasonal) for trend in TRENDS), key=lambda form: _fit(values, form)[1])


@lru_cache(maxsize=4096)
def _fit(values: bytes, form: Form) -> tuple[Model, float]:
    """The model and its AICc, which for logarithms is that of the values themselves."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    filled = fill(np.frombuffer(values))
    unit = float(np.abs(filled).mean()) or 1.0
    series = np.log(filled / unit) if form.log else filled / unit
    spread = float(series.std()) or 1.0
    model = ETSModel(
        (series - series.mean()) / spread, trend="add" if form.trend else None, damped_trend=form.trend == "damped",
        seasonal="add" if form.seasonal else None, seasonal_periods=YEAR if form.seasonal else None,
        initialization_method="heuristic",
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(disp=False, factr=PRECISION, pgtol=1e-4)
    likelihood = found.llf - len(series) * np.log(spread) - (series.sum() if form.log else 0.0)
    return _as_model(form, found, series.mean(), spread, unit), _aicc(likelihood, form.parameters, len(series))


def _aicc(likelihood: float, parameters: int, months: int) -> float:
    if not np.isfinite(likelihood):
        return np.inf
    room = max(months - parameters - 1, 1)
    return -2 * likelihood + 2 * parameters + 2 * parameters * (parameters + 1) / room


def _as_model(form: Form, found: Any, centre: float, spread: float, unit: float) -> Model:
    """statsmodels' parameters and first state in the unit of the values (or of their logarithms)."""
    given = dict(zip(found.param_names, found.params, strict=True))
    size, zero = (spread, centre + np.log(unit)) if form.log else (spread * unit, centre * unit)
    season = found.initial_seasonal if form.seasonal else np.zeros(YEAR)
    return Model(
        log=form.log,
        alpha=float(given["smoothing_level"]),
        beta=float(given.get("smoothing_trend", 0.0)),
        gamma=float(given.get("smoothing_seasonal", 0.0)),
        phi=float(given.get("damping_trend", 1.0)),
        level=float(found.initial_level * size + zero),
        slope=float(found.initial_trend * size) if form.trend else 0.0,
        season=tuple((season * size).tolist()),
    )
