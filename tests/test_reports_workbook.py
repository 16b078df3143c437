"""The workbook: a sheet for each section with a table, numbers as numbers, and nothing that a spreadsheet would run."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from composed import sample, sheets
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.labels import kpi_name
from kpi_helpers.language import use_language
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.workbook import write_workbook
from kpi_helpers.tables import Column

HOSTILE = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>", '=HYPERLINK("http://x","y")',
           "http://example.com", "\t=1+1", "{=1}", "mailto:a@example.com", "x" * 40_000, "a\x00b\x0bc"]  # fmt: skip


def book_of(*sections: Section, title: str = "x") -> Any:
    return openpyxl.load_workbook(BytesIO(write_workbook([sheets(section) for section in sections], title)))


def cells(book: Any) -> list[Any]:
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def formulas(content: bytes) -> list[str]:
    """The parts of an XLSX file that hold a formula or a link."""
    archive = ZipFile(BytesIO(content))
    parts = {name: archive.read(name) for name in archive.namelist()}
    forbidden = (b"<f>", b"<f ", b"<hyperlink", b"ddeLink")
    return [name for name, part in parts.items() if any(tag in part for tag in forbidden)]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_no_value_becomes_a_formula_or_a_link(value: str) -> None:
    columns = [Column(value), Column(value, "money")]
    section = Section("a", value, currency="USD").sheet(value, columns, [[value, value]])
    content = write_workbook([sheets(section)], value[:200])
    assert formulas(content) == []
    types = {cell.data_type for cell in cells(openpyxl.load_workbook(BytesIO(content)))}
    assert types <= {"s", "inlineStr"}


@settings(max_examples=40)
@given(st.text(max_size=60), st.one_of(st.text(max_size=30), st.floats(), st.none(), st.integers(-(2**53), 2**53)))
def test_any_title_and_value_gives_a_book_that_opens(title: str, value: Any) -> None:
    section = Section("a", title).sheet("", [Column("x", "count")], [[value]])
    content = write_workbook([sheets(section), sheets(section)], title)
    assert formulas(content) == []
    assert len(openpyxl.load_workbook(BytesIO(content)).sheetnames) == 2


def test_numbers_are_numbers_in_the_format_of_their_column_or_row() -> None:
    columns = [Column("KPI"), Column("Value", "row"), Column("Share", "share"), Column("Cost", "money")]
    columns.append(Column("n", "number"))
    rows = [["leads", 412, 0.5, 1180.5, 7.0], ["rate", 0.608, float("nan"), None, 7.25]]
    sheet = book_of(Section("a", "A", currency="USD").sheet("t", columns, rows, ["count", "share"])).active
    assert [cell.value for cell in sheet[2]] == ["KPI", "Value", "Share", "Cost, USD", "n"]
    assert [cell.value for cell in sheet[3]] == ["leads", 412, 0.5, 1180.5, 7]
    assert [cell.value for cell in sheet[4]] == ["rate", 0.608, None, None, 7.25]
    shown = ["#,##0", "0.0%", "#,##0.00", "#,##0"]
    assert [cell.number_format for cell in sheet[3][1:]] == shown
    assert (sheet["B4"].number_format, sheet["E4"].number_format) == ("0.0%", "#,##0.00")


def test_long_equal_and_forbidden_names_of_sheets() -> None:
    titles = ["Channels: what the money brings [all]", "CHANNELS: what the money brings [all]", "''", "", "a/b\\c?d*"]
    names = book_of(*(Section("a", title).sheet("", [Column("x")], [["y"]]) for title in titles)).sheetnames
    assert len(names) == len({name.casefold() for name in names}) == len(titles)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_a_report_without_tables_is_a_book_all_the_same() -> None:
    assert len(book_of().sheetnames) == len(book_of(Section("a", "A").notice("nothing")).sheetnames) == 1


def test_equal_tables_give_equal_bytes() -> None:
    section = sheets(Section("a", "A").sheet("", [Column("x")], [["y"]]))
    assert write_workbook([section], "t") == write_workbook([section], "t")


def test_the_sample_has_a_sheet_for_each_section_with_a_table() -> None:
    use_language("ru")
    sections = [sheets(section) for anchor, section in sample("severny_svet").show().items() if anchor != "title"]
    content = write_workbook(sections, "x")
    book = openpyxl.load_workbook(BytesIO(content))
    with_tables = [section["title"] for section in sections if section["sheets"]]
    assert len(with_tables) > 8
    assert [name[:10] for name in book.sheetnames] == [title.replace(":", " ").strip()[:10] for title in with_tables]
    assert formulas(content) == []
    score = book.worksheets[0]
    revenue = next(row for row in score.iter_rows() if row[0].value == kpi_name("revenue"))
    assert revenue[2].value == "RUB"
    assert revenue[3].value == pytest.approx(sample("severny_svet").value("revenue"))
    assert revenue[3].number_format == "#,##0.00"
    rate = next(row for row in score.iter_rows() if row[0].value == kpi_name("qualification_rate"))
    assert (rate[3].number_format, 0 < rate[3].value < 1) == ("0.0%", True)
