import math
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.goals import COLUMNS, check_goals, goal_for, judge_status, target_to_date, write_goals

HIGHER, LOWER, BUDGET = KPIS["leads"], KPIS["cpl"], KPIS["spend"]


def goal(**cells):
    return {**dict.fromkeys(COLUMNS, ""), "kpi": "leads", "target": "400", **cells}


def refusal(*rows):
    with pytest.raises(KitError) as caught:
        check_goals(rows)
    return str(caught.value)


# Reading

@pytest.mark.parametrize(("text", "number"), [
    ("1200", 1200), ("1 200 000", 1_200_000), ("1\u00a0200,5", 1200.5), ("0.8", 0.8), ("0,8", 0.8), ("1,5", 1.5),
    ("0,125", 0.125), ("1234,567", 1234.567),
])
def test_numbers_are_read_as_people_write_them(text, number):
    assert check_goals([goal(target=text)])["target"].item() == pytest.approx(number)


@pytest.mark.parametrize("text", ["80 %", "80%", "0,8", "0.80"])
def test_a_share_is_a_fraction_or_has_a_percent_sign(text):
    assert check_goals([goal(kpi="qualification_rate", target=text)])["target"].item() == pytest.approx(0.8)


@pytest.mark.parametrize("text", ["1,200", "1.200", "12,000", "1,200,000", "nan", "inf", "1e999", "%", "--", "5 to 6"])
def test_what_is_no_number_or_two_is_refused(text):
    assert "goals.csv, line 2: target = " in refusal(goal(target=text))


@pytest.mark.parametrize(("cells", "said"), [
    ({"kpi": "cpll"}, "no KPI 'cpll'. Did you mean cpl"),
    ({"kpi": ""}, "no KPI ''"),
    ({"target": ""}, "target is empty"),
    ({"kpi": "qualification_rate", "target": "80"}, "is a share between 0 and 1. Write it as 0.8 or 80 %"),
    ({"kpi": "churn_rate", "target": "-0.1"}, "is a share between 0 and 1"),
    ({"kpi": "cpl", "target": "5 %"}, "cpl is not a share. Write it without %"),
    ({"owner": "boss"}, "no owner 'boss'. There are: marketing, sales, service, shared"),
    ({"deadline": "end of year"}, "deadline = 'end of year' is not a date"),
    ({"deadline": "31.12.26"}, "is not a date"),
    ({"deadline": "2026-02-30"}, "is not a date"),
    ({"start": "2026-06-01", "deadline": "2026-01-31"}, "the deadline is before the start"),
])
def test_a_wrong_goal_is_refused_with_its_line(cells, said):
    message = refusal(goal(kpi="cac"), goal(**cells))
    assert message.startswith("goals.csv, line 3: ") and said in message


def test_a_table_without_its_headings_is_refused():
    assert "no heading target. Headings of goals: kpi, scope" in refusal({"kpi": "leads"})


def test_the_empty_cells_have_their_meaning():
    row = check_goals([goal(deadline="31.12.2026")]).iloc[0]
    assert (row["scope"], row["owner"]) == ("company", "marketing")
    assert (row["start"], row["deadline"]) == (None, date(2026, 12, 31))
    assert math.isnan(row["baseline"]) and math.isnan(row["weight"])
    assert list(check_goals([]).columns) == list(COLUMNS)


def test_two_goals_at_once_leave_open_which_one_counts():
    first = goal(start="2026-01-01", deadline="2026-06-30")
    assert "lines 2 and 4" in refusal(first, goal(scope="vk_ads"), goal(start="2026-06-30", deadline="2026-12-31"))
    assert len(check_goals([first, goal(start="2026-07-01", deadline="2026-12-31")])) == 2


def test_goals_are_written_as_they_are_read(tmp_path):
    import csv

    goals = check_goals([goal(start="2026-01-01", deadline="2026-06-30", weight="0.5"), goal(kpi="cpl", target="1500")])
    write_goals(goals, tmp_path / "goals.csv")
    with (tmp_path / "goals.csv").open(encoding="utf-8", newline="") as file:
        assert check_goals([*csv.DictReader(file)]).equals(goals)
    assert [path.name for path in tmp_path.iterdir()] == ["goals.csv"]


# Which goal holds

