import math

import numpy as np
import pandas as pd
import pytest
from frames import measured, table
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.catalogue import KPIS, expanded
from kpi_helpers.errors import KitError
from kpi_helpers.kpis import compute_kpis, nps_interval, proportion_interval
from kpi_helpers.measures import sum_measures
from kpi_helpers.terms import MEASURES

COSTS = {"spend": [1.0], "other_costs": [1.0]}
Z = 1.959963984540054  # the normal's 97.5 % point


def values_of(measures: pd.DataFrame, *keys: str) -> dict[str, float]:
    return compute_kpis(measures, keys).set_index("kpi")["value"].to_dict()


def reasons_of(measures: pd.DataFrame, *keys: str) -> list[str]:
    return compute_kpis(measures, keys)["reason"].tolist()


# The trap «Уверен?»: 100 000 spent, 150 000 sold

def test_sales_of_150_on_a_spend_of_100_are_no_profit_of_50():
    sure = measured(spend=[100_000.0], revenue=[150_000.0], margin=[0.4 * 150_000])
    assert values_of(sure, "roas", "drr", "revenue_roi", "romi") == pytest.approx(
        {"roas": 1.5, "drr": 2 / 3, "revenue_roi": 0.5, "romi": -0.4}
    )


def test_the_break_even_margin_is_the_ad_cost_share():
    even = measured(spend=[100_000.0], revenue=[150_000.0], margin=[100_000 / 150_000 * 150_000])
    assert values_of(even, "romi")["romi"] == pytest.approx(0)


def test_without_a_margin_there_is_no_profit_and_the_orders_are_not_called_missing():
    sums = sum_measures({
        "ads": table("ads", date=["2026-01-01"], spend=[100_000.0]),
        "orders": table("orders", ordered_at=["2026-01-05"], revenue=[150_000.0]),
    })
    romi = compute_kpis(sums, ["romi"]).iloc[0]
    assert math.isnan(romi["value"])
    assert romi["reason"] == "no_values:margin"


# Sum over sum

def test_the_cost_per_lead_of_channels_is_sum_over_sum_and_no_mean_of_ratios():
    by_channel = measured(["2026-01-01"] * 2, spend=[1000.0, 9000.0], leads=[100.0, 30.0])
    together = by_channel.groupby("period", as_index=False).sum()
    assert compute_kpis(by_channel, ["cpl"])["value"].tolist() == [10, 300]
    assert values_of(together, "cpl")["cpl"] == pytest.approx(10_000 / 130)  # the mean of ratios is 155


amounts = st.one_of(st.just(0.0), st.just(math.nan), st.floats(0.01, 1e6))
measures = st.fixed_dictionaries(dict.fromkeys(MEASURES, amounts))


@settings(max_examples=15)  # each example computes every KPI
@given(measures)
def test_every_kpi_is_its_formula_or_says_why_it_is_not(sums):
    result = compute_kpis(pd.DataFrame([{"period": pd.Timestamp("2026-01-01"), **sums}])).set_index("kpi")
    assert list(result.index) == list(KPIS)
    for key, row in result.iterrows():
        expected = value_by_hand(expanded(str(key)).text, sums)
        assert row["value"] == pytest.approx(expected, nan_ok=True)
        assert (row["reason"] == "") == (not math.isnan(row["value"]))
        code, _colon, name = row["reason"].partition(":")
        if code == "zero":
            assert sums[name] == 0 or sums[name] - sums["margin"] == 0
        if code == "no_values":
            assert math.isnan(sums[name])


def value_by_hand(text, sums):
    try:
        value = eval(text, {"__builtins__": {}}, sums)
    except ZeroDivisionError:
        return math.nan
    return value if math.isfinite(value) else math.nan


@given(measures, st.integers(2, 6))
def test_the_rows_do_not_touch_one_another(sums, rows):
    frame = pd.DataFrame([{"period": pd.Timestamp("2026-01-01"), **sums}] * rows)
    frame.index = [7] * rows
    result = compute_kpis(frame, ["cpl", "nps", "qualification_rate"])
    assert len(result) == 3 * rows
    assert all(group.drop_duplicates().shape[0] == 1 for _key, group in result.groupby("kpi"))


# Why a value is missing

