import csv
import math
from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError, KitErrors
from kpi_helpers.goals import (
    BASIC,
    COLUMNS,
    COUNTS,
    DERIVED,
    FINAL_GOALS,
    check_goals,
    find_final_goal,
    goal_for,
    judge_status,
    read_yaml,
    sort_goals,
    suggest_kpis,
    write_goals,
)

HIGHER, LOWER, BUDGET = KPIS["leads"], KPIS["cpl"], KPIS["spend"]


def goal(**cells):
    return {**dict.fromkeys(BASIC, ""), "kpi": "leads", "target": "400", **cells}


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
    assert list(check_goals([]).columns) == [*COLUMNS, *DERIVED]


def test_two_goals_at_once_leave_open_which_one_counts():
    first = goal(start="2026-01-01", deadline="2026-06-30")
    assert "lines 2 and 4" in refusal(first, goal(scope="vk_ads"), goal(start="2026-06-30", deadline="2026-12-31"))
    assert len(check_goals([first, goal(start="2026-07-01", deadline="2026-12-31")])) == 2


def test_goals_are_written_as_they_are_read(tmp_path):
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


# Totals, exit rates, changes: what has two meanings is refused with both

YEAR = {"start": "2026-01-01", "deadline": "2026-12-31"}
GROWTH = {"target": "+20 %", "baseline": "1200", "baseline_period": "2025", **YEAR}


def full(**cells):
    """A row with all columns, so that nothing is left to the reading of older files."""
    return {**dict.fromkeys(COLUMNS, ""), "kpi": "leads", "target": "400", **cells}


def only(**cells):
    return check_goals([full(**cells)]).iloc[0]


@pytest.mark.parametrize(("cells", "words"), [
    # "+5 %" of a share
    ({"kpi": "conversion_rate", "target": "+5 %", "baseline": "10 %"},
     "the baseline 10.0% and +5 %: 10.5% or 15.0%? Write relative (10.5%) or points (15.0%) into the column change."),
    ({"kpi": "conversion_rate", "target": "+5 %"}, "10.0% would become 10.5% or 15.0%. Write relative"),
    ({"kpi": "nps", "target": "+10 %", "baseline": "40"}, "44.0 or 50.0? Write relative (44.0) or points (50.0)"),
    # a year's goal of a sum
    ({"target": "+20 %", "baseline": "100", **YEAR},
     "'+20 %' for 12 months: 1,440 in total, 120 in the last month (exit rate) or 120 in each month? "
     "Write total, exit or each_month into the column counts."),
    (GROWTH, "1,440 in total, 120 in the last"),
    ({**GROWTH, "baseline": ""}, "in total, in the last month (exit rate) or in each month?"),
    ({"target": "1200", **YEAR}, "'1200' for 12 months: 1,200 in total, 1,200 in the last month"),
    # the baseline of a total: a month's or the year's
    ({"target": "+20 %", "counts": "total", "baseline": "1200", **YEAR},
     "the baseline 1,200 is of one month (then the goal is 17,280) or of 12 months (then 1,440)? Write"),
    ({"target": "+20 %", "counts": "exit", "baseline": "1200", **YEAR}, "one month (then the goal is 1,440) or of 12"),
    ({"target": "+20 %"}, "'+20 %' is a change, of what? Write the baseline as a number, or baseline_period"),
    ({"target": "+20"}, "'+20': the target itself or a change? Write the target without +"),
    ({"kpi": "nps", "target": "+5"}, "a change? Write the target without + or a change as +5 points"),
    ({"kpi": "cpl", "target": "+5 pp", "baseline": "100"}, "cpl is not counted in points. Write it as +5"),
    ({"kpi": "ctr", "target": "5 pp", "baseline": "0.1"}, "the target itself or a change?"),
    ({"kpi": "ctr", "target": "+5 pp", "change": "relative", "baseline": "0.1"}, "is in points, the column change"),
    ({"target": "180", "change": "relative", "baseline": "100"}, "a change is written with its sign and its unit"),
    ({"target": "+5 %", "change": "sideways"}, "change = 'sideways' is not known. There are: points, relative"),
    ({"kpi": "romi", "target": "+20 %", "change": "relative", "baseline": "-0.1"}, "of the baseline -0.1 says nothing"),
    ({"kpi": "ctr", "target": "+50 pp", "baseline": "0.6"}, "is a share between 0 and 1"),
    ({"target": "-120 %", "baseline": "100"}, "below zero"),
    ({"kpi": "ctr", "baseline": "80"}, "baseline = '80': ctr is a share between 0 and 1"),
    ({"baseline_period": "last spring"}, "'last spring' is not a period. Write it as 2025, 2025-Q4, 2025-10 or"),
    ({"baseline_period": "2025-10..2025-04"}, "is not a period"),
    ({"counts": "yearly"}, "counts = 'yearly' is not known. There are: each_month, exit, total."),
    ({"counts": "total"}, "total: from when until when? Write start and deadline."),
    ({"counts": "total", "start": "2026-01-15", "deadline": "2026-12-30"},
     "only whole months can be broken down. Write start 2026-01-01 and deadline 2026-12-31."),
    ({"kpi": "visitors", "counts": "total", **YEAR}, "visitors cannot be added over months. Write each_month"),
    ({"kpi": "repeat_rate", "target": "0.3", "counts": "total", **YEAR}, "cannot be added over months"),
    ({"counts": "exit", "profile": "last_year", **YEAR}, "does not follow last year. Write equal or growth"),
    ({"norm": "yes"}, "leads is no share of a number of cases: it has no norm. Leave norm empty."),
    ({"norm": "maybe"}, "norm = 'maybe' is not known. There are: no, yes."),
    ({"weight": "-0.5"}, "weight = '-0.5' is below zero"),
    ({"target": "1e300"}, "target = '1e300' is too large"),
    ({"target": "+1e15 %", "baseline": "1e15"}, "leads is not a share. Write it without %."),
    ({"target": "+900000000000000 %", "baseline": "900000000000000"}, "too large"),
    ({"target": "=1+1"}, "is not a number"), ({"target": "1_000"}, "is not a number"),
    ({"kpi": "<script>"}, "there is no KPI '<script>'"),
])
def test_ambiguity_and_nonsense_are_refused_with_the_next_step(cells, words):
    message = refusal(full(**cells))
    assert message.startswith("goals.csv, line 2: ") and words in message


