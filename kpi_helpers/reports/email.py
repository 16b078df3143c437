"""The report in short as an e-mail: a page with its pictures inside, and a draft that mail programs open."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from kpi_helpers.language import _
from kpi_helpers.lettering import plain
from kpi_helpers.reports.record import title_of
from kpi_helpers.reports.summary import WIDTH, Cell, Row, Summary, read_summary
from kpi_helpers.tables.fragments import piece

SUBJECT_LENGTH = 120  # characters


@dataclass(frozen=True)
class Attachment:
    """The full report as a file that goes with the message."""

    name: str
    content: bytes

    @property
    def kind(self) -> dict[str, Any]:
        """How a message names what it is."""
        if self.name.endswith(".pdf"):
            return {"maintype": "application", "subtype": "pdf"}
        return {"maintype": "text", "subtype": "html", "params": {"charset": "utf-8"}}


def make_email(
    notebook: Any, record: Mapping[str, Any], lang: str, attached: Attachment, report: str = "monthly_report"
) -> dict[str, bytes]:
    """The files of the e-mail by name: `<report>.email.html`, to be pasted, and `<report>.eml`: a draft, report inside.

    The draft has no sender and no date: the same report gives the same bytes. What departments earn is left out; so
    it should be of what is attached (`for_everybody`).
    """
    summary = read_summary(notebook)
    summary.title = summary.title or plain(title_of(record))
    inside = [f"data:image/png;base64,{base64.b64encode(picture.png).decode('ascii')}" for picture in summary.pictures]
    page = write_page(summary, lang, _("The full report:"), attached.name, inside)
    return {f"{report}.email.html": page.encode("utf-8"), f"{report}.eml": _draft(summary, lang, attached)}


def write_page(summary: Summary, lang: str, where: str, file: str, sources: Sequence[str]) -> str:
    """The summary as HTML that mail programs show: tables, inline styles, pictures from `sources`.

    The last line says `where` the full report is and the name of its `file`; a link would lead nowhere.
    """
    drawn = zip(summary.pictures, sources, strict=True)
    pictures = [{**vars(picture), "source": Markup(source)} for picture, source in drawn]
    return str(
        piece(
            "email.html", lang=lang, width=WIDTH, title=summary.title, subtitle=summary.subtitle, lead=summary.lead,
            findings=summary.headlines, card=summary.card, pictures=pictures, where=where, file=file,
        )
    )  # fmt: skip


def write_text(summary: Summary, file: str) -> str:
    """The summary for who reads no HTML."""
    lines = [summary.title, summary.subtitle, "", *(f"{line.shape or '-'} {line.text}" for line in summary.headlines)]
    lines += ["", summary.lead] if summary.lead else []
    if summary.card:
        lines += ["", summary.card.title, *(_line(row, summary.card.heads) for row in summary.card.rows)]
    lines += ["", f"{_('The report is attached:')} {file}"]
    return "\n".join(lines) + "\n"


def _line(row: Row, heads: Sequence[Cell]) -> str:
    if row.group:
        return f"\n{row.group}"
    cells = [f"{cell.text} ({cell.small})" if cell.small else cell.text for cell in row.cells]
    named = [f"{head.text} {text}" for head, text in zip(heads[1:], cells[1:], strict=True) if text]
    return f"- {cells[0]}: {'; '.join(named)}"


def _draft(summary: Summary, lang: str, attached: Attachment) -> bytes:
    """The summary as a message that a mail program opens for sending, with the full report attached."""
    names = [f"picture-{number}@kpi-kit" for number, _picture in enumerate(summary.pictures, 1)]
    text = write_text(summary, attached.name)
    where = _("The report is attached:")
    page = write_page(summary, lang, where, attached.name, [f"cid:{name}" for name in names])
    shown = EmailMessage(policy=SMTP)
    shown.set_content(page, subtype="html", cte="base64")
    for name, picture in zip(names, summary.pictures, strict=True):
        file_name = f"{name.split('@')[0]}.png"
        shown.add_related(picture.png, "image", "png", cid=f"<{name}>", disposition="inline", filename=file_name)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = plain(summary.title)[:SUBJECT_LENGTH]
    message["X-Unsent"] = "1"  # opens as a draft
    message.set_content(text, cte="base64")
    message.make_alternative()
    message.attach(shown)
    message.add_attachment(attached.content, **attached.kind, filename=attached.name)
    # A boundary made of the contents is the same again, and no content can hold it.
    mark = sha256("".join([text, page]).encode("utf-8")).hexdigest()[:32]
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"kpi-kit-{mark}-{number}")
    return message.as_bytes()
