"""A company's folder: where it lies, and which of its files the kit reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from kpi_helpers import company as company_file
from kpi_helpers.errors import KitError
from kpi_helpers.language import _

ROOT = Path(__file__).resolve().parents[1]
CHANNELS = "channels.csv"
CAMPAIGNS = "campaigns.csv"
TAGS = frozenset((b"channel", b"utm_campaign", b"campaign"))  # the headings of that table
BOMS = b"\xef\xbb\xbf\xff\xfe"
LAYOUTS = "layouts"  # the company's own layouts
MANIFEST = ".manifest.json"  # how the name of a report's manifest ends
BATCH = ("batch.json", "index.html")  # what a batch writes beside the folders of the clients
FAILED = ".failed.ipynb"  # how the name of a notebook that failed ends
SYSTEM_FILES = frozenset(("thumbs.db", "desktop.ini", "icon\r"))
SETTINGS = ("goals.csv", "goals.yml", "goals.yaml", "goals.xlsx", "pay.csv", "pay.yml", "pay.yaml", "tree.yml",
            "tree.yaml")  # fmt: skip
NOT_EXPORTS = frozenset((*SETTINGS, company_file.FILE, CHANNELS, CAMPAIGNS))


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


def check_one_company(folder: Path) -> None:
    """KitError for a folder below which several companies lie: their exports would become one report."""
    files = [path for path in list_inputs(folder) if path.name == company_file.FILE]
    found = [path.relative_to(folder).parent.as_posix() for path in files]
    if len(found) > 1:
        said = _("{folder} is not one company's folder: {file} lies in {places}.")
        said = said.format(folder=folder, file=company_file.FILE, places=", ".join(found[:3]))
        raise KitError(said, _("Name the folder of one company."))


def list_inputs(folder: Path) -> list[Path]:
    """The files that the kit reads: exports, settings, goals and layouts; none that is hidden, and no report."""
    return [path for path in _seen(folder) if path.name.lower() not in SYSTEM_FILES]


def list_files(folder: Path) -> list[Path]:
    """The files that may be exports: not hidden, not the company's own settings, goals and layouts."""
    return [path for path in list_inputs(folder) if _may_be_export(path, folder)]


def is_setting(path: Path) -> bool:
    """Whether a file is one of the company's own (settings, goals) by its name, and a campaigns.csv by its headings."""
    name = path.name.lower()
    return name in NOT_EXPORTS and (name != CAMPAIGNS or names_tags(path))


def names_tags(path: Path) -> bool:
    """Whether a campaigns.csv is the company's own table of tags: ad accounts name their exports so, too."""
    try:
        with path.open("rb") as file:
            first = file.read(1000).replace(b"\0", b"").lower().lstrip(BOMS).partition(b"\n")[0]
    except OSError:
        return False  # reading it as an export says why it cannot be opened
    return {heading.strip() for heading in re.split(rb'[",;\t]', first)} >= TAGS


def _seen(folder: Path) -> Iterator[Path]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    written = set[Path]()
    for path in paths:
        if path.name.endswith(MANIFEST):
            written |= _reported(path)
    batches = {path.parent for path in paths if path.name == BATCH[0]}
    for path in paths:
        hidden = any(part.startswith((".", "~$", "__")) for part in path.relative_to(folder).parts)
        of_batch = path.name.endswith(FAILED) or (path.name in BATCH and path.parent in batches)
        if not hidden and not of_batch and path not in written:
            yield path


def shown_path(path: Path) -> str:
    """Where a folder or file lies: below the kit's folder if it is there."""
    full = path.resolve()
    return full.relative_to(ROOT).as_posix() if full.is_relative_to(ROOT) else str(full)


def _reported(manifest: Path) -> set[Path]:
    """The manifest of a finished report and the files that it lists; none of a file that only bears such a name."""
    try:
        said = json.loads(manifest.read_text(encoding="utf-8"))
        ours = f"{said['report']}{MANIFEST}" == manifest.name and isinstance(said["fingerprint"], dict)
        return {manifest.with_name(name) for name in (manifest.name, *dict(said["files"]))} if ours else set()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()


def _may_be_export(path: Path, folder: Path) -> bool:
    ours = path.name.lower().startswith("readme") or path.relative_to(folder).parts[0] == LAYOUTS
    return not ours and not is_setting(path)
