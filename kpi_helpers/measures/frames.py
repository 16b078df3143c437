"""The sums of tables that Polars, DuckDB or Spark hold: written once, on narwhals, taken where the data is.

Only the sums are fetched.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.measures.taking import DIMENSIONS, MILLION, NO_FRACTION, PERIODS, Spans, Sums, taken_from
from kpi_helpers.terms import TABLES, UNKNOWN, Measure

Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

DAYS = {"period", "start", "end", "first", "last"}


def open_frame(table: Any) -> Frame:
    """The table for narwhals. NaN is made missing: here it is a number, and greater than any other."""
    frame: Frame = nw.from_native(table)
    if frame.implementation.is_dask():
        raise KitError(_("sums on Dask cannot be trusted."), _("Give a table of pandas, Polars, DuckDB or Spark."))
    floats = [name for name, kind in frame.collect_schema().items() if kind.is_float()]
    return frame.with_columns(nw.col(*floats).fill_nan(None)) if floats else frame


def sum_alike(
    frame: Frame, measures: list[Measure], every: str, group: list[str], first_days: int | None
) -> dict[Measure, Sums]:
    """The sums of measures that are taken from the same rows."""
    (_table, dated, *_rest), column = taken_from(measures[0]), measures[0].column
    rows = _placed(frame, dated, every, first_days)
    match measures[0].how:
        case "distinct":
            rows = rows.filter(~nw.col(column).is_null(), *_not_taken_back(frame, measures[0]))
            rows = rows.group_by(*group, column).agg(nw.len())
        case "whole_period":
            total = nw.col("channel").is_null() | (nw.col("channel") == UNKNOWN)
            rows = rows.filter(total if group == ["period"] else ~total)
            return _told(_whole_periods(rows, measures[0], every, group), measures, group)
        case "first":
            stock = dict.fromkeys([*group, "network"])
            rows = rows.with_columns(nw.col(dated).min().over(*stock).alias("first"))
            rows = rows.filter(nw.col(dated) == nw.col("first"))
    return _told(_added(rows, measures, group), measures, group)


def find_spans(frame: Frame, key: str, every: str, by: str) -> Spans:
    """Of which periods the accounts of each value of `by` speak."""
    account = "platform" if "platform" in frame.collect_schema().names() else by
    rows = _placed(frame, TABLES[key].date, every, None).group_by(list(dict.fromkeys([by, account])))
    spans = _fetched(rows.agg(nw.col("period").min().alias("first"), nw.col("period").max().alias("last")))
    return Spans(_names(spans[by]), _names(spans[account]), spans["first"].to_numpy(), spans["last"].to_numpy())


def _told(sums: pd.DataFrame, measures: list[Measure], group: list[str]) -> dict[Measure, Sums]:
    names: list[str | None] = _names(sums[group[1]]) if group[1:] else [None] * len(sums)
    return {measure: Sums(sums["period"].to_numpy(), names, sums[measure.key].to_numpy()) for measure in measures}


def _names(values: pd.Series) -> list[str | None]:
    return [None if missing else name for name, missing in zip(values, values.isna(), strict=True)]


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
    """A small frame as pandas, fetched row by row, for some ask for pyarrow to give a frame."""
    fetched = _fetched_by_row(frame)
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