@pytest.mark.parametrize(("cells", "target", "kind", "by"), [
    ({"target": "+20 %", "baseline": "100"}, 120, "relative", 0.2),
    ({"target": "+10%", "baseline": "110"}, 121, "relative", 0.1),
    ({"kpi": "cpl", "target": "−10 %", "baseline": "1500"}, 1350, "relative", -0.1),
    ({"kpi": "ctr", "target": "+5 pp", "baseline": "0.1"}, 0.15, "points", 0.05),
    ({"kpi": "ctr", "target": "+5 п.п.", "baseline": "10 %"}, 0.15, "points", 0.05),
    ({"kpi": "ctr", "target": "+5 points", "baseline": "10 %"}, 0.15, "points", 0.05),
    ({"kpi": "ctr", "target": "+5 процентных пунктов", "baseline": "10 %"}, 0.15, "points", 0.05),
    ({"kpi": "ctr", "target": "+5 %", "change": "points", "baseline": "10 %"}, 0.15, "points", 0.05),
    ({"kpi": "ctr", "target": "+5 %", "change": "relative", "baseline": "10 %"}, 0.105, "relative", 0.05),
    ({"kpi": "nps", "target": "+5 points", "baseline": "31"}, 36, "points", 5),
    ({"kpi": "nps", "target": "36 points"}, 36, "", math.nan),
    ({**GROWTH, "counts": "total"}, 1440, "relative", 0.2),
    ({**GROWTH, "counts": "exit"}, 120, "relative", 0.2),
    ({**GROWTH, "counts": "each_month"}, 120, "relative", 0.2),
    ({**GROWTH, "baseline": "100", "baseline_period": "2025-12", "counts": "total"}, 1440, "relative", 0.2),
    ({"target": "+20 %", "baseline": "300", "baseline_period": "2025-Q4"}, 120, "relative", 0.2),
    ({"target": "+20 %", "baseline_period": "2025-12"}, math.nan, "relative", 0.2),
])  # fmt: skip
def test_a_change_is_worked_out_from_its_baseline(cells, target, kind, by):
    row = only(**cells)
    assert row["target"] == pytest.approx(target, nan_ok=True)
    assert (row["change"], row["change_by"]) == (kind, pytest.approx(by, nan_ok=True))


def test_files_of_old_keep_their_meaning():
    """Without the column counts a goal holds for each month, as it always did."""
    row = check_goals([goal(**YEAR)]).iloc[0]
    assert (row["target"], row["counts"]) == (400, "each_month")
    assert goal_for(check_goals([goal(**YEAR)]), "leads", "company", date(2026, 6, 1))["target"] == 400
    assert "1,440 in total" in refusal(goal(target="+20 %", baseline="100", **YEAR))  # but a change must say it


def test_ratios_and_single_months_need_not_say_how_they_count():
    assert only(kpi="cpl", **YEAR)["counts"] == ""
    assert only(start="2026-05-01", deadline="2026-05-31")["counts"] == ""
    assert only(start="2026-05-01")["counts"] == ""


