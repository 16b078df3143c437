"""`kpi check`: a company's folder as a whole: its files, its settings and goals, the KPIs that have data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from kpi_helpers.commands.read import describe, problem_line
from kpi_helpers.commands.wording import json_option, make_command
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import cut_middle
from kpi_helpers.printing import align, file_name, print_json, print_lines, reading_bar

if TYPE_CHECKING:
    from kpi_helpers.checkup import Checkup
    from kpi_helpers.exports import Exports, TableReading

LONGEST_NAME = 44


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "Check a company's folder: which files are used, whether settings and goals are in order, which KPIs have "
        "data, and which export would wake the others. Exit code 1 when a file, a setting or a goal must be mended."
    )
    params = [click.Argument(["folder"], metavar=_("DIR")), json_option()]
    return make_command("check", run, _("Check a company's folder."), text, params, ["kpi check acme"])


def run(folder: str, as_json: bool) -> int:
    """Print what was found; 1 when something must be mended."""
    from kpi_helpers.checkup import check_folder
    from kpi_helpers.exports import find_folder

    found = check_folder(find_folder(folder), progress=reading_bar())
    if as_json:
        print_json(_as_data(folder, found))
    else:
        print_lines(_in_words(found))
    unused = found.exports is not None and any(file.must_be_mended for file in found.exports.files)
    return 1 if unused or found.faults else 0


def _as_data(folder: str, found: Checkup) -> dict[str, Any]:
    from kpi_helpers.checkup import next_step
    from kpi_helpers.tables import reason_text

    exports, months = found.exports, found.months
    return {
        "folder": file_name(folder),
        "company": exports.company.name if exports else "",
        "currency": exports.currency if exports else "",
        "period": {"from": months[0] if months else None, "to": months[1] if months else None},
        "files": [part for file in exports.files for part in describe(file_name(file.file), file)] if exports else [],
        "goals": len(found.goals),
        "errors": list(found.faults),
        "notices": list(found.noticed),
        "kpis": {
            "alive": found.alive,
            "asleep": [
                {"kpi": key, "reason": reason_text(code), "next_step": next_step(code)}
                for key, code in found.asleep.items()
            ],
        },
    }


def _in_words(found: Checkup) -> Iterator[str]:
    if found.exports:
        yield from _heading(found)
        yield from _files(found.exports)
    if found.faults:
        yield from (_("To mend"), *(f"  {fault}" for fault in found.faults), "")
    if found.noticed:
        yield from (_("To look at"), *(f"  {notice}" for notice in found.noticed), "")
    if found.exports:
        goals = len(found.goals)
        if goals:
            yield ngettext("Goals: {n}, in order.", "Goals: {n}, in order.", goals).format(n=goals)
        yield from _kpis(found)


def _heading(found: Checkup) -> Iterator[str]:
    from kpi_helpers.labels import write_period

    company = found.exports.company if found.exports else None
    names = (company.name, company.currency) if company else ()
    yield ", ".join(filter(None, (*names, write_period(*found.months) if found.months else "")))
    yield ""


def _files(exports: Exports) -> Iterator[str]:
    from kpi_helpers.labels import write_period, write_value
    from kpi_helpers.terms import TABLES

    rows = [
        [cut_middle(file_name(file.file), LONGEST_NAME), _(TABLES[table.table].name), write_value(table.used, "count"),
         write_period(table.start, table.end) if table.start and table.end else "—", _remarks(table)]
        for file in exports.files for table in file.tables
    ]  # fmt: skip
    if rows:
        yield from align([[_("File"), _("Table"), _("Rows used"), _("Period"), ""], *rows], 0, numbers=[2])
        yield ""
    unused = [f"  {file_name(file.file)}: {file.reason}" for file in exports.files if file.reason]
    unused += [f"  {file_name(file.file)}: {text}" for file in exports.files for text in file.left_out]
    unused += [f"  {file_name(file.file)}: {_all_rejected(table)}"
               for file in exports.files for table in file.tables if table.all_rejected]  # fmt: skip
    if unused:
        yield from (_("Not used"), *unused, "")


def _all_rejected(table: TableReading) -> str:
    return _("every row was rejected, the first for this: {problem}").format(problem=problem_line(table.problems[0]))


def _remarks(table: TableReading) -> str:
    """What is to be known of a table's rows, in a few words."""
    if not table.rows_in:
        return _("no rows")
    rejected, emptied = table.rejected, len(table.problems) - table.rejected
    words = (
        (rejected, ngettext("{n} row rejected", "{n} rows rejected", rejected)),
        (emptied, ngettext("{n} cell not read", "{n} cells not read", emptied)),
        (len(table.repeats), table.repeats),
    )
    return "; ".join(word.format(n=count) for count, word in words if count)


def _kpis(found: Checkup) -> Iterator[str]:
    from kpi_helpers.catalogue import KPIS
    from kpi_helpers.checkup import by_reason, next_step
    from kpi_helpers.labels import kpi_name, write_list
    from kpi_helpers.tables import reason_text

    yield _("KPIs with data: {alive} of {all}.").format(alive=len(found.alive), all=len(KPIS))
    for reason, keys in by_reason(found.asleep).items():
        names = write_list([kpi_name(key) for key in keys])
        text = _("{names}: {reason}.").format(names=names, reason=reason_text(reason))
        yield f"  {text} {next_step(reason)}".rstrip()
