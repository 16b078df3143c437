"""`kpi check`: a company's folder as a whole: its files, its settings and goals, the KPIs that have data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpi_helpers.commands.printing import align, file_name, print_json, print_lines
from kpi_helpers.commands.read import describe
from kpi_helpers.commands.wording import json_option, make_command
from kpi_helpers.errors import KitError
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import cut_middle

if TYPE_CHECKING:
    import pandas as pd

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
    from kpi_helpers.exports import read_exports
    from kpi_helpers.exports.folder import find_folder

    home = find_folder(folder)
    goals, faults = _read_goals(home)
    try:
        exports = read_exports(home)
    except KitError as error:
        exports, faults = None, [str(error), *faults]
    noticed = _notices(exports, goals) if exports else []
    asleep = _asleep(exports) if exports else {}
    unused = [file for file in exports.files if file.reason] if exports else []
    if as_json:
        print_json(_as_data(folder, exports, len(goals), faults, noticed, asleep))
    else:
        print_lines(_in_words(exports, len(goals), faults, noticed, asleep))
    return 1 if unused or faults else 0


def _read_goals(home: Path) -> tuple[pd.DataFrame, list[str]]:
    """The goals, and what is wrong with them."""
    from kpi_helpers.exports.plain import read_rows
    from kpi_helpers.goals import check_goals
    from kpi_helpers.monthly import GOALS_FILE

    path = home / GOALS_FILE
    try:
        return check_goals(read_rows(path) if path.exists() else [], GOALS_FILE), []
    except KitError as error:
        return check_goals([]), [str(error)]


def _notices(exports: Exports, goals: pd.DataFrame) -> list[str]:
    from kpi_helpers.notices import notices

    return list(notices(exports, goals))


def _asleep(exports: Exports) -> dict[str, str]:
    """The KPIs without a value in any month, and the reason (a code of `compute_kpis`) in the last of them."""
    from kpi_helpers.catalogue import KPIS, tables_of
    from kpi_helpers.kpis import compute_kpis
    from kpi_helpers.measures import sum_measures
    from kpi_helpers.monthly import derive_tables
    from kpi_helpers.terms import source_table

    if not exports.tables:
        return {key: f"no_export:{source_table(tables_of(key)[0])}" for key in KPIS}
    kpis = compute_kpis(sum_measures(derive_tables(exports), "month"))
    groups = kpis.sort_values("period", kind="stable").groupby("kpi", sort=False)
    reasons = {str(key): str(group["reason"].iloc[-1]) for key, group in groups if group["value"].isna().all()}
    return {key: _of_exports(key, reason, exports) for key, reason in reasons.items()}


def _of_exports(key: str, reason: str, exports: Exports) -> str:
    """The reason in terms of exports: a table that is there but says nothing lacks the measure, not the export."""
    from kpi_helpers.catalogue import expanded
    from kpi_helpers.terms import MEASURES, source_table

    code, _colon, table = reason.partition(":")
    if code != "no_export":
        return reason
    if source_table(table) not in exports.tables:
        return f"no_export:{source_table(table)}"
    return f"no_values:{next(name for name in expanded(key).names if MEASURES[name].table == table)}"


def _next_step(reason: str) -> str:
    """What would give a KPI its value, as far as the kit can say."""
    from kpi_helpers.terms import TABLES

    code, _colon, table = reason.partition(":")
    return _("Add {export}.").format(export=_(TABLES[table].source)) if code == "no_export" else ""


def _as_data(
    folder: str, exports: Exports | None, goals: int, faults: list[str], noticed: list[str], asleep: dict[str, str]
) -> dict[str, Any]:
    from kpi_helpers.catalogue import KPIS
    from kpi_helpers.tables import reason_text

    months = _months(exports)
    return {
        "folder": file_name(folder),
        "company": exports.company.name if exports else "",
        "currency": exports.currency if exports else "",
        "period": {"from": months[0] if months else None, "to": months[1] if months else None},
        "files": [found for file in exports.files for found in describe(file_name(file.file), file)] if exports else [],
        "goals": goals,
        "errors": faults,
        "notices": noticed,
        "kpis": {
            "alive": [key for key in KPIS if key not in asleep] if exports else [],
            "asleep": [
                {"kpi": key, "reason": reason_text(code), "next_step": _next_step(code)}
                for key, code in asleep.items()
            ],
        },
    }


def _months(exports: Exports | None) -> tuple[date, date] | None:
    from kpi_helpers.coverage import period_covered

    try:
        return period_covered(exports) if exports else None
    except KitError:
        return None


def _in_words(
    exports: Exports | None, goals: int, faults: list[str], noticed: list[str], asleep: dict[str, str]
) -> Iterator[str]:
    if exports:
        yield from _heading(exports)
        yield from _files(exports)
    if faults:
        yield from (_("To mend"), *(f"  {fault}" for fault in faults), "")
    if noticed:
        yield from (_("To look at"), *(f"  {notice}" for notice in noticed), "")
    if exports:
        if goals:
            yield ngettext("Goals: {n}, in order.", "Goals: {n}, in order.", goals).format(n=goals)
        yield from _kpis(exports, asleep)


def _heading(exports: Exports) -> Iterator[str]:
    from kpi_helpers.labels import write_period

    months = _months(exports)
    yield ", ".join(filter(None, (exports.company.name, exports.currency, write_period(*months) if months else "")))
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
    if unused:
        yield from (_("Not used"), *unused, "")


def _remarks(table: TableReading) -> str:
    """What is to be known of a table's rows, in a few words."""
    if not table.rows_in:
        return _("no rows")
    rejected, emptied = table.rejected, len(table.problems) - table.rejected
    words = (
        (rejected, ngettext("{n} row rejected", "{n} rows rejected", rejected)),
        (emptied, ngettext("{n} cell not read", "{n} cells not read", emptied)),
        (table.repeated, table.repeats),
    )
    return "; ".join(word.format(n=count) for count, word in words if count)


def _kpis(exports: Exports, asleep: dict[str, str]) -> Iterator[str]:
    from kpi_helpers.catalogue import KPIS
    from kpi_helpers.labels import kpi_name, write_list
    from kpi_helpers.tables import reason_text

    yield _("KPIs with data: {alive} of {all}.").format(alive=len(KPIS) - len(asleep), all=len(KPIS))
    causes: dict[str, list[str]] = {}
    for key, reason in asleep.items():
        causes.setdefault(reason, []).append(kpi_name(key))
    for reason, names in causes.items():
        text = _("{names}: {reason}.").format(names=write_list(names), reason=reason_text(reason))
        yield f"  {text} {_next_step(reason)}".rstrip()
