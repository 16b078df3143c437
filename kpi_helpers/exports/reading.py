"""What a file gave: canonical frames, with an account of every row."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.exports.rows import Problem
from kpi_helpers.exports.totals import Check
from kpi_helpers.language import ngettext
from kpi_helpers.terms import MEASURES, TABLES


class RawRows:
    """Hashes of rows as the file has them: of all cells, and of the words that name them, column by column.

    They are made when they are asked for: the only export of its layout is compared with no other.
    """

    def __init__(self, source: Callable[[], pd.DataFrame]) -> None:
        self._from: Callable[[], pd.DataFrame] | None = source

    def make(self) -> pd.DataFrame:
        """A row for each row, all cells first (`Body.hashes`); what they are made from is kept no longer."""
        if self._from:
            self._made, self._from = self._from(), None
        return self._made

    def where(self, rows: np.ndarray) -> RawRows:
        """Those of these rows (a condition, or their numbers)."""
        return RawRows(lambda: self.make().iloc[rows])

    def __reduce__(self) -> tuple[object, ...]:
        return _of_hashes, (self.make(),)


def _of_hashes(hashes: pd.DataFrame) -> RawRows:
    return RawRows(lambda: hashes)


@dataclass(frozen=True)
class TableReading:
    """What one file gave to one canonical table.

    Every row is accounted for: rows_in = used + totals + rejected + continued. Of the used rows, `set_aside` do not
    count by their status (cancelled orders; they are in `withdrawn`), `doubled` stand twice in the file, `repeated` are
    held by a later export and `yielded` by one of a better layout: none of them is in `frame`. `sums` holds the table's
    additive measures; one without values is not in it. `checks` are the sums that the file's own totals row gives too.
    `vat` is what the headings of money say: "included", "excluded" or "". `known` is the share of the headings that
    the layout knows, `rival` the name of the next best layout and `rival_known` its share; `yields_to` names better
    layouts; `shown_columns` are the file's columns that the layout reads and that hold no customers. `width` is the
    number of headings, `not_read` are those that the layout does not know; `held_in` the files that hold the repeated
    rows. `records`: rows may be alike and yet be two. `raw` are hashes of the rows as the file has them; `disputed` are
    the files that name the same rows and count others. `platform_from` says whose name told the platform, the "file"
    or the "sheet"; "nowhere": nothing tells it; "": the table itself or its layout does. `silent` are the
    table's columns that the file has no headings for.
    """

    layout: str
    name: str
    platform: str
    table: str
    start: date | None
    end: date | None
    rows_in: int
    used: int
    totals: int
    rejected: int
    continued: int
    sums: dict[str, float]
    currency: str
    problems: tuple[Problem, ...]
    frame: pd.DataFrame
    vat: str = ""
    set_aside: int = 0
    doubled: int = 0
    repeated: int = 0
    yielded: int = 0
    checks: tuple[Check, ...] = ()
    known: float = 1.0
    rival: str = ""
    rival_known: float = 0.0
    yields_to: tuple[str, ...] = ()
    shown_columns: frozenset[int] = frozenset()
    width: int = 0
    not_read: tuple[str, ...] = ()
    held_in: tuple[str, ...] = ()
    records: bool = False
    raw: RawRows | None = None
    disputed: tuple[str, ...] = ()
    platform_from: str = ""
    silent: frozenset[str] = frozenset()
    withdrawn: pd.DataFrame = field(default_factory=pd.DataFrame)

    def without(self, rows: np.ndarray, **counted: int) -> TableReading:
        """The reading without these rows (a condition), which are counted as `counted` says."""
        if not rows.any():
            return self
        frame = self.frame[~rows].reset_index(drop=True)
        raw = self.raw.where(~rows) if self.raw else None
        sums = sum_frame(self.table, frame)
        return replace(self, frame=frame, raw=raw, sums=sums, **counted)  # type: ignore[arg-type]

    @property
    def all_rejected(self) -> bool:
        """Whether it has rows and none of them could be used."""
        return self.rejected > 0 and self.used == 0

    @property
    def named_platform(self) -> str:
        """The platform that the name of the file or the sheet told, or ""."""
        named = self.platform_from in ("file", "sheet") and len(self.frame)
        return str(self.frame["platform"].iloc[0]) if named else ""

    @property
    def tallies(self) -> bool:
        """Whether its rows tally records (leads by day) and are none themselves."""
        column = TABLES[self.table].tally
        return bool(column) and bool(self.frame[column].notna().any())

    @property
    def hashes(self) -> pd.DataFrame:
        """For each row of `frame` a hash of all its cells, and one of each word that names it, as the file has them."""
        if self.raw:
            return self.raw.make()
        texts = [name for name, kind in TABLES[self.table].columns.items() if kind in ("text", "person")]
        named = {name: pd.util.hash_pandas_object(self.frame[name], index=False).to_numpy() for name in texts}
        return pd.DataFrame({"": pd.util.hash_pandas_object(self.frame, index=False).to_numpy(), **named})

    @property
    def repeats(self) -> str:
        """What became of rows that are held twice, in the reader's language; "" where there are none."""
        held_in = f" ({', '.join(self.held_in)})" if self.held_in else ""
        said = (
            (self.doubled, ngettext("{n} row stands twice in the file and counts once",
                                    "{n} rows stand twice in the file and count once", self.doubled)),
            (self.repeated, ngettext("{n} row repeated: the later export counts",
                                     "{n} rows repeated: the later export counts", self.repeated) + held_in),
            (self.yielded, ngettext("{n} row is in another export of the same days, which counts",
                                    "{n} rows are in another export of the same days, which counts", self.yielded)),
        )  # fmt: skip
        return "; ".join(text.format(n=count) for count, text in said if count)


@dataclass(frozen=True)
class FileReading:
    """What one file gave. `reason` is "" where it was used, else why it was not, in the reader's language.

    `modified` is when the file was last written, in seconds since 1970; `unread` says of further tables in the file why
    they could not be used, `passed_over` of those that are known and rightly not counted.
    """

    file: str
    sha256: str
    tables: tuple[TableReading, ...]
    reason: str = ""
    modified: float = 0.0
    unread: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()

    @property
    def must_be_mended(self) -> bool:
        """Whether it, or a table in it, cannot be used at all."""
        return bool(self.reason or self.unread) or any(table.all_rejected for table in self.tables)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What in the file was not used and why."""
        return (*self.unread, *self.passed_over)


def sum_frame(table: str, frame: pd.DataFrame) -> dict[str, float]:
    """The additive measures of a canonical table without conditions, exact to the millionth.

    Those without any value are left out.
    """
    sums: dict[str, float] = {}
    for measure in MEASURES.values():
        if measure.table != table or measure.where or not measure.can_be_added:
            continue
        if measure.how == "count":
            sums[measure.key] = float(frame[measure.column].fillna(1).sum() if measure.column in frame else len(frame))
        elif measure.column in frame:
            amounts = frame[measure.column].to_numpy(dtype="float64", na_value=np.nan)
            amounts = amounts[~np.isnan(amounts)]
            if len(amounts):
                sums[measure.key] = math.fsum(np.rint(amounts * 1e6).tolist()) / 1e6
    return sums
