import gc
import math
import random
import weakref

import numpy as np
import pandas as pd
import pytest
from frames import table
from hypothesis import given, settings
from hypothesis import strategies as st

import kpi_helpers
from kpi_helpers.errors import KitError
from kpi_helpers.exports import read_exports
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.measures import sum_measures
from kpi_helpers.terms import MEASURES, Tables

CHANNELS = ["yandex_direct", "vk_ads", "email", "unknown"]
KEYS = ["leads", "qualified_leads", "spend"]
few = settings(max_examples=25)  # each example sums whole tables
days = st.dates(min_value=pd.Timestamp("2025-11-01").date(), max_value=pd.Timestamp("2026-03-31").date())
lead = st.tuples(days, st.integers(0, 23), st.sampled_from(CHANNELS), st.sampled_from([True, False, None]))
spending = st.tuples(days, st.sampled_from(CHANNELS), st.integers(0, 10**6).map(lambda cents: cents / 4))


def leads_of(rows):
    return table("leads", created_at=[pd.Timestamp(day) + pd.Timedelta(hours=hour) for day, hour, _c, _q in rows],
                 channel=[row[2] for row in rows], qualified=[row[3] for row in rows])


def ads_of(rows):
    return table("ads", date=[row[0] for row in rows], channel=[row[1] for row in rows], spend=[row[2] for row in rows])


def value(sums, key, period, **where):
    rows = sums[sums["period"] == pd.Timestamp(period)]
    for name, wanted in where.items():
        rows = rows[rows[name] == wanted]
    return rows[key].item()


# The sums

@few
@given(st.lists(spending, min_size=1, max_size=30), st.lists(lead, min_size=1, max_size=30))
def test_sums_are_those_of_a_plain_recount(spent, asked):
    sums = sum_measures({"ads": ads_of(spent), "leads": leads_of(asked)}, keys=["spend", "leads", "qualified_leads"])
    for row in sums.to_dict("records"):
        month = (row["period"].year, row["period"].month)
        amounts = [amount for day, _c, amount in spent if (day.year, day.month) == month]
        verdicts = [verdict for day, _h, _c, verdict in asked if (day.year, day.month) == month]
        said = [verdict for verdict in verdicts if verdict is not None]
        assert same(row["spend"], math.fsum(amounts) if amounts else math.nan)
        assert same(row["leads"], len(verdicts) if verdicts else math.nan)
        assert same(row["qualified_leads"], sum(said) if said else math.nan)


def same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


