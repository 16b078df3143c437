"""Sums: each table is summed at its own grain by period and dimension, then the sums are joined.

Written once, on narwhals: the same sums run on pandas, Polars, DuckDB and Spark, each where its data is. Only the sums
are fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import narwhals as nw
import pandas as pd

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _
from kpi_helpers.terms import MEASURES, TABLES, UNKNOWN, Measure, Tables

Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
Spans = dict[str, tuple[pd.Timestamp, pd.Timestamp]]

DIMENSIONS = {name for table in TABLES.values() for name, kind in table.columns.items() if kind == "text"}
PERIODS = {"day": "D", "month": "MS", "quarter": "QS", "year": "YS"}
DAYS = {"period", "start", "end", "first", "last"}
MILLION = 1e6
# Adding this and taking it away again rounds to whole numbers, for so large a float holds no fraction: by IEEE 754
# alone, so alike everywhere, where the engines' own ways of rounding treat halves differently.
NO_FRACTION = 2.0**52 + 2.0**51


def sum_measures(
    tables: Mapping[str, Any],
    every: str = "month",
    by: str | None = None,
    *,
    first_days: int | None = None,
    keys: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Sum measures by period, and by one dimension (`by`: "channel", "campaign", ...) where it is given.

    `tables` are canonical tables by key: frames of pandas, Polars (also lazy) or Spark, or relations of DuckDB. In
    DuckDB and Spark times stand without zone, by the company's clock. `first_days` keeps the first n days of each
    month, to compare an unfinished month with the same days of others. A row that speaks of more than a day (`since`
    is its first, its date the last) counts only where all of it lies in the period.

    Returns a row per period (and value of `by`), without gaps in the periods, and a column per measure. A measure is
    NaN where its table says nothing: missing is not zero. Measures that cannot be added (unique visitors) appear only
    for the period they were exported for. Amounts are taken to the millionth and added exactly, so that neither the
    order of the rows nor the engine changes a digit; a sum of 9 billion or more is rounded in its last digit, alike
    everywhere. KitError for an unknown period or dimension, and for times with a zone in DuckDB and Spark.
    """
    if every not in PERIODS:
        raise KitError(_("periods are {choices}, not {found}.").format(choices=", ".join(PERIODS), found=repr(every)))
    if by and by not in DIMENSIONS:
        raise KitError(_("no table has a column {name} to sum by.").format(name=repr(by)), did_you_mean(by, DIMENSIONS))
    wanted = [MEASURES[key] for key in (MEASURES if keys is None else keys)]
    group = ["period", by] if by else ["period"]
    frames = {key: _opened(tables[key]) for key in tables if any(measure.table == key for measure in wanted)}
    names = {key: set(frame.collect_schema().names()) for key, frame in frames.items()}
    told = [
        measure
        for measure in wanted
        if measure.table in frames
        and (by is None or by in TABLES[measure.table].columns)
        and _asked(measure) | set(group[1:]) <= names[measure.table]
        and not (measure.how == "whole_period" and first_days is not None)
    ]
    tables = tables if isinstance(tables, Tables) else Tables(tables)
    sums = _sum_each(tables, frames, told, every, group, first_days)
    if by:
        everything = sorted({value for frame in sums.values() for value in _known(frame[by])})
        for key in {measure.table for measure in sums if ("reach", every, by) not in tables.summed(measure.table)}:
            tables.summed(key)["reach", every, by] = _reach(frames[key], key, every, by)
        for measure, frame in sums.items():
            reach = tables.summed(measure.table)["reach", every, by]
            sums[measure] = _with_zeros(frame, measure, by, everything, reach)
    joined = _joined([frame for frame in sums.values() if len(frame)], group, every)
    return joined.reindex(columns=group + [measure.key for measure in wanted])


