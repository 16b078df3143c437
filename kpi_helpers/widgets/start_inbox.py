"""Where dropped files are kept: a folder of the company's own, in which nothing is overwritten."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Literal
from uuid import uuid4

from kpi_helpers.company import read_company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import FileReading, read_files
from kpi_helpers.folders import CAMPAIGNS, NOT_EXPORTS, SYSTEM_FILES, is_setting, names_tags
from kpi_helpers.language import _
from kpi_helpers.lettering import plain
from kpi_helpers.newcomer import EXPORTS, make_company

MOST_BYTES = 1 << 30  # of one file: what is larger is copied into the folder faster than through a browser
LONGEST = 100  # characters of a name, so that every system can hold it
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")

HIDDEN = (".", "~$", "__")  # how the names begin that are not read
REPLACED = "__replaced"  # the folder, not read, of files that a mended one took the place of

Outcome = Literal["kept", "same", "beside", "replaced", "refused"]


@dataclass(frozen=True)
class Kept:
    """What became of a dropped file; `said` says it where it was not simply kept, in the reader's language."""

    name: str
    outcome: Outcome
    said: str = ""


class Inbox:
    """The folder of one company. Files come in parts: `begin`, `add` as often as needed, `finish`."""

    def __init__(self, home: Path, *, name: str, lang: str, currency: str = "") -> None:
        self.home, self._name, self._lang, self._currency = home, name, lang, currency
        self._part: Path | None = None
        self._file: IO[bytes] | None = None
        self._wanted, self._size = "", 0
        self._new: set[Path] = set()  # what this drop has brought

    def begin(self, name: str, size: int) -> None:
        """Make ready for a file. Raises KitError where it is no export or too large, and OSError as the disk does."""
        self.give_up()
        self._wanted = file_name(name)
        _refuse_hidden(name)
        _refuse(self._wanted, size)
        place = self._place()
        self._part, self._size = place / f".{uuid4().hex}.part", 0
        self._file = self._part.open("xb")

    def add(self, part: bytes | memoryview) -> None:
        """The next bytes of the file. Raises KitError where they become too many."""
        if self._file is None:
            raise KitError(_("the file did not arrive whole."), _("Drop it again."), where=self._wanted)
        self._size += len(part)
        _refuse(self._wanted, self._size)
        self._file.write(part)

    def finish(self, size: int) -> Kept:
        """Give the file its name. KitError where bytes lack.

        It takes the place of an older file of that name that could not be read, or says nothing that the new one lacks:
        that one is put aside. Beside others, and those of the same drop, it gets a number.
        """
        if self._file is None or self._part is None or self._size != size:
            raise KitError(_("the file did not arrive whole."), _("Drop it again."), where=self._wanted)
        self._file.close()
        if self._wanted.lower() == CAMPAIGNS and names_tags(self._part):
            self.give_up()
            raise _no_export(self._wanted)
        target = self._part.with_name(self._wanted)
        there = _numbered_there(target)
        digest = _digest(self._part)
        if same := next((path for path in there if path.is_file() and _digest(path) == digest), None):
            self.give_up()
            return Kept(same.name, "same", _("{file} was there already.").format(file=same.name))
        older = next((path for path in there if path not in self._new and self._is_mended(path)), None)
        if older:
            _put_aside(older, self.home / REPLACED)
        target = older or next(path for path in _numbered(target) if not path.exists())
        self._part.rename(target)
        self._new.add(target)
        self._file = self._part = None
        return _said(self._wanted, target.name, bool(older))

    def give_up(self) -> None:
        """Leave nothing of an unfinished file."""
        if self._file is not None:
            self._file.close()
        if self._part is not None:
            with suppress(OSError):
                self._part.unlink(missing_ok=True)
        self._file = self._part = None

    def _is_mended(self, older: Path) -> bool:
        """Whether the new file holds every table of the older one with all its days; also where that cannot be read."""
        if not older.is_file() or is_setting(older):
            return False
        said = _facts(older, self.home)
        now = self._facts() if said else []
        return all(
            any(layout == other and first <= start and end <= last for other, first, last in now)
            for layout, start, end in said
        )

    def _facts(self) -> list[tuple[str, date, date]]:
        """Those of the new file, under the name that was wanted for it: a name may state the period."""
        assert self._part is not None
        with TemporaryDirectory(prefix=".", dir=self._part.parent) as place:
            named = self._part.rename(Path(place, self._wanted))
            try:
                return _facts(named, self.home)
            finally:
                named.rename(self._part)

    def _place(self) -> Path:
        if not self.home.exists() or not any(self.home.iterdir()):
            make_company(self.home, lang=self._lang, currency=self._currency, name=self._name)
        exports = self.home / EXPORTS
        return exports if exports.is_dir() else self.home


def file_name(name: str) -> str:
    """A dropped file's name without folders and letters that some system forbids; never that of a hidden file.

    >>> file_name("../../.Кампании: май?.csv"), file_name("CON.csv"), file_name("~$")
    ('Кампании_ май_.csv', '_CON.csv', 'export')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    allowed = re.sub(r'[<>:"|?*]', "_", plain(last))
    shown = re.sub(r"^(\.|~\$|__|\s)+", "", allowed).rstrip(". ") or "export"
    path = Path(shown)
    suffix = path.suffix if len(path.suffix) <= 10 else ""
    short = shown.removesuffix(suffix)[: LONGEST - len(suffix)].rstrip() + suffix
    return f"_{short}" if RESERVED.match(short) else short


def _refuse_hidden(name: str) -> None:
    last = re.split(r"[/\\]", name)[-1].strip()
    if last.startswith(HIDDEN) or last.lower() in SYSTEM_FILES:
        said = _("is a hidden file, such as systems and spreadsheets make, and was not kept.")
        raise KitError(said, _("Rename it if it is an export."), where=plain(last))


def _refuse(name: str, size: int) -> None:
    if name.lower() in NOT_EXPORTS - {CAMPAIGNS} or name.lower().startswith("readme"):
        raise _no_export(name)
    if size > MOST_BYTES:
        raise KitError(
            _("is larger than {n} MB.").format(n=MOST_BYTES >> 20), _("Copy it into the folder yourself."), where=name
        )


def _no_export(name: str) -> KitError:
    step = _("Settings and goals are put into the folder by hand.")
    return KitError(_("is no export and was not kept."), step, where=name)


def _numbered(path: Path) -> Iterator[Path]:
    """The path, then "name (2).csv", "name (3).csv", …"""
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1


def _numbered_there(path: Path) -> list[Path]:
    there: list[Path] = []
    for numbered in _numbered(path):
        if not numbered.exists():
            return there
        there.append(numbered)
    return there


def _facts(path: Path, home: Path) -> list[tuple[str, date, date]]:
    """The layout, the first and the last day of each table in a file; none where it cannot be read."""
    readings: Sequence[FileReading] = ()
    with suppress(KitError):
        readings = read_files(path, read_company(home), home)
    tables = [table for reading in readings for table in reading.tables]
    return [(table.layout, table.start, table.end) for table in tables if table.start and table.end]


def _put_aside(path: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    path.rename(next(free for free in _numbered(folder / path.name) if not free.exists()))


def _said(wanted: str, got: str, replaced: bool) -> Kept:
    if replaced:
        text = _("{file} takes the place of an older file of that name, which now lies in {folder} and is not read.")
        return Kept(got, "replaced", text.format(file=got, folder=REPLACED))
    if wanted == got:
        return Kept(got, "kept")
    text = _("Another {file} was there already: the new one is kept beside it as {other}.")
    return Kept(got, "beside", text.format(file=wanted, other=got))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
