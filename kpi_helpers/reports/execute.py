"""Run a report's notebook to its end, or say in one line why it did not get there."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kpi_helpers.errors import KitError
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import without_people
from kpi_helpers.reports.manifest import PLACES
from kpi_helpers.reports.section import RECORD_TYPE

ENGINE = "kpi"
TIME_LIMIT = 600  # seconds for one cell
STARTS = 3  # times that a kernel is started before it is given up; cells are never run twice
SILENT = ["--IPKernelApp.log_level=CRITICAL"]  # a kernel that is stopped would print its traceback
MARK = "reports.Record(this, card, channels)"
Progress = Callable[[int, int], None]


class Failure(KitError):
    """Why a notebook did not come to its end, and the notebook as far as it ran."""

    def __init__(self, found: str, next_step: str, notebook: Any) -> None:
        super().__init__(found, next_step)
        self.notebook = notebook

    @property
    def is_quoted(self) -> bool:
        """Whether the words are the notebook's own, in the language of the report."""
        return not self.next_step


class Run:
    """One run of a notebook with these parameters: its cells as far as they were started."""

    def __init__(self, notebook: Path, values: dict[str, Any], progress: bool | Progress) -> None:
        import nbformat

        self.source, self.values, self.progress = nbformat.read(notebook, as_version=4), values, progress
        self.started: list[Any] = []

    def start(self, cell: Any, cell_index: int) -> None:
        """A cell is about to run: papermill puts one with the parameters among the notebook's."""
        self.started.append(cell)
        if callable(self.progress):
            self.progress(cell_index, len(self.source.cells) + 1)

    @property
    def number(self) -> int:
        """The number of the cell that was started last, as the notebook shows it."""
        return sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in self.started)

    @property
    def notebook(self) -> Any:
        """The cells that were started, with their outputs, and the rest of the notebook."""
        rest = self.source.cells[max(len(self.started) - 1, 0) :]
        return _without_traces(type(self.source)({**self.source, "cells": [*self.started, *rest]}), self.values)

    def failed(self, found: str, next_step: str = "") -> Failure:
        """The failure in the cell that was started last, with its reason among the outputs."""
        import nbformat

        if self.started and not any(map(_is_error, self.started[-1].get("outputs", []))):
            said = nbformat.v4.new_output("error", ename="KitError", evalue=found, traceback=[found])
            self.started[-1].setdefault("outputs", []).append(said)
        return Failure(found, next_step, self.notebook)


def execute(notebook: Path, values: dict[str, Any], progress: bool | Progress = False) -> Any:
    """The executed notebook, finished to its last cell and equal for equal inputs; Failure otherwise."""
    from nbclient.exceptions import DeadKernelError

    for left in reversed(range(STARTS)):
        run = Run(notebook, values, progress)
        try:
            executed = _without_traces(_run_papermill(notebook, run), values)
            check_finished(executed, notebook.name)
            return executed
        except DeadKernelError:
            if run.started or not left:
                raise run.failed(*_ended_early()) from None
        except (RuntimeError, OSError) as error:  # a kernel that does not answer, or none to be had
            if run.started:
                raise
            if isinstance(error, OSError) or not left:
                reason = getattr(error, "strerror", None) or str(error)
                said = _("the notebook could not be started: {error}.").format(error=reason.rstrip("."))
                raise run.failed(said, _("Render it again.")) from error
    raise AssertionError


def _run_papermill(notebook: Path, run: Run) -> Any:
    import papermill
    from nbclient.exceptions import CellTimeoutError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    bar = {"desc": run.values["month"], "unit": "", "leave": False} if run.progress is True else False
    with warnings.catch_warnings(), _silenced("papermill", "asyncio"), TemporaryDirectory(prefix="kpi-") as sockets:
        warnings.simplefilter("ignore")
        transport = {} if os.name == "nt" else {"transport": "ipc", "ip": str(Path(sockets, "kernel"))}  # opens no port
        try:
            return papermill.execute_notebook(
                str(notebook), None, run.values, engine_name=ENGINE, progress_bar=bar, execution_timeout=TIME_LIMIT,
                config=Config(KernelManager=transport), kernel_manager_class=_own_kernel(), extra_arguments=SILENT,
                on_cell_start=run.start,
            )  # fmt: skip
        except PapermillExecutionError as error:
            raise run.failed(*_why(error.ename, error.evalue, error.exec_count, notebook.name)) from error
        except CellTimeoutError:
            said = ngettext("cell {cell} of the report did not end within {n} second.",
                            "cell {cell} of the report did not end within {n} seconds.", TIME_LIMIT)  # fmt: skip
            step = _("Look in the notebook for what takes so long.")
            raise run.failed(said.format(cell=run.number, n=TIME_LIMIT), step) from None


