"""The SMART check: each letter says yes, no or unsure for a reason that can be followed, and what to do."""

import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_helpers.catalogue import KPIS
from kpi_helpers.forecast import Forecast, forecast_kpi
from kpi_helpers.goals import COLUMNS, check_goals
from kpi_helpers.labels import NBSP
from kpi_helpers.monthly import past_of
from kpi_helpers.outlook_words import write_chance
from kpi_helpers.smart import Check, Evidence, check_smart, gather_evidence, goal_words, judge_reach
from tests.small_company import daily_exports
from tests.test_monthly_goals import made_exports

NEXT = {"start": "2027-01-01", "deadline": "2027-03-31"}
AHEAD = pd.date_range("2027-01-01", periods=3, freq="MS")


def goal(**cells: str) -> dict[str, Any]:
    rows = check_goals([{**dict.fromkeys(COLUMNS, ""), "kpi": "leads", "target": "100", **cells}]).to_dict("records")
    return {str(name): value for name, value in rows[0].items()}


def foreseen(*months: list[float]) -> Forecast:
    """A forecast whose paths are the rows."""
    paths = np.array(months, dtype=float)
    index = AHEAD[: paths.shape[1]]
    middle = pd.Series(np.median(paths, axis=0), index=index)
    return Forecast(index, middle, middle, middle, paths, "naive", "no_season")


def known(values: list[float], forecast: Forecast | None = None, **more: Any) -> Evidence:
    """Values by month until December 2026."""
    index = pd.date_range(end="2026-12-01", periods=len(values), freq="MS")
    facts = {"reason": "", "scopes": ["company", "vk_ads"], "last": date(2026, 12, 31), "currency": "USD", **more}
    return Evidence(pd.Series(values, index=index, dtype=float), forecast=forecast, **facts)


def letter(which: str, checks: list[Check]) -> Check:
    assert "".join(check.letter for check in checks) == "SMART"
    return next(check for check in checks if check.letter == which)


# Specific and measurable


def test_a_channel_without_rows_is_not_specific_and_not_measurable() -> None:
    checks = check_smart(goal(scope="vk_adds"), known([90]))
    assert letter("S", checks) == Check("S", "no", "No export has rows of vk_adds.", "Did you mean vk_ads?")
    assert letter("M", checks).verdict == "no"
    assert letter("S", check_smart(goal(scope="vk_ads"), known([90]))).verdict == "yes"
    assert letter("S", check_smart(goal(scope="our blog"))).verdict == "unsure"


def test_an_export_that_is_missing_is_named() -> None:
    found = letter("M", check_smart(goal(kpi="cpl"), known([], reason="no_export:ads")))
    assert found.verdict == "no"
    assert found.words == "Cost per lead (CPL) cannot be measured: no export: advertising."
    assert found.next_step.startswith("Add a campaign report by day from the ad account")


def test_what_is_known_is_told_with_the_last_month() -> None:
    found = letter("M", check_smart(goal(), known([80, 90])))
    assert (found.verdict, found.words) == ("yes", "2 months are known; December 2026: 90.")
    assert letter("M", check_smart(goal())).verdict == "unsure"


# Achievable


@pytest.mark.parametrize(("target", "chance", "verdict"), [
    ("60", 1.0, "yes"), ("100", 0.5, "yes"), ("115", 0.25, "yes"), ("119", 0.25, "yes"), ("130", 0.0, "no"),
])  # fmt: skip
def test_the_chance_of_a_month_is_the_share_of_paths(target: str, chance: float, verdict: str) -> None:
    paths = foreseen([80], [90], [100], [120])
    row = goal(target=target, start="2027-01-01", deadline="2027-01-31")
    found = judge_reach(KPIS["leads"], row, known([80] * 6).values, paths)
    assert (found.chance, found.verdict) == (chance, verdict)


def test_the_chance_of_a_total_is_that_of_the_sum_and_months_that_are_over_count() -> None:
    paths = foreseen([80, 100, 120], [100, 100, 100], [90, 90, 90])
    ahead = goal(target="300", counts="total", **NEXT)
    assert judge_reach(KPIS["leads"], ahead, known([80] * 6).values, paths).chance == pytest.approx(2 / 3)
    begun = goal(target="380", counts="total", start="2026-12-01", deadline="2027-03-31")
    assert judge_reach(KPIS["leads"], begun, known([80] * 6).values, paths).chance == pytest.approx(2 / 3)
    farther = goal(target="380", counts="total", start="2027-01-01", deadline="2027-12-31")
    assert math.isnan(judge_reach(KPIS["leads"], farther, known([80] * 6).values, paths).chance)


def test_chances_and_even_chances_of_each_month_are_of_the_same_months() -> None:
    forecast = foreseen([100, 300], [100, 300], [100, 300], [100, 300])
    row = goal(target="301", counts="each_month", start="2027-01-01", deadline="2027-02-28")
    check = letter("A", check_smart(row, known([100.0] * 12, forecast)))
    assert "for a month on average: < 1%" in check.words
    assert "one in four: 300" in check.next_step  # no path has an average month above 200


