"""The sections of the monthly report that every company has: title, headlines, scorecard, funnel, goals, receipt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from kpi_helpers import tables
from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts import plot_funnel, plot_pace
from kpi_helpers.coverage import late_exports
from kpi_helpers.labels import (
    STYLES,
    channel_name,
    is_missing,
    kpi_name,
    lower_first,
    measure_name,
    month_name,
    owner_name,
    write_change,
    write_date,
    write_days,
    write_interval,
    write_list,
    write_period,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.reports.record import missing_parts
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import find_headlines, goal_words, kpi_sentence, row_of
from kpi_helpers.tables import Column
from kpi_helpers.terms import TABLES

ON_SCORECARD = (
    "leads", "cpl", "qualification_rate", "new_customers", "cac", "revenue", "drr", "romi", "repeat_rate",
    "answered_in_time", "nps", "awareness_aided",
)  # fmt: skip
MOST_ROWS = 12
FUNNEL = ("visits", "leads", "qualified_leads", "won_leads")
SHOP_FUNNEL = ("visits", "orders")
UNRIPE = ("won_leads",)  # deals of the last months are still open: no finding is drawn from them
PACED = ("revenue", "leads", "orders", "visits")


def show_title(month: Month) -> Section:
    """The title: client, month, and the days covered. It also carries the style sheet of the page."""
    period = write_period(month.start, month.end)
    covered = _("complete") if month.first_days is None else _(
        "unfinished: compared with the first {days} of other months"
    ).format(days=write_days(month.days))  # fmt: skip
    title = _("{client}: {month}").format(client=month.client, month=month_name(month.start))
    return Title("title", title).html(tables.title_block(title, f"{period}, {covered}"))


class Title(Section):
    """The first section: its heading is the page's."""

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        return {"text/html": tables.page_style() + "".join(self.parts), "text/plain": self.title}


