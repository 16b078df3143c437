"""The PDF: every cell of every table is on the paper, nothing is cut, the same page gives the same bytes."""

import base64
import io
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
import psutil
import pytest
from composed import sample
from pypdf import PdfReader

from kpi_helpers import tables
from kpi_helpers.errors import KitError
from kpi_helpers.language import use_language
from kpi_helpers.reports import pdf
from kpi_helpers.reports.page import render_html
from kpi_helpers.reports.pdf import lay_out, make_pdf
from kpi_helpers.reports.printed import is_complete, letters, read_printed, read_tables
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column
from tests.browsers import find_chromium

A4 = (595, 842)  # points
COMPANIES = {"northlight": "en", "severny_svet": "ru"}


def page_of(*sections: Any, title: str = "Home & Garden, 2026-10", lang: str = "en") -> str:
    """The sections as the page of a report."""
    outputs = [nbformat.v4.new_output("display_data", section._repr_mimebundle_()) for section in sections]
    cells = [nbformat.v4.new_code_cell("show()", outputs=[output]) for output in outputs]
    return render_html(nbformat.v4.new_notebook(cells=cells), title=title, lang=lang)


def table_of(columns: int, *, rows: int = 3, caption: str = "Wide") -> Section:
    """A section with one table."""
    heads = [Column("Channel"), *(Column(f"Measure number {place}", "count") for place in range(columns - 1))]
    body = [[f"channel {row}", *(1_234_000 + 100 * row + place for place in range(columns - 1))] for row in range(rows)]
    return Section("wide", "Wide tables").table(heads, body, caption=caption)


def printed(page: str, folder: Path) -> PdfReader:
    """The page as `make_pdf` prints it."""
    find_chromium()
    (folder / "page.html").write_text(page, encoding="utf-8")
    make_pdf(folder / "page.html", folder / "page.pdf")
    assert sorted(path.name for path in folder.iterdir()) == ["page.html", "page.pdf"]
    return PdfReader(folder / "page.pdf")


def printed_plainly(page: str, folder: Path) -> PdfReader:
    """The page as the browser prints it, whatever it drops."""
    tables_of_page = read_tables(page)
    laid_out = lay_out(page, tables_of_page, [0] * len(tables_of_page))
    return PdfReader(io.BytesIO(pdf._print(find_chromium(), laid_out, folder)))