def test_a_month_that_the_exports_hold_in_part_is_no_ground_for_a_forecast(tmp_path: Path) -> None:
    past = past_of(daily_exports(tmp_path, "2025-01-20", "2025-12-31"))
    assert past.held("cpl").index[0] == pd.Timestamp("2025-02-01")
    row = goal(kpi="cpl", target="100", start="2026-01-01", deadline="2026-12-31")
    told = gather_evidence(row, past).forecast
    assert told is not None
    pd.testing.assert_series_equal(told.middle, forecast_kpi(past.sums().iloc[1:], "cpl", 12).middle)


def test_the_chance_of_an_exit_rate_is_that_of_the_last_month() -> None:
    paths = foreseen([200, 200, 90], [90, 90, 110])
    row = goal(target="100", counts="exit", **NEXT)
    assert judge_reach(KPIS["leads"], row, known([80] * 6).values, paths).chance == 0.5


def test_costs_are_reached_from_above() -> None:
    row = goal(kpi="cpl", target="10", **NEXT)
    found = judge_reach(KPIS["cpl"], row, known([20, 25]).values, foreseen([8, 12, 12], [9, 12, 12]), "USD")
    assert found.chance == pytest.approx(1 / 3)
    assert found.words[1] == (
        "It was never reached: the best month, November 2026, had $20.00; that is 2.00 times the target."
    )


def test_more_than_the_best_ever_is_said_with_how_much_more() -> None:
    checks = check_smart(goal(target="230", **NEXT, counts="each_month"), known([100] + [60] * 11))
    found = letter("A", checks)
    assert found.verdict == "no"
    assert "It asks for 2.30 times the best month ever (100, January 2026)." in found.words
    assert found.next_step
    assert letter("A", check_smart(goal(target="110", **NEXT, counts="each_month"), known([100]))).verdict == "unsure"


def test_how_often_it_was_reached_counts_the_last_two_years() -> None:
    evidence = known([99] * 10 + [40] * 18 + [60] * 6)
    found = letter("A", check_smart(goal(target="50", **NEXT, counts="each_month"), evidence))
    assert found.verdict == "yes" and "Reached in 6 of the last 24 months." in found.words


def test_a_total_that_was_taken_for_each_month_is_suspected() -> None:
    year = {"start": "2027-01-01", "deadline": "2027-12-31", "counts": "each_month"}
    found = letter("A", check_smart(goal(target="1200", **year), known([100] * 12)))
    assert found.verdict == "no"
    assert found.next_step == "If it is for all 12 months together, write total into the column counts."
    assert "total" not in letter("A", check_smart(goal(target="1300", **year), known([100] * 12))).next_step


def test_the_growth_asked_for_stands_beside_the_growth_there_was() -> None:
    values = [100.0] * 12 + [110.0] * 12
    row = goal(target="1980", counts="total", start="2027-01-01", deadline="2027-12-31")
    words = letter("A", check_smart(row, known(values))).words
    assert "Against the same time a year before: +50%; the last 12 months against those before: +10%." in words
    assert "The best 12 months ever, until December 2026, gave 1,320: it asks for 1.50 times as much." in words


def test_what_is_out_of_reach_is_answered_with_what_is_not() -> None:
    paths = foreseen(*[[float(size)] for size in range(1, 101)])
    row = goal(target="1000", start="2027-01-01", deadline="2027-01-31")
    found = judge_reach(KPIS["leads"], row, known([50] * 6).values, paths)
    assert found.next_step == "Even chances: 50.5; one in four: 75.2. Or say what will change."
    assert found.words[0] == "Chance by the forecast: < 1%."


def test_what_comes_by_itself_asks_for_nothing() -> None:
    row = goal(target="10", start="2027-01-01", deadline="2027-01-31")
    found = letter("A", check_smart(row, known([50] * 6, foreseen([50], [60]))))
    assert (found.verdict, found.next_step) == ("yes", "It asks for nothing that would not come by itself.")


def test_a_budget_is_kept_and_not_reached() -> None:
    assert letter("A", check_smart(goal(kpi="spend", target="900"), known([1000]))).verdict == "yes"


def test_without_a_history_nothing_is_promised() -> None:
    assert letter("A", check_smart(goal(), known([], reason="no_rows:leads"))).verdict == "unsure"
    assert letter("A", check_smart(goal())).verdict == "unsure"


@pytest.mark.parametrize(("chance", "text"), [(0.0, "< 1%"), (1.0, "> 99%"), (0.347, "35%")])
def test_chances_are_written_without_false_precision(chance: float, text: str) -> None:
    assert write_chance(chance) == text


# Relevant


def test_revenue_given_to_marketing_is_answered_with_what_marketing_moves() -> None:
    found = letter("R", check_smart(goal(kpi="revenue", owner="marketing", final_goal="turnover")))
    assert found.verdict == "no"
    assert found.words == "Revenue is a result of many and no lever of marketing."
    assert found.next_step.startswith("What marketing moves: leads, conversion to the target action")


