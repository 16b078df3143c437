"""A learner at a lesson: what was answered so far, and so which steps are open. All of it follows from the tries."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kpi_helpers.errors import KitError
from kpi_helpers.lessons.answers import read_answer
from kpi_helpers.lessons.course import Lesson
from kpi_helpers.lessons.figures import Lot
from kpi_helpers.lessons.kept import Try
from kpi_helpers.lessons.opening import Opened, compose_lesson
from kpi_helpers.lessons.progress import FOLDER, Moved, Progress, progress_file
from kpi_helpers.lessons.questions import TRIES, Choice, Draft, Field, Number, Option, Order, Question, Verdict

STEPS = ("predict", "explore", "explain", "example", "blank", "fresh", "leave")
BEFORE = {"explore": "predict", "explain": "explore", "example": "explore", "blank": "explore", "fresh": "blank",
          "leave": "fresh"}  # fmt: skip
REPLAYED = 50  # answers to a question that are taken up from the file, the last ones: it may hold any number


@dataclass
class Asked:
    """A question and what was answered to it: different answers only, in the order in which they were given."""

    step: str
    place: int  # among the questions of the step
    question: Question
    said: list[Any] = field(default_factory=list)
    verdict: Verdict | None = None  # of what was answered last
    shown: bool = False  # the solution was asked for
    _meanings: set[Hashable] = field(default_factory=set)

    @property
    def right(self) -> bool:
        return self.verdict is not None and self.verdict.right

    @property
    def wrong(self) -> int:
        """How many different wrong answers were given."""
        return len(self.said) - self.right

    @property
    def settled(self) -> bool:
        """Whether the steps after it are open."""
        return self.right or self.shown

    @property
    def may_see(self) -> bool:
        """Whether the solution may be asked for."""
        return not self.settled and self.wrong >= TRIES

    @property
    def hint(self) -> str:
        """The hint for so many wrong answers; the plainest one stays."""
        hints = self.question.hints
        return hints[min(self.wrong, len(hints)) - 1] if hints and self.wrong else ""

    def take(self, said: Any) -> bool:
        """Take an answer, and say whether it was not given before. KitError where it cannot be read."""
        self.verdict = self.question.check(said)
        meaning = _meaning(self.question, said)
        if meaning in self._meanings:
            return False
        self._meanings.add(meaning)
        self.said.append(said)
        return True


class Sitting:
    """The lesson composed for a learner, with what the learner's file remembers of it.

    `fault`: why answers are not kept, where they are not.
    """

    def __init__(self, lesson: Lesson, data_dir: str, learner: str, currency: str, folder: str) -> None:
        self.lesson, self.learner = lesson, learner
        self.fault: KitError | None = None
        self.opened: Opened = compose_lesson(lesson, data_dir, learner, currency)
        script = self.opened.script
        self.script = script
        self.asked = {
            step: [Asked(step, place, question) for place, question in enumerate(questions)]
            for step, questions in (("predict", [script.predict]), ("blank", [script.blank]), ("fresh", script.fresh),
                                    ("leave", [script.leave]))
        }  # fmt: skip
        self.explored = False
        self._progress = Progress(progress_file(learner, Path(folder) if folder else FOLDER), learner)
        self._keep(self._replay)

    # What is open

    @property
    def prediction(self) -> Any:
        """The prediction as it was answered; None where there is none yet."""
        said = self.asked["predict"][0].said
        return said[0] if said else None

    def is_open(self, step: str) -> bool:
        return step == "predict" or self._passed(BEFORE[step])

    def is_done(self, step: str) -> bool:
        if step in ("explain", "example"):
            return bool(self.asked["blank"][0].said) or self.asked["blank"][0].shown
        return self.is_open(step) and self._passed(step)

    def _passed(self, step: str) -> bool:
        if step == "predict":
            return self.prediction is not None
        if step == "explore":
            return self.explored and self._passed("predict")
        return self.is_open(step) and all(asked.settled for asked in self.asked[step])

    # What is answered

    def lock(self, said: Any) -> None:
        """Keep the prediction; KitError where it cannot be read. Only the first counts, of several pages, too."""
        asked = self.asked["predict"][0]
        asked.question.check(said)
        if not asked.said:
            self._keep(self._replay)
        if not asked.said and asked.take(said):
            self._record("predict", digest(asked), said, asked.question.written(said), None)

    def answer(self, asked: Asked, said: Any) -> None:
        """Take an answer; the same one is counted once. KitError where it cannot be read: then it is no try."""
        if not asked.settled and asked.take(said):
            self._record(asked.step, digest(asked), said, asked.question.written(said), asked.verdict)

    def see(self, asked: Asked) -> None:
        """The solution was asked for."""
        if asked.may_see:
            asked.shown = True
            self._write(lambda: self._progress.seen(self.lesson.key, asked.step, digest(asked)))

    def explore(self) -> None:
        """A control of the experiment was moved."""
        if not self.explored:
            self.explored = True
            self._record("explore", self._experiment, "", "", None)

    def options(self, asked: Asked) -> list[Option]:
        """What is to be chosen or put in order, as the learner's lot has it; never in the right order at once."""
        question = asked.question
        if not isinstance(question, Choice | Order):
            return []
        lot = Lot(self.learner, f"{self.lesson.key}|{digest(asked)}")
        found = lot.shuffled(question.options)
        while len(found) > 1 and tuple(option.key for option in found) == question.answer:
            found = lot.shuffled(question.options)
        return found

    # The learner's file

    @property
    def _experiment(self) -> str:
        """What tells the experiment from that of another lesson."""
        return _digest("explore", self.lesson.key)

    def _record(self, step: str, mark: str, said: Any, written: str, verdict: Verdict | None) -> None:
        right, slip = (verdict.right, verdict.slip) if verdict else (None, "")
        self._write(lambda: self._progress.record(self.lesson.key, step, mark, said, written, right, slip))

    def _keep(self, act: Callable[[], None]) -> None:
        """Read or write the file; where it cannot be, that is said and the lesson goes on without it."""
        try:
            act()
        except KitError as error:
            self.fault = error

    def _write(self, act: Callable[[], None]) -> None:
        """Write the file; what was in the way is over once everything is written."""
        self._keep(act)
        if self._progress.is_kept and not isinstance(self.fault, Moved):
            self.fault = None

    def _replay(self) -> None:
        made: dict[tuple[str, str], deque[Try]] = defaultdict(lambda: deque(maxlen=REPLAYED))
        for tried in self._progress.tries(self.lesson.key):
            made[tried.step, tried.question].append(tried)
        self.explored = self.explored or ("explore", self._experiment) in made
        for one in (one for asked in self.asked.values() for one in asked):
            for tried in made.get((one.step, digest(one)), ()):
                _take_up(one, tried)


