"""What is to be forecast: measures by month, the formula over them, and which values are possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import expanded, kpi

LONGEST = 120  # months: what is older says little of the next ones
FLOOR = 1e-3  # of the usual size: what is smaller is no smaller on logarithms
Values = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Problem:
    """`values` by measure, all of the same months; `evaluate` makes the quantity of them, NaN where there is none.

    `rolling`: each month speaks of the 12 before it too, so that it has no season.
    """

    values: Values
    evaluate: Callable[[Mapping[str, np.ndarray]], np.ndarray]
    least: float = 0.0
    most: float = np.inf
    whole: bool = False
    rolling: bool = False

    @cached_property
    def actual(self) -> np.ndarray:
        """The quantity by month."""
        return self.evaluate(self.values)

    @cached_property
    def on_logs(self) -> bool:
        """Whether its errors are compared as ratios: it never was zero or less."""
        known = self.actual[np.isfinite(self.actual)]
        return bool(self.least >= 0 and (known > 0).all())

    def since_known(self) -> Problem:
        """From the first month in which the quantity is known, `LONGEST` months at the most."""
        first = int(np.flatnonzero(np.isfinite(self.actual))[0])
        first = max(first, len(self.actual) - LONGEST)
        cut = {name: part[first:] for name, part in self.values.items()}
        return replace(self, values=cut)

    def link(self, quantity: np.ndarray) -> np.ndarray:
        """The scale on which errors are compared."""
        if not self.on_logs:
            return quantity
        return np.log(np.maximum(quantity, FLOOR * float(np.nanmedian(self.actual))))

    def unlink(self, scaled: np.ndarray) -> np.ndarray:
        """Back from that scale, within what is possible."""
        quantity = np.exp(np.minimum(scaled, 700.0)) if self.on_logs else scaled
        kept = np.clip(quantity, self.least, self.most)
        return np.round(kept) if self.whole else kept


def of_series(history: pd.Series, least: float, most: float, whole: bool) -> Problem:
    return Problem({"value": _by_month(history)}, lambda parts: parts["value"], least, most, whole)


def of_kpi(sums: pd.DataFrame, key: str) -> Problem:
    """A KPI of the catalogue over the measures of `sums` (by month); a measure that is not there is not known."""
    formula, row = expanded(key), kpi(key)
    unknown = pd.Series(np.nan, index=sums.index)
    values = {name: _by_month(sums.get(name, unknown)) for name in formula.names}

    def evaluate(parts: Mapping[str, np.ndarray]) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = np.asarray(formula.evaluate(parts), dtype=float)
        return np.where(np.isfinite(found), found, np.nan)

    negative = "-" in formula.text or any((part < 0).any() for part in values.values())
    least, most = -np.inf if negative else 0.0, 1.0 if row.interval == "proportion" else np.inf
    return Problem(values, evaluate, least, most, row.style == "count", row.is_rolling)


def _by_month(history: pd.Series) -> np.ndarray:
    """The values of every month from the first to the last; NaN where there is no row or no finite number."""
    months = pd.date_range(history.index[0], history.index[-1], freq="MS")
    values = history.astype("float64").reindex(months).to_numpy(dtype=float)
    return np.where(np.isfinite(values), values, np.nan)
