"""The sections of the monthly report that every company has: title, headlines, scorecard, funnel, goals, receipt."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpi_helpers import tables
from kpi_helpers.account import notes_in_words, sums_in_words
from kpi_helpers.catalogue import KPIS
from kpi_helpers.comparisons import card_note
from kpi_helpers.coverage import late_exports, period_covered
from kpi_helpers.exports.quarantine import FILE as QUARANTINE
from kpi_helpers.exports.quarantine import quarantine, shown_value
from kpi_helpers.labels import (
    kpi_name,
    lower_first,
    measure_name,
    month_name,
    owner_name,
    write_date,
    write_days,
    write_list,
    write_period,
)
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.notices import notices
from kpi_helpers.palette import count_goals
from kpi_helpers.reports.by_channel import SMALL_PRINT
from kpi_helpers.reports.record import missing_parts
from kpi_helpers.reports.rows import add_score_sheet
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import find_headlines
from kpi_helpers.tables import Column
from kpi_helpers.terms import TABLES

ON_SCORECARD = (
    "leads", "cpl", "qualification_rate", "new_customers", "cac", "revenue", "drr", "romi", "repeat_rate",
    "answered_in_time", "nps", "awareness_aided",
)  # fmt: skip
LEAST_ROWS, MOST_ROWS = 6, 12


def show_title(month: Month) -> Section:
    """The title: client, month, and the days covered. It also carries the style sheet of the page."""
    period = write_period(month.start, month.end)
    first = period_covered(month.exports)[0]
    if month.first_days is not None:
        covered = _("unfinished: compared with the first {days} of other months").format(days=write_days(month.days))
    elif first > month.start:
        covered = _("the data begin on {day}").format(day=write_date(first))
    else:
        covered = _("complete")
    title = _("{client}: {month}").format(client=month.client, month=month_name(month.start))
    return Title("title", title).html(tables.title_block(title, f"{period}, {covered}"))


class Title(Section):
    """The first section: its heading is the page's."""

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        return {"text/html": tables.page_style() + tables.without_math("".join(self.parts)), "text/plain": self.title}


def show_headlines(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """The month in three to five sentences."""
    findings = find_headlines(month, card)
    goals = count_goals(pd.concat([card, channels])["status"])
    met, held = goals.get("met", 0), sum(goals.values())
    lead = _("Goals met: {met} of {all}.").format(met=met, all=held) if goals else ""
    if held > MOST_ROWS:
        lead += " " + _("The scorecard shows {n} of the goals, the section “Goals and pace” all.").format(n=MOST_ROWS)
    return Section("summary", _("In short"), lead, new_page=False).html(tables.headlines(findings))


def show_scorecard(month: Month, card: pd.DataFrame, channels: pd.DataFrame) -> Section:
    """The scorecard, at most twelve rows: the KPIs with goals, then the usual ones, and others where these are few."""
    both = pd.concat([card, channels])
    goals, known = both[both["status"] != "no_goal"], card[card["value"].notna()]
    usual = known[known["kpi"].isin(ON_SCORECARD) & ~known["kpi"].isin(goals["kpi"])]
    shown = pd.concat([goals, usual]).head(MOST_ROWS)
    shown = pd.concat([shown, known[~known["kpi"].isin(shown["kpi"])].head(max(LEAST_ROWS - len(shown), 0))])
    section = Section("scorecard", _("Scorecard"), currency=month.currency, new_page=False)
    if shown.empty:
        return section.notice(_("No KPI has a value for this month."))
    section.html(tables.scorecard_table(shown, month.currency, unfinished=month.first_days is not None))
    if note := card_note(shown.to_dict("records"), both.to_dict("records")):
        section.html(SMALL_PRINT.format(note))
    return add_score_sheet(section, _("Scorecard"), both.to_dict("records"))


def show_missing(month: Month, card: pd.DataFrame, goals: pd.DataFrame) -> Section:
    """What the report lacks: exports, files that were not used, exports that end early, settings that match nothing."""
    section = Section("missing", _("What is missing"), new_page=False)
    for part in missing_parts(month, card):
        if part["kind"] == "export":
            table = lower_first(_(TABLES[part["what"]].name))
            names = write_list([lower_first(kpi_name(key)) for key in part["kpis"]])
            section.notice(
                _("No export: {table}. Not computed without it: {kpis}.").format(table=table, kpis=names),
                _("Add {export}.").format(export=part["next_step"]),
            )
        elif part["kind"] == "file":
            section.notice(_("{file} was not used.").format(file=part["what"]), part["next_step"])
        elif part["kind"] == "days":
            section.notice(_("The month is not over: the data reach to {day}.").format(day=write_date(month.end)))
    for file, last in late_exports(month.exports, month.end):
        section.notice(
            _("{file} ends on {day}.").format(file=file, day=write_date(last)),
            _("Its KPIs lack the days after; export it again."),
        )
    for text in notices(month.exports, goals):
        section.notice(text)
    return section if section.parts else section.notice(_("Nothing: every export is there."))


def show_glossary(card: pd.DataFrame) -> Section:
    """What the KPIs of this report mean, with their formulas as mathematics."""
    keys = [key for key in card["kpi"].drop_duplicates() if card.loc[card["kpi"] == key, "value"].notna().any()]
    section = Section("glossary", _("What the KPIs mean"), new_page=False).html(tables.glossary(keys))
    columns = [Column(_("KPI")), Column(_("Formula")), Column(_("Owner")), Column(_("Watch out"))]
    rows = [
        [kpi_name(key), KPIS[key].formula.to_text(measure_name), owner_name(KPIS[key].owner), _(KPIS[key].watch_out)]
        for key in keys
    ]
    return section.sheet(section.title, columns, rows)


def show_receipt(month: Month) -> Section:
    """Where the numbers come from: files, rows, sums, rejected values."""
    rejected = quarantine(month.exports.files)
    piece = tables.receipt(
        month.exports.files, lambda table: sums_in_words(table, month.currency), notes_in_words,
        quarantine=QUARANTINE if rejected else "", shown_value=shown_value,
    )  # fmt: skip
    section = Section("receipt", _("Receipt")).html(piece)
    if rejected:
        section.files[QUARANTINE] = rejected
    counts = (_("Rows"), _("Used"), _("Totals"), _("Rejected"), _("Continued"))
    columns = [Column(_("File")), Column(_("What it is")), *(Column(title, "count") for title in counts)]
    columns.append(Column(_("Check sum (SHA-256)")))
    rows = [
        [file.file, _(table.name), table.rows_in, table.used, table.totals, table.rejected, table.continued]
        + [file.sha256]
        for file in month.exports.files
        for table in file.tables
    ]
    return section.sheet(section.title, columns, rows)
