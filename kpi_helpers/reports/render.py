"""Render a report: papermill runs the notebook, the page, the workbook and the record are made from its outputs.

Finished or nothing: everything is written beside the final folder and put in its place at the end.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from kpi_helpers.company import read_company
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.exports import find_folder
from kpi_helpers.exports.quarantine import FILE as QUARANTINE
from kpi_helpers.language import LANGUAGES, _, language, use_language
from kpi_helpers.monthly import parse_month
from kpi_helpers.reports.page import render_html
from kpi_helpers.reports.parameters import check_parameters, read_parameters
from kpi_helpers.reports.section import RECORD_TYPE, SECTION_TYPE
from kpi_helpers.reports.workbook import write_workbook

KIT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS = KIT / "notebooks"
REPORT = "monthly_report"
TIME_LIMIT = 600  # seconds for one cell
LONGEST_WAIT = 60  # seconds for another run to put its report in place
Progress = Callable[[int, int], None]
SILENT = ["--IPKernelApp.log_level=CRITICAL"]  # a kernel that is stopped would print its traceback


def render_report(
    data_dir: str | Path,
    month: str,
    out: str | Path = "reports",
    *,
    goals_file: str = "",
    lang: str = "",
    currency: str = "",
    client: str = "",
    report: str = REPORT,
    parameters: Mapping[str, str] | None = None,
    progress: bool | Progress = False,
) -> Path:
    """Render one report to `out`/<client>/<month>/ as HTML, notebook, XLSX and JSON, and return that folder.

    An empty `lang` is the company's language, else the one in use; `parameters` are further parameters of the
    notebook, written as text; `progress` shows a bar, or is called with the cells done and all of them. KitError when
    an input is wrong or the notebook fails; then nothing is written.
    """
    month = f"{parse_month(month):%Y-%m}"
    folder = find_folder(data_dir)
    lang = lang or read_company(folder).language or language()
    if lang not in LANGUAGES:
        raise KitError(_("there is no language {lang}.").format(lang=repr(lang)), did_you_mean(lang, LANGUAGES))
    use_language(lang)
    _check_inputs(goals_file, currency, report)
    notebook = notebook_path(report, lang)
    values = {
        "month": month, "data_dir": str(folder), "goals_file": goals_file, "lang": lang, "currency": currency,
        "client": client,
    }  # fmt: skip
    check_parameters(notebook, values)
    values |= read_parameters(notebook, parameters or {})
    final = Path(out) / safe_name(client or folder.resolve().name) / month
    unfinished = final.with_name(f".{month}-{uuid4().hex[:8]}")
    new = [folder for folder in (final.parent, *final.parent.parents) if not folder.exists()]
    unfinished.mkdir(parents=True)
    try:
        executed = _execute(notebook, unfinished / f"{report}.ipynb", values, progress)
        for name, content in _products(executed, report, lang).items():
            _write(unfinished / name, content)
        _put_in_place(unfinished, final)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        with suppress(OSError):
            for folder in new:  # where nothing was rendered into them
                folder.rmdir()
    return final


def _check_inputs(goals_file: str, currency: str, report: str) -> None:
    """What can be found wrong before the notebook runs."""
    if goals_file and not Path(goals_file).is_file():
        found = _("there is no goals file {file}.").format(file=goals_file)
        raise KitError(found, _("Name an existing file or leave it out."))
    if currency and not re.fullmatch("[A-Za-z]{3}", currency):
        found = _("{key} = {value} is not allowed.").format(key="currency", value=repr(currency))
        expected = _('a currency code of three letters, such as "USD"')
        raise KitError(found, _("Expected: {expected}.").format(expected=expected))
    reports = sorted(path.stem for path in (NOTEBOOKS / "reports").glob("*.ipynb"))
    if report not in reports:
        raise KitError(_("there is no report {report}.").format(report=repr(report)), did_you_mean(report, reports))


def _products(executed: Any, report: str, lang: str) -> dict[str, bytes]:
    """The files made from an executed notebook, by name."""
    record = _take_one(executed, RECORD_TYPE)
    title = f"{record['client']}, {record['month']}"
    sections = _take(executed, SECTION_TYPE)
    beside = {name: text for section in sections for name, text in section.get("files", {}).items()}
    return {
        **{name: ("\ufeff" + text).encode("utf-8") for name, text in beside.items()},
        f"{report}.html": render_html(executed, title=title, lang=lang).encode("utf-8"),
        f"{report}.xlsx": write_workbook(sections, title),
        "report.json": json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8"),
    }


def notebook_path(report: str, lang: str) -> Path:
    """The report's notebook in the reader's language."""
    path = NOTEBOOKS / ("ru/reports" if lang == "ru" else "reports") / f"{report}.ipynb"
    return path if path.exists() else NOTEBOOKS / "reports" / f"{report}.ipynb"


def safe_name(name: str) -> str:
    """A folder name that means the same folder on every system and never leaves its parent.

    >>> safe_name("../Acme & Söhne: 2026?")
    'Acme_Söhne_2026'
    """
    plain = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", name)).strip("._-")[:80]
    reserved = re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", plain.split(".")[0])
    return f"_{plain}" if reserved else plain or "client"


def _execute(notebook: Path, target: Path, parameters: dict[str, Any], progress: bool | Progress) -> Any:
    """Run the notebook with papermill; a failure becomes a KitError with the notebook's own message."""
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    bar = {"desc": parameters["month"], "unit": "", "leave": False} if progress is True else False
    told = {"on_cell_start": _teller(notebook, progress)} if callable(progress) else {}
    with warnings.catch_warnings(), TemporaryDirectory(prefix="kpi-") as sockets:
        warnings.simplefilter("ignore")
        logging.getLogger("papermill").setLevel(logging.CRITICAL)  # its errors are raised, and said here
        transport = {} if os.name == "nt" else {"transport": "ipc", "ip": str(Path(sockets, "kernel"))}  # opens no port
        try:
            papermill.execute_notebook(
                str(notebook), str(target), parameters, progress_bar=bar, execution_timeout=TIME_LIMIT,
                config=Config(KernelManager=transport), extra_arguments=SILENT, **told,
            )  # fmt: skip
        except PapermillExecutionError as error:
            raise _failure(error, notebook) from error
        except DeadKernelError:
            raise KitError(_("the report stopped before its end."), _("Render it again.")) from None
    executed = nbformat.read(target, as_version=4)
    unfinished = [
        cell for cell in executed.cells if cell.cell_type == "code" and cell.source and not cell.execution_count
    ]
    if unfinished:
        raise KitError(_("the report stopped before its end."), _("Render it again."))
    for place in ("input_path", "output_path"):
        executed.metadata.papermill.pop(place, None)  # folders of this computer are nobody's business
    nbformat.write(executed, target)
    return executed


