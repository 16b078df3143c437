"""A company's folder: where it lies, and which of its files the kit reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kpi_helpers import company as company_file
from kpi_helpers.errors import KitError
from kpi_helpers.language import _

ROOT = Path(__file__).resolve().parents[1]
CHANNELS = "channels.csv"
LAYOUTS = "layouts"  # the company's own layouts
MANIFEST = ".manifest.json"  # how the name of a report's manifest ends
SYSTEM_FILES = frozenset(("thumbs.db", "desktop.ini", "icon\r"))
SETTINGS = ("goals.csv", "goals.yml", "goals.yaml", "goals.xlsx", "pay.csv", "pay.yml", "pay.yaml", "tree.yml",
            "tree.yaml")  # fmt: skip
NOT_EXPORTS = frozenset((*SETTINGS, company_file.FILE, CHANNELS))


def find_folder(folder: str | Path) -> Path:
    """The folder, relative to the working directory or else to the kit's own. Raises KitError where there is none."""
    places = (Path(folder).expanduser(), ROOT / folder) if str(folder).strip() else ()
    for place in places:
        if place.is_dir():
            return place
    if any(place.is_file() for place in places):
        raise KitError(_("{name} is a file, not a folder.").format(name=folder), _("Name the folder it lies in."))
    found = _("there is no folder {folder}.").format(folder=folder)
    raise KitError(found, _("Name the folder that holds the exports."))


def list_inputs(folder: Path) -> list[Path]:
    """The files that the kit reads: exports, settings, goals and layouts; none that is hidden, and no report."""
    return [path for path in _seen(folder) if path.name.lower() not in SYSTEM_FILES]


def list_files(folder: Path) -> list[Path]:
    """The files that may be exports: not hidden, not the company's own settings, goals and layouts."""
    return [path for path in list_inputs(folder) if _may_be_export(path.relative_to(folder))]


def _seen(folder: Path) -> Iterator[Path]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    reports = {path.parent for path in paths if path.name.endswith(MANIFEST)}
    for path in paths:
        hidden = any(part.startswith((".", "~$", "__")) for part in path.relative_to(folder).parts)
        if not hidden and reports.isdisjoint(path.parents):
            yield path


def _may_be_export(path: Path) -> bool:
    name = path.name.lower()
    return name not in NOT_EXPORTS and not name.startswith("readme") and path.parts[0] != LAYOUTS
