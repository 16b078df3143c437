"""What an answer is given in: radio buttons, a number with its unit, rows to be put in order, a form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.lessons.pieces import name_of, unit_of
from kpi_helpers.lessons.questions import Choice, Draft, Number, Option, Order, Question
from kpi_helpers.lettering import plain
from kpi_helpers.widgets.goal_form import form_row
from kpi_helpers.widgets.view import NAMES_UNCUT, choice

_UNIT = Markup('<div class="kpi kpi-lesson-unit">{}</div>')
_ITEM = Markup('<div class="kpi kpi-lesson-item"><span class="place">{}</span>{}</div>')


class AnswerField(ABC):
    """`root` is shown; `said` is the answer as it stands, `take` shows one, `close` lets nothing be changed.

    `sent` is called where Enter sends the answer.
    """

    root: Any
    controls: Sequence[Any]
    sent: Callable[[], None] = staticmethod(lambda: None)

    @abstractmethod
    def said(self) -> Any:
        """The answer; KitError where none is given."""

    @abstractmethod
    def take(self, said: Any) -> None: ...

    def close(self) -> None:
        for control in self.controls:
            control.disabled = True


class ChoiceField(AnswerField):
    def __init__(self, options: Sequence[Option]) -> None:
        self.radio = widgets.RadioButtons(
            options=[(plain(option.words), option.key) for option in options], value=None, tooltip=_("Choose one"),
            layout={"width": "auto"},
        )  # fmt: skip
        self.radio.add_class("kpi-lesson-options")
        self.root, self.controls = self.radio, [self.radio]

    def said(self) -> str:
        if self.radio.value is None:
            raise KitError(_("Nothing is chosen yet."))
        return str(self.radio.value)

    def take(self, said: str) -> None:
        self.radio.value = said


class NumberField(AnswerField):
    def __init__(self, question: Number) -> None:
        self.text = widgets.Text(
            description=_("Your answer"), tooltip=_("A number; Enter checks it"), style=NAMES_UNCUT,
            layout={"width": "240px", "max_width": "100%"},
        )  # fmt: skip
        self.text.on_msg(self._heard)
        unit = widgets.HTML(_UNIT.format(unit_of(question)))
        self.root = widgets.HBox([self.text, unit]).add_class("kpi-lesson-number")
        self.controls = [self.text]

    def said(self) -> str:
        if not self.text.value.strip():
            raise KitError(_("There is no answer yet."), _("Write a number."))
        return str(self.text.value)

    def take(self, said: str) -> None:
        self.text.value = said

    def _heard(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict) and content.get("event") == "submit":
            self.sent()


class OrderField(AnswerField):
    """Rows with ▲ and ▼; the focus goes with the row that is moved."""

    def __init__(self, options: Sequence[Option]) -> None:
        self._order = list(options)
        self.up = [widgets.Button(description="▲") for _option in options]
        self.down = [widgets.Button(description="▼") for _option in options]
        self._words = [widgets.HTML() for _option in options]
        rows = []
        for place, (words, up, down) in enumerate(zip(self._words, self.up, self.down, strict=True)):
            up.on_click(partial(self._move, place, -1))
            down.on_click(partial(self._move, place, 1))
            rows.append(widgets.HBox([words, up, down]).add_class("kpi-lesson-row"))
        self.root, self.controls = widgets.VBox(rows).add_class("kpi-lesson-order"), [*self.up, *self.down]
        self._show()

    def said(self) -> tuple[str, ...]:
        return tuple(option.key for option in self._order)

    def take(self, said: Sequence[str]) -> None:
        self._order.sort(key=lambda option: list(said).index(option.key))
        self._show()

    def _move(self, place: int, by: int, button: Any) -> None:
        other = place + by
        if button.disabled or not 0 <= other < len(self._order):
            return
        self._order[place], self._order[other] = self._order[other], self._order[place]
        self._show()
        follow = (self.up if by < 0 else self.down)[other]
        (follow if not follow.disabled else (self.down if by < 0 else self.up)[other]).focus()

    def _show(self) -> None:
        last = len(self._order) - 1
        for place, option in enumerate(self._order):
            self._words[place].value = _ITEM.format(place + 1, option.words)
            self.up[place].disabled, self.down[place].disabled = place == 0, place == last
            self.up[place].tooltip = _("Move up: {words}").format(words=plain(option.words))
            self.down[place].tooltip = _("Move down: {words}").format(words=plain(option.words))


class DraftField(AnswerField):
    def __init__(self, question: Draft) -> None:
        self.fields: dict[str, Any] = {}
        for one in question.fields:
            if one.options:
                offered = [(words, key) for key, words in one.options.items()]
                first = [] if one.value else [(_("choose …"), "")]
                self.fields[one.key] = choice(name_of(one.name), [*first, *offered], one.value)
            else:
                self.fields[one.key] = widgets.Text(
                    value=one.value, description=name_of(one.name), placeholder=one.example, style=NAMES_UNCUT,
                    layout={"width": "auto"},
                )  # fmt: skip
            self.fields[one.key].layout.flex = "1 1 240px"
        self.controls = list(self.fields.values())
        self.root = form_row(*self.controls)

    def said(self) -> dict[str, str]:
        return {key: str(control.value or "").strip() for key, control in self.fields.items()}

    def take(self, said: dict[str, str]) -> None:
        for key, value in said.items():
            control = self.fields[key]
            if not isinstance(control, widgets.Dropdown) or value in [offered for _words, offered in control.options]:
                control.value = value


def field_of(question: Question, options: Sequence[Option]) -> AnswerField:
    """The field that the question is answered in; `options` are in the learner's order."""
    match question:
        case Number():
            return NumberField(question)
        case Choice():
            return ChoiceField(options)
        case Order():
            return OrderField(options)
        case Draft():
            return DraftField(question)
    raise TypeError(f"no field for {type(question).__name__}")
