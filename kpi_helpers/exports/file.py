"""One file: opened, each table in it recognised and read; an archive gives a reading for each of its files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import big, cache
from kpi_helpers.exports.archive import ZIP, is_archive, open_archive
from kpi_helpers.exports.channels import FILE as CHANNELS_FILE
from kpi_helpers.exports.channels import ChannelRule, default_channels, read_channels
from kpi_helpers.exports.dates import Period, find_named_period, find_stated_period
from kpi_helpers.exports.dialect import read_sheets
from kpi_helpers.exports.layout import Layout
from kpi_helpers.exports.layout_file import list_layouts, read_layouts
from kpi_helpers.exports.normalise import read_sheet
from kpi_helpers.exports.platforms import ask_names, told_by_name
from kpi_helpers.exports.reading import FileReading, TableReading
from kpi_helpers.exports.recognise import recognise, unknown
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.folders import LAYOUTS
from kpi_helpers.language import _

_SMALL = 10_000  # bytes
_SHORT = 30  # rows: a file of filters that says the period of the other files beside it has no more


@dataclass(frozen=True)
class Knowledge:
    """What files are read with; `own` is what of it is not the kit's."""

    company: Company
    channels: Sequence[ChannelRule]
    layouts: Sequence[Layout]
    own: tuple[object, ...] = ()

    @classmethod
    def of(cls, folder: Path, company: Company) -> Knowledge:
        """The company's own channels and layouts, then those of the kit."""
        layouts, channels = read_layouts(folder / LAYOUTS), own_channels(folder)
        owned = [replace(layout, own=True) for layout in layouts]
        asking = [layout.asking(company) for layout in (*owned, *list_layouts())]
        return cls(company, (*channels, *default_channels()), asking, (company, channels, layouts))

    @cached_property
    def digest(self) -> str:
        """A short name of what is the company's own in it."""
        return sha256(repr(self.own).encode()).hexdigest()


# The tables read, why others could not be used, and why known ones are not counted.
Found = tuple[tuple[TableReading, ...], tuple[str, ...], tuple[str, ...]]


def own_channels(folder: Path) -> tuple[ChannelRule, ...]:
    """The rules of the folder's own channels.csv; none where there is no such file."""
    path = folder / CHANNELS_FILE
    return read_channels(path) if path.exists() else ()


def read_one(path: Path, name: str, knowledge: Knowledge, seen: dict[str, str]) -> list[FileReading]:
    """A reading of the file under this name; of an archive, one of each file in it.

    `seen` holds the check sums of files read before and is added to: the same file counts once.
    """
    try:
        modified = path.stat().st_mtime
        large = _read_large(path, name, modified, knowledge, seen) if big.is_large(path) else None
        if large:
            return [large]
        data = path.read_bytes()
    except OSError as error:
        return [FileReading(name, "", (), _("cannot be opened: {reason}.").format(reason=error.strerror))]
    if data[:4] == ZIP and is_archive(data):
        return _read_archive(data, name, modified, knowledge, seen)
    return [_read(data, name, modified, find_named_period(name), knowledge, seen)]


def _read_large(
    path: Path, name: str, modified: float, knowledge: Knowledge, seen: dict[str, str]
) -> FileReading | None:
    """A reading of a large text file; None where it has to be read the ordinary way."""
    digest, outline = big.look_at(path)
    named = find_named_period(name)
    tables = None if digest in seen else cache.remembered(
        lambda: ("large", digest, named, knowledge.digest), path.stat().st_size,
        lambda: big.read_large(path, outline, knowledge.layouts, knowledge.company, knowledge.channels, named),
        lambda tables: _holds_no_rows(tables or ()),
    )  # fmt: skip
    if tables is None:
        return None
    seen[digest] = name
    return FileReading(name, digest, _told_by_name(tables, name), modified=modified)


def _told_by_name(tables: Sequence[TableReading], name: str) -> tuple[TableReading, ...]:
    return told_by_name(tables, name.rpartition("/")[2], "file")


