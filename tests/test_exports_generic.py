"""Plain tables without a platform: canonical names or everyday words as headings, in either language."""

import io
from pathlib import Path

import pandas as pd
import pytest

from kpi_helpers.company import Company
from kpi_helpers.exports import FileReading, layout_file, list_layouts, read_file
from kpi_helpers.exports.channels import default_channels, find_channels
from kpi_helpers.exports.layout import Rule
from kpi_helpers.terms import TABLES

FOLDER = Path(__file__).parent / "exports"
COMPANY = Company(
    timezone="Europe/Moscow", qualified_stages=("Квал",), won_stages=("Продажа",), lost_stages=("Отказ",)
)  # fmt: skip

# layout: tables of one or two rows, and of the first row what must come out (days as text)
TABLES_OF_PEOPLE: dict[str, list[tuple[str, dict[str, object]]]] = {
    "ads_table": [
        ("Дата;Кампания;Показы;Расход\n01.10.2026;Весна;1000;1500,50\n",
         {"date": "2026-10-01", "platform": "own_table", "channel": "paid_other", "campaign": "Весна",
          "impressions": 1000, "spend": 1500.5}),
        ("date,campaign,impressions,clicks,cost\n2026-10-01,Spring,1000,10,15.5\n",
         {"campaign": "Spring", "impressions": 1000, "clicks": 10, "spend": 15.5}),
        ("date,platform,channel,campaign,impressions,clicks,spend,platform_conversions,platform_revenue\n"
         "2026-10-01,vk_ads,vk_ads,Spring,1000,10,15.5,2,100\n",
         {"platform": "vk_ads", "channel": "vk_ads", "spend": 15.5, "platform_conversions": 2,
          "platform_revenue": 100}),
        ("Месяц;Канал;Расход, руб.\nоктябрь 2026;Яндекс Директ;1500,50\n",
         {"since": "2026-10-01", "date": "2026-10-31", "channel": "yandex_direct", "spend": 1500.5}),
        ("date,source,campaign_name,impr,clicks,spend\n2026-10-01,vk,Spring,1000,10,15.5\n",
         {"channel": "vk_ads", "campaign": "Spring", "impressions": 1000, "clicks": 10, "spend": 15.5}),
        ("Дата;Кампания;Показов;Кликов;Расход\n01.10.2026;Весна;1000;10;15,5\n",
         {"impressions": 1000, "clicks": 10, "spend": 15.5}),
        ("date,campaign,imps,link clicks,total cost\n2026-10-01,Spring,1000,10,15.5\n",
         {"impressions": 1000, "clicks": 10, "spend": 15.5}),
        ("date,campaign,shows,clicks,amount spent\n2026-10-01,Spring,1000,10,15.5\n",
         {"impressions": 1000, "spend": 15.5}),
        ("Date,Campaign,Impr.,Clicks,Cost\n2026-10-01,Spring,1000,10,15.5\n", {"platform": "own_table", "spend": 15.5}),
        ("Дата;Кампания;Показы;Клики;Потрачено\n01.10.2026;Весна;1000;10;15,5\n",
         {"platform": "own_table", "channel": "paid_other", "spend": 15.5}),
        ("Дата;Площадка;Показы;Израсходовано, руб.\n01.10.2026;VK Реклама;1000;15,5\n",
         {"channel": "vk_ads", "spend": 15.5}),
        ("Дата;Кампания;Показы;Заказы;Расход;Сумма\n01.10.2026;Весна;1000;2;15,5;900\n", {"spend": 15.5}),
        ("Дата;Кампания;Клики;Расход без НДС;Расход с НДС\n01.10.2026;Весна;10;100;120\n", {"spend": 120}),
        ("Дата;Кампания;Клики;Расход с НДС;Расход без НДС\n01.10.2026;Весна;10;120;100\n", {"spend": 120}),
        ("Date,Campaign,Clicks,Cost excl. VAT,Cost incl. VAT\n2026-10-01,Spring,10,100,120\n", {"spend": 120}),
    ],
    "ads_amount_table": [
        ("Дата;Кампания;Показы;Клики;CTR;Стоимость\n01.10.2026;Весна;1000;10;1%;15,5\n",
         {"platform": "own_table", "campaign": "Весна", "impressions": 1000, "clicks": 10, "spend": 15.5}),
        ("Дата;Кампания;Клики;Сумма\n01.10.2026;Весна;10;15,5\n", {"clicks": 10, "spend": 15.5}),
        ("Дата;Канал;Показы;Бюджет, руб.\n01.10.2026;vk;1000;15,5\n", {"channel": "vk_ads", "spend": 15.5}),
        ("Date,Campaign,Impressions,Clicks,Amount\n2026-10-01,Spring,1000,10,15.5\n", {"spend": 15.5}),
        ("Дата;Кампания;Клики;Стоимость без НДС;Стоимость с НДС\n01.10.2026;Весна;10;100;120\n", {"spend": 120}),
    ],
    "traffic_table": [
        ("Дата;Источник;Канал;Визиты;Посетители\n01.10.2026;google;organic;10;9\n",
         {"channel": "organic_search", "visits": 10, "visitors": 9}),
        ("date,channel,visits,new_visits,page_views,bounces,robot_visits\n2026-10-01,google / cpc,10,4,30,3,1\n",
         {"channel": "google_ads", "visits": 10, "new_visits": 4, "page_views": 30, "bounces": 3, "robot_visits": 1}),
        ("date,source,medium,sessions,bounces\n2026-10-01,google,organic,10,3\n",
         {"channel": "organic_search", "visits": 10, "bounces": 3}),
        ("Date,Sessions,Users,Pageviews\n2026-10-01,10,9,30\n", {"visits": 10, "visitors": 9, "page_views": 30}),
        ("Дата;Сеансы;Пользователи\n01.10.2026;10;9\n", {"visits": 10, "visitors": 9}),
        ("Date,Sessions\n2026-10-01,10\n", {"visits": 10}),
        ("Дата;Визиты;Уникальные посетители\n01.10.2026;10;9\n", {"visits": 10, "visitors": 9}),
        ("Дата;Источник;Посещения\n01.10.2026;vk;10\n", {"channel": "social", "visits": 10}),
    ],
    "audience_table": [
        ("Месяц;Посетители\nоктябрь 2026;900\n", {"start": "2026-10-01", "end": "2026-10-31", "visitors": 900}),
        ("start,end,visitors,reach\n2026-10-01,2026-10-31,900,1500\n",
         {"start": "2026-10-01", "end": "2026-10-31", "visitors": 900, "reach": 1500}),
    ],
    "counts_table": [
        ("Дата;Лиды\n01.10.2026;5\n", {"created_at": "2026-10-01", "leads": 5}),
        ("Дата;Источник;Заявки;Квалифицированные\n01.10.2026;vk;5;2\n",
         {"channel": "social", "leads": 5, "qualified_leads": 2}),
        ("Дата;Звонки;Пропущенные\n01.10.2026;5;2\n",
         {"received_at": "2026-10-01", "calls": 5, "calls_missed": 2}),
        ("Дата;Канал;Количество звонков;Принято\n01.10.2026;email;5;2\n",
         {"channel": "email", "calls": 5, "calls_missed": 3}),
        ("Date,Leads\n2026-10-01,5\n", {"created_at": "2026-10-01", "leads": 5}),
        ("Date,Channel,Leads,Qualified leads\n2026-10-01,email,5,2\n",
         {"channel": "email", "leads": 5, "qualified_leads": 2}),
        ("Месяц;Заявки\nоктябрь 2026;50\n", {"since": "2026-10-01", "created_at": "2026-10-31", "leads": 50}),
        ("Дата;Источник;Кол-во заявок;Кол-во продаж;Выручка\n01.10.2026;vk;5;1;100\n", {"leads": 5}),
    ],
    "actions_table": [
        ("Дата;Канал;Цель;Количество\n01.10.2026;Telegram;Подписка;7\n",
         {"channel": "messenger", "action": "Подписка", "count": 7}),
        ("date,channel,action,count\n2026-10-01,email,Download,7\n",
         {"channel": "email", "action": "Download", "count": 7}),
    ],
    "leads_table": [
        ("№;Дата;Имя;Телефон;Источник;Этап;Менеджер\n007;01.10.2026;Анна;+7 900 000-00-01;vk;Квал;Пётр\n",
         {"lead_id": "007", "created_at": "2026-10-01", "channel": "social", "stage": "Квал", "qualified": True,
          "manager": "Пётр"}),
        ("lead_id,created_at,channel,campaign,stage,qualified,won,closed_at,first_answer_at,manager,customer_id,amount"
         "\n1,2026-10-01 10:00,vk,,new,yes,no,,2026-10-01 10:05,Ann,c1,100\n",
         {"lead_id": "1", "qualified": True, "won": False, "first_answer_at": "2026-10-01", "amount": 100}),
    ],
    "leads_list_table": [
        ("Дата;Имя;Телефон;Источник;Статус\n01.10.2026;Анна;+7 900 000-00-01;vk;Отказ\n",
         {"created_at": "2026-10-01", "channel": "social", "stage": "Отказ", "qualified": False}),
    ],
    "orders_table": [
        ("Номер заказа;Дата;Сумма\n0001;01.10.2026;100\n",
         {"order_id": "0001", "ordered_at": "2026-10-01", "revenue": 100}),
        ("order_id,customer_id,ordered_at,channel,revenue,margin,lead_id\n1,c1,2026-10-01,vk,100,40,7\n",
         {"order_id": "1", "channel": "social", "revenue": 100, "margin": 40, "lead_id": "7"}),
        ("Дата;Номер чека;Сумма;Покупатель\n01.10.2026;0007;100;Анна\n",
         {"order_id": "0007", "ordered_at": "2026-10-01", "revenue": 100}),
        ("Дата оплаты;№ заказа;Стоимость;Email\n01.10.2026;1;100;anna@example.com\n",
         {"order_id": "1", "ordered_at": "2026-10-01", "revenue": 100}),
    ],
    "touches_table": [
        ("Дата касания;Источник;Канал;Кампания;ID сделки\n01.10.2026 10:00;google;organic;;7\n",
         {"touched_at": "2026-10-01", "channel": "organic_search", "lead_id": "7"}),
        ("touched_at,channel,campaign,lead_id,order_id\n2026-10-01 10:00,vk_ads,Spring,7,0001\n",
         {"channel": "vk_ads", "campaign": "Spring", "lead_id": "7", "order_id": "0001"}),
        ("Touched at,utm_source,utm_medium,utm_campaign,Order number\n2026-10-01,google,cpc,Spring,0001\n",
         {"channel": "google_ads", "campaign": "Spring", "order_id": "0001"}),
    ],
    "calls_table": [
        ("Дата и время;Источник;Отвечен;Ожидание, сек\n01.10.2026 10:00;vk;Нет;00:01:05\n",
         {"received_at": "2026-10-01", "channel": "social", "answered": False, "wait_seconds": 65}),
        ("Дата;Время;Источник;Отвечен;Ожидание, сек\n01.10.2026;23:59;vk;Да;5\n",
         {"received_at": "2026-10-01", "answered": True, "wait_seconds": 5}),
        ("received_at,channel,answered,wait_seconds\n2026-10-01 10:00,vk,yes,5\n",
         {"answered": True, "wait_seconds": 5}),
    ],
    "chats_table": [
        ("Дата и время;Источник;Первый ответ, сек;Отвечен\n01.10.2026 10:00;vk;5;Да\n",
         {"channel": "social", "answered": True, "answer_seconds": 5}),
        ("received_at,channel,answered,answer_seconds\n2026-10-01 10:00,vk,no,\n", {"answered": False}),
    ],
    "costs_table": [
        ("Месяц;Статья;Канал;Сумма\nоктябрь 2026;Контент;;100\n", {"kind": "Контент", "amount": 100}),
        ("date,kind,channel,amount\n2026-10-01,content,vk_ads,100\n",
         {"kind": "content", "channel": "vk_ads", "amount": 100}),
    ],
    "social_table": [
        ("Дата;Соцсеть;Подписчики;Новые подписчики;Отписавшиеся;Просмотры\n01.10.2026;ВКонтакте;100;7;2;1000\n",
         {"network": "vk", "followers": 100, "followers_before": 100 - 7 + 2, "views": 1000}),
        ("date,network,followers,followers_before,new_followers,lost_followers,reach,views,reactions,comments,shares\n"
         "2026-10-01,telegram,100,95,7,2,500,1000,10,2,1\n",
         {"network": "telegram", "followers_before": 95, "reach": 500, "reactions": 10, "comments": 2, "shares": 1}),
    ],
    "survey_table": [
        ("answered_at,segment,aware_unaided,aware_aided,recommend,satisfied\n2026-10-01,target,yes,no,9,5\n",
         {"segment": "target", "aware_unaided": True, "aware_aided": False, "recommend": 9, "satisfied": 5}),
        ("Date,Recommend,Weight\n2026-10-01,9,1.5\n", {"recommend": 9, "weight": 1.5}),
        ("Дата;Сегмент;Знание с подсказкой;Рекомендация\n01.10.2026;Нет;Да;10\n",
         {"segment": "other", "aware_aided": True, "recommend": 10}),
    ],
    "market_table": [
        ("Квартал;Компания;Продажи, млн руб.\n3 кв. 2026;Мы;1,5\n",
         {"period": "2026-09-30", "company": "Мы", "sales": 1.5e6}),
        ("Quarter,Company,Segment,Sales\nQ3 2026,Us,Web,5\n", {"company": "Us", "segment": "Web", "sales": 5}),
        ("period,company,sales\n2026-10,us,100\n", {"period": "2026-10-31", "company": "us", "sales": 100}),
    ],
    "tasks_table": [
        ("kind,assignee,due_at,done_at,accepted,rating\nresearch,Ann,2026-10-02,2026-10-01,yes,5\n",
         {"kind": "research", "due_at": "2026-10-02", "done_at": "2026-10-01", "accepted": True, "rating": 5}),
    ],
    "reviews_table": [
        ("Дата отзыва;Площадка;Оценка\n01.10.2026;2ГИС;4\n",
         {"reviewed_at": "2026-10-01", "source": "2ГИС", "rating": 4}),
        ("Date,Source,Rating,Scale\n2026-10-01,Guide,10,10\n", {"source": "Guide", "rating": 5}),
        ("reviewed_at,platform,stars\n2026-10-01,Google,1\n", {"source": "Google", "rating": 1}),
    ],
    "search_table": [
        ("Дата;Показы;Клики;Средняя позиция\n01.10.2026;1000;10;5,5\n",
         {"impressions": 1000, "clicks": 10, "position_points": 5500}),
    ],
}  # fmt: skip
CASES = [pytest.param(layout, *case, id=f"{layout}-{number}")
         for layout, cases in TABLES_OF_PEOPLE.items() for number, case in enumerate(cases)]  # fmt: skip


