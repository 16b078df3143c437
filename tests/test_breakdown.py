import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kpi_helpers.breakdown import (
    break_down,
    break_down_exit,
    break_down_ratio,
    by_quarter,
    choose_step,
    split_exactly,
)
from kpi_helpers.catalogue import KPIS, expanded
from kpi_helpers.errors import KitError
from kpi_helpers.exports import read_exports
from kpi_helpers.measures import sum_measures
from kpi_helpers.terms import MEASURES


def months(first, count):
    return pd.date_range(first, periods=count, freq="MS", unit="us")


def series(first, values):
    return pd.Series([float(value) for value in values], index=months(first, len(values)))


def written(number):
    """The number as a file holds it."""
    return Decimal(repr(float(number)))


def total(parts):
    return sum(map(written, parts), Decimal(0))


YEAR = months("2026-01", 12)
LAST_YEAR = series("2025-01", [80, 90, 110, 120, 100, 60, 40, 50, 110, 130, 150, 160])  # 1200

# Splitting


@pytest.mark.parametrize(("whole", "weights", "step", "parts"), [
    (10, [1, 1, 1], 1, [3, 3, 4]),
    (11, [1, 1, 1], 1, [3, 4, 4]),
    (100, [50, 30, 20], 10, [50, 30, 20]),
    (7, [5, 3, 1], 1, [4, 2, 1]),  # 3.89, 2.33, 0.78
    (1000, [5, 3, 1], 100, [600, 300, 100]),  # 5.56, 3.33, 1.11 hundreds
    (0.1, [1, 2], 0.01, [0.03, 0.07]),
    (10.5, [1, 1, 1], 1, [3, 3.5, 4]),  # 4 whole ones by rank, the half to one of those that wait
    (0, [1, 2], 1, [0, 0]),
    (5, [0, 1, 0], 1, [0, 5, 0]),
])
def test_the_largest_remainders_get_what_is_left(whole, weights, step, parts):
    assert sorted(split_exactly(whole, weights, step)) == sorted(parts)


def test_equal_months_are_spread_so_that_quarters_are_equal():
    year = break_down(100, YEAR, how="equal")
    assert year.tolist() == [8, 8, 9] * 4
    assert by_quarter(year).tolist() == [25] * 4
    assert by_quarter(year).index.tolist() == [pd.Timestamp(f"2026-{month:02}-01") for month in (1, 4, 7, 10)]


TOTALS = st.decimals(0, 10**9, places=2).map(float)
WEIGHTS = st.lists(st.floats(0, 1e9), min_size=1, max_size=24).filter(any)
STEPS = st.sampled_from([0.01, 0.25, 0.5, 1, 7, 100, 1000])


@given(TOTALS, WEIGHTS, STEPS)
@example(0.3, [0.1, 0.1, 0.1], 1)
@example(33.33, [5e-324, 1.0], 0.01)
def test_the_parts_add_up_to_the_last_digit_and_are_near_their_ideal(whole, weights, step):
    parts = split_exactly(whole, weights, step)
    assert total(parts) == written(whole)
    assert min(parts) >= 0
    for part, weight in zip(parts, weights, strict=True):
        ideal = Fraction(written(whole)) * Fraction(weight) / sum(map(Fraction, weights))
        assert abs(Fraction(written(part)) - ideal) < Fraction(written(step))


@given(TOTALS, WEIGHTS, STEPS)
def test_a_heavier_weight_never_gets_less(whole, weights, step):
    parts = split_exactly(whole, weights, step)
    ordered = [part for _weight, part in sorted(zip(weights, parts, strict=True))]
    assert all(later >= earlier for (earlier, later), (light, heavy) in zip(
        zip(ordered, ordered[1:], strict=False), zip(sorted(weights), sorted(weights)[1:], strict=False), strict=True
    ) if heavy > light)


@pytest.mark.parametrize(("whole", "weights", "step", "said"), [
    (-1, [1], 1, "below zero"), (math.nan, [1], 1, "not a number"), (math.inf, [1], 1, "not a number"),
    (1, [], 1, "weights"), (1, [0, 0], 1, "weights"), (1, [1, -1], 1, "weights"), (1, [math.nan, 1], 1, "weights"),
    (1, [1], 0, "step"), (1e12, [1, 2], 1e-6, "too fine"),
])
def test_what_cannot_be_split_is_refused(whole, weights, step, said):
    with pytest.raises(KitError, match=said):
        split_exactly(whole, weights, step)


