"""Layouts: the kit's own are sound, a wrong one is named with its file and key, and a new one is one file."""

import re
from pathlib import Path

import pandas as pd
import pytest

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Layout, list_layouts, read_exports, read_file
from kpi_helpers.exports.headings import read_heading
from kpi_helpers.exports.layout_file import FOLDER, read_layout
from kpi_helpers.language import LANGUAGES, _, use_language
from kpi_helpers.terms import MEASURES, TABLES

GOOD = """
name = "Mine"
platform = "mine"
get = "Mine > Export"
[recognise]
headings = ["Day", "Money"]
[ads]
date = "Day"
spend = "Money"
"""


def test_the_kits_layouts_are_sound_and_fill_every_table_that_has_a_source() -> None:
    layouts = list_layouts()
    assert len(layouts) == len(list(FOLDER.glob("*.toml"))) > 15
    filled = {table for layout in layouts for table in layout.tables}
    asked_for = {key for key, table in TABLES.items() if table.source}
    assert filled == asked_for | {"search_queries"}
    assert "search_queries" not in {measure.table for measure in MEASURES.values()}  # so no KPI waits for it
    for layout in layouts:
        assert layout.name and layout.get and (layout.required or layout.shapes)
        assert bool(layout.tables) != bool(layout.unused)
        assert all(TABLES[key].date in columns for key, columns in layout.tables.items())


