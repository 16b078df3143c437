import pytest

from kpi_helpers.formula import read_unit, write_unit
from kpi_helpers.terms import MEASURES, TABLES

# Columns that the kit adds to canonical tables before they are summed.
ADDED = {"actions": {"main"}, "leads": {"due_at", "in_time"}, "chats": {"in_time"}, "tasks": {"on_time"}}
measures = pytest.mark.parametrize("measure", MEASURES.values(), ids=list(MEASURES))
tables = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))


@tables
def test_the_column_that_places_a_row_in_time_holds_times(table):
    assert table.columns[table.date] in ("date", "time")
    assert set(table.money) == {name for name, kind in table.columns.items() if kind == "money"}


@tables
def test_the_reader_is_told_which_export_fills_a_table(table):
    assert table.name
    derived = table.key in ("first_orders", "customer_base")
    waited_for = any(measure.table == table.key for measure in MEASURES.values())
    assert bool(table.source) == (waited_for and not derived)


def test_only_search_queries_wait_for_a_kpi_to_ask_for_them():
    asked = {measure.table for measure in MEASURES.values()}
    assert TABLES.keys() - asked == {"search_queries"}


@measures
def test_a_measure_is_taken_from_columns_that_are_there(measure):
    columns = set(TABLES[measure.table].columns) | ADDED.get(measure.table, set())
    asked = {name for name in (measure.column, measure.dated, measure.where and measure.where[0]) if name}
    assert asked <= columns
    assert measure.column in ("", measure.key) if measure.how == "count" else measure.column


@measures
def test_a_measure_has_a_name_a_unit_and_known_conditions(measure):
    assert measure.name
    assert write_unit(read_unit(measure.unit)) == measure.unit != "1"
    assert measure.where is None or measure.where[1] in {"is", ">=", "<=", "known"}


@measures
def test_money_is_measured_in_money(measure):
    if measure.column:
        assert (measure.unit == "money") == (measure.column in TABLES[measure.table].money)


def test_unique_people_and_states_cannot_be_added():
    cannot = {key for key, measure in MEASURES.items() if not measure.can_be_added}
    assert cannot == {"visitors", "reach", "customers", "followers_start"}
