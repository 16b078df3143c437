"""Axes and direct labels of charts: months, days, short numbers, names and numbers beside the rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.text import Text
from matplotlib.ticker import Formatter, MaxNLocator

from kpi_helpers.charts.margins import lay_out
from kpi_helpers.labels import month_short, write_value
from kpi_helpers.lettering import cut_middle, plain
from kpi_helpers.palette import GRID, INK, QUIET

LONGEST_NAME = 30
_NO_CENTS = re.compile(r"[.,]00(?=\D|$)")
Label = tuple[float, str, dict[str, Any]]  # height, text, look


def floats(values: Sequence[Any]) -> np.ndarray:
    """Values as numbers; what is none is NaN."""
    return pd.to_numeric(pd.Series(list(values), dtype=object), errors="coerce").to_numpy(dtype=float)


def brief(value: Any, style: str, currency: str) -> str:
    """A value beside a mark: amounts short, everything else in full."""
    return write_value(value, style, currency, short=style == "money")


def letters(text: object) -> str:
    """Text that the font can draw: other characters become a box."""
    return "".join(char if ord(char) in _drawable() else "□" for char in plain(text))


def value_axis(ax: Axes, axis: Literal["x", "y"], style: str, currency: str, ticks: int = 5) -> None:
    """Short numbers and light grid lines on the axis of values ("x" or "y")."""
    line = ax.xaxis if axis == "x" else ax.yaxis
    line.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 5, 10], integer=style == "count"))
    line.set_major_formatter(_Values(style, currency))
    ax.grid(axis=axis, color=GRID, linewidth=0.8)


def month_axis(ax: Axes, months: Sequence[date]) -> None:
    """Month names at 0, 1, 2, …, thinned so that they do not touch, the last one always there; years where they change.

    Call it when everything beside the axes is in its place: the room for the names is measured.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    lay_out(figure)
    room = ax.get_window_extent().width * 72 / figure.dpi / (ax.get_xlim()[1] - ax.get_xlim()[0])
    widest = max(text_width(ax, month_short(month), 10.5) for month in months[-12:]) + 4
    step = next((step for step in (1, 2, 3, 6, 12) if room * step >= widest), 24)
    shown = range((len(months) - 1) % step, len(months), step)
    before = [None, *(months[place].year for place in shown)]
    ax.set_xticks(
        list(shown),
        [
            month_short(months[place]) + (f"\n{months[place].year}" if months[place].year != year else "")
            for place, year in zip(shown, before, strict=False)
        ],
    )
    for place, month in enumerate(months):
        if place and month.month == 1:
            ax.axvline(place - 0.5, color=GRID, linewidth=0.8, zorder=0)


def day_axis(ax: Axes, days: Sequence[date]) -> None:
    """Days at 0, 1, 2, …: the first of the month by its name, and every seventh day by its number."""
    shown = [place for place, day in enumerate(days) if day.day in (1, 8, 15, 22, 29)] or [0]
    step = len(shown) // 14 + 1
    labels = [month_short(days[place]) if days[place].day == 1 else str(days[place].day) for place in shown[::step]]
    labels[0] = f"{days[shown[0]].day} {month_short(days[shown[0]])}"
    ax.set_xticks(shown[::step], labels)


def name_rows(ax: Axes, names: Sequence[str]) -> None:
    """Names of the rows 0, 1, 2, … from the top down, cut in the middle where they are long."""
    ax.set_yticks(range(len(names)), [letters(cut_middle(name, LONGEST_NAME)) for name in names], color=INK)
    ax.set_ylim(len(names) - 0.5, -0.5)


def start_at_zero(ax: Axes, room: float = 1.06) -> None:
    """A zero line, and `room` times the highest value above it."""
    low, high = ax.dataLim.y0, ax.dataLim.y1
    ax.set_ylim(min(0.0, low * room), (high if high > 0 else 1.0) * room)
    ax.axhline(0, color=QUIET, linewidth=0.9)


def write_apart(ax: Axes, x: float, labels: Sequence[Label]) -> None:
    """Labels (height, text, look) to the right of `x`, moved apart where they would touch, inside the axes."""
    bottom, top = ax.get_ylim()
    figure = ax.get_figure(root=True)
    assert figure is not None
    points = ax.get_position().height * figure.get_size_inches()[1] * 72 * 0.7  # the titles will take the rest
    labels = sorted(labels, key=lambda label: label[0])
    halves = [(text.count("\n") + 1) * 7.5 / points * (top - bottom) for _height, text, _look in labels]
    heights = _apart([height for height, _text, _look in labels], halves, bottom, top)
    for height, (_wanted, text, look) in zip(heights, labels, strict=True):
        write(ax, x, height, text, dx=9, ha="left", **look)


