"""Many ways the months ahead may go: errors that look like those of the past, through the models, widened to fit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kpi_helpers.forecast.gaps import known_together
from kpi_helpers.forecast.model import Model, last_value
from kpi_helpers.forecast.result import DRAWS, LEVEL

Values = dict[str, np.ndarray]
FEWEST_ERRORS = 6  # of a model; with fewer the changes from month to month stand in


def draw_paths(models: Mapping[str, Model], values: Values, months: int, seed: int) -> Values:
    """Paths of each measure, of shape (draws, months): the same draw belongs together in all of them."""
    clean = known_together(values)
    runs = {name: model.run(clean[name]) for name, model in models.items()}
    past = {name: _errors(models[name], clean[name], run[1]) for name, run in runs.items()}
    errors = draw_errors(past, months, seed, tied=any(model.alpha == 0 for model in models.values()))
    paths = {name: model.paths(runs[name][0], errors[name]) for name, model in models.items()}
    return {name: path if (values[name] < 0).any() else np.maximum(path, 0) for name, path in paths.items()}


def draw_errors(past: Values, months: int, seed: int, *, tied: bool) -> Values:
    """Coming errors of each measure, of shape (draws, months).

    Each draw is a mix of the past errors with normal weights, the same weights for all measures: normal errors, as
    large and as related between measures as those of the past. `tied`: the weights stay while the past goes on month
    by month, so that errors of neighbouring months are related as they were; a seasonal naive forecast that is too low
    in one month is so in the next. Draws come in pairs of opposite sign, so that their median is the forecast without
    errors. Where few errors are known, the draws are as wide as Student's t.
    """
    table = np.vstack(list(past.values()))
    known = np.isfinite(table).all(axis=0)
    table = table[:, known] if known.sum() >= 2 else np.nan_to_num(table)
    count, pairs, rng = table.shape[1], DRAWS // 2, np.random.default_rng(seed)
    freedom = max(count - 1, 2)
    wide = np.sqrt(freedom / rng.chisquare(freedom, (pairs, 1)) / count)
    if tied:
        weights, runs = rng.standard_normal((pairs, count)), (np.arange(count)[:, None] + np.arange(months)) % count
        half = [wide * (weights @ row[runs]) for row in table]
    else:
        free = rng.standard_normal((months, pairs, count))
        half = [wide * (free @ row).T for row in table]
    return {name: np.vstack([errors, -errors]) for name, errors in zip(past, half, strict=True)}


def half_widths(paths: np.ndarray) -> np.ndarray:
    """Half the width of the interval that holds `LEVEL` of the paths, by month."""
    low, high = np.nanquantile(paths, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return (high - low) / 2


def _errors(model: Model, values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """The model's errors; where they are few, the changes from month to month, made as large as those few."""
    if np.isfinite(errors).sum() >= FEWEST_ERRORS:
        return errors
    plain = last_value(values)
    if plain.log != model.log:
        return np.zeros(len(values))
    changes = plain.run(values)[1]
    usual = _size(changes)
    return changes * max(1.0, _size(errors) / usual) if usual else changes


def _size(errors: np.ndarray) -> float:
    known = errors[np.isfinite(errors)]
    return float(np.sqrt(np.mean(known**2))) if known.size else 0.0