def _opened(table: Any) -> Frame:
    """The table for narwhals. NaN is made missing: to all but pandas it is a number, and greater than any other."""
    frame: Frame = nw.from_native(table)
    if frame.implementation.is_pandas():
        return frame
    if frame.implementation.is_dask():
        raise KitError(_("sums on Dask cannot be trusted."), _("Give a table of pandas, Polars, DuckDB or Spark."))
    floats = [name for name, kind in frame.collect_schema().items() if kind.is_float()]
    return frame.with_columns(nw.col(*floats).fill_nan(None)) if floats else frame


def _asked(measure: Measure) -> set[str]:
    """The columns that tell of the measure: not all are there (those of timeliness are added by another stage)."""
    more = {"whole_period": {"start", "end", "channel"}, "first": {"network"}}.get(measure.how, set())
    place = measure.dated or TABLES[measure.table].date
    column = measure.column if measure.how != "count" else ""
    return {place, column, measure.where[0] if measure.where else "", *more} - {""}


def _taken_from(measure: Measure) -> tuple[str, ...]:
    """The rows that the measure is taken from: measures of the same rows are summed in one pass."""
    place = measure.table, measure.dated or TABLES[measure.table].date
    return place if measure.can_be_added else (*place, measure.how, measure.column)


def _sum_each(
    tables: Tables, frames: Mapping[str, Frame], measures: list[Measure], every: str, group: list[str],
    first_days: int | None,
) -> dict[Measure, pd.DataFrame]:  # fmt: skip
    """The sums of each measure, those of the same rows in one pass."""
    sums: dict[Measure, pd.DataFrame] = {}
    for (key, *_rest), alike in groupby(sorted(measures, key=_taken_from), _taken_from):
        summed, asked = tables.summed(key), {measure: (measure, every, *group, first_days) for measure in alike}
        if new := [measure for measure, what in asked.items() if what not in summed]:
            found = _sum_alike(frames[key], new, every, group, first_days)
            summed.update({asked[measure]: frame for measure, frame in found.items()})
        sums |= {measure: summed[what] for measure, what in asked.items()}
    return sums


def _sum_alike(
    frame: Frame, measures: list[Measure], every: str, group: list[str], first_days: int | None
) -> dict[Measure, pd.DataFrame]:
    """The sums of measures that are taken from the same rows: period, [by], the measure; NaN where no row says it."""
    (_table, dated, *_rest), column = _taken_from(measures[0]), measures[0].column
    rows = _placed(frame, dated, every, first_days)
    match measures[0].how:
        case "distinct":
            rows = rows.filter(~nw.col(column).is_null(), *_not_taken_back(frame, measures[0]))
            rows = rows.group_by(*group, column).agg(nw.len())
        case "whole_period":
            total = nw.col("channel").is_null() | (nw.col("channel") == UNKNOWN)
            rows = rows.filter(total if group == ["period"] else ~total)
            return {measures[0]: _whole_periods(rows, measures[0], every, group)}
        case "first":
            stock = dict.fromkeys([*group, "network"])
            rows = rows.with_columns(nw.col(dated).min().over(*stock).alias("first"))
            rows = rows.filter(nw.col(dated) == nw.col("first"))
    sums = _added(rows, measures, group)
    return {measure: sums[[*group, measure.key]] for measure in measures}


def _placed(frame: Frame, dated: str, every: str, first_days: int | None) -> Frame:
    """The rows that lie in one period, and which: `period` is its first day, written as in `_first_day`."""
    spans = "since" in frame.collect_schema().names()
    for name in [dated, "since"] if spans else [dated]:
        _refuse_zone(frame, name)
    inside = _first_day("since", every) == nw.col("period")
    if first_days is not None:
        frame = frame.filter(nw.col(dated).dt.day() <= first_days)
        inside = inside & (_first_day("since", "month") == _first_day(dated, "month"))
    whole = [nw.col("since").is_null() | inside] if spans else []
    return frame.with_columns(_first_day(dated, every).alias("period")).filter(~nw.col("period").is_null(), *whole)


