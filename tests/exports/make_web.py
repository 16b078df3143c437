"""Writes the binary quirk files of web analytics and search: workbooks, zips and UTF-16; the same bytes every time.

    python tests/exports/make_web.py
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter

FOLDER = Path(__file__).parent
MOMENT = datetime(2026, 11, 1)
Rows = Sequence[Sequence[object]]

METRIKA: Rows = [
    ["Отчет «Посещаемость»"],
    ["Счётчик: Магазин светильников (example.org)"],
    ["Отчет за период с 2026-09-01 по 2026-10-31"],
    ["Сегмент: все визиты"],
    ["Атрибуция: последний значимый источник"],
    [],
    ["Интервал дат визита", "Визиты", "Посетители", "Просмотры", "Доля новых посетителей", "Отказы",
     "Глубина просмотра", "Время на сайте"],
    ["Итого и средние", 2500, 1900, 6000, 0.6, 0.22, 2.4, "00:02:11"],
    ["2026-10-01 - 2026-10-31", 1500, 1200, 3600, 0.625, 0.2, 2.4, "00:02:20"],
    ["2026-09-01 - 2026-09-30", 1000, 800, 2400, 0.5, 0.25, 2.4, "00:01:58"],
]  # fmt: skip
UNIVERSAL: Mapping[str, Rows] = {
    "Summary": [["All Web Site Data"], ["Channels"], ["20200101-20200131"]],
    "Dataset1": [
        ["Default Channel Grouping", "Users", "New Users", "Sessions", "Bounce Rate", "Pages / Session",
         "Avg. Session Duration", "Goal Conversion Rate", "Goal Completions", "Goal Value"],
        ["Organic Search", 1000, 900, 1200, 0.45, 2.1, 100.5, 0.02, 24, 0],
        ["Direct", 300, 290, 300, 0.6, 1.4, 40.25, 0.01, 3, 0],
        ["", 1290, 1190, 1500, 0.48, 1.96, 88.45, 0.018, 27, 0],
    ],
    "Dataset2": [
        ["Day Index", "Users"],
        [datetime(2020, 1, 1), 60],
        [datetime(2020, 1, 2), 41],
        ["", 101],
    ],
}  # fmt: skip
SEARCH: Mapping[str, Rows] = {
    "Queries": [["Top queries", "Clicks", "Impressions", "CTR", "Position"],
                ["brass, lamp", 30, "1,204", "2.49%", 4.5], ["floor lamp", 2, 800, "0.25%", 11.25]],
    "Pages": [["Top pages", "Clicks", "Impressions", "CTR", "Position"],
              ["https://example.org/", 40, 1500, "2.67%", 6]],
    "Countries": [["Country", "Clicks", "Impressions", "CTR", "Position"],
                  ["Germany", 45, 1900, "2.37%", 8], ["Austria", 5, 200, "2.5%", 9]],
    "Devices": [["Device", "Clicks", "Impressions", "CTR", "Position"],
                ["Mobile", 33, 1400, "2.36%", 8.5], ["Desktop", 17, 700, "2.43%", 7]],
    "Search appearance": [["Search Appearance", "Clicks", "Impressions", "CTR", "Position"],
                          ["Product snippets", 12, 400, "3%", 7]],
    "Chart": [["Date", "Clicks", "Impressions", "CTR", "Position"], ["2026-10-01", 30, "1,100", "2.73%", 8],
              ["2026-10-02", 20, "1,000", "2%", 7.5], ["2026-10-03", 0, 0, "", ""]],
    "Filters": [["Filter", "Value"], ["Search type", "Web"], ["Date", "Oct 1, 2026-Oct 3, 2026"]],
}  # fmt: skip
RUSSIAN: Mapping[str, Rows] = {
    "Диаграмма": [["Дата", "Kлики", "Показы", "CTR", "Позиция"], [datetime(2026, 10, 1), 5, 100, 0.05, 8],
                  [datetime(2026, 10, 2), 7, 140, 0.05, 9.5]],
    "Запросы": [["Популярные запросы", "Kлики", "Показы", "CTR", "Позиция"], ["латунные бра", 6, 60, 0.1, 3],
                ["торшер", 1, 40, 0.025, 12]],
    "Страницы": [["Популярные страницы", "Kлики", "Показы", "CTR", "Позиция"],
                 ["https://example.org/", 9, 200, 0.045, 8]],
    "Устройства": [["Устройство", "Kлики", "Показы", "CTR", "Позиция"], ["Мобильный", 8, 140, 0.0571, 9],
                   ["ПК", 4, 100, 0.04, 8.7]],
    "Фильтры": [["Фильтр", "Значение"], ["Тип поиска", "Веб"], ["Дата", "1 окт. 2026 г.-2 окт. 2026 г."]],
}  # fmt: skip
MATOMO: Rows = [
    ["Дата", "Уникальные посетители", "Посещения", "Пользователи", "Действия", "Макс. действий за одно посещение",
     "Отказы", "Процент отказов", "Действия за посещение", "Среднее время на сайте"],
    ["2026-10-01", 90, 100, 0, 400, 21, 100, "100 %", 4, "00:03:00"],
    ["2026-10-02", 40, 50, 0, 120, 12, 5, "10 %", 2.4, "00:01:00"],
]  # fmt: skip


def write_workbook(path: Path, sheets: Mapping[str, Rows]) -> None:
    """A workbook with the rows of each sheet; days as dates."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": MOMENT})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, cells)
    book.close()


def write_zip(path: Path, sheets: Mapping[str, Rows]) -> None:
    """A zip with one CSV for each sheet."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in sheets.items():
            member = zipfile.ZipInfo(f"{name}.csv", (2026, 11, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, csv_text(rows))


def csv_text(rows: Rows) -> str:
    """The rows with commas, cells in quotes only where they need it."""
    lines = io.StringIO()
    for cells in rows:
        lines.write(",".join(_quoted(str(cell)) for cell in cells) + "\n")
    return lines.getvalue()


def _quoted(cell: str) -> str:
    return f'"{cell}"' if "," in cell else cell


if __name__ == "__main__":
    write_workbook(FOLDER / "metrika_attendance.xlsx", {"Отчет": METRIKA})
    write_workbook(FOLDER / "ua_channels_20200101-20200131.xlsx", UNIVERSAL)
    write_workbook(FOLDER / "search_console_ru.xlsx", RUSSIAN)
    write_zip(FOLDER / "search_console.zip", SEARCH)
    (FOLDER / "matomo_days.csv").write_bytes(b"\xff\xfe" + csv_text(MATOMO).encode("utf-16-le"))
