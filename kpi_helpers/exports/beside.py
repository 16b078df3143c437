"""Tables of the company's own beside what the platforms export: advertising told twice, numbers beside lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers.exports.reading import FileReading, TableReading
from kpi_helpers.exports.values import plain
from kpi_helpers.labels import channel_name, write_money, write_period
from kpi_helpers.language import _
from kpi_helpers.terms import TABLES, UNKNOWN

OWN_TABLE = "own_table"  # what layouts of plain tables have for a platform
UNNAMED = ("paid_other", UNKNOWN)  # channels of advertising that names no platform
MOST_FILES = 3  # named in one sentence
CENT, WHOLE = 0.01, 0.5  # by less than that two amounts differ that are one; people round to whole units


def leave_to_platforms(readings: Sequence[TableReading]) -> list[TableReading]:
    """The readings, own tables of advertising without the rows that platforms tell with the same spend.

    A row is one of these where its channel, its days and the spend agree, of its campaign or of all campaigns.
    """
    told = [_spending(reading) for reading in readings if _of_platform(reading)] if any(map(_is_own, readings)) else []
    theirs = pd.concat(told, ignore_index=True) if told else pd.DataFrame()
    return [_without_repeats(reading, theirs) if len(theirs) and _is_own(reading) else reading for reading in readings]


def told_beside(files: Sequence[FileReading], currency: str) -> Iterator[str]:
    """Which files tell of the same in two ways, a sentence each, in the reader's language."""
    tables = [(file.file, table) for file in files for table in file.tables if len(table.frame)]
    exported: dict[str, list[tuple[str, TableReading]]] = {}
    for file, table in tables:
        if _of_platform(table):
            exported.setdefault(table.layout, []).append((file, table))
    for (file, own), others in product(((file, table) for file, table in tables if _is_own(table)), exported.values()):
        yield from _added_up(file, own, others, currency)
    tallies = [(file, table) for file, table in tables if table.tallies]
    for (file, tally), (other, listed) in product(tallies, tables):
        if tally.table == listed.table and not listed.tallies:
            yield from _listed(file, tally, other, listed)


def _is_own(reading: TableReading) -> bool:
    return reading.table == "ads" and reading.platform == OWN_TABLE and len(reading.frame) > 0


def _of_platform(reading: TableReading) -> bool:
    return reading.table == "ads" and reading.platform != OWN_TABLE and len(reading.frame) > 0


def _spending(reading: TableReading) -> pd.DataFrame:
    """The rows that say what was spent: channel, campaign in plain letters, first and last day, spend."""
    frame = reading.frame[reading.frame["spend"].fillna(0) != 0]
    names = {name: plain(name) for name in frame["campaign"].dropna().unique()}
    campaign = [names.get(name, "") for name in frame["campaign"]]
    first, last = frame["since"].fillna(frame["date"]), frame["date"]
    columns = {"channel": frame["channel"], "campaign": pd.Series(campaign, index=frame.index, dtype="str")}
    return pd.DataFrame({**columns, "first": first, "last": last, "spend": frame["spend"]})


def _in_channels(own: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """The own rows, those without a platform in the channel in which a platform has a campaign of this name."""
    of_campaign = theirs[theirs["campaign"] != ""].drop_duplicates("campaign").set_index("campaign")["channel"]
    named = own["campaign"].map(of_campaign).fillna(own["channel"])
    return own.assign(channel=own["channel"].where(~own["channel"].isin(UNNAMED), named))


def _without_repeats(reading: TableReading, theirs: pd.DataFrame) -> TableReading:
    own = _in_channels(_spending(reading), theirs)
    repeated = _agree(own, theirs, ["channel", "campaign"]) | _agree(own, theirs, ["channel"])
    rows = reading.frame.index.isin(own.index[repeated])
    return reading.without(rows, yielded=reading.yielded + int(rows.sum()))


def _agree(own: pd.DataFrame, theirs: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Which of the own rows have, added up by these names and by days, the spend that the platforms have."""
    parts: dict[Any, _Spent] = {name: _Spent.of(rows) for name, rows in theirs.groupby(names)}
    agreeing = np.zeros(len(own), dtype=bool)
    alike: dict[Any, Any] = own.groupby([*names, "first", "last"]).indices
    for key, places in alike.items():
        part = parts.get(key[:-2])
        amount = float(own["spend"].to_numpy()[places].sum())
        if part and _is_same(amount, part.within(*key[-2:])):
            agreeing[places] = True
    return agreeing


def _is_same(own: float, theirs: float) -> bool:
    return abs(own - theirs) < CENT or (own % 1 == 0 and theirs != 0 and abs(own - theirs) <= WHOLE)


@dataclass(frozen=True)
class _Spent:
    """What was spent, with the first and the last day of each amount."""

    first: np.ndarray
    last: np.ndarray
    spend: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Spent:
        return cls(*(rows[name].to_numpy() for name in ("first", "last", "spend")))

    def within(self, first: pd.Timestamp, last: pd.Timestamp) -> float:
        """What was spent on these days."""
        inside = (self.first >= first.to_datetime64()) & (self.last <= last.to_datetime64())
        return float(self.spend[inside].sum())


def _added_up(file: str, own: TableReading, others: Sequence[tuple[str, TableReading]], currency: str) -> Iterator[str]:
    """Each channel in which an own table and exports of a platform both tell of spend on the same days."""
    there = pd.concat([_spending(table).assign(file=name) for name, table in others], ignore_index=True)
    here = _in_channels(_spending(own), there)
    for channel in sorted(set(here["channel"].dropna()) & set(there["channel"].dropna())):
        one, two = (rows[rows["channel"] == channel] for rows in (here, there))
        start, end = max(one["first"].min(), two["first"].min()), min(one["last"].max(), two["last"].max())
        one, two = (rows[(rows["last"] >= start) & (rows["first"] <= end)] for rows in (one, two))
        if one.empty or two.empty:
            continue
        text = _("{first} and {second} both tell of {channel}, {period}: {own} and {theirs} of ad spend are added up.")
        step = _("If these are the same ads, leave one of the two in the folder.")
        amounts = [write_money(float(rows["spend"].sum()), currency, cents=True) for rows in (one, two)]
        files = two["file"].unique().tolist()
        second = ", ".join(files[:MOST_FILES]) + (" …" if len(files) > MOST_FILES else "")
        said = text.format(first=file, second=second, channel=channel_name(channel), own=amounts[0], theirs=amounts[1],
                           period=write_period(start.date(), end.date()))  # fmt: skip
        yield f"{said} {step}"


def _listed(file: str, tally: TableReading, other: str, listed: TableReading) -> Iterator[str]:
    """Numbers by day beside the list of what they count."""
    if not (tally.start and tally.end and listed.start and listed.end):
        return
    start, end = max(tally.start, listed.start), min(tally.end, listed.end)
    if start > end:
        return
    last = tally.frame[TABLES[tally.table].date].dt.tz_localize(None).dt.normalize()
    first = tally.frame["since"].fillna(last)
    if ((first <= pd.Timestamp(end)) & (last >= pd.Timestamp(start))).any():
        text = _("{first} has numbers of longer periods, of which {second} lists only a part ({period}): both count.")
        step = _("Export the list for all of these periods.")
    else:
        text = _("{first} has numbers, {second} lists the same one by one: the list counts, {period}.")
        step = ""
    yield f"{text.format(first=file, second=other, period=write_period(start, end))} {step}".rstrip()
