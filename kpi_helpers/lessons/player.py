"""A lesson to be taken: its head and its seven steps, each shown in a cell of its own."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.errors import KitError
from kpi_helpers.folders import find_folder
from kpi_helpers.language import _
from kpi_helpers.lessons.course import LESSONS, Lesson, find_lesson
from kpi_helpers.lessons.learners import folded
from kpi_helpers.lessons.pieces import NAMES, lesson_style, said_place, steps_row, whole
from kpi_helpers.lessons.sitting import STEPS, Sitting
from kpi_helpers.lessons.steps import KINDS, StepView
from kpi_helpers.lettering import LONGEST_NAME, cut_middle, plain
from kpi_helpers.tables import notice
from kpi_helpers.widgets.spoken import Spoken
from kpi_helpers.widgets.view import NAMES_UNCUT, View

_HEAD = Markup('<p class="head">{}</p>{}')
_WHOSE = Markup('<p class="quiet">{}</p>')
_NOT_OWN = Markup('<p class="notice">{}</p>')
_LEARNER = Markup('<div class="kpi kpi-lesson-learner">{}</div>')


def open_lesson(
    name: str | int, data_dir: str | Path = "", *, learner: str = "", currency: str = "", progress: str | Path = ""
) -> LessonPlayer:
    """A lesson by its number or key, on the exports in `data_dir` or else on a sample.

    What the learner answers is kept in a file in the folder `progress`, or in data/progress. KitError where there is
    no such lesson.
    """
    return LessonPlayer(find_lesson(name), str(data_dir), learner, currency, str(progress))


class LessonPlayer(View):
    """Shown itself it is the head of the lesson: the field `name`, whose numbers are used, the row of steps.

    `predict`, `explore`, `explain`, `example`, `blank`, `fresh` and `leave` are views, one a cell.
    """

    predict: StepView
    explore: StepView
    explain: StepView
    example: StepView
    blank: StepView
    fresh: StepView
    leave: StepView

    def __init__(self, lesson: Lesson, data_dir: str, learner: str, currency: str, progress: str) -> None:
        super().__init__()
        self.lesson, self._source = lesson, (data_dir, currency, progress)
        self.title = f"{lesson.number}. {_(lesson.title)}"
        self.head, self.said, self.row = widgets.HTML(), said_place(), widgets.HTML()
        self.learner, self.changed = widgets.HTML(), said_place()
        self.name = widgets.Text(
            value=learner, description=_("Your name"), continuous_update=False, style=NAMES_UNCUT,
            placeholder=_("then Enter"), layout={"width": "320px", "max_width": "100%"},
            tooltip=_("Your answers are kept under this name, and the questions are drawn for it; press Enter"),
        )  # fmt: skip
        self.steps = {step: KINDS[step](step, f"{self.title}: {_(NAMES[step])}", self._follow) for step in STEPS}
        for step, view in self.steps.items():
            setattr(self, step, view)
        who = widgets.HBox([self.name, self.learner]).add_class("kpi-lesson-name")
        style = widgets.HTML(lesson_style())
        self.root = widgets.VBox([style, Spoken(), self.head, who, self.changed, self.said, self.row])
        self.root.add_class("kpi-studio").add_class("kpi-lesson")
        self.listen(self._change, self.name)
        self._begin()

    def still(self) -> str:
        advice = notice(_("The lesson as a hand-out."), _("To answer its questions, run the notebook."))
        return lesson_style() + self.head.value + advice

    def _change(self) -> None:
        """Another name: its answers, and how to come back to those of before."""
        before = self.sitting.learner
        self._begin()
        if folded(before) != folded(self.sitting.learner):
            self.changed.value = whole(_WHOSE.format(way_back(self.sitting.learner, before)))

    def _begin(self) -> None:
        """Compose the lesson for the name and take up what was answered under it."""
        data_dir, currency, progress = self._source
        self.sitting = Sitting(self.lesson, data_dir, self.name.value.strip(), currency, progress)
        place = _("Lesson {n} of {all}: {title} · {minutes} minutes").format(
            n=self.lesson.number, all=len(LESSONS), title=_(self.lesson.title), minutes=self.lesson.minutes
        )
        whose = _NOT_OWN if self._falls_back() else _WHOSE
        self.head.value = whole(_HEAD.format(place, whose.format(self.sitting.opened.said)))
        self.learner.value = _LEARNER.format(answers_of(self.sitting.learner))
        for view in self.steps.values():
            view.fill(self.sitting)
        self._show()

    def _falls_back(self) -> bool:
        """Whether the learner's folder is named, and other numbers are used."""
        named = self._source[0].strip()
        with suppress(KitError, OSError, ValueError):
            return bool(named) and find_folder(named).resolve() != self.sitting.opened.figures.exports.folder.resolve()
        return bool(named)

    def _follow(self) -> None:
        """Something was answered or tried: what is open now is shown."""
        for view in self.steps.values():
            view.follow()
        self._show()

    def _show(self) -> None:
        self.row.value = whole(steps_row([self.sitting.is_done(step) for step in STEPS]))
        fault = self.sitting.fault
        self.said.value = fault_words(fault) if fault else ""


def answers_of(learner: str) -> str:
    """Who is answering."""
    return _("Answers of: {name}").format(name=_short(learner)) if learner else _("No name yet")


def way_back(learner: str, before: str) -> str:
    """Whose answers are shown now, and how to come back to those of before."""
    if not before:
        form = _("These are the answers of {name}; empty the field to come back.")
    elif not learner:
        form = _("These are the answers without a name; type {before} to come back.")
    else:
        form = _("These are the answers of {name}; type {before} to come back.")
    return form.format(name=_short(learner), before=_short(before))


def _short(learner: str) -> str:
    return cut_middle(plain(learner), LONGEST_NAME)


def fault_words(fault: KitError) -> str:
    """Why answers are not kept, or what became of the file they were in."""
    if fault.next_step:
        return notice(fault.found, fault.next_step)
    said = _("Your answers are not kept: {reason}").format(reason=fault.found)
    return notice(said, _("You can take the lesson all the same."))
