"""The tables and the chart of moving money."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from PIL import Image

from kpi_helpers.budget import Curves, curve_points, what_if
from kpi_helpers.budget.curves import ALL
from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.response import freeze, move_plan, plot_response
from kpi_helpers.labels import NO_VALUE, channel_name, is_missing, upper_first, write_value
from kpi_helpers.language import _
from kpi_helpers.response import MONTH, Advice, Weeks, nudge
from kpi_helpers.response_words import (
    DIRECTIONS,
    FORMS,
    refusal_words,
    result_name,
    write_result,
    write_span,
)
from kpi_helpers.tables import Column, data_table
from kpi_helpers.widgets.live_chart import LiveChart

POINTS = 61  # of a curve
_WORDS = Markup('<div class="kpi"><div class="live"><span class="word">{}</span></div><p>{}</p></div>')
_TITLED = Markup('<div class="kpi"><h4>{}</h4>{}</div>')
_LINES = Markup('<div class="kpi"><p class="note">{}</p></div>')


def response_chart(
    curves: Curves, result: str, currency: str, planned: Mapping[str, float], finding: str
) -> tuple[Axes, str]:
    """The curves a month, and the words for who cannot see them."""
    points, spends = curve_points(curves, POINTS), curves.spends * MONTH
    for name in ("spend", "outcome", "outcome_low", "outcome_high"):
        points[name] *= MONTH
    subtitle = _(
        "{result} a month by spend a month · dot: today, ring: what if · band: 95% interval of all curves · grey: "
        "spent before, dashed: no data"
    ).format(result=result_name(result))
    names = {form: _(words) for form, words in FORMS.items()}
    ax = plot_response(points, spends, names=names, style=KPIS[result].style, currency=currency,
                       planned=monthly(planned), finding=finding, subtitle=subtitle)  # fmt: skip
    return ax, f"{finding}. {subtitle}"


def monthly(spends: Mapping[str, float]) -> dict[str, float]:
    """Money a week as money a month."""
    return {channel: spend * MONTH for channel, spend in spends.items()}


class ResponseChart(LiveChart):
    """Shows the curves; another plan of the same curves only moves the rings."""

    def show_curves(self, ax: Axes, alt: str) -> None:
        self._words = alt
        self.show(ax, alt)
        freeze(ax)

    def clear(self) -> None:
        self._ax, self.widget.value = None, ""

    def follow_plan(self, planned: Mapping[str, float]) -> None:
        if self._ax is not None and move_plan(self._ax, monthly(planned)):
            self.replace(_png(self._ax), self._words)


def _png(ax: Axes) -> bytes:
    """The figure with all its colours: fewer of them would swallow the pale grey of what was spent before."""
    figure: Any = ax.get_figure(root=True)
    figure.canvas.draw()
    raw = io.BytesIO()
    Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB").save(raw, "PNG", compress_level=1)
    return raw.getvalue()


def said_html(headline: str, lines: list[str]) -> str:
    """The answer to what if, large, and what belongs to it."""
    return str(_WORDS.format(headline, Markup(" ").join(filter(None, lines))))


def titled_html(title: str, lines: list[str]) -> str:
    """Sentences below a heading, one a paragraph."""
    body = Markup("").join(Markup("<p>{}</p>").format(line) for line in lines if line)
    return str(_TITLED.format(title, body))


def notes_html(lines: list[str]) -> str:
    return str(_LINES.format(Markup("<br>").join(lines))) if lines else ""


def forms_table(expected: pd.DataFrame, today: pd.DataFrame, result: str, currency: str) -> str:
    """The answer of each form side by side, and of all together."""
    heads = (_("If the curve has"), _("Today, a month"), _("What if"), _("Difference"), _("95% interval"))
    now, rows = today.set_index("form")["outcome"] * MONTH, []
    for row in expected.to_dict("records"):
        span = write_span(row["change_low"] * MONTH, row["change_high"] * MONTH, result, currency, signed=True)
        if row["form"] == ALL:
            rows.append([_("All curves together"), "", "", "", span])
            continue
        values = [write_result(value, result, currency) for value in (now[row["form"]], row["outcome"] * MONTH)]
        change = write_result(row["change"] * MONTH, result, currency, signed=True)
        rows.append([_(FORMS[row["form"]]), *values, change, span])
    columns = [Column(head, "number" if place else "text") for place, head in enumerate(heads)]
    caption = _("What if: {result} a month").format(result=result_name(result))
    return data_table(columns, rows[:-1], caption=caption, total=rows[-1])


def today_forms(curves: Curves) -> pd.DataFrame:
    """What each form expects of today's split."""
    return what_if(curves, {})


