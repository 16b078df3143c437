"""What was rejected, as a table of its own: nothing is lost, and everything can be mended at its source."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from kpi_helpers.exports.reading import FileReading, TableReading
from kpi_helpers.exports.rows import Problem
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import hide_people

FILE = "rejected.csv"  # beside the report
MOST = 100_000  # rows: a file rejected as a whole is still at hand
_RUN = ("=", "+", "@", "\t", "\r")  # how a cell begins that a spreadsheet would run


def quarantine(files: Iterable[FileReading], *, people: bool = False) -> str:
    """The rejected rows and cells as CSV: file, line, column, value, reason, remedy, and the row as it stands.

    Customers are hidden: the cells of columns that the layout does not read, or that name people, are "…" and other
    addresses and numbers are taken out of the text, unless `people` is True. "" where nothing was rejected. A cell that
    a spreadsheet would run begins with an apostrophe.
    """
    found = [(file.file, table, problem) for file in files for table in file.tables for problem in table.problems]
    if not found:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_("File"), _("Line"), _("Column"), _("Value"), _("What is wrong"), _("What to do"), _("Row")])
    for file, table, problem in found[:MOST]:
        cells = problem.row if people else _discreet(problem, table)
        value = problem.value if people else hide_people(problem.value)
        told = (file, str(problem.line), problem.column, value, problem.reason, problem.remedy, _as_line(cells))
        writer.writerow([_safe(cell) for cell in told])
    more = len(found) - MOST
    if more > 0:
        writer.writerow([ngettext("and {n} more", "and {n} more", more).format(n=more)])
    return text.getvalue()


def _discreet(problem: Problem, table: TableReading) -> list[str]:
    return [hide_people(cell) if at in table.shown_columns or not cell.strip() else "…"
            for at, cell in enumerate(problem.row)]  # fmt: skip


def _as_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _safe(cell: str) -> str:
    number = cell[:1] in "+-" and cell[1:].replace(".", "").replace(",", "").isdigit()
    return f"'{cell}" if cell.startswith(_RUN) and not number else cell
