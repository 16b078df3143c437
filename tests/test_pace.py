from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from kpi_helpers.exports import read_exports
from kpi_helpers.formula import parse
from kpi_helpers.measures import sum_measures
from kpi_helpers.pace import (
    Pace,
    compare_like_for_like,
    days_of,
    holidays_of,
    measure_pace,
    measure_pace_of_ratio,
    plan_by_day,
)
from kpi_helpers.pace.days import HOLIDAY, WORKED, learn_weights
from kpi_helpers.pace.landing import BOUNDS, PLAIN, Cut, draw

MARCH = date(2026, 3, 1)  # begins on a Sunday, has 22 days from Monday to Friday
MONDAYS_TO_FRIDAYS = [12, 12, 12, 12, 12, 0, 0]


def by_day(brings: Callable[[pd.Timestamp], float], first: str, last: str) -> pd.Series:
    days = pd.date_range(first, last)
    return pd.Series([float(brings(day)) for day in days], index=days)


def even(last: str, first: str = "2025-09-01") -> pd.Series:
    return by_day(lambda day: 10, first, last)


def open_on_weekdays(last: str, first: str = "2025-09-01") -> pd.Series:
    return by_day(lambda day: MONDAYS_TO_FRIDAYS[day.day_of_week], first, last)


def noisy(last: str, seed: int = 1, first: str = "2025-01-01") -> pd.Series:
    days = pd.date_range(first, last)
    return pd.Series(np.random.default_rng(seed).poisson(8.0, len(days)).astype(float), index=days)


def test_an_even_month_lands_where_it_goes() -> None:
    pace = measure_pace(even("2026-03-10"), MARCH, target=310)
    assert (pace.month, pace.last) == (pd.Timestamp("2026-03-01"), pd.Timestamp("2026-03-10"))
    assert (pace.done, pace.days_done, pace.days_left, pace.days_unknown) == (100, 10, 21, 0)
    assert (pace.plan_to_date, pace.landing) == (pytest.approx(100), pytest.approx(310))
    assert (pace.low, pace.high) == (pytest.approx(310), pytest.approx(310))
    assert pace.needed_a_day == pytest.approx(10)
    assert pace.chance_of(309.9) == 1 and pace.chance_of(310.1) == 0
    assert pace.chance_of(310.1, "lower") == 1 and pace.chance_of(309.9, "lower") == 0


def test_weekdays_are_known_from_the_company_itself() -> None:
    """Until Sunday the 15th ten working days of 12 have passed; twelve are left in sixteen days."""
    pace = measure_pace(open_on_weekdays("2026-03-15"), MARCH, target=300)
    assert (pace.method, pace.reason) == ("weekdays", "better")
    assert pace.landing == pytest.approx(22 * 12), "the run rate would say 248"
    assert pace.plan_to_date == pytest.approx(300 * 10 / 22)
    assert pace.needed_a_day == pytest.approx(180 / 16)
    assert pace.needed_a_working_day == pytest.approx(180 / 12)
    assert (pace.so_far_a_day, pace.so_far_a_working_day) == (pytest.approx(8), pytest.approx(12))


def test_the_run_rate_is_used_where_it_was_nearer() -> None:
    """Every month has its own level, which four weeks that reach into the month before do not tell."""
    pace = measure_pace(by_day(lambda day: 5 if day.month % 2 else 20, "2025-03-01", "2026-03-10"), MARCH)
    assert (pace.method, pace.reason) == ("run_rate", "not_better")
    assert pace.landing == pytest.approx(31 * 5)


def test_an_outage_counts_in_no_rate_and_is_not_zero() -> None:
    daily = even("2026-03-10")
    daily["2026-03-04":"2026-03-06"] = np.nan
    pace = measure_pace(daily, MARCH, target=310)
    assert (pace.done, pace.days_done, pace.days_unknown) == (70, 10, 3)
    assert pace.so_far_a_day == pytest.approx(10)
    assert pace.plan_to_date == pytest.approx(70), "like for like: the plan of the days known"
    assert pace.landing == pytest.approx(70 + 210), "what the exports will show"
    zeros = measure_pace(daily.fillna(0), MARCH, target=310)
    assert zeros.so_far_a_day == pytest.approx(7) and zeros.landing < pace.landing