@pytest.mark.parametrize(("month", "target"), [
    (date(2025, 12, 1), None), (date(2026, 1, 1), 100), (date(2026, 6, 1), 100), (date(2026, 7, 1), 200),
    (date(2030, 1, 1), 200),
])
def test_a_goal_holds_from_its_start_to_its_deadline(month, target):
    first = goal(target="100", start="2026-01-15", deadline="2026-06-10")
    goals = check_goals([first, goal(target="200", start="2026-07-31")])
    found = goal_for(goals, "leads", "company", month)
    assert (found["target"] if found else None) == target
    assert goal_for(goals, "leads", "vk_ads", month) is None


def test_only_sums_grow_with_the_days():
    month = date(2026, 2, 1)
    assert target_to_date(HIGHER, 280, month, 14) == 140
    assert target_to_date(HIGHER, 280, month, None) == target_to_date(HIGHER, 280, month, 28) == 280
    assert target_to_date(LOWER, 280, month, 14) == target_to_date(KPIS["visitors"], 280, month, 14) == 280


# The status

@pytest.mark.parametrize(("row", "value", "target", "status"), [
    (HIGHER, 400, 400, "met"), (HIGHER, 399, 400, "close"), (HIGHER, 380, 400, "close"), (HIGHER, 379, 400, "missed"),
    (LOWER, 400, 400, "met"), (LOWER, 420, 400, "close"), (LOWER, 421, 400, "missed"), (LOWER, 1, 400, "met"),
    (BUDGET, 400, 400, "met"), (BUDGET, 410, 400, "met"), (BUDGET, 1200, 400, "missed"), (BUDGET, 100, 400, "missed"),
    (HIGHER, math.nan, 400, "no_data"), (HIGHER, 5, None, "no_goal"), (HIGHER, 5, math.nan, "no_goal"),
    (KPIS["romi"], -0.5, -0.4, "missed"), (KPIS["romi"], -0.41, -0.4, "close"),
])
def test_a_value_against_its_goal(row, value, target, status):
    assert judge_status(row, value, target) == status


numbers = st.floats(-1e6, 1e6)


@given(numbers, numbers)
def test_lower_is_better_mirrors_higher_is_better(value, target):
    assert judge_status(HIGHER, value, target) == judge_status(LOWER, -value, -target)


@given(numbers, numbers, numbers)
def test_a_better_value_never_has_a_worse_status(value, better, target):
    assume(better >= value)
    rank = ["missed", "close", "met"].index
    assert rank(judge_status(HIGHER, better, target)) >= rank(judge_status(HIGHER, value, target))
    assert rank(judge_status(LOWER, better, target)) <= rank(judge_status(LOWER, value, target))


def test_a_wide_interval_around_the_goal_proves_nothing():
    rate = KPIS["qualification_rate"]
    assert judge_status(rate, 39 / 50, 0.8, 0.647, 0.872) == "not_enough"
    assert judge_status(rate, 42 / 50, 0.8, 0.715, 0.917) == "not_enough"
    assert judge_status(rate, 0.82, 0.8, 0.795, 0.843) == "met"
    assert judge_status(rate, 20 / 50, 0.8, 0.276, 0.538) == "missed"
    assert judge_status(KPIS["churn_rate"], 0.2, 0.22, 0.1, 0.33) == "not_enough"


# What people write in their own language, and what cannot be meant

def test_goals_speak_the_language_of_the_report():
    row = {"Показатель": "Лиды", "Компания или канал": "Яндекс Директ", "Целевое значение": "400",
           "Ответственный": "маркетинг", "Заметка": "вместе с агентством"}
    goals = check_goals([row])
    assert goals[["kpi", "scope", "target", "owner"]].iloc[0].tolist() == ["leads", "yandex_direct", 400, "marketing"]


@pytest.mark.parametrize(("key", "text", "words"), [
    ("romi", "200", "Write 200 % for percent."), ("leads", "-5", "below zero"), ("cpl", "−100", "below zero"),
])
def test_targets_that_cannot_be_meant_are_refused(key, text, words):
    assert words in refusal(goal(kpi=key, target=text))


def test_return_below_zero_can_be_a_goal():
    assert check_goals([goal(kpi="romi", target="−20 %")])["target"].item() == pytest.approx(-0.2)


def test_columns_that_excel_left_in_one_cell_are_named():
    with pytest.raises(KitError, match="not separated"):
        check_goals([{"kpi,scope,target": "leads,company,400"}])
