"""The sums of tables that pandas holds, taken by numpy: those of `frames`, where every step of pandas has its price."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpi_helpers.measures.taking import MILLION, NO_FRACTION, Spans, Sums, taken_from
from kpi_helpers.terms import TABLES, UNKNOWN, Measure

MONTHS = {"month": 1, "quarter": 3, "year": 12}


def sum_alike(
    table: pd.DataFrame, measures: list[Measure], every: str, group: list[str], first_days: int | None
) -> dict[Measure, Sums]:
    """The sums of measures that are taken from the same rows."""
    (_table, dated, *_rest), column, how = taken_from(measures[0]), measures[0].column, measures[0].how
    periods, counted = _placed(table, dated, every, first_days)
    places, names = _places(table, group[1:])
    if how == "distinct":
        counted &= table[column].notna().to_numpy() & ~_is_taken_back(table, measures[0])
    elif how == "whole_period":
        total = (table["channel"].isna() | (table["channel"] == UNKNOWN)).to_numpy()
        counted &= (~total if group[1:] else total) & _is_whole(table, periods, every)
    elif how == "first":
        counted &= _is_first(table, dated, periods, places, counted)
    where = np.flatnonzero(counted)
    codes = periods[where].astype("int64") * len(names) + places[where]
    if how == "distinct":
        where, codes = _once(where, codes, pd.factorize(table[column])[0])
    found, inverse = np.unique(codes, return_inverse=True)
    days = (found // len(names)).astype("datetime64[D]").astype("datetime64[us]")
    told = [names[place] for place in (found % len(names)).tolist()]
    sums = {measure: _added(_amounts(table, measure)[where], inverse, len(found)) for measure in measures}
    if how == "whole_period":  # two rows tell it: they cannot be added
        sums = {measure: np.where(np.bincount(inverse, minlength=len(found)) == 1, sum_, np.nan)
                for measure, sum_ in sums.items()}  # fmt: skip
    return {measure: Sums(days, told, amounts) for measure, amounts in sums.items()}


def find_spans(table: pd.DataFrame, key: str, every: str, by: str) -> Spans:
    """Of which periods the accounts of each value of `by` speak."""
    account = "platform" if "platform" in table else by
    periods, counted = _placed(table, TABLES[key].date, every, None)
    (places, names), (owners, accounts) = _places(table, [by]), _places(table, [account])
    found, inverse = np.unique((places * len(accounts) + owners)[counted], return_inverse=True)
    days = periods[counted].astype("datetime64[us]")
    order = np.lexsort((days, inverse))
    starts = np.searchsorted(inverse[order], np.arange(len(found) + 1))
    first, last = days[order][starts[:-1]], days[order][starts[1:] - 1]
    pairs = [divmod(code, len(accounts)) for code in found.tolist()]
    return Spans([names[place] for place, _owner in pairs], [accounts[owner] for _place, owner in pairs], first, last)


def _placed(table: pd.DataFrame, dated: str, every: str, first_days: int | None) -> tuple[np.ndarray, np.ndarray]:
    """The first day of the period that each row's date lies in, and which rows lie in one period."""
    days = _days(table, dated)
    periods, counted = _first_day(days, every), ~np.isnat(days)
    if first_days is not None:
        counted &= (days - _first_day(days, "month")).astype("int64") < first_days
    if "since" in table:
        since = _days(table, "since")
        inside = _first_day(since, every) == periods
        if first_days is not None:
            inside &= _first_day(since, "month") == _first_day(days, "month")
        counted &= np.isnat(since) | inside
    return periods, counted


def _days(table: pd.DataFrame, name: str) -> np.ndarray:
    """The days of a column by the company's clock."""
    return _moments(table, name).astype("datetime64[D]")


def _moments(table: pd.DataFrame, name: str) -> np.ndarray:
    local = table[name].dt.tz_localize(None)
    return local.to_numpy(dtype="datetime64[us]")


def _first_day(days: np.ndarray, every: str) -> np.ndarray:
    if every == "day":
        return days
    months = days.astype("datetime64[M]")
    back = (months.astype("int64") % MONTHS[every]).astype("timedelta64[M]")
    return (months - back).astype("datetime64[D]")


