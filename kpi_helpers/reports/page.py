"""An executed notebook as one HTML file that opens anywhere: no network, no scripts, no code, prints on A4."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from typing import Any

from kpi_helpers.language import _
from kpi_helpers.lettering import plain
from kpi_helpers.tables.fragments import TEMPLATES

LEFT_OUT = "note"  # the tag of cells for who opens the notebook
_STYLE = re.compile(r'<style class="kpi-style">.*?</style>', re.DOTALL)  # for notebooks: a page has its own
_IMAGES = ("image/png", "image/jpeg", "image/svg+xml")


def render_html(notebook: Any, *, title: str, lang: str) -> str:
    """The outputs of an executed notebook (HTML and images) and its markdown cells as one page.

    Cells tagged "note" are left out, and so are code, prompts, streams and errors. The table of contents is made from
    the `<h2 id=…>` of the outputs.
    """
    from nbconvert.exporters import TemplateExporter

    parts = [part for cell in notebook.cells for part in _parts(cell)]
    page = {
        "title": plain(title), "lang": lang, "running_head": css_string(plain(title)), "contents": _("Contents"),
        "headings": [heading for part in parts for heading in headings(part)], "parts": parts,
        "style": "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "page.css")),
    }  # fmt: skip
    exporter = TemplateExporter(
        template_name="kpi", extra_template_basedirs=[str(TEMPLATES / "nbconvert")], file_extension=".html"
    )
    body, _resources = exporter.from_notebook_node(notebook, resources={"page": page})
    return str(body)


def headings(html: str) -> list[tuple[str, str]]:
    """The (id, text) of each `<h2 id=…>` in a piece of HTML.

    >>> headings('<h2 id="sales">Sales &amp; service</h2><h2>no id</h2>')
    [('sales', 'Sales & service')]
    """
    reader = _HeadingReader()
    reader.feed(html)
    return [(anchor, plain(text)) for anchor, text in reader.found if anchor]


def css_string(text: str) -> str:
    """Text for a CSS string: everything that is not a letter, a digit or a space is written as its code.

    >>> css_string('a"b</style>')
    'a\\\\22 b\\\\3c \\\\2f style\\\\3e '
    """
    return "".join(char if char.isalnum() or char == " " else f"\\{ord(char):x} " for char in text)


class _HeadingReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "h2":
            self._inside = True
            self.found.append((dict(attrs).get("id") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "h2"

    def handle_data(self, data: str) -> None:
        if self._inside:
            anchor, text = self.found[-1]
            self.found[-1] = (anchor, text + data)


def _parts(cell: Any) -> Iterator[str]:
    if LEFT_OUT in cell.metadata.get("tags", []):
        return
    if cell.cell_type == "markdown":
        yield _markdown(cell.source)
    for output in cell.get("outputs", []):
        html = _STYLE.sub("", _output_html(output))
        if html.strip():
            yield html


def _markdown(source: str) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    to_html = MarkdownWithMath(renderer=IPythonRenderer(escape=True, exclude_anchor_links=True))
    return f'<div class="kpi">{to_html.render(source)}</div>' if source.strip() else ""


def _output_html(output: Any) -> str:
    data = output.get("data", {})
    if "text/html" in data:
        return str(data["text/html"])
    kind = next((kind for kind in _IMAGES if kind in data), "")
    if not kind:
        return ""
    alt = escape(plain(output.get("metadata", {}).get("alt", "")), quote=True)
    picture = f'<img alt="{alt}" src="{_data_address(kind, data[kind])}">'
    return f'<div class="kpi"><figure><div class="scroll">{picture}</div></figure></div>'


def _data_address(kind: str, content: str) -> str:
    from urllib.parse import quote

    if kind == "image/svg+xml":
        return f"data:{kind},{quote(content)}"
    return f"data:{kind};base64,{''.join(content.split())}"
