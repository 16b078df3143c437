"""Small files that would cost much: refused, or read within bounds that grow with their size and no faster."""

import io
import zipfile

import pytest
import xlsxwriter

from kpi_helpers.errors import KitError
from kpi_helpers.exports import quoting
from kpi_helpers.exports.dialect import read_sheets
from kpi_helpers.exports.oversize import MOST_TABLES, check_size
from kpi_helpers.exports.quoting import Dialect, Patience, split_line
from tests.ending import ends

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/package/2006"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{KINDS}/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{KINDS}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
    "</workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{KINDS}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}
ODS = "application/vnd.oasis.opendocument.spreadsheet"
FAR = "with the empty ones, it has .* million cells: too many. Delete what stands far"
LONG = "the text of its cells takes .* MB: too much"
DAMAGED = "the archive is damaged"


def packed(parts: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in parts.items():
            opened.writestr(name, text)
    return made.getvalue()


def workbook(rows: str, strings: str = "") -> bytes:
    sheet = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
    shared = f"<sst {MAIN}>{strings}</sst>"
    return packed({**PARTS, "xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": shared})


def ods(table: str) -> bytes:
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
                     for name in ("office", "table", "text"))  # fmt: skip
    body = f'<table:table table:name="S">{table}</table:table>'
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>{body}</office:spreadsheet>"
        "</office:body></office:document-content>"
    )
    return packed({"mimetype": ODS, "META-INF/manifest.xml": "<manifest/>", "content.xml": content})


def cell(place: str, value: str = "1", kind: str = "") -> str:
    return f'<c r="{place}"{kind}><v>{value}</v></c>'


def ods_cell(value: str, repeated: int = 1) -> str:
    return (f'<table:table-cell table:number-columns-repeated="{repeated}" office:value-type="string">'
            f"<text:p>{value}</text:p></table:table-cell>")  # fmt: skip


EMPTY = '<table:table-cell table:number-columns-repeated="{}"/>'
FIRST = f'<row r="1">{cell("A1")}</row>'
ROW = "<table:table-row>{}</table:table-row>"
SHARED = ' t="s"'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (workbook(FIRST + f'<row r="1048576">{cell("XFD1048576")}</row>'), FAR),
        (workbook(FIRST + f'<row r="2">{cell("AU1048576")}</row>'), FAR),
        (workbook(FIRST + "<row r='1048576'><c\tr='XFD1048576'><v>1</v></c></row>"), FAR),
        (workbook(f'<x:row xmlns:x="x" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>{FIRST}'), FAR),
        (workbook(f'<row r="1"><c/>{cell("XFC2")}<c><v>1</v></c></row><row r="99999"><c><v>1</v></c></row>'), FAR),
        (workbook(f'<row r="99999"/><row><c><v>1</v></c>{"<c/>" * 99}<c><v>1</v></c></row>'), FAR),
        (workbook(f'<row r="99999"/><row>{"<c/>" * 99}<row><c><v>1</v></c></row></row>'), FAR),
        (workbook(FIRST + cell("ZZZZZZZ1")), FAR),
        (workbook(FIRST + cell("A99999999999")), FAR),
        (workbook(FIRST + cell("A" * 99 + "1")), DAMAGED),
        (workbook(FIRST + cell("A" + "9" * 9999)), DAMAGED),
        (workbook(cell("A1", "0", SHARED) * 2000, f"<si><t>{'x' * 10**6}</t></si>"), LONG),
        (workbook("<c t='s'><f>9</f><v>0</v>9</c>" * 2000, f"<si><t>{'x' * 10**6}</t></si>"), LONG),
        (workbook(cell("A1", "0" * 50 + "1", SHARED) * 2000, f"<si/><si><t>{'x' * 10**6}</t></si>"), LONG),
        (workbook(cell("A1", "0", SHARED) * 2000, f"<si><t>{'x<!--</si>-->' * 600_000}</t></si>"), LONG),
        (workbook(cell("A1", "0", SHARED) * 2000, "<si><t>" + "<![CDATA[</si>]]>x" * 200_000 + "</t></si>"), LONG),
        (ods(ROW.format(ods_cell("a", 2**31 - 1))), FAR),
        (ods('<table:table-row table:number-rows-repeated="999999">' + ods_cell("a", 99) + "</table:table-row>"), FAR),
        (ods(ROW.format(ods_cell("a") + EMPTY.format(10**9) + ods_cell("b"))), FAR),
        (ods(ROW.format(ods_cell("a")) + '<table:table-row table:number-rows-repeated="9999999"/>'
             + ROW.format(ods_cell("b"))), FAR),
        (ods(ROW.format(EMPTY.format(10**9) + EMPTY.format(1))), FAR),
        (ods(ROW.format(ods_cell("x" * 10**6, 2000))), LONG),
        (ods(ROW.format(ods_cell('<text:s text:c="2000000000"/>'))), LONG),
        (ods(ROW.format(ods_cell(ROW.format(ods_cell("a")), 10**9))), DAMAGED),
        (ods(ROW.format(EMPTY.format("many"))), DAMAGED),
    ],
    ids=range(25),
)  # fmt: skip
def test_a_small_workbook_that_would_burst_is_refused_before_it_is_read(data: bytes, said: str) -> None:
    assert len(data) < 200_000
    with ends(), pytest.raises(KitError, match=said) as caught:
        check_size(zipfile.ZipFile(io.BytesIO(data)))
    if said != DAMAGED:
        assert caught.value.next_step


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (workbook(FIRST + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'), [["1"]]),
        (workbook(FIRST + "<row r='3'><c r='B3'><v>2</v></c></row>"), [["1", ""], ["", "2"]]),
        (workbook('<row><c t="s"><v>1</v></c><c><v>1.234</v></c></row><row/><row><c t="inlineStr"><is><t>b</t></is></c>'
                  "</row>", "<si><t>x</t></si><si><r><t>a</t></r></si>"), [["a", "1.2340"], ["b", ""]]),
        (workbook(cell("A1", "0", SHARED) + cell("B1", "1", SHARED),
                  f"<si><t>{'x' * 30_000}</t></si><si><t>y</t></si>"), [["x" * 30_000, "y"]]),
        (workbook("<row><c><v>1</v></c><c><v>2</v></c></row>" * 3000), [["1", "2"]] * 3000),
        (ods(ROW.format(ods_cell("a") + ods_cell("b", 2) + EMPTY.format(16_381))
             + '<table:table-row table:number-rows-repeated="3"/>' + ROW.format(ods_cell("c") + EMPTY.format(16_383))
             + f'<table:table-row table:number-rows-repeated="1048571">{EMPTY.format(16_384)}</table:table-row>'),
         [["a", "b", "b"], ["c", "", ""]]),
    ],
    ids=["formatted", "apostrophes", "no places", "long", "rows", "ods"],
)  # fmt: skip
def test_what_is_empty_or_written_otherwise_is_no_reason_to_refuse(data: bytes, rows: list[list[str]]) -> None:
    assert read_sheets(data)[0].rows == rows


