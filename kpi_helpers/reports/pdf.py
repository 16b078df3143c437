"""A report's page as a PDF on A4, printed by the Chromium that is installed; no column of a table gets lost."""

from __future__ import annotations

import io
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.lettering import plain
from kpi_helpers.reports.printed import Rows, Table, is_complete, read_printed, read_tables

if TYPE_CHECKING:
    from pypdf import PdfReader

CHOICE = "KPI_CHROMIUM"  # names another program than the one that is found
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
MAC = ("Google Chrome", "Chromium", "Microsoft Edge")
WINDOWS = (("Google", "Chrome", "Application", "chrome.exe"), ("Microsoft", "Edge", "Application", "msedge.exe"))
TIME_LIMIT = 120  # seconds for one print
QUIET = (
    "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-breakpad", "--no-first-run",
    "--no-default-browser-check", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer", "--generate-pdf-document-outline", "--export-tagged-pdf",
)  # fmt: skip
_TABLE = re.compile(r"<table\b", re.IGNORECASE)


def make_pdf(html: Path, pdf: Path) -> None:
    """Print a report's page on A4; the same page and the same Chromium give the same bytes.

    A table wider than the paper is printed closer, then in parts that repeat its first column. KitError where no
    Chromium is installed, where it fails, and where a table's text would be missing all the same.
    """
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # what is amiss in a PDF is found and said here
    program = find_chromium()
    page = html.read_text(encoding="utf-8")
    tables = read_tables(page)
    steps = [0] * len(tables)
    with TemporaryDirectory(prefix="print-", dir=pdf.parent.resolve()) as folder:
        while True:
            printed = _opened(_print(program, lay_out(page, tables, steps), Path(folder)))
            lost = _lost(tables, steps, read_printed(printed))
            if not lost:
                break
            for number in lost:
                if steps[number] >= max(tables[number].columns - 1, 1):
                    raise _too_wide(tables[number])
                steps[number] += 1
    pdf.write_bytes(_timeless(printed))


def find_chromium() -> str:
    """The Chromium to print with: `KPI_CHROMIUM`, else one that is installed. KitError where there is none."""
    chosen = os.environ.get(CHOICE, "")
    found = shutil.which(chosen) if chosen else next(filter(None, _installed()), None)
    if found:
        return found
    if chosen:
        raise KitError(_("{variable} names no program: {value}.").format(variable=CHOICE, value=repr(chosen)))
    raise KitError(
        _("a PDF is printed by Chromium, and none is installed."),
        _("Install Chromium, Chrome or Edge, name it in {variable}, or leave out --pdf.").format(variable=CHOICE),
    )


def _installed() -> Iterator[str | None]:
    yield from (shutil.which(program) for program in PROGRAMS)
    if sys.platform == "darwin":
        yield from (shutil.which(f"/Applications/{name}.app/Contents/MacOS/{name}") for name in MAC)
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if os.environ.get(variable):
            yield from (shutil.which(Path(os.environ[variable], *parts)) for parts in WINDOWS)


def lay_out(page: str, tables: Sequence[Table], steps: Sequence[int]) -> str:
    """The page with each table as its step asks: 0 as it is, 1 closer, n in n parts that repeat its first column."""
    laid, done, rules = "", 0, []
    for table, step in zip(tables, steps, strict=True):
        # What is called a table is tagged as one, however small it is.
        text = _TABLE.sub('<table role="table"', page[table.start : table.end], count=1)
        parts = column_parts(table.columns, step) if step > 1 else []
        laid += page[done : table.start]
        laid += "".join(f'<div class="columns-{first}-{last}">{text}</div>' for first, last in parts) or (
            _with_class(text, "closer") if step else text
        )
        rules += [
            f".columns-{first}-{last} tr > :nth-child(n+2):not(:nth-child(n+{first}):nth-child(-n+{last})) "
            "{ display: none; }" for first, last in parts
        ]  # fmt: skip
        done = table.end
    return (laid + page[done:]).replace("</head>", f"<style>{' '.join(sorted(set(rules)))}</style></head>", 1)


