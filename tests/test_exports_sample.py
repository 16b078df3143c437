"""The exports of the sample companies: each known, every row accounted for, the sums those of the truth."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kpi_helpers.exports import Exports, read_exports

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "sample"
LAYOUTS = {
    "severny_svet": {
        "metrika_istochniki": "metrika_sources", "metrika_roboty": "metrika_robots",
        "metrika_poseshchaemost": "metrika_attendance", "direct_kampanii": "yandex_direct", "vk_ads": "vk_ads",
        "amocrm_sdelki": "amocrm_deals", "zakazy": "orders_table", "zvonki": "call_tracking",
        "chaty_jivo": "jivo_chats",
        "zatraty": "costs_table", "vk_soobshchestvo": "vk_community", "opros": "google_forms_survey",
        "rynok": "market_table", "zadachi": "tasks_table", "otzyvy": "reviews_table",
    },
    "northlight": {
        "ga4_traffic": "ga4_traffic", "ga4_users": "ga4_users", "google_ads": "google_ads", "meta_ads": "meta_ads",
        "hubspot": "hubspot_deals", "shopify": "shopify_orders", "costs": "costs_table", "tiktok": "tiktok_overview",
        "survey": "google_forms_survey", "touches": "touches_table", "reviews": "reviews_table",
    },
}  # fmt: skip


@cache
def exports(company: str) -> Exports:
    return read_exports(SAMPLE / company)


@cache
def truth(company: str) -> dict[str, Any]:
    return json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))[company]


def monthly(frame: pd.DataFrame, date: str, column: str = "") -> list[float]:
    """Sums of a column (or counts of rows) over the 24 months of the sample."""
    months = frame[date].dt.tz_localize(None).dt.to_period("M")
    every = pd.period_range("2024-11", "2026-10", freq="M")
    sums = frame[column].groupby(months).sum() if column else months.value_counts()
    return sums.reindex(every, fill_value=0).astype(float).round(2).tolist()


@pytest.mark.parametrize("company", LAYOUTS)
def test_every_file_is_known_and_nothing_is_rejected(company: str) -> None:
    found = {reading.file: {table.layout for table in reading.tables} for reading in exports(company).files}
    assert len(found) == len(LAYOUTS[company])
    for start, layout in LAYOUTS[company].items():
        assert [layouts for file, layouts in found.items() if file.startswith(start)] == [{layout}]
    assert [reading.reason for reading in exports(company).files if reading.reason] == []
    assert sum(table.rejected for reading in exports(company).files for table in reading.tables) == 0


@pytest.mark.parametrize("company", LAYOUTS)
def test_every_row_is_accounted_for(company: str) -> None:
    for reading in exports(company).files:
        for table in reading.tables:
            assert table.rows_in == table.used + table.totals + table.rejected + table.continued
            assert table.problems == ()
            if table.table != "actions":
                left_out = table.set_aside + table.doubled + table.repeated + table.yielded
                assert len(table.frame) == table.used - left_out


def test_rows_are_counted_as_a_plain_reader_counts_them() -> None:
    plain = {
        "severny_svet/zakazy.csv": pd.read_csv(SAMPLE / "severny_svet/zakazy.csv", sep=";", encoding="cp1251"),
        "northlight/shopify_orders.csv": pd.read_csv(SAMPLE / "northlight/shopify_orders.csv"),
        "northlight/google_ads_campaigns.csv": pd.read_csv(
            SAMPLE / "northlight/google_ads_campaigns.csv", sep="\t", encoding="utf-16", skiprows=2
        ),
    }
    for name, frame in plain.items():
        company, file = name.split("/")
        reading = next(reading for reading in exports(company).files if reading.file == file)
        assert reading.tables[0].rows_in == len(frame)
    shop = plain["northlight/shopify_orders.csv"]
    table = exports("northlight").tables["orders"]
    assert len(table) == (shop["Financial Status"].notna() & (shop["Financial Status"] != "voided")).sum()


@pytest.mark.parametrize(
    ("company", "key", "table", "date", "column"),
    [
        ("severny_svet", "visits_tracked", "traffic", "date", "visits"),
        ("severny_svet", "bounces_tracked", "traffic", "date", "bounces"),
        ("severny_svet", "page_views_tracked", "traffic", "date", "page_views"),
        ("severny_svet", "impressions", "ads", "date", "impressions"),
        ("severny_svet", "clicks", "ads", "date", "clicks"),
        ("severny_svet", "spend", "ads", "date", "spend"),
        ("severny_svet", "leads", "leads", "created_at", ""),
        ("severny_svet", "orders", "orders", "ordered_at", ""),
        ("severny_svet", "revenue", "orders", "ordered_at", "revenue"),
        ("severny_svet", "margin", "orders", "ordered_at", "margin"),
        ("severny_svet", "visitors", "audience", "start", "visitors"),
        ("severny_svet", "calls", "calls", "received_at", ""),
        ("severny_svet", "chats", "chats", "received_at", ""),
        ("severny_svet", "other_marketing_cost", "costs", "date", "amount"),
        ("severny_svet", "tasks_due", "tasks", "due_at", ""),
        ("northlight", "visits_tracked", "traffic", "date", "visits"),
        ("northlight", "impressions", "ads", "date", "impressions"),
        ("northlight", "clicks", "ads", "date", "clicks"),
        ("northlight", "spend", "ads", "date", "spend"),
        ("northlight", "leads", "leads", "created_at", ""),
        ("northlight", "orders", "orders", "ordered_at", ""),
        ("northlight", "revenue", "orders", "ordered_at", "revenue"),
        ("northlight", "visitors", "audience", "start", "visitors"),
        ("northlight", "other_marketing_cost", "costs", "date", "amount"),
    ],
)
def test_sums_are_those_of_the_simulation(company: str, key: str, table: str, date: str, column: str) -> None:
    frame = exports(company).tables[table]
    assert monthly(frame, date, column) == pytest.approx(truth(company)["company"][key], abs=0.02)


@pytest.mark.parametrize("company", LAYOUTS)
@pytest.mark.parametrize(
    ("key", "table", "date", "column"),
    [
        ("visits_tracked", "traffic", "date", "visits"),
        ("spend", "ads", "date", "spend"),
        ("leads", "leads", "created_at", ""),
    ],
)
def test_channels_are_those_of_the_simulation(company: str, key: str, table: str, date: str, column: str) -> None:
    frame = exports(company).tables[table]
    for channel, sums in truth(company)["channels"].items():
        assert monthly(frame[frame["channel"] == channel], date, column) == pytest.approx(sums[key], abs=0.02), channel


def test_orders_of_deals_take_the_channel_of_their_deal() -> None:
    orders = exports("severny_svet").tables["orders"]
    assert orders["lead_id"].notna().any() and "unknown" not in set(orders["channel"])
    for channel, sums in truth("severny_svet")["channels"].items():
        found = monthly(orders[orders["channel"] == channel], "ordered_at", "revenue")
        assert found == pytest.approx(sums["revenue"], abs=0.02), channel


@pytest.mark.parametrize("company", LAYOUTS)
def test_leads_wait_qualify_or_do_not(company: str) -> None:
    leads, true = exports(company).tables["leads"], truth(company)["company"]
    assert monthly(leads[leads["qualified"].fillna(False)], "created_at") == true["qualified_leads"]
    assert monthly(leads[leads["qualified"].isna()], "created_at") == true["pending_leads"]
    assert monthly(leads[leads["won"].fillna(False)], "created_at") == true["leads_won_so_far"]


def test_robots_are_known_from_their_first_export_on_and_missing_before() -> None:
    traffic = exports("severny_svet").tables["traffic"]
    known = traffic[traffic["robot_visits"].notna()]
    first = known["date"].min()
    months = truth("severny_svet")["company"]["robot_visits"]
    names = pd.period_range("2024-11", "2026-10", freq="M").astype(str)
    tracked = names != "2026-06"  # two days without tracking: their robots were not seen either
    expected = pd.Series(months).where(names >= first.strftime("%Y-%m"), 0)[tracked]
    assert pd.Series(monthly(known, "date", "robot_visits"))[tracked].tolist() == expected.tolist()
    assert first > traffic["date"].min() and expected.sum() > 0


@pytest.mark.parametrize("company", LAYOUTS)
def test_surveys_are_those_of_the_simulation(company: str) -> None:
    answers, true = exports(company).tables["survey"], truth(company)["survey"]
    waves = answers.groupby(answers["answered_at"].dt.strftime("%Y-%m"))
    assert waves.size().tolist() == true["respondents"]
    assert waves["aware_unaided"].sum().tolist() == true["aware_unaided"]
    assert waves["aware_aided"].sum().tolist() == true["aware_aided"]
    assert waves["recommend"].count().tolist() == true["asked_to_recommend"]
    assert waves["satisfied"].agg(lambda marks: (marks >= 4).sum()).tolist() == true["satisfied_top_two"]


@pytest.mark.parametrize("company", LAYOUTS)
def test_reviews_are_those_of_the_simulation(company: str) -> None:
    reviews, true = exports(company).tables["reviews"], truth(company)["reviews"]
    assert monthly(reviews, "reviewed_at") == true["reviews"]
    assert monthly(reviews, "reviewed_at", "rating") == pytest.approx(true["stars"], abs=0.011)
    assert monthly(reviews[reviews["rating"] <= 2], "reviewed_at") == true["bad"]


def test_the_market_and_missed_calls_and_chats() -> None:
    tables, true = exports("severny_svet").tables, truth("severny_svet")
    quarters = tables["market"].groupby("period")["sales"].sum() / 1e6
    assert quarters.tolist() == pytest.approx(true["market"]["market_millions"])
    own = tables["market"][tables["market"]["own"]]["sales"] / 1e6
    assert own.tolist() == pytest.approx(true["market"]["own_millions"])
    for table, key in (("calls", "missed_calls"), ("chats", "missed_chats")):
        assert monthly(tables[table][~tables[table]["answered"]], "received_at") == true["company"][key]


def test_no_address_and_no_telephone_gets_into_a_table() -> None:
    for company in LAYOUTS:
        for frame in exports(company).tables.values():
            text = frame.select_dtypes("str").stack()
            assert not text.str.contains(r"@|\+7000", regex=True).any()


def test_the_margin_is_the_companys_share_where_no_export_has_one() -> None:
    orders = exports("northlight").tables["orders"]
    assert (orders["margin"] - 0.58 * orders["revenue"]).abs().max() < 1e-9
    assert exports("northlight").currency == "USD" and exports("severny_svet").currency == "RUB"
