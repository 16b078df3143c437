"""BG/NBD and Gamma-Gamma: published values, a second implementation, and what must hold whatever the data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.customers import fit_purchases, fit_values
from kpi_helpers.customers.bgnbd import PurchaseModel, log_likelihood
from kpi_helpers.customers.fitting import maximise
from kpi_helpers.customers.gamma_gamma import MOST_CORRELATED, Values
from kpi_helpers.customers.gamma_gamma import log_likelihood as value_likelihood
from kpi_helpers.customers.histories import Histories
from kpi_helpers.customers.quadrature import beta_points

lifetimes = pytest.importorskip("lifetimes", reason="the second implementation: a development package")


def model(r, alpha, a, b):
    return PurchaseModel(r, alpha, a, b, 0.0, 1, 1)


@pytest.fixture(scope="module")
def cdnow():
    """The 2357 customers of Fader, Hardie and Lee, with the values of Fader and Hardie."""
    from lifetimes.datasets import load_cdnow_summary_data_with_monetary_value

    known = load_cdnow_summary_data_with_monetary_value().reset_index(drop=True)
    value = known["monetary_value"].where(known["frequency"] > 0)
    return pd.DataFrame({"frequency": known["frequency"], "recency": known["recency"], "age": known["T"],
                         "value": value, "value_days": known["frequency"]})  # fmt: skip


@pytest.fixture(scope="module")
def fitted(cdnow):
    return fit_purchases(cdnow)


@pytest.fixture(scope="module")
def theirs(fitted):
    """Their functions with our parameters."""
    other = lifetimes.BetaGeoFitter()
    other.params_ = pd.Series(dict(zip(["r", "alpha", "a", "b"], fitted.parameters, strict=True)))
    return other


# Published values


def test_bg_nbd_of_cdnow_is_the_published_one(fitted):
    """Fader, Hardie and Lee 2005, table 2."""
    assert fitted.parameters == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=5e-4)
    assert fitted.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert (fitted.customers, fitted.repeaters, fitted.reason, fitted.at_edge) == (2357, 946, "", ())
    assert fitted.agreeing == fitted.starts == 3


def test_gamma_gamma_of_cdnow_is_the_published_one(cdnow):
    """Fader and Hardie 2013, section 4."""
    found = fit_values(cdnow)
    assert found.parameters == pytest.approx([6.25, 3.74, 15.44], rel=2e-3)
    assert (found.repeaters, found.reason, found.agreeing) == (946, "", 3)
    assert found.mean == pytest.approx(35.2, abs=0.05)


# The second implementation


def test_the_chance_of_being_there_is_that_of_lifetimes(cdnow, fitted, theirs):
    expected = theirs.conditional_probability_alive(cdnow["frequency"], cdnow["recency"], cdnow["age"])
    np.testing.assert_allclose(fitted.p_alive(cdnow), expected, rtol=1e-12)


@pytest.mark.parametrize(("weeks", "tolerance"), [(1, 1e-9), (39, 1e-9), (104, 1e-9), (520, 1e-5)])
def test_expected_purchases_are_those_of_lifetimes(cdnow, fitted, theirs, weeks, tolerance):
    columns = cdnow["frequency"], cdnow["recency"], cdnow["age"]
    expected = theirs.conditional_expected_number_of_purchases_up_to_time(weeks, *columns)
    np.testing.assert_allclose(fitted.expected_purchases(cdnow, weeks), expected, rtol=tolerance)
    new = theirs.expected_number_of_purchases_up_to_time(weeks)
    assert fitted.expected_of_new(weeks) == pytest.approx(new, rel=tolerance)


def test_expected_values_are_those_of_lifetimes(cdnow):
    found = fit_values(cdnow)
    other = lifetimes.GammaGammaFitter()
    other.params_ = pd.Series(dict(zip(["p", "q", "v"], found.parameters, strict=True)))
    expected = other.conditional_expected_average_profit(cdnow["frequency"], cdnow["value"].fillna(0))
    np.testing.assert_allclose(found.expected_value(cdnow), expected, rtol=1e-12)


parameter = st.floats(0.05, 20)


@settings(max_examples=20)
@given(st.tuples(parameter, parameter, parameter, parameter))
def test_the_likelihood_is_that_of_lifetimes_and_its_slopes_are_right(cdnow, parameters):
    rows = Histories.of(cdnow)
    value, slopes = log_likelihood(np.array(parameters), rows)
    columns = [rows.frequency, rows.recency, rows.age, rows.weight]
    theirs = lifetimes.BetaGeoFitter._negative_log_likelihood(np.log(parameters), *columns, 0)
    assert value == pytest.approx(-theirs * rows.weight.sum(), rel=1e-9)
    assert slopes == pytest.approx(numeric(lambda at: log_likelihood(at, rows)[0], parameters), rel=1e-4, abs=0.05)


@settings(max_examples=20)
@given(st.tuples(parameter, parameter, parameter))
def test_the_likelihood_of_values_is_that_of_lifetimes_and_its_slopes_are_right(cdnow, parameters):
    rows = Values.of(cdnow)
    value, slopes = value_likelihood(np.array(parameters), rows)
    theirs = lifetimes.GammaGammaFitter._negative_log_likelihood(
        np.log(parameters), rows.days, rows.value, rows.weight, 0
    )
    assert value == pytest.approx(-theirs * rows.weight.sum(), rel=1e-9)
    assert slopes == pytest.approx(numeric(lambda at: value_likelihood(at, rows)[0], parameters), rel=1e-4, abs=0.05)


def numeric(function, at):
    """Central differences."""
    steps = np.diag(np.array(at) * 1e-5)
    return [(function(at + step) - function(at - step)) / (2 * step.sum()) for step in steps]


def test_expected_purchases_by_simulation():
    """Customers are drawn by the model's own story; those with one history are followed on."""
    rng, law, count = np.random.default_rng(3), (0.9, 7.0, 0.8, 3.0), 400_000
    rate, stop = rng.gamma(law[0], 1 / law[1], count), rng.beta(law[2], law[3], count)
    at, there, bought = np.zeros(count), np.ones(count, dtype=bool), []
    for _n in range(60):
        at = np.where(there, at + rng.exponential(1 / rate), np.inf)
        bought.append(at)
        there = (rng.random(count) >= stop) & there
    times = np.array(bought)
    before, after = (times <= 30).sum(axis=0), ((times > 30) & (times <= 82)).sum(axis=0)
    last = np.where(times <= 30, times, 0).max(axis=0)
    alike = (before == 2) & (last > 19) & (last < 21)
    history = pd.DataFrame({"frequency": [2], "recency": [20.0], "age": [30.0]})
    error = after[alike].std() / np.sqrt(alike.sum())
    assert alike.sum() > 1000
    assert abs(model(*law).expected_purchases(history, 52).iloc[0] - after[alike].mean()) < 4 * error