def _refuse_zone(frame: Frame, name: str) -> None:
    """DuckDB and Spark hold a moment and read its day by the session's clock; pandas and Polars know the zone."""
    kind = frame.collect_schema()[name]
    if isinstance(frame, nw.DataFrame) or frame.implementation.is_polars() or not getattr(kind, "time_zone", None):
        return
    raise KitError(
        _("the day of {name} depends on the time zone of the session.").format(name=repr(name)),
        _("Cast it to a time without zone by the company's clock: timestamp in DuckDB, timestamp_ntz in Spark."),
    )


def _first_day(name: str, every: str) -> nw.Expr:
    """The first day of the period that a date lies in, as a number (20261001) that no time zone can shift."""
    date = nw.col(name).dt
    month = {"year": 1, "quarter": date.month() - (date.month() - 1) % 3}.get(every, date.month())
    return (date.year() * 100 + month) * 100 + (date.day() if every == "day" else 1)


def _added(rows: Frame, measures: list[Measure], group: list[str]) -> pd.DataFrame:
    """The sums by group. Whole units and millionths are added apart: whole numbers add up exactly in any order."""
    keys = [measure.key for measure in measures]
    names = set(rows.collect_schema().names())
    values = rows.select(*group, *(_value(measure, names).alias(measure.key) for measure in measures))
    values = values.with_columns(_rounded(nw.col(*keys)).name.suffix(" units"))
    rest = {key: (nw.col(key) - nw.col(f"{key} units")) * MILLION for key in keys}
    values = values.with_columns(*(_rounded(part).alias(f"{key} millionths") for key, part in rest.items()))
    parts = [f"{key} {part}" for part in ("units", "millionths") for key in keys]
    sums = _fetched(values.group_by(group).agg(nw.col(*parts).sum(), nw.col(*keys).count().name.suffix(" said")))
    for key in keys:
        amount = (sums[f"{key} units"] * MILLION + sums[f"{key} millionths"]) / MILLION
        sums[key] = amount.where(sums[f"{key} said"] > 0)
    return sums


def _rounded(number: nw.Expr) -> nw.Expr:
    return (number + NO_FRACTION) - NO_FRACTION


def _whole_periods(rows: Frame, measure: Measure, every: str, group: list[str]) -> pd.DataFrame:
    """What was exported for just one whole period; NaN where two rows tell it, for they cannot be added."""
    days = [_first_day(name, "day").alias(name) for name in ("start", "end")]
    sums = _added(rows.with_columns(*days), [measure], [*group, "start", "end"])
    last = (sums["period"] + pd.tseries.frequencies.to_offset(PERIODS[every])) - pd.Timedelta(days=1)
    once = sums[measure.key].where(sums[f"{measure.key} said"] == 1)
    whole = (sums["start"] == sums["period"]) & (sums["end"] == last)
    return sums.assign(**{measure.key: once}).loc[whole, [*group, measure.key]]


def _fetched(frame: Frame) -> pd.DataFrame:
    """A small frame as pandas. From others row by row, for some ask for pyarrow to give a frame."""
    fetched = frame.to_native() if frame.implementation.is_pandas() else _fetched_by_row(frame)
    kinds = {name: "int64" if name in DAYS else "str" if name in DIMENSIONS else "float64" for name in fetched}
    fetched = fetched.astype(kinds).reset_index(drop=True)
    return fetched.assign(**{name: _moments(fetched[name]) for name in fetched if name in DAYS})


def _fetched_by_row(frame: Frame) -> pd.DataFrame:
    if frame.implementation.is_duckdb():
        rows = frame.to_native().fetchall()
    elif frame.implementation.is_spark_like():
        rows = frame.to_native().collect()
    else:
        rows = frame.lazy().collect().rows()
    return pd.DataFrame(rows, columns=frame.collect_schema().names())


