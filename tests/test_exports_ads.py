"""Exports of advertising: what each must give, with its traps, also after people have had it in hand."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from kpi_helpers.company import Company
from kpi_helpers.exports import FileReading, read_exports, read_file
from kpi_helpers.exports.layout_file import list_layouts
from kpi_helpers.exports.reading import TableReading

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests" / "exports"
COMPANY = Company(timezone="Europe/Moscow")
PLATFORMS = {"google_ads", "yandex_direct", "vk_ads", "meta_ads", "tiktok_ads", "linkedin_ads", "microsoft_ads"}
MINE = {layout.key for layout in list_layouts() if layout.platform in PLATFORMS}
SUMS = ("impressions", "clicks", "spend", "platform_conversions", "platform_revenue")
TIME_SERIES = "Time_series(2026.02.05-2026.02.08).csv"
DEVICES = "Devices(2026.02.05-2026.02.08).csv"

# layout; rows in, used, totals, rejected; start, end, currency, VAT; the sums, added up by hand from the file's rows
ACCOUNTS = {
    "google_ads_keywords.csv": ("google_ads_keywords", (6, 3, 3, 0), ("2026-10-01", "2026-10-31", "USD", ""),
                                (2015, 14, 1019.75, 1.5, 60)),
    "google_ads_search_terms.csv": ("google_ads_search_terms", (5, 3, 2, 0), ("2026-10-01", "2026-10-31", "USD", ""),
                                    (1110, 11, 15.75, 1, None)),
    "google_ads_ads.csv": ("google_ads_ad_groups", (4, 3, 1, 0), ("2026-09-01", "2026-10-31", "USD", ""),
                           (1209, 11, 15.5, None, None)),
    "google_ads_ru.csv": ("google_ads", (4, 2, 2, 0), ("2026-10-01", "2026-10-31", "RUB", ""),
                          (13309, 1056, 1098.75, 2.5, 5000)),
    "google_ads_manager.csv": ("google_ads_converted", (4, 3, 1, 0), ("2026-10-01", "2026-10-02", "USD", ""),
                               (1900, 19, 34.4, 1, None)),
    TIME_SERIES: ("google_ads_days", (4, 4, 0, 0), ("2026-02-05", "2026-02-08", "USD", ""),
                  (1400, 16, 1062, None, None)),
    DEVICES: ("google_ads_cards", (3, 3, 0, 0), ("2026-02-05", "2026-02-08", "USD", ""), (1400, 16, 1062, None, None)),
    "direct_report.xlsx": ("yandex_direct", (4, 3, 1, 0), ("2026-10-01", "2026-10-31", "RUB", ""),
                           (4500, 130, 7250.75, 6, 41000.5)),
    "direct_months.csv": ("yandex_direct", (4, 3, 1, 0), ("2026-09-01", "2026-10-31", "RUB", "excluded"),
                          (7100, 71, 3100.4, 3, None)),
    "direct_wizard_cp1251.csv": ("yandex_direct", (5, 3, 1, 1), ("2026-10-01", "2026-10-02", "RUB", "excluded"),
                                 (2600, 48, 2523.75, None, None)),
    "direct_queries.csv": ("yandex_direct_queries", (3, 2, 1, 0), ("2026-10-01", "2026-10-31", "RUB", ""),
                           (1030, 13, 515.5, 1, None)),
    "direct_api.tsv": ("yandex_direct_api", (4, 3, 1, 0), ("2026-10-01", "2026-10-02", "", ""),
                       (2200, 25, 1520.75, 3, 9000)),
    "vk_ads.xlsx": ("vk_ads", (4, 3, 1, 0), ("2026-10-01", "2026-10-02", "RUB", ""), (2300, 35, 300.75, 4, None)),
    "vk_ads_old.csv": ("vk_ads", (3, 2, 1, 0), ("2026-10-01", "2026-10-02", "RUB", ""), (2400, 18, 200, None, None)),
    "meta_ads_ru.xlsx": ("meta_ads", (5, 4, 1, 0), ("2026-10-01", "2026-10-31", "USD", ""),
                         (7700, 158, 91.25, 14, None)),
    "meta_ads_sets.csv": ("meta_ads_parts", (4, 3, 1, 0), ("2026-10-01", "2026-10-02", "EUR", ""),
                          (9300, 93, 45.75, 3, 150.5)),
    "tiktok_ads.csv": ("tiktok_ads", (4, 3, 1, 0), ("2025-10-31", "2025-11-01", "USD", ""),
                       (1010000, 1069, 1050, 2, None)),
    "linkedin_ads.csv": ("linkedin_ads", (3, 3, 0, 0), ("2026-10-01", "2026-10-03", "EUR", ""),
                         (13400, 50, 1086.5, 7, None)),
    "microsoft_ads.csv": ("microsoft_ads", (4, 3, 1, 0), ("2026-10-01", "2026-10-31", "EUR", ""),
                          (2700, 55, 25.55, 1, 60)),
}  # fmt: skip
OLDER = {"direct_cp1251.csv", "direct_tabs.csv", "google_ads_commas.csv", "google_ads_utf16.csv", "meta_ads_ru.csv",
         "vk_ads_bom.csv", "unclosed_quote.csv"}  # fmt: skip
SAMPLE = {"direct_kampanii.csv", "vk_ads.csv", "google_ads_campaigns.csv", "meta_ads.csv"}


def read(name: str) -> FileReading:
    return read_file(FOLDER / name, COMPANY)


def first(name: str) -> pd.DataFrame:
    return read(name).tables[0].frame


def read_text(tmp_path: Path, text: str, name: str = "export.csv", encoding: str = "utf-8") -> FileReading:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read_file(path, COMPANY)


def summed(table: TableReading) -> tuple[float | None, ...]:
    return tuple(table.sums.get(key) for key in SUMS)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_rows_sums_period_and_currency(name: str) -> None:
    reading = read(name)
    assert reading.reason == ""
    table = reading.tables[0]
    layout, rows, (start, end, currency, vat), sums = ACCOUNTS[name]
    assert (table.layout, table.table) == (layout, "ads")
    assert (table.rows_in, table.used, table.totals, table.rejected) == rows and table.continued == 0
    assert (str(table.start), str(table.end), table.currency, table.vat) == (start, end, currency, vat)
    assert summed(table) == pytest.approx(sums, nan_ok=True)
    assert len(table.problems) == table.rejected


@pytest.mark.parametrize("name", [name for name, account in ACCOUNTS.items() if account[1][2] and not account[1][3]])
def test_the_file_s_own_totals_agree(name: str) -> None:
    checks = read(name).tables[0].checks
    assert [check.measure for check in checks if not check.agrees] == []
    with_numbers = {"direct_api.tsv", "microsoft_ads.csv"}  # their last rows hold no numbers
    assert bool(checks) == (name not in with_numbers)


def test_no_layout_of_advertising_takes_another_family_s_file() -> None:
    every = (*FOLDER.glob("*.*"), *(ROOT / "data" / "sample").glob("*/*.csv"))
    files = [path for path in every if path.suffix != ".py"]
    taken = {path.name for path in files if {table.layout for table in read_file(path, COMPANY).tables} & MINE}
    assert taken == set(ACCOUNTS) | OLDER | SAMPLE


@pytest.mark.parametrize(
    "headings",
    ["Дата;Кампания;Показы;Расход", "День;Кампания;Показы;Клики;Расход", "Date;Campaign;Impressions;Clicks;Cost",
     "Дата;Показы;Клики;Расход", "date;campaign;impressions;clicks;spend",
     "Дата;Кампания;Показы;Клики;Расход, руб. с НДС", "Дата;Площадка;Показы;Расход, руб. с НДС",
     "Дата;Площадка;Кампания;Показы;Расход, ₽", "Дата;Площадка;Название кампании;Показы;Расход, руб. с НДС",
     "Дата;Рекламная система;Кампания;Показы;CTR, %;Расход, ₽", "Дата;Источник;Показы;CTR, %;Расход, ₽",
     "Дата;Площадка;Кампания;Показы;Клики;Потрачено, ₽", "Date;Platform;Campaign;Impr.;Clicks;Cost",
     "Date;Platform;Campaign;Impressions;Avg. CPC;Spend", "Date;Source;Impr.;Clicks;Cost",
     "Date;Channel;Campaign name;Impressions;Clicks (all);Cost"],
)  # fmt: skip
def test_a_plain_table_is_nobody_s_export(tmp_path: Path, headings: str) -> None:
    words = dict.fromkeys(("Площадка", "Рекламная система", "Источник", "Platform", "Source", "Channel"), "VK Реклама")
    cells = ["01.10.2026", *(words.get(heading, "5") for heading in headings.split(";")[1:])]
    [table] = read_text(tmp_path, f"{headings}\n{';'.join(cells)}\n").tables
    assert table.layout == "ads_table" and table.used == 1
    assert table.frame["channel"].tolist() == ["vk_ads" if "VK Реклама" in cells else "paid_other"]


@pytest.mark.parametrize(("headings", "layout"), [
    ("День,Название кампании,Показы,Клики,'Расход, руб. с НДС',Конверсии", "yandex_direct_statistics"),
    ("День,Название кампании,Показы,'Расход, руб. без НДС'", "yandex_direct_statistics"),
    ("День,№ кампании,Название кампании,Показы,'Расход, руб. с НДС'", "yandex_direct"),
    ("День,Название кампании,Показы,'CTR, %','Расход, руб. с НДС'", "yandex_direct"),
    ("День,Кампания,Показы,'Расход, ₽'", "yandex_direct"),
    ("День,№ кампании,Площадка,Показы,'Расход, ₽'", "yandex_direct_placements"),
])  # fmt: skip
def test_direct_is_known_by_its_own_words(tmp_path: Path, headings: str, layout: str) -> None:
    [names] = csv.reader([headings], quotechar="'")
    cells = ["01.10.2026" if name == "День" else "4" for name in names]
    [table] = read_text(tmp_path, f"{';'.join(names)}\n{';'.join(cells)}\n").tables
    assert (table.layout, table.sums["spend"]) == (layout, 4) and table.frame["channel"].tolist() == ["yandex_direct"]


@pytest.mark.parametrize("name", ["yandex_direct_statistics", "yandex_direct_placements", "yandex_direct_api"])
def test_what_direct_says_twice_counts_once(tmp_path: Path, name: str) -> None:
    others = {
        "yandex_direct_statistics": "День;Название кампании;Показы;Расход, руб. с НДС\n01.10.2026;А;10;7,00\n",
        "yandex_direct_placements": "День;№ кампании;Площадка;Показы;Расход, ₽\n01.10.2026;1;a.ru;6;3\n"
                                    "01.10.2026;1;b.ru;4;4\n",
        "yandex_direct_api": "Date\tCampaignName\tImpressions\tCost\n2026-10-01\tА\t10\t7000000\n",
    }  # fmt: skip
    (tmp_path / "other.csv").write_text(others[name], encoding="utf-8")
    assert read_exports(tmp_path).tables["ads"]["spend"].sum() == 7
    text = "День;№ кампании;Название кампании;Показы;Расход, ₽\n01.10.2026;1;А;10;7,00\n"
    (tmp_path / "campaigns.csv").write_text(text, encoding="utf-8")
    exports = read_exports(tmp_path)
    assert {table.layout for file in exports.files for table in file.tables} == {"yandex_direct", name}
    assert exports.tables["ads"]["spend"].sum() == 7


# What people do with a file


def _russian_cell(cell: str) -> str:
    """A cell as Excel writes it in Russia: 1,010.65 as 1010,65, 2026-10-01 and 10/31/2026 as 31.10.2026."""
    if found := re.fullmatch(r"(\d{4})[-/](\d\d)[-/](\d\d)", cell):
        return f"{found[3]}.{found[2]}.{found[1]}"
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", cell):
        return f"{int(found[2]):02}.{int(found[1]):02}.{found[3]}"
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+", cell):
        return cell.replace(",", "").replace(".", ",")
    return cell


def _resaved(name: str) -> bytes:
    """The file, saved again by Excel in Russia: `;`, cp1251, decimal commas, DD.MM.YYYY."""
    data = (FOLDER / name).read_bytes()
    text = data.decode("utf-16" if data[:2] == b"\xff\xfe" else "utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text else ","))
    width = max(map(len, rows))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([[*map(_russian_cell, row), *[""] * (width - len(row))] for row in rows])
    return out.getvalue().encode("cp1251")


@pytest.mark.parametrize(
    "name",
    ["google_ads_keywords.csv", "google_ads_search_terms.csv", "google_ads_ads.csv", "google_ads_manager.csv",
     "meta_ads_sets.csv", "tiktok_ads.csv", "linkedin_ads.csv", "microsoft_ads.csv"],
)  # fmt: skip
def test_excel_in_russia_saved_it_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(_resaved(name))
    again, table = read_file(path, COMPANY).tables[0], read(name).tables[0]
    assert (again.layout, again.used, again.totals) == (table.layout, table.used, table.totals)
    pd.testing.assert_frame_equal(again.frame, table.frame)


@pytest.mark.parametrize("name", ACCOUNTS)
@pytest.mark.parametrize("ending", [".txt", ".xls", ".csv", ".xlsx"])
def test_the_ending_of_the_name_means_nothing(tmp_path: Path, name: str, ending: str) -> None:
    path = tmp_path / f"{name.rpartition('.')[0]}{ending}"
    path.write_bytes((FOLDER / name).read_bytes())
    assert summed(read_file(path, COMPANY).tables[0]) == pytest.approx(ACCOUNTS[name][3], nan_ok=True)


def test_a_zip_of_all_of_them(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ads.zip", "w") as archive:
        for name in ACCOUNTS:
            archive.write(FOLDER / name, name)
    found = {file.file.removeprefix("ads.zip/"): file.tables for file in read_exports(tmp_path, currency="USD").files}
    in_dollars = {name for name, account in ACCOUNTS.items() if account[2][2] in ("USD", "")}
    assert {name for name, tables in found.items() if tables} == in_dollars
    assert all(found[name][0].layout == ACCOUNTS[name][0] for name in in_dollars)


# The same money told twice


@pytest.mark.parametrize(
    ("names", "spend"),
    [
        (("google_ads_keywords.csv", "google_ads_search_terms.csv"), 1019.75),  # the terms of the keywords
        ((TIME_SERIES, DEVICES), 1062),  # two cards of the same days
        (("vk_ads.xlsx",), 300.75),  # campaigns and ads on two sheets
    ],
)
def test_the_finer_and_the_coarser_report_do_not_add_up(tmp_path: Path, names: tuple[str, ...], spend: float) -> None:
    for name in names:
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    ads = read_exports(tmp_path).tables["ads"]
    assert ads["spend"].sum() == pytest.approx(spend)


def test_campaigns_win_over_ad_sets(tmp_path: Path) -> None:
    (tmp_path / "sets.csv").write_bytes((FOLDER / "meta_ads_sets.csv").read_bytes())
    (tmp_path / "campaigns.csv").write_text(
        "Campaign name,Day,Impressions,Link clicks,Amount spent (EUR)\n"
        "Prospecting,2026-10-01,4000,40,20.25\nProspecting,2026-10-02,3300,33,15.50\nTraffic,2026-10-02,2000,20,10.00\n"
    )
    exports = read_exports(tmp_path)
    assert exports.tables["ads"]["spend"].sum() == pytest.approx(45.75)
    yielded = {file.file: file.tables[0].yielded for file in exports.files}
    assert yielded == {"campaigns.csv": 0, "sets.csv": 1}  # two say what the campaigns do not


# Google Ads

LANGUAGES = {
    "German": (
        "Kampagnenbericht\n1. Oktober 2026 - 2. Oktober 2026\n"
        "Tag,Kampagne,Währungscode,Kosten,Impr.,Klicks,Conversions,Conv.-Wert\n"
        '2026-10-01,Lampen,EUR,"1.234,56","12.345",120,"3,00","1.300,00"\n'
        '2026-10-02,Lampen,EUR,"99,90",900,9,"0,50","0,00"\n'
        'Gesamt: Konto,--,EUR,"1.334,46","13.245",129,"3,50","1.300,00"\n',
        (13245, 129, 1334.46, 3.5, 1300), "EUR",
    ),
    "French": (
        'Rapport sur les campagnes\n"1 oct. 2026 - 2 oct. 2026"\n'
        'Jour;Campagne;Code de la devise;Coût;Impr.;Clics;Conversions\n'
        "2026-10-01;Lampes;CAD;12,34;1\u202f234;7;1,00\n2026-10-02;Lampes;CAD;1\u202f020,50;10\u202f500;88;2,50\n"
        "Total\u00a0: compte;--;CAD;1\u202f032,84;11\u202f734;95;3,50\n",
        (11734, 95, 1032.84, 3.5, None), "CAD",
    ),
    "Spanish": (
        "Informe de campañas\n1 de octubre de 2026 - 2 de octubre de 2026\n"
        "Día,Campaña,Código de moneda,Costo,Impr.,Clics,Conversiones,Valor de conv.\n"
        '2026-10-01,Lámparas,MXN,"1,010.50","2,000",20,2.00,500.00\n'
        'Total: Campañas,--,MXN,"1,010.50","2,000",20,2.00,500.00\n'
        'Total: Cuenta,--,MXN,"1,010.50","2,000",20,2.00,500.00\n',
        (2000, 20, 1010.5, 2, 500), "MXN",
    ),
    "Polish": (
        "Raport kampanii\n1 paź 2026 - 2 paź 2026\n"
        "Dzień,Kampania,Kod waluty,Wyświetl.,Kliknięcia,Koszt,Konwersje,Wartość konw.\n"
        '2026-10-01,Lampy,PLN,1\u00a0234,56,"123,45","2,00","500,00"\n2026-10-02,Lampy,PLN,1000,40,"80,00",0,0\n'
        'Razem: konto,,PLN,2\u00a0234,96,"203,45","2,00","500,00"\n',
        (2234, 96, 203.45, 2, 500), "PLN",
    ),
    "Ukrainian": (
        "Звіт про кампанії\n1 жовтня 2026 р. - 2 жовтня 2026 р.\n"
        "День,Статус кампанії,Кампанія,Код валюти,Кліки,Покази,Витрати,Конверсії,Цінність конв.\n"
        '2026-10-01,Увімкнено,Лампи,UAH,12,1\u00a0100,"350,25","1,00","900,00"\n'
        ' --,Разом (Кампанії), --,UAH,12,1\u00a0100,"350,25","1,00","900,00"\n',
        (1100, 12, 350.25, 1, 900), "UAH",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_google_in_other_languages(tmp_path: Path, language: str, encoding: str) -> None:
    text, sums, currency = LANGUAGES[language]
    table = read_text(tmp_path, text, encoding=encoding).tables[0]
    assert (table.layout, table.currency, table.rejected) == ("google_ads", currency, 0)
    assert summed(table) == pytest.approx(sums, nan_ok=True)
    assert all(check.agrees for check in table.checks) and len(table.checks) == len(table.sums)


def test_google_s_russian_clicks_begin_with_a_latin_letter() -> None:
    assert "Kлики".encode() in (FOLDER / "google_ads_ru.csv").read_bytes()
    assert first("google_ads_ru.csv")["clicks"].tolist() == [1049, 7]


def test_what_google_does_not_know_is_missing_and_its_shares_are_not_numbers() -> None:
    frame = first("google_ads_keywords.csv")
    assert frame["platform_conversions"].isna().tolist() == [False, True, False]
    assert frame["campaign"].tolist() == ["Brand", "Generic", "Generic"]


def test_a_report_without_days_speaks_of_the_period_above_its_headings() -> None:
    frame = first("google_ads_keywords.csv")
    assert set(frame["since"].astype(str)) == {"2026-10-01"} and set(frame["date"].astype(str)) == {"2026-10-31"}


@pytest.mark.parametrize(
    ("text", "layout"),
    [("Кампанія,День,Вартість,Покази,Кліки\nЛампи,2026-10-01,\"10,50\",1000,10\n", "google_ads"),
     ("Дата,Клики,Показы,Сред. цена за клик,Стоимость\n2026-10-01,10,1000,\"1,05\",\"10,50\"\n", "google_ads_days"),
     ("Кампания;День;Показы;Клики;Сред. цена за клик;Стоимость\nЛампы;2026-10-01;1000;10;1,05;10,50\n", "google_ads")],
)  # fmt: skip
def test_google_in_ukrainian_and_its_russian_cards(tmp_path: Path, text: str, layout: str) -> None:
    table = read_text(tmp_path, text).tables[0]
    assert (table.layout, table.used, str(table.start)) == (layout, 1, "2026-10-01")
    assert summed(table)[:3] == (1000, 10, 10.5)


@pytest.mark.parametrize(
    "above", ["All time", '"September 20, 2026 - October 10, 2026"', "20 сентября 2026 г. - 10 октября 2026 г."]
)
def test_a_report_of_several_months_or_of_all_time_is_refused(tmp_path: Path, above: str) -> None:
    text = f"Campaign report\n{above}\nCampaign,Currency code,Impr.,Clicks,Cost\nBrand,USD,10,1,2.00\n"
    reading = read_text(tmp_path, text)
    assert reading.tables == () and reading.reason and "\n" not in reading.reason


def test_weeks_within_the_stated_month_count_in_it(tmp_path: Path) -> None:
    text = (
        'Campaign report\n"October 5, 2026 - October 18, 2026"\nCampaign,Week,Currency code,Impr.,Clicks,Cost\n'
        "Brand,2026-10-05,USD,10,1,2.00\nBrand,2026-10-12,USD,20,2,3.00\nTotal: Account,--,USD,30,3,5.00\n"
    )
    table = read_text(tmp_path, text).tables[0]
    assert (str(table.start), str(table.end), table.sums["spend"]) == ("2026-10-05", "2026-10-18", 5)
    assert table.frame["since"].dt.day.tolist() == [5, 12] and table.frame["date"].dt.day.tolist() == [11, 18]


# of two rows, 2.00 and 3.00: the first and last days that they speak of
SPANS = {
    "Google, weeks": ("google_ads", "Campaign,Week,Currency code,Impr.,Cost\nA,2026-10-05,USD,10,2.00\n"
                      "A,2026-10-12,USD,20,3.00\n", ["10-05", "10-12"], ["10-11", "10-18"]),
    "Google, weeks as ranges": ("google_ads", 'Campaign,Week,Currency code,Impr.,Cost\nA,"Oct 5, 2026 - Oct 11, 2026",'
                                'USD,10,2.00\nA,2026-10-12,USD,20,3.00\n', ["10-05", "10-12"], ["10-11", "10-18"]),
    "Google, months": ("google_ads_keywords", "Campaign,Search keyword,Month,Currency code,Impr.,Cost\n"
                       "A,b,2026-10-01,USD,10,2.00\nA,b,Sep 2026,USD,20,3.00\n",
                       ["10-01", "09-01"], ["10-31", "09-30"]),
    "Direct, weeks": ("yandex_direct", "Неделя;№ кампании;Показы;Расход, ₽\n05.10.2026;1;10;2,00\n"
                      "12.10.2026 - 18.10.2026;1;20;3,00\n", ["10-05", "10-12"], ["10-11", "10-18"]),
    "Direct, months": ("yandex_direct_statistics", "Месяц;Название кампании;Показы;Расход, руб. с НДС\n"
                       "01.10.2026;А;10;2,00\nсентябрь 2026;А;20;3,00\n", ["10-01", "09-01"], ["10-31", "09-30"]),
    "Direct, weeks of the API": ("yandex_direct_api", "Week\tCampaignName\tImpressions\tCost\n"
                                 "2026-10-05\tA\t10\t2000000\n"
                                 "2026-10-12\tA\t20\t3000000\n", ["10-05", "10-12"], ["10-11", "10-18"]),
    "Direct, months of the API": ("yandex_direct_api", "Month\tCampaignName\tImpressions\tCost\n"
                                 "2026-10-01\tA\t10\t2000000\n"
                                  "2026-02-01\tA\t20\t3000000\n", ["10-01", "02-01"], ["10-31", "02-28"]),
    "Microsoft, weeks": ("microsoft_ads", "Week,Campaign,Impr.,Spend\n10/4/2026,A,10,2.00\n10/18/2026,A,20,3.00\n",
                         ["10-04", "10-18"], ["10-10", "10-24"]),
    "Microsoft, months": ("microsoft_ads", "Month,Campaign,Impr.,Spend\n10/1/2026,A,10,2.00\n4/1/2026,A,20,3.00\n",
                          ["10-01", "04-01"], ["10-31", "04-30"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SPANS)
def test_a_first_day_stands_for_its_week_or_month(tmp_path: Path, name: str) -> None:
    layout, text, first_days, last_days = SPANS[name]
    table = read_text(tmp_path, text).tables[0]
    assert (table.layout, table.used, table.sums["spend"], table.sums["impressions"]) == (layout, 2, 5, 30)
    assert table.frame["since"].dt.strftime("%m-%d").tolist() == first_days
    assert table.frame["date"].dt.strftime("%m-%d").tolist() == last_days


@pytest.mark.parametrize(("headings", "cells"), [
    ("Campaign;Week;Currency code;Impr.;Cost", "A;2026-09-28;USD;10;2,00"),
    ("№ кампании;Неделя;Показы;Расход, ₽", "1;28.09.2026;10;2,00"),
])  # fmt: skip
def test_a_week_of_two_months_is_rejected_by_name(tmp_path: Path, headings: str, cells: str) -> None:
    table = read_text(tmp_path, f"{headings}\n{cells}\n").tables[0]
    assert (table.used, table.rejected, table.problems[0].column.partition(" ")[0]) == (0, 1, headings.split(";")[1])


def test_a_month_by_its_first_day_and_the_days_of_it_count_once(tmp_path: Path) -> None:
    headings = "Campaign,{},Currency code,Impr.,Cost\n"
    (tmp_path / "month.csv").write_text(headings.format("Month") + "A,2026-10-01,USD,30,5.00\n")
    days = "".join(f"A,2026-10-{day:02},USD,1,0.25\n" for day in range(1, 21))
    (tmp_path / "days.csv").write_text(headings.format("Day") + days)
    assert read_exports(tmp_path).tables["ads"]["spend"].sum() == 5


def test_a_search_term_may_begin_with_total() -> None:
    assert len(first("google_ads_search_terms.csv")) == 3  # "total: cheap lamp" is one of them


def test_a_campaign_may_be_called_total(tmp_path: Path) -> None:
    text = (
        "Campaign,Day,Currency code,Impr.,Clicks,Cost\nTotal: lamps,2026-10-01,USD,10,1,2.00\n"
        "Total: Account, --,USD,10,1,2.00\n"
    )
    table = read_text(tmp_path, text).tables[0]
    assert (table.used, table.totals, table.frame["campaign"].tolist()) == (1, 1, ["Total: lamps"])


def test_a_manager_account_in_one_currency_counts_in_that_one(tmp_path: Path) -> None:
    text = (
        "Account name,Campaign,Day,Impr.,Clicks,Currency code,Cost,Cost (Converted currency),Converted currency code\n"
        "Shop,Brand,2026-10-01,10,1,EUR,2.00,2.20,USD\n"
    )
    table = read_text(tmp_path, text).tables[0]
    assert (table.layout, table.currency, table.sums["spend"]) == ("google_ads", "EUR", 2)


def test_devices_of_the_campaigns_yield_to_the_campaigns(tmp_path: Path) -> None:
    headings = "Campaign,Day,Device,Currency code,Cost,Impr.,Clicks"
    (tmp_path / "devices.csv").write_text(
        f"{headings}\nBrand,2026-10-01,Mobile phones,USD,10.00,100,5\nBrand,2026-10-01,Computers,USD,4.50,50,2\n"
    )
    assert read_exports(tmp_path).tables["ads"]["spend"].sum() == 14.5
    (tmp_path / "campaigns.csv").write_text(
        "Campaign,Day,Currency code,Cost,Impr.,Clicks\nBrand,2026-10-01,USD,14.50,150,7\nNew,2026-10-01,USD,2.00,9,1\n"
    )
    exports = read_exports(tmp_path)
    assert exports.tables["ads"]["spend"].sum() == 16.5
    assert [file.tables[0].layout for file in exports.files] == ["google_ads", "google_ads_breakdowns"]


def test_the_account_by_day_yields_no_campaign(tmp_path: Path) -> None:
    text = "Account name,Customer ID,Day,Currency code,Cost,Clicks,Impr.\nShop,1-2-3,2026-10-01,USD,2.50,3,40\n"
    table = read_text(tmp_path, text).tables[0]
    assert (table.layout, table.sums["spend"]) == ("google_ads_days", 2.5) and table.frame["campaign"].isna().all()


# Yandex Direct


@pytest.mark.parametrize(
    ("heading", "vat"),
    [("Расход, ₽", ""), ("Расход (руб.)", ""), ("Расход, руб.", ""), ("Расход", ""),
     ("Расход, руб. с НДС", "included"), ("Расход с НДС, ₽", "included"), ("Расход (с НДС), ₽", "included"),
     ("Расход, руб. без НДС", "excluded"), ("Расход (без НДС), ₽", "excluded")],
)  # fmt: skip
@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_all_the_names_of_spend_in_direct(
    tmp_path: Path, heading: str, vat: str, delimiter: str, encoding: str
) -> None:
    if encoding == "cp1251":
        heading = heading.replace("₽", "?")  # as programs save the sign that the encoding lacks
    rows = [["День", "№ кампании", "Название кампании", "Показы", "Клики", heading],
            ["01.10.2026", "101", "Поиск", "1 000", "10", "1 500,50"],
            ["Итого", "", "", "1 000", "10", "1 500,50"]]  # fmt: skip
    text = "Статистика\nПериод: 01.10.2026 - 31.10.2026\n" + "\n".join(delimiter.join(row) for row in rows) + "\n"
    table = read_text(tmp_path, text, encoding=encoding).tables[0]
    assert (table.layout, table.vat, table.used, table.totals) == ("yandex_direct", vat, 1, 1)
    assert table.sums["spend"] == 1500.5 and table.checks and all(check.agrees for check in table.checks)


def test_with_and_without_vat_side_by_side_means_with(tmp_path: Path) -> None:
    text = "День;№ кампании;Показы;Клики;Расход без НДС, ₽;Расход с НДС, ₽\n01.10.2026;101;10;1;100,00;122,00\n"
    table = read_text(tmp_path, text).tables[0]
    assert (table.sums["spend"], table.vat) == (122, "included")


def test_the_sign_of_roubles_lost_in_cp1251_leaves_the_layout(tmp_path: Path) -> None:
    for headings in ("День;№ кампании;Показы;Клики;Расход, ₽;Доход, ₽", "День;Показы;Клики;CTR, %;Расход, ₽",
                     "День;№ кампании;Площадка;Показы;Расход, ₽", "День;№ кампании;Поисковый запрос;Показы;Расход, ₽",
                     "День;Название кампании;Показы;Расход с НДС, ₽", "Дата;Кампания;Показы;Потрачено всего, ₽;eCPC, ₽",
                     "День;Название кампании;Показы;Сумма затрат (₽)", "Дата;Площадка;Показы;Расход, ₽"):  # fmt: skip
        text = f"{headings}\n{';'.join(['01.10.2026', *'4' * headings.count(';')])}\n"
        [whole], [lost] = (
            read_text(tmp_path, told, name, "utf-8" if name == "a.csv" else "cp1251").tables
            for name, told in (("a.csv", text), ("b.csv", text.replace("₽", "?")))
        )
        assert (lost.layout, lost.sums, lost.currency) == (whole.layout, whole.sums, ""), headings
        assert lost.sums["spend"] == 4 and whole.currency == "RUB"


def test_direct_without_impressions(tmp_path: Path) -> None:
    text = (
        "Месяц;№ Кампании;Название кампании;Название группы;Расход, ₽;Клики;Конверсии\n"
        "октябрь 2026;101;Поиск;Бра;1 500,50;10;2\n"
    )
    table = read_text(tmp_path, text).tables[0]
    assert (table.layout, summed(table)) == ("yandex_direct", (None, 10, 1500.5, 2, None))


def test_months_of_direct_are_whole_months() -> None:
    frame = first("direct_months.csv")
    assert frame["since"].dt.strftime("%d.%m").tolist() == ["01.10", "01.09", "01.09"]
    assert frame["date"].dt.strftime("%d.%m").tolist() == ["31.10", "30.09", "30.09"]


def test_days_of_direct_without_campaigns(tmp_path: Path) -> None:
    text = (
        "Дата;Показы;Клики;CTR (%);Расход (руб.);Ср. цена клика (руб.);Глубина (стр.)\n"
        "01.10.2026;100;5;5,00;50,25;10,05;1,5\n"
    )
    table = read_text(tmp_path, text, encoding="cp1251").tables[0]
    assert (table.layout, table.sums["spend"]) == ("yandex_direct_days", 50.25)


def test_a_cell_that_a_spreadsheet_turned_into_a_date_is_named() -> None:
    problem = read("direct_wizard_cp1251.csv").tables[0].problems[0]
    assert (problem.line, problem.column, problem.value) == (9, "Показы", "3.апр")


def test_money_of_the_api_may_be_in_millionths_or_not(tmp_path: Path) -> None:
    assert first("direct_api.tsv")["spend"].tolist() == [1500.5, 0, 20.25]
    text = (
        '"Name (2026-10-01 - 2026-10-01)"\nDate\tCampaignName\tImpressions\tClicks\tCost\n'
        "2026-10-01\tA\t10\t1\t1500.50\nTotal rows: 1\n"
    )
    table = read_text(tmp_path, text).tables[0]
    assert (table.layout, table.sums["spend"]) == ("yandex_direct_api", 1500.5)


# VK, Meta, TikTok, LinkedIn, Microsoft


@pytest.mark.parametrize(("delimiter", "decimal"), [(";", ","), (",", "."), ("\t", ",")])
def test_vk_with_any_delimiter(tmp_path: Path, delimiter: str, decimal: str) -> None:
    rows = [["Дата", "Название кампании", "Показы", "Клики", "Потрачено всего, ₽", "Результат"],
            ["2026-10-01", "lal, 2%", "1000", "20", f"150{decimal}50", "3"]]  # fmt: skip
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    table = read_text(tmp_path, out.getvalue(), encoding="utf-8-sig").tables[0]
    assert (table.layout, table.sums["spend"], table.currency) == ("vk_ads", 150.5, "RUB")
    assert table.frame["channel"].tolist() == ["vk_ads"]


def test_the_sheets_of_a_vk_workbook_are_read_apart() -> None:
    assert [table.layout for table in read("vk_ads.xlsx").tables] == ["vk_ads", "vk_ads_parts"]


def test_results_count_where_they_are_more_than_clicks_and_views() -> None:
    frame = first("meta_ads_ru.xlsx").set_index("campaign")["platform_conversions"]
    assert frame.dropna().to_dict() == {"Лиды: форма": 12, "Каталог": 2}
    assert first("meta_ads_sets.csv")["platform_conversions"].fillna(-1).tolist() == [2, 1, -1]


def test_a_meta_row_speaks_of_its_reporting_period() -> None:
    frame = first("meta_ads_ru.xlsx")
    assert set(frame["since"].astype(str)) == {"2026-10-01"} and set(frame["date"].astype(str)) == {"2026-10-31"}


@pytest.mark.parametrize(
    ("campaign", "impressions", "spent", "starts", "ends"),
    [("Campaign name", "Impressions", "Amount spent (UAH)", "Reporting starts", "Reporting ends"),
     ("Название кампании", "Показы", "Сумма затрат (UAH)", "Дата начала отчетности", "Дата окончания отчётности"),
     ("Назва кампанії", "Покази", "Сума витрат (UAH)", "Початок звітності", "Завершення звітності")],
)  # fmt: skip
def test_meta_rows_across_months_are_rejected(
    tmp_path: Path, campaign: str, impressions: str, spent: str, starts: str, ends: str
) -> None:
    headings = f"{starts},{ends},{campaign},{impressions},{spent}"
    text = f"{headings}\n2026-10-01,2026-10-31,A,10,1.5\n2026-09-15,2026-10-15,B,10,2\n"
    table = read_text(tmp_path, text).tables[0]
    assert (table.layout, table.used, table.rejected, table.currency) == ("meta_ads", 1, 1, "UAH")
    assert table.sums["spend"] == 1.5


def test_two_ads_of_one_name_with_the_same_numbers_are_two(tmp_path: Path) -> None:
    text = "Ad name,Impressions,Amount spent (EUR),Day\n,2,0.5,\nClip,1,0.25,2026-10-01\nClip,1,0.25,2026-10-01\n"
    table = read_text(tmp_path, text).tables[0]
    assert (table.layout, table.doubled, table.sums["spend"]) == ("meta_ads_parts", 0, 0.5)


def test_an_empty_meta_export_is_refused_in_a_line() -> None:
    reading = read("meta_ads_empty.csv")
    assert reading.tables == () and reading.reason and "\n" not in reading.reason


@pytest.mark.parametrize("name", ["tiktok_ads", "linkedin_ads", "microsoft_ads"])
def test_a_system_is_a_channel_of_its_own(name: str) -> None:
    assert set(first(f"{name}.csv")["channel"]) == {name}


def test_nan_of_tiktok_and_slashed_days() -> None:
    frame = first("tiktok_ads.csv")
    assert frame["date"].astype(str).tolist() == ["2025-10-31", "2025-10-31", "2025-11-01"]
    assert frame["platform_conversions"].isna().tolist() == [False, False, True]


def test_tiktok_without_days_takes_the_period_of_its_name(tmp_path: Path) -> None:
    text = "Campaign name,Primary status,Cost,Impressions,Clicks (destination),Currency\nLamps,Active,5.50,100,4,USD\n"
    table = read_text(tmp_path, text, name="Campaign Report-(2026-10-01 to 2026-10-31).csv").tables[0]
    assert (table.layout, str(table.start), str(table.end)) == ("tiktok_ads", "2026-10-01", "2026-10-31")


def test_tiktok_ads_without_a_campaign_yield_to_campaigns(tmp_path: Path) -> None:
    rows = "2025/10/31,Clip 1,30.50,10000,50\n2025/11/01,Clip 1,1019.50,1000000,1019\n"
    (tmp_path / "ads.csv").write_text(f"By Day,Ad name,Cost,Impressions,Clicks (destination)\n{rows}")
    (tmp_path / "campaigns.csv").write_bytes((FOLDER / "tiktok_ads.csv").read_bytes())
    exports = read_exports(tmp_path)
    assert exports.tables["ads"]["spend"].sum() == 1050
    assert {file.file: file.tables[0].layout for file in exports.files} == {
        "ads.csv": "tiktok_ads_parts", "campaigns.csv": "tiktok_ads"
    }  # fmt: skip


def test_linkedin_days_have_the_month_first() -> None:
    assert first("linkedin_ads.csv")["date"].astype(str).tolist() == ["2026-10-01", "2026-10-02", "2026-10-03"]


def test_the_footer_of_microsoft_is_no_campaign(tmp_path: Path) -> None:
    assert first("microsoft_ads.csv")["campaign"].tolist() == ["Brand, search", "Brand, search", "Generic"]
    text = (
        '"Report Name: Mine"\n"Report Time: 10/1/2026"\n"Rows: 1"\n\n'
        '"TimePeriod","CampaignName","Impressions","Clicks","Spend"\n'
        '"2026-10-01","Brand","100","3","1.50"\n\n"@2026 Microsoft Corporation. All rights reserved. "\n'
    )
    table = read_text(tmp_path, text).tables[0]
    assert (table.layout, table.used, table.totals, table.rejected) == ("microsoft_ads", 1, 1, 0)


def test_keywords_of_microsoft_yield_to_campaigns(tmp_path: Path) -> None:
    text = (
        '"Gregorian date","Campaign","Ad group","Keyword","Impr.","Clicks","Spend"\n'
        '"10/31/2026","Generic","A","lamp","400","4","5.00"\n'
    )
    (tmp_path / "keywords.csv").write_text(text)
    (tmp_path / "campaigns.csv").write_bytes((FOLDER / "microsoft_ads.csv").read_bytes())
    exports = read_exports(tmp_path)
    assert exports.tables["ads"]["spend"].sum() == pytest.approx(25.55)
    assert [(file.tables[0].layout, file.tables[0].yielded) for file in exports.files] == [
        ("microsoft_ads", 0), ("microsoft_ads_parts", 1)
    ]  # fmt: skip


LINKEDIN = (
    "Campaign Performance Report (in UTC)\nReport Start: Oct 1, 2026, 12:00 AM\nReport End: Oct 31, 2026, 11:59 PM\n"
    "Date Generated: November 2, 2026, 8:05 AM\n\n"
    "Start Date (in UTC)\tAccount Name\tCurrency\tCampaign Name\tTotal Spent\tImpressions\tClicks\tLeads\n"
)


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
@pytest.mark.parametrize("rows", [1, 2])
def test_a_row_or_two_under_linkedins_unquoted_preamble(
    delimiter: str, encoding: str, rows: int, tmp_path: Path
) -> None:
    lines = [f"10/{day}/2026\tAcme\tUSD\tSpring\t{spent}\t1000\t10\t2\n" for day, spent in ((13, 12.5), (14, 2.25))]
    text = (LINKEDIN + "".join(lines[:rows])).replace("\t", delimiter)
    (tmp_path / "report.csv").write_bytes(text.encode(encoding))
    [table] = read_file(tmp_path / "report.csv", Company()).tables
    assert (table.layout, table.rows_in, table.used, str(table.end)) == ("linkedin_ads", rows, rows, "2026-10-31")
    assert table.sums["spend"] == (12.5, 14.75)[rows - 1]