@contextmanager
def _silenced(*libraries: str) -> Iterator[None]:
    """Without what these log: it is raised too, and said here."""
    loggers = [logging.getLogger(library) for library in libraries]
    before = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _own_kernel() -> type:
    """Kernels of this very Python, whatever the user's list of kernels says of "python3"."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec

    class OwnKernel(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(**get_kernel_dict(), env={"PYDEVD_DISABLE_FILE_VALIDATION": "1"})  # or it warns

    return OwnKernel


def check_finished(executed: Any, name: str) -> None:
    """Failure unless every code cell ran without an error and the last one showed the mark of completion."""
    cells = [cell for cell in executed.cells if cell.cell_type == "code" and cell.source.strip()]
    for cell in cells:
        for output in cell.outputs:
            if _is_error(output):
                raise Failure(*_why(output.ename, output.evalue, cell.execution_count, name), executed)
            if output.output_type == "stream" and output.name == "stderr" and "Exception in thread" in output.text:
                last = output.text.strip().splitlines()[-1]
                raise Failure(*_why(_("in a thread"), last, cell.execution_count, name), executed)
    if not all(cell.execution_count for cell in cells):
        raise Failure(*_ended_early(), executed)
    shown = cells[-1].outputs if cells else []
    if not any(RECORD_TYPE in output.get("data", {}) for output in shown):
        said = _("the notebook {file} never says that the report is complete.").format(file=name)
        raise Failure(said, _("Its last cell of code must be {code}.").format(code=MARK), executed)


def _is_error(output: Any) -> bool:
    return bool(output.output_type == "error")


def _ended_early() -> tuple[str, str]:
    return _("the report stopped before its end."), _("Render it again.")


def _why(kind: str, text: str, cell: int | None, notebook: str) -> tuple[str, str]:
    """What failed in which cell, and the next step."""
    if kind in ("KitError", "KitErrors"):
        return text, ""
    if kind == "SystemExit":
        said = _("cell {cell} of the report ends it before its end: {code}.").format(cell=cell, code="sys.exit")
        return said, _("Take that out of the notebook.")
    if kind == "StdinNotImplementedError":
        said = _("cell {cell} of the report asks for something, and nobody is there to answer.").format(cell=cell)
        return said, _("Make it a parameter of the notebook.")
    said = _("the report failed in cell {cell}: {error}.").format(cell=cell, error=f"{kind}: {without_people(text)}")
    return said, _("Open the notebook {file} in JupyterLab to see where.").format(file=notebook)


def _without_traces(executed: Any, values: dict[str, Any]) -> Any:
    """The notebook without what differs from run to run: times, random ids, folders of this computer; no customer."""
    from papermill.translators import PythonTranslator

    papermill = executed.metadata.get("papermill", {})
    named = {**values, **{name: Path(values[name]).resolve().name for name in PLACES if values.get(name)}}
    if "parameters" in papermill:
        papermill["parameters"] = named
    for name in ("input_path", "output_path", "start_time", "end_time", "duration"):
        papermill.pop(name, None)
    for cell in executed.cells:
        cell.metadata.pop("execution", None)
        for name in ("start_time", "end_time", "duration"):
            cell.metadata.get("papermill", {}).pop(name, None)
        for output in cell.get("outputs", []):  # an error quotes what it could not read
            for name in ("evalue", "text"):
                if name in output:
                    output[name] = without_people(output[name])
            if "traceback" in output:
                output["traceback"] = [without_people(line) for line in output["traceback"]]
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
            cell["source"] = PythonTranslator.codify(named, "Parameters")
    return executed