def read(data: bytes, folder: Path, name: str = "table.csv") -> FileReading:
    (folder / name).write_bytes(data)
    return read_file(folder / name, COMPANY)


def check(reading: FileReading, layout: str, expected: dict[str, object]) -> None:
    assert reading.reason == ""
    [table] = reading.tables
    assert (table.layout, table.rows_in, table.used, table.problems) == (layout, 1, 1, ())
    row = table.frame.iloc[0]
    for column, value in expected.items():
        assert (f"{row[column]:%Y-%m-%d}" if isinstance(row[column], pd.Timestamp) else row[column]) == value, column


@pytest.mark.parametrize(("layout", "text", "expected"), CASES)
def test_a_plain_table_is_read_by_its_headings(
    layout: str, text: str, expected: dict[str, object], tmp_path: Path
) -> None:
    check(read(text.encode(), tmp_path), layout, expected)


@pytest.mark.parametrize(("layout", "text", "expected"), CASES)
def test_as_excel_saves_it_and_as_a_workbook(
    layout: str, text: str, expected: dict[str, object], tmp_path: Path
) -> None:
    check(read(text.replace("\n", "\r\n").encode("cp1251"), tmp_path, "table.xls"), layout, expected)
    check(read(("\ufeff" + text).encode("utf-16-le"), tmp_path, "table.txt"), layout, expected)
    frame = pd.read_csv(io.StringIO(text), sep=";" if ";" in text else ",", dtype=str)
    frame.to_excel(tmp_path / "table.xlsx", index=False, engine="xlsxwriter")
    check(read((tmp_path / "table.xlsx").read_bytes(), tmp_path, "table.csv"), layout, expected)


