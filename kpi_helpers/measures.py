"""Sums: each table is summed at its own grain by period and dimension, then the sums are joined.

Written on narwhals, so that the same sums can run on other frames than pandas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import narwhals as nw
import pandas as pd

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _
from kpi_helpers.terms import MEASURES, TABLES, UNKNOWN, Measure

DIMENSIONS = {name for table in TABLES.values() for name, kind in table.columns.items() if kind == "text"}
PERIODS = {"day": "1d", "month": "1mo", "quarter": "1q", "year": "1y"}


def sum_measures(
    tables: Mapping[str, Any],
    every: str = "month",
    by: str | None = None,
    *,
    first_days: int | None = None,
    keys: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Sum measures by period, and by one dimension (`by`: "channel", "campaign", ...) where it is given.

    `tables` are canonical tables by key; `first_days` keeps the first n days of each month, to compare an unfinished
    month with the same days of others. Returns a row per period (and value of `by`), without gaps in the periods, and a
    column per measure. A measure is NaN where its table says nothing: missing is not zero. Measures that cannot be
    added (unique visitors) appear only for the period they were exported for. KitError for an unknown period
    or dimension.
    """
    if every not in PERIODS:
        raise KitError(_("periods are {choices}, not {found}.").format(choices=", ".join(PERIODS), found=repr(every)))
    if by and by not in DIMENSIONS:
        raise KitError(_("no table has a column {name} to sum by.").format(name=repr(by)), did_you_mean(by, DIMENSIONS))
    wanted = [MEASURES[key] for key in (MEASURES if keys is None else keys)]
    group = ["period", by] if by else ["period"]
    sums = {
        measure: _sum_one(tables[measure.table], measure, every, group, first_days)
        for measure in wanted
        if measure.table in tables
        and (by is None or by in TABLES[measure.table].columns)
        and _is_told(tables[measure.table], measure)
        and not (measure.how == "whole_period" and first_days is not None)
    }
    if by:
        everything = sorted({value for frame in sums.values() for value in _known(frame[by])})
        told = {measure.table for measure in sums}
        reach = {key: _reach(tables[key], key, every, by) for key in sorted(told)}
        sums = {
            measure: _with_zeros(frame, measure, by, everything, reach[measure.table])
            for measure, frame in sums.items()
        }
    joined = _joined([frame for frame in sums.values() if len(frame)], group, every)
    return joined.reindex(columns=group + [measure.key for measure in wanted])


def _is_told(table: Any, measure: Measure) -> bool:
    """Whether the table has the columns of the measure: those of timeliness are added by another stage."""
    asked = {measure.column, measure.dated, measure.where[0] if measure.where else ""} - {""}
    return asked <= set(nw.from_native(table).collect_schema().names())


def _sum_one(table: Any, measure: Measure, every: str, group: list[str], first_days: int | None) -> pd.DataFrame:
    """One measure's sums as pandas: period, [by], the measure; NaN where all its rows say nothing."""
    dated = measure.dated or TABLES[measure.table].date
    frame = nw.from_native(table).filter(~nw.col(dated).is_null())
    day = nw.col(dated).dt.replace_time_zone(None)
    if first_days is not None:
        frame = frame.filter(day.dt.day() <= first_days)
    frame = frame.with_columns(day.dt.truncate(PERIODS[every]).alias("period"))
    match measure.how:
        case "distinct":
            frame = frame.filter(~nw.col(measure.column).is_null()).select(*group, measure.column).unique()
            frame = frame.with_columns(nw.lit(1.0).alias("value"))
        case "whole_period":
            ends = nw.col("period").dt.offset_by(PERIODS[every]).dt.offset_by("-1d")
            frame = frame.filter(nw.col("start") == nw.col("period"), nw.col("end") == ends)
            total = nw.col("channel").is_null() | (nw.col("channel") == UNKNOWN)
            frame = frame.filter(total if group == ["period"] else ~total)
            frame = frame.with_columns(_value(measure).alias("value"))
        case "first":
            stock = list(dict.fromkeys([*group, *({"network"} & set(TABLES[measure.table].columns))]))
            first = frame.group_by(stock).agg(nw.col(dated).min().alias("first_day"))
            frame = frame.join(first, on=stock, how="inner").filter(nw.col(dated) == nw.col("first_day"))
            frame = frame.with_columns(_value(measure).alias("value"))
        case _:
            frame = frame.with_columns(_value(measure).alias("value"))
    summed = frame.group_by(group).agg(nw.col("value").sum().alias(measure.key), nw.col("value").count().alias("said"))
    result = summed.collect("pandas") if isinstance(summed, nw.LazyFrame) else summed
    sums = result.to_pandas()
    said = sums.pop("said")
    unsaid = said != 1 if measure.how == "whole_period" else said == 0
    sums.loc[unsaid, measure.key] = float("nan")
    return sums


