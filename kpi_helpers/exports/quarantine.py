"""What was rejected, as a table of its own: nothing is lost, and everything can be mended at its source."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from kpi_helpers.exports.reading import FileReading, TableReading
from kpi_helpers.exports.rows import Problem
from kpi_helpers.exports.values import NO_FLAG, NOT_KNOWN
from kpi_helpers.language import _, language, ngettext
from kpi_helpers.lettering import hide_people, hide_words

FILE = "rejected.csv"  # beside the report
MOST = 100_000  # rows: a file rejected as a whole is still at hand
_WORDY = (NO_FLAG, NOT_KNOWN)  # faults of cells that hold words by right
_NUMBER = re.compile(r"[+-]?\s*(?:\d[\d\s.,]*%?\s*)?")
_RUN = re.compile(r"""[\s"]*[=+@\-＝＋＠－]|[\t\r\n]""")  # how a cell begins that a spreadsheet would run
# the same within a cell, where a spreadsheet that divides at another sign would begin one
_RUN_WITHIN = re.compile(
    r"""([;,\t\r\n|][\s"]*)(?=[=+@\-＝＋＠－])(?![+-]\s*(?:\d[\d .]*%?\s*)?"?\s*(?:[;,\t\r\n|]|\Z))"""
)


def quarantine(files: Iterable[FileReading], *, people: bool = False) -> str:
    """The rejected rows and cells as CSV: file, line, column, value, reason, remedy, and the row's cells joined anew.

    Customers are hidden, unless `people` is True: the cells of columns that the layout does not read, or that name
    people, are "…", all cells are where they may have slid under other headings, and addresses and numbers are taken
    out of the rest. "" where nothing was rejected. Russian spreadsheets divide at ";", others at ",". What a
    spreadsheet would run begins with an apostrophe.
    """
    found = [(file.file, table, problem) for file in files for table in file.tables for problem in table.problems]
    if not found:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=_delimiter(), lineterminator="\r\n")
    headings = [_("File"), _("Line"), _("Column"), _("Value"), _("What is wrong"), _("What to do"), _("Whole row")]
    writer.writerow(headings)
    for file, table, problem in found[:MOST]:
        cells = problem.row if people else _discreet(problem, table)
        value = problem.value if people else shown_value(problem)
        told = (file, str(problem.line), problem.column, value, problem.reason, problem.remedy, _as_line(cells))
        writer.writerow([_safe(cell) for cell in told])
    more = len(found) - MOST
    if more > 0:
        writer.writerow([ngettext("and {n} more", "and {n} more", more).format(n=more)])
    return text.getvalue()


def shown_value(problem: Problem) -> str:
    """The rejected cell as it may be shown to anyone: what should be a number or a date without words.

    In a row that lacks a cell a customer's name may stand there.
    """
    wordy = problem.reason.startswith(tuple(map(_, _WORDY)))
    return hide_people(problem.value) if wordy else hide_words(problem.value)


def _discreet(problem: Problem, table: TableReading) -> list[str]:
    shown = table.shown_columns if _stands_right(problem, table) else ()
    return [hide_people(cell) if at in shown or not cell.strip() else "…" for at, cell in enumerate(problem.row)]


def _stands_right(problem: Problem, table: TableReading) -> bool:
    """Whether every cell of the row stands under its own heading, as far as its width and its fault tell."""
    if not problem.column or shown_value(problem) != hide_people(problem.value):
        return False
    width = table.width or len(problem.row)
    return len(problem.row) >= width and not any(cell.strip() for cell in problem.row[width:])


def _delimiter() -> str:
    return ";" if language() == "ru" else ","


def _as_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=_delimiter(), lineterminator="").writerow(cells)
    return line.getvalue()


def _safe(cell: str) -> str:
    inner = _RUN_WITHIN.sub(r"\1'", cell)
    return f"'{inner}" if _RUN.match(cell) and not _NUMBER.fullmatch(cell) else inner