def test_every_table_that_exports_fill_has_a_generic_layout() -> None:
    filled = {table for layout in list_layouts() if layout.generic for table in layout.tables}
    assert filled == {key for key, table in TABLES.items() if table.source}
    assert {layout.key for layout in list_layouts() if layout.platform == "own_table"} == set(TABLES_OF_PEOPLE)


def test_rows_totals_and_rejects_of_own_advertising() -> None:
    [table] = read_file(FOLDER / "own_ads_cp1251.csv", COMPANY).tables
    counts = (table.rows_in, table.used, table.totals, table.rejected, table.continued)
    assert (table.layout, *counts) == ("ads_table", 5, 3, 1, 1, 0)
    assert (str(table.start), str(table.end), table.currency) == ("2026-10-01", "2026-10-04", "")
    assert table.sums == {"impressions": 1000 + 2000, "clicks": 10 + 20 + 30, "spend": 1500.5 + 2500 - 3.25}
    assert table.frame["channel"].tolist()[:2] == ["yandex_direct", "vk_ads"]
    assert [(problem.line, problem.column, problem.value) for problem in table.problems] == [(5, "Показы", "12O")]


@pytest.mark.parametrize(
    ("name", "layout"),
    [("google_ads_commas.csv", "google_ads"), ("metrika_sources.csv", "metrika_sources"),
     ("amocrm_cp1251.csv", "amocrm_deals"), ("shopify_orders.csv", "shopify_orders")],
)  # fmt: skip
def test_a_platforms_own_layout_comes_first(name: str, layout: str) -> None:
    assert read_file(FOLDER / name, COMPANY).tables[0].layout == layout


