"""A scheme of pay: the KPIs of one owner with weights, targets and curves, and the bonus that they share out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kpi_helpers.catalogue import KPIS, Kpi, expanded, kpi
from kpi_helpers.errors import KitError, KitErrors, did_you_mean
from kpi_helpers.labels import OWNERS, owner_name, write_list, write_value
from kpi_helpers.language import _

MOST_LEVERS = 6  # that are named
ROUNDING = 1e-6  # weights such as three times a third, written with a few digits: 0.333333 each


@dataclass(frozen=True)
class Curve:
    """How achievement becomes points, both 1 at the target; no points below `threshold`, no more beyond `cap`.

    "linear": straight from `at_threshold` to 1 and on to `at_cap`; where these are not said (NaN) points are the
    achievement itself. "step": all (1) from the threshold on, which lies above 0 and no higher than the target. A cap
    of inf does not limit.

    >>> Curve().points([0.79, 0.8, 1.1, 1.5]).tolist(), Curve("step", threshold=1).points([0.99, 1]).tolist()
    ([0.0, 0.8, 1.1, 1.2], [0.0, 1.0])
    """

    shape: Literal["linear", "step"] = "linear"
    threshold: float = 0.8
    cap: float = 1.2
    at_threshold: float = math.nan
    at_cap: float = math.nan

    @property
    def least(self) -> float:
        """The points at the threshold: how far pay jumps there."""
        if self.shape == "step" or self.threshold == 1:
            return 1.0
        return self.threshold if math.isnan(self.at_threshold) else self.at_threshold

    @property
    def most(self) -> float:
        """The points that cannot be passed; inf where nothing limits them."""
        if self.shape == "step":
            return 1.0
        return self.cap if math.isnan(self.at_cap) else self.at_cap

    @property
    def rises(self) -> bool:
        """Whether more is never paid less, and the target exactly 1."""
        if self.shape == "step":
            return 0 < self.threshold <= 1
        ordered = 0 <= self.threshold <= 1 <= self.cap and 0 <= self.least <= 1 <= self.most
        ends = math.isnan(self.at_cap) if math.isinf(self.cap) else self.cap > 1 or self.most == 1
        return ordered and ends

    def points(self, achieved: np.ndarray | list[float] | float) -> np.ndarray:
        """The points for achievements (1: the target is reached); NaN for NaN."""
        reached = np.asarray(achieved, dtype=float)
        if self.shape == "step":
            paid = np.ones_like(reached)
        elif math.isinf(self.cap):
            below = np.interp(reached, [self.threshold, 1], [self.least, 1]) if self.threshold < 1 else reached
            paid = np.where(reached < 1, below, reached)
        else:
            ends = {self.threshold: self.least, 1.0: 1.0, self.cap: self.most}
            paid = np.interp(reached, list(ends), list(ends.values()))
        return np.where(np.isnan(reached), np.nan, np.where(reached < self.threshold, 0.0, paid))


@dataclass(frozen=True)
class Line:
    """One KPI in a scheme: its weight as a fraction (0: shown and not paid), the target in the KPI's unit, the curve.

    A target that is not said (NaN) is the goal of each month. `base` is the value that counts as nothing achieved: 0
    where it is not said (NaN), and for what should be low twice the target. `scope` is the company or a channel.
    """

    kpi: str
    weight: float
    target: float
    curve: Curve = Curve()
    base: float = math.nan
    scope: str = "company"

    @property
    def key(self) -> str:
        """What names the line among results: the KPI, with the scope where that is not the company."""
        return self.kpi if self.scope == "company" else f"{self.kpi}@{self.scope}"


@dataclass(frozen=True)
class Scheme:
    """The lines of one owner, and the bonus for a month in which all targets are just reached (money)."""

    owner: str
    bonus: float
    lines: tuple[Line, ...]

    @property
    def weight(self) -> float:
        """The sum of the weights: 1 where they are in order."""
        return math.fsum(line.weight for line in self.lines)


def whose(owner: str, row: Kpi) -> Literal["own", "shared", "other"]:
    """Whether the owner moves the KPI, moves it together with others, or not at all."""
    return "own" if row.owner == owner else "shared" if "shared" in (row.owner, owner) else "other"


def levers_of(owner: str, near: str = "") -> list[str]:
    """The KPIs that an owner moves; first those that share most measures with the KPI `near`.

    >>> levers_of("sales", near="qualified_leads")[:2]
    ['qualification_rate', 'close_rate']
    """
    parts = set(expanded(near).names) if near else set()
    own = (key for key, row in KPIS.items() if row.owner == owner and row.kind == "KPI")
    return sorted(own, key=lambda key: -len(parts & set(expanded(key).names)))


def check_scheme(scheme: Scheme) -> None:
    """KitError (KitErrors) where nothing can be paid by it: the weights do not make 100 %, or a KPI is another's.

    Also refused: a KPI twice, a target that its base contradicts, a curve that falls, amounts that are none.
    """
    if errors := list(problems_of(scheme)):
        raise KitErrors.of(errors)


def problems_of(scheme: Scheme) -> Iterator[KitError]:
    """What `check_scheme` refuses, the owner's name as the place."""
    if scheme.owner not in OWNERS:
        found = _("there is no owner {owner}.").format(owner=repr(scheme.owner))
        yield KitError(found, did_you_mean(scheme.owner, OWNERS))
    where = owner_name(scheme.owner)
    if not (math.isfinite(scheme.bonus) and scheme.bonus >= 0):
        yield KitError(_("the bonus {bonus} is no amount.").format(bonus=scheme.bonus), where=where)
    yield from _weight_problems(scheme, where)
    seen: set[str] = set()
    for line in scheme.lines:
        if line.key in seen:
            yield KitError(_("{kpi} stands in it twice.").format(kpi=line.key), where=where)
        seen.add(line.key)
        try:
            check_line(line)
            check_owner(scheme.owner, line)
        except KitError as error:
            yield KitError(error.found, error.next_step, where=where)


