"""The company whose numbers a lesson uses: its months, channels and sums, and what is drawn by lot for a learner."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports, read_exports
from kpi_helpers.folders import list_inputs
from kpi_helpers.history import COMPANY, History
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.language import _
from kpi_helpers.lessons.learners import folded
from kpi_helpers.lessons.questions import Number
from kpi_helpers.terms import UNKNOWN

Item = TypeVar("Item")


class Lacking(KitError):
    """The company's exports do not hold what a lesson needs: another company is taken, and it is said why."""


class _History(History):
    """Its channels stand in one order in all languages, so that the same ones are drawn by lot."""

    def scopes(self, key: str) -> list[str]:
        return sorted(super().scopes(key), key=lambda scope: (scope == UNKNOWN, scope))


class Figures:
    """The finished months of a company. Shares are fractions, money is in `currency`."""

    def __init__(self, exports: Exports) -> None:
        self.exports, self.history = exports, _History(exports)
        self.currency, self.name = exports.currency, exports.company.name
        past = self.history.months[:-1] if self.history.unfinished else self.history.months
        self.months: list[pd.Timestamp] = list(past)
        self.named_channels = [scope for scope in self.history.past.scopes if scope not in (COMPANY, UNKNOWN)]
        self._sums = lru_cache(maxsize=None)(self._read_sums)
        self._values = lru_cache(maxsize=None)(self._read_values)

    def sums(self, month: pd.Timestamp, scope: str = COMPANY) -> dict[str, float]:
        """The measures of the company or a channel in a month; what is not known is left out."""
        return self._sums(scope).get(month, {})

    def value(self, key: str, month: pd.Timestamp, scope: str = COMPANY) -> float:
        """A KPI of the company or a channel in a month, computed by the catalogue; NaN where it is not known."""
        return self._values(key, scope).get(month, math.nan)

    def channels(self, key: str, month: pd.Timestamp) -> list[str]:
        """The channels that have a value of the KPI in the month."""
        return [scope for scope in self.history.scopes(key) if not math.isnan(self.value(key, month, scope))]

    def months_with(self, *measures: str, scope: str = COMPANY) -> list[pd.Timestamp]:
        """The finished months in which all these measures are known and not zero, the newest first.

        Lacking where there is none.
        """
        sums = {month: self.sums(month, scope) for month in reversed(self.months)}
        found = [month for month in sums if all(sums[month].get(name) for name in measures)]
        if not found:
            raise Lacking(_("no finished month has all of: {names}.").format(names=", ".join(measures)))
        return found

    def judged_months(self) -> list[pd.Timestamp]:
        """The finished months in which every lead was judged, the oldest first: in others what is found of the leads
        (their qualification, their deals) is still on its way. Lacking where there is none."""
        leads = self.history.month.tables.get("leads", pd.DataFrame({"qualified": []}))
        waiting = leads[leads["qualified"].isna() & (leads["leads"].isna() if "leads" in leads else True)]
        came = waiting["created_at"].dt.tz_localize(None) if len(waiting) else pd.Series(dtype="datetime64[us]")
        unripe = set(came.dt.to_period("M").dt.to_timestamp())
        return [month for month in reversed(self.months_with("leads", "qualified_leads")) if month not in unripe]

    def _read_sums(self, scope: str) -> dict[pd.Timestamp, dict[str, float]]:
        rows: dict[Any, dict[Any, Any]] = self.history.past.sums(scope).to_dict("index")
        return {month: {name: float(value) for name, value in rows[month].items() if pd.notna(value)}
                for month in self.months if month in rows}  # fmt: skip

    def _read_values(self, key: str, scope: str) -> dict[pd.Timestamp, float]:
        rows = self.history.of_scope(key, scope)
        return dict(zip(self.history.months, rows["value"].astype(float).tolist(), strict=True))


def compute(key: str, **measures: float) -> float:
    """A KPI by the catalogue's own formula from the measures given; NaN where it cannot be computed."""
    return float(compute_kpis(pd.DataFrame([measures]), [key])["value"].iloc[0])


class Lot:
    """What is drawn for a learner: the same each time for the same name and lesson, another for the neighbour."""

    def __init__(self, learner: str, lesson: str) -> None:
        self._random = random.Random(f"{lesson}|{folded(learner)}")

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """The items in an order of the learner's own."""
        return self._random.sample(list(items), len(items))

    def one(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return self._random.choice(list(items))

    def whole(self, low: int, high: int) -> int:
        """A whole number between both ends, which are included."""
        return self._random.randint(low, high)

    def clear(self, cases: Sequence[Item], ask: Callable[[Item], Number]) -> tuple[Item, Number]:
        """A case drawn by lot whose question has a right answer that no slip comes near, and the question.

        Lacking where no case has one.
        """
        for case in self.shuffled(cases):
            question = ask(case)
            if question.is_clear:
                return case, question
        raise Lacking(_("in no month do right and wrong ways lead to different numbers."))


def figures_of(folder: Path, currency: str = "") -> Figures:
    """The figures of a folder, read once for as long as its files stay as they are."""
    files = [(path, path.stat()) for path in list_inputs(folder)]
    return _figures_of(folder, currency, tuple((path, kept.st_size, kept.st_mtime_ns) for path, kept in files))


@lru_cache(maxsize=8)
def _figures_of(folder: Path, currency: str, _files: tuple[tuple[Path, int, int], ...]) -> Figures:
    return Figures(read_exports(folder, currency=currency))
