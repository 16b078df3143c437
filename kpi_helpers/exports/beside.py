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
    if not any(map(_is_own, readings)):
        return list(readings)
    theirs = _by_channel([_spending(reading, zero=True) for reading in readings if _of_platform(reading)])
    return [_without_repeats(reading, theirs) if _is_own(reading) else reading for reading in readings]


def told_beside(files: Sequence[FileReading], currency: str) -> Iterator[str]:
    """Which files tell of the same in two ways, a sentence each, in the reader's language."""
    tables = [(file.file, table) for file in files for table in file.tables if len(table.frame)]
    exported: dict[str, list[pd.DataFrame]] = {}
    for file, table in tables:
        if _of_platform(table):
            exported.setdefault(table.layout, []).append(_spending(table).assign(file=file))
    told = list(map(_by_channel, exported.values()))
    for (file, own), theirs in product(((file, table) for file, table in tables if _is_own(table)), told):
        yield from _added_up(file, own, theirs, currency)
    tallies = [(file, table) for file, table in tables if table.tallies]
    for (file, tally), (other, listed) in product(tallies, tables):
        if tally.table == listed.table and not listed.tallies:
            yield from _listed(file, tally, other, listed)


def _is_own(reading: TableReading) -> bool:
    return reading.table == "ads" and reading.platform == OWN_TABLE and len(reading.frame) > 0


def _of_platform(reading: TableReading) -> bool:
    return reading.table == "ads" and reading.platform != OWN_TABLE and len(reading.frame) > 0


def _spending(reading: TableReading, *, zero: bool = False) -> pd.DataFrame:
    """The rows that say what was spent: channel, campaign in plain letters, first and last day, spend.

    Those that say that nothing was spent are among them where `zero` is asked for.
    """
    frame = reading.frame[reading.frame["spend"].notna() & (zero | (reading.frame["spend"] != 0))]
    names = {name: plain(name) for name in frame["campaign"].dropna().unique()}
    campaign = [names.get(name, "") for name in frame["campaign"]]
    first, last = frame["since"].fillna(frame["date"]), frame["date"]
    columns = {"channel": frame["channel"], "campaign": pd.Series(campaign, index=frame.index, dtype="str")}
    return pd.DataFrame({**columns, "first": first, "last": last, "spend": frame["spend"]})


def _by_channel(told: Sequence[pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """What platforms tell, by the channel."""
    return {str(channel): rows for channel, rows in pd.concat(told).groupby("channel")} if told else {}


def _in_channel(own: pd.DataFrame, channel: str, theirs: pd.DataFrame) -> pd.DataFrame:
    """The own rows of a channel, also those without a platform of a campaign that is among the channel's."""
    named = own["channel"].isin(UNNAMED) & own["campaign"].isin(theirs["campaign"]) & (own["campaign"] != "")
    return own[(own["channel"] == channel) | named]


def _without_repeats(reading: TableReading, theirs: dict[str, pd.DataFrame]) -> TableReading:
    spending, repeated = _spending(reading, zero=True), set[int]()
    for channel, rows in theirs.items():
        own = _in_channel(spending, channel, rows)
        repeated.update(own.index[_agree_by_campaign(own, rows) | _agree(own, rows)])
    chosen = reading.frame.index.isin(repeated)
    return reading.without(chosen, yielded=reading.yielded + int(chosen.sum()))


def _agree_by_campaign(own: pd.DataFrame, theirs: pd.DataFrame) -> np.ndarray:
    """Which of the own rows agree with what the platform has of their campaign."""
    agreeing = pd.Series(False, index=own.index)
    parts = dict(list(theirs[theirs["campaign"].isin(own["campaign"])].groupby("campaign")))
    for campaign, rows in own.groupby("campaign"):
        if campaign in parts:
            agreeing[rows.index] = _agree(rows, parts[campaign])
    return agreeing.to_numpy()


def _agree(own: pd.DataFrame, theirs: pd.DataFrame) -> np.ndarray:
    """Which of the own rows have, added up by days, the spend that the platform has."""
    spent, amounts = _Spent.of(theirs), own["spend"].to_numpy()
    agreeing = np.zeros(len(own), dtype=bool)
    alike: dict[Any, Any] = own.groupby(["first", "last"]).indices
    for days, places in alike.items():
        agreeing[places] = _is_same(float(amounts[places].sum()), spent.within(*days))
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
        """What was spent on these days; NaN where nothing tells of them."""
        inside = (self.first >= first.to_datetime64()) & (self.last <= last.to_datetime64())
        return float(self.spend[inside].sum()) if inside.any() else np.nan


def _added_up(file: str, own: TableReading, theirs: dict[str, pd.DataFrame], currency: str) -> Iterator[str]:
    """Each channel in which an own table and exports of a platform both tell of spend on the same days."""
    spending = _spending(own)
    for channel, two in theirs.items():
        one = _in_channel(spending, channel, two)
        if one.empty:
            continue
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
