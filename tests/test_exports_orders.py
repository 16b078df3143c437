"""Orders and rows that a layout weighs: what counts as one order, and which numbers cannot be."""

import re
from pathlib import Path

import pytest

from kpi_helpers.exports import Exports, double_sources, read_exports, unknown_channels

ORDERS = "Order number,Order date,Customer,Product,Amount,Margin\n"
SHOP = "Name,Email,Financial Status,Total,Created at,Lineitem quantity,Refunded Amount,Cancelled at\n"
METRIKA = "Date of visit,Traffic source,Sessions,Users,Bounce rate,Percentage of new users\n"
GA4 = "Date,Session source / medium,Sessions,Engaged sessions\n"


def fill(folder: Path, **files: str) -> Exports:
    for name, text in files.items():
        (folder / (name + (".toml" if name == "company" else ".csv"))).write_text(text, encoding="utf-8")
    return read_exports(folder)


def test_the_lines_of_an_order_are_one_order(tmp_path: Path) -> None:
    lines = "1,2026-10-01,c,lamp,10,4\n1,2026-10-01,c,shade,5,1\n2,2026-10-01,d,lamp,10,4\n2,2026-10-01,d,bulb,1,\n"
    exports = fill(tmp_path, orders=ORDERS + lines + "3,2026-10-02,e,lamp,10,4\n3,2026-10-02,e,lamp,10,4\n")
    table, orders = exports.files[0].tables[0], exports.tables["orders"]
    assert orders["revenue"].tolist() == [15, 11, 10]
    assert orders["margin"].fillna(-1).tolist() == [5, -1, 4]
    assert (table.rows_in, table.used, table.continued, table.doubled, table.rejected) == (6, 4, 2, 1, 0)
    assert table.sums["revenue"] == 36


def test_an_order_number_of_two_customers_or_days_is_a_problem(tmp_path: Path) -> None:
    lines = "1,2026-10-01,c,lamp,10,4\n1,2026-10-01,d,lamp,5,1\n1,2026-10-02,c,lamp,6,1\n1,2025-10-02,c,lamp,7,1\n"
    exports = fill(tmp_path, orders=ORDERS + lines)
    assert exports.tables["orders"]["revenue"].tolist() == [7, 10]
    table = exports.files[0].tables[0]
    assert [(problem.line, problem.column, problem.value) for problem in table.problems] == [
        (3, "Order number", "1"), (4, "Order number", "1"),
    ]  # fmt: skip
    assert (table.used, table.rejected) == (2, 2)


def test_an_order_repeated_exactly_counts_once_beside_another_of_its_number(tmp_path: Path) -> None:
    lines = "1,2026-10-01,c,lamp,10,4\n1,2026-10-01,c,lamp,10,4\n1,2026-10-02,d,lamp,5,1\n"
    exports = fill(tmp_path, orders=ORDERS + lines)
    table = exports.files[0].tables[0]
    assert exports.tables["orders"]["revenue"].tolist() == [10]
    assert (table.used, table.doubled, table.continued, table.rejected) == (2, 1, 0, 1)


def test_orders_that_nobody_paid_or_that_were_cancelled_do_not_count(tmp_path: Path) -> None:
    states = ("paid", "partially_paid", "partially_refunded", "refunded", "pending", "authorized", "expired", "voided")
    rows = "".join(f"#{number},c,{state},10,2026-10-01,1,0,\n" for number, state in enumerate(states))
    rows += "#9,c,paid,10,2026-10-01,1,0,2026-10-02\n#10,c,refunded,9,2026-10-01,1,9,\n"
    exports = fill(tmp_path, shop=SHOP + rows)
    assert exports.tables["orders"]["order_id"].tolist() == ["#0", "#1", "#2", "#3", "#10"]
    assert exports.tables["orders"]["revenue"].tolist() == [10, 10, 10, 10, 0]
    assert exports.files[0].tables[0].set_aside == 5


def test_an_impossible_share_or_count_is_rejected(tmp_path: Path) -> None:
    rows = "2026-10-01,Direct traffic,100,80,0.2,0.5\n2026-10-02,Direct traffic,100,80,20,0.5\n"
    rows += "2026-10-03,Direct traffic,100,80,0.2,-1\n"
    table = fill(tmp_path, metrika=METRIKA + rows).files[0].tables[0]
    assert table.frame["bounces"].tolist() == [20, 20] and table.rejected == 1
    assert table.frame["new_visits"].fillna(-1).tolist() == [40, -1]
    assert [(problem.line, problem.column) for problem in table.problems] == [
        (3, "Bounce rate"), (4, "Percentage of new users"),
    ]  # fmt: skip


