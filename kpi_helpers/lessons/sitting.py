"""A learner at a lesson: what was answered so far, and so which steps are open. All of it follows from the tries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
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
from kpi_helpers.lessons.progress import FOLDER, Progress, progress_file
from kpi_helpers.lessons.questions import TRIES, Choice, Draft, Number, Option, Order, Question, Verdict
from kpi_helpers.lessons.script import Experiment

STEPS = ("predict", "explore", "explain", "example", "blank", "fresh", "leave")
BEFORE = {"explore": "predict", "explain": "explore", "example": "explore", "blank": "explore", "fresh": "blank",
          "leave": "fresh"}  # fmt: skip


@dataclass
class Asked:
    """A question and what was answered to it: different answers only, in the order in which they were given."""

    step: str
    question: Question
    said: list[Any] = field(default_factory=list)
    verdict: Verdict | None = None  # of what was answered last
    shown: bool = False  # the solution was asked for

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
        if any(_same(self.question, said, earlier) for earlier in self.said):
            return False
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
            "predict": [Asked("predict", script.predict)], "blank": [Asked("blank", script.blank)],
            "fresh": [Asked("fresh", question) for question in script.fresh], "leave": [Asked("leave", script.leave)],
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
        """Keep the prediction; KitError where it cannot be read. A second one changes nothing."""
        asked = self.asked["predict"][0]
        if not asked.said and asked.take(said):
            self._record("predict", digest(asked.question), said, asked.question.written(said), None)

    def answer(self, asked: Asked, said: Any) -> None:
        """Take an answer; the same one is counted once. KitError where it cannot be read: then it is no try."""
        if not asked.settled and asked.take(said):
            self._record(asked.step, digest(asked.question), said, asked.question.written(said), asked.verdict)

    def see(self, asked: Asked) -> None:
        """The solution was asked for."""
        if asked.may_see:
            asked.shown = True
            self._keep(lambda: self._progress.seen(self.lesson.key, asked.step, digest(asked.question)))

    def explore(self) -> None:
        """A control of the experiment was moved."""
        if not self.explored:
            self.explored = True
            self._record("explore", digest(self.script.explore), "", "", None)

    def options(self, asked: Asked) -> list[Option]:
        """What is to be chosen or put in order, as the learner's lot has it; never in the right order at once."""
        question = asked.question
        if not isinstance(question, Choice | Order):
            return []
        lot = Lot(self.learner, f"{self.lesson.key}|{digest(question)}")
        found = lot.shuffled(question.options)
        while len(found) > 1 and tuple(option.key for option in found) == question.answer:
            found = lot.shuffled(question.options)
        return found

    # The learner's file

    def _record(self, step: str, mark: str, said: Any, written: str, verdict: Verdict | None) -> None:
        right, slip = (verdict.right, verdict.slip) if verdict else (None, "")
        self._keep(lambda: self._progress.record(self.lesson.key, step, mark, said, written, right, slip))

    def _keep(self, act: Callable[[], None]) -> None:
        """Read or write the file; where it cannot be, that is said and the lesson goes on without it."""
        try:
            act()
        except KitError as error:
            self.fault = error

    def _replay(self) -> None:
        known = {(one.step, digest(one.question)): one for asked in self.asked.values() for one in asked}
        for tried in self._progress.tries(self.lesson.key):
            place = (tried.step, tried.question)
            if place == ("explore", digest(self.script.explore)):
                self.explored = True
            elif place in known:
                _take_up(known[place], tried)


def digest(asked: Question | Experiment) -> str:
    """What tells a question from another: it changes when the text, the options or the answer do."""
    if isinstance(asked, Experiment):
        parts: list[object] = [asked.task]
    else:
        options = getattr(asked, "options", ()) or getattr(asked, "fields", ())
        answer = getattr(asked, "answer", "")
        parts = [asked.text, str(asked.given), f"{answer:.6g}" if isinstance(answer, float) else answer]
        parts += [option.key for option in options]
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:16]


def _take_up(asked: Asked, tried: Try) -> None:
    """An answer from the file, if it is one: the file may hold anything."""
    if tried.shown:
        asked.shown = asked.step != "predict"
        return
    said = _restored(asked.question, tried.said)
    if said is None or asked.right or (asked.step == "predict" and asked.said):
        return
    with suppress(KitError):
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
            keys = {one.key for one in question.fields}
            return {str(key): str(value) for key, value in said.items() if key in keys}
    return None


def _same(question: Question, said: Any, earlier: Any) -> bool:
    """Whether both answers mean the same, or may do so."""
    if isinstance(question, Number):
        one, other = (read_answer(text, question.style) for text in (said, earlier))
        return one == other or bool(one & other)
    return bool(said == earlier)
