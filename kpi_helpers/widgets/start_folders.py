"""The folders that the start page offers: those in which exports may lie."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from kpi_helpers.company import FILE as SETTINGS
from kpi_helpers.company import read_company
from kpi_helpers.errors import KitError
from kpi_helpers.folders import ROOT
from kpi_helpers.lettering import plain
from kpi_helpers.reports.render import safe_name

SEARCHED = ("data", "reports")
DEEPEST = 3
SUFFIXES = frozenset((".csv", ".tsv", ".txt", ".xls", ".xlsx", ".zip"))
REPORT = "report.json"  # beside it lies a report and no export


def list_folders(root: Path = ROOT) -> list[Path]:
    """Companies' folders: below data/ and reports/, and those with settings directly in the kit's folder."""
    own = [folder for folder in _folders_in(root) if (folder / SETTINGS).is_file()]
    return own + [found for name in SEARCHED for found in _holding_exports(root / name, DEEPEST)]


def company_folder(inbox: Path, name: str) -> Path:
    """The folder of a company in the inbox: the one that is called so in its settings, else a free one.

    Names that make one folder name, such as "Acme & Co" and "Acme, Co.", are different companies.
    """
    own = inbox / safe_name(name)
    named = [folder for folder in (own, *_folders_in(inbox)) if _company_name(folder) == _alike(name)]
    numbered = (inbox / f"{own.name}_{number}" for number in count(2))
    return named[0] if named else next(path for path in chain([own], numbered) if _company_name(path) is None)


def _company_name(folder: Path) -> str | None:
    """What the settings in a folder call the company, for comparing; None where they do not say it."""
    if not (folder / SETTINGS).is_file():
        return None
    try:
        return _alike(read_company(folder).name)
    except KitError:
        return None


def _alike(name: str) -> str:
    return " ".join(plain(name).casefold().split())


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
