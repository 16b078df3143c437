"""Deals: revenue by month of the lead, ripe or not, and channels credited by one rule and by another."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from pandas import DataFrame

from kpi_helpers.charts.paper import drawing_style, head, new_axes
from kpi_helpers.charts.scales import brief, floats, letters, month_axis, value_axis, write, write_apart
from kpi_helpers.lettering import cut_middle
from kpi_helpers.palette import ACCENT, FAINT, INK, PAPER, QUIET

ROOM = 1.1  # of the highest bar or whisker: the labels need some
WIDE = 0.7  # of a bar
DASHES: Any = (0, (3, 2))
AWAY = 0.09  # of the way between two rules: labels stand so far beside their points
NAME = 22  # letters of a channel's name beside its line


def plot_lead_months(
    months: DataFrame, *, style: str = "money", currency: str = "", finding: str = "", subtitle: str = "",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """What the leads of each month have brought: solid bars of mature months, hollow ones of the others.

    Over a hollow bar stands what the month is expected to bring in the end, dashed, with its interval as a whisker; the
    last month has its numbers beside it. `months`: month, seen, matured, matured_low, matured_high and verdict, the
    oldest first.
    """
    columns = ("seen", "matured", "matured_low", "matured_high")
    seen, matured, low, high = (floats(list(months[name])) for name in columns)
    mature = (months["verdict"] == "mature").to_numpy()
    with drawing_style():
        ax = new_axes(3.3, ax)
        faces = [ACCENT if is_mature else PAPER for is_mature in mature]
        ax.bar(range(len(seen)), np.nan_to_num(seen), WIDE, color=faces, edgecolor=ACCENT, linewidth=1.2, zorder=3)
        expected = np.flatnonzero(~mature & np.isfinite(matured))
        ax.bar(expected, (matured - seen)[expected], WIDE, bottom=seen[expected], facecolor="none", edgecolor=ACCENT,
               linewidth=1.2, linestyle=DASHES, zorder=2)  # fmt: skip
        ax.vlines(expected, low[expected], high[expected], color=INK, linewidth=1.4, zorder=4)
        tops = np.concatenate([seen, matured[expected], high[expected], [0.0]])
        most = float(np.nanmax(tops)) or 1.0
        ax.set_xlim(-0.6, len(months) - 0.4)
        ax.set_ylim(0, most * ROOM)
        ax.axhline(0, color=QUIET, linewidth=0.9)
        value_axis(ax, "y", style, currency)
        _label_last(ax, seen, matured, mature, style, currency)
        month_axis(ax, list(months["month"]))
        return head(ax, finding, subtitle)


def _label_last(ax: Axes, seen: np.ndarray, matured: np.ndarray, mature: np.ndarray, style: str, currency: str) -> None:
    """What the last month has brought and, where it is not mature, will bring, to the right of its bar."""
    last = len(seen) - 1
    if last < 0 or not np.isfinite(seen[last]):
        return
    labels = [(float(seen[last]), brief(seen[last], style, currency), {"fontweight": "bold", "color": INK})]
    if not mature[last] and np.isfinite(matured[last]):
        value = round(matured[last]) if style == "count" else matured[last]
        labels.append((float(matured[last]), brief(value, style, currency), {"color": QUIET}))
    write_apart(ax, ax.get_xlim()[1] - 0.15, labels)


def plot_credit(shares: DataFrame, *, finding: str = "", subtitle: str = "", ax: Axes | None = None) -> Axes:
    """The share of each channel by each rule of attribution: a line per row, its name and shares at the ends.

    `shares`: a column per rule (its name is shown), the channel's name as index; fractions. The line whose ends differ
    most is drawn strong.
    """
    rules, ends = list(shares.columns), shares.iloc[:, [0, -1]].to_numpy(dtype=float)
    strongest = int(np.argmax(np.abs(ends[:, 1] - ends[:, 0]))) if len(shares) else -1
    with drawing_style():
        ax = new_axes(1.4 + 0.42 * max(len(shares), 5), ax)
        for place, (_name, row) in enumerate(shares.iterrows()):
            strong = place == strongest
            colour, width, above = (ACCENT, 2.4, 3) if strong else (FAINT, 1.4, 2)
            ax.plot(range(len(rules)), row.to_numpy(dtype=float), "o-", color=colour, linewidth=width, markersize=5,
                    zorder=above, clip_on=False)  # fmt: skip
        ax.set_xlim(0, len(rules) - 1)
        ax.set_ylim(0, max(float(np.nanmax(shares.to_numpy(dtype=float))) if len(shares) else 0.0, 0.01) * 1.08)
        ax.set_yticks([])
        ax.set_xticks(range(len(rules)), [str(rule).replace(" ", "\n") for rule in rules])
        ax.xaxis.grid(True, color=FAINT, linewidth=0.6)
        _name_ends(ax, shares, ends, strongest)
        return head(ax, finding, subtitle)


def _name_ends(ax: Axes, shares: DataFrame, ends: np.ndarray, strongest: int) -> None:
    looks: list[dict[str, Any]] = [{"color": INK if place == strongest else QUIET} for place in range(len(shares))]
    names = [letters(cut_middle(str(name), NAME)) for name in shares.index]
    values = [[brief(value, "share", "") for value in pair] for pair in ends]
    last, there = len(shares.columns) - 1, len(ax.texts)
    labels = sorted(zip(ends[:, 1].tolist(), values, names, looks, strict=True), key=lambda label: label[0])
    write_apart(ax, last + AWAY, [(end, f"{value[1]}  {name}", look) for end, value, name, look in labels])
    for (end, *_rest), text in zip(labels, ax.texts[there:], strict=True):
        ax.plot([last, last + AWAY], [end, text.xy[1]], color=FAINT, linewidth=0.7, clip_on=False)  # type: ignore[attr-defined]
    if strongest >= 0:
        write(ax, 0, float(ends[strongest, 0]), values[strongest][0], dx=-9, ha="right", **looks[strongest])
