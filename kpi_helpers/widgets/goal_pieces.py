"""What the goal studio shows beside its picture: how the goal stands, its SMART check, its months, its conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.breakdown import by_quarter
from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.history import History
from kpi_helpers.labels import is_missing, month_name, write_interval, write_period, write_value
from kpi_helpers.language import _
from kpi_helpers.outlook import Outlook
from kpi_helpers.outlook_words import forecast_words, rounded, write_chance
from kpi_helpers.palette import STATUSES
from kpi_helpers.planning import Conflict
from kpi_helpers.smart import Check, Evidence, check_smart
from kpi_helpers.tables import TEMPLATES, Column, bullet, data_table, status_badge
from kpi_helpers.widgets.goal_rows import Goal
from kpi_helpers.widgets.goal_words import Standing, standing_words
from kpi_helpers.widgets.plan_words import conflict_words

_STATUS = '<div class="kpi"><div class="live">{}{}</div><p>{}</p></div>'
_LINE = (
    '<li><b>{letter}</b><span class="mark" style="color:{colour}">{shape}</span>{words} '
    '<span class="next">{next}</span></li>'
)
_VERDICTS = {"yes": "met", "unsure": "close", "no": "missed"}


def studio_style() -> str:
    """The style sheet of the studio, beside that of every fragment."""
    return f"<style>{(TEMPLATES / 'studio.css').read_text(encoding='utf-8')}</style>"


def status_html(now: Standing, rows: pd.DataFrame, goal: Goal, plan: pd.Series, outlook: Outlook, currency: str) -> str:
    """The month as a badge and a bar, and what is to be said of it; `rows` are the months of the KPI."""
    row = now.row
    over = now.month in outlook.history.index
    chance = Markup("") if over else _chance(goal, plan, outlook, now)
    badge = chance if is_missing(now.value) else status_badge(now.status, row.better, row.style)
    mark = bullet(now.value, now.target_now, row.better, now.low, now.high, status=now.status)
    lines = [*standing_words(now, rows, currency), *([] if is_missing(now.value) else [chance]),
             *forecast_words(outlook.forecast)]  # fmt: skip
    return str(Markup(_STATUS).format(badge, mark, Markup("<br>").join(filter(None, lines))))


def _chance(goal: Goal, plan: pd.Series, outlook: Outlook, now: Standing) -> Markup:
    """How likely the goal of the month is met, or of all months together where it is for their total."""
    name, chance = month_name(now.month), outlook.chance(now.target, now.month)
    if goal.counts == "total":
        name = write_period(goal.start, goal.deadline)
        chance = outlook.chance_of_total(goal.target, pd.DatetimeIndex(plan.index))
    words = _("{month}: chance {chance}").format(month=name, chance=write_chance(chance))
    return Markup('<span class="word">{}</span>').format(words)


def smart_html(row: Mapping[str, Any], outlook: Outlook, history: History) -> str:
    """The five letters, each with its verdict, a sentence and the next step."""
    reason = history.past.reason(row["kpi"], row["scope"])
    evidence = Evidence(
        outlook.history, reason, history.past.scopes, history.month.end, outlook.forecast, history.currency,
        float(row["target"]),
    )  # fmt: skip
    lines = Markup("").join(_line(check) for check in check_smart(row, evidence))
    return str(Markup('<div class="kpi"><ul class="smart">{}</ul></div>').format(lines))


def _line(check: Check) -> Markup:
    status = STATUSES[_VERDICTS[check.verdict]]
    return Markup(_LINE).format(
        letter=check.letter, colour=status.colour, shape=status.shape, words=check.words, next=check.next_step
    )


def months_html(goal: Goal, plan: pd.Series, outlook: Outlook, currency: str, note: str = "") -> str:
    """The goal by month beside the year before and the forecast, for goals that differ by month, and the note."""
    said = str(Markup('<div class="kpi"><p>{}</p></div>').format(note)) if note else ""
    if len(plan) < 2 or plan.nunique() == 1:
        return said
    row = KPIS[goal.kpi]
    titles = (_("Month"), _("Goal"), _("A year before"), _("Forecast"), _("80% interval"))
    columns = [Column(title, "number" if place else "text") for place, title in enumerate(titles)]
    cells = [_month_cells(pd.Timestamp(str(month)), target, outlook, row, currency) for month, target in plan.items()]
    total = [_("Together"), write_value(float(plan.sum()), row.style, currency), "", "", ""] if row.is_sum else None
    quarters = _quarters(plan, row, currency)
    return data_table(columns, cells, caption=_("The goal by month"), total=total, note=quarters) + said


def _month_cells(month: pd.Timestamp, target: float, outlook: Outlook, row: Kpi, currency: str) -> list[str]:
    before = outlook.history.get(month - pd.DateOffset(years=1))
    said = outlook.fan
    middle, low, high = (rounded(float(part.get(month, float("nan")))) for part in (said.middle, said.low, said.high))
    numbers = (target, before, middle)
    return [
        month_name(month), *(write_value(number, row.style, currency) for number in numbers),
        write_interval(low, high, row.style, currency),
    ]  # fmt: skip


def _quarters(plan: pd.Series, row: Kpi, currency: str) -> str:
    """Sums by quarter in one line."""
    if not row.is_sum or len(plan) < 6:
        return ""
    sums = by_quarter(plan)
    parts = [
        _("Q{number} {year}: {value}").format(
            number=month.quarter, year=month.year, value=write_value(value, row.style, currency)
        )
        for month, value in zip(pd.DatetimeIndex(sums.index), sums, strict=True)
    ]
    return _("By quarter: {quarters}.").format(quarters="; ".join(parts))


def conflicts_html(found: Sequence[Conflict], goals: Mapping[str, float], currency: str) -> str:
    """What the goals of the month ask for together."""
    if not found:
        return ""
    lines = Markup("<br>").join(conflict_words(conflict, goals, currency) for conflict in found)
    head = _("Goals of the month together")
    return str(Markup('<div class="kpi"><h4>{}</h4><p>{}</p></div>').format(head, lines))


def said_html(text: str) -> str:
    """What became of saving."""
    return str(Markup('<div class="kpi"><p role="status"><strong>{}</strong></p></div>').format(text))


def not_saved_html(why: Exception | str, path: Path = Path()) -> str:
    """Why nothing was saved; what the system says is said with the file's name."""
    reason = f"{why.strerror}: {path.name}." if isinstance(why, OSError) else why
    return said_html(_("Not saved: {reason}").format(reason=reason))
