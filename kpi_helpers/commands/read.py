"""`kpi read`: what each file is recognised as, with an account of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_helpers.commands.wording import json_option, make_command
from kpi_helpers.company import FILE as SETTINGS
from kpi_helpers.company import read_company
from kpi_helpers.errors import KitError
from kpi_helpers.language import _, ngettext
from kpi_helpers.printing import align, file_name, print_json, print_lines

if TYPE_CHECKING:
    from kpi_helpers.exports import FileReading, Problem, TableReading

LONGEST_VALUE = 80  # characters
SHOWN = 10  # problems of one table that are printed; JSON holds all
HELD_TWICE = ("doubled", "repeated", "yielded")
ROWS = ("in", "used", "totals", "rejected", "continued")


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "Say what each file is recognised as: its platform and layout, the table it fills, its period, its sums, and "
        "an account of its rows: rows = used + totals + rejected + continued. Exit code 1 when a file cannot be used."
    )
    place = _("The company's folder with company.toml. Without it: the file's own, or the one above.")
    params: list[click.Parameter] = [
        click.Argument(["files"], nargs=-1, required=True, metavar=_("FILE...")),
        click.Option(["--data"], default="", metavar=_("DIR"), help=place),
        json_option(),
        click.Option(["--rejected"], default="", metavar=_("FILE"),
                     help=_("Write what was rejected, row by row, to this CSV file.")),
        click.Option(["--people"], is_flag=True,
                     help=_("With the customers in it, as they stand in the exports.")),
    ]  # fmt: skip
    lines = ["kpi read acme/exports/campaigns.csv", "kpi read acme/exports --json > account.json",
             "kpi read acme/exports --rejected rejected.csv"]  # fmt: skip
    return make_command("read", run, _("Say what each file is recognised as."), text, params, lines)


def run(files: tuple[str, ...], data: str, as_json: bool, rejected: str, people: bool) -> int:
    """Print the account of all files; 1 when one could not be used."""
    if people and not rejected:
        raise click.UsageError(_("--people goes with --rejected FILE."), click.get_current_context())
    readings = list(_read_all(files, data))
    if rejected:
        _write_rejected(Path(rejected), [reading for _name, reading in readings], people)
    if as_json:
        print_json([found for name, reading in readings for found in describe(name, reading)])
    else:
        for name, reading in readings:
            print_lines(account(name, reading))
    return 1 if any(reading.must_be_mended for _name, reading in readings) else 0


def _write_rejected(path: Path, readings: Sequence[FileReading], people: bool) -> None:
    """The quarantine file; never over another file."""
    from kpi_helpers.exports.quarantine import quarantine

    if path.exists():
        raise KitError(_("{file} exists already.").format(file=path.name), _("Name another file."))
    path.write_text(quarantine(readings, people=people), encoding="utf-8-sig", newline="")


def describe(name: str, reading: FileReading) -> list[dict[str, Any]]:
    """A file as data: an object per table; one with its reason where the file cannot be used."""
    tables = [_describe_table(table) for table in reading.tables]
    nothing: dict[str, Any] = {
        **dict.fromkeys(("platform", "layout", "known", "rival", "table")),
        "period": dict.fromkeys(("from", "to")), "rows": dict.fromkeys(ROWS), **dict.fromkeys(HELD_TWICE), "sums": {},
        "not_read": [], "checks": [], "currency": "", "problems": [], "reason": reading.reason,
    }  # fmt: skip
    left = {"unread": list(reading.unread), "passed_over": list(reading.passed_over)}
    return [{"file": name, **table, **left} for table in tables or [nothing]]


def account(name: str, reading: FileReading) -> Iterator[str]:
    """A file in words, line by line."""
    yield name
    if reading.reason:
        yield "  " + _("Not used: {reason}").format(reason=reading.reason)
    for table in reading.tables:
        yield from _table_account(table)
    for text in reading.left_out:
        yield "  " + _("Not used: {reason}").format(reason=text)
    yield ""


def _read_all(files: Sequence[str], data: str) -> Iterator[tuple[str, FileReading]]:
    from kpi_helpers.exports import find_folder, leave_out_repeats, list_files

    home = find_folder(data) if data else None
    for given in files:
        path = Path(given).expanduser()
        found = list_files(path) if path.is_dir() else [path]
        if not found:
            yield file_name(given), _unused(given, _("there are no exports in the folder."))
        readings = [(file, reading) for file in found for reading in _read_one(file, home or _home_of(file))]
        counted = leave_out_repeats([reading for _file, reading in readings])
        for (file, _reading), reading in zip(readings, counted, strict=True):
            yield file_name(file.parent / reading.file), reading


def _read_one(path: Path, home: Path) -> list[FileReading]:
    from kpi_helpers.exports import read_files
    from kpi_helpers.folders import is_setting

    if is_setting(path):
        return [_unused(path.name, _("it is no export: it says how the exports are read. kpi check looks at it."))]
    company = read_company(home)
    try:
        return read_files(path, company, home)
    except KitError as error:
        return [_unused(path.name, " ".join(filter(None, (error.found, error.next_step))))]


def _unused(file: str, reason: str) -> FileReading:
    from kpi_helpers.exports import FileReading

    return FileReading(file, "", (), reason)


def _home_of(path: Path) -> Path:
    """The company's folder that a file lies in: its own folder, or the one above where that holds the settings."""
    above = path.absolute().parent.parent
    return above if (above / SETTINGS).exists() and not (path.parent / SETTINGS).exists() else path.parent


