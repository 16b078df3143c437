"""The experiment that would settle it: how many people, or how many weeks, with the money and without."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpi_helpers.budget.curves import Curves
from kpi_helpers.budget.history import by_week
from kpi_helpers.budget.split import what_if
from kpi_helpers.errors import KitError
from kpi_helpers.language import _

POWER = 0.8  # chance to see the change where there is one
SMALLEST, LARGE = 2, 1e5  # members: whose spread can be told; from which on t is normal
ALPHA = 0.05  # chance to see one where there is none; two-sided


@dataclass(frozen=True)
class Groups:
    """Members of the two groups of an experiment."""

    exposed: int
    held_out: int


def size_holdout(
    usual: float, change: float, *, sd: float | None = None, exposed: float = 0.5, power: float = POWER,
    alpha: float = ALPHA,
) -> Groups:  # fmt: skip
    """How many members each group needs for a change from `usual` to `usual + change` to be seen.

    Of a share (0 to 1) where `sd` is not given: the normal approximation with the pooled share (Fleiss 1981). Of a mean
    with this standard deviation between members: the t test. `exposed`: the part of all members that gets the ads.
    KitError where the change is none or the shares do not lie between 0 and 1.

    >>> size_holdout(0.05, 0.01)
    Groups(exposed=8158, held_out=8158)
    >>> size_holdout(100, 10, sd=20)
    Groups(exposed=64, held_out=64)
    """
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    _check(usual, change, sd, exposed)
    ratio = (1 - exposed) / exposed
    if sd is None:
        size = samplesize_proportions_2indep_onetail(change, usual, power, ratio, alpha, alternative="two-sided")
    else:
        size = _size_of_mean(abs(change) / sd, power, alpha, ratio)
    return Groups(math.ceil(size), math.ceil(size * ratio))


def _size_of_mean(effect: float, power: float, alpha: float, ratio: float) -> float:
    """Members of the first group, from the noncentral t (Cohen 1988); that of statsmodels fails where groups are small.

    The other tail, in which the change would be seen with the wrong sign, is next to nothing at any power of use.
    """
    from scipy.optimize import brentq
    from scipy.stats import nct, norm, t

    effect = min(max(effect, 1e-9), 8.0)  # beyond, the power cannot be computed, and the smallest groups show it anyway
    normal = (norm.isf(alpha / 2) + norm.isf(1 - power)) ** 2 * (1 + 1 / ratio) / effect**2
    if normal > LARGE:
        return float(normal)

    def too_much(size: float) -> float:
        freedom, spread = size * (1 + ratio) - 2, math.sqrt(size * ratio / (1 + ratio))
        return float(nct.sf(t.isf(alpha / 2, freedom), freedom, effect * spread)) - power

    if too_much(SMALLEST) >= 0:
        return SMALLEST
    most = 2.0 * SMALLEST
    while too_much(most) < 0:
        most *= 2
    return float(brentq(too_much, most / 2, most))


def _check(usual: float, change: float, sd: float | None, exposed: float) -> None:
    if not (np.isfinite(usual) and np.isfinite(change) and change != 0):
        raise KitError(_("an experiment needs a change to look for."))
    if sd is None and not (0 < usual < 1 and 0 < usual + change < 1):
        raise KitError(_("shares lie between 0 and 1, before the change and after it."))
    if (sd is not None and not sd > 0) or not 0 < exposed < 1:
        raise KitError(_("a standard deviation is above 0, and the part that gets the ads is between 0 and 1."))


def weeks_to_settle(curves: Curves, split: Mapping[str, float]) -> pd.DataFrame:
    """Weeks at today's split and as many at `split`, by turns at random, until the change each form expects is seen.

    Columns: form, change (outcome a week), sd (of a week's outcome around what the form expects), weeks (of each
    split). What is carried over asks for days between the turns that do not count. `weeks` is NaN where the form
    expects no change, and at least 2.
    """
    expected = what_if(curves, split).dropna(subset=["change"])
    rows = []
    for form, change in zip(expected["form"], expected["change"] * 7 / curves.step, strict=True):
        sd = _weekly_sd(curves, form)
        weeks = max(2, size_holdout(0.0, change, sd=sd).exposed) if change and sd > 0 else math.nan
        rows.append({"form": form, "change": change, "sd": sd, "weeks": weeks})
    return pd.DataFrame(rows, columns=["form", "change", "sd", "weeks"])


def weeks_switched_off(curves: Curves, channel: str, part: float) -> pd.DataFrame:
    """Weeks for which a channel is switched off in a part of all places until it is seen that its outcome stays away.

    The other places are the yardstick. Columns: form, change (outcome a week that stays away there), sd (of the
    difference between the part and its yardstick, a week), weeks; at least 2. Places err by themselves: the variance of
    a part is its share of the whole's. KitError for a channel without curve and a part that is none.
    """
    if not 0 < part < 1:
        raise KitError(_("the part of the places lies between 0 and 1."))
    expected = what_if(curves, {channel: 0.0}).dropna(subset=["change"])
    rows = []
    for form, change in zip(expected["form"], expected["change"] * part * 7 / curves.step, strict=True):
        sd = _weekly_sd(curves, form) * math.sqrt(part / (1 - part))
        weeks = math.nan
        if change and sd > 0:  # one series of differences has half the variance of a comparison of two
            weeks = max(2, size_holdout(0.0, change, sd=sd / math.sqrt(2)).exposed)
        rows.append({"form": form, "change": change, "sd": sd, "weeks": weeks})
    return pd.DataFrame(rows, columns=["form", "change", "sd", "weeks"])


def _weekly_sd(curves: Curves, form: str) -> float:
    errors = pd.DataFrame({channel: response.errors for channel, response in curves.of_form(form).items()})
    weekly = by_week(errors, curves.step) * 7 / curves.step
    return float(weekly.sum(axis=1).std())
