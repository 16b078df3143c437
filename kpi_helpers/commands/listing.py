"""`kpi list`: the KPIs, or the exports that the kit can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from kpi_helpers.commands.wording import json_option, make_command
from kpi_helpers.language import N_, _
from kpi_helpers.printing import align, print_json, print_lines

if TYPE_CHECKING:
    from kpi_helpers.exports import Layout

WHAT = ("kpis", "layouts")
KINDS = {"KPI": N_("KPI"), "metric": N_("metric")}
BETTER = {"higher": N_("higher is better"), "lower": N_("lower is better"), "neither": N_("no direction is better")}


def command() -> click.Command:
    """The command, in the language in use."""
    text = _("List the KPIs (kpis) with their formulas, or the exports that can be read (layouts) and how to get them.")
    params = [click.Argument(["what"], type=click.Choice(WHAT), metavar="|".join(WHAT)), json_option()]
    lines = ["kpi list kpis", "kpi list layouts --json"]
    return make_command("list", run, _("List the KPIs, or the exports that can be read."), text, params, lines)


def run(what: str, as_json: bool) -> None:
    """Print the list."""
    rows = kpi_rows() if what == "kpis" else layout_rows()
    if as_json:
        print_json(rows)
    else:
        print_lines(_kpi_lines() if what == "kpis" else _layout_lines(rows))


def kpi_rows() -> list[dict[str, Any]]:
    """The KPI table as data: keys as they are, names in the language in use."""
    from kpi_helpers.catalogue import KPIS, tables_of

    return [
        {
            "key": row.key, "name": _(row.name), "formula": row.text, "unit": row.unit, "better": row.better,
            "owner": row.owner, "kind": row.kind, "tables": tables_of(row.key),
        }
        for row in KPIS.values()
    ]  # fmt: skip


def layout_rows() -> list[dict[str, Any]]:
    """The layouts that come with the kit."""
    from kpi_helpers.exports import list_layouts

    return [_layout_row(layout) for layout in list_layouts()]


def _layout_row(layout: Layout) -> dict[str, Any]:
    return {
        "key": layout.key, "name": _(layout.name), "platform": layout.platform, "tables": list(layout.tables),
        "get": _(layout.get),
    }  # fmt: skip


def _kpi_lines() -> Iterator[str]:
    """By owner: two lines for each KPI."""
    from kpi_helpers.catalogue import KPIS
    from kpi_helpers.labels import OWNERS, STYLES, owner_name

    width = max(map(len, KPIS))
    for owner in OWNERS:
        rows = [row for row in KPIS.values() if row.owner == owner]
        facts = [
            [row.key.ljust(width), _(row.name), _(STYLES[row.style]), _(BETTER[row.better]), kind_name(row.kind)]
            for row in rows
        ]
        yield owner_name(owner).capitalize()
        for row, line in zip(rows, align(facts), strict=True):
            yield line
            yield f"{' ' * (width + 4)}= {_formula(row.key)}  ({_sources(row.key)})"
        yield ""


def kind_name(kind: str) -> str:
    """A kind of the KPI table in the reader's language."""
    from kpi_helpers.labels import lower_first

    return lower_first(_(KINDS[kind]))


def _formula(key: str) -> str:
    from kpi_helpers.catalogue import KPIS
    from kpi_helpers.labels import measure_name

    return KPIS[key].formula.to_text(measure_name)


def _sources(key: str) -> str:
    from kpi_helpers.catalogue import tables_of
    from kpi_helpers.terms import TABLES

    return ", ".join(_(TABLES[table].name) for table in tables_of(key))


def _layout_lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    from kpi_helpers.terms import TABLES

    for row in rows:
        yield f"{row['name']} ({row['key']})"
        tables = ", ".join(_(TABLES[table].name) for table in row["tables"])
        yield from align([[_("Gives"), tables], [_("How to get it"), row["get"]]])
        yield ""
