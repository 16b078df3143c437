"""Where dropped files are kept: a folder of the company's own, in which nothing is overwritten."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal
from uuid import uuid4

from kpi_helpers.errors import KitError
from kpi_helpers.exports.folder import NOT_EXPORTS
from kpi_helpers.language import _
from kpi_helpers.lettering import plain
from kpi_helpers.newcomer import EXPORTS, make_company

MOST_BYTES = 1 << 30  # of one file: what is larger is copied into the folder faster than through a browser
LONGEST = 100  # characters of a name, so that every system can hold it
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")

Outcome = Literal["kept", "same", "beside", "refused"]


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

    def begin(self, name: str, size: int) -> None:
        """Make ready for a file. Raises KitError where it is no export or too large, and OSError as the disk does."""
        self.give_up()
        self._wanted = file_name(name)
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
        """Give the file its name; beside another file of that name it gets a number. KitError where bytes lack."""
        if self._file is None or self._part is None or self._size != size:
            raise KitError(_("the file did not arrive whole."), _("Drop it again."), where=self._wanted)
        self._file.close()
        digest = _digest(self._part)
        for target in _numbered(self._part.with_name(self._wanted)):
            if not target.exists():
                self._part.rename(target)
                self._file = self._part = None
                return _said(self._wanted, target.name)
            if target.is_file() and _digest(target) == digest:
                self.give_up()
                return Kept(target.name, "same", _("{file} was there already.").format(file=target.name))
        raise AssertionError("the numbers do not end")

    def give_up(self) -> None:
        """Leave nothing of an unfinished file."""
        if self._file is not None:
            self._file.close()
        if self._part is not None:
            with suppress(OSError):
                self._part.unlink(missing_ok=True)
        self._file = self._part = None

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


def _refuse(name: str, size: int) -> None:
    if name.lower() in NOT_EXPORTS or name.lower().startswith("readme"):
        raise KitError(_("is no export and was not kept."), _("Settings and goals are put into the folder by hand."),
                       where=name)  # fmt: skip
    if size > MOST_BYTES:
        raise KitError(
            _("is larger than {n} MB.").format(n=MOST_BYTES >> 20), _("Copy it into the folder yourself."), where=name
        )


def _numbered(path: Path) -> Iterator[Path]:
    """The path, then "name (2).csv", "name (3).csv", …"""
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1


def _said(wanted: str, got: str) -> Kept:
    if wanted == got:
        return Kept(got, "kept")
    text = _("Another {file} was there already: the new one is kept beside it as {other}.")
    return Kept(got, "beside", text.format(file=wanted, other=got))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