@pytest.mark.parametrize(
    "text",
    [
        "Цвет;Размер;Форма\nкрасный;5;круг\n",
        "Дата;Температура\n01.10.2026;5\n",
        "Дата;Расход\n01.10.2026;5\n",  # of what?
        "Дата;Канал;Сумма\n01.10.2026;vk;5\n",  # spent or earned?
        "Дата;Статья;Сумма\n01.10.2026;Аренда офиса;5\n",  # of the whole company
        "Дата;Статья расходов;Сумма\n01.10.2026;Зарплата;5\n",
        "Date,Kind,Amount\n2026-10-01,Rent,5\n",
        "Дата;Источник;Кол-во продаж;Выручка\n01.10.2026;vk;1;100\n",  # counts, and no records
        "name,phone,city\nAnna,+79000000001,Tver\n",
    ],
)
def test_what_does_not_say_what_it_is_stays_unknown(text: str, tmp_path: Path) -> None:
    reading = read(text.encode(), tmp_path)
    assert reading.tables == () and "no layout fits" in reading.reason


def test_a_time_in_a_column_of_its_own(tmp_path: Path) -> None:
    for name, text in (
        ("calls.csv", "Date,Time,Source,Answered,Wait\n2026-10-01,9:05,vk,yes,5\n"),
        ("chats.csv", "Дата;Время;Источник;Первый ответ, сек\n01.10.2026;9:05:00;vk;5\n"),
    ):
        [table] = read(text.encode(), tmp_path, name).tables
        assert (table.used, table.problems, str(table.frame["received_at"][0])) == (1, (), "2026-10-01 09:05:00+03:00")


