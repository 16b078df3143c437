"""Pieces of a lesson in HTML, every text escaped: paragraphs, what is said of an answer, the row of steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.labels import currency_symbol, write_difference, write_value
from kpi_helpers.language import N_, _
from kpi_helpers.lessons.questions import Choice, Draft, Number, Option, Order, Question
from kpi_helpers.lessons.script import Paragraph
from kpi_helpers.lessons.sitting import STEPS, Asked
from kpi_helpers.lettering import plain
from kpi_helpers.tables import TEMPLATES, page_style

NAMES = {
    "predict": N_("Prediction"), "explore": N_("Experiment"), "explain": N_("Why"), "example": N_("Example"),
    "blank": N_("One blank"), "fresh": N_("New numbers"), "leave": N_("Before you leave"),
}  # fmt: skip
FIRST = {
    "explore": N_("First lock in your answer in step 1."),
    "explain": N_("First try it in step 2."),
    "example": N_("First try it in step 2."),
    "blank": N_("First try it in step 2."),
    "fresh": N_("First fill the blank in step 5."),
    "leave": N_("First answer step 6."),
}
PAPER_LINE = "_" * 12
_WHOLE = Markup('<div class="kpi kpi-lesson-words">{}</div>')
_LOCKED = Markup('<p class="locked"><span aria-hidden="true">○</span> {}</p>')
_TEXT = Markup('<p class="question">{}</p>')
_BOX = Markup(
    '<div class="said {kind}"><span class="shape" aria-hidden="true">{shape}</span>'
    "<div><p><strong>{word}</strong> {words}</p>{more}</div></div>"
)
_MORE = Markup("<p><strong>{}</strong> {}</p>")
_STEP = Markup(
    '<li class="{kind}"{current}><span aria-hidden="true">{shape}</span> {name}'
    '<span class="unseen">, {state}</span></li>'
)


def lesson_style() -> str:
    """The style sheet of a lesson, with that of every fragment and of forms."""
    sheets = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("studio.css", "lesson.css"))
    return f"{page_style()}<style>{sheets}</style>"


def whole(*parts: Markup) -> str:
    """Parts as one fragment of the page; nothing where there is none."""
    return str(_WHOLE.format(Markup("").join(parts))) if any(parts) else ""


def said_place() -> widgets.HTML:
    """A place for words that are to be heard when they come: it is in the page before them."""
    return widgets.HTML().add_class("kpi-lesson-said")


def locked(step: str) -> str:
    """What comes before the step."""
    return whole(_LOCKED.format(_(FIRST[step])))


def paragraphs(texts: Iterable[Paragraph]) -> Markup:
    """Texts below one another; Markup as it is, plain text escaped."""
    return Markup("").join(text if isinstance(text, Markup) else Markup("<p>{}</p>").format(text) for text in texts)


def question_text(question: Question) -> Markup:
    """What is given and what is asked."""
    return question.given + _TEXT.format(question.text)


def box(kind: str, word: str, words: str = "", *more: tuple[str, str]) -> Markup:
    """What is said of an answer; kinds: right, not-yet, shown, kept, unread."""
    shape = {"right": "●", "not-yet": "◐", "shown": "○", "kept": "●", "unread": "?"}[kind]
    lines = Markup("").join(_MORE.format(head, text) for head, text in more if text)
    return _BOX.format(kind=kind, shape=shape, word=word, words=words, more=lines)


def said_of(asked: Asked) -> Markup:
    """What is said of a checked question as it stands; nothing before the first answer."""
    if asked.shown and not asked.right and isinstance(asked.question, Draft):
        return box("shown", _("The solution:"), asked.question.solution, (_("Why:"), asked.question.because))
    if asked.shown and not asked.right:
        return box("shown", _("The solution:"), right_answer(asked.question), (_("The way:"), asked.question.solution),
                   (_("Why:"), asked.question.because))  # fmt: skip
    if asked.verdict is None:
        return Markup("")
    if asked.right:
        return box("right", _("Right."), asked.verdict.words)
    words = asked.verdict.words or ("" if asked.hint else _("Look at the question once more."))
    return box("not-yet", _("Not yet."), words, (_("Hint:"), asked.hint))


def right_answer(question: Question) -> str:
    """The right answer as it is written; "" for a draft, which has many."""
    match question:
        case Number(style="pp"):
            return write_difference(question.answer, "share")
        case Number():
            return write_value(question.answer, question.style, question.currency)
        case Choice():
            return question.written(question.answer)
        case Order():
            return question.written(question.answer)
    return ""


def steps_row(done: Sequence[bool]) -> Markup:
    """The seven steps: ○ to do, ● done; the first that is to do is marked as the current one."""
    current = next((place for place, is_done in enumerate(done) if not is_done), len(done))
    items = Markup("").join(
        _STEP.format(
            kind="done" if is_done else "now" if place == current else "",
            current=Markup(' aria-current="step"') if place == current else "", shape="●" if is_done else "○",
            name=_(NAMES[step]), state=_("done") if is_done else _("to do"),
        )
        for place, (step, is_done) in enumerate(zip(STEPS, done, strict=True))
    )  # fmt: skip
    label = _("Steps of the lesson: {done} of {all} done").format(done=sum(done), all=len(done))
    return Markup('<ol class="steps" aria-label="{}">{}</ol>').format(label, items)


def on_paper(question: Question, options: Sequence[Option]) -> Markup:
    """A question for paper: what can be chosen or is to be put in order, the fields of a form, a line to write on."""
    words: list[object] = [option.words for option in options]
    if isinstance(question, Draft):
        words = [": ".join(filter(None, (one.name, " / ".join(one.options.values())))) for one in question.fields]
    if isinstance(question, Number):
        return question_text(question) + Markup("<p>{} {}</p>").format(PAPER_LINE, unit_of(question))
    items = Markup("").join(Markup("<li>{}</li>").format(text) for text in words)
    return question_text(question) + Markup('<ul class="on-paper">{}</ul>').format(items)


def name_of(text: str) -> str:
    """The name of a control: JupyterLab would typeset what stands between two dollars as mathematics."""
    return plain(text.replace("$", "＄") if text.count("$") > 1 else text)


def unit_of(question: Number) -> str:
    """The unit that stands beside a number to be written."""
    units = {
        "share": "%", "pp": _("percentage points"), "money": currency_symbol(question.currency),
        "months": _("months"), "points": _("points"),
    }  # fmt: skip
    return units.get(str(question.style), "")
