import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from kpi_helpers.differences import COLUMNS, COUNTS, Z, compare_shares, detectable, newcombe, sample_size
from kpi_helpers.errors import KitError

# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10
TABLE_II = [
    ((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((6, 7, 2, 7), 0.0582, 0.8062),
    ((5, 56, 0, 29), -0.0381, 0.1926), ((0, 10, 0, 20), -0.1611, 0.2775), ((0, 10, 0, 10), -0.2775, 0.2775),
    ((10, 10, 0, 20), 0.6791, 1.0), ((10, 10, 0, 10), 0.6075, 1.0),
]  # fmt: skip
trials = st.integers(1, 400)
group = trials.flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
row = st.tuples(group, group).map(lambda groups: (*groups[0], *groups[1]))


def counts(*rows):
    return pd.DataFrame(rows, columns=COUNTS)


def compared(*rows, **choices):
    return compare_shares(counts(*rows), **choices)


@pytest.mark.parametrize(("one", "low", "high"), TABLE_II)
def test_newcombes_interval_as_published(one, low, high):
    found = compared(one).iloc[0]
    assert [round(found["low"], 4), round(found["high"], 4)] == [low, high]
    assert found["difference"] == pytest.approx(one[0] / one[1] - one[2] / one[3])


@given(row)
def test_the_verdict_of_one_comparison_is_that_of_its_interval(one):
    found = compared(one).iloc[0]
    low, high = confint_proportions_2indep(*one, method="newcomb")
    assert (found["low"], found["high"]) == pytest.approx((low, high))
    assume(min(abs(low), abs(high)) > 1e-6)
    assert (found["p_value"] < 0.05) == (low > 0 or high < 0)
    if found["verdict"] != "not_enough":
        assert found["verdict"] == ("higher" if low > 0 else "lower" if high < 0 else "within_noise")


@given(row)
def test_at_the_confidence_of_the_p_value_the_interval_just_reaches_zero(one):
    found = compared(one).iloc[0]
    assume(found["difference"] != 0 and found["p_value"] > 1e-12)
    bounds = newcombe(*(np.array([float(part)]) for part in one), NormalDist().inv_cdf(1 - found["p_value"] / 2))
    assert min(abs(bound.item()) for bound in bounds) == pytest.approx(0, abs=1e-6)


@given(row)
def test_the_other_way_round_everything_is_mirrored(one):
    there, back = compared(one).iloc[0], compared((*one[2:], *one[:2])).iloc[0]
    assert (back["low"], back["high"]) == pytest.approx((-there["high"], -there["low"]), abs=1e-12)
    assert back["p_value"] == pytest.approx(there["p_value"], abs=1e-9)
    assert {"higher": "lower", "lower": "higher"}.get(back["verdict"], back["verdict"]) == there["verdict"]


@settings(max_examples=8)  # statsmodels' Holm collects the garbage of the whole process
@given(st.lists(row, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_holms_adjustment_is_that_of_statsmodels_and_the_order_of_rows_changes_nothing(rows, chance):
    found = compared(*rows)
    np.testing.assert_allclose(found["p_adjusted"], multipletests(found["p_value"], method="holm")[1])
    assert (found["family"] == len(rows)).all()
    places = chance.sample(range(len(rows)), len(rows))
    pd.testing.assert_frame_equal(compared(*[rows[place] for place in places]),
                                  found.iloc[places].reset_index(drop=True))


def test_of_many_comparisons_one_that_would_differ_alone_is_noise_and_says_so():
    rows = [(56, 70, 48, 80), *[(30, 60, 30, 60)] * 9]
    alone, among = compared(rows[0]).iloc[0], compared(*rows).iloc[0]
    assert (alone["verdict"], alone["reason"]) == ("higher", "")
    assert (among["verdict"], among["reason"], among["family"]) == ("within_noise", "many_comparisons", 10)


@pytest.mark.parametrize(("n", "n_before", "share"), [(20, 20, 0.2), (50, 30, 0.5), (100, 300, 0.05), (30, 30, 0.95)])
def test_equal_shares_are_called_different_about_once_in_twenty(n, n_before, share):
    hits, before = (grid.ravel().astype(float) for grid in np.mgrid[: n + 1, : n_before + 1])
    chance = binom.pmf(hits, n, share) * binom.pmf(before, n_before, share)
    low, high = newcombe(hits, np.full_like(hits, n), before, np.full_like(hits, n_before), Z)
    assert 0.001 < chance[(low > 0) | (high < 0)].sum() < 0.056


@pytest.mark.parametrize(("one", "matters", "verdict"), [
    ((39, 50, 40, 50), None, "within_noise"),
    ((39, 50, 40, 50), 0.05, "not_enough"),
    ((3900, 5000, 4000, 5000), 0.05, "same"),
    ((3500, 5000, 4000, 5000), 0.05, "lower"),
    ((1, 1, 0, 1), None, "not_enough"),
])
def test_not_enough_data_is_a_verdict(one, matters, verdict):
    assert compared(one, matters=matters).iloc[0]["verdict"] == verdict


@pytest.mark.parametrize(("one", "reason"), [
    ((3, 0, 1, 2), "no_trials"), ((1, 2, 0, 0), "no_trials"), ((3, 2, 1, 2), "bad_counts"),
    ((-1, 2, 1, 2), "bad_counts"), ((math.nan, 2, 1, 2), "bad_counts"), ((1, math.inf, 1, 2), "bad_counts"),
    (("x", 5, 1, 2), "bad_counts"),
])
def test_counts_that_cannot_be_compared_say_why_and_leave_the_others_alone(one, reason):
    found = compared(one, (9, 10, 3, 10))
    assert found.loc[0, COLUMNS[:7]].isna().all()
    assert (found.loc[0, "verdict"], found.loc[0, "reason"]) == ("not_enough", reason)
    pd.testing.assert_frame_equal(found.iloc[1:].reset_index(drop=True), compared((9, 10, 3, 10)),
                                  check_dtype=False)


def test_labels_stay_and_nothing_at_all_gives_an_empty_table():
    rows = counts((9, 10, 3, 10)).assign(channel="email").set_axis([7])
    found = compare_shares(rows)
    assert list(found.columns) == [*COUNTS, "channel", *COLUMNS] and list(found.index) == [7]
    assert compare_shares(rows.iloc[:0]).empty
    with pytest.raises(KitError, match="trials_before"):
        compare_shares(rows.drop(columns="trials_before"))
    with pytest.raises(KitError, match="between 0 and 1"):
        compare_shares(rows, matters=5)


# Planned tests

def test_sample_size_power_and_detectable_share_as_r_publishes_them():
    """R, help of power.prop.test: p1 .50, p2 .75, power .90 -> n 76.7; n 50, p1 .50, power .90 -> p2 .8026."""
    assert sample_size(0.5, 0.75, power=0.9) == (77, 77)
    assert detectable(0.5, 50, power=0.9)[1] == pytest.approx(0.8026, abs=5e-5)


@settings(max_examples=40)
@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98), st.sampled_from([0.8, 0.9]), st.sampled_from([0.2, 1, 3]))
def test_the_size_and_the_detectable_share_are_each_others_inverse(base, other, power, ratio):
    assume(abs(base - other) > 0.01)
    first, second = sample_size(base, other, power, ratio)
    assert (first - 1) * ratio < second < first * ratio + 1
    down, up = detectable(base, first, power, ratio)
    nearest = down if other < base else up
    assert abs(nearest - base) <= abs(other - base) + 1e-6
    if first > 2:
        fewer = detectable(base, first - 1, power, ratio)[other > base]
        assert math.isnan(fewer) or abs(fewer - base) > abs(other - base) - 1e-6


def test_a_test_of_the_planned_size_finds_the_difference_as_often_as_promised():
    first, second = sample_size(0.3, 0.45)
    chance = np.random.default_rng(1)
    drawn = np.column_stack([chance.binomial(first, 0.3, 2000), np.full(2000, first),
                             chance.binomial(second, 0.45, 2000), np.full(2000, second)]).astype(float)  # fmt: skip
    low, high = newcombe(*drawn.T, Z)
    assert np.mean((low > 0) | (high < 0)) == pytest.approx(0.8, abs=0.03)


def test_too_small_a_test_finds_nothing():
    assert all(math.isnan(share) for share in detectable(0.5, 3))
    assert math.isnan(detectable(0.01, 50)[0])


@pytest.mark.parametrize("plan", [(0.0, 0.5), (0.5, 1.0), (0.5, 0.5), (math.nan, 0.5), (0.5, 0.6, 1.0),
                                  (0.5, 0.6, 0.8, 0), (0.5, 0.6, 0.8, math.nan), (0.5, 0.5 + 1e-12)])
def test_a_plan_that_makes_no_sense_is_refused(plan):
    with pytest.raises(KitError):
        sample_size(*plan)
    with pytest.raises(KitError):
        detectable(0.5, math.nan)
