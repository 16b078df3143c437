"""CRM, calls, chats, orders and payments: small files with the traps of each source, and what must come out of them."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from kpi_helpers.company import Company
from kpi_helpers.exports import FileReading, TableReading, read_exports, read_file
from kpi_helpers.exports.layout_file import list_layouts

FOLDER = Path(__file__).parent / "exports"
SAMPLE = Path(__file__).parent.parent / "data" / "sample"
COMPANY = Company(timezone="Europe/Moscow", lost_stages=("Закрыто и не реализовано",))
PLATFORMS = {
    "amocrm", "bitrix24", "call_tracking", "comagic", "hubspot", "jivo", "mango", "shopify", "sipuni", "stripe",
    "woocommerce", "yookassa",
}  # fmt: skip

REFUNDS = "Идентификатор возврата;Идентификатор платежа;Сумма возврата;Валюта возврата\nr1;p1;5.00;RUB\n"
PAYOUTS = (
    "id,Amount,Created (UTC),Currency,Arrival Date (UTC),Status,Type\npo_1,10.00,2026-10-01 10:00,usd,,paid,card\n"
)
BALANCE = "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC)\ntxn_1,charge,ch_1,10.00,0.5,9.5,usd,2026-10-01 10:00\n"

# layout, table, rows in, used, totals, rejected, continued, set aside, start and end in 2026, currency
ACCOUNTS = {
    "amocrm_all_fields.csv": ("amocrm_deals", "leads", 5, 5, 0, 0, 0, 0, "10-01", "10-31", ""),
    "bitrix24_leads.csv": ("bitrix24_leads", "leads", 5, 4, 0, 1, 0, 0, "10-01", "10-02", "RUB"),
    "bitrix24_deals_cp1251.csv": ("bitrix24_deals", "leads", 4, 3, 0, 1, 0, 0, "10-01", "10-03", "RUB"),
    "calls_both_ways.csv": ("call_tracking", "calls", 6, 5, 1, 0, 0, 1, "10-01", "10-02", ""),
    "comagic_calls.csv": ("comagic_calls", "calls", 5, 5, 0, 0, 0, 1, "10-01", "10-31", ""),
    "hubspot_contacts.csv": ("hubspot_contacts", "leads", 6, 6, 0, 0, 0, 2, "10-01", "10-04", ""),
    "hubspot_pipelines.csv": ("hubspot_deals", "leads", 4, 4, 0, 0, 0, 0, "10-01", "10-03", ""),
    "mango_cp1251.csv": ("mango_calls", "calls", 5, 4, 0, 1, 0, 1, "10-01", "10-31", ""),
    "jivo_totals.csv": ("jivo_chats", "chats", 7, 5, 1, 1, 0, 0, "10-29", "10-31", ""),
    "shopify_statuses.csv": ("shopify_orders", "orders", 9, 7, 0, 0, 2, 3, "10-27", "11-01", "USD"),
    "sipuni_calls.csv": ("call_sipuni", "calls", 5, 5, 0, 0, 0, 2, "10-01", "10-02", ""),
    "stripe_charges.csv": ("stripe_payments", "orders", 3, 3, 0, 0, 0, 1, "10-01", "10-02", "EUR"),
    "stripe_unified.csv": ("stripe_payments", "orders", 7, 7, 0, 0, 0, 3, "10-01", "10-06", "USD"),
    "woocommerce_analytics.csv": ("woocommerce_analytics", "orders", 4, 4, 0, 0, 0, 1, "10-11", "10-12", "USD"),
    "woocommerce_orders.csv": ("woocommerce_orders", "orders", 4, 4, 0, 0, 0, 1, "10-05", "10-07", "RUB"),
    "woocommerce_products.csv": ("woocommerce_orders", "orders", 4, 3, 0, 0, 1, 1, "10-08", "10-09", ""),
    "yookassa_day.csv": ("yookassa_payments", "orders", 4, 2, 2, 0, 0, 0, "10-13", "10-13", "RUB"),
    "yookassa_register_cp1251.csv": ("yookassa_payments", "orders", 7, 5, 2, 0, 0, 0, "10-12", "10-12", "RUB"),
}  # fmt: skip
SUMS = {
    "amocrm_all_fields.csv": {"leads": 5}, "bitrix24_leads.csv": {"leads": 4},
    "bitrix24_deals_cp1251.csv": {"leads": 3}, "hubspot_contacts.csv": {"leads": 4},
    "hubspot_pipelines.csv": {"leads": 4}, "calls_both_ways.csv": {"calls": 4}, "mango_cp1251.csv": {"calls": 3},
    "jivo_totals.csv": {"chats": 5},
    "comagic_calls.csv": {"calls": 4}, "sipuni_calls.csv": {"calls": 3},
    "shopify_statuses.csv": {"orders": 4, "revenue": 1265.05},  # 35 + (40.10 - 10.05) + 0 + 1200
    "stripe_charges.csv": {"orders": 2, "revenue": 1399},  # 399 + (1250.50 - 250.50)
    "stripe_unified.csv": {"orders": 4, "revenue": 166.33},  # 100 + (55 - 22) + 0 + 33.33
    "woocommerce_analytics.csv": {"orders": 3, "revenue": 1339},  # 1299 + 40 + 0
    "woocommerce_orders.csv": {"orders": 3, "revenue": 6300.49},  # 5300.50 + 0 + 999.99
    "woocommerce_products.csv": {"orders": 2, "revenue": 35},  # 35 + 0
    "yookassa_day.csv": {"orders": 2, "revenue": 1500},
    "yookassa_register_cp1251.csv": {"orders": 5, "revenue": 16501.92},  # 2 + 0.02 + 15499.90 + 500 + 500
}  # fmt: skip
PERSON = re.compile(r"@|000\D*123|555\D*016|примеров|образцов|\b(?:ann|bob|dan|emma|jo|rita)\b")
# of the files of other tests: those that these layouts read
OTHERS = {
    "web_page_leads.xls": "bitrix24_leads",
    "amocrm_cp1251.csv": "amocrm_deals", "amocrm_sdelki.csv": "amocrm_deals", "calls_cp1251.csv": "call_tracking",
    "zvonki.csv": "call_tracking", "chats_cr.csv": "jivo_chats", "chaty_jivo.csv": "jivo_chats",
    "hubspot_deals.csv": "hubspot_deals", "shopify_orders.csv": "shopify_orders",
    "woocommerce_items.csv": "woocommerce_orders",
}  # fmt: skip


def read(name: str) -> FileReading:
    return read_file(FOLDER / name, COMPANY)


def table_of(name: str) -> TableReading:
    return read(name).tables[0]


def first(name: str) -> pd.DataFrame:
    return table_of(name).frame


def check(name: str, reading: FileReading) -> None:
    assert reading.reason == "" and len(reading.tables) == 1
    table = reading.tables[0]
    counts = (table.rows_in, table.used, table.totals, table.rejected, table.continued, table.set_aside)
    assert (
        table.layout,
        table.table,
        *counts,
        f"{table.start:%m-%d}",
        f"{table.end:%m-%d}",
        table.currency,
    ) == ACCOUNTS[name]
    assert table.rows_in == table.used + table.totals + table.rejected + table.continued
    assert table.sums == pytest.approx(SUMS[name], abs=1e-9)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_rows_are_accounted_for(name: str) -> None:
    check(name, read(name))


@pytest.mark.parametrize("name", ACCOUNTS)
def test_saved_again_by_excel_in_russia(name: str, tmp_path: Path) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([[in_russia(cell) for cell in row] for row in cells(name)])
    path = tmp_path / "Книга1.xls"
    path.write_bytes(out.getvalue().encode("cp1251", "replace"))
    check(name, read_file(path, COMPANY))


@pytest.mark.parametrize("name", ACCOUNTS)
def test_saved_as_a_workbook(name: str, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    with xlsxwriter.Workbook(path) as book:
        for number, row in enumerate(cells(name)):
            book.worksheets()[0].write_row(number, 0, row) if number else book.add_worksheet().write_row(0, 0, row)
    check(name, read_file(path, COMPANY))


@pytest.mark.parametrize("name", ACCOUNTS)
def test_inside_an_archive(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "exports.zip", "w") as archive:
        archive.write(FOLDER / name, name)
    (tmp_path / "company.toml").write_text('timezone = "Europe/Moscow"\n', encoding="utf-8")
    readings = [reading for reading in read_exports(tmp_path).files if reading.tables]
    assert [reading.tables[0].layout for reading in readings] == [ACCOUNTS[name][0]]
    assert readings[0].tables[0].sums == pytest.approx(SUMS[name], abs=1e-9)


def cells(name: str) -> list[list[str]]:
    """The file's cells as they stand."""
    data = (FOLDER / name).read_bytes()
    text = data.decode("cp1251" if "cp1251" in name else "utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if text.count(";") > text.count(",") else ","))


def in_russia(cell: str) -> str:
    """A cell as Excel in Russia writes it: 31.10.2026 9:05 and 1234,5."""
    if day := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?: 0?(\d+:\d\d)(?::\d\d)?)?", cell):
        return f"{day[3]}.{day[2]}.{day[1]}" + (f" {day[4]}" if day[4] else "")
    return cell.replace(".", ",") if re.fullmatch(r"\d+\.\d+", cell) else cell


