"""Tables and the other pieces of a report in HTML: scorecard, headlines, data tables, notices, glossary, receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from pandas import DataFrame

from kpi_helpers.catalogue import KPIS, expanded
from kpi_helpers.fragments import TEMPLATES, fragment, piece
from kpi_helpers.labels import (
    NBSP,
    NO_VALUE,
    OWNERS,
    channel_name,
    is_missing,
    kpi_name,
    measure_name,
    owner_name,
    write_change,
    write_date,
    write_interval,
    write_period,
    write_value,
)
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.lettering import cut_middle, plain
from kpi_helpers.marks import bullet, sparkline
from kpi_helpers.palette import STATUSES, status_word
from kpi_helpers.terms import MEASURES, TABLES

__all__ = [
    "Column", "Finding", "bullet", "data_table", "glossary", "headlines", "notice", "page_style", "receipt",
    "scorecard_table", "section", "sparkline", "status_badge", "title_block",
]

_VERDICTS = {
    "better": ("↑", N_("better")), "worse": ("↓", N_("worse")), "noise": ("≈", N_("by chance")),
    "changed": ("", N_("changed")), "unknown": ("", ""),
}
_REASONS = {"no_rows": N_("no rows in this period"), "zero_denominator": N_("nothing to divide by")}
_UNITS = {"months": N_("months"), "points": N_("points")}
LONGEST_NAME = 48
LONGEST_VALUE = 11  # characters that fit the scorecard: a longer amount is written short
MOST_PROBLEMS = 20


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


def status_badge(status: str, better: str = "higher", style: str = "count") -> Markup:
    """A status as shape, word and colour."""
    return piece("status.html", key=status, shape=STATUSES[status].shape, word=status_word(status, better, style))


def reason_text(reason: str) -> str:
    """Why a value is missing, in words; "" for a value that is there."""
    code, _colon, table = reason.partition(":")
    if code == "no_export":
        return _("no export: {table}").format(table=_(TABLES[table].name) if table in TABLES else table)
    return _(_REASONS.get(code, code))


def scorecard_table(card: DataFrame, currency: str = "") -> str:
    """The scorecard (columns as `scorecard` gives them) as a table in groups by owner, in the order of its rows.

    A KPI's name links to its entry in the `glossary`, which the page should hold.
    """
    rows = [_score_row(row, currency) for row in card.to_dict("records")]
    present = {row["owner"]: None for row in rows}
    owners = [owner for owner in OWNERS if owner in present] + [owner for owner in present if owner not in OWNERS]
    groups = [
        {"owner": owner, "name": owner_name(owner), "rows": [row for row in rows if row["owner"] == owner]}
        for owner in owners
    ]
    return fragment("scorecard.html", groups=groups, words=_scorecard_words())


def _scorecard_words() -> dict[str, str]:
    return {
        "kpi": _("KPI"), "history": _("13 months"), "value": _("Value"), "month": _("vs last month"),
        "year": _("vs last year"), "goal": _("Goal"), "against": _("Against goal"), "status": _("Status"),
        "owner": _("Owner"),
    }  # fmt: skip


def _score_row(row: dict[Any, Any], currency: str) -> dict[str, Any]:
    kpi = KPIS.get(row["kpi"])
    style, better = (kpi.style, kpi.better) if kpi else ("ratio", "neither")
    goal, value = row["goal"], row["value"]

    def written(number: Any) -> str:
        text = write_value(number, style, currency)
        return text if len(text) <= LONGEST_VALUE else write_value(number, style, currency, short=True)

    goal_full = row.get("goal_full")
    scaled = not is_missing(goal) and not is_missing(goal_full) and written(goal) != written(goal_full)
    return {
        "key": row["kpi"],
        "name": kpi_name(row["kpi"]),
        "formula": kpi.formula.to_text(measure_name) if kpi else "",
        "scope": "" if row["scope"] == "company" else cut_middle(channel_name(row["scope"]), LONGEST_NAME),
        "owner": row["owner"],
        "spark": sparkline(row["history"], goal_full if not is_missing(goal_full) else goal),
        "value": written(value),
        "interval": write_interval(row["low"], row["high"], style, currency),
        "reason": reason_text(row["reason"]) if is_missing(value) else "",
        "month": _change(value, row["previous"], row["change_verdict"], style),
        "year": _change(value, row["year_ago"], row["year_verdict"], style),
        "goal": "" if is_missing(goal) else written(goal),
        "goal_full": _("of {goal} a month").format(goal=written(goal_full)) if scaled else "",
        "bullet": bullet(value, goal, better, row["low"], row["high"], status=row["status"]),
        "status": status_badge(row["status"], better, style),
    }


def _change(now: Any, before: Any, verdict: str, style: str) -> dict[str, str]:
    text = write_change(now, before, style)
    arrow, word = _VERDICTS.get(verdict, _VERDICTS["unknown"])
    return {"text": text, "verdict": verdict, "arrow": arrow, "word": _(word)} if text != NO_VALUE else {
        "text": NO_VALUE, "verdict": "unknown", "arrow": "", "word": "",
    }  # fmt: skip


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

    Cells that are Markup (a badge, a sparkline) are shown as they are. Every row has one value for each column.
    """
    heads = [(_heading(column, currency), _is_number(column)) for column in columns]
    body = [[_cell(value, column) for value, column in zip(row, columns, strict=True)] for row in rows]
    foot = None if total is None else [_cell(value, column) for value, column in zip(total, columns, strict=True)]
    return fragment("data_table.html", heads=heads, body=body, foot=foot, caption=caption, note=note)