def test_a_total_is_no_month_s_goal_before_it_is_broken_down():
    goals = check_goals([full(counts="total", **YEAR)])
    assert goal_for(goals, "leads", "company", date(2026, 6, 1)) is None


def test_words_of_both_languages_are_understood():
    row = only(counts="Total", profile="equal", norm="", owner="маркетинг", **YEAR)
    assert (row["counts"], row["profile"], row["owner"]) == ("total", "equal", "marketing")
    assert bool(only(kpi="qualification_rate", target="80 %", norm="yes")["norm"])
    assert not bool(only(kpi="qualification_rate", target="80 %", norm="no")["norm"])


def test_all_wrong_rows_are_named_at_once():
    rows = [goal(kpi="cpll"), goal(), goal(kpi="cpl", target="x"), goal(kpi="nps", deadline="soon")]
    with pytest.raises(KitErrors) as caught:
        check_goals(rows)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [f"goals.csv, line {number}" for number in (2, 4, 5)]
    good, errors = sort_goals(rows)
    assert good["kpi"].tolist() == ["leads"] and good.index.tolist() == [3] and len(errors) == 3


def test_a_thousand_wrong_rows_do_not_flood_the_screen():
    lines = refusal(*[goal(kpi="x")] * 1000).splitlines()
    assert len(lines) == 26 and lines[-1] == "and 975 more."


def test_overlaps_are_found_among_many_goals():
    rows = [goal(start=f"20{year}-{month:02}-01", deadline=f"20{year}-{month:02}-28")
            for year in range(10, 99) for month in range(1, 13)]  # fmt: skip
    assert len(check_goals(rows)) == 1068
    assert "lines 2 and 1070" in refusal(*rows, goal(start="2010-01-15", deadline="2010-01-20"))
    inside = goal(start="2010-01-01", deadline="2098-12-31")  # one that holds all others
    with pytest.raises(KitErrors) as caught:
        check_goals([*rows, inside])
    assert len(caught.value.errors) == 1068


# YAML

TEXT = """\
# agreed in December
- kpi: leads
  final_goal: turnover
  target: 1200
  counts: total
  start: 2026-01-01
  deadline: 2026-12-31
- {kpi: qualification_rate, target: 80 %, norm: yes, owner: ~}
- kpi: cpl
  target: -10 %
  baseline: 1500
"""


def test_yaml_and_csv_say_the_same():
    rows, lines = read_yaml(TEXT, "goals.yml")
    same = [full(final_goal="turnover", target="1200", counts="total", **YEAR),
            full(kpi="qualification_rate", target="80 %", norm="yes"),
            full(kpi="cpl", target="-10 %", baseline="1500")]  # fmt: skip
    assert rows == same
    assert check_goals(rows, "goals.yml", lines).equals(check_goals(same))
    assert read_yaml("goals:\n- kpi: leads\n  target: 5\n", "x")[0] == [full(target="5")]
    assert read_yaml("", "x") == ([], [])


def test_a_wrong_goal_in_yaml_is_named_by_the_line_it_begins_on():
    rows, lines = read_yaml(TEXT.replace("kpi: cpl", "kpi: cpll"), "goals.yml")
    with pytest.raises(KitError, match="goals.yml, line 9: there is no KPI 'cpll'. Did you mean cpl"):
        check_goals(rows, "goals.yml", lines)


@pytest.mark.parametrize(("text", "words"), [
    ("- kpi: [leads", "line 1: it is no YAML"), ("kpi: leads", "it is no list of goals. Begin each goal with"),
    ("- leads\n- cpl", "line 1: this is no goal"),
    ("- kpi: leads\n  target: {a: 1}", "target holds more than one value"),
    ("- kpi: &a [1]\n  target: *a", "kpi holds more than one value"), ("just words", "it is no list of goals"),
    ("[" * 5000, "it is no YAML"), ("- kpi: \x01", "it is no YAML"),
    ("- <<: {kpi: leads}", "<< holds more than one value"),
    ("x" * 2_000_001, "too large"),
])  # fmt: skip
def test_yaml_that_is_no_goals_is_refused_in_one_line(text, words):
    with pytest.raises(KitError) as caught:
        read_yaml(text, "goals.yml")
    message = str(caught.value)
    assert message.startswith("goals.yml") and words in message and "\n" not in message


def test_yaml_builds_nothing(tmp_path):
    victim = tmp_path / "made"
    with pytest.raises(KitError, match="more than one value"):
        read_yaml(f"- kpi: !!python/object/apply:os.mkdir ['{victim}']", "x")
    assert not victim.exists()


def test_a_bomb_of_aliases_is_refused_at_once():
    bomb = "".join(f"- &{chr(97 + n)} [{', '.join(['*' + chr(96 + n)] * 9) if n else '1'}]\n" for n in range(20))
    with pytest.raises(KitError, match="this is no goal"):
        read_yaml(bomb, "x")


