"""The folders that the start page offers: those in which exports may lie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kpi_helpers.company import FILE as SETTINGS
from kpi_helpers.exports.folder import ROOT

SEARCHED = ("data", "reports")
DEEPEST = 3
SUFFIXES = frozenset((".csv", ".tsv", ".txt", ".xls", ".xlsx", ".zip"))
REPORT = "report.json"  # beside it lies a report and no export


def list_folders(root: Path = ROOT) -> list[Path]:
    """Companies' folders: below data/ and reports/, and those with settings directly in the kit's folder."""
    own = [folder for folder in _folders_in(root) if (folder / SETTINGS).is_file()]
    return own + [found for name in SEARCHED for found in _holding_exports(root / name, DEEPEST)]


def shown_path(path: Path) -> str:
    """Where a folder or file lies: below the kit's folder if it is there."""
    full = path.resolve()
    return full.relative_to(ROOT).as_posix() if full.is_relative_to(ROOT) else str(full)


def _holding_exports(folder: Path, depth: int) -> Iterator[Path]:
    for inner in _folders_in(folder):
        if (inner / SETTINGS).is_file() or _has_exports(inner):
            yield inner
        elif depth > 1:
            yield from _holding_exports(inner, depth - 1)


def _folders_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))


def _has_exports(folder: Path) -> bool:
    names = [path for path in folder.iterdir() if path.is_file()]
    return not (folder / REPORT).exists() and any(path.suffix.lower() in SUFFIXES for path in names)
