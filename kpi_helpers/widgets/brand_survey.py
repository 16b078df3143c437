"""The survey's part of the view: a question, whose answers, wave against wave, and how many the next one has to ask."""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as widgets
import pandas as pd

from kpi_helpers.brand import compare_two, read_waves, row_of_wave, unanswered
from kpi_helpers.brand.words import (
    family_words,
    population_name,
    style_of,
    wave_rows,
    weights_words,
    write_difference_of,
    write_verdict,
    write_worth,
)
from kpi_helpers.charts.brand import plot_waves
from kpi_helpers.exports import Exports
from kpi_helpers.labels import NO_VALUE, kpi_name, lower_first, write_interval, write_value
from kpi_helpers.language import _
from kpi_helpers.surveys import answers_needed
from kpi_helpers.tables import Column, data_table, notice, page_style
from kpi_helpers.widgets.view import Picture, View, choice, row_of, still_page

RISE = 0.05  # of a share; 5 points of the NPS
Row = dict[str, Any]


class SurveyExplorer(View):
    """Controls `question`, `population`, `weighted`, `wave` and `before`; `picture` and `words` follow them."""

    def __init__(self, exports: Exports) -> None:
        super().__init__()
        answers = exports.tables["survey"]
        self.title, self._shown = _("The survey"), ""
        self._waves = read_waves(answers, exports.company)
        self._troubles = "".join(notice(one.found, one.next_step) for one in unanswered(answers, exports.company))
        if self._waves.trouble:
            text = _("The survey is shown without weights: {reason}").format(reason=self._waves.trouble.found)
            self._troubles += notice(text, self._waves.trouble.next_step)
        self.picture, self.words, controls = Picture(), widgets.HTML(), []
        if self._waves.measures:
            controls = [row_of(*self._controls())]
            self.listen(self._show, self.question, self.population, self.weighted, self.wave, self.before)
            self._show()
        else:
            self._shown = self._troubles + notice(_("Nobody answered a question that the kit knows."))
            self.words.value = self._shown + page_style()
        self.root = widgets.VBox([*controls, self.picture.widget, self.words])

    def pieces(self) -> str:
        """The view as it stands now, without the words on running it."""
        return self.picture.still() + self._shown

    def still(self) -> str:
        return still_page(self.pieces())

    def _controls(self) -> list[Any]:
        waves = sorted(self._waves.names)
        named = [(self._waves.names[wave], wave) for wave in waves]
        populations = ["all", *(["target"] if self._waves.has_target else [])]
        self.question = choice(_("Question"), [(kpi_name(measure), measure) for measure in self._waves.measures])
        self.population = choice(_("Whose answers"), [(population_name(key), key) for key in populations])
        known = self._waves.weighted is not None
        self.weighted = widgets.Checkbox(value=known, description=_("Weighted"), indent=False, disabled=not known,
                                         tooltip=weights_words(self._waves) or _no_weights())  # fmt: skip
        self.wave = choice(_("Wave"), named, waves[-1])
        self.before = choice(_("held against"), named, waves[-2] if len(waves) > 1 else waves[-1])
        return [self.question, self.population, self.weighted, self.wave, self.before]

    def _show(self) -> None:
        measure, population, weighted = self.question.value, self.population.value, self.weighted.value
        described = self._waves.described(weighted=weighted)
        rows = [row_of_wave(described, measure, population, wave) for wave in (self.before.value, self.wave.value)]
        change = self._change(measure, population)
        self._draw(measure, population, rows[1], change)
        table = self._table(measure, rows, change) + notice(*self._verdict(measure, change))
        self._shown = table + notice(self._needed(rows[1])) + self._troubles
        self.words.value = self._shown + page_style()

    def _change(self, measure: str, population: str) -> Row:
        """The wave against the one chosen: as the report has it, where that is the wave before."""
        weighted, wave, before = self.weighted.value, self.wave.value, self.before.value
        adjusted = row_of_wave(self._waves.compared(weighted=weighted), measure, population, wave)
        if adjusted and adjusted["before"] == before:
            return adjusted
        found = compare_two(self._waves.described(weighted=weighted), measure, population, wave, before)
        return {} if found is None else {str(name): value for name, value in found.items()}

    def _draw(self, measure: str, population: str, row: Row, change: Row) -> None:
        told = wave_rows(self._waves, measure, weighted=self.weighted.value)
        first = told["population"] == population  # drawn first: the one that stands out
        told = pd.concat([told[first], told[~first]])
        finding = _("{kpi}, {who}, {wave}: {value}").format(
            kpi=kpi_name(measure), who=lower_first(population_name(population)), wave=self._name(self.wave),
            value=write_value(row.get("value"), style_of(measure)))  # fmt: skip
        if change:
            finding = _("{finding}; against {before}: {verdict}").format(
                finding=finding, before=self._name(self.before), verdict=write_verdict(change))  # fmt: skip
        subtitle = _("by wave; whiskers: 95% interval; ring: a real change against the wave before")
        subtitle += ", " + (_("weighted") if self.weighted.value else _("not weighted"))
        self.picture.show(plot_waves(told, style=style_of(measure), finding=finding, subtitle=subtitle), finding)

    def _table(self, measure: str, rows: list[Row], change: Row) -> str:
        style = style_of(measure)
        names = [self._name(wave) for wave in (self.before, self.wave)]
        cells = [
            [name, write_value(row.get("value"), style), write_interval(row.get("low"), row.get("high"), style),
             write_value(row.get("answers", 0), "count"), write_worth(row.get("effective", 0))]
            for name, row in zip(names, rows, strict=True)
        ]  # fmt: skip
        total = [_("Difference of the waves"), write_difference_of(change, measure), "", "", ""]
        columns = [Column(_("Wave")), Column(_("Value"), "number"), Column(_("95% interval"), "number"),
                   Column(_("Answers"), "number"), Column(_("Worth answers"), "number")]  # fmt: skip
        return data_table(columns, cells, total=total, note=weights_words(self._waves) or _no_weights())

    def _name(self, control: Any) -> str:
        return self._waves.names[control.value]

    def _verdict(self, measure: str, change: Row) -> tuple[str, str]:
        if not change:
            return _("Nothing to hold against each other."), _("Choose two waves in which people answered.")
        pairs = math.comb(len(self._waves.names), 2)
        text = _("{kpi}, {wave} against {before}: {verdict}.").format(
            kpi=kpi_name(measure), wave=self._name(self.wave), before=self._name(self.before),
            verdict=write_verdict(change))  # fmt: skip
        if change["family"] > 1:
            return text, family_words(change["family"])
        if pairs < 2:
            return text, ""
        return text, _(
            "One pair of {pairs}: who looks at all of them finds about one in twenty “real” where nothing changed."
        ).format(pairs=pairs)

    def _needed(self, row: Row) -> str:
        """How many answers the next wave needs before a rise of five points can be seen."""
        if not row.get("answers"):
            return _("This wave has no answers to the question.")
        worth = row["answers"] / row["effective"]
        good, bad = row["favourable"], row["unfavourable"]
        needed = answers_needed(good, bad, RISE, row["effective"]) * worth
        equal = answers_needed(good, bad, RISE) * worth
        if math.isnan(needed):
            return _("A rise by 5 points is more than there is room for.")
        said = {"answers": write_value(row["answers"], "count"), "equal": write_value(_ceil(equal), "count"),
                "needed": write_value(_ceil(needed), "count") if math.isfinite(needed) else NO_VALUE}  # fmt: skip
        if math.isinf(needed):
            return _("To see a rise by 5 points in four cases of five, two waves of {equal} answers each are needed: "
                     "beside the {answers} of this one no next wave is large enough.").format(**said)  # fmt: skip
        return _("To see a rise by 5 points against the {answers} answers of this wave in four cases of five, the next "
                 "one needs {needed} answers.").format(**said)  # fmt: skip


def _ceil(number: float) -> int:
    return math.ceil(number - 1e-9)


def _no_weights() -> str:
    return _("No weights: every answer counts alike. Weights and population shares: company.toml, section [survey].")
