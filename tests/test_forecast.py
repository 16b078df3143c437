"""Forecasts against statsmodels' own, published formulas and hand-made values; coverage on series with a known law."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from kpi_helpers.charts import move_goal, plot_forecast
from kpi_helpers.forecast import LEVEL, Forecast, ets, forecast_kpi, forecast_series
from kpi_helpers.forecast.backtest import past_coverage, width_factor
from kpi_helpers.forecast.draws import draw_errors
from kpi_helpers.forecast.gaps import far_outside, fill, known_together
from kpi_helpers.forecast.model import Model, last_value, seasonal_naive
from kpi_helpers.forecast.result import from_paths, months_ahead

# Box and Jenkins (1976), series G: airline passengers, 1949 to 1960, thousands
AIRLINE = np.array([
    112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114,
    140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218, 230, 242, 209, 191,
    172, 194, 196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201, 204, 188, 235, 227, 234, 264, 302, 293, 259,
    229, 203, 229, 242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278, 284, 277, 317, 313, 318, 374, 413, 405,
    355, 306, 271, 306, 315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336, 340, 318, 362, 348, 363, 435, 491,
    505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535,
    622, 606, 508, 461, 390, 432,
], dtype=float)  # fmt: skip


def by_month(values: object, first: str = "2020-01-01") -> pd.Series:
    values = np.asarray(values, dtype=float)
    return pd.Series(values, index=pd.date_range(first, periods=len(values), freq="MS"))


def simulated(seed: int, months: int, level: float = 200.0) -> np.ndarray:
    """A level that wanders, a season and errors that are known: alpha 0.3, errors of 8 %."""
    rng = np.random.default_rng(seed)
    season = 0.2 * np.sin((np.arange(12) + rng.integers(12)) * np.pi / 6)
    errors, log, values = rng.normal(0, 0.08, months), np.log(level), []
    for month, error in enumerate(errors):
        values.append(np.exp(log + season[month % 12] + error))
        log += 0.3 * error
    return np.array(values)


SIMULATED = by_month(simulated(1, 48))


# One recursion, three models


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("trend", ["", "straight", "damped"])
@pytest.mark.parametrize("seasonal", [False, True])
def test_the_recursion_forecasts_what_statsmodels_forecasts(log: bool, trend: ets.Trend, seasonal: bool) -> None:
    model = ets.fit(AIRLINE, ets.Form(log, trend, seasonal))
    peer = ETSModel(
        np.log(AIRLINE) if log else AIRLINE, trend="add" if trend else None, damped_trend=trend == "damped",
        seasonal="add" if seasonal else None, seasonal_periods=12 if seasonal else None,
        initialization_method="known", initial_level=model.level, initial_trend=model.slope if trend else None,
        initial_seasonal=np.array(model.season) if seasonal else None,
    )  # fmt: skip
    names = {"smoothing_level": model.alpha, "smoothing_trend": model.beta, "smoothing_seasonal": model.gamma,
             "damping_trend": model.phi}  # fmt: skip
    told = peer.smooth([names[name] for name in peer.param_names if name in names])
    expected = np.exp(told.forecast(24)) if log else told.forecast(24)
    np.testing.assert_allclose(model.point(AIRLINE, 24), expected, rtol=1e-8)


def test_the_airline_series_has_a_season_that_multiplies() -> None:
    form = ets.choose_form(AIRLINE, True, positive=True)
    assert form.log and form.trend  # the reason why Box and Jenkins took logarithms
    plain = ets._fit(AIRLINE.tobytes(), ets.choose_form(AIRLINE, False, positive=True))[1]
    additive = ets._fit(AIRLINE.tobytes(), ets.Form(False, form.trend, True))[1]
    chosen = ets._fit(AIRLINE.tobytes(), form)[1]
    assert chosen < additive < plain


@pytest.mark.parametrize("log", [False, True])
def test_aicc_is_that_of_the_definition_from_statsmodels_likelihood(log: bool) -> None:
    values = AIRLINE[:60]
    peer = ETSModel(np.log(values) if log else values, initialization_method="heuristic").fit(disp=False)
    likelihood = peer.llf - (np.log(values).sum() if log else 0.0)  # of the values, not of their logarithms
    k, n = 3, 60  # alpha, the first level, the spread
    expected = -2 * likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    unit = 2 * n * np.log(values.mean())  # the kit's is of values over their mean
    assert ets._fit(values.tobytes(), ets.Form(log, "", False))[1] + unit == pytest.approx(expected, rel=1e-4)


def test_seasonal_naive_repeats_the_last_year() -> None:
    np.testing.assert_allclose(seasonal_naive(AIRLINE).point(AIRLINE, 14), [*AIRLINE[-12:], *AIRLINE[-12:-10]])


def test_seasonal_naive_takes_the_year_before_where_a_month_is_not_known() -> None:
    values = AIRLINE.copy()
    values[-3] = np.nan
    said = seasonal_naive(values).point(values, 12)
    assert said[9] == pytest.approx(AIRLINE[-15])
    assert said[8] == pytest.approx(AIRLINE[-4])


def test_errors_of_the_seasonal_naive_model_are_changes_from_the_year_before() -> None:
    _state, errors = seasonal_naive(AIRLINE).run(AIRLINE)
    assert np.isnan(errors[:12]).all()
    np.testing.assert_allclose(errors[12:], np.log(AIRLINE[12:]) - np.log(AIRLINE[:-12]))


def test_the_last_value_goes_on() -> None:
    np.testing.assert_allclose(last_value(AIRLINE).point(AIRLINE, 3), AIRLINE[-1])


# Draws


def test_drawn_paths_are_as_wide_as_the_formula_says() -> None:
    """Hyndman and Athanasopoulos, FPP3, table 8.8, ETS(A,N,N): sigma^2 (1 + alpha^2 (h - 1))."""
    past = np.random.default_rng(5).normal(0, 3, 400)
    model = Model(log=False, alpha=0.4, level=50.0)
    errors = draw_errors({"a": past}, 12, 1, tied=False)["a"]
    found = model.paths(model.run(np.array([50.0]))[0], errors).var(axis=0)
    expected = (past**2).mean() * (1 + 0.16 * np.arange(12))
    np.testing.assert_allclose(found, expected, rtol=0.15)


def test_measures_are_drawn_together() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.normal(0, 1, 60), rng.normal(0, 1, 60)
    both = draw_errors({"a": one, "b": one + 0.5 * other}, 6, 3, tied=False)
    expected = np.corrcoef(one, one + 0.5 * other)[0, 1]
    assert np.corrcoef(both["a"][:, 2], both["b"][:, 2])[0, 1] == pytest.approx(expected, abs=0.08)


def test_tied_errors_keep_the_ties_of_neighbouring_months() -> None:
    steady = np.repeat([1.0, -1.0, 1.0, -1.0], 12)  # a year too low, a year too high
    tied, free = (draw_errors({"a": steady}, 2, 4, tied=tied)["a"] for tied in (True, False))
    assert np.corrcoef(tied.T)[0, 1] == pytest.approx((44 - 4) / 48, abs=0.03)  # 4 of 48 neighbours differ in sign
    assert abs(np.corrcoef(free.T)[0, 1]) < 0.1


# Gaps and outages


def test_a_month_far_outside_is_found_and_a_season_is_not() -> None:
    values = AIRLINE.copy()
    assert not far_outside(values).any()
    values[100] = 3
    assert np.flatnonzero(far_outside(values)).tolist() == [100]


def test_within_two_years_a_peak_may_be_the_season_but_a_fall_to_nothing_is_an_outage() -> None:
    values = np.array([100, 104, 98, 101, 97, 103, 102, 99, 100, 105, 98, 260, 101, 99, 103, 5])
    assert np.flatnonzero(far_outside(values)).tolist() == [15]


def test_gaps_are_filled_with_the_season() -> None:
    values = 100 + 30 * np.sin(np.arange(60) * np.pi / 6)
    gap = values.copy()
    gap[[27, 28, 40]] = np.nan
    np.testing.assert_allclose(fill(gap)[[27, 28, 40]], values[[27, 28, 40]], atol=6)
    assert fill(np.array([1.0, np.nan, 3.0, np.nan])).tolist() == [1, 2, 3, 3]


@pytest.mark.parametrize("place", [20, 47])
def test_an_outage_does_not_wreck_the_forecast(place: int) -> None:
    broken = SIMULATED.copy()
    broken.iloc[place] = 4
    sound, told = forecast_series(SIMULATED, 6), forecast_series(broken, 6)
    np.testing.assert_allclose(told.middle, sound.middle, rtol=0.15)
    assert ((told.high - told.low) < 2 * (sound.high - sound.low)).all()


def test_months_that_are_not_known_are_no_zeros() -> None:
    gap = SIMULATED.copy()
    gap.iloc[[15, 30, 46]] = np.nan
    told = forecast_series(gap.dropna(), 6)  # a month without a row is not known, either
    np.testing.assert_allclose(told.middle, forecast_series(gap, 6).middle)
    assert (told.middle > 0.6 * SIMULATED.min()).all()


# What is said of short, odd and bounded series


@pytest.mark.parametrize(
    ("months", "method", "reason"),
    [(3, "none", "too_short"), (4, "naive", "no_season"), (12, "naive", "no_season"),
     (13, "seasonal_naive", "untested")],
)  # fmt: skip
def test_short_histories_are_told_as_such(months: int, method: str, reason: str) -> None:
    told = forecast_series(SIMULATED.iloc[:months], 5)
    assert (told.method, told.reason) == (method, reason)
    assert told.middle.isna().all() == (method == "none")
    assert told.paths.shape == ((0, 5) if method == "none" else (1000, 5))


def test_a_series_that_ended_more_than_a_year_ago_is_not_forecast() -> None:
    old = SIMULATED.copy()
    old.iloc[-11:] = np.nan
    assert forecast_series(old, 3).method != "none"
    old.iloc[-12:] = np.nan
    assert forecast_series(old, 3).reason == "stale"


def test_ets_is_taken_where_it_was_better_and_not_where_it_was_worse() -> None:
    growing = by_month(100 * 1.02 ** np.arange(48) * (1 + 0.01 * np.sin(np.arange(48))))
    told = forecast_series(growing, 6)
    assert (told.method, told.reason) == ("ets", "better")
    assert told.middle.iloc[-1] == pytest.approx(growing.iloc[-1] * 1.02**6, rel=0.05)
    repeating = by_month(np.tile(np.random.default_rng(8).uniform(50, 150, 12), 4))
    told = forecast_series(repeating, 12)
    assert (told.method, told.reason) == ("seasonal_naive", "not_better")
    np.testing.assert_allclose(told.middle, repeating.iloc[:12])


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_series_that_never_changes_goes_on(value: float) -> None:
    told = forecast_series(by_month([value] * 30), 4)
    np.testing.assert_allclose([told.low, told.middle, told.high], value, atol=1e-9)


def test_small_counts_are_whole_and_not_negative() -> None:
    counts = by_month(np.random.default_rng(4).poisson(1.5, 30))
    told = forecast_series(counts, 6, whole=True)
    assert (told.low >= 0).all() and (told.high > 0).all()
    for line in (told.paths, told.low, told.middle, told.high):
        assert (np.asarray(line) % 1 == 0).all()


def test_zeros_that_come_late_are_values() -> None:
    late = SIMULATED.round().copy()
    late.iloc[-6:] = [60, 30, 0, 0, 0, 0]
    told = forecast_series(late, 3, whole=True)
    assert np.isfinite(told.paths).all()
    assert (told.low < 0.5 * late.median()).all()


def test_shares_stay_within_one_and_losses_may_be_negative() -> None:
    shares = by_month(np.clip(np.random.default_rng(6).normal(0.95, 0.04, 30), 0, 1))
    assert forecast_series(shares, 6, most=1.0).high.max() <= 1.0
    losses = by_month(np.random.default_rng(6).normal(-50, 20, 30))
    assert forecast_series(losses, 6, least=-np.inf).middle.max() < 0
    assert forecast_series(losses, 6).middle.min() == 0  # the caller said that nothing is below zero


def test_infinity_is_not_known() -> None:
    odd = SIMULATED.copy()
    odd.iloc[[5, 40]] = [np.inf, -np.inf]
    assert np.isfinite(forecast_series(odd, 3).paths).all()


def test_months_ahead_follow_the_history() -> None:
    assert list(forecast_series(SIMULATED, 2).months) == list(pd.to_datetime(["2024-01-01", "2024-02-01"]))


def test_a_month_is_forecast_alike_however_far_one_looks() -> None:
    near, far = forecast_series(SIMULATED, 2), forecast_series(SIMULATED, 15)
    np.testing.assert_array_equal(near.paths, far.paths[:, :2])
    assert near.coverage == far.coverage


# Properties

HISTORIES = st.lists(st.just(0.0) | st.just(np.nan) | st.floats(0.5, 1e6), min_size=4, max_size=40).map(by_month)


@settings(max_examples=25, deadline=None)
@given(HISTORIES)
def test_the_middle_lies_in_the_interval_and_the_same_history_says_the_same(history: pd.Series) -> None:
    told, again = forecast_series(history, 7), forecast_series(history.copy(), 7)
    if told.method == "none":
        return
    assert (told.low <= told.middle).all() and (told.middle <= told.high).all()
    assert told.paths.tobytes() == again.paths.tobytes()
    moved = forecast_series(by_month(history.to_numpy(), "2013-05-01"), 7)
    assert told.paths.tobytes() == moved.paths.tobytes()


@pytest.mark.parametrize("months", [9, 20, 36, 48])
@pytest.mark.parametrize("factor", [0.1, 10.0, 1e6])
def test_ten_times_the_values_give_ten_times_the_forecast(months: int, factor: float) -> None:
    told, larger = forecast_series(SIMULATED.iloc[:months], 6), forecast_series(SIMULATED.iloc[:months] * factor, 6)
    assert told.method == larger.method
    np.testing.assert_allclose(larger.paths, factor * told.paths, rtol=1e-3)


# Intervals


def test_width_factor_by_hand() -> None:
    ratios = np.full((9, 12), np.nan)
    ratios[:, 0] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1.9, 2.5]
    assert width_factor(ratios) == pytest.approx(1.9)  # (9 + 1) 0.8 = the 8th of 9
    assert width_factor(ratios[:4]) == 0.5  # the largest of four is 0.4; never less than half
    assert width_factor(ratios[:3]) == 1.0


def test_the_interval_of_a_tested_month_knows_nothing_of_it() -> None:
    ratios = np.full((8, 12), np.nan)
    ratios[:, 0] = [1, 1, 1, 1, 1, 3, 1, 3]
    assert past_coverage(ratios, range(20, 28)) == (0.75, 4)  # 20 to 23 only teach; the first 3 is missed
    ratios[7, 0] = 3.1
    assert past_coverage(ratios, range(20, 28)) == (0.5, 4)


def test_the_interval_holds_what_it_promises_on_series_with_a_known_law() -> None:
    inside = []
    for seed in range(30):
        values = simulated(100 + seed, 36)
        told = forecast_series(by_month(values[:30]), 6)
        inside += ((told.low <= values[30:]) & (values[30:] <= told.high)).tolist()
    assert LEVEL - 0.1 <= np.mean(inside) <= LEVEL + 0.1


# KPIs


def sums(months: int = 40) -> pd.DataFrame:
    leads = simulated(11, months).round()
    frame = pd.DataFrame({"period": pd.date_range("2021-01-01", periods=months, freq="MS"), "leads": leads})
    return frame.assign(spend=1500 * leads, qualified_leads=(0.8 * leads).round())


def test_a_ratio_is_forecast_through_measures_that_are_drawn_together() -> None:
    told = forecast_kpi(sums(), "cpl", 6)
    np.testing.assert_allclose([told.low, told.middle, told.high], 1500, rtol=1e-4)  # else spend and leads part ways
    assert list(told.months) == list(months_ahead(pd.Timestamp("2024-04-01"), 6))


def test_a_kpi_that_is_a_sum_is_forecast_as_its_series() -> None:
    frame = sums()
    told = forecast_kpi(frame.set_index("period"), "leads", 6)
    plain = forecast_series(frame.set_index("period")["leads"], 6, whole=True)
    np.testing.assert_array_equal(told.paths, plain.paths)


def test_a_share_stays_a_share_and_a_missing_measure_gives_no_forecast() -> None:
    frame = sums().assign(qualified_leads=lambda rows: rows["leads"])
    assert forecast_kpi(frame, "qualification_rate", 3).high.max() <= 1
    assert forecast_kpi(frame, "cac", 3).reason == "too_short"
    assert forecast_kpi(frame.assign(leads=0.0), "cpl", 3).method == "none"


def test_what_may_be_negative_may_be_forecast_negative() -> None:
    frame = sums().assign(margin=lambda rows: 0.5 * rows["spend"])
    told = forecast_kpi(frame, "romi", 3)
    np.testing.assert_allclose(told.middle, -0.5, atol=1e-3)


# Chances


def test_chances_are_shares_of_paths() -> None:
    months = months_ahead(pd.Timestamp("2026-10-01"), 2)
    paths = np.array([[1.0, 10], [2, 20], [3, 30], [np.nan, 40]])
    told = from_paths(months, paths, "naive", "", np.nan, 0)
    by_month_ = told.chance(2)
    assert isinstance(by_month_, pd.Series)
    assert by_month_.tolist() == [2 / 3, 1.0]
    assert told.chance(20, "lower").tolist() == [1.0, 0.5]  # type: ignore[union-attr]
    assert told.chance(22, total=True) == 2 / 3
    assert np.isnan(told.chance(np.nan, total=True))
    assert np.isnan(forecast_series(SIMULATED.iloc[:2], 2).chance(1, total=True))


# The chart


def texts(told: Forecast, **options: object) -> list[str]:
    ax = plot_forecast(SIMULATED.tail(13), told, style="count", **options)  # type: ignore[arg-type]
    return [text.get_text() for text in ax.texts]


def test_the_chart_says_forecast_interval_and_goal() -> None:
    said = " ".join(texts(forecast_series(SIMULATED, 3, whole=True), goal=500, finding="Found"))
    assert "forecast" in said and "–" in said and "goal 500" in said and "Found" in said
    assert "no forecast" in " ".join(texts(forecast_series(SIMULATED.iloc[:2], 3)))


def test_the_goal_moves_where_it_fits() -> None:
    told = forecast_series(SIMULATED, 3, whole=True)
    ax = plot_forecast(SIMULATED.tail(13), told, style="count", goal=250)
    assert move_goal(ax, pd.Series(100.0, index=told.months))
    said = [text.get_text() for text in ax.texts]
    assert "goal 100" in said and "goal 250" not in said
    assert not move_goal(ax, 99_000)  # off the paper
    assert not move_goal(ax, None)
    assert "goal 100" in [text.get_text() for text in ax.texts]


def test_a_goal_that_is_small_again_does_not_stay_on_the_paper_of_a_huge_one() -> None:
    told = forecast_series(SIMULATED, 3, whole=True)
    ax = plot_forecast(SIMULATED.tail(13), told, style="count", goal=1e12)
    assert not move_goal(ax, 100)
    assert move_goal(ax, 9e11)


# Found by review


def test_measures_lose_the_same_months_so_that_their_ratio_stays() -> None:
    visits = np.full(48, 1000.0) + np.arange(48) % 5
    views = 3 * visits
    views[30] = 0.0
    kept = known_together({"visits": visits, "page_views": views})
    assert [np.flatnonzero(np.isnan(part)).tolist() for part in kept.values()] == [[30], [30]]


def test_peaks_that_grow_in_two_years_are_no_outages_and_do_not_bend_a_ratio() -> None:
    views = np.array([62.4, 71.8, 55, 47.4, 48.5, 44.2, 50.3, 48.4, 51, 54.6, 54.9, 61.1,
                      79, 94.8, 60.3, 54.9, 56.4, 53.9, 57.7, 56.8, 57.7, 58.9, 64, 72.2]) * 1000  # fmt: skip
    assert not far_outside(views).any()
    months = pd.date_range("2024-11-01", periods=24, freq="MS").as_unit("us")
    told = forecast_kpi(pd.DataFrame({"page_views": views, "visits": np.rint(views / 2.9)}, months), "page_depth", 3)
    assert told.middle.between(2.8, 3.0).all()


def test_what_looks_back_over_a_year_goes_on_from_its_last_month() -> None:
    months = pd.date_range("2025-01-01", periods=13, freq="MS").as_unit("us")
    repeat = pd.DataFrame({"repeat_buyers_12m": 140.0 + 3 * np.arange(13), "buyers_12m": 1000.0}, months)
    told = forecast_kpi(repeat, "repeat_rate", 3)
    assert (told.method, told.reason) == ("naive", "rolling")
    np.testing.assert_allclose(told.middle, 0.176, rtol=1e-3)


def test_a_first_error_against_last_year_widens_the_interval() -> None:
    months = pd.date_range("2025-01-01", periods=13, freq="MS").as_unit("us")
    doubled = pd.Series(1000 * 2 ** (np.arange(13) / 12) * (1 + 0.01 * (-1.0) ** np.arange(13)), months)
    told = forecast_series(doubled, 1)
    assert told.reason == "untested"
    assert told.high.iloc[0] > 2 * told.middle.iloc[0]
