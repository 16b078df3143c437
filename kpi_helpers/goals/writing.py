"""Goals as the text of a file: CSV out, YAML in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kpi_helpers.amounts import write_amount
from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError, at_line
from kpi_helpers.goals.columns import BASIC, COLUMNS, DERIVED
from kpi_helpers.goals.targets import write_change
from kpi_helpers.language import N_, _
from kpi_helpers.lettering import as_cell
from kpi_helpers.opening import compose, line_of, texts_of
from kpi_helpers.saving import write_safely

BEGIN = N_("Begin each goal with a line such as: - kpi: leads")
LARGEST_YAML = 2_000_000  # characters: far more than any file of goals


def write_goals(goals: pd.DataFrame, path: Path) -> None:
    """Write goals as CSV: elsewhere first, then renamed, so that no file is half written.

    Columns of COLUMNS in which nothing is said are left out, but for the BASIC ones; what the owner keeps in columns of
    their own is kept. `check_goals` reads the goals back as they are.
    """
    rows = [_as_text({str(name): value for name, value in row.items()}) for row in goals.to_dict("records")]
    own = [name for name in goals.columns if name not in (*COLUMNS, *DERIVED)]
    said = [name for name in COLUMNS if name in BASIC or any(row.get(name) for row in rows)]
    text = pd.DataFrame(rows, columns=[*said, *own]).to_csv(index=False, lineterminator="\n")
    write_safely(path, text.encode())


def _as_text(row: Mapping[str, Any]) -> dict[str, str]:
    """A goal, checked or as text, as the cells of a file."""
    cells = {name: _cell(value) for name, value in row.items() if name not in DERIVED}
    if "scope" in cells:  # a channel's name comes from a file
        cells["scope"] = as_cell(cells["scope"])
    if cells.get("change") and isinstance(by := row.get("change_by"), float):
        cells["target"] = write_change(KPIS[row["kpi"]], row["change"], by)
    return cells


def _cell(value: Any) -> str:
    match value:
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n")  # a bare \r would end the row
        case bool():
            return "yes" if value else ""
        case date():
            return value.isoformat()
        case None:
            return ""
    return write_amount(float(value))


def read_yaml(text: str, where: str) -> tuple[list[dict[str, str]], list[int]]:
    """Goals as a list of mappings with the names of COLUMNS: the rows as text, and the line each begins on.

    Values are taken as they are written and nothing is built from them, so that no file can do harm. KitError where it
    is something else.
    """
    if len(text) > LARGEST_YAML:
        raise KitError(_("it is too large for a file of goals."), where=where)
    node = compose(text, where)
    if node is not None and node.id == "mapping" and [name.value for name, _value in node.value] == ["goals"]:
        node = node.value[0][1]
    if node is None or (node.id == "scalar" and not node.value):
        return [], []
    if node.id != "sequence":
        raise KitError(_("it is no list of goals."), _(BEGIN), where=where)
    return [_goal(item, at_line(where, line_of(item))) for item in node.value], [line_of(item) for item in node.value]


def _goal(node: Any, where: str) -> dict[str, str]:
    """One goal: what is not said is empty, as in a table."""
    if node.id != "mapping":
        raise KitError(_("this is no goal with names and values."), _(BEGIN), where=where)
    return dict.fromkeys(COLUMNS, "") | texts_of(node.value, where)