def _teller(notebook: Path, progress: Progress) -> Callable[..., None]:
    """Tells `progress` at each cell how many are done: papermill puts one with the parameters among the notebook's."""
    import nbformat

    cells = len(nbformat.read(notebook, as_version=4).cells) + 1
    return lambda cell, cell_index: progress(cell_index, cells)


def _failure(error: Any, notebook: Path) -> KitError:
    if error.ename == "KitError":
        return KitError(error.evalue)
    return KitError(
        _("the report failed in cell {cell}: {error}.").format(
            cell=error.exec_count, error=f"{error.ename}: {error.evalue}"
        ),
        _("Open the notebook {file} in JupyterLab to see where.").format(file=notebook.name),
    )


def _take(notebook: Any, kind: str) -> list[Any]:
    """The data of one type in the outputs of an executed notebook, in their order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


def _take_one(notebook: Any, kind: str) -> Any:
    found = _take(notebook, kind)
    if not found:
        raise KitError(_("the report stopped before its end."), _("Render it again."))
    return found[-1]


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(unfinished: Path, final: Path) -> None:
    """Swap the finished folder in, with the reader's own files; the old report stands until the new one is complete."""
    with _alone_in(final):
        for own in final.iterdir() if final.exists() else ():
            if own.name != QUARANTINE and not (unfinished / own.name).exists():
                (shutil.copytree if own.is_dir() else shutil.copy2)(own, unfinished / own.name)
        old = unfinished.with_name(f"{unfinished.name}-old")
        if final.exists():
            final.rename(old)
        try:
            unfinished.rename(final)
        except OSError:
            if old.exists():
                old.rename(final)
            raise
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """While no other run puts its report there. KitError where another does not come to its end."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder.with_name(f".{folder.name}.lock"), timeout=LONGEST_WAIT)
    try:
        with lock:
            try:
                yield
            finally:
                if os.name == "posix":  # elsewhere it goes by itself when it is let go
                    Path(lock.lock_file).unlink(missing_ok=True)
    except Timeout:
        said = _("another run is writing the report of {month}.").format(month=folder.name)
        raise KitError(said, _("Render it again.")) from None
