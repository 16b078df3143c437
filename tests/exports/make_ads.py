"""Writes the binary quirk files of advertising beside it: workbooks and UTF-16, the same bytes every time."""

from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook

FOLDER = Path(__file__).parent
Row = list[object]

DIRECT: list[Row] = [
    ["Статистика по кампаниям"],
    ["Аккаунт: primer-svet"],
    ["Период: 01.10.2026 - 31.10.2026"],
    ["НДС: включён"],
    [],
    ["№ кампании", "Название кампании", "Показы", "Клики", "CTR, %", "Расход, ₽", "Отказы, %", "Конверсии", "Доход, ₽"],
    ["Итого", None, 4500, 130, 2.89, 7250.75, 20.5, 6, 41000.5],
    [70400118, "Поиск / Москва", 1500, 90, 6, 5000.25, 18.2, 4, 30000.5],
    [70401435, "РСЯ; интересы", 2900, 40, 1.38, 2250.5, 25, 2, 11000],
    [70402752, "Итого по брендам", 100, 0, 0, 0, "-", "-", "-"],
]

VK_CAMPAIGNS: list[Row] = [
    ["ID кампании", "Название кампании", "Дата", "Показы", "Клики", "CTR", "eCPC, ₽", "Потрачено всего, ₽", "Результат",
     "Цена за результат, ₽"],
    [9001, "vk_svet_lal", datetime(2026, 10, 1), 1000, 20, 2, 7.5, 150.5, 3, 50.17],
    [9001, "vk_svet_lal", datetime(2026, 10, 2), 800, 10, 1.25, 10, 100.25, "—", "—"],
    [9002, "vk_svet_site", datetime(2026, 10, 2), 500, 5, 1, 10, 50, 1, 50],
    ["Итого", None, None, 2300, 35, 1.52, 8.59, 300.75, 4, 75.19],
]  # fmt: skip
VK_ADS: list[Row] = [
    ["ID объявления", "Название объявления", "ID группы", "Дата", "Показы", "Клики", "Потрачено всего, ₽", "Результат"],
    [1, "Люстра", 11, datetime(2026, 10, 1), 1000, 20, 150.5, 3],
    [1, "Люстра", 11, datetime(2026, 10, 2), 800, 10, 100.25, 0],
    [2, "Бра", 12, datetime(2026, 10, 2), 500, 5, 50, 1],
]

META: list[Row] = [
    ["Дата начала отчетности", "Окончание отчетности", "Название кампании", "Показ кампании", "Результат",
     "Индикатор результата", "Охват", "Потраченная сумма (USD)", "Показы", "Клики по ссылке", "Клики (все)", "Покупки"],
    ["2026-10-01", "2026-10-31", None, None, None, None, 3000, 91.25, 7700, 158, 230, 2],
    ["2026-10-01", "2026-10-31", "Лиды: форма", "active", 12, "actions:leadgen.other", 900, 40.5, 2500, 50, 80, None],
    ["2026-10-01", "2026-10-31", "Трафик", "active", 100, "actions:link_click", 1500, 20.25, 3000, 100, 140, None],
    ["2026-10-01", "2026-10-31", "Каталог", "active", 2, "actions:offsite_conversion.fb_pixel_purchase", 700, 30.5,
     2000, 8, 10, 2],
    ["2026-10-01", "2026-10-31", "Охват", "inactive", 200, "reach", 200, 0, 200, None, None, None],
]  # fmt: skip

SEARCH_TERMS = """Search terms report
October 1, 2026 - October 31, 2026
Search term\tMatch type\tAdded/Excluded\tCampaign\tAd group\tCurrency code\tClicks\tImpr.\tCTR\tCost\tConversions
lamp "led"\tPhrase match\tNone\tBrand\tLamps\tUSD\t3\t1,040\t0.29%\t4.50\t1.00
floor lamp\tBroad match\tAdded\tGeneric\tLamps\tUSD\t7\t60\t11.67%\t10.25\t --
total: cheap lamp\tBroad match\tNone\tGeneric\tLamps\tUSD\t1\t10\t10.00%\t1.00\t0.00
Total: Filtered search terms\t --\t --\t --\t --\tUSD\t11\t1,110\t0.99%\t15.75\t1.00
Total: Account\t --\t --\t --\t --\tUSD\t40\t9,110\t0.44%\t75.00\t4.00
"""

LINKEDIN = """Campaign Performance Report (in UTC)
Report Start: October 1, 2026, 12:00 AM
Report End: October 3, 2026, 11:59 PM
Date Generated: November 2, 2026, 9:15 AM

Start Date (in UTC)\tAccount Name\tCurrency\tCampaign Group Name\tCampaign Name\tCampaign ID\t\
Total Spent\tImpressions\tClicks\tConversions\tLeads
10/1/2026\tNord Light\tEUR\tB2B\t"Designers; EU"\t501\t1,033.10\t12,000\t44\t1\t2
10/2/2026\tNord Light\tEUR\tB2B\tDesigners; EU\t501\t33.40\t900\t4\t0\t3
10/3/2026\tNord Light\tEUR\tB2B\tArchitects\t502\t20\t500\t2\t-\t1
"""


def write_workbook(name: str, sheets: dict[str, list[Row]]) -> None:
    """A workbook with a fixed date of creation."""
    with Workbook(FOLDER / name, {"default_date_format": "dd.mm.yyyy"}) as book:
        book.set_properties({"created": datetime(2026, 11, 1)})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)


def main() -> None:
    """Write them all."""
    write_workbook("direct_report.xlsx", {"Отчёт": DIRECT})
    write_workbook("vk_ads.xlsx", {"Кампании": VK_CAMPAIGNS, "Объявления": VK_ADS})
    write_workbook("meta_ads_ru.xlsx", {"Worksheet": META})
    (FOLDER / "google_ads_search_terms.csv").write_bytes(SEARCH_TERMS.encode("utf-16"))
    (FOLDER / "linkedin_ads.csv").write_bytes(LINKEDIN.encode("utf-16"))


if __name__ == "__main__":
    main()
