"""The report's tables as a spreadsheet: one sheet per section, formatted, with nothing that Excel would run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from kpi_helpers.lettering import plain, runs_in_a_cell

FORMATS = {
    "count": "#,##0",
    "money": "#,##0.00",
    "share": "0.0%",
    "ratio": "0.00",
    "multiple": "0.00",
    "months": "0.0",
    "points": "0.0",
    "stars": "0.00",
    "number": "#,##0.00",
}
LONGEST_NAME = 31  # Excel's limit for the name of a sheet
WIDEST = 48  # characters
CREATED = datetime(2000, 1, 1)  # the time of rendering is no content: equal input gives an equal file


def write_workbook(sections: Iterable[Mapping[str, Any]], title: str) -> bytes:
    """The sections' tables (as `Section` gives them) as an XLSX file. Text is written as text, never as a formula."""
    from xlsxwriter import Workbook

    file = BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": plain(title), "created": CREATED})
    styles = {name: book.add_format({"num_format": pattern}) for name, pattern in FORMATS.items()}
    styles["quoted"] = book.add_format({"quote_prefix": True})  # stays text when it is edited, too
    styles["heading"] = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    styles["caption"] = book.add_format({"bold": True, "font_size": 12})
    used: set[str] = set()
    for section in sections:
        if section["sheets"]:
            sheet = book.add_worksheet(_sheet_name(section["title"], used))
            _write_section(sheet, section, styles)
    if not used:
        book.add_worksheet()
    book.close()
    return file.getvalue()


def _write_section(sheet: Any, section: Mapping[str, Any], styles: Mapping[str, Any]) -> None:
    row, widths = 0, dict[int, int]()
    for table in section["sheets"]:
        sheet.write_string(row, 0, plain(table["caption"] or section["title"]), styles["caption"])
        row += 1
        for place, column in enumerate(table["columns"]):
            sheet.write_string(row, place, _heading(column, section["currency"]), styles["heading"])
            widths[place] = max(widths.get(place, 8), min(len(column["title"]) + 2, WIDEST // 2))
        for line, values in enumerate(table["rows"]):
            row += 1
            for place, (value, column) in enumerate(zip(values, table["columns"], strict=True)):
                name = table["styles"][line] if column["style"] == "row" else column["style"]
                _write_cell(sheet, row, place, value, styles.get(_format_name(name, value)))
                widths[place] = max(widths[place], min(len(str(value if value is not None else "")) + 1, WIDEST))
        row += 2
    for place, width in widths.items():
        sheet.set_column(place, place, width)
    sheet.freeze_panes(2, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _format_name(style: str, value: Any) -> str:
    """The format of a value; a whole number whose unit differs from row to row needs no decimals."""
    if isinstance(value, str):
        return "quoted" if runs_in_a_cell(plain(value)) else ""
    return "count" if style == "number" and isinstance(value, float) and value.is_integer() else style


def _write_cell(sheet: Any, row: int, place: int, value: Any, style: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, place, plain(value), style)
    else:
        sheet.write_number(row, place, value, style)


def _heading(column: Mapping[str, str], currency: str) -> str:
    title = plain(column["title"])
    return f"{title}, {currency}" if column["style"] == "money" and currency else title


def _sheet_name(title: str, used: set[str]) -> str:
    """A name that Excel accepts and that no other sheet has."""
    allowed = re.sub(r"[\[\]:*?/\\]", " ", plain(title)).strip("' ")[:LONGEST_NAME].strip("' ") or "Sheet"
    name, number = allowed, 2
    while name.casefold() in used:
        name, number = f"{allowed[: LONGEST_NAME - 4]} ({number})", number + 1
    used.add(name.casefold())
    return name
