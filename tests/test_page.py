import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from kpi_helpers import language, tables
from kpi_helpers.language import use_language
from kpi_helpers.reports.page import css_string, headings, render_html
from tests.ending import ends

HOSTILE = 'Tom & "Jerry" <script>alert(1)</script> \\ } </style> \u202egnp.exe'
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="


def code(*outputs: dict[str, Any], source: str = "secret_code = 1", **metadata: Any) -> NotebookNode:
    shown = [nbformat.v4.new_output("display_data", data, metadata=metadata) for data in outputs]
    return nbformat.v4.new_code_cell(source, outputs=shown, execution_count=7)


def notebook(*texts: str) -> NotebookNode:
    note = nbformat.v4.new_markdown_cell("How to run this notebook")
    note.metadata["tags"] = ["note"]
    cells = [
        note,
        code({"text/html": tables.page_style()}),
        code({"text/html": tables.title_block("Home & Garden", "October"), "text/plain": "<a Title object>"}),
        code({"text/html": tables.section("Money & leads", "money")}),
        code({"text/html": tables.section("What is missing", "missing")}),
        code({"image/png": PIXEL, "text/plain": "<Figure>"}, alt='leads "up"'),
        nbformat.v4.new_code_cell("1/0", outputs=[
            nbformat.v4.new_output("stream", text="a warning nobody should see"),
            nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="x", traceback=["trace"]),
        ]),
        code({"application/javascript": "alert(3)", "text/plain": "plain words"}),
        *[code({"text/html": text}) for text in texts],
    ]  # fmt: skip
    return nbformat.v4.new_notebook(cells=cells)


class Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def render(*texts: str, title: str = "Home · October", lang: str = "en") -> str:
    return render_html(notebook(*texts), title=title, lang=lang)


def test_only_outputs_for_readers_are_in_the_page() -> None:
    html = render()
    assert "Home &amp; Garden" in html
    for hidden in ("secret_code", "1/0", "warning", "Traceback", "trace", "ZeroDivision", "How to run", "Title object",
                   "&lt;Figure", "alert(3)", "plain words", "In [", "Out["):  # fmt: skip
        assert hidden not in html


def test_nothing_is_loaded_and_nothing_runs() -> None:
    html = render()
    page = Reader(html)
    assert page.of("script") == page.of("link") == page.of("iframe") == page.of("object") == []
    assert not re.search(r"https?://|@import|url\(|mathjax|require\.js|mermaid", html, re.I)
    policy = next(meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy and policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")


def test_every_image_has_alternative_text() -> None:
    images = Reader(render()).of("img")
    assert [image["alt"] for image in images] == ['leads "up"']
    assert all((image["src"] or "").startswith("data:image/png;base64,") for image in images)


def test_contents_lead_to_every_section() -> None:
    page = Reader(render())
    anchors = [link["href"] for link in page.of("a") if (link["href"] or "").startswith("#")]
    assert anchors == ["#money", "#missing"] * 2  # at the side, and folded for telephones
    assert {"#" + (heading["id"] or "") for heading in page.of("h2")} == set(anchors)
    assert "Money &amp; leads</a>" in render()


def test_a_page_without_sections_has_no_contents() -> None:
    page = Reader(render_html(nbformat.v4.new_notebook(cells=[code({"text/html": "<p>x</p>"})]), title="x", lang="en"))
    assert page.of("nav") == page.of("details") == []


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_language_and_title(lang: str) -> None:
    html = render(title=HOSTILE, lang=lang)
    assert Reader(html).of("html") == [{"lang": lang}]
    assert "<title>Tom &amp; &#34;Jerry&#34; &lt;script&gt;" in html
    assert Reader(html).of("script") == []
    assert html.count("</style>") == 1
    assert "\u202e" not in html


def test_the_style_is_there_once() -> None:
    html = render(tables.page_style())
    assert html.count("<style") == 1
    assert html.count("ul.headlines li:first-child") == 1


def test_notebook_is_left_as_it_was() -> None:
    book = notebook()
    before = nbformat.writes(book)
    render_html(book, title="x", lang="en")
    assert nbformat.writes(book) == before


def test_markdown_is_shown_and_its_html_is_text() -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("**Read** <script>alert(1)</script>")])
    html = render_html(book, title="x", lang="en")
    assert "<strong>Read</strong>" in html
    assert Reader(html).of("script") == []


