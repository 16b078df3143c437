"""The experiment of a lesson: sliders, drop-downs and buttons, and what it shows for them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.text import Text

from kpi_helpers.charts.paper import lift_words
from kpi_helpers.charts.scales import letters
from kpi_helpers.labels import write_difference, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.opening import why
from kpi_helpers.lessons.pieces import name_of, said_place, whole
from kpi_helpers.lessons.script import Experiment, Pick, Run, Shown, Slider
from kpi_helpers.tables import notice
from kpi_helpers.widgets.live_chart import quick_png
from kpi_helpers.widgets.target import RangedSlider
from kpi_helpers.widgets.view import NAMES_UNCUT, Picture, choice, row_of

_TASK = Markup('<p class="question">{}</p>')
_FINDING = Markup('<p class="came-out{}">{}</p>')
_BY_WIDTH = Markup(
    '<picture><source media="(max-width: 640px)" srcset="data:image/png;base64,{narrow}">{image}</picture>'
)
_READING = Markup('<div class="kpi kpi-lesson-reading">{}</div>')

NARROW = 4.8  # inches: the paper of a chart on a phone
LEAST = 0.2  # of that paper for the axes


class Trial:
    """`controls` by key; `root` follows them. `moved` is called when one was moved."""

    def __init__(
        self, experiment: Experiment, currency: str, listen: Callable[..., None], moved: Callable[[], None]
    ) -> None:
        self._experiment, self._currency, self._moved = experiment, currency, moved
        self._pressed = {control.key: 0 for control in experiment.controls if isinstance(control, Run)}
        self.controls: dict[str, Any] = {}
        self.readings: dict[str, Any] = {}
        rows = [self._row(control) for control in experiment.controls]
        self.picture, self.words, self.table = LivePicture(), said_place(), widgets.HTML()
        task = widgets.HTML(whole(_TASK.format(experiment.task)))
        self.root = widgets.VBox(
            [task, row_of(*rows).add_class("kpi-lesson-controls"), self.words, self.picture.widget, self.table]
        )
        for key, control in self.controls.items():
            listen(lambda key=key: self._answer(key), control)
        self.show()

    def settings(self) -> dict[str, Any]:
        """The value of each control by key."""
        return {control.key: self._setting(control) for control in self._experiment.controls}

    def show(self) -> None:
        """What the experiment shows for its controls as they stand."""
        for control in self._experiment.controls:
            if isinstance(control, Slider):
                self.readings[control.key].value = _READING.format(
                    write_setting(control, self._setting(control), self._currency)
                )
        shown = try_out(self._experiment, self.settings())
        if isinstance(shown, str):
            self.words.value, self.table.value = shown, ""
            self.picture.widget.layout.display = "none"
            return
        self.words.value = finding(shown)
        self.table.value = str(shown.table)
        self.picture.widget.layout.display = "" if shown.ax is not None else "none"
        if shown.ax is not None:
            self.picture.show(shown.ax, shown.alt or shown.words)

    def _setting(self, control: Slider | Pick | Run) -> Any:
        if isinstance(control, Run):
            return self._pressed[control.key]
        value = self.controls[control.key].value
        return on_step(control, value) if isinstance(control, Slider) else value

    def _answer(self, key: str) -> None:
        if key in self._pressed:
            self._pressed[key] += 1
        self.show()
        self._moved()

    def _row(self, control: Slider | Pick | Run) -> Any:
        match control:
            case Slider():
                slider = RangedSlider(
                    min=control.low, max=control.high, step=control.step, value=control.value, readout=False,
                    description=name_of(control.name), style=NAMES_UNCUT, layout={"width": "auto", "flex": "1 1 320px"},
                    tooltip=_("Move with the mouse or the arrow keys"),
                )  # fmt: skip
                self.controls[control.key], self.readings[control.key] = slider, widgets.HTML()
                return widgets.HBox([slider, self.readings[control.key]]).add_class("kpi-lesson-slider")
            case Pick():
                offered = [(words, key) for key, words in control.options.items()]
                self.controls[control.key] = choice(name_of(control.name), offered, control.value or None)
            case Run():
                self.controls[control.key] = widgets.Button(description=control.name, button_style="primary")
        return self.controls[control.key]


class LivePicture(Picture):
    """A chart in few colours: it follows a slider. A phone gets it on narrower paper: its letters stay legible."""

    def show(self, ax: Axes, alt: str) -> None:
        self._ax, self._caption = ax, lift_words(ax)
        self.replace(quick_png(ax), alt)
        if narrow := _narrow_png(ax):
            before, image, after = re.split("(<img [^>]*>)", self.widget.value, maxsplit=1)
            source = base64.b64encode(narrow).decode("ascii")
            self.widget.value = f"{before}{_BY_WIDTH.format(narrow=source, image=Markup(image))}{after}"


def first_settings(experiment: Experiment) -> dict[str, Any]:
    """The values that the controls begin with."""
    return {control.key: _first(control) for control in experiment.controls}


def try_out(experiment: Experiment, settings: dict[str, Any]) -> Shown | str:
    """What the experiment shows; its fault in one line where it has one, so that the view lives on."""
    try:
        return experiment.show(settings)
    except Exception as error:
        return notice(_("This cannot be shown: {reason}").format(reason=why(error)), _("Try another setting."))


def finding(shown: Shown) -> str:
    """What came out, in words; what the chart has as its finding is for the ear alone."""
    if not shown.words:
        return ""
    title = title_of(shown.ax) if shown.ax is not None else ""
    words = " ".join(letters(shown.words).split())
    before, said, after = words.partition(title) if title else (words, "", "")
    if not said:
        return whole(_FINDING.format("", shown.words))
    rest = f"{before}{after.lstrip(' .')}".strip()
    return whole(_FINDING.format(" unseen", title), _FINDING.format("", rest) if rest else Markup(""))


def title_of(ax: Axes) -> str:
    """The finding of a chart as its head has it; "" where it has none."""
    figure: Any = ax.get_figure(root=True)
    return " ".join(" ".join(text.get_text().split()) for text in figure.findobj(Text) if text.get_gid() == "finding")


def _narrow_png(ax: Axes) -> bytes:
    """Nothing where the words beside the axes would leave too little of it."""
    figure: Any = ax.get_figure(root=True)
    if len(figure.axes) > 1:
        return b""
    width, height = figure.get_size_inches()
    try:
        figure.set_size_inches(min(NARROW, width), height)
        png = quick_png(ax)
        return png if ax.get_position().width > LEAST else b""
    finally:
        figure.set_size_inches(width, height)


def on_step(control: Slider, value: float) -> float:
    """The step of the slider that the page means: it may send 189.99999 for 190.

    >>> on_step(Slider("answers", "Answers", 10, 1000, 10, 90), 189.99999)
    190
    """
    if value == control.value:
        return value
    steps = round((value - control.low) / control.step)
    return round(min(control.low + steps * control.step, control.high), 10)


def write_setting(control: Slider, value: float, currency: str) -> str:
    """A slider's value with its unit."""
    if control.style == "pp":
        return write_difference(value, "share")
    return write_value(value, control.style, currency, short=control.style == "share" and control.step >= 0.01)


def _first(control: Slider | Pick | Run) -> Any:
    match control:
        case Slider():
            return control.value
        case Pick():
            return control.value or next(iter(control.options))
    return 0
