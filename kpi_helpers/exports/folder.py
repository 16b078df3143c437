"""A folder of exports: every file read or named with the reason, and the tables of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pandas as pd

from kpi_helpers import company as company_file
from kpi_helpers.company import Company, read_company, read_currency
from kpi_helpers.errors import KitError
from kpi_helpers.exports import channels as channels_file
from kpi_helpers.exports.channels import ChannelRule, default_channels, read_channels
from kpi_helpers.exports.combining import combine, leave_out_repeats
from kpi_helpers.exports.dialect import Sheet, read_sheets
from kpi_helpers.exports.layout import Layout
from kpi_helpers.exports.layout_file import list_layouts, read_layouts
from kpi_helpers.exports.reading import FileReading, TableReading, read_sheet
from kpi_helpers.exports.recognise import recognise
from kpi_helpers.labels import CHANNELS
from kpi_helpers.language import _

ROOT = Path(__file__).resolve().parents[2]
LAYOUTS = "layouts"  # the company's own layouts, in its folder
SYSTEM_FILES = frozenset(("thumbs.db", "desktop.ini", "icon\r"))
NOT_EXPORTS = frozenset(("goals.csv", company_file.FILE, channels_file.FILE))


@dataclass(frozen=True, repr=False)
class Exports:
    """A company's exports: `tables` by canonical key, sorted by date, only those with rows; `files` with an account."""

    folder: Path
    company: Company
    currency: str
    tables: dict[str, pd.DataFrame]
    files: tuple[FileReading, ...]

    def __repr__(self) -> str:
        parts = [f"{len(self.files)} files", f"{len(self.tables)} tables", *([self.currency] if self.currency else [])]
        return f"<Exports {self.folder.resolve().name}: {', '.join(parts)}>"


@dataclass(frozen=True)
class _Knowledge:
    """What a file is read with."""

    company: Company
    channels: Sequence[ChannelRule]
    layouts: Sequence[Layout]

    @classmethod
    def of(cls, folder: Path, company: Company) -> _Knowledge:
        channels = (*own_channels(folder), *default_channels())
        layouts = (*read_layouts(folder / LAYOUTS), *list_layouts())
        return cls(company, channels, [layout.asking(company) for layout in layouts])


def read_exports(folder: str | Path, *, currency: str = "") -> Exports:
    """Every export in a folder, normalised into canonical tables.

    A file that cannot be used is named with its reason and never stops the rest. Raises KitError where there is no
    folder, no file in it, a wrong setting in company.toml or channels.csv, or several currencies and none is chosen.
    """
    place = find_folder(folder)
    company = read_company(place)
    company = replace(company, currency=read_currency(currency) or company.currency)
    paths = list_files(place)
    if not paths:
        raise KitError(_("there are no exports in the folder."), _("Put the exported files into it."), where=place.name)
    knowledge = _Knowledge.of(place, company)
    files: list[FileReading] = []
    seen: dict[str, str] = {}
    for path in paths:
        reading = _read(path, _printable(path.relative_to(place)), knowledge, seen)
        seen.setdefault(reading.sha256, reading.file)
        files.append(reading)
    company = replace(company, currency=company.currency or _common_currency(files))
    files = leave_out_repeats([_in_currency(reading, company.currency) for reading in files])
    return Exports(place, company, company.currency, combine(files, company), tuple(files))


def read_file(path: str | Path, company: Company, folder: Path | None = None) -> FileReading:
    """One export by itself, with the channels.csv and the layouts of the company's folder (else those beside it).

    Raises KitError where there is no file.
    """
    path = Path(path)
    if not path.is_file():
        raise KitError(_("there is no such file."), where=path.name)
    knowledge = _Knowledge.of(folder or path.parent, company)
    return _in_currency(_read(path, _printable(Path(path.name)), knowledge, {}), company.currency)


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


def own_channels(folder: Path) -> tuple[ChannelRule, ...]:
    """The rules of the folder's own channels.csv; none where there is no such file."""
    path = folder / channels_file.FILE
    return read_channels(path) if path.exists() else ()


def unknown_channels(exports: Exports) -> dict[str, int]:
    """Sources that no rule knows and that stand as channels of their own: their rows in all tables, the most first."""
    channels = [frame["channel"].dropna() for frame in exports.tables.values() if "channel" in frame]
    known = {*CHANNELS, *(rule.channel for rule in own_channels(exports.folder))}
    counts = pd.concat(channels).value_counts() if channels else pd.Series(dtype="int64")
    return {str(channel): int(rows) for channel, rows in counts.items() if channel not in known}


def list_files(folder: Path) -> list[Path]:
    """The files that may be exports: not hidden, not the company's own settings, goals and layouts."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in paths if _may_be_export(path.relative_to(folder))]


def _may_be_export(path: Path) -> bool:
    hidden = any(part.startswith((".", "~$", "__")) for part in path.parts)
    name = path.name.lower()
    own = name in NOT_EXPORTS | SYSTEM_FILES or name.startswith("readme") or path.parts[0] == LAYOUTS
    return not hidden and not own


def _printable(path: Path) -> str:
    return path.as_posix().encode("utf-8", "replace").decode("utf-8")


def _read(path: Path, name: str, knowledge: _Knowledge, seen: dict[str, str]) -> FileReading:
    try:
        data = path.read_bytes()
    except OSError as error:
        return FileReading(name, "", (), _("cannot be opened: {reason}.").format(reason=error.strerror))
    digest = sha256(data).hexdigest()
    if digest in seen:
        return FileReading(name, digest, (), _("the same as {file}, which is counted once.").format(file=seen[digest]))
    try:
        tables = _read_tables(read_sheets(data), knowledge)
        return FileReading(name, digest, tuple(tables), modified=path.stat().st_mtime)
    except KitError as error:
        return FileReading(name, digest, (), str(error))


def _read_tables(sheets: list[Sheet], knowledge: _Knowledge) -> list[TableReading]:
    """The tables of all sheets that a layout knows. Raises the first sheet's KitError where it knows none of them."""
    tables: list[TableReading] = []
    errors: list[KitError] = []
    for sheet in sheets:
        try:
            match = recognise(sheet, knowledge.layouts)
            tables += read_sheet(sheet, match, knowledge.company, knowledge.channels)
        except KitError as error:
            errors.append(error)
    if not tables and errors:
        raise errors[0]
    if not tables:
        found = _("its layout is known, but it has no column to count.")
        raise KitError(found, _("Export it again with more columns."))
    return tables


def _common_currency(files: list[FileReading]) -> str:
    found = Counter(table.currency for reading in files for table in reading.tables if table.currency)
    if len(found) > 1:
        raise KitError(
            _("the exports are in several currencies: {currencies}.").format(currencies=", ".join(sorted(found))),
            _("Say which one is yours: currency in company.toml."),
        )
    return next(iter(found), "")


def _in_currency(reading: FileReading, currency: str) -> FileReading:
    other = sorted({table.currency for table in reading.tables} - {"", currency})
    if not other or not currency:
        return reading
    reason = _("it is in {other}, the company's currency is {currency}. Export it in that currency.")
    return replace(reading, tables=(), reason=reason.format(other=", ".join(other), currency=currency))
