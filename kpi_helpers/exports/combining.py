"""From the readings of many files to one table of each kind: no row twice, gaps filled from other exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports.channels import UNKNOWN
from kpi_helpers.exports.overlap import Told
from kpi_helpers.exports.reading import FileReading, TableReading
from kpi_helpers.exports.values import plain
from kpi_helpers.exports.yielding import leave_to_others
from kpi_helpers.labels import CHANNELS
from kpi_helpers.said import EXPORT, says_hours
from kpi_helpers.terms import TABLES, Table

SERVED = ("leads", "calls", "chats", "tasks")  # tables in which a missing time may mean: never


def combine(files: Sequence[FileReading], company: Company) -> dict[str, pd.DataFrame]:
    """The canonical tables of all files, sorted by date; only those that have rows."""
    tables: dict[str, pd.DataFrame] = {}
    for key, table in TABLES.items():
        readings = [reading for file in files for reading in file.tables if reading.table == key]
        readings = [reading for reading in readings if len(reading.frame)]
        frames = _numbered(readings) if key in SERVED else [reading.frame for reading in readings]
        if frames:
            tables[key] = pd.concat(frames, ignore_index=True).sort_values(table.date, kind="stable", ignore_index=True)
    _spell_alike(tables)
    if "actions" in tables:
        tables["actions"] = tables["actions"].assign(main=_is_main(tables["actions"]["action"], company.main_action))
    if "leads" in tables:
        tables["leads"] = tables["leads"].assign(qualified=_know_won(tables["leads"]))
    if "orders" in tables:
        tables["orders"] = _fill_orders(tables["orders"], tables.get("leads"), company)
    if "market" in tables:
        tables["market"] = tables["market"].assign(own=_named(tables["market"]["company"], company.market_company))
    return tables


def _numbered(readings: Sequence[TableReading]) -> list[pd.DataFrame]:
    """The frames with a column that has one number for all exports that say the same things, hours among them."""
    numbers: dict[object, int] = {}
    frames = []
    for reading in readings:
        frame, columns = reading.frame, TABLES[reading.table].columns
        times = tuple(bool(says_hours(frame[name], frame).all()) for name, kind in columns.items() if kind == "time")
        number = numbers.setdefault((reading.layout, reading.silent, times), len(numbers))
        frames.append(frame.assign(**{EXPORT: number}))
    return frames


def leave_out_repeats(files: Sequence[FileReading]) -> list[FileReading]:
    """The files without the rows that another export holds too, and holds better.

    A later export of the same layout says how a row then was. Records with an id are one where id and year are, for
    some numberings begin anew each year; of other rows `overlap` tells. A layout that yields to others is silent on the
    days of which these speak.
    """
    tables = [list(file.tables) for file in files]
    places = [(at, place) for at, file in enumerate(files) for place in range(len(file.tables))]
    ids: dict[tuple[str, str], set[int]] = {}
    told: dict[tuple[str, str], list[tuple[str, Told]]] = {}
    for at, place in sorted(places, key=lambda found: _recency(files[found[0]], found[1]), reverse=True):
        reading = tables[at][place]
        kind = (reading.layout, reading.table)
        if _by_id(reading):
            tables[at][place] = _without_records(reading, ids.setdefault(kind, set()))
        else:
            tables[at][place] = _without_told(reading, told.setdefault(kind, []))
            told[kind].append((files[at].file, Told(reading)))
    for (at, place), reading in zip(places, leave_to_others([tables[at][place] for at, place in places]), strict=True):
        tables[at][place] = reading
    return [replace(file, tables=tuple(found)) for file, found in zip(files, tables, strict=True)]


def _without_records(reading: TableReading, later: set[int]) -> TableReading:
    """The reading without the records that later exports hold, to which its own are added."""
    table = TABLES[reading.table]
    repeated = np.array([key in later for key in _record_keys(reading.frame, table).tolist()], dtype=bool)
    later.update(_record_keys(_read_rows(reading), table).tolist())
    return reading.without(repeated, repeated=int(repeated.sum()))


def _without_told(reading: TableReading, later: Sequence[tuple[str, Told]]) -> TableReading:
    """The reading without the rows that later exports hold, and with the names of those that contradict it."""
    mine, repeated = Told(reading), np.zeros(len(reading.frame), dtype=bool)
    held_in: list[str] = []
    disputed: list[str] = []
    for file, other in later:
        held = mine.held_by(other)
        repeated |= held.rows
        held_in += [file] if held.rows.any() else []
        disputed += [file] if held.disputed else []
    left = reading.without(repeated, repeated=int(repeated.sum()))
    return replace(left, held_in=tuple(held_in), disputed=tuple(disputed))


def _read_rows(reading: TableReading) -> pd.DataFrame:
    """All rows of a reading: those that do not count by their status say how a record ended."""
    return pd.concat([reading.frame, reading.withdrawn]) if len(reading.withdrawn) else reading.frame


def _recency(file: FileReading, place: int) -> tuple[date, str, float, str]:
    """What makes one export later than another, the weightiest first: its period's end, the newest date in it, …"""
    reading = file.tables[place]
    rows = _read_rows(reading)
    moments = [rows[name].max() for name, kind in TABLES[reading.table].columns.items() if kind in ("date", "time")]
    newest = max((str(moment) for moment in moments if pd.notna(moment)), default="")
    return reading.end or date.min, newest, file.modified, file.file