# Whatever the data


histories = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 700), st.integers(0, 700)), min_size=1, max_size=20
).map(lambda rows: pd.DataFrame(
    [(x and min(x, min(a, b)), (min(a, b) if x else 0) / 7, max(a, b) / 7) for x, a, b in rows],
    columns=["frequency", "recency", "age"],
).assign(recency=lambda t: t["recency"].where(t["frequency"] > 0, 0.0)))  # fmt: skip
wide = st.floats(1e-3, 1e4)


@settings(max_examples=60)
@given(histories, st.tuples(wide, wide, wide, wide), st.floats(0.1, 200), st.floats(1, 3))
def test_expectations_are_possible_and_grow(rows, parameters, weeks, longer):
    fitted = model(*parameters)
    alive = fitted.p_alive(rows)
    assert alive.between(0, 1).all() and (alive[rows["frequency"] == 0] == 1).all()
    soon, late = fitted.expected_purchases(rows, weeks), fitted.expected_purchases(rows, weeks * longer)
    assert (soon >= 0).all() and (late >= soon * (1 - 1e-9)).all()
    most = (parameters[0] + rows["frequency"]) / (parameters[1] + rows["age"]) * weeks  # if nobody ever stopped
    assert (soon <= most * alive * (1 + 1e-9)).all()
    silent = fitted.p_alive(rows.assign(age=rows["age"] + 1))
    assert (silent <= alive + 1e-12).all()  # a week without a purchase does nobody credit


@settings(max_examples=40)
@given(st.floats(1e-4, 1e4), st.floats(1e-4, 1e4))
def test_points_give_the_moments_of_the_beta_distribution(a, b):
    points, weights = beta_points(a, b)
    assert ((points > 0) & (points <= 1 + 1e-12)).all() and weights.sum() == pytest.approx(1)
    moment = 1.0
    for n in range(6):
        moment *= (a + n) / (a + b + n)
        assert weights @ points ** (n + 1) == pytest.approx(moment, rel=1e-6, abs=1e-9)


@pytest.fixture(scope="module")
def some(cdnow):
    return cdnow.iloc[::4].reset_index(drop=True)


def test_the_order_of_customers_changes_nothing(some):
    mixed = some.sample(frac=1, random_state=5)
    assert fit_purchases(mixed).parameters == pytest.approx(fit_purchases(some).parameters, rel=1e-4)
    assert fit_values(mixed).parameters == pytest.approx(fit_values(some).parameters, rel=1e-4)
    alive = fit_purchases(some).p_alive(mixed)
    assert alive.sort_index().equals(fit_purchases(some).p_alive(some))


