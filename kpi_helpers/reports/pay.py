"""Scorecard and pay: what the month's results pay by the company's own schemes, with every step, and what is unfair."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError, KitErrors
from kpi_helpers.history import COMPANY, history_of
from kpi_helpers.labels import lower_first, month_name, owner_name, upper_first
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.pay import Ledger, Pay, find_pay, read_pay
from kpi_helpers.pay.pieces import is_known, pay_chart, pay_frames, score_table, sides_table
from kpi_helpers.pay.words import month_words
from kpi_helpers.reports.rows import scope_name
from kpi_helpers.reports.section import Section
from kpi_helpers.scorecard import describe_fault, line_name
from kpi_helpers.tables import Column

_OWNER = Markup('<div class="kpi"><h3><span class="dot {}"></span>{}</h3><p>{}</p></div>')


def show_pay(month: Month, card: pd.DataFrame, channels: pd.DataFrame, goals: pd.DataFrame) -> Section | None:
    """Each owner's scorecard, index and bonus, what the scheme would have paid, and what both sides get.

    None where the company has no file of schemes. A file that is wrong is named with every wrong line; the rest of the
    report does not depend on it.
    """
    section = Section("pay", _("Scorecard and pay"), currency=month.currency)
    try:
        if not find_pay(month.exports.folder).exists():
            return None
        schemes = read_pay(month.exports)
    except KitError as error:
        for one in error.errors if isinstance(error, KitErrors) else (error,):
            section.notice(f"{one.where}: {one.found}" if one.where else one.found, one.next_step)
        return section
    if not schemes:
        return section.notice(_("The file of schemes holds none."), _("Make one in the notebook team_scorecard."))
    ledger = Ledger(history_of(month), goals)
    results = pd.concat([card, channels[channels["scope"] != COMPANY]])[["kpi", "scope", "value"]]
    for scheme in schemes:
        try:
            pay = ledger.hold(scheme) if month.first_days is None else ledger.hold_to_date(scheme, results)
        except KitError as error:
            section.notice(f"{owner_name(scheme.owner)}: {error.found}", error.next_step)
            continue
        _show_owner(section, pay, month)
    return section


def _show_owner(section: Section, pay: Pay, month: Month) -> None:
    owner = pay.scheme.owner
    said = month_words(pay, month.days, month.currency)
    section.html(str(_OWNER.format(owner, upper_first(owner_name(owner)), said)))
    section.html(score_table(pay, month.currency))
    for fault in pay.faults:
        section.notice(*describe_fault(pay.scheme, fault))
    if is_known(pay):
        section.chart(*pay_chart(pay, month.currency))
    section.html(sides_table(pay, month.currency))
    _sheets(section, pay)


def _sheets(section: Section, pay: Pay) -> None:
    """The steps as numbers, and the bonus by month."""
    owner = upper_first(owner_name(pay.scheme.owner))
    shares = (_("Achievement"), _("Points"), _("Weight"), _("Counts as"), _("Contribution"))
    columns = [Column(_("KPI")), Column(_("Scope")), Column(_("Value"), "row"), Column(_("Target"), "row"),
               *(Column(title, "share") for title in shares), Column(_("Bonus"), "money")]  # fmt: skip
    names = ("value", "target", "achievement", "points", "weight", "counted_weight", "contribution")
    rows: list[list[Any]] = [
        [line_name(str(row["kpi"])), scope_name(str(row["scope"])), *(row[name] for name in names),
         row["bonus"] if pay.finished else None]
        for row in pay.score.rows.to_dict("records")
    ]  # fmt: skip
    section.sheet(owner, columns, rows, [KPIS[str(key)].style for key in pay.score.rows["kpi"]])
    titles = (_("Bonus"), _("Lower bound"), _("Upper bound"))
    months = [Column(_("Month")), Column(_("Index"), "share"), *(Column(title, "money") for title in titles),
              Column(_("Weight set aside"), "share")]  # fmt: skip
    section.sheet(f"{owner}: {lower_first(_('Bonus by month'))}", months, _months(pay))


def _months(pay: Pay) -> list[list[Any]]:
    """The months looked back upon, then those ahead, whose bonus is the expected one."""
    back, ahead = pay_frames(pay)
    return [
        *([month_name(month), row["index"], row["bonus"], None, None, row["set_aside"]]
          for month, row in zip(back.index, back.to_dict("records"), strict=True)),
        *([month_name(month), None, row["mean"], row["low"], row["high"], row["set_aside"]]
          for month, row in zip(ahead.index, ahead.to_dict("records"), strict=True)),
    ]  # fmt: skip
