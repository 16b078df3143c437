"""Encodings, heads of large files, workbooks and archives."""

import io
import struct
import zipfile
from datetime import datetime, timedelta

import pytest
import xlsxwriter

from kpi_helpers.errors import KitError
from kpi_helpers.exports.archive import open_archive
from kpi_helpers.exports.dialect import decode, read_sheets, sniff

RUSSIAN = "Дата;Кампания;Показы\n01.10.2026;Поиск, Москва;5\n"
WESTERN = "Datum;Größe;Café\n01.10.2026;Straße à la crème;5\n"


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "mac_cyrillic", "cp866"])
def test_russian_of_every_machine(encoding: str) -> None:
    assert decode(RUSSIAN.encode(encoding)) == (RUSSIAN, encoding)
    assert decode(RUSSIAN.upper().encode(encoding))[0] == RUSSIAN.upper()


def test_western_and_short_texts() -> None:
    assert decode(WESTERN.encode("latin-1")) == (WESTERN, "cp1252")
    assert decode("Кампания\n".encode("cp1251"))[1] == "cp1251"
    assert decode("Cost\n5 €\n".encode("cp1252")) == ("Cost\n5 €\n", "cp1252")
    assert decode("Сумма\n1\u00a0500\n".encode("cp1251"))[0] == "Сумма\n1\u00a0500\n"


@pytest.mark.parametrize(("encoding", "cut"), [("utf-8", 1), ("utf-16", 1), ("utf-16-be", 1), ("utf-8-sig", 1)])
def test_a_character_cut_in_two_at_the_end_is_no_damage(encoding: str, cut: int) -> None:
    sheet = read_sheets((RUSSIAN + "02.10.2026;Ю").encode(encoding)[:-cut])[0]
    assert sheet.cut_off and sheet.rows[-1] == ["02.10.2026", ""]
    assert not read_sheets(RUSSIAN.encode(encoding))[0].cut_off


def test_a_pair_cut_in_two_is_no_damage() -> None:
    assert read_sheets((RUSSIAN + "02.10.2026;😀").encode("utf-16")[:-2])[0].rows[-1] == ["02.10.2026", ""]


def test_a_sign_that_a_platform_itself_replaced_is_text() -> None:
    assert read_sheets("Query,Clicks\nl\ufffdmp,5\n".encode())[0].rows[1] == ["l\ufffdmp", "5"]


