"""The year as one plan, by hand on a small company, and against the raw orders of the sample."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE, markup, sample, sheets, text, unfinished
from oracle_files import read_northlight, read_severny

from kpi_helpers.exports import Exports
from kpi_helpers.history import History
from kpi_helpers.language import use_language
from kpi_helpers.monthly import read_goals
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.year import add_year
from kpi_helpers.year import YearPlan, year_plans
from tests.small_company import daily_exports, leads_between, write_goals

MARCH = pd.Timestamp("2026-03-01")


@pytest.fixture
def under_way(tmp_path: Path) -> Exports:
    """Fourteen finished months and ten days of March 2026."""
    return daily_exports(tmp_path, "2025-01-01", "2026-03-10")


def plans(exports: Exports, *goals: str) -> list[YearPlan]:
    write_goals(exports, *goals)
    return year_plans(History(exports), read_goals(exports))


# By hand


def test_plan_done_and_need_of_a_year_under_way(under_way: Exports) -> None:
    (plan,) = plans(under_way, "leads,company,60,each_month,2026-01-01,2026-12-31,sales")
    months, ten_days = leads_between("2026-01-01", "2026-02-28"), leads_between("2026-03-01", "2026-03-10")
    assert (plan.kpi, plan.scope, plan.owner, plan.goal) == ("leads", "company", "sales", 720)
    assert plan.done == months + ten_days
    working = 5 + 2  # Monday to Friday among the first ten days of March 2026, which begins on a Sunday
    assert ten_days == 10 + working
    part = ten_days / leads_between("2026-03-01", "2026-03-31")
    assert plan.planned_to_date == pytest.approx(120 + 60 * part, rel=0.01)
    assert plan.months_left == pytest.approx(9 + 21 / 31)  # of March the days left
    assert plan.needed_a_month == pytest.approx((720 - months - ten_days) / (9 + 21 / 31))
    assert plan.actual.dropna().tolist() == [
        leads_between("2026-01-01", "2026-01-31"), leads_between("2026-02-01", "2026-02-28"),
    ]  # fmt: skip


def test_the_landing_brackets_what_such_a_year_brings(under_way: Exports) -> None:
    (plan,) = plans(under_way, "leads,company,60,each_month,2026-01-01,2026-12-31,sales")
    low, middle, high = plan.landing
    assert low <= middle <= high
    assert low <= leads_between("2026-01-01", "2026-12-31") <= high
    draws = plan.outlook.total(plan.plan.index)
    assert (low, middle, high) == tuple(np.quantile(draws, [0.1, 0.5, 0.9]))
    assert plan.chance == np.mean(draws >= 720)
    sure, never = (
        plans(under_way, f"leads,company,{goal},each_month,2026-01-01,2026-12-31,sales")[0] for goal in (10, 90)
    )
    assert (sure.chance, never.chance) == (1, 0)


def test_a_channel_has_a_plan_of_its_own(under_way: Exports) -> None:
    found = plans(
        under_way,
        "leads,vk_ads,20,each_month,2026-01-01,2026-12-31,marketing",
        "cpl,company,90,,2026-01-01,2026-12-31,marketing",  # a ratio has no total
        "leads,company,60,,2026-03-01,2026-03-31,sales",  # a month is no year
    )
    assert [(plan.kpi, plan.scope, plan.done) for plan in found] == [
        ("leads", "vk_ads", leads_between("2026-01-01", "2026-03-10", "vk_ads"))
    ]


def test_goals_for_some_months_are_a_plan_of_these(under_way: Exports) -> None:
    (plan,) = plans(under_way, "leads,company,50,each_month,2026-02-01,2026-04-30,sales")
    assert [str(month.date()) for month in plan.plan.index] == ["2026-02-01", "2026-03-01", "2026-04-01"]
    february, ten_days = leads_between("2026-02-01", "2026-02-28"), leads_between("2026-03-01", "2026-03-10")
    assert (plan.goal, plan.done, plan.months_left) == (150, february + ten_days, pytest.approx(1 + 21 / 31))
    assert plan.needed_a_month == pytest.approx((150 - february - ten_days) / (1 + 21 / 31))
    assert plans(under_way, "leads,company,50,each_month,2026-04-01,2026-12-31,sales") == []  # not of this month


def test_steps_on_the_way_to_an_exit_rate_are_no_sum(under_way: Exports) -> None:
    assert plans(under_way, "leads,company,90,exit,2026-01-01,2026-12-31,sales") == []


def test_a_plan_may_leave_months_out(under_way: Exports) -> None:
    lines = [f"leads,company,50,,2026-{month:02}-01,2026-{month:02}-28,sales" for month in (1, 3, 6)]
    (plan,) = plans(under_way, *lines)
    january, ten_days = leads_between("2026-01-01", "2026-01-31"), leads_between("2026-03-01", "2026-03-10")
    assert (plan.goal, plan.done, plan.months_left) == (150, january + ten_days, pytest.approx(1 + 21 / 31))
    assert plan.landing[1] > january + ten_days


def test_a_total_over_the_turn_of_the_year_counts_with_its_months_of_the_year(under_way: Exports) -> None:
    (plan,) = plans(under_way, "leads,company,720,total,2025-10-01,2026-09-30,sales")
    goals = read_goals(under_way)
    assert len(goals) == 12 and goals["target"].sum() == 720
    of_this_year = goals[[start.year == 2026 for start in goals["start"]]]
    assert plan.plan.tolist() == of_this_year["target"].tolist() and len(plan.plan) == 9
    assert plan.done == leads_between("2026-01-01", "2026-03-10")


def test_a_year_s_total_is_the_plan_to_the_last_lead(under_way: Exports) -> None:
    (plan,) = plans(under_way, "leads,company,701,total,2026-01-01,2026-12-31,sales")
    assert plan.goal == 701 and len(plan.plan) == 12


def test_a_finished_year_is_reached_or_not(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2025-01-01", "2025-12-31")
    year = leads_between("2025-01-01", "2025-12-31")
    reached, missed = (
        plans(exports, f"leads,company,{goal},total,2025-01-01,2025-12-31,sales")[0] for goal in (year, year + 1)
    )
    assert (reached.done, reached.planned_to_date, reached.landing) == (year, year, (year, year, year))
    assert (reached.chance, missed.chance, reached.months_left) == (1, 0, 0)
    assert np.isnan(reached.needed_a_month)
    write_goals(exports, f"leads,company,{year + 1},total,2025-01-01,2025-12-31,sales")
    said = text(add_year(Section("goals", "Goals"), History(exports), read_goals(exports)))
    assert f"Leads: {year}, the goal was {year + 1}" in said


def test_a_month_nobody_knows_leaves_the_year_open(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2025-01-01", "2026-03-31")
    ads = exports.tables["ads"]
    exports.tables["ads"] = ads[~ads["date"].between("2026-02-01", "2026-02-28")].reset_index(drop=True)
    (plan,) = plans(exports, "spend,company,4000,each_month,2026-01-01,2026-12-31,marketing")
    assert np.isnan([plan.done, plan.needed_a_month, plan.chance, *plan.landing]).all()
    words = text(add_year(Section("goals", "Goals"), History(exports), read_goals(exports)))
    assert "—" in words and "nan" not in words


def test_a_target_that_is_not_known_is_no_plan_of_zero(under_way: Exports) -> None:
    path = write_goals(under_way)
    path.write_text(
        "kpi,target,baseline_period,counts,start,deadline\n"
        "leads,+20 %,2020,each_month,2026-01-01,2026-12-31\n", encoding="utf-8",
    )  # fmt: skip
    assert read_goals(under_way)["target"].isna().all()
    assert year_plans(History(under_way), read_goals(under_way)) == []


def test_without_goals_there_is_no_year(under_way: Exports) -> None:
    assert year_plans(History(under_way), read_goals(under_way)) == []
    section = add_year(Section("goals", "Goals"), History(under_way), read_goals(under_way))
    assert "The year" not in markup(section)


# The sample's report against the raw files

NAMES = {
    "en": {"revenue": "Revenue", "orders": "Orders"}, "ru": {"revenue": "Выручка", "orders": "Заказы"},
}  # fmt: skip
RAW = {"northlight": read_northlight, "severny_svet": read_severny}


def raw_sums(company: str, kpi: str, last: date) -> list[float]:
    """Revenue or orders by month of 2026 up to the evening of `last`, from the raw orders."""
    orders = RAW[company](SAMPLE / company)["orders"]
    rows = orders[(orders["at"] >= "2026-01-01") & (orders["at"] < pd.Timestamp(last) + pd.Timedelta(days=1))]
    by_month = rows.groupby(rows["at"].dt.month)["revenue"]
    return [float(value) for value in (by_month.sum() if kpi == "revenue" else by_month.size())]


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("company", ["northlight", "severny_svet"])
def test_the_year_of_the_sample_agrees_with_the_raw_orders(company: str, lang: str) -> None:
    use_language(lang)
    section = sample(company).section("goals")
    head = {"en": "The year 2026", "ru": "2026 год"}[lang]
    assert head in text(section)
    sheet = next(sheet for sheet in sheets(section)["sheets"] if "2026" in sheet["caption"])
    for kpi in ("revenue", "orders"):
        rows = [row for row in sheet["rows"] if row[0] == NAMES[lang][kpi]]
        assert len(rows) == 12
        raw = raw_sums(company, kpi, date(2026, 10, 31))
        assert [row[4] for row in rows[:10]] == pytest.approx(raw)
        assert all(row[4] is None for row in rows[10:]) and all(row[6] <= row[5] <= row[7] for row in rows[10:])


@pytest.mark.parametrize("company", ["northlight", "severny_svet"])
def test_the_goals_of_the_year_are_those_of_the_file(company: str, sample_dir: Path) -> None:
    composed = sample(company)
    written = pd.read_csv(sample_dir / company / "goals.csv")
    for plan in year_plans(History(composed.month.exports, composed.month), composed.goals):
        mine = written[(written["kpi"] == plan.kpi) & (written["scope"] == plan.scope)]
        mine = mine[mine["start"].str.startswith("2026")].sort_values("start")
        assert plan.plan.tolist() == mine["target"].tolist()


def test_an_unfinished_month_of_the_sample_counts_with_its_days() -> None:
    composed = unfinished("northlight")
    found = year_plans(History(composed.month.exports, composed.month), composed.goals)
    for kpi in ("revenue", "orders"):
        plan = next(plan for plan in found if (plan.kpi, plan.scope) == (kpi, "company"))
        raw = raw_sums("northlight", kpi, date(2026, 10, 18))
        assert plan.done == pytest.approx(sum(raw))
        assert plan.needed_a_month == pytest.approx(max(plan.goal - sum(raw), 0) / (2 + 13 / 31))
        assert plan.landing[0] >= sum(raw)
