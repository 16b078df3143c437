"""A plain table of the company's own (goals), in whatever dialect Excel left it: rows of text by heading."""

from __future__ import annotations

from pathlib import Path

from kpi_helpers.errors import KitError
from kpi_helpers.exports.dialect import read_sheets
from kpi_helpers.opening import read_bytes


def read_rows(path: str | Path) -> list[dict[str, str]]:
    """The rows below the headings as text by lower-case heading; blank rows are left out. KitError where unreadable."""
    path = Path(path)
    data = read_bytes(path)
    try:
        sheet = read_sheets(data)[0]
    except KitError as error:
        raise KitError(error.found, error.next_step, where=path.name) from None
    filled = [row for row in sheet.rows if any(cell.strip() for cell in row)]
    headings = [cell.strip().casefold() for cell in filled[0]] if filled else []
    return [dict(zip(headings, row, strict=False)) for row in filled[1:]]
