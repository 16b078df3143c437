"""Which numbers of two versions differ, and the main cause of each. Every one is named once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.revisions.causes import CAUSES, Cause, Causes
from kpi_helpers.revisions.versions import NUMBERS, Row, Version

COMPANY = "company"
PARTS = {
    "value": ("value", "numerator", "denominator", "low", "high"), "previous": ("previous",),
    "year_ago": ("year_ago",), "goal": ("goal", "goal_full"), "status": ("status",), "owner": ("owner",),
}  # fmt: skip
GIVEN = ("goal", "goal_full", "owner")  # what a goal says, and no formula
ONE_SIDED = ("new", "gone")  # parts of a KPI that one version lacks
ORDER = ("formula", *ONE_SIDED, "value", "previous", "year_ago", "goal", "status", "owner", "counts", "interval")
EXACT = 1e-12  # of a number, and about zero: below it two sums differ by their order alone


@dataclass(frozen=True)
class Change:
    """One part of a KPI that differs: `numbers` are its fields, before and after.

    `part`: a key of PARTS; where the value itself is the same (or missing), "counts" for what it is counted from and
    "interval" for that alone; "formula" for all the numbers of a KPI that is counted otherwise; "new" or "gone" for a
    KPI of one version only. `because` names what bears the cause.
    """

    key: str
    scope: str
    part: str
    cause: str
    because: tuple[str, ...]
    numbers: dict[str, tuple[Any, Any]]
    row: Row
    other: Row

    @property
    def is_comparable(self) -> bool:
        """Whether a difference means anything."""
        return self.cause not in ("formula", "currency") and self.part not in ONE_SIDED

    @property
    def size(self) -> float:
        """How large the change is, from 0 to 2: the difference by the larger end. Infinite: from or to nothing."""
        before, after = next(iter(self.numbers.values()), (0.0, 0.0))
        if isinstance(before, str) or isinstance(after, str):
            return 0.0
        if before is None or after is None:
            return math.inf
        largest = max(abs(before), abs(after))
        return abs(after / largest - before / largest) if largest else 0.0


@dataclass(frozen=True)
class Comparison:
    """Two versions held against each other; `changes` by cause, the company first, the largest first."""

    before: Version
    after: Version

    @cached_property
    def causes(self) -> Causes:
        return Causes(self.before, self.after)

    @property
    def is_of_two_months(self) -> bool:
        return self.before.month != self.after.month

    @property
    def has_other_values(self) -> bool:
        """Whether some value differs: a KPI may be counted otherwise and come to the same."""
        return any(change.numbers for change in self.changes)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        keys = dict.fromkeys([*self.before.rows, *self.after.rows])
        found = (change for key in keys for change in self._of_kpi(*key))
        return tuple(sorted(found, key=_place))

    def _of_kpi(self, key: str, scope: str) -> Iterator[Change]:
        before, after = (version.rows.get((key, scope)) for version in (self.before, self.after))
        if before is None or after is None:
            yield from self._one_sided(key, scope, before, after)
            return
        differing = {name: (before[name], after[name]) for name in _fields(before, after)}
        if _is_counted_otherwise(before, after):
            counted = {name: pair for name, pair in differing.items() if name not in GIVEN}
            if counted or scope == COMPANY:  # that the formula is another is said where no value differs, too
                yield Change(key, scope, "formula", "formula", (), counted, before, after)
            differing = {name: pair for name, pair in differing.items() if name in GIVEN}
        for part, names in PARTS.items():
            numbers = {name: differing[name] for name in names if name in differing}
            if numbers:
                called = _called(part, numbers)
                code, because = self._cause(part, differing, before, after)
                yield Change(key, scope, called, code, because, numbers, before, after)

    def _one_sided(self, key: str, scope: str, before: Row | None, after: Row | None) -> Iterator[Change]:
        row = before or after or {}
        known = {name: row[name] for name in NUMBERS if row.get(name) is not None}
        numbers = {name: (value, None) if before else (None, value) for name, value in known.items()}
        code, because = self._cause_of_one_side(key, row, (self.after if before else self.before).rows)
        if numbers:
            yield Change(key, scope, "gone" if before else "new", code, because, numbers, before or {}, after or {})

    def _cause_of_one_side(self, key: str, row: Row, others: Iterable[tuple[str, str]]) -> Cause:
        if self.is_of_two_months:
            return "month", ()
        if not any(other == key for other, _scope in others):
            return "kit", tuple(self.causes.kit)  # the other kit's table of KPIs does not have it
        return self.causes.of_number(row, row)

    def _cause(self, part: str, differing: dict[str, Any], before: Row, after: Row) -> Cause:
        """The main cause of what differs in a part."""
        is_money = part != "owner" and "money" in (before.get("unit"), after.get("unit"))
        if is_money and self.before.currency != self.after.currency:
            return "currency", ()
        if self.is_of_two_months:
            return "month", ()
        number, goal = self.causes.of_number(before, after), self.causes.of_goal(before, after)
        if part == "goal":  # of the same goal another part is due by another day
            known = "goal_full" in before and "goal_full" in after
            return number if known and "goal_full" not in differing else goal
        if part == "owner":
            return goal
        if part != "status":
            return number
        if not any(name in differing for name in PARTS["value"]):
            return goal
        return goal if "goal" in differing and _is_moved_by_goal(before, after) else number


def compare(before: Version, after: Version) -> Comparison:
    """Hold two versions of one company's report against each other; KitError where they are of two companies."""
    if before.client != after.client:
        names = {"one": before.client, "other": after.client}
        raise KitError(_("these are reports of two companies: {one} and {other}.").format(**names),
                       _("Compare two reports of one company."))  # fmt: skip
    return Comparison(before, after)


