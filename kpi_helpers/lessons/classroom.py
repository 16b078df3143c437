"""What a class's files of progress say: who is where, which misconceptions were met, and who is stuck."""

from __future__ import annotations

import json
import math
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kpi_helpers.errors import KitError
from kpi_helpers.lessons.course import LESSONS
from kpi_helpers.lessons.kept import Kept, Try, read_progress
from kpi_helpers.lessons.learners import folded
from kpi_helpers.lessons.misconceptions import MISCONCEPTIONS
from kpi_helpers.lessons.questions import TRIES
from kpi_helpers.lessons.sitting import STEPS

STUCK = TRIES + 1  # wrong answers to a question: who may see the solution goes on all the same
ASIDE = ".aside-"  # in the name of a file that was moved aside


@dataclass(frozen=True)
class Standing:
    """Where a learner is in a lesson: the last step with an answer (0: not begun), and whether it is finished.

    `first_try` is the share of the checked questions answered right at the first try; NaN where none was answered.
    """

    step: int = 0
    finished: bool = False
    first_try: float = math.nan


@dataclass(frozen=True)
class Learner:
    """A learner, the files the answers come from, relative to the folder, and the tries by lesson."""

    name: str
    files: tuple[str, ...]
    lessons: Mapping[str, tuple[Try, ...]]

    def standing(self, lesson: str) -> Standing:
        """Where the learner is in a lesson of the course."""
        return standing_of(self.lessons.get(lesson, ()))


@dataclass(frozen=True)
class Met:
    """A misconception that was met: in which lesson, by how many learners."""

    name: str
    lesson: str
    learners: int


@dataclass(frozen=True)
class Stuck:
    """A question on which a learner is stuck: how many answers were wrong, and whether the solution was seen."""

    learner: Learner
    lesson: str
    step: str
    wrong: int
    shown: bool


@dataclass(frozen=True)
class Classroom:
    """The learners by name, and the files that could not be read."""

    learners: Sequence[Learner]
    errors: Sequence[KitError]

    def misconceptions(self) -> list[Met]:
        """Those met in each lesson, the most widespread first."""
        met = Counter(
            (lesson, slip)
            for learner in self.learners for lesson in LESSONS
            for slip in {one.slip for one in learner.lessons.get(lesson, ())} & MISCONCEPTIONS.keys()
        )  # fmt: skip
        order = sorted(met, key=lambda pair: (-met[pair], LESSONS[pair[0]].number, pair[1]))
        return [Met(slip, lesson, met[lesson, slip]) for lesson, slip in order]

    def stuck(self) -> list[Stuck]:
        """The questions not answered right by a learner who has seen the solution or gave `STUCK` wrong answers."""
        asked = [
            Stuck(learner, lesson, tries[0].step, _wrong(tries), any(one.shown for one in tries))
            for learner in self.learners for lesson in LESSONS
            for tries in by_question(learner.lessons.get(lesson, ())) if not any(one.right for one in tries)
        ]  # fmt: skip
        return [one for one in asked if one.shown or one.wrong >= STUCK]


def read_class(folder: Path) -> Classroom:
    """All files of progress in a folder and below it. A name that stands in several files is one learner's.

    A file without a name is a learner of its own.
    """
    found: dict[str, list[tuple[str, Kept]]] = defaultdict(list)
    errors = []
    for path in _files(folder):
        place = path.relative_to(folder).as_posix()
        try:
            kept = read_progress(path)
        except KitError as error:
            errors.append(KitError(error.found, error.next_step, where=place if "/" in place else ""))
        else:
            found[folded(kept.learner) or f"/{place}"].append((place, kept))
    return Classroom([_learner(found[name]) for name in sorted(found)], errors)


def standing_of(tries: Iterable[Try]) -> Standing:
    """Where these tries of a lesson lead.

    >>> standing_of([])
    Standing(step=0, finished=False, first_try=nan)
    """
    made = [one for one in tries if one.step in STEPS]
    step = max((STEPS.index(one.step) + 1 for one in made), default=0)
    finished = any(one.step == STEPS[-1] and (one.right or one.shown) for one in made)
    firsts = [next((one.right for one in asked if one.right is not None), None) for asked in by_question(made)]
    judged = [right for right in firsts if right is not None]
    return Standing(step, finished, sum(judged) / len(judged) if judged else math.nan)


def by_question(tries: Iterable[Try]) -> list[list[Try]]:
    """The tries of each question, in the order in which the questions were met."""
    found: dict[tuple[str, str], list[Try]] = defaultdict(list)
    for one in tries:
        found[one.step, one.question].append(one)
    return list(found.values())


def _wrong(tries: Iterable[Try]) -> int:
    return sum(one.right is False for one in tries)


def _files(folder: Path) -> Iterator[Path]:
    """The files that may be of progress; what cannot be looked into and what was moved aside is passed over."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if name.endswith(".json") and not name.startswith(".")]
    yield from (path for path in sorted(found) if ASIDE not in path.name and os.path.isfile(path))


def _learner(found: Sequence[tuple[str, Kept]]) -> Learner:
    lessons = {lesson: tuple(_united(kept.lessons.get(lesson, ()) for _place, kept in found)) for lesson in LESSONS}
    return Learner(found[0][1].learner, tuple(place for place, _kept in found), lessons)


def _united(files: Iterable[Sequence[Try]]) -> list[Try]:
    """The tries of several files in the order of time; what stands in more than one of them counts once."""
    known = {_key(one): one for tries in files for one in tries}
    return sorted(known.values(), key=lambda one: one.at)


def _key(one: Try) -> str:
    return json.dumps([one.step, one.question, one.said, one.right, one.slip, one.at.timestamp(), one.shown])
