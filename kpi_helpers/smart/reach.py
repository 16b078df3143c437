"""How far a target reaches: its chance by the forecast, how often it was met, the best ever, the growth it asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import Kpi
from kpi_helpers.forecast import Forecast
from kpi_helpers.labels import is_missing, month_name, write_change, write_value
from kpi_helpers.language import _
from kpi_helpers.outlook_words import write_chance

YEAR = 12
CERTAIN, LIKELY, UNLIKELY = 0.95, 0.25, 0.05  # chances: a goal is a stretch, not a bet that is lost
STRETCH = 1.25  # times the best ever: beyond it nothing in the history speaks for the goal


@dataclass(frozen=True)
class Reach:
    """The verdict on a target with its sentences; `chance` of reaching it by the forecast, NaN where there is none."""

    verdict: Literal["yes", "no", "unsure"]
    words: tuple[str, ...]
    next_step: str = ""
    chance: float = math.nan


@dataclass(frozen=True)
class Asked:
    """A target with the months it is for; `together`: it is the sum of them."""

    row: Kpi
    target: float
    months: pd.DatetimeIndex
    together: bool
    values: pd.Series
    currency: str

    @classmethod
    def of(cls, row: Kpi, goal: Mapping[str, Any], values: pd.Series, ahead: pd.DatetimeIndex, currency: str) -> Asked:
        """The months of the goal; those ahead where it has no start or no deadline."""
        known = values.dropna()
        first = pd.Timestamp(goal["start"] or (ahead[0] if len(ahead) else known.index[-1])).replace(day=1)
        last = pd.Timestamp(goal["deadline"] or (ahead[-1] if len(ahead) else first)).replace(day=1)
        months = pd.date_range(first, max(first, last), freq="MS")
        together = goal["counts"] == "total" and row.is_sum and len(months) > 1
        months = months[-1:] if goal["counts"] == "exit" else months
        return cls(row, float(goal["target"]), months, together, known, currency)

    def write(self, number: float) -> str:
        return write_value(number, self.row.style, self.currency)

    def reached(self, numbers: Any) -> Any:
        return numbers >= self.target if self.row.better == "higher" else numbers <= self.target

    def sizes(self) -> pd.Series:
        """What there was that the target can be compared with: months, or as many months together as it is for."""
        if not self.together:
            return self.values
        by_month = self.values.reindex(pd.date_range(self.values.index[0], self.values.index[-1], freq="MS"))
        return by_month.rolling(len(self.months)).sum().dropna()

    def outcomes(self, forecast: Forecast | None) -> np.ndarray:
        """What the months may give: their sum for each path, else each month of each; empty where none is ahead.

        Of a sum, the months that are over count as they were.
        """
        nothing = np.empty(0)
        if forecast is None or not len(forecast.paths):
            return nothing
        ahead = [place for place, month in enumerate(forecast.months) if month in self.months]
        over = self.values.reindex(self.months[self.months < forecast.months[0]])
        if not ahead or (self.together and (over.isna().any() or len(over) + len(ahead) < len(self.months))):
            return nothing
        paths = forecast.paths[:, ahead]
        found = paths.sum(axis=1) + over.sum() if self.together else paths.ravel()
        return found[np.isfinite(found)]

    def chance(self, forecast: Forecast | None) -> float:
        """The share of paths that reach it: of the sum, or of a month, on average over the goal's months."""
        outcomes = self.outcomes(forecast)
        return float(np.mean(self.reached(outcomes))) if len(outcomes) else math.nan


def judge_reach(
    row: Kpi, goal: Mapping[str, Any], values: pd.Series, forecast: Forecast | None, currency: str = ""
) -> Reach:
    """Whether a goal with a known target can be reached, by its KPI's months (`values`, some known) and forecast.

    Of a chance of 25 % or more it is said that it can, below 5 % that it cannot. Where there is no forecast the best
    ever counts: up to it yes, beyond 1.25 times of it no.
    """
    if row.better == "neither":
        return Reach("yes", (_("It is to be kept, not to be reached."),))
    ahead = forecast.months if forecast is not None else pd.DatetimeIndex([])
    asked = Asked.of(row, goal, values, ahead, currency)
    chance = asked.chance(forecast)
    beyond = _beyond(asked)
    words = [*_chance_words(asked, chance), *_record_words(asked, beyond), *_growth_words(asked)]
    if math.isnan(chance):
        verdict: Literal["yes", "no", "unsure"] = "yes" if beyond <= 1 else "unsure" if beyond <= STRETCH else "no"
        if not words:
            verdict, words = "unsure", [_("There are too few months to judge it by.")]
    else:
        verdict = "yes" if chance >= LIKELY else "unsure" if chance >= UNLIKELY else "no"
    if chance >= CERTAIN:
        return Reach(verdict, tuple(words), _("It asks for nothing that would not come by itself."), chance)
    return Reach(verdict, tuple(words), "" if verdict == "yes" else _nearer(asked, forecast), chance)