def line_problems(scheme: Scheme) -> Iterator[KitError]:
    """What makes no sense in a line, whatever the weights and owners."""
    for line in scheme.lines:
        try:
            check_line(line)
        except KitError as error:
            yield error


def check_owner(owner: str, line: Line) -> None:
    """KitError where the line is paid to someone who does not move its KPI: whose it is, and what the owner moves."""
    row = kpi(line.kpi)
    if line.weight and whose(owner, row) == "other":
        named = {"kpi": row.key, "whose": owner_name(row.owner), "owner": owner_name(owner)}
        found = _("{kpi} is moved by {whose}, not by {owner}.").format(**named)
        levers = write_list(levers_of(owner, near=row.key)[:MOST_LEVERS])
        raise KitError(found, _("What {owner} moves: {kpis}.").format(owner=named["owner"], kpis=levers))


def check_line(line: Line) -> None:
    """KitError where target, base or curve of a line make no sense."""
    row, curve = kpi(line.kpi), line.curve
    if row.better == "neither":
        found = _("of {kpi} neither more nor less is better: nothing can be achieved in it.").format(kpi=row.key)
        raise KitError(found, _("Leave it out, or take what it brings, such as romi or cpl."))
    if math.isinf(line.target) or math.isinf(line.base):
        raise KitError(_("{kpi}: target and base must be numbers.").format(kpi=row.key))
    if math.isnan(line.base) and line.target <= 0:
        found = _("{kpi}: no share of the target {target} can be achieved.").format(
            kpi=row.key, target=write_value(line.target, row.style)
        )
        raise KitError(found, _("Write the value that counts as nothing achieved into the column base."))
    way = (line.target - line.base) * (1 if row.better == "higher" else -1)
    if way <= 0:
        raise KitError(_("{kpi}: the base must be worse than the target.").format(kpi=row.key))
    if curve.shape == "step" and not curve.rises:
        found = _("{kpi}: all or nothing needs a threshold above 0 and up to 100 %.").format(kpi=row.key)
        raise KitError(found, _("Write 100 %, or leave the threshold empty."))
    if not curve.rises:
        found = _("{kpi}: the curve does not rise from the threshold over the target to the cap.").format(kpi=row.key)
        raise KitError(found, _("Write a threshold up to 100 % and a cap from 100 % on, such as 80 % and 120 %."))


def _weight_problems(scheme: Scheme, where: str) -> Iterator[KitError]:
    wrong = [line.key for line in scheme.lines if not (math.isfinite(line.weight) and line.weight >= 0)]
    if wrong:
        yield KitError(_("the weight of {kpis} is no share.").format(kpis=write_list(wrong)), where=where)
    elif abs(scheme.weight - 1) > ROUNDING * max(len(scheme.lines), 1):
        found = _("the weights add up to {sum}.").format(sum=write_value(scheme.weight, "share"))
        yield KitError(found, _("Change them until they make 100 %."), where=where)
