"""Tables of KPIs: values in words on the page, numbers in the spreadsheet; and the words for what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from kpi_helpers import tables
from kpi_helpers.catalogue import KPIS
from kpi_helpers.comparisons import card_note
from kpi_helpers.labels import (
    STYLES,
    channel_name,
    is_missing,
    kpi_name,
    lower_first,
    owner_name,
    write_interval,
    write_list,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import row_of
from kpi_helpers.tables import Column
from kpi_helpers.terms import TABLES

NUMBERS = ("value", "low", "high", "previous", "year_ago", "goal", "change_low", "change_high", "year_low", "year_high",
           "numerator", "denominator")  # fmt: skip


def keys_in(section: str, first: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The KPIs of a section of the catalogue in its order, after those named first."""
    return (*first, *(key for key, row in KPIS.items() if row.section == section and key not in first))


def scope_name(scope: str) -> str:
    """The company, or a channel's name."""
    return _("company") if scope == "company" else channel_name(scope)


def add_score_sheet(section: Section, caption: str, rows: Iterable[dict[Any, Any]]) -> Section:
    """Add rows of the scorecard for the spreadsheet: numbers as numbers, each row in the format of its KPI."""
    rows = list(rows)
    titles = (
        _("Value"), _("Lower bound"), _("Upper bound"), _("Last month"), _("Last year"), _("Goal"),
        _("Change on last month, lower bound"), _("Change on last month, upper bound"),
        _("Change on last year, lower bound"), _("Change on last year, upper bound"), _("Numerator"), _("Denominator"),
    )  # fmt: skip
    columns = [Column(_("KPI")), Column(_("Scope")), Column(_("Unit"))]
    columns += [Column(title, "row" if place < 10 else "number") for place, title in enumerate(titles)]
    words = (_("Against last month"), _("Against last year"), _("Status"), _("Owner"))
    columns += [Column(title) for title in words]
    cells = [
        [kpi_name(row["kpi"]), scope_name(row["scope"]), _unit(row["kpi"], section.currency)]
        + [row[name] for name in NUMBERS]
        + [tables.verdict_text(row, name) for name in ("change", "year")]
        + [_badge(row), owner_name(row["owner"])]
        for row in rows
    ]
    return section.sheet(caption, columns, cells, [KPIS[row["kpi"]].style for row in rows])


def _unit(key: str, currency: str) -> str:
    style = KPIS[key].style
    return currency if style == "money" and currency else _(STYLES[style])


def _badge(row: dict[Any, Any]) -> Any:
    kpi = KPIS[row["kpi"]]
    return "" if row["status"] == "no_goal" else tables.status_badge(row["status"], kpi.better, kpi.style)


def show_kpis(
    month: Month, card: pd.DataFrame, anchor: str, title: str, keys: Iterable[str], *, new_page: bool = True
) -> Section:
    """A section that is a table of KPIs with their intervals, changes and goals; what is missing is said below it."""
    section = Section(anchor, title, currency=month.currency, new_page=new_page)
    rows = [row for key in keys if (row := row_of(card, key))]
    known = [row for row in rows if not is_missing(row["value"])]
    if known:
        columns = _kpi_columns(any(row["status"] != "no_goal" for row in known))
        cells = [_kpi_row(row, month.currency)[: len(columns)] for row in known]
        section.html(tables.data_table(columns, cells, note=card_note(known)))
        add_score_sheet(section, "", known)
    explain_missing(section, month, [row for row in rows if is_missing(row["value"])])
    return section


def _kpi_columns(with_goals: bool) -> list[Column]:
    numbers = [_("Value"), _("95% interval"), _("vs last month"), _("vs last year")]
    columns = [Column(_("KPI")), *(Column(title, "number") for title in numbers)]
    return [*columns, Column(_("Goal"), "number"), Column(_("Status"))] if with_goals else columns


def _kpi_row(row: dict[str, Any], currency: str) -> list[Any]:
    kpi = KPIS[row["kpi"]]
    return [
        kpi_name(row["kpi"]),
        write_value(row["value"], kpi.style, currency),
        write_interval(row["low"], row["high"], kpi.style, currency),
        tables.change_cell(row, "change", kpi.style),
        tables.change_cell(row, "year", kpi.style),
        "" if is_missing(row["goal"]) else write_value(row["goal"], kpi.style, currency),
        _badge(row),
    ]


def explain_missing(section: Section, month: Month, rows: Iterable[dict[str, Any]]) -> None:
    """Say once for each cause why KPIs have no value, and which export would give them one."""
    causes: dict[str, list[str]] = {}
    for row in rows:
        causes.setdefault(row["reason"], []).append(kpi_name(row["kpi"]))
    for reason, names in causes.items():
        code, _colon, table = reason.partition(":")
        text = _("{names} — {reason}.").format(names=write_list(names), reason=tables.reason_text(reason))
        lacking = code == "no_export" and table in TABLES and table not in month.tables
        section.notice(text, _("Add {export}.").format(export=_(TABLES[table].source)) if lacking else "")


def needs(section: Section, month: Month, *keys: str) -> bool:
    """Whether all of these tables are missing; if so the section says which exports would fill them."""
    if any(key in month.tables for key in keys):
        return False
    for key in keys:
        section.notice(
            _("No export: {table}.").format(table=lower_first(_(TABLES[key].name))),
            _("Add {export}.").format(export=_(TABLES[key].source)),
        )
    return True
