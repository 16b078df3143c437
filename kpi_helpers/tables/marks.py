"""Small inline SVG drawings for tables: the sparkline and the bullet. Colours come from the style sheet by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from kpi_helpers.labels import is_missing

_SPARK_WIDTH, _SPARK_HEIGHT, _SPARK_EDGE = 104.0, 26.0, 3.5
_BULLET_WIDTH, _BULLET_HEIGHT, _GOAL_AT = 96.0, 16.0, 0.7
_STATUS_CLASSES = ("met", "close", "missed", "no_data", "not_enough", "no_goal")


def sparkline(
    values: Sequence[Any], goal: Any = None, *, unfinished: bool = False, signals: Sequence[Any] = ()
) -> Markup:
    """A line of values in time with the goal as a thin line and the last value as a dot; gaps where values are missing.

    The dot is hollow where the last period is `unfinished`. `signals`: a rule or word for each value, "" for most: the
    others get a ring. Empty Markup where no value is known.
    """
    known = [float(value) for value in values if not is_missing(value)]
    if not known:
        return Markup("")
    across = _scale(0, max(len(values) - 1, 1), _SPARK_EDGE, _SPARK_WIDTH - _SPARK_EDGE)
    levels = known if is_missing(goal) else [*known, float(goal)]
    up = _scale(*_range(levels), _SPARK_HEIGHT - _SPARK_EDGE, _SPARK_EDGE)
    parts = []
    if not is_missing(goal):
        y = _number(up(float(goal)))
        parts.append(f'<line class="goal" x1="0" x2="{_number(_SPARK_WIDTH)}" y1="{y}" y2="{y}"/>')
    for run in _runs(values):
        points = [(across(place), up(value)) for place, value in run]
        if len(points) > 1:
            line = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
            parts.append(f'<polyline class="line" points="{line}"/>')
        else:
            parts.append(f'<circle class="alone" cx="{_number(points[0][0])}" cy="{_number(points[0][1])}" r="1.2"/>')
    if not is_missing(values[-1]):
        x, y = across(len(values) - 1), up(float(values[-1]))
        name = "last hollow" if unfinished else "last"
        parts.append(f'<circle class="{name}" cx="{_number(x)}" cy="{_number(y)}" r="2.6"/>')
    for place, (value, signal) in enumerate(zip(values, signals, strict=False)):
        if signal and not is_missing(value):
            x, y = across(place), up(float(value))
            parts.append(f'<circle class="signal" cx="{_number(x)}" cy="{_number(y)}" r="4.6"/>')
    return _svg("spark", _SPARK_WIDTH, _SPARK_HEIGHT, parts)


def bullet(
    value: Any, goal: Any, better: str = "higher", low: Any = None, high: Any = None, *, status: str = ""
) -> Markup:
    """A bar of the value against the goal's tick, its interval as a thin whisker.

    The tick stands at one place in every row, so that rows of unlike units can be compared; a bar that would leave the
    drawing ends in an arrow head. Empty Markup where the value or the goal is missing.
    """
    if is_missing(value) or is_missing(goal):
        return Markup("")
    value, goal = float(value), float(goal)
    across = _bullet_scale(value, goal)
    middle = _BULLET_HEIGHT / 2
    start, end = sorted((_inside(across(0.0)), _inside(across(value))))
    length = _number(max(end - start, 1))
    colour = status if status in _STATUS_CLASSES else _verdict(value, goal, better)
    parts = [
        f'<rect class="track" x="0" y="{middle - 4}" width="{_number(_BULLET_WIDTH)}" height="8"/>',
        f'<rect class="bar {colour}" x="{_number(start)}" y="{middle - 4}" width="{length}" height="8"/>',
    ]
    if across(value) > _BULLET_WIDTH:
        parts.append(f'<path class="beyond" d="M{_number(_BULLET_WIDTH - 6)} {middle - 4}l6 4l-6 4z"/>')
    if not is_missing(low) and not is_missing(high):
        x1, x2 = _inside(across(float(low))), _inside(across(float(high)))
        parts.append(f'<line class="interval" x1="{_number(x1)}" x2="{_number(x2)}" y1="{middle}" y2="{middle}"/>')
    x = _number(across(goal))
    parts.append(f'<line class="goal" x1="{x}" x2="{x}" y1="1" y2="{_number(_BULLET_HEIGHT - 1)}"/>')
    return _svg("bullet", _BULLET_WIDTH, _BULLET_HEIGHT, parts)


def _verdict(value: float, goal: float, better: str) -> str:
    if better == "neither":
        return "close"
    return "met" if (value <= goal if better == "lower" else value >= goal) else "missed"


def _bullet_scale(value: float, goal: float) -> Any:
    if goal > 0 and value >= 0:
        return _scale(0, goal, 0, _BULLET_WIDTH * _GOAL_AT)
    reach = max(abs(value), abs(goal)) or 1.0
    return _scale(-reach, reach, 2, _BULLET_WIDTH - 2)


def _scale(low: float, high: float, start: float, end: float) -> Any:
    return lambda value: start + (value - low) / (high - low) * (end - start)


def _range(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)


def _inside(x: float) -> float:
    return min(max(x, 0.0), _BULLET_WIDTH)


def _runs(values: Sequence[Any]) -> list[list[tuple[int, float]]]:
    """The stretches of known values, as (place, value)."""
    runs: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(values):
        if is_missing(value):
            runs.append([])
        else:
            runs[-1].append((place, float(value)))
    return [run for run in runs if run]


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _svg(kind: str, width: float, height: float, parts: list[str]) -> Markup:
    # The numbers beside it say the same in words, so a screen reader may pass over it.
    box = f"{_number(width)} {_number(height)}"
    size = f'width="{_number(width)}" height="{_number(height)}"'
    return Markup(f'<svg class="{kind}" viewBox="0 0 {box}" {size} aria-hidden="true">{"".join(parts)}</svg>')