def _moments(days: pd.Series) -> pd.Series:
    """Days written as in `_first_day`."""
    number = days.to_numpy()
    months = (number // 10000 - 1970) * 12 + number // 100 % 100 - 1
    whole = months.astype("datetime64[M]").astype("datetime64[D]") + (number % 100 - 1)
    return pd.Series(whole.astype("datetime64[us]"), index=days.index)


def _with_zeros(
    frame: pd.DataFrame, measure: Measure, by: str, everything: list[str], reach: Spans | None
) -> pd.DataFrame:
    """Add zeros for the values of `by` without rows, where the table says that there were none.

    An export of leads or orders lists every channel; an ad account speaks of its own channels only, in the periods that
    it reaches. A period in which the table says nothing of any channel by name says nothing of others.
    """
    known = frame[frame[by].isin(_known(frame[by])) & frame[measure.key].notna()]
    if not measure.can_be_added or known.empty:
        return frame
    values = everything if reach is None else sorted(known[by].unique())
    always = (pd.Timestamp.min, pd.Timestamp.max)
    spans = {value: reach.get(value) if reach is not None else always for value in values}
    told = set(zip(frame["period"], frame[by], strict=True))
    absent = [
        (period, value, 0.0)
        for value, span in spans.items()
        for period in known["period"].unique()
        if span and span[0] <= period <= span[1] and (period, value) not in told
    ]
    if not absent:
        return frame
    zeros = pd.DataFrame(absent, columns=["period", by, measure.key]).astype(frame.dtypes)
    return pd.concat([frame, zeros], ignore_index=True)


def _reach(frame: Frame, key: str, every: str, by: str) -> Spans | None:
    """First and last period that the accounts of each value of `by` speak of; None where the table lists all values."""
    if TABLES[key].lists_all:
        return None
    account = "platform" if "platform" in frame.collect_schema().names() else by
    rows = _placed(frame, TABLES[key].date, every, None).group_by(list(dict.fromkeys([by, account])))
    spans = _fetched(rows.agg(nw.col("period").min().alias("first"), nw.col("period").max().alias("last")))
    of_account = spans.groupby(spans[account].fillna(UNKNOWN))
    spans = spans.assign(first=of_account["first"].transform("min"), last=of_account["last"].transform("max"))
    ends = spans.groupby(by).agg({"first": "min", "last": "max"})
    return dict(zip(ends.index, zip(ends["first"], ends["last"], strict=True), strict=True))


def _known(values: pd.Series) -> pd.Series:
    return values[values.notna() & (values != UNKNOWN)]


def _value(measure: Measure, names: set[str]) -> nw.Expr:
    """What one row adds: the number that a tally has, else what a record adds."""
    if measure.how != "count" or measure.column not in names:
        return _of_record(measure, names)
    tallied = nw.col(measure.column).cast(nw.Float64)
    return nw.when(~tallied.is_null()).then(tallied).otherwise(_of_record(measure, names))


def _not_taken_back(frame: Frame, measure: Measure) -> list[nw.Expr]:
    """Which rows are records, where the table tells those that take one back."""
    back = TABLES[measure.table].taken_back
    return [nw.col(back).is_null() | (nw.col(back) >= 0)] if back in frame.collect_schema().names() else []


def _of_record(measure: Measure, names: set[str]) -> nw.Expr:
    """What one row adds: nothing (null) where the row does not say, zero where it says no or takes a record back."""
    back, amount = TABLES[measure.table].taken_back, nw.lit(1.0)
    if measure.how not in ("count", "distinct"):
        amount = nw.col(measure.column).cast(nw.Float64)
    elif measure.how == "count" and back in names:
        amount = nw.when(nw.col(back) < 0).then(nw.lit(0.0)).otherwise(nw.lit(1.0))
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
    joined = pd.concat([frame.set_index(group) for frame in frames], axis=1, sort=True).sort_index()
    periods = joined.index.get_level_values("period")
    every_period = pd.date_range(periods.min(), periods.max(), freq=PERIODS[every], unit="us", name="period")
    if len(group) == 1:
        return joined.reindex(every_period).reset_index()
    values = joined.index.get_level_values(1).unique()
    return joined.reindex(pd.MultiIndex.from_product([every_period, values], names=group)).reset_index()