def test_a_day_without_row_inside_the_span_is_zero_and_before_it_unknown() -> None:
    daily = even("2026-03-10", first="2026-02-27")
    pace = measure_pace(daily.drop(pd.Timestamp("2026-03-05")), MARCH)
    assert (pace.done, pace.days_unknown) == (90, 0)
    began_late = measure_pace(even("2026-03-10", first="2026-03-06"), MARCH)
    assert (began_late.done, began_late.days_done, began_late.days_unknown) == (50, 10, 5)
    assert began_late.landing == pytest.approx(50 + 210)


def test_a_finished_month_is_certain() -> None:
    for last in ("2026-03-31", "2026-04-20"):
        pace = measure_pace(even(last), MARCH, target=310)
        assert (pace.method, pace.reason, pace.last) == ("finished", "finished", pd.Timestamp("2026-03-31"))
        assert (pace.done, pace.landing, pace.low, pace.high) == (310, 310, 310, 310)
        assert (pace.chance, pace.chance_of(310.01), pace.days_left) == (1, 0, 0)
        assert np.isnan([pace.needed_a_day, pace.needed_a_working_day, pace.coverage]).all() and pace.tests == 0


def test_a_target_already_reached_needs_nothing_more() -> None:
    pace = measure_pace(noisy("2026-03-20"), MARCH, target=50)
    assert (pace.needed_a_day, pace.needed_a_working_day, pace.chance) == (0, 0, 1)
    spent = measure_pace(noisy("2026-03-20"), MARCH, target=50, better="lower")
    assert (spent.needed_a_day, spent.chance) == (0, 0)


def test_the_first_day_and_february() -> None:
    pace = measure_pace(even("2026-02-01"), date(2026, 2, 1), target=280)
    assert (pace.done, pace.days_done, pace.days_left) == (10, 1, 27)
    assert (pace.plan_to_date, pace.landing) == (pytest.approx(10), pytest.approx(280))
    assert measure_pace(even("2024-02-10", "2023-09-01"), date(2024, 2, 1)).landing == pytest.approx(290)


def test_a_month_not_begun_lands_by_history_alone() -> None:
    for last in ("2026-02-28", "2026-02-15"):
        pace = measure_pace(noisy(last), MARCH, target=250)
        assert (pace.done, pace.days_done, pace.days_left, pace.plan_to_date) == (0, 0, 31, 0)
        assert (pace.method, pace.reason) == ("weekdays", "not_begun")
        assert pace.low < pace.landing < pace.high and 0 < pace.chance < 1
        assert pace.needed_a_day == pytest.approx(250 / 31) and np.isnan(pace.so_far_a_day)


@pytest.mark.parametrize(
    ("daily", "reason"),
    [
        (even("2026-01-10"), "too_early"),
        (pd.Series(dtype=float, index=pd.DatetimeIndex([])), "no_days"),
        (pd.Series(np.nan, index=pd.date_range("2026-03-01", "2026-03-10")), "no_days"),
        (pd.concat([even("2026-02-28"), pd.Series(np.nan, index=pd.date_range("2026-03-01", periods=3))]), "no_days"),
        (pd.concat([even("2026-01-31"), pd.Series(np.nan, index=pd.date_range("2026-02-01", periods=28))]), "no_days"),
    ],
)
def test_nothing_is_expected_where_nothing_is_known(daily: pd.Series, reason: str) -> None:
    pace = measure_pace(daily, MARCH, target=100)
    assert (pace.method, pace.reason) == ("none", reason)
    assert np.isnan([pace.landing, pace.low, pace.high, pace.chance, pace.coverage]).all() and pace.tests == 0


def test_a_short_history_has_a_landing_and_no_interval() -> None:
    pace = measure_pace(noisy("2026-03-10", first="2026-01-01"), MARCH, target=250)
    assert (pace.method, pace.reason) == ("weekdays", "untested")
    assert pace.landing > pace.done and np.isnan([pace.low, pace.high, pace.chance]).all()


