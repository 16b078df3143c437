"""Explore: one KPI, over the months chosen, of one channel in time or of all channels side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ipywidgets as widgets
import pandas as pd
from matplotlib.axes import Axes

from kpi_helpers.catalogue import KPIS, Kpi, expanded
from kpi_helpers.charts import plot_channels, plot_trend
from kpi_helpers.comparisons import (
    OF_PEOPLE,
    WAITING,
    beside_others,
    family_words,
    in_points,
    judge_rows,
    of_people,
    open_leads,
    scorecard_verdict,
    star_words,
    verdict_cell,
)
from kpi_helpers.exports import Exports
from kpi_helpers.formula import Formula
from kpi_helpers.history import COMPANY, NOT_ADDED, History, is_ratio, scope_name
from kpi_helpers.labels import (
    is_missing,
    kpi_name,
    measure_name,
    month_name,
    month_short,
    month_span,
    upper_first,
    write_change,
    write_interval,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.signal_words import limits_sentence, signal_words
from kpi_helpers.tables import Column, data_table, page_style, reason_text
from kpi_helpers.tables.scorecard import write_ends
from kpi_helpers.terms import MEASURES, UNKNOWN
from kpi_helpers.trends import judge_change
from kpi_helpers.widgets.view import NAMES_UNCUT, Picture, View, choice, kpi_choices, offer, row_of, still_page

ALL = "*"
USUAL = "cpl"
YEAR = 13  # months shown first: the last one and the same month a year before

OTHER = ("difference", "low", "high", "verdict", "reason", "family", "people")  # of `judge_rows`
Rows = list[dict[str, Any]]


def explore_channels(exports: Exports) -> ChannelExplorer:
    """A view to compare channels by any KPI and to follow one through the months."""
    return ChannelExplorer(History(exports))


class ChannelExplorer(View):
    """Controls `kpi`, `scope` and `months`; `picture` and `table` follow them."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history, self._shown = history, ""
        self.title = _("Channels by KPI")
        keys = history.keys()
        self.kpi = choice(_("KPI"), kpi_choices(keys), USUAL if USUAL in keys else None)
        every = _("All channels side by side, or one through the months")
        self.scope = choice(_("Show"), self._scopes(), tooltip=every)
        self.months = self._month_slider()
        self.picture, self.table = Picture(), widgets.HTML()
        self.root = widgets.VBox([row_of(self.kpi, self.scope, self.months), self.picture.widget, self.table])
        self.listen(self._choose_kpi, self.kpi)
        self.listen(self._show, self.scope, self.months)
        self._show()

    def still(self) -> str:
        return still_page(self.picture.still(), self._shown)

    def _month_slider(self) -> Any:
        months = self._history.months
        options = [(f"{month_short(month)} {month.year}", month) for month in months]
        return widgets.SelectionRangeSlider(
            options=options, index=(max(len(months) - YEAR, 0), len(months) - 1), description=_("Months"),
            tooltip=_("The first and the last month: move an end with the mouse or the arrow keys"),
            continuous_update=False, style=NAMES_UNCUT, layout={"width": "460px", "max_width": "100%"},
        )  # fmt: skip

    def _scopes(self) -> list[tuple[str, str]]:
        """What can be shown of the KPI: a KPI of one channel or none is only followed, not compared."""
        channels = self._history.scopes(self.kpi.value)
        every = [(_("All channels"), ALL)] if len(channels) > 1 else []
        return [*every, (scope_name(COMPANY), COMPANY), *((scope_name(scope), scope) for scope in channels)]

    def _choose_kpi(self) -> None:
        with self.quiet():
            offer(self.scope, self._scopes(), self.scope.value)
        self._show()

    def _show(self) -> None:
        key, scope, (first, last) = self.kpi.value, self.scope.value, self.months.value
        draw = self._compare if scope == ALL else self._follow
        ax, alt, table = draw(KPIS[key], scope, first, last)
        self._shown = table
        self.picture.show(ax, alt)
        self.table.value = table + page_style()

    def _follow(self, row: Kpi, scope: str, first: Any, last: Any) -> tuple[Axes, str, str]:
        rows = self._history.of_scope(row.key, scope).loc[first:last]
        points: Rows = [{**dict(point), "period": month} for month, point in rows.iterrows()]
        history, currency = self._history, self._history.currency
        finding = f"{scope_name(scope)}: {self._change(row, points)}"
        subtitle = _("{kpi} by month").format(kpi=kpi_name(row.key)) + _formula_words(row)
        chart = history.process_chart(row.key, scope)
        usual = chart.months.reindex(rows.index)
        ax = plot_trend(
            list(rows.index), list(rows["value"]), style=row.style, currency=currency,
            limits=(list(usual["low"]), list(usual["high"])), signals=signal_words(usual),
            low=list(rows["low"]) if row.interval else None, high=list(rows["high"]) if row.interval else None,
            unfinished=history.unfinished and last == history.months[-1], finding=finding, subtitle=subtitle,
        )  # fmt: skip
        named = [(month_name(point["period"]), point) for point in reversed(points)]
        note = " ".join(filter(None, (_(row.watch_out), limits_sentence(chart))))
        return ax, f"{finding}. {subtitle}", _table(row, _("Month"), named, currency, note=note)

    def _compare(self, row: Kpi, _scope: str, first: Any, last: Any) -> tuple[Axes, str, str]:
        everything, currency = self._history.over(row.key, first, last), self._history.currency
        company = everything[everything["scope"] == COMPANY]
        channels = everything[everything["scope"] != COMPANY].rename(columns={"scope": "channel"})
        channels = channels[channels["channel"].isin(self._history.scopes(row.key))]
        channels = channels.sort_values("value", ascending=row.better == "lower", na_position="last", kind="stable")
        channels = self._against_others(row, channels, first, last)
        finding = _ranking(row, channels, currency)
        subtitle = month_span(first, last) + _formula_words(row)
        ax = plot_channels(
            channels, row.key, currency=currency, company=company["value"].max() if is_ratio(row) else None,
            finding=finding, subtitle=subtitle,
        )  # fmt: skip
        named = [(scope_name(point["channel"]), point) for point in channels.to_dict("records")]
        whole = [(scope_name(COMPANY), point) for point in company.to_dict("records")]
        months = len(pd.date_range(first, last, freq="MS"))
        family = int(channels["other_family"].max()) if "other_family" in channels else 0
        alone = channels.get("other_reason", pd.Series(dtype="str")) == "many_comparisons"
        stars = star_words([scope_name(name) for name in channels.loc[alone, "channel"]] if family else [])
        people = _("Visits of people: robots are taken off on both sides.")
        told = people if family and channels["other_people"].eq(True).any() else ""
        note = " ".join(filter(None, (_(row.watch_out), family_words(family, asked=False), stars, told)))
        table = _table(row, _("Channel"), named, currency, whole, months, note=note)
        return ax, f"{finding}. {subtitle}", table

    def _change(self, row: Kpi, points: Rows) -> str:
        """The last value in words, and how it stands to the month before it."""
        now, before = points[-1], points[-2] if len(points) > 1 else {}
        words = write_value(now["value"], row.style, self._history.currency)
        if is_missing(now["value"]) or is_missing(before.get("value")):
            return words
        change = write_change(now["value"], before["value"], row.style)
        verdict, ends = self._judged(row, now, before, [point["value"] for point in points[:-1]])
        known = {"better": _("better"), "worse": _("worse"), "noise": _("within noise"),
                 "not_enough": _("not enough data"), "too_early": _("too early to tell"),
                 "not_compared": _("not compared")}.get(verdict, "")  # fmt: skip
        told = ", ".join(filter(None, (ends, known)))
        return f"{words}, {_('{change} on the month before').format(change=change)}" + (f" ({told})" if told else "")

    def _judged(self, row: Kpi, now: Any, before: Any, history: list[float]) -> tuple[str, str]:
        """Whether a KPI really changed, and of a share the interval of its change, in points."""
        if row.interval != "proportion" or row.is_rolling:
            return judge_change(row, now, before, history), ""
        sides = [self._counted(row, pd.DataFrame([point]), point["period"], point["period"]) for point in (now, before)]
        rows = sides[0].join(sides[1].add_suffix("_before")).assign(kpi=row.key, reason="")
        told = judge_rows(of_people(rows)).iloc[0].to_dict()
        return scorecard_verdict(told), write_ends(told["low"], told["high"])

    def _against_others(self, row: Kpi, channels: pd.DataFrame, first: Any, last: Any) -> pd.DataFrame:
        """The channels, of shares each against all the other named ones together (see `judge_rows`), as one family."""
        named = channels[(channels["channel"] != UNKNOWN) & (channels["denominator"] > 0)]
        if row.interval != "proportion" or row.is_rolling or len(named) < 2:
            return channels
        rows = beside_others(self._counted(row, named.rename(columns={"channel": "scope"}), first, last))
        found = judge_rows(of_people(rows)).set_axis(named.index)
        return channels.join(found[list(OTHER)].add_prefix("other_"))

    def _counted(self, row: Kpi, points: pd.DataFrame, first: Any, last: Any) -> pd.DataFrame:
        """What a share of scopes over months is of: hits, trials, leads still open, robots; visitors are not added."""
        robots = points["scope"].map(self._robots(row, first, last)).astype("float64")
        return pd.DataFrame({
            "kpi": row.key, "hits": points["numerator"], "trials": points["denominator"],
            "open": points["scope"].map(self._open(row, first, last)).fillna(0.0), "robots": robots.fillna(0.0),
            "untold": robots.isna().astype("float64"), "visitors": 0.0, "unseen": 1.0,
        }).astype(dict.fromkeys(("hits", "trials", "open"), "float64"))  # fmt: skip

    def _robots(self, row: Kpi, first: Any, last: Any) -> dict[str, float]:
        """Visits of robots by scope, where all of these months know them and the share is one of people."""
        if row.key not in OF_PEOPLE or not self._history.scopes("robot_share"):
            return {}
        found = self._history.over("robot_share", first, last).set_index("scope")
        whole = found["months"] == len(pd.date_range(first, last, freq="MS"))
        return {str(scope): float(n) for scope, n in found.loc[whole, "numerator"].to_dict().items()}

    def _open(self, row: Kpi, first: Any, last: Any) -> dict[str, float]:
        """Leads of these months that still wait for the verdict, by scope."""
        month = replace(self._history.month, days=self._history.month.length)
        if row.key not in WAITING or "leads" not in month.tables:
            return {}
        found = pd.concat([open_leads(month, row.key, by) for by in (None, "channel")])
        sums = found[found["period"].between(first, last)].groupby("scope")["open"].sum()
        return {str(scope): float(n) for scope, n in sums.to_dict().items()}