def test_more_engaged_sessions_than_sessions_cannot_be(tmp_path: Path) -> None:
    table = fill(tmp_path, ga=GA4 + "20261001,google / cpc,10,4\n20261002,google / cpc,10,14\n").files[0].tables[0]
    [problem] = table.problems
    assert (problem.line, problem.column, problem.value) == (3, "Sessions / Engaged sessions", "10 / 14")
    assert "below zero" in problem.reason and table.frame["bounces"].tolist() == [6]


@pytest.mark.parametrize("amount", ["9e99", "1e16", "99999999999999999"])
def test_no_amount_is_astronomical(tmp_path: Path, amount: str) -> None:
    exports = fill(tmp_path, orders=f"{ORDERS}1,2026-10-01,c,lamp,{amount},\n2,2026-10-01,c,lamp,1.5E3,\n")
    assert exports.tables["orders"]["revenue"].tolist() == [1500]


def test_the_markets_shares_need_the_companys_name_in_the_table(tmp_path: Path) -> None:
    market = "Period,Company,Sales\n2026-10,Acme,10\n2026-10,Other,30\n"
    exports = fill(tmp_path, company='[market]\ncompany = "acme"', market=market)
    assert exports.tables["market"]["own"].tolist() == [True, False]
    assert fill(tmp_path, company='[market]\ncompany = "Akme"').tables["market"]["own"].isna().all()


def test_sources_are_spelled_alike_and_name_nobody(tmp_path: Path) -> None:
    sources = ("Radio", "radio", "Radio", "EMAIL", "anna@example.com", "call +7 (900) 123-45-67")
    rows = "".join(f"{number},2026-10-01,{source},1\n" for number, source in enumerate(sources))
    exports = fill(tmp_path, orders="Order number,Order date,Source,Amount\n" + rows)
    assert exports.tables["orders"]["channel"].tolist()[:4] == ["Radio", "Radio", "Radio", "email"]
    hidden = {re.sub("…[0-9a-f]{8}", "…", name): rows for name, rows in unknown_channels(exports).items()}
    assert hidden == {"Radio": 3, "…": 1, "call …": 1}


def test_two_sources_of_the_same_days_are_named(tmp_path: Path) -> None:
    exports = fill(tmp_path, metrika=METRIKA + "2026-10-02,Direct traffic,100,80,0.2,0.5\n",
                   ga=GA4 + "20261001,google / cpc,10,4\n20261003,google / cpc,10,4\n",
                   shop=SHOP + "#1,c,paid,10,2026-10-01,1,0,\n",
                   orders=ORDERS + "1,2026-11-01,c,lamp,9,\n")  # fmt: skip
    assert double_sources(exports) == [
        "Google Analytics 4: traffic acquisition and Yandex Metrica: traffic sources both cover "
        "2 October 2026: counted twice. Leave one of them in the folder."
    ]
    own = "1,2026-09-01,c,lamp,10,\n2,2026-11-01,c,lamp,10,\n"
    assert len(double_sources(fill(tmp_path, orders=ORDERS + own))) == 2


def test_a_survey_alone_asks_for_its_questions(tmp_path: Path) -> None:
    questions = "Timestamp,Do you know us?,Would you recommend us?,How old are you?\n10/01/2026 10:00:00,Yes,9,30\n"
    [file] = fill(tmp_path, survey=questions).files
    assert file.reason.endswith("name its questions in company.toml, section [survey].")


@pytest.mark.parametrize(
    ("heading", "vat"),
    [("Сумма, руб. с НДС", "included"), ("Сумма без НДС", "excluded"), ("Amount excl. VAT", "excluded"), ("Total", "")],
)
def test_headings_say_whether_vat_is_in_the_amounts(tmp_path: Path, heading: str, vat: str) -> None:
    exports = fill(tmp_path, orders=f'Order number,Order date,"{heading}"\n1,2026-10-01,5\n')
    assert exports.files[0].tables[0].vat == vat


def test_lines_of_equal_amount_are_added_where_amounts_are_of_lines(tmp_path: Path) -> None:
    lines = "1,2026-10-01,c,lamp,500,\n1,2026-10-01,c,chair,500,\n2,2026-10-01,d,a,500,\n2,2026-10-01,d,b,300,\n"
    exports = fill(tmp_path, orders=ORDERS + lines)
    assert exports.tables["orders"]["revenue"].tolist() == [1000, 800]
    (tmp_path / "orders.csv").write_text(ORDERS + "".join(lines.splitlines(keepends=True)[:2]))
    assert read_exports(tmp_path).tables["orders"]["revenue"].tolist() == [500]  # told on each line of the order


def test_an_order_with_the_same_line_twice_beside_another_keeps_both(tmp_path: Path) -> None:
    exports = fill(tmp_path, orders=ORDERS + "1,2026-10-01,c,lamp,5,\n1,2026-10-01,c,lamp,5,\n1,2026-10-01,c,bed,9,\n")
    assert exports.tables["orders"]["revenue"].tolist() == [19]