def test_no_platform_is_named_in_code() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.parent.glob("*.py")).casefold()
    platforms = {layout.platform for layout in list_layouts()} - {"own_table", "call_tracking"}
    assert [name for name in platforms if re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[ads]", "[adds]"), "unknown key adds. Did you mean ads"),
        (("spend =", "spent ="), "unknown key ads.spent. Did you mean spend?"),
        (('spend = "Money"', "spend = 5"), "ads.spend = 5 is not allowed"),
        (('spend = "Money"', 'spend = { heading = "Money", scaled = 2 }'), "unknown key ads.spend.scaled"),
        (('spend = "Money"', 'spend = { heading = "Money", scale = "x" }'), "ads.spend.scale = 'x' is not allowed"),
        (('spend = "Money"', 'spend = { formula = "a * b", where = { a = "A" } }'), "ads.spend.where"),
        (('spend = "Money"', 'spend = { formula = "a ** b", where = { a = "A" } }'), "ads.spend.formula"),
        (('spend = "Money"', 'spend = { heading = "Money", extract = "(" }'), "ads.spend.extract"),
        (('spend = "Money"', 'spend = { heading = "Money", when = { heading = "A" } }'), "ads.spend.when"),
        (('spend = "Money"', "spend = {}"), "ads.spend"),
        (('["Day", "Money"]', '"Day"'), "headings = 'Day' is not allowed"),
        (('["Day", "Money"]', "[]"), "recognise.headings"),
        (('name = "Mine"', ""), "name = None is not allowed"),
        (("[recognise]", "[recognise"), "cannot be read"),
        (("[recognise]", "[rows]\ntotal = []\n[recognise]"), "unknown key rows.total"),
    ],
)
def test_a_wrong_layout_is_named_with_its_file_and_key(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(KitError) as caught:
        read_layout(path)
    assert str(caught.value).startswith("mine.toml") and said in str(caught.value)


def test_a_companys_own_layout_is_one_file_beside_its_exports(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("Day,Money\n2026-10-01,5.5\n")
    assert "Headings found: Day, Money." in read_exports(tmp_path).files[0].reason
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "mine.toml").write_text(GOOD)
    exports = read_exports(tmp_path)
    assert [file.reason for file in exports.files] == [""]
    assert exports.tables["ads"]["spend"].tolist() == [5.5] and exports.tables["ads"]["platform"].tolist() == ["mine"]


def test_the_nearest_layout_is_named_with_what_it_misses(tmp_path: Path) -> None:
    path = tmp_path / "google.csv"
    path.write_text("Campaign,Day,Clicks,Impr.,Spent\nBrand,2026-10-01,5,50,1.5\n")
    reason = read_file(path, Company()).reason
    assert "Nearest: Google Ads: campaigns; it also needs Cost." in reason
    path.write_text("Дата;Сумма заказа;Покупатель;Телефон;Город\n01.10.2026;5;а;1;Тверь\n")
    assert "Nearest: Orders: your own table; it also needs Order number. Export" in read_file(path, Company()).reason
    path.write_text("Colour,Size,Shape\nred,5,round\n")
    assert "Nearest" not in read_file(path, Company()).reason
    path.write_text("Timestamp,How are you?\n2026-10-01 10:00:00,Fine\n")
    assert "name its questions in company.toml" in read_file(path, Company()).reason


@pytest.mark.parametrize(
    ("pattern", "heading", "fits"),
    [
        ("Расход, ₽ | Расход, руб. *", "расход, руб. с ндс", True),
        ("Счёт", "счет", True),
        ("Amount spent ({currency})", "amount spent (usd)", True),
        ("Amount spent ({currency})", "amount spent (per day)", False),
        ("CTR (all)", "ctr (all)", True),
        ("Cost", "cost / conv.", False),
        ("Сумма{, currency}", "сумма", True),
        ("Сумма{, currency}", "сумма, руб.", True),
        ("Сумма{, currency}", "сумма (₽)", True),
        ("Сумма{, currency}", "сумма, %", False),
        ("Сумма{, currency}", "сумма скидки", False),
    ],
)
def test_headings(pattern: str, heading: str, fits: bool) -> None:
    assert read_heading(pattern).fits(heading) is fits


def test_a_heading_that_is_missed_is_named_without_signs_and_in_the_readers_language() -> None:
    heading = read_heading("Сумма{, currency} | Сумма* | Amount spent ({currency}) | Revenue*")
    assert str(heading) == "Amount spent"
    use_language("ru")
    try:
        assert str(heading) == "Сумма"
    finally:
        use_language("en")


# what stands under a heading; a heading that is not here takes a text
CELLS = {
    "order number": "1", "номер заказа": "1", "date": "2026-10-01", "дата": "01.10.2026", "month": "2026-10",
    "месяц": "октябрь 2026", "amount": "5.5", "сумма": "5,5", "margin": "2", "маржа": "2", "period": "2026-09",
    "период": "сентябрь 2026", "sales": "7", "продажи": "7", "due": "2026-10-05", "срок": "05.10.2026",
    "done": "2026-10-04", "выполнено": "04.10.2026", "accepted": "Yes", "принято": "Да", "rating": "5", "оценка": "5",
    "created at": "2026-10-01", "дата создания": "01.10.2026", "date and time": "2026-10-01 10:00",
    "дата и время": "01.10.2026 10:00", "qualified": "Yes", "квалифицирован": "Да", "answered": "Yes", "отвечен": "Да",
    "touched at": "2026-10-01 10:00", "дата касания": "01.10.2026 10:00", "scale": "5", "шкала": "5",
    "aware unaided": "Yes", "знание без подсказки": "Да", "aware aided": "No", "знание с подсказкой": "Нет",
    **dict.fromkeys((
        "impressions", "показы", "clicks", "клики", "cost", "расход", "visits", "визиты", "visitors", "посетители",
        "leads", "лиды", "qualified leads", "квалифицированные лиды",
        "page views", "views", "просмотры", "bounces", "количество отказов", "reach", "охват", "count", "количество",
        "wait", "ожидание", "first answer", "первый ответ", "followers", "подписчики", "new followers",
        "новые подписчики", "lost followers", "отписавшиеся", "reactions", "реакции", "comments", "комментарии",
        "shares", "репосты", "average position", "средняя позиция", "recommend", "рекомендация", "satisfied",
        "удовлетворённость",
    ), "4"),
}  # fmt: skip
OWN_TABLES = [layout for layout in list_layouts() if layout.platform == "own_table"]
OF_NO_COLUMN = {"status", "статус", "task", "задача", "source", "источник"}  # a source of sales is for people


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("layout", OWN_TABLES, ids=lambda layout: layout.key)
def test_the_headings_that_an_own_table_is_asked_for_are_those_it_is_read_by(
    tmp_path: Path, layout: Layout, lang: str
) -> None:
    use_language(lang)
    try:
        asked = re.sub(r" \(.*\)", "", _(layout.get).split("columns " if lang == "en" else "столбцами: ")[1])
    finally:
        use_language("en")
    headings = asked.split(", ")
    (tmp_path / "own.csv").write_text("\n".join(";".join(row) for row in (
        headings, [CELLS.get(heading, heading) for heading in headings]
    )) + "\n")  # fmt: skip
    [table] = read_exports(tmp_path).files[0].tables
    assert (table.layout, table.used, table.problems) == (layout.key, 1, ())
    unread = {heading for heading in headings if not any(known.fits(heading.casefold()) for known in layout.headings)}
    assert unread <= OF_NO_COLUMN


@pytest.mark.parametrize(
    "headings",
    [
        "Номер;Дата;Клиент;Источник;Сумма, ₽;Маржа, ₽;Сделка;Статус",
        "Заказ;Дата заказа;Покупатель;Канал;Выручка;Валовая прибыль;Лид;Статус",
        "ID заказа;Дата;ID клиента;Источник;Сумма заказа (руб.);Маржа (руб.);ID сделки;Статус заказа",
        "Order;Date;Customer;Source;Amount (USD);Margin;Deal;Status",
        "Order ID;Order date;Customer ID;Channel;Revenue;Gross profit;Lead ID;Order status",
        "Number;Date;Buyer;Channel;Total, USD;Margin, USD;Lead;Status",
    ],
)
def test_everyday_headings_of_orders(tmp_path: Path, headings: str) -> None:
    (tmp_path / "own.csv").write_text(f"{headings}\n1;2026-10-01;Ann;email;10;4;7;Done\n2;2026-10-01;;;1;1;;Отменён\n")
    [order] = read_exports(tmp_path).tables["orders"].to_dict("records")
    expected = {"order_id": "1", "channel": "email", "revenue": 10, "margin": 4, "lead_id": "7"}
    assert {name: order[name] for name in expected} == expected
    assert pd.notna(order["customer_id"])


def test_a_long_heading_is_shown_so_that_it_can_be_copied(tmp_path: Path) -> None:
    question = "How likely are you to recommend our furniture to a friend or a colleague?"
    (tmp_path / "survey.csv").write_text(f"Timestamp,{question},{question * 2}\n2026-10-01 10:00,9,8\n")
    reason = read_exports(tmp_path).files[0].reason
    assert f"Timestamp, {question}, " in reason and "…" in reason and question * 2 not in reason
