import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from kpi_helpers.catalogue import KPIS
from kpi_helpers.trends import judge_change

STEADY = [100, 104, 98, 103, 99, 102]  # moving ranges 4, 6, 5, 4, 3: mean 4.4, upper limit 14.4


def point(value, numerator=math.nan, denominator=math.nan, low=math.nan, high=math.nan):
    return {"value": value, "numerator": numerator, "denominator": denominator, "low": low, "high": high}


def share(numerator, denominator):
    fits = numerator <= denominator
    low, high = proportion_confint(numerator, denominator, method="wilson") if fits else (math.nan, math.nan)
    return point(numerator / denominator, numerator, denominator, low, high)


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_shares_are_judged_as_by_newcombes_method_10(n, m, data):
    """The library's interval, itself as published: 56/70 - 48/80 is 0.0524 to 0.3339 (Newcombe 1998, 17:873)."""
    published = confint_proportions_2indep(56, 70, 48, 80, compare="diff", method="newcomb")
    assert [round(bound, 4) for bound in published] == [0.0524, 0.3339]
    x, y = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    low, high = confint_proportions_2indep(x, n, y, m, compare="diff", method="newcomb")
    verdict = judge_change(KPIS["qualification_rate"], share(x, n), share(y, m), [])
    assert verdict == ("better" if low > 0 else "worse" if high < 0 else "noise")


@pytest.mark.parametrize(("now", "before", "verdict"), [
    (share(56, 70), share(48, 80), "better"), (share(48, 80), share(56, 70), "worse"),
    (share(39, 50), share(40, 50), "noise"), (share(780, 1000), share(820, 1000), "worse"),
    (share(10, 10), share(7, 10), "noise"),  # Wald's interval would call it better
    (share(1, 2), share(3, 2), "unknown"), (share(3, 2), share(1, 2), "unknown"),
    (point(math.nan, 0, 0), share(40, 50), "unknown"),
])
def test_shares_are_judged_by_the_interval_of_their_difference(now, before, verdict):
    assert judge_change(KPIS["qualification_rate"], now, before, []) == verdict


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_swapping_the_months_or_the_direction_swaps_the_verdict(n, m, data):
    now, before = share(data.draw(st.integers(0, n)), n), share(data.draw(st.integers(0, m)), m)
    opposite = {"better": "worse", "worse": "better"}
    verdict = judge_change(KPIS["retention_rate"], now, before, [])
    assert judge_change(KPIS["retention_rate"], before, now, []) == opposite.get(verdict, verdict)
    assert judge_change(KPIS["churn_rate"], now, before, []) == opposite.get(verdict, verdict)


@pytest.mark.parametrize(("key", "now", "verdict"), [
    ("leads", 117, "better"), ("leads", 116, "noise"), ("leads", 87, "worse"), ("cpl", 117, "worse"),
    ("cpl", 87, "better"), ("spend", 117, "changed"), ("leads", math.nan, "unknown"),
])
def test_sums_are_judged_by_the_limit_of_their_moving_range(key, now, verdict):
    assert judge_change(KPIS[key], point(now), point(102), STEADY) == verdict


def test_a_short_history_proves_nothing_and_missing_months_do_not_count():
    assert judge_change(KPIS["leads"], point(1000), point(102), STEADY[:5]) == "unknown"
    gaps = [math.nan, *STEADY[:3], math.nan, *STEADY[3:]]
    assert judge_change(KPIS["leads"], point(117), point(102), gaps) == "better"


def test_shares_of_overlapping_years_are_judged_by_their_history():
    steady = [0.180, 0.181, 0.180, 0.182, 0.181, 0.180]
    assert judge_change(KPIS["repeat_rate"], share(190, 1000), share(180, 1000), steady) == "better"
    assert judge_change(KPIS["retention_rate"], share(190, 1000), share(180, 1000), steady) == "noise"


def test_nps_is_judged_by_its_intervals():
    before = point(17.5, low=14.1, high=20.9)
    assert judge_change(KPIS["nps"], point(25, low=21, high=29), before, []) == "better"
    assert judge_change(KPIS["nps"], point(20, low=16, high=24), before, []) == "noise"
    assert judge_change(KPIS["nps"], point(10, low=6, high=14), before, []) == "worse"
