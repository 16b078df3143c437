"""A heat map of the week by hours: when requests, calls and chats are served badly."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from pandas import DataFrame

from kpi_helpers.charts.margins import lay_out
from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import text_width, write
from kpi_helpers.company import WorkingHours
from kpi_helpers.labels import write_value
from kpi_helpers.language import N_, _, language
from kpi_helpers.palette import FAINT, INK, PAPER, QUIET, STATUSES

FEW = 3  # in an hour of the week: fewer have no colour
DARKEST = 0.5  # the share from which on all are of one colour, so that maps can be compared
NONE_BAD = "#f2f2f2"
FRAME: dict[str, Any] = {"fill": False, "edgecolor": INK, "linewidth": 1.4}
BAD = {"leads": N_("late"), "calls": N_("not taken"), "chats": N_("late or missed")}
TOO_WIDE = 1000
_KEY_ROW = 7.75


def plot_hours(
    week: DataFrame, hours: WorkingHours | None = None, key: str = "leads", *, finding: str = "", subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A heat map of weekdays by hours: the share served badly as colour, how many it were as a number.

    `week` is what `service.by_hour_and_weekday` returns for the table `key` (leads, calls or chats). Hours with fewer
    than three are outlined and have no colour; where there were none, there is nothing. The hours worked
    in are framed. Numbers are left out where one of them does not fit its cell.
    """
    with drawing_style():
        ax = new_axes(3.7, ax)
        judged, good = (week[name].to_numpy(dtype=float) for name in ("judged", "good"))
        bad, fits = judged - good, (judged - good).max() < TOO_WIDE
        for (day, hour), number in np.ndenumerate(judged):
            _cell(ax, day, hour, number, bad[day, hour], with_number=fits)
        if hours:
            _frame(ax, hours)
        ax.set_xlim(0, 24)
        ax.set_xticks(range(0, 25, 3), [f"{hour}:00" for hour in range(0, 25, 3)])
        ax.xaxis.set_ticks_position("top")
        ax.set_yticks(range(7), _weekdays(), color=INK)
        ax.set_ylim(_KEY_ROW + 0.5, -0.5)
        ax.set_ylim(_write_key(ax, key, framed=hours is not None) + 0.5, -0.5)
        return head(ax, finding, subtitle, level=30)


def _frame(ax: Axes, hours: WorkingHours) -> None:
    opens, closes = hours.opens.hour, hours.closes.hour + bool(hours.closes.minute or hours.closes.second)
    for first, last in hours.runs:
        ax.add_patch(Rectangle((opens, first - 0.5), closes - opens, last - first + 1, zorder=4, **FRAME))


def _cell(ax: Axes, day: int, hour: int, number: float, bad: float, *, with_number: bool) -> None:
    if not number > 0:
        return
    _box(ax, hour + 0.5, day, _look(None if number < FEW else bad / number))
    if bad > 0 and with_number:
        write(ax, hour + 0.5, day, write_value(round(bad), "count"), ha="center", fontsize=8.5, in_layout=False)


def _box(ax: Axes, x: float, y: float, look: dict[str, Any]) -> None:
    ax.add_artist(Rectangle((x - 0.44, y - 0.42), 0.88, 0.84, zorder=2, clip_on=False, in_layout=False, **look))


def _look(share: float | None) -> dict[str, Any]:
    """A cell in the colour of its share: grey where none is bad, from pale to that of what is missed; or outlined."""
    if share is None:
        return {"facecolor": PAPER, "edgecolor": FAINT, "linewidth": 0.8}
    strength = 0.15 + 0.85 * min(share / DARKEST, 1.0)
    hue = tuple(1 - strength * (1 - part) for part in to_rgb(STATUSES["missed"].colour))
    return {"facecolor": hue if share > 0 else NONE_BAD, "edgecolor": "none", "linewidth": 0}


def _write_key(ax: Axes, key: str, *, framed: bool) -> float:
    """What the colours, the outline and the frame mean, below the week; returns the last row that it needs."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    lay_out(figure)
    hour = ax.get_window_extent().width * 72 / figure.dpi / 24  # its width in points
    short = {share: write_value(share, "share", short=True) for share in (0.0, 0.1, 0.25, DARKEST)}
    short[DARKEST] = _("{share} and more").format(share=short[DARKEST])
    items: list[tuple[str, Any]] = [(_(BAD[key]), None), *((text, _look(share)) for share, text in short.items())]
    items += [(_("fewer than {n}").format(n=FEW), _look(None)), *([(_("working hours"), FRAME)] if framed else [])]
    x, row = 0.0, _KEY_ROW
    for text, look in items:
        wide = 1.1 * (look is not None) + text_width(ax, text, 9) / hour
        if x + wide > 24:
            x, row = 0.0, row + 1.1
        if look:
            _box(ax, x + 0.5, row, look)
        write(ax, x + 1.1 * (look is not None), row, text, ha="left", fontsize=9, color=QUIET, in_layout=False)
        x += wide + 0.6
    return row


def _weekdays() -> list[str]:
    from babel.dates import get_day_names

    names = get_day_names("abbreviated", "stand-alone", language())
    return [names[day] for day in range(7)]
