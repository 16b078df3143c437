"""Weights: what they cost in answers, and how they are found so that the sample looks like the population."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import cut_middle

ROUNDS = 200
CLOSE = 1e-6  # how far a share may stay from its margin
_SUM = 1e-3  # how far the shares of a margin may be from 1: they are typed in rounded


def effective_size(weights: pd.Series | np.ndarray) -> float:
    """How many answers of equal weight would say as much: (sum of weights)^2 / sum of their squares; 0 without any.

    It takes the weights to have nothing to do with the answers; where they have, more is known than it says.
    Source: Kish 1965, Survey Sampling, section 11.7.

    >>> effective_size(pd.Series([1, 1, 1, 1])), round(effective_size(pd.Series([1, 2, 3])), 3)
    (4.0, 2.571)
    """
    numbers = np.asarray(weights, dtype=float)
    largest = numbers.max(initial=0.0)
    if not largest > 0:
        return 0.0
    scaled = numbers / largest
    return float(scaled.sum() ** 2 / (scaled**2).sum())


def weights_of(answers: pd.DataFrame) -> pd.Series:
    """The weight of each answer, on average 1: the column `weight`, or 1 where there is none or it is empty.

    KitError where some answers have no weight, or one below zero, or all have none above it.
    """
    if "weight" not in answers or answers["weight"].isna().all():
        return pd.Series(1.0, index=answers.index)
    weights = pd.to_numeric(answers["weight"], errors="coerce").astype("float64")
    if bad := int((~(np.isfinite(weights) & (weights >= 0))).sum()):
        found = ngettext("{n} answer has no proper weight.", "{n} answers have no proper weight.", bad)
        raise KitError(found.format(n=bad), _("Give every answer a weight of zero or more, or none."))
    if not weights.max() > 0:
        raise KitError(_("all weights are zero."), _("Give every answer a weight, or none."))
    scaled = weights / weights.max()
    return scaled / scaled.mean()


@dataclass(frozen=True)
class Raked:
    """`weights` on average 1, NaN for the `left_out` answers that lack a trait. `converged`: whether every share came
    within 0.000001 of its margin in `rounds`; `gap` is how far the worst stayed away. `effective`: what the answers
    are worth with these weights, in answers of equal weight."""

    weights: pd.Series
    converged: bool
    rounds: int
    gap: float
    left_out: int
    effective: float


def rake(
    answers: pd.DataFrame, margins: Mapping[str, Mapping[str, float]], rounds: int = ROUNDS,
    start: pd.Series | None = None,
) -> Raked:  # fmt: skip
    """Weights with which the answers have the shares that the population is known to have.

    `margins`: for each trait (a column of `answers`) its values with their shares, which add up to 1: {"age": {"18-34":
    0.3, "35+": 0.7}}. Each round fits one trait after the other (iterative proportional fitting), from the weights
    `start`, or those that the answers have (see `weights_of`). Answers that lack one of the traits are left out, for
    their place in the population is not known.
    KitError for an unknown trait or value, shares that do not add up to 1, or a value that nobody has.
    Source: Deming and Stephan 1940, Ann. Math. Statist. 11:427.

    >>> people = pd.DataFrame({"sex": ["f", "f", "f", "m"]})
    >>> rake(people, {"sex": {"f": 0.5, "m": 0.5}}).weights.round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    if missing := [trait for trait in margins if trait not in answers]:
        columns = [str(name) for name in answers]
        raise KitError(_("there is no column {name}.").format(name=_shown(missing[0])),
                       did_you_mean(missing[0], columns))  # fmt: skip
    begun = weights_of(answers) if start is None else start
    known = answers.reset_index(drop=True).dropna(subset=[*margins])
    start = begun.reset_index(drop=True)[known.index]
    groups = {trait: known[trait].astype("str") for trait in margins}
    targets = {trait: _target(trait, groups[trait][start > 0], shares) for trait, shares in margins.items()}
    weights, done, gap = start / max(start.sum(), 1e-300), 0, math.inf
    while done < rounds and gap > CLOSE:
        for trait, target in targets.items():
            sums = weights.groupby(groups[trait]).sum()
            weights = weights * groups[trait].map(target / sums.where(sums > 0)).fillna(0.0)
        done, gap = done + 1, _gap(weights, groups, targets)
    final = (weights / weights.sum() * len(weights)).reindex(range(len(answers))).set_axis(answers.index)
    return Raked(final, gap <= CLOSE, done, gap, len(answers) - len(known), effective_size(final.dropna()))


def _target(trait: str, seen: pd.Series, shares: Mapping[str, float]) -> pd.Series:
    target = pd.Series({str(name): float(share) for name, share in shares.items()})
    if not (np.isfinite(target) & (target >= 0)).all() or abs(target.sum() - 1) > _SUM:
        raise KitError(_("the shares of {name} do not add up to 1.").format(name=_shown(trait)))
    if strange := sorted(set(seen) - set(target.index)):
        raise KitError(_("{value} of {name} has no share in the population.").format(
            value=_shown(strange[0]), name=_shown(trait)), did_you_mean(strange[0], target.index))  # fmt: skip
    if absent := sorted(set(target.index[target > 0]) - set(seen)):
        raise KitError(_("nobody has {value} of {name}: no weight can make up for that.").format(
            value=_shown(absent[0]), name=_shown(trait)), _("Put it together with its neighbour."))  # fmt: skip
    return target / target.sum()


def _gap(weights: pd.Series, groups: Mapping[str, pd.Series], targets: Mapping[str, pd.Series]) -> float:
    """How far the worst share is from its margin."""
    whole = weights.sum()
    return max(
        (float((weights.groupby(groups[trait]).sum().reindex(target.index, fill_value=0) / whole - target).abs().max())
         for trait, target in targets.items()), default=0.0,
    )  # fmt: skip


def _shown(name: object) -> str:
    return repr(cut_middle(name, 40))