def test_days_and_views_do_not_say_whose_they_are(tmp_path: Path) -> None:
    reading = read(b"Date,Views\n2026-10-01,5\n", tmp_path)
    assert reading.tables == () and "does not say whose views" in " ".join((*reading.left_out, reading.reason))


@pytest.mark.parametrize("amount", ["Сумма", "Сумма, руб.", "Amount"])
def test_an_amount_beside_orders_may_be_what_they_brought(amount: str, tmp_path: Path) -> None:
    reading = read(f"Дата;Кампания;Показы;Клики;Заказы;{amount}\n01.10.2026;Весна;1000;10;2;900\n".encode(), tmp_path)
    assert reading.tables == () and "no layout fits" in reading.reason


def test_cancelled_orders_do_not_count_whatever_their_column_is_called(tmp_path: Path) -> None:
    rows = "1;01.10.2026;100;Оплачен\n2;01.10.2026;50;Отменён\n3;02.10.2026;30;возвращен\n"
    for status in ("Состояние", "Состояние заказа", "Статус"):
        [table] = read(f"Номер заказа;Дата заказа;Сумма;{status}\n{rows}".encode(), tmp_path).tables
        assert (table.used, table.set_aside, table.sums) == (3, 2, {"orders": 1, "revenue": 100}), status


@pytest.mark.parametrize("heading", ["Customer email", "Email клиента", "Телефон покупателя", "E-mail"])
def test_customers_are_known_by_their_address(heading: str, tmp_path: Path) -> None:
    rows = "1,2026-10-01,a@example.com,100\n2,2026-10-02,A@example.com,50\n3,2026-10-02,b@example.com,10\n"
    [table] = read(f"Order number,Date,{heading},Amount\n{rows}".encode(), tmp_path).tables
    assert table.frame["customer_id"].nunique() == 2 and "example" not in table.frame.to_csv()


def test_marketing_costs_need_a_channel_or_the_word_itself(tmp_path: Path) -> None:
    for headings in ("Дата;Статья;Канал;Сумма", "Дата;Статья затрат на маркетинг;Город;Сумма",
                     "Месяц;Вид затрат;Город;Затраты на маркетинг, руб."):  # fmt: skip
        [table] = read(f"{headings}\n01.10.2026;Контент;;100\n".encode(), tmp_path).tables
        assert (table.layout, table.sums, table.frame["kind"][0]) == ("costs_table", {"other_costs": 100}, "Контент")