def test_noise_of_floats_is_no_part_of_a_total():
    assert split_exactly(0.1 + 0.2, [1, 2], 0.1) == [0.1, 0.2]


@pytest.mark.parametrize(("whole", "parts", "step"), [
    (2400, 12, 1), (12_000, 12, 1), (240_000, 12, 100), (12_000_000, 12, 10_000), (12_345_600, 12, 100),
    (12_345_678, 12, 1), (1500.5, 12, 0.1), (0.25, 12, 0.01), (0, 12, 1), (1, 24, 1),
])
def test_the_step_suits_the_total(whole, parts, step):
    assert choose_step(whole, parts) == step


@given(TOTALS, st.integers(1, 24))
def test_a_chosen_step_divides_the_total(whole, parts):
    assert Decimal(str(whole)) % written(choose_step(whole, parts)) == 0


# Last year's shape


def test_a_year_follows_last_year():
    assert break_down(2400, YEAR, history=LAST_YEAR).tolist() == (LAST_YEAR * 2).tolist()


def test_only_the_twelve_months_before_the_start_count():
    older, running = series("2024-01", [1000] + [1] * 11), series("2026-01", [5000, 1, 1])
    history = pd.concat([running, LAST_YEAR, older])
    assert break_down(2400, YEAR, history=history).tolist() == (LAST_YEAR * 2).tolist()


def test_a_month_that_last_year_lacks_comes_from_the_year_before_at_the_growth_between_them():
    # 2024 was half of 2025 in the eleven months known in both; its March 55 counts as 110
    history = pd.concat([LAST_YEAR / 2, LAST_YEAR.drop(pd.Timestamp("2025-03-01"))])
    history.index = pd.DatetimeIndex([*months("2024-01", 12), *LAST_YEAR.index.delete(2)])
    assert break_down(2400, YEAR, history=history).tolist() == (LAST_YEAR * 2).tolist()
    unknown = pd.concat([history, pd.Series([math.nan], index=[pd.Timestamp("2025-03-01")])])
    assert break_down(2400, YEAR, history=unknown).tolist() == (LAST_YEAR * 2).tolist()


def test_a_goal_set_before_the_year_is_over_takes_its_last_months_from_the_year_before():
    history = series("2024-11", [75, 80, *LAST_YEAR.iloc[:10]])  # to October 2025: no month known in both years
    expected = [*LAST_YEAR.iloc[:10], 75, 80]
    assert break_down(sum(expected), YEAR, history=history).tolist() == expected


def test_a_month_of_zero_stays_zero():
    closed = LAST_YEAR.where(LAST_YEAR.index.month != 1, 0.0)
    plan = break_down(1000, YEAR, history=closed)
    assert plan.iloc[0] == 0 and plan.sum() == 1000


def test_spans_begin_in_any_month_and_last_up_to_two_years():
    quarter = break_down(330, months("2026-02", 3), history=LAST_YEAR)
    assert quarter.tolist() == [93, 113, 124]  # 330 x 90, 110, 120 of 320: 92.8, 113.4, 123.75
    two_years = break_down(2400, months("2026-07", 24), history=pd.concat([LAST_YEAR, series("2026-01", [80] * 6)]))
    assert two_years.iloc[:12].tolist() == two_years.iloc[12:].tolist()
    assert two_years.sum() == 2400
    assert two_years.idxmax() in (pd.Timestamp("2026-12-01"), pd.Timestamp("2027-12-01"))


def test_a_short_history_is_refused_with_the_other_choices():
    with pytest.raises(KitError) as caught:
        break_down(2400, YEAR, history=LAST_YEAR.iloc[2:])
    assert "no January 2025 and February 2025" in caught.value.found
    assert "equal steps or growth" in caught.value.next_step
    for history in (None, LAST_YEAR.iloc[:0], series("2026-01", range(12))):
        with pytest.raises(KitError, match="last year's shape is not known"):
            break_down(2400, YEAR, history=history)


