"""The page of a batch: clients by months, what each report says of its goals, what failed and why, links."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from kpi_helpers.batch.outcome import Row
from kpi_helpers.language import N_, _, ngettext, speaking
from kpi_helpers.lettering import plain
from kpi_helpers.palette import STATUSES

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
WIDE = 6  # months: more are printed across
USUAL = ("met", "close", "missed")
SHOWN = (*USUAL, "not_enough", "no_data")
FAILED, WAITING = "✕", "…"
OTHER_FILES = {"pdf": "PDF"}
ENDS = {
    "running": N_("in work"), "finished": N_("finished"), "stopped": N_("stopped before its end"),
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A report on the page: its state, its marks (status, shape, number, word), the links to it.

    `name` only where there are several reports; `failure` is the number of the line that says why it failed, else 0.
    """

    name: str
    state: str
    marks: tuple[tuple[str, str, int, str], ...]
    page: str
    others: tuple[tuple[str, str], ...]
    failure: int


def write_page(about: Mapping[str, Any], rows: Sequence[Row], own: Sequence[Row], lang: str) -> str:
    """The page in a language: `rows` are all reports, `own` those of this batch, `about` what `batch.json` says of it.

    It needs no network and no scripts; links are relative to the folder that it lies in.
    """
    with speaking(lang):
        return _environment().get_template("batch.html").render(**_values(about, rows, own), lang=lang).strip() + "\n"


def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=lambda value: plain(value) if type(value) is str else value,
    )  # fmt: skip


def _values(about: Mapping[str, Any], rows: Sequence[Row], own: Sequence[Row]) -> dict[str, Any]:
    from markupsafe import Markup

    months = sorted({row.month for row in rows})
    failures = [row for row in rows if row.state == "failed"]
    several = len({row.report for row in rows}) > 1
    style = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "batch.css"))
    return {
        "title": _("Reports"), "subtitle": _subtitle(about), "style": Markup(style), "findings": _findings(own),
        "months": [(_month(month), _month(month, short=True)) for month in months],
        "clients": _clients(rows, months, {row.key: n for n, row in enumerate(failures, 1)}, several),
        "totals": [(_month(month), _marks(_sum(rows, month))) for month in months],
        "failures": [_failure(row, several) for row in failures], "to_read": _to_read(failures),
        "legend": _legend(rows), "words": _words(),
        "wide": len(months) > WIDE, "only": _month(months[0], heading=False) if len(months) == 1 else "",
    }  # fmt: skip


def _words() -> dict[str, str]:
    return {
        "client": _("Client"), "month": _("Month"), "why": _("What failed, and why"), "reason": _("What happened"),
        "notebook": _("Notebook"), "table": _("Clients by months"), "open": _("open"), "no_goals": _("no goals"),
        "to_read": _("A browser shows a notebook as bare text. JupyterLab opens it from the folder of this page:"),
        "earlier": _("the earlier report"), "all": _("All clients"), "failed": _("failed"), "waiting": _("to come"),
        "note": _("The numbers count the report's goals, of the company and of its channels. They lead to the report."),
    }  # fmt: skip


def _clients(rows: Sequence[Row], months: Sequence[str], failures: Mapping[str, int], several: bool) -> list[Any]:
    """The clients by name, each with its months and the cells in them."""
    cells: dict[tuple[str, str], list[Cell]] = {}
    names: dict[str, str] = {}
    for row in rows:
        folder = row.key.partition("/")[0]
        names[folder] = row.client
        cells.setdefault((folder, row.month), []).append(_cell(row, several, failures.get(row.key, 0)))
    ordered = sorted(names, key=lambda folder: (names[folder].casefold(), folder))
    return [
        (names[folder], [(_month(month), cells.get((folder, month), [])) for month in months]) for folder in ordered
    ]


def _subtitle(about: Mapping[str, Any]) -> str:
    from kpi_helpers.labels import write_date

    moment = datetime.fromisoformat(about["ended"] or about["written"]).astimezone()
    said = _("{plan}: {state}, {day}, {time}") if about["ended"] else _("{plan}: {state}; as of {day}, {time}")
    return said.format(
        plan=about["plan"], state=_(ENDS[about["state"]]), day=write_date(moment.date()), time=write_clock(moment)
    )


