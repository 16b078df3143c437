"""The file of a learner's answers: what it may hold. Everything read from it is untrusted."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.lettering import LONGEST, plain

FORMAT, VERSION = "kpi-progress", 1
LARGEST = 8_000_000  # bytes: more than a thousand courses
_YEARS = range(2000, 2200)

Said = str | tuple[str, ...] | Mapping[str, str]


@dataclass(frozen=True)
class Try:
    """An answer: `right` is None where nothing is judged; `shown`: no answer, but the solution was shown.

    `question` is a digest of the question's text; `said` is the answer as it was given, `written` as it is read again.
    """

    step: str
    question: str
    said: Said
    written: str
    right: bool | None
    slip: str
    at: datetime
    shown: bool = False


@dataclass(frozen=True)
class Kept:
    """What a file of progress holds: the learner's name, and the tries by lesson in the order they were made."""

    learner: str
    lessons: Mapping[str, tuple[Try, ...]]


class Foreign(KitError):
    """A file whose content is no progress, or another learner's."""


def read_progress(path: Path) -> Kept:
    """What the file holds. Foreign where it is no progress, KitError where it cannot be read; it stays."""
    try:
        data = _load(path)
        if isinstance(data, dict) and isinstance(data.get("version"), int) and data["version"] > VERSION:
            found = _("{file} was written by a newer version of the kit.").format(file=plain(path.name))
            raise KitError(found, _("Update the kit to go on with it."))
        return _kept(data)
    except OSError as error:
        raise unusable(path, error) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        found = _("{file} is not a file of progress.").format(file=plain(path.name))
        raise Foreign(found, _("Take it out of the folder, or put a copy of the right one in its place.")) from None


def as_json(kept: Kept) -> bytes:
    """The content of the file, which `read_progress` reads back."""
    lessons = {lesson: [_row(one) for one in tries] for lesson, tries in kept.lessons.items()}
    data = {"format": FORMAT, "version": VERSION, "learner": kept.learner, "lessons": lessons}
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def unusable(path: Path, error: OSError) -> KitError:
    """The error for a file that the system does not give or take."""
    full = error.errno == errno.ENOSPC
    reason = _("the disk is full") if full else plain(error.strerror or type(error).__name__)
    return KitError(_("{file} cannot be used: {reason}.").format(file=plain(path.name), reason=reason))


def _load(path: Path) -> Any:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(len(content))
    return json.loads(content.decode("utf-8-sig"))


def _row(one: Try) -> dict[str, Any]:
    return {**asdict(one), "at": one.at.isoformat()}


def _kept(data: Any) -> Kept:
    """The content of a file; ValueError, TypeError, … where it is none of ours."""
    if data["format"] != FORMAT or data["version"] != VERSION:
        raise ValueError(data["version"])
    lessons = {_word(lesson): tuple(map(_try, rows)) for lesson, rows in data["lessons"].items()}
    return Kept(_word(data["learner"]), lessons)


def _try(row: Any) -> Try:
    at = datetime.fromisoformat(_text(row["at"]))
    if at.year not in _YEARS or at.tzinfo is None:
        raise ValueError(at)
    if not isinstance(row["right"], bool | None) or not isinstance(row["shown"], bool):
        raise TypeError(row["right"])
    step, question, written, slip = (_word(row[name]) for name in ("step", "question", "written", "slip"))
    return Try(step, question, _said(row["said"]), written, row["right"], slip, at, row["shown"])


def _said(value: Any) -> Said:
    if isinstance(value, dict):
        return {_text(key): _text(text) for key, text in value.items()}
    return tuple(map(_text, value)) if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise TypeError(type(value))
    value.encode()  # ValueError for half a letter, which cannot be written again
    return value


def _word(value: Any) -> str:
    return plain(_text(value))