def _is_whole(table: pd.DataFrame, periods: np.ndarray, every: str) -> np.ndarray:
    """Which rows were exported for just one whole period."""
    following = periods + 1
    if every != "day":
        following = (periods.astype("datetime64[M]") + MONTHS[every]).astype("datetime64[D]")
    return (_days(table, "start") == periods) & (_days(table, "end") == following - 1)


def _is_first(
    table: pd.DataFrame, dated: str, periods: np.ndarray, places: np.ndarray, counted: np.ndarray
) -> np.ndarray:
    """Which rows are those of the first moment, of the rows counted, of their period, place and network."""
    stocks = pd.DataFrame({"period": periods, "place": places, "network": _places(table, ["network"])[0]})
    moments = pd.Series(_moments(table, dated))
    first = moments.where(counted).groupby([stocks[name] for name in stocks], dropna=False).transform("min")
    return (moments == first).to_numpy()


def _places(table: pd.DataFrame, by: list[str]) -> tuple[np.ndarray, list[str | None]]:
    """The number of each row's value of `by`, and the values; None where it is missing, as where nothing is asked."""
    if not by:
        return np.zeros(len(table), dtype="int64"), [None]
    codes, values = pd.factorize(table[by[0]])
    names: list[str | None] = [*(str(value) for value in values), None]
    return np.where(codes < 0, len(names) - 1, codes).astype("int64"), names


def _once(where: np.ndarray, codes: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first of the rows that have the same code and value."""
    once = np.unique(np.stack([codes, values[where]]), axis=1, return_index=True)[1]
    return where[once], codes[once]


def _added(amounts: np.ndarray, inverse: np.ndarray, size: int) -> np.ndarray:
    """The sums by group. Whole units and millionths are added apart: whole numbers add up exactly in any order."""
    said = ~np.isnan(amounts)
    units = _rounded(amounts)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        millionths = _rounded((amounts - units) * MILLION)
    parts = (np.bincount(inverse, np.where(np.isnan(part), 0.0, part), size) for part in (units, millionths))
    whole, rest = parts
    return np.where(np.bincount(inverse, said, size) > 0, (whole * MILLION + rest) / MILLION, np.nan)


def _rounded(numbers: np.ndarray) -> np.ndarray:
    return (numbers + NO_FRACTION) - NO_FRACTION


def _amounts(table: pd.DataFrame, measure: Measure) -> np.ndarray:
    """What each row adds: the number that a tally has, else what a record adds."""
    record = _of_records(table, measure)
    if measure.how != "count" or measure.column not in table:
        return record
    tallied = _numbers(table, measure.column)
    return np.where(np.isnan(tallied), record, tallied)


def _of_records(table: pd.DataFrame, measure: Measure) -> np.ndarray:
    """What each row adds: nothing (NaN) where it does not say, zero where it says no or takes a record back."""
    amounts = np.ones(len(table))
    if measure.how not in ("count", "distinct"):
        amounts = _numbers(table, measure.column)
    elif measure.how == "count":
        amounts[_is_taken_back(table, measure)] = 0.0
    if measure.where is None:
        return amounts
    column, test, value = measure.where
    known = table[column].notna().to_numpy()
    if test == "known":
        return np.where(known, amounts, np.nan)
    if test == "is":
        met = (table[column] == value).to_numpy(dtype=bool, na_value=False)
    else:
        numbers = _numbers(table, column)
        met = numbers >= value if test == ">=" else numbers <= value
    return np.where(known, np.where(met, amounts, 0.0), np.nan)


def _is_taken_back(table: pd.DataFrame, measure: Measure) -> np.ndarray:
    """Which rows take a record back, where the table tells that."""
    back = TABLES[measure.table].taken_back
    return _numbers(table, back) < 0 if back in table else np.zeros(len(table), dtype=bool)


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    numbers: np.ndarray = table[name].to_numpy(dtype="float64", na_value=np.nan)
    return numbers