@pytest.mark.parametrize(
    ("text", "layout", "amount"),
    [("ID,Lead title,Lead budget,Date Created,Lead stage,Responsible\n"
      "1,Lamp,100,01.10.2026 10:00:00,Closed - won,Ann\n2,Lamp,50,02.10.2026 10:00:00,Closed - lost,Ann\n",
      "amocrm_deals", 150),
     ("ID,Stage,Deal Name,Income,Currency,Source,Responsible,Created\n"
      "1,Deal won,Lamp,100,USD,Web,Ann,10/30/2026 10:00:00 am\n2,Deal lost,Lamp,50,USD,Web,Ann,10/31/2026 1:00:00 pm\n",
      "bitrix24_deals", 150)],
)  # fmt: skip
def test_deals_of_english_programs(text: str, layout: str, amount: float, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(text, encoding="utf-8")
    [table] = read_file(tmp_path / "deals.csv", COMPANY).tables
    assert (table.layout, table.rows_in, table.used, table.sums) == (layout, 2, 2, {"leads": 2})
    assert table.frame["won"].tolist() == [True, False] and table.frame["amount"].sum() == amount
    assert table.frame["manager"].tolist() == ["Ann", "Ann"]


def test_leads_of_bitrix24_in_english(tmp_path: Path) -> None:
    text = ("ID,Status,Lead Name,Work Phone,Total,Currency,Source,Responsible,Created\n"
            "1,Good lead,Lamp,+1 555 000-00-01,100,USD,Web,Ann,10/30/2026 10:00:00 am\n"
            "2,Junk lead,Lamp,,,USD,Web,Ann,10/31/2026 1:00:00 pm\n")  # fmt: skip
    (tmp_path / "leads.csv").write_text(text, encoding="utf-8")
    [table] = read_file(tmp_path / "leads.csv", COMPANY).tables
    assert (table.layout, table.used, table.currency) == ("bitrix24_leads", 2, "USD")
    assert table.frame["qualified"].tolist() == [True, False]
    assert table.frame["customer_id"].notna().tolist() == [True, False]


def test_no_person_is_shown() -> None:
    for name in [*ACCOUNTS, "woocommerce_items.csv"]:
        table = table_of(name)
        people = table.frame.pop("customer_id") if "customer_id" in table.frame else pd.Series(dtype="str")
        assert people.dropna().str.fullmatch("[0-9a-f]{16}").all()
        said = [f"{problem.column} {problem.value} {problem.reason}" for problem in table.problems]
        shown = " ".join(said + table.frame.select_dtypes("str").fillna("").to_numpy().ravel().tolist()).casefold()
        assert not PERSON.search(shown), name


def test_the_same_person_is_the_same_however_written() -> None:
    amo = first("amocrm_all_fields.csv")["customer_id"]
    bitrix = first("bitrix24_leads.csv")["customer_id"]
    assert amo[0] == amo[1] == bitrix[0] == bitrix[1]  # '+7 (000) …, '8000…, +7 000 …, 8 (000) …
    files = ("shopify_statuses.csv", "stripe_unified.csv", "stripe_charges.csv")
    assert len({first(name)["customer_id"][0] for name in files}) == 1  # ann@ and Ann@


def test_amocrm_all_fields() -> None:
    deals = first("amocrm_all_fields.csv")
    assert deals["lead_id"].tolist() == ["000201", "000202", "000203", "000204", "000205"]
    assert deals["channel"].tolist() == ["yandex_direct", "Рекомендация", "social", "unknown", "direct"]
    assert deals["won"].tolist() == [True, pd.NA, False, pd.NA, pd.NA]
    assert deals["closed_at"].notna().tolist() == [True, False, True, False, False]  # "не закрыта"
    assert deals["amount"].fillna(-1).tolist() == [27680, 1500, -1, 0, -1]
    problem = table_of("amocrm_all_fields.csv").problems[0]
    assert (problem.line, problem.column, problem.value) == (7, "Бюджет", "много")  # a cell above has two lines


def test_bitrix24_leads() -> None:
    leads = first("bitrix24_leads.csv")
    assert leads["stage"].tolist() == ["Не обработан", "Качественный лид", "Некачественный лид", "В работе"]
    assert leads["qualified"].tolist() == [pd.NA, True, False, pd.NA]
    assert leads["won"].tolist() == [pd.NA, pd.NA, False, pd.NA]
    assert leads["channel"].tolist() == ["yandex_direct", "Звонок", "Электронная почта", "vk_ads"]
    assert leads["amount"].fillna(-1).tolist() == [-1, 12500, 0, 1200.5]
    assert table_of("bitrix24_leads.csv").problems[0].column == "Дата создания"


def test_bitrix24_deals() -> None:
    deals = first("bitrix24_deals_cp1251.csv")
    assert deals["won"].tolist() == [True, False, pd.NA]
    assert deals["closed_at"].dt.strftime("%d.%m").fillna("").tolist() == ["20.10", "21.10", ""]  # 30.11 is a plan
    assert deals["amount"].fillna(-1).tolist() == [1234.5, 2000, -1]
    assert table_of("bitrix24_deals_cp1251.csv").problems[0].value == "04.10.2026 25:00:00"


def test_hubspot_deals_of_several_pipelines() -> None:
    deals = first("hubspot_pipelines.csv")
    assert deals["stage"].tolist()[1:3] == ["Closed lost", "Signed (Renewals)"]
    assert deals["won"].tolist() == [True, False, True, pd.NA]
    assert deals["qualified"].tolist() == [True, False, pd.NA, pd.NA]
    assert deals["closed_at"].notna().tolist() == [True, True, True, False]
    assert deals["amount"].fillna(-1).tolist() == [1250, 110, 300.5, -1]  # in the company's currency
    own = Company(qualified_stages=("Signed (Renewals)", "Appointment Scheduled"))
    deals = read_file(FOLDER / "hubspot_pipelines.csv", own).tables[0].frame
    assert deals["qualified"].tolist() == [True, False, True, True]


def test_hubspot_contacts() -> None:
    leads = first("hubspot_contacts.csv")
    assert leads["lead_id"].tolist() == ["10001", "10002", "10003", "10006"]  # not who only reads the news
    assert leads["qualified"].tolist() == [pd.NA, True, False, True]
    assert leads["won"].tolist() == [pd.NA, True, False, pd.NA]
    assert leads["created_at"].dt.strftime("%d.%m").tolist() == ["01.10", "02.10", "03.10", "04.10"]
    assert leads["channel"].tolist() == ["organic_search", "google_ads", "email", "referral"]


def test_calls() -> None:
    calls = first("calls_both_ways.csv")
    assert calls["answered"].tolist() == [True, False, pd.NA, False]  # the company's own call is not among them
    assert calls["wait_seconds"].fillna(-1).tolist() == [12, 41, -1, 65]
    assert calls["channel"].tolist() == ["organic_search", "yandex_direct", "vk_ads", "direct"]
    assert [problem.value for problem in table_of("calls_both_ways.csv").problems] == ["Переадресован"]


def test_calls_of_comagic_and_sipuni() -> None:
    calls = first("comagic_calls.csv")
    assert calls["answered"].tolist() == [True, False, False, pd.NA]
    assert calls["wait_seconds"].fillna(-1).tolist() == [12, 41, 62, -1]  # 00:01:02
    assert calls["channel"].tolist() == ["yandex_direct", "unknown", "yandex_direct", "yandex_direct"]
    assert first("sipuni_calls.csv")["answered"].tolist() == [True, False, True]
    assert first("sipuni_calls.csv")["wait_seconds"].fillna(-1).tolist() == [9, -1, 15]


def test_calls_of_mango_have_their_time_in_a_column_of_its_own() -> None:
    calls = first("mango_cp1251.csv")
    assert calls["received_at"].dt.strftime("%d %H:%M:%S").tolist() == ["01 09:05:07", "01 23:59:59", "31 00:00:01"]
    assert calls["answered"].tolist() == [True, False, False]  # "–" and 00:00:00: nobody talked
    assert [problem.line for problem in table_of("mango_cp1251.csv").problems] == [6]


def test_calls_of_mango_without_the_length_of_the_talk_are_not_missed(tmp_path: Path) -> None:
    text = "Дата;Время;Кто звонил;Кому звонили\n01.10.2026;9:05:07;70001234567;Отдел продаж\n"
    (tmp_path / "calls.csv").write_text(text, encoding="utf-8")
    [table] = read_file(tmp_path / "calls.csv", COMPANY).tables
    assert (table.layout, table.sums) == ("mango_calls", {"calls": 1}) and table.frame["answered"].isna().all()


def test_chats() -> None:
    chats = first("jivo_totals.csv")
    assert chats["answered"].tolist() == [True, True, False, False, True]
    assert chats["answer_seconds"].fillna(-1).tolist() == [7, 65, -1, -1, -1]
    found = [(problem.line, problem.value) for problem in table_of("jivo_totals.csv").problems]
    assert found == [(6, "скоро"), (7, "29.13.2026 10:00:00")]


def test_shopify_orders() -> None:
    orders = first("shopify_statuses.csv")
    assert orders["order_id"].tolist() == ["#1009", "#1008", "#1007", "#1004"]
    assert orders["revenue"].tolist() == pytest.approx([35, 30.05, 0, 1200])
    assert orders["ordered_at"].astype("str")[0] == "2026-11-01 04:00:00+03:00"  # 31 October in New York
    assert orders["channel"].tolist() == ["google_ads", "unknown", "unknown", "unknown"]
    assert orders["customer_id"].notna().all()  # one has a telephone number alone


def test_woocommerce_orders_with_a_row_for_each_item(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes((FOLDER / "woocommerce_items.csv").read_bytes())
    orders = read_exports(tmp_path).tables["orders"]
    assert orders["order_id"].tolist() == ["0071", "0072", "0073"]
    assert orders["revenue"].tolist() == pytest.approx([35, 50, 0])  # the order's total stands in each of its rows


def test_woocommerce_channels_and_guests() -> None:
    orders = first("woocommerce_orders.csv")
    assert orders["channel"].tolist() == ["yandex_direct", "unknown", "direct"]
    assert orders["customer_id"].notna().tolist() == [True, False, False]  # customer 0 is whoever has no account
    assert first("woocommerce_analytics.csv")["channel"].tolist() == ["organic_search", "direct", "referral"]


def test_stripe_payments() -> None:
    payments = first("stripe_unified.csv")
    assert payments["order_id"].tolist() == ["ch_0001", "ch_0002", "py_0003", "ch_0007"]
    assert payments["revenue"].tolist() == pytest.approx([100, 33, 0, 33.33])  # 50 EUR were 55 USD
    assert payments["channel"].tolist() == ["google_ads", "unknown", "unknown", "direct"]
    assert payments["margin"].isna().all()  # what Stripe leaves after its fee is no margin
    assert first("stripe_charges.csv")["lead_id"].fillna("").tolist() == ["77", ""]


@pytest.mark.parametrize("heading", ["Created (UTC)", "Created date (UTC)"])
def test_stripe_s_clock_is_utc(tmp_path: Path, heading: str) -> None:
    text = f"id,{heading},Amount,Amount Refunded,Currency,Status\nch_1,2026-10-31 22:30:00,10.00,0,usd,Paid\n"
    (tmp_path / "payments.csv").write_text(text)
    [table] = read_file(tmp_path / "payments.csv", COMPANY).tables
    assert table.frame["ordered_at"].astype("str")[0] == "2026-11-01 01:30:00+03:00"  # in Moscow it is November


def test_two_exports_of_the_same_woocommerce_orders_count_once(tmp_path: Path) -> None:
    (tmp_path / "plugin.csv").write_text(
        "order_id,order_date,order_status,order_total\n7,2026-10-11,completed,100\n8,2026-10-12,completed,50\n"
    )
    (tmp_path / "analytics.csv").write_text(
        "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Net Sales\n"
        "2026-10-11 10:00:00,7,,completed,Ann,new,90\n2026-10-13 10:00:00,9,,completed,Ann,new,40\n"
    )
    orders = read_exports(tmp_path).tables["orders"]
    assert sorted(orders["order_id"]) == ["7", "8", "9"] and orders["revenue"].sum() == 100 + 50 + 40


def test_what_stripe_did_not_take_is_no_payment(tmp_path: Path) -> None:
    head, *rows = cells("stripe_unified.csv")
    captured = head.index("Captured")  # a column that can be left out of the export
    path = tmp_path / "payments.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row[:captured] + row[captured + 1 :] for row in [head, *rows]])
    taken = read_file(path, COMPANY).tables[0].frame["order_id"].tolist()
    assert taken == ["ch_0001", "ch_0002", "py_0003", "ch_0006", "ch_0007"]


def test_yookassa_register() -> None:
    payments = first("yookassa_register_cp1251.csv")
    assert payments["revenue"].tolist() == [2, 0.02, 15499.9, 500, 500]  # 2.00 and 0,02 in one file
    assert payments["ordered_at"].astype("str")[0] == "2026-10-12 00:00:59+03:00"
    assert payments["margin"].isna().all() and payments["order_id"].is_unique
    assert first("yookassa_day.csv")["ordered_at"].dt.strftime("%Y-%m-%d").tolist() == ["2026-10-13"] * 2


def test_currencies_are_not_mixed() -> None:
    reading = read("bitrix24_currencies.csv")
    assert all(table.frame["amount"].isna().all() for table in reading.tables)
    assert reading.tables or "RUB, USD" in reading.reason


@pytest.mark.parametrize(
    "text",
    [REFUNDS, PAYOUTS, BALANCE],
    ids=["refunds of YooKassa", "payouts of Stripe", "balance of Stripe"],
)
def test_other_registers_of_a_platform_are_no_orders(text: str, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    reading = read_file(path, COMPANY)
    assert reading.tables == () and reading.reason


@pytest.mark.parametrize(
    ("kept", "yielding", "leads"),
    [("bitrix24_leads.csv", "bitrix24_deals_cp1251.csv", 5), ("hubspot_pipelines.csv", "hubspot_contacts.csv", 5)],
)
def test_a_lead_counts_once(kept: str, yielding: str, leads: int, tmp_path: Path) -> None:
    """Of each pair the second counts on those days alone that the first does not cover: one lead in both."""
    for name in (kept, yielding):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    assert len(read_exports(tmp_path).tables["leads"]) == leads


def test_no_layout_takes_a_file_of_another_family() -> None:
    own = {layout.key for layout in list_layouts() if layout.platform in PLATFORMS}
    expected = OTHERS | {name: account[0] for name, account in ACCOUNTS.items()}
    files = [*FOLDER.glob("*.*"), *SAMPLE.glob("*/*.csv")]
    found = {path.name: {table.layout for table in read_file(path, COMPANY).tables} & own for path in files}
    del found["bitrix24_currencies.csv"]
    assert {name: layouts for name, layouts in found.items() if layouts} == {
        name: {layout} for name, layout in expected.items()
    }
