"""The waves of a survey: how they are cut, called, weighed and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from kpi_helpers.company import FILE, Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports.values import plain
from kpi_helpers.labels import month_name
from kpi_helpers.language import _
from kpi_helpers.surveys import compare_pairs, compare_waves, describe_survey, rake, wave_of, weights_of

QUESTIONS = {  # what a KPI is asked by
    "awareness_unaided": "aware_unaided", "awareness_aided": "aware_aided", "nps": "recommend", "csat": "satisfied",
}  # fmt: skip
PARTS = ("value", "favourable", "unfavourable", "effective")
SPANS = {"month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True, eq=False)
class Waves:
    """A survey in waves: `plain` is what it says without weights, `weighted` with them (None: there are none).

    Both are as `describe_survey` gives them; `names` are the waves' names by their first day. `source` says where the
    weights come from: "column", "population", or "". `left_out`: answers without a trait of the population; `off`: how
    far the worst share stays from the population's after weighing. `trouble`: why weights that were asked for failed.
    """

    plain: pd.DataFrame
    weighted: pd.DataFrame | None
    names: Mapping[pd.Timestamp, str]
    source: str = ""
    left_out: int = 0
    off: float = 0.0
    trouble: KitError | None = None

    def described(self, *, weighted: bool) -> pd.DataFrame:
        """What the survey says, with weights where they are asked for and known."""
        return self.weighted if weighted and self.weighted is not None else self.plain

    def compared(self, *, weighted: bool) -> pd.DataFrame:
        """Each wave against the one before, as `compare_waves` gives it, chance of many comparisons included."""
        return self._compared_weighted if weighted and self.weighted is not None else self._compared

    @cached_property
    def _compared(self) -> pd.DataFrame:
        return compare_waves(self.plain)

    @cached_property
    def _compared_weighted(self) -> pd.DataFrame:
        return compare_waves(self.described(weighted=True))

    @property
    def measures(self) -> list[str]:
        """The KPIs that anybody answered a question of."""
        asked = self.plain[self.plain["answers"] > 0]["measure"]
        return [measure for measure in QUESTIONS if measure in set(asked)]

    @property
    def has_target(self) -> bool:
        """Whether the survey knows who belongs to the target audience."""
        return bool((self.plain["population"] == "target").any())


def read_waves(answers: pd.DataFrame, company: Company, last: date | None = None) -> Waves:
    """The survey's answers up to the day `last` in waves, with the weights that the company's settings ask for.

    Weights that cannot be had are no error: `trouble` says why, and the survey is told without them.
    """
    days = answers["answered_at"].dt.tz_localize(None)
    answers = answers[(days < pd.Timestamp(last) + pd.Timedelta(days=1)) if last else days.notna()]
    every, starts = wave_plan(answers["answered_at"], company)
    found = describe_survey(answers.assign(weight=None), every, starts=starts)
    names: dict[pd.Timestamp, str] = {
        wave: _wave_name(wave, every, company, last) for wave in pd.DatetimeIndex(found["wave"].unique())
    }
    try:
        wave = wave_of(answers["answered_at"], every, starts)
        weighed, source, left_out, off = _weighed(answers, company, wave, names)
        weighted = describe_survey(weighed, every, starts=starts) if source else None
    except KitError as trouble:
        return Waves(found, None, names, trouble=trouble)
    return Waves(found, weighted, names, source, left_out, off)


def wave_plan(answered: pd.Series, company: Company) -> tuple[str, list[date]]:
    """How answers are cut into waves: by month, quarter or year, or at the first days that the company named.

    Without a setting, a month is a wave where no quarter has answers of two months; else a quarter is one.
    """
    said = company.survey.get("waves", "")
    if not isinstance(said, str):
        return "", list(said.values())
    months = pd.PeriodIndex(answered.dropna().dt.tz_localize(None).dt.to_period("M").unique())
    one_a_quarter = len(months.asfreq("Q").unique()) == len(months)
    return said or ("month" if one_a_quarter else "quarter"), []


def compare_two(described: pd.DataFrame, measure: str, population: str, now: pd.Timestamp, before: pd.Timestamp,
                ) -> pd.Series | None:  # fmt: skip
    """One wave against another that was chosen by hand; None where one of them has no answers."""
    rows = described[(described["measure"] == measure) & (described["population"] == population)]
    rows = rows[rows["answers"] > 0].set_index("wave")
    if now not in rows.index or before not in rows.index or now == before:
        return None
    pair = rows.loc[[now]].reset_index().assign(before=before)
    for name in PARTS:
        pair[f"{name}_before"] = rows.loc[[before], name].to_numpy()
    return compare_pairs(pair).iloc[0]


def row_of_wave(rows: pd.DataFrame, measure: str, population: str, wave: pd.Timestamp) -> dict[str, Any]:
    """A row of what is described or compared; empty where there is none."""
    fits = (rows["measure"] == measure) & (rows["population"] == population) & (rows["wave"] == wave)
    return {str(name): value for name, value in rows[fits].iloc[0].items()} if fits.any() else {}


def quarter_name(day: pd.Timestamp) -> str:
    """A quarter in words: "Q3 2026", "3 кв. 2026"."""
    return _("Q{quarter} {year}").format(quarter=day.quarter, year=day.year)


def _wave_name(wave: pd.Timestamp, every: str, company: Company, last: date | None) -> str:
    if not every:
        named = {pd.Timestamp(day): name for name, day in company.survey["waves"].items()}
        return named[wave]
    end = wave.to_period(SPANS[every]).end_time
    name = {"month": month_name(wave, heading=False), "quarter": quarter_name(wave), "year": str(wave.year)}[every]
    return _("{wave}, so far").format(wave=name) if last and end.date() > last else name


def _weighed(
    answers: pd.DataFrame, company: Company, wave: pd.Series, names: Mapping[pd.Timestamp, str]
) -> tuple[pd.DataFrame, str, int, float]:
    """The answers with their weights, where these come from, how many answers were left out, how far off they stay."""
    margins = company.survey.get("population")
    has_column = "weight" in answers and bool(answers["weight"].notna().any())
    if not margins:
        _check_column(answers, company, has_column)
        return answers, "column" if has_column else "", 0, 0.0
    traits = pd.DataFrame({trait: _spelled_as(answers.get(f"trait_{place}"), margins[trait], answers.index)
                           for place, trait in enumerate(margins, start=1)})  # fmt: skip
    if missing := [trait for trait in margins if traits[trait].isna().all()]:
        raise _not_found(missing[0])
    if has_column:
        _check_column(answers, company, has_column)
    weights, left_out, off = [], 0, 0.0
    for first, part in traits.groupby(wave):
        try:
            raked = rake(part, margins, start=weights_of(answers.loc[part.index]))
        except KitError as error:
            raise KitError(f"{names[first]}: {error.found}", error.next_step) from None
        weights.append(raked.weights)
        left_out, off = left_out + raked.left_out, max(off, raked.gap)
    if not weights:  # nobody has answered since the first wave began
        return answers, "", 0, 0.0
    weighed = answers.assign(weight=pd.concat(weights)).dropna(subset=["weight"])
    return weighed, "population", left_out, off


def _check_column(answers: pd.DataFrame, company: Company, has_column: bool) -> None:
    question = company.survey.get("weight", "")
    if question and not has_column:
        raise _not_found(question)
    if has_column and answers["weight"].isna().any():
        raise KitError(_("some answers have no weight."), _("Give every answer a weight, or none."))
    if has_column and not answers["weight"].max() > 0:
        raise KitError(_("all weights are zero."), _("Give every answer a weight, or none."))


def unanswered(answers: pd.DataFrame, company: Company) -> list[KitError]:
    """The questions of the company's settings that no answer is known to: misspelled ones, as a rule."""
    columns = {"target_audience": "segment", **{column: column for column in QUESTIONS.values()}}
    asked = {key: company.survey[key] for key in columns if company.survey.get(key)}
    return [_not_found(question) for key, question in asked.items() if answers[columns[key]].isna().all()]


def _not_found(question: str) -> KitError:
    step = _("Write it in {file}, section [survey], as it stands in the export.").format(file=FILE)
    return KitError(_("The survey has no answers to the question “{question}”.").format(question=question), step)


def _spelled_as(said: pd.Series | None, shares: Mapping[str, float], index: pd.Index) -> pd.Series:
    """The answers as the population spells them: capitals and spaces do not matter."""
    spelled = {plain(answer): answer for answer in shares}
    if said is None:
        return pd.Series(None, index=index, dtype="str")
    return said.map(lambda word: spelled.get(plain(word), word), na_action="ignore")
