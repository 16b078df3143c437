"""A learner's answers, kept as they are given in a file of the learner's own."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_helpers.errors import KitError
from kpi_helpers.folders import ROOT
from kpi_helpers.language import _
from kpi_helpers.lessons.kept import LARGEST, Foreign, Kept, Said, Try, as_json, read_progress, unusable
from kpi_helpers.lessons.learners import folded
from kpi_helpers.lettering import LONGEST, plain
from kpi_helpers.saving import write_safely

if TYPE_CHECKING:
    from filelock import BaseFileLock

FOLDER = ROOT / "data" / "progress"
WAIT = 10.0  # seconds for another page that is writing
_NAME = 40, 80  # characters and bytes of a learner's name in the name of the file
_ASIDE = 1000


def progress_file(learner: str, folder: Path) -> Path:
    """The learner's file: part of the name, and a digest of the whole, so that no two learners share one.

    Names that differ in capital letters or in blanks around them are one learner's.

    >>> progress_file("", Path("p")).name, progress_file(" Anna/Smith", Path("p")).name
    ('learner.json', 'anna_smith-0a4490e9.json')
    """
    name = folded(learner)
    if not name:
        return folder / "learner.json"
    characters, size = _NAME
    part = re.sub(r"[^\w-]+", "_", name).strip("_-")[:characters].encode()[:size].decode(errors="ignore")
    return folder / f"{part or 'learner'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}.json"


class Moved(KitError):
    """A file that was none of the learner's was moved aside; what is answered is kept all the same."""


class Progress:
    """The answers of one learner in a file, which several pages may write.

    Each trouble, such as a file that cannot be written, is raised once, as KitError; later calls go on without it until
    it is over. What could not be written is among `tries` all the same, and is written with the next answer that can
    be. A file that is no progress of this learner is moved aside.
    """

    def __init__(self, path: Path, learner: str) -> None:
        self.path, self.learner = path, plain(learner)
        self._unwritten: list[tuple[str, Try]] = []
        self._moved: Moved | None = None
        self._told: set[str] = set()

    @property
    def is_kept(self) -> bool:
        """Whether the file holds every answer."""
        return not self._unwritten

    def tries(self, lesson: str) -> list[Try]:
        """The answers in a lesson, in the order they were given."""
        kept: Mapping[str, tuple[Try, ...]] = {}
        with self._telling():
            kept = self._lessons()
        return [*kept.get(lesson, ()), *(one for name, one in self._unwritten if name == lesson)]

    def record(
        self, lesson: str, step: str, question: str, said: Said, written: str, right: bool | None, slip: str = ""
    ) -> None:
        """Keep an answer, at once."""
        self._add(lesson, Try(step, question, _said(said), _text(written), right, slip, _now()))

    def seen(self, lesson: str, step: str, question: str) -> None:
        """Keep that the solution was shown."""
        self._add(lesson, Try(step, question, "", "", None, "", _now(), shown=True))

    def _add(self, lesson: str, one: Try) -> None:
        self._unwritten.append((lesson, one))
        with self._telling(), self._alone():
            self._write(dict(self._lessons()))

    def _lessons(self) -> Mapping[str, tuple[Try, ...]]:
        """What the file holds; what is no progress of this learner is moved aside first."""
        try:
            return self._read()
        except Foreign:
            pass
        with self._alone():
            try:
                return self._read()  # another page may have moved it
            except Foreign as error:
                self._move_aside(error.found)
        return {}

    def _read(self) -> Mapping[str, tuple[Try, ...]]:
        if not self.path.exists():
            return {}
        kept = read_progress(self.path)
        if folded(kept.learner) != folded(self.learner):
            raise Foreign(_("{file} is another learner's.").format(file=plain(self.path.name)))
        return kept.lessons

    def _write(self, lessons: dict[str, tuple[Try, ...]]) -> None:
        for lesson, one in self._unwritten:
            lessons[lesson] = (*lessons.get(lesson, ()), one)
        content = as_json(Kept(self.learner, lessons))
        if len(content) > LARGEST:
            raise KitError(_("{file} is full.").format(file=plain(self.path.name)), _("Move it to another folder."))
        write_safely(self.path, content)
        self._unwritten.clear()
        self._told.clear()

    def _move_aside(self, found: str) -> None:
        places = (self.path.with_name(f"{self.path.stem}.aside-{n}{self.path.suffix}") for n in range(1, _ASIDE))
        aside = next((place for place in places if not place.exists()), None)
        if aside is None:
            raise KitError(found)
        self.path.rename(aside)
        self._moved = Moved(found, _("It was renamed to {aside}, and a new one is begun.").format(aside=aside.name))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other page writes this file."""
        from filelock import Timeout

        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._lock:
                yield
        except Timeout:
            raise KitError(_("another page is writing {file}.").format(file=plain(self.path.name))) from None
        except NotImplementedError as error:  # a file system without locks
            raise OSError(errno.ENOLCK, str(error)) from None

    @cached_property
    def _lock(self) -> BaseFileLock:
        from filelock import FileLock

        return FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=WAIT)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Raise what is in the way, and what was moved aside, unless it was said before."""
        try:
            yield
        except OSError as error:
            self._tell(unusable(self.path, error))
        except ValueError:  # a name that no system takes
            self._tell(unusable(self.path, OSError(errno.EINVAL, os.strerror(errno.EINVAL))))
        except KitError as error:
            self._tell(error)
        if self._moved:
            moved, self._moved = self._moved, None
            self._tell(moved)

    def _tell(self, error: KitError) -> None:
        if str(error) not in self._told:
            self._told.add(str(error))
            raise error


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _text(text: object) -> str:
    """What can be written and is not endless."""
    return str(text).encode("utf-8", "replace").decode()[:LONGEST]


def _said(said: Said) -> Said:
    if isinstance(said, Mapping):
        return {_text(key): _text(value) for key, value in said.items()}
    return _text(said) if isinstance(said, str) else tuple(map(_text, said))
