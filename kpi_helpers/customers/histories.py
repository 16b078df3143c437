"""Purchase histories counted: customers with the same frequency, recency and age are one row with a weight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Histories:
    """Distinct histories; `weight` customers have each; `place` says which one each row of the table has."""

    frequency: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    weight: np.ndarray
    place: np.ndarray

    @staticmethod
    def of(purchases: pd.DataFrame, weights: np.ndarray | None = None) -> Histories:
        """From a table with frequency, recency, age (`summarise_purchases`); ValueError where they make no history."""
        columns = [purchases[name].to_numpy(dtype=float) for name in ("frequency", "recency", "age")]
        x, recency, age = columns
        sound = (x >= 0) & (x % 1 == 0) & (recency >= 0) & (recency <= age) & ((x > 0) == (recency > 0))
        if not sound.all():
            raise ValueError(f"{(~sound).sum()} rows are no purchase history: 0 <= recency <= age, 0 without a repeat")
        key = np.zeros(len(purchases), dtype=np.int64)
        for column in columns:
            kinds, code = np.unique(column, return_inverse=True)
            key = np.unique(key * max(len(kinds), 1) + code, return_inverse=True)[1]
        first = np.unique(key, return_index=True)[1]
        rows = Histories(x[first], recency[first], age[first], np.empty(0), key)
        return rows.weighted(np.ones(len(purchases)) if weights is None else weights)

    def weighted(self, weights: np.ndarray) -> Histories:
        """The same histories when each row of the table stands for so many customers."""
        counted = np.bincount(self.place, np.asarray(weights, dtype=float), minlength=len(self.age))
        return replace(self, weight=counted)

    @cached_property
    def customers(self) -> int:
        return round(float(self.weight.sum()))

    @cached_property
    def repeaters(self) -> int:
        return round(float(self.weight[self.frequency > 0].sum()))

    @cached_property
    def _kinds(self) -> tuple[np.ndarray, np.ndarray]:
        return np.unique(self.frequency, return_inverse=True)

    @property
    def frequencies(self) -> np.ndarray:
        """The distinct frequencies."""
        return self._kinds[0]

    @property
    def kind(self) -> np.ndarray:
        """Which of the frequencies each history has."""
        return self._kinds[1]

    @cached_property
    def by_kind(self) -> np.ndarray:
        """How many customers have each frequency."""
        return np.bincount(self.kind, self.weight, minlength=len(self.frequencies))