@pytest.mark.parametrize(("sums", "key", "reason"), [
    ({"leads": [5.0]}, "cpl", "no_export:ads"),
    ({"leads": [5.0], "spend": [math.nan], "clicks": [math.nan]}, "cpl", "no_export:ads"),
    ({"leads": [5.0], "spend": [math.nan], "clicks": [3.0]}, "cpl", "no_values:spend"),
    ({"leads": [0.0], "spend": [100.0]}, "cpl", "zero:leads"),
    ({"leads": [0.0], "spend": [0.0]}, "cpl", "zero:leads"),
    ({"leads": [0.0]}, "cpl", "no_export:ads"),
    ({"spend": [math.nan]}, "spend", "no_export:ads"),
    ({**COSTS, "new_customers": [0.0], "margin_12m": [9.0], "lost_12m": [3.0]}, "ltv_to_cac", "zero:new_customers"),
    ({**COSTS, "new_customers": [2.0], "margin_12m": [9.0], "lost_12m": [0.0]}, "ltv_to_cac", "zero:lost_12m"),
    ({"spend": [0.0], "other_costs": [0.0], "margin": [9.0]}, "roi", "zero:spend"),
])
def test_a_missing_value_says_why(sums, key, reason):
    result = compute_kpis(measured(**sums), [key]).iloc[0]
    assert math.isnan(result["value"])
    assert result["reason"] == reason


def test_a_month_without_rows_is_told_from_a_missing_export():
    months = measured(spend=[100.0, math.nan], leads=[5.0, 5.0])
    assert reasons_of(months, "cpl") == ["", "no_rows:ads"]


def test_the_missing_export_is_told_before_the_zero():
    assert reasons_of(measured(spend=[5.0], new_customers=[0.0]), "cac") == ["no_export:costs"]


def test_no_kpis_and_unknown_kpis():
    assert compute_kpis(measured(spend=[1.0]), []).empty
    with pytest.raises(KitError, match="no KPI 'cpx'"):
        compute_kpis(measured(spend=[1.0]), ["cpx"])


# Intervals

@pytest.mark.parametrize(("successes", "trials", "low", "high"), [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
])
def test_wilsons_interval_as_published(successes, trials, low, high):
    """Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3."""
    found = proportion_interval(pd.Series([float(successes)]), pd.Series([float(trials)]))
    assert [round(bound.item(), 4) for bound in found] == [low, high]


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilsons_bounds_solve_its_equation(counts):
    """Wilson 1927: the bounds are where |share - p| = z * sqrt(p (1 - p) / n)."""
    successes, trials = counts
    share = successes / trials
    for bound in proportion_interval(pd.Series([float(successes)]), pd.Series([float(trials)])):
        p = bound.item()
        assert -1e-12 <= p <= 1 + 1e-12
        assert (share - p) ** 2 == pytest.approx(Z**2 * p * (1 - p) / trials, abs=1e-9)


def test_there_is_no_interval_without_a_whole():
    low, high = proportion_interval(pd.Series([5.0, 0.0, np.nan, 1.0]), pd.Series([4.0, 0.0, 4.0, np.nan]))
    assert low.isna().all() and high.isna().all()


def test_39_of_50_fit_anything_from_65_to_87_percent():
    rate = compute_kpis(measured(qualified_leads=[39.0], leads=[50.0]), ["qualification_rate"]).iloc[0]
    assert (round(rate["low"], 2), rate["value"], round(rate["high"], 2)) == (0.65, 0.78, 0.87)
    assert (rate["numerator"], rate["denominator"]) == (39, 50)


def test_nps_of_250_promoters_and_75_detractors_of_1000():
    """17.5 ± 1.96 * 100 * sqrt((.25 + .075 - .175^2) / 1000) = 17.5 ± 3.36."""
    nps = compute_kpis(measured(promoters=[250.0], detractors=[75.0], recommend_answers=[1000.0]), ["nps"]).iloc[0]
    assert nps["value"] == pytest.approx(17.5)
    assert [round(nps["low"], 2), round(nps["high"], 2)] == [14.14, 20.86]


def test_nps_of_few_answers_is_drawn_to_the_middle():
    """Rocks 2016, The American Statistician 70:365: 3/4 promoter and detractor and 3 answers added; 9 and 3 of 20."""
    p, d, n = 9.75 / 23, 3.75 / 23, 23
    half = Z * math.sqrt((p + d - (p - d) ** 2) / n)
    low, high = nps_interval(pd.Series([9.0]), pd.Series([3.0]), pd.Series([20.0]))
    assert [low.item(), high.item()] == pytest.approx([100 * (p - d - half), 100 * (p - d + half)])


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_the_nps_interval_lies_on_the_scale_and_mirrors(promoters, passives, detractors):
    counts = [pd.Series([float(n)]) for n in (promoters, detractors, promoters + passives + detractors)]
    low, high = (bound.item() for bound in nps_interval(*counts))
    mirrored = [bound.item() for bound in nps_interval(counts[1], counts[0], counts[2])]
    if not counts[2].item():
        assert math.isnan(low) and math.isnan(high)
    else:
        assert -100 <= low <= high <= 100
        assert mirrored == pytest.approx([-high, -low])
