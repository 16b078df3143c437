"""Any table in any dialect comes back equal; no damage to its bytes does worse than a clear line."""

import csv
import io
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kpi_helpers.errors import KitError
from kpi_helpers.exports.dialect import read_sheets, sniff
from tests.ending import ends

WORDS = "abcdeXYZ" + "вгдеЁя" + " 019.-_/()%€\u00a0\u202f😀日"
TEXT = st.text(WORDS, min_size=1, max_size=12)
TRAPS = st.sampled_from(
    ['a "b"', '"', '""', "a;b", "a,b", "a\tb", "a|b", "x\ny", "x\r\ny", "\n", "'", "it's", "C:\\p", "\\", 'ends\\"',
     " a", "b ", "ООО «Ромашка», 5", "#1001", "sep=;", "--", "\u00a0"]
)  # fmt: skip
DAYS = st.dates().map(lambda day: day.strftime("%d.%m.%Y") if day.day % 2 else day.isoformat())
NUMBERS = st.sampled_from(["0", "12", "1,5", "-3.25", "1 238 761", "33,11 %", "1500,00 ₽"])
PREAMBLE = st.lists(
    st.sampled_from(["Campaign report", "# Account: a; b, c", "Отчёт за период с 01.10.2026 по 31.10.2026", "All time",
                     "a|b|c", "Account,shop", "Currency;RUB", "", "# ----------------"]),
    max_size=40,
)  # fmt: skip


class Dialect(NamedTuple):
    """A way of writing a table."""

    delimiter: str
    encoding: str
    line_end: str
    quoting: int
    escape: str
    quote: str


HARM = ("flip", "cut", "insert", "drop")
DIALECTS = st.builds(
    Dialect,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["", "\\"]),
    st.sampled_from(['"', '"', '"', "'"]),
)


def write(rows: list[list[str]], dialect: Dialect, preamble: list[str]) -> bytes:
    text = io.StringIO(newline="")
    text.writelines(line + dialect.line_end for line in preamble)
    csv.writer(
        text, delimiter=dialect.delimiter, lineterminator=dialect.line_end, quoting=dialect.quoting,
        escapechar=dialect.escape or None, doublequote=not dialect.escape, quotechar=dialect.quote,
    ).writerows(rows)  # fmt: skip
    return text.getvalue().encode(dialect.encoding, errors="replace")


@st.composite
def tables(draw: Callable) -> list[list[str]]:
    """Russian words as headings (they settle the encoding); in the rows a day, free text, a number, as exports have."""
    width = draw(st.integers(1, 4))
    body = draw(
        st.lists(
            st.tuples(DAYS, st.lists(TEXT | TRAPS, min_size=width, max_size=width), NUMBERS), min_size=3, max_size=30
        )
    )
    headings = ["День", *(f"Кампания {'abcd'[n]}" for n in range(width)), "Расход"]
    return [headings, *([day, *texts, number] for day, texts, number in body)]


def is_decidable(rows: list[list[str]], dialect: Dialect) -> bool:
    """Whether the bytes can mean nothing else.

    Apostrophes show as quotation marks where they enclose every cell; backslashes show as escapes where one stands
    before a quotation mark within a cell. Without a sign of it, no reader can tell `\\\\` from two backslashes. And
    Python's writer leaves a line feed unquoted where lines end with a carriage return.
    """
    cells = [cell for row in rows for cell in row]
    if dialect.line_end == "\r" and dialect.quoting != csv.QUOTE_ALL and any("\n" in cell for cell in cells):
        return False
    if dialect.quote == "'" and (dialect.quoting != csv.QUOTE_ALL or dialect.escape):
        return False
    return not dialect.escape or 'a "b"' in cells or not any("\\" in cell or '"' in cell for cell in cells)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(rows=tables(), dialect=DIALECTS, preamble=PREAMBLE)
def test_any_table_in_any_dialect_comes_back_equal(
    rows: list[list[str]], dialect: Dialect, preamble: list[str]
) -> None:
    assume(is_decidable(rows, dialect))
    data = write(rows, dialect, preamble)
    if dialect.encoding == "cp1251":
        rows = [[cell.encode("cp1251", "replace").decode("cp1251") for cell in row] for row in rows]
    sheet = read_sheets(data)[-1]
    assert sheet.rows[-len(rows) :] == rows
    assert not sheet.damaged and not sheet.cut_off


@settings(max_examples=200, deadline=None)
@given(
    rows=tables(), dialect=DIALECTS, preamble=PREAMBLE,
    damage=st.lists(st.tuples(st.integers(0, 10**9), st.sampled_from(HARM), st.binary(max_size=9)), max_size=6),
)  # fmt: skip
def test_damage_raises_nothing_but_the_kits_error(
    rows: list[list[str]], dialect: Dialect, preamble: list[str], damage: list[tuple[int, str, bytes]]
) -> None:
    data = bytearray(write(rows, dialect, preamble))
    for number, how, extra in damage:
        assume(data)
        place = number % len(data)
        match how:
            case "flip":
                data[place] ^= 1 << number % 8
            case "cut":
                del data[place:]
            case "insert":
                data[place:place] = extra
            case "drop":
                del data[place : place + 5]
    for read in (read_sheets, sniff):
        try:
            read(bytes(data))
        except KitError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    "line",
    [
        '1,"a',
        '1,a"',
        '"1,a"',
        '1,"a""',
        '1,""a',
        '1,"a"b',
        '1,"""a',
        '"',
        '1,"',
        '","',
        '"",""',
        "1,'a",
        '1,"a\\"',
        '1,"a"",b',
        "",
    ],
)
@pytest.mark.parametrize("first", ["a,b", 'a,"b'])
def test_no_pattern_of_quotation_marks_takes_more_than_its_time(line: str, first: str) -> None:
    with ends():
        read_sheets("\n".join([first, *[line] * 60_000, ""]).encode())