def _chance_words(asked: Asked, chance: float) -> list[str]:
    if math.isnan(chance):
        return []
    form = _("Chance by the forecast: {chance}.")
    if not asked.together and len(asked.months) > 1:
        form = _("Chance by the forecast, for a month on average: {chance}.")
    return [form.format(chance=write_chance(chance))]


def _record_words(asked: Asked, beyond: float) -> list[str]:
    """How often it was reached, or how far beyond the best it lies."""
    sizes = asked.sizes()
    if sizes.empty:
        return []
    month: Any = sizes.idxmax() if asked.row.better == "higher" else sizes.idxmin()
    best = float(sizes[month])
    named = {"best": asked.write(best), "month": month_name(month.date(), heading=False), "n": len(asked.months)}
    if beyond <= 1:
        if asked.together:
            return [_("{n} months have reached it before, until {month}: {best}.").format(**named)]
        last = sizes.tail(2 * YEAR)
        form = _("Reached in {met} of the last {all} months.")
        return [form.format(met=int(asked.reached(last).sum()), all=len(last))]
    if asked.together:
        form = _("The best {n} months ever, until {month}, gave {best}: it asks for {times} times as much.")
    elif asked.row.style in ("share", "points") or not math.isfinite(beyond):
        named["change"] = write_change(asked.target, best, asked.row.style)
        form = _("It was never reached: the best month, {month}, had {best}; it asks for {change}.")
    elif asked.row.better == "higher":
        form = _("It asks for {times} times the best month ever ({best}, {month}).")
    else:
        form = _("It was never reached: the best month, {month}, had {best}; that is {times} times the target.")
    return [form.format(**named, times=write_value(beyond, "multiple"))]


def _beyond(asked: Asked) -> float:
    """The target as a multiple of the best there was (for costs the best as a multiple of it); up to 1: reached."""
    sizes = asked.sizes()
    if sizes.empty:
        return math.nan
    best = float(sizes.max() if asked.row.better == "higher" else sizes.min())
    if asked.reached(best):
        return 1.0
    above, below = (asked.target, best) if asked.row.better == "higher" else (best, asked.target)
    return above / below if below > 0 else math.inf


def _growth_words(asked: Asked) -> list[str]:
    """The growth that it asks for on the same months of the year before, beside the growth that there was."""
    if not asked.row.is_sum:
        return []
    before = asked.values.reindex(asked.months - pd.DateOffset(years=1))
    then = float(before.sum()) if before.notna().all() else math.nan
    wanted = asked.target if asked.together else asked.target * len(asked.months)
    if is_missing(then) or then <= 0:
        return []
    said = {"asked": write_change(wanted, then, "count")}
    last = pd.date_range(end=asked.values.index[-1], periods=2 * YEAR, freq="MS")
    months = asked.values.reindex(last)
    earlier, now = float(months.iloc[:YEAR].sum()), float(months.iloc[YEAR:].sum())
    if months.isna().any() or earlier <= 0:
        return [_("Against the same time a year before: {asked}.").format(**said)]
    form = _("Against the same time a year before: {asked}; the last 12 months against those before: {seen}.")
    return [form.format(**said, seen=write_change(now, earlier, "count"))]


def _nearer(asked: Asked, forecast: Forecast | None) -> str:
    """What can be reached with even chances and in one case of four."""
    outcomes = asked.outcomes(forecast)
    if not len(outcomes):
        return _("Choose a target nearer to the best so far, or say what will change.")
    bold = 0.75 if asked.row.better == "higher" else 0.25
    even, one_in_four = (asked.write(_rounded(float(np.quantile(outcomes, part)), asked)) for part in (0.5, bold))
    form = _("Even chances: {even}; one in four: {bold}. Or say what will change.")
    return form.format(even=even, bold=one_in_four)


def _rounded(number: float, asked: Asked) -> float:
    """Three significant digits: the forecast knows no more."""
    return float(f"{number:.3g}") if asked.row.style != "share" else round(number, 3)