@pytest.mark.parametrize("values", [[0] * 12, [-1] + [5] * 11])
def test_a_year_without_a_shape_is_refused(values):
    with pytest.raises(KitError, match="gives no shape"):
        break_down(2400, YEAR, history=series("2025-01", values))


@pytest.mark.parametrize(("whole", "when", "how", "said"), [
    (-5, YEAR, "equal", "below zero"), (5, YEAR[:0], "equal", "one at least"),
    (5, [YEAR[0], YEAR[0]], "equal", "each once"), (5, YEAR, "eqal", "Did you mean equal"),
])
def test_what_cannot_be_broken_down_is_refused(whole, when, how, said):
    with pytest.raises(KitError, match=said):
        break_down(whole, when, how=how)


@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**5), min_size=24, max_size=24), st.integers(2, 24),
       st.integers(0, 11), st.randoms())
def test_any_span_adds_up_whatever_the_order_of_the_months(whole, values, count, start, random):
    history = series("2024-01", values)
    span = list(months(pd.Timestamp("2026-01-01") + pd.DateOffset(months=start - 12), count))
    try:
        plan = break_down(whole, span, history=history)
    except KitError:
        assume(False)
    assert total(plan) == whole
    random.shuffle(span)
    shuffled = history.sample(frac=1, random_state=random.randrange(1000))
    pd.testing.assert_series_equal(break_down(whole, span, history=shuffled), plan)


# Growth and exit rates


def test_growth_by_a_given_factor():
    plan = break_down(700, months("2026-01", 3), how="growth", growth=1.0)
    assert plan.tolist() == [100, 200, 400]


def test_growth_leads_from_the_baseline_to_the_total():
    # 100 a month; 110 + 121 + 133.1 = 364.1 is 10 % a month
    plan = break_down(364.1, months("2026-01", 3), how="growth", baseline=100, step=0.1)
    assert plan.tolist() == [110, 121, 133.1]
    falling = break_down(243.9, months("2026-01", 3), how="growth", baseline=100, step=0.1)
    assert falling.tolist() == [90, 81, 72.9]


def test_growth_starts_from_the_average_of_last_year():
    assert break_down(1200, YEAR, how="growth", history=LAST_YEAR).tolist() == [100] * 12  # which was 100 a month


@given(st.integers(10, 10**9), st.floats(0.01, 1e9), st.integers(1, 24))
@example(10**9, 0.01, 1)
def test_growth_is_one_factor_and_adds_up(whole, baseline, count):
    plan = break_down(whole, months("2026-01", count), how="growth", baseline=baseline, step=1)
    assert total(plan) == whole
    steps = np.diff(plan)
    assert (steps >= -1).all() or (steps <= 1).all()


@pytest.mark.parametrize("arguments", [
    {}, {"baseline": 0.0}, {"baseline": -5.0}, {"growth": -1.0}, {"growth": math.nan}, {"growth": math.inf},
])
def test_growth_from_nothing_is_refused(arguments):
    with pytest.raises(KitError, match="growth"):
        break_down(1200, YEAR, how="growth", **arguments)


def test_an_exit_rate_is_reached_in_the_last_month():
    assert break_down_exit(100, 160, months("2026-01", 4)).tolist() == [115, 130, 145, 160]
    assert break_down_exit(100, 1600, months("2026-01", 4), how="growth").tolist() == [200, 400, 800, 1600]
    assert break_down_exit(0.75, 0.8, months("2026-01", 4)).tolist() == [0.7625, 0.775, 0.7875, 0.8]
    assert break_down_exit(3, 4, months("2026-01", 4)).tolist() == [3.25, 3.5, 3.75, 4]  # a ROAS
    assert break_down_exit(1500, 1350, months("2026-01", 4), step=50).tolist() == [1450, 1450, 1400, 1350]
    assert break_down_exit(100, 104, months("2026-01", 4), step=5).tolist() == [100, 100, 104, 104]  # 105 is beyond


@given(st.floats(0.01, 1e6), st.floats(0.01, 1e6), st.integers(1, 24), st.sampled_from(["equal", "growth"]))
def test_the_way_to_an_exit_rate_never_turns(baseline, target, count, how):
    plan = break_down_exit(baseline, target, months("2026-01", count), how=how)
    assert plan.iloc[-1] == pytest.approx(target, rel=1e-14)
    way = np.diff(plan) * np.sign(target - baseline)
    assert (way >= -1e-9 * max(baseline, target)).all()


