"""Quotation marks in every kind of disorder: the row they stand in, and nothing else, is in doubt."""

import pytest

from kpi_helpers.exports.dialect import read_sheets
from kpi_helpers.exports.quoting import Dialect, split_line
from kpi_helpers.exports.sheet import Sheet
from tests.ending import ends


def read(text: str) -> Sheet:
    sheets = read_sheets(text.encode())
    assert len(sheets) == 1
    return sheets[0]


HEAD = "Day,Campaign,Cost\n2026-10-01,Lamp,5\n"
FOOT = "2026-10-08,Chair,7\n2026-10-09,Table,8\n"


@pytest.mark.parametrize(
    ("lines", "rows", "damaged"),
    [
        ('2026-10-02,"Lamp,6\n', [["2026-10-02", '"Lamp', "6"]], {2}),
        ('2026-10-02,"Lamp,6\n2026-10-03,Desk 48",6\n',
         [["2026-10-02", '"Lamp', "6"], ["2026-10-03", 'Desk 48"', "6"]], {2}),
        ('2026-10-02,"ООО "Лампа"",6\n', [["2026-10-02", 'ООО "Лампа"', "6"]], set()),
        ('2026-10-02,"ООО "Лампа", Псков",6\n', [["2026-10-02", 'ООО "Лампа", Псков', "6"]], set()),
        ('2026-10-02,5" pipe,6\n', [["2026-10-02", '5" pipe', "6"]], set()),
        ('2026-10-02,5" pipe,6\n2026-10-03,9" pipe,6\n',
         [["2026-10-02", '5" pipe', "6"], ["2026-10-03", '9" pipe', "6"]], set()),
        ('2026-10-02,"red" lamp,6\n', [["2026-10-02", '"red" lamp', "6"]], {2}),
        ('2026-10-02,"two\nlines, and a comma",6\n', [["2026-10-02", "two\nlines, and a comma", "6"]], set()),
        ('2026-10-02,"two\n\n\nlines",6\n', [["2026-10-02", "two\n\n\nlines", "6"]], set()),
        ('2026-10-02,"two\n""lines""",6\n', [["2026-10-02", 'two\n"lines"', "6"]], set()),
        ('2026-10-02,"two\nbad "lines"",6\n', [["2026-10-02", 'two\nbad "lines"', "6"]], set()),
        ('2026-10-02,"",6\n', [["2026-10-02", "", "6"]], set()),
        ('2026-10-02,"a" ,6\n', [["2026-10-02", "a", "6"]], set()),
    ],
)  # fmt: skip
def test_a_stray_mark_costs_its_own_row_at_most(lines: str, rows: list[list[str]], damaged: set[int]) -> None:
    sheet = read(HEAD + lines + FOOT)
    assert sheet.rows == [*read(HEAD).rows, *rows, *read(FOOT).rows]
    assert sheet.damaged == damaged
    assert sheet.lines[-2:] == [2 + lines.count("\n") + 1, 2 + lines.count("\n") + 2]


def test_a_mark_never_closed_leaves_every_other_row() -> None:
    body = "".join(f"2026-10-{day:02},Lamp {day},{day}\n" for day in range(1, 29))
    sheet = read("Day,Campaign,Cost\n" + body.replace("Lamp 3,", '"Lamp 3,', 1))
    assert len(sheet.rows) == 29
    assert sheet.damaged == {3} and sheet.rows[3] == ["2026-10-03", '"Lamp 3', "3"]
    assert sheet.lines == list(range(1, 30))


def test_a_file_cut_within_quotation_marks_loses_its_last_row_only() -> None:
    sheet = read(HEAD + '2026-10-02,"La')
    assert sheet.cut_off and sheet.damaged == {2}
    assert sheet.rows == [*read(HEAD).rows, ["2026-10-02", '"La']]


@pytest.mark.parametrize(
    ("line", "width", "cells", "whole"),
    [
        ("1,a,5", 3, ["1", "a", "5"], True),
        ('1,"a,b",5', 3, ["1", "a,b", "5"], True),
        ('"1,"a, b",5', 3, ['"1', "a, b", "5"], False),
        ('""Soft, warm",1', 2, ['"Soft, warm', "1"], True),
        ('1,"a",b",5', 3, ["1", 'a",b', "5"], True),
        ('1,"a', 5, ["1", '"a'], False),
        ("", 3, [""], False),
        ('"' * 7, 1, ['"""'], False),
    ],
)
def test_the_reading_of_a_line_that_bends_the_rules_least(line: str, width: int, cells: list[str], whole: bool) -> None:
    found, sure = split_line(line, Dialect(",", width=width))
    assert (found, sure) == (cells, whole) or len(cells) == 1


def test_marks_and_escapes_of_other_writers() -> None:
    backslashes = read('a,b,c\n1,"say \\"hi\\", ok",C:\\path\n2,"x\\\\",y\n')
    assert backslashes.rows[1:] == [["1", 'say "hi", ok', "C:\\path"], ["2", "x\\", "y"]]
    apostrophes = read("a,b,c\n'1','x, ''y''','5'\n'2','z','6'\n")
    assert apostrophes.rows[1:] == [["1", "x, 'y'", "5"], ["2", "z", "6"]]
    phones = read("Day,Phone,Cost\n2026-10-01,'+79991234567,5\n2026-10-02,'+79991234568,6\n")
    assert [row[1] for row in phones.rows[1:]] == ["'+79991234567", "'+79991234568"]
    spaced = read('Day, Name, Cost\n2026-10-01, "x, y", 3\n2026-10-02, z, 4\n')
    assert spaced.rows[1] == ["2026-10-01", "x, y", "3"]


@pytest.mark.parametrize(
    "text",
    [
        '"a,""b"",c"\n"1,""x, y"",2"\n"3,z,4"\n',
        'a,b,c\n"1,""x, y"",2"\n3,z,4\n',
        '"a,""b"",c";;\n"1,""x, y"",2";;\n"3,z,4";;\n',
    ],
)
def test_lines_that_a_spreadsheet_wrapped_as_one_cell_are_unwrapped(text: str) -> None:
    sheet = read(text)
    assert sheet.rows == [["a", "b", "c"], ["1", "x, y", "2"], ["3", "z", "4"]]
    assert (sheet.delimiter, sheet.lines) == (",", [1, 2, 3])


def test_every_line_ending_with_a_delimiter_makes_no_column() -> None:
    assert read("a;b;\n1;2;\n3;;\n").rows == [["a", "b"], ["1", "2"], ["3", ""]]
    assert read("a;b;\n1;2;3\n").rows == [["a", "b", ""], ["1", "2", "3"]]


def test_a_large_file_whose_every_row_is_damaged_takes_linear_time() -> None:
    text = "Day,Campaign,Cost\n" + '2026-10-02,"ООО "Лампа" 5", x",6\n2026-10-02,"Lamp,6\n' * 40_000
    with ends():
        assert len(read(text).rows) == 80_001
