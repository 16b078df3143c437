"""One version of a report: its record and its manifest, found where a reader points and read without trust."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.folders import MANIFEST
from kpi_helpers.language import _

MONTHLY, RECORD = "monthly_report", "report.json"  # the monthly report's record bears no name of its own
PAST = "past"  # the versions that stood in a report's folder before
NUMBERS = ("value", "low", "high", "numerator", "denominator", "previous", "year_ago", "goal", "goal_full")
TEXTS = ("unit", "status", "owner", "formula")
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d(:\d\d){0,2}(\.\d+)?Z?)?")

Row = dict[str, Any]


@dataclass(frozen=True)
class Version:
    """A report as it was rendered once. What an older kit did not write down is not there: "" or empty."""

    path: Path
    record: Mapping[str, Any]
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def client(self) -> str:
        return str(self.record["client"])

    @property
    def month(self) -> str:
        return str(self.record["month"])

    @property
    def currency(self) -> str:
        return str(self.record["currency"])

    @property
    def kit(self) -> str:
        return _text(self.record, "version")

    @property
    def rendered_at(self) -> str:
        """When it was rendered, UTC, as 2026-11-01T03:00:00Z."""
        return _text(self.manifest, "rendered_at")

    @property
    def is_traced(self) -> bool:
        """Whether it is known what it was made from, beside the exports."""
        return bool(self.traces("inputs"))

    @cached_property
    def rows(self) -> dict[tuple[str, str], Row]:
        """The KPIs by key and scope."""
        return {(row["key"], row["scope"]): row for row in self.record["kpis"]}

    @cached_property
    def sources(self) -> dict[str, Row]:
        """The exports that were read, by file."""
        return {row["file"]: row for row in self.record["sources"]}

    def traces(self, name: str) -> dict[str, str]:
        """A table of the fingerprint as text: inputs, parameters or libraries; empty where it is not known."""
        found = self._fingerprint.get(name)
        return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}

    def trace(self, name: str) -> str:
        """One entry of the fingerprint: notebook, code, python; "" where it is not known."""
        return _text(self._fingerprint, name)

    @property
    def _fingerprint(self) -> Mapping[str, Any]:
        found = self.manifest.get("fingerprint")
        return found if isinstance(found, dict) else {}


def find_version(place: str | Path) -> Version:
    """The report in the folder of a month, or the one whose record or manifest is named; KitError where there is none.

    A record that has no manifest beside it was rendered by an older kit, or was copied: it can be read all the same.
    """
    path = Path(place)
    if path.is_dir():
        path = _record_in(path)
    elif path.name.endswith(MANIFEST):
        path = path.with_name(_record_name(path.name.removesuffix(MANIFEST)))
    if not path.is_file():
        raise KitError(_("there is no report {place}.").format(place=path))
    beside = path.with_name(_report_name(path) + MANIFEST)
    return Version(path, _checked(_read(path), path), _read(beside) if beside.is_file() else {})


def earlier_version(version: Version, at: str = "") -> Version:
    """The report that stood in the folder before this one; with `at` (a day or a time, UTC) the one that stood then,
    which may be this one.

    KitError where none is kept, or none was rendered by then.
    """
    if at and not _is_time(at):
        raise KitError(_("day {day} cannot be read.").format(day=repr(at)), _("Write it as 2026-11-01."))
    kept = sorted((version.path.parent / PAST).glob(f"*/{version.path.name}"))
    found = sorted((find_version(path) for path in kept), key=lambda past: past.rendered_at or past.path.parent.name)
    if at and version.rendered_at and _stood(version, at):
        return version
    if not found:
        raise KitError(
            _("no earlier version of {place} is kept.").format(place=version.path),
            _("A version is kept when the report is rendered again and its numbers differ."),
        )
    stood = [past for past in found if not at or _stood(past, at)]
    if not stood:
        first = _("The first one kept is of {day}.").format(day=found[0].rendered_at[:10])
        raise KitError(_("no version of {place} was rendered by {day}.").format(place=version.path, day=at), first)
    return stood[-1]


def _is_time(text: str) -> bool:
    """Whether it is a day of the calendar, or a time on it."""
    with suppress(ValueError):
        return bool(_TIME.fullmatch(text) and datetime.fromisoformat(text))
    return False


def _stood(version: Version, at: str) -> bool:
    return version.rendered_at[: len(at)] <= at


def _record_in(folder: Path) -> Path:
    if (folder / RECORD).is_file():
        return folder / RECORD
    named = sorted(folder.glob(f"*{MANIFEST}"))
    found = [folder / _record_name(path.name.removesuffix(MANIFEST)) for path in named]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.name for path in found)
        raise KitError(_("{folder} holds several reports: {names}.").format(folder=folder, names=names), _("Name one."))
    months = [path.parent.name for path in folder.glob(f"*/{RECORD}")]
    raise KitError(_("there is no report in {folder}.").format(folder=folder), did_you_mean("", months))


def _record_name(report: str) -> str:
    return RECORD if report == MONTHLY else f"{report}.json"


def _report_name(record: Path) -> str:
    return MONTHLY if record.name == RECORD else record.stem


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise _no_record(path) from None


def _checked(data: Any, path: Path) -> dict[str, Any]:
    """The record, if it has the shape of one: its numbers are numbers, and its words are text."""
    lists = isinstance(data, dict) and all(_are_rows(data.get(name)) for name in ("kpis", "sources"))
    if not lists or not all(isinstance(data.get(name), str) for name in ("client", "month", "currency")):
        raise _no_record(path)
    if not all(_is_kpi(row) for row in data["kpis"]) or not all(_is_source(row) for row in data["sources"]):
        raise _no_record(path)
    return dict(data)


def _are_rows(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(row, dict) for row in found)


def _is_kpi(row: Row) -> bool:
    texts = [row.get(name) for name in ("key", "scope")] + [row[name] for name in TEXTS if name in row]
    numbers = [row[name] for name in NUMBERS if row.get(name) is not None]
    return all(isinstance(text, str) for text in texts) and all(map(_is_number, numbers)) and _names_tables(row)


def _is_source(row: Row) -> bool:
    rows = row.get("rows")
    texts = all(isinstance(row.get(name), str) for name in ("file", "sha256"))
    return texts and (rows is None or _is_number(rows)) and _names_tables(row)


def _names_tables(row: Row) -> bool:
    found = row.get("tables", [])
    return isinstance(found, list) and all(isinstance(name, str) for name in found)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _text(table: Mapping[str, Any], name: str) -> str:
    found = table.get(name)
    return found if isinstance(found, str) else ""


def _no_record(path: Path) -> KitError:
    return KitError(_("it is no report of the kit, or it is damaged."), _("Render it again."), where=str(path))
