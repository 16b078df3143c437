"""Ratings of reviews: averages and bad ones with intervals that hold what they promise."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from frames import table
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.kpis import proportion_interval
from kpi_helpers.reputation import describe_reviews, difference_of_means, mean_interval

stars = st.lists(st.integers(1, 5), min_size=1, max_size=60)


def reviews(ratings, days=None, sources=None):
    days = days or ["2026-10-05"] * len(ratings)
    return table("reviews", reviewed_at=days, rating=[*ratings], source=sources or ["a"] * len(ratings))


@given(stars)
def test_the_average_lies_in_its_interval_and_that_between_1_and_5(ratings):
    found = describe_reviews(reviews(ratings)).iloc[0]
    assert found["mean"] == pytest.approx(np.mean(ratings)) and found["reviews"] == len(ratings)
    assert 1 <= found["low"] <= found["mean"] + 1e-9 and found["mean"] - 1e-9 <= found["high"] <= 5
    bad, good = sum(one <= 2 for one in ratings), sum(one >= 4 for one in ratings)
    low, high = proportion_interval(pd.Series([float(bad)]), pd.Series([float(len(ratings))]))
    assert found[["bad_share", "bad_low", "bad_high"]].tolist() == pytest.approx(
        [bad / len(ratings), low.item(), high.item()])  # fmt: skip
    assert (found["bad"], found["good"], found["good_share"]) == (bad, good, pytest.approx(good / len(ratings)))


@pytest.mark.parametrize("chances", [(0.08, 0.04, 0.06, 0.20, 0.62), (0.2, 0.1, 0.1, 0.2, 0.4), (0.2,) * 5,
                                     (0.02, 0.02, 0.03, 0.13, 0.80)])  # fmt: skip
@pytest.mark.parametrize("number", [5, 20, 100])
def test_the_interval_holds_the_true_average_in_19_cases_of_20(chances, number):
    rng = np.random.default_rng(number)
    true = float(np.dot(chances, range(1, 6)))
    inside = 0
    for _ in range(1000):
        low, high = mean_interval(rng.choice([1.0, 2.0, 3.0, 4.0, 5.0], size=number, p=chances))
        inside += low <= true <= high
    assert inside >= 925  # 950 less three and a half standard errors


def test_few_alike_prove_little_and_extremes_are_wilsons():
    low, high = mean_interval(np.array([5.0, 5.0, 5.0]))
    assert low < 3 and high == 5
    ends = np.array([1.0] * 30 + [5.0] * 70)  # as unlike as can be: a share of fives
    low, high = proportion_interval(pd.Series([70.0]), pd.Series([100.0]))
    assert mean_interval(ends) == pytest.approx((1 + 4 * low.item(), 1 + 4 * high.item()))


def test_periods_sources_and_days():
    found = reviews([5, 1, 3, 4, None], ["2026-08-31", "2026-09-01", "2026-09-30", "2026-10-01", "2026-10-02"],
                    ["a", "b", None, "a", "a"])  # fmt: skip
    months = describe_reviews(found, "month")
    assert months["period"].dt.month.tolist() == [8, 9, 10] and months["reviews"].tolist() == [1, 2, 1]
    by_source = describe_reviews(found, by_source=True).set_index("source")["reviews"]
    assert by_source.to_dict() == {"": 1, "a": 2, "b": 1}
    september = describe_reviews(found, "", date(2026, 9, 1), date(2026, 9, 30))
    assert september["reviews"].tolist() == [2] and september["mean"].tolist() == [2]
    assert describe_reviews(found.iloc[:0], "month").empty and describe_reviews(reviews([None, None])).empty


def test_a_difference_is_real_only_where_it_leaves_out_zero():
    many = [describe_reviews(reviews(ratings)).iloc[0] for ratings in ([5] * 70 + [1] * 30, [5] * 40 + [1] * 60)]
    value, low, high = difference_of_means(*many)
    assert value == pytest.approx(1.2) and 0 < low < value < high
    back = difference_of_means(*many[::-1])
    assert back == pytest.approx((-value, -high, -low))
    few = [describe_reviews(reviews(ratings)).iloc[0] for ratings in ([5, 5, 4], [3, 4, 2])]
    assert difference_of_means(*few)[1] < 0
    assert not any(map(math.isnan, difference_of_means(*few)))