@pytest.mark.parametrize(("baseline", "target", "how", "said"), [
    (0, 5, "growth", "Choose equal steps"), (5, -1, "growth", "Choose equal steps"),
    (math.nan, 5, "equal", "not a number"),
    (1, 5, "last_year", "no path 'last_year' to an exit rate. There are: equal, growth"),
])
def test_a_path_that_there_is_not_is_refused(baseline, target, how, said):
    with pytest.raises(KitError, match=said):
        break_down_exit(baseline, target, YEAR, how=how)


def test_quarters_of_parts_are_exact_and_unknown_where_a_month_is():
    assert by_quarter(series("2026-01", [0.1, 0.2, 0.3, 1, math.nan, 1])).iloc[0] == 0.6
    assert math.isnan(by_quarter(series("2026-01", [1, 1, 1, 1, math.nan, 1])).iloc[1])


# Ratios

SUMS = pd.DataFrame({
    "period": months("2025-01", 3), "leads": [100.0, 200.0, 100.0], "qualified_leads": [60.0, 160.0, 60.0],
    "spend": [50_000.0, 120_000.0, 40_000.0], "margin": [60_000.0, 180_000.0, 75_000.0],
    "other_costs": [1_000.0, 1_000.0, 1_000.0], "new_customers": [10.0, 20.0, 10.0],
    "promoters": [50.0, 60.0, 40.0], "detractors": [30.0, 20.0, 40.0], "recommend_answers": [100.0] * 3,
})  # fmt: skip
QUARTER = months("2026-01", 3)


def test_a_share_keeps_its_seasons_and_is_the_target_as_sum_over_sum():
    # last year 280 of 400 = 70 %; 77 % is 1.1 times each month's share
    plan = break_down_ratio("qualification_rate", 0.77, QUARTER, SUMS)
    assert plan["value"].tolist() == pytest.approx([0.66, 0.88, 0.66], rel=1e-12)
    assert plan["leads"].tolist() == [100, 200, 100]
    assert plan["qualified_leads"].tolist() == pytest.approx([66, 176, 66], rel=1e-12)
    assert plan["value"].mean() != pytest.approx(0.77, abs=0.01)  # the mean of the shares is another number


def test_a_share_that_would_pass_all_has_its_rest_shrunk():
    # 91 % is 1.3 times: 1.04 in February; instead the rest of 40, 20, 40 % shrinks to 9/30 of itself
    plan = break_down_ratio("qualification_rate", 0.91, QUARTER, SUMS)
    assert plan["value"].tolist() == pytest.approx([0.88, 0.94, 0.88], rel=1e-12)
    assert break_down_ratio("qualification_rate", 1.0, QUARTER, SUMS)["value"].tolist() == [1, 1, 1]


def test_planned_leads_take_the_place_of_last_years():
    leads = pd.Series([300.0, 100.0, 100.0], index=QUARTER)
    plan = break_down_ratio("qualification_rate", 0.7, QUARTER, SUMS, planned={"leads": leads})
    # shares of last year: 60, 80, 60 %; 320 of 500 = 64 %, so each is 70/64 times
    assert plan["value"].tolist() == pytest.approx([0.65625, 0.875, 0.65625], rel=1e-12)
    assert plan["qualified_leads"].sum() == pytest.approx(350, rel=1e-12)
    with pytest.raises(KitError, match="plan of leads lacks"):
        break_down_ratio("qualification_rate", 0.7, QUARTER, SUMS, planned={"leads": leads.iloc[:2]})


def test_cost_per_lead_moves_the_spend_at_last_years_leads():
    plan = break_down_ratio("cpl", 420, QUARTER, SUMS)  # last year 210 000 / 400 = 525; 0.8 times
    assert plan["value"].tolist() == pytest.approx([400, 480, 320], rel=1e-12)
    assert plan["spend"].tolist() == pytest.approx([40_000, 96_000, 32_000], rel=1e-12)