def _fields(before: Row, after: Row) -> Iterator[str]:
    """The fields that both versions know and that differ."""
    for name in (name for names in PARTS.values() for name in names):
        if name in before and name in after and not _is_same(before[name], after[name]):
            yield name


def _called(part: str, numbers: Iterable[str]) -> str:
    if part != "value" or "value" in numbers:
        return part
    return "interval" if {*numbers} <= {"low", "high"} else "counts"


def _is_counted_otherwise(before: Row, after: Row) -> bool:
    formulas = [row.get("formula") for row in (before, after)]
    return before.get("unit") != after.get("unit") or (all(formulas) and formulas[0] != formulas[1])


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=EXACT, abs_tol=EXACT)
    return bool(one == other)


def _is_moved_by_goal(before: Row, after: Row) -> bool:
    """Whether the goal alone turns the status, and the value alone leaves it."""
    crossed = [_judge(value, goal) for value, goal in ((after, before), (before, after))]
    return crossed == [before["status"], after["status"]]


def _judge(row: Row, goal: Row) -> str:
    """The status of a version's value against the other's goal."""
    from kpi_helpers.catalogue import KPIS
    from kpi_helpers.goals import judge_status
    from kpi_helpers.signals import judge_norm

    kpi = KPIS.get(row["key"])
    if kpi is None:
        return ""
    value, low, high, above, below, target = (
        math.nan if number is None else float(number)
        for number in (*(row.get(name) for name in ("value", "low", "high", "numerator", "denominator")), goal["goal"])
    )
    if not goal.get("norm") or math.isnan(value) or kpi.better == "neither":
        return judge_status(kpi, value, target, low, high)
    verdict = judge_norm(above, below, target, kpi.better)
    return "missed" if verdict == "below" else verdict


def _place(change: Change) -> tuple[Any, ...]:
    cause, part = CAUSES.index(change.cause), ORDER.index(change.part)
    is_bare = "value" in PARTS.get(change.part, ("value",)) and "value" not in change.numbers
    return (cause, change.because, change.scope != COMPANY, part, is_bare, -change.size, change.key, change.scope)
