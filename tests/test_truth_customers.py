"""What the sample plants about customers is found by the composed modules: rates, values, margins, costs."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import sample

from kpi_helpers.customer_value import (
    DEAL,
    SHOP,
    Customers,
    acquisition_costs,
    cost_of,
    expect_money,
    fit_kinds,
    gather_customers,
)
from kpi_helpers.customer_value.known_words import newness_words, unknown_words
from kpi_helpers.customers import Lifetime, expect_customers, fit_purchases, money_by_age, parameter_table
from kpi_helpers.customers.bgnbd import log_likelihood
from kpi_helpers.customers.histories import Histories

CHI2_95 = 9.488  # of chi-squared with four degrees of freedom
BUYING, SPENDING = ("r", "alpha", "a", "b"), {"p": "p", "q": "q", "gamma": "v"}


@cache
def truth(company: str) -> dict[str, Any]:
    file = Path(__file__).resolve().parent.parent / "data" / "sample" / "truth.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))[company]
    return found


@cache
def customers(company: str) -> Customers:
    return gather_customers(sample(company).month)


@cache
def lifetimes(company: str) -> dict[str, Lifetime]:
    return fit_kinds(customers(company), draws=100)


def test_customers_of_deals_are_told_from_those_of_the_shop() -> None:
    for company in ("severny_svet", "northlight"):
        orders, found = customers(company).orders, customers(company).purchases.set_index("customer_id")["kind"]
        of_deals = set(orders.loc[orders["lead_id"].notna(), "customer_id"])
        assert set(found.index[found == DEAL]) == of_deals and set(found.index[found == SHOP]).isdisjoint(of_deals)


def test_the_law_of_values_lies_in_the_intervals() -> None:
    found = parameter_table(lifetimes("severny_svet")[SHOP]).set_index("parameter")
    planted = truth("severny_svet")["planted"]["purchases"]
    for name, key in SPENDING.items():
        assert found.loc[name, "low"] < planted[key] < found.loc[name, "high"], name


def test_the_law_of_purchases_lies_in_the_region_of_95_percent() -> None:
    """All four parameters at once: each alone would be one of four chances to miss."""
    for company, planted in ((name, truth(name)["planted"]["purchases"]) for name in ("severny_svet", "northlight")):
        lifetime = lifetimes(company)[SHOP]
        at, _slopes = log_likelihood(np.array([planted[name] for name in BUYING]), Histories.of(lifetime.purchases))
        assert 0 < 2 * (lifetime.models[0].log_likelihood - at) < CHI2_95, company


def test_the_planted_law_is_found_again_and_again() -> None:
    """Customers invented by the law of Severny Svet: the region holds the truth about 95 times of 100."""
    planted = truth("severny_svet")["planted"]["purchases"]
    law = np.array([planted[name] for name in BUYING])
    fits, held = [], []
    for seed in range(40):
        invented = _invent(law, 5000, seed)
        model = fit_purchases(invented)
        fits.append(model.parameters)
        held.append(2 * (model.log_likelihood - log_likelihood(law, Histories.of(invented))[0]) < CHI2_95)
    assert sum(held) >= 34  # fewer would happen once in 200 times
    np.testing.assert_allclose(np.median(fits, axis=0)[:2], law[:2], rtol=0.05)


def _invent(law: np.ndarray, count: int, seed: int) -> pd.DataFrame:
    """Customers as `summarise_purchases` describes them, bought one by one."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = law
    age = rng.integers(1, 730, count) / 7
    rate, stops = rng.gamma(r, 1 / alpha, count), rng.beta(a, b, count)
    at, recency, days, there = np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count, dtype=bool)
    while there.any():
        at = np.where(there, at + rng.exponential(1 / rate), at)
        there &= at < age
        day = np.floor(at * 7) / 7
        days += there & (day > recency)
        recency = np.where(there, np.maximum(day, recency), recency)
        there &= rng.random(count) >= stops
    return pd.DataFrame({"frequency": days, "recency": recency, "age": age})


def test_each_channel_has_the_margin_that_was_planted() -> None:
    """A channel's customers come back by e-mail and directly: a little of these margins is in it."""
    lifetime = lifetimes("severny_svet")[SHOP]
    kept = lifetime.purchases["value_days"].sum() / lifetime.purchases["frequency"].sum()
    shares = pd.Series(lifetime.share, index=lifetime.purchases["channel"]).groupby(level=0).first() / kept
    planted = truth("severny_svet")["planted"]["margin_share"]
    for channel in ("yandex_direct", "vk_ads", "organic_search", "direct", "email"):
        assert shares[channel] == pytest.approx(planted[channel], abs=0.02), channel
    assert shares["vk_ads"] < shares["yandex_direct"] < shares["organic_search"]


def test_costs_of_a_customer_are_those_of_the_simulation() -> None:
    for company in ("severny_svet", "northlight"):
        costs, whole = acquisition_costs(sample(company).month, customers(company).until), truth(company)["company"]
        assert cost_of(costs) == pytest.approx(sum(whole["marketing_cost"]) / sum(whole["new_customers"]), rel=1e-6)
    month = sample("severny_svet").month
    costs, others = acquisition_costs(month, customers("severny_svet").until), month.exports.tables["costs"]
    for channel, named in (("yandex_direct", True), ("vk_ads", False)):
        planted = truth("severny_svet")["channels"][channel]
        own = others.loc[others["channel"] == channel, "amount"].sum()
        assert (own > 0) == named
        assert cost_of(costs, channel) == pytest.approx((sum(planted["spend"]) + own) / sum(planted["new_customers"]))


def test_the_sample_begins_with_its_companies_and_nothing_is_left_out() -> None:
    for company in ("severny_svet", "northlight"):
        found = customers(company)
        assert found.newness and (found.newness.reason, found.newness.since) == ("", None)
        assert found.newcomers is found and newness_words(found.newness) == ("", "")


def test_where_tags_are_lost_the_cost_of_a_channel_is_too_high_and_that_is_said() -> None:
    costs = acquisition_costs(sample("northlight").month, customers("northlight").until)
    ads = truth("northlight")["channels"]["google_ads"]
    assert cost_of(costs, "google_ads") > sum(ads["spend"]) / sum(ads["new_customers"])
    assert "321 of 1,114 customers" in unknown_words(customers("northlight"))
    assert unknown_words(customers("severny_svet")) == ""


def test_what_is_expected_of_a_new_customer_is_what_was_seen() -> None:
    """The model's curve against the mean of customers, a year after their first purchase."""
    for company in ("severny_svet", "northlight"):
        part = customers(company).part(("kind", SHOP))
        curve = money_by_age(part.orders, part.purchases).set_index("months_since")
        paths = expect_money(part, lifetimes(company), np.ones((1, len(part.purchases)), dtype=bool))
        expected = paths.first[0, 0] + paths.new[0, 0, :12].sum()
        assert paths.first[0, 0] == pytest.approx(curve.at[0, "money"])
        assert curve.at[12, "low"] < expected < curve.at[12, "high"], company


def test_expected_purchases_are_no_prophecy_but_the_right_size() -> None:
    lifetime = lifetimes("northlight")[SHOP]
    found = expect_customers(lifetime, months=12)
    orders = customers("northlight").orders
    last_year = orders[(orders["ordered_at"].dt.tz_localize(None) >= "2025-11-01") & orders["lead_id"].isna()]
    assert 0.5 < found["expected_purchases"].sum() / len(last_year) < 1
    assert ((found["p_alive"] > 0) & (found["p_alive"] <= 1)).all()
