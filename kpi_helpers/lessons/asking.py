"""A question as it is asked: its text, the field for the answer, buttons, and what is said of the answer."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.errors import KitError
from kpi_helpers.labels import upper_first
from kpi_helpers.language import _
from kpi_helpers.lessons.fields import field_of
from kpi_helpers.lessons.pieces import box, question_text, said_of, said_place, whole
from kpi_helpers.lessons.sitting import Asked, Sitting


class Asking:
    """`field`, the button `send` (and `see` for the solution) and `said`; `answered` is called after each answer."""

    def __init__(
        self, sitting: Sitting, asked: Asked, listen: Callable[..., None], answered: Callable[[], None]
    ) -> None:
        self._sitting, self._asked, self._answered = sitting, asked, answered
        self._unread = False
        self.field = field_of(asked.question, sitting.options(asked))
        self.send = widgets.Button(description=self._send_word(), button_style="primary")
        self.see = widgets.Button(description=_("Show the solution"))
        self.said = said_place()
        self._buttons = widgets.HBox([self.send, self.see]).add_class("kpi-lesson-buttons")
        text = widgets.HTML(whole(question_text(asked.question)))
        self.root = widgets.VBox([text, self.field.root, self._buttons, self.said]).add_class("kpi-lesson-question")
        if asked.said:
            self.field.take(asked.said[-1])
        listen(self._send, self.send)
        listen(self._see, self.see)
        listen(self._forget, *(control for control in self.field.controls if hasattr(control, "value")))
        self.field.sent = lambda: None if self.send.disabled else self.send.click()
        self._show()

    def _send_word(self) -> str:
        return _("Check my answer")

    def _send(self) -> None:
        if self._is_over:
            return
        try:
            said = self.field.said()
            self._give(said)
        except KitError as error:
            found = upper_first(error.found)
            self.said.value, self._unread = whole(box("unread", found, error.next_step)), True
            return
        self._show()
        self._answered()

    def _see(self) -> None:
        self._sitting.see(self._asked)
        self._show()
        self._answered()

    def _forget(self) -> None:
        """The answer is being changed: what was said of an unreadable one is over."""
        if self._unread:
            self.said.value, self._unread = whole(self._said()), False

    def _give(self, said: object) -> None:
        self._sitting.answer(self._asked, said)

    def _said(self) -> Markup:
        return said_of(self._asked)

    @property
    def _is_over(self) -> bool:
        return self._asked.settled

    def _show(self) -> None:
        self.said.value, self._unread = whole(self._said()), False
        self.see.layout.display = "" if self._asked.may_see else "none"
        self._buttons.layout.display = "none" if self._is_over else ""
        self.send.disabled = self._is_over
        if self._is_over:
            self.field.close()


class Predicting(Asking):
    """A prediction: it is locked in once, and nothing is said of whether it is right."""

    def _send_word(self) -> str:
        return _("Lock in my answer")

    def _give(self, said: object) -> None:
        self._sitting.lock(said)
        self.field.take(self._asked.said[0])  # another tab may have been first

    def _said(self) -> Markup:
        if not self._asked.said:
            return Markup("")
        return box("kept", _("Your answer is locked in:"), self._asked.question.written(self._asked.said[0]))

    @property
    def _is_over(self) -> bool:
        return bool(self._asked.said)
