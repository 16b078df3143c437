"""Lifetime value with its intervals, LTV:CAC and payback; the truth that the sample hides is recovered."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from frames import table
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers import read_exports
from kpi_helpers.customers import (
    Lifetime,
    cohort_margins,
    expect_customers,
    expect_paths,
    fit_lifetime,
    fit_purchases,
    fit_values,
    parameter_table,
    pay_back,
    summarise_purchases,
)
from kpi_helpers.customers.bgnbd import log_likelihood
from kpi_helpers.customers.histories import Histories

UNTIL = date(2026, 10, 31)
MONTH = 365.25 / 12 / 7  # weeks
CHI2 = 13.28  # 99 % of chi-squared with four degrees of freedom


@pytest.fixture(scope="module")
def truth(sample_dir):
    return json.loads((sample_dir / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def without_deals(sample_dir):
    """Orders of the two companies, those won by the sales team left out."""
    def read(company):
        orders = read_exports(sample_dir / company).tables["orders"]
        return orders[orders["lead_id"].isna()]

    return {company: read(company) for company in ("northlight", "severny_svet")}


@pytest.fixture(scope="module")
def purchases(without_deals):
    return {company: summarise_purchases(orders, UNTIL) for company, orders in without_deals.items()}


@pytest.fixture(scope="module")
def lifetime(purchases):
    return fit_lifetime(purchases["northlight"], draws=60)


# The sample's truth


@pytest.mark.parametrize("company", ["northlight", "severny_svet"])
def test_the_planted_purchase_law_is_no_worse_than_the_fitted_one(company, purchases, truth):
    """The likelihood ratio: all four parameters at once."""
    planted = truth[company]["planted"]["purchases"]
    at, _slopes = log_likelihood(np.array([planted[name] for name in ("r", "alpha", "a", "b")]),
                                 Histories.of(purchases[company]))  # fmt: skip
    assert 0 < 2 * (fit_purchases(purchases[company]).log_likelihood - at) < CHI2


def test_the_intervals_hold_the_planted_purchase_law(lifetime, truth):
    found = parameter_table(lifetime).set_index("parameter")
    for name in ("r", "alpha", "a", "b"):
        low, value, high = found.loc[name, ["low", "value", "high"]]
        assert low < value < high and low <= truth["northlight"]["planted"]["purchases"][name] <= high, name


def test_the_intervals_hold_the_planted_values(sample_dir, truth):
    """The law is one of subtotals: what the kit reads as revenue has shipping in it, and returns taken out."""
    columns = ["Email", "Created at", "Financial Status", "Subtotal", "Note Attributes"]
    rows = pd.read_csv(sample_dir / "northlight" / "shopify_orders.csv", usecols=columns)
    deal = rows["Note Attributes"].str.contains("hubspot_deal_id", na=False)
    rows = rows[rows["Subtotal"].notna() & (rows["Financial Status"] != "voided") & ~deal]
    times = [pd.Timestamp(text[:19]) for text in rows["Created at"]]
    orders = table("orders", ordered_at=times, customer_id=[*rows["Email"]], revenue=[*rows["Subtotal"]])
    purchases = summarise_purchases(orders, UNTIL)
    found = parameter_table(fit_lifetime(purchases, draws=60)).set_index("parameter")
    planted = truth["northlight"]["planted"]["purchases"]
    for name, true in {"p": planted["p"], "q": planted["q"], "gamma": planted["v"]}.items():
        assert found.loc[name, "low"] <= true <= found.loc[name, "high"], name
    assert fit_values(purchases).mean == pytest.approx(planted["p"] * planted["v"] / (planted["q"] - 1), rel=0.05)


def test_what_was_expected_came(without_deals):
    """Fitted on the first 18 months, held against the purchase days of the six after them."""
    orders, split = without_deals["northlight"], date(2026, 4, 30)
    before = summarise_purchases(orders, split)
    after = summarise_purchases(orders, UNTIL).set_index("customer_id")["purchase_days"]
    came = (after.reindex(before["customer_id"]).to_numpy() - before["purchase_days"].to_numpy()).sum()
    weeks = (UNTIL - split).days / 7
    expected = fit_purchases(before).expected_purchases(before, weeks).sum()
    assert came > 300 and expected == pytest.approx(came, rel=0.12)


# Lifetime value


def test_the_value_of_a_customer_is_discounted_month_by_month(lifetime):
    found, buying = expect_customers(lifetime, months=3, discount_a_year=0.2), lifetime.models[0]
    customers = lifetime.purchases
    until = [buying.expected_purchases(customers, n * MONTH) for n in range(4)]
    value = lifetime.models[1].expected_value(customers) * lifetime.share
    by_hand = sum((until[n] - until[n - 1]) * value / 1.2 ** (n / 12) for n in (1, 2, 3))
    np.testing.assert_allclose(found["clv"], by_hand)
    np.testing.assert_allclose(found["expected_purchases"], until[3])
    np.testing.assert_allclose(found["expected_value"], value)
    assert found.attrs == {"convention": "residual", "months": 3, "discount_a_year": 0.2, "of": "margin"}
    plain = expect_customers(lifetime, months=3, discount_a_year=0.0)
    np.testing.assert_allclose(plain["clv"], plain["expected_purchases"] * plain["expected_value"])


def test_the_share_of_margin_is_that_of_known_orders_and_returned_days_count(purchases):
    customers = purchases["northlight"]
    returned = customers["value_days"].sum() / customers["frequency"].sum()
    found = fit_lifetime(customers, draws=0)
    assert returned < 1 and found.share == pytest.approx(0.58 * returned, rel=1e-3) and found.of == "margin"
    given_share = fit_lifetime(customers, margin_share=0.3, draws=0)
    assert given_share.share == pytest.approx(0.3 * returned) and given_share.of == "margin"
    with pytest.raises(ValueError, match="a fraction"):
        fit_lifetime(customers, margin_share=30)
    unknown = fit_lifetime(customers.assign(margin=np.nan), draws=0)
    assert unknown.share == pytest.approx(returned) and unknown.of == "revenue"


def test_each_channel_has_its_own_share_where_enough_is_known(purchases):
    customers = purchases["severny_svet"]
    kept = customers["value_days"].sum() / customers["frequency"].sum()
    found = fit_lifetime(customers, draws=0, share_by="channel")
    share = pd.Series(found.share, index=customers["channel"])
    vk = customers[customers["channel"] == "vk_ads"]
    assert share["vk_ads"].unique() == pytest.approx([kept * vk["margin"].sum() / vk["revenue"].sum()])
    few = (customers["channel"] == "partner_network").sum()
    assert few < 100 and share["partner_network"].unique() == pytest.approx([fit_lifetime(customers, draws=0).share])
    assert fit_lifetime(customers.assign(margin=np.nan), draws=0, share_by="channel").of == "revenue"


def test_paths_of_a_group_are_those_of_its_customers(lifetime):
    channels = lifetime.purchases["channel"].to_numpy()
    members = np.array([channels == "email", np.ones(len(channels), dtype=bool)], dtype=float)
    present, new = expect_paths(lifetime, members, 4)
    assert present.shape == new.shape == (1 + len(lifetime.draws), 2, 4)
    each = expect_customers(lifetime, months=4, discount_a_year=0.0)
    by_month = [expect_customers(lifetime, n, 0.0)["clv"][channels == "email"].sum() for n in (1, 2, 3, 4)]
    np.testing.assert_allclose(present[0, 0].cumsum(), by_month)
    np.testing.assert_allclose(present[0, 1].sum(), each["clv"].sum())
    low, high = np.quantile(present[1:, 1].sum(axis=1), [0.025, 0.975])
    assert low < present[0, 1].sum() < high
    value = each["expected_value"].mean()
    np.testing.assert_allclose(new[0, 1].sum(), lifetime.models[0].expected_of_new(4 * MONTH) * value)


def test_the_bootstrap_is_the_same_each_time_and_differs_by_seed(purchases):
    some = purchases["northlight"].head(300)
    first, again, other = (parameter_table(fit_lifetime(some, draws=5, seed=seed)) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["low"].equals(other["low"])


def test_draws_that_fail_leave_no_interval(lifetime):
    broken = Lifetime(lifetime.purchases, lifetime.models, lifetime.draws[:8], 1.0, "margin", failed=1)
    assert parameter_table(broken)["low"].isna().all()
    sound = Lifetime(lifetime.purchases, lifetime.models, lifetime.draws[:9], 1.0, "margin", failed=1)
    assert sound.reason == "" and parameter_table(sound)["low"].notna().all()


def test_without_a_model_there_is_no_value(purchases):
    few = fit_lifetime(purchases["northlight"].head(20))
    assert (few.reason, few.draws) == ("too_few_customers", ())
    assert expect_customers(few)["clv"].isna().all()
    assert parameter_table(few)[["low", "high"]].isna().all(axis=None)


def test_where_values_are_refused_purchases_are_still_foreseen(purchases):
    customers = purchases["northlight"]
    odd = fit_lifetime(customers.assign(value=customers["value_days"] ** 2.0), draws=20)
    assert odd.reason == "correlated" and odd.failed == 0
    found = parameter_table(odd).set_index("parameter")
    assert found.loc["r":"b", ["low", "high"]].notna().all(axis=None)
    assert found.loc["p":"gamma"].isna().all(axis=None)
    each = expect_customers(odd)
    assert each["expected_purchases"].notna().all() and each["clv"].isna().all()


def test_customers_are_known_by_their_hashed_key_only(lifetime):
    assert expect_customers(lifetime)["customer_id"].str.fullmatch(r"[0-9a-f]{16}").all()


# Payback

FIRST, LAST = date(2025, 1, 1), date(2025, 6, 17)
margin = st.one_of(st.integers(-50, 500), st.none())
order = st.tuples(st.dates(FIRST, date(2025, 7, 5)), st.sampled_from([*"abcdef", None]), st.sampled_from("xy"), margin)
orders = st.lists(order, max_size=40, unique_by=lambda row: row[:2])


def orders_of(rows):
    days, customers, channels, margins = ([row[place] for row in rows] for place in range(4))
    times = [pd.Timestamp(day) for day in days]
    return table("orders", ordered_at=times, customer_id=customers, channel=channels, revenue=[1000.0] * len(rows),
                 margin=margins)  # fmt: skip


@settings(max_examples=50)
@given(orders)
def test_margins_of_a_cohort_are_those_of_a_recount(rows):
    found = cohort_margins(orders_of(rows), LAST)
    known = sorted((row for row in rows if row[1] and row[0] <= LAST), key=lambda row: row[0])
    firsts = {}
    for day, customer, channel, _margin in known:
        firsts.setdefault(customer, (channel, day.replace(day=1)))
    assert found.groupby(["channel", "month"])["customers"].first().sum() == len(firsts)
    for line in found.itertuples():
        members = [c for c, cohort in firsts.items() if cohort == (line.channel, line.month.date())]
        theirs = [row for row in known if row[1] in members]
        step = [row[3] for row in theirs if months_between(line.month, row[0]) <= line.months_since]
        assert line.customers == len(members)
        assert line.whole == (line.month.month + line.months_since < LAST.month)
        if None in step:
            assert np.isnan(line.margin)
        else:
            assert line.margin == pytest.approx(sum(step) / len(members))
    longest = found.groupby(["channel", "month"])["months_since"].agg(["max", "size"])
    assert (longest["max"] + 1 == longest["size"]).all()


def months_between(start, day):
    return (day.year - start.year) * 12 + day.month - start.month


def costs(*rows):
    cac = pd.DataFrame(rows, columns=["channel", "month", "cac"])
    return cac.assign(month=pd.to_datetime(cac["month"]).astype("datetime64[us]"), cac=cac["cac"].astype(float))


ROWS = [(date(2025, 1, 10), "a", "x", 40), (date(2025, 1, 20), "b", "x", 20), (date(2025, 3, 5), "a", "y", 50),
        (date(2025, 2, 1), "c", "y", 10), (date(2025, 2, 2), "d", "z", None),
        (date(2025, 2, 3), "e", "w", 10)]  # fmt: skip


def test_payback_by_hand():
    costly = costs(("x", "2025-01-01", 55), ("y", "2025-02-01", 25), ("z", "2025-02-01", 5))
    found = pay_back(cohort_margins(orders_of(ROWS), date(2025, 4, 15)), costly).set_index("channel")
    x = found.loc["x"]  # a customer: 30 in January, 55 from March on
    assert (x["customers"], x["months"], x["margin"], x["margin_to_cac"], x["payback_months"]) == (2, 3, 55, 1, 2)
    assert found["reason"].to_dict() == {"x": "", "y": "not_yet", "z": "no_margin", "w": "no_cac"}
    assert found.loc[["y", "z", "w"], "payback_months"].isna().all()
    assert found.loc["y", "margin_to_cac"] == 0.4


def test_what_costs_nothing_is_paid_back_at_once_and_has_no_ratio():
    margins = cohort_margins(orders_of(ROWS), date(2025, 4, 30))
    found = pay_back(margins, costs(("x", "2025-01-01", 0))).set_index("channel").loc["x"]
    assert found["payback_months"] == 0 and np.isnan(found["margin_to_cac"]) and found["months"] == 4


def test_costs_of_one_cohort_stand_once():
    margins = cohort_margins(orders_of(ROWS), date(2025, 4, 30))
    for wrong in (costs(("x", "2025-01-01", 1), ("x", "2025-01-01", 2)), costs(("x", "2025-01-01", -1))):
        with pytest.raises(ValueError, match="one row per channel and month"):
            pay_back(margins, wrong)


def test_the_sample_pays_back(without_deals, lifetime):
    orders = without_deals["northlight"]
    margins = cohort_margins(orders, UNTIL)
    cac = margins[["channel", "month"]].drop_duplicates().assign(cac=60.0)
    found = pay_back(margins, cac)
    assert found["customers"].sum() == len(lifetime.purchases)
    total = (found["margin"] * found["customers"]).sum()
    assert total == pytest.approx(orders["margin"].sum())
    paid = found["payback_months"].notna()
    assert paid.any() and (found.loc[paid, "reason"] == "").all()