def _is_number(column: Column) -> bool:
    return column.style != "text"


def _heading(column: Column, currency: str) -> str:
    from babel.numbers import get_currency_symbol

    from kpi_helpers.language import language

    unit = {"share": "%", "money": get_currency_symbol(currency, locale=language()) if currency else ""}.get(
        column.style, _(_UNITS.get(column.style, ""))
    )
    return f"{column.title},{NBSP}{unit}" if unit else column.title


def _cell(value: Any, column: Column) -> dict[str, Any]:
    if isinstance(value, Markup):
        return {"text": value, "full": "", "number": _is_number(column)}
    if _is_number(column):
        return {"text": write_value(value, column.style).rstrip(f"%{NBSP}"), "full": "", "number": True}
    text = NO_VALUE if value is None or value != value else plain(value)
    short = cut_middle(text, LONGEST_NAME)
    return {"text": short, "full": text if short != text else "", "number": False}


def glossary(keys: Iterable[str]) -> str:
    """What each KPI means: its formula as mathematics, which way is better, whose it is, what to watch out for."""
    return fragment("glossary.html", entries=[_entry(key) for key in dict.fromkeys(keys) if key in KPIS])


def _entry(key: str) -> dict[str, Any]:
    kpi = KPIS[key]
    better = {"higher": _("higher is better"), "lower": _("lower is better"), "neither": ""}[kpi.better]
    plain_sum = kpi.formula.names == (key,)
    known = {name: KPIS[name].formula for name in kpi.formula.names if name in KPIS and name not in MEASURES}
    return {
        "key": key, "name": kpi_name(key), "owner": kpi.owner, "owner_name": owner_name(kpi.owner), "better": better,
        "math": "" if plain_sum else Markup(kpi.formula.to_mathml(measure_name)),
        "full": expanded(key).to_text(measure_name) if known else "",
        "watch_out": _(kpi.watch_out),
        "source": _("interval: {source}").format(source=kpi.source) if kpi.interval and kpi.source else kpi.source,
    }  # fmt: skip


def receipt(files: Iterable[Any], *, currency: str = "") -> str:
    """The receipt: each file, what was read from it, what was rejected and why (`files` as `Exports.files`)."""
    listed = list(files)
    rows = [_file_row(file, table, currency) for file in listed for table in file.tables]
    unused = [{"file": file.file, "reason": file.reason} for file in listed if not file.tables]
    problems = [(cut_middle(file.file, LONGEST_NAME), problem) for file in listed for table in file.tables for problem in table.problems]
    hidden = len(problems) - MOST_PROBLEMS
    words = {
        "file": _("File"), "what": _("What it is"), "period": _("Period"), "rows": _("Rows"), "used": _("Used"),
        "totals": _("Totals"), "rejected": _("Rejected"), "sums": _("Sums"), "unused": _("Files that were not used"),
        "line": _("Line"), "column": _("Column"), "value": _("Value"), "problem": _("What is wrong"),
        "remedy": _("What to do"),
        "problems": ngettext("{n} rejected value", "{n} rejected values", len(problems)).format(n=len(problems)),
        "hidden": ngettext("and {n} more", "and {n} more", hidden).format(n=hidden) if hidden > 0 else "",
        "digest": _("Check sum (SHA-256)"),
    }  # fmt: skip
    return fragment("receipt.html", rows=rows, unused=unused, problems=problems[:MOST_PROBLEMS], words=words)


def _file_row(file: Any, table: Any, currency: str) -> dict[str, Any]:
    unit = table.currency or currency
    return {
        "file": cut_middle(file.file, LONGEST_NAME), "full": file.file, "digest": file.sha256, "what": _(table.name),
        "period": _period(table.start, table.end),
        "counts": [write_value(n, "count") for n in (table.rows_in, table.used, table.totals, table.rejected)],
        "sums": [
            (measure_name(key), write_value(total, "money" if _is_money(key) else "count", unit))
            for key, total in table.sums.items()
        ],
    }  # fmt: skip


def _is_money(key: str) -> bool:
    return key in MEASURES and MEASURES[key].unit == "money"


def _period(start: Any, end: Any) -> str:
    if start is None or end is None:
        return NO_VALUE
    return write_date(start) if start == end else write_period(start, end)