def _by_id(reading: TableReading) -> bool:
    own_id = TABLES[reading.table].own_id
    return bool(own_id) and bool(reading.frame[own_id].notna().any())


def _record_keys(rows: pd.DataFrame, table: Table) -> pd.Series:
    return _keys(pd.DataFrame({"id": rows[table.own_id], "year": rows[table.date].dt.year}))


def _keys(frame: pd.DataFrame) -> pd.Series:
    return pd.util.hash_pandas_object(frame, index=False)


def _know_won(leads: pd.DataFrame) -> pd.Series:
    """Whether a lead is qualified: one that was won is, where the CRM says it of others but not of this one."""
    if leads["qualified"].isna().all():
        return leads["qualified"]
    return leads["qualified"].mask(leads["qualified"].isna() & leads["won"].fillna(False), True)


def _is_main(actions: pd.Series, main: str) -> pd.Series:
    """Whether an action is the company's main one, or the only one there is; NA where nothing says it."""
    if main or actions.nunique() != 1:
        return _named(actions, main)
    return pd.Series(True, index=actions.index, dtype="boolean")


def _named(names: pd.Series, name: str) -> pd.Series:
    """Which of the names are the one meant (`boolean`): NA throughout where it is not among them."""
    same = names.map(plain, na_action="ignore") == plain(name)
    return pd.Series(same if same.any() else pd.NA, index=names.index, dtype="boolean")


def _spell_alike(tables: dict[str, pd.DataFrame]) -> None:
    """Give channels that differ in case alone one spelling in all tables: the most frequent."""
    frames = [frame["channel"].dropna() for frame in tables.values() if "channel" in frame]
    counts = pd.concat(frames).value_counts() if frames else pd.Series(dtype="int64")
    spelled: dict[str, str] = {}
    for channel in sorted(counts.index, key=lambda channel: (channel not in CHANNELS, -counts[channel], channel)):
        spelled.setdefault(plain(channel), channel)
    for key, frame in tables.items():
        if "channel" in frame and len(spelled) < len(counts):
            same = frame["channel"].map(lambda channel: spelled[plain(channel)], na_action="ignore")
            tables[key] = frame.assign(channel=same.astype("str"))


def _fill_orders(orders: pd.DataFrame, leads: pd.DataFrame | None, company: Company) -> pd.DataFrame:
    """Channels of orders from their leads; the margin by the company's share where no file gives it."""
    channel = orders["channel"]
    if leads is not None:
        of_lead = leads.dropna(subset="lead_id").drop_duplicates("lead_id").set_index("lead_id")["channel"]
        known = channel.where(channel != UNKNOWN)
        channel = known.fillna(orders["lead_id"].map(of_lead)).fillna(channel)
    orders = orders.assign(channel=channel.fillna(UNKNOWN).astype("str"))
    if company.margin_share is not None:
        orders["margin"] = orders["margin"].fillna(orders["revenue"] * company.margin_share)
    return orders
