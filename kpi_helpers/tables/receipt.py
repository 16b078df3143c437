"""The receipt: which files a report was made from, and what in them was rejected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import Markup

from kpi_helpers.labels import NBSP, NO_VALUE, short_date, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import LONGEST_NAME, cut_middle, hide_people, hide_words, plain
from kpi_helpers.tables.fragments import fragment
from kpi_helpers.terms import TABLES

MOST_PROBLEMS = 20
Sums = Callable[[Any], list[tuple[str, str]]]
Notes = Callable[[Any], list[str]]


def receipt(
    files: Iterable[Any], sums: Sums, notes: Notes, *, quarantine: str = "",
    shown_value: Callable[[Any], str] = lambda problem: hide_words(problem.value),
) -> str:  # fmt: skip
    """The receipt: each file, what was read from it, what was rejected and why (`files` as `Exports.files`).

    `sums` and `notes` give the sums of a table and what else there is to say of it, in words; `quarantine` is the name
    of the file with all that was rejected, `shown_value` gives what of a rejected cell anyone may see.
    """
    listed = list(files)
    rows = [_file_row(file, table, sums, notes) for file in listed for table in file.tables]
    unused = [{"file": file.file, "reason": hide_people(file.reason)} for file in listed if file.reason]
    unused += [{"file": file.file, "reason": hide_people(text)} for file in listed for text in file.left_out]
    problems = [
        (cut_middle(file.file, LONGEST_NAME), problem, shown_value(problem), hide_people(problem.reason))
        for file in listed for table in file.tables for problem in table.problems
    ]  # fmt: skip
    hidden = len(problems) - MOST_PROBLEMS
    words = {
        "file": _("File"), "what": _("What it is"), "period": _("Period"), "rows": _("Rows"), "used": _("Used"),
        "totals": _("Totals"), "rejected": _("Rejected"), "sums": _("Sums"), "unused": _("Files that were not used"),
        "line": _("Line"), "column": _("Column"), "value": _("Value"), "problem": _("What is wrong"),
        "remedy": _("What to do"),
        "problems": ngettext("{n} rejected value", "{n} rejected values", len(problems)).format(n=len(problems)),
        "hidden": ngettext("and {n} more", "and {n} more", hidden).format(n=hidden) if hidden > 0 else "",
        "digest": _("Check sum (SHA-256)"),
        "quarantine": quarantine and _("All of them are in {file}.").format(file=quarantine),
    }  # fmt: skip
    return fragment("receipt.html", rows=rows, unused=unused, problems=problems[:MOST_PROBLEMS], words=words)


def _file_row(file: Any, table: Any, sums: Sums, notes: Notes) -> dict[str, Any]:
    return {
        "file": _may_break(cut_middle(file.file, LONGEST_NAME)), "full": file.file, "digest": file.sha256,
        "what": _(table.name),
        "table": _(TABLES[table.table].name) if table.table in TABLES else "",
        "period": _period(table.start, table.end),
        "counts": [write_value(n, "count") for n in (table.rows_in, table.used, table.totals, table.rejected)],
        "sums": sums(table), "notes": notes(table),
    }  # fmt: skip


def _may_break(name: str) -> Markup:
    """A file's name that breaks between its words."""
    return Markup("<wbr>").join(re.split("(?<=[_-])", plain(name)))


def _period(start: Any, end: Any) -> str:
    if start is None or end is None:
        return NO_VALUE
    return f"{short_date(start)}{NBSP}– {short_date(end)}"