def _read_archive(
    data: bytes, name: str, modified: float, knowledge: Knowledge, seen: dict[str, str]
) -> list[FileReading]:
    try:
        members = open_archive(data)
    except KitError as error:
        return [FileReading(name, sha256(data).hexdigest(), (), str(error))]
    stated = _stated_beside(members) or find_named_period(name)
    readings = [
        _read(content, f"{name}/{member}", modified, find_named_period(member) or stated, knowledge, seen)
        for member, content in members
    ]
    used = [reading for reading in readings if reading.tables]
    if not used:
        return readings
    left = [(reading.file.removeprefix(f"{name}/"), reading) for reading in readings if not reading.tables]
    unread = tuple(f"{file}: {why}" for file, reading in left for why in (reading.reason, *reading.unread) if why)
    over = tuple(f"{file}: {why}" for file, reading in left for why in reading.passed_over)
    rest = FileReading(name, sha256(data).hexdigest(), (), modified=modified, unread=unread, passed_over=over)
    return [*used, *([rest] if left else [])]


def _stated_beside(members: list[tuple[str, bytes]]) -> Period | None:
    """The period that a short file in the archive states for the others, as the filters of Search Console do."""
    sheets: list[Sheet] = []
    for _name, content in members:
        with suppress(KitError):
            sheets += read_sheets(content) if len(content) < _SMALL else []
    return _stated_in(sheets)


def _stated_in(sheets: list[Sheet]) -> Period | None:
    """The period that one of several tables states for the others: a list of settings, a name and a value each."""
    notes = (sheet.rows for sheet in sheets if len(sheet.rows) < _SHORT and max(map(len, sheet.rows)) <= 2)
    return next((period for rows in notes if (period := find_stated_period(rows))), None) if len(sheets) > 1 else None


def _read(
    data: bytes, name: str, modified: float, named: Period | None, knowledge: Knowledge, seen: dict[str, str]
) -> FileReading:
    digest = sha256(data).hexdigest()
    if digest in seen:
        return FileReading(name, digest, (), _("the same as {file}, which is counted once.").format(file=seen[digest]))
    seen[digest] = name
    try:
        tables, unread, over = cache.remembered(
            lambda: (digest, named, knowledge.digest), len(data),
            lambda: _read_tables(read_sheets(data), named, knowledge),
            lambda found: _holds_no_rows(found[0]),
        )
    except KitError as error:
        return FileReading(name, digest, (), str(error))
    tables = _told_by_name(tables, name)
    return FileReading(name, digest, tables, modified=modified, unread=unread, passed_over=over)


def _holds_no_rows(tables: Sequence[TableReading]) -> bool:
    """Whether no row of the file is kept as it stands: customers may be named in it."""
    return not any(problem.row for table in tables for problem in table.problems)


def _read_tables(sheets: list[Sheet], named: Period | None, knowledge: Knowledge) -> Found:
    """The tables of all sheets that a layout knows. Raises the first sheet's KitError where it knows none of them."""
    tables: list[TableReading] = []
    errors: list[tuple[Sheet, KitError]] = []
    unused: list[str] = []
    named = named or _stated_in(sheets)
    for sheet in sheets:
        try:
            match = recognise(sheet, knowledge.layouts)
            if match.layout.unused:
                unused.append(f"{_place(sheet)}: {_(match.layout.unused)}")
            else:
                found = read_sheet(sheet, match, knowledge.company, knowledge.channels, named)
                if not found and match.layout.generic:
                    raise unknown(sheet, knowledge.layouts)
                tables += told_by_name(ask_names(found, match), sheet.name, "sheet")
        except KitError as error:
            errors.append((sheet, error))
    if not tables and not unused and errors:
        raise errors[0][1]
    if not tables and not unused:
        known = _("its layout is known, but it has no column to count.")
        raise KitError(known, _("Export it again with more columns."))
    return tuple(tables), tuple(f"{_place(sheet)}: {error}" for sheet, error in errors), tuple(unused)


def _place(sheet: Sheet) -> str:
    return sheet.name or _("line {line}").format(line=sheet.lines[0] if sheet.lines else 1)
