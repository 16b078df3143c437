"""`kpi lab`: the notebooks in JupyterLab."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from kpi_helpers.commands.wording import make_command
from kpi_helpers.errors import KitError
from kpi_helpers.language import _, language

KIT = Path(__file__).resolve().parent.parent.parent


def command() -> click.Command:
    """The command, in the language in use."""
    text = _("Open JupyterLab on DIR, or on the kit's notebooks. Further arguments go to JupyterLab.")
    params = [click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED, metavar=_("[DIR] [ARGS]..."))]
    lines = ["kpi lab", "kpi lab notebooks/explore --port 8890"]
    short = _("Open the notebooks in JupyterLab.")
    return make_command("lab", run, short, text, params, lines, ignore_unknown_options=True)


def run(arguments: tuple[str, ...]) -> int:
    """Become JupyterLab where the system can, else run it to its end."""
    line = command_line(arguments)
    if os.name == "posix":
        os.execv(line[0], line)
    return subprocess.call(line)


def command_line(arguments: tuple[str, ...]) -> list[str]:
    """What is run, with the start page open: the kit's folder is the root, so that notebooks find the data beside."""
    names_folder = bool(arguments) and not arguments[0].startswith("-")
    folder = _find(arguments[0]) if names_folder else _notebooks()
    root = KIT if folder.is_relative_to(KIT) else folder
    folders = [f"--ServerApp.root_dir={root}", f"--FileContentsManager.preferred_dir={folder}"]
    start = _notebooks() / "start.ipynb"
    opened = [] if names_folder else [f"--LabApp.default_url=/lab/tree/{start.relative_to(root).as_posix()}"]
    return [sys.executable, "-m", "jupyterlab", *folders, *opened, *arguments[names_folder:]]


def _find(folder: str) -> Path:
    for place in (Path(folder).expanduser(), KIT / folder):
        if place.is_dir():
            return place.resolve()
    found = _("there is no folder {folder}.").format(folder=folder)
    raise KitError(found, _("Name the folder that holds the notebooks."))


def _notebooks() -> Path:
    own = KIT / "notebooks" / language()
    return own if own.is_dir() else KIT / "notebooks"
