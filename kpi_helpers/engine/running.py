"""The engine: papermill's own client of notebooks, with a warm process in place of a Jupyter kernel."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path
from typing import Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from kpi_helpers.engine.forks import can_fork
from kpi_helpers.engine.line import ShellManager
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _

NATIVE = "python3"  # the kernel of the Python in use, by Jupyter's custom


class KpiEngine(NBClientEngine):
    """Runs the cells in a process in which the libraries are imported already; the results are papermill's own.

    Kernels of another language or another Python, and systems without forks, are left to papermill's own engine.
    """

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the notebook, as papermill's engine does and with its options; KitError for a parameter it lacks."""
        check_names(nb_man.nb)
        if not can_fork() or "km" in options or not runs_here(kernel_name):
            return super().execute_managed_notebook(nb_man, kernel_name, **options)
        return _WarmClient(nb_man, **_client_options(kernel_name, **options)).execute()


class _WarmClient(PapermillNotebookClient):
    def create_kernel_manager(self) -> ShellManager:
        self.km = ShellManager(self.startup_timeout)
        return self.km


def _client_options(
    kernel_name: str, log_output: bool = False, stdout_file: Any = None, stderr_file: Any = None,
    start_timeout: int = 60, execution_timeout: int | None = None, **others: Any,
) -> Any:  # fmt: skip
    """The options of papermill's client, named as its own engine names them."""
    return merge_kwargs(
        remove_args(["input_path", "timeout", "startup_timeout"], **others),
        timeout=execution_timeout or others.get("timeout"),
        startup_timeout=start_timeout,
        kernel_name=kernel_name,
        log=logger,
        log_output=log_output,
        stdout_file=stdout_file,
        stderr_file=stderr_file,
    )


def check_names(notebook: Any) -> None:
    """KitError for a given parameter that the notebook's cell of parameters does not name: papermill would only warn.

    A notebook without such a cell, or with one that is no plain Python, takes whatever it is given.
    """
    cell = next((cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])), None)
    if cell is None:
        return
    try:
        nodes = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)]
    except SyntaxError:
        return
    names = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    for name in notebook.metadata.get("papermill", {}).get("parameters", {}):
        if name not in names:
            raise KitError(_("there is no parameter {name}.").format(name=repr(name)), did_you_mean(name, names))


def runs_here(kernel_name: str) -> bool:
    """Whether the kernel of that name is IPython under this very Python, started in the usual way."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    from jupyter_core.paths import jupyter_path

    try:
        spec = KernelSpecManager(kernel_dirs=jupyter_path("kernels")).get_kernel_spec(kernel_name)
    except NoSuchKernel:
        return kernel_name == NATIVE
    python, *arguments = spec.argv or [""]
    if kernel_name == NATIVE and os.path.isabs(python) and not Path(python).exists():
        return True  # written by a Python that has since been removed
    flags = [argument for argument in arguments if argument != "-Xfrozen_modules=off"]
    usual = flags == ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    return usual and not spec.env and _is_this_python(python)


def _is_this_python(command: str) -> bool:
    major, minor = sys.version_info[:2]
    return command in ("python", f"python{major}", f"python{major}.{minor}", sys.executable)