def _with_zeros(
    frame: pd.DataFrame, measure: Measure, by: str, everything: list[str], reach: pd.DataFrame | None
) -> pd.DataFrame:
    """Add zeros for the values of `by` without rows, where the table says that there were none.

    An export of leads or orders lists every channel; an ad account speaks of its own channels only, in the periods that
    it reaches. A period in which the table says nothing of any channel by name says nothing of others.
    """
    known = frame[frame[by].isin(_known(frame[by])) & frame[measure.key].notna()]
    if not measure.can_be_added or known.empty:
        return frame
    values = everything if reach is None else sorted(known[by].unique())
    groups = pd.MultiIndex.from_product([known["period"].unique(), values], names=["period", by])
    absent = groups.difference(pd.MultiIndex.from_frame(frame[["period", by]])).to_frame(index=False)
    if reach is not None:
        spans = reach.reindex(absent[by]).reset_index(drop=True)
        absent = absent[absent["period"].between(spans["first"], spans["last"])]
    return pd.concat([frame, absent.assign(**{measure.key: 0.0})], ignore_index=True)


def _reach(table: Any, key: str, every: str, by: str) -> pd.DataFrame | None:
    """First and last period that the accounts of each value of `by` speak of; None where the table lists all values."""
    if TABLES[key].lists_all:
        return None
    account = "platform" if "platform" in TABLES[key].columns else by
    day = nw.col(TABLES[key].date).dt.replace_time_zone(None)
    frame = nw.from_native(table).with_columns(
        day.dt.truncate(PERIODS[every]).alias("period"), nw.col(account).fill_null(UNKNOWN)
    )
    spans = frame.group_by(account).agg(nw.col("period").min().alias("first"), nw.col("period").max().alias("last"))
    of_value = frame.select(*dict.fromkeys([by, account])).unique().join(spans, on=account, how="inner")
    reach = of_value.group_by(by).agg(nw.col("first").min(), nw.col("last").max())
    return (reach.collect("pandas") if isinstance(reach, nw.LazyFrame) else reach).to_pandas().set_index(by)


def _known(values: pd.Series) -> pd.Series:
    return values[values.notna() & (values != UNKNOWN)]


def _value(measure: Measure) -> nw.Expr:
    """What one row adds: nothing (null) where the row does not say, zero where it says no."""
    amount = nw.col(measure.column).cast(nw.Float64) if measure.column else nw.lit(1.0)
    if measure.where is None:
        return amount
    column, test, value = measure.where
    known, compared = ~nw.col(column).is_null(), nw.col(column)
    if test == "known":
        return nw.when(known).then(amount)
    met = {"is": compared == value, ">=": compared >= value, "<=": compared <= value}[test]
    return nw.when(known & met).then(amount).otherwise(nw.when(known).then(nw.lit(0.0)))


def _joined(frames: list[pd.DataFrame], group: list[str], every: str) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype="datetime64[us]" if name == "period" else "str") for name in group})
    indexed = [frame.assign(period=frame["period"].astype("datetime64[us]")).set_index(group) for frame in frames]
    joined = pd.concat(indexed, axis=1, sort=True).sort_index()
    periods = joined.index.get_level_values("period")
    step = {"day": "D", "month": "MS", "quarter": "QS", "year": "YS"}[every]
    every_period = pd.date_range(periods.min(), periods.max(), freq=step, unit="us", name="period")
    if len(group) == 1:
        return joined.reindex(every_period).reset_index()
    values = joined.index.get_level_values(1).unique()
    return joined.reindex(pd.MultiIndex.from_product([every_period, values], names=group)).reset_index()
