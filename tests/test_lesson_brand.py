"""The lesson on surveys: its numbers held against the raw files, the planted truth, published values and chance."""

import json
import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import oracle
import pandas as pd
import pytest
from printed import agrees
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from kpi_helpers.lessons.chapters.brand import OFFERED, ask_again, ask_nps, ask_prediction, compose, work_out
from kpi_helpers.lessons.chapters.brand_asking import ask_answers_needed, ask_goal, ask_report
from kpi_helpers.lessons.chapters.brand_cases import (
    TARGET,
    Known,
    Pair,
    Score,
    drawn_range,
    half_width,
    interval_of,
    list_known,
    list_pairs,
    list_scores,
    waves_of,
)
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.script import Script

COMPANIES = ("northlight", "severny_svet")
TRUTH = json.loads(Path("data/sample/truth.json").read_text(encoding="utf-8"))
WAVE = pd.Timestamp("2026-10-01")
MANY = Known(WAVE, "October 2026", "all", 36, 100)
SCORE = Score("October 2026", "all", 50, 25, 10, 7.4, 30.0, 7.0, 53.0)


@cache
def figures(company: str) -> Figures:
    return figures_of(Path("data/sample") / company)


@cache
def script(company: str, learner: str) -> Script:
    return compose(figures(company), Lot(learner, "brand"))


@pytest.mark.parametrize("company", COMPANIES)
def test_the_waves_are_those_that_were_planted(company: str) -> None:
    survey, waves = TRUTH[company]["survey"], waves_of(figures(company))
    known = list_known(waves)
    assert [f"{one.wave:%Y-%m}" for one in known] == survey["waves"]
    assert [one.yes for one in known] == survey["aware_aided"]
    assert [one.answers for one in known] == survey["respondents"]
    scores = list_scores(figures(company), waves)
    assert [score.answers for score in scores] == survey["asked_to_recommend"]
    assert [score.promoters for score in scores] == survey["promoters"]
    assert [score.detractors for score in scores] == survey["detractors"]
    raw = oracle.book_of(company).tables["survey"]
    means = raw.groupby(raw["at"].dt.to_period("M"))["recommend"].mean()
    assert [score.mean for score in scores] == pytest.approx(list(means))
    targets = [one.answers for one in list_known(waves, population=TARGET)]
    assert targets == survey.get("target_audience", targets)


def test_the_score_of_25_promoters_and_10_detractors_among_50_is_30_points() -> None:
    question = ask_nps(SCORE)
    assert question.answer == 30
    assert {slip.name: slip.value for slip in question.slips} == pytest.approx(
        {"nps_as_percent": 50, "passives_as_detractors": 0, "mean_as_nps": 7.4}
    )
    assert question.check("30").right and question.check("+30 points").right
    assert question.check("50").slip == "nps_as_percent" and question.check("0").slip == "passives_as_detractors"


@pytest.mark.parametrize(("yes", "answers"), [(39, 50), (28, 90), (98, 180), (1, 40)])
def test_intervals_are_those_of_wilson(yes: int, answers: int) -> None:
    assert interval_of(yes / answers, answers) == pytest.approx(proportion_confint(yes, answers, method="wilson"))


def test_39_of_50_may_be_anything_from_65_to_87_percent() -> None:
    assert [round(end, 2) for end in interval_of(39 / 50, 50)] == [0.65, 0.87]


@pytest.mark.parametrize("company", COMPANIES)
def test_neighbours_see_other_waves_and_a_small_survey_of_the_same_share(company: str) -> None:
    found = [script(company, f"learner {n}") for n in range(8)]
    assert len({one.predict.text for one in found}) > 2
    for one in found:
        share = float(re.search(r"exactly ([\d.]+)%", one.predict.text)[1]) / 100  # type: ignore[index]
        yes, answers, shown = map(
            int, re.search(r"in which (\d+) of (\d+) say yes: that is (\d+)%", str(one.explain("near")[1])).groups()
        )  # type: ignore[union-attr]
        assert answers == 50 and abs(yes / answers - share) <= 0.0101 and shown == round(100 * yes / answers)


def test_a_round_number_of_answers_will_do() -> None:
    """90 answers and a third of the width are 810 answers; 800 is as good a plan, 700 and 270 are none."""
    question = ask_answers_needed((Known(WAVE, "", "all", 28, 90), 3))
    assert question.answer == 810 and question.check("810").right and question.check("800").right
    assert not question.check("700").right and question.check("270").slip == "linear_error"


@pytest.mark.parametrize("company", COMPANIES)
def test_printed_shares_differ_by_the_printed_score(company: str) -> None:
    asked = [score for score in list_scores(figures(company), waves_of(figures(company))) if score.adds_up]
    assert len(asked) >= 3
    for score in asked:
        how, result = ask_nps(score).solution.removesuffix(" points").split(" = ")
        assert agrees(how, result)
        step = next(step for step in work_out(score) if step.what.startswith("NPS"))
        assert agrees(step.how, f"{step.result} pp")


@pytest.mark.parametrize("times", [2, 3, 4])
def test_so_many_answers_make_the_interval_that_was_asked_for(times: int) -> None:
    question = ask_answers_needed((MANY, times))
    assert half_width(MANY.share, question.answer) == pytest.approx(half_width(MANY.share, 100) / times, rel=0.02)
    assert {slip.name: slip.value for slip in question.slips} == pytest.approx(
        {"linear_error": 100 * times, "narrower_by_less": 100 / times}
    )
    assert question.check(str(100 * times)).slip == "linear_error"