def test_a_long_page_comes_to_an_end() -> None:
    book = notebook(*["<p>" + "x" * 30_000 + "</p>"] * 500)
    with ends():
        assert len(render_html(book, title="x", lang="en")) > 15_000_000


@pytest.mark.parametrize("text", ["plain", HOSTILE, "октябрь 2026", "\\", '"'])
def test_css_string_can_be_read_back_and_cannot_end_the_string(text: str) -> None:
    written = css_string(text)
    assert not set('"<>{}') & set(written)
    assert re.sub(r"\\([0-9a-f]+) ", lambda code: chr(int(code[1], 16)), written) == text


def test_headings_of_broken_html() -> None:
    assert headings('<h2 id="a">A<b>B</b><h2 id="b">C') == [("a", "AB"), ("b", "C")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    driver = pytest.importorskip("playwright.sync_api")
    program = next((path for path in map(Path, ("/usr/bin/chromium", "/usr/bin/google-chrome")) if path.exists()), None)
    with driver.sync_playwright() as playwright:
        try:
            window = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        except driver.Error:
            pytest.skip("no Chromium here")
        yield window
        window.close()


def wide_report() -> str:
    import pandas as pd

    rows = [
        {"kpi": kpi, "scope": "company", "value": value, "low": value * 0.9, "high": value * 1.1,
         "previous": value * 0.9, "year_ago": value * 1.2, "change_verdict": "noise", "year_verdict": "worse",
         "goal": value * 1.1, "goal_full": value * 2, "status": status, "owner": owner, "history": [value] * 13,
         "months": [], "reason": ""}
        for kpi, value, status, owner in (
            ("revenue", 4536862.0, "missed", "shared"), ("cac", 21374.0, "not_enough", "marketing"),
            ("answered_in_time", 0.834, "met", "sales"), ("romi", -0.49, "no_data", "marketing"),
        )
    ]  # fmt: skip
    table = tables.data_table([tables.Column("Campaign" * 3)] * 9, [["word " * 20] * 9] * 5)
    findings = tables.headlines([tables.Finding("x" * 300, "met", "money")])
    scorecard = tables.scorecard_table(pd.DataFrame(rows), "RUB")
    return render(findings, scorecard, table, tables.glossary(["payback_months", "nps"]))


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 400, 768, 900, 1280])
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_page_fits_every_screen_and_asks_for_nothing(browser: Any, tmp_path: Path, width: int, lang: str) -> None:
    import gettext

    if lang == "en" or gettext.find("kpi", language.LOCALE_DIR, [lang]):
        use_language(lang)
    file = tmp_path / "report.html"
    file.write_text(wide_report(), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert page.locator("nav.toc").is_visible() == (width >= 1240)
    assert page.locator("details.toc").is_visible() == (width < 1240)
    page.close()


@pytest.mark.browser
def test_page_prints_on_a4_with_its_title_and_page_numbers(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(wide_report(), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav.toc").is_visible() and not page.locator("details.toc").is_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box and [round(float(side)) for side in box.groups()] == [595, 842]


@pytest.mark.browser
def test_on_a_phone_a_wide_table_scrolls_below_its_whole_caption(browser: Any) -> None:
    columns = [tables.Column(f"Column {place}", "count") for place in range(12)]
    table = tables.data_table(columns, [[10**6] * 12], caption="The caption of the table says more than one line. " * 3)
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_content(
        '<meta name="viewport" content="width=device-width">' + tables.page_style() + table
        + f'<div class="widget-html" style="display: flex"><div class="widget-html-content">{table}</div></div>'
    )  # fmt: skip
    words = """() => [...document.querySelectorAll("caption")].map(caption => {
        const range = document.createRange(); range.selectNodeContents(caption);
        return range.getBoundingClientRect().right <= innerWidth })"""
    assert page.evaluate(words) == [True, True]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.close()
