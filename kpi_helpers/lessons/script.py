"""What a lesson consists of, as data that the player shows: its steps, always the same seven."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from matplotlib.axes import Axes

from kpi_helpers.catalogue import Style
from kpi_helpers.language import _
from kpi_helpers.lessons.questions import Question
from kpi_helpers.lettering import plain
from kpi_helpers.tables import Column, data_table

BLANK = "?"
Paragraph = str | Markup  # plain text is escaped; Markup (a table) is shown as it is


@dataclass(frozen=True)
class Slider:
    """A number that the learner moves; `style` as in the catalogue (a share is a fraction, shown as percent)."""

    key: str
    name: str
    low: float
    high: float
    step: float
    value: float
    style: Style | str = "count"


@dataclass(frozen=True)
class Pick:
    """A drop-down: words by value."""

    key: str
    name: str
    options: Mapping[str, str]
    value: str = ""


@dataclass(frozen=True)
class Run:
    """A button; its value is how often it was pressed: 0, 1, 2, …"""

    key: str
    name: str


@dataclass(frozen=True)
class Shown:
    """What an experiment shows for the settings of its controls: a finding in words, a chart, a table."""

    words: str
    ax: Axes | None = None
    alt: str = ""
    table: str = ""


@dataclass(frozen=True)
class Experiment:
    """`task` says what to try; `show` is called with the controls' values by key, first with those they begin with."""

    task: str
    controls: Sequence[Slider | Pick | Run]
    show: Callable[[Mapping[str, Any]], Shown]


@dataclass(frozen=True)
class Step:
    """A line of a worked example: what is found, how, and what comes out (`BLANK` where the learner finds it)."""

    what: str
    how: str
    result: str


@dataclass(frozen=True)
class Script:
    """A lesson composed for a company and a learner.

    `explain` gets the learner's prediction as it was answered (the text, the key or the keys) and says how it differs
    from what is so. `example_of` names the case of the worked example, such as a channel's month.
    """

    predict: Question
    explore: Experiment
    explain: Callable[[Any], Sequence[Paragraph]]
    example: Sequence[Step]
    blank: Question
    fresh: Sequence[Question]
    leave: Question
    remember: Sequence[str] = ()
    example_of: str = ""


def leave_out(steps: Mapping[str, Step], key: str) -> list[Step]:
    """The steps of an example by their keys, the one of `key` left to the learner (none where `key` is "")."""
    return [Step(step.what, BLANK, BLANK) if name == key else step for name, step in steps.items()]


def steps_table(steps: Sequence[Step], caption: str = "") -> Markup:
    """The lines of a worked example as a table."""
    columns = [Column(_("What")), Column(_("How")), Column(_("Result"), "number")]
    rows = [[escape(plain(step.what)), escape(plain(step.how)), step.result] for step in steps]  # never cut
    return Markup(data_table(columns, rows, caption=caption))