def _ranking(row: Kpi, channels: pd.DataFrame, currency: str) -> str:
    """The first and the last channel, where their intervals allow to say so; the unknown channel does not compete."""
    known = channels[channels["value"].notna() & (channels["channel"] != UNKNOWN)]
    name = kpi_name(row.key)
    if len(known) < 2:
        return name
    ends = [known.iloc[0], known.iloc[-1]]
    upper, lower = sorted(ends, key=lambda end: end["value"], reverse=True)
    alike = upper["low"] <= lower["high"] if row.interval else False
    if "other_verdict" in known:
        alike = not any(end["other_verdict"] in ("higher", "lower") for end in ends)
    if alike:
        return _("{kpi}: the differences between channels are within noise").format(kpi=name)
    form = _("{kpi}: most {best} ({high}), least {worst} ({low})") if row.better == "neither" else _(
        "{kpi}: best {best} ({high}), last {worst} ({low})")  # fmt: skip
    high, low = (write_value(end["value"], row.style, currency) for end in ends)
    first, last = (scope_name(end["channel"]) for end in ends)
    return form.format(kpi=name, best=first, high=high, worst=last, low=low)


def _formula_words(row: Kpi) -> str:
    return "" if row.formula.names == (row.key,) else f" · {row.formula.to_text(measure_name)}"