def test_the_fewer_the_past_months_the_wider_the_interval() -> None:
    """Of alike errors: Student's quantiles, of as many degrees of freedom as there are months."""
    widths = [np.diff(draw(100.0, np.tile([0.3, -0.3], n), PLAIN, BOUNDS))[0] for n in (2, 3, 6, 12)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == pytest.approx(2 * 0.3 * stats.t.ppf(0.9, 4))
    assert not len(draw(100.0, np.array([0.3, -0.3]), PLAIN)), "two months are no test"


def test_the_interval_is_the_back_test_s() -> None:
    """Cut on the 10th, the rests of earlier months brought less and more than their run rates said."""
    rest = {9: 9.0, 10: 12.0, 11: 10.0, 12: 11.0, 1: 8.0, 2: 10.5}
    daily = by_day(lambda day: 10 if day.day <= 10 else rest.get(day.month, 10), "2025-08-20", "2026-03-10")
    pace = measure_pace(daily, MARCH)
    assert pace.method == "run_rate"
    left = {month: pd.Period(f"{2026 if month < 9 else 2025}-{month:02}").days_in_month - 10 for month in rest}
    errors = [np.cbrt(rest[month] * left[month]) - np.cbrt(10 * left[month]) for month in rest]
    spread = np.sqrt(np.mean(np.square(errors)))
    low, high = (np.cbrt(210) + spread * stats.t.ppf([0.1, 0.9], 6)) ** 3
    assert (pace.low, pace.high) == (pytest.approx(100 + low, rel=1e-3), pytest.approx(100 + high, rel=1e-3))
    above = 1 - stats.t.cdf((np.cbrt(220) - np.cbrt(210)) / spread, 6)
    assert pace.chance_of(320) == pytest.approx(above, abs=0.001)


def test_the_coverage_is_counted_on_past_months_by_those_before_them() -> None:
    """Three calm months, then two that surprise more and more, then a calm one: of three judged one lies inside."""
    rest = {9: 11.0, 10: 9.0, 11: 11.0, 12: 14.0, 1: 40.0, 2: 10.5}
    daily = by_day(lambda day: 10 if day.day <= 10 else rest.get(day.month, 10), "2025-08-20", "2026-03-10")
    pace = measure_pace(daily, MARCH)
    assert (pace.method, pace.tests, pace.coverage) == ("run_rate", 3, pytest.approx(1 / 3))


def test_months_are_cut_alike() -> None:
    january, february = (0, 31), (31, 59)
    assert Cut(0, 10, 31).alike(*february).cut == 41, "early, the same days done"
    assert Cut(0, 20, 31).alike(*february).cut == 48, "late, the same days left"
    assert Cut(31, 28, 59).alike(*january).cut == -3, "before, the same days to its first"


def test_what_may_be_below_zero_has_an_interval_alike_to_both_sides() -> None:
    days = pd.date_range("2025-01-01", "2026-03-10")
    profit = pd.Series(np.random.default_rng(0).normal(1, 5, len(days)), index=days)
    pace = measure_pace(profit, MARCH, target=30)
    assert pace.landing - pace.low == pytest.approx(pace.high - pace.landing)
    assert pace.low < pace.done and 0 < pace.chance < 1


def test_weekdays_without_noise_are_learned_whole_and_one_week_teaches_nothing() -> None:
    kinds = np.arange(28) % 7
    values = np.array([14.0, 14, 7, 7, 7, 0, 0])[kinds]
    assert learn_weights(values, kinds)[:7].tolist() == pytest.approx([2, 2, 1, 1, 1, 0, 0])
    assert learn_weights(values[:7], kinds[:7])[:7].tolist() == [1] * 7
    assert learn_weights(np.zeros(28), kinds).tolist() == [1] * 9


def test_weekdays_that_are_only_noise_are_taken_as_even() -> None:
    rng, kinds = np.random.default_rng(3), np.arange(56) % 7
    learned, raw = [], []
    for _n in range(200):
        values = rng.poisson(5.0, 56).astype(float)
        learned.append(learn_weights(values, kinds)[:7])
        raw.append(values.reshape(8, 7).sum(axis=0) / values.sum() * 7)
    assert np.std(learned) < 0.5 * np.std(raw)


def test_a_holiday_is_a_sunday_until_holidays_are_seen() -> None:
    kinds = np.arange(70) % 7
    values = np.array([12.0, 12, 12, 12, 12, 5, 5])[kinds]
    assert learn_weights(values, kinds)[HOLIDAY] == pytest.approx(0.5)
    kinds = np.where(np.isin(np.arange(70), [30, 31, 32, 37, 38]), HOLIDAY, kinds)
    values = np.where(kinds == HOLIDAY, 0.0, values)
    weights = learn_weights(values, kinds)
    assert weights[HOLIDAY] == pytest.approx(0.25), "five seen at nothing, five put beside them at half"
    assert weights[WORKED] == pytest.approx(1.2)


def test_a_holiday_in_the_rest_lowers_the_landing() -> None:
    """Russia in March 2026: Monday the 9th is free, for the 8th is a Sunday."""
    daily = open_on_weekdays("2026-03-06")
    free = holidays_of("RU", date(2025, 9, 1), date(2026, 3, 31))
    shut = daily.where(~daily.index.isin(pd.DatetimeIndex(list(free))), 0.0)
    pace = measure_pace(shut, MARCH, holidays=set(free))
    assert pace.landing == pytest.approx(21 * 12)
    assert measure_pace(shut, MARCH).landing > 21 * 12 + 1, "who does not know of it expects more"


def test_the_plan_knows_free_and_worked_days() -> None:
    """November 2025 in Russia: Saturday the 1st is worked, Monday the 3rd and Tuesday the 4th are free."""
    plan = plan_by_day(
        open_on_weekdays("2025-10-31", "2025-06-02"), date(2025, 11, 1), 190.0,
        {date(2025, 11, 3), date(2025, 11, 4)}, {date(2025, 11, 1)},
    )  # fmt: skip
    steps = plan.diff().fillna(plan.iloc[0])
    assert steps.iloc[:6].tolist() == pytest.approx([10, 0, 0, 0, 10, 10]), "19 working days"
    assert plan.index[-1] == pd.Timestamp("2025-11-30") and plan.iloc[-1] == 190.0


def test_the_plan_stays_while_the_month_goes_on() -> None:
    daily = noisy("2026-03-25")
    before, after = (plan_by_day(daily[:last], MARCH, 200.0) for last in ("2026-02-28", "2026-03-25"))
    pd.testing.assert_series_equal(before, after)


def test_earlier_months_are_cut_at_the_same_point() -> None:
    """Until Sunday 15 March: 10 of 22 working days. In February that share of 20 is 9 1/11 working days."""
    table = compare_like_for_like(open_on_weekdays("2026-03-15"), MARCH, months=3)
    assert [f"{month:%Y-%m}" for month in table.index] == ["2026-01", "2026-02", "2026-03"]
    assert table["same_days"].tolist() == [11 * 12, 10 * 12, 10 * 12]
    assert table["same_share"].tolist() == pytest.approx([12 * 10, 12 * 20 * 10 / 22, 12 * 10])
    assert table["total"].iloc[:2].tolist() == [22 * 12, 20 * 12] and np.isnan(table["total"].iloc[2])
    outage = open_on_weekdays("2026-03-15")
    outage["2026-02-03"] = np.nan
    assert compare_like_for_like(outage, MARCH).loc["2026-02-01", "days_unknown"] == 1
    assert compare_like_for_like(outage[:"2026-02-20"], MARCH).empty


def ratio_days(last: str) -> pd.DataFrame:
    days = pd.date_range("2025-09-01", last)
    return pd.DataFrame({"spend": 100.0, "leads": 4.0}, index=days)


def test_a_ratio_goes_through_its_measures() -> None:
    """1000 spent on 40 leads; at the landing of 124 leads a CPL of 20 leaves 1480 for the 84 to come."""
    pace = measure_pace_of_ratio(ratio_days("2026-03-10"), parse("spend / leads"), MARCH, target=20, better="lower")
    assert (pace.done, pace.landing, pace.plan_to_date) == (25, pytest.approx(25), 20)
    assert pace.needed_a_day == pytest.approx(1480 / 84)
    assert (pace.chance, pace.chance_of(25.01, "lower")) == (0, 1)


def test_a_ratio_is_sum_over_sum_and_not_a_mean_of_days() -> None:
    daily = ratio_days("2026-03-31")
    daily.loc["2026-03-01":"2026-03-10", "leads"] = 1.0
    pace = measure_pace_of_ratio(daily, parse("spend / leads"), MARCH, target=30, better="lower")
    assert pace.done == pace.landing == pytest.approx(3100 / (10 + 21 * 4))
    assert (pace.method, pace.chance) == ("finished", 0)


def test_a_day_unknown_in_one_measure_is_unknown_in_the_ratio() -> None:
    daily = ratio_days("2026-03-10")
    daily.loc["2026-03-02", "leads"] = np.nan
    pace = measure_pace_of_ratio(daily, parse("spend / leads"), MARCH)
    assert (pace.done, pace.days_unknown) == (25, 1)


def test_a_ratio_over_nothing_is_not_known() -> None:
    daily = ratio_days("2026-03-10").assign(leads=0.0)
    pace = measure_pace_of_ratio(daily, parse("spend / leads"), MARCH, target=20)
    assert np.isnan([pace.done, pace.landing, pace.low, pace.chance, pace.needed_a_day]).all()


def test_measures_that_move_together_keep_the_ratio_sure() -> None:
    """Spend and leads jump about, but always together: the CPL cannot move."""
    leads = noisy("2026-03-10")
    pace = measure_pace_of_ratio(pd.DataFrame({"spend": 25 * leads, "leads": leads}), parse("spend / leads"), MARCH)
    assert (pace.low, pace.high) == (pytest.approx(25), pytest.approx(25))


counts = st.lists(st.integers(0, 60), min_size=70, max_size=200)


def figures(pace: Pace) -> np.ndarray:
    return np.array([pace.done, pace.plan_to_date, pace.landing, pace.low, pace.high, pace.needed_a_day])


@settings(max_examples=25)
@given(counts, st.sampled_from([0.01, 10.0, 1000.0]))
def test_another_unit_changes_nothing_but_the_unit(values: list[int], factor: float) -> None:
    daily = pd.Series(values, index=pd.date_range("2025-11-01", periods=len(values)), dtype=float)
    month = daily.index[-1].date().replace(day=1)
    pace, scaled = measure_pace(daily, month, target=300), measure_pace(daily * factor, month, target=300 * factor)
    np.testing.assert_allclose(figures(scaled), factor * figures(pace), rtol=1e-6, atol=1e-9 * factor)
    assert scaled.method == pace.method


@settings(max_examples=25)
@given(counts, st.integers(0, 1000))
def test_the_order_of_the_days_is_no_matter(values: list[int], seed: int) -> None:
    daily = pd.Series(values, index=pd.date_range("2025-11-01", periods=len(values)), dtype=float)
    month = daily.index[-1].date().replace(day=1)
    shuffled = measure_pace(daily.sample(frac=1, random_state=seed), month, target=300)
    np.testing.assert_array_equal(figures(shuffled), figures(measure_pace(daily, month, target=300)))


@settings(max_examples=25)
@given(counts, st.floats(0, 1e9), st.integers(1, 12))
def test_the_plan_never_falls_and_ends_at_the_target(values: list[int], target: float, month: int) -> None:
    daily = pd.Series(values, index=pd.date_range("2025-11-01", periods=len(values)), dtype=float)
    plan = plan_by_day(daily, date(2026, month, 1), target, holidays_of("RU", date(2026, 1, 1), date(2026, 12, 31)))
    assert plan.iloc[-1] == target and (plan.diff().dropna() >= 0).all() and plan.iloc[0] >= 0


@settings(max_examples=25)
@given(counts)
def test_what_is_shown_holds_together(values: list[int]) -> None:
    daily = pd.Series(values, index=pd.date_range("2025-11-01", periods=len(values)), dtype=float)
    pace = measure_pace(daily, daily.index[-1].date().replace(day=1), target=300)
    if np.isfinite(pace.low):
        assert pace.done - 1e-9 <= pace.low <= pace.high and 0 <= pace.chance <= 1
        assert pace.chance_of(pace.low) >= 0.9 - 0.002 and pace.chance_of(pace.high + 1e-6) <= 0.1 + 0.002


def test_days_without_rows_are_none_in_a_list_and_unknown_in_a_report() -> None:
    days = pd.date_range("2026-03-01", periods=4)
    sums = pd.DataFrame({"period": days, "leads": [np.nan, 2, np.nan, 1], "visits": [5, np.nan, 5, 5]})
    assert days_of(sums, "leads").iloc[1:].tolist() == [2, 0, 1] and np.isnan(days_of(sums, "leads").iloc[0])
    assert np.isnan(days_of(sums, "visits").iloc[1])


@pytest.mark.slow
@pytest.mark.parametrize(("client", "country"), [("severny_svet", "RU"), ("northlight", "US")])
def test_the_80_percent_interval_holds_70_to_90_percent_of_the_sample_s_months(
    sample_dir: Path, client: str, country: str
) -> None:
    sums = sum_measures(read_exports(sample_dir / client).tables, "day", keys=["leads", "orders", "revenue", "visits"])
    free = holidays_of(country, date(2024, 1, 1), date(2026, 12, 31))
    inside = []
    for key in ("leads", "orders", "revenue", "visits"):
        daily = days_of(sums, key)
        for month in pd.date_range("2025-02-01", "2026-10-01", freq="MS"):
            came = daily[month : month + pd.offsets.MonthEnd(0)].sum()
            for day in (5, 10, 15, 20, 25):
                pace = measure_pace(daily[: month + pd.Timedelta(days=day - 1)], month, holidays=free)
                inside += [pace.low <= came <= pace.high] if np.isfinite(pace.low) else []
    assert len(inside) > 350
    assert 0.7 <= np.mean(inside) <= 0.9