def write_clock(moment: datetime) -> str:
    """A time of day with its distance from UTC: the page is read in other places, too.

    >>> write_clock(datetime.fromisoformat("2026-11-01T06:12:00+03:00"))
    '06:12 (UTC+03:00)'
    """
    zone = f"{moment:%z}"
    return f"{moment:%H:%M} (UTC{f'{zone[:3]}:{zone[3:5]}' if zone.strip('+-0') else ''})"


def _findings(own: Sequence[Row]) -> list[tuple[str, str, str]]:
    """The state of the batch in a few lines: key, shape, sentence."""
    states = Counter(row.state for row in own)
    made, kept, failed, left = (states[key] for key in ("finished", "kept", "failed", "waiting"))
    lines = (
        (made, "met", "●", ngettext("{n} report was made.", "{n} reports were made.", made)),
        (kept, "close", "●", ngettext("{n} report stands: nothing has changed since it was made.",
                                      "{n} reports stand: nothing has changed since they were made.", kept)),
        (failed, "missed", FAILED, ngettext("{n} report failed.", "{n} reports failed.", failed)),
        (left, "no_data", WAITING, ngettext("{n} report is still to come.", "{n} reports are still to come.", left)),
    )  # fmt: skip
    return [(key, shape, text.format(n=n)) for n, key, shape, text in lines if n]


def _cell(row: Row, several: bool, failure: int) -> Cell:
    others = tuple((word, link) for suffix, word in OTHER_FILES.items() if (link := _link_to(row, suffix)))
    return Cell(
        row.report if several else "", row.state, _marks(row.statuses), _link_to(row, "html"), others, failure
    )  # fmt: skip


def _marks(statuses: Mapping[str, Any]) -> tuple[tuple[str, str, int, str], ...]:
    """The statuses that goals have, in the order of the legend."""
    counted = {key: n for key, n in statuses.items() if isinstance(n, int) and n}
    return tuple((key, STATUSES[key].shape, counted[key], _(STATUSES[key].word)) for key in SHOWN if key in counted)


def _sum(rows: Sequence[Row], month: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for row in rows:
        if row.month == month:
            total.update({key: n for key, n in row.statuses.items() if isinstance(n, int)})
    return total


def _failure(row: Row, several: bool) -> dict[str, str]:
    notebook = f"./{quote(row.path)}" if row.path else ""
    return {"client": row.client, "month": _month(row.month), "report": row.report if several else "",
            "reason": row.reason, "notebook": notebook, "earlier": _link_to(row, "html")}  # fmt: skip


def _to_read(failures: Sequence[Row]) -> str:
    """The command that opens the first notebook that was left by a failure; "" where there is none."""
    folder = next((str(PurePosixPath(row.path).parent) for row in failures if row.path), "")
    plainly = re.fullmatch(r"[\w./-]+", folder)  # letters of any script, which shlex would quote
    return f"kpi lab {folder if plainly else shlex.quote(folder)}" if folder else ""


def _legend(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    states = {row.state for row in rows}
    shown = {key for row in rows for key, _shape, _n, _word in _marks(row.statuses)} | {*USUAL}
    legend = [(key, STATUSES[key].shape, _(STATUSES[key].word)) for key in SHOWN if key in shown]
    legend += [("missed", FAILED, _("failed"))] if "failed" in states else []
    return legend + ([("no_data", WAITING, _("to come"))] if "waiting" in states else [])


def _month(month: str, *, short: bool = False, heading: bool = True) -> str:
    from kpi_helpers.labels import month_name, month_short

    day = date.fromisoformat(f"{month}-01")
    return f"{month_short(day)} {day.year}" if short else month_name(day, heading=heading)


def _link_to(row: Row, suffix: str) -> str:
    """The address of a file of the report, from where the page lies; "" where there is none."""
    name = f"{row.report}.{suffix}"
    return f"./{quote(f'{row.folder}/{name}')}" if row.folder and name in row.files else ""