def test_worksheets_count_together() -> None:
    with xlsxwriter.Workbook(made := io.BytesIO(), {"constant_memory": True}) as book:
        for _sheet in range(3):
            sheet = book.add_worksheet()
            sheet.write(0, 0, 1)
            sheet.write(999_999, 2, 1)
    with pytest.raises(KitError, match=FAR):
        read_sheets(made.getvalue())


def test_one_part_shown_as_many_worksheets_counts_each_time() -> None:
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 100))
    shown = f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
    rows = FIRST + f'<row r="400000">{cell("C400000")}</row>'
    sheet = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
    data = packed({**PARTS, "xl/workbook.xml": shown, "xl/worksheets/sheet1.xml": sheet})
    with pytest.raises(KitError, match="it has 6 million cells"):
        read_sheets(data)


@pytest.mark.parametrize(
    ("stored", "written"), [(1.234, "1.2340"), (0.125, "0.1250"), (1234.567, "1234.5670"), (5.0, "5"), (-2.5, "-2.5")]
)
def test_stored_numbers_are_never_unclear_and_texts_beside_them_are(stored: float, written: str) -> None:
    with xlsxwriter.Workbook(made := io.BytesIO()) as book:
        book.add_worksheet().write_row(0, 0, ["1,234", stored])
    sheet = read_sheets(made.getvalue())[0]
    assert sheet.rows == [["1,234", written]]


TABLE = "Name,Value\nfoo,{n}\n\n"


def test_more_tables_than_anyone_exports_are_refused() -> None:
    few = "".join(TABLE.format(n=n) for n in range(MOST_TABLES))
    assert len(read_sheets(few.encode())) == MOST_TABLES
    with pytest.raises(KitError, match=f"there are {MOST_TABLES + 1} tables in it: too many"):
        read_sheets((few + TABLE.format(n=0)).encode())
    with xlsxwriter.Workbook(made := io.BytesIO()) as book:
        for _sheet in range(MOST_TABLES + 1):
            book.add_worksheet().write(0, 0, 1)
    with pytest.raises(KitError, match=f"there are {MOST_TABLES + 1} tables in it"):
        read_sheets(made.getvalue())


def test_a_line_is_weighed_only_within_its_patience() -> None:
    stray = '"a"b",'
    line = stray * 9 + '"x, y"'
    dialect = Dialect(",", width=10)
    assert split_line(line, dialect) == (['a"b'] * 9 + ["x, y"], True)
    patience = Patience(1500)
    assert split_line(line, dialect, patience)[1] and not split_line(line, dialect, patience)[1]
    assert split_line(line, dialect, patience) == (line.split(","), False)
    assert not split_line(stray * 199 + '"x"', Dialect(",", width=200))[1]


def test_the_steps_for_damaged_lines_grow_with_the_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    real = Patience.suffices

    def counted(self: Patience, cells: int, marks: int, length: int) -> bool:
        before = self.left
        found = real(self, cells, marks, length)
        taken.append(before - self.left)
        return found

    monkeypatch.setattr(Patience, "suffices", counted)
    for cells in (10, 50, 200):
        taken.clear()
        text = ",".join(f"h{n}" for n in range(cells)) + "\n" + (",".join(['"a"b"'] * cells) + "\n") * 300
        quoting.parse(text, Dialect(",", width=cells))
        assert sum(taken) <= 2_000_000 + 40 * len(text)
        assert max(taken) <= 250_000


@pytest.mark.parametrize(
    "text",
    [
        "\n".join([",".join(f"h{n}" for n in range(200))] + [",".join(['"a"b"'] + ['"a"'] * 199)] * 1000),
        "Day,Campaign,Cost\n2026-10-01,A,1\n2026-10-02,B" + "," * 1_200_000 + "\n",
        "".join("a" + ",b" * n + "\n" for n in range(1, 1800)) + "a,b\n" * 300_000,
        "Day,Campaign\n" + "2026-10-01,A\n\n" * 200_000,
        "Report\n\n" * 300_000,
        "a,b\n" + '1,"' + "x\n" * 600_000,
    ],
    ids=["marks", "delimiters", "widths", "blanks", "titles", "open"],
)
def test_hostile_texts_take_no_more_than_their_time(text: str) -> None:
    with ends():
        read_sheets(text.encode())