def test_every_key_of_the_language_is_documented() -> None:
    told = (layout_file.FOLDER / "README.md").read_text(encoding="utf-8")
    of_rules = set(Rule.__dataclass_fields__) - {"first", "channel"}
    of_layouts = {"name", "platform", "get", "currency", "yields_to", "unused", "headings", "without", "preamble",
                  "questions", "generic", "shapes", "totals", "total_where_empty", "last_is_total", "repeats", "keep",
                  "continued_where_empty", "continues", "each", "source", "medium", "campaign"}  # fmt: skip
    assert [key for key in sorted(of_rules | of_layouts) if f"`{key}" not in told and f"\n{key} = " not in told] == []


@pytest.mark.parametrize(
    ("source", "medium", "channel"),
    [("tiktok", "cpc", "tiktok_ads"), ("TikTok Ads", "", "tiktok_ads"), ("tiktok", "paid_social", "tiktok_ads"),
     ("tiktok", "social", "social"), ("linkedin", "cpc", "linkedin_ads"), ("LinkedIn Ads", "", "linkedin_ads"),
     ("linkedin", "social", "social"), ("bing", "cpc", "microsoft_ads"), ("bing", "organic", "organic_search"),
     ("Microsoft Ads", "", "microsoft_ads"), ("Microsoft Advertising", "cpc", "microsoft_ads"),
     ("bing / cpc", "", "microsoft_ads")],
)  # fmt: skip
def test_channels_of_their_own(source: str, medium: str, channel: str) -> None:
    parts = [pd.Series([text]) for text in (source, medium, "")]
    assert find_channels(*parts, default_channels()).tolist() == [channel]


def test_people_are_hidden(tmp_path: Path) -> None:
    text = TABLES_OF_PEOPLE["leads_table"][0][0]
    [table] = read(text.encode(), tmp_path).tables
    assert "900" not in table.frame.to_csv() and "Анна" not in table.frame.to_csv()
    assert table.frame["customer_id"].notna().all()


def test_a_cost_of_a_quarter_is_of_no_month(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text(
        "Month,Cost item,Channel,Amount\nQ3 2026,Agency,google,3000\nSeptember 2026,Agency,google,1000\n"
    )
    [table] = read_file(tmp_path / "costs.csv", COMPANY).tables
    assert (table.sums, table.rejected) == ({"other_costs": 1000}, 1)
    [problem] = table.problems
    assert (problem.line, problem.reason) == (2, "speaks of several months as a whole")


def test_a_cost_of_a_week_counts_on_its_first_day(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text(
        "Week,Cost item,Channel,Amount\n2026-09-28 - 2026-10-04,Design,,100\n2026-10-05 - 2026-10-11,Design,,100\n"
    )
    [table] = read_file(tmp_path / "costs.csv", COMPANY).tables
    assert table.sums == {"other_costs": 200} and table.frame["date"].dt.day.tolist() == [28, 5]


def test_orders_that_were_taken_back_or_never_paid_do_not_count(tmp_path: Path) -> None:
    states = ["Completed", "Returned", "Chargeback", "Failed", "Pending payment", "Не оплачен", "Shipped"]
    rows = "".join(f"{n},2026-10-0{n},b{n}@x.example,{n},{state}\n" for n, state in enumerate(states, 1))
    (tmp_path / "orders.csv").write_text("Order ID,Order date,Email,Total,Status\n" + rows)
    [table] = read_file(tmp_path / "orders.csv", COMPANY).tables
    assert (table.used, table.set_aside, table.sums) == (7, 5, {"orders": 2, "revenue": 8})


@pytest.mark.parametrize("state", ["Refund", "Return", "Chargeback", "Возврат"])
def test_a_row_that_takes_money_back_counts_whatever_its_status_is(state: str, tmp_path: Path) -> None:
    rows = "1,2026-10-01,a@x.example,100,Completed\n2,2026-10-02,b@x.example,-30,{}\n3,2026-10-03,c@x.example,50,{}\n"
    (tmp_path / "orders.csv").write_text("Order ID,Order date,Email,Total,Status\n" + rows.format(state, state))
    [table] = read_file(tmp_path / "orders.csv", COMPANY).tables
    assert (table.used, table.set_aside, table.sums["revenue"]) == (3, 1, 70)