def _table(
    row: Kpi, head: str, named: Sequence[tuple[str, Any]], currency: str, whole: Sequence[tuple[str, Any]] = (),
    months: int = 1, *, note: str = "",
) -> str:  # fmt: skip
    """Values with what they are made of; columns that would be empty in every row are left out."""
    points = [point for _name, point in [*named, *whole]]
    columns = [Column(head), Column(_("Value"), row.style)]
    cells: list[Any] = [lambda point: point["value"]]
    if row.interval:
        columns.append(Column(_("95% interval")))
        cells.append(lambda point: write_interval(point["low"], point["high"], row.style, currency))
    if any("other_verdict" in point for point in points):
        columns += [Column(_("Against the others, pp"), "number"), Column(_("95% interval, pp"), "number"),
                    Column(_("Verdict"))]  # fmt: skip
        cells += [lambda point: in_points(_other(row, point))[0], lambda point: in_points(_other(row, point))[1],
                  lambda point: _verdict(row, point)]  # fmt: skip
    formula = expanded(row.key)
    for part, name in ((formula.numerator, "numerator"), (formula.denominator, "denominator")):
        if formula.is_ratio and part is not None:
            columns.append(Column(upper_first(part.to_text(measure_name)), _style(part)))
            cells.append(lambda point, name=name: point[name])
    if months > 1 and any(point["months"] != months for point in points):
        columns.append(Column(_("Months of {n}").format(n=months), "count"))
        cells.append(lambda point: point["months"])
    if any(is_missing(point["value"]) for point in points):
        columns.append(Column(_("Why there is no value")))
        cells.append(_reason)
    rows = [[name, *(cell(point) for cell in cells)] for name, point in named]
    total = next(([name, *(cell(point) for cell in cells)] for name, point in whole), None)
    return data_table(columns, rows, currency=currency, total=total, note=note)


def _other(row: Kpi, point: Any) -> dict[str, Any]:
    """A channel's comparison with the others; without a difference for the company, which has no others."""
    return {"kpi": row.key, **{name: point.get(f"other_{name}") for name in OTHER}}


def _verdict(row: Kpi, point: Any) -> Any:
    found = _other(row, point)
    return verdict_cell(found) if isinstance(found["verdict"], str) else ""


def _reason(point: Any) -> str:
    if not is_missing(point["value"]):
        return ""
    if point["reason"] == NOT_ADDED:
        return _("cannot be added over months: choose one month")
    return reason_text(point["reason"] if isinstance(point["reason"], str) else "no_rows")


def _style(part: Formula) -> str:
    return "money" if all(MEASURES[name].unit == "money" for name in part.names) else "count"
