"""The same sums, to the last digit, whatever holds the tables: pandas, Polars, DuckDB or Spark."""

import math
import os
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from frames import table
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.errors import KitError
from kpi_helpers.measures import sum_measures
from kpi_helpers.terms import MEASURES, TABLES

few = settings(max_examples=25)  # each example sums on several engines
SQL = {"datetime64": "timestamp", "float64": "double", "boolean": "boolean", "str": "varchar"}
POLARS = {"datetime64": pl.Datetime("us"), "float64": pl.Float64(), "boolean": pl.Boolean(), "str": pl.String()}
LATER = {"leads": {"in_time": "flag"}, "chats": {"in_time": "flag"}, "tasks": {"on_time": "flag"},
         "actions": {"main": "flag"}}  # what other stages add
ASKED = [
    ("month", None, None), ("month", "channel", None), ("day", "channel", None), ("quarter", "campaign", None),
    ("year", "network", None), ("month", "platform", None), ("month", "channel", 12), ("quarter", None, 12),
]


# The same table, held by each of them


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    return {name: str(kind).split("[")[0] for name, kind in frame.dtypes.items()}


def columns(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Plain values: times as the company's clock shows them, None for what is missing, and NaN among the numbers."""
    plain = {}
    for name, kind in kinds(frame).items():
        if kind == "datetime64":
            local = frame[name].dt.tz_localize(None)
            plain[name] = [None if pd.isna(value) else value.to_pydatetime() for value in local]
        elif kind == "float64":
            plain[name] = frame[name].tolist()
        else:
            plain[name] = [None if pd.isna(value) else value for value in frame[name].tolist()]
    return plain


def rows(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(zip(*columns(frame).values(), strict=True))


def in_polars(frame: pd.DataFrame) -> pl.DataFrame:
    values = columns(frame)
    return pl.DataFrame({name: pl.Series(name, values[name], POLARS[kind]) for name, kind in kinds(frame).items()})


def in_lazy_polars(frame: pd.DataFrame) -> pl.LazyFrame:
    return in_polars(frame).lazy()


def in_duckdb(frame: pd.DataFrame) -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    heads = ", ".join(f'"{name}" {SQL[kind]}' for name, kind in kinds(frame).items())
    connection.execute(f"create table canonical ({heads})")
    if len(frame):
        connection.executemany(f"insert into canonical values ({', '.join('?' * frame.shape[1])})", rows(frame))
    return connection.table("canonical")


HOLDERS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "polars": in_polars, "lazy polars": in_lazy_polars, "duckdb": in_duckdb,
}  # fmt: skip


# Invented tables with everything that may go wrong in them


def invented(key: str, chance: random.Random, count: int = 250) -> pd.DataFrame:
    wanted = {**TABLES[key].columns, **LATER.get(key, {})}
    made = {name: [some(name, kind, chance) for _ in range(count)] for name, kind in wanted.items()}
    if key == "audience":
        starts = [date(2026, chance.randint(1, 4), chance.choice([1, 1, 1, 2])) for _ in range(count // 10)]
        made = {name: values[: len(starts)] for name, values in made.items()}
        ends = [(start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1) for start in starts]
        made |= {"start": starts, "end": ends}
    frame = table(key, **made)
    if "since" in frame:
        starts = frame[TABLES[key].date] - pd.to_timedelta([chance.choice([0, 3, 20, 40]) for _ in range(count)], "D")
        frame["since"] = starts.where([chance.random() < 0.3 for _ in range(count)])
    return frame


def some(name: str, kind: str, chance: random.Random) -> Any:
    if chance.random() < 0.06:
        return math.nan if kind in ("count", "number", "money") else None
    if kind in ("date", "time"):
        day = datetime(2025, 12, 20) + timedelta(days=chance.randrange(120))
        return day + timedelta(minutes=chance.choice([0, 1, 720, 1439])) if kind == "time" else day
    values = {
        "kind": ["research", "creative", "other"], "recommend": list(range(11)),
        "text": ["a", "b", "unknown", "Ёлка; '\" -- %", ""], "id": [f"00{n}" for n in range(40)],
        "person": [f"c{n}" for n in range(40)], "count": range(1000), "number": [0.1, 1, 4, 4.5, 1 / 3, 1 / 128],
        "money": [0.01, 0.1, 19.99, -3.5, 1 / 3, 2.675, 1e10 + 0.01, 1 / 128], "flag": [True, False],
    }
    return chance.choice(values.get(name, values[kind]))


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    chance = random.Random(3)
    return {key: invented(key, chance) for key in TABLES}


@pytest.fixture(scope="module", params=HOLDERS)
def held(tables: dict[str, pd.DataFrame], request: pytest.FixtureRequest) -> dict[str, Any]:
    """The invented tables, held by each of the engines in turn."""
    return {key: HOLDERS[request.param](frame) for key, frame in tables.items()}


def test_the_invented_tables_tell_of_every_measure(tables: dict[str, pd.DataFrame]) -> None:
    told = sum_measures(tables).notna().any()
    assert told[list(MEASURES)].all(), told[~told].index.tolist()


@pytest.mark.parametrize(("every", "by", "first_days"), ASKED)
def test_sums_are_the_same(
    tables: dict[str, pd.DataFrame], held: dict[str, Any], every: str, by: str | None, first_days: int | None
) -> None:
    expected = sum_measures(tables, every, by, first_days=first_days)
    assert len(expected) > 1
    same(sum_measures(held, every, by, first_days=first_days), expected)


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.mark.parametrize("holder", HOLDERS)
def test_empty_tables_give_no_rows(holder: str) -> None:
    for by in (None, "channel"):
        assert sum_measures({key: HOLDERS[holder](table(key)) for key in TABLES}, by=by).empty


# Exact, in any order

kopecks = st.integers(-(10**11), 10**11).map(lambda number: number / 100)
ugly = st.floats(-1e12, 1e12, allow_subnormal=False) | st.sampled_from([1 / 3, 2.675, 0.1 + 0.2, 5e-7, 1 / 128])
missing = st.sampled_from([None, math.nan])


def spent(amounts: list[float | None]) -> pd.DataFrame:
    return table("ads", date=["2026-01-01"] * len(amounts), platform=["p"] * len(amounts),
                 channel=["a"] * len(amounts), spend=amounts)


def total(ads: Any) -> float:
    return sum_measures({"ads": ads}, keys=["spend"])["spend"].item()


@few
@given(st.lists(kopecks, min_size=1, max_size=8))
def test_money_adds_up_as_decimals_do(amounts: list[float]) -> None:
    exact = sum(Decimal(str(amount)) for amount in amounts)
    assert total(spent(amounts)) == pytest.approx(math.fsum(amounts), rel=1e-14, abs=1e-6)
    assert total(spent(amounts)) == float(exact)


def test_a_thousand_tenths_are_a_hundred() -> None:
    assert sum([0.1] * 1000) != 100
    assert total(spent([0.1] * 1000)) == 100


@few
@given(st.lists(kopecks | ugly | missing, min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_neither_order_nor_parts_nor_the_engine_change_a_digit(
    amounts: list[float | None], chance: random.Random
) -> None:
    whole = sum_measures({"ads": spent(amounts)}, by="channel", keys=["spend", "clicks"])
    mixed = chance.sample(amounts, len(amounts))
    cut = chance.randint(0, len(mixed))
    parts = pd.concat([spent(mixed[:cut]), spent(mixed[cut:])], ignore_index=True)
    for held in (parts, *(hold(parts) for hold in HOLDERS.values())):
        same(sum_measures({"ads": held}, by="channel", keys=["spend", "clicks"]), whole)


@pytest.mark.parametrize("name", ["Int64", "Float64", "int64", "float32"])
def test_other_number_types_of_pandas_are_added_too(name: str) -> None:
    ads = spent([1, 2, 4])
    assert total(ads.assign(spend=ads["spend"].astype(name))) == 7


def test_decimals_and_dates_of_duckdb_and_polars_are_added_as_they_are() -> None:
    sql = "select date '2026-01-31' as date, 'a' as channel, cast('0.10' as decimal(12, 2)) as spend from range(30)"
    assert total(duckdb.sql(sql)) == 3
    assert total(pl.DataFrame({"date": [date(2026, 1, 31)] * 30, "spend": [Decimal("0.10")] * 30})) == 3


# Rows that speak of more than a day


def test_a_months_row_counts_in_months_quarters_and_years_but_not_in_days() -> None:
    ads = table("ads", date=["2026-01-31", "2026-01-05"], since=["2026-01-01", None], spend=[300.0, 7.0])
    assert {every: sum_measures({"ads": ads}, every, keys=["spend"])["spend"].tolist()
            for every in ("day", "month", "quarter", "year")} == {
        "day": [7], "month": [307], "quarter": [307], "year": [307],
    }  # fmt: skip


def test_a_row_across_two_periods_counts_in_neither() -> None:
    ads = table("ads", date=["2026-02-10", "2026-02-10"], since=["2026-01-20", "2026-02-10"], spend=[300.0, 7.0])
    assert sum_measures({"ads": ads}, keys=["spend"])["spend"].tolist() == [7]
    assert sum_measures({"ads": ads}, "day", keys=["spend"])["spend"].tolist() == [7]
    assert sum_measures({"ads": ads}, "quarter", keys=["spend"])["spend"].tolist() == [307]


@pytest.mark.parametrize("every", ["month", "quarter", "year"])
def test_the_first_days_hold_only_rows_that_end_in_them_and_begin_in_their_month(every: str) -> None:
    ads = table("ads", spend=[1.0, 10.0, 100.0], date=["2026-02-10", "2026-02-11", "2026-02-10"],
                since=["2026-02-04", "2026-02-04", "2026-01-28"])
    assert sum_measures({"ads": ads}, every, first_days=10, keys=["spend"])["spend"].tolist() == [1]


# Times and what is refused


def test_polars_knows_the_zone_of_its_times() -> None:
    midnight = datetime(2026, 1, 31, 21, 30)  # in UTC; half past midnight in Moscow
    leads = pl.DataFrame({"created_at": [midnight]}).with_columns(
        pl.col("created_at").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Moscow")
    )
    assert sum_measures({"leads": leads}, keys=["leads"])["period"].tolist() == [pd.Timestamp("2026-02-01")]


def test_moments_whose_day_the_session_decides_are_refused() -> None:
    leads = duckdb.sql("select timestamptz '2026-01-31 21:30:00+00' as created_at")
    with pytest.raises(KitError, match="'created_at' depends on the time zone of the session. Cast it"):
        sum_measures({"leads": leads}, keys=["leads"])


# Spark, with two workers that are programs of their own

SPARK = {
    "spark.master": "local-cluster[2,1,1024]",  # two workers of one core and 1 GB
    "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2", "spark.default.parallelism": "4", "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "America/New_York", "spark.log.level": "OFF",
    # small tables: compiling would take longer than it saves
    "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false", "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}  # fmt: skip


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A session far from the company's clock; without Java or pyspark the test is skipped, but not for a merge."""
    absent = [name for name, found in (("pyspark", find_spec("pyspark")), ("Java", shutil.which("java"))) if not found]
    if absent:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say(f"Spark needs {' and '.join(absent)}, not found here")
    import pyspark
    from pyspark.sql import SparkSession

    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    session = SparkSession.builder.config(map=SPARK).getOrCreate()
    workplace = Path(pyspark.__file__).with_name("work") / session.sparkContext.applicationId
    yield session
    session.stop()
    shutil.rmtree(workplace, ignore_errors=True)


def in_spark(session: Any, frame: pd.DataFrame) -> Any:
    heads = {"datetime64": "timestamp_ntz", "float64": "double", "boolean": "boolean", "str": "string"}
    schema = ", ".join(f"`{name}` {heads[kind]}" for name, kind in kinds(frame).items())
    held = session.createDataFrame(rows(frame), schema)
    assert held.rdd.getNumPartitions() == 4
    return held


def tasks_done(session: Any) -> dict[str, int]:
    """How many tasks each program of the cluster has done."""
    programs = session.sparkContext._jsc.sc().statusStore().executorList(True)
    found = [programs.apply(number) for number in range(programs.size())]
    return {program.id(): program.totalTasks() for program in found}


@pytest.mark.slow
def test_sums_are_the_same_on_several_workers_of_spark(spark: Any, tables: dict[str, pd.DataFrame]) -> None:
    held = {key: in_spark(spark, frame) for key, frame in tables.items()}
    same(sum_measures(held), sum_measures(tables))
    keys = ["spend", "qualified_leads", "revenue", "customers", "visitors"]
    same(sum_measures(held, "day", "channel", keys=keys, first_days=12),
         sum_measures(tables, "day", "channel", keys=keys, first_days=12))  # fmt: skip
    workers = tasks_done(spark)
    assert workers.pop("driver") == 0
    assert len(workers) == 2 and min(workers.values()) > 0
    moments = spark.sql("select timestamp '2026-01-31 23:30:00' as created_at")
    with pytest.raises(KitError, match="'created_at' depends on the time zone of the session"):
        sum_measures({"leads": moments}, keys=["leads"])