def _apart(wanted: list[float], halves: list[float], bottom: float, top: float) -> list[float]:
    """Heights near the wanted ones (ascending) at which things `halves` high to each side do not touch."""
    placed: list[float] = []
    for height, half in zip(wanted, halves, strict=True):
        placed.append(max(height, bottom + half))
        bottom = placed[-1] + half
    for number in reversed(range(len(placed))):
        placed[number] = min(placed[number], top - halves[number])
        top = placed[number] - halves[number]
    return placed


def write_columns(ax: Axes, rows: Sequence[Sequence[str]], heads: Sequence[str] = ()) -> None:
    """Columns of text right of the rows 0, 1, 2, …: the first one bold and right-aligned, the others quiet.

    `heads` stand above the columns, where row -0.85 is.
    """
    looks: list[dict[str, Any]] = [{"fontweight": "bold"}, *[{"fontsize": 10.5, "color": QUIET}] * 2]
    start = 14.0
    for column, look in enumerate(looks[: max((len(row) for row in rows), default=0)]):
        texts: dict[float, str] = {place: row[column] for place, row in enumerate(rows) if column < len(row)}
        if column < len(heads):
            texts[-0.85] = heads[column]
        width = max(text_width(ax, text, look.get("fontsize", 11), **_weight(look)) for text in texts.values())
        at_right = column == 0
        for place, text in texts.items():
            write(ax, 1, place, text, dx=start + (width if at_right else 0), ha="right" if at_right else "left",
                  xycoords=("axes fraction", "data"), **look)  # fmt: skip
        start += width + 12


def wrap(text: str, width_of: Callable[[str], float], room: float) -> list[str]:
    """Text in lines that are no wider than `room`; a single word that is wider is cut in the middle.

    >>> wrap("one two three", len, 8)
    ['one two', 'three']
    """
    if width_of(text) <= room:
        return [text]
    lines: list[str] = []
    for word in text.split(" "):
        while width_of(word) > room and len(word) > 3:
            middle = len(word) // 2
            word = f"{word[: middle - 1]}…{word[middle + 1 :]}"
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def text_width(ax: Axes, text: str, size: float, **look: Any) -> float:
    """How wide a text is on the figure, in typographic points."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return _width(text, size, look.get("fontweight", "normal"), figure.dpi)


def line_width(text: str, size: float, weight: str = "normal") -> float:
    """About how wide a line is in typographic points: the sum of its letters, at once even where nothing is known."""
    return size * sum(_advance(char, weight) for char in text)


@lru_cache(maxsize=4096)
def _advance(char: str, weight: str) -> float:
    """How far a letter moves the next one, in parts of the font's size."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    return font.load_char(ord(char), LoadFlags.NO_SCALE).horiAdvance / font.units_per_EM


@lru_cache(maxsize=8192)
def _width(text: str, size: float, weight: str, dpi: float) -> float:
    ruler = _ruler(dpi)
    probe = Text(0, 0, text, fontsize=size, fontweight=weight, figure=ruler.figure)
    return float(probe.get_window_extent(ruler.get_renderer()).width) * 72 / dpi


@lru_cache
def _ruler(dpi: float) -> FigureCanvasAgg:
    """A sheet to measure on, one for all charts: a text is as wide on every sheet of as many dots."""
    return FigureCanvasAgg(Figure(dpi=dpi))


def write(ax: Axes, x: float, y: float, text: str, *, dx: float = 0, dy: float = 0, **look: Any) -> Any:
    """Text at a point of the data, moved by `dx`, `dy` typographic points; `fontsize`, `color`, `ha`, `va` as usual."""
    options = {"xycoords": "data", "va": "center", "annotation_clip": False, "zorder": 6, **look}
    return ax.annotate(text, (x, y), xytext=(dx, dy), textcoords="offset points", **options)


class _Values(Formatter):
    """Numbers of an axis: short, unless that would make two of them look the same."""

    def __init__(self, style: str, currency: str) -> None:
        self.style, self.currency = style, currency

    def __call__(self, value: float, pos: int | None = None) -> str:
        return write_value(value, self.style, self.currency, short=True)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        short = [self(value) for value in values]
        if self.style == "money" and all(value == round(value) for value in values):
            short = [_NO_CENTS.sub("", text) for text in short]  # 50, 100, 150, not 50.00, 100, 150
        if len(set(short)) == len(short):
            return short
        return [write_value(value, self.style, self.currency) for value in values]


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def _weight(look: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in look.items() if name == "fontweight"}
