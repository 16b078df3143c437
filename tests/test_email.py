"""The e-mail: what a mail program can show, the report's own words, pictures inside, the same bytes each time."""

import email
import re
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from composed import sample, text

import kpi_helpers
from kpi_helpers import tables
from kpi_helpers.language import use_language
from kpi_helpers.reports.email import Attachment, make_email
from kpi_helpers.reports.order import Order
from kpi_helpers.reports.render import _attachment, render_report
from kpi_helpers.reports.section import RECORD_TYPE, Section
from kpi_helpers.reports.summary import MOST_PICTURES, WIDTH, for_everybody, read_summary
from kpi_helpers.tables import Finding

HOSTILE = '<script>alert(1)</script> <img src=x onerror=alert(2)> "=cmd|1" \u202egnp.exe\r\nBcc: all@example.com'
REPORT = Attachment("monthly_report.html", "<p>The report: Отчёт</p>".encode())
RECORD = {"client": "Home & Garden", "month": "2026-10"}
COMPANIES = {"northlight": "en", "severny_svet": "ru"}
SHOWN = ("title", "summary", "scorecard", "causes", "channels", "goals", "pay")
NOT_FOR_MAIL = {"script", "svg", "link", "iframe", "form", "object", "video", "canvas", "div"}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg=="
FIGURE = (
    '<div class="kpi"><figure><figcaption><span class="finding">{0}</span></figcaption><div class="scroll">'
    '<img alt="{0}" width="720" height="360" src="data:image/png;base64,' + PIXEL + '"></div></figure></div>'
)


class Page(HTMLParser):
    """The tags of a page and what a reader reads in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = self.style = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "style" and not self.style:
            self.style = data
        else:
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def one_line(words: str) -> str:
    return " ".join(words.split())


def notebook(*sections: Any) -> Any:
    outputs = [nbformat.v4.new_output("display_data", section._repr_mimebundle_()) for section in sections]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("show()", outputs=outputs)])


def made(*sections: Any, lang: str = "en") -> tuple[Page, EmailMessage]:
    """The page and the message of the e-mail."""
    files = make_email(notebook(*sections), RECORD, lang, REPORT)
    assert sorted(files) == ["monthly_report.email.html", "monthly_report.eml"]
    message = email.message_from_bytes(files["monthly_report.eml"], policy=default)
    assert isinstance(message, EmailMessage)
    return Page(files["monthly_report.email.html"].decode("utf-8")), message


@pytest.fixture(scope="module", params=COMPANIES)
def company(request: pytest.FixtureRequest) -> tuple[str, list[Any]]:
    """Sections of a company's report in its language."""
    lang = COMPANIES[request.param]
    use_language(lang)
    return lang, [sample(request.param).section(anchor) for anchor in SHOWN]


def test_the_page_says_what_the_report_says(company: tuple[str, list[Any]]) -> None:
    lang, sections = company
    use_language(lang)
    page, _message = made(*sections, lang=lang)
    summary = read_summary(notebook(*sections))
    said, [title, headlines, card] = one_line(page.words), [text(section) for section in sections[:3]]
    assert summary.title and one_line(f"{summary.title} {summary.subtitle}") == title
    assert 3 <= len(summary.headlines) <= 6
    for line in summary.headlines:
        assert one_line(line.text) in headlines and one_line(line.text) in said
    assert summary.card is not None
    rows = [row for row in summary.card.rows if row.cells]
    assert 6 <= len(rows) <= 12
    for row in rows:
        assert len(row.cells) == len(summary.card.heads) == 6
        for cell in row.cells:
            for words in (cell.text, cell.small):
                assert one_line(words) in card and one_line(words) in said
    assert all(row.cells[0].text and row.cells[1].text for row in rows)
    assert page.tags[0] == ("html", {"lang": lang})


