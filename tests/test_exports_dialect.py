"""Bytes to rows: whatever the encoding, the delimiter and the line ends; for anything else one clear line."""

import csv
import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import read_file
from kpi_helpers.exports.dialect import read_sheets
from kpi_helpers.exports.sheet import Sheet
from tests.ending import ends

ROWS = [
    ["Дата", "Кампания", "Сумма, руб."],
    ["01.10.2026", "Лампы; «бра»", "1,5"],
    ["02.10.2026", 'с "кавычкой"', "2,5"],
]


def write(rows: list[list[str]], delimiter: str = ",", line_end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)
    return text.getvalue()


def read(data: bytes) -> Sheet:
    sheets = read_sheets(data)
    assert len(sheets) == 1
    return sheets[0]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("encoding", "bom"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"),
     ("utf-16-le", b""), ("utf-16-be", b""), ("cp1251", b"")],
)  # fmt: skip
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends(delimiter: str, encoding: str, bom: bytes, line_end: str) -> None:
    sheet = read(bom + write(ROWS, delimiter, line_end).encode(encoding))
    assert sheet.rows == ROWS
    assert (sheet.lines, sheet.delimiter, sheet.encoding) == ([1, 2, 3], delimiter, encoding)


def test_western_letters_stay_western() -> None:
    sheet = read("Campaign,Cost\nCafé crème,5\n".encode("cp1252"))
    assert sheet.rows[1] == ["Café crème", "5"]


def test_the_declared_delimiter_counts_and_is_no_row() -> None:
    sheet = read(b"sep=|\na|b;c;d\n1|2;3;4\n")
    assert (sheet.rows, sheet.lines) == ([["a", "b;c;d"], ["1", "2;3;4"]], [2, 3])


def test_lines_are_the_physical_ones() -> None:
    sheet = read(b'title\n\n\na,b\n"1\n2",3\n \n4,5\n')
    assert (sheet.rows, sheet.lines) == ([["title"], ["a", "b"], ["1\n2", "3"], ["4", "5"]], [1, 4, 5, 8])


def test_decimal_commas_do_not_pass_for_delimiters() -> None:
    sheet = read("Месяц;Сумма, руб.\nоктябрь;1,5\nноябрь;2,5\n".encode())
    assert sheet.delimiter == ";"


def test_the_end_of_a_whole_file_is_told_from_a_cut_one() -> None:
    assert read(b"a,b\n1,2").cut_off and not read(b"a,b\n1,2\n").cut_off


def test_stray_zero_bytes_are_dropped() -> None:
    assert read(b"a,b\n1\x00,2\n\x1a").rows == [["a", "b"], ["1", "2"]]


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name in names:
            opened.writestr(name, "text")
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"\r\n \x00", "the file is empty"),
        (b"<!DOCTYPE html><p>Log in", "this is a web page"),
        (b"\n <html>", "this is a web page"),
        (b"%PDF-1.7 \x00\x01", "this is a PDF file"),
        (b"\x1f\x8b\x08\x00", "this is a gzip file"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\xff\xfe\r\x00\n\x00", "the file is empty"),
        (b"PK\x03\x04not a workbook", "this is a damaged workbook"),
        (archive("word/document.xml"), "this is a Word document, not a table"),
        (archive("ads.csv", "leads.csv"), "this is a zip archive, not a table. Unpack it"),
        (archive("xl/workbook.xml"), "this is a damaged workbook"),
        (OLE + "WordDocument".encode("utf-16-le"), "this is a Word document"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a workbook with a password, not a table. Save it without"),
        (bytes(range(256)) * 10, "this is not a table"),
        ("Показы по всем кампаниям".encode() + b"\xff\n", "the file is damaged: line 1"),
    ],
)
def test_what_is_no_table_is_named_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(KitError, match=said) as caught:
        read_sheets(data)
    assert "\n" not in str(caught.value) and caught.value.next_step


def test_workbooks_are_read_whatever_they_are_called(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        book.add_worksheet("empty")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(2, 0, ["Month", "Kind", "Channel", "Amount (USD)"])
        sheet.write_datetime(3, 0, datetime(2026, 10, 1), day)
        sheet.write_row(3, 1, ["Content", "", 1.234])
        sheet.write_datetime(4, 0, datetime(2026, 11, 1), day)
        sheet.write_row(4, 1, ["SEO", "", 1500])
    assert read(path.read_bytes()).lines == [3, 4, 5]
    reading = read_file(path, Company())
    assert reading.reason == "" and reading.tables[0].sums == {"other_costs": 1501.234}
    assert reading.tables[0].start == date(2026, 10, 1)


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_a_clear_line(data: bytes) -> None:
    try:
        sheets = read_sheets(data)
    except KitError as error:
        assert "\n" not in str(error)
    else:
        assert all(len(sheet.rows) == len(sheet.lines) for sheet in sheets)


CELLS = st.text("abЯё 09.-_/()%€", min_size=1, max_size=12).filter(str.strip)
TRAPS = st.sampled_from(['a "b"', "a;b", "a,b", "a\nb"])


@given(
    rows=st.lists(st.lists(CELLS | TRAPS, min_size=3, max_size=3), min_size=3),
    delimiter=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_quoted_tables_come_back_equal(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    sheet = read(write(rows, delimiter, quoting=csv.QUOTE_ALL).encode(encoding))
    assert sheet.rows == rows and sheet.delimiter == delimiter


def test_a_very_wide_file_costs_no_time(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text((",".join(f"h{n}" for n in range(100_000)) + "\n") * 30)
    with ends():
        assert "no layout fits" in read_file(path, Company()).reason


def test_many_rows_come_to_an_end(tmp_path: Path) -> None:
    lines = [f"#{n:06};{n % 28 + 1:02}.10.2026;c{n % 3000};yandex / cpc;{n / 7:.2f}" for n in range(100_000)]
    path = tmp_path / "orders.csv"
    headings = "Номер заказа;Дата заказа;ID клиента;Источник;Сумма, руб."
    path.write_text("\n".join([headings, *lines, ""]), encoding="cp1251")
    with ends():
        assert read_file(path, Company()).tables[0].used == 100_000
