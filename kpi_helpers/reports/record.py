"""The report as data: `report.json`, numbers unrounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd

from kpi_helpers.calendars import parse_month
from kpi_helpers.catalogue import KPIS, expanded, tables_of
from kpi_helpers.coverage import late_exports
from kpi_helpers.exports import FileReading, double_sources
from kpi_helpers.labels import is_missing, month_name, write_date
from kpi_helpers.language import _, language
from kpi_helpers.lettering import hide_people
from kpi_helpers.monthly import Month
from kpi_helpers.reports.section import RECORD_TYPE
from kpi_helpers.terms import TABLES, source_table

NUMBERS = ("value", "low", "high", "numerator", "denominator", "previous", "year_ago", "goal", "goal_full")


class Record:
    """The data of a finished report; shown as the last output of the notebook, it is also the mark of completion."""

    def __init__(self, month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> None:
        self.data = {
            "client": month.client,
            "month": f"{month.start:%Y-%m}",
            "language": language(),
            "currency": month.currency,
            "kpis": [_kpi(row) for row in pd.concat([card, channels]).to_dict("records")],
            "sources": [_source(file) for file in month.exports.files if file.tables],
            "missing": missing_parts(month, card),
            "version": kit_version(),
        }

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        return {"text/plain": _("The report is complete."), RECORD_TYPE: self.data}


def title_of(record: Mapping[str, Any]) -> str:
    """The report's name: its client and its month, in the language in use."""
    return _("{client}: {month}").format(client=record["client"], month=month_name(parse_month(record["month"])))


def missing_parts(month: Month, card: pd.DataFrame) -> list[dict[str, Any]]:
    """What the report lacks, by kind.

    "export" (and the KPIs that need it), "file" not used, "double" what counts twice, "late" export, "days" to come.
    """
    asleep: dict[str, list[str]] = {}
    for row in card[(card["scope"] == "company") & card["value"].isna()].to_dict("records"):
        for table in tables_of(row["kpi"]):
            if table not in month.tables and TABLES[table].source:
                asleep.setdefault(table, []).append(row["kpi"])
    parts = [_part("export", key, _(TABLES[key].source), kpis) for key, kpis in asleep.items()]
    parts += [_part("file", file.file, hide_people(file.reason)) for file in month.exports.files if file.reason]
    parts += [_part("double", text, "") for text in double_sources(month.exports)]
    for file, last in late_exports(month.exports, month.end):
        parts.append(_part("late", file, _("It ends on {day}: export it again.").format(day=write_date(last))))
    if month.first_days is not None:
        parts.append(_part("days", f"{month.end}", _("Render the report again when the month is over.")))
    return parts


def _part(kind: str, what: str, next_step: str, kpis: Sequence[str] = ()) -> dict[str, Any]:
    return {"kind": kind, "what": what, "kpis": list(kpis), "next_step": next_step}


def kit_version() -> str:
    """The version of the installed kit."""
    try:
        return version("kpi-kit")
    except PackageNotFoundError:
        return "0"


def _source(file: FileReading) -> dict[str, Any]:
    return {
        "file": file.file,
        "sha256": file.sha256,
        "layout": file.tables[0].layout,
        "rows": file.tables[0].rows_in,
        "tables": list(dict.fromkeys(source_table(table.table) for table in file.tables)),
    }


def _kpi(row: dict[Any, Any]) -> dict[str, Any]:
    """A KPI of the month, with its formula over plain measures and the tables that exports fill for it."""
    numbers = {name: None if is_missing(row[name]) else float(row[name]) for name in NUMBERS}
    return {
        "key": row["kpi"],
        "scope": row["scope"],
        **numbers,
        "unit": KPIS[row["kpi"]].style,
        "status": row["status"],
        "owner": row["owner"],
        "norm": bool(row["norm"]),
        "formula": expanded(row["kpi"]).text,
        "tables": list(dict.fromkeys(map(source_table, tables_of(row["kpi"])))),
    }
