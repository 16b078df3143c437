"""The forms a response curve may have: all go through zero, never fall, and differ in how they flatten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Shape = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Form:
    """A curve up to its level: `log_shape`, `elasticity` (d log / d log spend) and `slopes` (d log / d parameter).

    `spend` is in units of the channel's usual spend, above zero; `parameters` has them on its last axis. `starts` are
    points from which a fit begins. The parameters are plain numbers: exponents, and logarithms of a spend.
    """

    names: tuple[str, ...]
    least: tuple[float, ...]
    most: tuple[float, ...]
    starts: tuple[tuple[float, ...], ...]
    log_shape: Shape
    elasticity: Shape
    slopes: Shape


def _power(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    return parameters[..., 0] * np.log(spend)


def _power_elasticity(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    return parameters[..., 0] + 0 * spend


def _power_slopes(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    return np.log(spend)[..., None]


def _hill(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0.0, _below_half(spend, parameters))


def _below_half(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    return parameters[..., 0] * (parameters[..., 1] - np.log(spend))


def _hill_elasticity(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return parameters[..., 0] * expit(_below_half(spend, parameters))


def _hill_slopes(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    left = expit(_below_half(spend, parameters))
    return np.stack([-left * (parameters[..., 1] - np.log(spend)), -left * parameters[..., 0]], axis=-1)


def _logistic(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    return np.log(np.tanh(spend / np.exp(parameters[..., 0])))


def _logistic_elasticity(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    twice = np.minimum(2 * spend / np.exp(parameters[..., 0]), 500.0)  # it is 0 by then, and sinh of more is no float
    return twice / np.sinh(twice)


def _logistic_slopes(spend: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    return -_logistic_elasticity(spend, parameters)[..., None]


NEAR, FAR = float(np.log(0.05)), float(np.log(50.0))  # of a spend, in units of the usual one

FORMS: dict[str, Form] = {
    # top * tanh(spend / half): a logistic curve moved so that it begins at zero (2 / (1 + e^-x) - 1 = tanh(x / 2))
    "logistic": Form(("scale",), (NEAR,), (FAR,), ((0.0,), (1.5,)), _logistic, _logistic_elasticity, _logistic_slopes),
    # top * spend^slope / (half^slope + spend^slope): Hill 1910; Jin and others 2017 for media
    "hill": Form(
        ("slope", "half"), (0.3, NEAR), (3.0, FAR), ((1.0, 0.0), (0.8, 2.0), (1.6, -0.5)),
        _hill, _hill_elasticity, _hill_slopes,
    ),
    # scale * spend^exponent
    "power": Form(("exponent",), (0.0,), (1.0,), ((0.5,),), _power, _power_elasticity, _power_slopes),
}  # fmt: skip
