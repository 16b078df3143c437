"""Exports of one layout that overlap: which rows of an earlier one a later one holds, as it then was."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from kpi_helpers.exports.reading import TableReading
from kpi_helpers.terms import MEASURES, TABLES, UNKNOWN

SAME = 0.5  # so many of the rows that two exports name alike also count about alike, and they are of one account
RESTATED, FEW = 0.2, 2  # by so large a share, or by so few, platforms correct their numbers
PROVEN = 0.8  # so many must be equal where the columns are not the same: they may be of two accounts
ROUNDED = 0.001  # by so much sums of rounded numbers may differ
GROWN = 0.95  # on the earlier one's last day, which may not have been over


@dataclass(frozen=True)
class Held:
    """Which rows of the earlier export are held; `disputed`: the later one names the same rows and counts others."""

    rows: np.ndarray
    disputed: bool = False


@dataclass(frozen=True)
class Told:
    """The rows of an export, made comparable; `naming` are the columns of words by which they are told apart."""

    reading: TableReading
    naming: tuple[str, ...] | None = None  # None: all there are
    _views: dict[tuple[str, ...], Told] = field(default_factory=dict)

    def held_by(self, later: Told) -> Held:
        """The rows that a later export holds too."""
        nothing = Held(np.zeros(len(self.keys), dtype=bool))
        other_money = {self.reading.currency, later.reading.currency} - {""}
        if len(other_money) > 1 or not len(self.keys) or not len(later.keys):
            return nothing
        if len({self.reading.named_platform, later.reading.named_platform} - {""}) > 1:
            return nothing
        if self.span[0] > later.span[1] or later.span[0] > self.span[1]:
            return nothing
        both = tuple(self.reading.hashes.columns[1:].intersection(later.reading.hashes.columns[1:]))
        return self._by(both)._held_by(later._by(both))

    def _by(self, naming: tuple[str, ...]) -> Told:
        """The same rows, told apart by these columns alone."""
        return self._views.setdefault(naming, replace(self, naming=naming))

    def _held_by(self, later: Told) -> Held:
        """The same where both are told apart by the same columns."""
        nothing = Held(np.zeros(len(self.keys), dtype=bool))
        if self.reading.records:
            return Held(self._whole_days(later))
        common, coarser = np.isin(self.keys["key"], later.keys["key"]), self._is_coarser(later)
        if self.reading.table == "tasks":
            twice = self._ranks < later._counts.reindex(self.keys["key"]).fillna(0).to_numpy()
            return nothing if coarser else Held(twice)
        if not common.any() or (coarser and not self.naming):
            return Held(self._split_otherwise(later))
        if not self._counts_alike(later, common):
            return Held(nothing.rows, disputed=True)
        return Held(common | self._renamed(later, common))

    @cached_property
    def keys(self) -> pd.DataFrame:
        """For each row its day, the hash of what it names (`key`) and of all that it says (`whole`)."""
        frame, when = self.reading.frame, TABLES[self.reading.table].date
        dated = frame[[when, "since"]] if "since" in frame else frame[[when]]
        moment = pd.util.hash_pandas_object(dated, index=False).to_numpy()
        hashes = self.reading.hashes
        chosen = hashes.columns[1:] if self.naming is None else list(self.naming)
        named = hashes[chosen].sum(axis=1).to_numpy(dtype="uint64")
        whole = hashes.iloc[:, 0].to_numpy()
        day = frame[when].dt.tz_localize(None).dt.normalize()
        key = moment + np.uint64(3) * named
        return pd.DataFrame({"day": day.to_numpy(), "moment": moment, "key": key, "whole": moment + whole})

    @cached_property
    def span(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The first and the last day."""
        return self.keys["day"].min(), self.keys["day"].max()

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """What the rows of each key add up to, by column."""
        measures = [measure for measure in MEASURES.values() if measure.table == self.reading.table]
        columns = list(dict.fromkeys(measure.column for measure in measures if measure.column in self.reading.frame))
        amounts = self.reading.frame[columns].astype("float64").set_axis(self.keys["key"])
        return amounts.groupby(level=0).sum(min_count=1)

    @property
    def sums(self) -> pd.DataFrame:
        """What the rows of each day add up to, by column."""
        return self.numbers.groupby(self.keys.groupby("key")["moment"].first()).sum()

    def _has_the_columns_of(self, other: Told) -> bool:
        return bool(self.reading.hashes.columns[0] == other.reading.hashes.columns[0])

    def _is_coarser(self, later: Told) -> bool:
        """Whether one of the two names more of its rows than what both are told apart by."""
        return any(len(self.naming or ()) < told.reading.hashes.shape[1] - 1 for told in (self, later))

    @property
    def _tells_much(self) -> bool:
        """Whether its rows have hours, or most of them several numbers: by chance such rows are hardly alike."""
        moments = self.reading.frame[TABLES[self.reading.table].date].dt.tz_localize(None)
        return bool((moments != moments.dt.normalize()).any() or (_amounts(self) != 0).mean() >= SAME)

    def _speaks_of_others(self, later: Told) -> bool:
        """Whether the two have nothing in common in a column that says what the rows are about."""
        texts = [name for name, kind in TABLES[self.reading.table].columns.items() if kind == "text"]
        pairs = ([{*told.reading.frame[name].dropna()} - {UNKNOWN} for told in (self, later)] for name in texts)
        return any(mine and theirs and mine.isdisjoint(theirs) for mine, theirs in pairs)

    @property
    def _counts(self) -> pd.Series:
        return self.keys.groupby("key").size()

    @property
    def _ranks(self) -> np.ndarray:
        return self.keys.groupby("key").cumcount().to_numpy()

    def _whole_days(self, later: Told) -> np.ndarray:
        """The rows of the days that the later export holds in full: of records, many may say the same.

        Those of other columns that tell little may be others, alike: two shops have many a best grade a day.
        """
        if not self._has_the_columns_of(later) and not (self._tells_much and later._tells_much):
            return np.zeros(len(self.keys), dtype=bool)
        mine, theirs = (keys.groupby(["day", "whole"]).size() for keys in (self._wholes(later), later._wholes(self)))
        lacking = mine > theirs.reindex(mine.index).fillna(0)
        return ~self.keys["day"].isin(lacking[lacking].index.get_level_values("day")).to_numpy()

    def _wholes(self, other: Told) -> pd.DataFrame:
        """The day of each row and all that it says; where the columns are not the same: all that both exports say."""
        if self._has_the_columns_of(other):
            return self.keys
        silent = self.reading.silent | other.reading.silent
        kinds = TABLES[self.reading.table].columns.items()
        read = [name for name, kind in kinds if kind not in ("text", "id", "person") and name not in silent]
        said = pd.util.hash_pandas_object(self.reading.frame[read], index=False).to_numpy()
        return self.keys.assign(whole=self.keys["key"] + np.uint64(5) * said)

    def _split_otherwise(self, later: Told) -> np.ndarray:
        """The rows of days that the later export adds up to the same numbers, split by something else."""
        nothing = np.zeros(len(self.keys), dtype=bool)
        if self.reading.tallies or self._has_the_columns_of(later):  # files of the same columns are parts of one
            return nothing
        days = pd.Index(self.keys["moment"]).intersection(later.keys["moment"])
        both = [name for name in self.numbers if self.numbers[name].any() and later.numbers[name].any()]
        mine, theirs = (told.sums.loc[days, both].to_numpy() for told in (self, later))
        if (mine != 0).sum() < FEW or not np.isclose(mine, theirs, rtol=ROUNDED).all() or self._speaks_of_others(later):
            return nothing
        return self.keys["moment"].isin(days).to_numpy()

    def _counts_alike(self, later: Told, common: np.ndarray) -> bool:
        """Whether the rows that both name count about the same, by half or more, or have grown on a last day.

        Where the columns are not the same they must count the same, by more.
        """
        coarser = self._is_coarser(later)
        if coarser and (self.reading.tallies or self._speaks_of_others(later)):
            return False
        names = pd.Index(self.keys["key"][common].unique())
        mine, theirs = (np.nan_to_num(told.numbers.loc[names].to_numpy()) for told in (self, later))
        said = (mine != 0) | (theirs != 0)
        largest = np.maximum(np.abs(mine), np.abs(theirs))
        slack = ROUNDED * largest if coarser else np.maximum(RESTATED * largest, FEW)
        near = np.abs(mine - theirs) <= (0 if self.reading.tallies else slack)  # few leads a day are near to any others
        speaking = said.any(axis=1)
        alike = (near & said).sum(axis=1)[speaking] >= SAME * said.sum(axis=1)[speaking]
        if not speaking.any() or alike.mean() >= (PROVEN if coarser else SAME):
            return True
        if coarser:
            return False
        last_day_alone = bool((self.keys["day"][common] == self.span[1]).all()) and later.span[1] > self.span[1]
        return last_day_alone and bool((theirs >= mine)[said].mean() >= GROWN)

    def _renamed(self, later: Told, common: np.ndarray) -> np.ndarray:
        """The rows that the later export has under another name: the same day and numbers, in a row that is new."""
        fresh = ~np.isin(later.keys["key"], self.keys["key"])
        mine, theirs = (_amounts(told) for told in (self, later))
        renamed = np.intersect1d(_single(mine[~common]), _single(theirs[fresh]))
        return ~common & np.isin(mine, renamed)


def _single(amounts: np.ndarray) -> np.ndarray:
    """The amounts that stand in one row alone."""
    found, times = np.unique(amounts, return_counts=True)
    return found[(times == 1) & (found != 0)]


def _amounts(told: Told) -> np.ndarray:
    """A hash of the day and the numbers of each row; 0 where it has none, or one alone: chance makes these alike."""
    columns = told.numbers.columns
    amounts = told.reading.frame[list(columns)].astype("float64").fillna(0)
    hashes = pd.util.hash_pandas_object(amounts.assign(day=told.keys["day"].to_numpy()), index=False).to_numpy()
    return np.where(((amounts != 0).sum(axis=1) >= FEW).to_numpy(), hashes, np.uint64(0))