def next_table(returns: pd.DataFrame, curves: Curves, result: str, currency: str) -> str:
    """What the next money brings, channel by channel, and whether it comes back."""
    money, has_profit = write_value(nudge(curves), "money", currency), bool(returns["profit"].notna().any())
    heads = [_("Channel"), _("Spend a month"), _("{result} a month").format(result=result_name(result)),
             _("The next {money} bring").format(money=money), _("95% interval")]  # fmt: skip
    heads += [_("Profit of the next {money}").format(money=money)] if has_profit else []
    rows = []
    for row in returns.sort_values("brings", ascending=False).to_dict("records"):
        cells = [channel_name(row["channel"]), write_value(row["spend"], "money", currency),
                 *(write_result(row[name], result, currency) for name in ("outcome", "brings")),
                 write_span(row["brings_low"], row["brings_high"], result, currency)]  # fmt: skip
        rows.append([*cells, *([_profit(row, currency)] if has_profit else [])])
    columns = [Column(head, "number" if place else "text") for place, head in enumerate(heads)]
    note = _("Profit: at the channel's usual margin per unit of the result, last 12 months, less the money itself; the "
             "interval holds the chance of the curves, not that of the margin.")  # fmt: skip
    return data_table(columns, rows, caption=_("The next {money}").format(money=money),
                      note=note if has_profit and result != "margin" else "")  # fmt: skip


def _profit(row: Mapping[Any, Any], currency: str) -> str:
    if is_missing(row["profit"]):
        return NO_VALUE
    return write_span(row["profit_low"], row["profit_high"], "margin", currency, signed=True)


def best_table(best: pd.DataFrame, advice: Advice, currency: str) -> str:
    """The best split of each form side by side, a month, and what they agree on."""
    forms = list(dict.fromkeys(best["form"]))
    spends = best.pivot(index="channel", columns="form", values="spend") * MONTH
    today = best.drop_duplicates("channel").set_index("channel")["today"] * MONTH
    heads = [_("Channel"), _("Today, a month"), *(_(FORMS[form]) for form in forms), _("All curves")]
    rows = [
        [channel_name(channel), write_value(today[channel], "money", currency),
         *(write_value(spends.at[channel, form], "money", currency) for form in forms), _(DIRECTIONS[direction])]
        for channel, direction in advice.directions.items()
    ]  # fmt: skip
    ends = (0, len(heads) - 1)
    columns = [Column(head, "text" if place in ends else "number") for place, head in enumerate(heads)]
    return data_table(columns, rows, caption=_("The best split of this money, if the curve has …"))


def refused_table(curves: Curves, weeks: Weeks, currency: str, empty: frozenset[str] = frozenset()) -> str:
    """The channels that stay as they are, why, and what would help; "" where there is none. `empty` can be saved."""
    refused = curves.checks[curves.checks["refusal"] != ""]
    if refused.empty:
        return ""
    came: Any = weeks.table.groupby("channel")["outcome"].sum()
    recent = weeks.table[weeks.table["date"] > weeks.table["date"].max() - pd.Timedelta(days=28)]
    spend: Any = recent.groupby("channel")["spend"].mean() * MONTH
    rows = []
    for check in refused.to_dict("records"):
        why, step = refusal_words({str(key): value for key, value in check.items()}, float(came[check["channel"]]))
        money = write_value(spend[check["channel"]], "money", currency)
        if check["channel"] in empty and spend[check["channel"]] > 0:
            step = _("Its visits are proven empty: switched off, it saves {money} a month.").format(money=money)
        words = (escape(text) for text in (upper_first(why) + ".", step))  # sentences are not cut
        rows.append([channel_name(check["channel"]), money, *words])
    titles = (_("Channel"), _("Spend a month"), _("Why it has no curve"), _("What would help"))
    columns = [Column(title, "number" if place == 1 else "text") for place, title in enumerate(titles)]
    return data_table(columns, rows, caption=_("These stay as they are"))