def test_another_one_s_lever_is_named_with_its_owner() -> None:
    found = letter("R", check_smart(goal(kpi="qualification_rate", target="0.8", owner="marketing")))
    assert found.verdict == "no"
    assert found.words == "Qualification rate is moved by sales, not by marketing."
    mine = letter("R", check_smart(goal(kpi="qualification_rate", target="0.8", final_goal="sales")))
    assert (mine.verdict, mine.words) == ("yes", "Sales moves it, and it serves the final goal: sales.")


@pytest.mark.parametrize(("cells", "verdict", "words"), [
    ({}, "unsure", "no final goal is named"),
    ({"final_goal": "a nicer logo"}, "yes", "whether it serves “a nicer logo” is yours to say"),
    ({"final_goal": "узнаваемость"}, "unsure", "Leads is not known to serve the final goal: awareness"),
    ({"kpi": "visits", "final_goal": "sales"}, "unsure", "Visits is a metric"),
    ({"kpi": "spend", "final_goal": "sales"}, "yes", "it serves"),
    ({"kpi": "orders", "final_goal": "sales"}, "unsure", "Orders is a result: nobody moves it directly"),
    ({"kpi": "aov", "owner": "marketing", "final_goal": "sales"}, "yes", "it serves the final goal"),
])  # fmt: skip
def test_relevance_depends_on_the_final_goal_and_the_kind(cells: dict[str, str], verdict: str, words: str) -> None:
    found = letter("R", check_smart(goal(**cells)))
    assert found.verdict == verdict and words in found.words, found


# Time-bound


@pytest.mark.parametrize(("cells", "verdict", "words"), [
    ({}, "no", "no deadline"),
    ({"start": "2026-01-01", "deadline": "2026-11-30", "counts": "total"}, "no", "over on 30 November 2026"),
    ({"deadline": "2027-01-31"}, "unsure", "but no start"),
    ({"start": "2027-01-01", "deadline": "2029-12-31", "counts": "total"}, "unsure", "36 months: too long"),
    ({**NEXT, "counts": "total"}, "yes", "It begins on 1 January 2027 and ends on 31 March 2027."),
    ({"start": "2026-12-01", "deadline": "2027-01-31", "counts": "total"}, "yes", "It has begun"),
])  # fmt: skip
def test_deadlines(cells: dict[str, str], verdict: str, words: str) -> None:
    found = letter("T", check_smart(goal(**cells), today=date(2026, 12, 15)))
    assert found.verdict == verdict and words in found.words, found


# As a whole


def test_whatever_is_not_yes_has_a_next_step() -> None:
    kinds = ({}, {"kpi": "revenue"}, {"kpi": "nps", "target": "40"}, {"scope": "x"}, {**NEXT, "counts": "total"},
             {"kpi": "visits", "deadline": "2020-01-31"})  # fmt: skip
    goals = [goal(**cells) for cells in kinds]
    for row in goals:
        for evidence in (None, known([50] * 30, foreseen([50, 50, 50]))):
            for check in check_smart(row, evidence, date(2026, 12, 31)):
                follows = check.letter in "MA" and row["scope"] == "x"  # the S of the same goal says what to do
                assert check.words.endswith((".", "?"))
                assert check.verdict == "yes" or check.next_step or follows or evidence is None, check


def test_the_exports_give_the_evidence(tmp_path: Any) -> None:
    past = past_of(made_exports(tmp_path))
    row = goal(target="+100 %", baseline_period="2025", counts="total", start="2026-04-01", deadline="2026-12-31")
    evidence = gather_evidence(row, past, "RUB")
    assert evidence.target == 780 / 12 * 9 * 2
    assert goal_words(row, evidence) == "Leads, the company: 1,170 in total"
    assert evidence.forecast is not None and evidence.forecast.months[0] == pd.Timestamp("2026-03-01")
    assert evidence.forecast.months[-1] == pd.Timestamp("2026-12-01")
    assert [check.verdict for check in check_smart(row, evidence)][1] == "yes"
    unknown = gather_evidence(goal(target="+5 %", baseline_period="2020-01"), past)
    found = letter("M", check_smart(goal(target="+5 %", baseline_period="2020-01"), unknown))
    assert (found.verdict, found.next_step) == ("no", "Write the baseline as a number.")


def test_money_carries_its_currency() -> None:
    row = goal(kpi="cpl", target="1350")
    assert goal_words(row, known([1400], currency="RUB")) == "Cost per lead (CPL), the company: ₽1,350"
    assert NBSP not in goal_words(row, known([1400], currency="USD"))


def test_a_goal_that_ends_with_the_data_is_over() -> None:
    evidence = known([100.0] * 12)
    row = goal(start=evidence.last.replace(day=1).isoformat(), deadline=evidence.last.isoformat())
    assert letter("T", check_smart(row, evidence)).verdict == "no"