def digest(asked: Asked) -> str:
    """What tells a question from another, in any language: it changes when its answer, options or wrong ways do."""
    question = asked.question
    options = getattr(question, "options", ()) or getattr(question, "fields", ())
    slips = (f"{slip.name}={_rounded(slip.value)}" for slip in question.slips)
    return _digest(asked.step, asked.place, type(question).__name__, _rounded(getattr(question, "answer", "")),
                   *sorted(option.key for option in options), *sorted(slips))  # fmt: skip


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:16]


def _rounded(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value


def _take_up(asked: Asked, tried: Try) -> None:
    """An answer from the file, if it is one: the file may hold anything."""
    if tried.shown:
        asked.shown = asked.step != "predict"
        return
    said = _restored(asked.question, tried.said)
    if said is None or asked.right or (asked.step == "predict" and asked.said):
        return
    with suppress(Exception):  # what its judge was not made for
        asked.take(said)


def _restored(question: Question, said: Any) -> Any:
    """What a file holds as an answer of the question's kind; None where it is none."""
    match question:
        case Number() if isinstance(said, str) and said.strip():
            return said
        case Choice() if said in [option.key for option in question.options]:
            return said
        case Order() if isinstance(said, list | tuple) and sorted(map(str, said)) == sorted(question.answer):
            return tuple(said)
        case Draft() if isinstance(said, Mapping):
            fields = {one.key: one for one in question.fields}
            if said.keys() == fields.keys() and all(_may_hold(fields[key], value) for key, value in said.items()):
                return dict(said)
    return None


def _may_hold(asked: Field, value: Any) -> bool:
    return isinstance(value, str) and (not asked.options or value == "" or value in asked.options)


def _meaning(question: Question, said: Any) -> Hashable:
    """What two answers have in common that mean the same, however they are written."""
    if isinstance(question, Number):
        return frozenset(read_answer(said, question.style, question.currency))
    return tuple(sorted(said.items())) if isinstance(said, Mapping) else said