def _describe_table(table: TableReading) -> dict[str, Any]:
    counts = (table.rows_in, table.used, table.totals, table.rejected, table.continued)
    return {
        "platform": table.platform,
        "layout": table.layout,
        "known": table.known,
        "rival": {"layout": table.rival, "known": table.rival_known} if table.rival else None,
        "table": table.table,
        "period": {"from": table.start, "to": table.end},
        "rows": dict(zip(ROWS, counts, strict=True)),
        **{name: getattr(table, name) for name in HELD_TWICE},
        "sums": table.sums,
        "not_read": list(table.not_read),
        "checks": [{**asdict(check), "agrees": check.agrees} for check in table.checks],
        "currency": table.currency,
        "problems": [_describe_problem(problem) for problem in table.problems],
    }


def _describe_problem(problem: Problem) -> dict[str, Any]:
    from kpi_helpers.exports.quarantine import shown_value

    told = {name: getattr(problem, name) for name in ("line", "column", "value", "reason", "remedy")}
    return {**told, "value": shown_value(problem)}


def _table_account(table: TableReading) -> Iterator[str]:
    from kpi_helpers import account as told
    from kpi_helpers.labels import write_period
    from kpi_helpers.terms import TABLES

    sums = "; ".join(f"{name} {total}" for name, total in told.sums_in_words(table))
    facts = [
        [_("Recognised as"), told.recognised_in_words(table)],
        [_("Table"), f"{_(TABLES[table.table].name)} ({table.table})"],
        [_("Period"), write_period(table.start, table.end) if table.start and table.end else "—"],
        [_("Rows"), told.rows_in_words(table)],
        *([[_("Sums"), sums]] if sums else []),
        *([_("Check"), said] for said in told.checks_in_words(table)),
        *([[_("Note"), said]] if (said := told.not_read_in_words(table)) else []),
    ]
    yield from align(facts)
    yield from (f"  {problem_line(problem)}" for problem in table.problems[:SHOWN])
    more = len(table.problems) - SHOWN
    if more > 0:
        text = ngettext("{n} more problem: --json shows it.", "{n} more problems: --json shows them.", more)
        yield "  " + text.format(n=more)


def problem_line(problem: Problem) -> str:
    """A rejected cell in one line: where, what, why, and what to do."""
    from kpi_helpers.exports.quarantine import shown_value

    place = _("line {line}").format(line=problem.line)
    place = f"{place}, {problem.column}" if problem.column else place
    value = f'"{shown_value(problem)[:LONGEST_VALUE]}" ' if problem.value else ""
    return f"{place}: {value}{problem.reason}. {problem.remedy}"