def show_headlines(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """The month in three to five sentences."""
    return Section("summary", _("In short")).html(tables.headlines(find_headlines(month, card, channels)))


def show_scorecard(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """The scorecard: the KPIs with goals first, then the usual ones, at most twelve rows."""
    goals = pd.concat([card[card["status"] != "no_goal"], channels[channels["status"] != "no_goal"]])
    usual = card[card["kpi"].isin(ON_SCORECARD) & ~card["kpi"].isin(goals["kpi"]) & card["value"].notna()]
    shown = pd.concat([goals, usual]).head(MOST_ROWS)
    section = Section("scorecard", _("Scorecard"), currency=month.currency)
    section.html(tables.scorecard_table(shown, month.currency))
    return section.sheet(_("Scorecard"), *_score_sheet(pd.concat([card, channels])))


def _score_sheet(card: pd.DataFrame) -> tuple[list[Column], list[list[Any]]]:
    """All rows of the scorecard for the spreadsheet, one number format a row is not possible: shares stay fractions."""
    numbers = ("value", "low", "high", "previous", "year_ago", "goal", "numerator", "denominator")
    titles = (
        _("Value"), _("Lower bound"), _("Upper bound"), _("Last month"), _("Last year"), _("Goal"), _("Numerator"),
        _("Denominator"),
    )  # fmt: skip
    columns = [Column(_("KPI")), Column(_("Scope")), Column(_("Unit"))]
    columns += [Column(title, "number") for title in titles] + [Column(_("Status")), Column(_("Owner"))]
    rows = [
        [kpi_name(row["kpi"]), scope_name(row["scope"]), _(STYLES[KPIS[row["kpi"]].style])]
        + [row[name] for name in numbers]
        + [tables.status_badge(row["status"], KPIS[row["kpi"]].better, KPIS[row["kpi"]].style), owner_name(row["owner"])]
        for row in card.to_dict("records")
    ]
    return columns, rows


def scope_name(scope: str) -> str:
    """The company, or a channel's name."""
    return _("company") if scope == "company" else channel_name(scope)


def show_funnel(month: Month, card: pd.DataFrame) -> Section:
    """From visit to deal (or order), with the rate between the steps."""
    section = Section("funnel", _("Funnel"))
    steps = FUNNEL if "leads" in month.tables else SHOP_FUNNEL
    if needs(section, month, "traffic") and not any(table in month.tables for table in ("leads", "orders")):
        return section
    now = sum_measures(month.tables, "month", first_days=month.first_days, keys=steps)
    now = now.set_index("period").reindex(periods_compared(month))
    known = [key for key in steps if now[key].notna().iloc[-1]]
    if len(known) < 2:
        needs(section, month, "leads", "orders")
        return section
    bars = [(kpi_name(key), float(now[key].iloc[-1]), _rate(now, known, place)) for place, key in enumerate(known)]
    finding = _funnel_finding(now, [key for key in known if key not in UNRIPE] if len(known) > 2 else known)
    subtitle = write_period(month.start, month.end)
    section.chart(plot_funnel(bars, finding=finding, subtitle=subtitle), f"{finding}. {subtitle}")
    columns = [Column(_("Step"))] + [
        column
        for period in reversed(now.index)
        for column in (Column(month_name(period), "count"), Column(_("rate"), "share"))
    ]
    rows = [
        [kpi_name(key)] + [cell for line in range(len(now))[::-1] for cell in (now[key].iloc[line], _step(now, known, place, line))]
        for place, key in enumerate(known)
    ]
    note = _("Leads are followed by the month in which they came: with a long deal cycle the last months are not ripe.")
    return section.table(columns, rows, note=note if "won_leads" in known else "")


def _funnel_finding(sums: pd.DataFrame, known: list[str]) -> str:
    """The step whose rate changed most against the year before; without a year before, the steps' rates."""
    now, before = ([_step(sums, known, place, line) for place in range(1, len(known))] for line in (-1, 0))
    change = [abs(a / b - 1) if b else np.nan for a, b in zip(now, before, strict=True)]
    if np.isnan(change).all():
        rates = [f"{kpi_name(known[place + 1])}: {write_value(rate, 'share')}" for place, rate in enumerate(now)]
        return ", ".join(rates)
    place = int(np.nanargmax(change))
    return _("{first} → {last}: {now}, a year ago {before}").format(
        first=kpi_name(known[place]),
        last=lower_first(kpi_name(known[place + 1])),
        now=write_value(now[place], "share"),
        before=write_value(before[place], "share"),
    )


def periods_compared(month: Month) -> list[pd.Timestamp]:
    """A year ago, last month, this month."""
    now = pd.Timestamp(month.start)
    return [now - pd.DateOffset(months=12), now - pd.DateOffset(months=1), now]


def _step(sums: pd.DataFrame, known: list[str], place: int, line: int) -> float:
    return sums[known[place]].iloc[line] / sums[known[place - 1]].iloc[line] if place else np.nan


def _rate(sums: pd.DataFrame, known: list[str], place: int) -> str:
    return write_value(_step(sums, known, place, -1), "share") if place else ""


def show_goals(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """Every goal of the month: where it stands, and how the sums ran against the plan day by day."""
    section = Section("goals", _("Goals and pace"), currency=month.currency)
    goals = pd.concat([card[card["status"] != "no_goal"], channels[channels["status"] != "no_goal"]])
    if goals.empty:
        return section.notice(
            _("No goals hold in this month."), _("Write them into goals.csv, or set them in the notebook set_goals.")
        )
    for key in [key for key in PACED if (row := row_of(goals, key)) and not is_missing(row["value"])][:2]:
        _pace_chart(section, month, row_of(goals, key) or {})
    columns = [Column(_("KPI")), Column(_("Scope")), Column(_("Value"), "number"), Column(_("Goal"), "number"),
               Column(_("Difference"), "number"), Column(_("Status")), Column(_("Owner"))]  # fmt: skip
    rows = [_goal_row(row, month.currency) for row in goals.to_dict("records")]
    note = "" if month.first_days is None else _(
        "Goals of sums are taken for {days} of {all}; ratios are held against the whole goal."
    ).format(days=month.days, all=write_days(month.length))  # fmt: skip
    return section.table(columns, rows, note=note)


def _goal_row(row: dict[Any, Any], currency: str) -> list[Any]:
    kpi = KPIS[row["kpi"]]
    return [
        kpi_name(row["kpi"]),
        scope_name(row["scope"]),
        write_value(row["value"], kpi.style, currency),
        write_value(row["goal"], kpi.style, currency),
        write_change(row["value"], row["goal"], kpi.style),
        tables.status_badge(row["status"], kpi.better, kpi.style),
        owner_name(row["owner"]),
    ]


def _pace_chart(section: Section, month: Month, row: dict[str, Any]) -> None:
    days = pd.date_range(month.start, periods=month.length, unit="us")
    daily = sum_measures(month.tables, "day", keys=[row["kpi"]]).set_index("period")[row["kpi"]]
    actual = daily.reindex(days).fillna(0).cumsum().where(days <= pd.Timestamp(month.end))
    plan = np.linspace(0, row["goal_full"], month.length + 1)[1:]
    name, words = kpi_name(row["kpi"]), goal_words(row, month.currency)
    finding = f"{name}: {words}"
    subtitle = _("Since the start of the month, by day; the plan in equal steps")
    style = KPIS[row["kpi"]].style
    ax = plot_pace(
        [day.date() for day in days], actual.tolist(), plan.tolist(), style=style, currency=month.currency,
        finding=finding, subtitle=subtitle,
    )  # fmt: skip
    section.chart(ax, kpi_sentence(row, month.currency))


def show_kpis(month: Month, card: pd.DataFrame, anchor: str, title: str, keys: Iterable[str]) -> Section:
    """A section that is a table of KPIs with their intervals, changes and goals; what is missing is said below it."""
    section = Section(anchor, title, currency=month.currency)
    rows = [row for key in keys if (row := row_of(card, key))]
    known = [row for row in rows if not is_missing(row["value"])]
    if known:
        section.table(_kpi_columns(), [_kpi_row(row, month.currency) for row in known])
    explain_missing(section, month, [row for row in rows if is_missing(row["value"])])
    return section


def _kpi_columns() -> list[Column]:
    numbers = (_("Value"), _("95% interval"), _("vs last month"), _("vs last year"), _("Goal"))
    return [Column(_("KPI")), *(Column(title, "number") for title in numbers), Column(_("Status"))]


def _kpi_row(row: dict[str, Any], currency: str) -> list[Any]:
    kpi = KPIS[row["kpi"]]
    return [
        kpi_name(row["kpi"]),
        write_value(row["value"], kpi.style, currency),
        write_interval(row["low"], row["high"], kpi.style, currency),
        write_change(row["value"], row["previous"], kpi.style),
        write_change(row["value"], row["year_ago"], kpi.style),
        "" if is_missing(row["goal"]) else write_value(row["goal"], kpi.style, currency),
        tables.status_badge(row["status"], kpi.better, kpi.style) if row["status"] != "no_goal" else "",
    ]


def explain_missing(section: Section, month: Month, rows: Iterable[dict[str, Any]]) -> None:
    """Say once for each cause why KPIs have no value, and which export would give them one."""
    causes: dict[str, list[str]] = {}
    for row in rows:
        causes.setdefault(row["reason"], []).append(kpi_name(row["kpi"]))
    for reason, names in causes.items():
        code, _colon, table = reason.partition(":")
        text = _("{names}: {reason}.").format(names=write_list(names), reason=tables.reason_text(reason))
        lacking = code == "no_export" and table in TABLES and table not in month.tables
        section.notice(text, _("Add {export}.").format(export=_(TABLES[table].source)) if lacking else "")


def needs(section: Section, month: Month, *keys: str) -> bool:
    """Whether all of these tables are missing; if so the section says which exports would fill them."""
    if any(key in month.tables for key in keys):
        return False
    for key in keys:
        section.notice(
            _("No export: {table}.").format(table=lower_first(_(TABLES[key].name))),
            _("Add {export}.").format(export=_(TABLES[key].source)),
        )
    return True


def show_missing(month: Month, card: pd.DataFrame) -> Section:
    """What the report lacks: exports, files that were not used, exports that end early."""
    section = Section("missing", _("What is missing"))
    for part in missing_parts(month, card):
        if part["kind"] == "export":
            names = write_list([kpi_name(key) for key in part["kpis"]])
            section.notice(
                _("No export: {table}. Asleep: {kpis}.").format(table=lower_first(_(TABLES[part["what"]].name)), kpis=names),
                _("Add {export}.").format(export=part["next_step"]),
            )
        elif part["kind"] == "file":
            section.notice(_("{file} was not used.").format(file=part["what"]), part["next_step"])
    for file, last in late_exports(month.exports, month.end):
        section.notice(
            _("{file} ends on {day}.").format(file=file, day=write_date(last)),
            _("Its KPIs lack the days after; export it again."),
        )
    return section if section.parts else section.notice(_("Nothing: every KPI of the kit has its export."))


def show_glossary(card: pd.DataFrame) -> Section:
    """What the KPIs of this report mean, with their formulas as mathematics."""
    keys = [key for key in card["kpi"].drop_duplicates() if card.loc[card["kpi"] == key, "value"].notna().any()]
    section = Section("glossary", _("What the KPIs mean")).html(tables.glossary(keys))
    columns = [Column(_("KPI")), Column(_("Formula")), Column(_("Owner")), Column(_("Watch out"))]
    rows = [
        [kpi_name(key), KPIS[key].formula.to_text(measure_name), owner_name(KPIS[key].owner), _(KPIS[key].watch_out)]
        for key in keys
    ]
    return section.sheet(section.title, columns, rows)


def show_receipt(month: Month) -> Section:
    """Where the numbers come from: files, rows, sums, rejected values."""
    section = Section("receipt", _("Receipt")).html(tables.receipt(month.exports.files, currency=month.currency))
    columns = [Column(_("File")), Column(_("What it is")), *(Column(title, "count") for title in (
        _("Rows"), _("Used"), _("Totals"), _("Rejected"), _("Continued"))), Column(_("Check sum (SHA-256)"))]  # fmt: skip
    rows = [
        [file.file, _(table.name), table.rows_in, table.used, table.totals, table.rejected, table.continued, file.sha256]
        for file in month.exports.files
        for table in file.tables
    ]
    return section.sheet(section.title, columns, rows)