def test_a_weight_is_a_row_repeated(some):
    times = np.arange(len(some)) % 3
    again = some.loc[some.index.repeat(times)]
    for fit in (fit_purchases, fit_values):
        weighted, repeated = fit(some, times), fit(again)
        assert weighted.parameters == pytest.approx(repeated.parameters, rel=1e-4)
        assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood)
        assert weighted.repeaters == repeated.repeaters
    assert fit_values(some, times).correlation == pytest.approx(fit_values(again).correlation)


def test_money_in_another_unit_is_the_same_model(some):
    dear = fit_values(some.assign(value=some["value"] * 90))
    cheap = fit_values(some)
    assert dear.parameters == pytest.approx(cheap.parameters * [1, 1, 90], rel=1e-3)
    assert dear.mean == pytest.approx(cheap.mean * 90, rel=1e-4)


# Refusals


def customers(count, **columns):
    return pd.DataFrame({"frequency": 0, "recency": 0.0, "age": 52.0, "value": np.nan, "value_days": 0,
                         **columns}, index=range(count))  # fmt: skip


@pytest.mark.parametrize(("purchases", "reason"), [
    (customers(0), "too_few_customers"), (customers(99), "too_few_customers"), (customers(100), "no_repeat"),
    (customers(100, age=25.0), "too_short"),
    (customers(100, frequency=[1] * 29 + [0] * 71, recency=[3.0] * 29 + [0.0] * 71), "too_few_repeaters"),
])  # fmt: skip
def test_without_enough_to_learn_from_there_is_no_model(purchases, reason):
    found = fit_purchases(purchases)
    assert found.reason == reason and np.isnan(found.parameters).all() and np.isnan(found.log_likelihood)
    assert found.p_alive(purchases).isna().all() and found.expected_purchases(purchases, 5).isna().all()
    assert np.isnan(found.expected_of_new(5))


def test_values_are_refused_with_their_reason():
    rng = np.random.default_rng(1)
    days = rng.integers(1, 9, 200)
    few = customers(200, value_days=[1] * 29 + [0] * 171, value=[10.0] * 29 + [np.nan] * 171)
    assert fit_values(few).reason == "too_few_repeaters"
    assert fit_values(customers(200, value_days=days, value=10.0)).reason == "one_value"
    found = fit_values(customers(200, value_days=days, value=days * rng.lognormal(0, 0.3, 200)))
    assert found.reason == "correlated" and found.correlation > MOST_CORRELATED and np.isnan(found.parameters).all()
    assert found.expected_value(few).isna().all() and np.isnan(found.mean)


def test_the_correlation_is_spearmans(some):
    from scipy.stats import spearmanr

    again = some[some["frequency"] > 0]
    assert fit_values(some).correlation == pytest.approx(spearmanr(again["value_days"], again["value"]).statistic)


def test_values_without_a_mean_are_refused():
    rng = np.random.default_rng(1)
    values = rng.gamma(4.0, 1 / rng.gamma(0.6, 1.0, 400))
    found = fit_values(customers(400, value_days=1, value=values))
    assert found.reason == "no_mean" and np.isnan(found.mean)


@pytest.mark.parametrize("wrong", [
    {"recency": 53.0, "frequency": 1}, {"frequency": -1, "recency": 1.0}, {"frequency": 0.5, "recency": 1.0},
    {"frequency": 1}, {"recency": 1.0}, {"age": np.nan},
])  # fmt: skip
def test_what_is_no_history_is_not_fitted(wrong):
    with pytest.raises(ValueError, match="no purchase history"):
        fit_purchases(customers(200, **wrong))


def test_a_parameter_that_runs_away_is_named():
    """All customers stop with the same chance: nothing tells how it is spread."""
    rng = np.random.default_rng(0)
    rate, age = rng.gamma(0.5, 1 / 5, 800), rng.uniform(30, 104, 800)
    days, last, at, there = np.zeros(800, dtype=int), np.zeros(800), np.zeros(800), np.ones(800, dtype=bool)
    while there.any():
        at = at + rng.exponential(1 / rate)
        there &= at < age
        days, last = days + there, np.where(there, at, last)
        there &= rng.random(800) > 0.3
    purchases = customers(800, frequency=days, recency=last, age=age)
    found = fit_purchases(purchases)
    assert found.reason == "" and set(found.at_edge) == {"a", "b"}
    assert found.a / (found.a + found.b) == pytest.approx(0.3, abs=0.06)
    rate_seen = (found.r + days) / (found.alpha + age) * found.p_alive(purchases)
    assert (found.expected_purchases(purchases, 10) < rate_seen * 10).all()


def test_a_search_that_ends_on_a_slope_is_not_said_to_have_converged():
    def broken(at):
        return float(-np.abs(at - 3).sum()), -np.sign(at - 3)

    assert not maximise(broken, np.array([[1.0]])).converged
    assert not maximise(lambda at: (float("nan"), at), np.array([[1.0]])).converged
