"""Purchase histories against a recount order by order; repeat purchase, the second purchase, RFM."""

import math
import random
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from frames import table
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.customers import (
    cohort_counts,
    cohorts,
    describe_repeat,
    describe_second_purchase,
    score_rfm,
    summarise_purchases,
    unfinished_counts,
)

FIRST, LAST = date(2025, 1, 1), date(2025, 6, 30)
money = st.one_of(st.integers(-50, 500), st.none())
order = st.tuples(st.dates(FIRST, LAST), st.integers(0, 86_399), st.sampled_from([*"abcdef", None]), money, money)
orders = st.lists(order, max_size=40, unique_by=lambda row: row[:2])


def orders_of(rows):
    """Orders of customer, channel (the hour's), revenue and margin."""
    return table(
        "orders", ordered_at=[pd.Timestamp(day) + pd.Timedelta(seconds=second) for day, second, *_ in rows],
        customer_id=[row[2] for row in rows], channel=[channel_of(row) for row in rows],
        revenue=[row[3] for row in rows], margin=[row[4] for row in rows],
    )  # fmt: skip


def channel_of(row):
    return f"channel {row[1] // 3600}"


def bought(*days, customer="a", revenue=100.0):
    return [(date.fromisoformat(day), 36_000, customer, revenue, 40.0) for day in days]


def recount(rows, customer, until):
    """One customer's history by going through every order; None where nothing was bought."""
    rows = sorted((row for row in rows if row[2] == customer and row[0] <= until), key=lambda row: row[:2])
    purchases = [row for row in rows if row[3] is None or row[3] >= 0]
    if not purchases:
        return None
    days = sorted({row[0] for row in purchases})
    worth = [sum(row[3] or 0 for row in purchases if row[0] == day) for day in days[1:]]
    worth = [value for value in worth if value > 0]
    back = [-row[3] for row in rows if row[3] is not None and row[3] < 0]

    def total(place):
        return math.nan if any(row[place] is None for row in rows) else sum(row[place] for row in rows)

    return {
        "customer_id": customer, "channel": channel_of(purchases[0]), "month": days[0].replace(day=1),
        "first": days[0], "second": days[1] if len(days) > 1 else None, "last": days[-1], "orders": len(purchases),
        "purchase_days": len(days), "frequency": len(days) - 1, "recency": (days[-1] - days[0]).days / 7,
        "age": (until - days[0]).days / 7, "value": sum(worth) / len(worth) if worth else math.nan,
        "value_days": len(worth), "revenue": total(3), "margin": total(4), "returns": len(back), "returned": sum(back),
    }  # fmt: skip


@settings(max_examples=60)
@given(orders, st.dates(FIRST, LAST))
def test_histories_are_those_of_a_recount(rows, until):
    found = summarise_purchases(orders_of(rows), until).sort_values("customer_id")
    expected = [history for customer in "abcdef" if (history := recount(rows, customer, until))]
    assert found["customer_id"].tolist() == [history["customer_id"] for history in expected]
    for line, history in zip(found.to_dict("records"), expected, strict=True):
        for name, value in history.items():
            seen = line[name].date() if isinstance(line[name], pd.Timestamp) and not pd.isna(line[name]) else line[name]
            assert (pd.isna(seen) and (value is None or pd.isna(value))) or seen == pytest.approx(value), name