def test_a_goal_in_percent_is_a_part_of_the_awareness_there_is() -> None:
    """+30 % of 36 % are 10.8 points: 46.8 %, and not 66 %."""
    question = ask_goal((MANY, 0.3))
    assert question.answer == pytest.approx(0.108)
    assert question.check("11").right and question.check("10.8 pp").right
    assert (question.check("30").slip, question.check("46.8").slip) == ("points_for_percent", "level_for_change")
    assert "66.0%" in question.because


@pytest.mark.parametrize("company", COMPANIES)
def test_differences_of_waves_are_those_of_newcombe(company: str) -> None:
    pairs = list_pairs(list_known(waves_of(figures(company))))
    assert {pair.is_real for pair in pairs} == {True, False}
    for pair in pairs:
        counts = pair.after.yes, pair.after.answers, pair.before.yes, pair.before.answers
        low, high = confint_proportions_2indep(*counts, method="newcomb")
        assert (pair.low, pair.high) == pytest.approx((low, high))
        assert pair.is_real == (not low <= 0 <= high)


@pytest.mark.parametrize(("low", "high", "right", "slip"), [
    (-0.02, 0.22, "noise", "any_change_is_real"), (0.02, 0.18, "real", "real_as_noise"),
])  # fmt: skip
def test_the_report_says_what_the_interval_says(low: float, high: float, right: str, slip: str) -> None:
    pair = Pair(MANY, replace(MANY, yes=46), 0.1, low, high)
    question = ask_report(Lot("", "brand"), [pair])
    other = {"noise": "real", "real": "noise"}[right]
    assert question.check(right).right and question.check(other).slip == slip
    assert question.check("nothing").slip == "noise_as_nothing" and question.check("size").slip == "size_mends_bias"


def test_chance_alone_moves_the_share_as_far_as_the_widest_range_says() -> None:
    """28 of 90: 19 of 20 surveys of an exactly known market come out within the range, by plain simulation."""
    one = Known(WAVE, "", "all", 28, 90)
    low, high = drawn_range(one)
    drawn = (np.random.default_rng(1).random((20_000, 90)) < one.share).mean(axis=1)
    assert 0.95 <= ((drawn >= low - 1e-9) & (drawn <= high + 1e-9)).mean() <= 0.985
    words = {option.key: option.words for option in ask_prediction(one, "Northlight").options}
    assert words["right"] == f"Between {low:.0%} and {high:.0%}"
    assert len(set(words.values())) == 3


def test_the_widest_range_is_not_always_the_right_one() -> None:
    """28 of 90: by chance the share lies between 22 and 41 %; the first and last of three are wrong for some."""
    one = Known(WAVE, "", "all", 28, 90)
    question = ask_prediction(one, "Northlight", OFFERED[1])
    ends = [[int(end) for end in re.findall(r"(\d+)%", option.words)] for option in question.options]
    assert [option.key for option in question.options].index(question.answer) == 1
    assert ends[0][0] > ends[1][0] > ends[2][0] and ends[0][1] < ends[1][1] < ends[2][1]
    assert question.check("far").slip == "chance_too_large"
    drawn = (script("northlight", f"L{n}").predict.options for n in range(40))  # type: ignore[attr-defined]
    first = next(drawn)
    assert any(other != first for other in drawn)


@pytest.mark.parametrize("company", COMPANIES)
def test_asking_again_gives_other_surveys_and_more_answers_narrower_ones(company: str) -> None:
    one = list_known(waves_of(figures(company)))[-1]
    experiment = ask_again(one, company, 7)
    slider = experiment.controls[1]
    first, again, same = (experiment.show({"again": n, "answers": one.answers}).words for n in (1, 2, 1))
    assert first != again and first == same
    ends = [experiment.show({"again": 1, "answers": n}) for n in (slider.low, slider.high)]  # type: ignore[union-attr]
    widths = [float(re.findall(r"±\s([\d.]+)", shown.words)[0]) for shown in ends]
    assert widths[0] / widths[1] == pytest.approx(math.sqrt(2000 / 50), rel=0.06)
    assert all(shown.ax is not None and shown.alt for shown in ends)
    assert [shown.words.count("±") for shown in ends] == [2, 2], "beside it stands what it was with as many as asked"
    assert first.count("±") == 1
    assert "One survey" in experiment.show({"again": 0, "answers": 50}).words


def test_about_one_interval_of_twenty_misses_the_truth() -> None:
    experiment = ask_again(MANY, "", 3)
    said = [experiment.show({"again": n, "answers": 400}).words for n in range(1, 41)]
    missed = sum(int(re.findall(r"(\d+) of 20 miss", words)[0]) for words in said)
    assert 20 <= missed <= 65  # of 800, 40 are expected


@pytest.mark.parametrize("company", COMPANIES)
def test_neighbours_get_other_numbers(company: str) -> None:
    found = [script(company, learner) for learner in ("Anna", "Борис", "Chloé", "Dan")]
    assert len({one.blank.answer for one in found}) > 1  # type: ignore[attr-defined]
    assert len({one.fresh[1].answer for one in found}) > 2  # type: ignore[attr-defined]


def test_a_company_without_a_survey_lacks_what_is_needed() -> None:
    exports = figures("northlight").exports
    tables = {key: rows for key, rows in exports.tables.items() if key != "survey"}
    with pytest.raises(Lacking, match="survey"):
        compose(Figures(replace(exports, tables=tables)), Lot("", "brand"))
    short = {**exports.tables, "survey": exports.tables["survey"].head(100)}
    with pytest.raises(Lacking):
        compose(Figures(replace(exports, tables=short)), Lot("", "brand"))