def column_parts(columns: int, parts: int) -> list[tuple[int, int]]:
    """The first and last column (from 1) of each part; the first column of all is in every part besides.

    >>> column_parts(8, 3)
    [(2, 4), (5, 6), (7, 8)]
    """
    ends = [1 + -(-(columns - 1) * part // parts) for part in range(parts + 1)]
    return [(start + 1, end) for start, end in zip(ends, ends[1:], strict=False)]


def _with_class(table: str, name: str) -> str:
    opening, rest = table.split(">", 1)
    if 'class="' in opening:
        return opening.replace('class="', f'class="{name} ', 1) + ">" + rest
    return f'{opening} class="{name}">{rest}'


def _lost(tables: Sequence[Table], steps: Sequence[int], printed: Sequence[Rows]) -> list[int]:
    """The numbers of the tables of which the print lacks something."""
    shown = [max(step, 1) for step in steps]
    if len(printed) != sum(shown):
        raise KitError(
            _("the PDF has {found} tables, the report {expected}.").format(found=len(printed), expected=sum(shown)),
            _("Update Chromium, or leave out --pdf."),
        )
    rest, lost = iter(printed), []
    for number, (table, step) in enumerate(zip(tables, steps, strict=True)):
        complete = [is_complete(rows, next(rest)) for rows in _parts(table, step)]
        if not all(complete):
            lost.append(number)
    return lost


def _parts(table: Table, step: int) -> list[Rows]:
    """The texts that each part of the table has on paper."""
    if step < 2:
        return [table.rows]
    parts = column_parts(table.columns, step)
    return [[row[:1] + row[first - 1 : last] for row in table.rows] for first, last in parts]


def _too_wide(table: Table) -> KitError:
    return KitError(
        _('the table "{table}" does not fit on the paper: a part of it would be missing in the PDF.').format(
            table=table.name
        ),
        _("Shorten its texts, or leave out --pdf."),
    )


def _print(program: str, page: str, folder: Path) -> bytes:
    """The page printed by Chromium: without a network, without scripts, with a profile of its own."""
    source, target = folder / "page.html", folder / "page.pdf"
    source.write_text(page, encoding="utf-8")
    command = [program, *QUIET, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}", source.as_uri()]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.insert(1, "--no-sandbox")  # Chromium has no sandbox for root
    code, said = _run(command)
    if code or not target.is_file():
        lines = [line for line in said.splitlines() if line and "dbus" not in line]
        raise _failed(plain(lines[-1])[:200] if lines else code, program)
    printed = target.read_bytes()
    target.unlink()
    return printed


def _run(command: Sequence[str]) -> tuple[int, str]:
    """The exit code of a program and what it says of itself; what it has started does not outlive the time limit."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )  # fmt: skip
    try:
        _nothing, said = process.communicate(timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        found = _("Chromium did not print the report within {seconds} seconds.").format(seconds=TIME_LIMIT)
        raise KitError(found, _("Render it again, or leave out --pdf.")) from None
    finally:
        _end(process)
    return process.returncode, said.decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    import psutil

    if process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            for one in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        process.kill()
        process.wait()
    if process.stderr:
        process.stderr.close()


def _failed(error: object, program: str = "") -> KitError:
    said = _("Chromium could not print the report: {error}.").format(error=error)
    if _is_snap(program):
        step = _("This Chromium is a snap and sees only what lies below your home folder: let the reports go there, or "
                 "name another Chromium in {variable}.").format(variable=CHOICE)  # fmt: skip
        return KitError(said, step)
    return KitError(said, _("Render it again, or leave out --pdf."))


def _is_snap(program: str) -> bool:
    """Whether it is confined by snapd; Ubuntu's `chromium-browser` is a script that starts such a one."""
    with suppress(OSError), open(program, "rb") as file:
        return program.startswith("/snap/") or b"/snap/bin/" in file.read(4096)
    return False


def _opened(content: bytes) -> PdfReader:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return PdfReader(io.BytesIO(content))
    except PyPdfError as error:
        raise _failed(error) from error


def _timeless(printed: PdfReader) -> bytes:
    """The PDF without the time it was made at."""
    from pypdf import PdfWriter
    from pypdf.generic import BooleanObject, NameObject

    writer = PdfWriter(clone_from=printed)
    title = printed.metadata.title if printed.metadata else ""
    writer.metadata = {"/Title": title or "", "/Creator": "kpi-kit", "/Producer": "Chromium"}
    writer.create_viewer_preferences()[NameObject("/DisplayDocTitle")] = BooleanObject(True)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()
