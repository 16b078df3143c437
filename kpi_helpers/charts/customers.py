"""Customers: what they bring with age against what they cost, and how soon they buy a second time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import Label, brief, floats, start_at_zero, value_axis, write, write_apart
from kpi_helpers.labels import is_missing, write_value
from kpi_helpers.language import _
from kpi_helpers.palette import ACCENT, INK, PAPER, QUIET

MARKS = (30, 90, 180, 365)  # days at which the share is written
MONTH_STEPS = 3


def plot_money_by_age(
    curve: pd.DataFrame, *, expected: Any = None, low: Any = None, high: Any = None, cost: Any = None,
    payback: Any = None, currency: str = "", finding: str = "", subtitle: str = "", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The money of a customer by months since the first purchase as a line, against the cost of one as a level.

    `curve`: columns months_since and money, perhaps low and high, its band (NaN where nothing is seen). `expected`,
    `low`, `high`: by the same months, what a model expects of a new customer, dashed with a band. `payback`: the month
    to be ringed.
    """
    with drawing_style():
        ax = new_axes(3.5, ax)
        months, money = floats([*curve["months_since"]]), floats([*curve["money"]])
        if low is not None and high is not None and np.isfinite(floats(low)).any():
            ax.fill_between(months, floats(low), floats(high), color=QUIET, alpha=0.14, linewidth=0)
        if "low" in curve:
            bottom, top = (floats([*curve[end]]) for end in ("low", "high"))
            ax.fill_between(months, bottom, top, color=ACCENT, alpha=0.13, linewidth=0)
        labels = _draw_seen(ax, months, money, currency)
        if expected is not None and np.isfinite(floats(expected)).any():
            labels.append(_draw_expected(ax, months, floats(expected), currency))
        if not is_missing(cost):
            ax.axhline(cost, color=INK, linewidth=1)
            labels.append((float(cost), f"CAC {brief(cost, 'money', currency)}", {}))
        if not is_missing(payback):
            _ring(ax, float(payback), float(money[int(payback)]))
        start_at_zero(ax, 1.12)
        ax.set_xlim(-0.4, months[-1] + 0.2)
        ax.set_xticks(range(0, int(months[-1]) + 1, MONTH_STEPS))
        value_axis(ax, "y", "money", currency)
        write_apart(ax, months[-1], labels)
        _name_axis(ax, _("months since the first purchase; 0 is its day"))
        return head(ax, finding, subtitle)


def plot_second_purchase(
    curve: pd.DataFrame, days: float, *, finding: str = "", subtitle: str = "", ax: Axes | None = None
) -> Axes:
    """The share of customers who have bought a second time by days since the first purchase, with its 95 % band.

    `curve`: day, bought, low, high, as `describe_second_purchase` gives it; `days`: how far the axis reaches. The share
    is written at 30, 90, 180 and 365 days.
    """
    with drawing_style():
        ax = new_axes(3.2, ax)
        shown = curve[curve["day"] <= days]
        x = np.append(np.insert(floats([*shown["day"]]), 0, 0.0), days)
        steps = {name: np.insert(floats([*shown[name]]), 0, 0.0) for name in ("bought", "low", "high")}
        bought, low, high = (np.append(line, line[-1]) for line in steps.values())
        ax.fill_between(x, low, high, step="post", color=ACCENT, alpha=0.16, linewidth=0)
        ax.step(x, bought, where="post", color=ACCENT, linewidth=2.2)
        for mark in (mark for mark in MARKS if mark <= days):
            level = float(bought[np.searchsorted(x, mark, side="right") - 1])
            ax.plot(mark, level, "o", color=ACCENT, markersize=5.5)
            words = f"{write_value(level, 'share', short=True)}"
            write(ax, mark, level, words, dx=5, dy=-11, ha="left", fontweight="bold")
        ax.set_xlim(0, days * 1.02)
        ax.set_xticks([mark for mark in (0, *MARKS, 540, 730) if mark <= days])
        ax.set_ylim(0, max(float(np.nanmax(high)) * 1.1, 0.02))
        value_axis(ax, "y", "share", "")
        _name_axis(ax, _("days since the first purchase"))
        return head(ax, finding, subtitle)


def _draw_seen(ax: Axes, months: np.ndarray, money: np.ndarray, currency: str) -> list[Label]:
    ax.plot(months, money, color=ACCENT, linewidth=2.2)
    if not np.isfinite(money).any():
        return []
    last = int(np.flatnonzero(np.isfinite(money))[-1])
    ax.plot(months[last], money[last], "o", color=ACCENT, markersize=5)
    words = _("seen") + f" {brief(money[last], 'money', currency)}"
    return [(money[last], words, {"color": ACCENT, "fontweight": "bold"})]


def _draw_expected(ax: Axes, months: np.ndarray, line: np.ndarray, currency: str) -> Label:
    ax.plot(months, line, color=QUIET, linewidth=1.4, linestyle=(0, (4, 2)), zorder=1.8)
    return line[-1], _("expected") + f" {brief(line[-1], 'money', currency)}", {"color": QUIET}


def _ring(ax: Axes, month: float, money: float) -> None:
    ax.plot(month, money, "o", markersize=13, markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.3,
            zorder=5, clip_on=False)  # fmt: skip
    behind = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
    write(ax, month, money, _("paid back"), dx=11, dy=-13, ha="left", fontsize=10, bbox=behind)


def _name_axis(ax: Axes, words: str) -> None:
    ax.set_xlabel(words, fontsize=10, color=QUIET, loc="left")
