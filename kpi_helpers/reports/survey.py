"""The survey by wave: a part of the section on the brand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kpi_helpers import tables
from kpi_helpers.brand import Waves, read_waves, row_of_wave, unanswered
from kpi_helpers.brand.words import (
    REAL,
    family_words,
    population_name,
    style_of,
    wave_finding,
    wave_rows,
    weights_words,
    write_difference_of,
    write_verdict,
    write_worth,
)
from kpi_helpers.charts.brand import plot_waves
from kpi_helpers.labels import NO_VALUE, kpi_name, lower_first, write_interval, write_value
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column

CHART_FIRST = ("awareness_aided", "awareness_unaided", "nps", "csat")  # where no change is real
Row = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What the last wave says of a question: its row, the row with weights, the change against the wave before: with
    weights where they are known."""

    measure: str
    wave: str
    row: Row
    change: Row
    weighted: Row

    @property
    def name(self) -> str:
        """The question, or below it whose answers."""
        population = self.row["population"]
        below = Markup('<span class="below">{}</span>').format(population_name(population))
        return kpi_name(self.measure) if population == "all" else below

    @property
    def shown(self) -> Row:
        """The row that the change belongs to: with weights where they are known."""
        return self.weighted if self.weighted and not self.weighted["reason"] else self.row


def show_survey(section: Section, month: Month) -> None:
    """The last wave beside the one before, of all and of the target audience, with and without weights."""
    answers = month.tables["survey"]
    for trouble in unanswered(answers, month.company):
        section.notice(trouble.found, trouble.next_step)
    waves = read_waves(answers, month.company, month.end)
    if waves.trouble:
        text = _("The survey is shown without weights: {reason}").format(reason=waves.trouble.found)
        section.notice(text, waves.trouble.next_step)
    if not waves.measures:
        return
    told = [_told(waves, measure, row) for measure in waves.measures for row in _last_rows(waves, measure)]
    _add_table(section, waves, told)
    _add_other_verdicts(section, waves, told)
    _add_sheet(section, told)
    _add_chart(section, waves, told)


def _last_rows(waves: Waves, measure: str) -> list[Row]:
    """The last wave in which anybody answered, of all and of the target audience."""
    rows = waves.plain[(waves.plain["measure"] == measure) & (waves.plain["answers"] > 0)]
    rows = rows[rows["wave"] == rows["wave"].max()]
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _told(waves: Waves, measure: str, row: Row) -> Told:
    place = measure, row["population"], row["wave"]
    change = row_of_wave(waves.compared(weighted=True), *place)
    weighted = row_of_wave(waves.weighted, *place) if waves.weighted is not None else {}
    return Told(measure, waves.names[row["wave"]], row, change, weighted)


def _add_table(section: Section, waves: Waves, told: list[Told]) -> None:
    same = len({one.wave for one in told}) == 1
    columns = {_("Question"): [one.name for one in told]}
    if not same:
        columns[_("Wave")] = [one.wave for one in told]
    columns |= {
        _("Value"): [write_value(one.row["value"], style_of(one.measure)) for one in told],
        _("95% interval"): [write_interval(one.row["low"], one.row["high"], style_of(one.measure)) for one in told],
        _("Answers"): [write_value(one.row["answers"], "count") for one in told],
    }
    if waves.weighted is not None:
        columns[_("Weighted")] = [_write_weighted(one) for one in told]
        columns[_("Worth answers")] = [write_worth(one.weighted.get("effective", 0)) for one in told]
    columns[_("vs the wave before")] = [write_difference_of(one.change, one.measure) for one in told]
    columns[_("Real or noise")] = [write_verdict(one.change) if one.change else NO_VALUE for one in told]
    words = (_("Question"), _("Wave"), _("Real or noise"))
    heads = [Column(title, "text" if title in words else "number") for title in columns]
    caption = _("The survey, {wave}").format(wave=told[0].wave) if same else _("The survey by wave")
    note = " ".join(filter(None, [_how_compared(waves, told), weights_words(waves)]))
    rows = [list(cells) for cells in zip(*columns.values(), strict=True)]
    section.html(tables.data_table(heads, rows, caption=caption, note=note))


def _write_weighted(one: Told) -> str:
    if not one.weighted or one.weighted["reason"]:
        return NO_VALUE
    style = style_of(one.measure)
    interval = write_interval(one.weighted["low"], one.weighted["high"], style)
    return f"{write_value(one.weighted['value'], style)} ({interval})"


def _add_other_verdicts(section: Section, waves: Waves, told: list[Told]) -> None:
    """Where the plain numbers, as the KPI table has them, would give another verdict than the weighted ones."""
    for one in told:
        plain = row_of_wave(waves.compared(weighted=False), one.measure, one.row["population"], one.row["wave"])
        verdicts = {row["verdict"] for row in (plain, one.change) if row}
        if len(verdicts) < 2 or verdicts.isdisjoint(REAL):
            continue
        said = _("{kpi} ({who}): with weights {verdict}, without them {other}: other people answered.")
        section.notice(said.format(
            kpi=kpi_name(one.measure), who=lower_first(population_name(one.row["population"])),
            verdict=write_verdict(one.change), other=write_verdict(plain)))  # fmt: skip


def _add_sheet(section: Section, told: list[Told]) -> None:
    """The same as numbers, for the spreadsheet."""
    titles = [
        (_("Question"), "text"), (_("Respondents"), "text"), (_("Wave"), "text"), (_("Answers"), "count"),
        (_("Value"), "row"), (_("Lower bound"), "row"), (_("Upper bound"), "row"),
        (_("vs the wave before"), "row"), (_("Difference, lower bound"), "row"), (_("Difference, upper bound"), "row"),
        (_("p-value, adjusted"), "ratio"), (_("Weighted"), "row"), (_("Effective answers"), "count"),
    ]  # fmt: skip
    rows = [
        [kpi_name(one.measure), population_name(one.row["population"]), one.wave,
         *(one.row[name] for name in ("answers", "value", "low", "high")),
         *(one.change.get(name) for name in ("difference", "low", "high", "p_adjusted")),
         *(one.weighted.get(name) for name in ("value", "effective"))]
        for one in told
    ]  # fmt: skip
    columns = [Column(title, style) for title, style in titles]
    section.sheet(_("The survey by wave"), columns, rows, [style_of(one.measure) for one in told])


def _how_compared(waves: Waves, told: list[Told]) -> str:
    words = _("The intervals hold the luck of who was asked, not who never answers.")
    family = max((int(one.change.get("family", 0)) for one in told), default=0)
    adjusted = family_words(family) if family > 1 else ""
    weighed = _("Changes: those of the weighted values.") if waves.weighted is not None and family else ""
    return " ".join(filter(None, [words, adjusted, weighed]))


def _add_chart(section: Section, waves: Waves, told: list[Told]) -> None:
    """The question whose last change is real, or awareness: all respondents and the target audience by wave."""
    of_all = {one.measure: one for one in told if one.row["population"] == "all"}
    moved = [key for key, one in of_all.items() if one.change.get("verdict") in REAL]
    chosen = of_all[next(key for key in (*moved, *CHART_FIRST) if key in of_all)]
    rows = wave_rows(waves, chosen.measure)
    if rows["wave"].nunique() < 2:
        return
    finding = wave_finding(chosen.measure, chosen.shown, chosen.wave, chosen.change)
    subtitle = _("by wave; whiskers: 95% interval; ring: a real change against the wave before")
    subtitle += ", " + _("weighted") if waves.weighted is not None else ""
    section.chart(plot_waves(rows, style=style_of(chosen.measure), finding=finding, subtitle=subtitle), finding)