@settings(max_examples=20)
@given(orders, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_history(rows, chance: random.Random):
    mixed, tidy = (summarise_purchases(orders_of(some), LAST) for some in (chance.sample(rows, len(rows)), rows))
    pd.testing.assert_frame_equal(mixed, tidy)


def test_a_history_by_hand():
    rows = bought("2025-01-06", "2025-01-06", "2025-01-20", "2025-02-03") + [(date(2025, 2, 10), 0, "a", -30.0, -12.0)]
    line = summarise_purchases(orders_of(rows), date(2025, 3, 3)).iloc[0]
    assert (line["orders"], line["purchase_days"], line["frequency"], line["recency"], line["age"]) == (4, 3, 2, 4, 8)
    assert (line["value"], line["revenue"], line["margin"], line["returns"], line["returned"]) == (100, 370, 148, 1, 30)


def test_an_order_returned_in_full_is_a_purchase_without_value():
    rows = [*bought("2025-01-06", "2025-01-20"), *bought("2025-02-03", revenue=0.0)]
    line = summarise_purchases(orders_of(rows), LAST).iloc[0]
    assert (line["frequency"], line["value_days"], line["value"]) == (2, 1, 100)


def test_who_only_returned_is_no_customer():
    back = [(date(2025, 1, 6), 0, "a", -30.0, -12.0)]
    assert summarise_purchases(orders_of(back), LAST).empty
    both = summarise_purchases(orders_of(back + bought("2025-01-07", customer="b")), LAST)
    assert both["customer_id"].tolist() == ["b"] and both["returns"].tolist() == [0]


def test_since_keeps_out_whom_earlier_orders_show_to_be_old():
    rows = bought("2025-01-06", "2025-03-03") + bought("2025-03-03", customer="b")
    assert summarise_purchases(orders_of(rows), LAST, date(2025, 3, 3))["customer_id"].tolist() == ["b"]


def test_the_day_is_that_of_the_clock_on_the_wall():
    late = [(date(2025, 1, 6), 86_000, "a", 1.0, 1.0), (date(2025, 1, 7), 600, "a", 1.0, 1.0)]  # 21:xx in Greenwich
    assert summarise_purchases(orders_of(late), LAST)["purchase_days"].tolist() == [2]


def test_without_orders_there_are_no_customers():
    empty = summarise_purchases(orders_of([]), LAST)
    assert empty.empty and "age" in empty
    assert describe_second_purchase(empty).reason == "no_customers"
    assert score_rfm(empty).empty and describe_repeat(empty).empty


# Retention in counts


@settings(max_examples=20)
@given(orders, st.dates(FIRST, LAST))
def test_counts_over_sizes_are_the_shares(rows, until):
    counts, sizes = cohort_counts(orders_of(rows), until)
    shares, same = cohorts(orders_of(rows), until)
    pd.testing.assert_frame_equal(counts.div(sizes, axis=0), shares)
    pd.testing.assert_series_equal(sizes, same)
    assert ((counts % 1 == 0) | counts.isna()).all(axis=None)


@settings(max_examples=20)
@given(orders, st.dates(FIRST, LAST))
def test_an_unfinished_month_is_counted_apart(rows, until):
    """Where the month is over it says nothing; else it and the counts never speak of the same cell."""
    known = orders_of([row for row in rows if row[0] <= until])
    counts, _sizes = cohort_counts(known, until)
    so_far = unfinished_counts(known, until)
    is_over = (until + timedelta(days=1)).month != until.month
    open_cells, closed = so_far.to_numpy(dtype=float), counts.notna().to_numpy(dtype=bool)
    assert open_cells.shape == counts.shape and not (np.isfinite(open_cells) & closed).any()
    buyers = known[known["ordered_at"].dt.tz_localize(None) >= pd.Timestamp(until.replace(day=1))]
    buyers = buyers[~(buyers["revenue"] < 0)]  # a refund is no purchase
    assert np.nansum(open_cells) == (0 if is_over else buyers["customer_id"].nunique())


# Repeat purchase


def test_repeat_by_hand():
    rows = bought("2025-01-06", "2025-01-06") + bought("2025-01-06", "2025-02-06", customer="b")
    rows += [(date(2025, 3, 1), 36_000, "c", 50.0, None)]
    found = describe_repeat(summarise_purchases(orders_of(rows), LAST)).iloc[0]
    assert (found["customers"], found["repeat_customers"], found["orders"], found["purchase_days"]) == (3, 1, 5, 4)
    assert found["repeat_rate"] == pytest.approx(1 / 3)  # two orders of one day repeat nothing
    assert found["purchase_frequency"] == pytest.approx(5 / 3)
    assert found["aov"] == pytest.approx(450 / 5)
    assert (found["customers_with_margin"], found["margin_per_customer"]) == (2, 80)


def test_the_interval_of_the_repeat_rate_is_wilsons():
    """81 of 263: Newcombe 1998, "Two-sided confidence intervals for the single proportion", method 3."""
    purchases = pd.DataFrame({"purchase_days": [2] * 81 + [1] * 182, "orders": 1, "revenue": 1.0, "margin": 1.0})
    found = describe_repeat(purchases).iloc[0]
    assert (round(found["low"], 4), round(found["high"], 4)) == (0.2553, 0.3662)


@settings(max_examples=20)
@given(orders)
def test_groups_add_up_to_all(rows):
    purchases = summarise_purchases(orders_of(rows), LAST)
    parts, whole = describe_repeat(purchases, ["channel", "month"]), describe_repeat(purchases)
    for name in ("customers", "repeat_customers", "orders", "purchase_days", "customers_with_margin"):
        assert parts[name].sum() == whole[name].sum()


def kaplan_meier(waits, day):
    """The share who have bought again by the day, by the product of the textbook."""
    left = 1.0
    for at in sorted({wait for wait, came in waits if came and wait <= day}):
        risk = sum(wait >= at for wait, _came in waits)
        left *= 1 - sum(wait == at and came for wait, came in waits) / risk
    return 1 - left


waits = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=30)