def test_the_page_is_made_for_mail_programs(company: tuple[str, list[Any]]) -> None:
    lang, sections = company
    use_language(lang)
    page, _message = made(*sections, lang=lang)
    used = {tag for tag, _attrs in page.tags}
    assert not used & NOT_FOR_MAIL
    styles = " ".join(attrs.get("style") or "" for _tag, attrs in page.tags)
    assert not re.search(r"flex|grid|position|float|var\(|url\(", styles)
    assert not any("id" in attrs for _tag, attrs in page.tags)
    assert len(page.all("style")) == 1
    assert re.fullmatch(r"\s*@media \(max-width: \d+px\) \{.*\}\s*", page.style, re.DOTALL)
    assert {attrs["width"] for attrs in page.all("table")[1:2]} == {str(WIDTH)}
    assert not page.all("a")  # whoever gets it has no file beside it that could be linked


def test_pictures_lie_inside_and_say_their_finding(company: tuple[str, list[Any]]) -> None:
    lang, sections = company
    use_language(lang)
    page, message = made(*sections, lang=lang)
    pictures = page.all("img")
    assert len(pictures) == MOST_PICTURES
    assert all(str(each["src"]).startswith("data:image/png;base64,iVBOR") and each["alt"] for each in pictures)
    assert all(each["width"] == str(WIDTH) and int(str(each["height"])) > 100 for each in pictures)
    shown = message.get_body(("html",))
    assert shown is not None
    named = [str(each["src"]).removeprefix("cid:") for each in Page(shown.get_content()).all("img")]
    inside = {part["Content-ID"].strip("<>"): part.get_content() for part in message.walk() if part["Content-ID"]}
    assert named == list(inside) and len(named) == MOST_PICTURES
    assert all(content.startswith(b"\x89PNG") for content in inside.values())


def test_what_departments_earn_is_left_out(company: tuple[str, list[Any]]) -> None:
    lang, sections = company
    use_language(lang)
    titles = {"pay": Section("pay", "Pay").html(FIGURE.format("The bonus")), "goals": sections[5]}
    page, message = made(*titles.values(), lang=lang)
    said = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    assert len(said) >= 2 and not any("The bonus" in words for words in [page.words, *said])
    assert not any("The bonus" in str(attrs["alt"]) for attrs in page.all("img"))
    assert len(page.all("img")) == 1


def test_the_message_is_a_draft_with_a_text_for_who_reads_no_html(company: tuple[str, list[Any]]) -> None:
    lang, sections = company
    use_language(lang)
    summary = read_summary(notebook(*sections))
    _page, message = made(*sections, lang=lang)
    assert (message["Subject"], message["X-Unsent"]) == (summary.title, "1")
    assert not {"Date", "Message-ID", "From", "To"} & set(message.keys())
    assert message.get_content_type() == "multipart/mixed"
    body, attached = message.iter_parts()
    assert isinstance(body, EmailMessage)
    assert body.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "multipart/related"]
    assert list(message.iter_attachments()) == [attached]
    plain = message.get_body(("plain",))
    assert plain is not None
    words = plain.get_content()
    assert all(line.text in words for line in summary.headlines)
    assert words.strip().endswith("monthly_report.html") and not re.search(r"</?\w+>", words)
    assert not any(part.defects for part in message.walk())


def test_the_same_report_gives_the_same_bytes(company: tuple[str, list[Any]]) -> None:
    lang, sections = company
    use_language(lang)
    first, again = (make_email(notebook(*sections), RECORD, lang, REPORT) for _time in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("attached", "kind"),
    [(REPORT, "text/html"), (Attachment("monthly_report.pdf", b"%PDF-1.7 \xff\x00"), "application/pdf")],
)
@pytest.mark.parametrize(("lang", "said"), [("en", "The report is attached:"), ("ru", "Отчёт во вложении:")])
def test_the_report_goes_with_the_message(attached: Attachment, kind: str, lang: str, said: str) -> None:
    use_language(lang)
    files = make_email(notebook(), RECORD, lang, attached)
    message = email.message_from_bytes(files["monthly_report.eml"], policy=default)
    assert isinstance(message, EmailMessage)
    [part] = message.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == (attached.name, kind)
    assert part.get_payload(decode=True) == attached.content
    for body in (message.get_body(("plain",)), message.get_body(("html",))):
        assert body is not None and said in body.get_content() and attached.name in body.get_content()
    page = files["monthly_report.email.html"].decode("utf-8")
    assert attached.name in page and said not in page