# Written and read again

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=30)
scopes = st.one_of(st.sampled_from(["", "vk_ads", "own", "=cmd|'/c calc'!A1"]), texts)
finals = st.one_of(st.sampled_from(["", "+20 % turnover", "<b>x</b>", "@SUM(1)"]), texts)
parts = st.integers(1, 999).map(lambda n: f"{n / 10:g}")  # percent
sizes = st.integers(0, 10**12).map(lambda n: repr(n / 1000).removesuffix(".0")).map(
    lambda text: text + "0" if len(text.partition(".")[2]) == 3 else text)  # 1.234 would have two meanings
LEVELS = {"leads": sizes, "revenue": sizes, "cpl": sizes, "roas": sizes, "visitors": sizes, "nps": parts,
          "romi": parts.map(lambda part: f"-{part} %"), "qualification_rate": parts.map(lambda part: f"{part} %")}


@st.composite
def rows_of_goals(draw):
    """A right row of any kind: levels and changes, sums and ratios, hostile words."""
    key = draw(st.sampled_from(list(LEVELS)))
    first = draw(st.dates(date(2020, 1, 1), date(2035, 1, 1))).replace(day=1)
    counts = draw(st.sampled_from(["", *COUNTS]))
    start = str(first) if counts else draw(st.sampled_from(["", str(first)]))
    last = f"{first.year + 1}-12-31" if counts else ""
    counts = "each_month" if key == "visitors" and counts else counts
    changed = draw(st.booleans())
    pointed = changed and KPIS[key].style in ("share", "points") and draw(st.booleans())
    unit = "%" if not pointed else "points" if key == "nps" else "pp"
    sign = draw(st.sampled_from("+-"))
    target = f"{sign}{draw(parts)} {unit}" if changed else draw(LEVELS[key])
    return full(
        kpi=key, scope=draw(scopes), final_goal=draw(finals), target=target,
        change="" if not changed else "points" if pointed else "relative", counts=counts, start=start, deadline=last,
        baseline=draw(st.sampled_from(["", "0.2", "20 %"] if KPIS[key].style == "share" else ["", "0.2", "1234,5678"])),
        baseline_period=draw(st.sampled_from(["2025", "2025-10"] if changed else ["", "2025"])),
        owner=draw(st.sampled_from(["", "sales"])), weight=draw(st.sampled_from(["", "0.125"])),
        profile=draw(st.sampled_from(["", "equal"])), norm="yes" if key == "qualification_rate" else "",
    )  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows_of_goals())
def test_goals_written_are_read_back_as_they_were(tmp_path, row):
    goals, errors = sort_goals([row])
    event("refused" if errors else "a change" if goals["change"].item() else "a level")
    assume(not errors)
    goals = goals.reset_index(drop=True)
    path = tmp_path / "goals.csv"
    write_goals(goals, path)
    with path.open(encoding="utf-8", newline="") as file:
        again = check_goals([*csv.DictReader(file)])
    pd.testing.assert_frame_equal(again, goals)


def test_only_columns_that_say_something_are_written(tmp_path):
    write_goals(check_goals([goal()]), tmp_path / "goals.csv")
    assert (tmp_path / "goals.csv").read_text().splitlines()[0] == ",".join(BASIC)
    write_goals(check_goals([full(counts="total", **YEAR)]), tmp_path / "goals.csv")
    assert "counts" in (tmp_path / "goals.csv").read_text().splitlines()[0]


# Final goals


def test_every_final_goal_is_served_by_known_kpis_that_somebody_moves():
    for final in FINAL_GOALS.values():
        assert set(final.kpis) <= set(KPIS) and len(set(final.kpis)) == len(final.kpis)
        assert suggest_kpis(final, "marketing"), final.key
        owners = [KPIS[key].owner for key in final.kpis]
        assert owners[0] == "marketing"


@pytest.mark.parametrize(("text", "key"), [
    ("turnover", "turnover"), ("Оборот +20 % за год", "turnover"), ("more sales", "sales"), ("Рост продаж", "sales"),
    ("узнаваемость +30 %", "awareness"), ("удержание клиентов", "loyalty"), ("market share +5 %", "market_share"),
    ("репутация", "reputation"), ("", None), ("a nicer logo", None),
])  # fmt: skip
def test_final_goals_are_known_by_their_words(text, key):
    found = find_final_goal(text)
    assert (found.key if found else None) == key


def test_two_goals_that_meet_within_a_month_leave_open_which_one_counts() -> None:
    first = {"kpi": "leads", "target": "100", "start": "2026-01-01", "deadline": "2026-06-15"}
    with pytest.raises(KitError, match="lines 2 and 3"):
        check_goals([first, {**first, "start": "2026-06-16", "deadline": "2026-12-31"}])
