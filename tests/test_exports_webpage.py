"""Tables saved as web pages under the name of Excel: read as plain grids, and nothing else of the page."""

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import FileReading, read_file
from kpi_helpers.exports.dialect import read_sheets
from kpi_helpers.exports.webpage import is_web_page
from tests.ending import ends

FOLDER = Path(__file__).parent / "exports"
PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel">
<head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><title>Выгрузка</title>
<style><!--table {mso-displayed-decimal-separator:"\\,";} td {x}--></style></head>
<body><h1>Отчёт</h1><p>Период: 01.10.2026 – 31.10.2026</p>
<table border=1>
<tr><td colspan=5><b>Кампании</b></td></tr>
<tr><th>Дата</th><th>Кампания</th><th>Показы</th><th>Клики</th><th>Расход, руб.</th></tr>
<tr height=17><td x:num>01.10.2026</td><td>Весна &amp; лето</td><td>1&nbsp;000<td>10</td><td>1&nbsp;500,50</td></tr>
<tr><td>02.10.2026<td>=HYPERLINK("x")<td>5<td>1<td>2,5
<tr><td></td></tr>
<tr><td>Итого</td><td></td><td>1005</td><td>11</td><td>1503</td></tr>
</table><p>end</p></body></html>"""


def read(folder: Path, page: str | bytes, name: str = "table.xls") -> FileReading:
    (folder / name).write_bytes(page if isinstance(page, bytes) else page.encode())
    return read_file(folder / name, Company())


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig", "utf-16"])
def test_a_table_of_excels_web_page_is_read(encoding: str, tmp_path: Path) -> None:
    [table] = read(tmp_path, PAGE.encode(encoding)).tables
    assert (table.layout, table.rows_in, table.used, table.totals, table.rejected) == ("ads_table", 3, 2, 1, 0)
    assert table.sums == {"impressions": 1005, "clicks": 11, "spend": 1503}
    assert (str(table.start), str(table.end)) == ("2026-10-01", "2026-10-31")  # as the page says above
    assert all(check.agrees for check in table.checks) and len(table.checks) == 3
    assert table.frame["campaign"].tolist() == ["Весна & лето", '=HYPERLINK("x")']  # text stays text


def test_the_list_of_a_crm_saved_as_xls_is_read_by_its_layout(tmp_path: Path) -> None:
    [table] = read_file(FOLDER / "web_page_leads.xls", Company()).tables
    assert (table.layout, table.rows_in, table.used, table.rejected) == ("bitrix24_leads", 4, 3, 1)
    assert table.problems[0].line == 21 and table.problems[0].reason == "is not a date"
    assert "900" not in table.frame.to_csv()


def test_rows_have_the_lines_of_the_file() -> None:
    [sheet] = read_sheets(PAGE.encode())
    assert dict(zip(sheet.lines, (row[0] for row in sheet.rows), strict=True)) == {
        5: "Период: 01.10.2026 – 31.10.2026", 6: "Кампании", 7: "Дата", 8: "01.10.2026", 9: "02.10.2026", 11: "Итого",
    }  # fmt: skip


def test_a_page_that_ends_too_early_loses_its_last_row_loudly(tmp_path: Path) -> None:
    [table] = read(tmp_path, PAGE[: PAGE.index("<td>1<td>2,5")]).tables
    assert (table.used, table.rejected) == (1, 1)
    assert table.problems[0].reason == "the file ends in the middle of this row"


def test_several_tables_are_several_sheets(tmp_path: Path) -> None:
    second = "<table><tr><th>Дата</th><th>Лиды</th></tr><tr><td>01.10.2026</td><td>5</td></tr></table></body>"
    assert [table.table for table in read(tmp_path, PAGE.replace("</body>", second)).tables] == ["ads", "leads"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<table><tr><td><table><tr><td>1</td></tr></table></td></tr></table>", "and not a plain one.*save it as CSV"),
        ("<table><tr><td rowspan=2>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "and not a plain one"),
        ("<table><tr><td colspan=99999>1</td></tr></table>", "and not a plain one"),
        ("<table><tr><td> &nbsp; </td></tr></table>", "the file is empty"),
        ("<html><form><table><tr><td>Log in</td></tr></table></form>", "the log-in had run out"),
        ("<html><p>Log in</p></html>", "the log-in had run out"),
        ("<table>" + "<tr><td colspan=16000>1</td></tr>" * 8000 + "</table>", "million cells: too many"),
        ("<table><tr><td>1</td></tr></table>" * 101, "101 tables in it: too many"),
    ],
    ids=["nested", "rows", "wide", "empty", "form", "words", "burst", "many"],
)
def test_what_is_no_plain_table_is_refused(page: str, said: str) -> None:
    with pytest.raises(KitError, match=said):
        read_sheets(page.encode())


@pytest.mark.parametrize("part", ["<!--", "<", "<td ", "<td>", "<tr><td>&", "-->", "<b <", "&#x"])
def test_a_hostile_page_takes_no_time(part: str) -> None:
    page = ("<html><td>" + part * (2_400_000 // len(part))).encode()
    with ends(), suppress(KitError):
        read_sheets(page)


def test_a_page_begins_after_any_number_of_comments_in_no_time() -> None:
    with ends():
        assert not is_web_page("<!---->" * 500_000 + "x") and is_web_page("<!-- a -->\n" * 500_000 + "<table>")


def test_cells_that_take_thousands_of_columns_are_refused_before_they_take_memory() -> None:
    page = "<table>" + "<tr><td colspan=16000>1" * 20_000 + "</table>"
    tracemalloc.start()
    with pytest.raises(KitError):
        read_sheets(page.encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200 * 2**20  # they would take 2.6 GB


@pytest.mark.parametrize("row", ["<td>a<td>2", "</tr><td>a<td>2", "<tr><td>a<td>2"])
def test_a_row_need_not_be_opened(row: str) -> None:
    [sheet] = read_sheets(f"<html>Title<table>{row}<tr><td>b<td>3</tr><td>c<td>4</table>".encode())
    assert list(sheet.rows) == [["Title"], ["a", "2"], ["b", "3"], ["c", "4"]]


@pytest.mark.parametrize(
    ("cell", "read_as"),
    [("1 000<br>200", "1 000 / 200"), ("7<sup>2</sup>", "7 2"), ("1<b> 234</b>", "1 234"),
     ("Расход,<br>руб.", "Расход, руб."), ("01.10.2026<br>10:00", "01.10.2026 10:00"),
     ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";")],
)  # fmt: skip
def test_numbers_one_above_the_other_are_not_one_number(cell: str, read_as: str) -> None:
    [sheet] = read_sheets(f"<table><tr><td>a<td>b<tr><td>c<td>{cell}</table>".encode())
    assert sheet.rows[1] == ["c", read_as]
