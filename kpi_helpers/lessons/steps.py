"""The seven steps of a lesson as views, one a cell. Each shows itself once what comes before it is done."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.labels import upper_first
from kpi_helpers.language import _
from kpi_helpers.lessons.asking import Asking, Predicting
from kpi_helpers.lessons.course import LESSONS
from kpi_helpers.lessons.opening import why
from kpi_helpers.lessons.pieces import (
    box,
    lesson_style,
    locked,
    on_paper,
    paragraphs,
    whole,
)
from kpi_helpers.lessons.script import Pick, Run, Slider, steps_table
from kpi_helpers.lessons.sitting import Sitting
from kpi_helpers.lessons.trying import LivePicture, Trial, finding, first_settings, try_out, write_setting
from kpi_helpers.tables import notice
from kpi_helpers.widgets.spoken import Spoken, close_tree
from kpi_helpers.widgets.view import View

_TEXT = Markup('<p class="question">{}</p>')
_COMMAND = Markup("{} · <code>{}</code>")
_QUIET = Markup('<p class="quiet">{}</p>')


class StepView(View):
    """A step: `locked` says in one line what comes first; `fill` takes another sitting; `moved` tells the player."""

    def __init__(self, step: str, title: str, moved: Callable[[], None]) -> None:
        super().__init__()
        self.step, self.title, self._moved = step, title, moved
        self._body = widgets.VBox([])
        self.root = widgets.VBox([widgets.HTML(lesson_style()), Spoken(), self._body]).add_class("kpi-studio")
        self.root.add_class("kpi-lesson")

    def fill(self, sitting: Sitting) -> None:
        """Begin anew with this sitting."""
        self._sitting, self._built = sitting, False
        self.follow()

    def follow(self) -> None:
        """Show what is open now; what is shown already stays as it is."""
        if not self._sitting.is_open(self.step):
            self._show([widgets.HTML(locked(self.step))])
        elif not self._built:
            self._built = True
            self._show(self._build())

    def _show(self, shown: list[Any]) -> None:
        before, self._body.children = self._body.children, shown
        for widget in before:
            close_tree(widget)

    def still(self) -> str:
        return lesson_style() + self._on_paper()

    @abstractmethod
    def _build(self) -> list[Any]:
        """The widgets of the open step."""

    @abstractmethod
    def _on_paper(self) -> str:
        """The step as a hand-out: nothing to press, no solution."""

    def _tell(self) -> None:
        self._moved()


class QuestionStep(StepView):
    """The prediction, or questions that are checked; `questions` are their views once they are open."""

    questions: list[Asking]

    def fill(self, sitting: Sitting) -> None:
        self.questions = []
        super().fill(sitting)

    def follow(self) -> None:
        super().follow()
        if self.questions and self.step == "leave" and self._sitting.is_done("leave"):
            self.end.value = self._ending()

    def _build(self) -> list[Any]:
        self.end = widgets.HTML()
        kind = Predicting if self.step == "predict" else Asking
        asked = self._sitting.asked[self.step]
        self.questions = [kind(self._sitting, one, self.listen, self._tell) for one in asked]
        return [*(question.root for question in self.questions), self.end]

    def _on_paper(self) -> str:
        asked = self._sitting.asked[self.step]
        return whole(*(on_paper(one.question, self._sitting.options(one)) for one in asked))

    def _ending(self) -> str:
        kept = self._sitting.script.remember
        items = Markup("").join(Markup("<li>{}</li>").format(words) for words in kept)
        list_ = Markup('<h4>{}</h4><ul class="remember">{}</ul>').format(_("To keep"), items) if kept else Markup("")
        return whole(list_, _QUIET.format(self._next()))

    def _next(self) -> Markup | str:
        number = self._sitting.lesson.number + 1
        found = next((lesson for lesson in LESSONS.values() if lesson.number == number), None)
        if found is None:
            return _("This was the last lesson of the course.")
        words = _("The next lesson: {n}. {title}").format(n=found.number, title=_(found.title))
        return _COMMAND.format(words, f"kpi lesson {found.number}")


class ExploreStep(StepView):
    """The experiment; `trial` is its view once it is open."""

    trial: Trial

    def _build(self) -> list[Any]:
        self._end = widgets.HTML()
        experiment, currency = self._sitting.script.explore, self._sitting.opened.figures.currency
        self.trial = Trial(experiment, currency, self.listen, self._explored)
        self._say_end()
        return [self.trial.root, self._end]

    def _explored(self) -> None:
        if not self._sitting.explored:
            self._sitting.explore()
            self._say_end()
            self._tell()

    def _say_end(self) -> None:
        if self._sitting.explored:
            self._end.value = whole(
                box("kept", _("Tried."), _("Steps 3, 4 and 5 are open; come back whenever you like."))
            )
        else:
            self._end.value = whole(_QUIET.format(_("Once you have tried it, the next steps open.")))

    def _on_paper(self) -> str:
        experiment = self._sitting.script.explore
        settings = first_settings(experiment)
        shown = try_out(experiment, settings)
        if isinstance(shown, str):
            return whole(_TEXT.format(experiment.task)) + shown
        picture = LivePicture()
        words = finding(shown)
        if shown.ax is not None:
            picture.show(shown.ax, shown.alt or shown.words)
        set_to = [_setting(control, settings, self._sitting.opened.figures.currency) for control in experiment.controls]
        begun = _QUIET.format("; ".join(filter(None, set_to)))
        close_tree(picture.widget)
        return whole(_TEXT.format(experiment.task), begun) + words + picture.still() + str(shown.table)


class ExplainStep(StepView):
    """How the prediction differs from what is so."""

    def _build(self) -> list[Any]:
        try:
            texts = self._sitting.script.explain(self._sitting.prediction)
            words = whole(paragraphs(texts))
        except Exception as error:
            words = notice(_("This cannot be shown: {reason}").format(reason=why(error)))
        return [widgets.HTML(words)]

    def _on_paper(self) -> str:
        said = _("Here the lesson compares your prediction with what is so; for that it has to be run and answered.")
        return whole(_QUIET.format(said))


class ExampleStep(StepView):
    """The worked example."""

    def _build(self) -> list[Any]:
        return [widgets.HTML(self._on_paper())]

    def _on_paper(self) -> str:
        script = self._sitting.script
        return whole(steps_table(script.example, upper_first(script.example_of)))


def _setting(control: Slider | Pick | Run, settings: dict[str, Any], currency: str) -> str:
    match control:
        case Slider():
            return f"{control.name}: {write_setting(control, settings[control.key], currency)}"
        case Pick():
            return f"{control.name}: {control.options[settings[control.key]]}"
    return ""


KINDS: dict[str, type[StepView]] = {
    "predict": QuestionStep, "explore": ExploreStep, "explain": ExplainStep, "example": ExampleStep,
    "blank": QuestionStep, "fresh": QuestionStep, "leave": QuestionStep,
}  # fmt: skip