def boxes_of_pictures(pdf: PdfReader) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right and top of every picture, in points."""
    found = []
    for page in pdf.pages:
        drawn: Any = page["/Resources"]
        pictures = {name for name, item in drawn.get("/XObject", {}).items()
                    if item.get_object()["/Subtype"] == "/Image"}  # fmt: skip

        def look(operator: bytes, operands: Any, place: list[float], _line: Any, known: set[str] = pictures) -> None:
            if operator == b"Do" and operands[0] in known:
                a, b, c, d, x, y = place
                across, up = [x, x + a, x + c, x + a + c], [y, y + b, y + d, y + b + d]
                found.append((min(across), min(up), max(across), max(up)))

        page.extract_text(visitor_operand_before=look)
    return found


# What is printed


def test_pages_have_the_client_at_the_head_and_numbers_at_the_foot(tmp_path: Path) -> None:
    read = printed(page_of(table_of(5, rows=260)), tmp_path)
    pages = len(read.pages)
    assert pages > 3
    assert all((round(page.mediabox.width), round(page.mediabox.height)) == A4 for page in read.pages)
    texts = [page.extract_text() for page in read.pages]
    assert all(f"{number} / {pages}" in text for number, text in enumerate(texts, 1))
    assert ["Home & Garden, 2026-10" in text for text in texts] == [False] + [True] * (pages - 1)
    assert all("Measure number 3" in text for text in texts), "the headings are repeated on every page"


def test_a_pdf_says_what_it_is_and_not_when_it_was_made(tmp_path: Path) -> None:
    page = page_of(table_of(4), lang="ru")
    read = printed(page, tmp_path)
    root: Any = read.trailer["/Root"]
    assert read.metadata == {"/Title": "Home & Garden, 2026-10", "/Creator": "kpi-kit", "/Producer": "Chromium"}
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("ru", True)
    assert [entry.title for entry in read.outline if not isinstance(entry, list)] == ["Wide tables"]
    first = (tmp_path / "page.pdf").read_bytes()
    assert "/ID" not in read.trailer
    time.sleep(1.1)  # the dates in a PDF have seconds
    make_pdf(tmp_path / "page.html", tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes() == first


def test_print_is_dark_on_white_and_has_no_contents(tmp_path: Path) -> None:
    text = "".join(page.extract_text() for page in printed(page_of(table_of(4)), tmp_path).pages)
    assert text.count("Wide tables") == 1  # the heading alone, not the table of contents


# No column is lost


def test_every_cell_is_found_again(tmp_path: Path) -> None:
    section = table_of(6).html(tables.status_badge("met", "higher", "count"))
    page = page_of(section, table_of(3, rows=60, caption="Long"))
    found = read_printed(printed(page, tmp_path))
    wanted = [table.rows for table in read_tables(page)]
    assert [[[letters(cell) for cell in row] for row in rows] for rows in found][0] == [
        [letters(cell) for cell in row] for row in wanted[0]
    ]
    assert [is_complete(rows, cells) for rows, cells in zip(wanted, found, strict=True)] == [True, True]


@pytest.mark.parametrize("columns", [14, 24])
def test_a_wide_table_is_printed_in_parts_that_repeat_its_first_column(tmp_path: Path, columns: int) -> None:
    page = page_of(table_of(columns), table_of(4, caption="Narrow"))
    [wide, narrow] = read_tables(page)
    lost = read_printed(printed_plainly(page, tmp_path))
    assert [is_complete(wide.rows, lost[0]), is_complete(narrow.rows, lost[1])] == [False, True], "it fits as it is"
    for left in tmp_path.iterdir():
        if left.is_file():
            left.unlink()
    (tmp_path / "print").mkdir()
    *parts, last = read_printed(printed(page, tmp_path / "print"))
    assert is_complete(narrow.rows, last)
    assert len(parts) > 1
    assert all(row[0] for part in parts for row in part)
    assert {letters(part[1][0]) for part in parts} == {"channel0"}
    heads = [letters(cell) for part in parts for cell in part[0][1:]]
    assert heads == [letters(cell) for cell in wide.rows[0][1:]]
    cells = [[letters(cell) for part in parts for cell in part[row][1:]] for row in range(1, 4)]
    assert cells == [[letters(cell) for cell in row[1:]] for row in wide.rows[1:]]


def test_a_cell_cut_in_its_last_letter_is_lost(tmp_path: Path) -> None:
    """The first widths at which a table reaches beyond the paper: no letter is missing in the text, half of one is."""
    cells = "".join(f"<td>column {place}</td>" for place in range(4))
    verdicts = {}
    for beyond in (0, 3, 6):
        row = f'<tr>{cells}<td style="text-align: right; padding: 0">the end</td></tr>'
        table = f'<div class="kpi"><table style="width: calc(100% + {beyond}px)"><tbody>{row}</tbody></table></div>'
        page = page_of(Section("a", "A").html(table))
        [rows] = read_printed(printed_plainly(page, tmp_path))
        verdicts[beyond] = is_complete(read_tables(page)[0].rows, rows)
    assert verdicts == {0: True, 3: False, 6: False}


def test_what_fits_in_no_way_is_said_and_leaves_no_file(tmp_path: Path) -> None:
    find_chromium()
    cells = f"<caption>Names &lt;b&gt;</caption><tr><td>one</td><td>{'x' * 400}</td></tr>"
    page = page_of(Section("a", "A").html(f'<div class="kpi"><table>{cells}</table></div>'))
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    with pytest.raises(KitError, match='the table "Names <b>" does not fit on the paper'):
        make_pdf(tmp_path / "page.html", tmp_path / "page.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_letters_without_a_font_are_boxes_and_no_lost_column(tmp_path: Path) -> None:
    heads = [Column("Channel"), Column("Sales", "count")]
    rows = [["\U00100000\U00100001 2026", 1], ["Sale \U00100000", 2], ["\U00100002", 3]]  # of nobody's alphabet
    read = printed(page_of(Section("a", "A").table(heads, rows, caption="C")), tmp_path)
    assert "Sale" in read.pages[0].extract_text()
    assert not is_complete([["渠2026", "1"]], [["\0", "1"]])
    assert not is_complete([["渠", "1", "2"]], [["\0", "2"]])


def test_a_variable_font_has_widths(tmp_path: Path) -> None:
    """Chromium embeds it glyph by glyph, as Type 3."""
    font = base64.b64encode(variable_font(tmp_path / "font.ttf")).decode()
    rule = f"@font-face {{ font-family: V; src: url(data:font/ttf;base64,{font}) }} * {{ font-family: V !important }}"
    page = page_of(table_of(4)).replace("default-src 'none'", "default-src 'none'; font-src data:")
    (tmp_path / "print").mkdir()
    read = printed(page.replace("</head>", f"<style>{rule}</style></head>"), tmp_path / "print")
    fonts: Any = read.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    assert "/Type3" in {font.get_object()["/Subtype"] for font in fonts.values()}
    plain = read_printed(printed_plainly(page.replace("</head>", f"<style>{rule}</style></head>"), tmp_path))
    narrow = read_printed(printed_plainly(
        page.replace("</head>", f"<style>{rule} .kpi table {{ width: 130% !important }}</style></head>"), tmp_path
    ))  # fmt: skip
    rows = read_tables(page)[0].rows
    assert [is_complete(rows, found[0]) for found in (plain, narrow)] == [True, False]


def variable_font(path: Path) -> bytes:
    """A font whose letter a has another width when it is bold."""
    from fontTools.ttLib import TTFont, newTable
    from fontTools.ttLib.tables._f_v_a_r import Axis
    from fontTools.ttLib.tables.TupleVariation import TupleVariation
    from matplotlib import get_data_path

    font = TTFont(Path(get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))
    weight, axes, shapes = Axis(), newTable("fvar"), newTable("gvar")
    weight.axisTag, weight.minValue, weight.defaultValue, weight.maxValue, weight.flags = "wght", 100, 400, 900, 0
    weight.axisNameID = font["name"].addMultilingualName({"en": "Weight"}, ttFont=font)
    axes.axes, axes.instances = [weight], []
    shapes.version, shapes.reserved = 1, 0
    shapes.variations = {name: [] for name in font.getGlyphOrder()}
    points = len(font["glyf"]["a"].coordinates) + 4
    shapes.variations["a"] = [TupleVariation({"wght": (0, 1, 1)}, [(10, 0)] * points)]
    font["fvar"], font["gvar"] = axes, shapes
    font.save(path)
    return path.read_bytes()


# Without a network


def test_the_print_asks_the_network_for_nothing(tmp_path: Path) -> None:
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_words: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://localhost:{server.server_port}/pixel.png"
        printed(f'<html><head></head><body><img src="{address}"><p>words</p></body></html>', tmp_path)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


# Where it cannot be printed


def program(folder: Path, code: str) -> str:
    """A program that takes the place of Chromium."""
    path = folder / "chromium"
    path.write_text(f"#!{sys.executable}\n{code}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "page.html"
    path.parent.mkdir()
    path.write_text(page_of(table_of(3)), encoding="utf-8")
    return path


def test_without_chromium_it_is_said_what_to_do(page_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_installed", lambda: iter([None, None]))
    monkeypatch.delenv(pdf.CHOICE, raising=False)
    with pytest.raises(KitError, match="none is installed. Install Chromium, .* or leave out --pdf"):
        make_pdf(page_file, page_file.with_suffix(".pdf"))
    monkeypatch.setenv(pdf.CHOICE, "no-such-program")
    with pytest.raises(KitError, match="KPI_CHROMIUM names no program: 'no-such-program'"):
        make_pdf(page_file, page_file.with_suffix(".pdf"))


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script")
@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import sys; print('no display', file=sys.stderr); sys.exit(3)", "could not print the report: no display"),
        ("pass", "Chromium could not print the report"),
        ("import time; time.sleep(60)", "did not print the report within 1 seconds"),
    ],
    ids=["fails", "writes nothing", "hangs"],
)
def test_a_browser_that_fails_leaves_nothing(
    page_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, found: str
) -> None:
    monkeypatch.setenv(pdf.CHOICE, program(tmp_path, code))
    monkeypatch.setattr(pdf, "TIME_LIMIT", 1)
    with pytest.raises(KitError, match=found):
        make_pdf(page_file, page_file.with_suffix(".pdf"))
    assert [path.name for path in page_file.parent.iterdir()] == ["page.html"]
    if os.name == "posix":
        left = subprocess.run(["ps", "-eo", "args"], capture_output=True, encoding="utf-8", check=True).stdout
        assert str(tmp_path / "chromium") not in left


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script")
def test_what_a_browser_has_started_ends_with_it(
    page_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = "[sys.executable, '-c', 'import time; time.sleep(60)', 'own']"
    code = f"import subprocess, sys, time; subprocess.Popen({child}); time.sleep(60)"
    monkeypatch.setenv(pdf.CHOICE, program(tmp_path, code))
    monkeypatch.setattr(pdf, "TIME_LIMIT", 2)
    with pytest.raises(KitError, match="did not print the report within 2 seconds"):
        make_pdf(page_file, page_file.with_suffix(".pdf"))
    own = ["import time; time.sleep(60)", "own"]
    left = [one for one in psutil.process_iter(["cmdline"]) if (one.info["cmdline"] or [])[-2:] == own]
    assert [one for one in left if one.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script")
def test_a_snap_that_fails_is_named(page_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(pdf.CHOICE, program(tmp_path, "import sys  # exec /snap/bin/chromium\nsys.exit(1)"))
    with pytest.raises(KitError, match="is a snap and sees only what lies below your home folder"):
        make_pdf(page_file, page_file.with_suffix(".pdf"))


def test_a_relative_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_chromium()
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    Path("out/page.html").write_text(page_of(table_of(3)), encoding="utf-8")
    make_pdf(Path("out/page.html"), Path("out/page.pdf"))
    assert sorted(path.name for path in Path("out").iterdir()) == ["page.html", "page.pdf"]


def test_what_is_no_pdf_is_refused(page_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_chromium()
    monkeypatch.setattr(pdf, "_print", lambda *_given: b"%PDF-1.4 and no more")
    with pytest.raises(KitError, match="could not print the report"):
        make_pdf(page_file, page_file.with_suffix(".pdf"))
    assert not page_file.with_suffix(".pdf").exists()


# Whole reports


@pytest.mark.slow
@pytest.mark.parametrize("company", COMPANIES)
def test_nothing_of_a_report_is_cut_or_lost(company: str, tmp_path: Path) -> None:
    use_language(COMPANIES[company])
    sections = sample(company).show().values()
    page = page_of(*sections, title=f"{company}, 2026-10", lang=COMPANIES[company])
    read = printed(page, tmp_path)
    pages = len(read.pages)
    assert 10 < pages < 40
    texts = [letters(each.extract_text()) for each in read.pages]
    assert all(f"{number}/{pages}" in text for number, text in enumerate(texts, 1))
    assert all(letters(company) in text for text in texts[1:])
    found = read_printed(read)
    assert len(found) > 20
    assert all(is_complete(table.rows, rows) for table, rows in zip(read_tables(page), found, strict=True))
    boxes = boxes_of_pictures(read)
    assert len(boxes) == page.count("<img")
    width, height = A4
    assert all(33 <= left < right <= width - 33 and 42 <= low < top <= height - 44 for left, low, right, top in boxes)
    assert all(len(text) > 200 for text in texts), "a page stands all but empty"
