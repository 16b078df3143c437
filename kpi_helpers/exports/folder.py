"""A folder of exports: every file read or named with the reason, and the tables of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from kpi_helpers.company import Company, read_company, read_currency
from kpi_helpers.errors import KitError
from kpi_helpers.exports.campaigns import CampaignRule, name_campaigns, own_campaigns
from kpi_helpers.exports.combining import combine, leave_out_repeats
from kpi_helpers.exports.file import Knowledge, own_channels, read_one
from kpi_helpers.exports.reading import FileReading, TableReading
from kpi_helpers.folders import find_folder, list_files
from kpi_helpers.labels import CHANNELS
from kpi_helpers.language import _

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, repr=False)
class Exports:
    """A company's exports: `tables` by canonical key, sorted by date, only those with rows; `files` with an account."""

    folder: Path
    company: Company
    currency: str
    tables: dict[str, pd.DataFrame]
    files: tuple[FileReading, ...]
    idle_campaigns: tuple[int, ...] = ()  # lines of campaigns.csv that fit no lead

    def __repr__(self) -> str:
        parts = [f"{len(self.files)} files", f"{len(self.tables)} tables", *([self.currency] if self.currency else [])]
        return f"<Exports {self.folder.resolve().name}: {', '.join(parts)}>"


def read_exports(folder: str | Path, *, currency: str = "", progress: Progress | None = None) -> Exports:
    """Every export in a folder, normalised into canonical tables.

    `progress` is told before each file how many are done, of how many, and the file's name.
    A file that cannot be used is named with its reason and never stops the rest. Raises KitError where there is no
    folder, no file in it, a wrong setting in company.toml, channels.csv or campaigns.csv, or several currencies
    and none is chosen.
    """
    place = find_folder(folder)
    company = read_company(place)
    company = replace(company, currency=read_currency(currency) or company.currency)
    paths = list_files(place)
    if not paths:
        raise KitError(_("there are no exports in the folder."), _("Put the exported files into it."), where=place.name)
    knowledge, campaigns = Knowledge.of(place, company), own_campaigns(place)
    files: list[FileReading] = []
    seen: dict[str, str] = {}
    alone: dict[tuple[str, str], TableReading] = {}
    for done, path in enumerate(paths):
        name = _printable(path.relative_to(place))
        if progress:
            progress(done, len(paths), name)
        found = read_one(path, name, knowledge, seen)
        _make_hashes([table for file in found for table in file.tables], alone)
        files += found
    company = replace(company, currency=company.currency or _common_currency(files))
    files = leave_out_repeats([_in_currency(reading, company.currency) for reading in files])
    tables, idle = _in_one_name(combine(files, company), campaigns)
    return Exports(place, company, company.currency, tables, tuple(files), idle)


def _in_one_name(
    tables: dict[str, pd.DataFrame], rules: tuple[CampaignRule, ...]
) -> tuple[dict[str, pd.DataFrame], tuple[int, ...]]:
    """The tables with the campaigns of leads as the ad accounts name them; and the lines of rules that fit no lead."""
    if "leads" not in tables:
        return tables, tuple(rule.line for rule in rules)
    if rules:
        tables["leads"], idle = name_campaigns(tables["leads"], rules)
        return tables, idle
    return tables, ()


def _make_hashes(tables: list[TableReading], alone: dict[tuple[str, str], TableReading]) -> None:
    """Makes the hashes of exports of one layout, which will be compared; else a folder's cells would all be kept."""
    for table in tables:
        first = alone.setdefault((table.layout, table.table), table)
        for one in (first, table) if first is not table else ():
            if one.raw:
                one.raw.make()


def read_files(path: str | Path, company: Company, folder: Path | None = None) -> list[FileReading]:
    """One export by itself, with the channels.csv and the layouts of the company's folder (else those beside it).

    An archive gives a reading for each file in it. Raises KitError where there is no file.
    """
    path = Path(path)
    if not path.is_file():
        raise KitError(_("there is no such file."), where=path.name)
    knowledge = Knowledge.of(folder or path.parent, company)
    readings = read_one(path, _printable(Path(path.name)), knowledge, {})
    return [_in_currency(reading, company.currency) for reading in readings]


def read_file(path: str | Path, company: Company, folder: Path | None = None) -> FileReading:
    """One export by itself, as `read_files`; the tables of an archive's files together."""
    readings = read_files(path, company, folder)
    tables = tuple(table for reading in readings for table in reading.tables)
    unread = tuple(text for reading in readings for text in reading.unread)
    return replace(readings[0], file=_printable(Path(Path(path).name)), tables=tables, unread=unread)


def unknown_channels(exports: Exports) -> dict[str, int]:
    """Sources that no rule knows and that stand as channels of their own: their rows in all tables, the most first."""
    channels = [frame["channel"].dropna() for frame in exports.tables.values() if "channel" in frame]
    known = {*CHANNELS, *(rule.channel for rule in own_channels(exports.folder))}
    counts = pd.concat(channels).value_counts() if channels else pd.Series(dtype="int64")
    return {str(channel): int(rows) for channel, rows in counts.items() if channel not in known}


def _printable(path: Path) -> str:
    return path.as_posix().encode("utf-8", "replace").decode("utf-8")


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
