"""Targets: a value to reach, or a change of the baseline written with its sign. Two meanings are refused with both."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from kpi_helpers.amounts import LARGEST, write_amount
from kpi_helpers.catalogue import Kpi
from kpi_helpers.errors import KitError
from kpi_helpers.goals.numbers import read_number
from kpi_helpers.labels import NBSP, write_value
from kpi_helpers.language import _

CENTS_MATTER = 100  # money: below it
FINEST = Decimal("1e-9")
HIGHEST = 20  # a share above 2000 % is a percentage whose sign was forgotten
_WRITTEN = re.compile(
    r"(?P<sign>[+\-−–])?\s*(?P<size>[\d.,\s]+?)\s*"
    r"(?P<unit>%|p\.?\s?p\.?|п\.?\s?п\.?|(?:percentage\s+)?points?|(?:процентн\w+\s+)?пункт\w*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Target:
    """A target as written: a `level`, or a change (`kind`: "relative" or "points") by `by`; the other is NaN."""

    level: float
    kind: str = ""
    by: float = math.nan


def read_target(row: Kpi, text: str, said: str, baseline: float) -> Target:
    """The target of a KPI. `said` is the column change; `baseline` (or NaN) is for naming both numbers."""
    if not text:
        raise KitError(_("{column} is empty.").format(column="target"))
    found = _WRITTEN.fullmatch(text)
    sign, unit = (found["sign"] or "", (found["unit"] or "").lower()) if found else ("", "")
    if not found or not _is_change(row, sign, unit, said, text):
        return Target(check_level(row, read_number(_without_points(row, text, found), "target"), text, "target"))
    size = read_number(found["size"].strip(), "target")
    size = size if sign == "+" else -size
    kind = _kind(row, unit, said, text, size, baseline)
    whole = kind == "points" and row.style == "points"
    return Target(math.nan, kind, size if whole else size / 100)


def check_level(row: Kpi, number: float, text: str, column: str) -> float:
    """The number, if the KPI can be that; `text` is what was written in the column."""
    named = {"column": column, "value": repr(text), "kpi": row.key}
    if "%" in text and row.style != "share":
        raise KitError(_("{column} = {value}: {kpi} is not a share.").format(**named), _("Write it without %."))
    if row.interval == "proportion" and not math.isnan(number) and not 0 <= number <= 1:
        found = _("{column} = {value}: {kpi} is a share between 0 and 1.").format(**named)
        raise KitError(found, _("Write it as 0.8 or 80 %."))
    if row.style == "share" and "%" not in text and number > HIGHEST:
        found = _("{column} = {value}: {kpi} is a share.").format(**named)
        raise KitError(found, _("Write {value} % for percent.").format(value=text))
    if number < 0 and not may_be_negative(row):
        raise KitError(_("{column} = {value} is below zero.").format(**named))
    return number


def may_be_negative(row: Kpi) -> bool:
    """Whether values below zero make sense: returns, growth, NPS; not counts, money and proportions."""
    return row.style == "points" or (row.style == "share" and row.interval == "" and row.better == "higher")


def apply_change(row: Kpi, baseline: float, kind: str, by: float) -> float:
    """The level that a change of the baseline gives: 110 + 10 % is 121. Counts and larger amounts are made whole.

    KitError for a relative change of nothing or of less than nothing.
    """
    base, step = Decimal(repr(float(baseline))), Decimal(repr(float(by)))
    if kind == "relative" and base <= 0:
        raise KitError(
            _("a change in percent of the baseline {baseline} says nothing.").format(baseline=write_amount(baseline)),
            _("Write the target itself."),
        )
    exact = base * (1 + step) if kind == "relative" else base + step
    if abs(exact) > LARGEST:
        raise KitError(_("{column} = {value} is too large.").format(column="target", value=f"{exact:.3g}"))
    whole = row.style == "count" or (row.style == "money" and abs(exact) >= CENTS_MATTER)
    level = float(exact.quantize(Decimal(1) if whole else FINEST, ROUND_HALF_UP))
    return check_level(row, level, write_value(level, row.style) if row.style == "share" else str(level), "target")


def write_change(row: Kpi, kind: str, by: float) -> str:
    """A change as `read_target` reads it with `kind` in the column change.

    >>> from kpi_helpers.catalogue import KPIS
    >>> write_change(KPIS["leads"], "relative", 0.2), write_change(KPIS["nps"], "points", -5)
    ('+20 %', '-5 points')
    """
    unit = "%" if kind == "relative" else "points" if row.style == "points" else "pp"
    size = abs(by) if unit == "points" else abs(Decimal(repr(float(by)))) * 100
    return f"{'-' if by < 0 else '+'}{write_amount(float(size))} {unit}"


def _is_change(row: Kpi, sign: str, unit: str, said: str, text: str) -> bool:
    if sign and unit and (said or unit != "%" or sign == "+"):
        return True
    if sign and unit:  # minus so many percent
        return not (row.style == "share" and may_be_negative(row))
    if said == "points" and row.style == "points" and sign:
        return True
    if said:
        found = _("target = {value}: a change is written with its sign and its unit.").format(value=repr(text))
        step = _("Write it as {example}, or leave the column change empty.")
        raise KitError(found, step.format(example=_example(row, said)))
    if sign == "+" or (unit not in ("", "%") and row.style != "points"):
        found = _("target = {value}: the target itself or a change?").format(value=repr(text))
        usual = "points" if row.style in ("share", "points") else "relative"
        step = _("Write the target without + or a change as {example}.")
        raise KitError(found, step.format(example=_example(row, usual)))
    return False


def _kind(row: Kpi, unit: str, said: str, text: str, by: float, baseline: float) -> str:
    of_points = row.style in ("share", "points")
    if (unit != "%" or said == "points") and not of_points:
        found = _("target = {value}: {kpi} is not counted in points.").format(value=repr(text), kpi=row.key)
        raise KitError(found, _("Write it as {example}.").format(example=_example(row, "relative")))
    if unit == "":
        return "points"
    if unit != "%":
        if said == "relative":
            found = _("target = {value} is in points, the column change says relative.").format(value=repr(text))
            raise KitError(found, _("Make them agree."))
        return "points"
    if not said and of_points:
        raise KitError(*_two_readings(row, text, by / 100, baseline))
    return said or "relative"


def _two_readings(row: Kpi, text: str, by: float, baseline: float) -> tuple[str, str]:
    """ "+5 %" of 10 %: 10.5 % or 15 %?"""
    whole = 100 if row.style == "points" else 1
    known = not math.isnan(baseline)
    base = baseline if known else 0.1 * whole
    relative, points = (write_value(level, row.style) for level in (base * (1 + by), base + by * whole))
    shown = {"base": write_value(base, row.style), "value": text, "relative": relative, "points": points}
    if known:
        found = _("the baseline {base} and {value}: {relative} or {points}?").format(**shown)
    else:
        found = _("target = {value} has two meanings: {base} would become {relative} or {points}.").format(**shown)
    step = _("Write relative ({relative}) or points ({points}) into the column change.").format(**shown)
    return found, step


def _example(row: Kpi, kind: str) -> str:
    if kind == "relative":
        return f"+5{NBSP}%"
    return _("+5 points") if row.style == "points" else _("+5 pp")


def _without_points(row: Kpi, text: str, found: re.Match[str] | None) -> str:
    """ "36 points" of an index is a level."""
    if not found or row.style != "points" or found["unit"] in (None, "%"):
        return text
    return text[: found.start("unit")]