@settings(max_examples=40)
@given(waits, st.integers(0, 70))
def test_the_second_purchase_is_kaplan_and_meiers(waited, day):
    waited = [(wait, came and wait > 0) for wait, came in waited]
    first = pd.Timestamp("2025-01-01")
    purchases = pd.DataFrame({
        "first": first, "age": [(wait + 5 if came else wait) / 7 for wait, came in waited],
        "second": pd.to_datetime([first + pd.Timedelta(days=wait) if came else None for wait, came in waited]),
    })  # fmt: skip
    found = describe_second_purchase(purchases)
    bought_again, low, high = found.share_within(day)
    known = [wait for wait, _came in waited if wait > 0]
    if not known or day > max(known):
        assert math.isnan(bought_again)
    else:
        assert bought_again == pytest.approx(kaplan_meier(waited, day))
        assert not low > bought_again and not high < bought_again
    half = [at for at in range(1, 61) if kaplan_meier(waited, at) >= 0.5 - 1e-12]
    assert found.median == half[0] if half else math.isnan(found.median)
    assert (found.reason == "") == bool(half)
    assert found.reason in ("", "not_reached", "no_repeat")


def test_those_who_came_lately_do_not_hide_the_second_purchase():
    rows = []
    for n in range(40):
        rows += bought("2025-01-06", "2025-02-05", customer=f"old {n}")
    for n in range(60):
        rows += bought("2025-06-20", customer=f"new {n}")
    purchases = summarise_purchases(orders_of(rows), LAST)
    assert describe_repeat(purchases)["repeat_rate"].iloc[0] == 0.4
    found = describe_second_purchase(purchases)
    assert (found.median, found.reason, found.observed) == (30, "", 30)


# RFM


@settings(max_examples=40)
@given(orders)
def test_scores_are_fair(rows):
    purchases = summarise_purchases(orders_of(rows), LAST)
    scores = score_rfm(purchases).set_index(purchases.index)
    for score, name in {"r": "last", "f": "purchase_days", "m": "revenue"}.items():
        known = purchases[name].notna()
        assert scores[score].isna().eq(~known).all()
        worse = [(purchases[name] < value).sum() / max(known.sum(), 1) for value in purchases.loc[known, name]]
        np.testing.assert_array_equal(scores.loc[known, score].astype(int), np.floor(np.array(worse) * 5 + 1e-9) + 1)


def test_where_most_bought_once_none_of_them_is_frequent():
    days = [FIRST + timedelta(days=n) for n in range(100)]
    rows = [row for n, day in enumerate(days) for row in bought(str(day), customer=f"c{n:02}")]
    rows += [row for n in range(90, 100) for row in bought("2025-06-01", "2025-06-15", customer=f"c{n:02}")]
    scores = score_rfm(summarise_purchases(orders_of(rows), LAST))
    assert (scores["f"] == 1).sum() == 90 and (scores["f"] == 5).sum() == 10
    assert set(scores.loc[scores["f"] == 5, "segment"]) == {"champion"}
    assert scores["segment"].iloc[0] == "lost" and scores["segment"].iloc[70] == "promising"