def test_what_departments_earn_is_not_attached() -> None:
    sections = [Section("goals", "Goals").notice("No goals."), Section("pay", "Pay").notice("The bonus")]
    whole = notebook(sections[0])
    whole.cells += notebook(sections[1]).cells
    assert for_everybody(whole).cells == whole.cells[:1] and len(whole.cells) == 2


def test_hostile_words_stay_words() -> None:
    sections = [
        Section("summary", HOSTILE, HOSTILE).html(tables.headlines([Finding(HOSTILE, "missed", "goals")])),
        Section("goals", "Goals").html(FIGURE.format("&lt;script&gt;alert(3)&lt;/script&gt;&quot; onerror=&quot;x")),
    ]
    title = Section("title", "title").html(tables.title_block(HOSTILE, HOSTILE))
    page, message = made(title, *sections)
    shown = message.get_body(("html",))
    assert shown is not None
    for each in (page, Page(shown.get_content())):
        assert not {tag for tag, _attrs in each.tags} & NOT_FOR_MAIL
        assert not any(name.startswith("on") for _tag, attrs in each.tags for name in attrs)
        assert len(each.all("img")) == 1
        assert "<script>alert(1)</script>" in each.words and "\u202e" not in each.words
    assert message["Bcc"] is None and "\n" not in message["Subject"]
    assert message["Subject"].startswith("<script>")


def test_a_report_without_headlines_and_pictures_has_an_e_mail_all_the_same() -> None:
    page, message = made(Section("costs", "Costs").notice("No costs."))
    assert message["Subject"] == "Home & Garden: October 2026"
    assert "Home & Garden: October 2026" in page.words and "monthly_report.html" in page.words
    assert not page.all("img")
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/html",
    ]  # fmt: skip


def test_another_report_is_named_as_it_is() -> None:
    attached = Attachment("costs_report.html", b"")
    files = make_email(notebook(Section("costs", "Costs")), RECORD, "en", attached, "costs_report")
    assert sorted(files) == ["costs_report.email.html", "costs_report.eml"]
    assert b"costs_report.html" in files["costs_report.email.html"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 640, 1000])
def test_the_page_never_scrolls_sideways(company: tuple[str, list[Any]], chromium: Any, width: int) -> None:
    lang, sections = company
    use_language(lang)
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.set_content(make_email(notebook(*sections), RECORD, lang, REPORT)["monthly_report.email.html"].decode("utf-8"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (page.locator(".label").first.is_visible(), page.locator(".heads").is_visible()) == (
        (True, False) if width < 500 else (False, True)
    )
    page.close()


def test_the_attached_page_has_no_section_on_pay(tmp_path: Path) -> None:
    order = Order(tmp_path, "2026-10", "monthly_report", "en", tmp_path, {}, tmp_path, ("email",))
    executed = notebook(Section("goals", "Goals").notice("No goals."))
    executed.cells += notebook(Section("pay", "Pay").notice("The bonus")).cells
    record = nbformat.v4.new_output("display_data", {RECORD_TYPE: RECORD})
    executed.cells.append(nbformat.v4.new_code_cell("record", outputs=[record]))
    (tmp_path / "monthly_report.html").write_text("the whole page")
    attached = _attachment(tmp_path, order, executed)
    page = attached.content.decode("utf-8")
    assert attached.name == "monthly_report.html"
    assert "No goals." in page and "Pay" not in page and "The bonus" not in page
    del executed.cells[1]
    assert _attachment(tmp_path, order, executed).content == b"the whole page"


def test_the_kit_renders_by_its_own_name() -> None:
    assert kpi_helpers.render_report is render_report
