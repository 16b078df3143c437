"""What the start page says: what each file was recognised as, its problems with their remedy, the KPIs and exports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kpi_helpers.account import checks_in_words, differs_in_words, recognised_in_words, rows_in_words, sums_in_words
from kpi_helpers.catalogue import KPIS
from kpi_helpers.checkup import Checkup, by_reason, next_step
from kpi_helpers.company import FILE as SETTINGS
from kpi_helpers.exports import FileReading, Problem, TableReading, list_layouts
from kpi_helpers.exports.quarantine import shown_value
from kpi_helpers.labels import (
    NO_VALUE,
    OWNERS,
    kpi_name,
    owner_name,
    short_date,
    upper_first,
    write_list,
    write_period,
    write_value,
)
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import LONGEST_NAME, cut_middle, hide_people
from kpi_helpers.newcomer import EXPORTS
from kpi_helpers.tables import reason_text
from kpi_helpers.tables.fragments import fragment
from kpi_helpers.terms import TABLES
from kpi_helpers.widgets.start_inbox import Kept

MOST_PROBLEMS = 20
MOST_LINES = 5  # line numbers named of one kind of problem


def step(number: int, title: str, lead: str = "") -> str:
    """The heading of a step."""
    return fragment("start_step.html", number=number, title=title, lead=lead)


def dropped_words(kept: Sequence[Kept], folder: str) -> str:
    """What became of the files of one drop."""
    new = sum(one.outcome in ("kept", "beside", "replaced") for one in kept)
    text = ngettext("{n} new file is in {folder}.", "{n} new files are in {folder}.", new).format(n=new, folder=folder)
    return fragment("start_said.html", text=text if new else "", lines=[one.said for one in kept if one.said])


def files_words(found: Checkup) -> str:
    """Each file: what it is, its rows and sums; what is wrong in it; the files not used."""
    files = found.exports.files if found.exports else ()
    problems = _problems(files)
    hidden = len(problems) - MOST_PROBLEMS
    words = {
        "file": _("File"), "what": _("Recognised as"), "used": _("Rows used"), "sums": _("Sums"),
        "unused": _("Files that were not used"), "problem": _("What is wrong"), "remedy": _("What to do"),
        "where": _("Where"), "problems": _("What to mend"),
        "hidden": ngettext("and {n} more", "and {n} more", hidden).format(n=hidden) if hidden > 0 else "",
        "notices": _("To look at"),
    }  # fmt: skip
    mend = _("Settings stand in {file} in the folder. The currency can also be typed above.").format(file=SETTINGS)
    return fragment(
        "start_files.html", lead=_in_short(found, files), faults=found.faults, words=words,
        mend="" if found.exports else mend,
        files=[(_shown(file.file), file.file, list(map(_table_row, file.tables))) for file in files if file.tables],
        unused=[(_shown(file.file), hide_people(text)) for file in files for text in _unused(file)],
        problems=problems[:MOST_PROBLEMS], notices=found.noticed,
    )  # fmt: skip


def kpi_words(found: Checkup) -> str:
    """The KPIs with data by owner, and which export would wake the others."""
    alive = [
        (owner, owner_name(owner), _names([key for key in found.alive if KPIS[key].owner == owner])) for owner in OWNERS
    ]
    sleeping = sorted(by_reason(found.asleep).items(), key=lambda cause: -len(cause[1]))
    words = {
        "alive": _("KPIs with data: {alive} of {all}.").format(alive=len(found.alive), all=len(KPIS)),
        "asleep": _("What would wake the others"),
        "add": _("What is missing"),
        "wakes": _("KPIs without it"),
        "find": _("Where to find it"),
    }
    return fragment(
        "start_kpis.html", words=words, alive=[row for row in alive if row[2]],
        asleep=[_cause(reason, keys) for reason, keys in sleeping],
    )  # fmt: skip


def _in_short(found: Checkup, files: Sequence[FileReading]) -> str:
    if not files:
        return ""
    used = sum(bool(file.tables) for file in files)
    text = ngettext("{used} of {n} file is used", "{used} of {n} files are used", len(files))
    said = text.format(used=used, n=len(files))
    if not found.months:
        return said
    return f"{said}, {_('days covered: {period}').format(period=write_period(*found.months))}"


def _table_row(table: TableReading) -> dict[str, Any]:
    account = rows_in_words(table).split("; ")
    return {
        "what": _(table.name), "why": recognised_in_words(table),
        "table": _("table: {name}").format(name=_(TABLES[table.table].name)), "period": _period(table),
        "used": write_value(table.used, "count"), "rows": account if table.rows_in != table.used else account[1:],
        "sums": sums_in_words(table),
        "checks": checks_in_words(table),
    }  # fmt: skip


def _period(table: TableReading) -> str:
    if table.start is None or table.end is None:
        return NO_VALUE
    days = dict.fromkeys((table.start, table.end))
    return " – ".join(map(short_date, days))


def _problems(files: Iterable[FileReading]) -> list[dict[str, Any]]:
    """What is wrong in all files: sums that differ from the totals row, then rows and cells, those of one kind once."""
    kinds: dict[tuple[str, str, str, str], list[Problem]] = {}
    found = []
    for name, table in [(file.file, table) for file in files for table in file.tables]:
        found += [
            {"file": _shown(name), "where": _("totals row"), "value": "",
             "reason": differs_in_words(check, table.currency), "remedy": _("Export it again: rows may be missing.")}
            for check in table.checks if not check.agrees
        ]  # fmt: skip
        for problem in table.problems:
            kind = (name, problem.column, hide_people(problem.reason), problem.remedy)
            kinds.setdefault(kind, []).append(problem)
    return found + [
        {"file": _shown(name), "where": _where(column, alike),
         "value": cut_middle(shown_value(alike[0]), LONGEST_NAME), "reason": reason, "remedy": remedy}
        for (name, column, reason, remedy), alike in kinds.items()
    ]  # fmt: skip


def _where(column: str, alike: Sequence[Any]) -> str:
    """ "Cost, lines 4, 7 and 9"."""
    named = write_list([str(problem.line) for problem in alike[:MOST_LINES]])
    more = len(alike) - MOST_LINES
    lines = ngettext("line {lines}", "lines {lines}", len(alike)).format(lines=named)
    rest = ngettext("and {n} more", "and {n} more", more).format(n=more) if more > 0 else ""
    return ", ".join(filter(None, (cut_middle(column, LONGEST_NAME), " ".join(filter(None, (lines, rest))))))


def _cause(reason: str, keys: Sequence[str]) -> dict[str, Any]:
    code, _colon, table = reason.partition(":")
    text = next_step(reason) or reason_text(reason)
    sources = dict.fromkeys(_(layout.get) for layout in list_layouts() if table in layout.tables)
    return {
        "text": upper_first(text), "kpis": _names(keys),
        "sources": list(sources) if code == "no_export" else [],
    }  # fmt: skip


def _unused(file: FileReading) -> list[str]:
    """Why the file, or a table in it, was not used."""
    return [*([file.reason] if file.reason else []), *file.left_out]


def _shown(file: str) -> str:
    """A file's name in a company's folder, where almost all lie in exports/."""
    return cut_middle(file.removeprefix(f"{EXPORTS}/"), LONGEST_NAME)


def _names(keys: Iterable[str]) -> str:
    """Names of KPIs side by side: there are commas in some of them."""
    return " · ".join(map(kpi_name, keys))