def test_romi_moves_the_margin_at_last_years_spend():
    # margin 315 000 over spend 210 000 = 1.5, ROMI 50 %; 80 % needs 1.8, so 1.2 times the margin
    plan = break_down_ratio("romi", 0.8, QUARTER, SUMS)
    assert plan["spend"].tolist() == SUMS["spend"].tolist()
    assert plan["margin"].tolist() == pytest.approx([72_000, 216_000, 90_000], rel=1e-12)
    assert plan["value"].tolist() == pytest.approx([0.44, 0.8, 1.25], rel=1e-12)
    assert break_down_ratio("romi", -0.25, QUARTER, SUMS)["margin"].sum() == pytest.approx(157_500, rel=1e-12)


def test_nps_moves_the_promoters():
    plan = break_down_ratio("nps", 30, QUARTER, SUMS)  # (150 - 90) / 300 = 20; 180 promoters are wanted: 1.2 times
    assert plan["promoters"].tolist() == pytest.approx([60, 72, 48], rel=1e-12)
    assert plan["detractors"].tolist() == [30, 20, 40]
    with pytest.raises(KitError, match="cannot be reached"):
        break_down_ratio("nps", 60, QUARTER, SUMS)  # more promoters and detractors than answers


def test_a_month_with_nothing_below_the_line_has_no_ratio():
    sums = SUMS.assign(leads=[0.0, 200, 100], qualified_leads=[0.0, 160, 60])
    plan = break_down_ratio("qualification_rate", 0.77, QUARTER, sums)
    assert math.isnan(plan["value"].iloc[0])
    assert plan["qualified_leads"].sum() / plan["leads"].sum() == pytest.approx(0.77, rel=1e-12)


def test_equal_months_are_the_target_each():
    plan = break_down_ratio("qualification_rate", 0.77, YEAR, SUMS, how="equal")
    assert plan["value"].tolist() == pytest.approx([0.77] * 12, rel=1e-12)


@pytest.mark.parametrize(("key", "target", "how", "said"), [
    ("leads", 100, "last_year", "no measures that add up"), ("clv", 100, "last_year", "no measures that add up"),
    ("follower_growth", 0.1, "last_year", "no measures that add up"),
    ("qualification_rate", 1.2, "last_year", "reached"), ("romi", -1.2, "last_year", "reached"),
    ("cpl", -5, "last_year", "reached"), ("cpl", math.nan, "equal", "reached"),
    ("aov", 5, "last_year", "not known"), ("aov", 5, "equal", "no month in the history"),
    ("cpl", 5, "growth", "cannot be broken down by 'growth'"),
])
def test_a_ratio_that_cannot_be_broken_down_is_refused(key, target, how, said):
    with pytest.raises(KitError, match=said):
        break_down_ratio(key, target, QUARTER, SUMS, how=how)


SUMMED = [key for key, row in KPIS.items() if row.formula.is_ratio and not row.is_rolling
          and all(MEASURES[name].can_be_added for name in expanded(key).names)]


@given(st.sampled_from(SUMMED), st.floats(0.2, 3), st.integers(2, 24), st.data())
def test_the_sum_over_the_sum_is_the_target(key, times, count, data):
    formula, span = expanded(key), months("2026-03", count)
    size = st.integers(1, 10**6)
    sums = pd.DataFrame({name: data.draw(st.lists(size, min_size=26, max_size=26)) for name in formula.names})
    sums["period"] = months("2024-01", 26)
    past = formula.evaluate(sums[sums["period"] >= "2025-03"].sum(numeric_only=True))
    target = past * times
    if KPIS[key].interval == "proportion":
        target %= 1
    try:
        plan = break_down_ratio(key, target, span, sums)
    except KitError:
        assume(False)
    below = formula.denominator.evaluate(plan)
    assert formula.evaluate(plan.sum()) == pytest.approx(target, rel=1e-12, abs=1e-12)
    assert (plan["value"] * below).sum() / below.sum() == pytest.approx(target, rel=1e-12, abs=1e-12)


def test_the_sample_breaks_down(sample_dir):
    sums = sum_measures(read_exports(sample_dir / "northlight").tables)
    plan = break_down(6000, YEAR, history=sums.set_index("period")["leads"])
    assert total(plan) == 6000 and plan.nunique() > 6
    rate = break_down_ratio("qualification_rate", 0.6, YEAR, sums, planned={"leads": plan})
    assert rate["qualified_leads"].sum() == pytest.approx(3600, rel=1e-12)
