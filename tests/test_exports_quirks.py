"""Small files with the traps of each export (tests/exports), and what must come out of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpi_helpers.company import Company
from kpi_helpers.exports import FileReading, TableReading, read_file

FOLDER = Path(__file__).parent / "exports"
COMPANY = Company(
    timezone="Europe/Moscow",
    qualified_stages=("Договор", "Успешно реализовано"),
    lost_stages=("Закрыто и не реализовано",),
    survey={
        "aware_unaided": "Name all the shops you know", "aware_unaided_names": ["nord light"],
        "aware_aided": "Have you heard of us?", "recommend": "Recommend, 0-10", "satisfied": "Satisfied 1-5",
    },
)  # fmt: skip
# files that cannot be used, and what is said of them
REFUSED = {
    "google_ads_all_time.csv": "nothing says of which days it speaks",
    "login_page.csv": "this is a web page",
    "meta_ads_empty.csv": "there is no table in it, only: No data available.",
    "meta_business_visits.csv": "no KPI counts visits of a profile",
    "unknown.csv": "Headings found: Day, Campaign, Temperature.",
}
WHOLLY_REJECTED = {"tiktok_studio_overview.csv"}  # its days have no year


def read(name: str) -> FileReading:
    return read_file(FOLDER / name, COMPANY)


def first(name: str) -> pd.DataFrame:
    return read(name).tables[0].frame


# layout, table, rows in, used, totals, rejected, continued, start, end, currency
ACCOUNTS = {
    "amocrm_cp1251.csv": ("amocrm_deals", "leads", 6, 4, 0, 2, 0, "2026-10-01", "2026-10-25", "RUB"),
    "calls_cp1251.csv": ("call_tracking", "calls", 2, 2, 0, 0, 0, "2026-10-01", "2026-10-01", ""),
    "chats_cr.csv": ("jivo_chats", "chats", 3, 3, 0, 0, 0, "2026-10-01", "2026-10-01", ""),
    "costs_months.csv": ("costs_table", "costs", 4, 3, 1, 0, 0, "2026-10-01", "2026-12-31", "RUB"),
    "cut_off.csv": ("ga4_traffic", "traffic", 2, 1, 0, 1, 0, "2026-10-01", "2026-10-01", ""),
    "direct_cp1251.csv": ("yandex_direct", "ads", 5, 2, 1, 2, 0, "2026-10-01", "2026-10-31", "RUB"),
    "direct_tabs.csv": ("yandex_direct", "ads", 2, 1, 1, 0, 0, "2026-10-01", "2026-10-01", "RUB"),
    "ga4_explore.csv": ("ga4_traffic", "traffic", 3, 2, 1, 0, 0, "2026-10-01", "2026-10-31", ""),
    "google_ads_commas.csv": ("google_ads", "ads", 3, 2, 1, 0, 0, "2026-03-27", "2026-04-25", "USD"),
    "google_ads_utf16.csv": ("google_ads", "ads", 5, 2, 3, 0, 0, "2026-10-01", "2026-10-03", "USD"),
    "hubspot_deals.csv": ("hubspot_deals", "leads", 3, 3, 0, 0, 0, "2026-03-08", "2026-10-01", ""),
    "market_quarters.csv": ("market_table", "market", 3, 3, 0, 0, 0, "2026-04-01", "2026-09-30", "RUB"),
    "meta_ads_ru.csv": ("meta_ads", "ads", 2, 1, 1, 0, 0, "2026-10-01", "2026-10-01", "USD"),
    "metrika_robots.csv": ("metrika_robots", "traffic", 3, 2, 1, 0, 0, "2026-10-01", "2026-10-01", ""),
    "metrika_sources.csv": ("metrika_sources", "traffic", 5, 3, 1, 1, 0, "2026-10-01", "2026-10-02", ""),
    "own_orders_thousands.csv": ("orders_table", "orders", 4, 3, 0, 1, 0, "2026-10-03", "2026-10-31", "USD"),
    "shopify_orders.csv": ("shopify_orders", "orders", 6, 3, 0, 1, 2, "2026-11-01", "2026-11-01", "USD"),
    "survey_day_first.csv": ("google_forms_survey", "survey", 3, 3, 0, 0, 0, "2026-10-03", "2026-10-31", ""),
    "tasks.csv": ("tasks_table", "tasks", 3, 3, 0, 0, 0, "2026-10-30", "2026-10-31", ""),
    "tiktok_nan.csv": ("tiktok_overview", "social", 2, 2, 0, 0, 0, "2026-10-01", "2026-10-02", ""),
    "unclosed_quote.csv": ("vk_ads", "ads", 3, 2, 0, 1, 0, "2026-10-01", "2026-10-03", "RUB"),
    "vk_ads_bom.csv": ("vk_ads", "ads", 3, 1, 1, 1, 0, "2026-10-01", "2026-10-02", "RUB"),
    "vk_community.csv": ("vk_community", "social", 1, 1, 0, 0, 0, "2026-10-01", "2026-10-01", ""),
}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_rows_are_accounted_for(name: str) -> None:
    reading = read(name)
    assert reading.reason == ""
    table = reading.tables[0]
    counts = (table.rows_in, table.used, table.totals, table.rejected, table.continued)
    assert (table.layout, table.table, *counts, str(table.start), str(table.end), table.currency) == ACCOUNTS[name]
    balances(table)


def balances(table: TableReading) -> None:
    """Every row is used, a total, rejected or continues another, and the used ones are in the frame."""
    assert table.rows_in == table.used + table.totals + table.rejected + table.continued
    if table.rows_in:  # else one problem says that there are no rows
        assert sum("without this cell" not in problem.reason for problem in table.problems) == table.rejected
    if table.table != "actions":  # one row may hold several actions
        assert len(table.frame) == table.used - table.set_aside - table.doubled - table.repeated - table.yielded


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir() if path.suffix not in (".py", "")))
def test_every_file_is_read_to_its_last_row_or_refused_in_one_line(name: str) -> None:
    reading = read(name)
    if name in REFUSED:
        said = reading.reason or " ".join(reading.left_out)
        assert reading.tables == () and REFUSED[name] in said and "\n" not in said
        return
    assert reading.reason == ""
    assert any(table.used for table in reading.tables) == (name not in WHOLLY_REJECTED)
    for table in reading.tables:
        balances(table)
        assert table.known > 0 and table.platform and (table.start is not None or not table.used)


def test_every_refused_file_is_there() -> None:
    assert [name for name in (*REFUSED, *WHOLLY_REJECTED) if not (FOLDER / name).is_file()] == []


def test_a_quotation_mark_that_is_never_closed_costs_its_row_alone() -> None:
    table = read("unclosed_quote.csv").tables[0]
    [problem] = table.problems
    assert (problem.line, problem.reason) == (3, "a quotation mark in this row is never closed")
    assert problem.row == ("02.10.2026", '"vk', "1", "1", "1,5")
    assert table.frame["date"].dt.day.tolist() == [1, 3] and table.sums["spend"] == 3


def test_rejected_rows_name_line_column_value_reason_and_remedy() -> None:
    problems = read("direct_cp1251.csv").tables[0].problems
    found = [(problem.line, problem.column, problem.value) for problem in problems]
    assert found == [(10, "Показы", "12O"), (11, "День", "")]
    assert all(problem.reason and problem.remedy for problem in problems)
    assert read("metrika_sources.csv").tables[0].problems[0].value == "< 10%"
    too_long = read("own_orders_thousands.csv").tables[0].problems[0]
    assert too_long.reason == "the row has more cells than there are headings"


def test_campaigns_may_hold_delimiters_quotes_and_line_breaks() -> None:
    assert first("direct_cp1251.csv")["campaign"].tolist() == ['Люстры; бра "Свет"', "Поиск Бренд"]
    assert first("google_ads_utf16.csv")["campaign"].tolist() == ["Brand | Search", 'Gifts "2026"']
    assert first("direct_tabs.csv")["campaign"].tolist() == ["Итого по лампам"]


def test_numbers_are_read_as_they_are_meant() -> None:
    assert first("direct_cp1251.csv")["impressions"].tolist() == [11111, 1234]
    assert first("direct_cp1251.csv")["spend"].tolist() == [30000, 1238.5]
    assert first("google_ads_commas.csv")["impressions"].tolist() == [1309, 1250]
    assert first("google_ads_commas.csv")["spend"].tolist() == [1010.65, 88.1]
    assert first("costs_months.csv")["amount"].tolist() == [250000, 1500, -100]
    assert first("market_quarters.csv")["sales"].tolist() == pytest.approx([12.4e6, 1020.75e6, 20e6])
    assert first("own_orders_thousands.csv")["revenue"].tolist() == [1250.5, 99.5]


def test_what_is_missing_stays_missing() -> None:
    frame = first("tiktok_nan.csv")
    assert np.isnan(frame["reach"][0]) and np.isnan(frame["views"][1]) and frame["followers"].isna().all()
    assert np.isnan(first("google_ads_utf16.csv")["platform_conversions"][1])
    assert "platform_revenue" not in read("vk_ads_bom.csv").tables[0].sums


def test_rates_become_counts_again() -> None:
    assert first("metrika_sources.csv")["bounces"].tolist() == [143, 3, 151]
    assert first("ga4_explore.csv")["bounces"].tolist() == [30, 20]


def test_goal_columns_become_rows() -> None:
    actions = read("metrika_sources.csv").tables[1]
    assert (actions.table, actions.used, actions.rejected) == ("actions", 4, 0)
    assert set(actions.frame["action"]) == {"Заявка: телефон, чат"} and actions.frame["count"].sum() == 13


def test_channels_follow_from_sources() -> None:
    assert first("metrika_sources.csv")["channel"].tolist() == ["yandex_direct", "direct", "referral"]
    assert first("amocrm_cp1251.csv")["channel"].tolist() == ["yandex_direct", "unknown", "neizvestno", "social"]
    assert first("costs_months.csv")["channel"].fillna("").tolist() == ["", "organic_search", "yandex_direct"]
    assert first("hubspot_deals.csv")["channel"].tolist() == ["organic_search", "google_ads", "Offline Sources"]


def test_a_lead_is_qualified_not_or_not_yet() -> None:
    assert first("amocrm_cp1251.csv")["qualified"].tolist() == [True, True, False, pd.NA]
    assert first("amocrm_cp1251.csv")["won"].tolist() == [True, pd.NA, False, pd.NA]
    assert first("hubspot_deals.csv")["qualified"].tolist() == [True, False, pd.NA]


def test_line_items_voided_orders_refunds_and_offsets() -> None:
    table = read("shopify_orders.csv").tables[0]
    assert (table.set_aside, table.continued, len(table.frame)) == (1, 2, 2)
    assert table.frame["revenue"].tolist() == [40, 20]
    assert table.frame["ordered_at"].astype(str).tolist() == ["2026-11-01 07:30:00+03:00"] * 2
    assert table.frame["lead_id"].fillna("").tolist() == ["77", ""]
    assert first("own_orders_thousands.csv")["order_id"].tolist() == ["0001", "0002"]


def test_robots_are_counted_and_people_are_no_robots() -> None:
    frame = first("metrika_robots.csv")
    assert frame["robot_visits"].tolist() == [0, 10] and frame["visits"].isna().all()


def test_answers_of_a_survey() -> None:
    frame = first("survey_day_first.csv")
    assert frame["aware_unaided"].tolist() == [True, False, False]
    assert frame["aware_aided"].tolist() == [True, False, False]
    assert frame["answered_at"].dt.strftime("%m-%d").tolist() == ["10-31", "10-03", "10-04"]
    assert frame["recommend"].fillna(-1).tolist() == [10, -1, -1]
    assert read("survey_day_first.csv").tables[0].problems[0].value == "11"


def test_seconds_kinds_and_followers() -> None:
    assert first("chats_cr.csv")["answer_seconds"].fillna(-1).tolist() == [12, -1, -1]
    assert first("chats_cr.csv")["answered"].tolist() == [True, False, pd.NA]
    assert first("calls_cp1251.csv")["wait_seconds"].tolist() == [8, 82]
    assert first("tasks.csv")["kind"].tolist() == ["creative", "research", "Тексты"]
    assert first("vk_community.csv")["followers_before"].tolist() == [8240]
