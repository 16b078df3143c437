"""Schemes as the text of a file: one owner's rows are written anew, all others stay as they are."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

from kpi_helpers.amounts import write_amount
from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.labels import OWNERS, find_key
from kpi_helpers.language import _
from kpi_helpers.lettering import as_cell, from_cell
from kpi_helpers.saving import write_safely
from kpi_helpers.scorecard.reading import (
    COLUMNS,
    MOST_SHARE,
    SCOPES,
    YAML,
    Dialect,
    Row,
    check_schemes,
    dialect_of,
    name_columns,
    read_rows,
)
from kpi_helpers.scorecard.scheme import Curve, Line, Scheme

BASIC = ("owner", "bonus", "kpi", "scope", "weight", "target", "curve", "threshold", "cap")  # written in any case


def save_scheme(path: Path, scheme: Scheme, since: bytes | None = None) -> bytes:
    """Place the scheme in a CSV file, which may not exist yet, and return what the file holds then.

    The other rows, delimiter, line ends and byte order mark stay. `since`: what the file held when it was read (b"":
    there was none); where others changed it in the meantime nothing is written. KitError for that, and where the file
    or the scheme is wrong; OSError where it cannot be written.
    """
    if not scheme.lines:
        found = _("the scheme holds no KPI.")
        raise KitError(found, _("Add one, or delete the rows of its owner in the file by hand."), where=path.name)
    if path.suffix.casefold() in YAML:
        raise KitError(_("schemes are saved as CSV."), _("Name a file that ends in .csv."), where=path.name)
    held = path.read_bytes() if path.exists() else b""
    if since is not None and held != since:
        found = _("the file was changed since it was read.")
        raise KitError(found, _("Run the cell again: it shows what the file holds now."), where=path.name)
    rows = place_scheme(read_rows(path)[0] if held else [], scheme)
    check_schemes(rows, path.name)
    dialect = dialect_of(held)
    content = dialect.mark + _as_csv(rows, dialect).encode()
    write_safely(path, content)
    return content


def place_scheme(rows: Sequence[Row], scheme: Scheme) -> list[Row]:
    """The rows with those of the scheme in the place of its owner's; columns that are not the kit's are kept."""
    named = [name_columns(row) for row in rows]
    own = [find_key((row.get("owner") or "").strip(), OWNERS) == scheme.owner for row in named]
    old = {_line_of(row): row for row, is_own in zip(named, own, strict=True) if is_own}
    new = [{**_kept(old, line), **row} for line, row in zip(scheme.lines, rows_of(scheme), strict=True)]
    first = own.index(True) if any(own) else len(named)
    others = [row for row, is_own in zip(named, own, strict=True) if not is_own]
    return [*others[:first], *new, *others[first:]]


def rows_of(scheme: Scheme) -> list[dict[str, str]]:
    """The rows of a scheme as `check_schemes` reads them: the bonus in the first one."""
    return [
        {"owner": scheme.owner, "bonus": "" if place else write_amount(scheme.bonus), **_row(line)}
        for place, line in enumerate(scheme.lines)
    ]


def _line_of(row: Row) -> tuple[str, str]:
    """KPI and scope of a row, in whatever language they are written."""
    key = find_key(row.get("kpi") or "", {name: known.name for name, known in KPIS.items()})
    return key, find_key(from_cell((row.get("scope") or "").strip()), SCOPES) or "company"


def _kept(old: dict[tuple[str, str], Row], line: Line) -> Row:
    """What the owner keeps in columns of their own."""
    return {name: text for name, text in old.get((line.kpi, line.scope), {}).items() if name not in COLUMNS}


def _row(line: Line) -> dict[str, str]:
    curve = line.curve
    usual = Curve("step", threshold=1.0) if curve.shape == "step" else Curve()
    ends = {
        "threshold": "no" if curve.threshold == 0 else _unless(curve.threshold, usual.threshold),
        "cap": "no" if math.isinf(curve.cap) else _unless(curve.cap, usual.cap),
    }
    return {
        "kpi": line.kpi, "scope": as_cell(line.scope), "weight": write_amount(line.weight),
        "target": write_amount(line.target), "base": write_amount(line.base), "curve": curve.shape, **ends,
        "at_threshold": _share(curve.at_threshold), "at_cap": _share(curve.at_cap),
    }  # fmt: skip


def _unless(number: float, usual: float) -> str:
    return "" if number == usual else _share(number)


def _share(number: float) -> str:
    """A share that is read back: without a sign so large a one would be refused."""
    return f"{write_amount(number * 100)} %" if number > MOST_SHARE else write_amount(number)


def _as_csv(rows: Sequence[Row], dialect: Dialect) -> str:
    own = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    said = [name for name in COLUMNS if name in BASIC or any(row.get(name) for row in rows)]
    text = io.StringIO()
    table = csv.DictWriter(
        text, [*said, *own], restval="", extrasaction="ignore", delimiter=dialect.delimiter,
        lineterminator=dialect.line_end,
    )  # fmt: skip
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()
