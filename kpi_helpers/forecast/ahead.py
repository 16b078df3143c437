"""The months ahead of a series or a KPI: two rivals are tested on the past, the better one is drawn many times."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kpi_helpers.forecast import ets
from kpi_helpers.forecast.backtest import HORIZON, look_ahead, mean_error, past_coverage, what_came, width_factor
from kpi_helpers.forecast.draws import draw_paths, half_widths
from kpi_helpers.forecast.gaps import known_together
from kpi_helpers.forecast.model import YEAR, Model, is_positive, last_value, seasonal_naive
from kpi_helpers.forecast.problem import Problem, of_kpi, of_series
from kpi_helpers.forecast.result import Forecast, Method, from_paths, months_ahead, no_forecast

SEED = 2026
SHORTEST = 4  # known months for any forecast
SEASON_FROM = YEAR + 1  # known months for a season
LONG = 60  # months from which two years are kept for the test, else one
TESTED = 36  # months at the end that a naive forecast is tested on


@dataclass(frozen=True, eq=False)
class Choice:
    """A model for each measure, why it was taken, and what it said at each origin of its test."""

    models: dict[str, Model]
    method: Method
    reason: str
    origins: range
    said: np.ndarray


def forecast_series(
    history: pd.Series, ahead: int, *, whole: bool = False, least: float = 0.0, most: float = np.inf, seed: int = SEED
) -> Forecast:
    """The `ahead` months after the last one of `history`, a series by month (first days; NaN: not known).

    `whole`, `least`, `most`: what values are possible (counts are whole, shares at most 1). Give whole months only.
    The same history gives the same forecast, whatever else was forecast before.
    """
    return _forecast(of_series(history, least, most, whole), months_ahead(history.index[-1], ahead), seed)


def forecast_kpi(sums: pd.DataFrame, key: str, ahead: int, *, seed: int = SEED) -> Forecast:
    """The `ahead` months of a KPI after the last month of `sums`, forecast through its measures and then divided.

    `sums`: what `sum_measures` gives by month, one row a month, whole months only. The measures are drawn together:
    their errors in one month of the past stay together, so that leads and spend still move as they do.
    """
    sums = sums.set_index("period") if "period" in sums else sums
    return _forecast(of_kpi(sums, key), months_ahead(sums.index[-1], ahead), seed)


def _forecast(problem: Problem, months: pd.DatetimeIndex, seed: int) -> Forecast:
    known = np.flatnonzero(np.isfinite(problem.actual))
    if len(known) < SHORTEST:
        return no_forecast(months, "too_short")
    if len(problem.actual) - known[-1] > YEAR:
        return no_forecast(months, "stale")
    problem = problem.since_known()
    seasonal = len(known) >= SEASON_FROM and not problem.rolling
    choice = _choose(problem) if seasonal else _without_season(problem)
    return _draw(problem, choice, months, seed)


def _without_season(problem: Problem) -> Choice:
    models = {name: last_value(values) for name, values in problem.values.items()}
    origins, reason = range(2, len(problem.actual)), "rolling" if problem.rolling else "no_season"
    return Choice(models, "naive", reason, origins, look_ahead(models, problem, origins))


def _choose(problem: Problem) -> Choice:
    """Which came nearest on the last months, when nothing was known of them: seasonal naive, ETS, ETS with a season."""
    months = len(problem.actual)
    naive = {name: seasonal_naive(values) for name, values in problem.values.items()}
    origins = range(max(SEASON_FROM, months - TESTED), months)
    choice = Choice(naive, "seasonal_naive", "not_better", origins, look_ahead(naive, problem, origins))
    late = range(_first_test(months), months)
    rivals = [_ets(problem, late, seasonal) for seasonal in ((False, True) if late.start >= 2 * YEAR else (False,))]
    came = what_came(problem.actual, late)
    said = [choice.said[len(origins) - len(late) :], *(rival.said for rival in rivals)]
    counted = np.isfinite(came) & np.isfinite(said).all(axis=0)
    if not counted.any():
        return replace(choice, reason="untested")
    errors = [mean_error(one, came, counted) for one in said]
    best = int(np.argmin(errors))
    return rivals[best - 1].fitted(problem) if best else choice


def _first_test(months: int) -> int:
    """The first origin of the test: a year or two before the end, so late that ETS can have a season if possible."""
    first = max(SEASON_FROM, months - (2 * YEAR if months >= LONG else YEAR))
    return max(first, 2 * YEAR) if months >= 2 * YEAR + YEAR // 2 else min(first, months)


@dataclass(frozen=True, eq=False)
class Rival:
    """ETS of the forms chosen before the test, and what it said at each origin of it."""

    forms: dict[str, ets.Form]
    origins: range
    said: np.ndarray

    def fitted(self, problem: Problem) -> Choice:
        """The same forms, fitted to all months."""
        known = known_together(problem.values)
        models = {name: ets.fit(known[name], form) for name, form in self.forms.items()}
        return Choice(models, "ets", "better", self.origins, self.said)


def _ets(problem: Problem, origins: range, seasonal: bool) -> Rival:
    known = known_together({name: values[: origins.start] for name, values in problem.values.items()})
    forms = {
        name: ets.choose_form(values, seasonal, positive=is_positive(problem.values[name]))
        for name, values in known.items()
    }
    models = {name: ets.fit(known[name], form) for name, form in forms.items()}
    return Rival(forms, origins, look_ahead(models, problem, origins))


def _draw(problem: Problem, choice: Choice, months: pd.DatetimeIndex, seed: int) -> Forecast:
    """Paths of the chosen models, as wide as the errors of their test ask for."""
    drawn = problem.evaluate(draw_paths(choice.models, problem.values, max(len(months), HORIZON), seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a month in which no path has a value stays without one
        paths = problem.link(drawn)
        middle, half = np.nanmedian(paths, axis=0), half_widths(paths)
        errors = np.abs(problem.link(what_came(problem.actual, choice.origins)) - problem.link(choice.said))
        ratios = np.where(errors > 0, errors / np.maximum(half[:HORIZON], 1e-12), errors)
        wide = middle + width_factor(ratios) * (paths - middle)
        coverage, tests = past_coverage(ratios, choice.origins)
        kept = problem.unlink(wide)[:, : len(months)]
        return from_paths(months, kept, choice.method, choice.reason, coverage, tests, whole=problem.whole)