def test_marks_between_the_parts_of_a_file_are_dropped() -> None:
    assert read_sheets('\ufeffA,B\n\ufeff"1,5",2\n'.encode())[0].rows == [["A", "B"], ["1,5", "2"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
@pytest.mark.parametrize("first", ["", "sep=;\r\n"])
def test_the_head_tells_the_dialect_of_the_whole(encoding: str, first: str) -> None:
    data = (first + RUSSIAN * 400).encode(encoding)
    dialect = sniff(data[:10_001])
    assert (dialect.delimiter, dialect.quote, dialect.escape, dialect.width) == (";", '"', "", 3)
    assert data[dialect.start :].decode(dialect.encoding).startswith("Дата;")


def test_a_declared_delimiter_that_never_comes_is_not_believed() -> None:
    assert read_sheets(b"sep=,\na;b\n1;2\n")[0].rows == [["a", "b"], ["1", "2"]]
    assert read_sheets(b'"sep=;";;\na;b,c\n1;2,5\n')[0].rows == [["a", "b,c"], ["1", "2,5"]]


def test_the_preamble_may_be_long_and_full_of_other_delimiters() -> None:
    notes = [f"Filter {n}, value; a, b; c" for n in range(700)]
    body = [f"2026-10-{n + 1:02},x,{n},{n}" for n in range(20)]
    text = "\n".join([*notes, "", "Day,Campaign,Clicks,Cost", *body, ""])
    sheet = read_sheets(text.encode())[0]
    assert sheet.delimiter == "," and sheet.rows[-1] == ["2026-10-20", "x", "19", "19"]
    assert sheet.lines[-1] == 722


def book(*, hidden: bool = False) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as opened:
        first, second, third = (
            opened.add_worksheet("Data"),
            opened.add_worksheet("Other"),
            opened.add_worksheet("Empty"),
        )
        first.merge_range("A1:C1", "Report for October")
        first.write_row("A3", ["Day", "Cost", "Time"])
        first.write_datetime("A4", datetime(2026, 10, 1, 12, 30), opened.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        first.write_number("B4", 1234.5)
        first.write_datetime("C4", timedelta(hours=26, minutes=5), opened.add_format({"num_format": "[h]:mm:ss"}))
        second.write_row("A1", ["Key", "Value"])
        if hidden:
            second.hide()
        third.activate()
    return made.getvalue()


def test_visible_filled_worksheets_are_tables_by_their_names() -> None:
    first, second = read_sheets(book())
    assert (first.name, second.name, first.lines) == ("Data", "Other", [1, 3, 4])
    assert first.rows[-1] == ["2026-10-01 12:30:00", "1234.5", "26:05:00"]
    assert [sheet.name for sheet in read_sheets(book(hidden=True))] == ["Data"]


def archive(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return made.getvalue()


def renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    """The archive with another name in it, written as Windows does: without the mark of UTF-8."""
    assert len(old) == len(new) and data.count(old) == 2
    return data.replace(old, new)


def test_an_archive_gives_its_files_without_what_machines_add() -> None:
    added = {"__MACOSX/._Queries.csv": b"x", ".DS_Store": b"x", "empty/": b""}
    data = archive({"Queries.csv": b"a,b\n", "Chart/Dates.csv": b"c,d\n", **added, "book.xlsx": book()})
    assert [name for name, _data in open_archive(data)] == ["Queries.csv", "Chart/Dates.csv", "book.xlsx"]
    assert open_archive(data)[1][1] == b"c,d\n"


@pytest.mark.parametrize("encoding", ["cp866", "utf-8"])
def test_names_are_read_as_their_machine_wrote_them(encoding: str) -> None:
    name = "Отчёт.csv".encode(encoding)
    data = renamed(archive({"x" * len(name): b"a,b\n"}), b"x" * len(name), name)
    assert open_archive(data) == [("Отчёт.csv", b"a,b\n")]
    assert open_archive(archive({"Отчёт.csv": b"a,b\n"})) == [("Отчёт.csv", b"a,b\n")]


def lying(data: bytes) -> bytes:
    """The archive saying that its first file is small."""
    place = data.rindex(b"PK\x01\x02")
    return data[: place + 24] + struct.pack("<I", 10) + data[place + 28 :]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04nonsense", "the archive is damaged"),
        (archive({"a.csv": b"a,b\n" * 9})[:60], "the archive is damaged"),
        (archive({"folder/": b""}), "there are no files in the archive"),
        (archive({"zeros.csv": bytes(60 * 2**20)}), "unpacked it would be 60 MB: too large"),
        (lying(archive({"zeros.csv": bytes(2**20)})), "the archive is damaged"),
        (archive({f"{n}": b"" for n in range(10_001)}, zipfile.ZIP_STORED), "there are 10001 files in it: too many"),
    ],
    ids=["nonsense", "cut", "empty", "bomb", "lying", "crowd"],  # the bytes hold the time; ids do not
)
def test_what_cannot_or_must_not_be_unpacked_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(KitError, match=said) as caught:
        open_archive(data)
    assert caught.value.next_step and "\n" not in str(caught.value)


def test_an_archive_with_a_password_is_refused() -> None:
    data = bytearray(archive({"a.csv": b"a,b\n"}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(KitError, match="the archive has a password"):
        open_archive(bytes(data))


@pytest.mark.parametrize("make", [lambda data: data, lying])
def test_a_workbook_that_would_burst_is_refused_before_it_is_read(
    make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make(archive({"xl/worksheets/sheet1.xml": bytes(60 * 2**20), "xl/workbook.xml": b""}))  # type: ignore[operator]
    read = []
    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", read.append)
    with pytest.raises(KitError, match="too large|damaged"):
        read_sheets(data)
    assert read == []


def test_a_web_page_without_cells_is_no_export() -> None:
    for page in (
        b"\xef\xbb\xbf<!-- x -->\n<table border=1>",
        b"<meta charset=utf-8><table>",
    ):
        with pytest.raises(KitError, match="web page"):
            read_sheets(page)
