"""The pieces of a report in HTML: title, headlines, sections, data tables, notices, glossary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kpi_helpers.catalogue import KPIS, expanded
from kpi_helpers.labels import (
    NBSP,
    NO_VALUE,
    currency_symbol,
    kpi_name,
    measure_name,
    owner_name,
    write_value,
)
from kpi_helpers.language import N_, _
from kpi_helpers.lettering import LONGEST_NAME, cut_middle, plain
from kpi_helpers.palette import STATUSES, status_word
from kpi_helpers.tables.fragments import TEMPLATES, fragment
from kpi_helpers.terms import MEASURES

_UNITS = {"points": N_("points")}


@dataclass(frozen=True)
class Finding:
    """A headline: a sentence with its number, the status that marks it, and the section (`anchor`) that proves it."""

    text: str
    status: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Column:
    """A column of `data_table`: its title and the style of its values ("text" or a style of the catalogue)."""

    title: str
    style: str = "text"


def page_style() -> str:
    """The style sheet of every fragment, as a `<style>` block: show it once, at the top of a notebook."""
    return f'<style class="kpi-style">\n{(TEMPLATES / "report.css").read_text(encoding="utf-8")}</style>\n'


def title_block(title: str, subtitle: str = "") -> str:
    """The title of a report, with the period and how much of it is covered below."""
    return fragment("title.html", title=title, subtitle=subtitle)


def section(text: str, anchor: str, lead: str = "", *, new_page: bool = True) -> str:
    """The heading of a section; the page's table of contents is built from these. `new_page`: in print."""
    return fragment("section.html", text=text, anchor=anchor, lead=lead, new_page=new_page)


def headlines(findings: Sequence[Finding]) -> str:
    """Three to five findings at the top of a report."""
    rows = [(finding, STATUSES.get(finding.status)) for finding in findings]
    return fragment("headlines.html", rows=rows, status_word=status_word)


def notice(text: str, next_step: str = "") -> str:
    """What a section lacks and what to do about it."""
    return fragment("notice.html", text=text, next_step=next_step)


def data_table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    currency: str = "",
    caption: str = "",
    note: str = "",
    total: Sequence[Any] | None = None,
) -> str:
    """Rows as a table: numbers right-aligned, units in the headings, long names cut in the middle; `total` stands last.

    Cells that are Markup (a badge, a sparkline) and words among numbers are shown as they are. Every row has one value
    for each column.
    """
    heads = [(_heading(column, currency), _is_number(column)) for column in columns]
    body = [[_cell(value, column) for value, column in zip(row, columns, strict=True)] for row in rows]
    foot = None if total is None else [_cell(value, column) for value, column in zip(total, columns, strict=True)]
    return fragment("data_table.html", heads=heads, body=body, foot=foot, caption=caption, note=note)


def _is_number(column: Column) -> bool:
    return column.style != "text"


def _heading(column: Column, currency: str) -> str:
    unit = {"share": "%", "money": currency_symbol(currency)}.get(column.style, _(_UNITS.get(column.style, "")))
    return f"{column.title},{NBSP}{unit}" if unit else column.title


def _cell(value: Any, column: Column) -> dict[str, Any]:
    if isinstance(value, Markup):
        return {"text": value, "full": "", "number": _is_number(column)}
    if _is_number(column) and not isinstance(value, str):
        return {"text": write_value(value, column.style).rstrip(f"%{NBSP}"), "full": "", "number": True}
    text = NO_VALUE if value is None or value != value else plain(value)
    short = cut_middle(text, LONGEST_NAME)
    return {"text": short, "full": text if short != text else "", "number": _is_number(column)}


def glossary(keys: Iterable[str]) -> str:
    """What each KPI means: its formula as mathematics, which way is better, whose it is, what to watch out for."""
    return fragment("glossary.html", entries=[_entry(key) for key in dict.fromkeys(keys) if key in KPIS])


def _entry(key: str) -> dict[str, Any]:
    kpi = KPIS[key]
    better = {"higher": _("higher is better"), "lower": _("lower is better"), "neither": ""}[kpi.better]
    plain_sum = len(kpi.formula.names) == 1
    known = {name: KPIS[name].formula for name in kpi.formula.names if name in KPIS and name not in MEASURES}
    return {
        "key": key, "name": kpi_name(key), "owner": kpi.owner, "owner_name": owner_name(kpi.owner), "better": better,
        "math": "" if plain_sum else Markup(kpi.formula.to_mathml(measure_name)),
        "full": expanded(key).to_text(measure_name) if known else "",
        "watch_out": _(kpi.watch_out),
        "source": _("interval: {source}").format(source=kpi.source) if kpi.interval and kpi.source else kpi.source,
    }  # fmt: skip
