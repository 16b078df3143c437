import calendar
import math
import random
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from frames import table
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.customers import cohorts, describe_base, first_orders, judge_newness
from kpi_helpers.terms import TABLES

FIRST, LAST = date(2024, 1, 1), date(2025, 9, 30)
order = st.tuples(st.dates(FIRST, LAST), st.integers(0, 23), st.sampled_from([*"abcdefgh", None]), st.integers(1, 500))


def orders_of(rows):
    times = [pd.Timestamp(day) + pd.Timedelta(hours=hour) for day, hour, _c, _m in rows]
    margins = [float(row[3]) for row in rows]
    return table("orders", ordered_at=times, customer_id=[row[2] for row in rows], margin=margins)


def add_months(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def recount(rows, active_days, first_days):
    """The customer base by going through every order again, month by month."""
    bought = [(day, customer, margin) for day, _hour, customer, margin in rows if customer]
    earliest, latest = min(day for day, *_ in bought), max(day for day, *_ in bought)

    def active(at):
        return {customer for day, customer, _m in bought if at - timedelta(days=active_days) <= day < at}

    def base(start, end):
        if start - timedelta(days=active_days) < earliest:
            return (math.nan,) * 3
        return len(active(start)), len(active(start) & active(end)), len(active(start) - active(end))

    months, start = [], earliest.replace(day=1)
    while start <= latest:
        months.append(start)
        start = add_months(start, 1)
    for place, start in enumerate(months):
        end = add_months(start, 1)
        end = end if first_days is None else min(start + timedelta(days=first_days), end)
        whole = place + 1 if first_days is None else place
        losses = [base(month, add_months(month, 1)) for month in months[max(whole - 12, 0) : whole]]
        full = len(losses) == 12
        lost = sum(loss[2] for loss in losses) if full else math.nan
        yield *base(start, end), *year(bought, add_months(end, -12), end, months[0]), lost, \
            sum(loss[0] for loss in losses) if full else math.nan


def year(bought, start, end, first_month):
    if start < first_month:
        return (math.nan,) * 3
    within = [(day, customer, margin) for day, customer, margin in bought if start <= day < end]
    days = {}
    for day, customer, _margin in within:
        days.setdefault(customer, set()).add(day)
    margin = sum(margin for *_, margin in within) if within else math.nan
    return len(days), sum(len(found) >= 2 for found in days.values()), margin


@settings(max_examples=25)
@given(st.lists(order, min_size=1, max_size=60).filter(lambda rows: any(row[2] for row in rows)),
       st.sampled_from([30, 90, 365]), st.sampled_from([None, 1, 18, 31]))
def test_the_base_is_that_of_a_brute_force_recount(rows, active_days, first_days):
    base = describe_base(orders_of(rows), active_days, first_days)
    expected = [*recount(rows, active_days, first_days)]
    columns = ["customers_start", "retained", "lost", "buyers_12m", "repeat_buyers_12m", "margin_12m", "lost_12m",
               "customer_months_12m"]
    np.testing.assert_allclose(base[columns].to_numpy(dtype=float), np.array(expected, dtype=float))
    np.testing.assert_array_equal(base["retained"] + base["lost"], base["customers_start"])


@settings(max_examples=20)
@given(st.lists(order, min_size=1, max_size=40, unique_by=lambda row: row[:2]), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, chance: random.Random):
    mixed = chance.sample(rows, len(rows))
    pd.testing.assert_frame_equal(describe_base(orders_of(mixed), 90), describe_base(orders_of(rows), 90))
    pd.testing.assert_frame_equal(first_orders(orders_of(mixed)), first_orders(orders_of(rows)))


@given(st.lists(order, max_size=40))
def test_every_customer_has_one_first_order_and_none_is_earlier(rows):
    orders = orders_of(rows)
    firsts = first_orders(orders)
    assert list(firsts.columns) == list(TABLES["first_orders"].columns)
    assert set(firsts["customer_id"]) == {row[2] for row in rows if row[2]}
    assert firsts["customer_id"].is_unique
    earliest = orders.groupby("customer_id")["ordered_at"].min()
    assert (firsts.set_index("customer_id")["ordered_at"].sort_index() == earliest).all()


def test_retention_by_hand():
    rows = [(date(2024, 1, 1), 9, "a", 10), (date(2024, 2, 10), 9, "b", 10), (date(2024, 2, 20), 9, "c", 10),
            (date(2024, 3, 15), 9, "b", 10)]
    march = describe_base(orders_of(rows), 30).set_index("month").loc["2024-03-01"]
    # Within 30 days before 1 March bought b and c; of them b alone bought within 30 days before 1 April.
    assert (march["customers_start"], march["retained"], march["lost"]) == (2, 1, 1)


def test_several_orders_on_one_day_are_one_purchase():
    rows = [(date(2024, 1, 5), 9, "a", 10), (date(2024, 1, 5), 15, "a", 10), (date(2024, 1, 7), 9, "b", 10),
            (date(2024, 12, 7), 9, "b", 10)]
    december = describe_base(orders_of(rows), 90).set_index("month").loc["2024-12-01"]
    assert (december["buyers_12m"], december["repeat_buyers_12m"], december["margin_12m"]) == (2, 1, 40)


REFUNDED = [(date(2024, 1, 5), 9, "a", 40), (date(2024, 1, 7), 9, "b", 40), (date(2024, 12, 7), 9, "b", 40),
            (date(2024, 2, 9), 9, "a", -40), (date(2024, 1, 2), 9, "c", -25)]  # c bought before the data begin


def refunded():
    return orders_of(REFUNDED).assign(revenue=[100.0, 100.0, None, -100.0, -60.0])


def test_a_refund_is_no_purchase_but_lowers_the_margin():
    base = describe_base(refunded(), 30).set_index("month")
    december = base.loc["2024-12-01"]
    assert (december["buyers_12m"], december["repeat_buyers_12m"], december["margin_12m"]) == (2, 1, 55)
    assert base.loc["2024-03-01", "customers_start"] == 0
    assert set(first_orders(refunded())["customer_id"]) == {"a", "b"}
    assert first_orders(refunded())["ordered_at"].dt.day.tolist() == [5, 7]


def test_a_refund_brings_nobody_back_to_a_cohort():
    shares, sizes = cohorts(refunded(), date(2024, 12, 31))
    assert sizes.tolist() == [2] and shares.loc["2024-01-01", [1, 11]].tolist() == [0, 0.5]


def test_of_refunds_alone_there_is_no_base():
    back = refunded().iloc[3:]
    assert describe_base(back, 90).empty and first_orders(back).empty
    assert cohorts(back, LAST)[1].empty


# Who is new


def firsts_of(*by_month, first="2024-01-01"):
    """The days of first purchases, so many in each month, spread over it."""
    starts = pd.date_range(first, periods=len(by_month), freq="MS")
    return pd.Series([start + pd.Timedelta(days=28 * n / count) for start, count in zip(starts, by_month, strict=True)
                      for n in range(count)]).dt.normalize()  # fmt: skip


def test_old_customers_are_seen_where_too_many_are_new_at_first():
    found = judge_newness(firsts_of(237, 145, 110, 91, 65, 58, 49, 46, 41, 42, 41, 40), date(2024, 12, 31), 90)
    assert found.reason == "old_base" and found.since == date(2024, 7, 1)
    assert found.at_first > 2 * found.later > 0
    assert judge_newness(firsts_of(237, 145, 110, 91, 65, 58, 49), date(2024, 7, 31), 90).since == date(2024, 6, 1)


@pytest.mark.parametrize("by_month", [
    [40] * 12, [20, 30, 40, 60, 80, 90, 100], [*[90] * 3, *[40] * 9, *[95] * 3], [9, 5, 3, 2, 2, 2, 3]])
def test_growth_seasons_and_chance_are_no_old_customers(by_month):
    """The season comes back a year later; nine customers against seven are chance."""
    last = (pd.Timestamp("2024-01-01") + pd.DateOffset(months=len(by_month)) - pd.Timedelta(days=1)).date()
    found = judge_newness(firsts_of(*by_month), last, 90)
    assert (found.reason, found.since) == ("", None)


def test_of_few_days_and_of_what_the_company_says_there_is_no_judging():
    firsts = firsts_of(90, 20, 20, 20)
    assert judge_newness(firsts, date(2024, 4, 30), 90).reason == "too_short"
    assert judge_newness(firsts, date(2024, 4, 30), 30).reason == "old_base"
    for told, since in ((date(2023, 5, 1), None), (date(2024, 2, 1), date(2024, 2, 1))):
        found = judge_newness(firsts, date(2024, 4, 30), 30, told)
        assert (found.reason, found.since) == ("told", since)
    nothing_after = judge_newness(firsts_of(90, 20, 20), date(2024, 3, 29), 30)
    assert nothing_after.reason == "old_base" and nothing_after.since == date(2024, 3, 30)


@pytest.mark.parametrize("rows", [[], [(date(2024, 1, 1), 9, None, 10)]])
def test_without_customers_there_is_an_empty_base(rows):
    base = describe_base(orders_of(rows), 90)
    assert base.empty and list(base.columns) == list(TABLES["customer_base"].columns)
    assert str(base["month"].dtype) == "datetime64[us]"


@settings(max_examples=25)
@given(st.lists(order, min_size=1, max_size=40), st.dates(FIRST, LAST))
def test_a_cohort_is_recounted_customer_by_customer(rows, until):
    rows = [row for row in rows if row[0] <= until]
    shares, sizes = cohorts(orders_of(rows), until, months=99)
    months = {c: {row[0].replace(day=1) for row in rows if row[2] == c} for c in {row[2] for row in rows if row[2]}}
    last = until.replace(day=1) if (until + timedelta(days=1)).day == 1 else add_months(until.replace(day=1), -1)
    assert sizes.sum() == len(months)
    for first, line in shares.iterrows():
        members = [seen for seen in months.values() if min(seen) == first.date()]
        assert sizes[first] == len(members)
        for step, found in line.items():
            month = add_months(first.date(), int(step))
            active = sum(month in seen for seen in members) / len(members)
            assert found == active if month <= last else math.isnan(found)


def test_a_cohort_by_hand():
    rows = [(date(2024, 1, 5), 9, "a", 10), (date(2024, 1, 9), 9, "b", 10), (date(2024, 2, 7), 9, "b", 10),
            (date(2024, 3, 7), 9, "a", 10)]
    shares, sizes = cohorts(orders_of(rows), date(2024, 3, 30))  # March lacks its last day
    np.testing.assert_array_equal(shares.to_numpy(), [[1, 0.5, np.nan]])
    assert sizes.tolist() == [2]