@few
@given(st.lists(lead, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_neither_shuffling_nor_splitting_changes_a_sum(rows, chance: random.Random):
    whole = sum_measures({"leads": leads_of(rows)}, by="channel", keys=KEYS)
    mixed = chance.sample(rows, len(rows))
    cut = chance.randint(0, len(rows))
    parts = pd.concat([leads_of(mixed[:cut]), leads_of(mixed[cut:])], ignore_index=True)
    pd.testing.assert_frame_equal(sum_measures({"leads": parts}, by="channel", keys=KEYS), whole)


@few
@given(st.lists(lead, min_size=1, max_size=30), st.lists(spending, min_size=1, max_size=20))
def test_the_channels_add_up_to_the_company_and_the_days_to_the_month(asked, spent):
    tables = {"leads": leads_of(asked), "ads": ads_of(spent)}
    total = sum_measures(tables, keys=KEYS).set_index("period")
    by_channel = sum_measures(tables, by="channel", keys=KEYS).groupby("period")[KEYS].sum(min_count=1)
    by_day = sum_measures(tables, "day", keys=KEYS)
    days_added = by_day.groupby(by_day["period"].dt.to_period("M").dt.to_timestamp())[KEYS].sum(min_count=1)
    pd.testing.assert_frame_equal(by_channel, total, check_freq=False)
    pd.testing.assert_frame_equal(days_added.reindex(total.index), total, check_freq=False)


@few
@given(st.lists(lead, min_size=1, max_size=30), st.integers(1, 31))
def test_first_days_are_the_months_cut_after_them(rows, first_days):
    kept = [row for row in rows if row[0].day <= first_days]
    cut = sum_measures({"leads": leads_of(rows)}, first_days=first_days, keys=["leads"])
    pd.testing.assert_frame_equal(cut, sum_measures({"leads": leads_of(kept)}, keys=["leads"]))


@pytest.mark.parametrize(("every", "periods"), [
    ("day", ["2025-12-31", "2026-01-01"]), ("month", ["2025-12-01", "2026-01-01"]),
    ("quarter", ["2025-10-01", "2026-01-01"]), ("year", ["2025-01-01", "2026-01-01"]),
])
def test_a_moment_falls_into_its_period_by_the_companys_clock(every, periods):
    leads = table("leads", created_at=["2025-12-31 23:59", "2026-01-01 00:00"])  # in UTC both are in December
    sums = sum_measures({"leads": leads}, every, keys=["leads"])
    assert sums["period"].tolist() == [pd.Timestamp(day) for day in periods]
    assert sums["leads"].tolist() == [1, 1]


# What is missing

def test_a_table_without_the_marks_of_timeliness_says_nothing_of_it():
    sums = sum_measures({"leads": table("leads", created_at=["2026-01-01"])})
    assert sums["leads"].tolist() == [1]
    assert sums["requests_due"].isna().all()


def test_missing_is_not_zero():
    ads = table("ads", date=["2026-01-05", "2026-03-05"], spend=[100.0, math.nan], clicks=[0.0, math.nan])
    sums = sum_measures({"ads": ads}, keys=["spend", "clicks", "impressions", "leads"])
    np.testing.assert_array_equal(sums["spend"], [100, np.nan, np.nan])
    np.testing.assert_array_equal(sums["clicks"], [0, np.nan, np.nan])
    assert sums[["impressions", "leads"]].isna().all(axis=None)


def test_rows_without_a_verdict_are_neither_qualified_nor_not():
    leads = table("leads", created_at=["2026-01-01", "2026-01-02", "2026-02-01"], qualified=[True, None, None])
    sums = sum_measures({"leads": leads}, keys=["leads", "qualified_leads"])
    np.testing.assert_array_equal(sums["leads"], [2, 1])
    np.testing.assert_array_equal(sums["qualified_leads"], [1, np.nan])


def test_a_condition_counts_where_it_is_met_and_is_zero_only_where_it_is_denied():
    leads = table("leads", created_at=["2026-01-01", "2026-02-01", "2026-03-01"], won=[True, False, None])
    np.testing.assert_array_equal(sum_measures({"leads": leads}, keys=["won_leads"])["won_leads"], [1, 0, np.nan])


def test_rows_without_a_date_are_in_no_period():
    leads = table("leads", created_at=["2026-01-01", None])
    assert sum_measures({"leads": leads}, keys=["leads"])["leads"].tolist() == [1]


def test_a_dimension_that_no_row_tells_is_text_all_the_same():
    sold = table("orders", ordered_at=["2026-10-01"], order_id=["1"], channel=[None], revenue=[5.0])
    sums = sum_measures({"orders": sold}, "month", "channel", keys=["revenue"])
    assert sums["channel"].dtype == "str" and sums["channel"].isna().all() and sums["revenue"].tolist() == [5.0]


def test_periods_have_no_gaps_and_no_tables_give_no_rows():
    ads = table("ads", date=["2025-11-05", "2026-02-05"], channel=["a", "b"], spend=[1.0, 2.0])
    months = list(pd.date_range("2025-11-01", periods=4, freq="MS"))
    assert sum_measures({"ads": ads})["period"].tolist() == months
    by_channel = sum_measures({"ads": ads}, by="channel", keys=["spend"])
    assert by_channel.groupby("channel")["period"].agg(list).tolist() == [months, months]
    for nothing in (sum_measures({}), sum_measures({"ads": table("ads")}, by="channel")):
        assert nothing.empty and set(MEASURES) <= set(nothing.columns)


# By channel

def test_a_list_of_all_leads_says_zero_of_other_channels_and_an_ad_account_nothing():
    tables = {"ads": table("ads", date=["2026-01-01"], channel=["vk_ads"], spend=[100.0]),
              "leads": table("leads", created_at=["2026-01-01"], channel=["email"])}
    sums = sum_measures(tables, by="channel", keys=["spend", "leads"])
    assert value(sums, "leads", "2026-01-01", channel="vk_ads") == 0
    assert math.isnan(value(sums, "spend", "2026-01-01", channel="email"))


@pytest.mark.parametrize("channel", [None, "unknown"])
def test_orders_that_name_no_channel_do_not_say_that_a_channel_sold_nothing(channel):
    tables = {"ads": table("ads", date=["2026-01-01"], channel=["vk_ads"], spend=[100.0]),
              "orders": table("orders", ordered_at=["2026-01-05"], channel=[channel], revenue=[5000.0])}
    sums = sum_measures(tables, by="channel", keys=["spend", "revenue", "orders"])
    assert math.isnan(value(sums, "revenue", "2026-01-01", channel="vk_ads"))
    assert sums["revenue"].sum() == 5000
    assert sums["spend"].sum() == 100


# What cannot be added

def test_unique_visitors_are_taken_only_for_the_period_they_were_exported_for():
    audience = table("audience", start=["2026-01-01", "2026-02-01", "2026-03-01"],
                     end=["2026-01-31", "2026-02-27", "2026-04-30"], visitors=[900.0, 800.0, 1500.0])
    np.testing.assert_array_equal(sum_measures({"audience": audience}, keys=["visitors"])["visitors"], [900])
    assert sum_measures({"audience": audience}, "quarter", keys=["visitors"]).empty
    assert sum_measures({"audience": audience}, keys=["visitors"], first_days=18).empty


def test_unique_visitors_of_channels_and_of_two_exports_are_never_added():
    audience = table("audience", start=["2026-01-01"] * 3, end=["2026-01-31"] * 3, channel=["email", "vk_ads", None],
                     visitors=[400.0, 600.0, 900.0])
    assert sum_measures({"audience": audience}, keys=["visitors"])["visitors"].tolist() == [900]
    by_channel = sum_measures({"audience": audience}, by="channel", keys=["visitors"])
    assert dict(zip(by_channel["channel"], by_channel["visitors"], strict=True)) == {"email": 400, "vk_ads": 600}
    assert sum_measures({"audience": audience[:2]}, keys=["visitors"]).empty
    twice = pd.concat([audience[2:], audience[2:]], ignore_index=True)
    assert sum_measures({"audience": twice}, keys=["visitors"])["visitors"].isna().all()


def test_customers_are_counted_once_in_a_period_however_often_they_buy():
    orders = table("orders", ordered_at=["2026-01-01", "2026-01-02", "2026-02-01", "2026-02-02"],
                   customer_id=["a", "a", "a", None])
    assert sum_measures({"orders": orders}, keys=["customers"])["customers"].tolist() == [1, 1]
    assert sum_measures({"orders": orders}, "quarter", keys=["customers"])["customers"].tolist() == [1]


def test_a_refund_lowers_the_money_and_is_no_order():
    orders = table("orders", ordered_at=["2026-01-01", "2026-01-09", "2026-02-02", "2026-02-03"],
                   customer_id=["a", "a", "a", "b"], revenue=[100.0, None, -100.0, 0.0], margin=[40.0, 20, -40, 0])
    keys = ["orders", "customer_orders", "customers", "revenue", "margin"]
    sums = sum_measures({"orders": orders}, keys=keys)[keys]
    assert sums.to_numpy().tolist() == [[2, 2, 1, 100, 60], [1, 1, 1, -100, -40]]


def test_followers_at_the_start_are_those_of_the_first_day_of_all_networks():
    social = table("social", date=["2026-01-01", "2026-01-01", "2026-01-02", "2026-02-01"],
                   network=["vk", "tt", "vk", "vk"], followers_before=[100.0, 50.0, 110.0, 120.0])
    assert sum_measures({"social": social}, keys=["followers_start"])["followers_start"].tolist() == [150, 120]


# What was done is counted where it was done

def test_work_is_counted_in_the_month_it_was_done():
    tasks = table("tasks", kind=["research", "research", "creative"], due_at=["2026-01-31"] * 3,
                  done_at=["2026-01-30", "2026-02-03", None], on_time=[True, False, None])
    sums = sum_measures({"tasks": tasks}, keys=["research_tasks", "creative_tasks", "tasks_due", "tasks_on_time"])
    np.testing.assert_array_equal(sums["research_tasks"], [1, 1])
    np.testing.assert_array_equal(sums["tasks_due"], [2, np.nan])  # the open one is not due yet
    np.testing.assert_array_equal(sums["tasks_on_time"], [1, np.nan])


# What was summed is remembered, table by table

@few
@given(st.lists(spending, min_size=1, max_size=10), st.lists(lead, min_size=1, max_size=10))
def test_what_is_remembered_is_what_would_be_summed(spent, asked):
    plain = {"ads": ads_of(spent), "leads": leads_of(asked)}
    tables = Tables(plain)
    for keys in (["spend"], KEYS, ["leads"], KEYS):
        for by, first_days in ((None, None), ("channel", None), (None, 9), ("channel", 9)):
            found = sum_measures(tables, by=by, first_days=first_days, keys=keys)
            wanted = sum_measures(plain, by=by, first_days=first_days, keys=keys)
            pd.testing.assert_frame_equal(found, wanted, check_exact=True)


def test_a_table_is_summed_once_and_anew_where_another_stands_in_its_place(monkeypatch):
    spent = [("2026-01-05", "email", 10.0)]
    tables = Tables({"ads": ads_of(spent), "leads": leads_of([("2026-01-05", 9, "email", True)])})
    before = sum_measures(tables, keys=KEYS)
    others = Tables(dict(tables) | {"ads": ads_of(spent * 3)}, tables)
    asked = []
    monkeypatch.setattr("kpi_helpers.measures._sum_alike", lambda _frame, measures, *_rest: asked.extend(measures))
    pd.testing.assert_frame_equal(sum_measures(tables, keys=KEYS), before)
    with pytest.raises(AttributeError):
        sum_measures(others, keys=KEYS)
    assert [measure.key for measure in asked] == ["spend"]  # the leads are known
    monkeypatch.undo()
    assert sum_measures(others, keys=KEYS)["spend"].tolist() == [30.0]
    tables["ads"] = others["ads"]
    assert sum_measures(tables, keys=KEYS)["spend"].tolist() == [30.0]


def test_a_table_changed_in_place_is_summed_anew():
    ads = ads_of([("2026-01-05", "email", 10.0), ("2026-02-05", "seo", 1.0)])
    tables = Tables({"ads": ads})
    others = Tables({"ads": ads}, tables)
    assert sum_measures(tables, keys=["spend"])["spend"].tolist() == [10.0, 1.0]
    ads["spend"] *= 2
    assert sum_measures(tables, keys=["spend"])["spend"].tolist() == [20.0, 2.0]
    ads.loc[0, "spend"] = 5.0
    ads.loc[1, "channel"] = "email"
    for each in (tables, others):
        sums = sum_measures(each, by="channel", keys=["spend"])
        assert (sums["channel"].tolist(), sums["spend"].tolist()) == (["email", "email"], [5.0, 2.0])


def test_tables_made_from_others_leave_nothing_behind():
    tables = Tables({"ads": ads_of([("2026-01-05", "email", 10.0)])})
    made = Tables({"ads": tables["ads"].assign(channel="seo")}, tables)
    sum_measures(made, keys=KEYS)
    gone = weakref.ref(made["ads"])
    del made
    gc.collect()
    assert gone() is None


def test_unknown_periods_and_dimensions_are_refused():
    with pytest.raises(KitError, match="periods are day, month, quarter, year, not 'week'"):
        sum_measures({}, "week")
    with pytest.raises(KitError, match="Did you mean channel"):
        sum_measures({}, by="chanel")


def test_what_read_exports_returns_can_be_summed_as_it_is_and_one_measure_by_its_name(tmp_path):
    (tmp_path / "ads.csv").write_text("Date,Campaign,Platform,Clicks,Cost\n2026-10-01,A,Bing,3,5.5\n")
    exports = read_exports(tmp_path)
    pd.testing.assert_frame_equal(sum_measures(exports), sum_measures(exports.tables))
    sums = sum_measures(exports, keys="spend")
    assert sums.columns.tolist() == ["period", "spend"]
    assert compute_kpis(sum_measures(exports), "cpc")["value"].tolist() == [5.5 / 3]
    with pytest.raises(KitError, match="there is no measure 'spent'. Did you mean spend"):
        sum_measures(exports, keys=["spent"])


def test_a_notebook_completes_what_the_package_offers():
    assert dir(kpi_helpers) == sorted(kpi_helpers.__all__)
