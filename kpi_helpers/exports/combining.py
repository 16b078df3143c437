"""From the readings of many files to one table of each kind: no row twice, gaps filled from other exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports.channels import UNKNOWN
from kpi_helpers.exports.reading import FileReading, TableReading, sum_frame
from kpi_helpers.exports.values import plain
from kpi_helpers.terms import TABLES


def combine(files: Sequence[FileReading], company: Company) -> dict[str, pd.DataFrame]:
    """The canonical tables of all files, sorted by date; only those that have rows."""
    tables: dict[str, pd.DataFrame] = {}
    for key, table in TABLES.items():
        frames = [reading.frame for file in files for reading in file.tables if reading.table == key]
        frames = [frame for frame in frames if len(frame)]
        if frames:
            tables[key] = pd.concat(frames, ignore_index=True).sort_values(table.date, kind="stable", ignore_index=True)
    if "actions" in tables:
        tables["actions"] = tables["actions"].assign(main=_is_main(tables["actions"]["action"], company.main_action))
    if "orders" in tables:
        tables["orders"] = _fill_orders(tables["orders"], tables.get("leads"), company)
    if "market" in tables and company.market_company:
        own = tables["market"]["company"].map(plain, na_action="ignore") == plain(company.market_company)
        tables["market"] = tables["market"].assign(own=own.astype("boolean"))
    return tables


def leave_out_repeats(files: Sequence[FileReading]) -> list[FileReading]:
    """The files without the rows that an earlier export of the same account holds too; the later period wins.

    Records with an id are the same where id and time are. Of tables by day, two files are exports of the same account
    where at least half of the rows on their common days are equal; then those days are kept from one file only.
    """
    order = sorted(range(len(files)), key=lambda place: _recency(files[place]), reverse=True)
    kept: dict[tuple[str, str], list[pd.DataFrame]] = {}
    result = list(files)
    for place in order:
        tables = []
        for reading in files[place].tables:
            earlier = kept.setdefault((reading.layout, reading.table), [])
            tables.append(_without_repeats(reading, earlier))
            earlier.append(tables[-1].frame)
        result[place] = replace(files[place], tables=tuple(tables))
    return result


def _recency(file: FileReading) -> str:
    return max((str(reading.end) for reading in file.tables if reading.end), default="")


def _without_repeats(reading: TableReading, others: list[pd.DataFrame]) -> TableReading:
    table = TABLES[reading.table]
    own_id = next((name for name, kind in table.columns.items() if kind == "id"), "")
    frame = reading.frame
    if own_id and frame[own_id].notna().any():
        repeated = frame.duplicated().to_numpy(copy=True)
        for other in others:
            repeated |= _keys(frame, [own_id, table.date]).isin(_keys(other, [own_id, table.date])).to_numpy()
    else:
        repeated = np.zeros(len(frame), dtype=bool)
        for other in others:
            repeated |= _common_days(frame, other, table.date)
    if not repeated.any():
        return reading
    frame = frame[~repeated].reset_index(drop=True)
    return replace(reading, frame=frame, repeated=int(repeated.sum()), sums=sum_frame(reading.table, frame))


def _common_days(frame: pd.DataFrame, other: pd.DataFrame, date: str) -> np.ndarray:
    shared = frame[date].dt.normalize().isin(other[date].dt.normalize())
    equal = _keys(frame[shared], frame.columns.tolist()).isin(_keys(other, frame.columns.tolist()))
    return shared.to_numpy() if len(equal) and equal.mean() >= 0.5 else np.zeros(len(frame), dtype=bool)


def _keys(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    return pd.util.hash_pandas_object(frame[columns], index=False)


def _is_main(actions: pd.Series, main: str) -> pd.Series:
    """Whether an action is the company's main one, or the only one there is."""
    if main:
        return (actions.map(plain, na_action="ignore") == plain(main)).astype("boolean")
    return pd.Series(actions.nunique() == 1, index=actions.index, dtype="boolean")


def _fill_orders(orders: pd.DataFrame, leads: pd.DataFrame | None, company: Company) -> pd.DataFrame:
    """Channels of orders from their leads; the margin by the company's share where no file gives any."""
    channel = orders["channel"]
    if leads is not None:
        of_lead = leads.dropna(subset="lead_id").drop_duplicates("lead_id").set_index("lead_id")["channel"]
        known = channel.where(channel != UNKNOWN)
        channel = known.fillna(orders["lead_id"].map(of_lead)).fillna(channel)
    orders = orders.assign(channel=channel.fillna(UNKNOWN).astype("str"))
    if company.margin_share is not None and not orders["margin"].notna().any():
        orders["margin"] = orders["revenue"] * company.margin_share
    return orders
